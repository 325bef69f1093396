"""A photo seen eight times, slightly otherwise: what is done to it, and what is told of the answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from tests.conftest import ROOT
from tests.tasks.attributes.taking import shipped
from zslviz.errors import ConfigError
from zslviz.explainer import Explainer
from zslviz.photos.loading import MAX_SIDE, check_size
from zslviz.photos.looks import LOOKS, STEP, looks
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.wobble import Wobble, parsed


def test_eight_looks_show_the_same_photo_mirrored_moved_nearer_and_farther() -> None:
    photo = np.random.default_rng(0).integers(0, 256, (100, 150, 3), dtype=np.uint8)
    seen = dict(zip(LOOKS, looks(photo), strict=True))
    assert len(seen) == 8 and 100 * STEP == 8
    assert np.array_equal(seen["mirrored"], photo[:, ::-1])
    assert np.array_equal(seen["moved left"], photo[:, 12:]) and np.array_equal(seen["moved down"], photo[:92])
    assert np.array_equal(seen["nearer"], photo[8:92, 12:138])
    assert np.array_equal(seen["mirrored and nearer"], seen["nearer"][:, ::-1])
    assert np.array_equal(seen["farther"][8:108, 12:162], photo) and seen["farther"].shape == (116, 174, 3)


@pytest.mark.parametrize("size", [(8, 8), (9, 12), (MAX_SIDE, 8), (8, MAX_SIDE), (10_000, 5_000)])
def test_each_look_at_the_smallest_and_the_largest_photo_is_taken_like_any_other_and_shows_something_else(
    size: tuple[int, int],
) -> None:
    photo = np.random.default_rng(1).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    for name, one in zip(LOOKS, looks(photo), strict=True):
        check_size((one.shape[1], one.shape[0]))
        assert not np.array_equal(one, photo), name


def test_what_stays_and_how_far_it_is_ahead_is_counted_look_by_look() -> None:
    whole = shipped("mgmrn-awa2")[0]
    first, second, third = (line.index for line in whole.rank().top(3))
    looked = [whole.scores] * 5 + [_as(whole, second)] * 2 + [_as(whole, third)]
    told = Wobble(np.stack(looked), whole).under()
    assert (told.first, told.stays, told.of) == (first, 5, 8)
    assert told.others == ((second, 2), (third, 1))
    lead = whole.rank().top(2)[0].score - whole.rank().top(2)[1].score
    assert told.leads[:5] == pytest.approx([lead] * 5, abs=1e-5) and max(told.leads[5:]) < 0
    names = whole.space.class_names
    assert f"{names[first]} is first 5 of 8 times; its lead goes from −" in told.sentence.text
    assert told.sentence.text.endswith(f"Else first: {names[second]} (2) and {names[third]} (1).")
    gamma = RankRequest(gamma=whole.gamma + 50)  # no class that was trained on comes first
    assert not whole.space.seen[Wobble(np.stack(looked), whole).under(gamma).first]
    assert parsed(whole, [one.ravel().tolist() for one in looked]).under().to_dict() == told.to_dict()
    for wrong in (None, [], [[0.0]], [["a"] * whole.scores.size]):
        with pytest.raises(ConfigError, match="a score of every attribute"):
            parsed(whole, wrong)


def _as(whole: Explanation, index: int) -> np.ndarray:
    """Scores of which a class is first: those of the photo, moved towards its description."""
    row = np.asarray(whole.space.table[index] - whole.space.table.mean(axis=0))
    for step in np.linspace(0, 300, 601):
        scores = (whole.scores + step * row).astype(np.float32)
        if (
            replace(whole, scores=scores, bias=None, evidence=None, attention=None, further=()).rank().best.index
            == index
        ):
            return scores
    raise AssertionError


def test_the_network_looks_again_at_what_was_explained() -> None:
    explainer = Explainer.from_pretrained("msdn-awa2", "cpu")
    explanation = explainer.explain(ROOT / "assets" / "examples" / "giraffe.jpg")
    looked = explainer.looked_again(explanation)
    assert looked.scores.shape == (8, *explanation.scores.shape)
    mirrored = explainer.explain(Image.fromarray(explanation.photo[:, ::-1].copy()))
    np.testing.assert_allclose(looked.scores[0], mirrored.scores, atol=1e-3)
    assert looked.under().first == explanation.rank().best.index
