"""The tab *Compose*: every pair of a state and an object in one photo, where it is seen, and words that a visitor adds.

A word typed runs the small head of the network on the kept features, once; everything else is arithmetic.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from zslviz.errors import ConfigError, DataError, UnknownNameError
from zslviz.tasks.base.insights import insights_answer, titles
from zslviz.tasks.base.kin import as_page_says, kin_of
from zslviz.tasks.base.requests import number
from zslviz.tasks.base.stretching import stretch_named
from zslviz.tasks.compositional import pictures
from zslviz.tasks.compositional.bundle import truth_of
from zslviz.tasks.compositional.explanation import CompositionExplanation
from zslviz.tasks.compositional.feasibility import biting_threshold
from zslviz.tasks.compositional.offers import EVIDENCE
from zslviz.tasks.compositional.requests import Pair, PairRequest, pair_at
from zslviz.tasks.compositional.scoring import PairRanking
from zslviz.tasks.compositional.tables import EXPORTS
from zslviz.ui.endpoints import Endpoints
from zslviz.ui.examples import Example
from zslviz.ui.panel import Function, Json
from zslviz.ui.tab import Asked, Tab
from zslviz.ui.tabs.compose import answers
from zslviz.ui.tabs.compose.endpoints import pair_endpoints

Question = Asked[CompositionExplanation, PairRequest]


class ComposeTab(Tab[CompositionExplanation, PairRequest]):
    """What the panels can ask for."""

    kind = CompositionExplanation
    columns = ("state", "object")
    exports = EXPORTS
    adds_words = True
    bundles = True
    opens_alone = True

    def panels(self) -> Mapping[str, tuple[Function, ...]]:
        return {
            "maps": (self.pair, self.multiples, self.download),
            "ranking": (self.rank, self.add),
            "matrix": (),
            "insights": (self.insights,),
            "learned": (),
        }

    def facts(self, explanation: CompositionExplanation, truth: Mapping[str, str]) -> Json:
        space, request = explanation.space, PairRequest()
        ranking = request.rank(explanation)
        true = truth_of(space, truth)
        return {
            "space": answers.space_answer(explanation, space.shape),
            "true": None if true is None else _names(explanation, true),
            "bias": explanation.bias,
            "threshold": explanation.threshold,
            "biting": round(biting_threshold(explanation.feasibility, space.seen), 2),
            "moved": explanation.moved,
            "words": space.words,
            "refining": None if explanation.refining is None else asdict(explanation.refining),
            "remark": self.about(explanation).remark,
            "tells": titles(explanation.insights),
            "counts": EVIDENCE in explanation.offers(),
            "has_queries": explanation.query_attention is not None,
            "has_familiarity": any(explanation.familiarity),
            "has_texts": explanation.state_attention is not None,
            "stages": [stage.name for stage in explanation.stages],
            "ranking": answers.ranking_answer(explanation, request, ranking),
            "pair": _pair_answer(explanation, request, ranking, ranking.pairs[0], None),
        }

    def example_facts(self, example: Example, model: str) -> Json:
        """Whether the model was trained on the pair that it shows; None if it does not know it."""
        space = self.service.explainer(model).space
        pair = truth_of(space, example.truth)
        return {"seen": None if pair is None else bool(space.seen[pair])}

    def request(self, explanation: CompositionExplanation, payload: Json) -> PairRequest:
        keys = ("states", "objects", "open_world", "threshold", "bias", "before")
        return PairRequest.parse(*(payload.get(key) for key in keys))

    def with_words(
        self, handle: str, explanation: CompositionExplanation, request: PairRequest
    ) -> CompositionExplanation:
        return self.service.with_words(handle, explanation, request)

    def typed_bundle(self, asked: Question) -> Json:
        """The explanation with the added words as a bundle of its own, in base64: they change the model part as well."""
        content = asked.explanation.bundle(self.about(asked.own), own=asked.own.space.shape)
        return {"bundle": b64encode(content).decode("ascii")}

    def endpoints(self) -> Endpoints:
        return pair_endpoints(self)

    # -- what the panels ask ----------------------------------------------------------------------------------------

    def rank(self, payload: Json) -> Json:
        """{"pair", "other": as for `pair`, "with_space": whether the heads have changed} -> the ranking, and the pair if asked for.

        The pair null is the winner of this ranking; one that is no longer there gives way to it. Pictures that are "drawn" ([pair,
        other]) are not made again.
        """
        asked = self.asked(payload)
        explanation, request = asked.explanation, asked.request
        ranking = request.rank(explanation)
        answer: Json = {"ranking": answers.ranking_answer(explanation, request, ranking)}
        if payload.get("with_space"):
            answer["space"] = answers.space_answer(explanation, asked.own.space.shape)
        if "pair" in payload:
            pair = _known(explanation, payload["pair"]) or ranking.pairs[0]
            other = _known(explanation, payload.get("other"))
            answer["pair"] = _pair_answer(
                explanation, request, ranking, pair, None if other == pair else other, payload
            )
        return answer

    def add(self, payload: Json) -> Json:
        """{"kind": "state" | "object", "name", and what was added before} -> everything with it. Raises if it cannot be added."""
        kind = payload.get("kind")
        if kind not in ("state", "object"):
            raise ConfigError("What is added is a 'state' or an 'object'.")
        named = [*(payload.get(f"{kind}s") or []), " ".join(str(payload.get("name") or "").split())]
        try:
            asked = self.asked(payload | {f"{kind}s": named})
        except DataError as error:
            raise as_page_says(error, f"{kind}s") from None
        explanation, request = asked.explanation, asked.request
        ranking = request.rank(explanation)
        space, own = explanation.space, asked.own.space
        if kind == "state":
            kin = kin_of(space.state_names[-1], space.state_vectors[-1], own.state_names, own.state_vectors, "state")
        else:
            kin = kin_of(
                space.object_names[-1], space.object_vectors[-1], own.object_names, own.object_vectors, "object"
            )
        states, objects = (range(count) for count in explanation.space.shape)
        pair = _best_of(
            ranking, states[-1:] if kind == "state" else states, objects[-1:] if kind == "object" else objects
        )
        return {
            "states_added": list(request.states),
            "objects_added": list(request.objects),
            "space": answers.space_answer(explanation, asked.own.space.shape),
            "ranking": answers.ranking_answer(explanation, request, ranking),
            "pair": _pair_answer(explanation, request, ranking, pair, _other(explanation, payload, pair)),
            "kin": kin.to_dict(),
        }

    def pair(self, payload: Json) -> Json:
        """{"pair": [state, object], "other": another one or null (the best besides it), "stretch"} -> their maps and terms."""
        asked = self.asked(payload)
        explanation, request = asked.explanation, asked.request
        pair = pair_at(explanation, payload.get("pair"))
        best = request.rank(explanation, top=2)
        asked_for = {"stretch": payload.get("stretch")}
        return _pair_answer(explanation, request, best, pair, _other(explanation, payload, pair), asked_for)

    def multiples(self, payload: Json) -> Json:
        """{"kind": "queries" | "states" | "objects" | "pairs" (the best of the ranking)} -> small maps."""
        asked = self.asked(payload)
        best = asked.request.rank(asked.explanation, answers.SHOWN_PAIRS).pairs
        return pictures.multiples_answer(asked.explanation, payload.get("kind"), best)

    def insights(self, payload: Json) -> Json:
        """What the model tells besides scores and maps."""
        return insights_answer(self.asked(payload).explanation.insights)

    # -- to take away -----------------------------------------------------------------------------------------------

    @property
    def picture_files(self) -> Mapping[str, Callable[[Question, Json], tuple[str, bytes]]]:
        return {"overlay": _overlay}


def _overlay(asked: Question, payload: Json) -> tuple[str, bytes]:
    """One of a pair's maps over the photo at its full size."""
    explanation = asked.explanation
    pair = pair_at(explanation, payload.get("pair"))
    best = asked.request.rank(explanation, top=2)
    other = _other(explanation, payload, pair) or answers.rival_of(best, pair)
    opacity = number(payload.get("opacity"), "opacity")
    stretch = stretch_named(payload.get("stretch"))
    return pictures.overlay_png(explanation, pair, other, payload.get("kind"), opacity, stretch)


