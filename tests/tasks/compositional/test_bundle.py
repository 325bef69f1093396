"""An explanation of pairs as a bundle: small, and everything in it that the browser needs, as the explanation has it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import ROOT
from tests.fuzzing import answered, fuzz, mutated, mutated_value, odd_files
from tests.twin.pair_vectors import made_case
from zslviz.errors import ConfigError
from zslviz.explainer import Explainer
from zslviz.files.bundle import read_bundle, write_bundle
from zslviz.tasks.base.bundle import About
from zslviz.tasks.compositional import bundle as bundles
from zslviz.tasks.compositional.bundle import model_bundle, read_explanation_bundle, read_model_bundle
from zslviz.tasks.compositional.explanation import CompositionExplanation

CASE = next(case for seed in range(0, 90, 10) if (case := made_case("plain", seed)).states and case.objects)
MADE = CASE.own
ABOUT = About("A model", "A photo", (1, 0), "Somebody, CC0 1.0", "Free for research")
VALID = MADE.bundle(ABOUT)
MODEL = model_bundle(MADE, ABOUT)
LARGEST, LARGEST_MODEL = 150_000, 20_000  # bytes


def test_a_shipped_explanation_is_small_and_ranks_as_it_did() -> None:
    explainer = Explainer.from_pretrained("refiner-fashion", "cpu")
    explanation: CompositionExplanation = explainer.explain(ROOT / "assets/examples/fashion/grey-jacket.jpg")
    alone, model = explanation.bundle(whole=False), model_bundle(explanation)
    assert len(alone) < LARGEST and len(model) < LARGEST_MODEL
    read = read_explanation_bundle(alone, model)
    assert list(read.rank()) == list(explanation.rank())
    assert set(read.maps) == {"evidence", "state", "object", "queries"}
    assert read.told.own == explanation.space.shape and read.told.mapped is None


def test_what_people_are_told_and_the_arithmetic_needs_is_in_it() -> None:
    read = read_explanation_bundle(VALID)
    told, model = read.told, read.model
    assert (told.title, told.truth, told.credits) == (ABOUT.photo_title, ABOUT.truth, ABOUT.credits)
    assert (model.told.title, model.told.terms, model.told.model) == (ABOUT.model_title, ABOUT.terms, MADE.model)
    assert (model.space.states, model.space.objects) == (MADE.space.states, MADE.space.objects)
    for name in ("seen", "candidates", "state_vectors", "object_vectors"):
        assert np.array_equal(getattr(model.space, name), getattr(MADE.space, name))
    assert np.array_equal(model.feasibility, MADE.feasibility)
    assert np.array_equal(model.familiarity, MADE.familiarity_table)
    assert (told.geometry, told.map_geometry) == (MADE.geometry, MADE.map_geometry)
    assert np.array_equal(read.logits.fused, MADE.logits.fused)
    assert np.array_equal(read.before.fused, MADE.before.fused)
    assert list(read.rank()) == list(MADE.rank())


def test_what_places_added_is_the_sum_of_the_evidence() -> None:
    read = read_explanation_bundle(VALID)
    assert read.places is not None
    for state, object_ in np.ndindex(MADE.space.shape):
        evidence = MADE.pair_evidence(state, object_)
        assert read.places[state, object_] == pytest.approx(float(evidence.sum(dtype=np.float64)), rel=1e-5, abs=1e-5)
        found = read.maps["evidence"].values(state * MADE.space.shape[1] + object_)
        assert np.abs(found - evidence).max() <= 0.501 * np.abs(evidence).max() / 127


def test_of_many_pairs_only_the_highest_have_a_map(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "MOST_MAPS", 3)
    read = read_explanation_bundle(MADE.bundle())
    scores = MADE.scores().ravel()
    assert read.told.mapped == tuple(np.argsort(-scores, kind="stable")[:3].tolist())
    assert len(read.maps["evidence"].levels) == 3
    for number, pair in enumerate(read.told.mapped):
        evidence = MADE.pair_evidence(*divmod(pair, MADE.space.shape[1]))
        assert np.abs(read.maps["evidence"].values(number) - evidence).max() <= 0.501 * np.abs(evidence).max() / 127
    content = read_bundle(MADE.bundle())
    strange = write_bundle({**content.head, "mapped": [0, 1, len(scores)]}, content.parts)
    with pytest.raises(ConfigError, match="maps of pairs that its model lacks"):
        read_explanation_bundle(strange)


def test_a_model_without_queries_or_texts_has_a_bundle() -> None:
    bare = replace(MADE, query_attention=None, refinement=None, state_attention=None, object_attention=None)
    read = read_explanation_bundle(bare.bundle())
    assert read.maps == {} and read.places is None
    assert list(read.rank()) == list(bare.rank())


def test_the_model_part_is_the_same_for_every_photo_and_found_by_its_digest() -> None:
    other = replace(MADE, logits=MADE.before, photo=MADE.photo[::-1])
    assert model_bundle(other, ABOUT) == MODEL
    alone = MADE.bundle(ABOUT, whole=False)
    with pytest.raises(ConfigError, match="model part is needed"):
        read_explanation_bundle(alone)
    assert list(read_explanation_bundle(alone, read_model_bundle(MODEL)).rank()) == list(MADE.rank())
    with pytest.raises(ConfigError, match="another model"):
        read_explanation_bundle(alone, model_bundle(MADE))


def test_added_words_are_in_it_and_told_from_the_models_own() -> None:
    assert CASE.states and CASE.objects
    read = read_explanation_bundle(CASE.whole.bundle(own=MADE.space.shape))
    assert read.model.space.states[read.told.own[0] :] == CASE.states
    assert read.model.space.objects[read.told.own[1] :] == CASE.objects
    assert list(read.rank()) == list(CASE.whole.rank())


def test_what_does_not_fit_together_is_refused() -> None:
    bundle, (states, objects) = read_bundle(VALID), MADE.space.shape
    for head, sentence in (
        ({"format": 2}, "format 2"),
        ({"own": [states + 1, objects]}, "states or objects that its model lacks"),
        ({"truth": [0, objects]}, "true pair is none of its model"),
        ({"bundle": "explanation by labels"}, "one of an explanation by pairs"),
    ):
        with pytest.raises(ConfigError, match=sentence):
            read_explanation_bundle(write_bundle({**bundle.head, **head}, bundle.parts))
    with pytest.raises(ConfigError, match="'before pairs'"):
        read_explanation_bundle(
            write_bundle(bundle.head, {n: p for n, p in bundle.parts.items() if n != "before pairs"})
        )


@fuzz(200)
@given(content=mutated([VALID, MADE.bundle(whole=False)]))
def test_any_damage_is_read_or_answered(content: bytes) -> None:
    with answered(ConfigError):
        read_explanation_bundle(content)


@fuzz(60)
@given(content=odd_files())
def test_any_bytes_are_a_bundle_or_one_sentence(content: bytes) -> None:
    for read in (read_explanation_bundle, read_model_bundle):
        with answered(ConfigError):
            read(content)  # type: ignore[operator]


@fuzz(200)
@given(data=st.data())
def test_any_head_is_read_or_answered(data: st.DataObject) -> None:
    for content, read in ((VALID, read_explanation_bundle), (MODEL, read_model_bundle)):
        bundle = read_bundle(content)
        head = data.draw(mutated_value(bundle.head))
        try:
            content = write_bundle(head if isinstance(head, dict) else {}, bundle.parts)
        except (ValueError, RecursionError):  # no JSON
            continue
        with answered(ConfigError):
            read(content)  # type: ignore[operator]
