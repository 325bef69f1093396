"""Class tables after training: `zslviz table`, `--table` for every command, and `zslviz extend`."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from tests.cli.test_predict import run
from tests.conftest import ROOT
from tests.datasets import layouts
from zslviz.checkpoints.files import WEIGHTS
from zslviz.cli import app, serving
from zslviz.errors import CheckpointError, ConfigError, DataError, TableError, listed
from zslviz.explainer import Explainer
from zslviz.runtime.places import TEST_PHOTOS
from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
from zslviz.tasks.attributes.evaluation import labels_in
from zslviz.tasks.attributes.retesting import TestedModel
from zslviz.tasks.attributes.space import SemanticSpace


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    noise = np.random.default_rng(1).integers(0, 255, (60, 90, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


@pytest.fixture
def model(made_folder: Path) -> Path:
    return made_folder / "made-msdn"


def without_marks(space: SemanticSpace, path: Path) -> Path:
    """A table as people write it: without a column "seen"."""
    rows = list(csv.reader(space.to_csv().splitlines()))
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows([row[0], *row[2:]] for row in rows)
    return path


def ranks(output: str) -> list[list[str]]:
    """Name and seen mark, line by line of a printed ranking."""
    lines = (line.split() for line in output.splitlines())
    return [[" ".join(cells[3:]), cells[1]] for cells in lines if cells[1:2] in (["seen"], ["unseen"])]


def test_a_models_table_comes_back_as_it_is(model: Path, tmp_path: Path) -> None:
    space = Explainer.from_pretrained(model, "cpu").space
    printed = run("table", "--model", model).output
    with pytest.raises(ConfigError, match="Name one model"):
        run("table", model, "--model", model)
    result = run("table", model, "-o", tmp_path / "t.csv")
    assert result.output == f"wrote {tmp_path / 't.csv'}\n"
    assert (tmp_path / "t.csv").read_text() == printed == space.to_csv()
    again = SemanticSpace.from_csv(tmp_path / "t.csv", like=space)
    assert (again.classes, again.groups) == (space.classes, space.groups)
    assert np.array_equal(again.table, space.table)
    assert np.array_equal(again.seen, space.seen)


def test_labels_and_pairs_are_listed_with_their_marks(label_folder: Path, composition_folder: Path) -> None:
    header, *rows = csv.reader(run("table", label_folder).output.splitlines())
    space = Explainer.from_pretrained(label_folder, "cpu").space
    assert header == ["label", "seen"]
    assert rows == [[label, str(int(seen))] for label, seen in zip(space.labels, space.seen, strict=True)]
    header, *rows = csv.reader(run("table", composition_folder).output.splitlines())
    pairs = Explainer.from_pretrained(composition_folder, "cpu").space
    assert header == ["state", "object", "seen", "competing"]
    assert len(rows) == pairs.seen.size
    assert rows[6] == ["state 1", "object 1", str(int(pairs.seen[1, 1])), str(int(pairs.candidates[1, 1]))]


def test_without_marks_of_its_own_a_table_keeps_the_models(model: Path, photo: Path, tmp_path: Path) -> None:
    explainer = Explainer.from_pretrained(model, "cpu")
    space = explainer.space.with_class("unicorn", np.full(5, 0.4))
    table = without_marks(space, tmp_path / "t.csv")
    expected = [
        [line.name, "seen" if line.seen else "unseen"] for line in explainer.with_space(space).explain(photo).rank()
    ]
    for command in ("rank", "explain"):
        told = ranks(run(command, photo, "--model", model, "--table", table).output)
        assert told == expected
    assert ["Unicorn", "unseen"] in expected
    assert sum(mark == "seen" for _, mark in expected) == 4
    run("explain", photo, "--model", model, "--table", table, "--json", tmp_path / "seen")
    assert json.loads((tmp_path / "seen.json").read_text())["classes"][-1] == "unicorn"


def test_a_class_more_is_known_after_training(model: Path, photo: Path, tmp_path: Path) -> None:
    explainer = Explainer.from_pretrained(model, "cpu")
    values = explainer.explain(photo).values
    new = SemanticSpace.from_csv(
        without_marks(explainer.space.take_classes([0]), tmp_path / "old.csv"), explainer.space
    )
    described = new.with_value("class_0", "color: shade 1", 0.625).with_class("unicorn", np.clip(values, 0, 1))
    table = without_marks(described, tmp_path / "t.csv")
    result = run("extend", model, "--table", table, "--out", tmp_path / "wider")
    assert "1 class more, never trained on: 'unicorn'; described otherwise: 'class_0'." in result.output
    wider = Explainer.from_pretrained(tmp_path / "wider", "cpu")
    assert (wider.name, wider.space.classes) == ("wider", (*explainer.space.classes, "unicorn"))
    assert list(wider.space.seen) == [*explainer.space.seen, False]
    assert wider.space.table[0, 1] == 0.625
    assert np.array_equal(wider.space.table[1:6], explainer.space.table[1:])
    before, after = explainer.explain(photo), wider.explain(photo)
    assert np.array_equal(after.scores, before.scores)
    assert run("predict", photo, "--model", tmp_path / "wider").output.count("unicorn") == 1
    metrics = json.loads((tmp_path / "wider" / "metrics.json").read_text())
    assert "t1" not in metrics
    assert metrics["extended"]["from"] == "made-msdn"
    assert metrics["extended"]["figures_before"]["h"] == pytest.approx(explainer.metrics["h"])
    card = (tmp_path / "wider" / "README.md").read_text()
    assert "with classes added after training" in card
    assert "No figure was measured with the classes added." in card
    more = without_marks(described.take_classes([1]).with_class("dragon", np.full(5, 0.1)), tmp_path / "u.csv")
    run("extend", tmp_path / "wider", "--table", more, "--out", tmp_path / "widest")
    again = json.loads((tmp_path / "widest" / "metrics.json").read_text())["extended"]
    assert (again["from"], again["classes_before"], again["classes"]) == ("made-msdn", 6, ["unicorn", "dragon"])


def test_a_giraffe_by_fifteen_numbers_is_found_by_a_model_that_never_saw_one(tmp_path: Path) -> None:
    """What zero-shot learning is for: no photo of it, and no row in the table either, until a person writes one."""
    whole = AttributeCheckpoint.load("mgmrn-awa2")
    others = [i for i, name in enumerate(whole.space.classes) if name != "giraffe"]
    replace(whole, name="before", space=whole.space.take_classes(others)).save(tmp_path / "before")
    photo = ROOT / "assets" / "examples" / "giraffe.jpg"
    table = ROOT / "examples" / "giraffe.csv"
    result = run("extend", tmp_path / "before", "--table", table, "-o", tmp_path / "with-giraffe")
    assert (
        "The values of the table are taken as per cent.\n'giraffe' is described by 15 of 85 attributes; the "
        in result.output
    )
    assert "'giraffe' is described by 15 of 85 attributes" in (tmp_path / "with-giraffe" / "README.md").read_text()
    assert ranks(run("explain", photo, "--model", tmp_path / "with-giraffe").output)[0] == ["Giraffe", "unseen"]
    predicted = CliRunner().invoke(
        app, list(map(str, ["predict", photo, "--model", tmp_path / "before", "--table", table]))
    )
    assert "'giraffe' is described by 15" in predicted.stderr
    assert "No class of 'before' is in the table: its one class competes alone." in predicted.stderr
    assert [row.split(",")[:2] for row in predicted.stdout.splitlines()] == [["image", "top1"], [str(photo), "giraffe"]]


def test_an_extended_model_keeps_the_test_photos_for_which_its_new_class_competes(tmp_path: Path) -> None:
    (tmp_path / "okapi.csv").write_text("class,stripes,brown\nokapi,0.8,0.7\n")
    run("extend", "eszsl-awa2", "--table", tmp_path / "okapi.csv", "-o", tmp_path / "with-okapi")
    before, after = TestedModel.open("eszsl-awa2"), TestedModel.open(tmp_path / "with-okapi")
    assert np.array_equal(after.photos.vectors, before.photos.vectors)
    assert after.photos.photos == before.photos.photos
    known = before.under(after.space, None)  # the same class, made up beside the model's own
    assert known.changed > 0
    assert after.retest().before == known.after
    assert run("retest", "--model", tmp_path / "with-okapi").output.startswith("with-okapi: 704 test photos")


def test_what_cannot_be_extended_is_said(
    model: Path, label_folder: Path, composition_folder: Path, tmp_path: Path
) -> None:
    space = Explainer.from_pretrained(model, "cpu").space
    table = without_marks(space, tmp_path / "t.csv")
    with pytest.raises(ConfigError, match="knows every class of '.*t.csv' already; add a row for a new one"):
        run("extend", model, "--table", table, "--out", tmp_path / "m")
    (tmp_path / "seen.csv").write_text(space.with_class("unicorn", np.full(5, 0.4), seen=True).to_csv())
    with pytest.raises(TableError, match="'unicorn' is marked as seen, but the model was not trained on it"):
        run("extend", model, "--table", tmp_path / "seen.csv", "--out", tmp_path / "m")
    for other, sentence in ((label_folder, "explain --add LABEL"), (composition_folder, "--add-state, --add-object")):
        with pytest.raises(ConfigError, match=sentence):
            run("extend", other, "--table", table, "--out", tmp_path / "m")
        for command in (["predict"], ["explain"]):
            with pytest.raises(ConfigError, match="has no table of classes; --table is for attribute models"):
                run(*command, tmp_path / "none.png", "--model", other, "--table", table)
    assert not (tmp_path / "m").exists()
    broken = Path(shutil.copytree(model, tmp_path / "broken"))
    (broken / TEST_PHOTOS).write_bytes(b"no bundle")
    (tmp_path / "new.csv").write_text(space.with_class("unicorn", np.full(5, 0.4)).to_csv())
    with pytest.raises(CheckpointError, match=f"'{TEST_PHOTOS}' of 'broken': "):
        run("extend", broken, "--table", tmp_path / "new.csv", "--out", tmp_path / "m")
    assert not (tmp_path / "m").exists()
    with pytest.raises(ConfigError, match="is there already"):
        run("extend", model, "--table", tmp_path / "seen.csv", "--out", model)


def test_the_page_shows_a_model_with_another_table(
    model: Path, label_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    space = Explainer.from_pretrained(model, "cpu").space.with_class("unicorn", np.full(5, 0.4))
    table = without_marks(space, tmp_path / "t.csv")
    served: list[Explainer] = []

    def serve(
        host: str, port: int, device: str, models: list[Path], examples: list[object], tidying: list[object]
    ) -> None:
        served.extend(Explainer.from_pretrained(folder, "cpu") for folder in models)

    monkeypatch.setattr("zslviz.ui.serving.serve", serve)
    serving.serve(model=[str(model)], table=table, device="cpu")
    assert served[0].name == "made-msdn"
    assert served[0].space.classes[-1] == "unicorn"
    assert served[0].space.seen.sum() == 4
    with pytest.raises(ConfigError, match="name that with --model"):
        serving.serve(table=table)
    with pytest.raises(ConfigError, match="has no table of classes"):
        serving.serve(model=[str(label_folder)], table=table)


def test_photos_of_classes_that_a_model_sees_otherwise_are_not_measured(tmp_path: Path) -> None:
    """The split of data of one's own follows from its classes: with one more, another one may be unseen."""
    from zslviz.datasets.reading import load_dataset

    dataset = load_dataset("cub", layouts.make_cub(tmp_path))
    assert np.array_equal(labels_in(dataset.space, dataset), dataset.labels)
    tested = int(dataset.labels[dataset.test_unseen[0]])
    name = dataset.space.classes[tested]
    trained_on_it = dataset.space.with_seen([*dataset.space.seen_classes, tested])
    with pytest.raises(DataError, match=f"The model was trained on '{name}', but by the split of this data") as caught:
        labels_in(trained_on_it, dataset)
    others = [dataset.space.classes[c] for c in dataset.space.unseen_classes if c != tested]
    assert f"({dataset.note}); let both say the same" in str(caught.value)
    assert str(caught.value).endswith(f"The model was not trained on {listed(others)} of this data.")
    fewer = dataset.space.take_classes([i for i in range(len(dataset.space.classes)) if i != tested])
    with pytest.raises(
        DataError, match=f"does not know the class '{name}' of this data; give its description with --table"
    ):
        labels_in(fewer, dataset)
    of_seen = int(dataset.labels[dataset.test_seen[0]])
    never = dataset.space.with_seen([i for i in dataset.space.seen_classes if i != of_seen])
    with pytest.raises(DataError, match="was not trained on .* test a seen class"):
        labels_in(never, dataset)


def test_weights_stay_as_they_are_in_an_extended_model(model: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    space = Explainer.from_pretrained(model, "cpu").space.with_class("unicorn", np.full(5, 0.4))
    run("extend", model, "--table", without_marks(space, tmp_path / "t.csv"), "--out", tmp_path / "wider")
    before, after = load_file(model / WEIGHTS), load_file(tmp_path / "wider" / WEIGHTS)
    assert before.keys() == after.keys()
    assert [name for name in before if not np.array_equal(before[name], after[name])] == ["space.table"]


def test_a_table_of_ones_own_is_checked_without_a_model(tmp_path: Path) -> None:
    run("table", "eszsl-awa2", "-o", tmp_path / "animals.csv")
    lines = run("table", "--check", tmp_path / "animals.csv").output.splitlines()
    assert lines[0] == "40 classes (31 to be trained on), 85 attributes in 14 groups"
    assert lines[1].startswith("Had by no class that is trained on, so that they cannot be learned: blue, longneck, ")
    assert "Antelope and Deer: forest, newworld, spots" in "\n".join(lines)
    with pytest.raises(ConfigError, match="leave the model and --out out"):
        run("table", "eszsl-awa2", "--check", tmp_path / "animals.csv")
