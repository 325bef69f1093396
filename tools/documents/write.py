"""Writes the documents that hold figures from the files that measured them: README's table, the cards, docs/performance.md,
docs/results.md, docs/invent.md and docs/own_data.md; and the page's words, docs/vocabulary.md.

.venv/bin/python -m tools.documents
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

from tools.documents.faithfulness_section import FOLDER as FAITHFULNESS
from tools.documents.inventing_section import reading_section, worth_section
from tools.documents.other_sections import load
from tools.documents.own_gamma_section import own_gamma_section
from tools.documents.results_document import results_document
from tools.documents.results_files import Result, load_results
from zslviz.checkpoints.base import Checkpoint
from zslviz.checkpoints.files import metrics_text, read_metrics
from zslviz.checkpoints.listing import CheckpointInfo, list_checkpoints
from zslviz.faithfulness.entry import metrics_entry
from zslviz.faithfulness.records import weights_digest
from zslviz.tasks.attributes.retesting import TestedModel
from zslviz.tasks.attributes.scoring import calibrate
from zslviz.tasks.attributes.whole_set.attribute_auc import KEY
from zslviz.tasks.base.card import write_model_card
from zslviz.tasks.base.card_parts import paragraph, percent
from zslviz.tasks.multilabel import card as label_card
from zslviz.ui.terms import vocabulary

_PAIR_HEADS = ("closed S", "U", "H", "AUC", "open S", "U", "H", "AUC")
_PAIR_KEYS = tuple(f"{world}.{key}" for world in ("closed", "open") for key in ("s", "u", "h", "auc"))
ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "benchmarks" / "results"
_TITLES = {
    "explain": "A photo explained",
    "explain_processor_time": "A photo explained: time of the processor, on one core",
    "ranking": "An edit",
    "twin": "An edit without a server",
    "what_would_it_take": "What it would take for a class to be first",
    "new_classes": "New classes by description",
    "edit_latency": "An edit, as a visitor feels it",
    "is_it_true": "A place of a photo covered: promise and proof",
    "load": "A server under load",
    "startup": "Start",
    "allocator": "Memory kept between layers",
    "training_step_msdn": "A training step of MSDN",
    "training_step_mgmrn": "A training step of Mg-MRN",
    "training_step_mgmrn_decoders": "A training step of Mg-MRN's decoders",
    "training_step_mgmrn_paper": "A training step of Mg-MRN at the paper's sizes",
    "training_step_transzero": "A training step of TransZero",
    "training_step_transzero_small": "A training step of TransZero on a small backbone",
    "training_step_dfan": "A training step of DFAN",
    "training_step_psvma": "A training step of PSVMA",
    "training_step_psvmaplus": "A training step of PSVMA+",
    "training_step_hdafl": "A training step of HDAFL (our construction)",
    "training_step_msci": "A training step of MSCI",
    "grounding": "A training step with grounded attention",
    "training_memory": "Memory of a training step",
    "scaling": "How a training step grows",
    "inference": "Scores with and without maps",
    "feature_cache": "Cached features",
    "opening_cache": "Photos known again by content",
    "largest_photo": "The largest photos that are accepted (50 megapixels): seconds of one core, and memory on top",
    "label_explain": "A photo's labels explained",
    "label_training_step": "A training step of BiAM",
    "composition_explain": "A photo's pairs explained",
    "on_gpu_explain": "A photo explained on a GPU",
    "on_gpu_answers": "Answers on a GPU beside those on a CPU",
    "on_gpu_predict": "Many photos predicted on a GPU",
    "on_gpu_steps": "Training steps on a GPU, at the papers' sizes",
}


def models_table(checkpoints: list[CheckpointInfo]) -> str:
    """The table of shipped models, in per cent, from each metrics.json."""
    lines = [
        "| model | trained on | T1 | U | S | H | AUSUC | oracle H |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for info in checkpoints:
        metrics = info.metrics
        figures = " | ".join(percent(metrics[key]) for key in ("t1", "u", "s", "h", "ausuc"))
        system, _, data = info.title.partition(" · ")
        lines.append(
            f"| [`{info.name}`](checkpoints/{info.name}/README.md) ({system}) | {data} | {figures} "
            f"| {percent(metrics['oracle']['h'])} |"
        )
    return "\n".join(lines)


def other_tables(checkpoints: list[CheckpointInfo]) -> list[str]:
    """The tables of shipped multi-label and compositional models, in per cent."""
    tables = []
    for task, heads, keys in (
        ("multilabel", label_card.HEADS, label_card.FIGURES),
        ("compositional", _PAIR_HEADS, _PAIR_KEYS),
    ):
        found = [info for info in checkpoints if info.task == task]
        lines = [f"| model | trained on | {' | '.join(heads)} |", f"|---|---|{'---|' * len(heads)}"]
        for info in found:
            system, _, data = info.title.partition(" · ")
            cells = " | ".join(percent(figure(info.metrics, key)) for key in keys)
            lines.append(f"| [`{info.name}`](checkpoints/{info.name}/README.md) ({system}) | {data} | {cells} |")
        tables.append("\n".join(lines) if found else "")
    return tables


def sets_table(checkpoints: list[CheckpointInfo]) -> str:
    """How near the first class the true one is, and how often it is as near as that, over the test photos that models come with."""
    lines = ["| model | lead | classes, median | trained classes | the others |", "|---|---|---|---|---|"]
    for info in checkpoints:
        tested = TestedModel.open(info.name)
        known = tested.within()
        scores = calibrate(tested.photos.scores(tested.space, tested.rule), tested.space.seen, tested.gamma)
        near = (scores.max(axis=1, keepdims=True).astype(float) - scores <= known.lead).sum(axis=1)
        shares = " | ".join(f"{percent(share)} %" for share in (known.seen, known.unseen))
        lines.append(f"| `{info.name}` | {known.lead:.2f} | {median(near):g} | {shares} |")
    return "\n".join(lines)


def figure(metrics: Mapping[str, Any], key: str) -> float:
    """A figure by its dotted name."""
    value: Any = metrics
    for part in key.split("."):
        value = value[part]
    return float(value)


def performance_document() -> str:
    """docs/performance.md from benchmarks/results/*.json."""
    parts = [
        "# Performance\n\nEvery table is printed by the command above it; the sides of a ratio are timed in turn in one run. "
        "`python -m tools.documents` writes this page from `benchmarks/results/`.\n"
    ]
    for name, title in _TITLES.items():
        file = RESULTS / f"{name}.json"
        if not file.is_file():
            continue
        content = json.loads(file.read_text(encoding="utf-8"))
        card = f": {content['card']}" if "card" in content else ""  # what a GPU's figures were measured on
        parts.append(f"## {title}{card}\n\n`{content['command']}` on {content['machine']}\n")
        parts.append("| what | measured | goal |\n|---|---|---|")
        parts.extend(f"| {row['what']} | {row['figure']} | {row.get('goal', '')} |" for row in content["rows"])
        parts.append(f"\n{lacking}" if (lacking := not_run(name, content["rows"])) else "")
    return "\n".join(parts)


def not_run(benchmark: str, rows: list[dict[str, Any]]) -> str:
    """What the table of explanations on a GPU lacks: shipped models without a row, and other parts without a file; "" of others."""
    if benchmark != "on_gpu_explain":
        return ""
    measured = {row["what"].partition(":")[0] for row in rows}
    models = [f"`{info.name}`" for info in list_checkpoints() if info.name not in measured]
    parts = [
        f"`--part {part}`"
        for part in ("answers", "predict", "steps")
        if not (RESULTS / f"on_gpu_{part}.json").is_file()
    ]
    return paragraph(f"Not run on that card: {', '.join([*models, *parts])}.") if models or parts else ""


def fill(text: str, marker: str, content: Any) -> str:
    """Replaces what stands between <!-- MARKER --> and <!-- /MARKER -->."""
    pattern = re.compile(rf"(<!-- {marker} -->\n).*?(<!-- /{marker} -->)", re.DOTALL)
    if not pattern.search(text):
        raise SystemExit(f"The marker '{marker}' is missing.")
    return pattern.sub(lambda found: f"{found[1]}{content}\n{found[2]}", text)


def measured_beside(results: list[Result], name: str) -> dict[str, Any]:
    """What the card of a shipped attribute model tells beyond its metrics.json: intervals, if measured."""
    found = [r.content["intervals"] for r in results if r.kind == "models" and r.stem == name]
    return {"intervals": found[0]} if found else {}


def keep_map_figures(info: CheckpointInfo, folder: Path = FAITHFULNESS) -> None:
    """Puts the entry "maps" into metrics.json: what was measured of a checkpoint's own weights on test photos, or nothing."""
    file = folder / f"{info.name}.json"
    measured = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None
    metrics = {key: value for key, value in info.metrics.items() if key != "maps"}
    if measured and measured["part"] == "test":
        if measured["weights"] == weights_digest(Checkpoint.load(info.folder).network):
            metrics["maps"] = metrics_entry(measured)
        else:
            sys.stderr.write(f"Left out of the card: {file.name} is of other weights; measure it again.\n")
    if metrics != info.metrics:
        (info.folder / "metrics.json").write_text(metrics_text(metrics), encoding="utf-8")


def keep_attribute_auc(folder: Path) -> None:
    """Puts how well each attribute is read into a checkpoint's metrics.json, from the test photos that it comes with."""
    before = read_metrics(folder)
    after = json.loads(json.dumps({**before, KEY: asdict(TestedModel.open(folder).attribute_auc())}))
    if after != before:
        (folder / "metrics.json").write_text(metrics_text(after), encoding="utf-8")


def compared_with(task: str) -> dict[str, Any]:
    """What the card of a multi-label or compositional model sets beside its figures: yardsticks and ablations, where measured."""
    rows = load(task)
    return {
        "yardsticks": {name: content for name, content in rows.items() if content.get("yardstick")},
        "ablations": {
            n: content for n, content in rows.items() if content.get("label") and not content.get("yardstick")
        },
    }


def _stored(name: str) -> Any:
    return json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))


def main() -> None:
    checkpoints = list_checkpoints(ROOT / "checkpoints")
    of_attributes = [info for info in checkpoints if info.task == "attributes"]
    results = load_results(ROOT / "docs" / "results", of_attributes)
    for info in checkpoints:
        attributes = info.task == "attributes"
        if attributes:
            keep_map_figures(info)
            keep_attribute_auc(info.folder)
        write_model_card(info.folder, measured_beside(results, info.name) if attributes else compared_with(info.task))
    readme = ROOT / "README.md"
    tables = "\n\n".join(t for t in (models_table(of_attributes), *other_tables(checkpoints)) if t)
    readme.write_text(fill(readme.read_text(encoding="utf-8"), "models", tables), encoding="utf-8")
    test_set = ROOT / "docs" / "test-set.md"
    test_set.write_text(fill(test_set.read_text(encoding="utf-8"), "sets", sets_table(of_attributes)), encoding="utf-8")
    invent = ROOT / "docs" / "invent.md"
    text = fill(invent.read_text(encoding="utf-8"), "reading", reading_section(_stored("sentences")))
    invent.write_text(fill(text, "worth", worth_section(_stored("new_classes")["rows"])), encoding="utf-8")
    own_data = ROOT / "docs" / "own_data.md"
    gamma = own_gamma_section(_stored("own_gamma"))
    own_data.write_text(fill(own_data.read_text(encoding="utf-8"), "gamma", gamma), encoding="utf-8")
    (ROOT / "docs" / "performance.md").write_text(performance_document(), encoding="utf-8")
    (ROOT / "docs" / "vocabulary.md").write_text(vocabulary(), encoding="utf-8")
    (ROOT / "docs" / "results.md").write_text(results_document(results, ROOT / "docs"), encoding="utf-8")


if __name__ == "__main__":
    main()
