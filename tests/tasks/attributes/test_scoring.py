from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import make_scale, make_space
from zslviz.errors import ConfigError
from zslviz.tasks.attributes.scoring import (
    AttributeScale,
    ScoringRule,
    calibrate,
    class_scores,
    contributions,
    rank_classes,
)
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.base.arrays import order_free_sums

DOT = ScoringRule("dot", (0.7, 0.2, 0.1))
COSINE = ScoringRule("cosine", (20.0, 20.0, 20.0))
rules = pytest.mark.parametrize("rule", [DOT, COSINE], ids=["dot", "cosine"])
edits_strategy = st.dictionaries(st.integers(0, 4), st.floats(-0.5, 1.5, width=32), max_size=5)


# -- class scores ---------------------------------------------------------------------------------------------------


def test_classes_that_differ_in_the_order_of_their_terms_alone_are_equal() -> None:
    """A plain sum tells them apart in its last digit, and which of them is ahead would hang on the processor."""
    rng = np.random.default_rng(5)
    rows = np.array([rng.permutation(row) for row in [rng.normal(size=312)] * 200])
    assert len(set(rows.cumsum(axis=1)[:, -1].tolist())) > 1
    assert len(set(order_free_sums(rows).tolist())) == 1
    assert order_free_sums(rows)[0] == pytest.approx(math.fsum(rows[0]), rel=1e-12)
    table = rows[:40].clip(0, 1).astype(np.float32)
    space = SemanticSpace(
        tuple("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN"),
        tuple(map(str, range(312))),
        ("g",) * 312,
        table,
        rng.random(40) < 0.5,
    )
    for rule in (ScoringRule("dot", (0.7,)), ScoringRule("cosine", (20.0,)), ScoringRule("table", (1.3,))):
        assert rank_classes(np.full((1, 312), 0.1, np.float32), space, rule).order.tolist() == list(range(40))


def test_dot_scores_are_the_weighted_sum_of_each_granularitys_logits(space: SemanticSpace, scores: np.ndarray) -> None:
    expected = sum(w * (s @ space.prototypes.T) for w, s in zip(DOT.weights, scores, strict=True))
    assert np.allclose(class_scores(scores, space, DOT), expected, atol=1e-6)


def test_cosine_scores_are_the_sum_of_scaled_cosines(space: SemanticSpace, scores: np.ndarray) -> None:
    def cosine(a: np.ndarray, b: np.ndarray) -> float:
        return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))

    expected = [sum(20.0 * cosine(s, row) for s in scores) for row in space.table]
    assert np.allclose(class_scores(scores, space, COSINE), expected, atol=1e-4)


@rules
def test_a_batch_is_scored_like_its_photos_one_by_one(space: SemanticSpace, rule: ScoringRule) -> None:
    batch = np.random.default_rng(5).normal(size=(4, 3, 5)).astype(np.float32)
    together = class_scores(batch, space, rule)
    assert np.allclose(together, [class_scores(one, space, rule) for one in batch], atol=1e-5)


def test_scores_without_any_attribute_are_finite(space: SemanticSpace) -> None:
    assert np.array_equal(class_scores(np.zeros((3, 5), np.float32), space, COSINE), np.zeros(6, np.float32))


def test_a_rule_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ConfigError, match="'dot' or 'cosine'"):
        ScoringRule("euclid", (1.0,))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["dot", "cosine", "binary", "table"])
def test_classes_described_alike_score_alike_wherever_they_stand(kind: str) -> None:
    rng = np.random.default_rng(6)
    rows, twice = rng.random((3, 61), dtype=np.float32), np.arange(1030) % 3
    space = SemanticSpace(
        tuple(f"class {i}" for i in range(1030)), tuple(f"a{i}" for i in range(61)), ("",) * 61, rows[twice], twice < 4
    )
    rule = ScoringRule(kind, (0.7, 0.3), (0.5,) * 61 if kind == "binary" else ())  # type: ignore[arg-type]
    scores = class_scores(rng.normal(size=(2, 61)).astype(np.float32), space, rule)
    assert np.array_equal(scores, scores[:3][twice])


