"""The tab *Compose*: every pair of a state and an object in one photo, where it is seen, and words that a visitor adds.

A photo goes through the network once, in the one queue of all tabs. What follows (another pair, the other world, a threshold) is
arithmetic on the explanation behind its handle; a word typed runs the small head on the kept features. What a visitor adds lives
in her browser and comes along every time.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from zslviz.errors import CheckpointError, ConfigError, UnknownNameError
from zslviz.tasks.base.requests import number
from zslviz.tasks.compositional import pictures as composition_pictures
from zslviz.tasks.compositional.explanation import CompositionExplanation
from zslviz.tasks.compositional.requests import Pair, PairRequest, pair_at
from zslviz.tasks.compositional.scoring import PairRanking
from zslviz.tasks.compositional.tables import EXPORTS
from zslviz.ui import pictures
from zslviz.ui.additions import Additions
from zslviz.ui.downloads import Downloads
from zslviz.ui.examples import CompositionExample, example_named
from zslviz.ui.panel import Json, columns, explains, panel, photo_facts, uploaded
from zslviz.ui.service import Service
from zslviz.ui.tabs.compose import answers as composition_answers


class ComposeTab:
    """What the panels can ask for. Holds nothing of a visitor but what is computed again where it is missing."""

    def __init__(self, service: Service, downloads: Downloads) -> None:
        self.service = service
        self.downloads = downloads
        self._additions = Additions()

    # -- a photo goes through the network ---------------------------------------------------------------------------

    def explain(self, payload: Json) -> Json:
        """payload: {"model", and "first" (the first example is wanted), "example" (its name) or "upload" and "file"}."""
        models = self.service.of_task("compositional")
        if not models:
            raise CheckpointError(
                "There is no compositional model in 'checkpoints/'; clone the repository with its files."
            )
        model = str(payload.get("model") or models[0].name)
        examples = self.service.composition_examples
        if payload.get("first"):
            if not examples:
                return {"notice": "Choose a photo to begin.", **self._choices(model)}
            return self._explain_example(examples[0], model) | self._choices(model)
        if payload.get("example"):
            return self._explain_example(example_named(examples, str(payload["example"])), model)
        upload, file = uploaded(payload)
        handle, explanation = self.service.explain(upload, model)
        return self._explanation(handle, explanation, None, file)

    def _explain_example(self, example: CompositionExample, model: str) -> Json:
        handle, explanation = self.service.explain_example(example, model)
        return self._explanation(handle, explanation, example, example.title)

    def _explanation(
        self, handle: str, explanation: CompositionExplanation, example: CompositionExample | None, title: str
    ) -> Json:
        explainer = self.service.explainer(explanation.model)
        # the first word typed finds the word vectors read
        threading.Thread(target=explainer.warm_up, name="word-vectors", daemon=True).start()
        request, own = PairRequest(), explanation.space.shape
        ranking = request.rank(explanation)
        return {
            **photo_facts(self.service, handle, explanation, example, title),
            "space": composition_answers.space_answer(explanation, own),
            "true": None if example is None else _truth(explanation, example),
            "bias": explanation.bias,
            "threshold": explanation.threshold,
            "moved": explanation.moved,
            "words": explanation.space.words,
            "has_queries": explanation.query_attention is not None,
            "has_familiarity": any(explanation.familiarity),
            "has_texts": explanation.state_attention is not None,
            "ranking": composition_answers.ranking_answer(explanation, request, ranking),
            "pair": self._pair(explanation, request, ranking, ranking.pairs[0], None),
        }

    def _choices(self, model: str) -> Json:
        """The models and examples to choose from, with small pictures; of an example whether its pair was trained on."""
        space = self.service.explainer(model).space
        return {
            "models": [
                {"name": info.name, "title": info.title, "data": info.data}
                for info in self.service.of_task("compositional")
            ],
            "examples": [
                {
                    "file": e.name,
                    "title": e.title,
                    "kind": e.kind,
                    "seen": e.seen_in(space),
                    "picture": pictures.example_thumbnail(e.path),
                }
                for e in self.service.composition_examples
            ],
        }

    # -- arithmetic on an explanation -------------------------------------------------------------------------------

    def _asked(self, payload: Json) -> tuple[CompositionExplanation, PairRequest, tuple[int, int]]:
        """The explanation with the visitor's words, her request, and how many states and objects are the model's own."""
        handle = str(payload.get("handle"))
        explanation = self.service.store.get(handle, CompositionExplanation)
        keys = ("states", "objects", "open_world", "threshold", "bias", "before")
        request = PairRequest.parse(*(payload.get(key) for key in keys))
        explainer = self.service.explainer(explanation.model)
        return self._additions.to(handle, explanation, explainer, request), request, explanation.space.shape

    def rank(self, payload: Json) -> Json:
        """{"pair", "other": as for `pair`, "with_space": whether the heads have changed} -> the ranking, and the pair if asked for.

        A pair that is no longer there gives way to the best. Pictures that are "drawn" ([pair, other]) are not made again.
        """
        explanation, request, own = self._asked(payload)
        ranking = request.rank(explanation)
        answer: Json = {"ranking": composition_answers.ranking_answer(explanation, request, ranking)}
        if payload.get("with_space"):
            answer["space"] = composition_answers.space_answer(explanation, own)
        if payload.get("pair") is not None:
            pair = _known(explanation, payload["pair"]) or ranking.pairs[0]
            other = _known(explanation, payload.get("other"))
            shown = payload | {"other": None if other is None else payload["other"]}
            answer["pair"] = self._pair(
                explanation, request, ranking, pair, _other(explanation, shown, pair), payload.get("drawn")
            )
        return answer

    def add(self, payload: Json) -> Json:
        """{"kind": "state" | "object", "name", and what was added before} -> everything with it. Raises if it cannot be added."""
        kind = payload.get("kind")
        if kind not in ("state", "object"):
            raise ConfigError("What is added is a 'state' or an 'object'.")
        named = [*(payload.get(f"{kind}s") or []), " ".join(str(payload.get("name") or "").split())]
        explanation, request, own = self._asked(payload | {f"{kind}s": named})
        ranking = request.rank(explanation)
        states, objects = (range(count) for count in explanation.space.shape)
        pair = _best_of(
            ranking, states[-1:] if kind == "state" else states, objects[-1:] if kind == "object" else objects
        )
        return {
            "states_added": list(request.states),
            "objects_added": list(request.objects),
            "space": composition_answers.space_answer(explanation, own),
            "ranking": composition_answers.ranking_answer(explanation, request, ranking),
            "pair": self._pair(explanation, request, ranking, pair, _other(explanation, payload, pair)),
        }

    def pair(self, payload: Json) -> Json:
        """{"pair": [state, object], "other": another one or null (the best besides it)} -> their maps and terms."""
        explanation, request, _ = self._asked(payload)
        pair = pair_at(explanation, payload.get("pair"))
        best = request.rank(explanation, top=2)
        return self._pair(explanation, request, best, pair, _other(explanation, payload, pair))

    def _pair(
        self,
        explanation: CompositionExplanation,
        request: PairRequest,
        ranking: PairRanking,
        pair: Pair,
        other: Pair | None,
        drawn: Any = None,
    ) -> Json:
        other = other or composition_answers.rival_of(ranking, pair)
        space = explanation.space
        answer: Json = {
            "pair": [space.states[pair[0]], space.objects[pair[1]]],
            "terms": composition_answers.terms(explanation, request, pair),
            "other": None if other is None else [space.states[other[0]], space.objects[other[1]]],
            "other_terms": None if other is None else composition_answers.terms(explanation, request, other),
        }
        if drawn == [answer["pair"], answer["other"]]:
            return answer
        return answer | composition_pictures.pair_answer(explanation, pair, other)

    def multiples(self, payload: Json) -> Json:
        """{"kind": "queries" | "states" | "objects" | "pairs" (the best of the ranking)} -> small maps."""
        explanation, request, _ = self._asked(payload)
        best = request.rank(explanation, composition_answers.SHOWN_PAIRS).pairs
        return composition_pictures.multiples_answer(explanation, payload.get("kind"), best)

    # -- to take away -----------------------------------------------------------------------------------------------

    def download(self, payload: Json) -> Json:
        """{"what": "overlay" | "csv" | "json"} -> a file's address, or its text and name."""
        explanation, request, _ = self._asked(payload)
        what = payload.get("what")
        if what == "overlay":
            pair = pair_at(explanation, payload.get("pair"))
            best = request.rank(explanation, top=2)
            other = _other(explanation, payload, pair) or composition_answers.rival_of(best, pair)
            opacity = number(payload.get("opacity"), "opacity")
            words, picture = composition_pictures.overlay_png(explanation, pair, other, payload.get("kind"), opacity)
            path = self.downloads.write(words, picture)
            return {"path": str(path), "name": path.name}
        if what in EXPORTS:
            export = EXPORTS[what]
            return {
                "text": export.write(explanation, request, "photo"),
                "name": export.file,
                "type": export.media_type,
            }
        raise ConfigError("A download is 'overlay', 'csv' or 'json'.")


def _truth(explanation: CompositionExplanation, example: CompositionExample) -> list[str] | None:
    """The pair that an example shows, where the model knows both words."""
    space = explanation.space
    if example.state in space.states and example.object in space.objects:
        return [example.state, example.object]
    return None


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


def add_compose_tab(service: Service, downloads: Downloads) -> None:
    """Adds the tab's contents to the page that is being built. Its scripts ask for the first example once the tab is opened."""
    tab = ComposeTab(service, downloads)
    with columns("zv-compose"):
        photo = panel("photo", "photo", [], tab="pairs")
        panel("compose/matrix", "matrix", [], tab="pairs")
        panel("compose/ranking", "ranking", [tab.rank, tab.add], tab="pairs")
        panel("compose/maps", "maps", [tab.pair, tab.multiples, tab.download], tab="pairs")
    explains(photo, tab.explain)
