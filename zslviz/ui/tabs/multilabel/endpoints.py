"""The named endpoints of multi-label models: /labels and /rank_labels."""

from __future__ import annotations

from typing import Any

from zslviz.tasks.base.insights import insights_answer
from zslviz.tasks.multilabel.explanation import LabelExplanation
from zslviz.tasks.multilabel.requests import LabelRequest
from zslviz.tasks.multilabel.tables import ranked_labels
from zslviz.ui.endpoints import Endpoints, top_count
from zslviz.ui.tab import Tab


def label_endpoints(tab: Tab[LabelExplanation, LabelRequest]) -> Endpoints:
    def labels(
        photo: str | None, model: str | None, top: float | None = 10, add: list[str] | None = None
    ) -> dict[str, Any]:
        """Runs a multi-label model on a photo: labels ranked with their counted regions, and a handle for /rank_labels."""
        tab.check_model(model, "labels")
        count, request = top_count(top), LabelRequest.parse(add)
        handle, explanation = tab.explained(photo, model)
        whole = tab.with_words(handle, explanation, request)
        tells = insights_answer(explanation.insights)
        return {"handle": handle, **whole.to_dict(top=0), **ranked_labels(whole, request, count), "tells": tells}

    def rank_labels(
        handle: str,
        gamma: float | None = None,
        threshold: float | None = None,
        unseen_only: bool = False,
        add: list[str] | None = None,
        top: int = 10,
    ) -> dict[str, Any]:
        """Ranks labels for a photo explained before, with labels added by name; no network runs.

        gamma: taken off the scores of seen labels. threshold: the score from which a label counts as found. add: words.
        """
        explanation = tab.kept(handle)
        request = LabelRequest.parse(add, gamma, threshold, None, unseen_only)
        return ranked_labels(tab.with_words(handle, explanation, request), request, top_count(top))

    return Endpoints(labels, rank_labels, answer="labels")
