"""The tab *Multi-label*: every label's score and map in one photo, and labels that a visitor adds by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict

from zslviz.errors import ConfigError, DataError
from zslviz.tasks.base.insights import insights_answer, titles
from zslviz.tasks.base.kin import as_page_says, kin_of
from zslviz.tasks.base.pictures import region_at, region_box
from zslviz.tasks.base.requests import number
from zslviz.tasks.base.stretching import stretch_named
from zslviz.tasks.multilabel import pictures
from zslviz.tasks.multilabel.explanation import LabelExplanation
from zslviz.tasks.multilabel.parts import part_named
from zslviz.tasks.multilabel.requests import LabelRequest
from zslviz.tasks.multilabel.tables import EXPORTS
from zslviz.ui.endpoints import Endpoints
from zslviz.ui.panel import Function, Json
from zslviz.ui.tab import Asked, Tab
from zslviz.ui.tabs.multilabel import answers
from zslviz.ui.tabs.multilabel.endpoints import label_endpoints

MOST_LABELS = 24
Question = Asked[LabelExplanation, LabelRequest]


class MultiLabelTab(Tab[LabelExplanation, LabelRequest]):
    """What the panels can ask for."""

    kind = LabelExplanation
    columns = ("labels",)
    exports = EXPORTS
    adds_words = True
    bundles = True
    opens_alone = True

    def panels(self) -> Mapping[str, tuple[Function, ...]]:
        return {
            "maps": (
                self.map, self.thumbnails, self.outlines, self.region, self.attention, self.download,
            ),
            "ranking": (self.rank, self.add),
            "insights": (self.insights,),
            "learned": (),
        }  # fmt: skip

    def facts(self, explanation: LabelExplanation, truth: Mapping[str, str]) -> Json:
        space = explanation.space
        ranking = answers.ranking_answer(explanation, LabelRequest())
        there = [name.strip() for name in truth.get("labels", "").split(";")]
        return {
            "gamma": explanation.gamma,
            "labels": [
                {"name": name, "own": own, "seen": bool(seen)}
                for name, own, seen in zip(space.label_names, space.labels, space.seen, strict=True)
            ],
            "there": [space.label_names[space.label_index(name)] for name in there if name in space],
            "strength": asdict(explanation.strengths),
            "words": space.words,
            "remark": self.about(explanation).remark,
            "tells": titles(explanation.insights),
            "has_attention": explanation.region_attention is not None,
            "parts": [{"name": offer.name, "title": offer.title} for offer in explanation.parts],
            "ranking": ranking,
            "map": pictures.map_answer(explanation, space.label_index(ranking["small"][0]), len(space)),
        }

    def request(self, explanation: LabelExplanation, payload: Json) -> LabelRequest:
        keys = ("added", "gamma", "threshold", "first", "unseen_only", "strength")
        return LabelRequest.parse(*(payload.get(key) for key in keys))

    def with_words(self, handle: str, explanation: LabelExplanation, request: LabelRequest) -> LabelExplanation:
        return self.service.with_words(handle, explanation, request)

    def typed_bundle(self, asked: Question) -> Json:
        """The region scores of each added label: [N][H * W]; those of each part: [P][N][H * W], [] of a model without parts."""
        own, x = len(asked.own.space), asked.explanation
        added = [x.region_scores[own:], *(() if x.part_scores is None else x.part_scores[:, own:])]
        regions, *parts = (maps.reshape(len(maps), x.region_scores[0].size).tolist() for maps in added)
        return {"added": list(asked.request.added), "region_scores": regions, "part_scores": parts}

    def endpoints(self) -> Endpoints:
        return label_endpoints(self)

    # -- what the panels ask ----------------------------------------------------------------------------------------

    def rank(self, payload: Json) -> Json:
        asked = self.asked(payload)
        return answers.ranking_answer(asked.explanation, asked.request)

    def add(self, payload: Json) -> Json:
        """{"name": a label, "added": the others} -> the ranking with it, its map, and its kin. Raises if it cannot be added."""
        added = [*(payload.get("added") or []), " ".join(str(payload.get("name") or "").split())]
        try:
            asked = self.asked(payload | {"added": added})
        except DataError as error:
            raise as_page_says(error, "labels") from None
        space, own = asked.explanation.space, asked.own.space
        word = len(space) - 1
        kin = kin_of(space.label_names[word], space.vectors[word], own.label_names, own.vectors, "label")
        return {
            "added": list(asked.request.added),
            "ranking": answers.ranking_answer(asked.explanation, asked.request),
            "map": pictures.map_answer(asked.explanation, word, len(own)),
            "kin": kin.to_dict(),
        }

    def map(self, payload: Json) -> Json:
        """{"label", "stretch": on its own scale (null: if it is weak), "part": of one part alone} -> its map."""
        asked = self.asked(payload)
        return pictures.map_answer(asked.explanation, *_map_asked(asked, payload))

    def thumbnails(self, payload: Json) -> Json:
        asked = self.asked(payload)
        return pictures.thumbnails_answer(asked.explanation, _labels(asked, payload), len(asked.own.space))

    def outlines(self, payload: Json) -> Json:
        asked = self.asked(payload)
        area = pictures.area_named(payload.get("area"))
        return pictures.outlines_answer(asked.explanation, _labels(asked, payload), area)

    def region(self, payload: Json) -> Json:
        """{"x", "y"} as fractions of the photo's sides -> the region there and the labels it speaks most for."""
        asked = self.asked(payload)
        explanation = asked.explanation
        x, y = (number(payload.get(key), key) for key in ("x", "y"))
        row, column = region_at(explanation, x, y)
        return {
            "row": row,
            "column": column,
            "grid": list(explanation.grid),
            "box": region_box(explanation, row, column),
            "labels": answers.region_labels(explanation, row, column, asked.request.gamma, len(asked.own.space)),
        }

    def attention(self, payload: Json) -> Json:
        row, column = (int(number(payload.get(key), key)) for key in ("row", "column"))
        return pictures.attention_answer(self.asked(payload).explanation, row, column)

    def insights(self, payload: Json) -> Json:
        """What the model tells besides scores and maps."""
        return insights_answer(self.asked(payload).explanation.insights)

    # -- to take away -----------------------------------------------------------------------------------------------

    @property
    def picture_files(self) -> Mapping[str, Callable[[Question, Json], tuple[str, bytes]]]:
        return {"overlay": _overlay, "hatched": _hatched}