def _pair_answer(
    explanation: CompositionExplanation,
    request: PairRequest,
    ranking: PairRanking,
    pair: Pair,
    other: Pair | None,
    payload: Json | None = None,
) -> Json:
    """A pair beside another one, the best besides it if none is named; without their pictures if these are "drawn" already."""
    payload = payload or {}
    other = other or answers.rival_of(ranking, pair)
    answer: Json = {
        "pair": _names(explanation, pair),
        "terms": answers.terms(explanation, request, pair),
        "other": None if other is None else _names(explanation, other),
        "other_terms": None if other is None else answers.terms(explanation, request, other),
    }
    if payload.get("drawn") == [answer["pair"], answer["other"]]:
        return answer
    return answer | pictures.pair_answer(explanation, pair, other, stretch_named(payload.get("stretch")))


def _names(explanation: CompositionExplanation, pair: Pair) -> list[str]:
    """The state and the object of a pair, as people read them."""
    return [explanation.space.state_names[pair[0]], explanation.space.object_names[pair[1]]]


def _other(explanation: CompositionExplanation, payload: Json, pair: Pair) -> Pair | None:
    """The pair to compare with, if one was chosen that is not the pair itself."""
    if payload.get("other") is None:
        return None
    other = pair_at(explanation, payload["other"])
    return None if other == pair else other


def _known(explanation: CompositionExplanation, names: Any) -> Pair | None:
    """A pair by name, None if none is named or a word of it has been taken away."""
    if names is None:
        return None
    try:
        return pair_at(explanation, names)
    except UnknownNameError:
        return None


def _best_of(ranking: PairRanking, states: Sequence[int], objects: Sequence[int]) -> Pair:
    """The best ranked pair of some states and objects; the first one if none competes."""
    pairs = [(s, o) for s in states for o in objects]
    return min(pairs, key=lambda pair: ranking.rank_of(pair) or ranking.ranks.size + 1)
