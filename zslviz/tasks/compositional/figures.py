"""Compositional zero-shot evaluation: the curve of seen against unseen accuracy over a bias, in closed and open world.

A bias is added to the scores of unseen pairs and swept until only unseen ones are answered; best seen, best unseen, best harmonic
mean and the area under the curve are read off it (Purushwalkam et al., ICCV 2019; the public code of CSP and Troika). These
figures take the best bias on the photos that they are measured on, as the field does; `at_validation_bias` does not.
Accuracies are over photos, not over classes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import DataError
from zslviz.tasks.base.bootstrap import LEVEL, draw, method, percentiles, tails_of
from zslviz.tasks.base.curves import area_under, harmonic_mean
from zslviz.tasks.compositional.familiarity import OBJECT_WEIGHTS, STATE_WEIGHTS, familiarity_table
from zslviz.tasks.compositional.feasibility import (
    TRIALS,
    Floats,
    Masking,
    feasibility_table,
    feasible_pairs,
    mask_infeasible,
    thresholds_for,
)
from zslviz.tasks.compositional.space import CompositionSpace

START_BIAS = 1e3
"""Far above any difference of scores: only unseen pairs are answered. The curve ends there."""
BINS = 20
"""The field reads the curve at about this many biases."""
STEP_BACK = 1e-4
"""How far below a photo's turning point its bias is taken: there the photo is just not answered rightly."""
REPLICATES = 200
"""The intervals were published with so many: each is a whole sweep."""

Indices = NDArray[np.integer[Any]]


@dataclass(frozen=True, eq=False)
class PairScores:
    """Scores of N photos for all pairs, [N, S, O], and what the photos show: states [N], objects [N]."""

    scores: Floats
    states: Indices
    objects: Indices

    def __post_init__(self) -> None:
        if self.scores.ndim != 3 or not len(self.scores) == len(self.states) == len(self.objects):
            raise DataError("Scores must be [photos, states, objects] with a state and an object for every photo.")


@dataclass(frozen=True, eq=False)
class BiasSweep:
    """The seen-unseen curve. biases, seen, unseen: [P], biases ascending; the last point answers unseen pairs alone."""

    biases: NDArray[np.float64]
    seen: NDArray[np.float64]
    unseen: NDArray[np.float64]

    @property
    def harmonic(self) -> NDArray[np.float64]:
        curve: NDArray[np.float64] = harmonic_mean(self.seen, self.unseen)
        return curve

    @property
    def auc(self) -> float:
        """Area under the curve: a trapezoid of S over U along the sweep, with no added end points."""
        return area_under(self.seen, self.unseen)

    def best(self) -> int:
        """Index of the highest H; the first met."""
        return int(np.argmax(self.harmonic))


