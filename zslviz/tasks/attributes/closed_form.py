"""The yardsticks ESZSL and DAP trained: weights solved for rather than descended to, settings chosen on pseudo-unseen classes."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from statistics import fmean
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from zslviz.features.cache import FeatureCache
from zslviz.features.pooled import region_means
from zslviz.features.units import unit_rows
from zslviz.models.registry import MODELS, build_model, config_from_dict
from zslviz.models.ridge import Array
from zslviz.tasks.attributes.choice import Choice, best_on_average, gammas_of, measure_rule
from zslviz.tasks.attributes.data import ZeroShotDataset
from zslviz.tasks.attributes.network import model_config
from zslviz.tasks.attributes.problems import Problem, validation_problems
from zslviz.tasks.attributes.scoring import RuleKind, ScoringRule, class_scores
from zslviz.tasks.attributes.settings import AttributeRecipe
from zslviz.tasks.attributes.space import SemanticSpace

Settings = Mapping[str, Any]


class Pooled:
    """Mean over regions of c5 for some photos, from every cache (as they are, mirrored)."""

    def __init__(self, caches: Sequence[FeatureCache], photos: NDArray[np.int64], normalize: bool) -> None:
        self._row = {int(photo): row for row, photo in enumerate(photos)}
        self._views = [region_means(cache, photos)["c5"] for cache in caches]
        if normalize:
            self._views = [unit_rows(view) for view in self._views]

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


def rule_for(kind: RuleKind, space: SemanticSpace, weight: float) -> ScoringRule:
    """A rule of one granularity; `binary` thresholds are each attribute's mean over the seen classes."""
    thresholds = np.asarray(space.table)[space.seen].mean(axis=0) if kind == "binary" else np.zeros(0)
    return ScoringRule(kind, (weight,), tuple(float(t) for t in thresholds))


class Solver:
    """One problem's factors, from which the weights for any settings are found at little cost."""

    def __init__(self, system: str, problem: Problem, pooled: Pooled) -> None:
        self.problem = problem
        self._form = MODELS[system].solver
        seen = problem.space.seen_classes
        self._x = pooled.all_views(problem.train)
        self._labels = np.tile(np.searchsorted(seen, problem.labels[problem.train]), pooled.views)
        self._found: dict[str, Any] = {}

    def kind(self, settings: Settings) -> RuleKind:
        """How class scores are made from the attribute scores."""
        kind: RuleKind = self._form.rule(settings)
        return kind

    def solve(self, settings: Settings) -> tuple[Array, Array]:
        """Weight [A, C] and bias [A]. settings: of the system's `options`."""
        kind = self.kind(settings)
        if kind not in self._found:
            rows = np.asarray(rule_for(kind, self.problem.space, 1.0).rows(self.problem.space), dtype=np.float64)
            self._found[kind] = self._form.factors(self._x, self._labels, rows[self.problem.space.seen])
        weight, bias = self._found[kind].solve(**self._form.ridges(settings))
        return weight, bias


def candidates(recipe: AttributeRecipe) -> list[dict[str, Any]]:
    """All combinations of settings to choose from; one that the recipe's `loss` names is fixed."""
    options: Mapping[str, tuple[Any, ...]] = MODELS[recipe.system].solver.options
    tried = {**options, **{name: (value,) for name, value in recipe.loss.items()}}
    return [dict(zip(tried, values, strict=True)) for values in itertools.product(*tried.values())]


def choose(recipe: AttributeRecipe, dataset: ZeroShotDataset, caches: Sequence[FeatureCache]) -> dict[str, Any]:
    """The settings, the temperature and gamma that are best on average over the validation problems, as plain values.

    What is best is decided as for the other systems, by the mean of T1 and H (see `Choice.merit`).
    """
    pooled = _pooled(recipe, dataset, caches)
    solvers = [Solver(recipe.system, problem, pooled) for problem in validation_problems(dataset, recipe.validation)]
    grid = candidates(recipe)
    merits = [fmean(_on_validation(s, settings, pooled).choice().merit for s in solvers) for settings in grid]
    best = grid[int(np.argmax(merits))]
    measured = [_on_validation(solver, best, pooled) for solver in solvers]
    weight = likeliest_weight(measured)
    choices = [[m.choice(weight)] for m in measured]
    choice = best_on_average(choices)
    rule = rule_for(solvers[0].kind(best), dataset.space, weight)
    return {**replace(choice, rule=rule).to_dict(), "gammas": gammas_of(choices, choice), "settings": best}


def solve(
    recipe: AttributeRecipe,
    problem: Problem,
    dataset: ZeroShotDataset,
    caches: Sequence[FeatureCache],
    settings: Settings,
) -> nn.Module:
    """The network with the weights that the settings give on a problem's training photos."""
    weight, bias = Solver(recipe.system, problem, _pooled(recipe, dataset, caches)).solve(settings)
    network = build_model(recipe.system, model_config(recipe, problem.space))
    network.load_state_dict({"weight": torch.from_numpy(weight), "bias": torch.from_numpy(bias)})
    return network.eval()


def _pooled(recipe: AttributeRecipe, dataset: ZeroShotDataset, caches: Sequence[FeatureCache]) -> Pooled:
    config = config_from_dict(recipe.system, model_config(recipe, dataset.space))
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
