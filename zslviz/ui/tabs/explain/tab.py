"""The tab *Explain & edit*: attributes of a photo, where each was found, and what the ranking of classes makes of an edit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from zslviz.catalogue import data_card, part
from zslviz.photos.covering import Region
from zslviz.tasks.attributes import pictures
from zslviz.tasks.attributes.apart import apart_answer
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.insights import insights_answer
from zslviz.tasks.attributes.invent.asked import with_invented
from zslviz.tasks.attributes.map_truth import map_truth
from zslviz.tasks.attributes.requests import RankRequest, attribute_at, class_at
from zslviz.tasks.attributes.sentence import sentence
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.attributes.tables import EXPORTS
from zslviz.tasks.attributes.tipping import tipping_points
from zslviz.tasks.attributes.whatifs import COUNT, what_ifs
from zslviz.tasks.attributes.whole_set.attribute_auc import hardly_answer, read_answer
from zslviz.tasks.attributes.wobble import parsed
from zslviz.tasks.base.requests import number
from zslviz.ui.endpoints import Endpoints
from zslviz.ui.examples import Example
from zslviz.ui.panel import Function, Json
from zslviz.ui.tab import Asked, Tab
from zslviz.ui.tabs.explain import answers, inventing, trials
from zslviz.ui.tabs.explain.comparing import beside_answer, compared_answer, on_tests_answer
from zslviz.ui.tabs.explain.endpoints import attribute_endpoints
from zslviz.ui.tabs.explain.examples import examples_of, seen_in_training
from zslviz.ui.tabs.explain.model_card import card_answer
from zslviz.ui.tested import address_of, opened_photos

Question = Asked[Explanation, RankRequest]


class ExplainTab(Tab[Explanation, RankRequest]):
    """What the panels can ask for."""

    kind = Explanation
    columns = ("space", "true_class", "seen")
    exports = EXPORTS
    bundles = True
    networked = frozenset({"prove", "film", "untrained", "look_again"})
    opens_alone = True
    examples_of = staticmethod(examples_of)

    def panels(self) -> Mapping[str, tuple[Function, ...]]:
        return {
            "ranking": (
                self.rank,
                self.said,
                self.hardly_read,
                self.what_ifs,
                self.tipping,
                self.look_again,
                self.wobbled,
            ),  # its sliders are reached before the maps
            "maps": (self.maps, self.thumbnails, self.region, self.parts, self.how_read, self.download),
            "classes": (),  # from here on what is folded: of this photo ...
            "why": (),
            "insights": (self.apart, self.insights),
            "take": (self.take,),
            "true": (self.promise, self.deciding, self.tried, self.prove, self.film, self.untrained),
            "compare": (self.compare, self.beside, self.on_tests),
            "editor": (self.class_values,),
            "invent": (  # ... and of this model
                self.by_words,
                self.by_table,
                self.by_parts,
                self.by_photos,
                self.blank,
                self.most_like,
                self.invented_csv,
            ),
            "whole": (self.tested, self.retest),
            "learned": (),
            "card": (self.model_card,),
            "edits": (),
        }

    def facts(self, explanation: Explanation, truth: Mapping[str, str]) -> Json:
        true_class = explanation.space.class_index(truth["true_class"]) if truth.get("true_class") else None
        info = self.service.checkpoint(explanation.model)
        told = answers.facts(explanation, true_class, info.data, map_truth(info.metrics))
        shown, strongest = explanation.offer_of(None, "attribute") if told["offers"] else None, told["strongest"]
        return {
            **told,
            "maps": shown and pictures.maps_answer(explanation, strongest[0], shown),
            "thumbnails": shown and pictures.thumbnails_answer(explanation, strongest, shown),
        }

    def example_facts(self, example: Example, model: str) -> Json:
        card = data_card(example.data) if example.data else None
        heading = card.title if card else example.data
        return {"seen": seen_in_training(example.truth), "heading": heading[:1].upper() + heading[1:]}

    def request(self, explanation: Explanation, payload: Json) -> RankRequest:
        image_edits, class_edits = (_by_number(payload.get(key)) for key in ("image_edits", "class_edits"))
        return RankRequest.parse(
            explanation.space, image_edits, class_edits, payload.get("gamma"), payload.get("unseen_only")
        )

    def asked(self, payload: Json) -> Question:
        """What a question is about: an explanation with the classes that the visitor has made up, as all that is asked of it is."""
        own = with_invented(self.kept(payload.get("handle")), payload.get("invented"))
        return Asked(own, own, self.request(own, payload))

    def endpoints(self) -> Endpoints:
        return attribute_endpoints(self)

    # -- what the panels ask ----------------------------------------------------------------------------------------

    def rank(self, payload: Json) -> Json:
        asked = self.asked(payload)
        why, true_class, rival = (_class_of(asked.own, payload, key) for key in ("why", "true_class", "rival"))
        count = int(number(payload.get("count", answers.SHOWN_CLASSES), "count"))
        return answers.ranking_answer(asked.explanation, asked.request, why, true_class, rival, max(1, count))

    def said(self, payload: Json) -> Json:
        asked = self.asked(payload)
        return sentence(asked.explanation, asked.request, _class_of(asked.own, payload, "true_class")).to_dict()

    def hardly_read(self, payload: Json) -> Json:
        """Which attributes are hardly better read than by chance, and what is to be said of those that are asked for."""
        own = self.asked(payload).own
        named = payload.get("attributes")
        asked = [attribute_at(own.space, one) for one in (named if isinstance(named, list) else [])]
        return hardly_answer(own.areas, own.space.attribute_names, asked)

    def what_ifs(self, payload: Json) -> Json:
        asked = self.asked(payload)
        count = min(COUNT + int(number(payload.get("besides", 0), "besides")), len(asked.own.space.attributes))
        truth = _class_of(asked.own, payload, "true_class")
        return {"what_ifs": [asdict(one) for one in what_ifs(asked.explanation, asked.request, count, truth)]}

    def take(self, payload: Json) -> Json:
        asked = self.asked(payload)
        return answers.take_answer(asked.explanation, asked.request, payload)

    def tested(self, payload: Json) -> Json:
        """Where the test photos of a photo's model lie."""
        return {"address": address_of(self.service.checkpoint(str(payload.get("model"))))}

    def model_card(self, payload: Json) -> Json:
        """What is known of a model: figures, worst classes, what its maps are worth, data and licence."""
        info = self.service.checkpoint(str(payload.get("model")))
        return card_answer(info, opened_photos(info) if address_of(info) else None)

    def retest(self, payload: Json) -> Json:
        """What edits of classes and of gamma do to the test photos, as the page's own arithmetic answers it."""
        asked = self.asked(payload)
        opened = opened_photos(self.service.checkpoint(asked.own.model))
        return answers.retest_answer(asked.explanation, asked.request, opened, payload.get("asked"))

    def promise(self, payload: Json) -> Json:
        """What the maps promise without a place."""
        return trials.left_answer(self.asked(payload).explanation.without(payload.get("region")))

    def deciding(self, payload: Json) -> Json:
        asked = self.asked(payload)
        return trials.deciding_answer(asked.explanation, asked.request)

    def tried(self, payload: Json) -> Json:
        asked = self.asked(payload)
        attribute = attribute_at(asked.own.space, payload.get("attribute"))
        return trials.tried_answer(asked.explanation, asked.request, attribute, payload)

    def prove(self, payload: Json) -> Json:
        """What the network makes of the photo with a place blurred."""
        own, region = self.asked(payload).own, Region.parse(payload.get("region"))
        return trials.left_answer(self.service.covered(own, region, str(payload.get("visitor") or "")))

    def look_again(self, payload: Json) -> Json:
        """What the network makes of the photo seen eight times, slightly otherwise: raw scores [G x A] of each look."""
        looked = self.service.looked_again(self.asked(payload).own, str(payload.get("visitor") or ""))
        return {"scores": [scores.ravel().tolist() for scores in looked.scores]}

    def wobbled(self, payload: Json) -> Json:
        """What becomes of the first class in looks that were had before (`looks`), after the edits."""
        asked = self.asked(payload)
        return parsed(asked.explanation, payload.get("looks")).under(asked.request).to_dict()

    def film(self, payload: Json) -> Json:
        """What the network makes of the photo as it loses or regains the places that a map names first."""
        asked = self.asked(payload)
        attribute = attribute_at(asked.own.space, payload.get("attribute"))
        made, explainer = part(self.place.task, "film").film, self.service.explainer(asked.own.model)
        frames = made(explainer, asked.own, attribute, str(payload.get("order")), str(payload.get("way")))
        return trials.film_answer(asked.explanation, asked.request, attribute, frames)

    def untrained(self, payload: Json) -> Json:
        """What the model with its weights shuffled makes of the photo."""
        asked = self.asked(payload)
        attribute = attribute_at(asked.own.space, payload.get("attribute"))
        shuffled = part(self.place.task, "shuffling").with_shuffled_weights
        twin = self.service.kept_with(asked.own.model, "shuffled", shuffled).explain(asked.own.photo)
        return trials.untrained_answer(twin, asked.request, attribute)

    def apart(self, payload: Json) -> Json:
        """What each of the model's answers would say alone."""
        asked = self.asked(payload)
        return apart_answer(asked.explanation, asked.request)

    def insights(self, payload: Json) -> Json:
        """What the model tells besides scores and maps."""
        explanation = self.asked(payload).explanation
        return insights_answer(explanation, attribute_at(explanation.space, payload.get("attribute")))

    def compare(self, payload: Json) -> Json:
        return compared_answer(self, payload, _class_of(self.kept(payload.get("handle")), payload, "true_class"))

    def beside(self, payload: Json) -> Json:
        return beside_answer(self, payload)

    def on_tests(self, payload: Json) -> Json:
        """Two models over the test photos that they come with."""
        return on_tests_answer(self, payload)

    def tipping(self, payload: Json) -> Json:
        asked = self.asked(payload)
        attribute = attribute_at(asked.own.space, payload.get("attribute"))
        return asdict(tipping_points(asked.explanation, attribute, asked.request))

    def _own_space(self, payload: Json) -> SemanticSpace:
        return self.kept(payload.get("handle")).space

    def by_words(self, payload: Json) -> Json:
        return inventing.by_words(self._own_space(payload), payload)

    def by_table(self, payload: Json) -> Json:
        return inventing.by_table(self._own_space(payload), payload)

    def by_parts(self, payload: Json) -> Json:
        return inventing.by_parts(self._own_space(payload), payload)

    def by_photos(self, payload: Json) -> Json:
        return inventing.by_photos(self._own_space(payload), payload)

    def blank(self, payload: Json) -> Json:
        return inventing.blank(self._own_space(payload))

    def most_like(self, payload: Json) -> Json:
        return inventing.most_like(self._own_space(payload), payload)

    def invented_csv(self, payload: Json) -> Json:
        return inventing.csv(self._own_space(payload), payload)

    def class_values(self, payload: Json) -> Json:
        explanation = self.asked(payload).explanation
        return answers.described(explanation, class_at(explanation.space, payload.get("class")))

    def maps(self, payload: Json) -> Json:
        explanation = self.asked(payload).explanation
        attribute = attribute_at(explanation.space, payload.get("attribute"))
        return pictures.maps_answer(explanation, attribute, explanation.offer_of(payload.get("kind"), "attribute"))

    def how_read(self, payload: Json) -> Json:
        """How well an attribute is read at all, in words; "" of a model that does not tell."""
        own = self.asked(payload).own
        metrics = self.service.checkpoint(own.model).metrics
        return read_answer(metrics, own.space, attribute_at(own.space, payload.get("attribute")))

    def thumbnails(self, payload: Json) -> Json:
        explanation = self.asked(payload).explanation
        strongest = answers.strongest_attributes(explanation, answers.THUMBNAILS)
        return pictures.thumbnails_answer(
            explanation, strongest, explanation.offer_of(payload.get("kind"), "attribute")
        )

    def region(self, payload: Json) -> Json:
        x, y = (number(payload.get(key), key) for key in ("x", "y"))
        return pictures.region_answer(self.asked(payload).explanation, x, y, payload.get("kind"))

    def parts(self, payload: Json) -> Json:
        return pictures.parts_answer(self.asked(payload).explanation)

    # -- to take away -----------------------------------------------------------------------------------------------

    @property
    def picture_files(self) -> Mapping[str, Callable[[Question, Json], tuple[str, bytes]]]:
        return {"overlay": _overlay}


