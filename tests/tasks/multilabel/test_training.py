"""Multi-label training: what is shown and what is not, the loss, the linear start, resuming."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from zslviz.errors import DataError, UnknownNameError
from zslviz.features.cache import CacheSpec, FeatureCache
from zslviz.models.biam.network import BiAM, BiAMConfig
from zslviz.models.label_loss import label_loss, ranking_loss
from zslviz.runtime.processes import launch
from zslviz.tasks.base.recipes import load_recipe, recipe_from_dict
from zslviz.tasks.multilabel import imagenet
from zslviz.tasks.multilabel.choice import final_problem, measure, validation_problems
from zslviz.tasks.multilabel.data import MultiLabelDataset
from zslviz.tasks.multilabel.imagenet import Auxiliary
from zslviz.tasks.multilabel.linear import (
    LinearSettings,
    linear_map,
    pooled_features,
    solve_linear,
    unit_mean_square,
)
from zslviz.tasks.multilabel.space import LabelSpace
from zslviz.tasks.multilabel.training import LabelLearner, LabelTraining, model_config, predict_labels
from zslviz.training.learner import Trained
from zslviz.training.loop import train_epoch
from zslviz.training.recipe import Validation
from zslviz.training.stepping import fresh_state

PHOTOS, LABELS = 40, 8


@pytest.fixture(scope="module")
def dataset() -> MultiLabelDataset:
    rng = np.random.default_rng(0)
    labels = np.where(rng.random((PHOTOS, LABELS)) < 0.35, 1, -1).astype(np.int8)
    labels[:LABELS] = np.where(np.eye(LABELS), 1, labels[:LABELS])  # every label is in the training photos
    held_out = np.arange(LABELS) == 5
    space = LabelSpace(
        tuple(f"label {k}" for k in range(LABELS)),
        np.arange(LABELS) < 5,
        rng.normal(size=(LABELS, 6)).astype(np.float32),
        "made",
        name="made",
    )
    parts = np.array_split(np.arange(PHOTOS), [24, 32])
    files = tuple(Path(f"{i}.png") for i in range(PHOTOS))
    return MultiLabelDataset("made", files, space, labels, *parts, held_out, terms="", note="")  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def caches(dataset: MultiLabelDataset) -> list[FeatureCache]:
    rng = np.random.default_rng(1)
    pattern = rng.normal(size=(LABELS, 1280))
    c5 = (dataset.labels > 0) @ pattern / 3 + rng.normal(size=(PHOTOS, 1280)) / 3
    c5 = np.broadcast_to(c5[:, None, None], (PHOTOS, 3, 3, 1280)) + rng.normal(size=(PHOTOS, 3, 3, 1280)) / 3
    c4 = rng.random((PHOTOS, 6, 6, 120))
    stages = tuple(a.astype(np.float16) for a in (np.zeros((PHOTOS, 1, 1, 1)), c4, np.maximum(c5, 0)))
    return [FeatureCache(CacheSpec("efficientnet_lite2", 96), stages, np.ones(PHOTOS, dtype=bool))]


def recipe(**settings: Any) -> Any:
    model = {"width": 8, "heads": 2, "embedding": 12, "top": 3, "reduce": 8, "feature_norm": True}
    given = {
        "name": "made",
        "system": "biam",
        "data": "made",
        "epochs": 2,
        "size": 96,
        "batch_size": 8,
        "average": 0.9,
        "model": model,
        "validation": {"repeats": 2},
    }
    return recipe_from_dict({**given, **settings})


def test_the_loss_is_the_mean_over_violating_pairs_of_known_labels() -> None:
    logits = torch.tensor([[2.0, 0.5, 1.8, 9.0], [1.0, 0.0, -5.0, 3.0]])
    tags = torch.tensor([[1, 1, -1, 0], [1, -1, -1, -1]])
    first = ((1 + 1.8 - 2.0) + (1 + 1.8 - 0.5)) / 2
    second = 1 + 3.0 - 1.0  # the pair at exactly the margin does not violate it
    assert ranking_loss(logits, tags).item() == pytest.approx((first + second) / 2)
    assert ranking_loss(logits, -torch.ones(2, 4)).item() == 0
    known = torch.tensor([0.1269, 0.4741, 1.9530, 0.3133, 0.6931, 0.0067, 3.0486])
    assert label_loss(logits, tags, ranking=0, binary=2).item() == pytest.approx(2 * known.mean().item(), abs=1e-3)


def test_every_validation_problem_keeps_labels_and_photos_apart(dataset: MultiLabelDataset) -> None:
    first, *others = validation_problems(dataset, Validation(classes=0.4, photos=0.25, repeats=3))
    assert np.array_equal(first.train, dataset.train) and [s.tolist() for s in first.unseen] == [[5]]
    for problem in (first, *others):
        assert not np.intersect1d(problem.train, problem.val).size
        assert not np.isin(dataset.test, [*problem.train, *problem.val]).any()
        assert not problem.space.seen[np.concatenate(problem.unseen)].any()
        assert not np.isin([6, 7], np.concatenate(problem.unseen)).any()  # the test's unseen labels
    assert [p.space.seen.sum() for p in others] == [3, 3]
    assert others[0].unseen[0].tolist() != others[1].unseen[0].tolist()
    with pytest.raises(DataError, match="hold out"):
        validation_problems(replace(dataset, val_unseen=np.zeros(LABELS, bool)), Validation())


def test_scores_that_are_the_tags_measure_as_perfect(dataset: MultiLabelDataset) -> None:
    problem = validation_problems(dataset, Validation())[0]
    choice = measure(problem, dataset.labels[problem.val].astype(np.float32), 1)
    assert choice.map_zsl == choice.map_gzsl == 1 and -1 < choice.threshold <= 1 and abs(choice.gamma) < 1


def train(settings: Any, dataset: MultiLabelDataset, caches: list[FeatureCache], run: Path) -> Trained:
    return LabelTraining(settings, dataset).train(caches, run, launch("cpu"))


def test_tags_of_labels_that_are_not_seen_change_nothing(
    dataset: MultiLabelDataset, caches: list[FeatureCache], tmp_path: Path
) -> None:
    shuffled = dataset.labels.copy()
    shuffled[:, 6:] *= -1
    settings = recipe(linear={"scale": 5.0})
    first = train(settings, dataset, caches, tmp_path / "a")
    other = train(settings, replace(dataset, labels=shuffled), caches, tmp_path / "b")
    assert first.chosen == other.chosen
    states = (trained.network.state_dict().values() for trained in (first, other))
    same = [torch.equal(a, b) for a, b in zip(*states, strict=True)]
    assert all(same)


def test_a_killed_training_goes_on_as_if_nothing_had_happened(
    dataset: MultiLabelDataset, caches: list[FeatureCache], tmp_path: Path
) -> None:
    fabric = launch("cpu")
    learner = LabelLearner(recipe(), final_problem(dataset), caches, fabric)
    states = [fresh_state(learner, fabric) for _ in range(3)]
    source = learner.source(states[0].network)
    losses = [train_epoch(states[0], learner, source) for _ in range(2)]
    assert losses[1] < losses[0]
    train_epoch(states[1], learner, source)
    states[1].save(tmp_path / "state.pt")
    states[2].load(tmp_path / "state.pt")
    assert train_epoch(states[2], learner, source) == losses[1]
    scores = [
        predict_labels(s.best_network, source, dataset.test, dataset.space, fabric) for s in (states[0], states[2])
    ]
    assert np.array_equal(*scores) and scores[0].shape == (8, LABELS)


def test_a_batch_in_parts_is_the_mean_over_its_parts(dataset: MultiLabelDataset, caches: list[FeatureCache]) -> None:
    """Each photo's ranking loss counts alike; only normalisation, here switched off, looks at a part's photos together."""
    weights, most = [], []
    for parts in (1, 3):
        fabric = launch("cpu")
        model = {"width": 8, "heads": 2, "embedding": 12, "top": 3, "attention_dropout": 0.0, "scene_dropout": 0.0}
        settings = recipe(accumulate=parts, average=0.0, model=model, optimizer={"name": "sgd", "lr": 0.01})
        learner = LabelLearner(settings, final_problem(dataset), caches, fabric)
        state = fresh_state(learner, fabric)
        before = {name: tensor.clone() for name, tensor in state.network.state_dict().items()}
        for module in state.network.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.train = lambda mode=True: None  # type: ignore[method-assign, assignment, return-value, misc]
                module.training = False
        sizes: list[int] = []
        state.network.register_forward_pre_hook(lambda _, given, to=sizes: to.append(len(given[0].stages["c5"])))
        train_epoch(state, learner, learner.source(state.network))
        most.append(max(sizes))
        weights.append(state.network.state_dict())
    assert most[1] <= 3 < most[0], "fewer photos are in memory at a time"
    whole, in_parts = weights
    assert all(torch.allclose(whole[name].float(), in_parts[name].float(), atol=1e-6) for name in whole)
    moved = max(float((whole[name] - before[name]).abs().max()) for name in whole if "weight" in name)
    assert moved > 1e-4, "there was something to step on"


@pytest.mark.parametrize("weight", [0.0, 0.5])
def test_the_linear_map_is_added_to_the_trained_scores(
    weight: float, dataset: MultiLabelDataset, caches: list[FeatureCache]
) -> None:
    settings, problem = recipe(linear={"feature_ridge": 1.0}), final_problem(dataset)
    fabric = launch("cpu")
    learner = LabelLearner(settings, problem, caches, fabric)
    network: Any = fresh_state(learner, fabric).network.eval()
    network.config = replace(network.config, top=9, linear_share=0.5)
    matrix = linear_map(settings, problem, caches)
    joined = network.with_linear(matrix, weight)
    pooled = pooled_features(caches, dataset.test)
    vectors = torch.from_numpy(np.array(dataset.space.vectors))
    linear = linear_scores(matrix, unit_mean_square(pooled), vectors)
    assert linear[dataset.labels[dataset.test] > 0].mean() > linear[dataset.labels[dataset.test] < 0].mean()
    c5 = caches[0].load(dataset.test, ("c5",))["c5"]
    by_region = linear_scores(matrix, unit_mean_square(c5.flatten(2).mT.flatten(0, 1)), vectors)
    by_region = by_region.reshape(len(dataset.test), 9, LABELS).mean(1)
    own, ours = (
        predict_labels(net, learner.source(net), dataset.test, dataset.space, fabric) for net in (network, joined)
    )
    assert np.allclose(ours, weight * own + (linear + by_region) / 2, atol=1e-3)


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"finetune": {"stages": "last"}}, UnknownNameError, "'finetune'"),
        ({"sampling": {"kind": "episodes"}}, UnknownNameError, "'sampling'"),
        ({"passes": "three"}, UnknownNameError, "'passes'"),
        ({"resize": 256}, UnknownNameError, "'resize'"),
        ({"linear": {"ridge": 1.0}}, UnknownNameError, "'label_ridge'"),
        ({"loss": {"rank": 1.0}}, UnknownNameError, "'ranking'"),
        ({"model": {"depth": 2}}, UnknownNameError, "called 'depth'"),
    ],
)
def test_a_setting_that_would_do_nothing_is_refused_before_anything_is_computed(
    settings: dict[str, Any], error: type, message: str, dataset: MultiLabelDataset
) -> None:
    with pytest.raises(error, match=message):
        LabelTraining(recipe(**settings), dataset)


@pytest.mark.parametrize(("stage", "channels"), [("c5", 1280), ("c4", 120), ("c4+c5", (120, 1280))])
def test_sizes_follow_from_the_backbone(dataset: MultiLabelDataset, stage: str, channels: Any) -> None:
    config = model_config(recipe(model={"stage": stage}), dataset.space)
    assert config["channels"] == channels and config["scene_dim"] == 1280 and config["word_dim"] == 6


def test_a_scene_that_is_given_is_as_long_as_the_backbone_makes_it(dataset: MultiLabelDataset) -> None:
    config = model_config(recipe(backbone="vgg19", model={"stage": "c4", "global_vector": "given"}), dataset.space)
    assert config["channels"] == 512 and config["scene_dim"] == 4096


@pytest.mark.parametrize("name", ["biam-corel5k", "biam-nuswide-paper", "biam-openimages-paper"])
def test_packaged_recipes_build_their_network(name: str, dataset: MultiLabelDataset) -> None:
    settings = load_recipe(name)
    network = BiAM(BiAMConfig(**model_config(settings, dataset.space)))
    assert network.stages and settings.system == "biam"


def linear_scores(matrix: torch.Tensor, features: torch.Tensor, vectors: torch.Tensor) -> np.ndarray:
    """Scores [N, K] of features [N, C] for labels with the vectors [K, D]: [x; 1]' B [v; 1]."""
    slopes = features.double() @ matrix[:-1] + matrix[-1]
    return (slopes[:, :-1] @ vectors.double().mT + slopes[:, -1:]).float().numpy()


