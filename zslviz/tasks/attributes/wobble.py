"""Whether the answer stays when the photo is seen slightly otherwise: the network's scores of several looks, ranked as the photo.

The network runs when it is asked to; an edit ranks its scores anew. The page says the same (`zslviz/ui/twin/wobble.js`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import ConfigError
from zslviz.photos.looks import LOOKS
from zslviz.tasks.attributes.is_it_true.without import with_scores
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.scoring import ClassRanking
from zslviz.tasks.base.wording import Part, Sentence, listed, value_text

if TYPE_CHECKING:
    from zslviz.tasks.attributes.explanation import Explanation


@dataclass(frozen=True)
class Wobbled:
    """What becomes of the first class of a photo in several looks at it.

    first: the class. stays: in how many looks it is first; of: how many there are. leads: how far it is ahead of the best other
    class in each, calibrated scores both; below 0 where it is behind. others: the classes that are first instead, and how often.
    """

    first: int
    stays: int
    of: int
    leads: tuple[float, ...]
    others: tuple[tuple[int, int], ...]
    sentence: Sentence

    def told(self, names: Sequence[str]) -> dict[str, Any]:
        """Plain values with classes by their names, the looks by theirs, and the words alone."""
        return {
            "first": names[self.first], "stays": self.stays, "of": self.of,
            "leads": dict(zip(LOOKS, self.leads, strict=True)),
            "others": {names[c]: count for c, count in self.others}, "sentence": self.sentence.text,
        }  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """Plain values, classes by number."""
        return {
            "first": self.first, "stays": self.stays, "of": self.of, "leads": list(self.leads),
            "others": [list(one) for one in self.others], "sentence": self.sentence.to_dict(),
        }  # fmt: skip


@dataclass(frozen=True, eq=False)
class Wobble:
    """scores: float32 [N, G, A], raw scores of N looks. whole: the explanation of the photo as it is."""

    scores: NDArray[np.float32]
    whole: Explanation

    def under(self, request: RankRequest | None = None) -> Wobbled:
        """After the edits and choices of a request. Raises ConfigError if no class competes."""
        asked = request or RankRequest()
        first = asked.rank(self.whole).best.index
        rankings = [asked.rank(with_scores(self.whole, scores)) for scores in self.scores]
        leads = tuple(_lead(ranking, first) for ranking in rankings)
        ahead = Counter(ranking.best.index for ranking in rankings)
        stays = ahead.pop(first, 0)
        others = tuple(sorted(ahead.items(), key=lambda one: (-one[1], one[0])))
        return Wobbled(first, stays, len(rankings), leads, others, _sentence(first, stays, leads, others, self.whole))


def parsed(explanation: Explanation, scores: Any) -> Wobble:
    """Scores of looks as the page keeps them, a list of numbers each. Raises ConfigError."""
    size = explanation.scores.size
    fit = isinstance(scores, list) and scores and all(isinstance(one, list) and len(one) == size for one in scores)
    numbers = fit and all(isinstance(s, int | float) and not isinstance(s, bool) for one in scores for s in one)
    found = np.array(scores, dtype=np.float64) if numbers else None
    if found is None or not (np.abs(found) < np.finfo(np.float32).max).all():
        raise ConfigError(f"Each look at the photo is {size} numbers: a score of every attribute.")
    return Wobble(found.reshape(-1, *explanation.scores.shape).astype(np.float32), explanation)


def _lead(ranking: ClassRanking, first: int) -> float:
    """0 where no other class competes."""
    other = next((int(c) for c in ranking.order if c != first), None)
    return 0.0 if other is None else float(ranking.calibrated[first]) - float(ranking.calibrated[other])


def _sentence(
    first: int, stays: int, leads: tuple[float, ...], others: tuple[tuple[int, int], ...], whole: Explanation
) -> Sentence:
    names = whole.space.class_names
    pieces: list[Part | str] = [
        f"Seen {len(leads)} times slightly otherwise (mirrored, moved, nearer, farther), ",
        Part("class", names[first], first),
        f" is first {stays} of {len(leads)} times; its lead goes from {value_text(min(leads))} to {value_text(max(leads))}.",
    ]
    if others:
        instead: list[list[Part | str]] = [[Part("class", names[c], c), f" ({count})"] for c, count in others]
        pieces += [" Else first: ", *listed(instead), "."]
    return Sentence.of(pieces)
