"""Whether a model whose maps point better also has maps that count: read from the figures by a rule."""

from __future__ import annotations

from itertools import permutations
from typing import Any

from zslviz.faithfulness.entry import metrics_entry
from zslviz.tasks.attributes.map_truth import (
    CENTRE,
    GRAD_CAM,
    Figures,
    Interval,
    MapFigures,
    compared,
    counts_more,
    map_figures,
    own,
)
from zslviz.tasks.attributes.maps import EVIDENCE

_WORDS = {1: "is better than", 0: "cannot be told from", -1: "is worse than"}
_TITLE = """### Does looking right mean counting right?

A map is better than another one in the curves where deletion and insertion of the attribute's value both are, and their intervals
do not meet; a model points better than another one where the intervals of their best smooth maps' hits do not meet.
"""


def in_order(measured: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Models of one data set together, those that point best first, then by name."""
    return sorted(measured, key=lambda m: (m.get("data", ""), -_best(m)[1], m["model"]))


def looking_and_counting(measured: list[dict[str, Any]]) -> list[str]:
    """Markdown: a line a model, and what they say together; nothing without a model that has both."""
    figures = {m["model"]: _figures(m) for m in measured}
    both = {model: f for model, f in figures.items() if own(f.pointing) and own(f.deletion)}
    if not both:
        return []
    return [_TITLE, "\n".join(_line(model, f) for model, f in both.items()) + "\n", *_together(measured, both)]


def _line(model: str, figures: MapFigures) -> str:
    sort = max(own(figures.pointing), key=lambda name: figures.pointing[name][0])
    told = [f"{sort} points at {100 * figures.pointing[sort][0]:.0f} of 100 parts"]
    for name in own(figures.deletion):
        found = {r: counts_more(figures.deletion, figures.insertion, name, r) for r in (CENTRE, GRAD_CAM)}
        said = [f"{_WORDS[sign]} *{rival}*" for rival, sign in found.items() if sign is not None]
        told.append(f"in the curves *{name}* {' and '.join(said)}")
    return f"- `{model}`: {'; '.join(told)}."


def _together(measured: list[dict[str, Any]], both: dict[str, MapFigures]) -> list[str]:
    """Among all pairs of models of one data set: where one points better, are its curves better as well?"""
    data = {m["model"]: m.get("data") for m in measured}
    found = [
        _better_curves(both[a], both[b])
        for a, b in permutations(both, 2)
        if data[a] == data[b] and compared(_pointing(both[a]), _pointing(both[b])) > 0
    ]
    if not found:
        return []
    better, worse = found.count(1), found.count(-1)
    if better > len(found) / 2 and not worse:
        verdict = "looking right goes with counting right"
    elif worse > len(found) / 2 and not better:
        verdict = "looking right goes with counting worse"
    else:
        verdict = "looking right is not clearly counting right"
    pairs = "1 pair of models" if len(found) == 1 else f"{len(found)} pairs of models"
    return [
        f"In {pairs} of one data set, one points better; its own map of what it counted (else of where it looked) has both\n"
        f"curves better in {better}, both worse in {worse}. So far as these tell, {verdict}.\n"
    ]


def _better_curves(a: MapFigures, b: MapFigures) -> int:
    """1 if both curves of a model are better than another's, -1 if both are worse, else 0."""
    says = {
        compared(_area(b.deletion), _area(a.deletion)),
        compared(_area(a.insertion), _area(b.insertion)),
    }
    return says.pop() if len(says) == 1 else 0


def _figures(measured: dict[str, Any]) -> MapFigures:
    found = map_figures({"maps": metrics_entry(measured)})
    assert found is not None, f"the figures of {measured['model']} cannot be read"
    return found


def _pointing(figures: MapFigures) -> Interval:
    return max((figures.pointing[name] for name in own(figures.pointing)), key=lambda interval: interval[0])


def _area(areas: Figures) -> Interval:
    """Of what was counted, where that is known; else of another map of the model's own."""
    return areas[EVIDENCE.name] if EVIDENCE.name in areas else areas[own(areas)[0]]


def _best(measured: dict[str, Any]) -> tuple[str, float]:
    rows = (measured["localisation"] or {}).get("maps", {})
    values = {n: row["pointing"]["value"] for n, row in rows.items() if n not in (CENTRE, GRAD_CAM, "random")}
    best = max(values, key=lambda name: values[name], default="")
    return best, values.get(best, 0.0)
