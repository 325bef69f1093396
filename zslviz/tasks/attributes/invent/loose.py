"""Denials that have met nothing: what stands before them is what they deny, "fish it won't touch", "stripes are no part of it".

So it is where the creature stands between a thing and the denial, and where the denial says that the thing is no part of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace

from zslviz.tasks.attributes.invent.mention import Mention
from zslviz.tasks.attributes.invent.tokens import Piece

_DENIES = ("not", "no")
_PREDICATES = {
    "part",
    "parts",
    "diet",
    "menu",
    "feature",
    "features",
    "found",
    "seen",
    "present",
    "there",
    "there's",
    "option",
}
"""What a thing is not, if the creature has not got it: "no part of its diet", "not to be found"."""
_HAVE = ("has", "have", "had")
_SUBJECTS = ("it", "they", "he", "she", "you", "one", "this", "you'll", "it's", "i")


def bound(
    pieces: Sequence[Piece], found: Sequence[Mention], idle: Collection[int], is_glue: Callable[[int], bool]
) -> list[Mention]:
    """The mentions with what loose denials deny turned round. idle: pieces that deny nothing. is_glue: whether one says nothing."""
    told = list(found)
    for begin, end in _clauses(pieces):
        own = [one for one in told if one.kind == "value" and begin <= min(one.pieces) < end]
        first = next((one for one in own if one.sign > 0), None)
        if first is None or not _is_first(pieces, begin, min(first.pieces), is_glue):
            continue
        again = [one for one in own if one.sign < 0 and one.attributes == first.attributes]
        if again and _subject_between(pieces, max(first.pieces), max(again[0].pieces)):  # "trees it never climbs"
            told = [one for one in told if one is not first]
            continue
        used = {at for one in told for at in one.pieces} | set(idle)
        loose = next(
            (at for at in range(max(first.pieces) + 1, end) if pieces[at].does(*_DENIES) and at not in used), None
        )
        if loose is None or any(one is not first and max(one.pieces) < end for one in own):
            continue
        behind = {piece.text.casefold() for piece in pieces[loose:end]}
        between = range(max(first.pieces) + 1, loose)
        linked = all(
            is_glue(at) or pieces[at].does("be") or pieces[at].entry is None or pieces[at].text.casefold() in _HAVE
            for at in between
        )
        parts = (piece for piece in pieces[loose:end] if piece.text.casefold() not in _PREDICATES)
        elsewhere = any((entry := piece.entry) is not None and bool(entry.parts) for piece in parts)
        if linked and not elsewhere and (_subject_between(pieces, max(first.pieces), loose) or behind & _PREDICATES):
            told = [replace(one, sign=-1, pieces=(*one.pieces, loose)) if one is first else one for one in told]
    return told


def _subject_between(pieces: Sequence[Piece], begin: int, end: int) -> bool:
    """Whether the creature itself stands between a thing and what is denied of it: "fish it won't touch"."""
    return any(pieces[at].text.casefold() in _SUBJECTS for at in range(begin + 1, end))


def _clauses(pieces: Sequence[Piece]) -> Iterator[tuple[int, int]]:
    begin = 0
    for at, piece in enumerate(pieces):
        if piece.ends_clause or piece.does("but"):
            if at > begin:
                yield begin, at
            begin = at + 1
    if begin < len(pieces):
        yield begin, len(pieces)


def _is_first(pieces: Sequence[Piece], begin: int, at: int, is_glue: Callable[[int], bool]) -> bool:
    """Whether a clause begins with a thing: nothing but small words stands before it, and not the creature itself."""
    before = range(begin, at)
    return all(
        (is_glue(i) or pieces[i].does("on", "and") or _is_owner(pieces[i]))
        and pieces[i].text.casefold() not in _SUBJECTS
        for i in before
    )


def _is_owner(piece: Piece) -> bool:
    """ "a cardinal's crest it has not"."""
    return piece.mark == "'s" or (piece.entry is not None and bool(piece.entry.classes))
