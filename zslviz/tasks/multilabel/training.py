"""Training of multi-label models on cached features: choose on labels held out, then train on all that may be trained on."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray
from torch import Tensor, nn

from zslviz.backbones import Features, spec_of
from zslviz.backbones.encoder import Encoder
from zslviz.backbones.opened import encoder_of
from zslviz.checkpoints.files import halved
from zslviz.errors import ConfigError, DataError
from zslviz.features.cache import FeatureCache
from zslviz.features.predicting import predict, settle
from zslviz.features.sources import CachedFeatures, Source
from zslviz.models.registry import MODELS, build_model
from zslviz.tasks.base.choice import averages, best
from zslviz.tasks.base.training import Training
from zslviz.tasks.multilabel.checkpoint import LabelCheckpoint
from zslviz.tasks.multilabel.choice import LabelChoice, LabelProblem, final_problem, measure, validation_problems
from zslviz.tasks.multilabel.data import MultiLabelDataset
from zslviz.tasks.multilabel.evaluation import figures_of
from zslviz.tasks.multilabel.explainer import LabelExplainer
from zslviz.tasks.multilabel.linear import linear_map
from zslviz.tasks.multilabel.scenes import SCENE_FOLDER, measure_label_model
from zslviz.tasks.multilabel.settings import LabelRecipe, LinearSettings
from zslviz.tasks.multilabel.space import LabelSpace
from zslviz.training import loop
from zslviz.training.learner import Figures, Learner, Photos, Retrain, Scores, Trained
from zslviz.training.recipe import with_sizes


class LabelLearner(Learner):
    """A multi-label network on a problem: labels that are not seen there are never shown."""

    recipe: LabelRecipe

    def __init__(
        self, recipe: LabelRecipe, problem: LabelProblem, caches: Sequence[FeatureCache], fabric: Fabric
    ) -> None:
        super().__init__(recipe)
        self.problem = problem
        self.caches = caches
        self.device = fabric.device
        self._loss: Any = MODELS[recipe.system].loss
        self._seen = np.flatnonzero(problem.space.seen)
        self._vectors = torch.from_numpy(problem.space.vectors[self._seen]).to(fabric.device)
        self._matrix: Tensor | None = None

    def network(self) -> nn.Module:
        """Without the linear part, which joins after training."""
        network = build_model(self.recipe.system, model_config(self.recipe, self.problem.space))
        return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]

    def source(self, network: nn.Module) -> Source:
        return CachedFeatures.read_by(network, self.caches, self.device)

    def batches(self, rng: np.random.Generator) -> list[Photos]:
        """Of the training photos that have a seen tag."""
        train = self.problem.train
        tagged = train[(self.problem.labels[train][:, self._seen] > 0).any(axis=1)]
        return np.array_split(rng.permutation(tagged), max(1, round(len(tagged) / self.recipe.batch_size)))

    def scores(self, network: nn.Module, features: Features) -> Scores:
        """The label scores, and what else the loss reads."""
        output = network(features, self._vectors)
        return output.logits, *output.learned

    def losses(self, scores: Scores, photos: Photos) -> Tensor:
        tags = torch.from_numpy(self.problem.labels[photos][:, self._seen]).to(self.device)
        logits, *learned = scores
        loss: Tensor = self._loss(logits, tags, *learned, **self.recipe.loss)
        return loss[None]

    def finished(self, network: nn.Module) -> nn.Module:
        """With the linear map joined, if the recipe has one."""
        if not self.recipe.linear:
            return network.eval()
        if self._matrix is None:
            self._matrix = linear_map(self.recipe, self.problem, self.caches)
        reader: Any = network.eval()
        joined: nn.Module = reader.with_linear(self._matrix, LinearSettings(**self.recipe.linear).weight)
        return joined

    def measure(self, network: nn.Module, source: Source, fabric: Fabric, epoch: int) -> list[Figures]:
        scores = predict_labels(network, source, self.problem.val, self.problem.space, fabric)
        return [asdict(measure(self.problem, scores, epoch))]


def model_config(recipe: LabelRecipe, space: LabelSpace) -> dict[str, Any]:
    """The network's configuration: the recipe's settings, with the sizes that follow from backbone and label vectors."""
    spec = spec_of(recipe.backbone)
    channels, given = spec.stage_channels, recipe.model.get("global_vector") == "given"
    stages = str(recipe.model.get("stage", "c5")).split("+")
    regions = [channels.get(stage, 0) for stage in stages]  # a stage that does not exist is refused by the network
    sizes = {
        "channels": regions[0] if len(regions) == 1 else tuple(regions),
        "scene_dim": spec.global_channels if given else channels["c5"],
        "word_dim": space.vectors.shape[1],
    }
    asked = {f.name for f in fields(MODELS[recipe.system].config)}
    return with_sizes({name: size for name, size in sizes.items() if name in asked}, recipe.model)


def predict_labels(
    network: nn.Module, source: Source, photos: Photos, space: LabelSpace, fabric: Fabric
) -> NDArray[np.float32]:
    """Scores of photos for a space's labels: float32 [N, K]; the processes of a fabric take a share each and all get the whole."""
    settle(network, fabric)
    vectors = torch.from_numpy(np.array(space.vectors)).to(fabric.device)
    (scores,) = predict(lambda features: (network(features, vectors).logits,), source, photos, fabric)
    return scores.numpy()


