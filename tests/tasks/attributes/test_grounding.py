"""Attention that is asked to lie on the part its attribute speaks of."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from tests.datasets.layouts import make_cub
from tests.datasets.part_layouts import add_parts
from tests.tasks.attributes.test_training import learner_of, recipe_of, train
from zslviz.backbones import Features
from zslviz.datasets.reading import load_dataset
from zslviz.errors import ConfigError
from zslviz.features.cache import CacheSpec, build_cache
from zslviz.models.mgmrn.network import MgMRN, MgMRNConfig
from zslviz.models.msdn.network import MSDN, MSDNConfig
from zslviz.runtime.processes import launch
from zslviz.tasks.attributes.data import PartLocations, ZeroShotDataset
from zslviz.tasks.attributes.grounding import (
    MARKS,
    PartMarks,
    attended_share,
    grounding_loss,
    nearness,
    part_locations,
)
from zslviz.tasks.attributes.settings import AttributeRecipe, Grounding
from zslviz.tasks.attributes.training import AttributeTraining
from zslviz.training.loop import train_epoch
from zslviz.training.recipe import Optimizer
from zslviz.training.stepping import fresh_state

AT = (np.arange(4) + 0.5) / 4
NOT, MIRRORED = np.array([False]), np.array([True])


@pytest.fixture(scope="module")
def birds(tmp_path_factory: pytest.TempPathFactory) -> ZeroShotDataset:
    """Three attributes, two of which speak of a marked part."""
    folder = make_cub(tmp_path_factory.mktemp("marked"))
    lines = (folder / "attributes" / "attributes.txt").read_text().splitlines()
    names = ["1 has_bill_shape::hooked", "2 has_wing_color::brown", "3 has_size::small"]
    assert len(lines) == len(names)
    (folder / "attributes" / "attributes.txt").write_text("\n".join(names) + "\n")
    add_parts(folder, [(48 + i, 40) for i in range(16)])
    np.save(folder / "attribute_word_vectors.npy", np.random.default_rng(0).normal(size=(3, 8)).astype(np.float32))
    return load_dataset("cub", folder)


@pytest.fixture(scope="module")
def features(birds: ZeroShotDataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("features")
    for flip in (False, True):
        build_cache(root, birds, CacheSpec("efficientnet_lite0", 64, flip))
    return root


def marks_at(birds: ZeroShotDataset, bill: tuple[float, float], wings: list[tuple[float, float]]) -> PartMarks:
    """Marks of photo 0 alone, at places given as fractions of the photo; a part without a place is hidden."""
    parts = ("beak", "left wing", "right wing")
    points: NDArray[np.float32] = np.zeros((16, 3, 2), dtype=np.float32)
    visible = np.zeros((16, 3), dtype=bool)
    for index, place in enumerate([bill, *wings]):
        points[0, index], visible[0, index] = place, True
    groups = {"bill shape": ("beak",), "bill color": ("beak",), "wing color": ("left wing", "right wing")}
    located = PartLocations(parts, points, visible, np.zeros((16, 4), dtype=np.float32), groups)
    return PartMarks(birds, located, np.array([0]), 64)


def test_distances_are_to_the_nearest_visible_part_of_a_set(birds: ZeroShotDataset) -> None:
    marks = marks_at(birds, (0.125, 0.875), [(0.375, 0.125), (0.875, 0.125)])
    distances = marks.distances(np.array([0]), NOT, AT)
    bill, wing = distances[0, marks.set_of[0]], distances[0, marks.set_of[1]]
    assert marks.set_of[2] == -1
    assert bill[3, 0] == pytest.approx(0, abs=1e-6)
    assert bill[0, 3] == pytest.approx(np.hypot(0.75, 0.75))
    assert wing[0].tolist() == pytest.approx([0.25, 0, 0.25, 0])


def test_a_hidden_part_is_nowhere_and_its_attributes_are_not_asked(birds: ZeroShotDataset) -> None:
    marks = marks_at(birds, (0.5, 0.5), [])
    assert np.isinf(marks.distances(np.array([0]), NOT, AT)[0, marks.set_of[1]]).all()
    assert marks.speaks(np.array([0])).tolist() == [[True, False, False]]


def test_a_mirrored_photo_has_its_marks_mirrored(birds: ZeroShotDataset) -> None:
    marks = marks_at(birds, (0.1, 0.8), [(0.3, 0.4)])
    plain, mirrored = (marks.distances(np.array([0]), which, AT) for which in (NOT, MIRRORED))
    assert np.allclose(mirrored, plain[..., ::-1], atol=1e-6)


def test_nearness_falls_over_the_edge_and_never_leaves_a_part_without_a_cell() -> None:
    settings = Grounding(1.0, 0.1, 0.2)
    distances = np.array([[[0.05, 0.2], [0.3, 0.35]], [[0.5, 0.6], [0.7, 0.45]], [[np.inf] * 2] * 2], dtype=np.float32)
    near = nearness(distances, settings)
    assert near[0].ravel().tolist() == pytest.approx([1, 0.5, 0, 0], abs=1e-6)
    assert near[1].ravel().tolist() == [0, 0, 0, 1]
    assert near[2].ravel().tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("system", ["msdn", "mgmrn"])
def test_the_share_is_what_of_the_attention_lies_on_the_part(system: str) -> None:
    stages = {"c3": torch.randn(2, 4, 16, 16), "c4": torch.randn(2, 6, 8, 8), "c5": torch.randn(2, 8, 4, 4)}
    if system == "msdn":
        network, count = MSDN(MSDNConfig(5, 6, 8)), 1
    else:
        network, count = MgMRN(MgMRNConfig(5, 6, (4, 6, 8), width=32, hidden=8)), 3
    output = network(Features(stages), attend=True)
    set_of = torch.tensor([0, 1, -1, 1, 0])
    marks = torch.rand(2, count, 2, 4, 4)
    share = attended_share(output, marks, set_of)
    attention = output.attention if output.attention_context is None else output.attention + output.attention_context
    expected = (attention[:, :, 3] * marks[:, :, 1].transpose(0, 1)).sum((-2, -1))
    assert share.shape == (count, 2, 5)
    assert torch.allclose(share[:, :, 3], expected, atol=1e-6)
    assert torch.allclose(attended_share(output, torch.ones_like(marks), set_of), torch.ones(count, 2, 5), atol=1e-5)
    assert output.evidence is None


def test_the_loss_is_the_mean_over_those_that_speak_of_a_visible_part() -> None:
    share = torch.tensor([[[0.5, 0.1], [0.25, 0.3]]])
    loss = grounding_loss(share, torch.tensor([[True, False], [True, False]]))
    assert loss.tolist() == pytest.approx([(np.log(2) + np.log(4)) / 2])
    assert grounding_loss(share, torch.zeros(2, 2, dtype=torch.bool)).tolist() == [0.0]


def on_part(recipe: AttributeRecipe, birds: ZeroShotDataset, features: Path) -> float:
    """The mean share on the parts of the training photos after a training."""
    learner = learner_of(recipe, birds, features)
    state = fresh_state(learner, launch("cpu"))
    source = learner.source(state.network)
    for _ in range(recipe.epochs):
        train_epoch(state, learner, source)
    photos = learner.problem.train
    asked = learner_of(replace(recipe, grounding=Grounding(1.0)), birds, features)
    load = asked.source(state.network).draw(photos, np.random.default_rng(0))(np.arange(len(photos)))
    assert asked.marks is not None
    with torch.no_grad():
        _, share = asked.scores(state.network.eval(), load)
    return float(share.mean(0)[torch.from_numpy(asked.marks.speaks(photos))].mean())


@pytest.mark.parametrize(("system", "flip"), [("msdn", False), ("msdn", True), ("mgmrn", False)])
def test_a_training_with_the_term_looks_at_the_parts(
    system: str, flip: bool, birds: ZeroShotDataset, features: Path
) -> None:
    fast = Optimizer(lr=0.03, warmup=0.5)
    recipe = replace(recipe_of(system, epochs=8), flip=flip, optimizer=fast)
    if system == "msdn":
        recipe = replace(recipe, model={"stages": ["c4", "c5"]})
    plain = on_part(recipe, birds, features)
    assert on_part(replace(recipe, grounding=Grounding(1.0)), birds, features) > plain + 0.05


def test_marks_are_no_part_of_what_is_measured_on(birds: ZeroShotDataset, features: Path) -> None:
    learner = learner_of(replace(recipe_of("msdn"), grounding=Grounding(0.2)), birds, features)
    source = learner.source(learner.network())
    photos = learner.problem.train[:3]
    assert MARKS not in source.plain(photos).stages
    assert source.draw(photos, np.random.default_rng(0))(np.arange(2)).stages[MARKS].shape == (2, 1, 2, 2, 2)


def test_a_grounded_model_is_trained_saved_and_gone_on_with(
    birds: ZeroShotDataset, features: Path, tmp_path: Path
) -> None:
    recipe = replace(recipe_of("msdn"), model={"stages": ["c4", "c5"]}, grounding=Grounding(0.2))
    weights = train(recipe, birds, features, tmp_path)
    assert weights["W_1"].shape == (8, 112 + 1280)  # of EfficientNet-Lite0
    plain = train(replace(recipe, grounding=Grounding()), birds, features, tmp_path / "plain")
    assert not torch.equal(weights["W_2"], plain["W_2"])


def test_where_nothing_is_marked_it_is_said_before_anything_is_computed(
    dataset: ZeroShotDataset, birds: ZeroShotDataset
) -> None:
    grounded = replace(recipe_of("msdn"), grounding=Grounding(0.2))
    with pytest.raises(ConfigError, match="needs photos in which parts are marked; those of 'mine' have none"):
        AttributeTraining(grounded, replace(birds, name="mine"))
    with pytest.raises(ConfigError, match="asks attention to lie on a part, that of MSDN or Mg-MRN"):
        replace(grounded, system="eszsl", epochs=1)
    with pytest.raises(ConfigError, match="'radius' means nothing with 'grounding' of no weight"):
        Grounding(0.0, radius=0.2)
    assert part_locations(birds).parts
