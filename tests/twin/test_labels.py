"""The page's own arithmetic of labels is Python's: what the tab's panels ask is answered as by the server, whatever is chosen."""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.twin.label_vectors import Case, made_cases, write_vectors
from tests.twin.replaying import NODE, assert_the_same, called_as, first_cases, is_noticed, replay
from zslviz.explainer import Explainer
from zslviz.tasks.multilabel import bundle, scales, scoring, strength
from zslviz.tasks.multilabel.explanation import LabelExplanation
from zslviz.ui.tabs.multilabel import answers
from zslviz.ui.tabs.multilabel.tab import MultiLabelTab

SCRIPT = "replay_labels.js"
LEAST_STATES = 600
SHIPPED, PHOTOS, WORDS = "biam-corel5k", ("coral-reef", "polar-bear-on-snow"), ("lighthouse", "penguin")

pytestmark = pytest.mark.skipif(NODE is None, reason="node is missing")

# A change of each thing that the two sides must agree on: the file, what stands there, what would be wrong.
CHANGES = [
    ("labels.js", "subarray(regions - counted)", "subarray(regions - counted - 1)"),
    ("labels.js", "own[q] - own[p] || p - q", "own[q] - own[p] || q - p"),
    ("labels.js", "seen[label] ? score - gamma", "!seen[label] ? score - gamma"),
    ("labels.js", "unseenOnly && seen ? 0 : 1", "unseenOnly && !seen ? 0 : 1"),
    ("labels.js", "calibrated[label] >= Math.fround(bar)", "calibrated[label] > Math.fround(bar)"),
    ("labels.js", "space.seen[label] ? threshold : unseenThreshold", "space.seen[label] ? unseenThreshold : threshold"),
    ("labels_strength.js", "middle < lowest ? middle", "middle > lowest ? middle"),
    ("labels_strength.js", "strength / 100", "strength / 90"),
    ("labels.js", "ranks[label] <= first", "ranks[label] < first"),
    ("labels.js", "- taken * seen", "- taken"),
    ("labels.js", "there[q] - there[p] || p - q", "there[p] - there[q] || p - q"),
    ("labels.js", "embeddings[region * width + e]", "embeddings[region + e * this.regions]"),
    ("labels.js", "label < this.own ? this.space.seen[label] : 0", "label < this.own ? this.space.seen[label] : 1"),
    ("labels_parts.js", "part === x.partScores.length - 1 ? every", "part !== x.partScores.length - 1 ? every"),
    ("labels_parts.js", "means.subarray(0, x.own)", "means"),
    ("labels_parts.js", "part === groups ? [part]", "part !== groups ? [part]"),
    ("labels_answers.js", "added: line.index >= whole.own", "added: line.index > whole.own"),
    ("labels_answers.js", "const LEADING = 5", "const LEADING = 4"),
    ("labels_answers.js", "const SMALL_MAPS = 4", "const SMALL_MAPS = 3"),
    ("labels_answers.js", "stretch ?? weak", "weak"),
    ("labels_answers.js", "there(i) > low", "there(i) >= -Infinity"),
    ("maps.js", "export const WEAK = 0.5", "export const WEAK = 0.9"),
    ("maps.js", "const SAME = 0.97", "const SAME = 0.3"),
    ("labels_answers.js", "const FLOOR = 0.9", "const FLOOR = 0.8"),
    ("labels_answers.js", "const REGION_LABELS = 8", "const REGION_LABELS = 7"),
    ("labels_answers.js", "box[0] < box[2]", "box[0] > box[2]"),
    ("insights_told.js", "values: [all[0][i]]", "values: [all[0][0]]"),
    ("maps.js", "Math.fround(rising[middle - 1] + rising[middle]) / 2", "rising[middle]"),
    ("maps.js", "(at - below)", "(below - at)"),
    ("maps.js", "clip(column, 0, columns - 1)", "column"),
    ("reading.js", "level * steps[index]", "level * steps[0]"),
]  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Vectors of made explanations."""
    folder = tmp_path_factory.mktemp("vectors")
    write_vectors(folder, list(made_cases()))
    return folder


@pytest.fixture(scope="module")
def few(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some of them."""
    return first_cases(made, tmp_path_factory.mktemp("few"), 12)


def test_every_question_about_labels_is_answered_as_by_the_server(made: Path) -> None:
    told = json.loads((made / "cases.json").read_text(encoding="utf-8"))
    assert sum(len(case["states"]) for case in told) >= LEAST_STATES
    asked = {(state["what"], "refused" in state) for case in told for state in case["states"]}
    assert {what for what, _ in asked} == {"rank", "map", "thumbnails", "region", "insights", "attention"}
    assert ("rank", True) in asked
    assert {len(case["added"]) for case in told} >= {0, 1, 2, 3}
    assert_the_same(SCRIPT, made, 3 * len(told))


def test_a_shipped_model_with_words_typed_is_answered_as_by_the_server(tmp_path: Path) -> None:
    explainer = Explainer.from_pretrained(SHIPPED, "cpu")
    cases = []
    for stem in PHOTOS:
        own: LabelExplanation = explainer.explain(ROOT / "assets" / "examples" / "multi" / f"{stem}.jpg")
        cases.append(Case(stem, own, explainer.add(own, *WORDS), partial(added, explainer, own), {}))
    write_vectors(tmp_path, cases, 40, tame=True, subsets=False)
    assert_the_same(SCRIPT, tmp_path, 3 * len(cases))


def added(explainer: Explainer, own: LabelExplanation, names: tuple[str, ...]) -> LabelExplanation:
    whole: LabelExplanation = explainer.add(own, *names)
    return whole


@pytest.mark.parametrize("mistake", CHANGES, ids=[change[1] for change in CHANGES])
def test_a_change_of_one_side_is_noticed(mistake: tuple[str, str, str], few: Path, tmp_path: Path) -> None:
    assert is_noticed(mistake, SCRIPT, few, tmp_path)


def test_what_python_changes_is_noticed(few: Path, tmp_path: Path) -> None:
    folder = tmp_path / "vectors"
    shutil.copytree(few, folder)
    cases = json.loads((folder / "cases.json").read_text(encoding="utf-8"))
    state = next(
        s for s in cases[0]["states"] if s["what"] == "rank" and len(s.get("answer", {}).get("labels", [])) > 1
    )
    state["answer"]["labels"][:2] = state["answer"]["labels"][1::-1]
    (folder / "cases.json").write_text(json.dumps(cases), encoding="utf-8")
    assert replay(SCRIPT, few).returncode == 0  # so it is what follows
    assert replay(SCRIPT, folder).returncode != 0


def test_functions_of_the_page_are_called_as_pythons() -> None:
    assert called_as("labels.js", bundle, scoring, strength, LabelExplanation) == {
        "found",
        "lines",
    }  # of a ranking, in Python
    pictures = {"map_answer", "thumbnails_answer", "attention_answer"}  # without the picture
    assert called_as("labels_answers.js", answers, scales, MultiLabelTab) == pictures
