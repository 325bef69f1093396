"""The maps that are compared: those that an explanation offers (`photos.priors` has those that any map has to beat)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from zslviz.photos.smoothing import smooth
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.maps import CLASS_EVIDENCE
from zslviz.tasks.base.photo import MapOffer

Maps = dict[str, NDArray[np.float32]]
STRONG = 0.5  # a class has an attribute if the table says at least this (CUB: half of the annotators)


def attribute_offers(explanation: Explanation) -> dict[str, MapOffer]:
    """The sorts of maps of an attribute that are offered, by name."""
    return {offer.name: offer for offer in explanation.offers() if offer.of == "attribute"}


def attribute_maps(explanation: Explanation, attributes: Sequence[int]) -> Maps:
    """Maps [N, h, w] of N attributes by name: those offered, fused, plain and smoothed, and those of each granularity."""
    chosen, offers = list(attributes), list(attribute_offers(explanation))
    maps: Maps = {}
    for offer in offers:
        fused = explanation.fused(offer)[chosen]
        maps |= {offer: fused, f"{offer}, smooth": smooth(fused)}
    if len(explanation.granularities) > 1:
        layers = {offer: explanation.layers(offer, chosen) for offer in offers}
        for index, name in enumerate(explanation.granularities):
            maps |= {f"{offer}, {name}": layers[offer][index] for offer in offers}
    return maps


def class_maps(explanation: Explanation, classes: Sequence[int]) -> Maps:
    """Maps [N, h, w] of N classes: evidence, and for what sets one apart from the average, both exact; none if not offered."""
    if not any(offer.of == CLASS_EVIDENCE.of for offer in explanation.offers()):
        return {}
    own = np.stack([explanation.class_evidence(c) for c in classes])
    return {"evidence": own, "evidence above the average class": own - explanation.average_class_evidence()}
