"""Moves: what may be changed, and how far. An answer chooses some and says how much of each.

A *move* changes one attribute, or several together, by `steps` when it is made whole (t = 1), and by t times as much else. Moves of
one *unit* stand for each other: an attribute goes up or down, an exclusive group has one kind raised. Units share no attribute.

*Box*: from the least to the most that classes of the model's own table have of an attribute, within 0 and 1; a value that lies
outside of it may stay where it is. In [0, 1] alone, attributes that hardly any class has would win everywhere.

*Exclusive groups*: attributes of one group whose values add up to the same number in every class (a bill has one shape). Raising
one lowers the others, each by the same part of what it can lose, until the sum is as before or nothing is left to lower; it counts
once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from zslviz.tasks.attributes.space import SemanticSpace

Doubles = NDArray[np.float64]
Indices = NDArray[np.intp]
_NONE = np.zeros(0, dtype=np.intp)
_SAME = 0.01  # of a group's sum: how far rows may differ from each other
_SMALL = 1e-6  # of a value: what is no change


@dataclass(frozen=True, eq=False)
class Moves:
    """J moves. Move j changes `attributes[starts[j]:starts[j + 1]]` by `steps` there; the first of them is what it is called after.

    units: intp [J]. groups: intp [J], numbers of the groups of attributes. spread: float64 [A], the length of a standard step.
    whole: whether moves are made whole or not at all. lowest, highest: float64 [A], how far values may be changed.
    """

    attributes: Indices
    steps: Doubles
    starts: Indices
    units: Indices
    groups: Indices
    spread: Doubles
    lowest: Doubles
    highest: Doubles
    whole: bool = False

    def __len__(self) -> int:
        return len(self.units)

    @property
    def main(self) -> Indices:
        """The attribute that each move is called after: intp [J]."""
        return self.attributes[self.starts[:-1]]

    @cached_property
    def owners(self) -> Indices:
        """The move that each change belongs to."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    @cached_property
    def costs(self) -> Doubles:
        """The change that each makes in all, in standard steps: float64 [J]."""
        return self.sums(np.abs(self.steps) / self.spread[self.attributes])

    @cached_property
    def strides(self) -> Doubles:
        """The largest change that each makes of one attribute, in standard steps: float64 [J]."""
        sizes = np.abs(self.steps) / self.spread[self.attributes]
        return np.maximum.reduceat(sizes, self.starts[:-1]) if len(self) else sizes

    @cached_property
    def shared(self) -> list[Indices]:
        """Of every unit of more than two moves, which are not merely up and down, the moves."""
        counts = np.bincount(self.units) if len(self) else np.zeros(0, np.intp)
        several = np.bincount(self.units, np.diff(self.starts)) > counts if len(self) else counts > 0
        return [np.flatnonzero(self.units == unit) for unit in np.flatnonzero((counts > 1) & several)]

    def sums(self, values: NDArray[np.floating[Any]]) -> Doubles:
        """Values of all changes [..., N], added up move by move: [..., J]."""
        found = np.array(values[..., self.starts[:-1]], dtype=np.float64)
        longer, at, starts = self._longer
        if len(longer):
            found[..., longer] = np.add.reduceat(values[..., at], starts, axis=-1)
        return found

    @cached_property
    def _longer(self) -> tuple[Indices, Indices, Indices]:
        """Moves of more than one attribute; the places of their changes, move after move; where each move begins among these."""
        if len(self.attributes) == len(self):
            return _NONE, _NONE, _NONE
        lengths = np.diff(self.starts)
        longer = np.flatnonzero(lengths > 1)
        at = np.flatnonzero((lengths > 1)[self.owners])
        return longer, at, np.cumsum(lengths[longer]) - lengths[longer]

    def gains(self, slopes: Doubles) -> Doubles:
        """What each whole move adds where an attribute's change counts `slopes` [..., A]: [..., J]."""
        return self.gains_by(slopes, np.ones((1, slopes.shape[-1])))[0]

    def gains_by(self, slopes: Doubles, paces: Doubles) -> Doubles:
        """`gains` of the slopes [..., A] times each of several paces [G, A]: [G, ..., J]."""
        sizes, first = paces[:, self.main] * self.steps[self.starts[:-1]], slopes[..., self.main]
        found = np.empty((len(paces), *first.shape))
        longer, used, steps = self._together
        some = slopes[..., used]
        for one, size, pace in zip(found, sizes, paces, strict=True):
            np.multiply(first, size, out=one)
            if len(longer):
                one[..., longer] = (some * pace[used]) @ steps
        return found

    @cached_property
    def _together(self) -> tuple[Indices, Indices, Doubles]:
        """Moves of more than one attribute [L], the attributes that these change [U], and by how much: [U, L]."""
        longer, at, _ = self._longer
        used, place = np.unique(self.attributes[at], return_inverse=True)
        steps = np.zeros((len(used), len(longer)))
        steps[place, np.searchsorted(longer, self.owners[at])] = self.steps[at]
        return longer, used, steps

    def sum(self, amounts: Doubles) -> Doubles:
        """The change of all values when all moves are made, each so much [J], which no room holds back: float64 [A]."""
        return np.bincount(self.attributes, amounts[self.owners] * self.steps, len(self.spread)).astype(np.float64)

    def change(self, chosen: Collection[int] | Indices, amounts: Sequence[float] | Doubles) -> Doubles:
        """The change of all values when so much of the chosen moves is made: float64 [A]."""
        x = np.zeros(len(self.spread))
        for j, t in zip(chosen, amounts, strict=True):
            at = slice(self.starts[j], self.starts[j + 1])
            x[self.attributes[at]] += t * self.steps[at]
        return np.clip(x, self.lowest, self.highest)

    def take(self, which: Indices) -> Moves:
        """Only some of the moves."""
        which = np.asarray(which, np.intp)  # none is an array of numbers of any kind
        at, starts = which, np.arange(len(which) + 1)
        if len(self.attributes) > len(self):
            lengths = self.starts[which + 1] - self.starts[which]
            starts[1:] = np.cumsum(lengths)
            at = np.arange(starts[-1]) + np.repeat(self.starts[which] - starts[:-1], lengths)
        return Moves(
            self.attributes[at], self.steps[at], starts, self.units[which], self.groups[which],
            self.spread, self.lowest, self.highest, self.whole,
        )  # fmt: skip


