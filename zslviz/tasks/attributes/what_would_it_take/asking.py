"""The question as a whole: searches for one way after the other, and edits in round numbers that the ranking itself confirms."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.what_would_it_take.answer import (
    Answer,
    By,
    Character,
    Edit,
    NearMiss,
    Side,
    Told,
    Way,
)
from zslviz.tasks.attributes.what_would_it_take.description import Described
from zslviz.tasks.attributes.what_would_it_take.fewest import Blocked, Choice, FewestSearch
from zslviz.tasks.attributes.what_would_it_take.gamma import gamma_alone
from zslviz.tasks.attributes.what_would_it_take.least import least_change
from zslviz.tasks.attributes.what_would_it_take.leaves import Leaves
from zslviz.tasks.attributes.what_would_it_take.moves import (
    Doubles,
    Indices,
    Moves,
    exclusive_groups,
    part_moves,
    single_moves,
)
from zslviz.tasks.attributes.what_would_it_take.problem import Problem
from zslviz.tasks.attributes.what_would_it_take.question import Question
from zslviz.tasks.attributes.what_would_it_take.singles import strongest_single
from zslviz.tasks.attributes.what_would_it_take.squares import least_squares
from zslviz.tasks.attributes.what_would_it_take.standing import Standing
from zslviz.tasks.attributes.what_would_it_take.start import Moved
from zslviz.tasks.attributes.whatifs import box

if TYPE_CHECKING:
    from zslviz.tasks.attributes.explanation import Explanation

_LED = 12  # changes whose leads are told one by one
_HARDER = 4  # times that a way which rounding took back is looked for with a larger lead


def answered(explanation: Explanation, question: Question, request: RankRequest | None = None) -> Answer:
    """What it would take, after the edits of `request`. Raises ConfigError if the class does not compete."""
    return _Asked(explanation, question, request or RankRequest()).answer()


class CanBeAsked:
    """What an explanation by attributes can be asked, as a method."""

    def what_would_it_take(
        self,
        target: str | int,
        side: Side = "photo",
        character: Character = "fewest",
        lock: Sequence[str | int] = (),
        by: By = "attributes",
        ways: int = 1,
        ranges: Mapping[str | int, tuple[float, float]] | None = None,
        request: RankRequest | None = None,
    ) -> Answer:
        """The smallest edits after which a class is first, over all rivals at once; no network runs.

        target: a class by name or number. side: what the model would have to have seen ("photo"), or how the class would have to be
        described ("description"). character, of the photo's side: as few attributes as possible ("fewest"), as little change in
        standard steps in all ("least"), of any one attribute ("gentlest"), in squares ("squares"), or in squares by how attributes
        go together in the class table ("natural"). lock: attributes or whole groups that stay. by: single attributes, or "parts",
        whole groups that become the class's (what the model saw, of a description). ways: how many different ones, at most 5,
        which share one group at most. ranges: attribute -> (least, most). request: gamma, edits and competing classes, from which
        it starts. Raises ConfigError, UnknownNameError.
        """
        explanation = cast("Explanation", self)
        question = Question.parse(explanation.space, target, side, character, by, lock, ranges, ways)
        return answered(explanation, question, request)


class _Asked:
    def __init__(self, explanation: Explanation, question: Question, request: RankRequest) -> None:
        self.explanation, self.question, self.request = explanation, question, request
        self.problem = problem = Problem(explanation, request, question.target)
        self.ranked = request, problem.ranking  # the request that was ranked last, and how
        self.standing = Standing(explanation, problem.ranking, problem.rows, question.target)
        self.space = problem.ranking.space
        self.leaves: Leaves | None = None
        self.told = Told(self.space, question.target, question.side, question.by)
        self.row = self.space.table[question.target].astype(np.float64)
        self.start = problem.values if question.side == "photo" else self.row
        self.moved: Moved | None = None
        if question.side == "photo" and question.by == "attributes":
            self.moved = problem.start.moved(question.limits, self._moves)
        self.moves = self._moves() if self.moved is None else self.moved.moves

    def _moves(self) -> Moves:
        question, problem = self.question, self.problem
        room = question.limits.room(self.start, box(self.explanation))
        if question.by == "parts":
            goal = self.row if question.side == "photo" else problem.values
            return part_moves(self.space, self.start, goal, room, problem.spread)
        return single_moves(self.space, room, problem.spread, exclusive_groups(self.explanation.space))

    def answer(self) -> Answer:
        rank, lead = self.problem.ranking.rank_of(self.question.target), self._lead(self.request)
        alone = gamma_alone(self.explanation, self.request, self.question.target, self.problem.ranking)
        if rank == 1:
            return self._answer(rank, (), None, None, False, None, self.told.first_already())
        ways: list[Way] = []
        used: list[Choice] = []
        blocked: Blocked | None = None
        while len(ways) < self.question.ways:
            found = self._next(used)
            if isinstance(found, Blocked):
                blocked = found
                break
            choice, request, edits = found
            used.append(choice)
            ways.append(self._way(len(ways) + 1, choice, request, edits, lead))
        near = None
        if self.question.character == "fewest" and (not ways or ways[0].count > 1):
            first = used[0] if used else blocked
            near = self._near_miss(lead, first is not None and (first.proved or first.no_single))
        if ways:
            return self._answer(rank, tuple(ways), near, None, False, alone, ways[0].sentence)
        assert blocked is not None
        rival = int(self.problem.rivals[blocked.rival])
        said = self.told.nothing(rival, blocked.proved, self.question.limits.keep)
        return self._answer(rank, (), near, rival, blocked.proved, alone, said)

    def _answer(
        self,
        rank: int,
        ways: tuple[Way, ...],
        near: NearMiss | None,
        blocking: int | None,
        impossible: bool,
        alone: float | None,
        said: Any,
    ) -> Answer:
        q = self.question
        return Answer(q.target, q.side, q.character, q.by, rank, ways, near, blocking, impossible, alone, said)

    # -- one way after the other ------------------------------------------------------------------------------------------

    def _next(self, used: Sequence[Choice]) -> tuple[Choice, RankRequest, tuple[Edit, ...]] | Blocked:
        """The next way, with the request that has it made and the edits that this takes."""
        allowed, earlier = self._allowed(used)
        least = self.problem.least
        try:
            for _ in range(_HARDER):
                found = self._search(allowed, earlier)
                if isinstance(found, Blocked):
                    return found
                confirmed = self._confirmed(found)
                if confirmed is not None:
                    return found, *confirmed
                self.problem.least *= 10
            return Blocked(int(np.argmin(self.problem.leads(np.zeros_like(self.problem.values)))), False)
        finally:
            self.problem.least = least

    def _search(self, allowed: Indices, earlier: Sequence[frozenset[int]]) -> Choice | Blocked:
        if self.question.side == "description":
            return Described(self.problem, self.moves, self.row).fewest(allowed)
        leaves = self._leaves()
        if self.question.character in ("squares", "natural"):
            return least_squares(leaves, allowed, cast(Any, self.question.character))
        if self.question.character != "fewest":
            return least_change(leaves, allowed, cast(Any, self.question.character))
        found = FewestSearch(leaves, allowed, earlier).run()
        if isinstance(found, Choice) or found.proved or self.moves.whole or earlier:
            return found
        other = least_change(leaves, allowed, "least")
        return found if isinstance(other, Blocked) else replace(other, proved=False, no_single=found.no_single)

    def _leaves(self) -> Leaves:
        """For the lead that is looked for now."""
        if self.leaves is None or self.leaves.least != self.problem.least:
            self.leaves = Leaves(self.problem, self.moves, self.moved)
        return self.leaves

    def _allowed(self, used: Sequence[Choice]) -> tuple[Indices, list[frozenset[int]]]:
        """The moves that another way may take: of other attributes than every way before, and of one of its groups at most."""
        moves, allowed = self.moves, np.arange(len(self.moves))
        earlier = [frozenset(int(moves.groups[j]) for j in choice.chosen) for choice in used]
        for choice, groups in zip(used, earlier, strict=True):
            taken = np.unique(moves.main[list(choice.chosen)])
            allowed = allowed[~np.isin(moves.main[allowed], taken)]
            if (
                self.question.side == "description" or self.question.character != "fewest"
            ):  # these searches know no groups
                costs = moves.costs[list(choice.chosen)] * choice.amounts
                kept = int(moves.groups[choice.chosen[int(np.argmax(costs.astype(np.float32)))]])
                allowed = allowed[~np.isin(moves.groups[allowed], sorted(groups - {kept}))]
        return allowed, earlier

    # -- edits ------------------------------------------------------------------------------------------------------------

    def _edits(self, moves: Moves, choice: Choice, decimals: int | None) -> tuple[Edit, ...]:
        """The values that change, those that changes are called after first, largest first; rounded away from what they are now."""
        change = moves.change(choice.chosen, choice.amounts) if choice.change is None else choice.change
        named = set(np.flatnonzero(change).tolist())
        if not moves.whole:  # a kind that others of its group lower by more than its own move raises it goes along
            named = {
                int(moves.main[j]) for j in choice.chosen if moves.steps[moves.starts[j]] * change[moves.main[j]] > 0
            }
        order = sorted(
            np.flatnonzero(change), key=lambda a: (a not in named, -np.float32(abs(change[a]) / moves.spread[a]), a)
        )
        edits = []
        for a in map(int, order):
            now, value = float(self.start[a]), float(self.start[a] + change[a])
            if decimals is not None and not moves.whole:
                scale, up = 10.0**decimals, change[a] > 0
                value = (math.ceil(value * scale - 1e-6) if up else math.floor(value * scale + 1e-6)) / scale + 0.0
                value = min(value, now + float(moves.highest[a])) if up else max(value, now + float(moves.lowest[a]))
            edits.append(Edit(a, now, value, a not in named))
        return self._stepped(moves, choice, edits)

    def _stepped(self, moves: Moves, choice: Choice, edits: Sequence[Edit]) -> tuple[Edit, ...]:
        """The edits with the changes that they are of, numbered as they come."""
        owners = {int(moves.main[j]): j for j in choice.chosen}
        for j in choice.chosen:
            own = slice(moves.starts[j], moves.starts[j + 1])
            for a in moves.attributes[
                own if choice.change is None else moves.units[moves.owners] == moves.units[j]
            ].tolist():
                owners.setdefault(a, j)
        steps: dict[int, int] = {}
        return tuple(
            replace(edit, step=steps.setdefault(owners.get(edit.attribute, -1 - edit.attribute), len(steps)))
            for edit in edits
        )

    def _confirmed(self, choice: Choice) -> tuple[RankRequest, tuple[Edit, ...]] | None:
        """The edits in the roundest numbers after which the ranking has the class first."""
        for decimals in (2, 3, 4, None) if self.question.character == "fewest" else (4, 5, None):
            edits = self._edits(self.moves, choice, decimals)
            request = self._with(edits)
            if self._lead(request) > 0:
                return request, edits
        return None

    def _with(self, edits: Sequence[Edit]) -> RankRequest:
        values = {edit.attribute: edit.value for edit in edits}
        if self.question.side == "photo":
            return replace(self.request, image_edits={**self.request.image_edits, **values})
        own = {(self.question.target, a): value for a, value in values.items()}
        return replace(self.request, class_edits={**self.request.class_edits, **own})

    def _lead(self, request: RankRequest) -> float:
        """Of the class over the best other one, as the ranking has it."""
        if self.question.side == "photo" and request is not self.request:
            return self.standing.lead(request)
        if self.ranked[0] is not request:
            self.ranked = request, request.rank(self.explanation)
        ranking = self.ranked[1]
        others = [c for c in ranking.order[:2].tolist() if c != self.question.target][:1]
        if not others:
            return math.inf
        return float(ranking.calibrated[self.question.target]) - float(ranking.calibrated[others[0]])

    def _groups(self, choice: Choice) -> tuple[str, ...]:
        if self.question.by != "parts":
            return ()
        return tuple(self.space.groups[int(self.moves.main[j])] for j in choice.chosen)

    def _way(self, number_: int, choice: Choice, request: RankRequest, edits: tuple[Edit, ...], lead: float) -> Way:
        groups = self._groups(choice)
        said = self.told.way(edits, groups)
        count = len(groups) or sum(not edit.along for edit in edits)
        leads = self._leads(edits, lead, self._lead(request))
        return Way(number_, edits, count, groups, choice.proved, lead, leads[-1], leads, 1, said)

    def _leads(self, edits: Sequence[Edit], first: float, last: float) -> tuple[float, ...]:
        """The leads when one change after the other is made."""
        steps = max(edit.step for edit in edits) + 1
        between = range(1, steps) if steps <= _LED else ()
        return first, *(self._lead(self._with([e for e in edits if e.step < step])) for step in between), last

    def _near_miss(self, lead: float, proved: bool) -> NearMiss | None:
        """How far the strongest single change gets; None if none gets anywhere."""
        everything = np.arange(len(self.moves))
        if self.question.side == "photo":
            strongest = strongest_single(self._leaves(), everything)
        else:
            strongest = self._strongest_description(everything)
        if strongest is None or not lead < 0:
            return None
        move, amount, after = strongest
        choice = Choice((move,), np.array([amount]), False)
        share = min(max(1 - after / lead, 0.0), 0.99)
        group = self._groups(choice)[0] if self.question.by == "parts" else None
        edits = self._edits(self.moves, choice, 2)
        return NearMiss(edits, group, share, proved, self.told.near(edits, group, share, proved))

    def _strongest_description(self, allowed: Indices) -> tuple[int, float, float] | None:
        if not len(allowed):
            return None
        described = Described(self.problem, self.moves, self.row)
        best: tuple[int, float, float] | None = None
        for part in (1.0,) if self.moves.whole else (1.0, 0.75, 0.5, 0.25):
            leads: Doubles = described.lead(described.rows_after(allowed, np.full(len(allowed), part)))
            place = int(np.argmax(leads.astype(np.float32)))
            if best is None or leads[place] > best[2] + 1e-9:
                best = int(allowed[place]), part, float(leads[place])
        return best if best is not None and best[2] > float(described.lead(self.row)) + 1e-9 else None
