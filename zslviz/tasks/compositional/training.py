"""Training of compositional models: on photos of seen pairs alone, the epoch chosen on validation photos."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from zslviz.backbones import Features, spec_of
from zslviz.backbones.encoder import CLIP, Encoder
from zslviz.backbones.features import STAGES, TOKENS
from zslviz.checkpoints.files import halved
from zslviz.errors import UnknownNameError
from zslviz.features.cache import FeatureCache
from zslviz.features.encoded import EncodedPhotos
from zslviz.features.sources import CachedFeatures, Source
from zslviz.models.output import CompositionLogits
from zslviz.models.registry import MODELS, build_model
from zslviz.tasks.base.training import Training
from zslviz.tasks.compositional.checkpoint import CompositionCheckpoint
from zslviz.tasks.compositional.choice import closed_figures, part_scores, validation_summary
from zslviz.tasks.compositional.data import CompositionalDataset, Part
from zslviz.tasks.compositional.figures import evaluate_compositions
from zslviz.tasks.compositional.predicting import predict_pairs, word_vectors
from zslviz.tasks.compositional.settings import CompositionRecipe
from zslviz.tasks.compositional.space import CompositionSpace
from zslviz.training import loop
from zslviz.training.learner import Figures, KeepBest, Learner, Photos, Scores, Trained
from zslviz.training.recipe import with_sizes

PARTS: tuple[Part, ...] = ("val", "test")
_MEASURED = (0.6, 0.7, 0.8, 0.9, 1.0)  # of the epochs; before, the learning rate is high and nothing is worth choosing


class CompositionLearner(Learner):
    """A compositional network on a data set's photos of seen pairs."""

    recipe: CompositionRecipe

    def __init__(
        self,
        recipe: CompositionRecipe,
        dataset: CompositionalDataset,
        caches: Sequence[FeatureCache],
        fabric: Fabric,
        encoder: Encoder | None = None,
    ) -> None:
        super().__init__(recipe)
        self.dataset = dataset
        self.caches = caches
        self.device = fabric.device
        self.encoder = encoder
        self._loss: Any = MODELS[recipe.system].loss
        self._words = word_vectors(dataset.space, fabric.device)
        self._seen = torch.from_numpy(np.array(dataset.space.seen)).to(fabric.device)
        self._measured = {round(recipe.epochs * share) for share in _MEASURED}

    def network(self) -> nn.Module:
        return build_model(self.recipe.system, model_config(self.recipe, self.dataset.space, self.encoder))

    def source(self, network: nn.Module) -> Source:
        return photo_source(network, self.dataset, self.caches, self.device, self.encoder, self.recipe.flip)

    def batches(self, rng: np.random.Generator) -> list[Photos]:
        train = self.dataset.train
        count = max(1, math.ceil(len(train) / self.recipe.batch_size))
        return [batch for batch in np.array_split(rng.permutation(train), count) if len(batch) > 1]

    def scores(self, network: nn.Module, features: Features) -> Scores:
        options = {"asked": self._seen} if getattr(network, "lays_out_pairs", False) else {}
        output = network(features, network.text(*self._words), **options)  # type: ignore[operator]
        return output.pair_logits, output.state_logits, output.object_logits

    def losses(self, scores: Scores, photos: Photos) -> Tensor:
        truth = (torch.from_numpy(a[photos]).to(self.device) for a in (self.dataset.states, self.dataset.objects))
        loss: Tensor = self._loss(CompositionLogits(*scores), *truth, self._seen, **self.recipe.loss)
        return loss[None]

    def is_measured(self, epoch: int) -> bool:
        return epoch in self._measured

    def measure(self, network: nn.Module, source: Source, fabric: Fabric, epoch: int) -> list[Figures]:
        scores = predict_pairs(network, source, self.dataset.photos_of("val"), self.dataset.space, fabric)
        return [asdict(closed_figures(self.dataset, scores, epoch))]


