"""The answer in words, true of every state: who is ahead, by how much, mostly for what, and what else decides.

    Giraffe, never trained on, is ahead of Horse by 2.4, mostly for spots, in spite of white.
    Sheep, never trained on, is ahead of Cow by 3.7, only because trained classes carry a handicap of 7.7; by attributes alone
    Cow would be ahead of it by 4.0.

*Named* are the two attributes that weigh most in the lead of the first class over the next one, and whatever weighs more than
the lesser of them: the handicap for trained classes, and all other attributes together. So what is not named is smaller than
all that is. "Mostly" is said of what is named in favour of the first class, and is more than half of all that is in its favour;
the next largest is named until it is. An attribute whose fused score is below zero is named "not hunter": the photo speaks
against it.

*Of no place*: where a map is exact, a raw score is what places in the photo add and a rest that comes from none. It is told
where, over all attributes, the rests weigh more in the lead than the places; of a model whose rest differs from photo to photo and
so has a name ("said without looking") also where they weigh half as much.

*By attributes alone*: the ranking without the handicap (gamma = 0), where that has another first class of the other sort,
trained on or not.

The page says the same, to the last character (`zslviz/ui/twin/sentence.js`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.scoring import ClassRanking, by_attributes_alone
from zslviz.tasks.attributes.sources import sources_of_lead
from zslviz.tasks.attributes.whatifs import what_ifs
from zslviz.tasks.attributes.whole_set.attribute_auc import hardly_answer
from zslviz.tasks.base.wording import Part, Sentence, counted, listed, ordinal, single, size_part

_NAMED = 2  # attributes
_TOLD = 0.5  # of what comes from places: from there on a rest with a name is told
Pieces = Iterable[Part | str]


def sentence(explanation: Explanation, request: RankRequest | None = None, truth: int | None = None) -> Sentence:
    """What is so after the edits. truth: index of the true class, where it is known. Raises ConfigError if nothing competes."""
    request = request or RankRequest()
    ranking = request.rank(explanation)
    said = _Said(explanation, request, ranking)
    pieces = [
        *_circumstances(request),
        *said.lead(),
        *said.of_no_place(),
        *said.verdict(truth),
        *said.one_change(truth),
    ]
    return Sentence.of(pieces)


def hardly_said(explanation: Explanation, answer: Sentence) -> str:
    """What is to be said of attributes that the answer names and the model hardly reads better than by chance; "" if none is.

    answer: the `sentence` of the explanation.
    """
    named = (part.index for part in answer.parts if part.kind == "attribute")
    names = explanation.space.attribute_names
    return str(hardly_answer(explanation.areas, names, (a for a in named if a is not None))["text"])


def _circumstances(request: RankRequest) -> Iterator[str]:
    if edits := len(request.image_edits) + len(request.class_edits):
        yield f"after {counted(edits, 'edit')}, "
    if request.unseen_only:
        yield "among classes never trained on, "
    if left := len(set(request.without)):
        yield f"with {left} {'class' if left == 1 else 'classes'} left out, "


@dataclass(frozen=True)
class _Weight:
    """One contribution to the lead. attribute: its index; -1 of all others together, -2 of the handicap."""

    attribute: int
    size: float


_OTHERS, _HANDICAP = -1, -2


class _Said:
    """The sentences on one state, each as pieces; none where there is nothing to say."""

    def __init__(self, explanation: Explanation, request: RankRequest, ranking: ClassRanking) -> None:
        self.explanation, self.request, self.ranking = explanation, request, ranking
        self.first = int(ranking.order[0])
        self.second = int(ranking.order[1]) if len(ranking) > 1 else self.first
        self.by = float(ranking.calibrated[self.first]) - float(ranking.calibrated[self.second])
        self.alone = by_attributes_alone(ranking)

    def _class(self, index: int) -> Part:
        return Part("class", self.ranking.space.class_names[index], index)

    @property
    def _made_up(self) -> bool:
        """Whether the first class is none of the table's own: nobody can say that it is wrong."""
        own = self.ranking.space.own
        return own is not None and self.first >= own

    # -- the lead -----------------------------------------------------------------------------------------------------------

    def lead(self) -> Iterator[Part | str]:
        """Who is first, by how much and for what."""
        seen, unseen_only = self.ranking.space.seen, self.ranking.unseen_only
        yield self._class(self.first)
        if len(self.ranking) == 1:
            yield " is the only class that competes."
            return
        if self._made_up:
            yield ", which you made up,"
        elif not seen[self.first] and not unseen_only:
            yield ", never trained on,"
        if self.by == 0:
            level = int((self.ranking.calibrated == self.ranking.calibrated[self.first]).sum()) - 2
            yield from (" is level with ", self._class(self.second), f" and {level} more" if level else "")
            yield "; it stands first because it comes first in the table."
            yield from self._without_handicap(" It does so only because ")
            return
        yield from (" is ahead of ", self._class(self.second), " by ", size_part(self.by))
        named = self._named()
        if self.alone == self.second:
            handicap = next((abs(one.size) for one in named if one.attribute == _HANDICAP), 0.0)
            named = [one for one in named if one.attribute != _HANDICAP and abs(one.size) > handicap]
            yield from self._reasons(named, "for ")
            yield from self._without_handicap(", only because " if not named else ", but only because ")
        else:
            yield from (*self._reasons(named, "mostly for "), ".")
            yield from self._without_handicap(" It leads only because ")

    def _reasons(self, named: list[_Weight], favour: str) -> Iterator[Part | str]:
        for words, sign in ((favour, 1), ("in spite of ", -1)):
            items = [list(self._item(one)) for one in named if one.size * sign > 0]
            if items:
                yield from (", ", words, *listed(items))

    def _item(self, one: _Weight) -> Iterator[Part | str]:
        if one.attribute == _HANDICAP:
            handicap = self.ranking.gamma > 0
            yield from ("the handicap of " if handicap else "the head start of ", size_part(self.ranking.gamma))
            yield " that trained classes carry" if handicap else " that trained classes have"
        elif one.attribute == _OTHERS:
            others = len(self.ranking.space.attributes) - _NAMED
            yield "the other attribute" if others == 1 else f"{others} other attributes together"
        else:
            if self._fused[one.attribute] < 0:
                yield "not "
            yield Part("attribute", self.ranking.space.attribute_names[one.attribute], one.attribute)

    def _without_handicap(self, begins: str) -> Iterator[Part | str]:
        """That the handicap decides, where it does."""
        if self.alone is None:
            return
        gamma, raw = self.ranking.gamma, self.ranking.scores
        carry = "trained classes carry a handicap of " if gamma > 0 else "trained classes have a head start of "
        yield from (begins, carry, size_part(gamma), "; by attributes alone ")
        apart = float(raw[self.alone]) - float(raw[self.first])
        if apart == 0:
            yield from ("it would be level with ", self._class(self.alone), ".")
        else:
            yield from (self._class(self.alone), " would be ahead of it by ", size_part(apart), ".")

    # -- what weighs ----------------------------------------------------------------------------------------------------------

    def _named(self) -> list[_Weight]:
        """What is named of the lead, largest first."""
        request, space = self.request, self.ranking.space
        exact = self.explanation.contributions(self.first, self.second, request.gamma, request.image_edits, space)
        chosen = [a for a in exact.strongest(_NAMED) if exact.terms[a] != 0]
        together = 0.0
        for a, term in enumerate(exact.terms.tolist()):  # one after the other, as the page adds
            together += 0.0 if a in chosen else term
        attributes = [_Weight(a, float(exact.terms[a])) for a in chosen]
        rest = [_Weight(_HANDICAP, single(exact.calibration)), _Weight(_OTHERS, single(together))]
        rest = sorted((one for one in rest if one.size != 0), key=lambda one: -abs(one.size))
        least = abs(attributes[-1].size) if len(attributes) == _NAMED else 0.0
        named = attributes + [one for one in rest if abs(one.size) > least]
        favour = sum(one.size for one in (*attributes, *rest) if one.size > 0)
        for one in rest:
            if one not in named and one.size > 0 and sum(n.size for n in named if n.size > 0) <= favour / 2:
                named.append(one)
        return sorted(named, key=lambda one: -abs(one.size))

    @cached_property
    def _fused(self) -> NDArray[np.floating[Any]]:
        return self.explanation.rule.fuse(self.explanation.edited_scores(self.request.image_edits).astype(np.float64))

    def of_no_place(self) -> Iterator[Part | str]:
        """How much of the lead comes from no place, where that is more than from places, or has a name and is half as much."""
        found = sources_of_lead(self.explanation, self.request, self.first, self.second)
        if found is None or self.by == 0:
            return
        nowhere, places = found.rest, found.places
        if abs(nowhere) <= abs(places) * (_TOLD if found.called else 1):
            return
        if found.called:
            yield from (" Of the lead, ", *self._for(nowhere), f" is {found.called}")
            if places:
                yield from (" and ", *self._for(places), " comes from places")
            yield "."
            return
        yield from (" More of the lead comes from no place in the photo (", *self._for(nowhere), ") than from places")
        if places:
            yield from (" (", *self._for(places), ")")
        yield "."

    def _for(self, size: float) -> Pieces:
        return size_part(size), " for ", self._class(self.first if size > 0 else self.second)

    # -- the truth, and what else could be ------------------------------------------------------------------------------------

    def verdict(self, truth: int | None) -> Iterator[Part | str]:
        """Whether the first class is the true one."""
        if truth is None:
            return
        wrong = " Of the classes that were there, it is " if self._made_up else " Wrong: it is "
        if truth == self.first:
            yield " The answer is right."
        elif not self.ranking.rank_of(truth):
            yield from (wrong, self._class(truth), ", which does not compete here.")
        elif self.ranking.calibrated[truth] == self.ranking.calibrated[self.first]:
            yield from (" It is ", self._class(truth), ", which is level with the first.")
        else:
            yield from (wrong, self._class(truth), f" ({ordinal(self.ranking.rank_of(truth))}).")

    def one_change(self, truth: int | None) -> Iterator[Part | str]:
        """The one edit that gives another first class with the smallest step, if one does; the true one, where that can be."""
        for what in what_ifs(self.explanation, self.request, 1, truth):
            if what.changes:
                attribute = Part("attribute", self.ranking.space.attribute_names[what.attribute], what.attribute)
                yield from (
                    f" {what.move.capitalize()} ",
                    attribute,
                    f" ({what.amounts})" if what.amounts else "",
                    ", ",
                )
                yield from (self._class(what.winner), " would be first.")
