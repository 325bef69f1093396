"""The named endpoints of label models: /labels and /rank_labels. Described in docs/api.md."""

from __future__ import annotations

from typing import Any

import gradio as gr

from zslviz.errors import CheckpointError, ConfigError
from zslviz.tasks.multilabel.explanation import LabelExplanation
from zslviz.tasks.multilabel.requests import LabelRequest
from zslviz.tasks.multilabel.tables import ranked_labels
from zslviz.ui.endpoints import sentences, top_count
from zslviz.ui.service import Service


def add_label_endpoints(service: Service) -> None:
    """Adds the endpoints to the page that is being built. They have no visible part."""

    def labels(
        photo: str | None, model: str | None, top: float | None = 10, add: list[str] | None = None
    ) -> dict[str, Any]:
        """Runs a label model on a photo: labels ranked with their counted regions, and a handle for /rank_labels."""
        with sentences():
            if not photo:
                raise ConfigError("Give a photo: a file for 'photo'.")
            models = service.of_task("multilabel")
            if not models:
                raise CheckpointError("There is no multi-label model in 'checkpoints/'.")
            count, request = top_count(top), LabelRequest.parse(add)
            handle, explanation = service.explain(photo, model or models[0].name)
            if not isinstance(explanation, LabelExplanation):
                raise ConfigError(f"'{model}' does not score labels; use /explain for it.")
            whole = request.added_to(explanation, service.explainer(explanation.model))
            return {"handle": handle, **whole.to_dict(top=0), **ranked_labels(whole, request, count)}

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
        with sentences():
            explanation = service.store.get(str(handle), LabelExplanation)
            request = LabelRequest.parse(add, gamma, threshold, None, unseen_only)
            whole = request.added_to(explanation, service.explainer(explanation.model))
            return ranked_labels(whole, request, top_count(top))

    photo = gr.File(label="photo", type="filepath", visible=False)
    model = gr.Textbox("", label="model", visible=False)
    top = gr.Number(label="top", value=10, precision=0, visible=False)
    add = gr.JSON(label="add", value=[], visible=False)
    answer = gr.JSON(label="labels", visible=False)
    gr.Button(visible=False).click(
        labels, [photo, model, top, add], answer, api_name="labels", concurrency_id="network", concurrency_limit=1
    )
    gr.api(rank_labels, api_name="rank_labels", queue=False)
