"""Two models in words, true of the numbers that they are made of.

    Giraffe is first for Mg-MRN, Horse for MSDN. MSDN reads spots 0.30 lower; that alone puts Horse before Giraffe in Mg-MRN's
    ranking.

Three things are told: who is first for each; which reading of the other model decides in the first (`Comparison.effects`), alone,
or how many together, or that none do; and, where the true class is known, who is right. After edits it is said that they hold for
both.

The page says the same, to the last character (`zslviz/ui/twin/comparing.js`).
"""

from __future__ import annotations

from collections.abc import Iterator

from zslviz.tasks.attributes.comparing.comparison import Comparison
from zslviz.tasks.base.wording import Part, Sentence, listed, ordinal, size_part

_LISTED = 3  # attributes that are named of several that decide together
Pieces = Iterator[Part | str]


def comparison_sentence(compared: Comparison, truth: int | None = None) -> Sentence:
    """What is so of two models on a photo. truth: index of the true class, where it is known."""
    return Sentence.of([*_winners(compared), *_readings(compared), *_verdict(compared, truth), *_state(compared)])


def _class(compared: Comparison, index: int) -> Part:
    return Part("class", compared.one.space.class_names[index], index)


def _winners(compared: Comparison) -> Pieces:
    (one, other), (first, theirs) = compared.names, compared.winners
    if first == theirs:
        yield from (_class(compared, first), f" is first for both {one} and {other}.")
    else:
        yield from (_class(compared, first), f" is first for {one}, ", _class(compared, theirs), f" for {other}.")


def _reads(compared: Comparison, attribute: int) -> Pieces:
    """ "spots 0.30 lower" """
    reading = compared.reading(attribute)
    more = reading.values[1] - reading.values[0]
    yield Part("attribute", compared.one.space.attribute_names[attribute], attribute)
    yield from (" ", size_part(more), " lower" if more < 0 else " higher")


def _readings(compared: Comparison) -> Pieces:
    """What the other model's readings do to the first one's lead."""
    one, other = compared.names
    first, rival = _class(compared, compared.winners[0]), _class(compared, compared.rival)
    if not compared.effects.any():
        alike = not compared.apart.any()
        yield " They read all attributes alike." if alike else f" What {other} reads otherwise counts for nothing here."
        return
    agree = compared.winners[0] == compared.winners[1]
    if agree and compared.needed != 1:
        yield from _moves_most(compared)
        return
    before = (rival, " before ", first, f" in {one}'s ranking")
    if compared.needed == 1:
        yield from (f" {other} reads ", *_reads(compared, compared.against[0]), "; that alone puts ", *before)
        yield from (f", though not in {other}'s own.",) if agree else (".",)
    elif compared.needed is None:
        yield from (f" All readings of {other}'s that speak against ", first, " together do not put ", *before)
        yield ": the two differ in how they count what they read."
    else:
        count = compared.needed
        named = listed([list(_reads(compared, a)) for a in compared.against[: min(count, _LISTED)]])
        yield from (f" No single reading of {other}'s puts ", *before, f"; the {count} that count most do together")
        yield from (": " if count <= _LISTED else ", first of all ", *named, ".")


def _moves_most(compared: Comparison) -> Pieces:
    """The reading that moves the lead most, where no single one turns it."""
    (one, other), most = compared.names, compared.by_effect(1)[0]
    yield from (f" {other} reads ", *_reads(compared, most.attribute), ", which would ")
    yield from ("take " if most.effect < 0 else "add ", size_part(most.effect), " from " if most.effect < 0 else " to ")
    yield from (f"{one}'s lead of ", size_part(compared.lead)) if compared.lead else (f"{one}'s lead",)
    yield from (" over ", _class(compared, compared.rival), ".")


def _verdict(compared: Comparison, truth: int | None) -> Pieces:
    if truth is None or not compared.rankings[0].rank_of(truth):
        return
    right = [winner == truth for winner in compared.winners]
    if all(right):
        yield " Both are right."
    elif any(right):
        yield f" {compared.names[right.index(True)]} is right."
    else:
        places = [ordinal(ranking.rank_of(truth)) for ranking in compared.rankings]
        yield from (" Both are wrong: it is ", _class(compared, truth))
        yield f", {places[0]} for {compared.names[0]} and {places[1]} for {compared.names[1]}."


def _state(compared: Comparison) -> Pieces:
    """What the comparison is of, where it is not of the photo and the models alone."""
    (one, other), request, made = compared.names, compared.request, compared.made
    if request.edited:
        yield " The edits are made in both."
    if made:
        yield (
            " The class that was made up competes in both."
            if made == 1
            else f" The {made} classes that were made up compete in both."
        )
    if compared.handicap:
        yield f" The handicap that was set is {one}'s; {other} keeps its own."
    if request.unseen_only:
        yield " Classes trained on are left out."
