"""The model's card, for the page: what was measured of it, where it is worst, what its maps are worth, whose data it has seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from zslviz.catalogue import SYSTEMS, data_card
from zslviz.errors import listed
from zslviz.models.registry import MODELS
from zslviz.tasks.attributes.map_truth import map_truth
from zslviz.tasks.attributes.scoring import calibrate
from zslviz.tasks.attributes.whole_set.attribute_auc import auc_among, summary_words
from zslviz.ui.terms import model_title

if TYPE_CHECKING:
    from zslviz.checkpoints.listing import CheckpointInfo

WORST = 5
_SAYS = {
    "t1": "when only classes never trained on compete",
    "u": "classes never trained on, among all",
    "s": "classes trained on, among all",
    "h": "harmonic mean of U and S",
}


def card_answer(info: CheckpointInfo, tested: Any | None) -> dict[str, Any]:
    """Figures with their 95 % intervals, the handicap, the worst classes, and sentences, the system's own first.

    tested: the model's test photos (`tasks.attributes.retesting.TestedModel`), None where it came without.
    """
    metrics, card = info.metrics, data_card(info.data)
    intervals = metrics.get("intervals") or {}
    return {
        "title": model_title(info.title),
        "about": " ".join(
            f"{told.rstrip('.')}."
            for told in (_added(metrics), MODELS[info.system].about, SYSTEMS[info.system].look)
            if told
        ),
        "figures": [
            {"name": key.upper(), "says": says, "value": metrics[key], "interval": intervals.get(key)}
            for key, says in _SAYS.items()
            if metrics.get(key) is not None
        ],
        "gamma": metrics.get("gamma"),
        "worst": [] if tested is None else worst_classes(tested),
        "reliable": [] if tested is None else [asdict(one) for one in tested.reliability()],
        "maps": map_truth(metrics),
        "read": None if tested is None else read_list(metrics, tested.space),
        "data": card.title if card else info.data,
        "terms": str(metrics.get("terms") or (card.terms if card else "")),
        "citation": card.citation if card else "",
        "made": str(metrics.get("command") or ""),
    }


def _added(metrics: Mapping[str, Any]) -> str:
    """What is said of a model that was extended (`tasks.attributes.extending`), "" of others."""
    names = (metrics.get("extended") or {}).get("classes") or []
    return f"{listed(names)} came after training, by description alone" if names else ""


def read_list(metrics: Mapping[str, Any], space: Any) -> dict[str, Any] | None:
    """How well attributes are read: in words, and each with its areas on classes never trained on and on the others.

    The worst read first, by the former, or by the latter where nothing else is known. None where the metrics do not tell.
    """
    found = auc_among(metrics, len(space.attributes))
    if found is None:
        return None
    kinds = (found.unseen, found.seen)

    def area(attribute: int) -> tuple[bool, float]:
        known = [area for kind in kinds if (area := kind.auc[attribute]) is not None]
        return not known, known[0] if known else 0.0

    return {
        "says": summary_words(found),
        "attributes": [
            {
                "name": space.attribute_names[a],
                "areas": [{"auc": kind.auc[a], "with": kind.with_photos[a], "photos": kind.photos} for kind in kinds],
            }
            for a in sorted(range(len(space.attributes)), key=area)
        ],
    }


def worst_classes(tested: Any) -> list[dict[str, Any]]:
    """The classes of which the smallest share of test photos is found when all compete; of equals those listed first."""
    space, labels = tested.space, tested.photos.labels
    called = calibrate(tested.photos.scores(space, tested.rule), space.seen, tested.gamma).argmax(axis=1)
    photos = np.bincount(labels, minlength=len(space.classes))
    right = np.bincount(labels[called == labels], minlength=len(space.classes))
    there = np.flatnonzero(photos)
    order = there[np.argsort(right[there] / photos[there], kind="stable")][:WORST]
    return [
        {"name": space.class_names[c], "seen": bool(space.seen[c]), "right": int(right[c]), "photos": int(photos[c])}
        for c in order.tolist()
    ]
