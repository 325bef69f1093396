"""The tab *Explain & edit*: photo, maps, ranking and the attribute editor, and what happens between them.

The four panels are `gr.HTML` components. A photo goes through the network in a queued event; everything after it (maps
of another attribute, regions, edits, calibration) is a server function of a few milliseconds that refers to the
explanation by its handle and brings the visitor's edits along.
"""

from __future__ import annotations

from typing import Any

import gradio as gr

from zslviz.errors import ConfigError
from zslviz.tasks.attributes import pictures
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.requests import RankRequest, attribute_at, class_at
from zslviz.tasks.attributes.tables import EXPORTS
from zslviz.tasks.base.requests import number
from zslviz.ui.downloads import Downloads
from zslviz.ui.examples import Example
from zslviz.ui.panel import Json, answering, columns, explains, panel, photo_facts, uploaded
from zslviz.ui.pictures import example_thumbnail
from zslviz.ui.service import Service
from zslviz.ui.tabs.explain import answers
from zslviz.ui.tabs.explain.editor import editor_html

THUMBNAILS = 8


class ExplainTab:
    """What the panels can ask for. Holds nothing of a visitor."""

    def __init__(self, service: Service, downloads: Downloads) -> None:
        self.service = service
        self.downloads = downloads

    # -- a photo goes through the network ---------------------------------------------------------------------------

    def first(self) -> Json:
        """The explanation a new visitor finds (`Service.opening`)."""
        opening = self.service.opening()
        if opening is None:
            return {"notice": "Choose a photo to begin.", **self._choices()}
        return self._explain_example(*opening) | self._choices()

    def explain(self, payload: Json) -> Json:
        """payload: {"model", and "example" (its name) or "upload" (a path that gradio gave) and "file"}.

        An example is explained by a model that knows its class, unless the visitor has just chosen this model ("keep").
        """
        model = str(payload.get("model") or self.service.checkpoints[0].name)
        if payload.get("example"):
            example = self.service.example(str(payload["example"]))
            keep = bool(payload.get("keep"))
            return self._explain_example(example, model if keep else self.service.model_for(example.space, like=model))
        upload, file = uploaded(payload)
        handle, explanation = self.service.explain(upload, model)
        return self._explanation(handle, explanation, None, file)

    def _explain_example(self, example: Example, model: str) -> Json:
        handle, explanation = self.service.explain_example(example, model)
        known = self.service.checkpoint(model).data == example.space
        return self._explanation(handle, explanation, example if known else None, example.title)

    def _explanation(self, handle: str, explanation: Explanation, example: Example | None, title: str) -> Json:
        space = explanation.space
        info = self.service.checkpoint(explanation.model)
        strongest = answers.strongest_attributes(explanation, THUMBNAILS)
        true_class = space.class_index(example.true_class) if example is not None and example.true_class else None
        shown = explanation.offer_of(None, "attribute")
        return {
            **photo_facts(self.service, handle, explanation, example, title),
            "gamma": explanation.gamma,
            "true_class": true_class,
            "space": space.name or info.data,
            "classes": [{"name": n, "seen": bool(s)} for n, s in zip(space.class_names, space.seen, strict=True)],
            "attributes": list(space.attribute_names),
            "groups": list(space.groups),
            "values": [round(float(v), 5) for v in explanation.values],
            "has_parts": explanation.parts is not None,
            "has_attention": any(offer.name == "attention" for offer in explanation.offers()),
            "strongest": strongest,
            "ranking": answers.ranking_answer(explanation, RankRequest(), true_class=true_class),
            "maps": pictures.maps_answer(explanation, strongest[0], shown),
            "thumbnails": pictures.thumbnails_answer(explanation, strongest, shown),
        }

    def _choices(self) -> Json:
        """The models and examples to choose from, with small pictures."""
        return {
            "models": [
                {"name": info.name, "title": info.title, "data": info.data} for info in self.service.checkpoints
            ],
            "examples": [
                {
                    "file": e.name,
                    "title": e.title,
                    "class": e.class_name,
                    "seen": e.seen,
                    "space": e.space,
                    "kind": e.kind,
                    "picture": example_thumbnail(e.path),
                }
                for e in self.service.examples
            ],
        }

    # -- arithmetic on an explanation -------------------------------------------------------------------------------

    def _asked(self, payload: Json) -> tuple[Explanation, RankRequest]:
        explanation = self.service.store.get(str(payload.get("handle")), Explanation)
        request = RankRequest.parse(
            explanation.space,
            _by_number(payload.get("image_edits")),
            _by_number(payload.get("class_edits")),
            payload.get("gamma"),
            payload.get("unseen_only"),
        )
        return explanation, request

    def rank(self, payload: Json) -> Json:
        explanation, request = self._asked(payload)
        why, true_class = (
            None if payload.get(key) is None else class_at(explanation.space, payload[key])
            for key in ("why", "true_class")
        )
        return answers.ranking_answer(explanation, request, why, true_class)

    def class_values(self, payload: Json) -> Json:
        explanation, _ = self._asked(payload)
        index = class_at(explanation.space, payload.get("class"))
        return {"class": index, "values": answers.class_values(explanation, index)}

    def maps(self, payload: Json) -> Json:
        explanation, _ = self._asked(payload)
        attribute = attribute_at(explanation.space, payload.get("attribute"))
        return pictures.maps_answer(explanation, attribute, explanation.offer_of(payload.get("kind"), "attribute"))

    def thumbnails(self, payload: Json) -> Json:
        explanation, _ = self._asked(payload)
        strongest = answers.strongest_attributes(explanation, THUMBNAILS)
        return pictures.thumbnails_answer(
            explanation, strongest, explanation.offer_of(payload.get("kind"), "attribute")
        )

    def region(self, payload: Json) -> Json:
        explanation, _ = self._asked(payload)
        return pictures.region_answer(explanation, number(payload.get("x"), "x"), number(payload.get("y"), "y"))

    def parts(self, payload: Json) -> Json:
        explanation, _ = self._asked(payload)
        return pictures.parts_answer(explanation)

    # -- to take away -----------------------------------------------------------------------------------------------

    def download(self, payload: Json) -> Json:
        """{"what": "overlay" | "csv" | "json"} -> a file's address, or its text and name."""
        explanation, request = self._asked(payload)
        what = payload.get("what")
        if what == "overlay":
            attribute = attribute_at(explanation.space, payload.get("attribute"))
            offer, opacity = (
                explanation.offer_of(payload.get("kind"), "attribute"),
                number(payload.get("opacity"), "opacity"),
            )
            which = int(number(payload.get("which"), "map"))
            path = self.downloads.write(*pictures.overlay_png(explanation, attribute, offer, which, opacity))
            return {"path": str(path), "name": path.name}
        if what in EXPORTS:
            export = EXPORTS[what]
            return {
                "text": export.write(explanation, request, "photo"),
                "name": export.file,
                "type": export.media_type,
            }
        raise ConfigError("A download is 'overlay', 'csv' or 'json'.")


def _by_number(edits: Any) -> Any:
    """Edits as the scripts send them, by number: JSON makes texts of the numbers, which names such as "1" must not win over."""
    if not isinstance(edits, dict):
        return edits
    return {int(key) if key.isdecimal() and len(key) < 10 else key: _by_number(value) for key, value in edits.items()}


def add_explain_tab(service: Service, downloads: Downloads, page: gr.Blocks) -> None:
    """Adds the tab's contents to the page that is being built."""
    tab = ExplainTab(service, downloads)
    with columns("zv-top"):
        photo = panel("photo", "photo", [], elem_id="zv-photo")
        panel(
            "explain/maps", "maps", [tab.maps, tab.thumbnails, tab.region, tab.parts, tab.download], elem_id="zv-maps"
        )
        panel("explain/ranking", "ranking", [tab.rank], elem_id="zv-ranking")
        editor_html([answering(tab.class_values)])
    explains(photo, tab.explain, tab.first, page)
