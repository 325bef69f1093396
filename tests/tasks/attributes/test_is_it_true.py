"""The promise of the maps is exact arithmetic; the proof is the network itself; a map's word is kept or not by one rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from tests.conftest import MADE
from zslviz.errors import ConfigError
from zslviz.photos.covering import Region, blur, covered
from zslviz.photos.geometry import Geometry
from zslviz.photos.smoothing import FACTOR, smooth
from zslviz.runtime.places import examples_folder
from zslviz.tasks.attributes.explainer import AttributeExplainer
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.is_it_true.trial import TOLERANCE, Trial, hit, said
from zslviz.tasks.attributes.is_it_true.without import Without, exact_places
from zslviz.tasks.attributes.requests import RankRequest

WHOLE = Region(0, 0, 1, 1)


@pytest.fixture(params=MADE)
def explanation(request: pytest.FixtureRequest, explanation_of: Callable[..., Explanation]) -> Explanation:
    """A made model's, with maps of 4 x 5 places that matter: evidence of the size of what classes differ by."""
    made, rng = explanation_of(request.param), np.random.default_rng(8)
    assert made.bias is not None
    evidence = rng.normal(scale=0.3, size=(*made.scores.shape, 4, 5)).astype(np.float32)
    scores = (evidence.sum((2, 3), dtype=np.float64) + made.bias).astype(np.float32)
    return replace(made, evidence=evidence, scores=scores, attention=None, attention_context=None, parts=None)


def taken(explanation: Explanation, region: Region, pieces: int = 8) -> np.ndarray:
    """What smooth maps have inside a region, by counting pieces of their fine places: of one whose edges are such pieces."""
    geometry, fine = explanation.geometry, smooth(explanation.evidence).astype(np.float64)  # type: ignore[arg-type]
    small = fine.repeat(pieces, axis=-2).repeat(pieces, axis=-1) / pieces**2
    rows, columns = small.shape[-2:]
    y0, y1 = ((geometry.top + y * geometry.box_height) / geometry.size * rows for y in (region.y0, region.y1))
    x0, x1 = ((geometry.left + x * geometry.box_width) / geometry.size * columns for x in (region.x0, region.x1))
    assert all(abs(end - round(end)) < 1e-6 for end in (y0, y1, x0, x1)), "the region's edges are no edges of pieces"
    return np.asarray(small[..., round(y0) : round(y1), round(x0) : round(x1)].sum((2, 3)))


@pytest.mark.parametrize(
    "region",
    [WHOLE, Region(0.2, 0.25, 0.6, 1.0), Region(0.0, 0.0, 0.05, 0.0625), Region(0.3125, 0.140625, 0.4, 0.9921875)],
)
def test_the_promise_is_the_sum_of_the_smooth_maps_over_the_place(explanation: Explanation, region: Region) -> None:
    found = explanation.without(region)
    assert np.allclose(explanation.scores - found.scores, taken(explanation, region), atol=2e-6)
    assert np.array_equal(found.values, explanation.scale.to_values(found.scores))


def test_without_the_whole_photo_only_what_comes_from_no_place_is_left(explanation: Explanation) -> None:
    assert np.allclose(explanation.without(WHOLE).scores, explanation.bias, atol=2e-6)  # type: ignore[arg-type]


def test_places_that_make_a_whole_take_away_the_whole(explanation: Explanation) -> None:
    pieces = [(0, 0, 0.37, 0.81), (0.37, 0, 1, 0.81), (0, 0.81, 1, 1)]
    lost = sum(explanation.scores - explanation.without(piece).scores for piece in pieces)
    assert np.allclose(lost, explanation.scores - explanation.without(WHOLE).scores, atol=2e-6)


def test_what_lies_beside_a_narrow_photo_is_none_of_its_places(explanation: Explanation) -> None:
    tall = replace(explanation, geometry=Geometry.fit(20, 160, 160), photo=np.zeros((160, 20, 3), dtype=np.uint8))
    region = Region(0.25, 0.25, 1.0, 0.5)
    assert tall.geometry.box_width < tall.geometry.size
    lost = tall.scores - tall.without(region).scores
    assert np.allclose(lost, taken(tall, region), atol=2e-6)
    ys, xs = exact_places(tall).lines()
    assert (ys[0], ys[-1], xs[0], xs[-1]) == (0, 1, 0, 1)
    assert len(xs) < len(ys) + 1


def test_maps_that_are_no_exact_evidence_promise_nothing(explanation: Explanation) -> None:
    bare = replace(explanation, evidence=None, bias=None)
    for asked in (lambda: bare.without(WHOLE), bare.deciding_region):
        with pytest.raises(ConfigError, match="no exact evidence"):
            asked()


# -- what decides -----------------------------------------------------------------------------------------------------------


def rectangles(explanation: Explanation) -> list[Region]:
    ys, xs = exact_places(explanation).lines()
    return [Region(x0, y0, x1, y1) for y0, y1 in combinations(ys, 2) for x0, x1 in combinations(xs, 2)]


@pytest.mark.parametrize(
    "request_",
    [
        RankRequest(),
        RankRequest(gamma=0.0),
        RankRequest(image_edits={0: 0.9, 3: 0.1}),
        RankRequest(class_edits={(0, 1): 1.0, (5, 2): 0.0}, unseen_only=True),
    ],
)
def test_the_deciding_place_is_the_smallest_of_all(explanation: Explanation, request_: RankRequest) -> None:
    first = request_.rank(explanation).best.index
    deciding = [r for r in rectangles(explanation) if explanation.without(r).rank(request_).best.index != first]
    found = explanation.deciding_region(request_)
    if not deciding:
        assert found is None
        return
    assert found is not None
    assert found.rank(request_).best.index != first
    assert found.region.area == pytest.approx(min(region.area for region in deciding))


