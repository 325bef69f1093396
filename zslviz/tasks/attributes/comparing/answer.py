"""A comparison as plain values, fit for JSON, and as lines for people at a shell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from zslviz.tasks.attributes.comparing.comparison import Comparison, Reading
from zslviz.tasks.attributes.comparing.sentence import comparison_sentence

SHOWN_CLASSES = 5
SHOWN_ATTRIBUTES = 10


def comparison_answer(
    compared: Comparison, truth: int | None = None, classes: int = SHOWN_CLASSES, attributes: int = SHOWN_ATTRIBUTES
) -> dict[str, Any]:
    """What two models make of a photo. truth: index of the true class. classes, attributes: how many are told of.

    winners: the class that each puts first. rival, lead: over whom the first model's lead is looked at, and that lead. needed: how
    many of the other's readings, those that take most from the lead first, put the rival before the first class in the first model;
    null if all do not. ranks: of the first classes of either, and the true one. by_difference, by_effect: attributes (`Reading`).
    """
    return {
        "models": [compared.one.model, compared.other.model],
        "names": list(compared.names),
        "sentence": comparison_sentence(compared, truth).to_dict(),
        "winners": list(compared.winners),
        "rival": compared.rival,
        "lead": compared.lead,
        "needed": compared.needed,
        "competing": len(compared.rankings[0]),
        "ranks": [{**asdict(line), "ranks": list(line.ranks)} for line in compared.slope(classes, truth)],
        "by_difference": [_plain(reading) for reading in compared.by_difference(attributes)],
        "by_effect": [_plain(reading) for reading in compared.by_effect(attributes)],
    }


def _plain(reading: Reading) -> dict[str, Any]:
    return {**asdict(reading), "values": list(reading.values), "standard": list(reading.standard)}


def comparison_lines(compared: Comparison, truth: int | None = None, top: int = SHOWN_CLASSES) -> list[str]:
    """The sentence, both ranks of the first classes, and the attributes that differ most."""
    one, other = compared.names
    width = max(8, len(one), len(other))
    return [
        comparison_sentence(compared, truth).text,
        f"\n{one:>{width}} {other:>{width}}  rank of",
        *(
            f"{line.ranks[0]:>{width}} {line.ranks[1]:>{width}}  {line.name}{_marks(line.seen, line.true)}"
            for line in compared.slope(top, truth)
        ),
        f"\nRead most differently ({other} less {one}, in standard units):",
        *_reading_lines(compared, compared.by_difference(top)),
        f"\nThat moves {one}'s lead most ({_pair(compared)}), if read as {other} does:",
        *_reading_lines(compared, compared.by_effect(top)),
    ]


def _pair(compared: Comparison) -> str:
    names = compared.one.space.class_names
    return f"{names[compared.winners[0]]} over {names[compared.rival]}, {compared.lead:.2f}"


def _marks(seen: bool, true: bool) -> str:
    told = [*([] if seen else ["never trained on"]), *(["true class"] if true else [])]
    return f"  ({', '.join(told)})" if told else ""


def _reading_lines(compared: Comparison, readings: list[Reading]) -> Iterator[str]:
    names = compared.one.space.attribute_names
    width = max((len(names[reading.attribute]) for reading in readings), default=0)
    for reading in readings:
        before, after = reading.values
        yield (
            f"  {reading.apart:+6.2f}  {names[reading.attribute]:<{width}}  {before:5.2f} and {after:5.2f}, "
            f"lead {reading.effect:+.2f}"
        )
