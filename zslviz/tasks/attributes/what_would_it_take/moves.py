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

import numpy as np
from numpy.typing import NDArray

from zslviz.tasks.attributes.space import SemanticSpace

Doubles = NDArray[np.float64]
Indices = NDArray[np.intp]
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
        for j in self._longer:
            found[..., j] = values[..., self.starts[j] : self.starts[j + 1]].sum(axis=-1)
        return found

    @cached_property
    def _longer(self) -> Indices:
        """Moves of more than one attribute."""
        return np.flatnonzero(np.diff(self.starts) > 1)

    def gains(self, slopes: Doubles) -> Doubles:
        """What each whole move adds where an attribute's change counts `slopes` [..., A]: [..., J]."""
        return self.sums(slopes[..., self.attributes] * self.steps)

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
        parts = [np.arange(self.starts[j], self.starts[j + 1]) for j in which]
        at = np.concatenate(parts) if parts else np.zeros(0, np.intp)
        starts = np.concatenate([[0], np.cumsum([len(part) for part in parts])]).astype(np.intp)
        return Moves(
            self.attributes[at], self.steps[at], starts, self.units[which], self.groups[which],
            self.spread, self.lowest, self.highest, self.whole,
        )  # fmt: skip


@dataclass(frozen=True)
class Limits:
    """What a person keeps: attributes that stay (`locked`), and ends between which others may move (`ranges`)."""

    locked: frozenset[int] = frozenset()
    ranges: Mapping[int, tuple[float, float]] | None = None

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


def exclusive_groups(space: SemanticSpace) -> list[Indices]:
    """Attributes of every group, of two or more, whose values add up to the same in all classes; in the order of the table."""
    found = []
    for name in dict.fromkeys(space.groups):
        members = np.array([a for a, group in enumerate(space.groups) if group == name], dtype=np.intp)
        sums = space.table[:, members].sum(axis=1, dtype=np.float64)
        if len(members) > 1 and sums.min() > 0 and sums.max() - sums.min() <= _SAME * sums.max():
            found.append(members)
    return found


def single_moves(
    space: SemanticSpace, values: Doubles, room: tuple[Doubles, Doubles], spread: Doubles, exclusive: Sequence[Indices]
) -> Moves:
    """Every attribute down and up; of exclusive groups every one up, which lowers the others. values: [A], as they are now."""
    lowest, highest = room
    changes: list[tuple[list[int], list[float], int]] = []
    member_of = {int(a): group for group in exclusive for a in group}
    unit_of = {a: int(group[0]) for a, group in member_of.items()}
    for a in range(len(values)):
        if a not in member_of:
            changes += [([a], [float(end)], a) for end in (lowest[a], highest[a]) if abs(end) > _SMALL]
            continue
        others = [int(b) for b in member_of[a] if b != a and lowest[b] < -_SMALL]
        losable = -float(sum(lowest[b] for b in others))
        if highest[a] > _SMALL:
            part = min(1.0, float(highest[a]) / losable) if losable > 0 else 0.0
            changes.append(([a, *others], [float(highest[a]), *(part * float(lowest[b]) for b in others)], unit_of[a]))
    return _moves(changes, space, spread, room)


def part_moves(
    space: SemanticSpace, values: Doubles, goal: Doubles, room: tuple[Doubles, Doubles], spread: Doubles
) -> Moves:
    """Every group of attributes to the values of `goal` [A], as far as they may go; made whole or not at all."""
    change = np.clip(goal - values, *room)
    changes = []
    for number, name in enumerate(dict.fromkeys(space.groups)):
        members = [a for a, group in enumerate(space.groups) if group == name and abs(change[a]) > _SMALL]
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
) -> Moves:
    numbers = {name: number for number, name in enumerate(dict.fromkeys(space.groups))}
    attributes = np.array([a for members, _, _ in changes for a in members], dtype=np.intp)
    starts = np.concatenate([[0], np.cumsum([len(members) for members, _, _ in changes])]).astype(np.intp)
    steps = np.array([step for _, sizes, _ in changes for step in sizes], dtype=np.float64)
    units = np.array([unit for _, _, unit in changes], dtype=np.intp)
    groups = np.array([numbers[space.groups[members[0]]] for members, _, _ in changes], dtype=np.intp)
    return Moves(attributes, steps, starts, units, groups, spread, *room, whole)
