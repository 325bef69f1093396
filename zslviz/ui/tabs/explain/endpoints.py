"""The named endpoints of attribute models: /explain, /rank and /what_would_it_take."""

from __future__ import annotations

from typing import Any

from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.sentence import sentence
from zslviz.tasks.attributes.tables import edits_and_ranking
from zslviz.tasks.attributes.what_would_it_take.asking import answered
from zslviz.tasks.attributes.what_would_it_take.question import Question
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

    def what_would_it_take(
        handle: str,
        target: str | int,
        side: str = "photo",
        character: str = "fewest",
        by: str = "attributes",
        lock: list[Any] | None = None,
        ranges: dict[str, Any] | None = None,
        ways: int = 1,
        edits: dict[str, Any] | list[Any] | None = None,
        class_edits: dict[str, Any] | None = None,
        gamma: float | None = None,
        unseen_only: bool = False,
    ) -> dict[str, Any]:
        """The smallest edits after which a class is first, for a photo explained before; no network runs.

        side: "photo" or "description". character: "fewest", "least" or "gentlest". by: "attributes" or "parts". lock: attributes
        and groups that stay. ranges: {attribute: [least, most]}. The rest as in /rank: from where it starts.
        """
        explanation = tab.kept(handle)
        request = RankRequest.parse(explanation.space, edits, class_edits, gamma, unseen_only)
        question = Question.parse(explanation.space, target, side, character, by, lock, ranges, ways)
        return answered(explanation, question, request).to_dict(explanation.space)

    return Endpoints(explain, rank, "explanation", (what_would_it_take,))
