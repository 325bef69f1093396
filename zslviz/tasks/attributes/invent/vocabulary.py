"""What can be said of one space: its classes, attributes, values and parts, by the phrases that mean them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from string import ascii_lowercase

from zslviz.tasks.attributes.invent.lexicon import Lexicon, Phrase
from zslviz.tasks.attributes.space import SemanticSpace

SORTS = ("color", "pattern", "shape", "length", "size")
"""The last word of a group that says in which respect a part is described: "wing color"."""
WHOLE = ("", "primary")
LONGEST = 5
MOST_NEAR = 3
LEAST_LIKE = 0.7
"""Of a word's letters those that a known word has in the same order (`difflib`)."""
SHORTEST_SLIP = 6
"""Letters of a word that a slip is taken for; one less where only a doubled letter differs."""
_VOWELS = "aeiou"
_ASIDE = re.compile(r"\([^)]*\)")
_LEADING = frozenset({"live", "eat", "have", "a", "in", "on", "the"})


@dataclass(frozen=True)
class Value:
    """What a phrase says of attributes. attributes: indices; sign: -1 for the contrary of them. much: said with emphasis.

    color: whether they are colours. noun: whether the phrase names a thing that a body has.
    """

    attributes: tuple[int, ...]
    sign: int = 1
    much: bool = False
    color: bool = False
    noun: bool = False


@dataclass(frozen=True)
class Entry:
    """All that a phrase may mean; what is None or empty it does not."""

    classes: tuple[int, ...] = ()
    value: Value | None = None
    mark: tuple[str, ...] | None = None
    parts: tuple[str, ...] = ()
    degree: float | None = None
    roles: tuple[str, ...] = ()
    glue: bool = False


@dataclass(frozen=True)
class Facet:
    """Of an attribute: which part, in which respect, and what it is there: ("wing", "color", "red"); part and sort may be ""."""

    part: str
    sort: str
    value: str


