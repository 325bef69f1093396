"""What an edit did to the test photos, in words; the page says the same, to the last character (`twin/whole_set_told.js`).

13 of 704 test photos are called otherwise: 2 right now, 9 right before. Giraffe: 2 of its 28 photos found, before 9; 12 photos
called so, before 17. It takes 3 from Horse (2 right before), and loses 7 to Horse (2 right now) and 2 to others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from zslviz.tasks.base.wording import Part, Sentence, counted, listed

if TYPE_CHECKING:
    from zslviz.tasks.attributes.whole_set.edited import ClassChange, Move

CAUTION = "These are test photos: look at what an edit does, do not tune on them."
_NAMED = 2  # classes that photos went to or came from


def retest_sentence(
    photos: int,
    changed: int,
    gained: int,
    lost: int,
    first: Sequence[ClassChange],
    moves: Sequence[Move],
    names: Sequence[str],
) -> Sentence:
    """first: the edited class that is told of, if any. moves: all of them, the largest first."""
    if not changed:
        pieces: list[Part | str] = [f"None of {photos} test photos is called otherwise."]
    else:
        verb = "is" if changed == 1 else "are"
        pieces = [
            f"{changed} of {photos} test photos {verb} called otherwise: {gained} right now, {lost} right before."
        ]
    for change in first:
        pieces += [" ", *_of_class(change, names), *_robbed(change.index, moves, names)]
    return Sentence.of(pieces)


def called_sentence(change: ClassChange, names: Sequence[str]) -> Sentence:
    """ "Of 20 test photos called Giraffe, 13 are right." after the edits."""
    (_, right), (_, called) = change.right, change.called
    name = Part("class", names[change.index], change.index)
    if not called:
        return Sentence.of(["No test photo is called ", name, "."])
    return Sentence.of(
        [f"Of {counted(called, 'test photo')} called ", name, f", {right} {'is' if right == 1 else 'are'} right."]
    )


def _of_class(change: ClassChange, names: Sequence[str]) -> Iterator[Part | str]:
    yield Part("class", names[change.index], change.index)
    was, now = change.right
    if change.photos:
        yield f": {now} of its {counted(change.photos, 'photo')} found, before {was}"
    else:
        yield ": there is no test photo of it"
    yield f"; {counted(change.called[1], 'photo')} called so, before {change.called[0]}."


def _robbed(index: int, moves: Sequence[Move], names: Sequence[str]) -> Iterator[Part | str]:
    taken = [(move.source, move.photos, move.lost) for move in moves if move.target == index]
    given = [(move.target, move.photos, move.won) for move in moves if move.source == index]
    if taken:
        yield " It takes "
        yield from _shares(taken, "from", "right before", names)
    if given:
        yield " It loses " if not taken else ", and loses "
        yield from _shares(given, "to", "right now", names)
    if taken or given:
        yield "."


def _shares(parts: Sequence[tuple[int, int, int]], word: str, what: str, names: Sequence[str]) -> Iterator[Part | str]:
    """The largest of some (class, photos, so many of them `what`), and how many there are besides."""
    items: list[list[Part | str]] = [
        [f"{photos} {word} ", Part("class", names[c], c), *([f" ({right} {what})"] if right else [])]
        for c, photos, right in parts[:_NAMED]
    ]
    rest = sum(photos for _, photos, _ in parts[_NAMED:])
    yield from listed([*items, [f"{rest} {word} others"]] if rest else items)
