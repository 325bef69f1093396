"""The tab *Multi-label*: every label's score and map in one photo, and labels that a visitor adds by name.

A photo goes through the network once, in the one queue of all tabs. What follows (another label, a place, a threshold, a word
typed) is arithmetic on the explanation behind its handle; what a visitor adds lives in her browser and comes along every time.
"""

from __future__ import annotations

import threading

from zslviz.errors import CheckpointError, ConfigError
from zslviz.tasks.base.pictures import region_at, region_box
from zslviz.tasks.base.requests import number
from zslviz.tasks.multilabel import pictures as label_pictures
from zslviz.tasks.multilabel.explanation import LabelExplanation
from zslviz.tasks.multilabel.requests import LabelRequest
from zslviz.tasks.multilabel.tables import EXPORTS
from zslviz.ui import pictures
from zslviz.ui.downloads import Downloads
from zslviz.ui.examples import LabelExample, example_named
from zslviz.ui.panel import Json, columns, explains, panel, photo_facts, uploaded
from zslviz.ui.service import Service
from zslviz.ui.tabs.multilabel import answers as label_answers


class MultiLabelTab:
    """What the panels can ask for. Holds nothing of a visitor."""

    def __init__(self, service: Service, downloads: Downloads) -> None:
        self.service = service
        self.downloads = downloads

    # -- a photo goes through the network ---------------------------------------------------------------------------

    def explain(self, payload: Json) -> Json:
        """payload: {"model", and "first" (the first example is wanted), "example" (its name) or "upload" and "file"}."""
        models = self.service.of_task("multilabel")
        if not models:
            raise CheckpointError(
                "There is no multi-label model in 'checkpoints/'; clone the repository with its files."
            )
        model = str(payload.get("model") or models[0].name)
        examples = self.service.label_examples
        if payload.get("first"):
            if not examples:
                return {"notice": "Choose a photo to begin.", **self._choices()}
            return self._explain_example(examples[0], model) | self._choices()
        if payload.get("example"):
            return self._explain_example(example_named(examples, str(payload["example"])), model)
        upload, file = uploaded(payload)
        handle, explanation = self.service.explain(upload, model)
        return self._explanation(handle, explanation, None, file)

    def _explain_example(self, example: LabelExample, model: str) -> Json:
        handle, explanation = self.service.explain_example(example, model)
        return self._explanation(handle, explanation, example, example.title)

    def _explanation(
        self, handle: str, explanation: LabelExplanation, example: LabelExample | None, title: str
    ) -> Json:
        explainer = self.service.explainer(explanation.model)
        # the first word typed finds the word vectors read
        threading.Thread(target=explainer.warm_up, name="word-vectors", daemon=True).start()
        space = explanation.space
        ranking = label_answers.ranking_answer(explanation, LabelRequest())
        strongest = [space.label_index(name) for name in ranking["strongest"]]
        there = example.labels if example is not None else ()
        return {
            **photo_facts(self.service, handle, explanation, example, title),
            "gamma": explanation.gamma,
            "labels": [{"name": n, "seen": bool(s)} for n, s in zip(space.labels, space.seen, strict=True)],
            "there": [space.labels[space.label_index(name)] for name in there if name in space],
            "threshold": explanation.threshold,
            "words": space.words,
            "has_attention": explanation.region_attention is not None,
            "has_gate": explanation.scene_gate is not None,
            "ranking": ranking,
            "map": label_pictures.map_answer(explanation, strongest[0], len(space)),
            **label_pictures.thumbnails_answer(explanation, strongest, len(space)),
        }

    def _choices(self) -> Json:
        """The models and examples to choose from, with small pictures."""
        return {
            "models": [
                {"name": info.name, "title": info.title, "data": info.data}
                for info in self.service.of_task("multilabel")
            ],
            "examples": [
                {
                    "file": e.name,
                    "title": e.title,
                    "kind": e.kind,
                    "labels": list(e.labels),
                    "picture": pictures.example_thumbnail(e.path),
                }
                for e in self.service.label_examples
            ],
        }

    # -- arithmetic on an explanation -------------------------------------------------------------------------------

    def _asked(self, payload: Json) -> tuple[LabelExplanation, LabelRequest, int]:
        """The explanation with the visitor's labels, her request, and how many labels are the model's own."""
        explanation = self.service.store.get(str(payload.get("handle")), LabelExplanation)
        request = LabelRequest.parse(
            payload.get("added"),
            payload.get("gamma"),
            payload.get("threshold"),
            payload.get("first"),
            payload.get("unseen_only"),
        )
        own = len(explanation.space)
        return request.added_to(explanation, self.service.explainer(explanation.model)), request, own

    def rank(self, payload: Json) -> Json:
        explanation, request, _ = self._asked(payload)
        return label_answers.ranking_answer(explanation, request)

    def add(self, payload: Json) -> Json:
        """{"name": a label, "added": the others} -> the ranking with it, and its map. Raises if it cannot be added."""
        added = [*(payload.get("added") or []), " ".join(str(payload.get("name") or "").split())]
        explanation, request, own = self._asked(payload | {"added": added})
        return {
            "added": list(request.added),
            "ranking": label_answers.ranking_answer(explanation, request),
            "map": label_pictures.map_answer(explanation, len(explanation.space) - 1, own),
        }

    def map(self, payload: Json) -> Json:
        explanation, _, own = self._asked(payload)
        return label_pictures.map_answer(explanation, explanation.space.label_index(str(payload.get("label"))), own)

    def thumbnails(self, payload: Json) -> Json:
        explanation, _, own = self._asked(payload)
        return label_pictures.thumbnails_answer(explanation, _labels(explanation, payload), own)

    def outlines(self, payload: Json) -> Json:
        explanation, _, _ = self._asked(payload)
        area = label_pictures.area_named(payload.get("area"))
        return label_pictures.outlines_answer(explanation, _labels(explanation, payload), area)

    def region(self, payload: Json) -> Json:
        """{"x", "y"} as fractions of the photo's sides -> the region there and the labels it speaks most for."""
        explanation, request, _ = self._asked(payload)
        x, y = number(payload.get("x"), "x"), number(payload.get("y"), "y")
        row, column = region_at(explanation, x, y)
        return {
            "row": row,
            "column": column,
            "grid": list(explanation.grid),
            "box": region_box(explanation, row, column),
            "labels": label_answers.region_labels(explanation, row, column, request.gamma),
        }

    def attention(self, payload: Json) -> Json:
        explanation, _, _ = self._asked(payload)
        row, column = (int(number(payload.get(key), key)) for key in ("row", "column"))
        return label_pictures.attention_answer(explanation, row, column)

    def gate(self, payload: Json) -> Json:
        explanation, _, _ = self._asked(payload)
        return label_answers.gate_answer(explanation)

    # -- to take away -----------------------------------------------------------------------------------------------

    def download(self, payload: Json) -> Json:
        """{"what": "overlay" | "hatched" | "csv" | "json"} -> a file's address, or its text and name."""
        explanation, request, own = self._asked(payload)
        what = payload.get("what")
        if what == "overlay":
            label = explanation.space.label_index(str(payload.get("label")))
            opacity = number(payload.get("opacity"), "opacity")
            picture = label_pictures.overlay_png(explanation, label, own, opacity)
            path = self.downloads.write(explanation.space.labels[label], picture)
            return {"path": str(path), "name": path.name}
        if what == "hatched":
            labels, area = _labels(explanation, payload), label_pictures.area_named(payload.get("area"))
            names = " ".join(explanation.space.labels[i] for i in labels)
            path = self.downloads.write(names, label_pictures.hatched_png(explanation, labels, area))
            return {"path": str(path), "name": path.name}
        if what in EXPORTS:
            export = EXPORTS[what]
            text = export.write(explanation, request, str(payload.get("image") or "photo"))
            return {"text": text, "name": export.file, "type": export.media_type}
        raise ConfigError("A download is 'overlay', 'hatched', 'csv' or 'json'.")


def _labels(explanation: LabelExplanation, payload: Json) -> list[int]:
    """The labels that a question names, as indices."""
    names = payload.get("labels")
    if not isinstance(names, list):
        raise ConfigError("'labels' must be a list of names.")
    return [explanation.space.label_index(str(name)) for name in names]


def add_multilabel_tab(service: Service, downloads: Downloads) -> None:
    """Adds the tab's contents to the page that is being built. Its scripts ask for the first example once the tab is opened."""
    tab = MultiLabelTab(service, downloads)
    seeing = [tab.map, tab.thumbnails, tab.outlines, tab.region, tab.attention, tab.gate, tab.download]
    with columns("zv-multilabel"):
        photo = panel("photo", "photo", [], tab="labels")
        panel("multilabel/maps", "maps", seeing, tab="labels")
        panel("multilabel/ranking", "ranking", [tab.rank, tab.add], tab="labels")
    explains(photo, tab.explain)
