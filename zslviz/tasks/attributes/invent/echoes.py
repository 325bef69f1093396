"""What goes on with what was said of a part: "its beak too", "Red throat? No, purple.", "The belly isn't white; it's cream."."""

from __future__ import annotations

from dataclasses import replace

from zslviz.tasks.attributes.invent.clauses import Clauses
from zslviz.tasks.attributes.invent.hearsay import is_expected

_TOO = ("too", "also", "as well", "likewise", "same")


class Echoes(Clauses):
    """Reads what echoes the clause before."""

    def _is_echo(self, at: int) -> bool:
        """Whether what was said of the part before is said of this one as well: "its beak too", "and so is its bill"."""
        state = self.state
        if not state.told or state.held or not self.vocabulary.has_parts:
            return False
        end = next((i for i in range(at + 1, len(self.pieces)) if self._ends(i)), len(self.pieces))
        behind = [self.text(i) for i in range(at + 1, end)]
        too = bool(set(behind) & set(_TOO))
        rest = all(word in _TOO or self.pieces[at + 1 + i].does("be") for i, word in enumerate(behind))
        before = [i for i in range(max(state.since, 0), at) if not self.around.glue(i) or self.text(i) == "so"]
        so = [self.text(i) for i in before[-2:]]
        asked = len(so) == 2 and so[0] in ("so", "as") and self.pieces[before[-1]].does("be") and not behind
        if not (asked or (too and rest)):
            return False
        parts, told = self.around.parts_at(at), state.told
        for one in told:
            self._emit(replace(one, pieces=[*one.pieces, at]), parts)
        self.done |= set(range(at + 1, end))
        return True

    def _echoed(self, at: int) -> bool:
        """Whether a thing shares what was said of the one before: "the tail is absent, so are the claws", "nor is the belly"."""
        text, thing = self.text(at), at + 2
        unlike = text == "not" and at + 1 < len(self.pieces) and self.text(at + 1) == "so"  # "not so the belly"
        if thing >= len(self.pieces) or not (
            unlike or (text in ("so", "as", "nor", "neither") and self._helps(at + 1))
        ):
            return False
        while thing < len(self.pieces) - 1 and self.text(thing) in ("the", "its", "their", "any"):
            thing += 1
        entry = self.pieces[thing].entry
        if entry is None or not self._ends(thing + 1):
            return False
        denied = text in ("nor", "neither")
        if self.vocabulary.has_parts and self.around.is_part(thing) and entry.value is None:
            told = [one for one in self.state.told if not denied or one.sign < 0]
            self._flush()
            self._undeny()
            for one in told:
                sign = -one.sign if unlike else one.sign
                self._emit(replace(one, sign=sign, pieces=[*one.pieces, at, thing]), self.around.parts_at(thing))
            self.done |= set(range(at, thing + 1))
            return bool(told)
        before = [one for one in self.found if one.kind == "value"]
        if unlike or entry.value is None or not (denied or before):
            return False
        self._flush()
        self._undeny()
        if denied or before[-1].sign < 0:
            self.state.denied, self.state.denies = "no", [at]
        self.done |= set(range(at, thing))
        return True

    def _helps(self, at: int) -> bool:
        return self.pieces[at].does("be") or self.text(at) in ("do", "does", "did", "have", "has", "had", "can")

    def _part_answered(self, at: int) -> tuple[str, ...]:
        """The part that a colour belongs to which takes the place of one that was denied: "No, purple", "it's cream"."""
        state = self.state
        if not state.told_of or state.parts or self.around.part_ahead(at):
            return ()
        before = [i for i in range(max(0, at - 4), at) if not self._is_shading(i)]
        texts = [self.text(i) for i in before]
        if texts[-2:] == ["no", ","]:
            return state.told_of
        it = texts[-2:] in (["it", "is"], ["it", "'s"], ["it", "was"])
        apart = len(before) > 2 and bool(self.pieces[before[-3]].mark)
        but = len(before) > 2 and self.pieces[before[-3]].does("but")
        denied = bool(state.told) and all(one.sign < 0 for one in state.told)
        denied = denied or (bool(state.told) and is_expected(" ".join(self.text(i) for i in range(state.begun, at))))
        return state.told_of if it and (apart or but) and denied and self._only_colors_follow(at) else ()

    def _is_shading(self, at: int) -> bool:
        entry = self.pieces[at].entry
        return self.text(at) in ("a", "more", "rather", "actually") or (entry is not None and entry.degree is not None)

    def _only_colors_follow(self, at: int) -> bool:
        """Whether nothing but colours stands between here and the end of the clause."""
        for i in range(at + 1, len(self.pieces)):
            piece, entry = self.pieces[i], self.pieces[i].entry
            if piece.mark:
                return True
            colored = entry is not None and entry.value is not None and entry.value.color
            if not (colored or piece.does("and", "or") or self._is_shading(i)):
                return False
        return True
