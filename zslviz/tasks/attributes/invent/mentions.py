"""What a sentence says of a class, mention by mention: it is like a class, it has or lacks attributes, it has a part of a class.

Clauses are read from left to right. A value ("black", "striped") belongs to the part that follows it ("black wings"), else to the
one before it ("wings are black"), else to the whole body. A denial holds for what it stands before, over "or", and over "and"
where things are listed ("without tail and horns"); "but", a comma and a new clause end it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from zslviz.tasks.attributes.invent.conflicts import settled
from zslviz.tasks.attributes.invent.hearsay import sifted
from zslviz.tasks.attributes.invent.loose import bound
from zslviz.tasks.attributes.invent.meanings import Meanings
from zslviz.tasks.attributes.invent.mention import PLAIN, Held, Mention
from zslviz.tasks.attributes.invent.times import TIMES
from zslviz.tasks.attributes.invent.tokens import Piece
from zslviz.tasks.attributes.invent.vocabulary import Value, Vocabulary

FIGHTS = ("fight", "fights", "fighting", "attack", "attacks", "attacking", "chase", "guard", "guards")
PREYS = ("eat", "eats", "eating", "hunt", "hunts", "hunting", "chases", "chasing", "catches", "catching")


def mentions_of(pieces: Sequence[Piece], vocabulary: Vocabulary) -> list[Mention]:
    """What the pieces say, in order."""
    return _Reader(pieces, vocabulary).read()


class _Reader(Meanings):
    def read(self) -> list[Mention]:
        for at, piece in enumerate(self.pieces):
            if at not in self.done:
                self._take(at, piece)
        self._flush()
        found = sorted(self.found, key=lambda mention: mention.pieces)
        found = bound(self.pieces, sifted(self.pieces, found), self.idle, self.around.glue)
        return _once(settled(self.pieces, found))

    # -- piece by piece ---------------------------------------------------------------------------------------------

    def _take(self, at: int, piece: Piece) -> None:
        entry, state = piece.entry, self.state
        if self._times(at) or self._measured(at) or self._echoed(at):
            return
        if piece.mark:
            if piece.mark != "'s":
                self._stop(at, piece.mark)
            elif self.vocabulary.has_parts and not self.around.part_ahead(at - 1):  # "this gull's legs"
                self._flush()
        elif entry is None:
            self._unknown(at)
        elif entry.classes and not self._says_value_too(at):
            self._class(at)
        elif entry.degree is not None and self._is_degree(at):
            state.degree = entry.degree
            state.degrees.append(at)
        elif entry.value is not None and not self._is_scarcely(at):
            self._value(at)
        elif entry.parts and entry.value is None:
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
        if at and self.text(at - 1) in PREYS:
            return self._prey(at)
        link = next((i for i in range(at - 1, -1, -1) if not self.around.glue(i)), None)
        if self._is_object(at):
            return None
        beyond = at + 1 < len(self.pieces) and (
            self.pieces[at + 1].does("be") or self.text(at + 1) in ("has", "have", "does")
        )
        if link is not None and self.text(link) in ("that", "which") and beyond:  # "the crest that a cardinal has"
            return None
        if link is not None and link and self.pieces[link].does("like") and "other" in self.around.parts_at(link - 1):
            return None  # "ears like a rabbit"
        if link is not None and self.text(link) == "in" and link and self._tells(link - 1):
            return self._take_from(link - 1)
        if link is not None and self.pieces[link].does("than"):
            return self._compare(at)
        if self._is_other_animal(at) or (link is not None and self.text(link) in FIGHTS):  # "it will fight a lion"
            return None
        if state.denied and not state.used:  # "unlike a zebra"
            if self.text(max(state.denies) + 1) != "quite":
                state.used = True
                return None
            self._undeny()  # "not quite a mallard"
        self._flush()
        state.owns = False
        self._tell(Mention("base", (at,), entry.classes))
        return None

    def _take_from(self, at: int) -> None:
        """ "what is red in a cardinal": the value before is the class's own, and nothing of the creature."""
        self._flush()
        self.found = [one for one in self.found if max(one.pieces) != at]

    def _compare(self, at: int) -> None:
        """ "less white in the wing than a mockingbird": whom the latest comparison of the clause is with."""
        self._flush()
        last = self.found[-1] if self.found else None
        if last is not None and last.kind == "value" and last.more and min(last.pieces) >= self.state.since:
            entry = self.pieces[at].entry
            assert entry is not None
            self.found[-1] = replace(last, reference=entry.classes[0], pieces=(*last.pieces, at))

    def _prey(self, at: int) -> None:
        """ "eats seals": an animal is meat; one that is only hunted says nothing here."""
        meat = self.vocabulary.value(self.vocabulary.lexicon.phrase("eats meat"))
        if meat is not None and self.text(at - 1).startswith("eat"):
            self._emit(self._held(at, self.pieces[at], meat), ())

    def _is_object(self, at: int) -> bool:
        """Whether a class is what an unknown verb is about: "guards sheep", "chasing rabbits"."""
        verb = at - 1
        apart = verb > self.state.since and not self.pieces[verb].mark
        unknown = apart and self.pieces[verb].entry is None and self.text(verb).endswith(("s", "ing"))
        return (
            unknown
            and self.text(verb - 1) not in ("a", "an", "the", "your", "my")
            and self.text(at).endswith(("s", "p"))
        )

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
        if self.state.denied and entry.value is not None:  # "none of the zebra's stripes": what is denied follows
            return True
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
        beyond = again + 1
        thought = ("it", "they", "you", "you'd", "people", "one", "some", "most", "we", "i")
        if self.state.denied and beyond < len(self.pieces) and self.text(beyond) in thought:
            self.done |= {value}  # "not as big as you'd think"
            return
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

    def _value(self, at: int) -> None:
        piece, state = self.pieces[at], self.state
        value = piece.entry.value  # type: ignore[union-attr]  # asked for values alone
        assert value is not None
        if self._is_given(at, piece, value):
            return
        if self._is_said_of_thing(at, value) or self._is_shade(at) or self._is_no_mention(at, value):
            state.degree, state.degrees, state.change = None, [], 0
            return
        if self.vocabulary.has_parts and self._is_one(at) and (meant := self._one_of(at)):
            state.parts, state.part_at = meant, None  # "and give it a yellow one"
        elif (
            self.vocabulary.has_parts and (answered := self._part_answered(at)) and self.vocabulary.at(value, answered)
        ):
            state.parts, state.part_at = answered, None
        elif value.color and (marked := self._of_a_mark(at)):
            state.parts, state.part_at = marked, None  # "its cap black"
        held = self._held(at, piece, value)
        state.last = []
        if self.vocabulary.has_parts and value.color and self._is_of_pattern(at):
            state.colored.append(held)
            return
        colored, state.colored = state.colored, []
        if piece.entry is not None and piece.entry.mark is not None:
            self._mark(at, held, piece.entry.mark)
        elif state.parts and self._is_within(at):  # "bill: black above, yellow below"
            for one in (*colored, held):
                self._emit(one, state.parts)
            self.done.add(at + 1)
        elif self.around.part_ahead(at) or (value.color and self.around.mark_ahead(at)):
            state.held.append(held)
        elif (places := self.around.on_a_part(at)) is not None:
            place = next((i for i in range(at + 1, len(self.pieces)) if self.around.is_part(i)), None)
            if place is not None and self.vocabulary.has_parts:
                held.pieces = [*held.pieces, place]
            for one in (*colored, held):
                self._emit(one, places if self.vocabulary.has_parts else ())
            state.last = [held] if self.vocabulary.has_parts else []
            self.done |= set() if place is None else {place}
        elif state.parts and self._is_strange(value):
            for one in colored:  # "a beak that has a red spot"
                self._emit(one, state.parts)
        elif state.parts and self.vocabulary.at(value, (*state.parts, *self._smaller(value))):
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

    def _is_given(self, at: int, piece: Piece, value: Value) -> bool:
        """Whether a class gives the value, as in "the stripes of a zebra"; then that is told."""
        state = self.state
        given = self.around.given_by(
            at, ("of", "like", "as") if value.noun or self.around.names_part(at) else ("like", "as")
        )
        given = None if self.around.part_ahead(at) else given
        if given is not None and state.denied:  # "without the stripes of a zebra", "not blue like a blue jay"
            self.done |= set(range(at + 1, given[1] + 1))
        elif given is not None:
            parts = self.vocabulary.groups_of(piece.entry.parts) if piece.entry and not value.noun else ()
            pieces = tuple(range(at, given[1] + 1))
            self._flush()
            donor = Mention("donor", pieces, (given[0],), groups=parts) if parts else None
            equal = Mention("value", pieces, attributes=value.attributes, reference=given[0], equal=True)
            self._tell(donor or equal)
            self.done |= set(pieces)
            return True
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
    """Mentions without those that say again what was said, whose pieces the first ones have as `again`."""
    kept: dict[Mention, Mention] = {}
    for mention in mentions:
        plain = replace(mention, pieces=())
        first = kept.get(plain)
        kept[plain] = mention if first is None else replace(first, again=(*first.again, *mention.pieces))
    return list(kept.values())
