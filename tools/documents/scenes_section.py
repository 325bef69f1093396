"""The part of docs/results.md on maps in scenes whose places are known, and on whether maps depend on the attribute."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tools.documents.map_rows import figure, of_all_granularities, ordered

Figures = Mapping[str, Any]

_JUDGED = ("attention, smooth", "evidence, smooth")
_GROUPED = "evidence, smooth"
_WHAT = {"attributes": "attributes", "classes": "the photos' own classes"}

_SCENES = """### Scenes: on which animal does the map lie?

Where no parts are marked it can still be known whose pixels are whose: in pictures put together of test photos, the same ones
for every model. Asked are attributes that one photo's class has by the table (at least 0.5) and the others clearly lack (below
0.2), and the classes themselves. *Grid*: four photos of different classes, 2 x 2 (the grid pointing game, Boehle et al. 2021).
*Pointing* says how often the map's highest place lies on the right photo, *energy* how much of its positive mass does, *ranking*
how often a place inside is higher than one outside. *Pasted* and *ground*: the middle of one photo lies in a quarter of another
one, and the map is to point at the one, or the other, that has what is asked. A map that lies on whatever stands out wins one and
loses the other, so *heeds* counts how much more often a map points at what is pasted when that is asked for than when the ground
is: 0 for a map that is the same whatever is asked, 100 for one that is always right. Per cent, over all pairs, with 95 % bootstrap
intervals over scenes; maps are those of all granularities together, and each one's own are in the files. They tell whether a map
finds the right animal, not whether it finds the right part of it; and such scenes are no photographs.
"""

_SAME_PLACE = """### Do maps depend on the attribute?

The share of all attributes whose maps of one photo peak in one place, within a ninth of the photo's side (a cell of a 9 x 9 map):
100 % if the model looks at the same place whatever is asked. *random* is the same number of independent peaks. Means over test
photos, with 95 % bootstrap intervals over them.
"""


def section(figures_by_model: Mapping[str, Figures]) -> str:
    """Markdown of the figures of `zslviz faithfulness`, by the model's name; "" where none of them has scenes or peaks."""
    scenes = {model: figures["scenes"] for model, figures in figures_by_model.items() if figures.get("scenes")}
    same = {model: figures["same_place"] for model, figures in figures_by_model.items() if figures.get("same_place")}
    parts = []
    if scenes:
        parts.append(_SCENES)
        for model, found in scenes.items():
            parts += [_scene_table(model, found, of) for of in _WHAT]
        parts += [_verdicts(scenes), *_group_tables({m: figures_by_model[m]["data"] for m in scenes}, scenes)]
    if same:
        parts += [_SAME_PLACE, _same_place_table(same)]
    return "\n".join(part for part in parts if part)


def _scene_table(model: str, scenes: Figures, of: str) -> str:
    """One row a map: the grid's three figures, where it points in scenes with a cut-out, and how far it heeds the question."""
    places = {name: found[of] for name, found in scenes.items() if found[of]}
    if not places:
        return ""
    told = ", ".join(f"{found['pairs']} pairs in {found['scenes']} scenes ({name})" for name, found in places.items())
    rows = [
        f"`{model}`, maps of {_WHAT[of]}: {told}:\n",
        "| map | grid: pointing | grid: energy | grid: ranking | pasted: pointing | ground: pointing | heeds |",
        "|---|---|---|---|---|---|---|",
    ]
    heeds = places.get("pasted", {}).get("heeds", {})
    for name in ordered(of_all_granularities(next(iter(places.values()))["maps"])):
        cells = [_cell(places, "grid", name, key) for key in ("pointing", "energy", "ranking")]
        cells += [_cell(places, place, name, "pointing") for place in ("pasted", "ground")]
        rows.append(f"| {name} | " + " | ".join([*cells, figure(heeds.get(name))]) + " |")
    return "\n".join(rows) + "\n"


def _cell(places: Figures, place: str, name: str, key: str) -> str:
    return figure(places[place]["maps"][name][key]) if place in places else "–"


def _verdicts(scenes: Mapping[str, Figures]) -> str:
    """Whether the maps that were settled on beforehand beat Grad-CAM in grids, and whether they heed what is asked."""
    lines = []
    for model, found in scenes.items():
        grid, pasted = (found.get(place, {}).get("attributes") or {} for place in ("grid", "pasted"))
        heeds = pasted.get("heeds", {})
        for name in _JUDGED:
            said = []
            if name in grid.get("maps", {}):
                said += [_comparison(grid["maps"], name, rival) for rival in ("random", "Grad-CAM, smooth")]
            if name in heeds:
                said.append("heeds the attribute" if heeds[name]["low"] > 0 else "cannot be told to heed the attribute")
            if said:
                lines.append(f"- `{model}`: *{name}* {', '.join(said[:-1])}{' and ' if said[1:] else ''}{said[-1]}.")
    return "\n".join(["In scenes:\n", *lines]) + "\n" if lines else ""


def _comparison(maps: Figures, own: str, rival: str) -> str:
    first, second = maps[own]["pointing"], maps[rival]["pointing"]
    if first["low"] > second["high"]:
        return f"beats *{rival}*"
    return f"loses to *{rival}*" if first["high"] < second["low"] else f"cannot be told from *{rival}*"


def _group_tables(data: Mapping[str, str], scenes: Mapping[str, Figures]) -> list[str]:
    """Pointing in grids by group of attributes, a table a data set with its models as columns."""
    tables = []
    for name in dict.fromkeys(data.values()):
        grids = {m: found.get("grid", {}).get("attributes") for m, found in scenes.items() if data[m] == name}
        groups = {m: grid["by_group"] for m, grid in grids.items() if grid and _GROUPED in grid["maps"]}
        if not groups:
            continue
        of_all = {g: row["pairs"] for own in groups.values() for g, row in own.items()}
        rows = [
            f"Pointing in grids by group, *{_GROUPED}*, per cent:\n",
            "| group | pairs | " + " | ".join(f"`{model}`" for model in groups) + " |",
            "|---|---|" + "---|" * len(groups),
        ]
        for group, pairs in sorted(of_all.items(), key=lambda item: (-item[1], item[0])):
            cells = [f"{100 * own[group][_GROUPED]:.0f}" if group in own else "–" for own in groups.values()]
            rows.append(f"| {group} | {pairs} | " + " | ".join(cells) + " |")
        tables.append("\n".join(rows) + "\n")
    return tables


def _same_place_table(same: Mapping[str, Figures]) -> str:
    shown = ("attention", "attention, smooth", "evidence", "evidence, smooth", "random")
    rows = ["| model | photos | " + " | ".join(shown) + " |", "|---|---|" + "---|" * len(shown)]
    for model, found in same.items():
        cells = [figure(found["maps"].get(name)) for name in shown]
        rows.append(f"| `{model}` | {found['photos']} | " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n"
