"""One attribute's maps of two models, side by side on one scale."""

from __future__ import annotations

from typing import Any

import numpy as np

from zslviz.errors import ConfigError
from zslviz.tasks.attributes.comparing.comparison import Comparison
from zslviz.tasks.attributes.comparing.standard import standard_map
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.maps import drawn
from zslviz.tasks.base.photo import MapOffer


def shared_offers(compared: Comparison) -> tuple[MapOffer, ...]:
    """The sorts of maps of attributes that both models have, alike exact and signed, in the first one's order."""
    theirs = {(offer.name, offer.exact, offer.signed) for offer in compared.other.offers() if offer.of == "attribute"}
    own = (offer for offer in compared.one.offers() if offer.of == "attribute")
    return tuple(offer for offer in own if (offer.name, offer.exact, offer.signed) in theirs)


def maps_beside(compared: Comparison, attribute: int, kind: str | None = None) -> dict[str, Any]:
    """Both maps of an attribute on one scale. kind: which sort, the first that both have if None. Raises ConfigError.

    kinds: all sorts that both have. end: of the one scale of the two, as they are drawn; 0 if both are empty. models: of each its
    `grid`, its map as numbers row by row (`standard_map`), and of exact maps how much of its reading, in standard units, comes from
    places and how much from none (`places`, `rest`; null otherwise). An attribute that no photo can show has no map: `models` is
    empty, as it is of two models that have no sort of map in common.
    """
    offers = shared_offers(compared)
    offer = next((one for one in offers if kind in (None, one.name)), None)
    if offer is None and kind is not None:
        told = " and ".join(f"'{one.name}'" for one in offers) or "none"
        raise ConfigError(f"The two models have no maps of '{kind}' in common; they both have {told}.")
    visible = compared.one.space.visible[attribute]
    maps = [standard_map(x, offer, attribute) for x in (compared.one, compared.other)] if offer and visible else []
    return {
        "attribute": attribute,
        "kind": offer and offer.name,
        "kinds": [{"name": one.name, "title": one.title} for one in offers],
        "signed": bool(offer and offer.signed),
        "visible": visible,
        "end": max((float(np.abs(drawn(values)).max()) for values in maps), default=0.0),
        "models": [
            {
                "grid": list(values.shape),
                "values": [float(f"{value:.5g}") for value in values.ravel().tolist()],
                **_shares(x, offer, attribute, float(standard[attribute])),
            }
            for x, values, standard in zip((compared.one, compared.other), maps, compared.standard, strict=False)
            if offer is not None
        ],
    }


def _shares(explanation: Explanation, offer: MapOffer, attribute: int, standard: float) -> dict[str, float | None]:
    """What of a reading in standard units comes from places, and what from none."""
    if not offer.exact:
        return {"places": None, "rest": None}
    fused = explanation.fused(offer.name)[attribute]
    places = float(fused.sum(dtype=np.float64)) / float(explanation.scale.table_std[attribute])
    return {"places": places, "rest": standard - places}
