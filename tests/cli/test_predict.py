"""`zslviz predict`: rows as they come, attributes and maps, going on, several processes, and whatever photos are called."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner, Result

from tests.conftest import ROOT, make_checkpoint
from zslviz.cli import app
from zslviz.cli.progress import Progress
from zslviz.errors import ConfigError, TableError, ZslvizError
from zslviz.explainer import Explainer
from zslviz.photos.geometry import Geometry
from zslviz.tasks.base.map_files import maps_name

NOT_UTF_8 = os.fsdecode(b"\xff\xe9.png")


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(app, [str(a) for a in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8", errors="surrogateescape") as stream:
        return list(csv.DictReader(stream))


def test_values_of_all_attributes_follow_the_classes(photos: Path, model: Path, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    run("predict", photos, "--model", model, "--csv", table, "--attributes")
    explainer = Explainer.from_pretrained(model, "cpu")
    for row in rows_of(table)[:3]:
        explanation = explainer.explain(row["image"])
        told = [float(row[name]) for name in explainer.space.attributes]
        np.testing.assert_allclose(told, explanation.values, atol=1e-4)
        assert float(row["score1"]) == pytest.approx(explanation.rank().best.score, rel=1e-4)


def test_attributes_that_are_called_as_a_column_have_one_of_their_own(photos: Path, tmp_path: Path) -> None:
    checkpoint = make_checkpoint("msdn")
    names = ("top1", "maps", "=x", "image", "unlike")
    replace(checkpoint, space=replace(checkpoint.space, attributes=names)).save(tmp_path / "model")
    run("predict", photos / "00.png", "--model", tmp_path / "model", "--csv", tmp_path / "t.csv", "--attributes")
    (row,) = rows_of(tmp_path / "t.csv")
    assert list(row)[16:] == [
        "attribute top1",
        "attribute maps",
        "'=x",
        "attribute image",
        "attribute unlike",
        "unlike",
    ]
    assert row["top1"].startswith("class_") and row["unlike"] == "", "nothing is known of its training photos"


def test_a_photo_that_is_nothing_the_model_was_shown_is_told_in_a_column(tmp_path: Path) -> None:
    photos = [ROOT / "assets" / "examples" / f"{name}.jpg" for name in ("horse", "kingfisher")]
    for maps in ([], ["--maps", tmp_path / "maps"]):
        run("predict", *photos, "--model", "msdn-cub-grounded", "--csv", tmp_path / "t.csv", *maps)
        assert [row["unlike"] for row in rows_of(tmp_path / "t.csv")] == ["1", "0"]


@pytest.mark.parametrize("system", ["made-msdn", "made-mgmrn"])
def test_maps_are_those_of_the_explanation(system: str, photos: Path, made_folder: Path, tmp_path: Path) -> None:
    plain, table, folder = tmp_path / "plain.csv", tmp_path / "t.csv", tmp_path / "new" / "maps"
    run("predict", photos, "--model", made_folder / system, "--csv", plain)
    run("predict", photos, "--model", made_folder / system, "--csv", table, "--maps", folder, "--batch-size", 5)
    rows = rows_of(table)
    assert sorted(path.name for path in folder.iterdir()) == sorted({row["maps"] for row in rows})
    assert len({row["maps"] for row in rows}) == 12
    explanation = Explainer.from_pretrained(made_folder / system, "cpu").explain(rows[7]["image"])
    with np.load(folder / rows[7]["maps"]) as kept:
        assert (str(kept["model"]), str(kept["photo"])) == (system, rows[7]["image"])
        assert tuple(kept["names"]) == explanation.space.attributes
        np.testing.assert_allclose(kept["values"], explanation.values, atol=1e-4)
        assert Geometry(*kept["geometry"].tolist()) == explanation.geometry
        for offer in ("evidence", "attention"):
            expected = np.stack([explanation.map(offer, a).values for a in range(5)])
            assert kept[offer].dtype == np.float16
            np.testing.assert_allclose(kept[offer], expected, rtol=2e-3, atol=1e-4)
    for before, after in zip(rows_of(plain), rows, strict=True):
        assert [before[f"top{i}"] for i in range(1, 6)] == [after[f"top{i}"] for i in range(1, 6)]
        assert float(before["score1"]) == pytest.approx(float(after["score1"]), rel=1e-4)


def test_maps_of_labels_and_of_the_best_pairs(
    photos: Path, label_folder: Path, composition_folder: Path, tmp_path: Path
) -> None:
    for model, count in ((label_folder, None), (composition_folder, 5)):
        folder = tmp_path / model.name
        run("predict", photos / "03.png", "--model", model, "--csv", tmp_path / "t.csv", "--maps", folder)
        first = rows_of(tmp_path / "t.csv")[0]
        explainer = Explainer.from_pretrained(model, "cpu")
        with np.load(folder / first["maps"]) as kept:
            names = list(kept["names"])
            assert len(names) == (count or len(explainer.space.labels)) == len(kept["evidence"])
            best = first.get("label") or f"{first['state1']} {first['object1']}"
            number = float(first.get("score") or first["score1"])
            if count:
                assert names[0] == best
                assert kept["values"][0] == pytest.approx(number, rel=1e-4)
            else:
                assert best in names


def test_two_photos_of_one_name_have_maps_of_their_own(tmp_path: Path) -> None:
    names = [Path(name) for name in ("a/1.jpg", "b/1.jpg", "a/1.png", "é.jpg", NOT_UTF_8, "x" * 200 + ".jpg", "..jpg")]
    files = [maps_name(name) for name in names]
    assert len(set(files)) == len(files)
    assert all(file.isascii() and len(file) < 100 and not file.startswith((".", "-")) for file in files)


def test_going_on_gives_the_table_of_an_undisturbed_run(photos: Path, model: Path, tmp_path: Path) -> None:
    whole, table = tmp_path / "whole.csv", tmp_path / "t.csv"
    (photos / "bad.png").write_text("no photo")
    files = [*sorted(photos.iterdir()), photos / "03.png"]
    assert run("predict", *files, "--model", model, "--csv", whole).exit_code == 1
    run("predict", *files[:5], files[6], "--model", model, "--csv", table)
    table.write_bytes(table.read_bytes() + b'"half a na')
    result = run("predict", *files, "--model", model, "--csv", table, "--resume")
    assert result.exit_code == 1
    assert f"wrote {table} (14 photos)" in result.output
    assert "1 of 14 photos could not be read" in result.output
    assert table.read_bytes() == whole.read_bytes()
    looked: list[object] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Explainer, "_looked", lambda *arguments: looked.append(arguments))
        run("predict", *files, "--model", model, "--csv", table, "--resume")
    assert looked == []
    assert table.read_bytes() == whole.read_bytes()


def test_going_on_with_other_options_or_another_model_is_refused(
    photos: Path, model: Path, made_folder: Path, tmp_path: Path
) -> None:
    table = tmp_path / "t.csv"
    run("predict", photos, "--model", model, "--csv", table)
    before = table.read_bytes()
    for options, sentence in (
        (["--gamma", 1], "without gamma and not with gamma '1.0'"),
        (["--unseen-only"], "without unseen_only and not with unseen_only 'True'"),
        (["--attributes"], "without attributes and not with attributes 'True'"),
        (["--maps", tmp_path / "maps"], "without maps"),
        (["--model", made_folder / "made-mgmrn"], "model 'made-msdn' and not with model 'made-mgmrn'"),
    ):
        with pytest.raises(ConfigError, match=sentence):
            run("predict", photos, "--model", model, "--csv", table, "--resume", *options)
    other = make_checkpoint("msdn")
    with torch.no_grad():
        next(other.network.parameters()).add_(1)
    other.save(tmp_path / "made-msdn")
    with pytest.raises(ConfigError, match="begun with weights"):
        run("predict", photos, "--model", tmp_path / "made-msdn", "--csv", table, "--resume")
    assert table.read_bytes() == before


def test_a_class_table_takes_the_place_of_the_models_own(photos: Path, model: Path, tmp_path: Path) -> None:
    explainer = Explainer.from_pretrained(model, "cpu")
    space = explainer.space.take_classes([5, 0]).with_class("unicorn", np.full(5, 0.4))
    rows = [line.split(",") for line in space.to_csv().splitlines()]
    (tmp_path / "classes.csv").write_text("\n".join(",".join([row[0], *row[2:]]) for row in rows))
    run("predict", photos, "--model", model, "--csv", tmp_path / "t.csv", "--table", tmp_path / "classes.csv")
    row = rows_of(tmp_path / "t.csv")[4]
    seen = {row[f"top{i}"]: row[f"seen{i}"] for i in range(1, 4)}
    assert seen == {"class_5": "0", "class_0": "1", "unicorn": "0"}, "marks are the model's; new classes are unseen"
    expected = explainer.with_space(space).explain(row["image"]).rank()
    assert [row[f"top{i}"] for i in range(1, 4)] == [space.classes[line.index] for line in expected]
    (tmp_path / "classes.csv").write_text("class,nonsense\na,1\n")
    with pytest.raises(TableError, match="a column 'nonsense', which the model does not know"):
        run("predict", photos, "--model", model, "--csv", tmp_path / "t.csv", "--table", tmp_path / "classes.csv")


def test_without_a_terminal_a_line_now_and_then_says_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = iter([0.0, 0.0, *(float(second) for second in range(1, 100))])
    monkeypatch.setattr("zslviz.cli.progress.time.monotonic", lambda: next(clock))
    with Progress(0, seconds=10) as progress:
        progress.begin(40_000)
        for _ in range(25):
            progress.step()
    assert capsys.readouterr().err.splitlines() == [
        "10 of 40000 photos, 1.0 a second, 11 h 6 min to go",
        "20 of 40000 photos, 1.0 a second, 11 h 6 min to go",
    ]


def test_any_number_of_photos_is_decoded_a_few_at_a_time(
    model: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from zslviz.photos import reading

    waiting = decoded = most = 0

    def counted(source: Path) -> Image.Image:
        nonlocal decoded
        decoded += 1
        return Image.open(source).convert("RGB")

    monkeypatch.setattr(reading, "load_photo", counted)
    explainer = Explainer.from_pretrained(model, "cpu")
    for number, _ in enumerate(explainer.looks([photos / "00.png"] * 60, batch_size=4)):
        waiting = decoded - number
        most = max(most, waiting)
    assert decoded == 60
    assert most <= 2 * 4 + 1


def test_an_unreadable_photo_ends_a_generator_of_explanations_with_its_sentence(
    model: Path, photos: Path, explainer_of: Callable[[str], Explainer]
) -> None:
    (photos / "05.png").write_text("no photo")
    explainer = Explainer.from_pretrained(model, "cpu")
    many = explainer.explain_many(sorted(photos.iterdir()), batch_size=2)
    found = [next(many) for _ in range(5)]
    assert [one.model for one in found] == ["made-msdn"] * 5
    with pytest.raises(ZslvizError, match="'05.png' is not a picture"):
        next(many)
    with pytest.raises(ConfigError, match="at least one photo"):
        next(explainer.explain_many([photos / "00.png"], batch_size=0))
