"""Explanations that are asked what it would take, and for which classes."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from tests.conftest import ROOT
from tests.twin.vectors import made_explanation
from zslviz.tasks.attributes.bundle import read_explanation_bundle, read_model_bundle
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.requests import RankRequest

PHOTOS = {
    "mgmrn-awa2": ("bison", "giraffe", "horse", "jaguar", "moose"),
    "msdn-cub-grounded": ("kingfisher", "puffin", "pelican"),
}


@cache
def shipped(model: str) -> list[Explanation]:
    """Shipped examples as their bundles have them, by any checkpoint whose scale and rule are taken with the same scores."""
    folder = ROOT / "assets" / "bundles" / model
    part = read_model_bundle((folder / "model.zslviz").read_bytes())
    found = []
    for file in sorted(folder.glob("*.zslviz")):
        if file.stem != "model":
            told = read_explanation_bundle(file.read_bytes(), part)
            like = made_explanation("dot", "plain", 1)
            granularities = part.told.granularities
            own = {"space": part.space, "rule": part.rule, "scale": part.scale, "gamma": part.told.gamma}
            maps = {"attention": None, "evidence": None, "bias": None}
            tells = (*part.insights, *told.insights)
            other = {"scores": told.scores, "granularities": granularities, "insights": tells}
            found.append(replace(like, model=model, **other, **own, **maps))
    return found


def linear(explanation: Explanation) -> Explanation:
    """The same photo by a rule without norms, on the same scale."""
    rule = replace(explanation.rule, kind="dot", weights=tuple(0.02 * w for w in explanation.rule.weights))
    return replace(explanation, rule=rule, gamma=0.5)


def targets(explanation: Explanation, request: RankRequest | None = None) -> list[int]:
    order = (request or RankRequest()).rank(explanation).order.tolist()
    return [order[place] for place in (1, 2, 4, 9) if place < len(order)]
