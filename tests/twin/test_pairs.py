"""The page's own arithmetic of pairs is Python's: what the tab's panels ask is answered as by the server, whatever is chosen."""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import ROOT
from tests.twin.pair_vectors import Case, made_cases, write_vectors
from tests.twin.replaying import NODE, TWIN, assert_the_same, called_as, first_cases, is_noticed, replay
from zslviz.explainer import Explainer
from zslviz.tasks.compositional import bundle, feasibility, pictures, scoring
from zslviz.tasks.compositional.explanation import CompositionExplanation
from zslviz.ui.tabs.compose import answers, tab
from zslviz.ui.tabs.compose.tab import ComposeTab

SCRIPT = "replay_pairs.js"
LEAST_STATES = 600
SHIPPED, PHOTOS, WORDS = "refiner-fashion", ("red-handbag", "navy-trousers"), (("turquoise",), ("boots",))

pytestmark = pytest.mark.skipif(NODE is None, reason="node is missing")

# A change of each thing that the two sides must agree on: the file, what stands there, what would be wrong.
CHANGES = [
    ("pairs.js", "const EXPERTS = 0.5", "const EXPERTS = 0.51"),
    ("pairs.js", "ofObject[i % O]", "ofObject[Math.floor(i / O)]"),
    ("pairs.js", "seen[i] ? score : score + Math.fround(bias)", "!seen[i] ? score : score + Math.fround(bias)"),
    ("pairs.js", "is || table[i] >= Math.fround(threshold)", "is || table[i] > Math.fround(threshold)"),
    ("pairs.js", "(is || table[i]", "(table[i]"),
    ("pairs.js", "score + this.space.familiarity[i]", "score"),
    ("pairs.js", "(value + ofObject[i]) / 2", "value"),
    ("pairs.js", "reading.values(this.parts.state, this.parts.rows[state])", "reading.values(this.parts.state, state)"),
    ("pairs.js", "rows[state] * model.space.objects.length", "rows[state] * rows.length"),
    ("pairs.js", "before: taken(parts.before)", "before: taken(parts.logits)"),
    ("pairs_answers.js", "!request.before", "request.before"),
    ("pairs_answers.js", "order.filter((pair) => !space.seen[pair])", "order.filter((pair) => space.seen[pair])"),
    ("pairs_answers.js", "heads: fused - logit", "heads: fused"),
    ("pairs_answers.js", "x.space.seen[at] ? 0 :", "!x.space.seen[at] ? 0 :"),
    ("pairs_answers.js", "const SHOWN_PAIRS = 10", "const SHOWN_PAIRS = 9"),
    ("pairs_answers.js", "index !== x.at(pair)", "index === x.at(pair)"),
    ("pairs_pictures.js", "value - others[i]", "value + others[i]"),
    ("pairs_pictures.js", "stretch ?? reach < WEAK", "reach < WEAK"),
    ("pairs_answers.js", "const BITING = 0.25", "const BITING = 0.5"),
    ("pairs_answers.js", "payload.pair === undefined", "!payload.pair"),
    ("maps.js", "const SAME = 0.97", "const SAME = -1"),
    ("pairs_answers.js", "i >= x.own[1]", "i > x.own[1]"),
    ("maps.js", "moved - down > 0.5", "moved - down > 0.9"),
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


def test_every_question_about_pairs_is_answered_as_by_the_server(made: Path) -> None:
    told = json.loads((made / "cases.json").read_text(encoding="utf-8"))
    assert sum(len(case["states"]) for case in told) >= LEAST_STATES
    asked = {(state["what"], "refused" in state) for case in told for state in case["states"]}
    assert {what for what, refused in asked if not refused} == {"rank", "pair", "multiples", "insights"}
    assert {(len(case.states), len(case.objects)) for case in made_cases()} >= {(0, 0), (1, 1), (2, 2)}
    assert_the_same(SCRIPT, made, 3 * len(told))


def test_a_shipped_model_with_words_typed_is_answered_as_by_the_server(tmp_path: Path) -> None:
    explainer = Explainer.from_pretrained(SHIPPED, "cpu")
    cases = []
    for stem in PHOTOS:
        own: CompositionExplanation = explainer.explain(ROOT / "assets" / "examples" / "fashion" / f"{stem}.jpg")
        cases.append(Case(stem, own, explainer.add(own, *WORDS), partial(explainer.add, own)))
    write_vectors(tmp_path, cases, 40, tame=True, subsets=False)
    assert_the_same(SCRIPT, tmp_path, 3 * len(cases))


@pytest.mark.parametrize("mistake", CHANGES, ids=[change[1] for change in CHANGES])
def test_a_change_of_one_side_is_noticed(mistake: tuple[str, str, str], few: Path, tmp_path: Path) -> None:
    assert is_noticed(mistake, SCRIPT, few, tmp_path)


def test_what_python_changes_is_noticed(few: Path, tmp_path: Path) -> None:
    folder = tmp_path / "vectors"
    shutil.copytree(few, folder)
    cases = json.loads((folder / "cases.json").read_text(encoding="utf-8"))
    state = next(s for s in cases[0]["states"] if s["what"] == "rank")
    state["answer"]["ranking"]["pairs"][:2] = state["answer"]["ranking"]["pairs"][1::-1]
    (folder / "cases.json").write_text(json.dumps(cases), encoding="utf-8")
    assert replay(SCRIPT, few).returncode == 0  # so it is what follows
    assert replay(SCRIPT, folder).returncode != 0


def test_numbers_are_rounded_and_put_in_the_middle_as_numpy_has_it() -> None:
    rng = np.random.default_rng(3)
    values = np.concatenate([np.arange(-40, 40) / 32, rng.normal(size=100), [0.00005, 12345.67895, -0.0]]).astype(
        np.float32
    )
    lists = [rng.normal(size=n).astype(np.float32) for n in range(1, 9)]
    wanted = {
        "rounded": [np.round(values.astype(float), digits).tolist() for digits in (3, 4)],
        "median": [float(np.median(numbers)) for numbers in lists],
        "quantile": [float(np.quantile(numbers, 0.9)) for numbers in lists],
    }
    script = f"""
        import {{ median, quantile, rounded }} from "{(TWIN / "maps.js").as_uri()}";
        const [values, lists] = {json.dumps([values.tolist(), [numbers.tolist() for numbers in lists]])};
        console.log(JSON.stringify({{
          rounded: [3, 4].map((digits) => values.map((value) => rounded(value, digits))),
          median: lists.map((numbers) => median(numbers)),
          quantile: lists.map((numbers) => quantile(Float32Array.from(numbers), 0.9)),
        }}));
    """
    done = subprocess.run([str(NODE), "--input-type=module", "-e", script], capture_output=True, text=True, timeout=60)
    found = json.loads(done.stdout)
    assert found["rounded"] == wanted["rounded"]
    assert found["median"] == wanted["median"]
    assert found["quantile"] == pytest.approx(wanted["quantile"], rel=1e-6)


def test_functions_of_the_page_are_called_as_pythons() -> None:
    assert called_as("pairs.js", bundle, scoring, feasibility) == set()
    assert called_as("pairs_answers.js", answers, pictures, ComposeTab, tab) == set()