class LabelTraining(Training):
    """Epoch, gamma and threshold come from validation photos and from labels held out."""

    recipe: LabelRecipe
    dataset: MultiLabelDataset

    def __init__(
        self,
        recipe: LabelRecipe,
        dataset: MultiLabelDataset,
        encoder: Encoder | None = None,
        choice: Path | None = None,
    ) -> None:
        super().__init__(recipe, dataset, encoder)
        system = MODELS[recipe.system]
        if recipe.linear and not hasattr(system.network, "with_linear"):
            raise ConfigError(f"{system.title} has no linear part; leave 'linear' out.")
        self.problems = validation_problems(dataset, recipe.validation)

    def model_config(self) -> dict[str, Any]:
        return model_config(self.recipe, self.dataset.space)

    def train(self, caches: Sequence[FeatureCache], run_folder: Path, fabric: Fabric) -> Trained:
        recipe = self.recipe
        learners = [LabelLearner(recipe, problem, caches, fabric) for problem in self.problems]
        final = LabelLearner(recipe, final_problem(self.dataset), caches, fabric)
        plan = Retrain(learners, final, recipe.validation.tried(recipe.epochs), _choose)
        return loop.train(plan, run_folder, fabric)

    def checkpoint(
        self, trained: Trained, caches: Sequence[FeatureCache], fabric: Fabric, command: str
    ) -> LabelCheckpoint:
        dataset, gamma = self.dataset, float(trained.chosen["gamma"])
        network: Any = halved(trained.network).eval()
        source = CachedFeatures.read_by(network, caches, fabric.device)
        scores = predict_labels(network, source, dataset.test, dataset.space, fabric)
        checkpoint = LabelCheckpoint(
            **{**self.common(), "model_config": asdict(network.config)},
            network=network,
            gamma=gamma,
            threshold=float(trained.chosen["threshold"]),
            unseen_threshold=float(trained.chosen["unseen_threshold"]),
        )
        figures = self.metrics(figures_of(scores, dataset, gamma), trained.chosen, command, note=dataset.note)
        if fabric.is_global_zero and (SCENE_FOLDER / "cutouts.csv").is_file():
            where = fabric.device
            with suppress(DataError):  # of words of one's own that do not know what is in the scenes
                figures["maps"] = measure_label_model(LabelExplainer(checkpoint, encoder_of(checkpoint, where), where))
        return replace(checkpoint, metrics=figures)


def _choose(traces: Sequence[Sequence[Figures]]) -> dict[str, Any]:
    """The epoch that is best on average, with its mean gamma and threshold; and what the first epoch measured."""
    epochs = averages([[LabelChoice(**figures) for figures in trace] for trace in traces])
    return {**best(epochs).to_dict(), "problems": len(traces), "first_epoch": epochs[0].to_dict()}


TRAINING = LabelTraining
