"""The part of docs/results.md on the truth of the maps, made from docs/results/faithfulness/*.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tools.documents import covering_section, scenes_section, unlike_section
from tools.documents.looking_and_counting import in_order, looking_and_counting
from tools.documents.map_rows import PRIORS, figure, of_all_granularities, ordered
from zslviz.faithfulness.entry import SMOOTH

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "results" / "faithfulness"
_SCORES = {"attribute": "attribute's value", "class": "class score"}

_LOCALISATION = """### Pointing game and energy

For every attribute that a photo's class has (at least half of the annotators say so) and whose part is visible: does the map's
maximum lie within 15 pixels (of 224) of the part (pointing game, Zhang et al. 2016), and how much of its positive mass lies
within that distance of the part, and in the box around the bird? Per cent, over all pairs of photo and attribute, with 95 %
bootstrap intervals over photos; *by group* is the mean over the groups of attributes, *30 px* allows twice the distance, about a
cell of a 9 x 9 map. *random* is chance, *centre* a prior that always points at the middle of the photo, *Grad-CAM* that of the
backbone's last stage for the attribute's value. *smooth* maps spread what each cell counted by a Gaussian of one cell's width (its
width was chosen on training photos); their sums stay what they were, so smooth evidence still adds up to the score. Maps are those
of all granularities together; each one's own are in the files.
"""

_BY_PART = """### Part by part

Hits in the pointing game of 100 maps, smooth, by what the parts are called that an attribute speaks of; attribute groups that speak
of the same parts are one line.
"""

_CURVES = """### Deletion and insertion

The photo is run again with its places blurred in the order of a map (deletion: smaller is better) or revealed on the blurred photo
in that order (insertion: larger is better). Areas under the curves of 0, 10, 30, 60 and 100 % of the area, between 0 (all
photos blurred) and 100 (all photos whole), with 95 % bootstrap intervals over photos. The attribute is the one predicted
furthest above its usual value among those that the photo's class has; the class is the predicted one, whose probability is in the
files.
"""

_SANITY = """### Randomised weights

Mean rank correlation between a model's maps and those of the same model with the numbers of every tensor of its head in random
order (Adebayo et al. 2018). Near 0: the maps show what was learned and not only what is in the photo.
"""


def section(folder: Path = FOLDER) -> str:
    """Markdown, with every table that there are measurements for; a sentence if there are none."""
    measured = in_order([json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))])
    title = "## Do the maps tell the truth?\n"
    if not measured:
        return title + "\nNot measured yet; `zslviz faithfulness` does it.\n"
    parts = [title, _how(measured)]
    pointing = [m for m in measured if m["localisation"]]
    if pointing:
        parts += [_LOCALISATION, *(_localisation_table(m) for m in pointing), _verdicts(pointing)]
    by_part = [m for m in pointing if m["localisation"].get("by_part")]
    if by_part:
        parts += [_BY_PART, *(_part_table(m) for m in by_part)]
    curves = [m for m in measured if m["curves"]]
    if curves:
        parts += [_CURVES, *(_curves_table(m) for m in curves)]
    parts += looking_and_counting([m for m in curves if m["localisation"]])
    parts += filter(None, [scenes_section.section({m["model"]: m for m in measured})])
    parts += filter(None, [covering_section.section(), unlike_section.section()])
    parts += [_SANITY, _sanity_table(measured)]
    return "\n".join(parts)


def _how(measured: list[dict[str, Any]]) -> str:
    def photos(m: dict[str, Any]) -> str:
        curves = f" ({m['curve_photos']} with curves)" if m["curve_photos"] else ""
        return f"`{m['model']}` on {m['photos']} {'test' if m['part'] == 'test' else 'training'} photos{curves}"

    listed = "; ".join(photos(m) for m in measured)
    return (
        f"Measured by `zslviz faithfulness --model NAME --data NAME=DIR`: {listed}. The photos are drawn by chance.\n"
    )


def _localisation_table(measured: dict[str, Any]) -> str:
    found = measured["localisation"]
    keys = ("pointing", "pointing_groups", "pointing_wide", "energy_parts", "energy_box")
    rows = [
        f"`{measured['model']}`, {found['pairs']} pairs:\n",
        "| map | pointing game | by group | 30 px | energy on the part | energy in the box |",
        "|---|---|---|---|---|---|",
    ]
    shown = ordered(of_all_granularities(found["maps"]))
    rows += [f"| {name} | " + " | ".join(figure(found["maps"][name][key]) for key in keys) + " |" for name in shown]
    return "\n".join(rows) + "\n"


def _verdicts(measured: list[dict[str, Any]]) -> str:
    """Whether the maps that were settled on beforehand beat what they have to beat."""
    lines = ["In the pointing game:\n"]
    for m in measured:
        rows = {name: row["pointing"] for name, row in m["localisation"]["maps"].items()}
        for own in sorted(name for name in rows if name.endswith(SMOOTH) and name not in PRIORS):
            said = [_comparison(rows[own], rows[rival], rival) for rival in ("centre", "Grad-CAM", "Grad-CAM, smooth")]
            lines.append(f"- `{m['model']}`: *{own}* {', '.join(said[:-1])} and {said[-1]}.")
    return "\n".join(lines) + "\n"


def _part_table(measured: dict[str, Any]) -> str:
    """One line a part, those first that are found best; the maps that were settled on beforehand, and the middle."""
    by_part = measured["localisation"]["by_part"]
    names = [n for n in measured["localisation"]["maps"] if n.endswith(SMOOTH) and n not in PRIORS] + ["centre"]
    best = max(names[:-1], key=lambda name: measured["localisation"]["maps"][name]["pointing"]["value"])
    rows = [f"`{measured['model']}`:\n", f"| part | pairs | {' | '.join(names)} |", "|---" * (len(names) + 2) + "|"]
    for part, row in sorted(by_part.items(), key=lambda item: -item[1][best]):
        rows.append(f"| {part} | {row['pairs']} | " + " | ".join(f"{100 * row[name]:.0f}" for name in names) + " |")
    return "\n".join(rows) + "\n"


def _comparison(own: dict[str, float], rival: dict[str, float], name: str) -> str:
    if own["low"] > rival["high"]:
        return f"beats *{name}*"
    if own["high"] < rival["low"]:
        return f"loses to *{name}*"
    return f"cannot be told from *{name}* (the intervals overlap)"


def _curves_table(measured: dict[str, Any]) -> str:
    rows = [
        f"`{measured['model']}`, {measured['curve_photos']} photos:\n",
        "| score | order of places | deletion ↓ | insertion ↑ |",
        "|---|---|---|---|",
    ]
    for score, title in _SCORES.items():
        found = measured["curves"][score]
        for name in ordered(found["orders"]) if found else ():
            areas = [figure(found["orders"][name][kind]) for kind in ("deletion", "insertion")]
            rows.append(f"| {title} | {name} | {areas[0]} | {areas[1]} |")
    return "\n".join(rows) + "\n"


def _sanity_table(measured: list[dict[str, Any]]) -> str:
    rows = ["| model | evidence | attention | evidence for the class |", "|---|---|---|---|"]
    for m in measured:
        cells = [m["sanity"].get(key) for key in ("evidence", "attention", "class")]
        rows.append(f"| `{m['model']}` | " + " | ".join("–" if c is None else f"{c:.2f}" for c in cells) + " |")
    return "\n".join(rows) + "\n"
