"""What the parts of attribute groups are called."""

from __future__ import annotations

from zslviz.datasets.cub_parts import PARTS_OF_GROUP
from zslviz.faithfulness.parts import names_of_parts


def test_groups_of_the_same_parts_are_called_by_what_their_names_share() -> None:
    groups = {
        "bill shape": ("beak",),
        "crown color": ("crown",),
        "bill color": ("beak",),
        "under tail color": ("tail",),
    }
    groups |= {"tail shape": ("tail",), "wing span": ("left wing", "right wing"), "flight": ("right wing", "left wing")}
    assert names_of_parts(groups) == {
        "bill shape": "bill",
        "bill color": "bill",
        "crown color": "crown",
        "tail shape": "tail",
        "under tail color": "tail",
        "wing span": "left wing, right wing",  # no word in common
        "flight": "left wing, right wing",
    }


def test_a_name_stands_for_one_set_of_parts() -> None:
    assert names_of_parts({"leg color": ("left leg",), "leg length": ("right leg",)}) == {
        "leg color": "left leg",
        "leg length": "right leg",
    }


def test_every_set_of_parts_of_a_bird_has_a_name_of_its_own() -> None:
    names = names_of_parts(PARTS_OF_GROUP)
    assert len(set(names.values())) == len({frozenset(parts) for parts in PARTS_OF_GROUP.values()})
    assert {"bill", "tail", "wing", "head", "leg", "underparts"} < set(names.values())
