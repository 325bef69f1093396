"""A recipe is believed in nothing: every key known, every value of its type and in its range, said before anything is read."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import zslviz
from tests.fuzzing import NOT_FILES, answered, fuzz, mutated, mutated_value, not_file, odd_files
from zslviz.errors import ConfigError, UnknownNameError
from zslviz.tasks.base.recipes import load_recipe, recipe_from_dict
from zslviz.training.plain_yaml import parse
from zslviz.training.recipe import Recipe, read_recipe, recipe_names, with_sizes

PACKAGED = Path(zslviz.__file__).parent / "training" / "recipes"
FILES = [(PACKAGED / f"{name}.yaml").read_bytes() for name in recipe_names()]
VALUES = [
    read_recipe(name) for name in ("msdn-cub-last", "mgmrn-cub-paper", "eszsl-awa2", "biam-corel5k", "refiner-fashion")
]
MSDN = {"name": "x", "system": "msdn", "data": "own", "epochs": 4}
NAN, INF = math.nan, math.inf


# -- values -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"optimizer": {"lr": 1e300}}, "'optimizer.lr' .* at most 1000000.0"),
        ({"loss": {"bias": 1e300}}, "'bias' in 'loss' .* at most 1e"),
        ({"sampling": {"kind": "episodes", "classes": 10**6, "images": 10**6}}, "An episode holds at most 16384 photos"),
        ({"system": "eszsl", "epochs": 1, "loss": {"feature_ridge": 1e-300}}, "'feature_ridge' .* at least 1e-09"),
        ({"epochs": NAN}, "'epochs' in the recipe 'r' must be a whole number, not nan"),
        ({"epochs": "4"}, "'epochs' .* not the text '4'; write it without quotes"),
        ({"epochs": True}, "'epochs' .* a whole number, not true"),
        ({"epochs": 2.5}, "'epochs' .* a whole number, not 2.5"),
        ({"epochs": 10**40}, "'epochs' .* at most 1000000"),
        ({"optimizer": {"lr": "1e-3"}}, "'optimizer.lr' .* a number, not the text '1e-3'"),
        ({"optimizer": {"lr": NAN}}, "'optimizer.lr' .* finite"),
        ({"optimizer": {"lr": INF}}, "'optimizer.lr' .* finite"),
        ({"optimizer": {"lr": 0}}, "'optimizer.lr' .* more than 0"),
        ({"optimizer": {"name": "adamax"}}, "'sgd', 'rmsprop', 'adam' or 'adamw'"),
        ({"optimizer": None}, "must be a mapping of names to values, not nothing|must map names"),
        ({"optimizer": {"momentum": 0.5}}, "'momentum' means nothing with the optimizer adamw"),
        ({"optimizer": {"step_epochs": 3}}, "'step_epochs' means nothing with the schedule 'cosine'"),
        ({"size": 0}, "'size' .* at least 32"),
        ({"size": -64}, "'size' .* at least 32"),
        ({"size": 100}, "multiple of 32"),
        ({"size": 10**9}, "'size' .* at most"),
        ({"seed": -1}, "'seed' .* at least 0"),
        ({"batch_size": 1}, "at least two photos"),
        ({"batch_size": 4, "accumulate": 8}, "8 parts"),
        ({"average": 1.0}, "'average' .* less than 1"),
        ({"flip": 1}, "true or false"),
        ({"name": ["a"]}, "'name' .* text, not a list of 1"),
        ({"name": None}, "'name' .* text, not nothing"),
        ({"data": {"a": 1}}, "'data' .* text, not a mapping"),
        ({"backbone": None}, "'backbone' .* text, not nothing"),
        ({"name": ""}, "is empty"),
        ({"name": "../x"}, "holds '/'"),
        ({"name": "/tmp/x"}, "holds '/'"),
        ({"name": ".."}, "no name"),
        ({"name": "a\nb"}, "holds '.n'"),
        ({"name": "a\x00b"}, "holds '.x00'"),
        ({"name": "x" * 300}, "longer than 100 letters"),
        ({"validation": {"repeats": 0}}, "'validation.repeats' .* at least 1"),
        ({"validation": {"classes": 1.0}}, "'validation.classes' .* less than 1"),
        ({"validation": {"photos": 0}}, "'validation.photos' .* more than 0"),
        ({"validation": {"groups": 1}}, "at least 2"),
        ({"validation": {"groups": -1}}, "'validation.groups' .* at least 0"),
        ({"validation": {"groups": 4, "classes": 0.25}}, "'classes' means nothing with 'validation' by groups of classes"),
        ({"validation": {"groups": 4, "repeats": 3}}, "'repeats' means nothing with 'validation' by groups of classes"),
        ({"validation": {"groups": "as unseen", "repeats": 3}}, "'repeats' means nothing with 'validation' by groups"),
        ({"validation": {"epochs": 9}}, "cannot try 9 epochs of a schedule of 4"),
        ({"validation": {"epochs": 1}}, "second half"),
        ({"finetune": {"lr": 0.1}}, "'lr' means nothing with 'finetune' of no stages"),
        ({"sampling": {"classes": 3}}, "'classes' means nothing with 'sampling' of photos"),
        ({"sampling": {"kind": "episodes", "classes": 1, "images": 1}}, "at least two photos"),
        ({"model": []}, "'model' .* a mapping of names to values, not a list of 0"),
        ({"model": {"normalize_features": "yes"}}, "'normalize_features' in 'model' of the recipe 'r' must be true or false"),
        ({"model": {"channels": 10**12}}, "'channels' in 'model' .* at most"),
        ({"loss": {"label_smoothing": 5}}, "'label_smoothing' in 'loss' .* at most 1"),
        ({"loss": {"lambda_cal": None}}, "'lambda_cal' in 'loss' .* a number, not nothing"),
        ({"system": "eszsl", "epochs": 1, "loss": {"feature_ridge": -1}}, "feature_ridge.*at least 1e-09"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_work_is_said_by_its_name(changes: dict[str, Any], sentence: str) -> None:
    values = {**MSDN, **changes}
    with pytest.raises(ConfigError, match=sentence) as raised:
        recipe_from_dict(values, "r")
    assert "\n" not in str(raised.value)


def test_groups_of_classes_are_refused_where_labels_are_held_out() -> None:
    with pytest.raises(ConfigError, match="'groups' of 'validation' means nothing for multi-label models"):
        recipe_from_dict({**read_recipe("biam-corel5k"), "validation": {"groups": 4}})


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"optimizer": {"lrr": 0.1}}, "lr"),
        ({"validation": {"repeat": 1}}, "repeats"),
        ({"loss": {"lambda_call": 1}}, "lambda_cal"),
        ({"model": {"normalise_features": True}}, "normalize_features"),
        ({"epoch": 3}, "epochs"),
        ({1: 3}, "called '1'"),
        ({None: 3}, "called 'None'"),
        ({"system": ["msdn"]}, "msdn"),
        ({"system": None}, "msdn"),
    ],
)
def test_a_name_that_there_is_not_is_said_with_the_nearest(changes: dict[Any, Any], name: str) -> None:
    with pytest.raises(UnknownNameError, match=name):
        recipe_from_dict({**MSDN, **changes}, "r")


def test_a_recipe_made_in_python_and_another_seed_are_checked_too(tmp_path: Path) -> None:
    recipe = recipe_from_dict(MSDN)
    with pytest.raises(ConfigError, match="'seed' .* at least 0"):
        zslviz.train(recipe, ("shelf", tmp_path), seed=-1)
    made = type(recipe)(**{**MSDN, "optimizer": type(recipe.optimizer)(lr=NAN)})
    with pytest.raises(ConfigError, match="optimizer.lr"):
        zslviz.train(made, ("shelf", tmp_path))


def test_the_name_of_data_stays_in_its_folder(tmp_path: Path) -> None:
    for name in ("../x", "a\nb", "x" * 300, "/tmp/x"):
        with pytest.raises(ConfigError, match="name of a folder"):
            zslviz.train("msdn-own", f"{name}={tmp_path}")
        with pytest.raises(ConfigError, match="name of a folder"):
            zslviz.train("msdn-own", (name, tmp_path))


# -- YAML -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001), ("1.0e-3", 0.001), ("-2E5", -2e5), ("1_000", 1000), (".5", 0.5), ("0x10", 16), ("0", 0),
        ("-0", 0), ("1.", 1.0),
        ("010", "010"), ("1:30", "1:30"), ("2024-01-01", "2024-01-01"), ("1e", "1e"), ("yes", True), ("off", False), ("~", None),
        ("", None), ("null", None), ("'1e-3'", "1e-3"), ("1.2.3", "1.2.3"), (".inf", INF), ("9" * 500, "9" * 500),
    ],
)  # fmt: skip
def test_scalars_are_read_as_people_mean_them(text: str, value: Any) -> None:
    assert parse(f"a: {text}\n", "it") == {"a": value}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("lr: 1\nlr: 2\n", "it says 'lr' twice .line 2."),
        ("a: {b: 1, c: 2, b: 3}", "it says 'b' twice"),
        ("a: &x [*x]", "stands inside itself"),
        ("[" * 5000, "nested deeper"),
        ("a: " * 1 + "{a: " * 3000, "nested deeper"),
        ("- " * 3000, "nested deeper"),
        ("a: 1\n--- \nb: 2\n", "another document"),
        ("a: *nowhere", "undefined alias"),
        ("a: \t- b", "line 1"),
        ("!!python/object/apply:os.getcwd []", "could not determine a constructor"),
        ("a: !!int x", "does not fit its tag"),
        ("a: !!timestamp x", "does not fit its tag"),
        ("a: !!bool x", "does not fit its tag"),
        ("{[a]: b}", "unhashable key"),
        ("a: \x07", "not valid YAML"),
        ("[" + "1," * 30_000 + "]", "more than 20000 values"),
    ],
)
def test_yaml_that_cannot_be_used_is_said_with_its_line(text: str, sentence: str) -> None:
    with answered(ConfigError, seconds=2), pytest.raises(ConfigError, match=sentence):
        parse(text, "The recipe 'r'")


def test_a_bomb_of_aliases_does_not_go_off() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}, *a{i - 1}]" for i in range(1, 30)]
    merged = ["a0: &a0 {x: 1}"] + [
        f"a{i}: &a{i} {{<<: [*a{i - 1}, *a{i - 1}, *a{i - 1}], y{i}: 1}}" for i in range(1, 30)
    ]
    for bomb in (lines, merged):
        with answered(ConfigError, seconds=2), pytest.raises(ConfigError, match="more than 20000 values"):
            parse("\n".join(bomb), "it")


def test_an_anchor_may_be_used_twice() -> None:
    text = "optimizer: &o {lr: 0.1}\nother: *o\nmore: {<<: *o, name: sgd}\n"
    assert parse(text, "it") == {"optimizer": {"lr": 0.1}, "other": {"lr": 0.1}, "more": {"lr": 0.1, "name": "sgd"}}


@pytest.mark.parametrize("name", recipe_names())
def test_the_packages_recipes_are_read_as_any_yaml_reader_does(name: str) -> None:
    assert read_recipe(name) == yaml.safe_load((PACKAGED / f"{name}.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-32"])
def test_a_recipe_of_another_encoding_is_the_same(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "r.yaml").write_text("name: Bär\nsystem: msdn\ndata: own\nepochs: 3\n", encoding=encoding)
    assert load_recipe(tmp_path / "r.yaml").name == "Bär"


@pytest.mark.parametrize(
    "content", ["name: Bär".encode("latin-1"), b"x: " + b"1" * 2**19, b""], ids=["latin-1", "huge", "empty"]
)
def test_a_file_that_is_no_recipe_is_answered(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "r.yaml").write_bytes(content)
    with answered(ConfigError), pytest.raises(ConfigError, match=r"UTF-8|larger|must map"):
        load_recipe(tmp_path / "r.yaml")


@pytest.mark.parametrize("kind", NOT_FILES)
def test_what_is_no_file_is_answered(tmp_path: Path, kind: str) -> None:
    with answered(ConfigError, seconds=1), pytest.raises(ConfigError, match="r.yaml"):
        load_recipe(not_file(tmp_path / "r.yaml", kind))


# -- anything ---------------------------------------------------------------------------------------------------------------


@fuzz()
@given(content=mutated(FILES) | odd_files())
def test_any_file_is_a_recipe_or_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "r.yaml").write_bytes(content)
    with answered(ConfigError, UnknownNameError, seconds=3):
        assert isinstance(load_recipe(tmp_path / "r.yaml"), Recipe)


@fuzz()
@given(data=st.data())
def test_any_values_are_a_recipe_or_one_sentence(data: st.DataObject) -> None:
    values = data.draw(mutated_value(data.draw(st.sampled_from(VALUES))))
    with answered(ConfigError, UnknownNameError):
        recipe = recipe_from_dict(values, "r")
        assert recipe_from_dict(recipe.to_dict(), "r") == recipe
        for number in (recipe.epochs, recipe.optimizer.lr, recipe.optimizer.weight_decay, recipe.average):
            assert math.isfinite(number)


def test_a_size_that_follows_from_the_data_is_no_setting() -> None:
    sizes = {"word_dim": 50, "channels": (40, 112, 320)}
    assert with_sizes(sizes, {"width": 8, "channels": [40, 112, 320]})["width"] == 8
    with pytest.raises(ConfigError, match=r"'model.word_dim' follows from .* is 50 here, not 7"):
        with_sizes(sizes, {"word_dim": 7})