def model_config(recipe: CompositionRecipe, space: CompositionSpace, encoder: Encoder | None = None) -> dict[str, Any]:
    """The network's configuration: the recipe's settings, with the sizes that follow from backbone or encoder and word vectors."""
    word_dim = int(space.state_vectors.shape[1])
    if encoder is not None:
        layers = tuple(recipe.model.get("stages", (TOKENS,)))
        if strangers := [name for name in layers if name not in encoder.channels]:
            raise UnknownNameError("stage", str(strangers[0]), encoder.channels)
        channels = tuple(encoder.channels[name] for name in layers)
        sizes = {"channels": channels, "global_channels": encoder.global_channels, "word_dim": word_dim}
        return {**with_sizes(sizes, recipe.model), "stages": layers}
    stages = tuple(recipe.model.get("stages", STAGES))
    by_stage = spec_of(recipe.backbone).stage_channels
    sizes = {"channels": tuple(by_stage[name] for name in stages), "word_dim": word_dim}
    return {**with_sizes(sizes, recipe.model), "stages": stages}


def photo_source(
    network: nn.Module,
    dataset: CompositionalDataset,
    caches: Sequence[FeatureCache],
    device: torch.device,
    encoder: Encoder | None = None,
    flip: bool = False,
) -> Source:
    """The photos as the network takes them, from caches or by an encoder. flip: an encoder's are mirrored by chance in training."""
    if encoder is None:
        return CachedFeatures.read_by(network, caches, device)
    stages: Any = network.stages
    return EncodedPhotos(dataset, encoder, tuple(stages), device, flip)


class CompositionTraining(Training):
    """Keeps the epoch whose closed-world AUC on validation photos is best; bias and feasibility threshold come from there too.

    With an encoder the data set's word vectors are to be `encoder.words`.
    """

    takes_encoder = True
    recipe: CompositionRecipe
    dataset: CompositionalDataset

    def model_config(self) -> dict[str, Any]:
        return model_config(self.recipe, self.dataset.space, self.encoder)

    def train(self, caches: Sequence[FeatureCache], run_folder: Path, fabric: Fabric) -> Trained:
        learner = CompositionLearner(self.recipe, self.dataset, caches, fabric, self.encoder)
        trained = loop.train(KeepBest(learner, merit=lambda figures: float(figures["auc"])), run_folder, fabric)
        source = learner.source(trained.network)
        scores = predict_pairs(trained.network, source, self.dataset.photos_of("val"), self.dataset.space, fabric)
        summary = validation_summary(self.dataset, scores, trained.chosen, trained.trace)
        return replace(trained, chosen=summary)

    def checkpoint(
        self, trained: Trained, caches: Sequence[FeatureCache], fabric: Fabric, command: str
    ) -> CompositionCheckpoint:
        dataset, network = self.dataset, halved(trained.network)
        source = photo_source(network, dataset, caches, fabric.device, self.encoder)
        figures = measure_on_test(network, source, dataset, fabric)
        photos = {part: len(getattr(dataset, part)) for part in ("train", "test_seen", "test_unseen")}
        return CompositionCheckpoint(
            **self.common(),
            network=network,
            # of the weights as they are stored, which may part equals otherwise than those in training did
            bias=float(figures["closed"]["at_validation_bias"]["bias"]),
            feasibility=float(figures["open"]["threshold"]),
            familiarity=tuple(figures["familiarity"]),
            encoder="" if self.encoder is None else CLIP,
            metrics=self.metrics(figures, trained.chosen, command, photos=photos),
        )


def measure_on_test(
    network: nn.Module, source: Source, dataset: CompositionalDataset, fabric: Fabric
) -> dict[str, Any]:
    """Figures of the test part in both worlds (`evaluate_compositions`); bias and threshold are chosen on the validation part."""
    val, test = (
        part_scores(dataset, part, predict_pairs(network, source, dataset.photos_of(part), dataset.space, fabric))
        for part in PARTS
    )
    return evaluate_compositions(val, test, dataset.space_for("val"), dataset.space_for("test"), familiar=True)


TRAINING = CompositionTraining
