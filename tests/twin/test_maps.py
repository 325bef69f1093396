"""The page's maps are Python's: what is drawn, to one level of colour, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import EXAMPLES
from tests.twin.map_vectors import ANSWERED, made_maps, made_ones, write_map_vectors
from tests.twin.replaying import NODE, assert_the_same, called_as, is_noticed
from zslviz.photos import heatmaps, smoothing
from zslviz.photos.geometry import Geometry
from zslviz.tasks.attributes import map_words, maps, pictures
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.base import outlines, where

pytestmark = pytest.mark.skipif(NODE is None, reason="node is missing")

SCRIPT = "replay_maps.js"
TESTS = 3  # of each case
CHANGES = [
    ("heatmaps.js", "const FULL_FROM = 0.7", "const FULL_FROM = 0.1"),
    ("heatmaps.js", "+ 0.5) / FACTOR - 0.5 - j", ") / FACTOR - 0.5 - j"),
    ("heatmaps.js", "(i + 0.5) * step - 0.5", "i * step - 0.5"),
    ("contours.js", "low * share", "high * share"),
    ("map_words.js", "[x, y].map", "[y, x].map"),
    ("map_words.js", "const FEW = 9", "const FEW = 8"),
    ("map_words.js", 'offer.name === "attention"', "!offer.signed"),
    ("map_answers.js", "const LITTLE = 0.15", "const LITTLE = 0.3"),
    ("map_answers.js", "const NOTHING = 0.1", "const NOTHING = 0.3"),
    ("map_answers.js", "2 * count > of", "count > of"),
    ("map_answers.js", "value - whole * usual[i]", "value - usual[i]"),
    ("map_answers.js", "turned ? values.map((value) => -value) : values", "values"),
]  # fmt: skip


def test_made_maps_are_drawn_and_told_as_by_python(tmp_path: Path) -> None:
    explanations = list(made_ones())
    assert {explanation.rule.kind for explanation in explanations} == {"dot", "cosine", "binary", "table"}
    assert write_map_vectors(tmp_path, explanations) > 60
    assert_the_same(SCRIPT, tmp_path, TESTS * len(explanations))


def test_only_of_attention_it_is_said_that_the_model_looked() -> None:
    told: dict[str, list[str]] = {}
    for explanation in made_ones():
        for offer in (one for one in explanation.offers() if one.of == "attribute"):
            for a in range(len(explanation.space.attributes)):
                answer = pictures.maps_answer(explanation, a, offer)
                told.setdefault(offer.name, []).extend([*answer["says"], answer["special"]["says"]])
    looked = {name: {said for said in all_said if "look" in said.lower()} for name, all_said in told.items()}
    assert set(told) == {"evidence", "attention", ANSWERED.name}
    assert not looked["evidence"] and not looked[ANSWERED.name] and looked["attention"]
    assert any(said.startswith(f"{ANSWERED.title}: almost nothing for ") for said in told[ANSWERED.name])
    assert any("strongest at this one place" in said for said in told[ANSWERED.name])


def test_maps_of_shipped_models_are_drawn_and_told_as_by_python(
    explanation_of: Callable[[str, int], Explanation], tmp_path: Path
) -> None:
    photos = {path.stem: i for i, path in enumerate(EXAMPLES)}
    asked = (("mgmrn-awa2", "giraffe"), ("msdn-cub-grounded", "kingfisher"), ("eszsl-awa2", "giraffe"))
    explanations = [explanation_of(model, photos[photo]) for model, photo in asked]
    write_map_vectors(tmp_path, explanations)
    assert_the_same(SCRIPT, tmp_path, TESTS * len(explanations))


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("maps")
    write_map_vectors(folder, [made_maps(seed) for seed in (1, 3, 5, 6)])
    return folder


@pytest.mark.parametrize("mistake", CHANGES, ids=[change[1] for change in CHANGES])
def test_a_change_of_one_side_is_noticed(mistake: tuple[str, str, str], few: Path, tmp_path: Path) -> None:
    assert is_noticed(mistake, SCRIPT, few, tmp_path)


def test_functions_of_the_page_are_called_as_pythons() -> None:
    own = {"own_scale", "layer", "legend", "palette", "levels"}  # methods and helpers of other names
    assert called_as("heatmaps.js", heatmaps, heatmaps.ColourScale, smoothing, maps, Geometry) <= own
    assert called_as("contours.js", outlines) <= {"contours"}
    assert called_as("map_words.js", map_words, where) == set()
    assert called_as("map_answers.js", pictures) == set()
