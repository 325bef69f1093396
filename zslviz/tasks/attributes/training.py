"""Training of attribute models: choose on pseudo-unseen classes, train on all seen classes, measure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray
from torch import Tensor, nn

from zslviz.backbones import Features, spec_of
from zslviz.backbones.encoder import Encoder
from zslviz.backbones.features import STAGES, STRIDES
from zslviz.backbones.given import is_given
from zslviz.checkpoints.files import halved, read_config
from zslviz.features.cache import FeatureCache
from zslviz.features.predicting import predict, settle
from zslviz.features.sources import CachedFeatures, PhotoPixels, Source
from zslviz.models.finetuned import EndToEnd
from zslviz.models.registry import MODELS, strides_of
from zslviz.runtime.places import TEST_PHOTOS
from zslviz.tasks.attributes import closed_form
from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
from zslviz.tasks.attributes.choice import Choice, alone, best_on_average, gammas_of, measure
from zslviz.tasks.attributes.data import ZeroShotDataset
from zslviz.tasks.attributes.evaluation import scores_in, tested_photos
from zslviz.tasks.attributes.grounding import (
    MARKS,
    GroundedFeatures,
    PartMarks,
    attended_share,
    grounding_loss,
    part_locations,
    positions_of,
)
from zslviz.tasks.attributes.network import build_network, model_config, reads_words
from zslviz.tasks.attributes.problems import Problem, final_problem, validation_problems
from zslviz.tasks.attributes.report import zero_shot_report
from zslviz.tasks.attributes.scoring import AttributeScale
from zslviz.tasks.attributes.settings import AttributeRecipe, Sampling
from zslviz.tasks.attributes.unlike.saved import write_shown
from zslviz.tasks.attributes.unlike.training import shown_photos
from zslviz.tasks.attributes.variants import PhotoScores
from zslviz.tasks.attributes.whole_set.attribute_auc import KEY, attribute_auc
from zslviz.tasks.attributes.whole_set.photos import fused_bytes, fused_of_scores, write_fused
from zslviz.tasks.base.training import Training
from zslviz.training import loop
from zslviz.training.learner import Figures, Learner, Photos, Retrain, Scores, Trained
from zslviz.training.stepping import parameter_group, parameter_groups

_TRAINED: dict[str, tuple[str, ...]] = {"none": (), "last": ("c5",), "all": STAGES}


class AttributeLearner(Learner):
    """An attribute network on a zero-shot problem; its scores are [G, B, A]."""

    photo_axis = 1
    recipe: AttributeRecipe

    def __init__(
        self,
        recipe: AttributeRecipe,
        problem: Problem,
        dataset: ZeroShotDataset,
        caches: Sequence[FeatureCache],
        fabric: Fabric,
    ) -> None:
        super().__init__(recipe)
        self.problem = problem
        self.dataset = dataset
        self.caches = caches
        self.device = fabric.device
        self.system = MODELS[recipe.system]
        self.steps = len(self.system.granularities) if recipe.passes == "three" else 1
        self.marks: PartMarks | None = None
        if recipe.grounding.weight:
            self.marks = PartMarks(dataset, part_locations(dataset), problem.train, recipe.size)
        self._prototypes = torch.from_numpy(np.array(problem.space.prototypes)).to(fabric.device)
        self._seen = torch.from_numpy(np.array(problem.space.seen)).to(fabric.device)

    def network(self) -> nn.Module:
        network = build_network(self.recipe, self.problem.space)
        return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]

    def source(self, network: nn.Module) -> Source:
        if self.marks is None:
            return photo_source(self.recipe, self.dataset, self.caches, network, self.device)
        spec, head = spec_of(self.recipe.backbone), getattr(network, "head", network)
        strides, shift = strides_of(head, self.system), {STRIDES[stage]: p for stage, p in spec.stage_shift.items()}
        positions = positions_of(head, self.system.grounded, strides, self.recipe.size, shift)
        return GroundedFeatures(self.caches, network.stages, self.marks, positions, self.recipe.grounding)  # type: ignore[arg-type]

    def batches(self, rng: np.random.Generator) -> list[Photos]:
        if self.recipe.sampling.kind == "episodes":
            return draw_episodes(self.recipe.sampling, self.problem, rng)
        order = (
            draw_balanced(self.problem, rng)
            if self.recipe.sampling.kind == "balanced"
            else rng.permutation(self.problem.train)
        )
        batches = np.array_split(order, math.ceil(len(order) / self.recipe.batch_size))
        return [batch for batch in batches if len(batch) > 1]

    def scores(self, network: nn.Module, features: Features) -> Scores:
        """The attribute scores, what else the loss reads, and of grounded attention the share that lies on the parts, [G, B, A]."""
        if MARKS not in features.stages:
            output = network(features)
            return output.scores, *output.learned
        assert self.marks is not None
        output = network(features, attend=True)
        set_of = torch.from_numpy(self.marks.set_of).to(output.scores.device)
        return output.scores, *output.learned, attended_share(output, features.stages[MARKS], set_of)

    def losses(self, scores: Scores, photos: Photos) -> Tensor:
        assert self.system.loss is not None
        labels = torch.from_numpy(self.problem.labels[photos]).to(self.device)
        prototypes = self._prototypes.to(scores[0])
        own, *learned = scores if self.marks is None else scores[:-1]
        terms = self.system.loss(own, labels, prototypes, self._seen, *learned, **self.recipe.loss)
        if self.marks is not None:
            speaks = torch.from_numpy(self.marks.speaks(photos)).to(self.device)
            grounded = self.recipe.grounding.weight * grounding_loss(scores[-1], speaks)
            terms = terms + (grounded if len(grounded) == len(terms) else grounded.sum() / len(terms))
        return terms if self.steps > 1 else terms.sum()[None]

    def groups(self, network: nn.Module) -> list[dict[str, Any]]:
        """Layers of the backbone, if any are trained, have a rate of their own."""
        tuning = self.recipe.finetune
        own: list[tuple[str, nn.Parameter]] = []
        backbone: list[nn.Parameter] = []
        for name, parameter in network.named_parameters():
            if not name.startswith(("last_stage.", "backbone.")):
                own.append((name, parameter))
            elif parameter.requires_grad:
                backbone.append(parameter)
        groups = parameter_groups(own, self.recipe.optimizer)
        return groups + [parameter_group(backbone, tuning.lr, tuning.weight_decay)] * (tuning.stages != "none")

    def before_step(self, network: nn.Module, turn: int) -> None:
        """Of several steps a batch, each leaves a gradient only where its granularity has parameters, and in the backbone.

        Scores are stacked, so the others' parameters receive zeros; the optimizer's momentum and decay would act on those.
        """
        if self.steps > 1:
            network_class: Any = self.system.network
            for name, parameter in network.named_parameters():
                if network_class.granularity_of(name.removeprefix("head.")) not in (None, turn):
                    parameter.grad = None

    def is_measured(self, epoch: int) -> bool:
        """In the second half; before, the learning rate is still high and nothing is worth choosing."""
        return epoch >= self.recipe.epochs / 2

    def measure(self, network: nn.Module, source: Source, fabric: Fabric, epoch: int) -> list[Figures]:
        seen, unseen = (
            predict_scores(network, source, part, fabric) for part in (self.problem.test_seen, self.problem.test_unseen)
        )
        recipe = self.recipe
        return [asdict(choice) for choice in measure(recipe.system, recipe.loss, self.problem, seen, unseen, epoch)]


def draw_episodes(sampling: Sampling, problem: Problem, rng: np.random.Generator) -> list[Photos]:
    """Some images of some classes at a time; of a class that has fewer, some more than once."""
    labels = problem.labels[problem.train]
    by_class = [problem.train[labels == c] for c in np.unique(labels)]
    count = min(sampling.classes, len(by_class))
    return [
        np.concatenate(
            [
                rng.choice(by_class[c], sampling.images, replace=len(by_class[c]) < sampling.images)
                for c in rng.choice(len(by_class), count, replace=False)
            ]
        )
        for _ in range(sampling.episodes)
    ]


def draw_balanced(problem: Problem, rng: np.random.Generator) -> Photos:
    """As many training photos as there are, each class as likely as any other, with replacement: int64 [N]."""
    labels = problem.labels[problem.train]
    share = 1 / np.bincount(labels)[labels]
    return rng.choice(problem.train, len(labels), p=share / share.sum())


def photo_source(
    recipe: AttributeRecipe,
    dataset: ZeroShotDataset,
    caches: Sequence[FeatureCache],
    network: nn.Module,
    device: torch.device,
) -> Source:
    """The photos as the recipe's network takes them."""
    if recipe.finetune.stages == "all":
        return PhotoPixels(dataset, recipe.size, recipe.resize, recipe.flip)
    return CachedFeatures.read_by(network, caches, device)


