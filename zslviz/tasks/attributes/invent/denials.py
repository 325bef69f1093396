"""What a denial denies, and where that is in doubt.

"not only", "no doubt" deny nothing; two denials take each other back ("never without", "doesn't lack"); some hold over the clause
that hangs on them ("I don't think it has a tail", "it used to have a tail"). Where no rule says it, the sign of what is said would
be a guess, and nothing is told: such words count as not understood. That is so after a denied verb that is not known ("it doesn't
juggle its horns"), in wishes, after "if" with a denial, and in lists whose end no "or" marks ("not big, strong").
"""

from __future__ import annotations

from zslviz.tasks.attributes.invent.lists import Lists
from zslviz.tasks.attributes.invent.tokens import Piece

ASKS = ("do", "does", "did", "is", "are", "can", "could", "has", "have", "will", "would")
SUBJECTS = ("it", "they", "he", "she", "this", "these")
CONTRASTS = ("unlike", "in contrast to", "in contrast with", "contrary to")
ASIDES = (*CONTRASTS, "instead of", "rather than", "as opposed to", "in place of")
PERFECT = ("is", "are", "was", "were", "has", "have", "had")
_FAR_TOO = 5  # pieces from "too" to its "to", at most
_FAR = 2  # words that say nothing between two denials that take each other back, at most


