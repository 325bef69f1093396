"""Classes that are made up, in the page's own arithmetic: the same values, words, rankings and tables as Python's."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.twin.invent_vectors import write_invent_vectors
from tests.twin.replaying import NODE, assert_the_same, called_as, first_cases, is_noticed
from zslviz.tasks.attributes import filling
from zslviz.tasks.attributes.invent import making
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.ui.tabs.explain import inventing

pytestmark = pytest.mark.skipif(NODE is None, reason="node is missing")

CHANGES = [
    ("invent.js", "const [NEAREST, LEAST_SPREAD] = [3, 0.02]", "const [NEAREST, LEAST_SPREAD] = [3, 0.2]"),
    ("invent.js", "const [NEAREST, LEAST_SPREAD] = [3, 0.02]", "const [NEAREST, LEAST_SPREAD] = [2, 0.02]"),
    ("invent.js", "const share = base === null ? 1 : given", "const share = 1"),
    ("invent.js", "Math.min(high[a], Math.max(low[a], value))", "value"),
    ("invent.js", "if (Math.fround(Number(text)) === single", "if (Math.abs(Number(text) - single) < 1e-3"),
    ("scoring.js", "table.set(values, (before + i) * attributes)", "table.set(values, before * attributes)"),
    ("scoring.js", "(long[before + i] = rowLength(table, before + i, attributes))", "(long[before + i] = 1)"),
]


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    folder = tmp_path_factory.mktemp("inventions")
    return folder, write_invent_vectors(folder)


def test_the_page_makes_what_python_makes(vectors: tuple[Path, int]) -> None:
    folder, count = vectors
    assert count >= 9
    assert_the_same("replay_inventions.js", folder, count)


@pytest.mark.parametrize("mistake", CHANGES)
def test_a_mistake_on_one_side_is_noticed(
    mistake: tuple[str, str, str], vectors: tuple[Path, int], tmp_path: Path
) -> None:
    assert is_noticed(mistake, "replay_inventions.js", first_cases(vectors[0], tmp_path / "few", 3), tmp_path)


def test_functions_are_called_as_in_python() -> None:
    assert called_as("invent.js", filling, making, inventing, SemanticSpace) == set()
