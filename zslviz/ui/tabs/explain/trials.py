"""Answers about a photo without one of its places, as JSON for the page: promises of the maps beside proofs by the network.

The page's own arithmetic (`zslviz/ui/twin/is_it_true.js`) answers likewise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from zslviz.errors import ConfigError
from zslviz.photos.covering import Region
from zslviz.photos.heatmaps import data_url, shrink, webp
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.is_it_true.trial import Trial, none_decides, said
from zslviz.tasks.attributes.is_it_true.without import Source, Without
from zslviz.tasks.attributes.pictures import maps_answer
from zslviz.tasks.attributes.requests import RankRequest

if TYPE_CHECKING:
    from zslviz.tasks.attributes.film import Frame

_ANYWHERE = Region(0, 0, 1, 1)
_FRAME_WIDTH = 200  # pixels


def left_answer(without: Without) -> dict[str, Any]:
    """The place, and what is left: raw scores [G x A], row by row."""
    return {"region": list(without.region.box), "scores": [float(score) for score in without.scores.ravel()]}


def deciding_answer(explanation: Explanation, request: RankRequest) -> dict[str, Any]:
    """The smallest place that decides, as `promise`; `null` with a sentence where there is none."""
    found = explanation.deciding_region(request)
    return {"promise": found and left_answer(found), "sentence": "" if found else none_decides(explanation, request)}


def outcome_answer(without: Without, attribute: int, request: RankRequest) -> dict[str, Any]:
    """An attribute's value before and after, who is first, and that in words."""
    return {
        "value": float(without.values[attribute]),
        "before": float(without.whole.values[attribute]),
        "first": without.rank(request).best.index,
        "sentence": said(without, attribute, request).to_dict(),
    }


def tried_answer(
    explanation: Explanation, request: RankRequest, attribute: int, payload: Mapping[str, Any]
) -> dict[str, Any]:
    """What is said of a promise, and of its proof where there is one: payload has the `scores` of both. Raises ConfigError."""
    promise = _left(explanation, payload.get("promise"), "evidence")
    if payload.get("proof") is None:
        return {"promise": outcome_answer(promise, attribute, request), "proof": None}
    proof = _left(explanation, payload["proof"], "network")
    trial = Trial(promise, proof, attribute, request)
    return {
        "promise": outcome_answer(promise, attribute, request),
        "proof": outcome_answer(proof, attribute, request),
        "kept": trial.kept,
        "same_class": trial.same_class,
        "same_value": trial.same_value,
        "sentence": trial.verdict.to_dict(),
    }


def _left(explanation: Explanation, scores: Any, source: Source) -> Without:
    shape = explanation.scores.shape
    numbers = isinstance(scores, list) and all(isinstance(s, int | float) and not isinstance(s, bool) for s in scores)
    found = np.array(scores, dtype=np.float64) if numbers and len(scores) == explanation.scores.size else None
    if found is None or not (np.abs(found) < np.finfo(np.float32).max).all():
        raise ConfigError(f"What is left of a photo is {explanation.scores.size} numbers: a score of every attribute.")
    return Without(_ANYWHERE, found.reshape(shape).astype(np.float32), source, explanation)


def film_answer(
    explanation: Explanation, request: RankRequest, attribute: int, frames: Sequence[Frame]
) -> dict[str, Any]:
    """A film as small pictures, with the attribute's value and the first class of each."""
    told = []
    for frame in frames:
        left = Without(_ANYWHERE, frame.scores, "network", explanation)
        best = left.rank(request).best
        told.append(
            {
                "share": frame.share,
                "url": data_url(webp(shrink(frame.photo, _FRAME_WIDTH)), "image/webp"),
                "value": float(left.values[attribute]),
                "first": best.index,
                "name": best.name,
            }
        )
    return {"frames": told}


def untrained_answer(twin: Explanation, request: RankRequest, attribute: int) -> dict[str, Any]:
    """The untrained twin's map of an attribute, and which class it has first."""
    offer = twin.offer_of(None, "attribute")
    return {"maps": maps_answer(twin, attribute, offer), "name": request.rank(twin).best.name}
