from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from zslviz.datasets.multi_label import MultiLabelDataset, load_multi_label, without_border
from zslviz.errors import DataError, UnknownNameError
from zslviz.words import WordVectors

WORDS = WordVectors(
    {w: i for i, w in enumerate(["sky", "tree", "white", "tailed", "tiger", "water"])}, np.eye(6, dtype=np.float32)
)

KNOWN = "label,split\nsky,seen\ntree,seen\nwhite-tailed,seen\ntiger,val_unseen\nwater,unseen\n"


@pytest.fixture
def corel(tmp_path: Path) -> Path:
    (tmp_path / "images").mkdir()
    for number in range(4):
        bordered(60, 40, (3, 2, 1, 4)).save(tmp_path / "images" / f"{number}.png")
    (tmp_path / "labels.csv").write_text(KNOWN)
    (tmp_path / "photos.csv").write_text(
        "image,split,labels\n0.png,train,sky;white-tailed\n1.png,val,tiger;sky\n2.png,test,water;sky\n3.png,test,water;tree\n"
    )
    return tmp_path


def textured(width: int, height: int, low: int = 60, high: int = 220) -> Image.Image:
    pixels = np.random.default_rng(0).integers(low, high, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(pixels)


def bordered(width: int, height: int, border: tuple[int, int, int, int]) -> Image.Image:
    """A textured photo of this size inside a noisy black border (left, top, right, bottom) that is added to it."""
    left, top, right, bottom = border
    noise = np.random.default_rng(1).integers(0, 14, (height + top + bottom, width + left + right, 3), dtype=np.uint8)
    photo = Image.fromarray(noise)
    photo.paste(textured(width, height), (left, top))
    return photo


def test_corel_is_read_with_tags_parts_and_vectors(corel: Path) -> None:
    data = load_multi_label("corel5k", corel, WORDS)
    assert data.space.labels == ("sky", "tree", "white-tailed", "tiger", "water")
    assert data.space.seen.tolist() == [True, True, True, False, False]
    assert data.val_unseen.tolist() == [False, False, False, True, False]
    assert data.unseen.tolist() == [False, False, False, False, True]
    assert data.labels.tolist() == [[1, -1, 1, -1, -1], [1, -1, -1, 1, -1], [1, -1, -1, -1, 1], [-1, 1, -1, -1, 1]]
    assert (data.train.tolist(), data.val.tolist(), data.test.tolist()) == ([0], [1], [2, 3])
    assert np.allclose(data.space.vectors[2], np.array([0, 0, 1, 1, 0, 0]) / np.sqrt(2)), "a compound is composed"
    assert data.photo(2).size == (60, 40)
    assert "incomplete" in data.note
    assert "3 seen and 1 unseen labels, 1 more held out" in data.summary


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("labels.csv", "label,part\nsky,seen\n", "has no column 'split'"),
        ("labels.csv", "label,split\nsky,known\n", "Line 2 of 'labels.csv' needs a label and its split"),
        ("photos.csv", "image,split,labels\n0.png,train,skies\n", "'skies', which 'labels.csv' lacks; did you mean 'sky'?"),
        ("photos.csv", "image,split,labels\n0.png,training,sky\n", "Line 2 of 'photos.csv' needs an image and its split"),
        ("labels.csv", KNOWN + "qwzx,seen\n", "There is no vector for 'qwzx'"),
    ],
)  # fmt: skip
def test_a_folder_that_is_wrong_is_answered_with_one_sentence(
    corel: Path, file: str, content: str, message: str
) -> None:
    (corel / file).write_text(content)
    with pytest.raises(DataError, match=message.replace("?", r"\?")):
        load_multi_label("corel5k", corel, WORDS)


def test_what_is_not_there_is_named(corel: Path) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'corel5k'"):
        load_multi_label("corel", corel, WORDS)
    with pytest.raises(DataError, match="does not exist"):
        load_multi_label("corel5k", corel / "none", WORDS)
    (corel / "photos.csv").unlink()
    with pytest.raises(DataError, match=r"photos.csv' is missing"):
        load_multi_label("corel5k", corel, WORDS)


def test_a_data_set_that_contradicts_itself_is_refused(corel: Path) -> None:
    data = load_multi_label("corel5k", corel, WORDS)

    def refused(message: str, **changes: object) -> None:
        with pytest.raises(DataError, match=message):
            replace(data, **changes)

    refused("the tags are", labels=data.labels[:, :3])
    refused("A tag is 1", labels=data.labels * np.int8(2))
    refused("'sky' is both trained on and held out", val_unseen=np.ones(5, dtype=bool))
    refused("one part", val=data.train)
    refused("marks of those held out", val_unseen=np.zeros(2, dtype=bool))
    assert isinstance(data, MultiLabelDataset)


@pytest.mark.parametrize("border", [(3, 2, 1, 4), (0, 0, 5, 0), (7, 7, 7, 7), (0, 0, 0, 0), (2, 0, 0, 3)])
def test_a_black_border_is_cut_off_to_the_pixel(border: tuple[int, int, int, int]) -> None:
    photo = bordered(120, 80, border)
    assert np.array_equal(np.asarray(without_border(photo)), np.asarray(textured(120, 80)))


def test_the_line_where_border_and_photo_mix_goes_with_the_border() -> None:
    pixels = np.array(bordered(120, 80, (3, 0, 0, 0)))
    pixels[:, 3] = pixels[:, 3] * 0.4
    assert without_border(Image.fromarray(pixels)).size == (119, 80)


def test_a_dark_photo_without_a_border_stays_whole() -> None:
    night = textured(120, 80, 0, 20)
    assert without_border(night).size == night.size
    lamp = night.copy()
    ImageDraw.Draw(lamp).ellipse((8, 6, 40, 38), fill=(250, 240, 200))
    assert without_border(lamp).size == lamp.size
    sky = textured(120, 80)
    sky.paste(textured(120, 30, 0, 20), (0, 0))
    assert without_border(sky).size == sky.size, "black sky over a third of the photo"