def _overlay(asked: Question, payload: Json) -> tuple[str, bytes]:
    """One of an attribute's maps over the photo at its full size, drawn as on the page (the fields of `pictures.MapView`)."""
    explanation, layer = asked.own, payload.get("layer", 0)
    attribute = attribute_at(explanation.space, payload.get("attribute"))
    offer, opacity = explanation.offer_of(payload.get("kind"), "attribute"), number(payload.get("opacity"), "opacity")
    chosen = layer if isinstance(layer, str) else int(number(layer, "map"))
    stretched, smooth, grey = (bool(payload.get(key, key == "smooth")) for key in ("stretched", "smooth", "grey"))
    view = pictures.MapView(chosen, stretched, smooth, grey)
    return pictures.overlay_png(explanation, attribute, offer, view, opacity)


def _class_of(explanation: Explanation, payload: Json, key: str) -> int | None:
    """The index of the class that a question names under a key; None if it names none."""
    return None if payload.get(key) is None else class_at(explanation.space, payload[key])


def _by_number(edits: Any) -> Any:
    """Edits as the scripts send them, by number: JSON makes texts of the numbers, which names such as "1" must not win over."""
    if not isinstance(edits, dict):
        return edits
    return {int(key) if key.isdecimal() and len(key) < 10 else key: _by_number(value) for key, value in edits.items()}
