"""Figures of docs/invent.md: how well sentences are read (benchmarks/results/sentences.json), and what classes that are made
up find (benchmarks/results/new_classes.json).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from zslviz.tasks.base.card_parts import paragraph, percent

_COUNTS = re.compile(r"sentence (\d+) \(\d+\), its own row (\d+) \(\d+\)")
_ZEBRA = re.compile(r"stripes” (\d+) \((\d+)\).*its own row (\d+) \(\d+\); Horse alone has (\d+)")
GOAL = 0.85
"""Of what a stranger's sentences say: how much is to be read right."""
_MET = {
    (True, True): "both are met",
    (True, False): "the first is met and the second is not",
    (False, True): "the second is met and the first is not",
    (False, False): "neither is met",
}
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def reading_section(content: Mapping[str, Any]) -> str:
    """How much of what sentences say is read: when a set was first read, and now. content: of sentences.json."""
    rows, first = content["scores"], content["first"]
    own = {row["set"]: row for row in content["own"]}
    held, ours = _whole(rows, "held"), _whole(rows, "development")["sentences"]
    second = _whole(rows, "second")
    before = own["tuned"]["sentences"] + own["held out"]["sentences"]
    shares = {part: (percent(first[part]["share"]), percent(own[part]["share"])) for part in ("held out", "fresh")}
    sets = (held, second)
    enough, none = all(one["right"] >= GOAL * one["mentions"] for one in sets), not any(one["turned"] for one in sets)
    met = _MET[enough, none]
    parts = [
        f"**How well it reads.** {before} sentences on animals and birds were written before the parser, with what",
        "each of them",
        f"says. On the half that it was not tuned on, {shares['held out'][0]} % of all mentions that were said or",
        "found were right",
        f"when it was first run on it, and {_count(first['held out']['turned'])} was read with the wrong polarity.",
        f"{own['fresh']['sentences']} more, written later and to be harder, came to {shares['fresh'][0]} % at their",
        "first run, with",
        f"{_count(first['fresh']['turned'])} of the wrong polarity. Now it is {shares['held out'][1]} % and",
        f"{shares['fresh'][1]} %,",
        f"and {_count(own['held out']['turned'] + own['fresh']['turned'])}. The same person wrote these sentences",
        "and the parser.",
    ]
    strangers = [
        f"**A stranger's sentences.** {_whole(rows, 'open')['sentences'] + held['sentences']} more were written by",
        "somebody who had not",
        "seen the parser, with questions, slips, swaps and lists. When first run on half of them (open) it read",
        f"{percent(first['open']['right'])} % of what they say right, and {first['open']['turned']} mentions with",
        "the wrong polarity; on",
        f"the other half (held) {percent(first['held']['right'])} % and {first['held']['turned']}. Nobody who mends",
        "the parser reads the",
        f"held half: since then it was mended by {ours} other sentences (development), many of them denials. Now",
        "the held half is at",
        f"{percent(held['right'] / held['mentions'])} %, with {held['turned']} of the wrong polarity; of it only",
        "these counts were looked",
        f"at, of {_count(first['held']['runs'])} states of the parser. {second['sentences']} sentences by another",
        f"stranger (second), who saw the tables' attributes alone, are at {percent(second['right'] / second['mentions'])} %,",
        f"with {second['turned']} of the wrong polarity. Of the goals, {100 * GOAL:.0f} % and none,",
        f"{met}, so a stranger's sentence is worth a look at its chips: what they say is",
        "what counts. *Read",
        "besides* are values that the sentence does not give.",
    ]
    lines = [
        "| set | about | sentences | mentions | read right | read besides | wrong polarity |",
        "|---|---|--:|--:|--:|--:|--:|",
    ]
    for row in content["scores"]:
        right = f"{row['right']} ({percent(row['right'] / row['mentions'])} %)"
        cells = (row["set"], row["about"], row["sentences"], row["mentions"], right, row["besides"], row["turned"])
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join([paragraph(*parts), paragraph(*strangers), *lines])


def worth_section(rows: Iterable[Mapping[str, str]]) -> str:
    """What made-up classes find of test photos. rows: of new_classes.json."""
    rows = list(rows)
    zebra = next(row["figure"] for row in rows if row["what"].startswith("eszsl-awa2 trained without zebras"))
    photos = next(
        re.findall(r"of (\d+) \(taken\)", row["what"])[0] for row in rows if "trained without zebras" in row["what"]
    )
    found = _ZEBRA.search(zebra)
    counts = [_COUNTS.search(row["figure"]) for row in rows if row["what"].startswith("mgmrn-awa2: “")]
    if found is None or None in counts:
        raise SystemExit("new_classes.json does not tell what docs/invent.md says of it.")
    more = sum(int(one[1]) > int(one[2]) for one in counts if one is not None)
    animals = _count(len(counts))
    return paragraph(
        "The plainest case: ESZSL trained without any photo of a zebra, and no zebra in its table. “like a horse, but with",
        f"black and white stripes” then finds {found[1]} of {photos} zebra photos and takes {found[2]} photos of",
        "others; the row of",
        f"the horse gets {_count(int(found[4]))} of them, and the zebra's true row, 85 values, finds {found[3]}.",
        "One sentence each",
        f"for the {animals} animals that were never trained on finds more photos than their true rows for {_count(more)} of",
        f"{animals} (Mg-MRN), mostly by taking more photos of others as well.",
    ).rstrip()


def _whole(scores: Iterable[Mapping[str, Any]], name: str) -> dict[str, int]:
    """The counts of a set, animals and birds together."""
    keys = ("sentences", "mentions", "right", "besides", "turned")
    return {key: sum(row[key] for row in scores if row["set"] == name) for key in keys}


def _count(number: int) -> str:
    return "none" if number == 0 else _NUMBERS[number] if number < len(_NUMBERS) else str(number)
