from __future__ import annotations

import csv
import json
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.conftest import made_photo
from zslviz import cli
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.map_words import called

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], made_folder: Path, tmp_path: Path) -> Run:
    """Runs `zslviz ARGS` in a fresh folder with the made models: exit code, output, errors."""
    monkeypatch.setenv("ZSLVIZ_CHECKPOINTS", str(made_folder))
    monkeypatch.chdir(tmp_path)
    made_photo().save("photo.png")

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["zslviz", *arguments])
        code = 0
        try:
            cli.main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        out = capsys.readouterr()
        return code, out.out, out.err

    return call


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


# -- what each command gives ------------------------------------------------------------------------------------------------


def test_models_are_listed_with_their_figures(run: Run) -> None:
    code, out, _ = run("models")
    assert code == 0
    line = next(line for line in out.splitlines() if line.startswith("made-mgmrn"))
    assert "48.0" in line
    assert "Mg-MRN" in line


def test_models_without_figures_are_listed_in_the_columns_of_the_others(run: Run, made_folder: Path) -> None:
    """As those that `extend` makes."""
    metrics = made_folder / "made-mgmrn" / "metrics.json"
    before = run("models")[1]
    whole = metrics.read_text()
    try:
        metrics.write_text("{}")
        after = run("models")[1]
    finally:
        metrics.write_text(whole)
    at = before.index("Mg-MRN") - before.rindex("\n", 0, before.index("Mg-MRN"))
    assert after.index("Mg-MRN") - after.rindex("\n", 0, after.index("Mg-MRN")) == at


def test_explain_prints_a_ranking_and_writes_overlay_and_json(run: Run, tmp_path: Path) -> None:
    code, out, err = run(
        "explain", "photo.png", "--model", "made-mgmrn", "--top", "3", "--attribute", "color: shade 2",
        "--overlay", "over.png", "--json", "seen.json",
    )  # fmt: skip
    assert (code, err) == (0, "")
    assert sum(line.split()[1:2] in (["seen"], ["unseen"]) for line in out.splitlines()) == 3
    assert Image.open("over.png").size == made_photo().size
    explanation = Explanation.load(tmp_path / "seen")
    assert explanation.model == "made-mgmrn"
    assert f"{called(explanation, 2)}: " in out and " from places " in out and "of what speaks" in out
    assert json.loads(Path("seen.json").read_text())["attributes"][2]["label"] == "color: shade 2"


@pytest.mark.parametrize("kind", ["evidence", "attention"])
def test_explain_draws_the_map_that_is_asked_for(run: Run, kind: str) -> None:
    pictures = []
    for granularity in ("1", "3"):
        arguments = ["--overlay", "o.png", "--kind", kind, "--granularity", granularity]
        assert run("explain", "photo.png", "--model", "made-mgmrn", *arguments)[0] == 0
        pictures.append(np.asarray(Image.open("o.png").convert("RGB")))
    assert pictures[0].shape == pictures[1].shape
    assert not np.array_equal(*pictures)


def test_rank_follows_edits_of_the_photo_and_of_a_class(run: Run) -> None:
    plain = run("rank", "photo.png", "--model", "made-msdn")[1]
    seen_more = run("rank", "photo.png", "--model", "made-msdn", "--set-attribute", "color: shade 0=3")[1]
    described = run("rank", "photo.png", "--model", "made-msdn", "--set-class", "class 5:color: shade 0=3")[1]
    assert len({plain, seen_more, described}) == 3
    assert "\n\nAfter 1 edit, Class " in seen_more
    assert "\n\nClass " in plain
    assert run("rank", "photo.png", "--model", "made-msdn")[1] == plain


def test_rank_can_leave_seen_classes_out_and_calibrate(run: Run) -> None:
    out = run("rank", "photo.png", "--model", "made-mgmrn", "--unseen-only")[1]
    assert "unseen classes only" in out
    assert sum("unseen  " in line for line in out.splitlines()[1:]) == 2
    assert "gamma 0.75" in run("rank", "photo.png", "--model", "made-mgmrn", "--gamma", "0,75")[1]


