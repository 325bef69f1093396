"""`zslviz predict` as a process of its own: what is said before PyTorch is there, names, kills, and readers that go."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.test_predict import NOT_UTF_8, rows_of, run
from tests.conftest import ROOT

WRONG = {
    "name it with --csv": ["--resume"],
    "gamma must be a finite number": ["--gamma", "nan"],
    "bias must be a finite number": ["--bias", "inf"],
    "'no/such.csv' cannot be written": ["--csv", "no/such.csv"],
    "cannot be made": ["--maps", "photos/00.png/maps"],
    "cannot be read": ["--table", "no.csv"],
    "'xpu' is not a device": ["--device", "xpu"],
    "There is no model called 'made-msd'": ["--model", "made-msd"],
    "is no compositional model": ["--bias", "1"],
    "There are no photos in the folder 'empty'": ["empty"],
}


def test_what_is_wrong_is_said_before_pytorch_is_imported(photos: Path, model: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    code = (
        "import sys, zslviz.cli\n"
        f"for options in {list(WRONG.values())!r}:\n"
        f"    sys.argv = ['zslviz', 'predict', 'photos', '--model', {str(model)!r}, *options]\n"
        "    try: zslviz.cli.main()\n"
        "    except SystemExit as stop: assert stop.code == 2, (options, stop.code)\n"
        "    assert 'torch' not in sys.modules, options\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, env=environment(), check=False
    )
    assert done.returncode == 0, done.stderr
    for told, sentence in zip(done.stderr.splitlines(), WRONG, strict=True):
        assert sentence in told


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", **more}


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "zslviz", *map(str, arguments)]


def test_names_that_an_output_cannot_write_stop_nothing(photos: Path, model: Path, tmp_path: Path) -> None:
    odd = [NOT_UTF_8, "=1+1.png", "日本\n語.png", '-x,"é.png']
    for name in odd:
        shutil.copy(photos / "00.png", photos / name)
        shutil.copy(photos / "00.png", tmp_path / name)
    (photos / "é bad.png").write_text("nothing")
    places = ["photos/00.png", *(f"photos/{name}" for name in odd), "=1+1.png", "photos/é bad.png"]
    done = {
        encoding: subprocess.run(
            command("predict", *places, "--model", model, *options),
            cwd=tmp_path, capture_output=True, env=environment(PYTHONIOENCODING=encoding), check=False,
        )
        for encoding, options in (("ascii", ["--csv", "t.csv", "--maps", "maps"]), ("cp1252", []))
    }  # fmt: skip
    rows = rows_of(tmp_path / "t.csv")
    assert [row["image"] for row in rows] == [*places[:5], "'=1+1.png", places[-1]]
    assert len({row["top1"] for row in rows[:-1]}) == 1
    assert b"wrote t.csv (7 photos)" in done["ascii"].stdout
    assert b"bad.png' is not a picture" in done["ascii"].stderr
    assert done["cp1252"].stdout.count(rows[0]["top1"].encode()) >= 6
    assert "é bad.png".encode("cp1252") in done["cp1252"].stdout
    assert b"\\u65e5\\u672c\n\\u8a9e" in done["cp1252"].stdout
    for one in done.values():
        assert one.returncode == 1
        assert len(one.stderr.splitlines()) == 2


# Photos on a slow disk: a command that reads them is surely still at work when it is stopped.
SLOW_DISK = """\
import time
from PIL import Image
read = Image.open
def slowly(*arguments, **options):
    time.sleep(0.15)
    return read(*arguments, **options)
Image.open = slowly
"""


@pytest.mark.parametrize(
    ("how", "code"), [(signal.SIGKILL, -9), (signal.SIGTERM, 143), (signal.SIGINT, 130)], ids=lambda value: str(value)
)
def test_rows_outlive_the_process(photos: Path, model: Path, tmp_path: Path, how: signal.Signals, code: int) -> None:
    for i in range(90):
        os.link(photos / f"{i % 12:02}.png", photos / f"more-{i}.png")
    table = tmp_path / "t.csv"
    disk = tmp_path / "disk"
    disk.mkdir()
    (disk / "sitecustomize.py").write_text(SLOW_DISK)  # which Python runs when it starts
    process = subprocess.Popen(
        command("predict", photos, "--model", model, "--csv", table, "--batch-size", 2),
        env=environment(PYTHONPATH=os.pathsep.join([str(disk), str(ROOT)])), stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    until = time.monotonic() + 120
    while not (table.exists() and table.read_bytes().count(b"\n") > 4):
        assert process.poll() is None, process.stderr and process.stderr.read()
        assert time.monotonic() < until
        time.sleep(0.02)
    process.send_signal(how)
    assert process.wait(60) == code
    assert process.stderr is not None
    assert b"Traceback" not in process.stderr.read()
    assert 5 <= table.read_bytes().count(b"\n") < 90
    run("predict", photos, "--model", model, "--csv", table, "--resume")
    assert [Path(row["image"]) for row in rows_of(table)] == sorted(photos.iterdir())


def test_a_reader_that_has_gone_ends_a_command_quietly(photos: Path, model: Path) -> None:
    for i in range(100):
        os.link(photos / f"{i % 12:02}.png", photos / f"more-{i}.png")
    process = subprocess.Popen(
        command("predict", photos, "--model", model, "--batch-size", 1),
        env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None and process.stderr is not None
    assert process.stdout.readline().startswith(b"image,")
    process.stdout.close()
    assert (process.wait(60), process.stderr.read()) == (0, b"")
