"""A sentence as pieces, each the longest phrase that is known at its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from zslviz.tasks.attributes.invent.vocabulary import LONGEST, Entry, Vocabulary

_SHORT = 4
"""Words before a minus, at most."""
_DENIED = {"isn't", "aren't", "wasn't", "weren't", "isnt", "arent"}
_PIECES = re.compile(
    r"(?P<number>\d+(?:[.,]\d+)+)|(?P<word>[^\W_]+(?:['’](?!s\b)[^\W_]+)?)|(?P<owner>['’]s?(?![^\W_]))|(?P<stop>[.;:!?()=•]|--|–|—|(?<=\s)[/|](?=\s)|^\s*[-*+]\s|\n\s*[-*+]\s)"
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

    @property
    def ends_clause(self) -> bool:
        """Whether it is a mark that parts clauses."""
        return bool(self.mark) and self.mark != "'s"

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
            if match["comma"] or match[0] in ("(", ")")
            else match[0]
            if match[0] == ":"
            else "."
            if match["stop"]
            else "'s"
            if match["owner"]
            else ""
        )
        if match[0].casefold().startswith("wingbar"):  # two words written as one
            cut = match.start() + len("wing")
            yield Piece(match.start(), cut, text[match.start() : cut], None)
            yield Piece(cut, match.end(), text[cut : match.end()], None)
            continue
        joined = text[match.start() - 1 : match.start()] == "-" and match.start() > 1
        yield Piece(match.start(), match.end(), match[0], None, joined=joined, mark=mark)


def _longest(text: str, words: list[Piece], at: int, vocabulary: Vocabulary) -> tuple[Piece, int]:
    """The piece that begins at a word, and of how many words it is."""
    first = words[at]
    if first.mark:
        return first, 1
    if first.text == "-" and not _is_minus(words, at, vocabulary):
        return replace(first, mark="."), 1
    root = vocabulary.lexicon.root
    for count in range(min(LONGEST, len(words) - at), 0, -1):
        span = words[at : at + count]
        asked = count == 3 and span[1].text in (":", "?") and not span[0].mark and _ends(words, at + 3)
        if any(word.mark for word in span) and not asked:
            continue
        whole = replace(first, end=span[-1].end, text=text[first.start : span[-1].end])
        roots = tuple("be" if word.mark else root(word.text) for word in span)
        entry, sign = vocabulary.find(roots), 1
        if entry is None and len(roots) > 2:
            entry, sign = _said_of(roots, vocabulary, _ends(words, at + count))
        if entry is not None:
            return replace(whole, entry=entry, sign=sign), count
        for base in vocabulary.lexicon.bases(first.text):
            entry = vocabulary.find((base, *roots[1:]))
            if entry is not None and entry.value is not None:
                return replace(whole, entry=entry, compared=True), count
    return _made_of(first, vocabulary), 1


def _ends(words: list[Piece], at: int) -> bool:
    return at >= len(words) or bool(words[at].mark) or words[at].text.casefold() == "but"


def _is_minus(words: list[Piece], at: int, vocabulary: Vocabulary) -> bool:
    """Whether a hyphen between spaces takes something away ("zebra - stripes"), and is not what parts two clauses."""
    if at > _SHORT or any(word.mark for word in words[:at]):
        return False
    beyond = next((i for i in range(at + 1, len(words)) if words[i].mark or words[i].text in ("-", "+")), len(words))
    if not 1 <= beyond - at - 1 <= 2:
        return False
    entry = vocabulary.find((vocabulary.lexicon.root(words[at + 1].text),))
    before = vocabulary.find((vocabulary.lexicon.root(words[at - 1].text),)) if at else None
    if before is not None and before.parts and not before.classes:  # "throat - white"
        return False
    return entry is not None and entry.value is not None and not entry.roles and entry.degree is None


def _said_of(roots: tuple[str, ...], vocabulary: Vocabulary, ends: bool) -> tuple[Entry | None, int]:
    """ "legs are long", "neck: short", where long legs are known by this name, and whether it is said (1) or denied (-1).

    ends: whether the clause ends behind it; a denial may else go on.
    """
    middle = roots[1:-1]
    denied = middle in {("be", "not"), *((one,) for one in _DENIED)}
    plain = middle == ("be",) or (len(middle) == 2 and middle[0] == "be" and middle[1:] in vocabulary.lexicon.degrees)
    if not plain and not (denied and ends):
        return None, 1
    names = [roots[-1], *vocabulary.lexicon.bases(roots[-1])]
    found = (vocabulary.find((name, roots[0])) for name in names)
    return next((e for e in found if e is not None and e.value is not None), None), -1 if denied else 1


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
