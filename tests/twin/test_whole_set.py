"""The whole test set after edits, in the page's own arithmetic: the same figures, the same robbers, the same words as Python's."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.twin.replaying import NODE, assert_the_same, is_noticed
from tests.twin.whole_set_vectors import write_whole_set_vectors

pytestmark = pytest.mark.skipif(NODE is None, reason="node is missing")

CHANGES = [
    ("whole_set.js", "if (!edited.includes(c)) better", "better"),
    ("whole_set.js", "if (was === label) lost += 1;", "if (now === label) lost += 1;"),
    ("whole_set.js", "space.seen[c] ? seen : unseen", "space.seen[c] ? unseen : seen"),
    ("whole_set.js", "Math.fround(seen.score[n] - handicap)", "seen.score[n]"),
    ("bundle.js", "2 ** (exponent - 15)", "2 ** (exponent - 14)"),
    ("whole_set_sets.js", "table[c * A + a] >= most[a] / 2", "table[c * A + a] > 0"),
    ("whole_set_sets.js", "n % FOLDS !== fold", "n % FOLDS >= 0"),
    ("attribute_auc.js", "kind.classes - having", "having"),
    ("whole_set_told.js", "target === index).map(({ source", "source === index).map(({ source"),
]


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole set")
    write_whole_set_vectors(folder)
    return folder


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of one model."""
    folder = tmp_path_factory.mktemp("few")
    write_whole_set_vectors(folder, ("mgmrn-awa2",))
    return folder


def test_the_page_finds_what_python_finds(vectors: Path) -> None:
    assert_the_same("replay_whole_set.js", vectors, 28)


@pytest.mark.parametrize("mistake", CHANGES)
def test_a_mistake_on_one_side_is_noticed(mistake: tuple[str, str, str], few: Path, tmp_path: Path) -> None:
    assert is_noticed(mistake, "replay_whole_set.js", few, tmp_path)
