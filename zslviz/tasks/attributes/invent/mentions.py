"""What a sentence says of a class, mention by mention: it is like a class, it has or lacks attributes, it has a part of a class.

Clauses are read from left to right. A value ("black", "striped") belongs to the part that follows it ("black wings"), else to the
one before it ("wings are black"), else to the whole body. A denial holds for what it stands before, over "or", and over "and"
where things are listed ("without tail and horns"); "but", a comma and a new clause end it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from zslviz.tasks.attributes.invent.mention import PLAIN, Held, Mention
from zslviz.tasks.attributes.invent.parts import Parts
from zslviz.tasks.attributes.invent.times import TIMES
from zslviz.tasks.attributes.invent.tokens import Piece
from zslviz.tasks.attributes.invent.vocabulary import Value, Vocabulary

PREYS = ("eat", "eats", "eating", "hunt", "hunts", "hunting", "chases", "chasing", "catches", "catching")


def mentions_of(pieces: Sequence[Piece], vocabulary: Vocabulary) -> list[Mention]:
    """What the pieces say, in order."""
    return _Reader(pieces, vocabulary).read()


class _Reader(Parts):
    def read(self) -> list[Mention]:
        for at, piece in enumerate(self.pieces):
            if at not in self.done:
                self._take(at, piece)
        self._flush()
        return _once(sorted(self.found, key=lambda mention: mention.pieces))

    # -- piece by piece ---------------------------------------------------------------------------------------------

    def _take(self, at: int, piece: Piece) -> None:
        entry, state = piece.entry, self.state
        if self._times(at):
            return
        if piece.mark:
            if piece.mark != "'s":
                self._stop(at, piece.mark)
        elif entry is None:
            self._unknown(at)
        elif entry.classes and not self._says_value_too(at):
            self._class(at)
        elif entry.degree is not None and self._is_degree(at):
            state.degree = entry.degree
            state.degrees.append(at)
        elif entry.value is not None:
            self._value(at)
        elif entry.parts:
            self._part(at)
        elif piece.does("as"):
            if "so much" in " ".join(self.text(i) for i in range(self.state.since, at)):  # "not so much big as strong"
                self._flush()
                self._undeny()
            self._as(at)
        else:
            self._role(at, piece)

    def _says_value_too(self, at: int) -> bool:
        """A name of several classes that is a value as well."""
        entry = self.pieces[at].entry
        return entry is not None and len(entry.classes) > 1

    # -- classes ----------------------------------------------------------------------------------------------------

    def _class(self, at: int) -> None:
        entry, state = self.pieces[at].entry, self.state
        assert entry is not None
        if len(entry.classes) > 1:
            return self._unknown(at)
        after = at + 1
        if after < len(self.pieces) and self.pieces[after].mark == "'s":
            after += 1
        owned = self.around.after(after - 1)
        if owned is not None and self._donates(at, owned):
            return None
        if at and self.pieces[at - 1].text.casefold() in PREYS:  # "eats seals"
            return None
        if self._is_other_animal(at):
            return None
        if state.denied and not state.used:  # "unlike a zebra"
            state.used = True
            return None
        self._flush()
        state.owns = False
        self._tell(Mention("base", (at,), entry.classes))
        return None

    def _is_other_animal(self, at: int) -> bool:
        """Whether a class is one that it meets: "hunted by lions", "on the lookout for wolves"; not "mistaken for a wolf"."""
        link = next((i for i in range(at - 1, -1, -1) if self.pieces[i].mark or not self.around.glue(i)), None)
        if link is None or self.text(link) not in ("by", "from", "against", "for"):
            return False
        return not any(self.is_kind(i, "raises", "takes") for i in range(self.state.begun, link))

    def _donates(self, at: int, owned: int) -> bool:
        """ "horse's body", "zebra coat", "tiger stripes": the class gives a part or a value away."""
        piece, entry = self.pieces[owned], self.pieces[owned].entry
        possessive = self.pieces[at + 1].mark == "'s" if at + 1 < len(self.pieces) else False
        near = owned == at + 1 or possessive
        if entry is None or not near or (not possessive and not piece.joined and not self.state.owns):
            return False
        class_index = self.pieces[at].entry.classes[0]  # type: ignore[union-attr]  # asked by `_class` alone
        pieces = tuple(range(at, owned + 1))
        groups = self.vocabulary.groups_of(entry.parts)
        if groups:
            self._flush()
            self._tell(Mention("donor", pieces, (class_index,), groups=groups))
        elif entry.value is not None and (entry.value.noun or piece.joined or (possessive and entry.value.color)):
            self._flush()
            self._tell(Mention("value", pieces, attributes=entry.value.attributes, reference=class_index, equal=True))
        else:
            return False
        self.done |= set(pieces)
        return True

    def _as(self, at: int) -> None:
        """ "as big as an elephant"."""
        value = self.around.after(at)
        entry = None if value is None else self.pieces[value].entry
        again = None if value is None else self.around.after(value)
        named = None if again is None else self.around.after(again)
        if value is None or again is None or named is None or entry is None or entry.value is None:
            return
        classes = self.pieces[named].entry
        times = TIMES.get(self.pieces[at - 1].text.casefold(), 1.0) if at else 1.0
        if not self.pieces[again].does("as") or classes is None or len(classes.classes) != 1:
            if times != 1:  # "and twice as fast"
                self._compared((at - 1, at, value), self.vocabulary.at(entry.value), times, None)
            return
        if times != 1 and not self.state.denied:
            self._compared(tuple(range(at - 1, named + 1)), self.vocabulary.at(entry.value), times, classes.classes[0])
            return
        pieces = (*self.state.denies, *range(at, named + 1))
        self._flush()
        attributes = self.vocabulary.at(entry.value)
        denied = bool(self.state.denied)
        sign = -entry.value.sign if denied else entry.value.sign
        self._tell(
            Mention(
                "value", pieces, (), attributes, sign=sign, more=denied, reference=classes.classes[0], equal=not denied
            )
        )
        self.state.used = denied
        self.done |= set(pieces)

    # -- values and parts -------------------------------------------------------------------------------------------

    def _is_degree(self, at: int) -> bool:
        """Whether a word that may be both a degree and a value ("big", "dark") says how much of what follows."""
        piece, entry = self.pieces[at], self.pieces[at].entry
        assert entry is not None
        if entry.value is None:
            return True
        after = at + 1
        if piece.compared or after >= len(self.pieces):
            return False
        follows = self.pieces[after].entry
        if entry.value.color:
            return follows is not None and follows.value is not None and follows.value.color
        if follows is not None and follows.value is not None:
            several = self.text(after).endswith("s") and not self.text(after).endswith("ss")  # "in big herds"
            if follows.value.noun or (several and not self.vocabulary.has_parts):
                return True
        if self.vocabulary.has_parts:
            return False
        return self.state.owns and (follows is None or bool(follows.parts))

    def _value(self, at: int) -> None:
        piece, state = self.pieces[at], self.state
        value = piece.entry.value  # type: ignore[union-attr]  # asked for values alone
        assert value is not None
        given = self.around.given_by(
            at, ("of", "like", "as") if value.noun or self.around.names_part(at) else ("like", "as")
        )
        given = None if self.around.part_ahead(at) else given
        if given is not None:
            parts = self.vocabulary.groups_of(piece.entry.parts) if piece.entry and not value.noun else ()
            pieces = tuple(range(at, given[1] + 1))
            self._flush()
            donor = Mention("donor", pieces, (given[0],), groups=parts) if parts else None
            equal = Mention("value", pieces, attributes=value.attributes, reference=given[0], equal=True)
            self._tell(donor or equal)
            self.done |= set(pieces)
            return
        if self._is_said_of_thing(at, value) or self._is_shade(at):
            state.degree, state.degrees, state.change = None, [], 0
            return
        if value.color and self.vocabulary.has_parts and state.told_of and self._is_one(at):
            state.parts, state.part_at = state.told_of, None  # "and give it a yellow one"
        held = self._held(at, piece, value)
        state.last = []
        if self.vocabulary.has_parts and value.color and self._is_of_pattern(at):
            state.colored.append(held)
            return
        colored, state.colored = state.colored, []
        if piece.entry is not None and piece.entry.mark is not None:
            self._mark(at, held, piece.entry.mark)
        elif self.around.part_ahead(at) or (value.color and self.around.mark_ahead(at)):
            state.held.append(held)
        elif (places := self.around.on_a_part(at)) is not None:
            for one in (*colored, held):
                self._emit(one, places if self.vocabulary.has_parts else ())
            state.last = [held] if self.vocabulary.has_parts else []
            place = next((i for i in range(at + 1, len(self.pieces)) if self.around.is_part(i)), None)
            self.done |= set() if place is None else {place}
        elif state.parts and self.vocabulary.at(value, state.parts):
            held.pieces = [*([] if state.part_at is None else [state.part_at]), *held.pieces]
            state.fresh = False
            for one in (*colored, held):
                self._emit(one, state.parts)
        elif state.parts and not self.vocabulary.groups_of(state.parts):  # of cheeks nothing is known
            state.fresh = False
        else:
            state.held.append(held)
            if not self.vocabulary.has_parts:
                self._flush()

    def _is_said_of_thing(self, at: int, value: Value) -> bool:
        """Whether a size is one of a thing that it has, and not of the whole body: "its paws are huge"."""
        names = {self.vocabulary.space.attribute_names[a] for a in value.attributes}
        be = at - 1
        while be > 0 and (entry := self.pieces[be].entry) is not None and entry.degree is not None:
            be -= 1
        if self.vocabulary.has_parts or not names <= {"big", "small"} or be < 1 or not self.pieces[be].does("be"):
            return False
        entry = self.pieces[be - 1].entry
        return entry is not None and entry.value is not None and entry.value.noun

    def _is_one(self, at: int) -> bool:
        return at + 1 < len(self.pieces) and self.text(at + 1) in ("one", "ones")

    def _is_shade(self, at: int) -> bool:
        """Whether a colour is only set against another: "darker on the crown", "redder than the back"."""
        piece, link = self.pieces[at], self.around.after(at)
        if not piece.compared or piece.entry is None or piece.entry.value is None or not piece.entry.value.color:
            return False
        than = link is not None and self.pieces[link].does("than") and self.around.than(at) is None
        return piece.entry.degree is not None or than or self.text(at).startswith(("dark", "light", "pale"))

    def _is_of_pattern(self, at: int) -> bool:
        """Whether a colour is one of marks that follow: "white bars", "black and white stripes"."""
        for i in range(at + 1, len(self.pieces)):
            piece, entry = self.pieces[i], self.pieces[i].entry
            value = None if entry is None else entry.value
            if value is not None and not value.color:
                patterns = all(self.vocabulary.facets[a].sort == "pattern" for a in value.attributes)
                return patterns and value.noun and not piece.text.casefold().endswith(("ed", "y"))
            if value is None and not piece.does("and"):
                return False
        return False

    def _held(self, at: int, piece: Piece, value: Value) -> Held:
        """A value with what was said before it."""
        state = self.state
        sign = value.sign * piece.sign
        degree = state.degree if state.degree is not None else (1.0 if value.much else PLAIN)
        more = piece.compared or state.change != 0
        if state.change:
            sign *= state.change
        if state.denied:
            sign, state.used = -sign, True
            if state.denied == "little":
                degree = min(degree, PLAIN)
        before = [*state.denies, *state.degrees]
        reference, pieces = None, [*before, at]
        if more:
            named = self.around.than(at)
            if named is not None:
                reference = self.pieces[named].entry.classes[0]  # type: ignore[union-attr]  # `_than` has looked
                pieces += range(at + 1, named + 1)
                self.done |= set(range(at + 1, named + 1))
        state.degree, state.degrees, state.change = None, [], 0
        return Held(pieces, value, sign, degree, more, reference)


def _once(mentions: Sequence[Mention]) -> list[Mention]:
    """Mentions without those that say again what was said."""
    kept: list[Mention] = []
    for mention in mentions:
        plain = replace(mention, pieces=())
        if all(replace(other, pieces=()) != plain for other in kept):
            kept.append(mention)
    return kept
