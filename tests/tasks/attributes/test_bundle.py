"""An explanation as a bundle: small, and everything in it that the browser needs, as the explanation has it."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.conftest import SHIPPED
from tests.fuzzing import answered, fuzz, mutated, mutated_value, odd_files
from tests.twin.vectors import made_explanation
from zslviz.errors import ConfigError
from zslviz.files.bundle import read_bundle, write_bundle
from zslviz.tasks.attributes.bundle import About, model_bundle, read_explanation_bundle, read_model_bundle
from zslviz.tasks.attributes.explanation import Explanation

MADE = made_explanation("cosine", "plain", 4)
BINARY = made_explanation("binary", "plain", 4)
ABOUT = About("A model", "A photo", 1, "Somebody, CC0 1.0", "Free for research")
VALID = MADE.bundle(ABOUT)
MODEL = model_bundle(MADE, ABOUT)
MODELS = (MODEL, model_bundle(BINARY, ABOUT))
# Bytes a photo, of models with over MANY attributes and of others.
LARGEST, LARGEST_SMALL, MANY = 1_500_000, 400_000, 300


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_explanations_are_small_and_rank_as_they_did(
    name: str, explanation_of: Callable[..., Explanation]
) -> None:
    explanation = explanation_of(name)
    whole, photo = explanation.bundle(), explanation.bundle(whole=False)
    assert len(photo) <= (LARGEST if len(explanation.space.attributes) > MANY else LARGEST_SMALL)
    assert len(whole) > len(photo) + len(model_bundle(explanation))
    read = read_explanation_bundle(whole)
    assert list(read.rank()) == list(explanation.rank())
    assert np.array_equal(read.model.scale.to_values(read.scores), explanation.values)
    assert [maps.offer for maps in read.maps] == [o for o in explanation.offers() if o.of == "attribute"]
    width, height = Image.open(io.BytesIO(read.photo)).size
    assert width <= 640
    assert width / height == pytest.approx(explanation.geometry.width / explanation.geometry.height, rel=0.01)


def test_the_model_part_is_the_same_for_every_photo_and_found_by_its_digest() -> None:
    other = replace(MADE, scores=MADE.scores + 1, photo=MADE.photo[::-1])
    assert model_bundle(other, ABOUT) == MODEL
    alone = MADE.bundle(ABOUT, whole=False)
    with pytest.raises(ConfigError, match="model part is needed"):
        read_explanation_bundle(alone)
    assert np.array_equal(read_explanation_bundle(alone, MODEL).scores, MADE.scores)
    assert np.array_equal(read_explanation_bundle(alone, read_model_bundle(MODEL)).scores, MADE.scores)
    edited = replace(MADE, space=MADE.space.with_values({(0, 0): 0.5}))
    for another in (model_bundle(edited, ABOUT), model_bundle(MADE)):
        with pytest.raises(ConfigError, match="another model"):
            read_explanation_bundle(alone, another)


def test_what_people_are_told_is_in_it() -> None:
    read = read_explanation_bundle(VALID)
    told, model = read.told, read.model.told
    assert (told.title, told.truth, told.credits) == (ABOUT.photo_title, ABOUT.truth, ABOUT.credits)
    assert (model.title, model.terms, model.model) == (ABOUT.model_title, ABOUT.terms, MADE.model)
    assert model.class_names == MADE.space.class_names
    assert model.attribute_names == MADE.space.attribute_names
    assert (model.groups, model.granularities, model.gamma) == (MADE.space.groups, MADE.granularities, MADE.gamma)
    assert read.model.rule == MADE.rule
    assert np.array_equal(read.model.space.seen, MADE.space.seen)
    assert told.geometry == MADE.geometry


def test_maps_are_right_to_half_a_step_keep_their_signs_and_their_zeros() -> None:
    assert MADE.evidence is not None
    explanation = replace(MADE, evidence=np.where(np.abs(MADE.evidence) < 0.05, 0, MADE.evidence))
    for maps in read_explanation_bundle(explanation.bundle()).maps:
        fused = explanation.fused(maps.offer.name)
        levels = 127 if maps.offer.signed else 255
        for attribute, true in enumerate(fused):
            found, step = maps.values(attribute), np.abs(true).max() / levels
            assert np.abs(found - true).max() <= 0.501 * step
            assert (found * true >= 0).all()
            assert (found[true == 0] == 0).all()
        assert (maps.bias is None) == (not maps.offer.exact)


def test_places_and_the_rest_make_the_value() -> None:
    read = read_explanation_bundle(VALID)
    maps = next(maps for maps in read.maps if maps.offer.exact)
    assert maps.bias is not None
    rest = read.model.scale.to_values(maps.bias)
    places = np.array([MADE.map("evidence", a).values.sum() for a in range(len(rest))])
    assert np.allclose(places + rest, MADE.values, atol=1e-4)


def test_a_model_without_maps_has_a_bundle() -> None:
    read = read_explanation_bundle(replace(MADE, evidence=None, attention=None, bias=None).bundle())
    assert read.maps == ()
    assert np.array_equal(read.scores, MADE.scores)


def test_a_newer_bundle_and_one_of_something_else_are_refused() -> None:
    bundle = read_bundle(VALID)
    with pytest.raises(ConfigError, match="format 2"):
        read_explanation_bundle(write_bundle({**bundle.head, "format": 2}, bundle.parts))
    with pytest.raises(ConfigError, match="an explanation by attributes"):
        read_explanation_bundle(MODEL)
    with pytest.raises(ConfigError, match="'scores'"):
        read_explanation_bundle(write_bundle(bundle.head, {n: p for n, p in bundle.parts.items() if n != "scores"}))


@fuzz(200)
@given(content=mutated([VALID, BINARY.bundle()]))
def test_any_damage_is_read_or_answered(content: bytes) -> None:
    with answered(ConfigError):
        read_explanation_bundle(content)


@fuzz(60)
@given(content=odd_files())
def test_any_bytes_are_a_bundle_or_one_sentence(content: bytes) -> None:
    with answered(ConfigError):
        read_explanation_bundle(content)
    with answered(ConfigError):
        read_model_bundle(content)


@fuzz(200)
@given(data=st.data())
def test_any_head_is_read_or_answered(data: st.DataObject) -> None:
    for content, read in ((VALID, read_explanation_bundle), (data.draw(st.sampled_from(MODELS)), read_model_bundle)):
        bundle = read_bundle(content)
        head = data.draw(mutated_value(bundle.head))
        try:
            content = write_bundle(head if isinstance(head, dict) else {}, bundle.parts)
        except (ValueError, RecursionError):  # no JSON
            continue
        with answered(ConfigError):
            read(content)  # type: ignore[operator]