@rules
def test_a_photo_is_scored_exactly_and_rounded_once(
    space: SemanticSpace, scores: np.ndarray, rule: ScoringRule
) -> None:
    exact = scores.astype(np.float64)
    sizes = np.linalg.norm(exact, axis=1) if rule.kind == "cosine" else np.ones(3)
    fused = (np.array(rule.weights) / sizes) @ exact
    rows = space.table.astype(np.float64)
    expected = rows @ fused / np.linalg.norm(rows, axis=1)
    assert np.array_equal(class_scores(scores, space, rule), expected.astype(np.float32))


def test_classes_that_are_left_out_do_not_compete(space: SemanticSpace, scores: np.ndarray) -> None:
    whole = rank_classes(scores, space, DOT, gamma=0.25)
    without = rank_classes(scores, space, DOT, 0.25, without=whole.order[:2].tolist())
    assert without.order.tolist() == whole.order[2:].tolist()
    assert without.probabilities.sum() == pytest.approx(1)
    with pytest.raises(ConfigError, match="left out"):
        rank_classes(scores, space, DOT, without=range(6))


# -- ranking --------------------------------------------------------------------------------------------------------


def test_gamma_is_taken_from_seen_classes_only(space: SemanticSpace, scores: np.ndarray) -> None:
    ranking = rank_classes(scores, space, DOT, gamma=0.25)
    assert np.allclose(ranking.calibrated[space.seen], ranking.scores[space.seen] - 0.25)
    assert np.array_equal(ranking.calibrated[~space.seen], ranking.scores[~space.seen])


def test_a_large_gamma_puts_every_unseen_class_first(space: SemanticSpace, scores: np.ndarray) -> None:
    order = rank_classes(scores, space, DOT, gamma=100.0).order
    assert set(order[:2]) == set(space.unseen_classes)
    assert set(rank_classes(scores, space, DOT, gamma=-100.0).order[-2:]) == set(space.unseen_classes)


@rules
def test_unseen_only_leaves_seen_classes_out_of_everything(
    space: SemanticSpace, scores: np.ndarray, rule: ScoringRule
) -> None:
    ranking = rank_classes(scores, space, rule, unseen_only=True)
    assert sorted(ranking.order) == space.unseen_classes.tolist()
    assert (ranking.calibrated[space.seen] == -np.inf).all()
    assert (ranking.probabilities[space.seen] == 0).all()
    assert ranking.probabilities.sum() == pytest.approx(1.0, abs=1e-6)
    assert ranking.ranked(int(space.seen_classes[0])).rank == 0
    assert {line.name for line in ranking.top(10)} == {space.class_names[i] for i in space.unseen_classes}


def test_a_table_without_unseen_classes_has_nothing_to_rank_among_them(
    space: SemanticSpace, scores: np.ndarray
) -> None:
    with pytest.raises(ConfigError, match="no unseen class"):
        rank_classes(scores, space.with_seen(range(6)), DOT, unseen_only=True)


@pytest.mark.parametrize("gamma", [float("nan"), float("inf")])
def test_gamma_must_be_a_number(space: SemanticSpace, scores: np.ndarray, gamma: float) -> None:
    with pytest.raises(ConfigError, match="finite"):
        rank_classes(scores, space, DOT, gamma)


def test_ties_keep_the_order_of_the_table(scores: np.ndarray) -> None:
    row = np.full((1, 5), 0.5, np.float32)
    space = SemanticSpace(
        tuple("abcdefgh"), tuple("vwxyz"), ("g",) * 5, np.repeat(row, 8, axis=0), np.array([True] * 4 + [False] * 4)
    )
    assert rank_classes(scores, space, DOT).order.tolist() == list(range(8))
    assert rank_classes(scores, space, DOT, gamma=1.0).order.tolist() == [4, 5, 6, 7, 0, 1, 2, 3]


def test_lines_of_a_ranking_say_rank_score_probability_and_seen(space: SemanticSpace, scores: np.ndarray) -> None:
    ranking = rank_classes(scores, space, COSINE, gamma=0.5)
    lines = ranking.top(3)
    assert [line.rank for line in lines] == [1, 2, 3]
    assert [line.score for line in lines] == sorted((line.score for line in lines), reverse=True)
    for line in lines:
        assert line == ranking.ranked(line.index)
        assert line.seen == bool(space.seen[line.index])
    assert ranking.probabilities[ranking.order[0]] == ranking.probabilities.max()


