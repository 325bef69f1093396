"""Compositional evaluation: the curve over a bias, feasibility, and what is chosen on validation photos."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from zslviz.errors import ConfigError, DataError
from zslviz.tasks.base.curves import area_under
from zslviz.tasks.compositional.feasibility import feasibility_table, feasible_pairs, mask_infeasible, thresholds_for
from zslviz.tasks.compositional.figures import (
    START_BIAS,
    Contest,
    PairScores,
    bootstrap_intervals,
    choose_bias,
    choose_threshold,
    evaluate_compositions,
    figures_at,
    open_contest,
)
from zslviz.tasks.compositional.space import CompositionSpace

S, O = 4, 5  # noqa: E741
SEEN = np.array([[1, 1, 0, 0, 1], [0, 1, 1, 0, 0], [1, 0, 0, 1, 0], [0, 0, 1, 0, 1]], dtype=bool)


def made_photos(count: int = 60, seed: int = 0, hint: float = 1.5) -> PairScores:
    rng = np.random.default_rng(seed)
    states, objects = rng.integers(0, S, count), rng.integers(0, O, count)
    scores = rng.normal(size=(count, S, O)).astype(np.float32) + 0.5 * SEEN
    scores[np.arange(count), states, objects] += np.float32(hint)
    return PairScores(scores, states, objects)


def made_vectors(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(S, 6)).astype(np.float32), rng.normal(size=(O, 6)).astype(np.float32)


def made_space(candidates: np.ndarray) -> CompositionSpace:
    names = [f"s{i}" for i in range(S)], [f"o{i}" for i in range(O)]
    return CompositionSpace(tuple(names[0]), tuple(names[1]), SEEN, SEEN | candidates, *made_vectors(), "made")


@pytest.mark.parametrize("bias", [-0.7, 0.0, 0.3, START_BIAS])
def test_accuracy_at_a_bias_is_that_of_the_biased_scores(bias: float) -> None:
    photos = made_photos()
    biased = np.where(SEEN, photos.scores, photos.scores + np.float32(bias)).reshape(len(photos.scores), -1)
    right = biased.argmax(axis=1) == photos.states * O + photos.objects
    of_seen = SEEN[photos.states, photos.objects]
    seen, unseen = Contest.of(photos, SEEN).accuracy(np.array([bias]))
    assert seen[0] == pytest.approx(right[of_seen].mean())
    assert unseen[0] == pytest.approx(right[~of_seen].mean())


def test_the_curve_trades_seen_for_unseen_and_ends_where_only_unseen_pairs_are_answered() -> None:
    sweep = Contest.of(made_photos(200), SEEN).sweep()
    assert (np.diff(sweep.biases) >= 0).all()
    assert (np.diff(sweep.seen) <= 0).all()
    assert (np.diff(sweep.unseen) >= 0).all()
    assert sweep.seen[-1] == 0
    assert 0 < sweep.auc <= sweep.seen.max() * sweep.unseen.max()
    assert len(sweep.biases) <= 42


def test_the_whole_curve_lies_near_the_thinned_one_and_finds_no_lower_harmonic_mean() -> None:
    contest = Contest.of(made_photos(400), SEEN)
    thinned, whole = contest.sweep(), contest.sweep(bins=None)
    assert len(whole.biases) > len(thinned.biases)
    assert whole.auc == pytest.approx(thinned.auc, abs=0.02)
    assert whole.harmonic.max() >= thinned.harmonic.max()


def test_a_pair_that_does_not_compete_is_never_answered() -> None:
    photos = made_photos()
    candidates = SEEN.copy()
    candidates[0, 2] = True
    answers = Contest.of(photos, SEEN, candidates).answers(START_BIAS)
    assert set(answers.tolist()) == {0 * O + 2}


def test_the_curve_does_not_depend_on_the_order_of_photos_nor_on_what_else_is_computed() -> None:
    photos = made_photos(150)
    contest = Contest.of(photos, SEEN)
    for bins in (20, None):
        sweep = contest.sweep(bins)
        shuffled = contest.take(np.random.default_rng(1).permutation(150)).sweep(bins)
        assert (shuffled.auc, shuffled.best()) == (sweep.auc, sweep.best())
        for bias, *at in zip(sweep.biases, sweep.seen, sweep.unseen, strict=True):
            assert [share[0] for share in contest.accuracy(np.array([bias]))] == at


def test_points_without_area_do_not_change_the_area() -> None:
    sweep = Contest.of(made_photos(150), SEEN).sweep(bins=None)
    twice = np.repeat(np.arange(len(sweep.biases)), np.random.default_rng(0).integers(1, 4, len(sweep.biases)))
    assert area_under(sweep.seen[twice], sweep.unseen[twice]) == sweep.auc


def test_batches_put_together_are_the_whole() -> None:
    photos = made_photos()
    halves = [PairScores(photos.scores[p], photos.states[p], photos.objects[p]) for p in np.split(np.arange(60), 3)]
    together = Contest.concatenate(Contest.of(half, SEEN) for half in halves)
    whole = Contest.of(photos, SEEN)
    assert together.sweep().auc == whole.sweep().auc
    assert (together.take(np.array([7, 3])).true_pair == whole.true_pair[[7, 3]]).all()


def test_without_an_unseen_photo_answered_rightly_the_area_is_nothing() -> None:
    photos = made_photos(hint=-50)
    assert Contest.of(photos, SEEN).sweep().auc == 0


def test_a_curve_needs_both_kinds_of_pairs() -> None:
    with pytest.raises(DataError, match="seen and unseen"):
        Contest.of(made_photos(), SEEN, SEEN)
    with pytest.raises(DataError, match="a state and an object"):
        PairScores(np.zeros((2, S, O)), np.zeros(2, dtype=int), np.zeros(3, dtype=int))


def test_feasibility_is_the_mean_of_the_nearest_seen_object_and_state() -> None:
    states, objects = made_vectors()
    table = feasibility_table(states, objects, SEEN)

    def cosine(a: np.ndarray, b: np.ndarray) -> float:
        return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))

    for s, o in np.argwhere(~SEEN):
        near_object = max(cosine(objects[o], objects[p]) for p in np.flatnonzero(SEEN[s]))
        near_state = max(cosine(states[s], states[t]) for t in np.flatnonzero(SEEN[:, o]))
        assert table[s, o] == pytest.approx((near_object + near_state) / 2, abs=1e-6)
    assert (table[SEEN] == 0).all()


def test_feasibilities_are_the_floats_nearest_to_the_exact_ones() -> None:
    """A threshold chosen among them is compared with them again, perhaps on another processor."""
    rng = np.random.default_rng(2)
    states, objects = (rng.normal(size=(count, 50)).astype(np.float32) for count in (S, O))
    table = feasibility_table(states, objects, SEEN)

    def cosine(a: list[float], b: list[float]) -> float:
        ab, aa, bb = (math.fsum(x * y for x, y in zip(*v, strict=True)) for v in ((a, b), (a, a), (b, b)))
        return ab / math.sqrt(aa * bb)

    of_states, of_objects = ([[float(x) for x in vector] for vector in vectors] for vectors in (states, objects))
    for s, o in np.argwhere(~SEEN):
        near_object = max(cosine(of_objects[o], of_objects[p]) for p in np.flatnonzero(SEEN[s]))
        near_state = max(cosine(of_states[s], of_states[t]) for t in np.flatnonzero(SEEN[:, o]))
        assert table[s, o] == np.float32((near_object + near_state) / 2)


def test_what_was_seen_with_nothing_is_as_infeasible_as_can_be() -> None:
    seen = np.zeros((2, 2), dtype=bool)
    seen[0, 0] = True
    table = feasibility_table(np.eye(2), np.eye(2), seen)
    assert table[1, 1] == -1
    assert table[0, 1] == pytest.approx(-0.5)  # its object is unlike the one seen (0), and was seen in no state (-1)


def test_the_first_threshold_masks_nothing_and_a_seen_pair_is_never_masked() -> None:
    table = feasibility_table(*made_vectors(), SEEN)
    thresholds = thresholds_for(table, SEEN)
    assert feasible_pairs(table, SEEN, thresholds[0]).all()
    assert (feasible_pairs(table, SEEN, 2.0) == SEEN).all()
    with pytest.raises(ConfigError, match="no unseen one"):
        thresholds_for(table, np.ones_like(SEEN))


def test_infeasible_pairs_are_never_answered_unless_masked_with_zero() -> None:
    photos = made_photos()
    below = PairScores(photos.scores - 100, photos.states, photos.objects)
    table = feasibility_table(*made_vectors(), SEEN)
    threshold = float(np.median(table[~SEEN]))
    infeasible = np.flatnonzero(~feasible_pairs(table, SEEN, threshold))
    assert not np.isin(open_contest(below, SEEN, table, threshold).answers(START_BIAS), infeasible).any()
    zeroed = open_contest(below, SEEN, table, threshold, "authors-zero")
    assert np.isin(zeroed.answers(START_BIAS), infeasible).all()
    assert np.isneginf(mask_infeasible(below.scores, table, SEEN, threshold).reshape(60, -1)[:, infeasible]).all()
    with pytest.raises(ConfigError, match="no masking"):
        mask_infeasible(below.scores, table, SEEN, threshold, "none")  # type: ignore[arg-type]


def test_the_threshold_with_the_best_validation_area_is_chosen() -> None:
    photos = made_photos(200)
    table = feasibility_table(*made_vectors(), SEEN)
    choice = choose_threshold(photos, SEEN, table)
    assert choice.aucs.max() == open_contest(photos, SEEN, table, choice.threshold).sweep().auc
    assert choice.threshold in choice.thresholds


def test_intervals_hold_the_figure_and_narrow_with_more_photos() -> None:
    few, many = (Contest.of(made_photos(count), SEEN) for count in (60, 600))
    widths = []
    for contest in (few, many):
        low, high = bootstrap_intervals(contest, replicates=100)["auc"]
        assert low < contest.sweep().auc < high
        widths.append(high - low)
    assert widths[1] < widths[0] / 2
    assert bootstrap_intervals(few, replicates=10) == bootstrap_intervals(few, replicates=10)


def test_a_report_chooses_bias_and_threshold_on_validation_alone() -> None:
    validation, test = made_photos(200, seed=1), made_photos(200, seed=2)
    spaces = made_space(np.ones_like(SEEN)), made_space(np.ones_like(SEEN))
    report = evaluate_compositions(validation, test, *spaces)
    closed, opened = report["closed"], report["open"]
    assert closed["at_validation_bias"]["bias"] == choose_bias(Contest.of(validation, SEEN))
    assert closed["at_validation_bias"] == figures_at(Contest.of(test, SEEN), closed["at_validation_bias"]["bias"])
    table = feasibility_table(*made_vectors(), SEEN)
    assert opened["threshold"] == choose_threshold(validation, SEEN, table).threshold
    other = evaluate_compositions(validation, made_photos(200, seed=3), *spaces)
    assert other["open"]["threshold"] == opened["threshold"]
    for world in (closed, opened):
        assert {"s", "u", "h", "auc", "state_accuracy", "object_accuracy", "curve", "intervals"} <= set(world)
    json.dumps(report)
