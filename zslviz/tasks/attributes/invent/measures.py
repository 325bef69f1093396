"""What is measured in numbers or by weight: "9 inches long", "weighs as much as a cow", "twice the weight of a moose"."""

from __future__ import annotations

import re

from zslviz.tasks.attributes.invent.mention import Mention
from zslviz.tasks.attributes.invent.times import TIMES, Times
from zslviz.tasks.base.requests import typed_number

_INCHES = {"in": 1.0, "inch": 1.0, "inches": 1.0, "cm": 1 / 2.54, "centimetre": 1 / 2.54, "centimetres": 1 / 2.54,
           "centimeter": 1 / 2.54, "centimeters": 1 / 2.54, "foot": 12.0, "feet": 12.0}  # fmt: skip
_NUMBER = re.compile(r"\d+([.,]\d{1,2})?")
_RANGE = re.compile(r"\((\d+)\D+(\d+) in\)")
_OTHER = ("wingspan", "across", "wingspread", "span", "high", "wide")
_NEARLY = ("about", "around", "nearly", "almost", "roughly", "approximately")


class Measures(Times):
    """Reads measures."""

    def _measured(self, at: int) -> bool:
        """Whether a piece begins a measure, which is told then."""
        return self._length(at) or self._weight(at)

    def _length(self, at: int) -> bool:
        """ "9 inches long": the size whose name has a range that it lies in; not a wingspan, nor the length of a part."""
        unit = at + 1
        number = _NUMBER.fullmatch(self.text(at))
        if number is None or unit >= len(self.pieces) or self.text(unit) not in _INCHES:
            return False
        end = next((i for i in range(unit, len(self.pieces)) if self.pieces[i].mark), len(self.pieces))
        around = range(max(self.state.since, 0), end)
        if any(self.text(i) in _OTHER or self.around.is_part(i) for i in around):
            return False
        inches = typed_number(number[0]) * _INCHES[self.text(unit)]
        for a, name in enumerate(self.vocabulary.space.attribute_names):
            bounds = _RANGE.search(name)
            if bounds and float(bounds[1]) <= inches < float(bounds[2]) and self.vocabulary.space.groups[a] == "size":
                self._flush()
                self._tell(Mention("value", (at, unit), (), (a,)))
                self.done |= {at, unit}
                return True
        return False

    def _weight(self, at: int) -> bool:
        """ "weighs (twice) as much as a cow", "weighs less than a fox", "half the weight of a cow"."""
        texts = [piece.text.casefold() for piece in self.pieces[at : at + 7]]
        big = self.vocabulary.value(self.vocabulary.lexicon.phrase("big"))
        if big is None or self.state.denied:
            return False
        if texts[1:4] == ["the", "weight", "of"] and texts[0] in TIMES:
            return self._as_heavy(at, at + 3, TIMES[texts[0]])
        if texts[0] not in ("weigh", "weighs", "weighing"):
            return False
        begin = at + 1 + (len(texts) > 1 and texts[1] in _NEARLY)
        texts = [piece.text.casefold() for piece in self.pieces[begin : begin + 4]]
        times = TIMES.get(texts[0], 1.0) if texts else 1.0
        skipped = int(bool(texts) and texts[0] in TIMES)
        if texts[skipped : skipped + 3] == ["as", "much", "as"]:
            return self._as_heavy(at, begin + skipped + 2, times)
        if texts[:2] in (["more", "than"], ["less", "than"]):
            named = self.around.than(begin)
            entry = None if named is None else self.pieces[named].entry
            if named is not None and entry is not None:
                self._flush()
                sign, pieces = (1 if texts[0] == "more" else -1), tuple(range(at, named + 1))
                attributes = self.vocabulary.at(big)
                self._tell(Mention("value", pieces, (), attributes, sign=sign, more=True, reference=entry.classes[0]))
                self.done |= set(pieces)
                return True
        return False

    def _as_heavy(self, at: int, link: int, times: float) -> bool:
        """Tells that it is so many times as big as the class that is named after a piece."""
        named = self.around.after(link)
        entry = None if named is None else self.pieces[named].entry
        big = self.vocabulary.value(self.vocabulary.lexicon.phrase("big"))
        if named is None or entry is None or len(entry.classes) != 1 or big is None:
            return False
        pieces, attributes = tuple(range(at, named + 1)), self.vocabulary.at(big)
        if times != 1:
            self._compared(pieces, attributes, times, entry.classes[0])
            return True
        self._flush()
        self._tell(Mention("value", pieces, (), attributes, reference=entry.classes[0], equal=True))
        self.done |= set(pieces)
        return True
