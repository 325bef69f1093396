"""Conventional and generalised zero-shot learning (Xian et al. 2017): T1, U, S, H, the seen-unseen curve and AUSUC.

Scores are [N, K] before calibration; calibrated stacking subtracts gamma from seen classes (Chao et al. 2016).

Right answers are counted, and the shares of classes are added up in whole numbers: accuracies that are equal as fractions are
equal floats on every processor. Where they are sorted, or the highest is looked for, a last bit would decide otherwise.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import DataError
from zslviz.tasks.base.curves import area_under, harmonic_mean

Floats = NDArray[np.floating[Any]]
Labels = NDArray[np.integer[Any]]
SWEEP_STEP = 0.01


@dataclass(frozen=True, eq=False)
class GammaSweep:
    """The seen-unseen curve. gammas, seen, unseen: [P], in the order of the sweep (0, down until U = 0, up until S = 0)."""

    gammas: NDArray[np.float64]
    seen: NDArray[np.float64]
    unseen: NDArray[np.float64]

    @property
    def harmonic(self) -> NDArray[np.float64]:
        return harmonic_mean(self.seen, self.unseen)

    @property
    def ausuc(self) -> float:
        """Area under the curve: a trapezoid of S over U, sorted by U, with no added end points (as Mg-MRN's authors)."""
        order = np.argsort(self.unseen, kind="stable")
        return area_under(self.seen[order], self.unseen[order])

    def best(self) -> int:
        """Index of the highest H; the first met in the order of the sweep."""
        return int(np.argmax(self.harmonic))


@dataclass(frozen=True)
class ZeroShotReport:
    """Fractions. t1: only unseen classes compete. u, s, h: all compete, at gamma. oracle: at the gamma best on these photos."""

    t1: float
    u: float
    s: float
    h: float
    gamma: float
    ausuc: float
    oracle: dict[str, float]
    intervals: dict[str, Any] | None = None  # of T1, U, S, H over test photos, where they were computed

    def to_dict(self) -> dict[str, Any]:
        values = asdict(self)
        if self.intervals is None:
            del values["intervals"]
        return values


@dataclass(frozen=True, eq=False)
class Answers:
    """Which photos were answered rightly. t1, u: bool [N_u], photos of unseen classes, when only unseen or all classes
    compete; s: bool [N_s], photos of seen classes, when all compete. labels_unseen [N_u], labels_seen [N_s]."""

    t1: NDArray[np.bool_]
    u: NDArray[np.bool_]
    s: NDArray[np.bool_]
    labels_unseen: Labels
    labels_seen: Labels

    def figures(self) -> dict[str, float]:
        """t1, u, s, h as fractions."""
        t1, u = mean_accuracy(np.stack([self.t1, self.u]), self.labels_unseen)
        s = mean_accuracy(self.s, self.labels_seen)
        return {"t1": float(t1), "u": float(u), "s": float(s), "h": float(harmonic_mean(s, u))}


def per_class_accuracy(predicted: Labels, labels: Labels) -> dict[int, float]:
    """Share of right answers for each class that has photos."""
    return {int(c): float((predicted[labels == c] == c).mean()) for c in np.unique(labels)}


def mean_accuracy(right: NDArray[np.bool_], labels: Labels) -> NDArray[np.float64]:
    """Mean over classes of the per-class share of `right` [..., N]; classes without a photo are skipped."""
    _, index, photos = np.unique(labels, return_inverse=True, return_counts=True)
    counts = np.apply_along_axis(lambda row: np.bincount(index[row], minlength=len(photos)), -1, right)
    return mean_of_shares(counts, photos)


def mean_of_shares(right: NDArray[np.integer[Any]], photos: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
    """Mean over classes of right / photos, the float nearest to the exact fraction: counts [..., C] and [C] -> [...]."""
    worth, whole = _worths(photos)
    return np.asarray(right.astype(object) @ worth / whole, dtype=np.float64)


def _worths(photos: NDArray[np.integer[Any]]) -> tuple[NDArray[np.object_], int]:
    """What a photo of each class adds to the mean of the classes' shares: whole numbers [C], of any size, over a common one."""
    common = math.lcm(*photos.tolist())
    return np.array([common // n for n in photos.tolist()], dtype=object), common * max(len(photos), 1)


def t1_accuracy(scores: Floats, labels: Labels, unseen: Labels) -> float:
    """T1 of photos of unseen classes when only the unseen classes compete."""
    return float(mean_accuracy(predictions_within(scores, unseen) == labels, labels))


def predictions_at(scores: Floats, seen: NDArray[np.bool_], gamma: float) -> NDArray[np.intp]:
    """The class of each photo when all compete at gamma: scores [N, K] -> [N]. Ties go to the class listed first."""
    return np.argmax(np.where(seen, scores - np.asarray(gamma, dtype=scores.dtype), scores), axis=1)


def predictions_within(scores: Floats, classes: Labels) -> NDArray[np.intp]:
    """The class of each photo when only some compete: scores [N, K], classes [C] -> [N]."""
    return np.asarray(classes, dtype=np.intp)[np.argmax(scores[:, classes], axis=1)]


def answers_at(
    scores_seen: Floats, labels_seen: Labels, scores_unseen: Floats, labels_unseen: Labels,
    seen: NDArray[np.bool_], gamma: float,
) -> Answers:  # fmt: skip
    """Right or wrong for every test photo, at gamma."""
    return Answers(
        t1=predictions_within(scores_unseen, np.flatnonzero(~seen)) == labels_unseen,
        u=predictions_at(scores_unseen, seen, gamma) == labels_unseen,
        s=predictions_at(scores_seen, seen, gamma) == labels_seen,
        labels_unseen=labels_unseen,
        labels_seen=labels_seen,
    )


@dataclass(frozen=True, eq=False)
class _Duel:
    """Each photo's best seen against its best unseen class: all that a change of gamma can change."""

    best_seen: Floats
    best_unseen: Floats
    seen_right: NDArray[np.bool_]
    unseen_right: NDArray[np.bool_]
    seen_first: NDArray[np.bool_]  # whether the seen one wins a tie: it stands earlier in the table
    worth: NDArray[np.object_]  # what the photo adds to the mean per-class accuracy if it is right, of `whole`
    whole: int

    @classmethod
    def of(cls, scores: Floats, labels: Labels, seen: NDArray[np.bool_]) -> _Duel:
        seen_classes, unseen_classes = np.flatnonzero(seen), np.flatnonzero(~seen)
        s = seen_classes[np.argmax(scores[:, seen_classes], axis=1)]
        u = unseen_classes[np.argmax(scores[:, unseen_classes], axis=1)]
        rows = np.arange(len(scores))
        _, index, photos = np.unique(labels, return_inverse=True, return_counts=True)
        worth, whole = _worths(photos)
        return cls(scores[rows, s], scores[rows, u], s == labels, u == labels, s < u, worth[index], whole)

    def accuracy(self, gammas: Floats) -> NDArray[np.float64]:
        """Mean per-class accuracy at each gamma: [P]. gamma is cast to the scores' type before it is subtracted.

        As gamma rises each photo goes over from its seen to its unseen class once; what that gains or loses is added up.
        """
        levels, place = np.unique(np.asarray(gammas, dtype=self.best_seen.dtype), return_inverse=True)
        gained = np.zeros(len(levels) + 1, dtype=object)
        gained[0] = self.worth[self.seen_right].sum()
        np.add.at(gained, self._seen_until(levels), self.worth * (self.unseen_right.astype(int) - self.seen_right))
        return np.asarray(np.cumsum(gained)[place] / self.whole, dtype=np.float64)

    def _seen_until(self, levels: Floats) -> NDArray[np.intp]:
        """At how many of the ascending gammas [P] the seen class wins: [N], found by halving."""
        low, high = np.zeros(len(self.worth), dtype=np.intp), np.full(len(self.worth), len(levels))
        while (searched := low < high).any():
            middle = (low + high) // 2
            calibrated = self.best_seen - levels[np.minimum(middle, len(levels) - 1)]
            seen_wins = (calibrated > self.best_unseen) | ((calibrated == self.best_unseen) & self.seen_first)
            low, high = np.where(searched & seen_wins, middle + 1, low), np.where(seen_wins, high, middle)
        return low


def gzsl_at(
    scores_seen: Floats, labels_seen: Labels, scores_unseen: Floats, labels_unseen: Labels,
    seen: NDArray[np.bool_], gammas: Floats,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:  # fmt: skip
    """S and U at each gamma: test photos of seen classes and of unseen classes, all K classes competing."""
    return (
        _Duel.of(scores_seen, labels_seen, seen).accuracy(gammas),
        _Duel.of(scores_unseen, labels_unseen, seen).accuracy(gammas),
    )


def sweep_gamma(
    scores_seen: Floats, labels_seen: Labels, scores_unseen: Floats, labels_unseen: Labels,
    seen: NDArray[np.bool_], step: float = SWEEP_STEP,
) -> GammaSweep:  # fmt: skip
    """The seen-unseen curve in steps of gamma: from 0 down until U is 0, then from 0 up until S is 0."""
    if not seen.any() or seen.all():
        raise DataError("A seen-unseen curve needs seen and unseen classes.")
    duel_seen = _Duel.of(scores_seen, labels_seen, seen)
    duel_unseen = _Duel.of(scores_unseen, labels_unseen, seen)
    down = _walk(duel_unseen, -step)
    up = _walk(duel_seen, step)
    gammas = np.concatenate([[0.0], down, up])
    return GammaSweep(gammas, duel_seen.accuracy(gammas), duel_unseen.accuracy(gammas))


def _walk(duel: _Duel, step: float, chunk: int = 512) -> NDArray[np.float64]:
    """gamma = step, 2 step, ... (accumulated) up to the first at which the duel's accuracy is 0."""
    walked: list[NDArray[np.float64]] = []
    last = 0.0
    while True:
        gammas = np.cumsum(np.concatenate([[last], np.full(chunk, step)]))[1:]
        stop = np.flatnonzero(duel.accuracy(gammas) == 0)
        if stop.size or abs(gammas[-1]) > 1e4:
            return np.concatenate([*walked, gammas[: stop[0] + 1 if stop.size else None]])
        walked.append(gammas)
        last = float(gammas[-1])


def fixed_bias_gzsl(
    scores: Floats, labels: Labels, seen: NDArray[np.bool_], bias: float = 0.0
) -> tuple[float, float, float, float]:
    """S, U, H and T1 by the protocol of MSDN's authors, whose scores [N, K] carry the fixed -1 seen, +1 unseen already.

    S takes a further `bias` off the seen columns, U adds it to the unseen ones; photos of both parts stand in one array.
    """
    offset = np.where(seen, -bias, bias).astype(scores.dtype)
    of_seen = seen[labels]
    with_seen_lowered = scores[of_seen] + np.where(seen, offset, 0)
    with_unseen_raised = scores[~of_seen] + np.where(seen, 0, offset)
    s = float(mean_accuracy(with_seen_lowered.argmax(axis=1) == labels[of_seen], labels[of_seen]))
    u = float(mean_accuracy(with_unseen_raised.argmax(axis=1) == labels[~of_seen], labels[~of_seen]))
    return s, u, float(harmonic_mean(s, u)), t1_accuracy(scores[~of_seen], labels[~of_seen], np.flatnonzero(~seen))


def evaluate_zero_shot(
    scores_seen: Floats, labels_seen: Labels, scores_unseen: Floats, labels_unseen: Labels,
    seen: NDArray[np.bool_], gamma: float, step: float = SWEEP_STEP,
) -> ZeroShotReport:  # fmt: skip
    """All figures of one model: at the given gamma (chosen on validation), and at the oracle's for comparison."""
    sweep = sweep_gamma(scores_seen, labels_seen, scores_unseen, labels_unseen, seen, step)
    s, u = gzsl_at(scores_seen, labels_seen, scores_unseen, labels_unseen, seen, np.array([gamma]))
    best = sweep.best()
    return ZeroShotReport(
        t1=t1_accuracy(scores_unseen, labels_unseen, np.flatnonzero(~seen)),
        u=float(u[0]),
        s=float(s[0]),
        h=float(harmonic_mean(s[0], u[0])),
        gamma=float(gamma),
        ausuc=sweep.ausuc,
        oracle={
            "u": float(sweep.unseen[best]),
            "s": float(sweep.seen[best]),
            "h": float(sweep.harmonic[best]),
            "gamma": float(sweep.gammas[best]),
        },
    )