def _labels(asked: Question, payload: Json) -> list[int]:
    """The labels that a question names, as indices."""
    names = payload.get("labels")
    if not isinstance(names, list):
        raise ConfigError("'labels' must be a list of names.")
    if len(names) > MOST_LABELS:
        raise ConfigError(f"At most {MOST_LABELS} labels are drawn at once.")
    return [asked.explanation.space.label_index(str(name)) for name in names]


def _map_asked(asked: Question, payload: Json) -> tuple[int, int, bool | None, int | None]:
    """Of which label a map is asked for, how many labels are the model's own, on which scale, and of which part alone."""
    label = asked.explanation.space.label_index(str(payload.get("label")))
    part = part_named(payload.get("part"), asked.explanation.parts)
    return label, len(asked.own.space), stretch_named(payload.get("stretch")), part


def _overlay(asked: Question, payload: Json) -> tuple[str, bytes]:
    """The map of a label over the photo at its full size."""
    explanation, opacity = asked.explanation, number(payload.get("opacity"), "opacity")
    label, own, stretch, part = _map_asked(asked, payload)
    picture = pictures.overlay_png(explanation, label, own, opacity, stretch, part)
    named = "" if part is None else f" {explanation.parts[part].name}"
    return f"{explanation.space.label_names[label]}{named}", picture


def _hatched(asked: Question, payload: Json) -> tuple[str, bytes]:
    """Several labels hatched over the photo at its full size."""
    labels, area = _labels(asked, payload), pictures.area_named(payload.get("area"))
    words = " ".join(asked.explanation.space.label_names[i] for i in labels)
    return words, pictures.hatched_png(asked.explanation, labels, area)
