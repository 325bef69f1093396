"""What the yardsticks' recipes were settled on, from docs/results/validation/*.jsonl as `tools.rehearse` writes them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from tools.documents.results_tables import markdown_table
from zslviz.tasks.base.card_parts import percent

FIGURES = ("t1", "u", "s", "h", "merit")
HEADING = """### What the yardsticks were settled on

Rehearsals on seen classes alone (`python -m tools.rehearse RECIPE --data NAME=DIR`): each of four groups plays the unseen classes,
and what is tried is solved, validated and measured on the others as it would be in earnest. The recipe takes what has the highest
(T1 + H) / 2.
"""


def rehearsals_table(folder: Path, stems: Sequence[str]) -> list[str]:
    """A row for everything that was tried. folder: docs/results/validation. stems: the recipes' names."""
    rows = []
    for stem in stems:
        file = folder / f"{stem}.jsonl"
        lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
        tried = [line for line in map(json.loads, lines) if "merit" in line and "best_h" in line]
        best = max((line["merit"] for line in tried), default=None)
        for line in tried:
            name = ", ".join(f"`{setting}`" for setting in line["set"]) or "the recipe"
            marked = f"**{percent(line['merit'])}**" if line["merit"] == best else percent(line["merit"])
            rows.append([f"`{stem}`", name, *(percent(line[key]) for key in FIGURES[:-1]), marked])
    return markdown_table(["", "tried", "T1", "U", "S", "H", "(T1 + H) / 2"], rows)
