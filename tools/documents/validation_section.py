"""The part of docs/results.md on what was tried on validation, made from docs/results/validation/*.jsonl."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from tools.documents.results_tables import markdown_table
from tools.tried import FOLDER, lines, settings_of
from zslviz.models.registry import MODELS
from zslviz.tasks.base.card_parts import percent
from zslviz.tasks.base.recipes import load_recipe

_FIGURES = ("t1", "u", "s", "h", "merit")
_MAPS = ("attention, smooth", "evidence, smooth")


def section() -> str:
    """A table a recipe: the settings that were tried, with the figures of pseudo-unseen classes and held-out photos."""
    tables = [_table(file.stem, lines(file.stem)) for file in sorted(FOLDER.glob("*.jsonl"))]
    if not tables:
        return ""
    return (
        "## What was tried on validation\n\n"
        "Settings of recipes were settled on seen classes held out as pseudo-unseen ones and on held-out photos of the others, "
        "never on test\nphotos. Only what differs between the lines is listed; *merit* is the mean of T1 and H, the line in "
        "bold is the recipe's.\nWhere parts are marked, the pointing game of held-out photos stands beside it.\n\n"
        + "\n".join(tables)
    )


def _table(name: str, tried: Sequence[Mapping[str, Any]]) -> str:
    recipe = load_recipe(name)
    shipped = settings_of(recipe.to_dict())
    defaults = {f"model.{f.name}": f.default for f in fields(MODELS[recipe.system].config)}
    known = sorted({setting for line in tried for setting in line["settings"]})

    def value(line: Mapping[str, Any], setting: str) -> str:
        found = line["settings"].get(setting, defaults.get(setting))
        return ", ".join(map(str, found)) if isinstance(found, list | tuple) else str(found)

    varied = [setting for setting in known if len({value(line, setting) for line in tried}) > 1]
    maps = [kind for kind in _MAPS if any(kind in line.get("pointing", {}) for line in tried)]
    columns = [*(f"`{n}`" for n in varied), "T1", "U", "S", "H", "merit", *(f"pointing: {kind}" for kind in maps)]
    rows = []
    for line in sorted(tried, key=lambda line: line["merit"]):
        cells = [*(value(line, setting) for setting in varied), *(_percent(line.get(key)) for key in _FIGURES)]
        cells += [_percent(line.get("pointing", {}).get(kind)) for kind in maps]
        rows.append([f"**{cell}**" if cell else "" for cell in cells] if line["settings"] == shipped else cells)
    return "\n".join([f"`{name}`:\n", *markdown_table(columns, rows), ""])


def _percent(value: float | None) -> str:
    return "" if value is None else percent(value)
