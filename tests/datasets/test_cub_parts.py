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
        box = (10 / width, 20 / height, 40 / width, 60 / height)  # left, top, 30 wide, 40 high
        assert located.boxes[row] == pytest.approx(box, abs=1e-5)


def test_without_a_list_of_sizes_the_photos_own_count(folder: Path) -> None:
    (folder / "image_sizes.txt").unlink()
    dataset = load_dataset("cub", folder)
    with Image.open(dataset.files[3]) as photo:
        width, height = photo.size
    assert (width, height) not in SIZES
    index = photo_names(CUB_CLASSES).index("/".join(dataset.files[3].parts[-2:]))
    x, y = part_place(index, 1)
    assert read_part_locations(dataset).points[3, 1] == pytest.approx((x / width, y / height), abs=1e-5)


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
