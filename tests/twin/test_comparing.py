"""Two models compared in the page's own arithmetic: the same numbers, the same words as Python's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import EXAMPLES
from tests.tasks.attributes.comparing.made import made_pair
from tests.twin.comparison_vectors import write_comparison_vectors
from tests.twin.replaying import NODE, assert_the_same, called_as, first_cases, is_noticed
from tests.twin.vectors import KINDS, TEMPERS
from zslviz.tasks.attributes.comparing import answer, comparison, maps, sentence, standard, state
from zslviz.tasks.attributes.explanation import Explanation

pytestmark = pytest.mark.skipif(NODE is None, reason="node is missing")
ROUNDS = 12

CHANGES = [
    ("comparing.js", "theirs[a] !== own[a]", "theirs[a] === own[a]"),
    ("comparing.js", "- scale.table_mean[a]", "+ scale.table_mean[a]"),
    ("comparing.js", "offer.signed ? x.model", "!offer.signed ? x.model"),
    ("comparing.js", "a.ranks[0] - b.ranks[0]", "b.ranks[0] - a.ranks[0]"),
    ("comparing.js", "(a in this.edits ? 0 :", "(a in this.edits ? 1 :"),
    ("comparing.js", "inState(other, request)", "other"),
    ("comparing_words.js", "made === 1", "made !== 1"),
    ("comparing_words.js", 'more < 0 ? " lower"', 'more > 0 ? " lower"'),
    ("comparing_words.js", "right.indexOf(true)", "right.indexOf(false)"),
]


def pairs() -> Iterator[tuple[Explanation, Explanation]]:
    """Made pairs of all rules, every second with maps of both."""
    for number in range(ROUNDS):
        for i, kind in enumerate(KINDS):
            one, other = made_pair(kind, TEMPERS[(number + i) % 2], 10 * number + i)
            if number % 2:
                g, rng = len(other.granularities), np.random.default_rng(number)
                evidence = rng.normal(0, 0.2, (g, len(one.space.attributes), 6, 5)).astype(np.float32)
                bias = (other.scores - evidence.sum((2, 3))).astype(np.float32)
                other = replace(other, evidence=evidence, bias=bias, attention=np.abs(evidence))
            yield one, other


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    folder = tmp_path_factory.mktemp("comparisons")
    return folder, write_comparison_vectors(folder, pairs())


@pytest.fixture(scope="module")
def few(vectors: tuple[Path, int], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some of them."""
    return first_cases(vectors[0], tmp_path_factory.mktemp("few"), 12)


def test_the_page_compares_as_python_does(vectors: tuple[Path, int]) -> None:
    folder, count = vectors
    assert count == ROUNDS * len(KINDS)
    assert_the_same("replay_comparisons.js", folder, count)


def test_shipped_models_are_compared_alike(explanation_of: Callable[..., Explanation], tmp_path: Path) -> None:
    photos = {path.stem: i for i, path in enumerate(EXAMPLES)}
    asked = (
        ("giraffe", "mgmrn-awa2", "msdn-awa2"),
        ("kingfisher", "mgmrn-cub", "eszsl-cub"),
        ("kingfisher", "msdn-cub", "mgmrn-cub"),
    )
    found = [tuple(explanation_of(model, photos[photo]) for model in pair) for photo, *pair in asked]
    assert_the_same("replay_comparisons.js", tmp_path, write_comparison_vectors(tmp_path, found))


@pytest.mark.parametrize("mistake", CHANGES)
def test_a_mistake_on_one_side_is_noticed(mistake: tuple[str, str, str], few: Path, tmp_path: Path) -> None:
    assert is_noticed(mistake, "replay_comparisons.js", few, tmp_path)


def test_functions_are_called_as_in_python() -> None:
    assert not called_as("comparing.js", comparison, standard, state, maps, answer)
    assert not called_as("comparing_words.js", sentence)
