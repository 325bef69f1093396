"""Wherever people name a class, an attribute, a label, a state, an object or a pair, an existing name wins over a number.

Classes of one's own may be called "1" to "5", and attributes "0" and "1": here every name is the number of another."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.conftest import make_composition_space, make_label_space, make_space
from zslviz.datasets.reading import load_dataset
from zslviz.errors import UnknownNameError
from zslviz.tasks.attributes import show as attributes
from zslviz.tasks.attributes.requests import RankRequest, attribute_at, class_at
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.base.space import Names
from zslviz.tasks.compositional import show as compositional
from zslviz.tasks.compositional.requests import pair_at

CLASSES, ATTRIBUTES = ("1", "2", "0", "5", "3", "4"), ("4", "0", "1", "2", "3")
STATES, OBJECTS = ("2", "0", "1"), ("1", "2", "3", "0")


def numbered() -> SemanticSpace:
    return replace(make_space(classes=6, attributes=5), classes=CLASSES, attributes=ATTRIBUTES)


def test_in_requests_and_edits() -> None:
    space = numbered()
    assert [class_at(space, name) for name in CLASSES] == list(range(6))
    assert [attribute_at(space, name) for name in ATTRIBUTES] == list(range(5))
    assert [class_at(space, index) for index in range(6)] == list(range(6)), "numbers are numbers"
    request = RankRequest.parse(space, {"0": 0.5, 0: 0.25}, {"5": {"4": 1.0}, 2: {"1": 0.0}})
    assert request.image_edits == {1: 0.5, 0: 0.25}
    assert request.class_edits == {(3, 0): 1.0, (2, 2): 0.0}
    edited = space.with_value("2", "3", 0.125)
    assert edited.table[1, 4] == 0.125


def test_on_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[RankRequest] = []
    monkeypatch.setattr(attributes, "ranking_lines", lambda explanation, request, top: asked.append(request) or [])
    explainer: Any = SimpleNamespace(notes=(), space=numbered(), explain=lambda photo: None)
    attributes.rank(explainer, Path("photo.jpg"), 3, ["0=0.5", "4=0.25"], ["5:4=0.75"])
    assert asked == [RankRequest({1: 0.5, 0: 0.25}, {(3, 0): 0.75})]


def test_of_labels_and_pairs() -> None:
    labels = replace(make_label_space(labels=6), labels=CLASSES)
    assert [labels.label_index(name) for name in CLASSES] == list(range(6))
    pairs = make_composition_space()
    states, objects = STATES[: len(pairs.states)], OBJECTS[: len(pairs.objects)]
    states += tuple(f"s{i}" for i in range(len(pairs.states) - len(states)))
    objects += tuple(f"o{i}" for i in range(len(pairs.objects) - len(objects)))
    pairs = replace(pairs, states=states, objects=objects)
    explanation: Any = SimpleNamespace(space=pairs)
    for s, state in enumerate(states):
        for o, object_ in enumerate(objects):
            assert pair_at(explanation, [state, object_]) == (s, o)
            assert compositional.find_pair(pairs, f"{state} {object_}") == (s, o)


def test_a_pair_whose_names_have_several_words_is_found_by_any_cut() -> None:
    pairs = make_composition_space()
    names = ("red", "red hot", *(f"s{i}" for i in range(len(pairs.states))))[: len(pairs.states)]
    objects = ("shoes", "hot shoes new", *(f"o{i}" for i in range(len(pairs.objects))))[: len(pairs.objects)]
    pairs = replace(pairs, states=names, objects=objects)
    assert compositional.find_pair(pairs, "red hot shoes") == (1, 0)
    assert compositional.find_pair(pairs, "Red hot shoes NEW") == (0, 1)
    with pytest.raises(UnknownNameError, match="no object called 'cold shoes'"):
        compositional.find_pair(pairs, "red cold shoes")


def test_in_ones_own_files(tmp_path: Path) -> None:
    table = "class,0,1,2\n" + "".join(f"{name},0.{i},0.5,{i % 2}\n" for i, name in enumerate(CLASSES))
    (tmp_path / "attributes.csv").write_text(table)
    for name in CLASSES:
        (tmp_path / name).mkdir()
        for number in range(4):
            Image.new("RGB", (12, 10)).save(tmp_path / name / f"{number}.png")
    (tmp_path / "unseen.txt").write_text("2\n5\n")
    dataset = load_dataset("mine", tmp_path)
    assert [dataset.space.classes[i] for i in dataset.space.unseen_classes] == ["2", "5"]
    assert {dataset.files[i].parent.name for i in dataset.test_unseen} == {"2", "5"}
    assert all(dataset.files[i].parent.name == CLASSES[label] for i, label in enumerate(dataset.labels))
    turned = "class,2,0,1\n" + "".join(f"{name},{i % 2},0.{i},0.5\n" for i, name in enumerate(reversed(CLASSES)))
    read = SemanticSpace.from_csv(turned, like=dataset.space)
    assert read.attributes == dataset.space.attributes
    assert read.classes == CLASSES[::-1]
    assert [bool(read.seen[read.class_index(name)]) for name in CLASSES] == [True, False, True, False, True, True]
    assert np.array_equal(read.table[:, 1], dataset.space.table[:, 1])


def test_accents_are_found_however_they_are_typed_and_listed() -> None:
    for form, other in (("NFC", "NFD"), ("NFD", "NFC")):
        names = Names("label", [unicodedata.normalize(form, name) for name in ("rosé", "Ros", "été")])
        assert [names.find(unicodedata.normalize(other, name)) for name in ("rosé", "ROSÉ", " Été ")] == [0, 0, 2]
        with pytest.raises(Exception, match="already"):
            names.check_new(unicodedata.normalize(other, "Rosé"))
