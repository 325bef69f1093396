"""The named endpoints of compositional models: /pairs and /rank_pairs. Described in docs/api.md."""

from __future__ import annotations

from typing import Any

import gradio as gr

from zslviz.errors import CheckpointError, ConfigError
from zslviz.tasks.compositional.explanation import CompositionExplanation
from zslviz.tasks.compositional.requests import PairRequest
from zslviz.tasks.compositional.tables import ranked_pairs
from zslviz.ui.additions import Additions
from zslviz.ui.endpoints import sentences, top_count
from zslviz.ui.service import Service

_RANKINGS = ("closed", "open", "before")  # of `to_dict`; the answer holds the one that was asked for


def add_composition_endpoints(service: Service) -> None:
    """Adds the endpoints to the page that is being built. They have no visible part."""
    additions = Additions()

    def with_additions(
        handle: str, explanation: CompositionExplanation, request: PairRequest
    ) -> CompositionExplanation:
        return additions.to(handle, explanation, service.explainer(explanation.model), request)

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
        with sentences():
            if not photo:
                raise ConfigError("Give a photo: a file for 'photo'.")
            models = service.of_task("compositional")
            if not models:
                raise CheckpointError("There is no compositional model in 'checkpoints/'.")
            count, request = top_count(top), PairRequest.parse(states, objects, open_world)
            handle, explanation = service.explain(photo, model or models[0].name)
            if not isinstance(explanation, CompositionExplanation):
                raise ConfigError(f"'{model}' does not score pairs; use /explain or /labels for it.")
            whole = with_additions(handle, explanation, request)
            readable = {key: value for key, value in whole.to_dict(top=0).items() if key not in _RANKINGS}
            return {"handle": handle, **readable, **ranked_pairs(whole, request, count)}

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
        with sentences():
            explanation = service.store.get(str(handle), CompositionExplanation)
            request = PairRequest.parse(states, objects, open_world, threshold, bias, before)
            return ranked_pairs(with_additions(handle, explanation, request), request, top_count(top))

    photo = gr.File(label="photo", type="filepath", visible=False)
    model = gr.Textbox("", label="model", visible=False)
    open_world = gr.Checkbox(False, label="open_world", visible=False)
    top = gr.Number(label="top", value=10, precision=0, visible=False)
    states = gr.JSON(label="states", value=[], visible=False)
    objects = gr.JSON(label="objects", value=[], visible=False)
    answer = gr.JSON(label="pairs", visible=False)
    gr.Button(visible=False).click(
        pairs,
        [photo, model, open_world, top, states, objects],
        answer,
        api_name="pairs",
        concurrency_id="network",
        concurrency_limit=1,
    )
    gr.api(rank_pairs, api_name="rank_pairs", queue=False)
