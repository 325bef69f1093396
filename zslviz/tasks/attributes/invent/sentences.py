"""A class from a sentence, without a language model: "like a horse but striped and small"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

from zslviz.errors import ConfigError
from zslviz.tasks.attributes.invent.amounts import Amounts
from zslviz.tasks.attributes.invent.guesses import Guesses
from zslviz.tasks.attributes.invent.invention import Invention
from zslviz.tasks.attributes.invent.lexicon import Lexicon
from zslviz.tasks.attributes.invent.mention import Mention
from zslviz.tasks.attributes.invent.mentions import mentions_of
from zslviz.tasks.attributes.invent.tokens import Piece, pieces_of
from zslviz.tasks.attributes.invent.vocabulary import Vocabulary
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.base.wording import article
from zslviz.words.source import WordSource

GUESS = " (like "
"""What stands before the reason of a guess in `Word.what`."""
LONGEST = 600
"""Letters of a sentence that is read."""
_REPEATED = 80
"""Letters up to which a message repeats a text as it is."""
_SHORT = 40
"""Letters up to which a sentence is a name as well."""

Status = Literal["understood", "joins", "unknown"]


@dataclass(frozen=True)
class Word:
    """A phrase of the sentence. start, end: its place. status: it says something, joins others, or is not understood (grey).

    what: what it says, in words; of one that is not understood known ones that look like it; else "".
    """

    start: int
    end: int
    text: str
    status: Status
    what: str = ""


@dataclass(frozen=True, eq=False)
class Reading:
    """A sentence that was read. words: in order. mentions: what they say, with `said` in words, one each.

    texts: the words that say it, as they were typed.
    """

    text: str
    words: tuple[Word, ...]
    mentions: tuple[Mention, ...]
    said: tuple[str, ...]
    texts: tuple[str, ...]
    invention: Invention

    @property
    def unknown(self) -> list[str]:
        """The phrases that were not understood."""
        return [word.text for word in self.words if word.status == "unknown"]

    def to_dict(self) -> dict[str, Any]:
        """Fit for JSON."""
        return {
            "text": self.text,
            "words": [
                {"start": w.start, "end": w.end, "text": w.text, "status": w.status, "what": w.what} for w in self.words
            ],
            "said": list(self.said),
            **self.invention.to_dict(),
        }


def by_sentence(space: SemanticSpace, text: str, name: str = "", vectors: WordSource | None = None) -> Reading:
    """Reads a sentence on a class. name: what the class is called, the sentence itself if not given.

    vectors: of words, by which those that are not known are guessed (`guesses`); they stay unknown without.

    Raises ConfigError if it is too long, or nothing in it says anything of the space.
    """
    if len(text) > LONGEST:
        raise ConfigError(f"A sentence has at most {LONGEST} letters, not {len(text)}.")
    amounts = _amounts(space)
    vocabulary = amounts.vocabulary
    pieces = pieces_of(text, vocabulary)
    if vectors is not None and any(piece.entry is None and not piece.mark for piece in pieces):
        pieces = Guesses(vocabulary, vectors, amounts.opposite).guessed(pieces)
    mentions = mentions_of(pieces, vocabulary)
    if not mentions:
        near = vocabulary.nearest(text)
        known = f" Known words that look like these: {', '.join(near)}." if near else ""
        raise ConfigError(
            f"Nothing in “{_shortened(text)}” names a class or an attribute of this model.{known} Try “{_example(vocabulary)}”."
        )
    texts = tuple(_text(text, pieces, mention) for mention in mentions)
    values, origins = amounts.row(mentions, texts)
    said = tuple(_said(space, mention, values, amounts.order_of(mention)) for mention in mentions)
    words = tuple(_word(piece, at, mentions, said) for at, piece in enumerate(pieces) if not piece.mark)
    words = tuple(
        replace(word, what=_known(word.text, vocabulary)) if word.status == "unknown" else word for word in words
    )
    unknown = [f"'{word.text}'{word.what and f' ({word.what})'}" for word in words if word.status == "unknown"]
    told = f"By words: {'; '.join(said)}."
    if unknown:
        told += f" Not understood: {', '.join(unknown)}."
    invention = Invention(name or _name(text, said), space, values, origins, told)
    return Reading(text, words, tuple(mentions), said, texts, invention)


@lru_cache(maxsize=8)
def _amounts(space: SemanticSpace) -> Amounts:
    return Amounts(Vocabulary(space, Lexicon.shipped()))


def _known(word: str, vocabulary: Vocabulary) -> str:
    """The known words that are spelled most like one that is not; "" if none is."""
    near = vocabulary.nearest(word)
    return f"known: {', '.join(near)}" if near else ""


def _example(vocabulary: Vocabulary) -> str:
    """A sentence that is understood: of the first class, with one more or less of something."""
    space = vocabulary.space
    plain = next((name for name in space.attribute_names if ": " not in name), None)
    of_part = next((facet for facet in vocabulary.facets if facet.part and facet.sort == "color"), vocabulary.facets[0])
    change = f"with a {of_part.value} {of_part.part}" if plain is None else f"less {plain}"
    return f"like {article(space.class_names[0].lower())} but {change}"


def _text(text: str, pieces: Sequence[Piece], mention: Mention) -> str:
    """The words of a mention, as they were typed; with dots for what stands between."""
    parts: list[str] = []
    for before, at in zip((None, *mention.pieces), mention.pieces, strict=False):
        piece = pieces[at]
        apart = before is not None and at != before + 1
        parts.append(f"{'… ' if apart else ''}{text[piece.start : piece.end]}")
    return " ".join(parts)


def _said(space: SemanticSpace, mention: Mention, values: Any, order: Sequence[int]) -> str:
    """A mention as one says it: "stripes 0.85", "like Horse", "coat and pattern as Zebra". order: as `Amounts.order_of`."""
    if mention.kind == "base":
        return f"like {space.class_names[mention.classes[0]]}"
    if mention.kind == "donor":
        return f"{', '.join(mention.groups)} as {space.class_names[mention.classes[0]]}"
    moved = bool(order) and (mention.more or mention.equal)
    attributes = (max(order, key=lambda a: float(values[a])),) if moved else mention.attributes
    shown = [f"{space.attribute_names[a]} {float(values[a]):.2f}" for a in attributes]
    return ", ".join(shown[:3]) + (f" and {len(shown) - 3} more" if len(shown) > 3 else "")


def _word(piece: Piece, at: int, mentions: Sequence[Mention], said: Sequence[str]) -> Word:
    about = [told for mention, told in zip(mentions, said, strict=True) if at in (*mention.pieces, *mention.again)]
    if about:
        what = "; ".join(about) + (f"{GUESS}{piece.guess})" if piece.guess else "")
        return Word(piece.start, piece.end, piece.text, "understood", what)
    entry = piece.entry
    joins = entry is not None and bool(entry.glue or entry.roles) and not entry.classes and entry.value is None
    return Word(piece.start, piece.end, piece.text, "joins" if joins else "unknown")


def _shortened(text: str) -> str:
    """A text as a message repeats it: its beginning, if it is long."""
    words = " ".join(text.split())
    return words if len(words) <= _REPEATED else f"{words[:_REPEATED].rstrip()}…"


def _name(text: str, said: Sequence[str]) -> str:
    """A name for a class of this description: the sentence if it is short, else the first thing that it says; never cut."""
    words = " ".join(text.split())
    return words if len(words) <= _SHORT else said[0][:1].upper() + said[0][1:]
