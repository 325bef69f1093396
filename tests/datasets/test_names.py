"""Data sets with a way of their own to write names say how they read; other tables' names are not touched by it."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from tests.conftest import ROOT
from zslviz.datasets.awa2 import GROUPS, INVISIBLE
from zslviz.tasks.attributes.space import SemanticSpace, class_reader


def space_of(data: str, classes: tuple[str, ...], attributes: tuple[str, ...]) -> SemanticSpace:
    table = np.ones((len(classes), len(attributes)), dtype=np.float32)
    return SemanticSpace(
        classes, attributes, ("g",) * len(attributes), table, np.ones(len(classes), dtype=bool), name=data
    )


CLASSES = ("087.Mallard", "001.Black_footed_Albatross", "1.5_L_bottle", "killer+whale", "012.")


@pytest.mark.parametrize(
    ("data", "readable"),
    [
        ("cub", ("Mallard", "Black footed Albatross", "1.5 L bottle", "Killer+whale", "012.")),
        ("awa2", ("087.Mallard", "001.Black footed Albatross", "1.5 L bottle", "Killer whale", "012.")),
        ("mine", ("087.Mallard", "001.Black footed Albatross", "1.5 L bottle", "Killer+whale", "012.")),
        ("", ("087.Mallard", "001.Black footed Albatross", "1.5 L bottle", "Killer+whale", "012.")),
    ],
)
def test_classes_read_by_the_way_of_their_data_set(data: str, readable: tuple[str, ...]) -> None:
    space = space_of(data, CLASSES, ("a",))
    assert space.class_names == readable
    assert tuple(map(class_reader(data), CLASSES)) == readable
    assert [space.class_index(name) for name in readable] == list(range(5))


@pytest.mark.parametrize(
    ("data", "readable"),
    [
        ("cub", ("bill shape: hooked seabird", "longneck", "water", "fish")),
        ("awa2", ("bill shape: hooked seabird", "long neck", "lives in water", "eats fish")),
        ("mine", ("bill shape: hooked seabird", "longneck", "water", "fish")),
    ],
)
def test_attributes_read_by_the_way_of_their_data_set(data: str, readable: tuple[str, ...]) -> None:
    space = space_of(data, ("a",), ("has_bill_shape::hooked_seabird", "longneck", "water", "fish"))
    assert space.attribute_names == readable
    assert [space.attribute_index(name) for name in readable] == list(range(4))


BIRDS = {
    "has_size::medium_(9_-_16_in)": "size: medium (9–16 in)",
    "has_shape::upright-perching_water-like": "shape: upright perching, water-like",
    "has_shape::chicken-like-marsh": "shape: chicken-like, marsh",
    "has_shape::duck-like": "shape: duck-like",
    "has_wing_shape::rounded-wings": "wing shape: rounded wings",
    "has_tail_shape::fan-shaped_tail": "tail shape: fan-shaped tail",
    "has_bill_shape::all-purpose": "bill shape: all-purpose",
}


def test_attributes_of_birds_read_as_words_and_are_found_as_the_data_writes_them() -> None:
    space = space_of("cub", ("a",), tuple(BIRDS))
    assert space.attribute_names == tuple(BIRDS.values())
    for names in (BIRDS, BIRDS.values()):
        assert [space.attribute_index(name) for name in names] == list(range(len(BIRDS)))


def test_no_attribute_of_shipped_birds_reads_oddly() -> None:
    config = json.loads((ROOT / "checkpoints" / "mgmrn-cub" / "config.json").read_text(encoding="utf-8"))
    names = space_of("cub", ("a",), tuple(config["space"]["attributes"])).attribute_names
    odd = re.compile(r"  |_|::|\(\d+\s|\w - \w|-like-|like$(?<!-like)")
    assert len(names) == 312 and [name for name in names if odd.search(name)] == []


def test_an_edited_space_reads_as_before() -> None:
    space = space_of("awa2", ("zebra", "blue+whale"), ("longneck", "fish"))
    for other in (space.with_value("zebra", "eats fish", 0.5), SemanticSpace.from_csv(space.to_csv(), like=space)):
        assert (other.class_names, other.attribute_names) == (space.class_names, space.attribute_names)


def test_no_two_of_the_animals_attributes_read_alike() -> None:
    attributes = tuple(a for members in GROUPS.values() for a in members)
    assert len(attributes) == 85
    assert len(set(space_of("awa2", ("zebra",), attributes).attribute_names)) == 85


def test_what_no_photo_can_show_is_told_by_the_data_set_alone() -> None:
    attributes = tuple(name for names in GROUPS.values() for name in names)
    assert len(set(INVISIBLE)) == len(INVISIBLE) and set(INVISIBLE) < set(attributes)
    told = space_of("awa2", ("a",), attributes).visible
    assert [name for name, visible in zip(attributes, told, strict=True) if not visible] == [
        name for name in attributes if name in INVISIBLE
    ]
    assert all(space_of("mine", ("a",), attributes).visible)