def predict_scores(network: nn.Module, source: Source, photos: Photos, fabric: Fabric) -> NDArray[np.float32]:
    """Attribute scores of photos: float32 [N, G, A]; the processes of a fabric take a share each and all get the whole."""
    settle(network, fabric)
    (scores,) = predict(lambda features: (network(features).scores.transpose(0, 1),), source, photos, fabric)
    return scores.numpy()


class AttributeTraining(Training):
    """Epoch, fusion and gamma come from pseudo-unseen classes or an earlier run's choice; nothing is chosen on test photos."""

    recipe: AttributeRecipe
    dataset: ZeroShotDataset
    _measured: tuple[AttributeCheckpoint, PhotoScores, Sequence[FeatureCache]]

    def __init__(
        self,
        recipe: AttributeRecipe,
        dataset: ZeroShotDataset,
        encoder: Encoder | None = None,
        choice: Path | None = None,
    ) -> None:
        super().__init__(recipe, dataset.with_word_vectors() if reads_words(recipe.system) else dataset, encoder)
        self.chosen = None if choice is None else AttributeCheckpoint.load(choice).metrics.get("validation", {})
        if self.chosen is not None:
            Choice.from_dict(self.chosen)
        if recipe.grounding.weight:
            part_locations(self.dataset)  # is said now where there are none
        if MODELS[recipe.system].closed_form:
            closed_form.candidates(recipe)
        self.problems = [] if self.chosen is not None else validation_problems(self.dataset, recipe.validation)

    def model_config(self) -> dict[str, Any]:
        return model_config(self.recipe, self.dataset.space)

    def train(self, caches: Sequence[FeatureCache], run_folder: Path, fabric: Fabric) -> Trained:
        recipe, dataset = self.recipe, self.dataset
        problem = final_problem(dataset)
        if MODELS[recipe.system].closed_form:
            chosen = dict(self.chosen or closed_form.choose(recipe, dataset, caches))
            return Trained(closed_form.solve(recipe, problem, dataset, caches, chosen["settings"]), chosen)

        def learner(problem: Problem) -> AttributeLearner:
            return AttributeLearner(recipe, problem, dataset, caches, fabric)

        learners = [learner(each) for each in self.problems]
        plan = Retrain(learners, learner(problem), recipe.validation.tried(recipe.epochs), self._choose)
        return loop.train(plan, run_folder, fabric)

    def _choose(self, traces: Sequence[Sequence[Figures]]) -> dict[str, Any]:
        """The epoch, fusion and gamma that are best on average.

        "gammas" is what each held-out set alone would choose, "alone" each granularity alone at that epoch.
        """
        if self.chosen is not None:
            return dict(self.chosen)
        problems = [[Choice.from_dict(figures) for figures in trace] for trace in traces]
        best = best_on_average(problems)
        gammas = gammas_of(problems, best)
        return {
            **best.to_dict(),
            "gammas": gammas,
            "alone": [choice.to_dict() for choice in alone(problems, best.epoch)],
        }

    def checkpoint(
        self, trained: Trained, caches: Sequence[FeatureCache], fabric: Fabric, command: str
    ) -> AttributeCheckpoint:
        recipe, dataset = self.recipe, self.dataset
        problem, choice = final_problem(dataset), Choice.from_dict(trained.chosen)
        network: Any = halved(trained.network)
        source = photo_source(recipe, dataset, caches, network, fabric.device)

        def scores_of(part: Photos) -> NDArray[np.float32]:
            return predict_scores(network, source, part, fabric)

        rows = np.asarray(problem.space.table)[problem.labels[problem.train]]
        scale = AttributeScale.fit(scores_of(problem.train), rows, choice.rule.shares)
        whole = isinstance(network, EndToEnd)
        checkpoint = AttributeCheckpoint(
            **self.common(),
            network=network.head if whole else network,
            rule=choice.rule,
            scale=scale,
            gamma=choice.gamma,
            trained=_TRAINED[recipe.finetune.stages],
            backbone_state=network.backbone.state_dict() if whole else {},
        )
        tested = scores_in(scores_of, dataset, dataset.labels)
        self._measured = checkpoint, tested, caches
        report = zero_shot_report(checkpoint, tested).to_dict()
        report[KEY] = asdict(attribute_auc(fused_of_scores(checkpoint, tested), checkpoint.space))
        return replace(checkpoint, metrics=self.metrics(report, trained.chosen, command))

    def accompany(self, folder: Path) -> None:
        """Writes beside a checkpoint just written its test photos as fused vectors, and where its training photos lie."""
        checkpoint, tested, caches = self._measured
        config = str(read_config(folder)["config_sha256"])
        write_fused(folder / TEST_PHOTOS, fused_bytes(checkpoint, config, tested, tested_photos(self.dataset)))
        network: Any = checkpoint.network
        write_shown(folder, shown_photos(self.dataset, caches, network.stages), checkpoint.sees)

    def yardsticks(self, caches: Sequence[FeatureCache], fabric: Fabric) -> Iterator[tuple[str, dict[str, Any]]]:
        recipe = self.recipe
        if not caches or is_given(recipe.backbone):
            return
        for name, system in MODELS.items():
            if system.task == "attributes" and system.closed_form and name != recipe.system:
                settings = AttributeRecipe(
                    f"{name}-{recipe.data}", name, recipe.data, 1, recipe.backbone, recipe.size, recipe.flip,
                    validation=replace(recipe.validation, epochs=0),
                )  # fmt: skip
                beside = AttributeTraining(settings, self.dataset)
                solved = beside.train(caches, Path(), fabric)
                yield settings.name, dict(beside.checkpoint(solved, caches, fabric, "").metrics)


TRAINING = AttributeTraining
