"""tools/documents on made files: what it tables, what it says in words, and what it leaves out."""

from __future__ import annotations

import importlib
import json
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.tasks.attributes.made import made_scores, measured_checkpoint
from zslviz.checkpoints.listing import list_checkpoints
from zslviz.faithfulness.records import weights_digest
from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
from zslviz.tasks.attributes.report import full_report
from zslviz.tasks.attributes.report_files import file_stem
from zslviz.tasks.base.report import to_json


@pytest.fixture
def docs(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The modules of tools/documents by name."""

    def load(name: str) -> ModuleType:
        return importlib.import_module(f"tools.documents.{name}")

    return load


def put(root: Path, kind: str, system: str, noise: float, label: str = "", seed: int = 0, name: str = "") -> None:
    """A measured training in docs/results, and its checkpoint where it is a shipped one."""
    plain = measured_checkpoint(system)
    scores = made_scores(plain, photos_per_class=40, noise=noise)
    checkpoint = measured_checkpoint(system, scores, name=name or f"made-{system}")
    checkpoint = replace(checkpoint, metrics={**checkpoint.metrics, "seed": seed})
    content = full_report(checkpoint, scores, label=label).content
    folder = root / "results" / kind
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{file_stem(checkpoint.name, label)}.json").write_text(to_json(content))
    if kind == "models":
        checkpoint.save(root / "checkpoints" / checkpoint.name)


def results_of(docs: Any, root: Path) -> list[Any]:
    return docs("results_files").load_results(root / "results", list_checkpoints(root / "checkpoints"))


def test_the_page_has_a_row_for_what_was_measured_and_for_nothing_else(
    docs: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(docs("results_document"), "faithfulness_section", lambda: "## Maps\n")
    for name in ("labels_section", "compositions_section"):  # they read what has really been measured
        monkeypatch.setattr(docs("results_document"), name, lambda: "")
    put(tmp_path, "models", "msdn", 0.4)
    before = docs("results_document").results_document(results_of(docs, tmp_path), tmp_path)
    assert "**MSDN** (`made-msdn`)" in before
    assert "Mg-MRN" not in before.partition("## made")[2]
    assert before.endswith("## Maps\n")
    lines = before.splitlines()
    assert all(not lines[i + 1] for i, line in enumerate(lines[:-1]) if line.startswith("#")), "headings stand apart"
    assert all(not lines[i - 1] for i, line in enumerate(lines) if i and line.startswith("#"))
    assert "### Seeds" not in before and "What beats what" in before
    put(tmp_path, "models", "mgmrn", 0.2)
    put(tmp_path, "ablations", "mgmrn", 0.3, "official grouping")
    page = docs("results_document").results_document(results_of(docs, tmp_path), tmp_path)
    table = [line for line in page.partition("## made")[2].splitlines() if line.startswith("|")]
    names = [line.split("|")[1].strip() for line in table[2:13]]
    assert names[0] == "**MSDN** (`made-msdn`)" and names[4] == "**Mg-MRN** (`made-mgmrn`)"
    assert "· sum of 3, as shipped" in names and "Mg-MRN, official grouping (not shipped)" in names


def test_figures_in_the_page_are_those_of_the_files(docs: Any, tmp_path: Path) -> None:
    put(tmp_path, "models", "mgmrn", 0.6)
    content = json.loads((tmp_path / "results" / "models" / "made-mgmrn.json").read_text())
    row = docs("results_tables").main_table(results_of(docs, tmp_path))[2]
    low, high = content["intervals"]["h"]
    assert f"{100 * content['h']:.1f} ({100 * low:.1f} to {100 * high:.1f})" in row
    assert row.endswith(f"| {100 * content['ausuc']:.1f} | {100 * content['oracle']['h']:.1f} |")


def test_a_stale_measurement_is_left_out(docs: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(tmp_path, "models", "msdn", 0.4)
    file = tmp_path / "checkpoints" / "made-msdn" / "metrics.json"
    metrics = json.loads(file.read_text())
    file.write_text(json.dumps({**metrics, "h": metrics["h"] - 0.01}))
    assert results_of(docs, tmp_path) == []
    assert "measure it again" in capsys.readouterr().err


def test_a_complicated_model_that_is_no_better_is_named(docs: Any, tmp_path: Path) -> None:
    put(tmp_path, "models", "msdn", 0.2)
    put(tmp_path, "models", "mgmrn", 1.5)
    module = docs("results_reading")
    found = module.comparisons(results_of(docs, tmp_path))
    between = next(c for c in found if c.simpler == "MSDN")
    assert (between.other, between.verdict) == ("Mg-MRN", "worse")
    text = module.reading(found, "made photos")
    assert "It is not:\n" in text and "\n- against MSDN: Mg-MRN (worse)" in text
    assert f"{between.t1.estimate * 100:+.1f} (" in "".join(module.comparison_table(found)), (
        "figures stand in the table"
    )
    assert text.startswith("On made photos")


def test_a_complicated_model_that_is_better_is_not_complained_of(docs: Any, tmp_path: Path) -> None:
    put(tmp_path, "models", "msdn", 2.0)
    put(tmp_path, "models", "mgmrn", 0.3)
    module = docs("results_reading")
    found = [c for c in module.comparisons(results_of(docs, tmp_path)) if c.simpler == "MSDN"]
    assert [c.verdict for c in found] == ["better"]
    assert module.reading(found, "made photos").endswith("clearly ahead in all 1 comparisons.")


def test_the_seeds_that_a_shipped_model_was_chosen_among_stand_in_a_table(docs: Any, tmp_path: Path) -> None:
    put(tmp_path, "models", "msdn", 0.3)
    put(tmp_path, "models", "mgmrn", 0.3)
    keys = ("t1", "u", "s", "h", "ausuc", "gamma")
    each = [{"seed": seed, "merit": 0.5 - seed / 10, **dict.fromkeys(keys, 0.4 + seed / 10)} for seed in (0, 3)]
    seeds = {"count": 2, "chosen": 0, "by": "", "each": each, **{k: {"mean": 0.55, "std": 0.05} for k in keys}}
    file = tmp_path / "checkpoints" / "made-msdn" / "metrics.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "seeds": seeds}))
    results = results_of(docs, tmp_path)
    spread = " | ".join(["55.0 ± 5.0"] * 5)
    assert docs("results_tables").seeds_table(results)[2:] == [
        f"| **MSDN** (`made-msdn`), mean ± standard deviation |  | {spread} |",
        f"| · seed 0, shipped | 50.0 | {' | '.join(['40.0'] * 5)} |",
        f"| · seed 3 | 20.0 | {' | '.join(['70.0'] * 5)} |",
    ]
    assert set(docs("write").measured_beside(results, "made-msdn")["intervals"]) == {"t1", "u", "s", "h", "method"}


def test_figures_of_maps_are_kept_with_the_weights_that_they_are_of(
    docs: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checkpoint = measured_checkpoint("msdn", name="made-msdn")
    checkpoint.save(tmp_path / "checkpoints" / "made-msdn")
    card, file = tmp_path / "checkpoints" / "made-msdn" / "metrics.json", tmp_path / "made-msdn.json"
    before = card.read_text()

    def kept(**measured: Any) -> dict[str, Any]:
        file.write_text(
            json.dumps({"part": "test", "sanity": {}, **dict.fromkeys(("localisation", "curves")), **measured})
        )
        (info,) = list_checkpoints(tmp_path / "checkpoints")
        docs("write").keep_map_figures(info, tmp_path)
        return json.loads(card.read_text())

    stored = AttributeCheckpoint.load(tmp_path / "checkpoints" / "made-msdn").network
    own = {"photos": 3, "curve_photos": 0, "weights": weights_digest(stored)}
    assert kept(**own)["maps"] == {"photos": 3, "curve_photos": 0}
    assert {**kept(**own), "maps": None} == {**json.loads(before), "maps": None}
    assert kept(**{**own, "photos": 4})["maps"]["photos"] == 4
    assert "maps" not in kept(**{**own, "part": "trainval"})
    kept(**own)
    assert "maps" not in kept(**{**own, "weights": "of another training"})
    assert "made-msdn.json is of other weights" in capsys.readouterr().err
    kept(**own)
    file.unlink()
    docs("write").keep_map_figures(list_checkpoints(tmp_path / "checkpoints")[0], tmp_path)
    assert card.read_text() == before


def test_a_marker_is_filled_and_a_missing_one_is_told(docs: Any) -> None:
    write = docs("write")
    assert write.fill("a\n<!-- m -->\nold\n<!-- /m -->\nb", "m", "new") == "a\n<!-- m -->\nnew\n<!-- /m -->\nb"
    with pytest.raises(SystemExit, match="missing"):
        write.fill("a", "m", "new")


def test_shipped_models_that_were_measured_give_what_their_cards_say(docs: Any) -> None:
    files = sorted((ROOT / "docs" / "results" / "models").glob("*.json"))
    results = docs("results_files").load_results(ROOT / "docs" / "results", list_checkpoints(ROOT / "checkpoints"))
    for file in files:
        assert file.stem in {r.stem for r in results if r.kind == "models"}, f"{file.name} is out of date"
