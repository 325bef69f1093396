"""Training of compositional networks: what the loss counts, what is learned, and that a killed training is the same training."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from lightning_fabric import Fabric
from PIL import Image
from torch import Tensor

from zslviz.backbones import Features
from zslviz.errors import UnknownNameError
from zslviz.features.cache import CacheSpec, FeatureCache
from zslviz.features.sources import CachedFeatures
from zslviz.models.output import CompositionLogits
from zslviz.models.refiner.loss import composition_loss
from zslviz.runtime.processes import launch
from zslviz.tasks.base.recipes import load_recipe, recipe_from_dict
from zslviz.tasks.compositional import training as compositions
from zslviz.tasks.compositional.choice import EpochFigures
from zslviz.tasks.compositional.data import CompositionalDataset
from zslviz.tasks.compositional.predicting import predict_pairs
from zslviz.tasks.compositional.settings import CompositionRecipe
from zslviz.tasks.compositional.space import CompositionSpace
from zslviz.tasks.compositional.training import CompositionLearner, CompositionTraining, measure_on_test, photo_source
from zslviz.training.learner import KeepBest, Trained
from zslviz.training.loop import train_epoch
from zslviz.training.recipe import Optimizer, recipe_names
from zslviz.training.stepping import fresh_state

STATES, OBJECTS, D = 3, 4, 6
SPEC = CacheSpec("efficientnet_lite0", 64)
RECIPE: dict[str, Any] = {
    "name": "made",
    "system": "refiner",
    "data": "made",
    "epochs": 10,
    "backbone": SPEC.backbone,
    "size": SPEC.size,
    "flip": False,
    "batch_size": 16,
    "average": 0.9,
    "model": {"stages": ["c3", "c4"], "width": 16, "queries": 2, "attention_heads": 2, "text_hidden": 16, "places": 2},
    "optimizer": {"name": "adamw", "lr": 0.01, "weight_decay": 0.01, "warmup": 1.0},
}


@pytest.fixture(scope="module")
def dataset() -> CompositionalDataset:
    """Photos of seven seen pairs, two unseen for validation and two for the test; the last pair is in none of them."""
    random = np.random.default_rng(0)
    tables = {name: np.zeros((STATES, OBJECTS), dtype=bool) for name in ("seen", "val", "test")}
    order = [(0, 0), (1, 1), (2, 2), (0, 3), (1, 0), (2, 1), (0, 2), (1, 3), (2, 0), (0, 1), (1, 2)]
    photos: list[tuple[int, int, str]] = []
    for index, (s, o) in enumerate(order):
        kind = "seen" if index < 7 else "val" if index < 9 else "test"
        tables[kind][s, o] = True
        parts = ["train"] * 6 + ["val_seen"] * 2 + ["test_seen"] if kind == "seen" else [f"{kind}_unseen"] * 4
        photos += [(s, o, part) for part in parts]
    parts_of = np.array([part for _, _, part in photos])
    space = CompositionSpace(
        tuple(f"state {i}" for i in range(STATES)), tuple(f"object {i}" for i in range(OBJECTS)), tables["seen"],
        tables["seen"] | tables["val"] | tables["test"],
        random.normal(size=(STATES, D)).astype(np.float32), random.normal(size=(OBJECTS, D)).astype(np.float32), "made",
    )  # fmt: skip
    return CompositionalDataset(
        "made", tuple(Path(f"{i}.jpg") for i in range(len(photos))),
        np.array([s for s, _, _ in photos]), np.array([o for _, o, _ in photos]), space,
        **{p: np.flatnonzero(parts_of == p) for p in ("train", "val_seen", "val_unseen", "test_seen", "test_unseen")},
        val_pairs=tables["val"], test_pairs=tables["test"], terms="made", note="made",
    )  # fmt: skip


@pytest.fixture(scope="module")
def cache(dataset: CompositionalDataset) -> FeatureCache:
    """Features in which the state shows in c3 and the object in c4; those of test photos are not there yet."""
    random = np.random.default_rng(1)
    shapes = SPEC.shapes()
    stages = [random.normal(size=(len(dataset.files), *shape)).astype(np.float16) for shape in shapes[:2]]
    stages.append(np.zeros((len(dataset.files), *shapes[2]), dtype=np.float16))
    for stage, labels, count in zip(stages[:2], (dataset.states, dataset.objects), (STATES, OBJECTS), strict=True):
        signs = random.normal(size=(count, stage.shape[-1])) * 2
        stage += signs[labels][:, None, None].astype(np.float16)
    done = np.ones(len(dataset.files), dtype=bool)
    done[dataset.photos_of("test")] = False
    return FeatureCache(SPEC, tuple(stages), done)


@pytest.fixture(scope="module")
def fabric() -> Fabric:
    return Fabric(accelerator="cpu", devices=1)


@pytest.fixture(scope="module")
def recipe() -> Any:
    return recipe_from_dict(RECIPE)


@pytest.fixture(scope="module")
def trained(
    dataset: CompositionalDataset,
    cache: FeatureCache,
    recipe: CompositionRecipe,
    fabric: Fabric,
    tmp_path_factory: pytest.TempPathFactory,
) -> Trained:
    return CompositionTraining(recipe, dataset).train([cache], tmp_path_factory.mktemp("run"), fabric)


def test_the_loss_is_three_cross_entropies_and_unseen_pairs_are_no_candidates() -> None:
    seen = torch.tensor([[True, False], [True, True]])
    logits = CompositionLogits(torch.randn(2, 2, 2), torch.randn(2, 2), torch.randn(2, 2))
    states, objects = torch.tensor([0, 1]), torch.tensor([0, 1])
    loss = composition_loss(logits, states, objects, seen, weight=0.5)
    among_seen = torch.stack([logits.pairs[:, 0, 0], logits.pairs[:, 1, 0], logits.pairs[:, 1, 1]], dim=1)
    pair = -among_seen.log_softmax(1)[torch.arange(2), torch.tensor([0, 2])].mean()
    state = -logits.states.log_softmax(1)[torch.arange(2), states].mean()
    object_ = -logits.objects.log_softmax(1)[torch.arange(2), objects].mean()
    torch.testing.assert_close(loss.total, pair + 0.5 * (state + object_))
    moved = logits._replace(pairs=logits.pairs + 5 * (~seen))
    torch.testing.assert_close(composition_loss(moved, states, objects, seen, weight=0.5).total, loss.total)


def test_unseen_pairs_are_recognised_by_what_their_words_share(trained: Trained) -> None:
    assert trained.chosen["s"] > 0.8
    assert trained.chosen["u"] > 0.6
    assert trained.chosen["auc"] > 0.5  # 2 of 4 unseen pairs by chance would be far below


def test_the_epoch_with_the_best_area_is_kept(
    trained: Trained, dataset: CompositionalDataset, cache: FeatureCache, fabric: Fabric
) -> None:
    trace = trained.chosen["trace"]
    assert [t["epoch"] for t in trace] == [6, 7, 8, 9, 10]
    assert trained.chosen["auc"] == max(t["auc"] for t in trace)
    source = CachedFeatures([cache], ("c3", "c4"))
    scores = predict_pairs(trained.network, source, dataset.photos_of("val"), dataset.space, fabric, batch_size=5)
    again = compositions.closed_figures(dataset, scores, trained.chosen["epoch"])
    assert again.auc == pytest.approx(trained.chosen["auc"])


def test_of_equal_epochs_the_first_is_chosen(dataset: CompositionalDataset, recipe: Any, fabric: Fabric) -> None:
    plan = KeepBest(CompositionLearner(recipe, dataset, [], fabric), merit=lambda figures: float(figures["auc"]))
    assert plan.best([{"epoch": e, "auc": auc} for e, auc in ((3, 0.2), (4, 0.4), (5, 0.4))])["epoch"] == 4


def test_a_killed_training_goes_on_as_if_nothing_had_happened(
    trained: Trained,
    dataset: CompositionalDataset,
    cache: FeatureCache,
    recipe: CompositionRecipe,
    fabric: Fabric,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patch:

        def killed(dataset: CompositionalDataset, scores: np.ndarray, epoch: int) -> EpochFigures:
            if epoch == 7:
                raise KeyboardInterrupt
            return EpochFigures(epoch, 0.0, 0.0, 0.0, 0.0)

        patch.setattr(compositions, "closed_figures", killed)
        with pytest.raises(KeyboardInterrupt):
            CompositionTraining(recipe, dataset).train([cache], tmp_path, fabric)
    resumed = CompositionTraining(recipe, dataset).train([cache], tmp_path, fabric)
    assert [t["epoch"] for t in resumed.chosen["trace"]] == [6, 7, 8, 9, 10]
    assert resumed.chosen["trace"][1:] == trained.chosen["trace"][1:]


def test_test_photos_are_not_read_before_they_are_measured(
    trained: Trained, dataset: CompositionalDataset, cache: FeatureCache, fabric: Fabric
) -> None:
    assert not cache.done[dataset.photos_of("test")].any()  # and the training above went through
    whole = replace(cache, done=np.ones_like(cache.done))
    figures = measure_on_test(trained.network, CachedFeatures([whole], ("c3", "c4")), dataset, fabric)
    for world in ("closed", "open"):
        assert {"s", "u", "h", "auc", "state_accuracy", "object_accuracy"} <= figures[world].keys()
    assert figures["closed"]["auc"] > 0.3


@pytest.mark.parametrize("setting", ["finetune", "sampling", "passes", "resize", "validation", "linear"])
def test_a_setting_that_would_do_nothing_is_refused(setting: str) -> None:
    with pytest.raises(UnknownNameError, match=f"called '{setting}'"):
        recipe_from_dict({**RECIPE, setting: {}})


def test_a_batch_in_parts_gives_the_same_step(
    dataset: CompositionalDataset, cache: FeatureCache, recipe: CompositionRecipe, fabric: Fabric
) -> None:
    weights, most = [], []
    model = {**recipe.model, "dropout": 0.0, "heads": False}  # heads normalise over a part's photos
    plain = replace(recipe, model=model, average=0.0, optimizer=Optimizer("sgd", lr=0.01, weight_decay=0.0))
    for parts in (1, 3):
        learner = CompositionLearner(replace(plain, accumulate=parts), dataset, [cache], fabric)
        state, sizes = fresh_state(learner, fabric), []
        state.network.register_forward_pre_hook(lambda _, given, to=sizes: to.append(len(given[0].stages["c3"])))
        train_epoch(state, learner, learner.source(state.network))
        most.append(max(sizes))
        weights.append({name: tensor.clone() for name, tensor in state.network.state_dict().items()})
    assert most[1] <= 6 < most[0], "fewer photos are in memory at a time"
    assert all((weights[0][name] - weights[1][name]).abs().max() < 1e-5 for name in weights[0])


class Drawn(CompositionalDataset):
    """Photos of one colour each."""

    def photo(self, index: int) -> Image.Image:
        return Image.new("RGB", (40, 40), (80 * int(self.states[index]), 60 * int(self.objects[index]), 100))


class MadeEncoder:
    """Patches of pixels as tokens, their mean as the global vector."""

    name, size, channels, shift, global_channels, words = "made", 32, {"tokens": 12}, {"tokens": 0.0}, 3, None

    def encode(self, pixels: Tensor, stages: Collection[str]) -> Features:
        patches = torch.nn.functional.pixel_unshuffle(torch.nn.functional.avg_pool2d(pixels.float() / 255, 4), 2)
        return Features({"tokens": patches}, pixels.float().mean((2, 3)) / 255)


@pytest.mark.parametrize("precision", ["32-true", "bf16-mixed"])
def test_an_encoder_can_see_the_photos_instead_of_a_cache(
    precision: str, dataset: CompositionalDataset, recipe: CompositionRecipe, tmp_path: Path
) -> None:
    fabric = launch("cpu", precision)
    drawn = Drawn(**{f.name: getattr(dataset, f.name) for f in fields(dataset)})
    settings = {"early": 0, "width": 16, "queries": 2, "attention_heads": 2}
    few = replace(recipe, epochs=2, model=settings)
    training = CompositionTraining(few, drawn, MadeEncoder())
    trained = training.train([], tmp_path, fabric)
    assert training.model_config()["stages"] == ("tokens",)
    assert training.model_config()["global_channels"] == 3
    source = photo_source(trained.network, drawn, [], fabric.device, MadeEncoder())
    scores = predict_pairs(trained.network, source, drawn.val_seen[:3], drawn.space, fabric)
    assert scores.shape == (3, STATES, OBJECTS)
    assert not np.allclose(scores[0], scores[2])  # photos of other pairs


@pytest.mark.parametrize("name", [name for name in recipe_names() if name.startswith("refiner-fashion")])
def test_recipes_that_come_with_the_package_build_their_network(name: str, dataset: CompositionalDataset) -> None:
    config = compositions.model_config(load_recipe(name), dataset.space)
    network = compositions.build_model("refiner", config)
    text = network.text(torch.randn(2, D), torch.randn(3, D))
    sizes = zip(config["stages"], config["channels"], strict=True)
    features = Features({name: torch.rand(1, channels, 4, 4) for name, channels in sizes})
    assert network.eval()(features, text).pair_logits.shape == (1, 2, 3)
