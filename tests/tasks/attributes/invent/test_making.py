"""Classes by parts, by numbers, from a table or from photos: their values, where these come from, and how they join."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from zslviz.errors import ConfigError, TableError, UnknownNameError
from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
from zslviz.tasks.attributes.filling import nearest
from zslviz.tasks.attributes.invent import by_numbers, by_parts, by_photos, by_sentence, from_table, with_numbers
from zslviz.tasks.attributes.invent.ways import check_ways, invented
from zslviz.tasks.attributes.space import SemanticSpace


@pytest.fixture(scope="module")
def animals() -> SemanticSpace:
    return AttributeCheckpoint.load("eszsl-awa2").space


def members(space: SemanticSpace, group: str) -> list[int]:
    return [a for a, own in enumerate(space.groups) if own == group]


def test_a_part_is_given_wholly_or_by_a_share(animals: SemanticSpace) -> None:
    horse, zebra = (animals.table[animals.class_index(name)] for name in ("horse", "zebra"))
    made = by_parts(animals, "horse", {"Coat and pattern": "zebra", "color": ("zebra", 0.25)})
    coat, color = members(animals, "coat and pattern"), members(animals, "color")
    assert np.array_equal(made.values[coat], zebra[coat])
    assert np.allclose(made.values[color], 0.75 * horse[color] + 0.25 * zebra[color])
    rest = [a for a in range(len(horse)) if a not in (*coat, *color)]
    assert np.array_equal(made.values[rest], horse[rest])
    assert made.told == "By parts: Horse; Coat and pattern of Zebra; 25% color of Zebra."
    assert made.origins[coat[0]].text == "as Zebra"
    assert made.origins[color[0]].text == "25% as Zebra, the rest as Horse"
    assert made.origins[color[0]].classes == (animals.class_index("zebra"), animals.class_index("horse"))


def test_parts_without_a_base_are_filled_by_the_classes_most_like_them(animals: SemanticSpace) -> None:
    made = by_parts(animals, None, {"coat and pattern": "zebra", "size and build": "horse"})
    given = [*members(animals, "coat and pattern"), *members(animals, "size and build")]
    mask = np.isin(np.arange(len(animals.attributes)), given)
    donors = nearest(made.values, animals.table, mask)
    assert np.allclose(made.values[~mask], animals.table[donors].mean(axis=0)[~mask])
    assert {made.origins[a].kind for a in np.flatnonzero(~mask)} == {"filled"}
    assert made.told.endswith(f"are the mean of {', '.join(animals.class_names[c] for c in donors)}.")


def test_what_cannot_be_a_part_is_named(animals: SemanticSpace) -> None:
    with pytest.raises(
        UnknownNameError, match="There is no group of attributes called 'coat': did you mean 'coat and pattern'"
    ):
        by_parts(animals, "horse", {"coat": "zebra"})
    with pytest.raises(UnknownNameError, match="There is no class called 'zebr'"):
        by_parts(animals, "horse", {"color": "zebr"})
    with pytest.raises(ConfigError, match="must lie between 0 and 1, not 2"):
        by_parts(animals, "horse", {"color": ("zebra", 2)})
    with pytest.raises(ConfigError, match="only partly that of 'zebra'; name the class that gives the rest"):
        by_parts(animals, None, {"color": ("zebra", 0.5)})
    with pytest.raises(ConfigError, match="needs a class to begin with"):
        by_parts(animals, None, {})


def test_numbers_alone_on_a_base_and_on_a_sentence(animals: SemanticSpace) -> None:
    stripes = animals.attribute_index("stripes")
    alone = by_numbers(animals, {"stripes": 0.5})
    assert alone.values[stripes] == 0.5
    assert alone.told.startswith("By numbers: 1 of 85 values given. 84 of 85 values are the mean of ")
    horse = by_numbers(animals, {"stripes": 0.5}, base="horse")
    assert np.array_equal(
        np.delete(horse.values, stripes), np.delete(animals.table[animals.class_index("horse")], stripes)
    )
    blank = by_numbers(animals, {})
    assert np.allclose(blank.values, animals.table.mean(axis=0), atol=1e-6)
    assert blank.told == "Blank. 85 of 85 values are the mean of all classes."
    said = with_numbers(by_sentence(animals, "a striped horse").invention, {"stripes": 0.5})
    assert said.values[stripes] == 0.5
    assert said.origins[stripes].kind == "given"
    assert said.told == "By words: stripes 0.84; like Horse; 1 given as numbers."
    with pytest.raises(ConfigError, match="'stripes' is 5; a class is described by values between 0 and 1"):
        by_numbers(animals, {"stripes": 5})


def test_a_class_is_kept_as_a_table_and_comes_back(animals: SemanticSpace, tmp_path: Path) -> None:
    made = by_sentence(animals, "like a horse but striped", "strorse").invention
    made.alone().to_csv(tmp_path / "t.csv")
    again = from_table(animals, tmp_path / "t.csv")
    assert again.name == "strorse"
    assert np.array_equal(again.values, made.values)
    assert {origin.kind for origin in again.origins} == {"given"}
    (tmp_path / "two.csv").write_text("class,stripes\na,1\nb,0.5\nzebra,0\n")
    with pytest.raises(
        TableError, match="must hold one new class, or the name of one must be given; it holds 'a', 'b'"
    ):
        from_table(animals, tmp_path / "two.csv")
    assert from_table(animals, tmp_path / "two.csv", "b").told.startswith(
        "From a table: 1 of 85 values given. 84 of 85"
    )


def test_it_joins_as_an_unseen_class_of_a_name_of_its_own(animals: SemanticSpace) -> None:
    made = by_sentence(animals, "like a horse but striped", "strorse").invention
    wider = made.joined()
    assert wider.classes == (*animals.classes, "strorse")
    assert not wider.seen[-1]
    assert np.array_equal(wider.table[-1], made.values)
    with pytest.raises(TableError, match="There is a class 'Zebra' already"):
        made.named("Zebra").joined()
    told = made.to_dict()
    assert told["nearest"]["name"] == "Horse"
    assert {line["origin"] for line in told["attributes"]} == {"class", "said"}


def test_photos_make_a_few_shot_class_within_what_classes_have(animals: SemanticSpace) -> None:
    seen: list[Any] = [SimpleNamespace(values=np.full(len(animals.attributes), v, np.float32)) for v in (0.2, 0.6, 3.0)]
    made = by_photos(animals, seen[:2], "mine")
    low, high = animals.table.min(axis=0), animals.table.max(axis=0)
    assert made.few_shot
    assert np.allclose(made.values, np.clip(0.4, low, high))
    assert made.told == "From 2 photos (few-shot, ◇): as the model sees them."
    assert np.allclose(by_photos(animals, seen[2:]).values, high)
    for wrong in ([], seen * 2):
        with pytest.raises(ConfigError, match="from 1 to 5 photos"):
            by_photos(animals, wrong)


def test_one_way_at_a_time(animals: SemanticSpace) -> None:
    with pytest.raises(ConfigError, match="by one of them"):
        invented(animals, "like a horse", base="cow")
    with pytest.raises(ConfigError, match="by one of them"):
        check_ways("", None, {"color": "zebra"}, 1, None)
    with pytest.raises(ConfigError, match="from 1 to 5 photos, not 6"):
        check_ways("", None, None, 6, None)
    assert invented(animals, "a striped horse").told == by_sentence(animals, "a striped horse").invention.told
    assert invented(animals).told.startswith("Blank.")
    assert invented(animals, base="horse").told == "By numbers: like Horse."
