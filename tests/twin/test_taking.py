"""What it would take, in the page's own arithmetic: the same edits, the same proofs, the same words as Python's."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.twin.replaying import NODE, assert_the_same, first_cases, is_noticed
from tests.twin.take_vectors import write_take_vectors

pytestmark = pytest.mark.skipif(NODE is None, reason="node is missing")

CHANGES = [
    ("take_moves.js", "Math.min(0, low - values[a])", "Math.min(0, -values[a])"),
    ("take_simplex.js", "ratios[j] = Math.abs(this.reduced[j]) / helps[j]", "ratios[j] = 0"),
    ("take_fewest.js", "gains[i][j] >= short[i] / left - NEAR", "gains[i][j] >= short[i] - NEAR"),
    ("take_told.js", "Math.floor(100 * share)", "Math.ceil(100 * share)"),
    ("take_description.js", "this.goal / (2 * n)) * (2", "this.goal / n) * (2"),
    ("take_gamma.js", "seen[target] ?", "!seen[target] ?"),
    ("what_would_it_take.js", "exclusiveGroups(this.x.model.space)", "exclusiveGroups(this.x.space)"),
    ("what_would_it_take.js", "Math.ceil(value * scale - 1e-6)", "Math.round(value * scale)"),
]


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    folder = tmp_path_factory.mktemp("takes")
    return folder, write_take_vectors(folder)


@pytest.fixture(scope="module")
def few(vectors: tuple[Path, int], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some of them."""
    return first_cases(vectors[0], tmp_path_factory.mktemp("few"), 6)


def test_the_page_finds_what_python_finds(vectors: tuple[Path, int]) -> None:
    folder, count = vectors
    assert_the_same("replay_takes.js", folder, count)


@pytest.mark.parametrize("mistake", CHANGES)
def test_a_mistake_on_one_side_is_noticed(mistake: tuple[str, str, str], few: Path, tmp_path: Path) -> None:
    assert is_noticed(mistake, "replay_takes.js", few, tmp_path)
