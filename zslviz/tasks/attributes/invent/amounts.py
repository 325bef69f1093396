"""From mentions to numbers: how much of an attribute "striped", "slightly", "smaller than a cow" or "not red" is.

Everything is measured by what the classes of the table have: the *range* of an attribute is from the least to the most of its
column, within 0 and 1. "striped" is 0.85 of the range, "very" all of it, "slightly" 0.35, "without" the least. In a group whose
rows sum to a constant, such as the shapes of a bill, it is as the three classes with most of it have it (of these, those
with half of the most at least). "bigger" is 0.3 of the range more than the class would have else. What is said is at least what
the class had before ("a white polar bear" stays as white as it is), unless a little of it is said.

Three things follow from what is said, where the sentence does not say otherwise: the opposite ("small": not big) lies as far from
its end of the range; of colours of one part, and of values of a group whose rows sum to a constant, the others make room; and a
colour of the whole body is carried to the parts as far as the table's classes carry it, by the slope of the one over the other.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from zslviz.tasks.attributes.filling import NEAREST, filled
from zslviz.tasks.attributes.invent.invention import Origin
from zslviz.tasks.attributes.invent.mention import PLAIN, Mention
from zslviz.tasks.attributes.invent.vocabulary import WHOLE, Vocabulary
from zslviz.tasks.attributes.what_would_it_take.moves import exclusive_groups

STEP = 0.3
"""Of the range: how much more "bigger" is."""
CARRIED = 0.3
"""A slope below this carries nothing from the whole body to a part."""

Doubles = NDArray[np.float64]


class Amounts:
    """The table of a vocabulary's space as a measure."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary, self.space = vocabulary, vocabulary.space
        self.table = self.space.table.astype(np.float64)
        self.low, self.high = np.clip(self.table.min(axis=0), 0, 1), np.clip(self.table.max(axis=0), 0, 1)
        self.members = {
            group: np.array([a for a, own in enumerate(self.space.groups) if own == group], dtype=np.intp)
            for group in vocabulary.groups
        }
        self.constant = {
            self.space.groups[members[0]]: float(self.table[:, members].sum(axis=1).mean())
            for members in exclusive_groups(self.space)
        }
        self.opposite = self._opposites()
        lexicon = vocabulary.lexicon
        self.color = np.array([lexicon.is_color(facet.value) for facet in vocabulary.facets])

    def _opposites(self) -> dict[int, int]:
        found: dict[int, int] = {}
        for pair in self.vocabulary.lexicon.opposites:
            one, other = (self.vocabulary.value(phrase) for phrase in pair)
            if one is not None and other is not None and len(one.attributes) == len(other.attributes) == 1:
                found.setdefault(one.attributes[0], other.attributes[0])
                found.setdefault(other.attributes[0], one.attributes[0])
        return found

    # -- one value --------------------------------------------------------------------------------------------------

    def level(self, attribute: int, degree: float) -> float:
        """A share of an attribute's range."""
        low, high = float(self.low[attribute]), float(self.high[attribute])
        return low + degree * (high - low)

    def wanted(self, mention: Mention, attribute: int, before: float) -> float:
        """The value that a mention asks for. before: what the class would have else, NaN if nobody said."""
        low, high = float(self.low[attribute]), float(self.high[attribute])
        start = float(self.table[:, attribute].mean()) if np.isnan(before) else before
        if mention.equal and mention.reference is not None:
            other = float(self.table[mention.reference, attribute])
            return float(np.clip(low + mention.times * (other - low), low, high)) if mention.times != 1 else other
        if mention.more:
            if mention.reference is not None:
                other = float(self.table[mention.reference, attribute])
                start = max(start, other) if mention.sign > 0 else min(start, other)
            return float(np.clip(start + mention.sign * STEP * (high - low), low, high))
        if mention.sign < 0:
            return self.level(attribute, 0.0 if mention.degree >= PLAIN else 1 - mention.degree)
        level = self.level(attribute, mention.degree)
        return max(level, before) if mention.degree >= PLAIN and not np.isnan(before) else level

    def _asked(self, mention: Mention, values: Doubles) -> dict[int, float]:
        """The values that a mention asks for, by attribute."""
        order = self.order_of(mention)
        if order and (mention.more or mention.equal):  # "bigger than a mallard", where sizes are small, medium, large
            start = values[order] if mention.reference is None else self.table[mention.reference, order]
            start = np.where(np.isnan(start), self.table[:, order].mean(axis=0), start)
            if not mention.equal or mention.times != 1:
                start = _moved(
                    start, mention.sign if order.index(mention.attributes[0]) >= len(order) / 2 else -mention.sign
                )
            return dict(zip(order, start.tolist(), strict=True))
        asked = {a: self.wanted(mention, a, values[a]) for a in mention.attributes}
        if mention.sign > 0 and not mention.more and not mention.equal:
            for group in {self.space.groups[a] for a in mention.attributes} & self.constant.keys():
                asked |= self._as_those_with_most(
                    group, [a for a in mention.attributes if self.space.groups[a] == group]
                )
        return asked

    def _as_those_with_most(self, group: str, attributes: Sequence[int]) -> dict[int, float]:
        """A group whose rows sum to a constant, as the classes with most of some of its attributes have it."""
        members = self.members[group]
        amount = self.table[:, list(attributes)].sum(axis=1)
        most = [c for c in np.argsort(-amount, kind="stable")[:NEAREST] if 2 * amount[c] >= amount.max()]
        return dict(zip(members.tolist(), self.table[np.ix_(most, members)].mean(axis=0).tolist(), strict=True))

    def order_of(self, mention: Mention) -> list[int]:
        """The attributes of the group that a mention is of, in the order of what they measure; none where there is no order."""
        groups = {self.space.groups[a] for a in mention.attributes}
        if len(groups) != 1:
            return []
        lexicon, members = self.vocabulary.lexicon, self.members[groups.pop()]
        named = {a: lexicon.phrase(self.vocabulary.facets[a].value) for a in members.tolist()}
        for order in lexicon.orders:
            places = {
                a: next((i for i, v in enumerate(order) if phrase[: len(v)] == v), None) for a, phrase in named.items()
            }
            if len(places) > 1 and all(place is not None for place in places.values()):
                return sorted(places, key=lambda a: places[a] or 0)
        return []

    # -- a whole row ------------------------------------------------------------------------------------------------

    def row(self, mentions: Sequence[Mention], texts: Sequence[str]) -> tuple[NDArray[np.float32], tuple[Origin, ...]]:
        """Values float32 [A] and where each comes from. texts: what each mention is called."""
        names = self.space.class_names
        values = np.full(len(self.space.attributes), np.nan)
        origins: list[Origin | None] = [None] * len(values)
        bases = [m.classes[0] for m in mentions if m.kind == "base"]
        if bases:
            values[:] = self.table[bases].mean(axis=0)
            text = " and ".join(names[c] for c in bases)
            origins[:] = [Origin("class", f"as {text}" if len(bases) == 1 else f"between {text}", tuple(bases))] * len(
                values
            )
        for mention in mentions:
            if mention.kind == "donor":
                members = np.concatenate([self.members[group] for group in mention.groups])
                values[members] = self.table[mention.classes[0], members]
                for a in members:
                    origins[a] = Origin("class", f"as {names[mention.classes[0]]}", mention.classes)
        said: dict[int, Origin] = {}
        before = values.copy()
        for mention, text in zip(mentions, texts, strict=True):
            if mention.kind == "value":
                classes = () if mention.reference is None else (mention.reference,)
                for a, value in self._asked(mention, values).items():
                    if a in mention.attributes or mention.more or mention.equal or a not in said:
                        values[a] = value
                        own = a in mention.attributes or mention.more or mention.equal
                        said[a] = (
                            Origin("said", f"“{text}”", classes) if own else Origin("implied", f"by “{text}”", classes)
                        )
        implied = self._implied(values, before, said)
        origins = [said.get(a) or implied.get(a) or origin for a, origin in enumerate(origins)]
        whole = filled(values, self.table)
        donors = (
            "the mean of all classes"
            if len(whole.donors) == len(names)
            else "like " + ", ".join(names[c] for c in whole.donors)
        )
        rest = Origin("filled", donors, whole.donors)
        return np.clip(whole.values, 0, 1), tuple(origin or rest for origin in origins)

    def _implied(self, values: Doubles, before: Doubles, said: dict[int, Origin]) -> dict[int, Origin]:
        """Changes what follows from what was said, in place; where each of that comes from."""
        implied: dict[int, Origin] = {}
        for a, origin in said.items():
            other = self.opposite.get(a)
            if other is not None and other not in said:
                span = float(self.high[a] - self.low[a])
                values[other] = self.level(other, 1 - (values[a] - float(self.low[a])) / span if span else 0.5)
                implied[other] = _by(origin)
        for a, origin in said.items():
            if self.vocabulary.has_parts and self.color[a] and self.vocabulary.facets[a].part in WHOLE:
                self._carry(a, values, before, said, implied, origin)
        for group, members in self.members.items():
            meant = [int(a) for a in members if a in said or a in implied]
            colors = bool(self.color[members].all()) and not np.isnan(before[members]).any()
            if meant and (group in self.constant or colors):
                self._make_room(group, members, meant, values, before, implied, said)
        return implied

    def _carry(
        self,
        a: int,
        values: Doubles,
        before: Doubles,
        said: dict[int, Origin],
        implied: dict[int, Origin],
        origin: Origin,
    ) -> None:
        """Moves the same colour of the parts along with that of the whole body."""
        spoken_of = {self.space.groups[b] for b in said}
        own = self.table[:, a] - self.table[:, a].mean()
        spread = float(own @ own)
        start = float(self.table[:, a].mean()) if np.isnan(before[a]) else before[a]
        for b, facet in enumerate(self.vocabulary.facets):
            if self.space.groups[b] in spoken_of or facet.value != self.vocabulary.facets[a].value or not spread:
                continue
            slope = min(float(own @ (self.table[:, b] - self.table[:, b].mean())) / spread, 1.0)
            if slope >= CARRIED:
                was = float(self.table[:, b].mean()) if np.isnan(before[b]) else before[b]
                values[b] = np.clip(was + slope * (values[a] - start), self.low[b], self.high[b])
                implied[b] = _by(origin)

    def _make_room(
        self,
        group: str,
        members: NDArray[np.intp],
        meant: list[int],
        values: Doubles,
        before: Doubles,
        implied: dict[int, Origin],
        said: dict[int, Origin],
    ) -> None:
        """Brings the other values of a group down (or up, where its sum is a constant) for those that were meant."""
        start = np.where(np.isnan(before[members]), self.table[:, members].mean(axis=0), before[members])
        total = float(self.constant.get(group, start.sum()))
        others = [int(a) for a in members if a not in meant]
        have = float(sum(start[list(members).index(a)] for a in others))
        left = max(0.0, total - float(sum(values[a] for a in meant)))
        if not others or have <= 0 or (left >= have and group not in self.constant):
            return
        by = _by(next((said[a] for a in meant if a in said), None) or implied[meant[0]])
        for a in others:
            values[a] = min(float(start[list(members).index(a)]) * left / have, 1.0)
            implied[a] = by


def _by(origin: Origin) -> Origin:
    """Where a value comes from that follows from another one."""
    return origin if origin.kind == "implied" else Origin("implied", f"by {origin.text}", origin.classes)


def _moved(shares: Doubles, step: int) -> Doubles:
    """Shares of an order's values, each handed on to the next larger (1) or smaller one (-1)."""
    moved = np.roll(shares, step)
    first, last = (0, -1) if step > 0 else (-1, 0)
    moved[last] += moved[first]
    moved[first] = 0
    return moved
