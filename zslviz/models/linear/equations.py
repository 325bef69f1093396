"""ESZSL and DAP as equations: matrices in, a linear map out; every ridge from one eigendecomposition.

ESZSL (Romera-Paredes and Torr, ICML 2015, eq. 6): V = (X X^T + gI)^-1 X Y S^T (S S^T + lI)^-1, for features X [C, N], labels
Y [N, K] of +1 and -1, and unit-length rows S [A, K] of the classes trained on. Features are centred first; then X Y is the same
for labels of 1 and 0, up to a factor, and the mean goes into the bias.

DAP (Lampert et al., TPAMI 2014): a classifier for each attribute, its output made a probability (Platt 1999), class scores by
Bayes (`tasks.attributes.scoring`). The classifiers here are ridge regressions. Each is made a probability on photos of classes
that a second fit did not see, for it is on new classes that it is to be believed; so an attribute that does not carry over to new
classes gets a low weight. Departures from the paper: it uses non-linear SVMs, and several features.

Ridges are given in mean eigenvalues of the matrix that they are added to, so that they carry over to another number of photos.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.models.ridge import Array, Ridge

CLASS_FOLDS = 5
_RARE = 0.005  # no attribute is taken to be rarer, nor commoner than 1 less this, among classes: log-odds stay finite


class Eszsl:
    """The two-sided ridge of the paper's eq. 6; any pair of ridges from one eigendecomposition of each side.

    x: features [N, C]. labels: [N], rows of signatures. signatures: [K, A], unit-length rows of the classes trained on.
    """

    def __init__(self, x: Array, labels: NDArray[np.integer[Any]], signatures: Array) -> None:
        signs = np.where(labels[:, None] == np.arange(len(signatures)), 1.0, -1.0)
        self._left = Ridge(x, signs)
        self._describe(signatures)

    def described(self, signatures: Array) -> Eszsl:
        """The same photos under other signatures [K, S] of their classes; the photos are not factored anew."""
        other = copy.copy(self)
        other._describe(signatures)
        return other

    def _describe(self, signatures: Array) -> None:
        self.values, self.vectors = np.linalg.eigh(signatures.T @ signatures)
        self._core = self._left.projected @ signatures @ self.vectors

    def solve(self, feature_ridge: float, attribute_ridge: float) -> tuple[Array, Array]:
        """Weight V^T [A, C] and the bias [A] that takes the mean feature's scores off."""
        left = self._left.values + feature_ridge * self._left.mean_value
        unit = self.values.mean()
        right = self.values + attribute_ridge * (
            unit if unit > 0 else 1.0
        )  # no class has any attribute: the weights are 0
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
