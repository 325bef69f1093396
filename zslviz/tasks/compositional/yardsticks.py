"""Yardsticks of compositional zero-shot learning on cached features: two classifiers multiplied, and one embedding without queries.

VisProd (Misra et al., CVPR 2017; Nagarajan and Grauman, ECCV 2018): a linear classifier of states and one of objects on the pooled
feature; a pair's score is the product of their probabilities. Pair embedding: the pooled feature and the pair's word vectors meet
in one space by a cosine, which is what a global image embedding alone can do. `python benchmarks/yardsticks.py` measures both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from zslviz.backbones.features import STAGES
from zslviz.features.cache import FeatureCache
from zslviz.features.pooled import region_means
from zslviz.tasks.compositional.choice import part_scores
from zslviz.tasks.compositional.data import CompositionalDataset, Part
from zslviz.tasks.compositional.figures import Contest, evaluate_compositions
from zslviz.tasks.compositional.space import CompositionSpace

Array = NDArray[np.float32]
PARTS: tuple[Part, ...] = ("val", "test")

POOLED_FROM = {"c5": ("c5",), "c3-c5": STAGES}
RIDGES = (0.3, 0.1, 0.03, 0.01, 0.003)  # from the easiest problem, whose solution starts the next
LEARNING_RATES = (1e-4, 3e-4)
ITERATIONS = 100
EPOCHS, BATCH, WIDTH, SCALE, DECAY = 40, 64, 256, 20.0, 0.01


@dataclass(frozen=True, eq=False)
class Pooled:
    """Means over regions of some stages, standardised by the training photos: views of [N, C], as they are and mirrored."""

    dataset: CompositionalDataset
    views: tuple[Array, ...]

    @classmethod
    def of(cls, dataset: CompositionalDataset, means: Sequence[Mapping[str, Array]], stages: Sequence[str]) -> Pooled:
        """means: by stage, of every cache (`stage_means`)."""
        views = [np.concatenate([of_stage[name] for name in stages], axis=1) for of_stage in means]
        train = views[0][dataset.train]
        centre, spread = train.mean(axis=0), np.maximum(train.std(axis=0), 1e-6)
        return cls(dataset, tuple((view - centre) / spread for view in views))

    def training(self) -> tuple[Tensor, Tensor, Tensor]:
        """Features [V * N, C], states and objects [V * N] of the training photos of every view."""
        train, repeats = self.dataset.train, len(self.views)
        x = torch.from_numpy(np.concatenate([view[train] for view in self.views]))
        states, objects = (
            torch.from_numpy(np.tile(a[train], repeats)) for a in (self.dataset.states, self.dataset.objects)
        )
        return x, states, objects

    def of_part(self, part: Part) -> Tensor:
        """Features [N, C] of the part's photos as they are."""
        return torch.from_numpy(self.views[0][self.dataset.photos_of(part)])


def stage_means(cache: FeatureCache, photos: NDArray[np.int64], count: int) -> dict[str, Array]:
    """Means over regions of each stage: [count, C], 0 for photos other than these. Raises DataError if one is not cached."""
    means = {}
    for name, rows in region_means(cache, photos, STAGES, batch=64).items():
        means[name] = np.zeros((count, rows.shape[1]), dtype=np.float32)
        means[name][photos] = rows
    return means


# -- two independent classifiers --------------------------------------------------------------------------------------------


