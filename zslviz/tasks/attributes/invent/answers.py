"""Answers to what the sentence asks itself: "Walks? No.", "bravery, no"."""

from __future__ import annotations

from dataclasses import replace

from zslviz.tasks.attributes.invent.changes import DASHES
from zslviz.tasks.attributes.invent.denials import ASKS
from zslviz.tasks.attributes.invent.exceptions import Exceptions
from zslviz.tasks.attributes.invent.mention import without
from zslviz.tasks.attributes.invent.tokens import Piece


class Answers(Exceptions):
    """Reads answers."""

    def _answers(self, at: int, piece: Piece) -> bool:
        """Whether a "no" answers what stands before it: "Walks? No.", "bravery, no"."""
        before = self.pieces[at - 1] if at else None
        asked = self._asks_before(at) is not None
        listed = before is not None and (before.mark in (",", ":") or before.text in DASHES) and self._ends(at + 1)
        last = self.found[-1].pieces if self.found else ()
        answered = listed and piece.does("no") and not any(self.pieces[i].does("no", "not", "little") for i in last)
        ends = piece.does("no", "not") and self._ends(at + 1) and at > 0 and max(last, default=-1) == at - 1
        nouns = bool(at) and self._is_thing(at - 1) and len(last) == 1  # "horns no, hooves yes", "the horns aren't"
        return (asked and piece.does("no", "not", "little")) or answered or (ends and nouns)

    def _asks_before(self, at: int) -> int | None:
        """Where a question ends that a "no" answers: "Walks? No.", "Can it fly? Of course not."; None if none is asked."""
        for i in range(at - 1, -1, -1):
            if self.pieces[i].text == "?":
                return i
            if not (self.is_kind(i, "yes") or self.text(i) in ("of", "well", "oh", "no", "most", "just")):
                return None
        return None

    def _answer(self, at: int) -> None:
        """A "no" that answers a question turns all that it asks; a class that it asks for is taken back."""
        begin, asking = 0, self._asks_before(at)
        if asking is not None:
            begin = max((i for i in range(asking) if self.pieces[i].mark == "."), default=-1) + 1
        asked = [one for one in self.found if min(one.pieces) >= begin]
        if asking is None:  # "bravery, no": the last alone
            asked = asked[-1:]
        elif len(asked) > 1 and self.text(begin) not in ASKS:  # "a tiny gull? No": which of both is denied
            self.found = without(self.found, asked)
            return
        elif len(asked) > 1 and not any(
            self.pieces[i].does("or", "and") or self.pieces[i].mark for i in range(begin, asking or at)
        ):
            self.found = without(self.found, asked[:-1])  # "does it hunt alone? No": it may hunt
            asked = asked[-1:]
        for one in asked:
            place = next(i for i, other in enumerate(self.found) if other is one)
            if one.kind == "value":
                self.found[place] = replace(one, sign=-one.sign, pieces=(*one.pieces, at))
                self.state.told = [replace(held, sign=-one.sign) for held in self.state.told]
            elif one.kind == "base" and len(asked) == 1:
                del self.found[place]
