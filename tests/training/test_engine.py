"""Several processes, parts of a batch, precision, and backbones that are trained along, on a tiny data set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.tasks.attributes.test_training import learner_of, recipe_of
from tests.tasks.attributes.test_training import train as train_into
from zslviz.backbones import build_backbone
from zslviz.errors import CheckpointError, ConfigError
from zslviz.explainer import Explainer
from zslviz.features.sources import PhotoPixels
from zslviz.runtime.processes import launch, share_of
from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
from zslviz.tasks.attributes.data import ZeroShotDataset
from zslviz.tasks.attributes.evaluation import evaluate_model
from zslviz.tasks.attributes.problems import final_problem
from zslviz.tasks.attributes.settings import AttributeRecipe, FineTuning, Sampling
from zslviz.tasks.attributes.training import draw_episodes
from zslviz.training.loop import train_epoch
from zslviz.training.recipe import Optimizer
from zslviz.training.stepping import fresh_state


def weights_after(
    recipe: AttributeRecipe, dataset: ZeroShotDataset, cache_root: Path, epochs: int = 1
) -> dict[str, torch.Tensor]:
    """The network's weights after some epochs on the data set's own split, in the recipe's precision."""
    learner = learner_of(recipe, dataset, cache_root)
    state = fresh_state(learner, launch("cpu", recipe.precision))
    source = learner.source(state.network)
    for _ in range(epochs):
        train_epoch(state, learner, source)
    return {name: tensor.clone() for name, tensor in state.network.state_dict().items()}


def close(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor], tolerance: float) -> bool:
    return all((first[name].double() - second[name].double()).abs().max() <= tolerance for name in first)


