"""The page's own arithmetic is Python's: the same order, scores, terms and answers, whatever is edited."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import EXAMPLES, ROOT, SHIPPED
from tests.twin.replaying import NODE, TWIN, assert_the_same, is_noticed, replay
from tests.twin.vectors import STATES_OF_SHIPPED, made_explanation, made_explanations, write_vectors
from zslviz.tasks.attributes import apart, bundle, insights, scoring, sentence, sources, tipping, whatifs
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.base import wording
from zslviz.ui.tabs.explain import answers

SCRIPT = "replay.js"
LEAST_STATES = 2000

pytestmark = pytest.mark.skipif(NODE is None, reason="node is missing")

# A change of each thing that the two sides must agree on: the file, what stands there, what would be wrong.
CHANGES = [
    ("scoring.js", "return sum > 0 ? Math.sqrt(sum) : 1", "return sum > 0 ? Math.sqrt(sum) * 1.0001 : 1"),
    ("scoring.js", "const LEAST_NORM = 1e-12", "const LEAST_NORM = 1"),
    ("scoring.js", "(value > Math.fround(threshold(rule, a)) ? 1 : 0)", "(value < Math.fround(threshold(rule, a)) ? 1 : 0)"),
    ("scoring.js", "table[start + a] > bounds[a]", "table[start + a] >= bounds[a]"),
    ("scoring.js", "seen[c] ? score - Math.fround(gamma)", "!seen[c] ? score - Math.fround(gamma)"),
    ("scoring.js", "unseenOnly && seen ? 0 : 1", "unseenOnly && !seen ? 0 : 1"),
    ("scoring.js", "for (const c of without) competing[c] = 0", "for (const c of without) competing[c] = 1"),
    ("scoring.js", "values[p] < values[q] ? 1 : p - q", "values[p] < values[q] ? 1 : q - p"),
    ("scoring.js", "space.seen[rivalIndex] - space.seen[classIndex]", "space.seen[classIndex] - space.seen[rivalIndex]"),
    ("scoring.js", "fused += scale.shares[g] *", "fused += (1 / scale.shares.length) *"),
    ("scoring.js", "+ step * scale.std[i]", "+ step"),
    ("scoring.js", "long[Number(c)] = rowLength(table, Number(c), attributes)", "void long"),
    ("answers.js", "exact.margin - exact.calibration - together", "exact.margin - together"),
    ("answers.js", "const SHOWN_TERMS = 8", "const SHOWN_TERMS = 7"),
    ("answers.js", "order[1] ?? first : first", "order[0] : first"),
    ("facts.js", "x.truth)", "null)"),
    ("explanation.js", "String(head.unlike || \"\")", "\"\""),
    ("facts.js", "const THUMBNAILS = 8", "const THUMBNAILS = 7"),
    ("facts.js", "ranking.classes[0].index", "0"),
    ("reading.js", "level * steps[index]", "level * steps[0]"),
    ("bundle.js", "at + count * made.BYTES_PER_ELEMENT);", "at + count * made.BYTES_PER_ELEMENT + 8);"),
    ("wording.js", "number === items.length - 1 ?", "number === items.length ?"),
    ("sentence.js", "Math.abs(size) > least)", "size > least)"),
    ("sentence.js", "this.fused[attribute] < 0", "this.fused[attribute] > 0"),
    ("sources.js", "places += weight * (x.scores[i] - bias[i])", "places += weight * x.scores[i]"),
    ("sources.js", "edits += weight * (scores[i] - x.scores[i])", "edits += weight * scores[i]"),
    ("sentence.js", "(called ? TOLD : 1)", "1"),
    ("apart.js", "(g === granularity ? whole : 0)", "(g === granularity ? 1 : 0)"),
    ("apart.js", "Math.max(...here) - Math.min(...here)", "Math.max(...here)"),
    ("apart.js", "weight * (trust ? trust.row(0)[g] : 1)", "weight"),
    ("insights.js", "!table || i !== j", "!table || i > j"),
    ("insights.js", "signed && itself ? values.map(Math.abs) : values", "values"),
    ("sentence.js", "this.alone !== this.second", "this.alone === null"),
    ("sentence.js", "scores[this.alone] - scores[this.first]", "this.ranking.calibrated[this.alone] - scores[this.first]"),
    ("whatifs.js", "Math.min(Math.max(least, 0), 1)", "Math.min(Math.max(least, 0.01), 1)"),
    ("whatifs.js", "p.size - q.size", "q.size - p.size"),
    ("whatifs.js", "[found[i] + sum, sum + scores[i] * scores[i]]", "[found[i] + sum, sum + scores[i]]"),
    ("whatifs.js", "before > LITTLE && value <= LITTLE", "value <= LITTLE"),
    ("whatifs.js", "before <= LITTLE && value >= MUCH", "value >= MUCH"),
    ("wording.js", "const CHANGE_DECIMALS = [2, 3", "const CHANGE_DECIMALS = [3"),
    ("tipping.js", "const NEAR = 1e-9", "const NEAR = 1e-2"),
]  # fmt: skip


def test_every_rule_edit_and_calibration_is_answered_as_by_python(tmp_path: Path) -> None:
    explanations = list(made_explanations())
    assert {x.rule.kind for x in explanations} == {"dot", "cosine", "binary", "table"}
    assert {len(x.granularities) for x in explanations} == {1, 2, 3}
    assert write_vectors(tmp_path, explanations) >= LEAST_STATES
    assert_the_same(SCRIPT, tmp_path, 2 * len(explanations))


def test_shipped_models_are_answered_as_by_python(
    explanation_of: Callable[[str, int], Explanation], tmp_path: Path
) -> None:
    photos = [next(i for i, path in enumerate(EXAMPLES) if path.stem == stem) for stem in ("giraffe", "kingfisher")]
    explanations = [explanation_of(name, photo) for name in SHIPPED for photo in photos]
    assert write_vectors(tmp_path, explanations, STATES_OF_SHIPPED, tame=True) == len(explanations) * STATES_OF_SHIPPED
    assert_the_same(SCRIPT, tmp_path, 2 * len(explanations))


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Vectors of one round of made explanations."""
    folder = tmp_path_factory.mktemp("vectors")
    write_vectors(folder, list(made_explanations(1)), 12)
    return folder


