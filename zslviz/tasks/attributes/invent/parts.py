"""Parts of a body, and marks on them: what is said of each, before it or behind it."""

from __future__ import annotations

from dataclasses import replace

from zslviz.tasks.attributes.invent.denials import CONTRASTS
from zslviz.tasks.attributes.invent.measures import Measures
from zslviz.tasks.attributes.invent.mention import Held, Mention


class Parts(Measures):
    """Reads parts."""

    def _unknown(self, at: int) -> None:
        """A thing that is not known: the creature itself, or something that it has, whose values say nothing then."""
        state = self.state
        state.used = state.used or bool(state.denied)  # "without wings that walks": the wings are what it is without
        owned = state.owns or state.described
        if state.held and owned and not self.pieces[at].joined and self._adjacent(at):
            state.held = []
        if state.degrees and owned:
            state.degree, state.degrees = None, []

    def _mark(self, at: int, held: Held, parts: tuple[str, ...]) -> None:
        """A mark ("a black cap"): itself a value, and what stood before it is its colour."""
        colors, self.state.held = self.state.held, []
        self.state.described = True
        for color in colors:
            if parts:
                self._emit(color, parts)
        self._emit(held, ())

    def _part(self, at: int) -> None:
        state = self.state
        parts = self.around.parts_at(at)
        known = bool(self.vocabulary.groups_of(parts))
        if not known and not self.vocabulary.has_parts and set(parts) <= {"other", "eye", "bill"}:
            self._unknown(at)
            return
        if not known and self.vocabulary.has_parts and state.held:
            state.held, state.described = [], True
            return
        if self._is_echo(at):
            return
        spared, state.spared = state.spared, []
        if spared and not state.held and self.vocabulary.has_parts and self._ends(at + 1):
            self._spare(spared, at, parts)
            return
        if self.vocabulary.has_parts and self._is_not_there(at):
            return
        state.described = self.vocabulary.has_parts
        state.used = state.used or (bool(state.denied) and not self.vocabulary.has_parts)
        if (
            state.last
            and not state.held
            and not state.degrees
            and self.around.ends_a_list(at)
            and self._follows_list(at)
        ):
            for one in state.last:
                self._emit(replace(one, pieces=[*one.pieces, at]), parts)
            return
        given = self.around.given_by(at)
        groups = self.vocabulary.groups_of(parts)
        if given is not None and groups and state.held:  # "hasn't got the red head of a red headed woodpecker"
            self.done |= set(range(at + 1, given[1] + 1))
        elif given is not None and groups:
            self._flush()
            pieces = tuple(range(at, given[1] + 1))
            self._tell(Mention("donor", pieces, (given[0],), groups=groups))
            self.done |= set(pieces)
            return
        if state.held:
            held, state.held = state.held, []
            state.last = held if self.vocabulary.has_parts else []
            for one in held:
                apart = self.pieces[at].joined
                self._emit(replace(one, pieces=[*one.pieces, at]), parts if self.vocabulary.has_parts else (), apart)
            state.told = held
            if state.used and state.denied == "not":
                self._undeny()
            state.parts, state.part_at = (), None
        elif self.vocabulary.has_parts:
            state.parts, state.part_at = (*state.parts, *parts) if state.fresh else parts, at
            state.fresh = True

    def _spare(self, denied: list[Mention], at: int, parts: tuple[str, ...]) -> None:
        """ "nothing yellow about it but the bill": a part has what all else lacks."""
        facets = self.vocabulary.facets
        for one in denied:
            values = {facets[a].value for a in one.attributes}
            own = tuple(a for a, facet in enumerate(facets) if facet.value in values and facet.part in parts)
            if own:
                self._tell(replace(one, pieces=(*one.pieces, at), attributes=own, sign=1))

    def _is_not_there(self, at: int) -> bool:
        """Whether a part is left out: "a red nape, but not the crown"; "the nape, but not the crown, is red" is in doubt."""
        state = self.state
        none = bool(state.denies) and self.text(state.denies[-1]) == "none"
        if (state.denied != "not" and not none) or state.used or state.held or self.text(state.denies[-1]) in CONTRASTS:
            return False
        ahead = self._content(state.denies[-1])
        if ahead is not None and self.pieces[ahead].does("on"):  # "yellow on the throat but not on the breast"
            ahead = self._content(ahead)
        if ahead != at:
            return False
        if state.told_of and self._ends(at + 1):
            for one in state.told:
                sign = -1 if none else -one.sign  # "few spots on the breast, none on the belly"
                pieces = [*one.pieces, *state.denies, at]
                self._emit(replace(one, pieces=pieces, sign=sign), self.around.parts_at(at))
            self._undeny()
            return True
        state.doubt = "sentence" if self._ends(at + 1) else state.doubt
        return bool(state.doubt)

    def _follows_list(self, at: int) -> bool:
        """Whether nothing unknown stands between a part and the one before it."""
        for i in range(at - 1, -1, -1):
            if self.around.is_part(i):
                return True
            if self.pieces[i].entry is None and not self.pieces[i].mark:
                return False
        return True