class Vocabulary:
    """The phrases that a space and a lexicon know."""

    def __init__(self, space: SemanticSpace, lexicon: Lexicon) -> None:
        self.space, self.lexicon = space, lexicon
        self.facets = tuple(map(_facet, space.attribute_names))
        self.has_parts = any(facet.part not in WHOLE for facet in self.facets)
        self._values = self._named_values()
        self._classes = self._named_classes()
        self._entries: dict[Phrase, Entry] = {}

    def find(self, phrase: Phrase) -> Entry | None:
        """What a phrase means, None if nothing."""
        if phrase not in self._entries:
            self._entries[phrase] = self._entry(phrase)
        entry = self._entries[phrase]
        return None if entry == _NOTHING else entry

    def _entry(self, phrase: Phrase) -> Entry:
        words, mark = self.lexicon, self.lexicon.marks.get(phrase)
        marked = None if mark is None else self.value(words.phrase(mark[0]))
        return Entry(
            self._classes.get(phrase, ()),
            marked or self.value(phrase),
            None if mark is None or marked is None else mark[1],
            words.parts.get(phrase, ()),
            words.degrees.get(phrase),
            words.roles.get(phrase, ()),
            phrase in words.glue or (len(phrase) == 1 and phrase[0] in words.kinds),
        )

    @cached_property
    def _written(self) -> list[str]:
        """What one can write of this space, as one writes it: classes, the values of attributes, their parts."""
        told = (name for facet in self.facets for name in (facet.value, facet.part) if name)
        return sorted({name.casefold() for name in (*self.space.class_names, *told)})

    def nearest(self, text: str) -> list[str]:
        """The known words that are spelled most like those of a text, three at most; none that is not much like one of them."""
        close = (get_close_matches(word, self._written, MOST_NEAR, LEAST_LIKE) for word in text.casefold().split())
        return list(dict.fromkeys(name for names in close for name in names))[:MOST_NEAR]

    def value(self, phrase: Phrase) -> Value | None:
        """What a phrase says of attributes: by their names, as a colour, or by a synonym."""
        if phrase in self._values:
            return self._widened(phrase)
        for color in self.lexicon.colors.get(phrase, ()):
            if (named := self.lexicon.phrase(color)) in self._values:
                return self._made(named)
        for told in self.lexicon.synonyms.get(phrase, ()):
            sign = -1 if told.startswith("-") else 1
            found = [self.lexicon.phrase(name.lstrip("+-")) for name in told.split("&")]
            if all(name in self._values for name in found):
                attributes = tuple(a for name in found for a in self._values[name])
                noun = phrase[-1] in self.lexicon.nouns
                return Value(attributes, sign, told.startswith("++"), self._colored(attributes), noun)
        return None

    def _widened(self, phrase: Phrase) -> Value:
        """A name, and its synonyms in groups that do not know it: the head may be plain, the belly solid."""
        own = self._made(phrase)
        if not self.has_parts:
            return own
        told = (self.lexicon.phrase(name) for name in self.lexicon.synonyms.get(phrase, ()) if name[0] not in "+-")
        groups = {self.space.groups[a] for a in own.attributes}
        more = (a for name in told for a in self._values.get(name, ()) if self.space.groups[a] not in groups)
        return replace(own, attributes=(*own.attributes, *dict.fromkeys(more)))

    def _made(self, phrase: Phrase) -> Value:
        attributes = tuple(self._values[phrase])
        return Value(attributes, color=self._colored(attributes), noun=phrase[-1] in self.lexicon.nouns)

    def _colored(self, attributes: Iterable[int]) -> bool:
        return all(self.lexicon.is_color(self.facets[a].value) for a in attributes)

    def _named_values(self) -> dict[Phrase, list[int]]:
        """Attributes by the phrases that are their names, or the part of these that says something."""
        found: dict[Phrase, list[int]] = defaultdict(list)
        for a, (facet, own) in enumerate(zip(self.facets, self.space.attributes, strict=True)):
            plain = self.lexicon.phrase(_ASIDE.sub(" ", facet.value))
            phrases = {self.lexicon.phrase(facet.value), plain, tuple(w for w in plain if w not in _LEADING)}
            if not facet.sort:
                phrases.add(self.lexicon.phrase(own))
            if len(plain) > 1 and plain[-1] in {"lik", "wing", "tail", "body", "marsh", self.lexicon.root(facet.part)}:
                phrases |= {plain[:-1]}
            if facet.sort == "length":
                phrases.add(
                    self.lexicon.phrase({"longer": "long", "shorter": "short"}.get(facet.value.split()[0], facet.value))
                )
            for phrase in phrases - {()}:
                found[phrase].append(a)
        return dict(found)

    def _named_classes(self) -> dict[Phrase, tuple[int, ...]]:
        """Classes by their names, and by the last word of these, of which there may be several."""
        found: dict[Phrase, tuple[int, ...]] = {}
        last: dict[Phrase, tuple[int, ...]] = {}
        for c, (own, name) in enumerate(zip(self.space.classes, self.space.class_names, strict=True)):
            for phrase in {self.lexicon.phrase(name), self.lexicon.phrase(own)}:
                found.setdefault(phrase, (c,))
            end = self.lexicon.phrase(name)[-1:]
            last[end] = (*last.get(end, ()), c)
        known = {**self.lexicon.roles, **dict.fromkeys(self.lexicon.glue), **self._values, **self.lexicon.synonyms}
        return {**{end: classes for end, classes in last.items() if end not in known}, **found}

    def begun(self, word: str) -> tuple[int, ...]:
        """The one class whose name begins with four letters or more of a word ("hippo"); nothing if there are several."""
        lower = word.casefold()
        names = [name.casefold() for name in self.space.class_names]
        found = [c for c, name in enumerate(names) if name.startswith(lower)]
        one = len(found) == 1 and " " not in names[found[0]]  # "painted" is no painted bunting
        return tuple(found) if len(lower) >= 4 and one else ()

    @cached_property
    def _spelled(self) -> frozenset[str]:
        """Words that say something of attributes, as they are written."""
        raw = self.lexicon.raw
        told = " ".join((*raw["colors"].values(), *raw["synonyms"], *raw["parts"], *self.space.attribute_names))
        return frozenset(word for word in re.findall(r"[a-z]+", told.casefold()) if len(word) >= SHORTEST_SLIP - 1)

    def meant(self, word: str) -> str | None:
        """The one word that another is but for a letter: left out, doubled, swapped with the next, or one vowel for another.

        "yelow", "furrry", "jungel", "forst", "orenge". Of short words a doubled letter alone may differ: too many others are near.
        """
        lower = word.casefold()
        if len(lower) < SHORTEST_SLIP - 2:
            return None
        places = range(1, len(lower))
        doubled = {lower[:i] + lower[i + 1 :] for i in places if lower[i] == lower[i - 1]}
        doubled |= {lower[:i] + lower[i - 1] + lower[i:] for i in range(1, len(lower) + 1)}
        found = doubled & self._spelled
        if not found and len(lower) >= SHORTEST_SLIP - 1:
            near = {lower[:i] + lower[i + 1] + lower[i] + lower[i + 2 :] for i in places if i + 1 < len(lower)}
            near |= {lower[:i] + one + lower[i + 1 :] for i in places for one in _VOWELS if lower[i] in _VOWELS}
            near |= {lower[:i] + one + lower[i:] for i in places for one in ascii_lowercase}
            found = {one for one in near & self._spelled if len(one) >= SHORTEST_SLIP}
        return found.pop() if len(found) == 1 else None

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """The groups of the attributes, each once, in the order of the table."""
        return tuple(dict.fromkeys(self.space.groups))

    def groups_of(self, parts: Iterable[str]) -> tuple[str, ...]:
        """The groups that speak of some parts: by the part of their facets, else by a word of their name."""
        wanted = [part.replace("-", " ") for part in parts]
        found = {self.space.groups[a] for a, facet in enumerate(self.facets) if facet.part and facet.part in wanted}
        if not found:
            found = {group for group in self.groups if set(group.split()) & set(wanted)}
        return tuple(group for group in self.groups if group in found)

    def at(self, value: Value, parts: Iterable[str] = ()) -> tuple[int, ...]:
        """The attributes of a value at some parts; without parts those of the whole body, or all where there are none."""
        wanted = [part.replace("-", " ") for part in parts]
        if wanted:
            return tuple(a for a in value.attributes if self.facets[a].part in wanted)
        whole = tuple(a for a in value.attributes if self.facets[a].part in WHOLE)
        if whole or not value.color:
            return whole or value.attributes
        return value.attributes

    def is_of_several_shapes(self, value: Value) -> bool:
        """Whether a value is a shape of parts that are not the same ("rounded", of wings or of a tail)."""
        facets = [self.facets[a] for a in value.attributes]
        return all(facet.sort == "shape" for facet in facets) and len({facet.part for facet in facets}) > 1

    def is_of_parts(self, value: Value) -> bool:
        """Whether a value is one of parts, and not of the whole body."""
        return all(self.facets[a].part not in WHOLE for a in value.attributes)


_NOTHING = Entry()


def _facet(name: str) -> Facet:
    group, separator, value = name.partition(": ")
    if not separator:
        return Facet("", "", name)
    part, _, sort = group.rpartition(" ")
    return Facet(part, sort, value) if sort in SORTS else Facet("", group, value)
