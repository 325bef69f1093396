"""The named endpoints of attribute models: /explain, /rank, /what_would_it_take, /retest, /invent, /compare,
/cover and /look_again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from zslviz.errors import ConfigError
from zslviz.tasks.attributes.apart import apart_answer
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.insights import insights_answer
from zslviz.tasks.attributes.invent import asked
from zslviz.tasks.attributes.invent.sentences import by_sentence
from zslviz.tasks.attributes.invent.ways import check_ways, invented
from zslviz.tasks.attributes.is_it_true.trial import Trial, hit, none_decides
from zslviz.tasks.attributes.requests import RankRequest, attribute_at
from zslviz.tasks.attributes.sentence import hardly_said
from zslviz.tasks.attributes.sentence import sentence as said
from zslviz.tasks.attributes.tables import edits_and_ranking
from zslviz.tasks.attributes.unlike.told import unlike_sentence
from zslviz.tasks.attributes.what_would_it_take.asking import answered
from zslviz.tasks.attributes.what_would_it_take.question import Question
from zslviz.tasks.base.added import MAX_NAME
from zslviz.ui.endpoints import Endpoints, calling_visitor, text_of, top_count
from zslviz.ui.tab import Tab
from zslviz.ui.tabs.explain.comparing import comparing
from zslviz.ui.tested import opened_photos


def attribute_endpoints(tab: Tab[Explanation, RankRequest]) -> Endpoints:
    def rank(
        handle: str,
        edits: dict[str, Any] | list[Any] | None = None,
        class_edits: dict[str, Any] | None = None,
        gamma: float | None = None,
        unseen_only: bool = False,
        top: int = 10,
        invented: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Ranks classes for a photo explained before, after edits; no network runs.

        edits: {attribute: value}, or one vector with a number or null per attribute: what the model is to have seen.
        class_edits: {class: {attribute: value}}: what a class is to be said to look like. invented: {name: values}: classes
        that compete beside the model's own.
        """
        explanation, request = _asked(tab, handle, invented, edits, class_edits, gamma, unseen_only)
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
        invented: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """The smallest edits after which a class is first, for a photo explained before; no network runs.

        side: "photo" or "description". character: "fewest", "least", "gentlest", "squares" or "natural". by: "attributes" or
        "parts". lock: attributes and groups that stay. ranges: {attribute: [least, most]}. The rest as in /rank: from where it
        starts.
        """
        explanation, request = _asked(tab, handle, invented, edits, class_edits, gamma, unseen_only)
        question = Question.parse(explanation.space, target, side, character, by, lock, ranges, ways)
        return answered(explanation, question, request).to_dict(explanation.space)

    return Endpoints(
        _explain(tab),
        rank,
        "explanation",
        (what_would_it_take, _retest(tab), _invent(tab), comparing(tab)),
        (_cover(tab), _look_again(tab)),
    )


def _explain(tab: Tab[Explanation, RankRequest]) -> Any:
    def explain(photo: str | None, model: str | None, top: float | None = 10) -> dict[str, Any]:
        """Runs a model on a photo: attribute values and scores, ranked classes, the answer in words, and a handle for /rank.

        apart: what each of its answers would say alone. tells: what else the model tells, by the attribute of the highest value.
        """
        count = top_count(top)
        handle, explanation = tab.explained(photo, model)
        unlike, told = unlike_sentence(explanation.strangeness), explanation.to_dict(top=count)
        answer = said(explanation)
        return {
            "handle": handle,
            **told,
            "sentence": answer.text,
            "hardly_read": hardly_said(explanation, answer),
            "unlike": unlike,
            "apart": apart_answer(explanation, RankRequest()),
            "tells": insights_answer(explanation, int(explanation.values.argmax())),
        }

    return explain


def _asked(
    tab: Tab[Explanation, RankRequest],
    handle: str,
    invented: dict[str, Any] | None,
    edits: dict[str, Any] | list[Any] | None,
    class_edits: dict[str, Any] | None,
    gamma: float | None,
    unseen_only: bool,
) -> tuple[Explanation, RankRequest]:
    """A photo explained before, with the classes that compete beside the model's own, and what is to be changed of it."""
    explanation = asked.with_invented(tab.kept(handle), invented)
    return explanation, RankRequest.parse(explanation.space, edits, class_edits, gamma, unseen_only)