@dataclass(frozen=True)
class Limits:
    """What a person keeps: attributes that stay (`locked`), and ends between which others may move (`ranges`)."""

    locked: frozenset[int] = frozenset()
    ranges: Mapping[int, tuple[float, float]] | None = None

    @property
    def keep(self) -> bool:
        """Whether there are any."""
        return bool(self.locked or self.ranges)

    def room(self, values: Doubles, box: NDArray[np.floating[Any]]) -> tuple[Doubles, Doubles]:
        """How far values [A] may be changed, down and up, in a box [A, 2]: float64 [A] and [A]."""
        ends = np.array(box, dtype=np.float64)
        for attribute, (low, high) in (self.ranges or {}).items():
            ends[attribute] = max(low, ends[attribute, 0]), min(high, ends[attribute, 1])
            if ends[attribute, 0] > ends[attribute, 1]:
                ends[attribute] = values[attribute]
        lowest, highest = np.minimum(0, ends[:, 0] - values), np.maximum(0, ends[:, 1] - values)
        for attribute in self.locked:
            lowest[attribute] = highest[attribute] = 0
        return lowest, highest


_known: WeakKeyDictionary[SemanticSpace, list[Indices]] = WeakKeyDictionary()


def exclusive_groups(space: SemanticSpace) -> list[Indices]:
    """Attributes of every group, of two or more, whose values add up to the same in all of the table's own classes; in its order.

    Classes that are made up do not count: whatever is said of them, the table's groups stay what they are.
    """
    if space not in _known:
        _known[space] = found = []
        for members in _members(space).values():
            own = np.array(members, dtype=np.intp)
            sums = space.own_table[:, own].sum(axis=1, dtype=np.float64)
            if len(own) > 1 and sums.min() > 0 and sums.max() - sums.min() <= _SAME * sums.max():
                found.append(own)
    return _known[space]


def _members(space: SemanticSpace) -> dict[str, list[int]]:
    """The attributes of every group, in the order of the table."""
    found: dict[str, list[int]] = {}
    for a, name in enumerate(space.groups):
        found.setdefault(name, []).append(a)
    return found


def single_moves(
    space: SemanticSpace, room: tuple[Doubles, Doubles], spread: Doubles, exclusive: Sequence[Indices]
) -> Moves:
    """Every attribute down and up; of exclusive groups every one up, which lowers the others. room: see `Limits.room`."""
    lowest, highest = (end.tolist() for end in room)
    raised: list[tuple[list[int], list[float], int]] = []
    for group in map(np.ndarray.tolist, exclusive):
        falling = [b for b in group if lowest[b] < -_SMALL]
        for a in group:
            if highest[a] > _SMALL:
                others = [b for b in falling if b != a]
                losable = -sum(lowest[b] for b in others)
                part = min(1.0, highest[a] / losable) if losable > 0 else 0.0
                raised.append(([a, *others], [highest[a], *(part * lowest[b] for b in others)], group[0]))
    ends = np.stack(room, axis=1)
    ends[[a for group in exclusive for a in group]] = 0
    alone, _ = some = np.nonzero(np.abs(ends) > _SMALL)
    found = _moves(raised, space, spread, room, alone=(alone, ends[some]))
    return found.take(np.argsort(found.main, kind="stable"))


def part_moves(
    space: SemanticSpace, values: Doubles, goal: Doubles, room: tuple[Doubles, Doubles], spread: Doubles
) -> Moves:
    """Every group of attributes to the values of `goal` [A], as far as they may go; made whole or not at all."""
    change = np.clip(goal - values, *room)
    changes = []
    for number, own in enumerate(_members(space).values()):
        members = [a for a in own if abs(change[a]) > _SMALL]
        members.sort(key=lambda a: (-np.float32(abs(change[a]) / spread[a]), a))
        if members:
            changes.append((members, [float(change[a]) for a in members], number))
    return _moves(changes, space, spread, room, whole=True)


def _moves(
    changes: Sequence[tuple[list[int], list[float], int]],
    space: SemanticSpace,
    spread: Doubles,
    room: tuple[Doubles, Doubles],
    whole: bool = False,
    alone: tuple[Indices, Doubles] = (_NONE, np.zeros(0)),
) -> Moves:
    """Of attributes with their steps and a unit; after these the `alone` ones, each of one attribute with its step."""
    numbers = {name: number for number, name in enumerate(dict.fromkeys(space.groups))}
    attributes = [a for members, _, _ in changes for a in members]
    starts = np.cumsum([0, *(len(members) for members, _, _ in changes), *np.ones_like(alone[0])])
    steps, units = [step for _, sizes, _ in changes for step in sizes], [unit for _, _, unit in changes]
    found = np.concatenate([np.array(attributes, np.intp), alone[0]])
    of_group = np.array([numbers[name] for name in space.groups], np.intp)
    return Moves(
        found, np.concatenate([np.array(steps, np.float64), alone[1]]), starts.astype(np.intp),
        np.concatenate([np.array(units, np.intp), alone[0]]), of_group[found[starts[:-1]]], spread, *room, whole,
    )  # fmt: skip
