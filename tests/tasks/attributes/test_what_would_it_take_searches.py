"""What would it take: nothing smaller is overlooked, by brute force and by scipy's programs."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, linprog, milp, minimize

from tests.tasks.attributes.taking import linear, shipped, targets
from tests.twin.vectors import KINDS, made_explanation
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.what_would_it_take.few_columns import cheapest_of_few
from zslviz.tasks.attributes.what_would_it_take.fewest import Choice, FewestSearch
from zslviz.tasks.attributes.what_would_it_take.leaves import Leaves
from zslviz.tasks.attributes.what_would_it_take.moves import Limits, Moves, exclusive_groups, single_moves
from zslviz.tasks.attributes.what_would_it_take.problem import Problem
from zslviz.tasks.attributes.what_would_it_take.simplex import cheapest
from zslviz.tasks.attributes.what_would_it_take.squares import nearest
from zslviz.tasks.attributes.whatifs import box


def searched(explanation: Explanation, target: int) -> tuple[Problem, Moves, Leaves, object]:
    problem = Problem(explanation, RankRequest(), target)
    room = Limits().room(problem.values, box(explanation))
    moves = single_moves(explanation.space, room, problem.spread, exclusive_groups(explanation.space))
    leaves = Leaves(problem, moves)
    return problem, moves, leaves, FewestSearch(leaves, np.arange(len(moves))).run()


@pytest.mark.parametrize("kind", ["cosine", "dot"])
def test_no_smaller_support_wins_by_brute_force(kind: str) -> None:
    """On animals, all supports of one and of two less than what is proved, and of a sample of three, on a grid of amounts."""
    rng, checked = np.random.default_rng(0), 0
    grid = np.array([1.0, 0.6, 0.3])
    for explanation in shipped("mgmrn-awa2")[:8]:
        explanation = explanation if kind == "cosine" else linear(explanation)
        for target in targets(explanation):
            problem, moves, _, found = searched(explanation, target)
            if not isinstance(found, Choice) or not found.proved or len(found.chosen) < 2:
                continue
            for size in range(1, min(len(found.chosen), 4)):
                supports = np.array(list(itertools.combinations(range(len(moves)), size)) if size < 3 else [])
                if size == 2 and len(supports) > 1500:
                    supports = supports[rng.choice(len(supports), 1500, replace=False)]
                if size == 3:
                    supports = np.array([rng.choice(len(moves), 3, replace=False) for _ in range(400)])
                for amounts in itertools.product(grid, repeat=size):
                    steps = np.zeros((len(supports), len(problem.values)))
                    for column, t in enumerate(amounts):
                        which = supports[:, column]
                        steps[np.arange(len(supports)), moves.main[which]] += t * moves.steps[moves.starts[which]]
                    moved = problem.scores + problem.pace * steps[:, None]
                    norms = np.sqrt((moved**2).sum(-1)) if problem.cosine else np.ones(moved.shape[:2])
                    leads = problem.fixed + np.einsum("ng,ngr->nr", problem.weights / norms, moved @ problem.apart.T)
                    assert leads.min(axis=1).max() < problem.least
                checked += 1
    assert checked >= 5


def test_fewest_are_as_few_as_a_mixed_integer_program_finds() -> None:
    compared = 0
    for explanation in map(linear, shipped("mgmrn-awa2")[:6]):
        for target in targets(explanation):
            _, moves, leaves, found = searched(explanation, target)
            assert isinstance(found, Choice)
            if not found.proved:
                continue
            j = len(moves)
            rows = np.hstack([leaves.gains, np.zeros_like(leaves.gains)])
            covered = np.hstack([np.eye(j), -np.eye(j)])
            solved = milp(
                np.concatenate([np.zeros(j), np.ones(j)]),
                constraints=[LinearConstraint(rows, leaves.needs, np.inf), LinearConstraint(covered, -np.inf, 0)],
                integrality=np.concatenate([np.zeros(j), np.ones(j)]),
                bounds=Bounds(0, 1),
                options={"time_limit": 3.0},
            )
            if solved.status == 0:
                assert round(solved.fun) == len(found.chosen)
                compared += 1
    assert compared >= 12


def test_the_linear_program_agrees_with_scipy(rng: np.random.Generator) -> None:
    feasible = 0
    for _ in range(150):
        n, r = int(rng.integers(1, 60)), int(rng.integers(1, 30))
        gains, needs = rng.normal(0, 1, (r, n)), rng.normal(0.5, 2, r)
        costs, tops = rng.uniform(0, 2, n) * (rng.random(n) < 0.9), rng.uniform(0.1, 1, n)
        members = np.flatnonzero(rng.random(n) < 0.3)
        shared = [members] if len(members) > 1 else []
        t, prices, _ = cheapest(gains, needs, costs, tops, shared)
        rows = [-gains, *(np.isin(np.arange(n), one)[None].astype(float) for one in shared)]
        limits = np.concatenate([-needs, np.ones(len(shared))])
        solved = linprog(costs, A_ub=np.vstack(rows), b_ub=limits, bounds=list(zip(np.zeros(n), tops, strict=True)))
        assert (t is None) == (solved.status == 2)
        if t is not None:
            feasible += 1
            assert costs @ t == pytest.approx(solved.fun, abs=1e-6)
            assert (gains @ t >= needs - 1e-6).all()
            assert all(price >= 0 for price in prices.values())
    assert 30 < feasible < 140


def test_few_columns_take_the_same_pivots(rng: np.random.Generator) -> None:
    feasible = 0
    for _ in range(300):
        n, r = int(rng.integers(1, 9)), int(rng.integers(1, 40))
        gains, needs, costs = rng.normal(0.4, 1, (r, n)), rng.normal(0.2, 0.7, r), rng.uniform(0, 2, n)
        few, many = cheapest_of_few(gains, needs, costs), cheapest(gains, needs, costs, np.ones(n), [])[0]
        assert (few is None) == (many is None)
        if few is not None:
            feasible += few.any()
            np.testing.assert_allclose(few, many, atol=1e-9)
    assert 30 < feasible < 270


def test_least_and_gentlest_are_the_optima_of_linear_programs() -> None:
    for explanation in map(linear, shipped("mgmrn-awa2")[:3]):
        target = targets(explanation)[2]
        _, moves, leaves, _ = searched(explanation, target)
        least = explanation.what_would_it_take(target, character="least").ways[0]
        gentlest = explanation.what_would_it_take(target, character="gentlest").ways[0]
        spread, j = explanation.scale.table_std.astype(float), len(moves)
        in_all = linprog(moves.costs, A_ub=-leaves.gains, b_ub=-leaves.needs, bounds=(0, 1))
        changes = [abs(edit.value - edit.before) / spread[edit.attribute] for edit in least.edits]
        assert sum(changes) == pytest.approx(in_all.fun, abs=0.05)
        caps = np.hstack([np.diag(moves.strides), -np.ones((j, 1))])
        rows = np.vstack([np.hstack([-leaves.gains, np.zeros((len(leaves.needs), 1))]), caps])
        limits = np.concatenate([-leaves.needs, np.zeros(j)])
        largest = linprog(np.eye(j + 1)[-1], A_ub=rows, b_ub=limits, bounds=[(0, 1)] * j + [(0, None)])
        found = max(abs(edit.value - edit.before) / spread[edit.attribute] for edit in gentlest.edits)
        assert found == pytest.approx(largest.fun, abs=0.01)


@pytest.mark.parametrize("kind", KINDS)
def test_descriptions_are_as_few_as_trying_all_finds(kind: str) -> None:
    compared = 0
    for seed in range(40):
        explanation = made_explanation(kind, "plain", seed)  # type: ignore[arg-type]
        space = explanation.space
        if len(space.attributes) > 9 or len(space.classes) < 4:
            continue
        target = int(explanation.rank().order[2])
        answer = explanation.what_would_it_take(target, "description")
        ends = box(explanation)
        levels = [np.unique([row, *np.linspace(*pair, 5)]) for row, pair in zip(space.table[target], ends, strict=True)]
        least = np.inf
        for size in (1, 2):
            for support in itertools.combinations(range(len(space.attributes)), size):
                for values in itertools.product(*(levels[a] for a in support)):
                    edits = {(target, a): float(v) for a, v in zip(support, values, strict=True)}
                    if RankRequest(class_edits=edits).rank(explanation).order[0] == target:
                        least = min(least, size)
                        break
                if least <= size:
                    break
            if least <= size:
                break
        if np.isfinite(least):
            assert answer.ways, (seed, answer.sentence.text)
            assert answer.ways[0].count <= least
        elif answer.ways:
            assert answer.ways[0].count > 1
        compared += 1
        if compared == 4:
            break
    assert compared


@pytest.mark.parametrize("kind", ["dot", "cosine"])
def test_the_least_sum_of_squares_is_what_scipy_finds(kind: str) -> None:
    for explanation in shipped("mgmrn-awa2")[:2]:
        explanation = explanation if kind == "cosine" else linear(explanation)
        target = targets(explanation)[2]
        problem, *_ = searched(explanation, target)
        spread, ends = problem.spread, np.stack(Limits().room(problem.values, box(explanation)), axis=1)
        way = explanation.what_would_it_take(target, character="squares").ways[0]
        assert way.proved == (kind == "dot")
        z = np.zeros(len(spread))
        for edit in way.edits:
            z[edit.attribute] = (edit.value - edit.before) / spread[edit.attribute]
        solved = minimize(
            lambda one: float(one @ one),
            z * 1.05,
            jac=lambda one: 2 * one,
            bounds=ends / spread[:, None],
            constraints={
                "type": "ineq",
                "fun": lambda one, problem=problem: problem.leads(one * problem.spread) - problem.least,
            },
            method="SLSQP",
            options={"maxiter": 60},
        )
        assert float(z @ z) <= (1.02 if kind == "dot" else 1.1) * solved.fun + 1e-3  # by tangents the smallest found
        others = explanation.what_would_it_take(target, character="least").ways[0]
        assert z @ z < sum(((edit.value - edit.before) / spread[edit.attribute]) ** 2 for edit in others.edits)


def test_natural_changes_go_along_with_how_classes_are_described() -> None:
    """Of edits that go together in classes, more are of one mind than of edits that are merely small."""
    agree = {"squares": 0.0, "natural": 0.0}
    for explanation in map(linear, shipped("mgmrn-awa2")[:3]):
        table = explanation.space.table.astype(np.float64)
        table = (table - table.mean(axis=0)) / table.std(axis=0)
        for target, character in itertools.product(targets(explanation)[1:3], agree):
            way = explanation.what_would_it_take(target, character=character).ways[0]  # type: ignore[arg-type]
            assert way.proved
            z = np.zeros(table.shape[1])
            for edit in way.edits:
                z[edit.attribute] = (edit.value - edit.before) / float(explanation.scale.table_std[edit.attribute])
            agree[character] += float(
                np.square(table @ z).mean() / (z @ z)
            )  # what of it lies along the table's own ways
    assert agree["natural"] > 1.3 * agree["squares"]


def test_nearest_keeps_its_ends_and_has_no_cheaper_one_beside_it(rng: np.random.Generator) -> None:
    found = 0
    for _ in range(60):
        a, r = int(rng.integers(2, 25)), int(rng.integers(1, 12))
        root = rng.normal(0, 1, (a, a))
        along = root @ root.T / a + 0.3 * np.eye(a)
        slopes, needs = rng.normal(0, 1, (r, a)), rng.normal(0.5, 1, r)
        low, high = -rng.uniform(0, 1.5, a), rng.uniform(0, 1.5, a)
        answer = nearest(along, slopes, needs, low, high)
        feasible = linprog(np.zeros(a), A_ub=-slopes, b_ub=-needs, bounds=list(zip(low, high, strict=True))).status == 0
        assert (answer is not None) == feasible
        if answer is None:
            continue
        found += 1
        z, worth = answer
        inverse = np.linalg.inv(along)
        assert worth == pytest.approx(z @ inverse @ z, abs=1e-6)
        assert (slopes @ z >= needs - 1e-6).all()
        assert ((low - 1e-9 <= z) & (z <= high + 1e-9)).all()
        solved = minimize(
            lambda one, inverse=inverse: float(one @ inverse @ one),
            z,
            jac=lambda one, inverse=inverse: 2 * inverse @ one,
            bounds=list(zip(low, high, strict=True)),
            constraints={"type": "ineq", "fun": lambda one, rows=slopes, ends=needs: rows @ one - ends},
            method="SLSQP",
        )
        assert worth <= solved.fun + 1e-5
    assert 15 < found < 60
