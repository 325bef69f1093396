"""What it would take, for people at a shell: line by line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.attributes.what_would_it_take.answer import Answer, Edit, Way
from zslviz.tasks.attributes.what_would_it_take.asking import answered
from zslviz.tasks.attributes.what_would_it_take.question import Question
from zslviz.tasks.base.wording import counted

if TYPE_CHECKING:
    from zslviz.tasks.attributes.explanation import Explanation

_SHOWN = 12  # edits of a way
_UNITS = {"attributes": ("change", "changes"), "parts": ("part", "parts")}


def answer_lines(explanation: Explanation, question: Question, request: RankRequest) -> list[str]:
    """The ways with their edits and leads; or who is in the way; the strongest single change; gamma alone."""
    answer, space = answered(explanation, question, request), request.space(explanation)
    lines = [line for way in answer.ways for line in _way_lines(way, answer, space)]
    if not answer.ways:
        lines.append(answer.sentence.text)
    if len(answer.ways) < question.ways and answer.ways:
        lines.append(f"No other way was found after {counted(len(answer.ways), 'way')}.")
    if answer.near_miss is not None:
        lines.append(answer.near_miss.sentence.text)
    if answer.handicap is not None:
        now = request.rank(explanation).gamma
        lines.append(f"Or, with nothing else changed: gamma {answer.handicap:g} instead of {now:.2f}.")
    return lines


def _way_lines(way: Way, answer: Answer, space: SemanticSpace) -> Iterator[str]:
    yield way.sentence.text
    one, many = _UNITS[answer.by]
    proved = {
        "fewest": "proved: no fewer do it",
        "least": "proved: no less does it",
        "gentlest": "proved: none is gentler",
        "squares": "proved: no smaller sum of squares does it",
        "natural": "proved: nothing closer to how attributes go together in the class table does it",
    }
    told = proved[answer.character] if way.proved else "the smallest found"
    if way.number > 1:
        told = "another way"
    yield (
        f"  {way.count} {one if way.count == 1 else many}, {told}; "
        f"{space.class_names[answer.target]}: {answer.rank} -> {way.rank}, lead {way.lead_before:.3f} -> {way.lead:.4f}"
    )
    yield from _edit_lines(way.edits, space)


def _edit_lines(edits: Sequence[Edit], space: SemanticSpace) -> Iterator[str]:
    for edit in edits[:_SHOWN]:
        follows = "  (follows)" if edit.along else ""
        yield f"    {edit.before:6.2f} -> {edit.value:6.2f}  {space.attribute_names[edit.attribute]}{follows}"
    if len(edits) > _SHOWN:
        yield f"    and {counted(len(edits) - _SHOWN, 'value')} more"