def test_rank_takes_a_class_table_from_csv(run: Run, explainer_of: Callable) -> None:
    space = explainer_of("made-mgmrn").space
    space.take_classes([5]).with_class("unicorn", np.full(5, 0.4)).to_csv("table.csv")
    code, out, _ = run("rank", "photo.png", "--model", "made-mgmrn", "--table", "table.csv")
    assert code == 0
    assert "Unicorn" in out
    assert "Class 0" not in out


def test_what_it_would_take_is_told_way_by_way(run: Run) -> None:
    ranked = [line.split("  ")[-1].strip() for line in run("rank", *PHOTO)[1].splitlines()[1:7]]
    code, out, err = run("what-would-it-take", "photo.png", ranked[1], *PHOTO[1:], "--ways", "2")
    assert (code, err) == (0, "")
    told = out.splitlines()
    assert told[0].startswith("If the model had seen ")
    edits = [line.split() for line in told if "->" in line and line.startswith("    ")]
    assert edits
    described = run("what-would-it-take", "photo.png", ranked[1], *PHOTO[1:], "--side", "description")[1]
    assert "described with" in described
    locked = run("what-would-it-take", "photo.png", ranked[1], *PHOTO[1:], "--lock", "color", "--lock", "shape")[1]
    assert locked != out
    assert "is first already" in run("what-would-it-take", "photo.png", ranked[0], *PHOTO[1:])[1]


def test_a_covered_place_is_promised_and_proved(run: Run) -> None:
    code, out, err = run("cover", *PHOTO, "--box", "0.2,0.1,0.8,0.9", "--attribute", "color: shade 1")
    assert (code, err) == (0, "")
    place, promise, proof, verdict = out.splitlines()[:4]
    assert place.startswith("Without 0.2,0.1,0.8,0.9 (48.0 % of the photo)")
    assert promise.startswith("By the map, color: shade 1 ")
    assert proof.startswith("By the network, color: shade 1 ")
    assert verdict.startswith("The map has ")
    found = run("cover", *PHOTO, "--find")[1]
    assert "becomes first" in found or found.startswith("No place decides: by the maps, ")


def test_predict_writes_a_row_a_photo_in_the_order_given(run: Run, tmp_path: Path, explainer_of: Callable) -> None:
    (tmp_path / "more").mkdir()
    for index in range(3):
        Image.fromarray(np.roll(np.asarray(made_photo()), 30 * index, axis=1)).save(f"more/{index}.jpg")
    code, _, _ = run("predict", "photo.png", "more", "--model", "made-mgmrn", "--csv", "p.csv", "--batch-size", "2")
    rows = rows_of(tmp_path / "p.csv")
    assert code == 0
    assert [row["image"] for row in rows] == ["photo.png", "more/0.jpg", "more/1.jpg", "more/2.jpg"]
    assert list(rows[0]) == ["image", *(f"{c}{i}" for c in ("top", "score", "seen") for i in range(1, 6)), "unlike"]
    expected = explainer_of("made-mgmrn").explain("photo.png").rank().top(5)
    names = explainer_of("made-mgmrn").space.classes
    for number, line in enumerate(expected, start=1):
        assert rows[0][f"top{number}"] == names[line.index]
        assert rows[0][f"seen{number}"] == str(int(line.seen))
        assert float(rows[0][f"score{number}"]) == pytest.approx(line.score, abs=1e-2)


def test_predict_unseen_only_names_no_seen_class(run: Run, tmp_path: Path) -> None:
    assert run("predict", "photo.png", "--model", "made-msdn", "--unseen-only", "--csv", "p.csv")[0] == 0
    row = rows_of(tmp_path / "p.csv")[0]
    assert {row["top1"], row["top2"]} == {"class_4", "class_5"}
    assert (row["seen1"], row["top3"], row["seen3"]) == ("0", "", "")


