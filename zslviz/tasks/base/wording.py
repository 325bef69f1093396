"""Sentences about numbers: made of parts that a page can mark, with numbers rounded so that the text stays true.

The page says the same words (`zslviz/ui/twin/wording.js`), to the last character: every number that is written or compared is
rounded to float32 first, where both languages have the same number, and halves are rounded away from zero in both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, Literal

import numpy as np

PartKind = Literal["text", "class", "attribute", "number"]
_DECIMALS = ((1.0, 1), (0.1, 2), (0.01, 3), (0.001, 4))
"""From what size on a number has how many decimals: two digits that count, one decimal at least."""
_MOST = 1e15
_CHANGE_DECIMALS = (2, 3, 4, 5, 6)
_EXACT = Context(prec=40)


@dataclass(frozen=True)
class Part:
    """A piece of a sentence. index: of the class or attribute that is named. value: of the number that is told."""

    kind: PartKind
    text: str
    index: int | None = None
    value: float | None = None


@dataclass(frozen=True)
class Sentence:
    """What is said, piece by piece; no two pieces of plain text stand side by side."""

    parts: tuple[Part, ...]

    @classmethod
    def of(cls, pieces: Iterable[Part | str]) -> Sentence:
        """From parts and plain text, with a capital at the beginning unless that is a name."""
        parts: list[Part] = []
        for piece in pieces:
            part = Part("text", piece) if isinstance(piece, str) else piece
            if part.kind == "text" and parts and parts[-1].kind == "text":
                part = Part("text", parts.pop().text + part.text)
            parts.append(part)
        if parts and parts[0].kind == "text":
            parts[0] = Part("text", parts[0].text[:1].upper() + parts[0].text[1:])
        return cls(tuple(parts))

    @property
    def text(self) -> str:
        return "".join(part.text for part in self.parts)

    def to_dict(self) -> dict[str, Any]:
        """Plain values: `text` and `parts`."""
        return {"text": self.text, "parts": [asdict(part) for part in self.parts]}


def single(value: float) -> float:
    """The number as float32, where what two languages worked out is the same number."""
    return float(np.float32(value))


def size_text(value: float) -> str:
    """The size of a number that is not zero, without a sign: "25.9", "2.4", "0.37", "0.048", "less than 0.001"; never "0.0"."""
    size = abs(single(value))
    if size >= _MOST:
        return f"more than {_MOST:.0f}"
    for least, decimals in _DECIMALS:
        if size >= least:
            return str(Decimal(size).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, _EXACT))
    return f"less than {_DECIMALS[-1][0]}"


def value_text(value: float, decimals: int = 2) -> str:
    """A value with its sign: "0.50", "−0.20"; of what rounds to nothing "0"."""
    size = abs(single(value))
    if size >= _MOST:
        text = f"more than {_MOST:.0f}"
    else:
        text = str(Decimal(size).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, _EXACT))
    if not text.strip("0."):
        return "0"
    return f"−{text}" if value < 0 else text


def change_text(before: float, after: float) -> str:
    """From where to where: "0.52 → 0.80"; with as many decimals as it takes to tell the two apart, six at most."""
    texts = ((value_text(before, decimals), value_text(after, decimals)) for decimals in _CHANGE_DECIMALS)
    told = next((pair for pair in texts if pair[0] != pair[1]), None)
    return " → ".join(told or (value_text(before, _CHANGE_DECIMALS[-1]), value_text(after, _CHANGE_DECIMALS[-1])))


def size_part(value: float) -> Part:
    """The size of a number as a part."""
    return Part("number", size_text(value), None, abs(single(value)))


def ordinal(place: int) -> str:
    """1 -> "1st", 12 -> "12th"."""
    ending = "th" if 10 < place % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{ending}"


def article(name: str) -> str:
    """The name with what stands before it: "an antelope", "a horse", "a European goldfinch"."""
    first = name.casefold()
    vowel = first.startswith(("a", "e", "i", "o", "u")) and not first.startswith(("eu", "ewe", "one", "uni", "use"))
    return f"an {name}" if vowel else f"a {name}"


def counted(count: int, one: str) -> str:
    """1 -> "1 edit", 2 -> "2 edits"; of words whose plural ends with "s"."""
    return f"{count} {one}" if count == 1 else f"{count} {one}s"


def listed(items: Sequence[Sequence[Part | str]]) -> list[Part | str]:
    """a, b and c."""
    pieces: list[Part | str] = []
    for number, item in enumerate(items):
        if number:
            pieces.append(" and " if number == len(items) - 1 else ", ")
        pieces += item
    return pieces
