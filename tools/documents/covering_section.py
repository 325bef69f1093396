"""The part of docs/results.md on whether maps keep their word, made from docs/results/covering/*.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tools.documents.results_tables import markdown_table

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "results" / "covering"
_PROMISED_BY = ("evidence", "Grad-CAM", "centre", "random")
_WHAT = {"attribute": "the attribute's value", "class": "the first class's score"}
_TEXT = """### Do maps keep their word?

Test photos are covered in nine places, one after the other, each a third of the photo's sides, and the network runs again. Within a
photo what is promised of the nine places is correlated (Pearson) with what the network makes of them: means over photos with 95 %
bootstrap intervals, of the attribute that stands out most among those that the photo's class has, and of the first class's score
before calibration. *Evidence* promises as `explanation.without` does (smooth maps); the others have no units, and their promise is
their share inside the place. *Comes true* is how much of what the evidence promises the network bears out (slope through 0; 1 is
all of it). *Kept*: in how many of 100 places the map keeps its word ([is_it_true.md](is_it_true.md)), beside a promise that nothing
changes ("silence"), and among places where the attribute's value moves by more than 0.05, where silence never keeps it.
`python benchmarks/covering.py` measures it; a model that is missing has not been measured yet.
"""


def section(folder: Path = FOLDER) -> str:
    """Markdown; "" where nothing has been measured."""
    measured = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]
    if not measured:
        return ""
    parts = [_TEXT]
    for what, named in _WHAT.items():
        rows = [
            [
                f"`{m['model']}`",
                str(m["photos"]),
                *(_figure(m[what][by]) for by in _PROMISED_BY),
                f"{m[what]['slope']:.2f}",
            ]
            for m in measured
        ]
        table = markdown_table(("model", "photos", *_PROMISED_BY, "comes true"), rows)
        parts.append("\n".join([f"Correlation of promise and proof, of {named}:\n", *table]) + "\n")
    kept = markdown_table(
        ("model", "kept", "silence", "kept where the value moves"),
        [
            [f"`{m['model']}`", *(_per_cent(m[key]) for key in ("kept", "silence", "kept_where_it_moves"))]
            for m in measured
        ],
    )
    return "\n".join([*parts, "\n".join(kept) + "\n"])


def _figure(interval: dict[str, Any]) -> str:
    if interval["value"] is None:
        return "–"
    return f"{interval['value']:.2f} ({interval['low']:.2f} to {interval['high']:.2f})"


def _per_cent(interval: dict[str, Any]) -> str:
    if interval["value"] is None:
        return "–"
    return f"{100 * interval['value']:.0f} ({100 * interval['low']:.0f} to {100 * interval['high']:.0f})"
