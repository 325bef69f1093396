"""A promise of the maps beside its proof by the network, what is said of both, and whether the map has kept its word.

*Kept*: the network has the promised class first, and the attribute's value is within 0.05 of the promise or closer to it than to
the value of the whole photo. So a map that says "nothing changes" does not keep its word where something does, and one that
promises a change is not asked for more than that it tells better than saying nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from zslviz.tasks.attributes.is_it_true.without import Without
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.scoring import ClassRanking
from zslviz.tasks.base.wording import Part, Sentence, single, size_part, value_text

if TYPE_CHECKING:
    from zslviz.tasks.attributes.explanation import Explanation

TOLERANCE = 0.05
"""Of a value on the class table's scale: less is not told from nothing on the page's bars."""
_BEGINS = {"evidence": "by the map, ", "network": "by the network, "}


@dataclass(frozen=True, eq=False)
class Trial:
    """One place covered. promise: by the evidence; proof: by the network; attribute: whose value is told."""

    promise: Without
    proof: Without
    attribute: int
    request: RankRequest

    @cached_property
    def same_class(self) -> bool:
        """Whether the promised class is first."""
        first, other = (int(one.rank(self.request).order[0]) for one in (self.promise, self.proof))
        return first == other

    @property
    def same_value(self) -> bool:
        """Whether the attribute's value is near the promised one: within `TOLERANCE`, or nearer to it than to what it was."""
        before, promise, proof = (
            float(values[self.attribute])
            for values in (self.promise.whole.values, self.promise.values, self.proof.values)
        )
        off = single(abs(proof - promise))
        return off <= single(TOLERANCE) or off < single(abs(proof - before))

    @property
    def kept(self) -> bool:
        """Whether the map has kept its word."""
        return self.same_class and self.same_value

    @property
    def verdict(self) -> Sentence:
        """That in words."""
        if self.kept:
            return Sentence.of(["The map has kept its word."])
        name = Part("attribute", self.promise.whole.space.attribute_names[self.attribute], self.attribute)
        broken = [
            *([] if self.same_class else ["another first class"]),
            *([] if self.same_value else ["another value of "]),
        ]
        pieces = ["The map has not kept its word: it promised ", " and ".join(broken)]
        return Sentence.of([*pieces, *([] if self.same_value else [name]), "."])

    def to_dict(self) -> dict[str, Any]:
        """Plain values, with names as the data set has them."""
        return {
            "promise": outcome(self.promise, self.attribute, self.request),
            "proof": outcome(self.proof, self.attribute, self.request),
            "kept": self.kept,
            "same_class": self.same_class,
            "same_value": self.same_value,
            "sentence": self.verdict.text,
        }


def outcome(without: Without, attribute: int, request: RankRequest, top: int = 5) -> dict[str, Any]:
    """What is left, as plain values: the place, an attribute's value before and after, the best classes, and that in words."""
    space, ranking = without.whole.space, without.rank(request)
    return {
        "region": list(without.region.box),
        "source": without.source,
        "attribute": space.attributes[attribute],
        "name": space.attribute_names[attribute],
        "before": float(without.whole.values[attribute]),
        "value": float(without.values[attribute]),
        "sentence": said(without, attribute, request).text,
        "ranking": [
            {
                "class": space.classes[line.index],
                "name": line.name,
                "seen": line.seen,
                "score": line.score,
                "rank": line.rank,
            }
            for line in ranking.top(top)
        ],
    }


def said(without: Without, attribute: int, request: RankRequest) -> Sentence:
    """What is left: the attribute's value, and who is first by how much."""
    return Sentence.of([_BEGINS[without.source], *_value(without, attribute), "; ", *_first(without, request), "."])


def none_decides(explanation: Explanation, request: RankRequest) -> str:
    """That no rectangle decides."""
    first = request.rank(explanation).best.name
    return f"No place decides: by the maps, {first} stays first without the evidence of any rectangle."


def hit(promise: Without) -> int:
    """The attribute whose value a promise changes most, among those that a photo can show."""
    sizes = np.abs(promise.changes)
    visible = np.array(promise.whole.space.visible)
    return int(np.argmax(np.where(visible, sizes, -1) if visible.any() else sizes))


def _value(without: Without, attribute: int) -> Iterator[Part | str]:
    yield Part("attribute", without.whole.space.attribute_names[attribute], attribute)
    before, after = float(without.whole.values[attribute]), float(without.values[attribute])
    was, now = (Part("number", value_text(value), None, value) for value in (before, after))
    if was.text == now.text:
        yield from (" stays at ", now)
    else:
        yield from (" falls from " if after < before else " rises from ", was, " to ", now)


def _first(without: Without, request: RankRequest) -> Iterator[Part | str]:
    ranking, before = without.rank(request), request.rank(without.whole)
    first = int(ranking.order[0])
    yield _class(ranking, first)
    if len(ranking) == 1:
        yield " is the only class that competes"
        return
    second = int(ranking.order[1])
    by = float(ranking.calibrated[first]) - float(ranking.calibrated[second])
    yield " stays first, " if first == int(before.order[0]) else " becomes first, "
    if by == 0:
        yield from ("level with ", _class(ranking, second))
    else:
        yield from ("ahead of ", _class(ranking, second), " by ", size_part(by))


def _class(ranking: ClassRanking, index: int) -> Part:
    return Part("class", ranking.space.class_names[index], index)
