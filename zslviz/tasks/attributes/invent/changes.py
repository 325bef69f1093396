"""What is taken away or changed: "swap the spots for stripes", "the tail is missing", "take the orange off"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from zslviz.tasks.attributes.invent.mention import Mention
from zslviz.tasks.attributes.invent.telling import Telling
from zslviz.tasks.attributes.invent.tokens import Piece

DASHES = ("-", "–", "—", "--", "=")


class Changes(Telling):
    """Reads changes."""

    def _swap(self, at: int, piece: Piece) -> None:
        """ "swap the spots for stripes": what stands before "for" is denied."""
        state = self.state
        if piece.does("swap"):
            self._flush()
            state.swaps = True
            state.denied, state.denies, state.used = "no", [at], False
        elif state.denied == "no" and (state.swaps or state.used):
            self._flush()
            self._undeny()

    def _for_ahead(self, at: int) -> bool:
        for piece in self.pieces[at + 1 :]:
            if piece.does("for"):
                return True
            if piece.mark in (".", ","):
                return False
        return False

    def _gone(self, at: int) -> None:
        """ "the tail is missing" takes back what was said; "missing its tail" denies what comes."""
        before = next(
            (
                i
                for i in range(at - 1, -1, -1)
                if not self.around.glue(i)
                and not self.pieces[i].does("be", "with")
                and self.pieces[i].mark not in ("'s", ":")
                and self.pieces[i].text not in DASHES
            ),
            None,
        )
        self._flush()
        begins = at == self.state.since and at + 1 < len(self.pieces) and self.pieces[at + 1].text == ":"
        if begins:  # "missing: the tail"
            self.state.denied, self.state.denies, self.state.raised = "no", [at], True
            self.done.add(at + 1)
            return
        faded = bool(at) and self.text(at - 1) in ("has", "have", "had")
        if self.text(at).startswith("fade") and not faded and not self._ends(at + 1):  # "fades to white": a shade of it
            return
        follows = None if self._ends(at + 1) else self.pieces[at + 1].entry
        if self.text(at) == "gone" and follows is not None and follows.value is not None:  # "have gone white"
            return
        before = self._told_before(before)
        place = len(self.found) - 1
        if place > 0 and self.found[-1].kind == "base" and before in self.found[-1].pieces:  # "the red of a cardinal"
            place, before = place - 1, max(self.found[-2].pieces)
        if (
            before is not None
            and place >= 0
            and before in self.found[place].pieces
            and self.found[place].kind == "value"
        ):
            self._take_back(place, at)
        elif self.pieces[at].does("swap") or self.text(at).endswith((" to", " for", " into")):
            return
        elif not self._ends(at + 1) and not self.pieces[at + 1].does("and", "but", "with"):
            self.state.denied, self.state.denies, self.state.used = "no", [at], False

    def _told_before(self, before: int | None) -> int | None:
        """The piece that told what is gone, across what says whose it was: "the spots of its youth have disappeared"."""
        if before is None or not self.found or self.pieces[before].entry is not None:
            return before
        last, told = max(self.found[-1].pieces), self.found[-1]
        between = [i for i in range(last + 1, before) if not self.around.glue(i)]
        owned = told.kind == "value" and len(between) == 1 and self.pieces[between[0]].does("of")
        return last if owned and last >= self.state.since else before

    def _take_back(self, place: int, at: int) -> None:
        """Denies what was told, perhaps of a part: "red is absent from the wings"."""
        told = self.found[place]
        link = self.around.after(at)
        part = None if link is None or not self.pieces[link].does("of", "on") else self.around.after(link)
        attributes, pieces = told.attributes, (*told.pieces, at)
        if part is not None and self.vocabulary.has_parts and self.around.is_part(part):
            facets, parts = self.vocabulary.facets, self.around.parts_at(part)
            values = {facets[a].value for a in told.attributes}
            there = tuple(a for a, facet in enumerate(facets) if facet.value in values and facet.part in parts)
            attributes, pieces = there or attributes, (*pieces, part)
            self.done.add(part)
        begin = min(told.pieces)
        self.found = (
            [  # "the black cap is absent": of which colour the crown is then, nobody knows
                one for one in self.found[:place] if not (_is_colored(self.pieces, told) and begin - 1 in one.pieces)
            ]
            + self.found[place:]
        )
        place = next(i for i, one in enumerate(self.found) if one is told)
        self.found[place] = replace(told, sign=-told.sign, pieces=pieces, attributes=attributes)

    def _taken(self, at: int) -> bool:
        """ "take the orange off": what is told between is denied."""
        begin = max((i for i in range(self.state.since, at) if self.is_kind(i, "takes")), default=None)
        if begin is None:
            return False
        self._flush()
        for i, one in enumerate(self.found):
            if min(one.pieces) > begin and one.kind == "value":
                self.found[i] = replace(one, sign=-one.sign, pieces=(begin, *one.pieces, at))
        return True


def _is_colored(pieces: Sequence[Piece], told: Mention) -> bool:
    """Whether a mark was told, whose colour stands before it."""
    return any((entry := pieces[i].entry) is not None and entry.mark is not None for i in told.pieces)
