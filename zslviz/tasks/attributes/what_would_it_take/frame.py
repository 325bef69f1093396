"""What so many moves can gain at most over some rivals: the bound by which choices are ruled out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from zslviz.tasks.attributes.what_would_it_take.moves import Doubles, Indices


@dataclass
class Frame:
    """What k moves can gain at most. gains: [Q, C, J], not negative. needs: [Q, C]. tops: [k + 1, Q, C], of so many largest."""

    gains: Doubles
    needs: Doubles
    shared: list[Indices]
    most: int

    @cached_property
    def most_gains(self) -> Doubles:
        """At the corner where each move gains most: [Q, J]."""
        return np.asarray(self.gains.max(axis=1))

    @cached_property
    def by_unit(self) -> Doubles:
        """Gains, of every unit one: [Q, C, J]; of up and down one gains nothing anyway."""
        if not self.shared:
            return self.gains
        found = self.gains.copy()
        for members in self.shared:
            found[:, :, members[0]] = self.gains[:, :, members].max(axis=2)
            found[:, :, members[1:]] = 0
        return found

    @cached_property
    def tops(self) -> Doubles:
        """Of 0, 1, ..., k largest gains the sums."""
        return tops_of(self.by_unit, self.most)


def tops_of(gains: Doubles, most: int) -> Doubles:
    """Sums of the 0, 1, ..., most largest of gains [Q, C, N]: [most + 1, Q, C]."""
    if most < gains.shape[2]:
        gains = -np.partition(-gains, most - 1, axis=2)[:, :, :most] if most else gains[:, :, :0]
    found = np.zeros((most + 1, *gains.shape[:2]))
    sums = np.cumsum(-np.sort(-gains, axis=2), axis=2)
    found[1 : 1 + gains.shape[2]] = np.moveaxis(sums, 2, 0)
    found[1 + gains.shape[2] :] = found[gains.shape[2]]
    return found
