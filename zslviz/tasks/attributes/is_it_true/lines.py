"""A promise and its proof, for people at a shell: line by line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from zslviz.errors import ConfigError
from zslviz.photos.covering import Region
from zslviz.tasks.attributes.is_it_true.trial import Trial, hit, none_decides, said
from zslviz.tasks.attributes.is_it_true.without import Without, promised
from zslviz.tasks.attributes.requests import RankRequest

if TYPE_CHECKING:
    from zslviz.tasks.attributes.explanation import Explanation

_SHOWN = 8  # attributes


def cover_lines(
    explanation: Explanation,
    prove: Callable[[Region], Without],
    region: Region | None,
    attribute: int | None,
    request: RankRequest,
) -> list[str]:
    """The place, what the maps promise without it, what the network makes of it, and whether they agree.

    prove: runs the network on the photo with a place covered. region: the smallest one that decides if None. attribute: whose value
    is told; the one that changes most if None. Raises ConfigError where a place is to be found in maps that are no exact evidence.
    """
    if region is None:
        promise = explanation.deciding_region(request)
        if promise is None:
            return [none_decides(explanation, request)]
        return list(_trial_lines(Trial(promise, prove(promise.region), _told(promise, attribute), request)))
    try:
        promise = promised(explanation, region)
    except ConfigError as no_promise:
        proof = prove(region)
        return [_place(region), str(no_promise), said(proof, _told(proof, attribute), request).text]
    return list(_trial_lines(Trial(promise, prove(region), _told(promise, attribute), request)))


def _told(outcome: Without, attribute: int | None) -> int:
    return hit(outcome) if attribute is None else attribute


def _place(region: Region) -> str:
    return f"Without {','.join(f'{at:.3g}' for at in region.box)} ({100 * region.area:.1f} % of the photo):"


def _trial_lines(trial: Trial) -> Iterator[str]:
    promise, proof = trial.promise, trial.proof
    whole, space = promise.whole, promise.whole.space
    yield _place(promise.region)
    yield from (said(one, trial.attribute, trial.request).text for one in (promise, proof))
    yield trial.verdict.text
    yield f"\n{'whole':>7}{'map':>8}{'network':>9}   attributes that the map promises to change most"
    for a in np.argsort(-np.abs(promise.changes), kind="stable")[:_SHOWN].tolist():
        yield f"{whole.values[a]:7.2f}{promise.values[a]:8.2f}{proof.values[a]:9.2f}   {space.attribute_names[a]}"
    rankings = [one.rank(trial.request) for one in (promise, proof)]
    before = trial.request.rank(whole)
    yield f"\n{'whole':>7}{'map':>8}{'network':>9}   classes, by score"
    for c in list(dict.fromkeys([*before.order[:3].tolist(), *(c for r in rankings for c in r.order[:3].tolist())])):
        scores = (f"{r.calibrated[c]:{width}.2f}" for r, width in zip((before, *rankings), (7, 8, 9), strict=True))
        yield f"{''.join(scores)}   {space.class_names[c]}"
