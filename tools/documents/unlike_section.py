"""The part of docs/results.md on photos that are nothing a model was shown, made from docs/results/unlike/*.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.documents.results_tables import markdown_table

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "results" / "unlike"
_SHOWN = {"awa2": "animals (`*-awa2`)", "cub": "birds (`*-cub*`)"}
_TEXT = """### Nothing the model was shown

Attribute models say so of photos that look like none of their training photos ([unlike.md](unlike.md)). The limit leaves at most 5
in 100 of either sort of validation photos beyond it: of trained classes, and of classes held out of the fit. No test photo and none
of the pictures below had a say in it. What it should be said of: made pictures, photos of other things, and the page's examples of
the other tasks. Counts are pictures of which it was said, of so many. `python benchmarks/foreign.py` measures it.
"""
_WRONGLY = """What it should not be said of: validation photos of trained classes and of classes held out, test photos, and the
page's examples of the same data (other species and cut-outs among them). Validation in per cent, the others in counts.
"""


def section(folder: Path = FOLDER) -> str:
    """Markdown; "" where nothing has been measured."""
    measured = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]
    if not measured:
        return ""
    kinds = list(dict.fromkeys(kind for m in measured for kind in m["foreign"]))
    names = [_SHOWN.get(m["data"], f"`{m['data']}`") for m in measured]
    rows = [[kind, *(_said(m["foreign"].get(kind)) for m in measured)] for kind in kinds]
    rows.append(["**all**", *(f"**{_said(m['all'])}**, {_share(m['all'])}" for m in measured)])
    wrongly = [
        ["validation, trained classes", *(f"{100 * m['validation']['trained']:.1f} %" for m in measured)],
        ["validation, classes held out", *(f"{100 * m['validation']['held_out']:.1f} %" for m in measured)],
        *(
            [title, *(_counted(m["own"].get(key)) for m in measured)]
            for key, title in (
                ("test_seen", "test photos, trained classes"),
                ("test_unseen", "test photos, never trained on"),
                ("examples", "the page's examples"),
            )
        ),
    ]
    tables = (markdown_table(("kind of picture", *names), rows), markdown_table(("not foreign", *names), wrongly))
    return "\n".join([_TEXT, "\n".join(tables[0]), "", _WRONGLY, "\n".join(tables[1]) + "\n"])


def _said(counts: Mapping[str, Any] | None) -> str:
    return "–" if counts is None else f"{counts['said']} of {counts['pictures']}"


def _share(counts: Mapping[str, Any]) -> str:
    return f"{100 * counts['said'] / counts['pictures']:.0f} %"


def _counted(counts: Mapping[str, Any] | None) -> str:
    return "–" if counts is None else f"{_said(counts)} ({100 * counts['said'] / counts['pictures']:.1f} %)"