def fit_logistic(
    x: Tensor, labels: Tensor, classes: int, ridge: float, start: tuple[Tensor, Tensor] | None = None
) -> tuple[Tensor, Tensor]:
    """Multinomial logistic regression: the weight [K, C] and bias [K] of least mean cross entropy + ridge / 2 * |weight|^2.

    x: [N, C]. labels: int64 [N]. The problem is convex; L-BFGS from `start`, or from zero.
    """
    first = start or (torch.zeros(classes, x.shape[1]), torch.zeros(classes))
    weight, bias = (tensor.clone().requires_grad_() for tensor in first)
    optimiser = torch.optim.LBFGS([weight, bias], max_iter=ITERATIONS, history_size=10, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimiser.zero_grad()
        value = nn.functional.cross_entropy(x @ weight.mT + bias, labels) + ridge / 2 * weight.square().sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimiser.step(loss)  # type: ignore[no-untyped-call, arg-type]
    return weight.detach(), bias.detach()


def visprod_scores(state_logits: Tensor, object_logits: Tensor, log: bool) -> Array:
    """Product of both softmaxes, or its logarithm: [N, S] and [N, O] -> [N, S, O]. They rank a photo's pairs alike and differ
    in what a bias does."""
    states, objects = state_logits.log_softmax(1), object_logits.log_softmax(1)
    joint = states[:, :, None] + objects[:, None, :]
    scores: Array = (joint if log else joint.exp()).numpy()
    return scores


def _visprod(pooled: Pooled) -> Iterator[tuple[dict[str, Any], dict[Part, Array]]]:
    """Scores of validation and test photos for every setting. Both classifiers take one ridge."""
    x, states, objects = pooled.training()
    s, o = pooled.dataset.space.shape
    of_state: tuple[Tensor, Tensor] | None = None
    of_object: tuple[Tensor, Tensor] | None = None
    for ridge in RIDGES:
        of_state = fit_logistic(x, states, s, ridge, of_state)
        of_object = fit_logistic(x, objects, o, ridge, of_object)
        for log in (False, True):
            scores: dict[Part, Array] = {}
            for part in PARTS:
                state_logits, object_logits = (pooled.of_part(part) @ w.mT + b for w, b in (of_state, of_object))
                scores[part] = visprod_scores(state_logits, object_logits, log)
            yield {"ridge": ridge, "scores": "log of the product" if log else "product"}, scores


# -- one embedding of the pair ----------------------------------------------------------------------------------------------


class PairEmbedding(nn.Module):
    """A cosine of the mapped pooled feature and the mapped word vectors of state and object; both maps are learned."""

    def __init__(self, channels: int, word_dimension: int, width: int = WIDTH) -> None:
        super().__init__()
        self.image = nn.Sequential(nn.Dropout(0.3), nn.Linear(channels, width))
        self.text = nn.Sequential(nn.Linear(2 * word_dimension, width), nn.ReLU(), nn.Linear(width, width))

    def forward(self, features: Tensor, pair_vectors: Tensor) -> Tensor:
        """features [B, C], pair_vectors [P, 2 D] -> scores [B, P]."""
        image = nn.functional.normalize(self.image(features), dim=1)
        text = nn.functional.normalize(self.text(pair_vectors), dim=1)
        return SCALE * image @ text.mT


def pair_vectors(space: CompositionSpace) -> Tensor:
    """The unit word vectors of state and object side by side, for every pair: [S * O, 2 D]."""
    states, objects = (
        nn.functional.normalize(torch.tensor(np.asarray(v)), dim=1) for v in (space.state_vectors, space.object_vectors)
    )
    s, o = space.shape
    return torch.cat([states.repeat_interleave(o, 0), objects.repeat(s, 1)], dim=1)


def _embedding(pooled: Pooled, epochs: int = EPOCHS) -> Iterator[tuple[dict[str, Any], dict[Part, Array]]]:
    """Scores of validation and test photos for every setting, every fifth epoch."""
    space = pooled.dataset.space
    x, states, objects = pooled.training()
    vectors = pair_vectors(space)
    seen = torch.from_numpy(np.flatnonzero(space.seen))
    column = torch.full((vectors.shape[0],), -1)
    column[seen] = torch.arange(len(seen))
    labels = column[states * space.shape[1] + objects]
    for rate in LEARNING_RATES:
        torch.manual_seed(0)
        network = PairEmbedding(x.shape[1], vectors.shape[1] // 2)
        optimiser = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=DECAY)
        for epoch in range(1, epochs + 1):
            network.train()
            for batch in torch.randperm(len(x)).split(BATCH):
                optimiser.zero_grad()
                loss = nn.functional.cross_entropy(network(x[batch], vectors[seen]), labels[batch])
                loss.backward()  # type: ignore[no-untyped-call]
                optimiser.step()
            if epoch % 5 == 0:
                scores = {part: _scores(network, pooled, part) for part in PARTS}
                yield {"learning_rate": rate, "weight_decay": DECAY, "epoch": epoch}, scores


@torch.inference_mode()
def _scores(network: PairEmbedding, pooled: Pooled, part: Part) -> Array:
    space = pooled.dataset.space
    scores: Array = network.eval()(pooled.of_part(part), pair_vectors(space)).reshape(-1, *space.shape).numpy()
    return scores


# -- measuring --------------------------------------------------------------------------------------------------------------

KINDS = {
    "visprod": ("VisProd, two linear classifiers", _visprod),
    "pair-embedding": ("A single embedding of the pair, no queries", _embedding),
}


def measure_yardsticks(
    dataset: CompositionalDataset, caches: Sequence[FeatureCache], command: str = ""
) -> dict[str, dict[str, Any]]:
    """Every yardstick on c5 alone and on c3, c4 and c5, by name: `closed` and `open` as `evaluate_compositions`, and what it is.

    caches: of every photo, then of the mirrored training photos if there are any. Settings are those with the best closed AUC
    on validation photos; the test photos are measured with these alone. Raises DataError.
    """
    every = np.concatenate([dataset.train, dataset.photos_of("val"), dataset.photos_of("test")])
    means = [
        stage_means(cache, dataset.train if number else every, len(dataset.files))
        for number, cache in enumerate(caches)
    ]
    results = {}
    for label, stages in POOLED_FROM.items():
        pooled = Pooled.of(dataset, means, stages)
        for kind, (title, candidates) in KINDS.items():
            settings, scores, auc = _best_on_validation(dataset, candidates(pooled))
            name = f"{kind}{'' if label == 'c5' else '-stages'}-{dataset.name}"
            results[name] = {
                "model": name,
                "yardstick": True,
                "title": f"{title} on the mean of {' and of '.join(stages)}",
                "data": dataset.name,
                "backbone": {"name": caches[0].spec.backbone, "size": caches[0].spec.size, "trained": []},
                "command": command,
                "photos": {p: len(getattr(dataset, p)) for p in ("train", "test_seen", "test_unseen")},
                "settings": settings,
                "validation": {"auc": auc},
                **evaluate_compositions(
                    part_scores(dataset, "val", scores["val"]),
                    part_scores(dataset, "test", scores["test"]),
                    dataset.space_for("val"),
                    dataset.space_for("test"),
                    familiar=True,  # as the networks are measured
                ),
            }
    return results


def _best_on_validation(
    dataset: CompositionalDataset, tried: Iterable[tuple[dict[str, Any], dict[Part, Array]]]
) -> tuple[dict[str, Any], dict[Part, Array], float]:
    """The settings with the best closed AUC on validation photos, their scores, and that AUC."""
    space = dataset.space_for("val")
    best: tuple[dict[str, Any], dict[Part, Array], float] = {}, {}, -1.0
    for settings, scores in tried:
        contest = Contest.of(part_scores(dataset, "val", scores["val"]), space.seen, space.candidates)
        auc = contest.sweep().auc
        if auc > best[2]:
            best = settings, scores, auc
    return best
