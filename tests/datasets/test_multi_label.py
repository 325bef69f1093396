from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from zslviz.datasets.reading import load_dataset
from zslviz.errors import DataError, UnknownNameError
from zslviz.photos.borders import without_border
from zslviz.tasks.multilabel.data import MultiLabelDataset
from zslviz.words.vectors import WordVectors

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
    data = load_dataset("corel5k", corel, "multilabel", WORDS)
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
        load_dataset("corel5k", corel, "multilabel", WORDS)


def test_what_is_not_there_is_named(corel: Path) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'corel5k'"):
        load_dataset("corel", corel, "multilabel", WORDS)
    with pytest.raises(DataError, match="does not exist"):
        load_dataset("corel5k", corel / "none", "multilabel", WORDS)
    (corel / "photos.csv").unlink()
    with pytest.raises(DataError, match=r"photos.csv' is missing"):
        load_dataset("corel5k", corel, "multilabel", WORDS)


def test_a_data_set_that_contradicts_itself_is_refused(corel: Path) -> None:
    data = load_dataset("corel5k", corel, "multilabel", WORDS)

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


# -- NUS-WIDE and Open Images, in the layouts of their lists -------------------------------------------------------------


def put(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def put_photos(folder: Path, names: list[str]) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        textured(12, 10).save(folder / name)


@pytest.fixture
def nus(tmp_path: Path) -> Path:
    """Tags sky, qwzx (no vector), tiger (a concept, too), tree; concepts tiger and water; one photo is gone."""
    put(
        tmp_path,
        {
            "ImageList/TrainImagelist.txt": "a\\1.jpg\na\\2.jpg\nb\\3.jpg\n",
            "ImageList/TestImagelist.txt": "b\\4.jpg\nb\\5.jpg\n",
            "NUS_WID_Tags/TagList1k.txt": "sky\nqwzx\ntiger\ntree\n",
            "NUS_WID_Tags/Train_Tags1k.dat": "1\t0\t1\t0\t\n0\t1\t0\t0\t\n1\t0\t0\t1\t\n",
            "NUS_WID_Tags/Test_Tags1k.dat": "0\t0\t1\t1\t\n1\t0\t0\t0\t\n",
            "ConceptsList/Concepts81.txt": "tiger\nwater\n",
            "Groundtruth/TrainTestLabels/Labels_tiger_Train.txt": "1\n0\n0\n",
            "Groundtruth/TrainTestLabels/Labels_water_Train.txt": "0\n1\n0\n",
            "Groundtruth/TrainTestLabels/Labels_tiger_Test.txt": "0\n1\n",
            "Groundtruth/TrainTestLabels/Labels_water_Test.txt": "1\n0\n",
        },
    )
    put_photos(tmp_path / "Flickr", ["a/1.jpg", "a/2.jpg", "b/3.jpg", "b/5.jpg"])
    return tmp_path


def test_nus_wide_has_tags_as_seen_and_concepts_as_unseen_labels(nus: Path) -> None:
    data = load_dataset("nuswide", nus, "multilabel", WORDS)
    assert data.space.labels == ("sky", "tree", "tiger", "water"), "the tag that is a concept as well counts once"
    assert data.space.seen.tolist() == [True, True, False, False]
    assert [file.name for file in data.files] == ["1.jpg", "2.jpg", "3.jpg", "5.jpg"]
    assert data.labels.tolist() == [[1, -1, 1, -1], [-1, -1, -1, 1], [1, 1, -1, -1], [1, -1, 1, -1]]
    assert sorted([*data.train, *data.val]) == [0, 2], "without a known tag there is nothing to rank"
    assert data.test.tolist() == [3]
    assert "1 labels without a word vector" in data.note
    assert data.photo(0).size == (12, 10)


def test_nus_wide_tags_are_read_from_the_list_of_all_photos_too(nus: Path) -> None:
    expected = load_dataset("nuswide", nus, "multilabel", WORDS).labels
    put(
        nus,
        {
            "ImageList/Imagelist.txt": "b\\5.jpg\na\\1.jpg\na\\2.jpg\nb\\3.jpg\nb\\4.jpg\n",
            "NUS_WID_Tags/AllTags1k.txt": "1 0 0 0\n1 0 1 0\n0 1 0 0\n1 0 0 1\n0 0 1 1\n",
        },
    )
    for part in ("Train", "Test"):
        (nus / "NUS_WID_Tags" / f"{part}_Tags1k.dat").unlink()
    assert np.array_equal(load_dataset("nuswide", nus, "multilabel", WORDS).labels, expected)


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("NUS_WID_Tags/Train_Tags1k.dat", "1 0 1\n0 1 0\n1 0 0\n", "must hold 3 rows of 4 zeros and ones"),
        ("NUS_WID_Tags/Train_Tags1k.dat", "1 0 1 0\n0 1\n1 0 0 1\n", "must be a table|must hold 3 rows"),
        ("Groundtruth/TrainTestLabels/Labels_tiger_Test.txt", "0\n2\n", "must hold 2 rows of 1 zeros"),
        ("Groundtruth/TrainTestLabels/Labels_tiger_Test.txt", "x\ny\n", "must be a table|must hold 2 rows"),
        ("ImageList/TestImagelist.txt", "b\\9.jpg\nb\\8.jpg\n", "None of the listed photos"),
    ],
)
def test_nus_wide_lists_that_do_not_fit_are_answered(nus: Path, file: str, content: str, message: str) -> None:
    put(nus, {file: content})
    with pytest.raises(DataError, match=message):
        load_dataset("nuswide", nus, "multilabel", WORDS)


