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

    def text(self, at: int) -> str:
        """The letters of a piece, small."""
        return self.pieces[at].text.casefold().replace("’", "'")

    def is_kind(self, at: int, *kinds: str) -> bool:
        """Whether a piece is a word of one of the lexicon's kinds."""
        return any(kind in self.vocabulary.lexicon.kinds_of(self.pieces[at].text) for kind in kinds)

    def _tell(self, mention: Mention) -> None:
        if not self.state.doubt:
            self.found.append(mention)

    def _stop(self, at: int, mark: str) -> None:
        state = self.state
        if mark == ":" and state.fresh and state.part_at == at - 1:  # "wings: blue"
            return
        if mark == "," and state.held and self._shares_a_part(at):
            return
        last, state.doubt = state.last, "" if state.doubt == "item" else state.doubt
        self._flush()
        listed = mark == "," and state.denied in ("no", "not") and self.around.or_ahead(at)
        open_list = mark == "," and not listed and self._is_open_list(at)
        before = (state.parts, state.part_at, bool(state.denied) and state.used)
        aside, state.aside = state.aside, None
        if not listed and (state.used or mark != "," or aside is not None):
            self._undeny()
        state.doubt = "item" if open_list else state.doubt if mark == "," and state.doubt == "sentence" else ""
        state.last, state.since = last if mark == "," else [], at + 1
        state.before = before if mark == "," else ((), None, False)
        if mark != ",":
            state.told_of, state.begun = (), at + 1
        state.conditional = False
        if aside is not None:
            state.parts, state.part_at = aside
            state.fresh = bool(state.parts)
        elif mark != "," or not self._goes_on(at):
            state.parts, state.part_at = (), None
        state.change = 0
        state.degree, state.degrees = None, []
        state.owns = state.owns and mark == ","

    def _is_open_list(self, at: int) -> bool:
        raise NotImplementedError

    def _goes_on(self, at: int) -> bool:
        """Whether a part that began its clause is spoken of after a comma as well: "bill long, hooked, pink"."""
        after = self.around.after(at)
        if self.state.fresh and after is not None and self.around.is_part(after):  # "its wings, tail and back are black"
            return True
        be = None if self.state.part_at is None else self.state.part_at + 1
        if be is None or (self.state.fresh and not (be < at and self.pieces[be].does("be"))):
            return False
        told = False
        for i in range(at + 1, len(self.pieces)):
            piece, entry = self.pieces[i], self.pieces[i].entry
            if piece.mark or piece.does("and", "but"):
                break
            if entry is None or entry.parts or entry.classes:
                return False
            if entry.value is None and entry.degree is None and not self.around.glue(i) and not piece.does("not", "be"):
                return False
            told = told or (entry.value is not None and bool(self.vocabulary.at(entry.value, self.state.parts)))
        return told

    def _shares_a_part(self, at: int) -> bool:
        """ "a long, curved bill": values of other respects before one part."""
        after = self.around.after(at)
        entry = None if after is None else self.pieces[after].entry
        if after is None or entry is None or entry.value is None or entry.value.color:
            return False
        part = next((i for i in range(after, len(self.pieces)) if self.around.is_part(i)), None)
        if part is None or not self.around.part_ahead(after):
            return False
        parts = self.around.parts_at(part)
        return all(not held.value.color and self.vocabulary.at(held.value, parts) for held in self.state.held)

    def _role(self, at: int, piece: Piece) -> None:
        state = self.state
        if piece.entry is not None and piece.entry.roles and not piece.does("and", "or", "on"):
            state.last = []
        if piece.does("if"):
            state.conditional = True
            state.doubt = "sentence" if self.text(at) != "if" else state.doubt
        elif piece.does("except"):
            self._except(at)
        elif piece.does("swap", "for") and not piece.text.casefold().endswith("ed"):
            self._swap(at, piece)
        elif piece.does("gone"):
            self._gone(at)
        elif self._answers(at, piece) and self.found:
            self._answer(at)
        elif piece.does("not", "no", "little"):
            self._deny(at, piece)
            if state.fresh and state.told and (at + 1 == len(self.pieces) or self.pieces[at + 1].mark):
                for one in state.told:  # "the crown is red but the nape isn't"
                    self._emit(replace(one, pieces=[*state.denies, at], sign=-one.sign), state.parts)
                self._undeny()
            elif piece.does("instead") and state.told_of:
                state.parts, state.part_at = state.told_of, None
        elif piece.does("than"):
            self._than(at)
        elif piece.does("less", "more", "much"):
            if piece.does("less"):
                state.change = -1
            elif piece.does("more"):
                state.change = 1
            state.degrees.append(at)
        elif piece.does("but"):
            parts, part_at, denied = (state.parts, state.part_at, bool(state.denied) and state.used)
            if at and self.pieces[at - 1].mark == ",":  # "neither black nor brown, but blue"
                parts, part_at, denied = state.before
            self._flush()
            told = [one for one in self.found if min(one.pieces) >= state.since and one.sign < 0 and one.kind == "value"]
            self._end_clause()
            state.doubt, state.since, state.spared = "", at + 1, told[-1:] if denied else []
            state.owns = False
            if denied:  # "wings not black but white"
                state.parts, state.part_at = parts, part_at
        elif piece.does("with"):
            dyed = self._dyed(at)
            self._flush()
            if state.used and not state.raised:
                self._undeny()
            state.owns, state.doubt = True, "" if state.doubt == "item" else state.doubt
            which = self._which(at)
            if dyed:
                state.parts, state.part_at, state.fresh = state.told_of, None, True
            elif which is not None:
                state.parts, state.part_at, state.fresh = self.around.parts_at(which), which, True
            elif not state.fresh:
                state.parts, state.part_at = (), None
        elif piece.does("and"):
            listed = state.denied == "no" and self._is_listed(at)
            listed = listed or (bool(state.denied) and self._colors_around(at))
            state.doubt = "" if state.doubt == "item" else state.doubt
            open_list = not listed and self._is_open_list(at)
            past = state.used or (bool(state.denies) and max(state.denies) < at - 1)
            if piece.does("plus") or (past and not listed):
                self._undeny()
            if open_list:
                self._flush()
                state.doubt = "item"
            if state.swaps and not state.denied and self._for_ahead(at):
                self._flush()
                state.denied, state.denies, state.used = "no", [at], False
            if state.held and not self.around.part_ahead(at):
                self._flush()
        elif piece.does("be") and not state.part_at:
            state.owns = False
            if at and self.vocabulary.has_parts and self.around.is_part(at - 1):  # "the blue back is spotted"
                self._flush()
                state.parts, state.part_at, state.fresh = self.around.parts_at(at - 1), at - 1, True
        elif piece.does("body"):
            self._flush()

    def _which(self, at: int) -> int | None:
        """The part that "which are ..." speaks of."""
        if self.text(at) not in ("which", "that") or at + 1 >= len(self.pieces) or not self.pieces[at + 1].does("be"):
            return None
        before = next((i for i in range(at - 1, -1, -1) if not self.pieces[i].mark), None)
        return before if before is not None and self.vocabulary.has_parts and self.around.is_part(before) else None

    def _dyed(self, at: int) -> bool:
        """Whether "with" brings the colour in which a part is barred, edged or washed: "the wings are barred with white"."""
        entry = self.pieces[at + 1].entry if at + 1 < len(self.pieces) else None
        colored = entry is not None and entry.value is not None and entry.value.color
        return bool(at and colored and self.state.told_of) and self.text(at - 1).endswith("ed")

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
                if not self.around.glue(i)
                and not self.pieces[i].does("be", "with")
                and self.pieces[i].mark not in ("'s", ":")
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
        listed = before is not None and before.mark in (",", ":") and self._ends(at + 1)
        last = self.found[-1].pieces if self.found else ()
        answered = listed and piece.does("no") and not any(self.pieces[i].does("no", "not", "little") for i in last)
        return (asked and piece.does("no", "not", "little")) or answered

    def _ends(self, at: int) -> bool:
        return at >= len(self.pieces) or self.pieces[at].mark in (".", ":", ",")

    def _answer(self, at: int) -> None:
        raise NotImplementedError

    def _except(self, at: int) -> None:
        raise NotImplementedError

    def _than(self, at: int) -> None:
        raise NotImplementedError

    def _is_listed(self, at: int) -> bool:
        raise NotImplementedError

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
        self.state.denied, self.state.used, self.state.denies, self.state.raised = "", False, [], False

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
        if parts and not attributes and self._is_bare_length(held):
            return  # "long-tailed": of tails no length is known
        if not attributes and not held.value.color and (apart or self.vocabulary.is_of_parts(held.value)):
            attributes = self.vocabulary.at(held.value)  # "a small black-headed gull"; of "big eyes" nothing is known
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

    def _is_bare_length(self, held: Held) -> bool:
        """Whether it is "long" or "short" of no part, where parts alone have a length: of what, nobody knows."""
        facets = [self.vocabulary.facets[a] for a in held.value.attributes]
        words = {self.text(i) for i in held.pieces}
        measured = any(facet.sort == "length" for facet in facets) and all(facet.part for facet in facets)
        return measured and not words.isdisjoint(("long", "longer", "short", "shorter"))
