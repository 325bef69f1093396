"""What a model tells besides scores and maps, as rows of numbers and curves to draw (the page's twin: `insights.js`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.sources import exact_bias
from zslviz.tasks.base.insights import Insight, Of, ToldInsight, as_bundled, drawing, ends_of, is_table, nothing_of
from zslviz.tasks.base.insights import titles as titles_of

SHOWN = 8  # attributes
APART = "What each answer would say alone"  # `apart`
Floats = NDArray[np.float32]


def insights_of(explanation: Explanation, of: Of) -> list[Insight]:
    """Of the photo or of the model: what follows from the exact maps, then what the network tells."""
    own = [one for one in explanation.insights if one.told.of == of]
    return [*_rest(explanation), *own] if of == "photo" else own


def _rest(explanation: Explanation) -> Iterator[Insight]:
    """Of a model whose rest differs from photo to photo: what of each value comes from places, and what is this rest."""
    found = exact_bias(explanation)
    if found is None or not found[1]:
        return
    (bias, called), gain = found, explanation.scale.gain.astype(np.float64)
    places, rest = ((gain * part).sum(axis=0) for part in (explanation.scores - bias.astype(np.float64), bias))
    names = ("from places", called)
    hint = f"What each attribute’s value gets from places of this photo, and what of it is {called}."
    told = ToldInsight(
        "rest", f"From places, and {called}", hint, ("named", "attribute"), "photo", "", True, names, (), "", "rest"
    )
    yield Insight(told, np.stack([places, rest]).astype(np.float32))


def titles(explanation: Explanation) -> dict[str, list[str]]:
    """The titles of everything that is told, of the photo and of the model."""
    apart = [APART] if len(explanation.granularities) > 1 else []
    told = titles_of([*insights_of(explanation, "photo"), *insights_of(explanation, "model")])
    return {**told, "photo": [*apart, *told["photo"]]}


def insights_answer(explanation: Explanation, attribute: int) -> dict[str, Any]:
    """Everything that is told of the photo and of the model, for drawing; the attribute is the one asked about."""
    return {of: [_drawn(explanation, one, attribute) for one in insights_of(explanation, of)] for of in get_args(Of)}


def _drawn(explanation: Explanation, insight: Insight, attribute: int) -> dict[str, Any]:
    """One insight as `drawing` has it, with rows of attributes; about: the one that a table's rows are about."""
    told, values = insight.told, as_bundled(insight)
    if "attribute" not in told.axes:
        return drawing(insight)
    named, table = told.axes == ("named", "attribute"), is_table(told)
    each = values[attribute][None] if table else values if named else values[None]
    order = _largest(each[-1], attribute, not table, told.signed)
    counted = values[~np.eye(len(values), dtype=bool)] if table else values
    low, high = ends_of(counted)
    return drawing(insight) | {
        "about": attribute if table else None,
        "spread": [float(counted.min()), float(np.median(counted)), float(counted.max())]
        if table and len(values) > 1
        else None,
        "columns": list(told.names) if named else [],
        "rows": [
            {"attribute": a, "name": explanation.space.attribute_names[a], "values": each[:, a].tolist()} for a in order
        ],
        "low": low,
        "high": high,
        "nothing": nothing_of(told, low, high),
    }


def _largest(values: Floats, attribute: int, itself: bool, signed: bool) -> list[int]:
    """The attributes with the largest numbers, by size if they are signed and `itself`; the one asked about first or not at all."""
    sizes = np.abs(values) if signed and itself else values
    others = [int(a) for a in np.argsort(-sizes.astype(np.float64), kind="stable") if a != attribute]
    return [attribute, *others[: SHOWN - 1]] if itself else others[:SHOWN]
