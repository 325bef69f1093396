"""`zslviz invent`: a class from the shell, its table, and its place in a photo's ranking."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.test_predict import run
from zslviz.errors import ConfigError
from zslviz.explainer import Explainer


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    noise = np.random.default_rng(1).integers(0, 255, (60, 90, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


def test_a_sentence_is_marked_word_by_word_and_the_class_kept(tmp_path: Path) -> None:
    out = run(
        "invent", "like a horse but striped, a glittery one", "--model", "eszsl-awa2", "-o", tmp_path / "t.csv"
    ).output
    lines = out.splitlines()
    assert lines[:3] == [
        "like a horse but striped, a glittery[?] one",
        "  horse: like Horse",
        "  striped: stripes 0.84",
    ]
    assert lines[3] == "By words: like Horse; stripes 0.84. Not understood: 'glittery'."
    assert lines[4].startswith("Most like: Horse (0.")
    assert lines[5].split() == ["0.84", "stripes", "“striped”"]
    assert lines[-1] == f"wrote {tmp_path / 't.csv'}"
    again = run("invent", "--table", tmp_path / "t.csv", "--set-attribute", "big=0.5", "--model", "eszsl-awa2").output
    assert again.startswith("From a table: 85 of 85 values given; 1 given as numbers.\n")
    parts = run("invent", "--like", "horse", "--part", "color=zebra:0.5", "--model", "eszsl-awa2").output
    assert parts.startswith("By parts: Horse; 50% color of Zebra.\n")


def test_the_class_competes_for_a_photo(made_folder: Path, photo: Path) -> None:
    model = made_folder / "made-msdn"
    out = run(
        "invent", "--from-photo", photo, "--name", "mine", "--model", model, "--photo", photo, "--top", "10"
    ).output
    assert out.startswith("From 1 photo (few-shot, ◇): as the model sees them.\n")
    explainer = Explainer.from_pretrained(model, "cpu")
    made = explainer.invent(photos=[photo], name="mine")
    ranking = explainer.with_class(made).explain(photo).rank()
    named = [line.split()[-1] for line in out.splitlines() if line.split()[1:2] in (["seen"], ["unseen"])]
    assert named == [line.name.split()[-1] for line in ranking]
    assert "Mine" in named


def test_what_is_wrong_with_a_class_is_said(label_folder: Path, composition_folder: Path) -> None:
    for arguments, sentence in (
        (["like a horse", "--like", "cow"], "by one of them"),
        (["--part", "zebra", "--like", "cow"], "'zebra' is not a part; write it as 'GROUP=CLASS'"),
        (["hello"], "Nothing in “hello” names a class or an attribute"),
        (["--set-attribute", "big"], "'big' is not an edit; write it as 'ATTRIBUTE=VALUE'"),
    ):
        with pytest.raises(ConfigError, match=sentence):
            run("invent", *arguments, "--model", "eszsl-awa2")
    for folder in (label_folder, composition_folder):
        with pytest.raises(ConfigError, match="a class by a description is made with an attribute model"):
            run("invent", "like a horse", "--model", folder)
