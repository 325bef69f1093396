"""What is told of maps and of typed words: which are one picture, where they are strongest, their lines, and a word's kin."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest

from zslviz.errors import ConfigError, DataError
from zslviz.photos.geometry import Geometry
from zslviz.photos.heatmaps import ColourScale
from zslviz.tasks.base import kin, outlines, stretching, where
from zslviz.tasks.base.likeness import alike, correlation
from zslviz.tasks.base.photo import ExplainedPhoto
from zslviz.words.names import GLOVE
from zslviz.words.source import word_source
from zslviz.words.vectors import WordVectors


class Lain:
    """An explanation, as far as maps are laid over its photo."""

    def __init__(self, width: int = 120, height: int = 90) -> None:
        self.geometry = self.map_geometry = Geometry.fit(width, height, 64)


LAIN = cast(ExplainedPhoto, Lain())


def test_maps_that_differ_in_height_alone_are_one_picture_and_a_flat_one_is_like_flat_ones_only() -> None:
    first = np.random.default_rng(3).random((5, 7)).astype(np.float32)
    flat, other = np.full((5, 7), 0.2, np.float32), first[::-1, ::-1].copy()
    assert correlation(first, 3 * first - 1) == pytest.approx(1)
    assert alike([first, flat, 4 * first, other, 2 * flat]) == [[0, 2], [1, 4], [3]]
    assert alike([]) == []


@pytest.mark.parametrize(
    ("cell", "words"), [((0, 0), "upper left"), ((2, 2), "centre"), ((4, 2), "lower middle"), ((2, 4), "middle right")]
)
def test_where_a_map_is_strongest_in_words(cell: tuple[int, int], words: str) -> None:
    values = np.zeros((5, 5), np.float32)
    values[cell] = 2.0
    assert where.where_in_words(LAIN, values) == f"strongest at the {words}; 1 of 25 places come half-way to it or more"
    assert where.where_in_words(LAIN, -values) == ""


def test_contours_enclose_what_lies_above_their_share_of_the_scale() -> None:
    ramp = np.repeat(np.linspace(0, 1, 9, dtype=np.float32)[None], 9, axis=0)
    drawn = outlines.contours_answer(LAIN, ramp, ColourScale(0.0, 1.0))
    assert [line["share"] for line in drawn["lines"]] == [0.25, 0.5, 0.75]
    assert (drawn["width"], drawn["height"]) == (1000, 750)
    for line in drawn["lines"]:  # from left to right the ramp rises: the area begins at its share
        left = min(int(x) for x in line["path"].replace("M", " ").replace("L", " ").replace("Z", " ").split()[::2])
        assert left == pytest.approx(1000 * line["share"], abs=70)
    signed = outlines.contours_answer(LAIN, ramp - np.float32(0.5), ColourScale(-0.5, 0.5, signed=True))
    assert {line["against"] for line in signed["lines"]} == {False, True}


def test_whether_a_map_is_stretched_is_asked_plainly() -> None:
    assert [stretching.stretch_named(value) for value in (True, False, None)] == [True, False, None]
    with pytest.raises(ConfigError, match="true, false or null"):
        stretching.stretch_named("yes")


def test_a_word_shows_its_nearest_names_and_a_far_one_is_told() -> None:
    names, vectors = ("tower", "sea", "snow"), np.eye(3, 4, dtype=np.float32)
    near = kin.kin_of("lighthouse", np.array([3.0, 1.0, 0.5, 0.0], np.float32), names, vectors, "label")
    assert [name for name, _ in near.nearest] == ["tower", "sea", "snow"]
    assert near.nearest[0][1] == pytest.approx(3 / np.sqrt(10.25)) and near.doubt == ""
    far = kin.kin_of("idea", np.array([0.1, 0.0, 0.0, 1.0], np.float32), names, vectors, "label")
    assert far.doubt.startswith("“idea” is far from every label that the model knows (0.10 like the nearest, “tower”)")
    assert far.doubt.count(". ") == 0


def test_nonsense_is_told_in_one_sentence_where_words_are_listed() -> None:
    try:
        word_source(GLOVE)
    except ConfigError:
        pytest.skip("no list of words is installed")
    names, vectors = ("tower",), np.ones((1, 2), np.float32)
    for word in ("qqqq", "zzqx", "a b c d e f g h i j"):
        told = kin.kin_of(word, np.ones(2, np.float32), names, vectors, "label").doubt
        assert told == f"“{word}” is no word that is known here, so its place in the ranking means nothing."
    assert all(kin.is_word(word) for word in ("lighthouse", "polar bears", "T-shirts"))


def test_a_word_without_a_vector_is_told_without_names_of_packages() -> None:
    source = WordVectors({"tower": 0, "snow": 1}, np.eye(2, dtype=np.float32))
    with pytest.raises(DataError) as error:
        source.phrase("towr")
    said = str(kin.as_page_says(error.value, "labels"))
    assert said == "“towr” is no word that is known here, so it cannot join the labels; did you mean “tower”?"
    other = DataError("Something else.")
    assert kin.as_page_says(other, "labels") is other
