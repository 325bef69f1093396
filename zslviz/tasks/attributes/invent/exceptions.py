"""What is left out: "eats everything except fish", "a horse except for the stripes", "nothing red except the crown"."""

from __future__ import annotations

from zslviz.tasks.attributes.invent.denials import Denials


class Exceptions(Denials):
    """Reads exceptions."""

    def _except(self, at: int) -> None:
        """ "eats everything except fish", "a horse except for the stripes", "red except on the wings"."""
        self._flush()
        state = self.state
        ahead = next((i for i in range(at + 1, len(self.pieces)) if not self._before_a_thing(i)), None)
        told = [one for one in self.found if min(one.pieces) >= state.begun]
        denied = state.denied == "no" or any(one.sign < 0 for one in told if one.kind == "value")
        everything = max((i for i in range(state.begun, at) if self.is_kind(i, "universal")), default=None)
        self._end_clause()
        state.owns = False
        entry = None if ahead is None else self.pieces[ahead].entry
        if ahead is None or entry is None or entry.value is None or denied or not self._is_last(ahead):
            return
        bases = [one.classes[0] for one in told if one.kind == "base"]
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

    def _before_a_thing(self, at: int) -> bool:
        return self.around.glue(at) or self.pieces[at].does("for", "of")

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
