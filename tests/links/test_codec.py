"""Links of the page, read again as they were: the page's script in Node, on the names of the shipped models."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.twin.replaying import NODE, assert_the_same
from zslviz.files.bundle import read_bundle
from zslviz.runtime.places import bundles_folder
from zslviz.ui.examples import link_names

TESTS = 11  # of codec.js


@pytest.mark.skipif(NODE is None, reason="Node is missing")
def test_states_come_back_from_links_as_they_were_and_what_cannot_be_used_is_told(tmp_path: Path) -> None:
    names: dict[str, dict[str, dict[str, list[str]]]] = {"explain": {}, "multilabel": {"": {}}, "compose": {"": {}}}
    for part in sorted(bundles_folder().glob("*/model.zslviz")):
        head = read_bundle(part.read_bytes()).head
        if "attribute_names" in head:
            names["explain"][part.parent.name] = {"attribute": head["attribute_names"], "class": head["class_names"]}
    assert len(names["explain"]) == 2
    (tmp_path / "names.json").write_text(json.dumps(names), encoding="utf-8")
    assert_the_same("../links/codec.js", tmp_path, TESTS)


def test_examples_have_different_names_in_links() -> None:
    names = ["giraffe.jpg", "cub/giraffe.jpg", "Giraffe.png", "giraffe-2.jpg", "Köln (1).jpg", "..", "_"]
    links = link_names(names)
    assert links == ["giraffe", "cub-giraffe", "giraffe-2", "giraffe-2-2", "köln-1", "photo", "photo-2"]