@pytest.fixture
def double() -> Iterator[None]:
    """Tensors are float64 unless a type is given; so are scores and losses in a recipe of the precision "64-true"."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


PLAIN = {"optimizer": Optimizer("sgd", lr=0.01, weight_decay=0.0), "average": 0.0}
EXACT = {**PLAIN, "precision": "64-true", "model": {"width": 32, "hidden": 8, "grouping": "decoupled"}}
# What is the same step but for the order of additions differs by rounding alone: here by 1e-13 in float64, though steep softmaxes
# multiply it a thousandfold (3e-5 in float32); what is another step differs by 1.
SAME, OTHER = 1e-9, 1e-3


# -- several processes ---------------------------------------------------------------------------------------------------


@given(st.integers(1, 40), st.integers(1, 6))
def test_the_processes_share_every_item_and_no_share_is_larger_than_another(count: int, processes: int) -> None:
    items = np.arange(count)
    shares = [share_of(SimpleNamespace(world_size=processes, global_rank=r), items) for r in range(processes)]  # type: ignore[arg-type]
    assert len({len(share) for share in shares}) == 1
    assert np.array_equal(np.concatenate(shares)[:count], items)


def test_half_precision_on_a_cpu_is_refused() -> None:
    with pytest.raises(ConfigError, match="needs a GPU"):
        launch("cpu", "16-mixed")


# -- batches -------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("double")
def test_a_batch_in_parts_gives_the_same_step(dataset: ZeroShotDataset, cache_root: Path) -> None:
    recipe = replace(recipe_of("mgmrn"), **EXACT)
    whole = weights_after(recipe, dataset, cache_root)
    assert {tensor.dtype for tensor in whole.values()} == {torch.float64}
    assert close(whole, weights_after(replace(recipe, accumulate=3), dataset, cache_root), SAME)
    assert not close(whole, weights_after(replace(recipe, batch_size=2), dataset, cache_root), OTHER)


@pytest.mark.usefixtures("double")
def test_three_passes_give_the_joint_step_on_a_frozen_backbone(dataset: ZeroShotDataset, cache_root: Path) -> None:
    recipe = replace(recipe_of("mgmrn"), **EXACT)
    joint = weights_after(recipe, dataset, cache_root)
    assert close(joint, weights_after(replace(recipe, passes="three"), dataset, cache_root), SAME)


def test_three_passes_differ_where_the_backbone_is_trained(dataset: ZeroShotDataset, cache_root: Path) -> None:
    model = {"width": 32, "hidden": 8, "grouping": "decoupled"}
    recipe = replace(recipe_of("mgmrn"), **PLAIN, model=model, finetune=FineTuning("all", lr=0.05, weight_decay=0.0))
    joint = weights_after(recipe, dataset, cache_root)
    three = weights_after(replace(recipe, passes="three"), dataset, cache_root)
    assert not close(joint, three, OTHER), "each granularity's loss moves the shared backbone before the next forward"


def test_an_episode_holds_some_images_of_some_classes(dataset: ZeroShotDataset) -> None:
    recipe = replace(recipe_of("mgmrn"), sampling=Sampling("episodes", episodes=7, classes=2, images=2))
    problem = final_problem(dataset)
    batches = draw_episodes(recipe.sampling, problem, np.random.default_rng(0))
    assert len(batches) == 7
    for batch in batches:
        _, counts = np.unique(problem.labels[batch], return_counts=True)
        assert counts.tolist() == [2, 2]
        assert len(set(batch)) == 4
        assert set(batch) <= set(problem.train)


def test_an_episode_repeats_images_of_a_class_that_has_too_few(dataset: ZeroShotDataset) -> None:
    recipe = replace(recipe_of("mgmrn"), sampling=Sampling("episodes", episodes=1, classes=99, images=50))
    problem = final_problem(dataset)
    (batch,) = draw_episodes(recipe.sampling, problem, np.random.default_rng(0))
    assert len(batch) == 50 * len(np.unique(problem.labels[problem.train]))


def test_mixed_precision_trains_to_nearly_the_same_weights(dataset: ZeroShotDataset, cache_root: Path) -> None:
    recipe = replace(recipe_of("msdn"), **PLAIN)
    full = weights_after(recipe, dataset, cache_root)
    mixed = weights_after(replace(recipe, precision="bf16-mixed"), dataset, cache_root)
    assert close(full, mixed, 1e-2)
    assert not all(torch.equal(full[name], mixed[name]) for name in full)


def test_random_crops_and_mirrors_are_drawn_before_loading(dataset: ZeroShotDataset) -> None:
    source = PhotoPixels(dataset, size=64, resize=80, flip=True)
    photos = dataset.trainval[:4]
    load = source.draw(photos, np.random.default_rng(1))
    whole = load(np.arange(4)).stages["pixels"]
    assert whole.shape == (4, 3, 64, 64)
    share = load(np.array([2])).stages["pixels"]
    assert torch.equal(share, whole[2:3]), "a share of the batch holds the very same crops"
    other = source.draw(photos, np.random.default_rng(2))(np.arange(4)).stages["pixels"]
    assert not torch.equal(whole, other)


# -- backbones that are trained along ------------------------------------------------------------------------------------


def train(
    recipe: AttributeRecipe, dataset: ZeroShotDataset, cache_root: Path, folder: Path, choice: Path | None = None
) -> Path:
    train_into(recipe, dataset, cache_root, folder, choice)
    return folder / "model"


@pytest.mark.parametrize(("system", "stages"), [("msdn", "last"), ("mgmrn", "last"), ("msdn", "all")])
def test_a_model_with_trained_stages_is_saved_loaded_and_measured_alike(
    system: str, stages: str, dataset: ZeroShotDataset, cache_root: Path, tmp_path: Path
) -> None:
    tuning = FineTuning(stages, lr=1e-3)  # type: ignore[arg-type]
    recipe = replace(recipe_of(system, epochs=1), finetune=tuning, resize=80 if stages == "all" else 0)
    folder = train(recipe, dataset, cache_root, tmp_path)
    checkpoint = AttributeCheckpoint.load(folder)
    assert checkpoint.trained == (("c5",) if stages == "last" else ("c3", "c4", "c5"))
    pretrained = build_backbone("efficientnet_lite0")
    before = pretrained.last_stage().state_dict()
    now = (
        checkpoint.network.last_stage.state_dict()
        if stages == "last"
        else Explainer.from_pretrained(folder, device="cpu").encoder.backbone.last_stage().state_dict()
    )
    statistics = [name for name in before if "running_" in name]
    assert statistics
    assert all(torch.equal(before[name], now[name]) for name in statistics), "frozen, and stored in full"
    trained = [
        name for name in before if not torch.allclose(before[name].half().float(), now[name].half().float(), atol=1e-4)
    ]
    assert trained, "by more than a tenth of one step, and than halving it for the file"
    explainer = Explainer.from_pretrained(folder, device="cpu")
    stated = {k: explainer.metrics[k] for k in ("t1", "u", "s")}
    measured = evaluate_model(explainer, dataset).to_dict()
    assert {k: measured[k] for k in stated} == pytest.approx(stated, abs=1e-3)
    explanation = explainer.explain(dataset.files[0])
    rebuilt = explanation.evidence.sum((-2, -1)) + explanation.bias
    assert np.allclose(rebuilt, explanation.scores, atol=1e-4)


def test_a_checkpoint_that_lacks_a_part_of_its_backbone_is_refused(
    dataset: ZeroShotDataset, cache_root: Path, tmp_path: Path
) -> None:
    recipe = replace(recipe_of("msdn", epochs=1), finetune=FineTuning("all", lr=1e-3))
    checkpoint = AttributeCheckpoint.load(train(recipe, dataset, cache_root, tmp_path))
    fewer = {k: v for k, v in checkpoint.backbone_state.items() if not k.endswith("conv_stem.weight")}
    replace(checkpoint, backbone_state=fewer).save(tmp_path / "fewer")
    with pytest.raises(CheckpointError, match="whole of its backbone"):
        Explainer.from_pretrained(tmp_path / "fewer", device="cpu")


def test_another_seed_can_take_over_what_a_first_run_chose(
    dataset: ZeroShotDataset, cache_root: Path, tmp_path: Path
) -> None:
    recipe = recipe_of("mgmrn", epochs=2)
    first = train(recipe, dataset, cache_root, tmp_path / "a")
    chosen = AttributeCheckpoint.load(first).metrics["validation"]
    assert [sum(w > 0 for w in c["rule"]["weights"]) for c in chosen["alone"]] == [1, 1, 1]
    second = AttributeCheckpoint.load(train(replace(recipe, seed=9), dataset, cache_root, tmp_path / "b", first))
    assert not list((tmp_path / "b" / "run").glob("validation*")), "nothing is chosen anew"
    assert second.metrics["validation"] == chosen
    assert second.gamma == chosen["gamma"]
    assert second.metrics["seed"] == 9
    replace(second, metrics={}).save(tmp_path / "unmeasured")
    with pytest.raises(ConfigError, match="no choice"):
        train(recipe, dataset, cache_root, tmp_path / "c", tmp_path / "unmeasured")
