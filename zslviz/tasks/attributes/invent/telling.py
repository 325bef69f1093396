"""A sentence on its way: its pieces, what holds at the place that is read, and what it was found to say."""

from __future__ import annotations

from collections.abc import Sequence

from zslviz.tasks.attributes.invent.around import Around
from zslviz.tasks.attributes.invent.mention import Held, Mention, State
from zslviz.tasks.attributes.invent.tokens import Piece
from zslviz.tasks.attributes.invent.vocabulary import Vocabulary


class Telling:
    """Tells mentions, at once or when it is known of which part they are."""

    def __init__(self, pieces: Sequence[Piece], vocabulary: Vocabulary) -> None:
        self.pieces, self.vocabulary, self.around = pieces, vocabulary, Around(pieces)
        self.found: list[Mention] = []
        self.state = State()
        self.done: set[int] = set()
        self.idle: set[int] = set()  # denials that deny nothing

    def text(self, at: int) -> str:
        """The letters of a piece, small."""
        return self.pieces[at].text.casefold().replace("’", "'")

    def is_kind(self, at: int, *kinds: str) -> bool:
        """Whether a piece is a word of one of the lexicon's kinds."""
        return any(kind in self.vocabulary.lexicon.kinds_of(self.pieces[at].text) for kind in kinds)

    def _leaves(self, at: int) -> bool:
        """Whether "leaves" is a verb: "never leaves the forest"."""
        after = self.text(at + 1) if at + 1 < len(self.pieces) else ""
        return self.text(at) in ("leave", "leaves", "leaving") and after in ("the", "its", "their", "a", "his", "her")

    def _tell(self, mention: Mention) -> None:
        if not self.state.doubt:
            self.found.append(mention)

    def _ends(self, at: int) -> bool:
        return at >= len(self.pieces) or self.pieces[at].mark in (".", ":", ",")

    def _flush(self) -> None:
        """Values that wait for no part any more are of the whole body."""
        held, self.state.held = self.state.held, []
        for one in held:
            self._emit(one, ())

    def _emit(self, held: Held, parts: tuple[str, ...], apart: bool = False) -> None:
        """Tells a value of some parts. apart: whether it may be of the whole body, where the parts have no such value."""
        if not parts and self._is_bare_length(held):
            return
        attributes = self.vocabulary.at(held.value, parts)
        smaller = self.vocabulary.lexicon.within(parts)
        if smaller and not attributes:  # "barred below"
            attributes = self.vocabulary.at(held.value, smaller)
        if parts and not attributes and self._names_its_part(held):  # "a notched tail and spotted wings"
            attributes = self.vocabulary.at(held.value)
        if parts and not attributes and self._is_bare_length(held):
            return  # "long-tailed": of tails no length is known
        if not parts or (apart and not attributes):
            if self.vocabulary.is_of_several_shapes(held.value):
                return  # "pointed": the wings or the tail, nobody knows
            if parts and not held.value.color:
                attributes = self.vocabulary.at(held.value)  # "a small black-headed gull"
        if parts:
            self.state.told, self.state.told_of = [held], parts
        if attributes:
            self._tell(
                Mention(
                    "value",
                    tuple(sorted(set(held.pieces))),
                    (),
                    attributes,
                    sign=held.sign,
                    degree=held.degree,
                    more=held.more,
                    reference=held.reference,
                    equal=held.equal,
                )
            )

    def _names_its_part(self, held: Held) -> bool:
        """Whether the words of a value end with the part that it is of."""
        lexicon, words = self.vocabulary.lexicon, [self.text(i).replace("-", " ").split() for i in held.pieces]
        return any(len(told) > 1 and (lexicon.root(told[-1]),) in lexicon.parts for told in words)

    def _is_bare_length(self, held: Held) -> bool:
        """Whether it is "long" or "short" of no part, where parts alone have a length: of what, nobody knows."""
        facets = [self.vocabulary.facets[a] for a in held.value.attributes]
        words = {self.text(i) for i in held.pieces}
        measured = any(facet.sort == "length" for facet in facets) and all(facet.part for facet in facets)
        return measured and not words.isdisjoint(("long", "longer", "short", "shorter"))

    def _undeny(self) -> None:
        self.state.denied, self.state.used, self.state.denies, self.state.raised = "", False, [], False

    def _end_clause(self) -> None:
        self._flush()
        self._undeny()
        state = self.state
        state.parts, state.part_at, state.change, state.degree, state.degrees = (), None, 0, None, []

    def _begin_denial(self, at: int, piece: Piece) -> None:
        state = self.state
        if state.used:
            self._flush()
        state.denied = (
            "not" if piece.does("not") and not piece.does("no") else "little" if piece.does("little") else "no"
        )
        if piece.does("no") and state.held and not self.around.part_ahead(at):
            self._flush()
        state.denies, state.used = [at], False

    def _adjacent(self, at: int) -> bool:
        """Whether the values that wait stand right before a piece."""
        return bool(self.state.held) and max(self.state.held[-1].pieces) == at - 1