def test_nus_wide_without_photos_or_a_list_says_what_is_missing(nus: Path) -> None:
    (nus / "Groundtruth/TrainTestLabels/Labels_water_Train.txt").unlink()
    with pytest.raises(DataError, match=r"Labels_water_Train.txt' is missing"):
        load_dataset("nuswide", nus, "multilabel", WORDS)
    (nus / "Flickr").rename(nus / "elsewhere")
    with pytest.raises(DataError, match="has no photos: put them into 'Flickr'"):
        load_dataset("nuswide", nus, "multilabel", WORDS)


ANNOTATIONS = "ImageID,Source,LabelName,Confidence\n"


@pytest.fixture
def open_images(tmp_path: Path) -> Path:
    """Labels sky and tree trainable; water twice and tiger once among the test's confirmed others; qwzx has no vector."""
    put(
        tmp_path,
        {
            "class-descriptions.csv": '/m/s,Sky\n/m/t,"Tree"\n/m/q,Qwzx\n/m/w,Water\n/m/g,Tiger\n',
            "classes-trainable.txt": "/m/s\n/m/t\n/m/q\n",
            "train/train-annotations-human-imagelabels.csv": ANNOTATIONS
            + "aa,verification,/m/s,1\naa,verification,/m/w,1.0\nab,verification,/m/t,0\nzz,verification,/m/t,1\n",
            "validation-annotations-human-imagelabels.csv": ANNOTATIONS + "va,verification,/m/s,0\n",
            "test/test-annotations-human-imagelabels.csv": ANNOTATIONS
            + "ta,verification,/m/w,1\ntb,verification,/m/w,1\ntb,crowdsource-verification,/m/g,1\ntb,verification,/m/s,0\n",
        },
    )
    put_photos(tmp_path, ["train/aa.jpg", "train/ab.jpg", "images/validation/va.jpg", "test/ta.jpg", "test/tb.jpg"])
    return tmp_path


def test_open_images_knows_what_was_confirmed_denied_or_not_looked_at(open_images: Path) -> None:
    data = load_dataset("openimages", open_images, "multilabel", WORDS)
    assert data.space.labels == ("Sky", "Tree", "Water", "Tiger"), "unseen ones by how often they are confirmed"
    assert data.space.seen.tolist() == [True, True, False, False]
    assert [file.stem for file in data.files] == ["aa", "ab", "va", "ta", "tb"]
    assert data.labels.tolist() == [[1, 0, 1, 0], [0, -1, 0, 0], [-1, 0, 0, 0], [0, 0, 1, 0], [-1, 0, 1, 1]]
    assert (data.train.tolist(), data.val.tolist(), data.test.tolist()) == ([0], [2], [3, 4])
    assert "1 labels without a word vector" in data.note


def test_the_unseen_labels_of_open_images_can_be_named(open_images: Path) -> None:
    put(open_images, {"classes-unseen.txt": "tiger\n"})
    assert load_dataset("openimages", open_images, "multilabel", WORDS).space.labels == ("Sky", "Tree", "Tiger")
    put(open_images, {"classes-unseen.txt": "/m/s\n"})
    with pytest.raises(DataError, match="'/m/s', a label of 'classes-trainable.txt'"):
        load_dataset("openimages", open_images, "multilabel", WORDS)
    put(open_images, {"classes-unseen.txt": "tigger\n"})
    with pytest.raises(DataError, match="'tigger', which .* did you mean 'Tiger'"):
        load_dataset("openimages", open_images, "multilabel", WORDS)


def test_open_images_lists_that_do_not_fit_are_answered(open_images: Path) -> None:
    put(open_images, {"test/test-annotations-human-imagelabels.csv": "ImageID,LabelName\nta,/m/w\n"})
    with pytest.raises(DataError, match="must have the columns ImageID, LabelName, Confidence"):
        load_dataset("openimages", open_images, "multilabel", WORDS)
    put(open_images, {"test/test-annotations-human-imagelabels.csv": ANNOTATIONS + "ta,verification,/m/w,yes\n"})
    with pytest.raises(DataError, match="is not a table of verified labels"):
        load_dataset("openimages", open_images, "multilabel", WORDS)
    (open_images / "test/test-annotations-human-imagelabels.csv").unlink()
    with pytest.raises(DataError, match="is missing"):
        load_dataset("openimages", open_images, "multilabel", WORDS)
    (open_images / "train").rename(open_images / "elsewhere")
    with pytest.raises(DataError, match="no photos in"):
        load_dataset("openimages", open_images, "multilabel", WORDS)


def test_without_any_word_vector_a_data_set_cannot_be_read(open_images: Path) -> None:
    nothing = WordVectors({"nothing": 0}, np.ones((1, 3), dtype=np.float32), name="made")
    with pytest.raises(DataError, match="None of the 5 labels has a word vector in 'made'"):
        load_dataset("openimages", open_images, "multilabel", nothing)
