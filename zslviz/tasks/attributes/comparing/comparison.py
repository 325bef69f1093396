"""Two models on one photo: what each reads, whom each puts first, and what the readings of the other would do to the first's lead.

The *question* is the lead of the class that the first model puts first over its *rival*: the class that the other model puts
first, or the runner-up where both agree. An attribute's *effect* is what becomes of that lead in the first model if this one
attribute is read as the other model reads it, on the class table's scale, and all else stays: an edit like any of the page's, so
exact for every rule. Effects add up where the rule is linear; by a cosine they do not quite, for norms move along.

Both may be compared after edits, and with classes that were made up (`state`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from zslviz.catalogue import data_card
from zslviz.errors import ConfigError
from zslviz.tasks.attributes.comparing.standard import standard_readings
from zslviz.tasks.attributes.comparing.state import check_tables, in_state
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.scoring import ClassRanking
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.base.wording import single

if TYPE_CHECKING:
    from zslviz.tasks.attributes.explanation import Explanation

Pair = tuple[Any, Any]


@dataclass(frozen=True)
class Reading:
    """One attribute in both models. values: on the class table's scale. standard: in standard units. apart: the difference.

    effect: what the first model's lead (`Comparison.lead`) gains or loses if it reads this attribute as the other does. visible:
    whether a place of a photo can show it.
    """

    attribute: int
    values: tuple[float, float]
    standard: tuple[float, float]
    apart: float
    effect: float
    visible: bool


@dataclass(frozen=True)
class RankedTwice:
    """A class with its rank in both models."""

    index: int
    name: str
    seen: bool
    ranks: tuple[int, int]
    true: bool


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two explanations of one photo by models of the same classes and attributes (`compare`). names: of the models, for people.

    request: the state that both are in already (`state.in_state`). handicap: whether the first model's was set.
    """

    one: Explanation
    other: Explanation
    names: tuple[str, str]
    request: RankRequest = field(default_factory=RankRequest)
    handicap: bool = False

    @cached_property
    def rankings(self) -> tuple[ClassRanking, ClassRanking]:
        """Each model's own ranking, with its own handicap for trained classes."""
        return self._ranked(self.one), self._ranked(self.other)

    def _ranked(self, explanation: Explanation, edits: dict[int, float] | None = None) -> ClassRanking:
        return explanation.rank(unseen_only=self.request.unseen_only, image_edits=edits)

    @property
    def made(self) -> int:
        """How many of the classes, the last ones, were made up (`with_invented`)."""
        return len(self.one.space.table) - len(self.one.space.own_table)

    @property
    def winners(self) -> tuple[int, int]:
        """The class that each puts first."""
        one, other = self.rankings
        return int(one.order[0]), int(other.order[0])

    @property
    def rival(self) -> int:
        """Over whom the first model's lead is looked at; its first class itself where no other competes."""
        first, theirs = self.winners
        order = self.rankings[0].order
        return theirs if theirs != first else int(order[min(1, len(order) - 1)])

    @cached_property
    def lead(self) -> float:
        """Of the first model's first class over the rival, in the first model."""
        return self._lead({})

    @cached_property
    def standard(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """What each read, in standard units: two float32 [A]."""
        return standard_readings(self.one), standard_readings(self.other)

    @cached_property
    def apart(self) -> NDArray[np.float32]:
        """What the other read more than the first, in standard units: float32 [A]."""
        one, other = self.standard
        apart = other.astype(np.float64) - one
        apart[list(self.request.image_edits)] = 0
        return np.asarray(apart, dtype=np.float32)

    @cached_property
    def effects(self) -> NDArray[np.float32]:
        """What the lead gains if an attribute alone is read as the other model reads it: float32 [A]."""
        return np.array([single(self._lead(self.swap([a])) - self.lead) for a in range(len(self.apart))], np.float32)

    def swap(self, attributes: Iterable[int]) -> dict[int, float]:
        """The edits after which the first model has read these attributes as the other did; none where they read alike."""
        own, theirs, edited = self.one.values, self.other.values, self.request.image_edits
        return {a: float(theirs[a]) for a in attributes if theirs[a] != own[a] and a not in edited}

    def _lead(self, edits: dict[int, float]) -> float:
        return self.one.contributions(self.winners[0], self.rival, image_edits=edits).margin

    # -- who differs most ---------------------------------------------------------------------------------------------------

    def reading(self, attribute: int) -> Reading:
        """One attribute, by index."""
        a, (one, other) = attribute, self.standard
        values = float(self.one.values[a]), float(self.other.values[a])
        standard, visible = (float(one[a]), float(other[a])), self.one.space.visible[a]
        return Reading(a, values, standard, float(self.apart[a]), float(self.effects[a]), visible)

    def by_difference(self, count: int | None = None) -> list[Reading]:
        """The attributes that are read most differently, in standard units, the largest difference first."""
        return [self.reading(int(a)) for a in np.argsort(-np.abs(self.apart), kind="stable")[:count]]

    def by_effect(self, count: int | None = None) -> list[Reading]:
        """The attributes whose other reading moves the lead most, the largest move first."""
        return [self.reading(int(a)) for a in np.argsort(-np.abs(self.effects), kind="stable")[:count]]

    @cached_property
    def against(self) -> list[int]:
        """The attributes whose other reading takes from the lead, what takes most first."""
        return [int(a) for a in np.argsort(self.effects, kind="stable") if self.effects[a] < 0]

    def turned(self, attributes: Iterable[int]) -> bool:
        """Whether the rival is before the first class in the first model if it reads these attributes as the other does."""
        ranking = self._ranked(self.one, self.swap(attributes))
        return ranking.rank_of(self.rival) < ranking.rank_of(self.winners[0])

    @cached_property
    def needed(self) -> int | None:
        """How many of `against`, taken in their order, put the rival before the first class in the first model; None if none do."""
        for count in range(1, len(self.against) + 1):
            taken = self.against[:count]
            if self._lead(self.swap(taken)) <= 0 and self.turned(taken):
                return count
        return None

    # -- ranks --------------------------------------------------------------------------------------------------------------

    def slope(self, top: int = 5, truth: int | None = None) -> list[RankedTwice]:
        """The classes among the first `top` of either model, and the true one, by their rank in the first."""
        one, other = self.rankings
        chosen = {int(c) for ranking in self.rankings for c in ranking.order[:top]}
        if truth is not None and one.rank_of(truth):
            chosen.add(truth)
        names, seen = self.one.space.class_names, self.one.space.seen
        lines = [
            RankedTwice(c, names[c], bool(seen[c]), (one.rank_of(c), other.rank_of(c)), c == truth)
            for c in sorted(chosen)
        ]
        return sorted(lines, key=lambda line: line.ranks)


def compare(
    one: Explanation,
    other: Explanation,
    names: tuple[str, str] | None = None,
    request: RankRequest | None = None,
) -> Comparison:
    """Two explanations of one photo, side by side.

    names: of the models, as sentences have them; the checkpoints' own if None. request: edits that are made in both, a
    handicap of the first model's, and whether trained classes compete. Raises ConfigError if the models do not have the same
    classes and attributes, in one order, these are two photos, or classes are edited or made up and the tables differ.
    """
    check_spaces((one.model, one.space), (other.model, other.space))
    if one.photo.shape != other.photo.shape or not np.array_equal(one.photo, other.photo):
        raise ConfigError("These are explanations of two photos; two models are compared on one.")
    request = request or RankRequest()
    check_tables(one, other, request)
    handicap = request.gamma is not None and request.gamma != one.gamma
    pair = in_state(one, request, request.gamma), in_state(other, request)
    return Comparison(*pair, names or (one.model, other.model), request, handicap)


def check_spaces(one: tuple[str, SemanticSpace], other: tuple[str, SemanticSpace]) -> None:
    """Raises ConfigError with one sentence if two models, by name and space, do not have the same classes and attributes."""
    (name, space), (theirs, their_space) = one, other
    if space.attributes != their_space.attributes:
        told = [
            f"'{n}' knows {_things(s.name, len(s.classes))} by {len(s.attributes)} attributes" for n, s in (one, other)
        ]
        raise ConfigError(f"{told[0]}, {told[1]}: only models of the same classes and attributes can be compared.")
    if space.classes != their_space.classes:
        few, many = (space, their_space) if len(space.classes) <= len(their_space.classes) else (their_space, space)
        more = next((c for c in many.classes if c not in set(few.classes)), None)
        what = f"only one of them has '{more}'" if more is not None else "they stand in another order"
        raise ConfigError(f"'{name}' and '{theirs}' do not have the same classes ({what}), so they cannot be compared.")


def _things(data: str, classes: int) -> str:
    card = data_card(data)
    return f"{classes} classes" if card is None else f"{classes} {card.title}"


def names_apart(titles: Pair, models: Pair) -> tuple[str, str]:
    """What sentences call two models: the beginnings of their titles ("Mg-MRN") where these differ, else the checkpoints' names."""
    one, other = (str(title).split(" · ")[0] for title in titles)
    return (one, other) if one != other else (str(models[0]), str(models[1]))