@given(
    gamma=st.floats(-5, 5, width=32),
    unseen_only=st.booleans(),
    seed=st.integers(0, 10_000),
    kind=st.sampled_from(["dot", "cosine"]),
)
def test_any_ranking_is_in_order_and_its_probabilities_add_up(
    gamma: float, unseen_only: bool, seed: int, kind: str
) -> None:
    space = make_space(9, 5, unseen=3, seed=seed)
    scores = np.random.default_rng(seed).normal(size=(2, 5)).astype(np.float32)
    ranking = rank_classes(scores, space, ScoringRule(kind, (3.0, 1.0)), gamma, unseen_only)  # type: ignore[arg-type]
    ordered = ranking.calibrated[ranking.order]
    assert (np.diff(ordered) <= 0).all()
    assert np.isfinite(ordered).all()
    assert len(ranking.order) == (3 if unseen_only else 9)
    assert ranking.probabilities.sum() == pytest.approx(1.0, abs=1e-5)


def test_calibration_works_on_batches(space: SemanticSpace) -> None:
    batch = np.zeros((2, 6), np.float32)
    assert np.array_equal(calibrate(batch, space.seen, 0.5), np.where(space.seen, -0.5, 0.0)[None].repeat(2, 0))


# -- contributions --------------------------------------------------------------------------------------------------


@given(
    seed=st.integers(0, 10_000),
    gamma=st.floats(-3, 3, width=32),
    edits=edits_strategy,
    kind=st.sampled_from(["dot", "cosine"]),
    pair=st.tuples(st.integers(0, 6), st.integers(0, 6)),
    table_value=st.floats(0, 1, width=32),
)
def test_contributions_add_up_to_the_margin_whatever_was_edited(
    seed: int, gamma: float, edits: dict[int, float], kind: str, pair: tuple[int, int], table_value: float
) -> None:
    rule = ScoringRule(kind, (7.0, 1.5, 3.0))  # type: ignore[arg-type]
    space = make_space(7, 5, unseen=3, seed=seed).with_values({(pair[0], seed % 5): table_value})
    raw = np.random.default_rng(seed).normal(0.3, 0.5, (3, 5)).astype(np.float32)
    edited = make_scale(seed=seed).edit(raw, edits)
    ranking = rank_classes(edited, space, rule, gamma)
    why = contributions(edited, space, rule, *pair, gamma=gamma)
    margin = float(ranking.calibrated[pair[0]]) - float(ranking.calibrated[pair[1]])
    size = float(np.abs(rule.fuse(edited)).sum()) + abs(gamma) + 1.0
    assert float(why.terms.sum(dtype=np.float64)) + why.calibration == pytest.approx(why.margin, abs=1e-6 * size)
    assert why.margin == pytest.approx(margin, abs=1e-6 * size)


def test_calibration_contributes_only_between_a_seen_and_an_unseen_class(
    space: SemanticSpace, scores: np.ndarray
) -> None:
    assert contributions(scores, space, DOT, 0, 1, gamma=0.4).calibration == 0
    assert contributions(scores, space, DOT, 4, 5, gamma=0.4).calibration == 0
    assert contributions(scores, space, DOT, 5, 0, gamma=0.4).calibration == pytest.approx(0.4)
    assert contributions(scores, space, DOT, 0, 5, gamma=0.4).calibration == pytest.approx(-0.4)


def test_strongest_contributions_are_the_largest_by_size(space: SemanticSpace, scores: np.ndarray) -> None:
    why = contributions(scores, space, DOT, 0, 5)
    sizes = np.abs(why.terms[why.strongest(5)])
    assert (np.diff(sizes) <= 0).all()
    assert len(why.strongest(2)) == 2


# -- the readable scale and edits of what was seen --------------------------------------------------------------------