def test_predict_without_a_file_prints_the_table(run: Run) -> None:
    out = run("predict", "photo.png", "--model", "made-msdn")[1]
    assert out.splitlines()[0].startswith("image,top1,")
    assert out.splitlines()[1].startswith("photo.png,")


def test_one_bad_photo_does_not_stop_the_others(run: Run, tmp_path: Path) -> None:
    Path("bad.jpg").write_text("no photo")
    code, _, err = run("predict", "photo.png", "bad.jpg", "photo.png", "--model", "made-msdn", "--csv", "p.csv")
    rows = rows_of(tmp_path / "p.csv")
    assert code == 1
    assert "'bad.jpg' is not a picture" in err
    assert "1 of 3 photos" in err
    assert [bool(row["top1"]) for row in rows] == [True, False, True]
    assert {k: v for k, v in rows[0].items() if k != "image"} == {k: v for k, v in rows[2].items() if k != "image"}


def test_serve_starts_the_page_where_it_is_told(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from zslviz.ui import serving

    started = []
    monkeypatch.setattr(serving, "_behind_a_front", lambda host, port, service, *rest: started.append((host, port)))
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    assert run("serve", "--host", "127.0.0.2", "--port", "8123", "--device", "cpu")[0] == 0
    assert started == [("127.0.0.2", 8123)]


def test_serve_on_a_taken_port_says_so(run: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, _, err = run("serve", "--port", str(port), "--device", "cpu")
    assert code == 2
    assert f"cannot listen on 127.0.0.1:{port}" in err.strip().splitlines()[-1]


# -- what a mistake gets ------------------------------------------------------------------------------------------------------

PHOTO = ("photo.png", "--model", "made-mgmrn")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("explain", "photo.png", "--model", "made-mgmr"), "did you mean 'made-mgmrn'"),
        (("explain", *PHOTO, "--attribute", "shade two"), "color: shade"),
        (("explain", *PHOTO, "--granularity", "4"), "has 3 granularities"),
        (("explain", *PHOTO, "--overlay", "o.png", "--granularity", "4"), "has 3 granularities"),
        (("explain", *PHOTO, "--overlay", "o.png", "--kind", "saliency"), "choose evidence or attention"),
        (("explain", *PHOTO, "--overlay", "missing/o.png"), "cannot be written"),
        (("explain", *PHOTO, "--json", "missing/o.json"), "cannot be written"),
        (("explain", *PHOTO, "--device", "gpu please"), "is not a device"),
        (("explain", "text.jpg", "--model", "made-mgmrn"), "'text.jpg' is not a picture"),
        (("explain", "missing.jpg", "--model", "made-mgmrn"), "'missing.jpg' does not exist"),
        (("bundle", *PHOTO, "-o", "missing/p.zslviz"), "cannot be written"),
        (("bundle", *PHOTO, "-o", "p.zslviz", "--model-part", "missing/m.zslviz"), "cannot be written"),
        (("bundle", "missing.jpg", "--model", "made-mgmrn", "-o", "p.zslviz"), "'missing.jpg' does not exist"),
        (("report", *PHOTO, "-o", "missing/p.html"), "cannot be written"),
        (("report", "missing.jpg", "--model", "made-mgmrn", "-o", "p.html"), "'missing.jpg' does not exist"),
        (("report", "photo.png", "--model", "made-mgmnr", "-o", "p.html"), "made-mgmnr"),
        (("rank", *PHOTO, "--set-attribute", "shade 9=1"), "did you mean"),
        (("rank", *PHOTO, "--set-attribute", "color: shade 1"), "write it as 'ATTRIBUTE=VALUE'"),
        (("rank", *PHOTO, "--set-attribute", "color: shade 1=much"), "write it as 'ATTRIBUTE=VALUE'"),
        (("rank", *PHOTO, "--set-attribute", "color: shade 1=nan"), "write it as 'ATTRIBUTE=VALUE'"),
        (("rank", *PHOTO, "--set-class", "class 1=1"), "CLASS:ATTRIBUTE=VALUE"),
        (("rank", *PHOTO, "--set-class", "clas 1:color: shade 1=1"), "did you mean 'Class 1'"),
        (("rank", *PHOTO, "--gamma", "nan"), "finite"),
        (("what-would-it-take", "photo.png", "clas 1", *PHOTO[1:]), "did you mean 'Class 1'"),
        (("cover", *PHOTO), "--find"),
        (("cover", *PHOTO, "--find", "--box", "0,0,1,1"), "--box"),
        (("cover", *PHOTO, "--box", "0,0,2,1"), "from 0 to 1"),
        (("cover", *PHOTO, "--box", "0.5,0,0.5,1"), "width"),
        (("cover", *PHOTO, "--find", "--attribute", "shad 1"), "attribute"),
        (("what-would-it-take", "photo.png", "Class 1", *PHOTO[1:], "--lock", "colour"), "attribute"),
        (
            ("what-would-it-take", "photo.png", "Class 1", *PHOTO[1:], "--limit", "color: shade 1=0.5"),
            "ATTRIBUTE=LEAST..MOST",
        ),
        (("what-would-it-take", "photo.png", "Class 1", *PHOTO[1:], "--side", "animal"), "photo or description"),
        (("rank", *PHOTO, "--table", "text.jpg"), "column 'class'"),
        (("rank", *PHOTO, "--table", "missing.csv"), "cannot be read"),
        (("predict", "empty", "--model", "made-mgmrn"), "no photos in the folder"),
        (("predict", "photo.png", "--model", "made-mgmrn", "--csv", "missing/p.csv"), "cannot be written"),
        (("cache", "--data", "cub"), "write for example"),
        (("cache", "--data", "cub=missing"), "does not exist"),
        (("cache", "--data", "birds=."), "'cub'"),
        (("cache", "--data", "cub=.", "--backbone", "resnet18"), "resnet"),
        (("train", "nothing-cub", "--data", "cub=."), "recipe"),
        (("train", "missing.yaml", "--data", "cub=."), "cannot be read"),
        (("train", "msdn-cub", "--data", "cub=.", "--seeds", "0;1"), "whole numbers with commas between them"),
        (("train", "msdn-cub", "--data", "cub=.", "--seeds", "-1,0"), "whole numbers with commas between them"),
        (("train", "msdn-cub", "--data", "cub=.", "--seeds", "3"), "several"),
        (("evaluate", "--model", "made-mgmrn", "--data", "cub=."), "was trained on the data 'made'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_mistake_is_answered_with_one_sentence(run: Run, arguments: tuple[str, ...], message: str) -> None:
    Path("text.jpg").write_text("This is no photo,\nand no table.\n")
    Path("empty").mkdir()
    code, _, err = run(*arguments)
    assert code == 2
    assert message in err
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "command",
    [
        *(
            "explain",
            "rank",
            "what-would-it-take",
            "cover",
            "bundle",
            "report",
            "predict",
            "models",
            "evaluate",
            "train",
            "cache",
            "serve",
        ),
        *("table", "extend", "invent", "compare"),
    ],
)
def test_every_commands_help_has_an_example(run: Run, command: str) -> None:
    code, out, _ = run(command, "--help")
    assert code == 0
    assert f"Example: zslviz {command}" in out


@pytest.mark.parametrize("option", ["--gamma=nan", "--gamma=inf", "--bias=nan", "--bias=-inf"])
def test_a_number_that_is_none_is_refused_wherever_it_is_typed(
    option: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    commands = [["predict", "photos", option]] + [["rank", "photo.jpg", option]] * option.startswith("--gamma")
    for command in commands:
        monkeypatch.setattr("sys.argv", ["zslviz", *command])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert ended.value.code == 2
        assert "finite" in capsys.readouterr().err
