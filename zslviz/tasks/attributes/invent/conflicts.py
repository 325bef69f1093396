"""What a sentence says and denies: "not black and white but brown and white", "brown, but not a dull brown".

A denial that means less than the word alone gives way; else nobody knows which of both holds, and neither is told.
"""

from __future__ import annotations

from collections.abc import Sequence

from zslviz.tasks.attributes.invent.mention import Mention, without
from zslviz.tasks.attributes.invent.tokens import Piece


def settled(pieces: Sequence[Piece], found: Sequence[Mention]) -> list[Mention]:
    """The mentions without those that contradict each other."""
    dropped: list[Mention] = []
    for one in found:
        for other in found:
            if one.sign > 0 > other.sign and _are_opposed(one, other):
                dropped += [other] if _means_less(pieces, one, other) else [one, other]
    return without(found, dropped)


def _are_opposed(one: Mention, other: Mention) -> bool:
    plain = one.kind == other.kind == "value" and not (one.more or other.more or one.equal or other.equal)
    return plain and one.attributes == other.attributes


def _means_less(pieces: Sequence[Piece], said: Mention, denied: Mention) -> bool:
    """Whether a denial is one of a pair ("not black and white"), of a shade ("not a dull brown"), or of another word for it."""
    value = max(denied.pieces)
    if pieces[value].text.casefold() != pieces[max(said.pieces)].text.casefold():
        return True
    begin = max((i for i in denied.pieces if pieces[i].does("not", "no", "little")), default=value)
    between = [pieces[i] for i in range(begin + 1, value)]
    return any(
        piece.does("and") or piece.entry is None or piece.entry.degree is not None or piece.entry.value is not None
        for piece in between
        if not piece.mark
    )
