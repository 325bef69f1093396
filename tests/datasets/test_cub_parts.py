from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.datasets.layouts import CUB_CLASSES, make_cub, photo_names
from tests.datasets.part_layouts import ALL_PARTS, add_parts, part_place
from zslviz.datasets.cub_parts import PARTS_OF_GROUP, read_part_locations
from zslviz.datasets.reading import load_dataset
from zslviz.errors import DataError

SIZES = [(100 + 10 * i, 80 + 5 * i) for i in range(16)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = make_cub(tmp_path)
    add_parts(folder, SIZES)
    return folder


def test_places_are_fractions_of_the_originals_size_in_the_order_of_the_split(folder: Path) -> None:
    dataset = load_dataset("cub", folder)
    located = read_part_locations(dataset)
    listed = photo_names(CUB_CLASSES)
    names = ["/".join(f.parts[-2:]) for f in dataset.files]
    assert names != listed  # the split's list has another order than images.txt
    for row, name in enumerate(names):
        index = listed.index(name)
        width, height = SIZES[index]
        for part in range(len(ALL_PARTS)):
            x, y = part_place(index, part)
            assert located.points[row, part] == pytest.approx((x / width, y / height), abs=1e-5)
            assert located.visible[row, part] == (part != index % len(ALL_PARTS))
        box = (10 / width, 20 / height, 1 - 5 / width, 1 - 4 / height)
        assert located.boxes[row] == pytest.approx(box, abs=1e-5)


@pytest.fixture
def unresized(tmp_path: Path) -> Path:
    """Photos of the sizes that their parts were marked in, without a list of these."""
    folder = make_cub(tmp_path)
    add_parts(folder, [(48 + i, 40) for i in range(16)])
    (folder / "image_sizes.txt").unlink()
    return folder


def test_without_a_list_of_sizes_the_photos_own_count(unresized: Path) -> None:
    dataset = load_dataset("cub", unresized)
    with Image.open(dataset.files[3]) as photo:
        width, height = photo.size
    index = photo_names(CUB_CLASSES).index("/".join(dataset.files[3].parts[-2:]))
    x, y = part_place(index, 1)
    assert read_part_locations(dataset).points[3, 1] == pytest.approx((x / width, y / height), abs=1e-5)


def test_a_photo_that_is_stored_turned_keeps_its_places(unresized: Path) -> None:
    """The marks are those of the photo as it is looked at, which is what a model sees."""
    before = read_part_locations(load_dataset("cub", unresized))
    for file in unresized.glob("images/*/*_0002.jpg"):
        with Image.open(file) as photo:
            exif = Image.Exif()
            exif[0x0112] = 6
            photo.transpose(Image.Transpose.ROTATE_90).save(file, quality=95, exif=exif)
    dataset = load_dataset("cub", unresized)
    assert [dataset.photo(i).size[1] for i in range(16)] == [40] * 16
    after = read_part_locations(dataset)
    assert np.array_equal(after.points, before.points)
    assert np.array_equal(after.boxes, before.boxes)


@pytest.mark.parametrize(
    ("size", "message"),
    [
        (lambda i: (40, 33), "marked in photos of another size: in .* photos, such as '.*jpg', they lie outside"),
        (lambda i: (48 + i, 24), "another size"),
        (lambda i: (40 + i, 40), "another size"),
        (lambda i: (130 + i, 100), "marked in smaller photos"),
        (lambda i: (70, 70), "All photos are 70 x 70, so they were resized"),
        (lambda i: (4, 4) if i == 3 else (48 + i, 40), "in 1 of 16 photos"),
    ],
)
def test_places_that_were_marked_in_another_size_give_no_figure(unresized: Path, size, message: str) -> None:
    """Photos that were resized without a list of the originals' sizes."""
    for index, name in enumerate(photo_names(CUB_CLASSES)):
        with Image.open(unresized / "images" / name) as photo:
            photo.resize(size(index)).save(unresized / "images" / name)
    with pytest.raises(DataError, match=f"{message}.*; list the originals' sizes .* in 'image_sizes.txt'"):
        read_part_locations(load_dataset("cub", unresized))


def test_a_place_that_leaves_its_photo_by_a_little_is_what_the_authors_lists_have(folder: Path) -> None:
    path = folder / "bounding_boxes.txt"
    _, *others = path.read_text().splitlines()
    path.write_text("\n".join(["1 10.0 20.0 96.0 60.0", *others]))  # 6 of 100 pixels too far
    assert (read_part_locations(load_dataset("cub", folder)).boxes[:, 2] > 1.05).sum() == 1


def test_a_list_of_sizes_of_other_photos_is_noticed(folder: Path) -> None:
    (folder / "image_sizes.txt").write_text("".join(f"{i + 1} 50 40\n" for i in range(16)))
    with pytest.raises(DataError, match="another size"):
        read_part_locations(load_dataset("cub", folder))
    (folder / "image_sizes.txt").write_text("".join(f"{i + 1} 0 40\n" for i in range(16)))
    with pytest.raises(DataError, match="no width or no height"):
        read_part_locations(load_dataset("cub", folder))
    (folder / "image_sizes.txt").write_text("".join(f"{2 * i + 1} 100 80\n" for i in range(16)))
    with pytest.raises(DataError, match="from 1 on, without a gap"):
        read_part_locations(load_dataset("cub", folder))


def test_a_part_that_is_marked_twice_is_refused(folder: Path) -> None:
    path = folder / "parts" / "part_locs.txt"
    first, _, *others = path.read_text().splitlines()
    path.write_text("\n".join([first, first, *others]))
    with pytest.raises(DataError, match="every part of every photo once"):
        read_part_locations(load_dataset("cub", folder))


def test_a_group_gives_its_visible_parts(folder: Path) -> None:
    dataset = load_dataset("cub", folder)
    located = read_part_locations(dataset)
    left, right = ALL_PARTS.index("left wing"), ALL_PARTS.index("right wing")
    hidden = next(row for row in range(16) if not located.visible[row, left])
    assert np.array_equal(located.of_group(hidden, "wing color"), located.points[hidden, [right]])
    other = next(row for row in range(16) if located.visible[row, left] and located.visible[row, right])
    assert len(located.of_group(other, "wing color")) == 2
    assert located.of_group(0, "size").shape == (0, 2)


def test_every_part_of_the_table_exists_and_every_marked_part_is_used() -> None:
    assert {part for parts in PARTS_OF_GROUP.values() for part in parts} == set(ALL_PARTS)


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("parts/part_locs.txt", "rows of 5"),
        ("bounding_boxes.txt", "rows of 5"),
        ("image_sizes.txt", "rows of 3"),
    ],
)
def test_a_short_list_is_refused(folder: Path, file: str, message: str) -> None:
    lines = (folder / file).read_text().splitlines()
    (folder / file).write_text("\n".join(lines[:-1]) + "\n")
    with pytest.raises(DataError, match=message):
        read_part_locations(load_dataset("cub", folder))


def test_unsorted_ids_and_unknown_parts_are_refused(folder: Path) -> None:
    dataset = load_dataset("cub", folder)
    path = folder / "bounding_boxes.txt"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[1], lines[0], *lines[2:]]) + "\n")
    with pytest.raises(DataError, match="sorted"):
        read_part_locations(dataset)
    names = folder / "parts" / "parts.txt"
    names.write_text(names.read_text().replace("beak", "bill"))
    with pytest.raises(DataError, match="'beak'"):
        read_part_locations(dataset)
