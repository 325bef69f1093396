"""What the shell prints of one attribute of a photo, and of what the model tells besides scores and maps."""

from __future__ import annotations

from zslviz.tasks.attributes.apart import apart_answer
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.insights import insights_answer
from zslviz.tasks.attributes.map_words import called
from zslviz.tasks.attributes.maps import EVIDENCE
from zslviz.tasks.attributes.pictures import maps_answer
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.base.insights import insight_lines


def attribute_lines(explanation: Explanation, attribute: int, sort: str) -> list[str]:
    """An attribute's value, what of it comes from places, and where they are: as the page says it. sort: of maps.

    The value alone of a model without maps. Then what else the model tells, the attribute asked about first.
    """
    if not any(offer.of == EVIDENCE.of for offer in explanation.offers()):
        lines = [f"\n{called(explanation, attribute)}: {explanation.values[attribute]:.2f}"]
    else:
        told = maps_answer(explanation, attribute, explanation.offer_of(sort, EVIDENCE.of))
        name, value = called(explanation, attribute), told["equation"] or f"{explanation.values[attribute]:.2f}"
        where = told["layers"][0]["where"] if told["visible"] else ""
        says = [said for said in (where, *told["says"], told["held"]) if said]
        lines = [f"\n{name}: {value}", *(f"  {said}" for said in says)]
    answer = insights_answer(explanation, attribute)
    return [*lines, *insight_lines(answer)]


def apart_lines(explanation: Explanation) -> list[str]:
    """What each of the model's answers would say alone; nothing of a model with but one."""
    answers = apart_answer(explanation, RankRequest())["answers"]
    told = []
    for one in answers:
        share = f"{round(100 * one['share'])} % of the ranking" if one["share"] else "the model ranks without it"
        told.append(f"  {one['name']}: {one['classes'][0]['name']} ({share})")
    return ["\nFirst by each answer alone:", *told] if told else []
