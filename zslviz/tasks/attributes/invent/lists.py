"""How far a denial reaches over a list: "without tail and horns", "free of stripes, spots and patches", "not big and strong"."""

from __future__ import annotations

from zslviz.tasks.attributes.invent.changes import Changes


class Lists(Changes):
    """Reads lists after a denial."""

    def _is_listed(self, at: int) -> bool:
        """Whether "and" after a denial goes on with it: "without tail and horns"."""
        end = next((i for i in range(at + 1, len(self.pieces)) if self.pieces[i].mark), len(self.pieces))
        if not self.around.bare_ahead(at) or self.text(end - 1) == "instead":  # "no claws and hooves instead"
            return False
        before = self.pieces[at - 1].entry if at else None
        if before is None or before.value is None:
            return self._is_thing(at + 1)
        return self._is_thing(at - 1) == self._is_thing(at + 1) and not self._is_finite(at + 1)

    def _lists_things(self, at: int) -> bool:
        """Whether a comma stands in a list of things that "and" closes: "free of stripes, spots and patches"."""
        first = self.text(self.state.denies[0]) if self.state.denies else ""
        private = first.endswith(" of") or first in ("without", "lacks", "lack", "lacking")
        if not private or not at or not self._is_thing(at - 1):
            return False
        for i in range(at + 1, len(self.pieces)):
            if self._is_thing(i):
                continue
            if self.pieces[i].does("and"):
                return i + 1 < len(self.pieces) and self._is_thing(i + 1) and self._is_last(i + 1)
            if self.pieces[i].mark != "," and self.text(i) not in ("any", "a", "an"):
                return False
        return False

    def _is_open_list(self, at: int) -> bool:
        """Whether a comma or "and" after a denial may go on with what is denied, or not: "no tail, horns", "not big and strong"."""
        state, after = self.state, at + 1
        if not at or not state.used or state.denied not in ("not", "no") or after >= len(self.pieces):
            return False
        before, entry = self.pieces[at - 1].entry, self.pieces[after].entry
        if before is None or before.value is None or entry is None or entry.value is None or entry.classes:
            return False
        if (after + 1 < len(self.pieces) and self.pieces[after + 1].does("but")) or (
            self.text(at - 1).endswith("ed") != self.text(after).endswith("ed")
        ):  # "not fierce, strong but not fast", "not so fast, horned"
            return False
        alike = self._is_thing(at - 1) == self._is_thing(after) and (self._is_thing(after) or state.denied == "not")
        return alike and self._is_last(after) and not self._is_finite(after)

    def _is_last(self, at: int) -> bool:
        """Whether nothing that is known follows in the clause right away."""
        after = at + 1
        return after >= len(self.pieces) or bool(self.pieces[after].mark) or not self.around.is_part(after)

    def _is_thing(self, at: int) -> bool:
        """Whether a piece names a thing that a body has, and not how it is."""
        entry, text = self.pieces[at].entry, self.text(at)
        return entry is not None and entry.value is not None and entry.value.noun and not text.endswith(("ed", "y"))

    def _is_finite(self, at: int) -> bool:
        """ "hops", "hunts": a verb that begins a clause of its own."""
        return self.text(at).endswith("s") and not self._is_thing(at)
