"""The yardsticks' weights, solved for rather than descended to, with every setting chosen on pseudo-unseen classes.

ESZSL (Romera-Paredes and Torr, ICML 2015, eq. 6): V = (X X^T + gI)^-1 X Y S^T (S S^T + lI)^-1, for features X [C, N], labels
Y [N, K] of +1 and -1, and unit-length rows S [A, K] of the classes trained on. Features are centred first; then X Y is the same
for labels of 1 and 0, up to a factor, and the mean goes into the bias.

DAP (Lampert et al., TPAMI 2014): a classifier for each attribute, its output made a probability (Platt 1999), class scores by
Bayes (`zslviz.scoring`). The classifiers here are ridge regressions. Each is made a probability on photos of classes that a second
fit did not see, for it is on new classes that it is to be believed; so an attribute that does not carry over to new classes gets a
low weight. Departures from the paper: it uses non-linear SVMs, and several features.

Both ridges are given in mean eigenvalues of the matrix that they are added to, so that they carry over to another number of photos.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from zslviz.datasets import ZeroShotDataset
from zslviz.errors import ConfigError
from zslviz.models import build_model
from zslviz.models.linear import LinearConfig
from zslviz.scoring import RuleKind, ScoringRule, class_scores
from zslviz.semantics import SemanticSpace
from zslviz.training.cache import FeatureCache
from zslviz.training.loop import model_config
from zslviz.training.recipe import Recipe
from zslviz.training.selection import Choice, best_on_average, measure_rule
from zslviz.training.split import Problem, validation_problem

Array = NDArray[np.float64]
Settings = Mapping[str, Any]

FEATURE_RIDGES = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
ATTRIBUTE_RIDGES = (0.01, 0.1, 0.3, 1.0, 3.0, 10.0)
CLASS_FOLDS = 5
_RARE = 0.005  # no attribute is taken to be rarer, nor commoner than 1 less this, among classes: log-odds stay finite


# -- linear algebra -------------------------------------------------------------------------------------------------------


class Ridge:
    """Ridge regression from x [N, C] to y [N, A], both centred; any number of ridges from one eigendecomposition."""

    def __init__(self, x: Array, y: Array) -> None:
        self.mean_x, self.mean_y = x.mean(axis=0), y.mean(axis=0)
        centred = x - self.mean_x
        self.values, self.vectors = np.linalg.eigh(centred.T @ centred)
        self.projected = self.vectors.T @ (centred.T @ (y - self.mean_y))

    def solve(self, ridge: float) -> tuple[Array, Array]:
        """Weight [A, C] and bias [A]. ridge: in mean eigenvalues of the features' scatter."""
        shrunk = self.projected / (self.values + ridge * self.values.mean())[:, None]
        weight = (self.vectors @ shrunk).T
        return weight, self.mean_y - weight @ self.mean_x


class Eszsl:
    """The two-sided ridge of the paper's eq. 6; any pair of ridges from one eigendecomposition of each side.

    x: features [N, C]. labels: [N], rows of signatures. signatures: [K, A], unit-length rows of the classes trained on.
    """

    def __init__(self, x: Array, labels: NDArray[np.integer[Any]], signatures: Array) -> None:
        signs = np.where(labels[:, None] == np.arange(len(signatures)), 1.0, -1.0)
        self._left = Ridge(x, signs)
        self.values, self.vectors = np.linalg.eigh(signatures.T @ signatures)
        self._core = self._left.projected @ signatures @ self.vectors

    def solve(self, feature_ridge: float, attribute_ridge: float) -> tuple[Array, Array]:
        """Weight V^T [A, C] and the bias [A] that takes the mean feature's scores off."""
        left = self._left.values + feature_ridge * self._left.values.mean()
        right = self.values + attribute_ridge * self.values.mean()
        weight = self.vectors @ (self._left.vectors @ (self._core / left[:, None] / right)).T
        return weight, -weight @ self._left.mean_x


