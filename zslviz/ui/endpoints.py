"""The named endpoints: /models, /explain and /rank, for gradio_client and plain HTTP. Described in docs/api.md."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import gradio as gr

from zslviz.errors import ConfigError, ZslvizError
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.tables import edits_and_ranking
from zslviz.ui.service import Service

MAX_TOP = 100_000


def add_endpoints(service: Service) -> None:
    """Adds the endpoints to the page that is being built. They have no visible part."""

    def models() -> list[dict[str, Any]]:
        """The models: name, title, what they score, data set, and the figures measured for them."""
        with sentences():
            return [
                {
                    "name": info.name,
                    "title": info.title,
                    "task": info.task,
                    "data": info.data,
                    "metrics": dict(info.metrics),
                }
                for info in service.all_checkpoints
            ]

    def explain(photo: str | None, model: str | None, top: float | None = 10) -> dict[str, Any]:
        """Runs a model on a photo: attribute values and scores, ranked classes, and a handle for /rank."""
        with sentences():
            if not photo:
                raise ConfigError("Give a photo: a file for 'photo'.")
            handle, explanation = service.explain(photo, model or service.checkpoints[0].name)
            return {"handle": handle, **explanation.to_dict(top=top_count(top))}

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
        with sentences():
            explanation = service.store.get(str(handle), Explanation)
            request = RankRequest.parse(explanation.space, edits, class_edits, gamma, unseen_only)
            return edits_and_ranking(explanation, request, top_count(top))

    gr.api(models, api_name="models", queue=False)
    photo = gr.File(label="photo", type="filepath", visible=False)
    model = gr.Textbox("", label="model", visible=False)
    top = gr.Number(label="top", value=10, precision=0, visible=False)
    answer = gr.JSON(label="explanation", visible=False)
    gr.Button(visible=False).click(
        explain, [photo, model, top], answer, api_name="explain", concurrency_id="network", concurrency_limit=1
    )
    gr.api(rank, api_name="rank", queue=False)


@contextmanager
def sentences() -> Iterator[None]:
    """Turns errors meant for people into the answer of an endpoint; anything else stays an error of the server."""
    try:
        yield
    except ZslvizError as error:
        raise gr.Error(str(error), print_exception=False) from None


def top_count(value: float | None) -> int:
    """How many lines of a ranking are asked for. Raises ConfigError."""
    if value is None or not 1 <= value <= MAX_TOP:
        raise ConfigError("'top' must be at least 1: how many lines of the ranking are wanted.")
    return int(value)
