"""Words that join others, and where clauses end: what holds from here on, and what waits no longer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from zslviz.tasks.attributes.invent.around import Around
from zslviz.tasks.attributes.invent.mention import Held, Mention, State
from zslviz.tasks.attributes.invent.tokens import Piece
from zslviz.tasks.attributes.invent.vocabulary import Vocabulary


class Clauses:
    """A sentence on its way: its pieces, what holds at the place that is read, and the mentions that were found."""

    def __init__(self, pieces: Sequence[Piece], vocabulary: Vocabulary) -> None:
        self.pieces, self.vocabulary, self.around = pieces, vocabulary, Around(pieces)
        self.found: list[Mention] = []
        self.state = State()
        self.done: set[int] = set()

    def _stop(self, at: int, mark: str) -> None:
        state = self.state
        if mark == ":" and state.fresh and state.part_at == at - 1:  # "wings: blue"
            return
        if mark == "," and state.held and self._shares_a_part(at):
            return
        last = state.last
        self._flush()
        state.last = last if mark == "," else []
        listed = mark == "," and state.denied == "no" and self.around.or_ahead(at)
        if not listed and (state.used or mark != ","):
            state.denied, state.used, state.denies = "", False, []
        state.parts, state.part_at, state.change = (), None, 0
        state.degree, state.degrees = None, []
        state.owns = state.owns and mark == ","

    def _shares_a_part(self, at: int) -> bool:
        """ "a long, curved bill": values of other respects before one part."""
        after = self.around.after(at)
        entry = None if after is None else self.pieces[after].entry
        if after is None or entry is None or entry.value is None or entry.value.color:
            return False
        return not any(held.value.color for held in self.state.held) and self.around.part_ahead(after)

    def _role(self, at: int, piece: Piece) -> None:
        state = self.state
        if piece.entry is not None and piece.entry.roles and not piece.does("and", "or", "on"):
            state.last = []
        if piece.does("swap", "for") and not piece.text.casefold().endswith("ed"):
            self._swap(at, piece)
        elif piece.does("gone"):
            self._gone(at)
        elif self._answers(at, piece) and self.found and self.found[-1].kind == "value":
            last = self.found[-1]
            self.found[-1] = replace(last, sign=-last.sign, pieces=(*last.pieces, at))
        elif piece.text.casefold() == "except" and self._is_value(at + 1):  # "except brown": but brown
            self._end_clause()
            state.owns = False
        elif piece.does("not", "no", "little"):
            self._deny(at, piece)
            if state.fresh and state.told and (at + 1 == len(self.pieces) or self.pieces[at + 1].mark):
                for one in state.told:  # "the crown is red but the nape isn't"
                    self._emit(replace(one, pieces=[*state.denies, at], sign=-one.sign), state.parts)
                self._undeny()
            elif piece.does("instead") and state.told_of:
                state.parts, state.part_at = state.told_of, None
        elif piece.does("less", "more", "much"):
            if piece.does("less"):
                state.change = -1
            elif piece.does("more"):
                state.change = 1
            state.degrees.append(at)
        elif piece.does("but"):
            parts, part_at, denied = state.parts, state.part_at, state.denied == "not" and state.used
            self._end_clause()
            state.owns = False
            if denied:  # "wings not black but white"
                state.parts, state.part_at = parts, part_at
        elif piece.does("with"):
            self._flush()
            if state.used:
                self._undeny()
            state.owns = True
            if not state.fresh:
                state.parts, state.part_at = (), None
        elif piece.does("and"):
            listed = state.denied == "no" and self.around.bare_ahead(at)
            listed = listed or (state.denied == "not" and self._colors_around(at))
            if piece.does("plus") or (state.used and not listed):
                self._undeny()
            if state.swaps and not state.denied and self._for_ahead(at):
                self._flush()
                state.denied, state.denies, state.used = "no", [at], False
            if state.held and not self.around.part_ahead(at):
                self._flush()
        elif piece.does("be") and not state.part_at:
            state.owns = False
        elif piece.does("body"):
            self._flush()

    def _swap(self, at: int, piece: Piece) -> None:
        """ "swap the spots for stripes": what stands before "for" is denied."""
        state = self.state
        if piece.does("swap"):
            self._flush()
            state.swaps = True
            state.denied, state.denies, state.used = "no", [at], False
        elif state.denied == "no" and (state.swaps or state.used):
            self._flush()
            self._undeny()

    def _gone(self, at: int) -> None:
        """ "the tail is missing" takes back what was said; "missing its tail" denies what comes."""
        before = next(
            (
                i
                for i in range(at - 1, -1, -1)
                if not self.around.glue(i) and not self.pieces[i].does("be", "with") and self.pieces[i].mark != "'s"
            ),
            None,
        )
        self._flush()
        if before is not None and self.found and before in self.found[-1].pieces and self.found[-1].kind == "value":
            told = self.found[-1]
            self.found[-1] = replace(told, sign=-told.sign, pieces=(*told.pieces, at))
        elif not self._ends(at + 1) and not self.pieces[at + 1].does("and", "but", "with"):
            self.state.denied, self.state.denies, self.state.used = "no", [at], False

    def _answers(self, at: int, piece: Piece) -> bool:
        """Whether a "no" answers what stands before it: "Walks? No.", "bravery, no"."""
        before = self.pieces[at - 1] if at else None
        asked = before is not None and before.text == "?"
        listed = before is not None and before.mark == "," and self._ends(at + 1)
        return (asked and piece.does("no", "not")) or (listed and piece.does("no"))

    def _ends(self, at: int) -> bool:
        return at >= len(self.pieces) or self.pieces[at].mark in (".", ":", ",")

    def _is_value(self, at: int) -> bool:
        """Whether a word is a value that is no thing that a body has."""
        entry = self.pieces[at].entry if at < len(self.pieces) else None
        return entry is not None and entry.value is not None and not entry.value.noun

    def _colors_around(self, at: int) -> bool:
        """Whether "and" stands between two colours: "not black and white"."""
        entries = [self.pieces[i].entry for i in (at - 1, at + 1) if 0 <= i < len(self.pieces)]
        return len(entries) == 2 and all(
            one is not None and one.value is not None and one.value.color for one in entries
        )

    def _for_ahead(self, at: int) -> bool:
        for piece in self.pieces[at + 1 :]:
            if piece.does("for"):
                return True
            if piece.mark in (".", ","):
                return False
        return False

    def _deny(self, at: int, piece: Piece) -> None:
        state = self.state
        if state.used:
            self._flush()
        state.denied = (
            "not" if piece.does("not") and not piece.does("no") else "little" if piece.does("little") else "no"
        )
        if piece.does("no") and state.held and not self.around.part_ahead(at):
            self._flush()
        state.denies, state.used = [at], False

    def _undeny(self) -> None:
        self.state.denied, self.state.used, self.state.denies = "", False, []

    def _end_clause(self) -> None:
        self._flush()
        self._undeny()
        state = self.state
        state.parts, state.part_at, state.change, state.degree, state.degrees = (), None, 0, None, []

    def _adjacent(self, at: int) -> bool:
        """Whether the values that wait stand right before a piece."""
        return bool(self.state.held) and max(self.state.held[-1].pieces) == at - 1

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
        if not attributes and not held.value.color and (apart or self.vocabulary.is_of_parts(held.value)):
            attributes = self.vocabulary.at(held.value)  # "a small black-headed gull"; of "big eyes" nothing is known
        if parts:
            self.state.told, self.state.told_of = [held], parts
        if attributes:
            self.found.append(
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

    def _is_bare_length(self, held: Held) -> bool:
        """Whether it is "long" or "short" of no part, where parts alone have a length: of what, nobody knows."""
        facets = [self.vocabulary.facets[a] for a in held.value.attributes]
        text = self.pieces[max(held.pieces)].text.casefold()
        measured = any(facet.sort == "length" for facet in facets) and all(facet.part for facet in facets)
        return measured and text in ("long", "longer", "short", "shorter")