def _cover(tab: Tab[Explanation, RankRequest]) -> Any:
    def cover(
        handle: str,
        region: list[Any] | str | None = None,
        attribute: str | int | None = None,
        edits: dict[str, Any] | list[Any] | None = None,
        class_edits: dict[str, Any] | None = None,
        gamma: float | None = None,
        unseen_only: bool = False,
        invented: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """What the maps promise of a photo explained before without one of its places, and what the network makes of it, covered.

        region: [left, top, right, bottom] as fractions of the photo's sides; the smallest place that decides if null. attribute:
        whose value is told; the one that changes most if null. The rest as in /rank.
        """
        explanation, request = _asked(tab, handle, invented, edits, class_edits, gamma, unseen_only)
        told = None if attribute is None else attribute_at(explanation.space, attribute)
        promise = explanation.deciding_region(request) if region is None else explanation.without(region)
        if promise is None:
            return {"promise": None, "proof": None, "kept": None, "sentence": none_decides(explanation, request)}
        proof = tab.service.covered(explanation, promise.region, calling_visitor())
        return Trial(promise, proof, hit(promise) if told is None else told, request).to_dict()

    return cover


def _look_again(tab: Tab[Explanation, RankRequest]) -> Any:
    def look_again(
        handle: str,
        edits: dict[str, Any] | list[Any] | None = None,
        class_edits: dict[str, Any] | None = None,
        gamma: float | None = None,
        unseen_only: bool = False,
        invented: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Sees a photo explained before eight times, slightly otherwise: how often the first class stays, and its lead each time.

        The edits and the rest as in /rank.
        """
        explanation, request = _asked(tab, handle, invented, edits, class_edits, gamma, unseen_only)
        looked = replace(tab.service.looked_again(explanation, calling_visitor()), whole=explanation)
        return looked.under(request).told(explanation.space.class_names)

    return look_again


def _retest(tab: Tab[Explanation, RankRequest]) -> Any:
    def retest(
        model: str | None = None,
        class_edits: dict[str, Any] | None = None,
        gamma: float | None = None,
        invented: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """What edits of classes do to all test photos of a model: T1, U, S, H, classes, and from whom photos go to whom.

        class_edits: {class: {attribute: value}}. invented: {name: values}: classes that compete beside the model's own.
        """
        tab.check_model(text_of(model, "model"), "attributes")
        opened = opened_photos(tab.service.checkpoint(text_of(model, "model") or tab.models[0].name))
        space = asked.joined(opened.space, invented)
        return opened.retest(class_edits, gamma, space).to_dict(space.class_names)

    return retest


def _invent(tab: Tab[Explanation, RankRequest]) -> Any:
    def invent(
        handle: str,
        sentence: str = "",
        like: str | None = None,
        parts: dict[str, Any] | None = None,
        values: dict[str, Any] | None = None,
        photos: list[Any] | None = None,
        table: str | list[str] = "",
        name: str = "",
        top: int = 10,
    ) -> dict[str, Any]:
        """Makes a class up, and ranks a photo explained before with it among the others; no network runs.

        One of: sentence, in words; like and parts, {group: class} or {group: [class, share]}; photos, handles of one to five of the
        same model; table, CSV text with one new class, or the pieces of a long one. values: {attribute: value} in the place of what
        these say, or alone.
        """
        explanation, count = tab.kept(handle), top_count(top)
        space, giving = explanation.space, asked.donors(parts)
        if photos is not None and not isinstance(photos, list):
            raise ConfigError("'photos' must be a list of handles.")
        seen = [tab.kept(photo) for photo in photos or []]
        if any(other.model != explanation.model for other in seen):
            raise ConfigError("A class from photos needs photos that one model has explained.")
        numbers = {space.attributes[a]: value for a, value in asked.fractions(space, values).items()}
        sentence, name, text = text_of(sentence, "sentence"), text_of(name, "name"), asked.table_text(table) or None
        like = text_of(like, "like") or None
        check_ways(sentence, like, giving, len(seen), text)
        reading = by_sentence(space, sentence, name) if sentence.strip() else None
        made = invented(space, sentence, like, giving, seen, text, numbers, name)
        told = {} if reading is None else reading.to_dict()
        joined = asked.with_invented(explanation, {made.name[:MAX_NAME].strip(): made.values.tolist()})
        return {**told, **made.to_dict(), **_ranked(joined, count)}

    return invent


def _ranked(explanation: Explanation, count: int) -> dict[str, Any]:
    told = edits_and_ranking(explanation, RankRequest(), count)
    return {key: told[key] for key in ("ranking", "sentence")}
