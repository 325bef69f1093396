"""An explanation of labels as a bundle: small, and everything in it that the browser needs, as the explanation has it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import ROOT
from tests.fuzzing import answered, fuzz, mutated, mutated_value, odd_files
from tests.twin.label_vectors import made_case, made_explanation
from zslviz.errors import ConfigError
from zslviz.explainer import Explainer
from zslviz.files.bundle import read_bundle, write_bundle
from zslviz.tasks.base.bundle import About
from zslviz.tasks.base.insights import Insight, ToldInsight
from zslviz.tasks.multilabel.bundle import model_bundle, read_explanation_bundle, read_model_bundle
from zslviz.tasks.multilabel.explanation import LabelExplanation

MADE = made_explanation("plain", 4)
ABOUT = About("A model", "A photo", (1, 0), "Somebody, CC0 1.0", "Free for research")
VALID = MADE.bundle(ABOUT, embeddings=True)
MODEL = model_bundle(MADE, ABOUT)
LARGEST, LARGEST_MODEL = 250_000, 250_000  # bytes; with embeddings


def test_a_shipped_explanation_is_small_and_ranks_as_it_did() -> None:
    explainer = Explainer.from_pretrained("biam-corel5k", "cpu")
    explanation: LabelExplanation = explainer.explain(ROOT / "assets/examples/multi/eilean-donan.jpg")
    alone, model = explanation.bundle(whole=False, embeddings=True), model_bundle(explanation)
    assert (len(alone), len(model)) < (LARGEST, LARGEST_MODEL)
    read = read_explanation_bundle(alone, model)
    assert list(read.rank()) == list(explanation.rank())
    assert np.array_equal(read.region_scores, explanation.region_scores)
    assert read.told.own == len(explanation.space)


def test_what_people_are_told_and_the_arithmetic_needs_is_in_it() -> None:
    read = read_explanation_bundle(VALID)
    told, model = read.told, read.model
    assert (told.title, told.truth, told.credits) == (ABOUT.photo_title, ABOUT.truth, ABOUT.credits)
    assert (model.told.title, model.told.terms, model.told.model) == (ABOUT.model_title, ABOUT.terms, MADE.model)
    assert (model.space.labels, model.space.words) == (MADE.space.labels, MADE.space.words)
    assert np.array_equal(model.space.seen, MADE.space.seen)
    assert np.array_equal(model.space.vectors, MADE.space.vectors)
    assert (told.geometry, told.map_geometry) == (MADE.geometry, MADE.map_geometry)
    assert np.array_equal(read.scores, MADE.scores)
    assert list(read.rank()) == list(MADE.rank())
    assert read.embeddings is not None and np.array_equal(read.embeddings, MADE.embeddings)
    assert read_explanation_bundle(MADE.bundle()).embeddings is None


def test_attention_and_what_else_is_told_are_there_if_the_model_has_them() -> None:
    told = [
        Insight(ToldInsight(of, of.title(), "What it is.", ("named",), of, names=("a", "b")), np.float32([1, 2]))
        for of in ("photo", "model")
    ]
    with_both = replace(MADE, insights=tuple(told))
    assert with_both.region_attention is not None
    read = read_explanation_bundle(with_both.bundle())
    assert read.attention is not None
    for mine, found in zip(told, (*read.insights, *read.model.insights), strict=True):
        assert found.told == mine.told and np.array_equal(found.values, mine.values)
    rows, columns = MADE.grid
    for region in range(rows * columns):
        true = with_both.attention_from(*divmod(region, columns)).ravel()
        assert np.abs(read.attention.values(region) - true).max() <= 0.501 * true.max() / 255
    bare = read_explanation_bundle(replace(MADE, region_attention=None, insights=()).bundle())
    assert bare.attention is None and bare.insights == ()


def test_the_model_part_is_the_same_for_every_photo_and_found_by_its_digest() -> None:
    other = replace(MADE, region_scores=MADE.region_scores + 1, photo=MADE.photo[::-1])
    assert model_bundle(other, ABOUT) == MODEL
    alone = MADE.bundle(ABOUT, whole=False)
    with pytest.raises(ConfigError, match="model part is needed"):
        read_explanation_bundle(alone)
    assert list(read_explanation_bundle(alone, read_model_bundle(MODEL)).rank()) == list(MADE.rank())
    with pytest.raises(ConfigError, match="another model"):
        read_explanation_bundle(alone, model_bundle(MADE))


def test_added_labels_are_in_it_and_told_from_the_models_own() -> None:
    case = next(made_case("plain", seed) for seed in range(20) if made_case("plain", seed).added)
    read = read_explanation_bundle(case.whole.bundle(own=len(case.own.space)))
    assert read.model.space.labels[read.told.own :] == case.added
    assert list(read.rank()) == list(case.whole.rank())


def test_what_does_not_fit_together_is_refused() -> None:
    bundle = read_bundle(VALID)
    labels = len(MADE.space)
    for head, sentence in (
        ({"format": 2}, "format 2"),
        ({"own": labels + 1}, "labels that its model lacks"),
        ({"truth": [labels]}, "labels that its model lacks"),
        ({"bundle": "explanation by pairs"}, "one of an explanation by labels"),
    ):
        with pytest.raises(ConfigError, match=sentence):
            read_explanation_bundle(write_bundle({**bundle.head, **head}, bundle.parts))
    model = read_bundle(MODEL)
    counting = write_bundle({**model.head, "counted": 10_000}, model.parts)
    digest = read_model_bundle(counting).digest
    with pytest.raises(ConfigError, match="more regions"):
        read_explanation_bundle(write_bundle({**bundle.head, "digest": digest}, bundle.parts), counting)


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
