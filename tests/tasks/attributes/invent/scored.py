"""How much of what sentences say is read: mentions as `sentences.txt` lists them, against those that were found."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
from zslviz.tasks.attributes.invent.lexicon import Lexicon
from zslviz.tasks.attributes.invent.mentions import Mention, mentions_of
from zslviz.tasks.attributes.invent.tokens import pieces_of
from zslviz.tasks.attributes.invent.vocabulary import Vocabulary
from zslviz.tasks.attributes.space import SemanticSpace

HERE = Path(__file__).parent
MODELS = {"animals": "mgmrn-awa2", "birds": "mgmrn-cub"}
HEAD = ("crown", "forehead", "nape")
ALIKE = (
    ("big", "small"), ("furry", "hairless"), ("fast", "slow"), ("strong", "weak"), ("active", "inactive"),
    ("bulbous body", "lean body"), ("fierce", "timid"), ("lives in groups", "solitary"),
)  # fmt: skip
"""Of these, more of the one is less of the other."""


@dataclass(frozen=True)
class Sentence:
    """What a person typed, and what it says. part: "tuned", "held out" or "fresh"."""

    kind: str
    text: str
    said: tuple[str, ...]
    part: str


@dataclass
class Score:
    """sentences, mentions: how many. right: mentions that were found. more: found and not said. turned: with the wrong polarity."""

    sentences: int = 0
    mentions: int = 0
    right: int = 0
    more: int = 0
    turned: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        """Right mentions of all that were said or found."""
        return self.right / (self.mentions + self.more)


def sentences() -> Iterator[Sentence]:
    """All sentences of both files."""
    for name in ("sentences.txt", "fresh_sentences.txt"):
        for line in (HERE / name).read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.startswith("#"):
                kind, text, said = (cell.strip() for cell in line.split("|"))
                odd = int(hashlib.sha1(text.encode()).hexdigest(), 16) % 2
                part = "fresh" if name.startswith("fresh") else "held out" if odd else "tuned"
                yield Sentence(kind, text, tuple(one.strip() for one in said.split(";") if one.strip()[0] != "?"), part)


class Scorer:
    """Scores sentences against the shipped tables of animals and birds."""

    def __init__(self) -> None:
        spaces = {kind: AttributeCheckpoint.load(name).space for kind, name in MODELS.items()}
        self.vocabularies = {kind: Vocabulary(space, Lexicon.shipped()) for kind, space in spaces.items()}

    def score(self, part: str) -> Score:
        """The score of one part of the sentences."""
        total = Score()
        for sentence in sentences():
            if sentence.part == part:
                self._add(total, sentence)
        return total

    def _add(self, total: Score, sentence: Sentence) -> None:
        vocabulary = self.vocabularies[sentence.kind]
        found = mentions_of(pieces_of(sentence.text, vocabulary), vocabulary)
        said = [_wanted(vocabulary.space, one) for one in sentence.said]
        left, more, turned = list(said), 0, 0
        for mention in found:
            compared = ("@", mention.reference)
            if compared in left:
                left.remove(compared)
            met = [wanted for wanted in left if _meets(vocabulary.space, mention, wanted) == 1]
            left = [wanted for wanted in left if wanted not in met]
            if not met and not any(_meets(vocabulary.space, mention, wanted) == 1 for wanted in said):
                more += 1
                turned += any(_meets(vocabulary.space, mention, wanted) == -1 for wanted in said)
        total.sentences += 1
        total.mentions += len(said)
        total.right += len(said) - len(left)
        total.more += more
        total.turned += turned
        if left or more:
            missed = [one for one, wanted in zip(sentence.said, said, strict=True) if wanted in left]
            total.wrong.append(f"{sentence.text}: missed {missed}, {more} more, {turned} turned round")


def _wanted(space: SemanticSpace, said: str) -> tuple[Any, ...]:
    """A mention as it is listed: its mark, and the class, the group or the attributes."""
    mark, name = said[0], said[1:]
    if mark in "=@":
        return mark, space.class_index(name)
    if mark == "&":
        class_name, group = name.split(":")
        return mark, space.class_index(class_name), group
    sign = 1 if mark == "+" else -1
    if name == "size":
        return "size", sign
    where, _, color = name.partition(": ")
    parts = HEAD if where == "head" else ("primary",)
    if where in ("head", "body"):
        return "value", sign, frozenset(space.attribute_index(f"{part} color: {color}") for part in parts), frozenset()
    named = [a for a, known in enumerate(space.attribute_names) if known == name or known.startswith(f"{name} (")]
    other = [pair[1 - pair.index(name)] for pair in ALIKE if name in pair]
    return "value", sign, frozenset(named), frozenset(map(space.attribute_index, other))


def _meets(space: SemanticSpace, mention: Mention, wanted: tuple[Any, ...]) -> int:
    """1 if a mention says what is wanted, -1 if it says the contrary, else 0."""
    if wanted[0] == "=":
        return int(mention.kind == "base" and wanted[1] in mention.classes)
    if wanted[0] == "&":
        return int(mention.kind == "donor" and wanted[1] in mention.classes and wanted[2] in mention.groups)
    if mention.kind != "value" or wanted[0] == "@":
        return 0
    if wanted[0] == "size":
        sizes = [space.attribute_names[a] for a in mention.attributes if space.groups[a] == "size"]
        larger = 1 if any("large" in name for name in sizes) else -1
        return larger * mention.sign * wanted[1] if sizes and mention.more else 0
    if wanted[2] & set(mention.attributes):
        return mention.sign * wanted[1]
    return -mention.sign * wanted[1] if wanted[3] & set(mention.attributes) else 0
