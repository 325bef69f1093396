"""`zslviz retest`: what edits of classes do to all test photos, from the shell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_predict import run
from zslviz.errors import CheckpointError, ConfigError
from zslviz.tasks.attributes.retesting import TestedModel


def test_edits_of_classes_are_answered_over_all_test_photos(tmp_path: Path) -> None:
    out = run(
        "retest",
        "--model",
        "eszsl-awa2",
        "--set-class",
        "giraffe:spots=0",
        "--gamma",
        "4",
        "--json",
        tmp_path / "f.json",
    ).output
    found = TestedModel.open("eszsl-awa2").retest({"giraffe": {"spots": 0}}, 4.0)
    lines = out.splitlines()
    assert lines[0] == "eszsl-awa2: 704 test photos, gamma 4.57 -> 4.00"
    assert lines[1].startswith("T1 60.4 -> ")
    assert lines[2] == found.sentence.text
    assert lines[-2] == "These are test photos: look at what an edit does, do not tune on them."
    told = json.loads((tmp_path / "f.json").read_text())
    assert told["after"] == found.after
    assert set(told["curve"]) == {"gamma", "seen", "unseen"}


def test_a_table_with_a_class_more_competes(tmp_path: Path) -> None:
    run("invent", "like a horse but striped", "--name", "Tigerhorse", "--model", "eszsl-awa2", "-o", tmp_path / "t.csv")
    out = run("table", "eszsl-awa2").output.rstrip("\n").split("\n")
    (tmp_path / "all.csv").write_text(
        "\n".join([*out, (tmp_path / "t.csv").read_text().rstrip("\n").split("\n")[-1]]) + "\n"
    )
    told = run("retest", "--model", "eszsl-awa2", "--table", tmp_path / "all.csv").output
    assert "Tigerhorse: there is no test photo of it; " in told


def test_what_cannot_be_asked_is_said(label_folder: Path, made_folder: Path) -> None:
    with pytest.raises(ConfigError, match="scores no attributes"):
        run("retest", "--model", label_folder)
    with pytest.raises(CheckpointError, match="came without its test photos"):
        run("retest", "--model", made_folder / "made-msdn")