def test_classes_named_like_a_label_that_is_not_seen_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("tabby, tabby cat", "coral reef", "red fox, Vulpes vulpes", "water bottle")
    vectors = np.eye(4, 5, dtype=np.float32)
    monkeypatch.setattr(imagenet, "_vectors", lambda words: (names, vectors))
    space = LabelSpace(
        ("fox", "reefs", "water"), np.array([True, False, False]), np.eye(3, 5, dtype=np.float32), "made"
    )
    classifier = torch.nn.Linear(6, 4)
    network = SimpleNamespace(network=SimpleNamespace(network=SimpleNamespace(classifier=classifier)))
    monkeypatch.setattr(imagenet, "build_backbone", lambda name: network)
    pooled = torch.rand(9, 6)
    found = imagenet.auxiliary_labels("efficientnet_lite2", space, pooled)
    assert found.names == (names[0], names[2])
    assert torch.equal(found.vectors, torch.from_numpy(vectors[[0, 2]]))
    likely = classifier(pooled).softmax(1)[:, [0, 2]]
    assert torch.allclose(found.tags, likely / likely.std(0), atol=1e-5)


def test_auxiliary_labels_pull_words_near_them_along(dataset: MultiLabelDataset, caches: list[FeatureCache]) -> None:
    problem = final_problem(dataset)
    features = unit_mean_square(pooled_features(caches, problem.train))
    seen = np.flatnonzero(dataset.space.seen)
    vectors = torch.from_numpy(np.array(dataset.space.vectors))
    shown = torch.from_numpy(dataset.labels[problem.train][:, seen])
    true = torch.from_numpy((dataset.labels[problem.train] > 0)[:, [7]].astype(np.float32))
    helped = Auxiliary(("label 7 by another name",), vectors[7:], true / true.std())
    plain, taught = (
        linear_scores(
            solve_linear(features, shown, vectors[seen], LinearSettings(auxiliary=1.0), extra), features, vectors
        )
        for extra in (None, helped)
    )
    gaps = [s[:, 7][true[:, 0] > 0].mean() - s[:, 7][true[:, 0] == 0].mean() for s in (plain, taught)]
    assert gaps[1] > gaps[0] + 0.1


def test_without_the_prior_the_average_photo_scores_all_labels_alike(
    dataset: MultiLabelDataset, caches: list[FeatureCache]
) -> None:
    problem = final_problem(dataset)
    settings = recipe(linear={"prior": 0.0, "offset": -4.0})
    features = unit_mean_square(pooled_features(caches, problem.train))
    scores = linear_scores(
        linear_map(settings, problem, caches), features, torch.from_numpy(np.array(dataset.space.vectors))
    )
    assert np.allclose(scores.mean(0), -4.0, atol=1e-3)
