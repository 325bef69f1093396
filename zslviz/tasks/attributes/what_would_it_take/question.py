"""What is asked: for which class, on which side, in what manner and within which limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from zslviz.errors import ConfigError
from zslviz.tasks.attributes.requests import attribute_at, class_at
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.attributes.what_would_it_take.answer import BY, CHARACTERS, SIDES, By, Character, Side
from zslviz.tasks.attributes.what_would_it_take.moves import Limits
from zslviz.tasks.base.requests import number

MOST_WAYS = 5


@dataclass(frozen=True)
class Question:
    """What is asked for the class at `target`; ways: how many different ones."""

    target: int
    side: Side = "photo"
    character: Character = "fewest"
    by: By = "attributes"
    limits: Limits = field(default_factory=Limits)
    ways: int = 1

    @classmethod
    def parse(
        cls,
        space: SemanticSpace,
        target: Any,
        side: Any = "photo",
        character: Any = "fewest",
        by: Any = "attributes",
        lock: Any = (),
        ranges: Any = None,
        ways: Any = 1,
    ) -> Question:
        """From names or numbers. Raises ConfigError, UnknownNameError."""
        for value, known, what in ((side, SIDES, "side"), (character, CHARACTERS, "character"), (by, BY, "by")):
            if value not in known:
                raise ConfigError(f"'{what}' must be {' or '.join(known)}, not '{value}'.")
        if character != "fewest" and (by == "parts" or side == "description"):
            what = "Parts" if by == "parts" else "Descriptions"
            raise ConfigError(f"{what} are changed as few as possible; leave out '{character}'.")
        if isinstance(ways, bool) or not isinstance(ways, int) or not 1 <= ways <= MOST_WAYS:
            raise ConfigError(f"'ways' must be a number from 1 to {MOST_WAYS}.")
        if lock is None or isinstance(lock, str) or not isinstance(lock, Sequence):
            lock = [] if lock is None else [lock]
        if ranges is not None and not isinstance(ranges, Mapping):
            raise ConfigError("Ranges must look like {attribute: [least, most]}.")
        ends = {attribute_at(space, name): _ends(name, pair) for name, pair in (ranges or {}).items()}
        locked = frozenset(a for name in lock for a in _locked(space, name))
        index = class_at(space, target)
        return cls(index, cast(Side, side), cast(Character, character), cast(By, by), Limits(locked, ends), ways)


def _locked(space: SemanticSpace, name: Any) -> list[int]:
    members = [a for a, group in enumerate(space.groups) if group == name]
    return members or [attribute_at(space, name)]


def _ends(name: Any, pair: Any) -> tuple[float, float]:
    if not isinstance(pair, Sequence) or isinstance(pair, str) or len(pair) != 2:
        raise ConfigError(f"The range of '{name}' must be two numbers, such as [0, 0.5].")
    low, high = (number(end, str(name)) for end in pair)
    if low > high:
        raise ConfigError(f"The range of '{name}' ends before it begins; write the smaller number first.")
    return low, high
