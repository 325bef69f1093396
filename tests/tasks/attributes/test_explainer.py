"""From a photo to an explanation, on small random models and on every shipped one with real photos."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import EXAMPLES, MADE, SHIPPED, made_photo
from zslviz.errors import ConfigError, ImageError, UnknownNameError
from zslviz.explainer import Explainer
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.scoring import class_scores

Explain = Callable[..., Explanation]
models = pytest.mark.parametrize("name", [*MADE, *SHIPPED])
# Two photos a shipped model: the first and the middle one of the examples.
looks = pytest.mark.parametrize(
    ("name", "photo"), [(name, 0) for name in (*MADE, *SHIPPED)] + [(name, len(EXAMPLES) // 2) for name in SHIPPED]
)


@looks
def test_attention_sums_to_one(name: str, photo: int, explanation_of: Explain) -> None:
    explanation = explanation_of(name, photo)
    attention = explanation.attention
    if attention is None:  # shares among regions of one's own make no map: PSVMA shows what comes before them
        assert all(offer.name != "attention" for offer in explanation.offers())
        return
    if "msdn" in name:  # the second sub-net attends attributes at every region
        assert np.allclose(attention[0].sum((1, 2)), 1.0, atol=1e-4)
        assert np.allclose(attention[1].sum(0), 1.0, atol=1e-4)
    else:
        assert np.allclose(attention.sum((2, 3)), 1.0, atol=1e-4)
    assert (attention >= 0).all()


@looks
def test_evidence_adds_up_to_the_score_of_every_attribute(name: str, photo: int, explanation_of: Explain) -> None:
    explanation = explanation_of(name, photo)
    terms = explanation.evidence.astype(np.float64)
    error = np.abs(terms.sum((2, 3)) + explanation.bias - explanation.scores)
    size = np.abs(terms).sum((2, 3))
    assert (error <= 1e-4 * np.abs(explanation.scores) + 1e-6 * size).all()


@looks
def test_class_scores_from_summed_evidence_are_the_class_scores(name: str, photo: int, explanation_of: Explain) -> None:
    explanation = explanation_of(name, photo)
    expected = explanation.rank().scores
    summed = [
        float(explanation.class_evidence(c).sum(dtype=np.float64)) + explanation.class_bias(c)
        for c in range(len(explanation.space.classes))
    ]
    assert np.allclose(summed, expected, rtol=1e-4, atol=1e-4 * float(np.abs(expected).max()))


@looks
def test_maps_in_units_of_the_value_add_up_over_granularities(name: str, photo: int, explanation_of: Explain) -> None:
    explanation = explanation_of(name, photo)
    fused = explanation.fused_evidence
    assert np.allclose(explanation.value_evidence.sum(0), fused, atol=1e-5 * float(np.abs(fused).max() + 1))
    if explanation.attention is None:
        return
    assert np.allclose(
        explanation.fused_attention, np.tensordot(explanation.rule.shares, explanation.attention, 1), atol=1e-6
    )


@models
def test_the_ranking_of_an_explanation_is_that_of_the_scores(
    name: str, explanation_of: Explain, explainer_of: Callable[[str], Explainer]
) -> None:
    explanation, explainer = explanation_of(name), explainer_of(name)
    ranking = explainer.rank(explanation)
    assert np.array_equal(ranking.scores, class_scores(explanation.scores, explainer.space, explainer.rule))
    assert ranking.gamma == explainer.gamma
    unseen = explainer.rank(explanation, unseen_only=True)
    assert not any(line.seen for line in unseen.top(3))


@models
def test_undoing_edits_gives_the_first_ranking_bit_for_bit(name: str, explanation_of: Explain) -> None:
    explanation = explanation_of(name)
    first = explanation.rank()
    edited_table = explanation.space.with_values({(0, 0): 0.9, (1, 2): 0.0})
    changed = explanation.rank(image_edits={0: 1.0, 2: 0.0}, space=edited_table)
    back = explanation.rank(image_edits={}, space=edited_table.with_values(
        {(0, 0): float(explanation.space.table[0, 0]), (1, 2): float(explanation.space.table[1, 2])}
    ))  # fmt: skip
    assert not np.array_equal(first.calibrated, changed.calibrated)
    for field in ("scores", "calibrated", "order", "probabilities"):
        assert np.array_equal(getattr(first, field), getattr(back, field))


@models
def test_an_edit_never_runs_the_network(
    name: str, explanation_of: Explain, explainer_of: Callable[[str], Explainer], monkeypatch: pytest.MonkeyPatch
) -> None:
    explanation, explainer = explanation_of(name), explainer_of(name)
    monkeypatch.setattr(explainer, "_network", lambda *_: pytest.fail("the network ran"))
    monkeypatch.setattr(explainer, "_encode", lambda *_: pytest.fail("the encoder ran"))
    edited = explainer.rank(
        explanation, gamma=0.1, image_edits={1: 0.7}, space=explanation.space.with_values({(0, 1): 0.4})
    )
    why = explainer.contributions(
        explanation, int(edited.order[0]), int(edited.order[1]), gamma=0.1, image_edits={1: 0.7}
    )
    assert np.isfinite(why.margin)


@models
def test_contributions_add_up_to_the_margin_of_the_ranking(name: str, explanation_of: Explain) -> None:
    explanation = explanation_of(name)
    for edits in ({}, {0: 1.0, 3: 0.2}):
        ranking = explanation.rank(image_edits=edits)
        best, second = (int(i) for i in ranking.order[:2])
        why = explanation.contributions(best, second, image_edits=edits)
        margin = float(ranking.calibrated[best]) - float(ranking.calibrated[second])
        assert why.terms.sum(dtype=np.float64) + why.calibration == pytest.approx(margin, abs=1e-4)


@models
def test_an_edited_attribute_shows_the_wanted_value(name: str, explanation_of: Explain) -> None:
    explanation = explanation_of(name)
    values = explanation.scale.to_values(explanation.edited_scores({2: 0.85}))
    assert values[2] == pytest.approx(0.85, abs=1e-4)
    assert np.array_equal(np.delete(values, 2), np.delete(explanation.values, 2))


@models
def test_the_same_photo_gives_the_same_explanation(
    name: str, explanation_of: Explain, explainer_of: Callable[[str], Explainer]
) -> None:
    first = explanation_of(name)
    again = explainer_of(name).explain(first.photo)
    assert np.allclose(first.scores, again.scores, atol=1e-5 * float(np.abs(first.scores).max()))


@models
def test_a_batch_has_the_scores_of_its_photos_one_by_one(
    name: str, explanation_of: Explain, explainer_of: Callable[[str], Explainer]
) -> None:
    photo = explanation_of(name).photo
    photos = [photo, np.ascontiguousarray(photo[:, ::-1]), np.ascontiguousarray(photo[::-1])]
    explainer = explainer_of(name)
    batched = list(explainer.scores(photos, batch_size=2))
    size = float(np.abs(batched[0]).max())
    assert len(batched) == 3
    assert np.allclose(batched[0], explanation_of(name).scores, atol=1e-3 * size)
    assert np.allclose(batched[2], explainer.explain(photos[2]).scores, atol=1e-3 * size)


@models
def test_an_explanation_has_everything_in_the_photos_own_geometry(name: str, explanation_of: Explain) -> None:
    explanation = explanation_of(name)
    height, width, _ = explanation.photo.shape
    assert (explanation.geometry.width, explanation.geometry.height) == (width, height)
    assert explanation.geometry.map_to_photo(explanation.fused_evidence[0]).shape == (height, width)
    assert len(explanation.granularities) == len(explanation.scores)
    place = explanation.region_attributes(0, explanation.grid[1] - 1, count=3)
    assert [abs(there) for _, there in place] == sorted((abs(there) for _, there in place), reverse=True)
    with pytest.raises(ConfigError, match="no region"):
        explanation.region_attributes(explanation.grid[0], 0)


@models
def test_an_explanation_is_saved_and_read_bit_for_bit(name: str, explanation_of: Explain, tmp_path: Path) -> None:
    explanation = explanation_of(name)
    explanation.save(tmp_path / "seen.json")
    read = Explanation.load(tmp_path / "seen.npz")
    for field in ("photo", "scores", "bias", "attention", "evidence", "attention_context", "parts"):
        ours, theirs = getattr(explanation, field), getattr(read, field)
        assert (ours is None) == (theirs is None)
        assert ours is None or (np.array_equal(ours, theirs) and ours.dtype == theirs.dtype), field
    assert (read.model, read.geometry, read.rule, read.gamma, read.strangeness) == (
        explanation.model, explanation.geometry, explanation.rule, explanation.gamma, explanation.strangeness,
    )  # fmt: skip
    assert (read.space.classes, read.space.groups) == (explanation.space.classes, explanation.space.groups)
    assert np.array_equal(read.rank().calibrated, explanation.rank().calibrated)
    assert np.array_equal(read.values, explanation.values)


@pytest.mark.parametrize(
    "damage", ["no npz", "cut npz", "flipped npz", "text npz", "no json", "cut json", "list json", "key"]
)
def test_a_damaged_explanation_gets_one_sentence(damage: str, explanation_of: Explain, tmp_path: Path) -> None:
    json_path, npz_path = explanation_of("made-mgmrn").save(tmp_path / "seen")
    target = npz_path if "npz" in damage else json_path
    data = bytearray(target.read_bytes())
    if damage.startswith("no "):
        target.unlink()
    elif damage.startswith("cut"):
        target.write_bytes(data[: len(data) // 2])
    elif damage.startswith("flipped"):
        data[len(data) // 3] ^= 0xFF
        target.write_bytes(data)
    elif damage.startswith("text"):
        target.write_bytes(b"not an archive")
    elif damage.startswith("list"):
        target.write_text("[1, 2]")
    else:
        target.write_text(json_path.read_text().replace('"geometry"', '"geometri"'))
    with pytest.raises(ConfigError, match="missing or damaged|is not a saved explanation that can be used") as caught:
        Explanation.load(tmp_path / "seen")
    assert "\n" not in str(caught.value)


def test_parts_are_shown_where_grouping_is_decoupled(explanation_of: Explain) -> None:
    parts = explanation_of("made-mgmrn").parts
    assert parts.shape == (3, 5, 2, 2)
    assert np.allclose(parts.sum(1), 1.0, atol=1e-5)
    assert explanation_of("made-msdn").parts is None


def test_bad_photos_raise_an_image_error(explainer_of: Callable[[str], Explainer], tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("no photo")
    with pytest.raises(ImageError, match=r"text\.jpg"):
        explainer_of("made-msdn").explain(tmp_path / "text.jpg")


def test_a_wrong_model_is_answered_with_the_nearest(made_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZSLVIZ_CHECKPOINTS", str(made_folder))
    with pytest.raises(UnknownNameError, match="'made-mgmrn'"):
        Explainer.from_pretrained("made-mgmr")


def test_many_at_once_get_their_own_photos_explanation(explainer_of: Callable[[str], Explainer]) -> None:
    explainer = explainer_of("made-mgmrn")
    pixels = np.asarray(made_photo())
    photos = [np.roll(pixels, 17 * i, axis=1) for i in range(8)]
    alone = [explainer.explain(p) for p in photos]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(explainer.explain, photos * 3))
    for index, explanation in enumerate(together):
        expected = alone[index % 8]
        assert np.array_equal(explanation.photo, expected.photo)
        assert np.allclose(explanation.scores, expected.scores, atol=1e-5)
        assert np.allclose(explanation.evidence, expected.evidence, atol=1e-5)