def test_values_of_training_photos_have_the_tables_mean_and_spread() -> None:
    random = np.random.default_rng(4)
    raw = random.normal(3, 2, (500, 1, 4)).astype(np.float32)
    rows = random.uniform(0, 1, (500, 4)).astype(np.float32)
    values = AttributeScale.fit(raw, rows).to_values(raw)
    assert np.allclose(values.mean(0), rows.mean(0), atol=1e-4)
    assert np.allclose(values.std(0), rows.std(0), atol=1e-4)


def test_attributes_that_never_vary_stay_finite() -> None:
    scale = AttributeScale.fit(np.ones((10, 2, 3), np.float32), np.ones((10, 3), np.float32))
    assert np.isfinite(scale.to_values(np.zeros((2, 3), np.float32))).all()


def test_maps_of_evidence_add_up_to_what_the_value_moves(scale: AttributeScale) -> None:
    evidence = np.random.default_rng(6).normal(size=(3, 5, 4, 4)).astype(np.float32)
    moved = scale.to_values(evidence.sum((2, 3)) + 1.0) - scale.to_values(np.ones((3, 5), np.float32))
    assert np.allclose(scale.map_to_values(evidence).sum((1, 2)), moved, atol=1e-4)


@given(edits_strategy.filter(bool), st.integers(0, 1000))
def test_an_edit_reaches_the_wanted_value_and_touches_nothing_else(edits: dict[int, float], seed: int) -> None:
    scale = make_scale(seed=seed)
    raw = np.random.default_rng(seed).normal(0.3, 0.5, (3, 5)).astype(np.float32)
    edited = scale.edit(raw, edits)
    values = scale.to_values(edited)
    for attribute in range(5):
        if attribute in edits:
            assert values[attribute] == pytest.approx(edits[attribute], abs=2e-5)
        else:
            assert np.array_equal(edited[:, attribute], raw[:, attribute])


@rules
def test_undoing_all_edits_gives_the_first_ranking_bit_for_bit(
    space: SemanticSpace, scale: AttributeScale, scores: np.ndarray, rule: ScoringRule
) -> None:
    first = rank_classes(scale.edit(scores, {}), space, rule, 0.3)
    changed = rank_classes(scale.edit(scores, {0: 1.0, 3: 0.0}), space.with_values({(0, 0): 0.0}), rule, 0.3)
    undone = rank_classes(scale.edit(scores, {}), space.with_values({}), rule, 0.3)
    assert not np.array_equal(first.calibrated, changed.calibrated)
    assert np.array_equal(first.calibrated, undone.calibrated)
    assert np.array_equal(first.order, undone.order)
    assert np.array_equal(first.probabilities, undone.probabilities)


def test_an_edit_leaves_the_first_scores_alone(scale: AttributeScale, scores: np.ndarray) -> None:
    before = scores.copy()
    scale.edit(scores, {1: 0.9})
    assert np.array_equal(scores, before)


@given(st.lists(st.tuples(st.integers(0, 4), st.floats(-0.5, 1.5, width=32)), min_size=1, max_size=8))
def test_the_order_in_which_edits_were_made_does_not_matter(steps: list[tuple[int, float]]) -> None:
    scale = make_scale()
    raw = np.random.default_rng(2).normal(0.3, 0.5, (3, 5)).astype(np.float32)
    edits = dict(steps)
    assert np.array_equal(scale.edit(raw, edits), scale.edit(raw, dict(reversed(edits.items()))))


def test_more_of_an_attribute_raises_the_class_that_has_it(scale: AttributeScale) -> None:
    table = np.array([[1, 0.1, 0.1, 0.1, 0.1], [0.1, 1, 0.1, 0.1, 0.1]], np.float32)
    space = SemanticSpace(("striped", "spotted"), tuple("vwxyz"), ("g",) * 5, table, np.array([True, False]))
    raw = np.full((3, 5), 0.3, np.float32)
    for rule in (DOT, COSINE):
        edited = rank_classes(scale.edit(raw, {0: 1.2, 1: 0.0}), space, rule)
        assert edited.order[0] == 0
        assert rank_classes(scale.edit(raw, {0: 0.0, 1: 1.2}), space, rule).order[0] == 1
