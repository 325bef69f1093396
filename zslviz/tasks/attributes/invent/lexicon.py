"""Everyday English around attributes: roots of words, synonyms, colours, parts of bodies, degrees, and words that join others.

It knows no data set: a synonym leads to the name of an attribute, and counts where a space has one of that name. The words stand in
`lexicon.json`, so that a page can read the same file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

Phrase = tuple[str, ...]
_DOUBLED = re.compile(r"([bdfgklmnprt])\1$")
_BEFORE_ES = ("sses", "shes", "ches", "xes", "zes")
_SHORTEST = 3
_PIECES = re.compile(r"[^\W_]+(?:['’][^\W_]+)?|['’]s\b|&|\+")


@dataclass(frozen=True)
class Lexicon:
    """raw: the file. What is asked of it comes by roots (`root`)."""

    raw: Mapping[str, Any]

    @classmethod
    @lru_cache(maxsize=1)
    def shipped(cls) -> Lexicon:
        """The words that come with the package."""
        return cls(json.loads(Path(__file__).with_name("lexicon.json").read_text(encoding="utf-8")))

    def root(self, word: str) -> str:
        """What stands for a word in all its forms: "stripes", "striped" and "stripe" are "strip"; no word of English by itself."""
        lower = word.casefold().replace("’", "'")
        lower = self.raw["roots"].get(lower) or _singular(lower)
        return lower[:-1] if len(lower) > _SHORTEST and lower.endswith("e") else lower

    def phrase(self, text: str) -> Phrase:
        """The roots of a text's words."""
        return tuple(self.root(piece) for piece in _PIECES.findall(text.replace("-", " ")))

    def bases(self, word: str) -> Iterator[str]:
        """The roots of what a word may be the comparative of: "bigger" -> "big", "stripier" -> "stripy", "larger" -> "larg"."""
        lower = word.casefold()
        for end in ("er", "est"):
            if len(lower) > len(end) + 2 and lower.endswith(end):
                stem = lower.removesuffix(end)
                yield self.root(stem)
                yield self.root(stem + "e")
                if _DOUBLED.search(stem):
                    yield self.root(stem[:-1])
                if stem.endswith("i"):
                    yield self.root(stem[:-1] + "y")

    def _phrases(self, texts: str) -> list[Phrase]:
        return [self.phrase(text) for text in texts.split()]

    @cached_property
    def roles(self) -> dict[Phrase, tuple[str, ...]]:
        """What words that join others do: "like", "than", "not", "and" and so on; a phrase may have several roles."""
        found: dict[Phrase, tuple[str, ...]] = {}
        for role, texts in self.raw["words"].items():
            for phrase in self._phrases(texts):
                found[phrase] = (*found.get(phrase, ()), role)
        return {**found, ("-",): ("no",)}  # "zebra - stripes"

    @cached_property
    def kinds(self) -> dict[str, tuple[str, ...]]:
        """What words do beside a denial, by their roots: "idle" ("no doubt"), "raises" ("I don't think it has"), "contrary" ..."""
        found: dict[str, tuple[str, ...]] = {}
        for kind, texts in self.raw["kinds"].items():
            for word in texts.split():
                found[self.root(word)] = (*found.get(self.root(word), ()), kind)
        return found

    def kinds_of(self, word: str) -> tuple[str, ...]:
        """The kinds of a word, as it is written (`kinds`)."""
        return self.kinds.get(self.root(word), ())

    @cached_property
    def glue(self) -> frozenset[Phrase]:
        """Phrases that say nothing by themselves."""
        return frozenset(self._phrases(self.raw["glue"]))

    @cached_property
    def degrees(self) -> dict[Phrase, float]:
        """How much of what follows: 1 for "very", 0.35 for "slightly"."""
        return {
            phrase: float(degree) for degree, texts in self.raw["degrees"].items() for phrase in self._phrases(texts)
        }

    @cached_property
    def nouns(self) -> frozenset[str]:
        """Roots of things that a body has."""
        return frozenset(self.root(word) for word in self.raw["nouns"].split())

    @cached_property
    def colors(self) -> dict[Phrase, tuple[str, ...]]:
        """The colours that a word may be, those that fewer words mean first: "chestnut" -> rufous, brown."""
        words = {color: self._phrases(texts) for color, texts in self.raw["colors"].items()}
        order = sorted(words, key=lambda color: color not in ("rufous", "buff"))
        found: dict[Phrase, tuple[str, ...]] = {}
        for color in order:
            for phrase in words[color]:
                found[phrase] = (*found.get(phrase, ()), color)
        return found

    @cached_property
    def parts(self) -> dict[Phrase, tuple[str, ...]]:
        """Parts by what people call them: the words under which groups of attributes know them, with "-" for a space."""
        return {self.phrase(text): tuple(parts.split()) for text, parts in self.raw["parts"].items()}

    def within(self, parts: Sequence[str]) -> tuple[str, ...]:
        """The smaller parts of parts: of "underparts" the breast and the belly."""
        told: Mapping[str, str] = self.raw["within"]
        return tuple(one for part in parts for one in told.get(part, "").split())

    @cached_property
    def marks(self) -> dict[Phrase, tuple[str, tuple[str, ...]]]:
        """Marks that are a value and may have a colour: (the value, the parts whose colour it is)."""
        found = {}
        for text, told in self.raw["marks"].items():
            value, _, parts = told.partition(" > ")
            found[self.phrase(text)] = (value, tuple(parts.split()))
        return found

    @cached_property
    def synonyms(self) -> dict[Phrase, tuple[str, ...]]:
        """What else a phrase may be called, first choice first; "-" before it for the contrary, "++" for much of it."""
        return {self.phrase(text): tuple(told.split("|")) for text, told in self.raw["synonyms"].items()}

    @cached_property
    def opposites(self) -> tuple[tuple[Phrase, Phrase], ...]:
        """Pairs of which one speaks against the other."""
        return tuple((self.phrase(one), self.phrase(other)) for one, other in self.raw["opposites"])

    @cached_property
    def orders(self) -> tuple[tuple[Phrase, ...], ...]:
        """Values in the order of what they measure, the least first."""
        return tuple(tuple(self.phrase(value) for value in order) for order in self.raw["orders"])

    def is_color(self, name: str) -> bool:
        """Whether a name is one of the colours."""
        return self.phrase(name) in self._color_names

    @cached_property
    def _color_names(self) -> frozenset[Phrase]:
        return frozenset(self.phrase(color) for color in self.raw["colors"])

    def near_forms(self, word: str) -> Sequence[tuple[str, int]]:
        """What a word without an entry may be made of: (root, sign): "hornless" -> ("horn", -1), "unspotted" -> ("spot", -1)."""
        lower, found = word.casefold(), []
        if lower.endswith("less") and len(lower) > len("less") + 2:
            found.append((self.root(lower.removesuffix("less")), -1))
        prefixes = (one for one in ("un", "non") if lower.startswith(one) and len(lower) > len(one) + 2)
        found += [(self.root(lower.removeprefix(one)), -1) for one in prefixes]
        if lower.endswith("y") and len(lower) > 4:
            found.append((self.root(lower[:-1]), 1))
        if lower.endswith("ly") and len(lower) > 5:  # "quickly"
            found.append((self.root(lower.removesuffix("ly")), 1))
        if lower.endswith("ish") and len(lower) > 5:
            found.append((self.root(lower.removesuffix("ish")), 1))
        return found


def _singular(word: str) -> str:
    """A word without the ends that grammar gives it."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith("ied"):
        return word[:-3] + "y"
    if word.endswith(_BEFORE_ES):
        return word[:-2]
    if len(word) > _SHORTEST and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return _singular(word[:-1]) if word.endswith(("ings", "eds")) else word[:-1]
    for end, least in (("ing", 6), ("ed", 5)):
        if len(word) >= least and word.endswith(end):
            stem = word.removesuffix(end)
            return stem[:-1] if _DOUBLED.search(stem) and len(stem) > _SHORTEST else stem
    return word
