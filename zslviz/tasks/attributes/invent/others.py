"""What is said of others ("though its cousins are brown"), and denials that stand behind what they deny ("spots it hasn't").

Of others nothing is told. A denial at the end of a clause turns the one thing that the clause says; where the clause says nothing
("this one has none"), what the clause before said of others.
"""

from __future__ import annotations

from dataclasses import replace

from zslviz.tasks.attributes.invent.answers import Answers
from zslviz.tasks.attributes.invent.denials import SUBJECTS
from zslviz.tasks.attributes.invent.mention import Mention
from zslviz.tasks.attributes.invent.tokens import Piece

_LINKS = ("of", "from", "like", "than", "as", "by", "to", "among", "unlike", "without")
_STRIPPED = {"strip", "rob", "deprive", "rid", "relieve"}


class Others(Answers):
    """Reads what is said of others, and denials that stand behind."""

    def _turns(self, at: int, piece: Piece) -> bool:
        self._of_itself(at)
        if self._is_not_so(at):
            return True
        if piece.does("be", "with"):
            self._of_others(at)
        return super()._turns(at, piece)

    def _of_others(self, at: int) -> None:
        """From "be" or "have" on nothing is told if others are what it speaks of, until "it" or "but"."""
        begin = next((i + 1 for i in range(at - 1, -1, -1) if self._parts_clauses(i)), 0)
        subject = range(begin, at)
        if begin < at and self.pieces[begin].does("no"):  # "no other bird is as red"
            return
        if any(self.text(i) in _LINKS for i in subject):
            return
        named = [i for i in subject if (entry := self.pieces[i].entry) is not None and entry.classes]
        many = any(self.text(i) in ("most", "all", "other", "many", "some") for i in subject)
        if not any(self.is_kind(i, "others") for i in subject) and not (named and many):
            return
        self._flush()
        self.found = [one for one in self.found if one.kind != "base" or not set(one.pieces) & set(named)]
        self.state.change, self.state.degree, self.state.degrees = 0, None, []
        self.state.doubt, self.state.others = "sentence", []

    def _parts_clauses(self, at: int) -> bool:
        piece = self.pieces[at]
        return piece.mark in (",", ".", ":") or piece.does("but", "and")

    def _tell(self, mention: Mention) -> None:
        if self.state.others is not None and self.state.doubt == "sentence" and mention.kind == "value":
            self.state.others.append(mention)
        super()._tell(mention)

    def _of_itself(self, at: int) -> None:
        """ "it", "this one": from here on the sentence speaks of the creature again."""
        if self.state.others is not None and self.text(at) in SUBJECTS and self.state.doubt == "sentence":
            self._flush()
            self.state.doubt = ""

    def _is_denied_behind(self, at: int, piece: Piece) -> bool:
        """Whether a denial ends the clause and was read: "spots it hasn't", "most deer have antlers, this one has none"."""
        text, state = self.text(at), self.state
        own = text in ("none", "neither") or text.endswith(("n't", "nt")) or (piece.does("not") and text == "not")
        after = at + 1
        while after < len(self.pieces) and self.text(after) in ("have", "got", "any", "one"):  # "it doesn't have"
            after += 1
        if not own or not self._ends(after) or state.held or state.doubt:
            return False
        subject = next((i for i in range(at - 1, state.since - 1, -1) if self.text(i) in SUBJECTS), None)
        if subject is None:
            return False
        told = [one for one in self.found if min(one.pieces) >= state.since]
        if len(told) == 1 and told[0].kind == "value" and max(told[0].pieces) < subject:
            place = min(told[0].pieces) - 1
            while place > state.since and self.around.glue(place):
                place -= 1
            if text in ("isn't", "aren't") and state.since and self.pieces[place].does("on"):
                self.found = [one for one in self.found if one is not told[0]]  # "slow on land, in the water it isn't"
            else:
                self._turn_told(told[0], at)
            return True
        if told or self._tells_between(state.since, at):
            return False
        others, state.others = state.others or self._of_a_class(), None
        for one in others:
            self.found = [other for other in self.found if other is not one]
            self.found.append(replace(one, sign=-one.sign, pieces=(*one.pieces, at)))
        return bool(others)

    def _of_a_class(self) -> list[Mention]:
        """What the clause before told, if a class is what it spoke of: "A fox has a tail; this animal does not"."""
        since = self.state.since_before
        told = [one for one in self.found if since <= min(one.pieces) < self.state.since]
        if (
            self.state.since and self.pieces[self.state.since - 1].text == "?" and len(told) == 1
        ):  # "A crest? It has none"
            return [one for one in told if one.kind == "value"]
        if len(told) < 2 or told[0].kind != "base" or not all(one.kind == "value" for one in told[1:]):
            return []
        link = max(told[0].pieces) + 1
        before = [i for i in range(since, min(told[0].pieces)) if not self.around.glue(i)]
        if before or not self.pieces[link].does("be", "with"):
            return []
        self.found = [one for one in self.found if one is not told[0]]
        return told[1:]

    def _tells_between(self, begin: int, end: int) -> bool:
        return any(self._tells(i) for i in range(begin, end))

    def _turn_told(self, told: Mention, at: int) -> None:
        place = next(i for i, other in enumerate(self.found) if other is told)
        self.found[place] = replace(told, sign=-told.sign, pieces=(*told.pieces, at))

    def _parts_before(self, at: int) -> bool:
        """ "neither the wings nor the tail are barred", "not only the head but also the breast is yellow": parts, then a value."""
        text = self.text(at)
        only = text == "not" and at + 1 < len(self.pieces) and self.is_kind(at + 1, "just")
        if not self.vocabulary.has_parts or not (only or text == "neither"):
            return False
        parts: list[str] = []
        for i in range(at + 1, len(self.pieces)):
            piece = self.pieces[i]
            if self.around.is_part(i):
                parts += self.around.parts_at(i)
            elif piece.does("be") and parts:
                self._flush()
                state = self.state
                state.parts, state.part_at, state.fresh = tuple(parts), None, True
                if not only:
                    state.denied, state.denies, state.used, state.raised = "no", [at], False, True
                self.done |= set(range(at, i + 1))
                return True
            elif not (self.around.glue(i) or piece.does("or", "and", "but") or self.is_kind(i, "just")):
                return False
        return False

    def _is_not_so(self, at: int) -> bool:
        """Whether a word makes what is told around it something that is not so, or may not be."""
        text, state = self.text(at), self.state
        if text in ("expected", "hoped", "imagined") and not state.denied:  # "I'd expected a white belly"
            self._flush()
            state.doubt = "clause"
            return True
        if text == "until" and any(self.text(i) in ("was", "were", "had") for i in range(state.since, at)):
            self._flush()  # "it was hairless until it grew a fur"
            self.found = [one for one in self.found if one.kind == "base" or min(one.pieces) < state.since]
            return True
        named = self.pieces[at - 1].entry if at > 1 else None
        stripped = {self.text(i) for i in range(max(state.since, at - 4), at)} & _STRIPPED
        if text == "of" and named is not None and len(named.classes) == 1 and stripped:
            self._flush()  # "strip a blue jay of its crest"
            state.denied, state.denies, state.used = "no", [at], False
            return True
        if text == "which" and at == state.since and state.before[0]:  # "the head, which has no crest, is blue"
            state.aside = (state.before[0], state.before[1])
        elsewhere = at + 1 < len(self.pieces) and self.pieces[at + 1].does("on")
        if text == "which" and elsewhere and at == state.since:  # "the breast, which in a robin is red, is blue"
            state.doubt, state.aside = "clause", (state.before[0], state.before[1])
            return True
        begun = state.since_before < len(self.pieces) and self.text(state.since_before) == "unlike"
        if text == "which" and begun and at == state.since:  # "unlike the adult, which is white"
            state.doubt = "clause"
            return True
        return False

    def _goes_on_denying(self, at: int) -> bool:
        """Whether "and" goes on with what is lost: "lost its stripes and its tail", "out of the trees and off the ice"."""
        state, after = self.state, at + 1
        if not state.denied or after + 1 >= len(self.pieces):
            return False
        if self.text(after) == "off":
            return True
        begun = self.text(state.denies[0]).rpartition(" ")[2] if state.denies else ""
        if begun in ("from", "of", "off") and self.text(after) == begun:  # "away from people and from the coast"
            return True
        first = self.text(state.denies[0]) if state.denies else ""
        private = first.endswith((" of", "lost", "lose", "loses")) or first in ("of", "lacks", "lacking", "lack")
        both = self.text(at - 2) == "both" or (at > 3 and "both" in (self.text(at - 3), self.text(at - 4)))
        minus = first in ("minus", "sans")
        more = ("its", "their", "any", *(("the", "a", "an") if both or minus or "lack" in first else ()))
        return (private or minus) and self.text(after) in more and self._tells(after + 1)
