"""What commands print never fails, whatever the output can hold; what they write is there first."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.test_tables import without_marks
from tests.conftest import ROOT, make_checkpoint, make_composition_checkpoint, make_label_checkpoint
from zslviz import __version__
from zslviz.errors import ConfigError
from zslviz.tasks.attributes.explanation import Explanation

CLASSES = ("żubr", "тигр", "虎", "=1+1", "-élan", "🦬")
ATTRIBUTES = ("größe", "полосы", "縞", "@home", "🦓")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a photo, models whose names no code page holds, and a table."""
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (40, 60, 3), dtype=np.uint8)).save(tmp_path / "p.png")
    checkpoint = make_checkpoint("msdn")
    space = replace(checkpoint.space, classes=CLASSES, attributes=ATTRIBUTES)
    replace(checkpoint, space=space).save(tmp_path / "models" / "made-msdn")
    labels = make_label_checkpoint()
    names = tuple(f"étiquette {i} 🏷" for i in range(len(labels.space.labels)))
    replace(labels, space=replace(labels.space, labels=names)).save(tmp_path / "models" / "made-biam")
    pairs = make_composition_checkpoint()
    states = tuple(f"état {i} ✂" for i in range(4))
    replace(pairs, space=replace(pairs.space, states=states)).save(tmp_path / "models" / "made-refiner")
    readable = space.take_classes(range(5)).with_class("łoś", np.full(5, 0.4))
    without_marks(readable, tmp_path / "t.csv")
    return tmp_path


COMMANDS = [
    ["models"],
    [
        "explain",
        "p.png",
        "--model",
        "made-msdn",
        "--json",
        "seen.json",
        "--overlay",
        "over.png",
        "--attribute",
        "größe",
    ],
    ["explain", "p.png", "--model", "made-biam", "--label", "étiquette 3 🏷", "--overlay", "label.png"],
    ["explain", "p.png", "--model", "made-refiner", "--pair", "état 1 ✂ object 2", "--overlay", "pair.png"],
    ["rank", "p.png", "--model", "made-msdn", "--set-attribute", "縞=1", "--set-class", "тигр:縞=0.5"],
    ["rank", "p.png", "--model", "made-msdn", "--table", "t.csv"],
    ["bundle", "p.png", "--model", "made-biam", "-o", "p.zslviz", "--credits", "Żaneta, CC0"],
    ["predict", "p.png", "--model", "made-msdn", "--attributes"],
    ["predict", "p.png", "--model", "made-biam"],
    ["predict", "p.png", "--model", "made-refiner", "--open-world"],
    ["table", "made-msdn", "-o", "own.csv"],
    ["table", "made-msdn"],
    ["table", "made-biam"],
    ["table", "made-refiner"],
    ["extend", "made-msdn", "--table", "t.csv", "--out", "wider"],
    ["predict", "p.png", "--model", "wider", "--csv", "predicted.csv"],
]
REFUSED = [
    ["explain", "p.png", "--model", "made-msdn", "--attribute", "Länge"],
    ["explain", "日本.png", "--model", "made-msdn"],
    ["rank", "p.png", "--model", "żubr"],
]


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_no_name_stops_a_command(place: Path, encoding: str) -> None:
    code = (
        "import sys, zslviz.cli\n"
        f"for wanted, commands in ((0, {COMMANDS!r}), (2, {REFUSED!r})):\n"
        "    for command in commands:\n"
        "        sys.argv = ['zslviz', *command]\n"
        "        code = 0\n"
        "        try: zslviz.cli.main()\n"
        "        except SystemExit as stop: code = stop.code or 0\n"
        "        assert code == wanted, (command, code)\n"
    )
    variables = {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": encoding, "ZSLVIZ_CHECKPOINTS": str(place / "models")}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=place, capture_output=True, check=False, env={**os.environ, **variables}
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    assert len(done.stderr.splitlines()) == len(REFUSED)
    told = done.stdout.decode("utf-8" if encoding == "ascii" else encoding)  # for ASCII, click writes UTF-8 by itself
    assert told.count("made-msdn") == 1
    assert json.loads((place / "seen.json").read_text())["attributes"][0]["name"] == "größe"
    for file in ("over.png", "label.png", "pair.png"):
        assert Image.open(place / file).size == (60, 40)
    assert (
        "łoś" in (place / "wider" / "config.json").read_text()
        or "\\u0142o\\u015b" in (place / "wider" / "config.json").read_text()
    )
    assert (place / "own.csv").read_bytes().splitlines()[4].startswith("虎,".encode())


def test_results_are_there_although_nobody_reads_what_is_printed(place: Path) -> None:
    """The reader has gone before the first line: the files are whole, and nothing is said of it."""
    reading, writing = os.pipe()
    os.close(reading)
    variables = {"PYTHONPATH": str(ROOT), "ZSLVIZ_CHECKPOINTS": str(place / "models")}
    arguments = ["explain", "p.png", "--model", "made-msdn", "--json", "seen.json", "--overlay", "over.png"]
    with os.fdopen(writing, "wb") as nobody:
        done = subprocess.run(
            [sys.executable, "-m", "zslviz", *arguments], cwd=place, stdout=nobody, stderr=subprocess.PIPE, check=False,
            env={**os.environ, **variables},
        )  # fmt: skip
    assert done.stderr == b""
    assert done.returncode == 0
    told = json.loads((place / "seen.json").read_text())
    assert (told["model"], told["space"], told["zslviz"]) == ("made-msdn", "made", __version__)
    (place / "seen.json").write_text(json.dumps({**told, "format": 2}))
    with pytest.raises(ConfigError, match="'seen' is not a saved explanation"):
        Explanation.load(place / "seen")
    assert (place / "seen.npz").stat().st_size > 1000
    assert Image.open(place / "over.png").size == (60, 40)
