"""The named endpoints of attribute models: /explain and /rank."""

from __future__ import annotations

from typing import Any

from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.sentence import sentence
from zslviz.tasks.attributes.tables import edits_and_ranking
from zslviz.ui.endpoints import Endpoints, top_count
from zslviz.ui.tab import Tab


def attribute_endpoints(tab: Tab[Explanation, RankRequest]) -> Endpoints:
    def explain(photo: str | None, model: str | None, top: float | None = 10) -> dict[str, Any]:
        """Runs a model on a photo: attribute values and scores, ranked classes, the answer in words, and a handle for /rank."""
        count = top_count(top)
        handle, explanation = tab.explained(photo, model)
        return {"handle": handle, **explanation.to_dict(top=count), "sentence": sentence(explanation).text}

    def rank(
        handle: str,
        edits: dict[str, Any] | list[Any] | None = None,
        class_edits: dict[str, Any] | None = None,
        gamma: float | None = None,
        unseen_only: bool = False,
        top: int = 10,
    ) -> dict[str, Any]:
        """Ranks classes for a photo explained before, after edits; no network runs.

        edits: {attribute: value}, or one vector with a number or null per attribute: what the model is to have seen.
        class_edits: {class: {attribute: value}}: what a class is to be said to look like.
        """
        explanation = tab.kept(handle)
        request = RankRequest.parse(explanation.space, edits, class_edits, gamma, unseen_only)
        return edits_and_ranking(explanation, request, top_count(top))

    return Endpoints(explain, rank, answer="explanation")
