"""Answers to edits and choices: ranked classes, and why one class and not another, as JSON for the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.insights import titles
from zslviz.tasks.attributes.requests import RankRequest, class_at
from zslviz.tasks.attributes.scoring import ClassRanking, by_attributes_alone
from zslviz.tasks.attributes.sources import sources_of_lead
from zslviz.tasks.attributes.unlike.told import unlike_sentence
from zslviz.tasks.attributes.what_would_it_take.answer import Answer
from zslviz.tasks.attributes.what_would_it_take.asking import answered
from zslviz.tasks.attributes.what_would_it_take.question import Question
from zslviz.tasks.attributes.whole_set.sets import may_be, set_sentence
from zslviz.tasks.attributes.whole_set.told import called_sentence
from zslviz.tasks.base.pictures import offers_answer

SHOWN_CLASSES = 10
SHOWN_TERMS = 8
THUMBNAILS = 8


def facts(
    explanation: Explanation, true_class: int | None = None, data: str = "", maps_worth: str = ""
) -> dict[str, Any]:
    """What the panels are told of an explanation, besides pictures. data: its data set, where the space does not name it."""
    space = explanation.space
    offers = offers_answer(explanation, "attribute")
    ranking = ranking_answer(explanation, RankRequest(), true_class=true_class)
    return {
        "gamma": explanation.gamma,
        "rule": explanation.rule.kind,
        "true_class": true_class,
        "space": space.name or data,
        "classes": [{"name": n, "seen": bool(s)} for n, s in zip(space.class_names, space.seen, strict=True)],
        "attributes": list(space.attribute_names),
        "groups": list(space.groups),
        "values": [round(float(v), 5) for v in explanation.values],
        "has_parts": explanation.parts is not None,
        "geometry": asdict(explanation.map_geometry),
        "offers": offers,
        "maps_worth": maps_worth if offers else "",
        "tells": titles(explanation),
        "unlike": unlike_sentence(explanation.strangeness),
        "strongest": strongest_attributes(explanation, THUMBNAILS),
        "ranking": ranking,
        "described": described(explanation, ranking["classes"][0]["index"]),
    }


def ranking_answer(
    explanation: Explanation,
    request: RankRequest,
    why: int | None = None,
    true_class: int | None = None,
    rival: int | None = None,
    count: int | None = None,
) -> dict[str, Any]:
    """The ranking after the edits, each line with the state before them, and the lead of one class over another.

    count: how many classes it tells of, ten if None; the true one takes the last line where it comes after them.
    alone: the class that would be first without the handicap, where that decides. before: the same calibration and the same
    competing classes, without any edit. floor, ceiling: the ends of the bars' axis, from the middle class of the table before the
    edits to the best of both states.
    """
    after = request.rank(explanation)
    before = request.rank_unedited(explanation) if request.edited else after
    lines = after.lines(SHOWN_CLASSES if count is None else count)
    if true_class is not None and after.rank_of(true_class) > len(lines):
        lines[-1] = after.line(true_class)
    best = after.best.index
    if why is None or not after.rank_of(why):
        why = best
    competing = before.calibrated[before.order]
    return {
        "classes": [
            {
                "index": line.index,
                "name": line.name,
                "seen": line.seen,
                "rank": line.rank,
                "score": line.score,
                "probability": line.probability,
                "before": float(before.calibrated[line.index]),
                "rank_before": before.rank_of(line.index),
                "true": line.index == true_class,
            }
            for line in lines
        ],
        "competing": len(after),
        "floor": float(np.median(competing)),
        "ceiling": max(float(competing[0]), float(after.calibrated[best])),
        "edited": request.edited,
        "gamma": after.gamma,
        "alone": by_attributes_alone(after),
        "why": why_answer(explanation, request, after, why, rival),
    }


def why_answer(
    explanation: Explanation, request: RankRequest, ranking: ClassRanking, class_index: int, rival: int | None = None
) -> dict[str, Any]:
    """Why this class and not its rival: if none that competes is named, the runner-up for the first of the ranking, the first for
    any other.

    `terms`, `others` and `calibration` add up to `margin`; `pull` has the exact term of every attribute. absent: attributes
    that count by not being there, as the sentence has them ("not hunter"). sources: with `calibration` the margin as well, by what
    it comes from (`Sources`); null of a model whose maps do not tell.
    """
    space, first = ranking.space, int(ranking.order[0])
    runner_up = int(ranking.order[1]) if len(ranking) > 1 else first
    if rival is None or rival == class_index or not ranking.rank_of(rival):
        rival = runner_up if class_index == first else first
    exact = explanation.contributions(class_index, rival, request.gamma, request.image_edits, space)
    strongest = [a for a in exact.strongest(SHOWN_TERMS) if exact.terms[a] != 0]
    named = sum(float(exact.terms[a]) for a in strongest)
    fused = explanation.rule.fuse(explanation.edited_scores(request.image_edits))
    sources = sources_of_lead(explanation, request, class_index, rival)
    return {
        "class": class_index,
        "rival": rival,
        "class_name": space.class_names[class_index],
        "rival_name": space.class_names[rival],
        "margin": exact.margin,
        "calibration": exact.calibration,
        "terms": [{"attribute": a, "term": float(exact.terms[a])} for a in strongest],
        "others": exact.margin - exact.calibration - named,
        "other_count": len(space.attributes) - len(strongest),
        "pull": [round(float(t), 5) for t in exact.terms],
        "absent": np.flatnonzero(fused < 0).tolist(),
        "sources": sources and asdict(sources),
    }


def take_answer(explanation: Explanation, request: RankRequest, payload: Mapping[str, Any]) -> dict[str, Any]:
    """What it would take for the class `target`, by numbers, as the page's own arithmetic answers it. Raises ConfigError.

    payload: `target`, and `side`, `character`, `by`, `locked`, `ranges` and `ways` where they are not as usual.
    """
    told = ("side", "character", "by", "ranges", "ways")
    named = {key: payload[key] for key in told if payload.get(key) is not None}
    asked = Question.parse(explanation.space, payload.get("target"), lock=payload.get("locked"), **named)
    return plain_answer(answered(explanation, asked, request))


def plain_answer(answer: Answer) -> dict[str, Any]:
    """The same of an answer that is there."""
    told = {name: value for name, value in asdict(answer).items() if name not in ("side", "character", "by")}
    for plain, own in (
        (told, answer),
        (told["near_miss"], answer.near_miss),
        *zip(told["ways"], answer.ways, strict=True),
    ):
        if own is not None:
            plain["sentence"] = own.sentence.to_dict()
    return told


def retest_answer(explanation: Explanation, request: RankRequest, tested: Any, asked: Any) -> dict[str, Any]:
    """What edits of classes and of gamma do to the test photos. tested: `retesting.TestedModel`. asked: the class to be told of.

    Raises ConfigError.
    """
    space = request.space(explanation)
    found = tested.under(space, request.gamma, class_at(space, asked))
    known, ranking = tested.within(space, found.gamma[1]), request.rank(explanation)
    return asdict(found) | {
        "sentence": found.sentence.to_dict(),
        "within": asdict(known),
        "called": called_sentence(found.asked, space.class_names).to_dict(),
        "may_be": set_sentence(space, may_be(ranking, known.lead), known).to_dict(),
    }


def class_values(explanation: Explanation, class_index: int) -> list[float]:
    """What a class is said to look like before any edit: [A]."""
    return [round(float(v), 5) for v in explanation.space.table[class_index]]


def described(explanation: Explanation, class_index: int) -> dict[str, Any]:
    """What a class is said to look like, and which class that is."""
    return {"class": class_index, "values": class_values(explanation, class_index)}


def strongest_attributes(explanation: Explanation, count: int) -> list[int]:
    """Attributes that speak most for the first class, compared with the average class; of those that a photo can show."""
    space = explanation.space
    first = int(explanation.rank().order[0])
    fused = explanation.rule.fuse(explanation.scores.astype(np.float64))
    rows = explanation.rule.exact_rows(space)
    speaks = fused * (rows[first] - rows.mean(axis=0))
    order = [int(a) for a in np.argsort(-speaks, kind="stable")]
    return ([a for a in order if space.visible[a]] or order)[:count]
