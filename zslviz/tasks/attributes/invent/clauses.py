"""Words that join others, and where clauses end: what holds from here on, and what waits no longer."""

from __future__ import annotations

from dataclasses import replace

from zslviz.tasks.attributes.invent.changes import DASHES
from zslviz.tasks.attributes.invent.denials import SUBJECTS
from zslviz.tasks.attributes.invent.others import Others
from zslviz.tasks.attributes.invent.tokens import Piece


class Clauses(Others):
    """Reads what stands between the things that are said."""

    def _stop(self, at: int, mark: str) -> None:
        state = self.state
        led = mark == ":" or (
            self.text(at) in DASHES and not self.around.is_part(at + 1 if at + 1 < len(self.pieces) else at)
        )
        if led and state.fresh and state.part_at == at - 1:  # "wings: blue", "throat - white"
            return
        if mark == "," and state.held and self._shares_a_part(at):
            return
        if state.held and (closed := self._denied_between(at)):  # "a black, not brown, back"
            self.done.add(closed)
            return
        last = state.last
        self._flush()
        state.doubt = "" if state.doubt == "item" else state.doubt
        listed = mark == "," and state.denied in ("no", "not") and (self.around.or_ahead(at) or self._lists_things(at))
        open_list = mark == "," and not listed and self._is_open_list(at)
        before = (state.parts, state.part_at, bool(state.denied) and state.used)
        aside, state.aside = state.aside, None
        hanging = mark == "," and at - 1 in state.denies and not state.used
        if hanging and self.text(at - 1) in ("no", "nope", "nah"):  # "No, it is not"
            self._undeny()
            hanging = False
        spent = bool(state.denies) and max(state.denies) < at - 1  # "not a day goes by without it, ..."
        if not listed and (state.used or spent or mark != "," or aside is not None):
            self._undeny()
        if hanging:  # "neither red nor, as in its kin, striped"
            state.doubt = "sentence"
        state.doubt = "item" if open_list else state.doubt if mark == "," and state.doubt == "sentence" else ""
        state.last, state.since_before, state.since = last if mark == "," else [], state.since, at + 1
        state.before = before if mark == "," else ((), None, False)
        if mark != ",":
            state.told_of, state.begun = state.told_of if self.text(at) in ("?", ";", ":", *DASHES) else (), at + 1
        state.conditional = state.excepting = False
        if aside is not None:
            state.parts, state.part_at = aside
            state.fresh = bool(state.parts)
        elif mark != "," or not self._goes_on(at):
            state.parts, state.part_at = (), None
        state.change = 0
        state.degree, state.degrees = None, []
        state.owns = state.owns and mark == ","

    def _goes_on(self, at: int) -> bool:
        """Whether a part that began its clause is spoken of after a comma as well: "bill long, hooked, pink"."""
        after = self.around.after(at)
        if (
            self.state.fresh and after is not None and self.around.is_part(after)
        ):  # "its wings, tail and back are black"
            return True
        be = None if self.state.part_at is None else self.state.part_at + 1
        if be is None or (self.state.fresh and not (be < at and self.pieces[be].does("be"))):
            return False
        told = False
        for i in range(at + 1, len(self.pieces)):
            piece, entry = self.pieces[i], self.pieces[i].entry
            if piece.does("and") and not told:  # "bill short, thick and yellow"
                continue
            if piece.mark or piece.does("and", "but"):
                break
            if entry is None or entry.parts or entry.classes:
                return False
            if entry.value is None and entry.degree is None and not self.around.glue(i) and not piece.does("not", "be"):
                return False
            told = told or (entry.value is not None and bool(self.vocabulary.at(entry.value, self.state.parts)))
        return told

    def _denied_between(self, at: int) -> int | None:
        """The mark that closes what is denied between a value and its part: "white - not grey - below"; None if none is."""
        if not (at + 3 < len(self.pieces) and self.pieces[at + 1].does("not")):
            return None
        for i in range(at + 2, len(self.pieces) - 1):
            if self.pieces[i].mark:
                part = self.around.after(i)
                return i if i > at + 2 and part is not None and self.around.is_part(part) else None
            if not self._tells(i) and not self.pieces[i].does("or"):
                return None
        return None

    def _shares_a_part(self, at: int) -> bool:
        """ "a long, curved bill": values of other respects before one part."""
        after = self.around.after(at)
        entry = None if after is None else self.pieces[after].entry
        if after == at + 1 and entry is None and at + 2 < len(self.pieces) and self.around.is_part(at + 2):
            parts = self.around.parts_at(at + 2)  # "long, narrow wings"
            return all(not held.value.color and self.vocabulary.at(held.value, parts) for held in self.state.held)
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
        if self._turns(at, piece):
            return
        if self.text(at) in ("they", "they're") and self.vocabulary.has_parts and state.told_of:
            state.parts, state.part_at, state.fresh = state.told_of, None, True
        if piece.does("if"):
            state.conditional = True
            state.doubt = "sentence" if self.text(at) != "if" else state.doubt
        elif piece.does("except"):
            self._except(at)
        elif piece.does("swap", "for") and (
            not self.text(at).endswith("ed")
            or (at and (self.pieces[at - 1].does("with") or self.text(at - 1) in SUBJECTS))
        ):
            self._swap(at, piece)
        elif piece.does("gone") or (piece.does("swap") and at and self.pieces[at - 1].does("be")):
            self._gone(at)
        elif self._answers(at, piece) and self.found:
            self._answer(at)
        elif self.text(at) in ("everywhere but", "everything but") and self._leaves_out(at):
            return
        elif piece.does("not", "no", "little"):
            self._denial(at, piece)
        elif piece.does("than"):
            self._than(at)
        elif piece.does("less", "more", "much"):
            if piece.does("less"):
                state.change = -1
            elif piece.does("more"):
                state.change = 1
            state.degrees.append(at)
        elif piece.does("but"):
            self._but(at)
        elif piece.does("with"):
            self._with(at)
        elif piece.does("and"):
            self._and(at, piece)
        elif piece.does("be") and not state.part_at:
            self._be(at)
        elif piece.does("body"):
            self._flush()
        elif piece.does("on") and state.denied and state.used and self._is_colored_part(at + 1):
            self._flush()  # "no spots on its blue back": blue it is
            self._undeny()

    def _denial(self, at: int, piece: Piece) -> None:
        """ "not", "no", "little": denies what follows, what stands before it, or what was told of another part."""
        state = self.state
        if self._is_denied_behind(at, piece) or self._parts_before(at):
            return
        self._deny(at, piece)
        after = at + 2 if at + 1 < len(self.pieces) and self.pieces[at + 1].does("be") else at + 1
        if state.fresh and state.told and (after == len(self.pieces) or self.pieces[after].mark):
            for one in state.told:  # "the crown is red but the nape isn't"
                self._emit(replace(one, pieces=[*state.denies, at], sign=-one.sign), state.parts)
            self._undeny()
        elif piece.does("instead") and state.told_of:
            state.parts, state.part_at = state.told_of, None

    def _be(self, at: int) -> None:
        """ "is" behind a part makes it the one that is told of: "the eyebrow is buff", "the blue back is spotted"."""
        state = self.state
        state.owns = False
        before = self.pieces[at - 1].entry if at else None
        if self.vocabulary.has_parts and before is not None and before.mark is not None:  # "the eyebrow is buff"
            self._flush()
            state.parts, state.part_at, state.fresh = before.mark or ("other",), at - 1, True
        elif at and self.vocabulary.has_parts and self.around.is_part(at - 1):  # "the blue back is spotted"
            self._flush()
            state.parts, state.part_at, state.fresh = self.around.parts_at(at - 1), at - 1, True

    def _is_colored_part(self, at: int) -> bool:
        """Whether a part that it has is named with its colour: "its blue back"."""
        if at + 2 >= len(self.pieces) or self.text(at) not in ("its", "the", "their") or not self._tells(at + 1):
            return False
        return self.vocabulary.has_parts and self.around.part_ahead(at + 1)

    def _colors_then_part(self, at: int) -> bool:
        """Whether nothing but colours follows before a part: "neither grey nor brown but a warm rufous back"."""
        colored = False
        for i in range(at + 1, len(self.pieces)):
            entry = self.pieces[i].entry
            if self.around.is_part(i):
                return colored
            if entry is not None and entry.value is not None and entry.value.color:
                colored = True
            elif entry is None or not (self.around.glue(i) or entry.degree is not None):
                return False
        return False

    def _but(self, at: int) -> None:
        state = self.state
        follows = at + 1 < len(self.pieces) and self._tells(at + 1) and not self._is_thing(at + 1)
        if at and self.text(at - 1) == "all" and follows:  # "all but hairless"
            return
        if (
            self.text(at) == "only"
            and not state.doubt
            and at + 1 < len(self.pieces)
            and (self.pieces[at + 1].does("on") or (state.held and self.around.is_part(at + 1)))
        ):  # "red only on the nape", "yellow only under the tail"
            return
        if state.denied and state.held and all(one.value.color for one in state.held) and self._colors_then_part(at):
            self._undeny()
            return
        parts, part_at, denied = (state.parts, state.part_at, bool(state.denied) and state.used)
        if at and self.pieces[at - 1].mark == ",":  # "neither black nor brown, but blue"
            parts, part_at, denied = state.before
        self._flush()
        told = [one for one in self.found if min(one.pieces) >= state.since and one.sign < 0 and one.kind == "value"]
        everything = max((i for i in range(state.since, at) if self.is_kind(i, "universal")), default=None)
        besides = (
            everything is not None
            and not denied
            and not any(one.kind == "value" and max(one.pieces) >= state.since for one in self.found)
        )
        self._end_clause()
        elsewhere = at + 1 < len(self.pieces) and self.pieces[at + 1].does("on")  # "isn't on the head but on the wings"
        state.doubt, state.since, state.spared = "", at + 1, told[-1:] if denied or elsewhere else []
        state.owns = False
        if besides and (behind := self._of_the_rest(at)):  # "everything but the tail is black"
            self.done |= set(range(at, behind + 1))
        elif besides and not self._lacks_it_anyway(at):  # "does everything a bat does but fly"
            state.denied, state.denies = "no", [at]
        if denied:  # "wings not black but white"
            state.parts, state.part_at = parts, part_at

    def _with(self, at: int) -> None:
        state, dyed = self.state, self._dyed(at)
        if self.text(at) in ("that", "those") and at + 1 < len(self.pieces) and self.pieces[at + 1].does("of"):
            return  # "red like that of its kin"
        self._flush()
        if state.used and not state.raised:
            self._undeny()
        state.owns, state.doubt = True, "" if state.doubt == "item" else state.doubt
        which = self._which(at)
        if dyed:
            state.parts, state.part_at, state.fresh = state.told_of, None, True
        elif which is not None:
            entry = self.pieces[which].entry
            marked = entry.mark if entry is not None and entry.mark is not None else self.around.parts_at(which)
            state.parts, state.part_at, state.fresh = marked or ("other",), which, True
        elif not state.fresh:
            state.parts, state.part_at = (), None

    def _and(self, at: int, piece: Piece) -> None:
        state = self.state
        if self._goes_on_denying(at):
            return
        listed = state.denied == "no" and self._is_listed(at)
        listed = listed or (bool(state.denied) and self._colors_around(at))
        anew = at + 1 < len(self.pieces) and self.text(at + 1) in ("has", "is", "it", "its", "their", "lives", "eats")
        if state.doubt == "clause" and anew:  # "it does not migrate and has a black bill"
            state.doubt = ""
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

    def _which(self, at: int) -> int | None:
        """The part, or the mark, that "which are ..." speaks of."""
        if self.text(at) not in ("which", "that") or at + 1 >= len(self.pieces) or not self.vocabulary.has_parts:
            return None
        has = self.pieces[at + 1].does("be", "with") and self.text(at + 1) not in ("with", "without")
        if not has and self.text(at + 1) not in ("isn't", "aren't", "wasn't", "weren't"):
            return None
        before = next((i for i in range(at - 1, -1, -1) if not self.pieces[i].mark), None)
        entry = None if before is None else self.pieces[before].entry
        told = before is not None and entry is not None and (self.around.is_part(before) or entry.mark is not None)
        return before if told else None

    def _dyed(self, at: int) -> bool:
        """Whether "with" brings the colour in which a part is barred, edged or washed: "the wings are barred with white"."""
        entry = self.pieces[at + 1].entry if at + 1 < len(self.pieces) else None
        colored = entry is not None and entry.value is not None and entry.value.color
        return bool(at and colored and self.state.told_of) and self.text(at - 1).endswith("ed")

    def _colors_around(self, at: int) -> bool:
        """Whether "and" stands between two colours: "not black and white"."""
        entries = [self.pieces[i].entry for i in (at - 1, at + 1) if 0 <= i < len(self.pieces)]
        return len(entries) == 2 and all(
            one is not None and one.value is not None and one.value.color for one in entries
        )
