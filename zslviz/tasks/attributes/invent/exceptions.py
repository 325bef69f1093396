"""What is left out: "eats everything except fish", "a horse except for the stripes", "nothing red except the crown"."""

from __future__ import annotations

from dataclasses import replace

from zslviz.tasks.attributes.invent.denials import Denials


class Exceptions(Denials):
    """Reads exceptions."""

    def _except(self, at: int) -> None:
        """ "eats everything except fish", "a horse except for the stripes", "red except on the wings"."""
        self._flush()
        state = self.state
        state.excepting = True
        ahead = self._thing_ahead(at)
        told = [one for one in self.found if min(one.pieces) >= state.begun]
        denied = state.denied == "no" or any(one.sign < 0 for one in told if one.kind == "value")
        everything = max((i for i in range(state.begun, at) if self.is_kind(i, "universal")), default=None)
        self._end_clause()
        state.owns = False
        entry = None if ahead is None else self.pieces[ahead].entry
        if self._spares_a_part(at):
            return
        if everything is not None and not told and (behind := self._of_the_rest(at)):
            self.done |= set(range(at, behind + 1))
            return
        state.spared = told[-1:] if denied else []
        if ahead is None or entry is None or entry.value is None or denied or not self._is_last(ahead):
            return
        bases = [one.classes[0] for one in told if one.kind == "base"] or self._bases_ahead(at)
        values = [one for one in told if one.kind == "value"]
        if entry.value.color and (values or not bases or not self.around.part_ahead(ahead)):
            return
        if bases and not values:
            has = self._has(bases[-1], ahead)
            if (has is None and not entry.value.color) or (has and entry.value.color):
                state.doubt = "clause"  # "a cardinal except for the red bill", which it has
            elif has:
                state.denied, state.denies = "no", [at]
        elif everything is not None and not values:
            state.denied, state.denies = "no", [at]
        elif self._is_thing(ahead):
            state.doubt = "clause"

    def _leaves_out(self, at: int) -> bool:
        """Whether "everything but", "everywhere but" denies nothing of what follows, and all was told that is to be told."""
        self._flush()
        if self._spares_a_part(at) or self._lacks_it_anyway(at):
            return True
        behind = self._of_the_rest(at)
        self.done |= set() if behind is None else set(range(at, behind + 1))
        return behind is not None

    def _spares_a_part(self, at: int) -> bool:
        """Whether a part has not the colour that all else has: "red everywhere but on the wings"."""
        part = next(
            (i for i in range(at + 1, len(self.pieces)) if not (self._before_a_thing(i) or self.pieces[i].does("on"))),
            None,
        )
        whole = [one for one in self.found if one.kind == "value" and min(one.pieces) >= self.state.begun][-1:]
        if not self.vocabulary.has_parts or part is None or not self.around.is_part(part) or not self._ends(part + 1):
            return False
        facets, parts = self.vocabulary.facets, self.around.parts_at(part)
        for one in whole:
            if one.sign < 0 or any(facets[a].part != "primary" for a in one.attributes):
                return False
            values = {facets[a].value for a in one.attributes}
            own = tuple(
                a
                for a, f in enumerate(facets)
                if f.sort == "color" and f.value in values and f.part.replace(" ", "-") in parts
            )
            if own:
                self._tell(replace(one, pieces=(*one.pieces, at, part), attributes=own, sign=-1))
        self.done |= set(range(at + 1, part + 1)) if whole else set()
        return bool(whole)

    def _of_the_rest(self, at: int) -> int | None:
        """Where it is said what all but that has: the "is" of "everything except the horns is black"."""
        told = False
        for i in range(at + 1, len(self.pieces)):
            piece, entry = self.pieces[i], self.pieces[i].entry
            if piece.does("be") and told and i + 1 < len(self.pieces):
                return i
            told = told or (entry is not None and (entry.value is not None or bool(entry.parts)))
            if piece.mark or not (told or self._before_a_thing(i)):
                return None
        return None

    def _thing_ahead(self, at: int) -> int | None:
        """The first piece behind one that says something."""
        return next((i for i in range(at + 1, len(self.pieces)) if not self._before_a_thing(i)), None)

    def _before_a_thing(self, at: int) -> bool:
        return self.around.glue(at) or self.pieces[at].does("for", "of")

    def _bases_ahead(self, at: int) -> list[int]:
        """The class that is named behind what it is not like in: "aside from the spots it looks like a tiger"."""
        end = next((i for i in range(at, len(self.pieces)) if self.pieces[i].mark == "."), len(self.pieces))
        classes = [entry.classes for i in range(at, end) if (entry := self.pieces[i].entry) is not None]
        return [one[0] for one in classes if len(one) == 1]

    def _lacks_it_anyway(self, at: int) -> bool:
        """Whether the class that it is like has not what it has not in common with it: "a horse in everything but stripes"."""
        bases = [one.classes[0] for one in self.found if one.kind == "base" and min(one.pieces) >= self.state.begun]
        ahead = self._thing_ahead(at)
        return bool(bases) and ahead is not None and self._has(bases[-1], ahead) is False

    def _has(self, base: int, at: int) -> bool | None:
        """Whether a class has what a piece says, clearly; None if that is not clear."""
        entry = self.pieces[at].entry
        if entry is None or entry.value is None:
            return None
        part = next((i for i in range(at + 1, len(self.pieces)) if self.around.is_part(i) or self.pieces[i].mark), None)
        parts = self.around.parts_at(part) if part is not None and self.around.part_ahead(at) else ()
        attributes = self.vocabulary.at(entry.value, parts)
        if not attributes:
            return None
        amounts = self.vocabulary.space.table[:, list(attributes)].mean(axis=1)
        low, high = float(amounts.min()), float(amounts.max())
        share = (float(amounts[base]) - low) / (high - low) if high > low else 0.5
        return True if share >= 0.5 else False if share <= 0.25 else None
