"""Sentences by somebody who had not seen the parser: how much of what they say is read (`blind/*.jsonl`, a sentence a line).

A line has `text`, `base` (a class or null), `mentions` (each an attribute, its polarity, under `than` the class that it is compared
with, and the words that say it), and perhaps `maybe`: mentions that may be read and need not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.tasks.attributes.invent.scored import ALIKE, MODELS, Score
from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
from zslviz.tasks.attributes.invent.lexicon import Lexicon
from zslviz.tasks.attributes.invent.mention import Mention
from zslviz.tasks.attributes.invent.mentions import mentions_of
from zslviz.tasks.attributes.invent.tokens import pieces_of
from zslviz.tasks.attributes.invent.vocabulary import Vocabulary
from zslviz.tasks.attributes.space import SemanticSpace

HERE = Path(__file__).parent / "blind"
SIGNS = {"present": 1, "more": 1, "as": 1, "absent": -1, "less": -1}
SIZES = ("very_small", "small", "medium", "large", "very_large")


class Wanted(NamedTuple):
    """attribute: its index. same: attributes of which less is more of it. size: of a comparison of sizes, 1 for larger."""

    attribute: int
    sign: int
    same: frozenset[int]
    size: int = 0


class BlindScorer:
    """Scores the sentences of a half ("open" or "held") against the shipped tables of animals and birds."""

    def __init__(self) -> None:
        self.vocabularies = {
            kind: Vocabulary(AttributeCheckpoint.load(name).space, Lexicon.shipped()) for kind, name in MODELS.items()
        }

    def score(self, half: str, kind: str) -> Score:
        """The score of one half's sentences on "animals" or "birds"."""
        total = Score()
        for line in _lines(HERE / f"{kind}-{half}.jsonl"):
            self._add(total, self.vocabularies[kind], line)
        return total

    def _add(self, total: Score, vocabulary: Vocabulary, line: dict[str, Any]) -> None:
        space = vocabulary.space
        found = mentions_of(pieces_of(line["text"], vocabulary), vocabulary)
        said = [_wanted(space, one) for one in line["mentions"]]
        maybe = [_wanted(space, one) for one in line.get("maybe", ())]
        classes = {one for one in (line["base"],) if one}
        compared = {one["than"] for one in (*line["mentions"], *line.get("maybe", ())) if "than" in one}
        must = classes | {one["than"] for one in line["mentions"] if "than" in one}
        named = {space.classes[m.classes[0]] for m in found if m.kind in ("base", "donor")}
        named |= {space.classes[m.reference] for m in found if m.reference is not None}
        values = [m for m in found if m.kind == "value"]
        missed = [one for one in said if not any(_meets(space, m, one) == 1 for m in values)]
        extra = [m for m in values if not any(_meets(space, m, one) == 1 for one in (*said, *maybe))]
        extra = [m for m in extra if m.reference is None or space.classes[m.reference] not in compared or m.sign < 0]
        turned = [m for m in extra if any(_meets(space, m, one) == -1 for one in (*said, *maybe))]
        stray = {space.classes[m.classes[0]] for m in found if m.kind == "base"} - classes - compared
        total.sentences += 1
        total.mentions += len(said) + len(must)
        total.right += len(said) - len(missed) + len(must & named)
        total.more += len(extra) + len(stray)
        total.turned += len(turned)
        if missed or extra or stray or must - named:
            names = [space.attribute_names[one.attribute] for one in missed]
            over = [f"{'+' if m.sign > 0 else '-'}{space.attribute_names[m.attributes[0]]}" for m in extra]
            total.wrong.append(
                f"{line['text']}: missed {names + sorted(must - named)}, more {over + sorted(stray)}, {len(turned)} turned round"
            )


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def _wanted(space: SemanticSpace, one: dict[str, Any]) -> Wanted:
    own, attribute = one["attribute"], space.attribute_index(one["attribute"])
    sign, name = SIGNS[one["polarity"]], space.attribute_names[attribute]
    other = [pair[1 - pair.index(name)] for pair in ALIKE if name in pair]
    size = 0
    if own.startswith("has_size") and one["polarity"] in ("more", "less"):
        size = sign * (1 if "large" in own else -1)
    return Wanted(attribute, sign, frozenset(map(space.attribute_index, other)), size)


def _meets(space: SemanticSpace, mention: Mention, wanted: Wanted) -> int:
    """1 if a mention says what is wanted, -1 if it says the contrary, else 0."""
    if wanted.size and mention.more:
        sizes = [space.attribute_names[a] for a in mention.attributes if space.groups[a] == "size"]
        larger = 1 if any("large" in name for name in sizes) else -1
        return larger * mention.sign * wanted.size if sizes else 0
    if wanted.attribute in mention.attributes:
        return mention.sign * wanted.sign
    return -mention.sign * wanted.sign if wanted.same & set(mention.attributes) else 0


DOCUMENT = Path(__file__).parents[4] / "docs" / "invent.md"
BEGIN, END = "<!-- sentences -->\n", "<!-- /sentences -->\n"


def table(scorer: BlindScorer) -> str:
    """What is read now, as a table for the document."""
    lines = [
        "| half | about | sentences | mentions | read right | read besides | wrong polarity |",
        "|---|---|--:|--:|--:|--:|--:|",
    ]
    for half in ("open", "held"):
        for kind in MODELS:
            own = scorer.score(half, kind)
            right = f"{own.right} ({own.right / own.mentions:.1%})"
            lines.append(
                f"| {half} | {kind} | {own.sentences} | {own.mentions} | {right} | {own.more} | {own.turned} |"
            )
    return "\n".join(lines) + "\n"


def told(text: str) -> str:
    """The table that a document holds."""
    return text.partition(BEGIN)[2].partition(END)[0]


if __name__ == "__main__":
    before = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(before.replace(told(before), table(BlindScorer())), encoding="utf-8")