def platt(scores: Array, targets: Array, shrink: float = 0.01, steps: int = 30) -> tuple[Array, Array]:
    """Slope and offset [A] such that sigmoid(slope s + offset) is the likeliest probability of the targets 0..1 [N, A].

    One logistic regression an attribute, all at once by Newton's method. shrink: a small penalty on the slope per standard
    deviation of the score, without which a score that parts the photos without error would get an infinite one.
    """
    mean, spread = scores.mean(axis=0), np.maximum(scores.std(axis=0), 1e-9)
    standard = (scores - mean) / spread
    count = len(scores)
    slope, offset = np.zeros(scores.shape[1]), log_odds(targets.mean(axis=0))
    for _ in range(steps):
        probability = _sigmoid(slope * standard + offset)
        error, weight = probability - targets, probability * (1 - probability) + 1e-9
        slope_gradient = (error * standard).sum(axis=0) + shrink * count * slope
        offset_gradient = error.sum(axis=0)
        ss = (weight * standard**2).sum(axis=0) + shrink * count
        so, oo = (weight * standard).sum(axis=0), weight.sum(axis=0)
        determinant = ss * oo - so**2
        slope_step = (oo * slope_gradient - so * offset_gradient) / determinant
        offset_step = (ss * offset_gradient - so * slope_gradient) / determinant
        damping = np.minimum(1, 2 / np.maximum(np.maximum(np.abs(slope_step), np.abs(offset_step)), 1e-12))
        slope, offset = slope - damping * slope_step, offset - damping * offset_step
    return slope / spread, offset - slope * mean / spread


def log_odds(probability: Array) -> Array:
    """log(p / (1 - p)), with p kept off 0 and 1."""
    kept = np.clip(probability, _RARE, 1 - _RARE)
    return np.log(kept / (1 - kept))


def _sigmoid(logits: Array) -> Array:
    return 1 / (1 + np.exp(-np.clip(logits, -60, 60)))


class Dap:
    """Attribute classifiers: log-odds of each attribute given the photo, less its log-odds among the classes trained on.

    x: features [N, C]. labels: [N], rows of descriptions. descriptions: [K, A], 0..1, of the classes trained on.
    """

    def __init__(
        self, x: Array, labels: NDArray[np.integer[Any]], descriptions: Array, folds: int = CLASS_FOLDS
    ) -> None:
        self.targets = descriptions[labels]
        self.prior = log_odds(descriptions.mean(axis=0))
        self._whole = Ridge(x, self.targets)
        present = np.unique(labels)
        shuffled = np.random.default_rng(0).permutation(present)
        parts = [shuffled[i :: min(folds, len(present))] for i in range(min(folds, len(present)))]
        self._x = x
        self._folds = []
        for part in parts if len(parts) > 1 else []:
            left_out = np.isin(labels, part)
            self._folds.append((left_out, Ridge(x[~left_out], self.targets[~left_out])))

    def solve(self, ridge: float) -> tuple[Array, Array]:
        """Weight [A, C] and bias [A] of logit p(a | photo) - logit p(a)."""
        weight, _ = self._whole.solve(ridge)
        centred = self._x - self._whole.mean_x
        on_new_classes = centred @ weight.T
        for left_out, fit in self._folds:
            # One centre for all folds: a fold's own mean lies away from the classes that it leaves out, and would count
            # against them.
            on_new_classes[left_out] = centred[left_out] @ fit.solve(ridge)[0].T
        slope, offset = platt(on_new_classes, self.targets)
        useless = slope <= 0  # what holds against itself on new classes tells nothing, rather than the contrary
        slope = np.where(useless, 0, slope)
        offset = np.where(useless, log_odds(self.targets.mean(axis=0)), offset)
        weight = slope[:, None] * weight
        return weight, offset - weight @ self._whole.mean_x - self.prior


# -- choosing and solving -------------------------------------------------------------------------------------------------


