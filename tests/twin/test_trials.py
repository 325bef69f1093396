"""Promises in the page's own arithmetic are Python's of the bundle's maps, and these are near those of the maps themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.tasks.attributes.taking import shipped
from tests.twin.replaying import NODE, assert_the_same, first_cases, is_noticed
from tests.twin.trial_vectors import as_bundled, write_trial_vectors
from zslviz.errors import ConfigError
from zslviz.photos.covering import Region
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.is_it_true.without import exact_places
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.ui.tabs.explain.trials import tried_answer

needs_node = pytest.mark.skipif(NODE is None, reason="node is missing")
CHANGES = [
    ("is_it_true.js", "(right[c] - left[c])", "right[c]"),
    ("is_it_true.js", "(shares[g] * spreads[a]) / std[g * A + a]", "shares[g] * spreads[a]"),
    ("is_it_true.js", "off < Math.fround", "off > Math.fround"),
    ("deciding.js", "- within(this.classes, rows.length * G, k * G + g)", ""),
    ("deciding.js", "score = -handicap[k]", "score = 0"),
    ("deciding.js", "p.area - q.area", "q.area - p.area"),
    ("wobble.js", "ahead.delete(first)", "void first"),
    ("wobble.js", "order.find((c) => c !== first)", "order[1]"),
    ("heatmaps.js", "made[i * cells + j] /= sum", "made[i * cells + j] /= 1.1 * sum"),
]


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    folder = tmp_path_factory.mktemp("trials")
    return folder, write_trial_vectors(folder)


@pytest.fixture(scope="module")
def few(vectors: tuple[Path, int], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some of them."""
    return first_cases(vectors[0], tmp_path_factory.mktemp("few"), 6)


@needs_node
def test_the_page_promises_what_python_promises(vectors: tuple[Path, int]) -> None:
    folder, count = vectors
    assert_the_same("replay_trials.js", folder, count)


@needs_node
@pytest.mark.parametrize("mistake", CHANGES)
def test_a_mistake_on_one_side_is_noticed(mistake: tuple[str, str, str], few: Path, tmp_path: Path) -> None:
    assert is_noticed(mistake, "replay_trials.js", few, tmp_path)


@pytest.mark.parametrize("model", ["mgmrn-awa2", "msdn-cub-grounded"])
def test_eight_bits_promise_nearly_what_the_maps_promise(
    model: str, explanation_of: Callable[..., Explanation]
) -> None:
    """Half a step of each place is the bound (docs/is_it_true.md); a hundredth of a value is far from what is ever told."""
    explanation = explanation_of(model)
    bundled = as_bundled(explanation)
    steps = np.abs(explanation.evidence).max((2, 3)) / 127  # type: ignore[arg-type]
    for region in (Region(0, 0, 1, 1), Region(0.3, 0, 0.7, 0.5), Region(0.4, 0.4, 0.5, 0.5)):
        exact, near = explanation.without(region), bundled.without(region)
        ones = np.ones((1, 1, *exact_places(explanation).evidence.shape[2:]))
        places = replace(exact_places(explanation), evidence=ones).inside(region)[0, 0]
        bound = (np.abs(explanation.scale.gain) * steps / 2 * places).sum(0)
        off = np.abs(exact.values - near.values)
        assert (off <= bound + 1e-5).all()
        assert off.max() < 0.01


def test_what_is_no_score_of_every_attribute_is_refused() -> None:
    explanation = shipped("mgmrn-awa2")[0]
    wrong = ([0.0] * 3, "scores", None, [None] * explanation.scores.size, [1e39] * explanation.scores.size)
    for scores in wrong:
        with pytest.raises(ConfigError, match="a score of every attribute"):
            tried_answer(explanation, RankRequest(), 0, {"promise": scores})
