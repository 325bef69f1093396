"""A sentence as pieces, each the longest phrase that is known at its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from zslviz.tasks.attributes.invent.vocabulary import LONGEST, Entry, Vocabulary

_PIECES = re.compile(
    r"(?P<word>[^\W_]+(?:['’](?!s\b)[^\W_]+)?)|(?P<owner>['’]s?(?![^\W_]))|(?P<stop>[.;:!?()=•]|--|–|—|(?<=\s)[/|](?=\s)|^\s*[-*+]\s|\n\s*[-*+]\s)"
    r"|(?P<comma>,|\n)|&|\+|(?<=\S\s)-(?=\s)"
)


@dataclass(frozen=True)
class Piece:
    """A phrase of the text. start, end: where its letters are. entry: what it may mean, None if nothing is known of it.

    sign: -1 if a syllable of the word denies it ("hornless"). compared: it is a comparative ("bigger"). joined: a hyphen ties it to
    the piece before. mark: ",", ":" or "." for what parts clauses, "'s" for an owner, else "". guess: why it is taken for what it
    says, if that was guessed.
    """

    start: int
    end: int
    text: str
    entry: Entry | None
    sign: int = 1
    compared: bool = False
    joined: bool = False
    mark: str = ""
    guess: str = field(default="", compare=False)

    def does(self, *roles: str) -> bool:
        """Whether it has one of these roles."""
        return self.entry is not None and any(role in self.entry.roles for role in roles)


def pieces_of(text: str, vocabulary: Vocabulary) -> list[Piece]:
    """The pieces of a text, in order."""
    words = list(_words(text))
    found: list[Piece] = []
    at = 0
    while at < len(words):
        piece, count = _longest(text, words, at, vocabulary)
        found.append(piece)
        at += count
    return found


def _words(text: str) -> Iterator[Piece]:
    for match in _PIECES.finditer(text):
        mark = (
            ","
            if match["comma"]
            else match[0]
            if match[0] == ":"
            else "."
            if match["stop"]
            else "'s"
            if match["owner"]
            else ""
        )
        joined = text[match.start() - 1 : match.start()] == "-" and match.start() > 1
        yield Piece(match.start(), match.end(), match[0], None, joined=joined, mark=mark)


def _longest(text: str, words: list[Piece], at: int, vocabulary: Vocabulary) -> tuple[Piece, int]:
    """The piece that begins at a word, and of how many words it is."""
    first = words[at]
    if first.mark:
        return first, 1
    root = vocabulary.lexicon.root
    for count in range(min(LONGEST, len(words) - at), 0, -1):
        span = words[at : at + count]
        if any(word.mark for word in span):
            continue
        whole = replace(first, end=span[-1].end, text=text[first.start : span[-1].end])
        roots = tuple(root(word.text) for word in span)
        entry = vocabulary.find(roots) or _said_of(roots, vocabulary)
        if entry is not None:
            return replace(whole, entry=entry), count
        for base in vocabulary.lexicon.bases(first.text):
            entry = vocabulary.find((base, *roots[1:]))
            if entry is not None and entry.value is not None:
                return replace(whole, entry=entry, compared=True), count
    return _made_of(first, vocabulary), 1


def _said_of(roots: tuple[str, ...], vocabulary: Vocabulary) -> Entry | None:
    """ "legs are long", where long legs are known by this name."""
    if (
        len(roots) not in (3, 4)
        or roots[1] != "be"
        or (len(roots) == 4 and (roots[2],) not in vocabulary.lexicon.degrees)
    ):
        return None
    entry = vocabulary.find((roots[-1], roots[0]))
    return entry if entry is not None and entry.value is not None else None


def _made_of(word: Piece, vocabulary: Vocabulary) -> Piece:
    """A word that is not known as it is: perhaps a known one with a syllable, or the beginning of a class's name."""
    for made, sign in vocabulary.lexicon.near_forms(word.text):
        entry = vocabulary.find((made,))
        if entry is not None and entry.value is not None:
            return replace(word, entry=entry, sign=sign)
    meant = vocabulary.meant(word.text)
    entry = None if meant is None else vocabulary.find((vocabulary.lexicon.root(meant),))
    if entry is not None and (entry.value is not None or entry.parts) and not entry.classes:
        return replace(word, entry=entry, guess=f"“{meant}”")
    classes = vocabulary.begun(word.text)
    return replace(word, entry=Entry(classes) if classes else None)
