"""One thing that a sentence says of a class, and what is kept while it is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from zslviz.tasks.attributes.invent.vocabulary import Value

Kind = Literal["base", "value", "donor"]
PLAIN, LITTLE = 0.85, 0.35


@dataclass(frozen=True)
class Mention:
    """One thing that a sentence says. pieces: indices of the pieces that say it, in order.

    kind: "base", it is like `classes`; "value", `attributes` have `sign` 1 (has, or more) or -1 (lacks, or less); "donor", `groups`
    of attributes are as the class has them. degree: how much, from 0 to 1. more: against what it would have else. reference: the
    class that it is compared with. equal: as much as that; times: so many times as much ("half as big").
    again: further pieces, which say it once more.
    """

    kind: Kind
    pieces: tuple[int, ...]
    classes: tuple[int, ...] = ()
    attributes: tuple[int, ...] = ()
    groups: tuple[str, ...] = ()
    sign: int = 1
    degree: float = PLAIN
    more: bool = False
    reference: int | None = None
    equal: bool = False
    times: float = 1.0
    again: tuple[int, ...] = ()


def without(found: Sequence[Mention], these: Sequence[Mention]) -> list[Mention]:
    """The mentions but for these themselves; one that says the same stays."""
    return [one for one in found if not any(one is other for other in these)]


@dataclass
class Held:
    """A value that waits for its part."""

    pieces: list[int]
    value: Value
    sign: int
    degree: float
    more: bool = False
    reference: int | None = None
    equal: bool = False


@dataclass
class State:
    denied: str = ""  # "not", "no" or "little"
    denies: list[int] = field(default_factory=list)
    used: bool = False  # whether the denial has met something
    degree: float | None = None
    degrees: list[int] = field(default_factory=list)
    swaps: bool = False  # after "swap", until the end: what stands before "for" is denied
    change: int = 0  # 1 after "more", -1 after "less"
    parts: tuple[str, ...] = ()
    part_at: int | None = None
    held: list[Held] = field(default_factory=list)
    owns: bool = False  # after "with" and its kin: what follows is a thing that it has
    described: bool = False  # whether a part was spoken of
    fresh: bool = False  # whether nothing was said yet of the parts
    told: list[Held] = field(default_factory=list)  # the latest values of a part, and which part that is
    told_of: tuple[str, ...] = ()
    last: list[Held] = field(default_factory=list)  # what was said of the part before
    raised: bool = False  # whether the denial holds over a clause that hangs on it: "I don't think it has"
    conditional: bool = False  # after "if"
    excepting: bool = False  # after "apart from", until the sentence speaks of the creature again
    doubt: Literal["", "item", "clause", "sentence"] = (
        ""  # as far as this goes, nothing is told: its sign would be a guess
    )
    others: list[Mention] | None = None  # what is said of others, None where none was spoken of
    since: int = 0  # the piece with which the clause began
    since_before: int = 0  # and the one before it
    begun: int = 0  # and the sentence
    before: tuple[tuple[str, ...], int | None, bool] = (
        (),
        None,
        False,
    )  # the part before a comma, and whether a denial was used
    spared: list[Mention] = field(default_factory=list)  # what "but" may spare a part: "nothing yellow but the bill"
    colored: list[Held] = field(default_factory=list)  # colours of a pattern that comes: "white bars"
    aside: tuple[tuple[str, ...], int | None] | None = None  # the part before "unlike ...", to go on with after it
