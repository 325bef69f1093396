"""The named endpoints of compositional models: /pairs and /rank_pairs."""

from __future__ import annotations

from typing import Any

from zslviz.tasks.base.insights import insights_answer
from zslviz.tasks.compositional.explanation import CompositionExplanation
from zslviz.tasks.compositional.requests import PairRequest
from zslviz.tasks.compositional.tables import ranked_pairs
from zslviz.ui.endpoints import Endpoints, top_count
from zslviz.ui.tab import Tab

_RANKINGS = ("closed", "open", "before")  # of `to_dict`; the answer holds the one that was asked for


def pair_endpoints(tab: Tab[CompositionExplanation, PairRequest]) -> Endpoints:
    def pairs(
        photo: str | None,
        model: str | None,
        open_world: bool = False,
        top: float | None = 10,
        states: list[str] | None = None,
        objects: list[str] | None = None,
    ) -> dict[str, Any]:
        """Runs a compositional model on a photo: pairs of states and objects ranked, and a handle for /rank_pairs.

        states, objects: words to add to the model's own.
        """
        tab.check_model(model, "pairs")
        count, request = top_count(top), PairRequest.parse(states, objects, open_world)
        handle, explanation = tab.explained(photo, model)
        whole = tab.with_words(handle, explanation, request)
        readable = {key: value for key, value in whole.to_dict(top=0).items() if key not in _RANKINGS}
        tells = insights_answer(explanation.insights)
        return {"handle": handle, **readable, **ranked_pairs(whole, request, count), "tells": tells}

    def rank_pairs(
        handle: str,
        open_world: bool = False,
        threshold: float | None = None,
        bias: float | None = None,
        before: bool = False,
        states: list[str] | None = None,
        objects: list[str] | None = None,
        top: int = 10,
    ) -> dict[str, Any]:
        """Ranks pairs for a photo explained before; the backbone does not run.

        threshold: of feasibility, in the open world. bias: added to unseen pairs. before: with the embedding before its refinement.
        """
        explanation = tab.kept(handle)
        request = PairRequest.parse(states, objects, open_world, threshold, bias, before)
        return ranked_pairs(tab.with_words(handle, explanation, request), request, top_count(top))

    return Endpoints(pairs, rank_pairs, answer="pairs")
