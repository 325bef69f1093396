"""Rankings as sequences of lines, and the order of what competes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import make_composition_space, make_label_space, make_scale, make_space
from zslviz.tasks.attributes.scoring import ScoringRule, rank_classes
from zslviz.tasks.base.ranking import Ranking, best_first
from zslviz.tasks.compositional.scoring import PairRanking
from zslviz.tasks.multilabel.scoring import rank_labels


def of_classes() -> Ranking:
    scores = np.random.default_rng(0).normal(size=(3, 5)).astype(np.float32)
    return rank_classes(make_scale().edit(scores, {}), make_space(), ScoringRule("dot", (1.0, 1.0, 1.0)), 0.1, True)


def of_labels() -> Ranking:
    scores = np.random.default_rng(0).normal(size=6).astype(np.float32)
    return rank_labels(scores, make_label_space(), 0.2, 0.0, unseen_only=True)


def of_pairs() -> Ranking:
    space = make_composition_space()
    tables = np.random.default_rng(0).normal(size=(3, *space.shape)).astype(np.float32)
    order = best_first(tables[1], space.candidates)
    return PairRanking(tables[0], space.candidates, order, tables[1], tables[2], space)


@pytest.fixture(params=[of_classes, of_labels, of_pairs])
def ranking(request: pytest.FixtureRequest) -> Ranking:
    return request.param()


def test_a_ranking_is_a_sequence_of_its_lines(ranking: Ranking) -> None:
    lines = ranking.lines()
    assert len(lines) == len(ranking) == int(ranking.competing.sum()) > 1
    assert list(ranking) == lines == ranking and ranking == ranking[:]
    assert ranking != lines[1:] and ranking != "lines"
    assert (ranking[0], ranking[-1], ranking.best) == (lines[0], lines[-1], lines[0])
    assert ranking[1:] == lines[1:] and ranking[::-1] == lines[::-1] and ranking.lines(1) == lines[:1]
    assert [line.rank for line in ranking] == list(range(1, len(lines) + 1))
    assert lines[1] in ranking and list(reversed(ranking)) == lines[::-1]
    with pytest.raises(IndexError):
        ranking[len(lines)]


def test_what_does_not_compete_has_rank_0_and_a_line(ranking: Ranking) -> None:
    assert ((ranking.ranks > 0) == ranking.competing).all()
    assert sorted(ranking.ranks[ranking.competing]) == list(range(1, len(ranking) + 1))
    for index in np.ndindex(ranking.scores.shape):
        at = index if len(index) > 1 else index[0]
        line = ranking.line(at)
        assert line.rank == ranking.rank_of(at) == ranking.ranks[index]
        assert line.name == ranking.names[int(np.ravel_multi_index(index, ranking.scores.shape))]
        assert line.seen is bool(ranking.seen[index])
        if line.rank:
            assert line == ranking[line.rank - 1]


@given(
    st.lists(st.tuples(st.integers(-2, 2), st.booleans()), min_size=1, max_size=30),
    st.one_of(st.none(), st.integers(0, 40)),
)
def test_the_best_come_first_and_equals_as_they_are_listed(things: list[tuple[int, bool]], count: int | None) -> None:
    values = np.array([value for value, _ in things], dtype=np.float32)
    competing = np.array([competes for _, competes in things])
    expected = sorted(np.flatnonzero(competing).tolist(), key=lambda i: -values[i])
    assert best_first(values, competing, count).tolist() == expected[:count]


def test_labels_are_found_from_a_threshold_on_or_by_how_many() -> None:
    scores = np.array([0.5, 0.1, 0.9, 0.4, 0.2, 0.3], dtype=np.float32)
    by_threshold = rank_labels(scores, make_label_space(), 0.0, 0.4)
    assert [line.found for line in by_threshold] == [True, True, True, False, False, False]
    by_count = rank_labels(scores, make_label_space(), 0.0, 0.4, first=2)
    assert [line.found for line in by_count] == [True, True, False, False, False, False]
    assert [line.name for line in by_count] == [line.name for line in by_threshold]