class Pooled:
    """Mean over regions of c5 for some photos, from every cache (as they are, mirrored)."""

    def __init__(self, caches: Sequence[FeatureCache], photos: NDArray[np.int64], normalize: bool) -> None:
        self._row = {int(photo): row for row, photo in enumerate(photos)}
        self._views = [np.concatenate(list(_means(cache, photos))) for cache in caches]
        if normalize:
            self._views = [v / np.maximum(np.linalg.norm(v, axis=1, keepdims=True), 1e-12) for v in self._views]

    def plain(self, photos: NDArray[np.int64]) -> Array:
        """Photos as they are: [N, C]."""
        return np.asarray(self._views[0][self._rows(photos)], dtype=np.float64)

    def all_views(self, photos: NDArray[np.int64]) -> Array:
        """Photos of every cache, one cache after the other: [V * N, C]."""
        return np.concatenate([view[self._rows(photos)] for view in self._views]).astype(np.float64)

    @property
    def views(self) -> int:
        return len(self._views)

    def _rows(self, photos: NDArray[np.int64]) -> list[int]:
        return [self._row[int(photo)] for photo in photos]


def _means(cache: FeatureCache, photos: NDArray[np.int64], batch: int = 128) -> Iterator[NDArray[np.float32]]:
    for start in range(0, len(photos), batch):
        yield cache.load(photos[start : start + batch], ("c5",))["c5"].mean((2, 3)).numpy()


def rule_for(kind: RuleKind, space: SemanticSpace, weight: float) -> ScoringRule:
    """A rule of one granularity; `binary` thresholds are each attribute's mean over the seen classes."""
    thresholds = np.asarray(space.table)[space.seen].mean(axis=0) if kind == "binary" else np.zeros(0)
    return ScoringRule(kind, (weight,), tuple(float(t) for t in thresholds))


class Solver:
    """One problem's factors, from which the weights for any settings are found at little cost."""

    def __init__(self, system: str, problem: Problem, pooled: Pooled) -> None:
        self.problem = problem
        self._system = system
        seen = problem.space.seen_classes
        self._x = pooled.all_views(problem.train)
        self._labels = np.tile(np.searchsorted(seen, problem.labels[problem.train]), pooled.views)
        self._found: dict[str, Eszsl | Dap] = {}

    def kind(self, settings: Settings) -> RuleKind:
        """How class scores are made from the attribute scores."""
        return settings["rows"] if self._system == "dap" else "dot"

    def solve(self, settings: Settings) -> tuple[Array, Array]:
        """Weight [A, C] and bias [A]. settings: "feature_ridge" and "attribute_ridge" (ESZSL) or "ridge" and "rows" (DAP)."""
        kind = self.kind(settings)
        if kind not in self._found:
            rows = np.asarray(rule_for(kind, self.problem.space, 1.0).rows(self.problem.space), dtype=np.float64)
            factors = Dap if self._system == "dap" else Eszsl
            self._found[kind] = factors(self._x, self._labels, rows[self.problem.space.seen])
        return self._found[kind].solve(**{name: value for name, value in settings.items() if name != "rows"})


def candidates(recipe: Recipe) -> list[dict[str, Any]]:
    """All combinations of settings to choose from; one that the recipe's `loss` names is fixed. Raises ConfigError."""
    options: dict[str, tuple[Any, ...]] = (
        {"ridge": FEATURE_RIDGES, "rows": ("binary", "table")}
        if recipe.system == "dap"
        else {"feature_ridge": FEATURE_RIDGES, "attribute_ridge": ATTRIBUTE_RIDGES}
    )
    strangers = set(recipe.loss) - set(options)
    if strangers:
        raise ConfigError(f"There is no setting '{min(strangers)}' to solve with; there are {', '.join(options)}.")
    options |= {name: (value,) for name, value in recipe.loss.items()}
    return [dict(zip(options, values, strict=True)) for values in itertools.product(*options.values())]