@dataclass(frozen=True, eq=False)
class Contest:
    """All that a bias can change of N photos: each one's best seen pair against its best unseen one.

    best_seen, best_unseen, true_score: scores [N]. seen_pair, unseen_pair, true_pair: [N], pairs counted s * O + o.
    of_seen: bool [N], whether the photo shows a seen pair. objects: O.
    """

    best_seen: Floats
    best_unseen: Floats
    true_score: Floats
    seen_pair: NDArray[np.int64]
    unseen_pair: NDArray[np.int64]
    true_pair: NDArray[np.int64]
    of_seen: NDArray[np.bool_]
    objects: int

    @classmethod
    def of(cls, photos: PairScores, seen: NDArray[np.bool_], competing: NDArray[np.bool_] | None = None) -> Contest:
        """seen, competing: bool [S, O]; all pairs compete if None. Raises DataError if only one kind competes."""
        flat = photos.scores.reshape(len(photos.scores), -1)
        every = np.ones_like(seen) if competing is None else competing
        columns = [np.flatnonzero(every & kind) for kind in (seen, ~seen)]
        if not all(c.size for c in columns):
            raise DataError("A seen-unseen curve needs seen and unseen pairs that compete.")
        best_seen, seen_pair = _best(flat, columns[0])
        best_unseen, unseen_pair = _best(flat, columns[1])
        true_pair = np.asarray(photos.states * seen.shape[1] + photos.objects, dtype=np.int64)
        return cls(
            best_seen, best_unseen, flat[np.arange(len(flat)), true_pair],
            seen_pair, unseen_pair, true_pair, seen.ravel()[true_pair], seen.shape[1],
        )  # fmt: skip

    @classmethod
    def concatenate(cls, parts: Iterable[Contest]) -> Contest:
        """Contests of batches of photos as one: for pairs too many to hold all photos' scores."""
        all_parts = list(parts)
        names = [n for n in cls.__dataclass_fields__ if n != "objects"]
        arrays = {n: np.concatenate([getattr(part, n) for part in all_parts]) for n in names}
        return cls(**arrays, objects=all_parts[0].objects)

    def take(self, photos: Indices) -> Contest:
        """Only these photos (again, where they are named again)."""
        names = [n for n in self.__dataclass_fields__ if n != "objects"]
        return Contest(**{n: getattr(self, n)[photos] for n in names}, objects=self.objects)

    def answers(self, bias: float) -> NDArray[np.int64]:
        """The pair answered for each photo, counted s * O + o: [N]."""
        return np.where(self._seen_wins(np.array([bias]))[0], self.seen_pair, self.unseen_pair)

    def accuracy(self, biases: Floats) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Share of right answers at each bias among photos of seen and of unseen pairs: [P], [P]; 0 where there are none."""
        right_seen, right_unseen = self.seen_pair == self.true_pair, self.unseen_pair == self.true_pair
        right = np.where(self._seen_wins(biases), right_seen, right_unseen)
        seen, unseen = (right[:, part].sum(axis=1) / max(part.sum(), 1) for part in (self.of_seen, ~self.of_seen))
        return seen, unseen

    def state_and_object_accuracy(self, bias: float = 0.0) -> tuple[float, float]:
        """Share of photos whose state, and whose object, is that of the pair answered."""
        answers = self.answers(bias)
        states = answers // self.objects == self.true_pair // self.objects
        return float(states.mean()), float((answers % self.objects == self.true_pair % self.objects).mean())

    def sweep(self, bins: int | None = BINS) -> BiasSweep:
        """The curve at the turning points of the unseen pairs' photos: about `bins` of them (up to twice as many, as the public
        code thins them), all of them if None."""
        turning = ~self.of_seen & (self.answers(START_BIAS) == self.true_pair)
        step_back = np.asarray(STEP_BACK, dtype=self.best_seen.dtype)
        biases = np.sort((self.best_seen - self.true_score)[turning] - step_back)
        if bins is not None:
            biases = biases[:: max(len(biases) // bins, 1)]
        biases = np.append(biases.astype(np.float64), START_BIAS)
        return BiasSweep(biases, *self.accuracy(biases))

    def _seen_wins(self, biases: Floats) -> NDArray[np.bool_]:
        """bool [P, N]; a tie goes to the pair counted first."""
        biased = self.best_unseen + np.asarray(biases, dtype=self.best_unseen.dtype)[:, None]
        tie = (self.best_seen == biased) & (self.seen_pair < self.unseen_pair)
        return (self.best_seen > biased) | tie


@dataclass(frozen=True, eq=False)
class ThresholdChoice:
    """The feasibility threshold with the highest AUC on validation photos. thresholds, aucs: [T], everything tried."""

    threshold: float
    thresholds: NDArray[np.float64]
    aucs: NDArray[np.float64]


def open_contest(
    photos: PairScores,
    seen: NDArray[np.bool_],
    table: Floats,
    threshold: float,
    masking: Masking = "minus-infinity",
) -> Contest:
    """The open world at a feasibility threshold: all pairs of table [S, O] compete but the infeasible ones."""
    if masking == "minus-infinity":
        return Contest.of(photos, seen, feasible_pairs(table, seen, threshold))
    masked = mask_infeasible(photos.scores, table, seen, threshold, masking)
    return Contest.of(PairScores(masked, photos.states, photos.objects), seen)


def choose_threshold(
    validation: PairScores,
    seen: NDArray[np.bool_],
    table: Floats,
    masking: Masking = "minus-infinity",
    trials: int = TRIALS,
) -> ThresholdChoice:
    """The threshold best on validation photos in the open world; the lowest of equals."""
    thresholds = thresholds_for(table, seen, trials)
    aucs = np.array([open_contest(validation, seen, table, float(t), masking).sweep().auc for t in thresholds])
    return ThresholdChoice(float(thresholds[int(np.argmax(aucs))]), thresholds, aucs)


def choose_bias(validation: Contest) -> float:
    """The bias with the best harmonic mean on validation photos, every turning point tried."""
    sweep = validation.sweep(bins=None)
    return float(sweep.biases[sweep.best()])


def choose_familiarity(validation: PairScores, space: CompositionSpace) -> tuple[float, float]:
    """The weights of `familiarity_table` best on validation photos, by the AUCs of both worlds together; the least of equals."""

    def merit(weights: tuple[float, float]) -> float:
        photos = with_familiarity(validation, space.seen, weights)
        worlds = (space.candidates, None)
        return sum(Contest.of(photos, space.seen, competing).sweep().auc for competing in worlds)

    return max(((a, b) for a in STATE_WEIGHTS for b in OBJECT_WEIGHTS), key=merit)


def with_familiarity(photos: PairScores, seen: NDArray[np.bool_], weights: tuple[float, float]) -> PairScores:
    """The photos with their scores of unseen pairs moved by `familiarity_table`."""
    return PairScores(photos.scores + familiarity_table(seen, *weights), photos.states, photos.objects)


def evaluate_compositions(
    validation: PairScores,
    test: PairScores,
    validation_space: CompositionSpace,
    test_space: CompositionSpace,
    feasibility: Floats | None = None,
    masking: Masking = "minus-infinity",
    familiar: bool = False,
) -> dict[str, Any]:
    """All figures of one model as plain values: `closed` and `open`, each as `world_figures`; open also `threshold`.

    validation_space, test_space: the closed worlds (`CompositionalDataset.space_for`). feasibility [S, O]: that of the word vectors
    if None. familiar: unseen pairs score by how familiar their words are, too (`choose_familiarity`); the weights are told then.
    These, threshold and bias are chosen on the validation photos.
    """
    seen = test_space.seen
    weights = choose_familiarity(validation, validation_space) if familiar else (0.0, 0.0)
    validation, test = (with_familiarity(photos, seen, weights) for photos in (validation, test))
    table = feasibility_table(test_space.state_vectors, test_space.object_vectors, seen)
    table = table if feasibility is None else np.asarray(feasibility)
    closed = Contest.of(test, seen, test_space.candidates)
    closed_bias = choose_bias(Contest.of(validation, seen, validation_space.candidates))
    choice = choose_threshold(validation, seen, table, masking)
    open_bias = choose_bias(open_contest(validation, seen, table, choice.threshold, masking))
    opened = open_contest(test, seen, table, choice.threshold, masking)
    return {
        **({"familiarity": list(weights)} if familiar else {}),
        "closed": world_figures(closed, closed_bias),
        "open": {
            **world_figures(opened, open_bias),
            "threshold": choice.threshold,
            "masking": masking,
            "infeasible_pairs": int((~feasible_pairs(table, seen, choice.threshold)).sum()),
        },
    }


def world_figures(contest: Contest, validation_bias: float) -> dict[str, Any]:
    """s, u, h: best seen, unseen, harmonic mean over biases, and auc: the field's convention, an oracle of the bias.

    state_accuracy, object_accuracy: of the answers without a bias. at_validation_bias: bias, s, u, h, state_accuracy and
    object_accuracy at one bias, chosen on validation photos. curve: bias, seen, unseen. intervals: of s, u, h, auc
    (`bootstrap_intervals`). Accuracies are fractions.
    """
    sweep = contest.sweep()
    state, object_ = contest.state_and_object_accuracy()
    return {
        **_best_figures(sweep),
        "state_accuracy": state,
        "object_accuracy": object_,
        "at_validation_bias": figures_at(contest, validation_bias),
        "intervals": bootstrap_intervals(contest),
        "curve": {"bias": sweep.biases.tolist(), "seen": sweep.seen.tolist(), "unseen": sweep.unseen.tolist()},
    }


def bootstrap_intervals(
    contest: Contest, replicates: int = REPLICATES, level: float = LEVEL, seed: int = 0
) -> dict[str, Any]:
    """Percentile intervals of s, u, h and auc, `[low, high]` each, with how they were made under "method".

    Photos of seen and of unseen pairs are drawn with replacement, each kind as often as there are; every replicate is swept anew.
    """
    random = np.random.default_rng(seed)
    kinds = [np.flatnonzero(contest.of_seen), np.flatnonzero(~contest.of_seen)]
    drawn: dict[str, list[float]] = {}
    for _ in range(replicates):
        photos = np.concatenate([kind[draw(len(kind), 1, random)[0]] for kind in kinds if kind.size])
        for name, value in _best_figures(contest.take(photos).sweep()).items():
            drawn.setdefault(name, []).append(value)
    found: dict[str, Any] = {name: percentiles(values, tails_of(level)) for name, values in drawn.items()}
    return {**found, "method": method("test photos of seen and of unseen pairs", replicates, seed, level)}


def _best_figures(sweep: BiasSweep) -> dict[str, float]:
    """The best points of a curve and the area under it."""
    return {
        "s": float(sweep.seen.max()),
        "u": float(sweep.unseen.max()),
        "h": float(sweep.harmonic.max()),
        "auc": sweep.auc,
    }


def figures_at(contest: Contest, bias: float) -> dict[str, float]:
    """bias, s, u, h, state_accuracy, object_accuracy of the answers at one bias."""
    seen, unseen = (float(share[0]) for share in contest.accuracy(np.array([bias])))
    state, object_ = contest.state_and_object_accuracy(bias)
    h = float(harmonic_mean(seen, unseen))
    return {"bias": bias, "s": seen, "u": unseen, "h": h, "state_accuracy": state, "object_accuracy": object_}


def _best(flat: Floats, columns: Indices) -> tuple[Floats, NDArray[np.int64]]:
    """The highest score among some columns and which one has it, of each row; the first of equals."""
    within = flat[:, columns]
    chosen = within.argmax(axis=1)
    return within[np.arange(len(flat)), chosen], columns[chosen].astype(np.int64)