class Denials(Lists):
    """Reads denials."""

    def _deny(self, at: int, piece: Piece) -> None:
        """A denial, unless the words behind it make none of it."""
        state, text = self.state, self.text(at)
        if text in ("poor", "bad", "lousy") and not (
            at + 1 < len(self.pieces) and self._tells(at + 1) and self.text(at + 1).endswith("er")
        ):
            return  # "a poor swimmer", not "a poor creature"
        nothing = self._denies_nothing(at, piece)
        if nothing is not None:
            self.done |= nothing
            self.idle |= {at, *nothing}
            return
        if text == "used to" and at and self.pieces[at - 1].does("be"):  # "it is used to snow"
            return
        if text in ("once", "former", "original", "previous", "erstwhile") and not (
            at + 1 < len(self.pieces) and self._tells(at + 1)
        ):  # "at once"; not "its once blue back"
            return
        if state.denied and not state.used and self._denies_twice(at):  # "it ain't got no tail"
            state.denies.append(at)
            return
        if state.denied and not state.used:  # "I don't think it lacks a tail"
            state.doubt = "clause"
        if self._is_of_a_place(at):  # "the red isn't on the head"
            for one in state.held:
                one.sign, one.pieces = -one.sign, [*one.pieces, at]
            return
        if at and self.pieces[at - 1].does("but") and self._is_of_another_place(at):
            state.doubt = "item"  # "clumsy on land but not in water"
        aside = (state.before[0], state.before[1]) if at and self.pieces[at - 1].mark == "," else ((), None)
        self._begin_denial(at, piece)
        state.aside = aside if text in ASIDES else state.aside
        if text in ASIDES and text not in CONTRASTS:  # "its legs, instead of being black, are orange"
            state.parts, state.part_at = aside
        ahead = self._content(at)
        if ahead is None:
            return
        state.raised = (
            self.is_kind(ahead, "raises")
            or text in ("used to", "nobody")
            or text.startswith(("doubt", "deny", "denies", "yet", "has yet", "have yet"))
        )
        if state.conditional:  # "if it has horns I've never seen them"
            self._flush()
            self.found = [one for one in self.found if one.kind == "base" or max(one.pieces) < state.since]
        contrasted = text in CONTRASTS and self._tells(ahead) and self.around.part_ahead(ahead)
        if state.conditional or contrasted or self._is_verb_unknown(at, ahead):
            state.doubt = "clause"
        elif self.text(ahead) == "than":  # "the neck is no longer than ..."
            self._doubt_clause()
        elif ((text == "not" or (text == "no" and state.before[0])) and self._is_told_of_part(at, ahead)) or (
            text in ("no", "without", "without any") and self._is_within_part(at, ahead)
        ):
            state.parts, state.part_at = state.told_of, None

    def _turns(self, at: int, piece: Piece) -> bool:
        """Whether a word that joins others turns what is told around it, and says nothing else."""
        state, text = self.state, self.text(at)
        if text in SUBJECTS and state.aside is not None and not self.pieces[at - 1].does("not"):
            self._flush()  # "unlike its kin it climbs trees"
            self._undeny()
            state.aside = None
            return True
        if (
            text in SUBJECTS and state.excepting and not self.pieces[at - 1].mark
        ):  # "apart from its tail it is hairless"
            self._flush()
            self._undeny()
            state.doubt, state.excepting = "", False
        too = next((i for i in range(at - 2, max(state.since, at - _FAR_TOO) - 1, -1) if self.text(i) == "too"), None)
        if text == "to" and too is not None:
            self._flush()  # "too heavy to fly", "too short in the leg to be called tall"
            state.denied, state.denies, state.used, state.raised = "no", [too, at], False, True
            return True
        if text == "for" and too is not None:
            self._flush()  # "too small for a gull"
            state.doubt = "item"
            return True
        if text == "by" and state.doubt == "item":  # "told from a jay by its crest"
            state.doubt = ""
        elif text in ("there", "there's") and state.used and (state.raised or self.text(state.denies[0]) in ASIDES):
            self._flush()
            self._undeny()
        if text == "where" and self._names_class(at):  # "where a horse has hooves, it has paws"
            self._flush()
            state.doubt = "clause"
            return True
        if text == "where" and self._should(at):  # "where stripes should be, there are spots"
            self._flush()
            state.denied, state.denies, state.used, state.raised = "no", [at], False, True
            return True
        verb = at and (self.text(at - 1).startswith("prefer") or self.pieces[at - 1].does("not", "no"))
        prefers = text == "to" and not verb and any(self.text(i).startswith("prefer") for i in range(state.since, at))
        taken = text in ("take", "takes") and at + 1 < len(self.pieces) and self.text(at + 1) == "its"
        if taken or prefers or piece.does("dubious"):  # "prefers plants to meat", "away from the water"
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

    def _is_within_part(self, at: int, ahead: int) -> bool:
        """ "a black head with no white": the part has it not."""
        entry, before = self.pieces[ahead].entry, at - (2 if self.text(at - 1) == "with" else 1)
        colored = entry is not None and entry.value is not None and entry.value.color
        linked = self.text(at) != "no" or before == at - 2
        return bool(colored and linked and before >= 0 and self.around.is_part(before) and self._ends(ahead + 1))

    def _is_told_of_part(self, at: int, ahead: int) -> bool:
        """ "black wings, not white": what is denied after a comma is of the part that was spoken of."""
        entry = self.pieces[ahead].entry
        apart = at > 0 and (self.pieces[at - 1].mark == "," or self.pieces[at - 1].does("but", "and"))
        if (
            not apart
            or self.state.parts
            or self.state.held
            or entry is None
            or entry.value is None
            or self.around.part_ahead(ahead)
        ):
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
        were = self.state.conditional or "were" in {self.text(i) for i in range(self.state.since, at)}
        if piece.does("not", "no") and self.text(beside) == "for" and (were or text == "weren't"):
            return {beside}  # "if it weren't for its stripes"
        other = self._second_denial(at)
        return None if other is None else {*range(at + 1, other + 1)}

    def _is_of_a_place(self, at: int) -> bool:
        """Whether a denial says of values that wait where they are not."""
        place = next((i for i in range(at + 1, len(self.pieces)) if not self.around.glue(i)), None)
        if place is None or not self.pieces[place].does("on") or not self.state.held:
            return False
        part = self.around.after(place)
        isnt = self.text(at) in ("isn't", "aren't", "isnt", "arent", "neither") or (
            at and self.pieces[at - 1].does("be")
        )
        return bool(isnt) and part is not None and self.around.is_part(part)

    def _is_of_another_place(self, at: int) -> bool:
        """Whether a denial may be of how it is at one of two places, and not of where it lives."""
        end = next((i for i in range(at - 2, -1, -1) if not self.around.glue(i)), None)
        link = None if end is None else next((i for i in range(end - 1, -1, -1) if not self.around.glue(i)), None)
        place = at + 1 < len(self.pieces) and self.pieces[at + 1].does("on")
        if end is None or link is None or not place or not link or self.vocabulary.has_parts:
            return False
        adjective = self._tells(link - 1) and not self.text(link - 1).endswith(("s", "ing"))
        return self._tells(end) and self.pieces[link].does("on") and adjective

    def _denies_twice(self, at: int) -> bool:
        """Whether "no" only says once more what stands before it: "ain't got no", "don't have no"."""
        before = range(max(self.state.denies) + 1, at)
        helped = self.text(max(self.state.denies)).endswith(("n't", "nt"))
        owned = ("have", "has", "had", "got")
        return self.text(at) == "no" and helped and all(self.text(i) in owned for i in before)

    def _outdone(self, at: int) -> bool:
        """ "no animal is faster", "nothing is as strong"."""
        if self._finds_none(at):
            return True
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

    def _finds_none(self, at: int) -> bool:
        """ "there is no faster animal", "you could not find a slower creature"; not "no faster than a cow"."""
        sought = self.text(at) == "no" or (self.text(at) == "hardly" and self.text(at + 1) in ("a", "any"))
        for i in range(at + 1, len(self.pieces)):
            piece = self.pieces[i]
            if piece.compared and sought:
                return not any(other.does("than") for other in self.pieces[i:])
            sought = sought or self.text(i) in ("find", "imagine", "meet")
            if not (self.around.glue(i) or sought) or piece.mark:
                return False
        return False

    def _second_denial(self, at: int) -> int | None:
        """Where a second denial takes this one back, before anything else is said."""
        unknown = 0
        for i in range(at + 1, len(self.pieces)):
            piece = self.pieces[i]
            again = piece.does("no", "little", "gone") and not piece.does("or") and self.text(i) != "no"
            contrary = self.is_kind(i, "contrary") and (self.text(i) != "leaves" or self._leaves(i))
            if self.text(i).startswith("mistak") and any(self.text(j) == "for" for j in range(i, len(self.pieces))):
                return None  # "you can't mistake it for a wolf"
            if again or contrary or self.text(i) in ("unlike", "anything but", "anything other than", "other than"):
                return i
            passed = self.around.glue(i) or piece.does("be") or self.text(i) in ("have", "has", "one")
            if piece.mark or (piece.entry is not None and not passed):
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