def test_some_places_decide(explanation: Explanation) -> None:
    """Else the test above would compare nothing."""
    assert explanation.deciding_region() is not None


def test_nothing_decides_where_one_class_competes(explanation: Explanation) -> None:
    alone = RankRequest(without=tuple(range(1, len(explanation.space.classes))))
    assert explanation.deciding_region(alone) is None


# -- the proof --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MADE)
def test_the_proof_is_what_the_network_gives_for_the_covered_photo(
    name: str, explainer_of: Callable[[str], AttributeExplainer], explanation_of: Callable[..., Explanation]
) -> None:
    explainer, explanation = explainer_of(name), explanation_of(name)
    region = Region(0.2, 0.1, 0.7, 0.8)
    again = explainer.explain(covered(explanation.photo, region))
    proof = explainer.covered(explanation, region)
    assert proof.source == "network"
    assert np.allclose(proof.scores, again.scores, atol=1e-5)
    assert not np.allclose(proof.scores, explanation.scores, atol=1e-5)
    everything = explainer.covered(explanation, (0, 0, 1, 1)).scores
    assert np.allclose(everything, explainer.explain(blur(explanation.photo)).scores, atol=1e-5)


def test_on_a_photo_of_a_bird_the_network_misses_the_bill_as_promised(
    explainer_of: Callable[[str], AttributeExplainer],
) -> None:
    explainer = explainer_of("msdn-cub-grounded")
    explanation = explainer.explain(examples_folder() / "kingfisher.jpg")
    bill = explanation.space.attribute_index("bill shape: dagger")
    there, elsewhere = Region(0.55, 0.12, 0.8, 0.36), Region(0.0, 0.7, 0.25, 0.95)
    promise, proof = explanation.without(there), explainer.covered(explanation, there)
    assert promise.changes[bill] < -TOLERANCE
    assert proof.changes[bill] < -TOLERANCE
    for one in (explanation.without(elsewhere), explainer.covered(explanation, elsewhere)):
        assert abs(one.changes[bill]) < abs(promise.changes[bill]) / 2


# -- whether the map has kept its word --------------------------------------------------------------------------------------


def left(explanation: Explanation, source: str, changes: dict[int, float]) -> Without:
    """With values changed by so much, whatever the place."""
    edits = {a: float(explanation.values[a]) + change for a, change in changes.items()}
    return Without(WHOLE, explanation.edited_scores(edits), source, explanation)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("promised", "proved", "kept"),
    [
        (-0.2, -0.2, True),
        (-0.2, -0.11, True),  # nearer to the promise than to nothing
        (-0.2, -0.09, False),
        (-0.2, 0.1, False),
        (-0.2, -0.39, True),
        (0.0, 0.04, True),  # within the tolerance
        (0.0, -0.06, False),  # that something changes was not promised
        (-0.06, -0.02, True),
    ],
)
def test_the_word_is_kept_where_the_promise_tells_better_than_silence(
    explanation: Explanation, promised: float, proved: float, kept: bool
) -> None:
    request = RankRequest(image_edits={0: 0.5})  # so that the first class hangs on no value of the attribute
    trial = Trial(left(explanation, "evidence", {0: promised}), left(explanation, "network", {0: proved}), 0, request)
    assert trial.same_class
    assert trial.kept == trial.same_value == kept
    assert ("not kept" in trial.verdict.text) != kept


def test_another_first_class_breaks_the_word(explanation: Explanation) -> None:
    first = explanation.rank().best.index
    other = (first + 1) % len(explanation.space.classes)
    row = {a: float(v) for a, v in enumerate(explanation.space.table[other])}
    elsewhere = Without(
        WHOLE, explanation.edited_scores({a: 30 * (v - 0.5) for a, v in row.items()}), "network", explanation
    )
    assert elsewhere.rank().best.index != first
    trial = Trial(left(explanation, "evidence", {}), elsewhere, 1, RankRequest())
    assert not trial.kept
    assert "another first class" in trial.verdict.text


def test_what_is_said_is_true_of_the_state(explanation: Explanation) -> None:
    promise = explanation.deciding_region()
    assert promise is not None
    told, attribute = said(promise, hit(promise), RankRequest()), hit(promise)
    assert told.text.startswith("By the map, ")
    first, before = promise.rank().best, explanation.rank().best
    assert f"{first.name} becomes first, ahead of " in told.text
    assert f"{before.name} stays" not in told.text
    assert (" falls from " in told.text) == bool(promise.changes[attribute] < 0)
    assert abs(promise.changes[attribute]) == max(abs(promise.changes[np.array(explanation.space.visible)]))


def test_fine_places_are_counted_by_area(explanation: Explanation) -> None:
    """Half of a fine place takes half of what it has."""
    rows, columns = (side * FACTOR for side in (4, 5))
    one = explanation.scores - explanation.without((0, 0, 1 / columns, 1 / rows)).scores
    half = explanation.scores - explanation.without((0, 0, 0.5 / columns, 1 / rows)).scores
    assert np.allclose(half, one / 2, atol=1e-6)