@pytest.mark.parametrize("mistake", CHANGES, ids=[change[1] for change in CHANGES])
def test_a_change_of_one_side_is_noticed(mistake: tuple[str, str, str], few: Path, tmp_path: Path) -> None:
    assert is_noticed(mistake, SCRIPT, few, tmp_path)


def test_what_python_changes_is_noticed(few: Path, tmp_path: Path) -> None:
    folder = tmp_path / "vectors"
    shutil.copytree(few, folder)
    cases = json.loads((folder / "cases.json").read_text(encoding="utf-8"))
    state = next(s for s in cases[0]["states"] if len(s.get("order", [])) > 1)
    state["order"][:2] = state["order"][1::-1]
    (folder / "cases.json").write_text(json.dumps(cases), encoding="utf-8")
    assert replay(SCRIPT, few).returncode == 0  # so it is what follows
    assert replay(SCRIPT, folder).returncode != 0


def test_bytes_that_are_no_bundle_are_refused_in_one_sentence(tmp_path: Path) -> None:
    """As many damaged bundles as there are places to cut one, and some with a byte changed in the head."""
    whole = made_explanation("cosine", "plain", 0).bundle()
    (tmp_path / "whole").write_bytes(whole)
    script = f"""
        import {{ readExplanationBundle }} from "{(TWIN / "explanation.js").as_uri()}";
        import {{ BundleError }} from "{(TWIN / "bundle.js").as_uri()}";
        import {{ readFileSync }} from "node:fs";
        const whole = readFileSync("{tmp_path / "whole"}");
        let refused = 0;
        const given = Array.from({{ length: 200 }}, (_, i) => whole.subarray(0, Math.floor((i * whole.length) / 200)));
        for (let i = 0; i < 600; i += 1) given.push(whole.map((byte, at) => (at === i * 2 ? byte ^ 5 : byte)));
        for (const bytes of given) {{
          try {{ readExplanationBundle(bytes); }}
          catch (error) {{
            refused += 1;
            if (!(error instanceof BundleError) || !/^[A-Z].*[.]$/.test(error.message)) throw error;
          }}
        }}
        readExplanationBundle(whole);
        console.log(refused);
    """
    done = subprocess.run(
        [str(NODE), "--input-type=module", "-e", script], capture_output=True, text=True, timeout=60, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 300


def test_classes_that_differ_in_the_order_of_their_terms_alone_keep_the_order_of_the_table() -> None:
    rng = np.random.default_rng(5)
    row = rng.uniform(0, 1, 312).astype(np.float32)
    table = np.concatenate([rng.permutation(row) for _ in range(200)]).tolist()
    script = f"""
        import {{ classScores, lengths, rankClasses }} from "{(TWIN / "scoring.js").as_uri()}";
        import {{ readFileSync }} from "node:fs";
        const table = Float32Array.from(JSON.parse(readFileSync(0, "utf8")));
        const seen = new Uint8Array(200);
        const space = {{ attributes: new Array(312), table, seen, lengths: lengths(table, 200) }};
        const scores = new Float32Array(312).fill(0.1);
        const equal = (values) => new Set(values).size === 1;
        const found = ["dot", "cosine", "table"].map((kind) => {{
          const rule = {{ kind, weights: [0.7], thresholds: [] }};
          return equal(classScores(scores, space, rule)) && rankClasses(scores, space, rule).order.every((c, i) => c === i);
        }});
        console.log(JSON.stringify([...found, equal(space.lengths)]));
    """
    done = subprocess.run(
        [str(NODE), "--input-type=module", "-e", script],
        input=json.dumps(table),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert json.loads(done.stdout) == [True] * 4, done.stderr


def test_functions_of_the_page_are_called_as_pythons() -> None:
    ours = {
        "scoring.js": (scoring, scoring.ScoringRule, scoring.AttributeScale, scoring.Contributions, SemanticSpace),
        "explanation.js": (bundle, Explanation),
        "answers.js": (answers, answers.RankRequest),
        "apart.js": (apart,),
        "insights.js": (insights,),
        "sources.js": (sources,),
        "facts.js": (answers,),
        "sentence.js": (sentence,),
        "tipping.js": (tipping,),
        "whatifs.js": (whatifs,),
        "wording.js": (wording,),
    }
    own = {
        "row",
        "columns",
        "largestFirst",
        "bestFirst",
        "part",
        "sentenceOf",
        "withClasses",
    }  # for which Python has other ways
    for file, places in ours.items():
        text = (TWIN / file).read_text(encoding="utf-8")
        exported = set(re.findall(r"^export function (\w+)", text, re.MULTILINE)) - own
        assert exported
        names = {re.sub("([A-Z])", lambda found: f"_{found[0].lower()}", name): name for name in exported}
        assert {name for name in names if not any(hasattr(place, name) for place in places)} == set()
