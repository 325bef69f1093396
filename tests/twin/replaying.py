"""Runs the page's arithmetic in Node on vectors that were written for it, as it is or changed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

TWIN = ROOT / "zslviz" / "ui" / "twin"
NODE = shutil.which("node")


def replay(script: str, vectors: Path, twin: Path = TWIN, first: bool = False) -> subprocess.CompletedProcess[str]:
    """A replay of `tests/twin` on vectors in a folder. twin: where the page's scripts lie. first: the first difference ends it."""
    return subprocess.run(
        [str(NODE), "--test-reporter=spec", f"tests/twin/{script}"],
        cwd=ROOT,
        env={
            **os.environ,
            "ZSLVIZ_VECTORS": str(vectors),
            "ZSLVIZ_TWIN": str(twin),
            "ZSLVIZ_FIRST": "1" if first else "",
        },
        capture_output=True,
        text=True,
        timeout=120,
    )


def assert_the_same(script: str, vectors: Path, tests: int) -> None:
    """That all of a replay's tests pass, which are so many."""
    done = replay(script, vectors)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert re.search(rf"^\S* pass {tests}$", done.stdout, re.MULTILINE), done.stdout[-500:]


def is_noticed(mistake: tuple[str, str, str], script: str, vectors: Path, folder: Path) -> bool:
    """Whether a replay fails where one of the page's scripts has a mistake (`changed_twin`'s file, right and wrong)."""
    return replay(script, vectors, changed_twin(folder, *mistake), first=True).returncode != 0


def changed_twin(folder: Path, file: str, right: str, wrong: str) -> Path:
    """A copy of the page's scripts with a mistake in one of them."""
    twin = folder / "twin"
    shutil.copytree(TWIN, twin)
    (twin / "package.json").write_text('{"type": "module"}')
    text = (twin / file).read_text(encoding="utf-8")
    assert text.count(right) >= 1, right
    (twin / file).write_text(text.replace(right, wrong), encoding="utf-8")
    return twin


def first_cases(vectors: Path, folder: Path, count: int) -> Path:
    """A copy of some vectors with their first cases alone."""
    shutil.copytree(vectors, folder, dirs_exist_ok=True)
    cases = json.loads((folder / "cases.json").read_text(encoding="utf-8"))
    (folder / "cases.json").write_text(json.dumps(cases[:count]), encoding="utf-8")
    return folder


def called_as(file: str, *places: Any) -> set[str]:
    """The functions that a script exports and none of these places has, by the names that they would have in Python."""
    text = (TWIN / file).read_text(encoding="utf-8")
    exported = set(re.findall(r"^export function (\w+)", text, re.MULTILINE))
    assert exported
    names = {re.sub("([A-Z])", lambda found: f"_{found[0].lower()}", name) for name in exported}
    return {name for name in names if not any(hasattr(place, name) for place in places)}