def choose(recipe: Recipe, dataset: ZeroShotDataset, caches: Sequence[FeatureCache]) -> dict[str, Any]:
    """The settings, the temperature and gamma that are best on average over the validation problems, as plain values.

    What is best is decided as for the other systems, by the mean of T1 and H (see `Choice.merit`).
    """
    pooled = _pooled(recipe, dataset, caches)
    solvers = [
        Solver(
            recipe.system,
            validation_problem(dataset, replace(recipe.validation, seed=recipe.validation.seed + i)),
            pooled,
        )
        for i in range(recipe.validation.repeats)
    ]
    grid = candidates(recipe)
    merits = [np.mean([_on_validation(s, settings, pooled).choice().merit for s in solvers]) for settings in grid]
    best = grid[int(np.argmax(merits))]
    measured = [_on_validation(solver, best, pooled) for solver in solvers]
    weight = likeliest_weight(measured)
    choice = best_on_average([[m.choice(weight)] for m in measured])
    rule = rule_for(solvers[0].kind(best), dataset.space, weight)
    plain = {**asdict(choice), "rule": rule.to_dict(), "settings": best}
    del plain["candidate"]
    return plain


def solve(
    recipe: Recipe, problem: Problem, dataset: ZeroShotDataset, caches: Sequence[FeatureCache], settings: Settings
) -> nn.Module:
    """The network with the weights that the settings give on a problem's training photos."""
    weight, bias = Solver(recipe.system, problem, _pooled(recipe, dataset, caches)).solve(settings)
    network = build_model(recipe.system, model_config(recipe, problem.space))
    network.load_state_dict({"weight": torch.from_numpy(weight), "bias": torch.from_numpy(bias)})
    return network.eval()


def _pooled(recipe: Recipe, dataset: ZeroShotDataset, caches: Sequence[FeatureCache]) -> Pooled:
    config = LinearConfig(**model_config(recipe, dataset.space))
    return Pooled(caches, dataset.trainval, config.normalize_features)


@dataclass(frozen=True, eq=False)
class _Measured:
    """Attribute scores [N, 1, A] of the photos of a validation problem's seen and pseudo-unseen classes."""

    problem: Problem
    kind: RuleKind
    seen: NDArray[np.float32]
    unseen: NDArray[np.float32]

    def class_scores(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """At weight 1: [N, K] of both parts."""
        rule = rule_for(self.kind, self.problem.space, 1.0)
        return class_scores(self.seen, self.problem.space, rule), class_scores(self.unseen, self.problem.space, rule)

    @cached_property
    def plain_weight(self) -> float:
        """One that spreads the class scores of a photo by 2, wide beside the step in which gamma is searched."""
        return float(2 / max(np.concatenate(self.class_scores()).std(axis=1).mean(), 1e-12))

    def choice(self, weight: float | None = None) -> Choice:
        """The figures at the gamma that is best here."""
        rule = rule_for(self.kind, self.problem.space, self.plain_weight if weight is None else weight)
        return measure_rule(rule, self.problem, self.seen, self.unseen, epoch=1)


def _on_validation(solver: Solver, settings: Settings, pooled: Pooled) -> _Measured:
    weight, bias = solver.solve(settings)
    problem = solver.problem
    parts = (pooled.plain(part) @ weight.T + bias for part in (problem.test_seen, problem.test_unseen))
    return _Measured(problem, solver.kind(settings), *(part[:, None].astype(np.float32) for part in parts))


def likeliest_weight(measured: Sequence[_Measured]) -> float:
    """The rule's weight (an inverse temperature, Guo et al. 2017) at which the true classes are likeliest, all competing.

    Seen and pseudo-unseen photos count alike. It changes no ranking: gamma scales along.
    """
    plain = float(np.mean([m.plain_weight for m in measured]))
    tried = plain * np.logspace(-1.5, 1.5, 61)
    losses = np.zeros(len(tried))
    for m in measured:
        gamma = m.choice().gamma / m.plain_weight
        for scores, part in zip(m.class_scores(), (m.problem.test_seen, m.problem.test_unseen), strict=True):
            calibrated = torch.from_numpy(scores - gamma * m.problem.space.seen).double()
            labels = torch.from_numpy(m.problem.labels[part])
            losses += [float(nn.functional.cross_entropy(w * calibrated, labels)) for w in tried]
    return float(f"{tried[int(np.argmin(losses))]:.3g}")
