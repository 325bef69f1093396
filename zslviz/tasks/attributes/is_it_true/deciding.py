"""The smallest rectangle whose evidence decides who is first, among all rectangles of whole cells of the maps.

A summed-area table (Crow 1984) of all attributes gives what any rectangle holds by four look-ups. All rectangles are tried, the
smallest first: there are at most a few ten thousand, and with a cosine no bound is as cheap as the arithmetic itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from zslviz.photos.covering import Region
from zslviz.tasks.attributes.is_it_true.places import Doubles
from zslviz.tasks.attributes.is_it_true.without import Without, exact_places, promised
from zslviz.tasks.attributes.requests import RankRequest

if TYPE_CHECKING:
    from zslviz.tasks.attributes.explanation import Explanation

_AT_ONCE = 2**22  # numbers
_LIKE = 1e-9  # areas that differ by less are one size


def deciding_region(explanation: Explanation, request: RankRequest) -> Without | None:
    """As `CanLoseAPlace.deciding_region`. Of rectangles of one size the one without which the other class is furthest ahead."""
    ranking = request.rank(explanation)
    if len(ranking) < 2:
        return None
    first, places = int(ranking.order[0]), exact_places(explanation)
    ys, xs = places.lines()
    table = places.table(ys, xs)
    leads = _Leads(explanation, request, first)
    step = max(1, _AT_ONCE // explanation.scores.size)
    for boxes in _by_size(ys, xs):
        found: list[tuple[float, Region]] = []
        for start in range(0, len(boxes), step):
            y0, y1, x0, x1 = boxes[start : start + step].T
            inside = table[y1, x1] - table[y0, x1] - table[y1, x0] + table[y0, x0]
            lead = leads.after(explanation.scores.astype(np.float64) - inside)
            found += [
                (float(lead[i]), Region(xs[x0[i]], ys[y0[i]], xs[x1[i]], ys[y1[i]])) for i in np.flatnonzero(lead < 0)
            ]
        for _, region in sorted(found, key=lambda one: one[0]):
            one = promised(explanation, region)
            if int(one.rank(request).order[0]) != first:  # rounded, as everything that is told
                return one
    return None


def _by_size(ys: list[float], xs: list[float]) -> Iterator[NDArray[np.intp]]:
    """All rectangles between lines as [N, 4] (top, bottom, left, right), those of one size together, smallest first."""
    tops, bottoms = np.triu_indices(len(ys), 1)
    lefts, rights = np.triu_indices(len(xs), 1)
    areas = np.multiply.outer(
        np.take(ys, bottoms) - np.take(ys, tops), np.take(xs, rights) - np.take(xs, lefts)
    ).ravel()
    rows, columns = np.divmod(np.argsort(areas, kind="stable"), len(lefts))
    sizes = np.sort(areas)
    cuts = np.flatnonzero(np.diff(sizes) > _LIKE) + 1
    boxes = np.stack([tops[rows], bottoms[rows], lefts[columns], rights[columns]], axis=1)
    yield from np.split(boxes, cuts)


class _Leads:
    """The lead of a class over the best other one, for many scores at once."""

    def __init__(self, explanation: Explanation, request: RankRequest, first: int) -> None:
        self.rule, self.scale, self.edits, self.first = explanation.rule, explanation.scale, request.image_edits, first
        ranking, space = request.rank(explanation), request.space(explanation)
        self.rows = explanation.rule.exact_rows(space)
        self.handicap = np.where(space.seen, ranking.gamma, 0.0)
        self.handicap[~ranking.competing] = np.inf
        self.others = np.arange(len(space.classes)) != first

    def after(self, scores: Doubles) -> Doubles:
        """Scores [N, G, A] before edits -> leads [N]."""
        wanted = list(self.edits)
        if wanted:
            values = np.asarray(self.scale.to_values(scores)[:, wanted], dtype=np.float64)
            steps = (np.array([self.edits[a] for a in wanted]) - values) / self.scale.table_std[wanted]
            scores[:, :, wanted] += steps[:, None] * self.scale.std[:, wanted]
        classes = self.rule.fuse(scores) @ self.rows.T - self.handicap
        return np.asarray(classes[:, self.first] - classes[:, self.others].max(axis=1))
