"""What every explanation of a photo keeps to, whatever is predicted: its maps, its size, its files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import made_photo
from tests.contracts.made import made_for
from tests.contracts.made.memory import derive_everything, held
from zslviz.catalogue import Task
from zslviz.errors import ConfigError
from zslviz.explainer import Explainer
from zslviz.tasks.attributes import pictures
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.maps import AttributeMaps
from zslviz.tasks.base.photo import ExplainedPhoto, MapOffer

TASKS: dict[str, Task] = {"labels": "multilabel", "pairs": "compositional"}  # of the others it is attributes
KINDS = ("attributes", "decoupled", "labels", "pairs", "attention alone", "further")


@pytest.fixture(scope="module")
def explained(
    explanation_of: Callable[..., Explanation], label_folder: Path, composition_folder: Path
) -> Callable[[str], ExplainedPhoto]:
    photo = made_photo()
    msdn = explanation_of("made-msdn")
    of = {
        "attributes": msdn,
        "decoupled": explanation_of("made-mgmrn"),
        "labels": Explainer.from_pretrained(label_folder, "cpu").explain(photo),
        "pairs": Explainer.from_pretrained(composition_folder, "cpu").explain(photo),
        "attention alone": without_evidence(msdn),
        "further": with_frozen_gates(msdn),
    }
    return lambda kind: replace(of[kind])  # a fresh one, from which nothing is derived yet


def without_evidence(explanation: Explanation) -> Explanation:
    """As a system gives it whose scores are no sum over places (TransZero)."""
    return replace(explanation, evidence=None, bias=None)


def with_frozen_gates(explanation: Explanation) -> Explanation:
    """As a system gives it whose scores are a sum over places once its gates are taken as they are, beside a large bias."""
    offer = MapOffer("frozen gates", "attribute", "With gates as they are", "A share of it.", exact=True, signed=True)
    assert explanation.evidence is not None
    half = explanation.evidence / 2
    frozen = AttributeMaps(offer, half, explanation.scores - half.sum((2, 3)))
    return replace(explanation, evidence=None, bias=None, further=(frozen,))


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_offered_is_there_and_adds_up_where_it_is_exact(kind: str, explained: Callable) -> None:
    explanation = explained(kind)
    offers = explanation.offers()
    assert offers and len({offer.name for offer in offers}) == len(offers)
    for offer in offers:
        for what in made_for(TASKS.get(kind, "attributes")).things_of(explanation, offer.of):
            shown = explanation.map(offer.name, what)
            assert shown.offer == offer and shown.values.shape == explanation.grid
            assert shown.scale.signed is offer.signed and (offer.signed or shown.values.min() >= 0 or offer.exact)
            assert (shown.together is not None) is (shown.score is not None) is offer.exact
            if offer.exact:
                assert shown.together == pytest.approx(shown.score, rel=1e-3, abs=1e-3)
    with pytest.raises(ConfigError, match=f"no map of 'saliency'; choose {offers[0].name}"):
        explanation.map("saliency", 0)


def test_the_map_of_one_granularity_adds_up_too(explained: Callable) -> None:
    for kind in ("decoupled", "further"):
        explanation = explained(kind)
        offer = explanation.offer_of(None, "attribute")
        for granularity in range(len(explanation.granularities)):
            shown = explanation.map(offer.name, 1, granularity)
            assert shown.together == pytest.approx(shown.score, rel=1e-4, abs=1e-4)
            np.testing.assert_array_equal(shown.values, explanation.layers(offer.name, 1)[granularity])


def test_attention_that_is_the_same_for_every_attribute_is_not_offered(explained: Callable) -> None:
    explanation = explained("attributes")
    alike = np.broadcast_to(explanation.attention[:, :1], explanation.attention.shape).copy()
    mean = replace(explanation, attention=alike)  # as of a system that looks at the mean over all places
    assert [offer.name for offer in mean.offers()] == ["evidence", "class evidence"]
    with pytest.raises(ConfigError, match="choose evidence"):
        mean.offer_of("attention", "attribute")
    assert mean.fused_attention.shape == mean.fused_evidence.shape  # it is there for who asks for it


def test_a_system_without_evidence_is_drawn_by_its_attention(explained: Callable) -> None:
    explanation = explained("attention alone")
    shown = explanation.offer_of(None, "attribute")
    assert shown.name == "attention" and [offer.name for offer in explanation.offers()] == ["attention"]
    maps = pictures.maps_answer(explanation, 1, shown)
    assert maps["kind"] == "attention" and maps["equation"] == "" and len(maps["layers"]) > 1
    assert pictures.thumbnails_answer(explanation, [0, 2], shown)["end"] == maps["end"]
    region = pictures.region_answer(explanation, 0.9, 0.9)
    row, column = explanation.grid[0] - 1, explanation.grid[1] - 1
    looked = explanation.fused_attention[:, row, column]
    told = [one["attribute"] for one in region["attributes"]]
    assert set(told) <= set(np.flatnonzero(looked >= 2 * explanation.fused_attention.mean((1, 2))).tolist())
    assert not told or looked[told[0]] == looked[told].max()
    for ask in (explanation.class_evidence, explanation.class_bias):
        with pytest.raises(ConfigError, match="no exact evidence"):
            ask(0)
    with pytest.raises(ConfigError, match="choose attention"):
        explanation.fused_evidence  # noqa: B018


def test_a_model_without_any_map_says_so(explained: Callable) -> None:
    bare = replace(explained("attributes"), evidence=None, bias=None, attention=None)
    assert bare.offers() == () and bare.grid is None and bare.to_dict()["grid"] is None
    assert bare.rank() == explained("attributes").rank()
    for ask in (lambda: bare.offer_of(None), lambda: pictures.region_answer(bare, 0.5, 0.5)):
        with pytest.raises(ConfigError, match="has no maps"):
            ask()


# -- size -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_the_size_is_that_of_all_arrays_once_everything_is_derived(kind: str, explained: Callable) -> None:
    explanation = explained(kind)
    space = explanation.space
    before = explanation.size
    own = explanation.size_beside(space)
    derive_everything(explanation)
    assert explanation.size == before == held(explanation) > explanation.photo.nbytes
    assert own == held(explanation) - held(space)


def test_what_two_explanations_share_counts_once(explained: Callable) -> None:
    first = explained("labels")
    vectors = np.ones((1, first.space.vectors.shape[1]), dtype=np.float32)
    added = first.with_labels(["new"], vectors, np.ones((1, first.embeddings.shape[1]), dtype=np.float32))
    shared = [getattr(first, name) for name in ("photo", "embeddings", "region_attention", "scene_gate")]
    shared += [insight.values for insight in first.insights]
    assert added.size_beside(first) == added.size - sum(array.nbytes for array in shared)
    assert first.size_beside(first) == 0


# -- files ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_an_explanation_is_saved_with_what_it_offers(kind: str, explained: Callable, tmp_path: Path) -> None:
    explanation = explained(kind)
    explanation.save(tmp_path / "seen")
    read = type(explanation).load(tmp_path / "seen")
    assert read.offers() == explanation.offers() and read.grid == explanation.grid
    assert read.to_dict() == explanation.to_dict() and read.rank() == explanation.rank()
    for offer in explanation.offers():
        what = made_for(TASKS.get(kind, "attributes")).things_of(explanation, offer.of)[-1]
        np.testing.assert_array_equal(read.map(offer.name, what).values, explanation.map(offer.name, what).values)
    for field in fields(explanation):
        ours, theirs = getattr(explanation, field.name), getattr(read, field.name)
        if isinstance(ours, np.ndarray):
            np.testing.assert_array_equal(ours, theirs)


def test_a_file_that_lost_its_evidence_is_damaged(explained: Callable, tmp_path: Path) -> None:
    _, npz = explained("attributes").save(tmp_path / "seen")
    with np.load(npz) as archive:
        kept = {name: archive[name] for name in archive.files if name != "evidence"}
    np.savez(npz, **kept)
    with pytest.raises(ConfigError, match="missing or damaged"):
        Explanation.load(tmp_path / "seen")
