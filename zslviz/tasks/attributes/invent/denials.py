"""What a denial denies, and where that is in doubt.

"not only", "no doubt" deny nothing; two denials take each other back ("never without", "doesn't lack"); some hold over the clause
that hangs on them ("I don't think it has a tail", "it used to have a tail"). Where no rule says it, the sign of what is said would
be a guess, and nothing is told: such words count as not understood. That is so after a denied verb that is not known ("it doesn't
juggle its horns"), in wishes, after "if" with a denial, and in lists whose end no "or" marks ("not big, strong").
"""

from __future__ import annotations

from dataclasses import replace

from zslviz.tasks.attributes.invent.changes import Changes
from zslviz.tasks.attributes.invent.tokens import Piece

ASKS = ("do", "does", "did", "is", "are", "can", "could", "has", "have", "will", "would")
SUBJECTS = ("it", "they", "he", "she", "this", "these")
PERFECT = ("is", "are", "was", "were", "has", "have", "had")
_FAR = 2  # words that say nothing between two denials that take each other back, at most


class Denials(Changes):
    """Reads denials."""

    def _deny(self, at: int, piece: Piece) -> None:
        """A denial, unless the words behind it make none of it."""
        state, text = self.state, self.text(at)
        nothing = self._denies_nothing(at, piece)
        if nothing is not None:
            self.done |= nothing
            return
        if text == "used to" and at and self.pieces[at - 1].does("be"):  # "it is used to snow"
            return
        if text == "once" and not (
            at + 1 < len(self.pieces) and self._tells(at + 1)
        ):  # "at once"; not "its once blue back"
            return
        if state.denied and not state.used:  # "I don't think it lacks a tail"
            state.doubt = "clause"
        aside = (state.before[0], state.before[1]) if at and self.pieces[at - 1].mark == "," else ((), None)
        self._begin_denial(at, piece)
        state.aside = aside if text == "unlike" else None
        ahead = self._content(at)
        if ahead is None:
            return
        state.raised = (
            self.is_kind(ahead, "raises")
            or text in ("used to", "nobody")
            or text.startswith(("doubt", "yet", "has yet", "have yet"))
        )
        if state.conditional:  # "if it has horns I've never seen them"
            self._flush()
            self.found = [one for one in self.found if one.kind == "base" or max(one.pieces) < state.since]
        if state.conditional or self._is_verb_unknown(at, ahead):
            state.doubt = "clause"
        elif self.text(ahead) == "than":  # "the neck is no longer than ..."
            self._doubt_clause()
        elif text == "not" and self._is_told_of_part(at, ahead):
            state.parts, state.part_at = state.told_of, None

    def _turns(self, at: int, piece: Piece) -> bool:
        """Whether a word that joins others turns what is told around it, and says nothing else."""
        state, text = self.state, self.text(at)
        if text in SUBJECTS and state.aside is not None and not self.pieces[at - 1].does("not"):
            self._flush()  # "unlike its kin it climbs trees"
            self._undeny()
            state.aside = None
            return True
        if text == "to" and at > 1 and self.text(at - 2) == "too" and self._tells(at - 1):
            self._flush()  # "too heavy to fly"
            state.denied, state.denies, state.used, state.raised = "no", [at - 2, at], False, True
            return True
        if text == "by" and state.doubt == "item":  # "told from a jay by its crest"
            state.doubt = ""
        elif text == "there" and state.raised and state.used:
            self._flush()
            self._undeny()
        if text == "where" and self._should(at):  # "where stripes should be, there are spots"
            self._flush()
            state.denied, state.denies, state.used, state.raised = "no", [at], False, True
            return True
        if text == "where" and self._names_class(at):  # "where a horse has hooves, it has paws"
            self._flush()
            state.doubt = "clause"
            return True
        prefers = text == "to" and any(self.text(i).startswith("prefer") for i in range(state.since, at))
        if prefers or piece.does("dubious"):  # "prefers plants to meat", "away from the water"
            self._flush()
            state.doubt = "item"
            return True
        return (text == "free" and not piece.joined) or (text in ("off", "away", "out") and self._taken(at))

    def _should(self, at: int) -> bool:
        """Whether the clause tells what should be, and is not."""
        for i in range(at + 1, len(self.pieces)):
            if self.pieces[i].mark:
                return False
            if self.text(i) in ("should", "would"):
                return True
        return False

    def _names_class(self, at: int) -> bool:
        """Whether a class is named before the clause ends."""
        for piece in self.pieces[at + 1 :]:
            if piece.mark:
                return False
            if piece.entry is not None and piece.entry.classes:
                return True
        return False

    def _tells(self, at: int) -> bool:
        entry = self.pieces[at].entry
        return entry is not None and entry.value is not None

    def _than(self, at: int) -> None:
        """ "more of a hunter than a grazer", "more brown than black": the second is denied, or in doubt."""
        ahead = self._content(at)
        if ahead is None or not self._tells(ahead):
            return
        self._flush()
        before = " ".join(self.text(i) for i in range(self.state.since, at))
        if "more of a" in before or "rather" in before:
            self.state.denied, self.state.denies, self.state.used = "no", [at], False
        else:
            self.state.doubt = "item"

    def _is_told_of_part(self, at: int, ahead: int) -> bool:
        """ "black wings, not white": what is denied after a comma is of the part that was spoken of."""
        entry = self.pieces[ahead].entry
        apart = at > 0 and (self.pieces[at - 1].mark == "," or self.pieces[at - 1].does("but", "and"))
        if not apart or self.state.parts or entry is None or entry.value is None or self.around.part_ahead(ahead):
            return False
        return self.around.on_a_part(ahead) is None and bool(self.vocabulary.at(entry.value, self.state.told_of))

    def _denies_nothing(self, at: int, piece: Piece) -> set[int] | None:
        """The further pieces of a denial that denies nothing, None if it denies."""
        beside, text = at + 1, self.text(at)
        if beside >= len(self.pieces):
            return None
        if self.is_kind(beside, "just") and not self._ends(beside + 1):  # "not only"
            return {beside}
        if text in ("nothing", "none") and self.pieces[beside].does("but", "except"):
            return {beside}
        if text == "without" and self.text(beside) in ("which", "whom"):
            self.state.doubt = "clause"
            return {beside}
        if self._outdone(at):
            return set()
        while beside < len(self.pieces) - 1 and self.text(beside) in ("a", "any", "the"):
            beside += 1
        if piece.does("no") and self.is_kind(beside, "idle"):  # "no doubt"
            return {*range(at + 1, beside + 1)}
        if piece.does("not", "no") and self.text(beside) == "for":  # "if it weren't for its stripes"
            return {beside}
        other = self._second_denial(at)
        return None if other is None else {*range(at + 1, other + 1)}

    def _outdone(self, at: int) -> bool:
        """ "no animal is faster", "nothing is as strong"."""
        if self.text(at) == "never" and self.text(at + 1) not in ("has", "have", "was", "did"):
            return False
        if self.text(at) not in ("nothing", "nobody", "never") and not (
            self.text(at) in ("no", "few") and (self.pieces[at + 1].does("body") or self.text(at + 1) == "other")
        ):
            return False
        for piece in self.pieces[at + 1 :]:
            if piece.mark:
                return False
            if piece.compared or piece.does("more", "as") or piece.text.casefold() in ("such", "so"):
                return True
        return False

    def _second_denial(self, at: int) -> int | None:
        """Where a second denial takes this one back, before anything else is said."""
        unknown = 0
        for i in range(at + 1, len(self.pieces)):
            piece = self.pieces[i]
            again = piece.does("no", "little", "gone") and not piece.does("or") and self.text(i) != "no"
            contrary = self.is_kind(i, "contrary") and self.text(i) != "leaves"
            if again or contrary or self.text(i) == "unlike":
                return i
            if piece.mark or (piece.entry is not None and not self.around.glue(i) and not piece.does("be")):
                return None
            unknown += piece.entry is None
            if unknown > _FAR:
                return None
        return None

    def _content(self, at: int) -> int | None:
        """The next piece that is neither glue nor an adverb."""
        for i in range(at + 1, len(self.pieces)):
            adverb = self.pieces[i].entry is None and self.text(i).endswith("ly")
            if self.is_kind(i, "raises"):
                return i
            if not self.around.glue(i) and not adverb and not self.pieces[i].does("be"):
                return i
        return None

    def _is_verb_unknown(self, at: int, ahead: int) -> bool:
        """Whether what is denied is a verb that nobody knows: "doesn't juggle its horns"."""
        text, before = self.text(at), self.text(at - 1) if at else ""
        helped = text.endswith(("n't", "nt")) or text == "cannot" or before in ASKS
        linked = text.removesuffix("n't").removesuffix("nt") in PERFECT or before in PERFECT
        piece = self.pieces[ahead]
        return helped and not linked and piece.entry is None and not piece.mark

    def _doubt_clause(self) -> None:
        """Takes back what the clause has told, and tells no more of it."""
        self._flush()
        self.found = [one for one in self.found if max(one.pieces) < self.state.since]
        self.state.doubt = "clause"

    def _answer(self, at: int) -> None:
        """A "no" that answers a question turns all that it asks; a class that it asks for is taken back."""
        begin = 0
        if self.pieces[at - 1].text == "?":
            begin = max((i for i in range(at - 1) if self.pieces[i].mark == "."), default=-1) + 1
        asked = [one for one in self.found if min(one.pieces) >= begin]
        if self.pieces[at - 1].text != "?":  # "bravery, no": the last alone
            asked = asked[-1:]
        elif len(asked) > 1 and self.text(begin) not in ASKS:  # "a tiny gull? No": which of both is denied
            self.found = [one for one in self.found if not any(one is other for other in asked)]
            return
        for one in asked:
            place = next(i for i, other in enumerate(self.found) if other is one)
            if one.kind == "value":
                self.found[place] = replace(one, sign=-one.sign, pieces=(*one.pieces, at))
            elif one.kind == "base" and len(asked) == 1:
                del self.found[place]

    def _except(self, at: int) -> None:
        """ "eats everything except fish", "a horse except for the stripes", "red except on the wings"."""
        self._flush()
        state = self.state
        ahead = next((i for i in range(at + 1, len(self.pieces)) if not self._before_a_thing(i)), None)
        told = [one for one in self.found if min(one.pieces) >= state.begun]
        denied = state.denied == "no" or any(one.sign < 0 for one in told if one.kind == "value")
        everything = max((i for i in range(state.begun, at) if self.is_kind(i, "universal")), default=None)
        self._end_clause()
        state.owns = False
        entry = None if ahead is None else self.pieces[ahead].entry
        if ahead is None or entry is None or entry.value is None or denied or not self._is_last(ahead):
            return
        bases = [one.classes[0] for one in told if one.kind == "base"]
        values = [one for one in told if one.kind == "value"]
        if entry.value.color and (values or not bases or not self.around.part_ahead(ahead)):
            return
        if bases and not values:
            has = self._has(bases[-1], ahead)
            if (has is None and not entry.value.color) or (has and entry.value.color):
                state.doubt = "clause"  # "a cardinal except for the red bill", which it has
            elif has:
                state.denied, state.denies = "no", [at]
        elif everything is not None and not values:
            state.denied, state.denies = "no", [at]
        elif self._is_thing(ahead):
            state.doubt = "clause"

    def _before_a_thing(self, at: int) -> bool:
        return self.around.glue(at) or self.pieces[at].does("for", "of")

    def _has(self, base: int, at: int) -> bool | None:
        """Whether a class has what a piece says, clearly; None if that is not clear."""
        entry = self.pieces[at].entry
        if entry is None or entry.value is None:
            return None
        part = next((i for i in range(at + 1, len(self.pieces)) if self.around.is_part(i) or self.pieces[i].mark), None)
        parts = self.around.parts_at(part) if part is not None and self.around.part_ahead(at) else ()
        attributes = self.vocabulary.at(entry.value, parts)
        if not attributes:
            return None
        amounts = self.vocabulary.space.table[:, list(attributes)].mean(axis=1)
        low, high = float(amounts.min()), float(amounts.max())
        share = (float(amounts[base]) - low) / (high - low) if high > low else 0.5
        return True if share >= 0.5 else False if share <= 0.25 else None

    def _is_listed(self, at: int) -> bool:
        """Whether "and" after a denial goes on with it: "without tail and horns"."""
        if not self.around.bare_ahead(at):
            return False
        before = self.pieces[at - 1].entry if at else None
        if before is None or before.value is None:
            return self._is_thing(at + 1)
        return self._is_thing(at - 1) == self._is_thing(at + 1) and not self._is_finite(at + 1)

    def _is_open_list(self, at: int) -> bool:
        """Whether a comma or "and" after a denial may go on with what is denied, or not: "no tail, horns", "not big and strong"."""
        state, after = self.state, at + 1
        if not at or not state.used or state.denied not in ("not", "no") or after >= len(self.pieces):
            return False
        before, entry = self.pieces[at - 1].entry, self.pieces[after].entry
        if before is None or before.value is None or entry is None or entry.value is None or entry.classes:
            return False
        alike = self._is_thing(at - 1) == self._is_thing(after) and (self._is_thing(after) or state.denied == "not")
        return alike and self._is_last(after) and not self._is_finite(after)

    def _is_last(self, at: int) -> bool:
        """Whether nothing that is known follows in the clause right away."""
        after = at + 1
        return after >= len(self.pieces) or bool(self.pieces[after].mark) or not self.around.is_part(after)

    def _is_thing(self, at: int) -> bool:
        """Whether a piece names a thing that a body has, and not how it is."""
        entry, text = self.pieces[at].entry, self.text(at)
        return entry is not None and entry.value is not None and entry.value.noun and not text.endswith(("ed", "y"))

    def _is_finite(self, at: int) -> bool:
        """ "hops", "hunts": a verb that begins a clause of its own."""
        return self.text(at).endswith("s") and not self._is_thing(at)

    def _answers(self, at: int, piece: Piece) -> bool:
        """Whether a "no" answers what stands before it: "Walks? No.", "bravery, no"."""
        before = self.pieces[at - 1] if at else None
        asked = before is not None and before.text == "?"
        listed = before is not None and before.mark in (",", ":") and self._ends(at + 1)
        last = self.found[-1].pieces if self.found else ()
        answered = listed and piece.does("no") and not any(self.pieces[i].does("no", "not", "little") for i in last)
        return (asked and piece.does("no", "not", "little")) or answered
