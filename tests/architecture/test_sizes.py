"""Files and functions stay small enough to be read in one go."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

MAX_LINES, MAX_FUNCTION = 320, 60  # of a file; of a function with its signature and docstring
SUFFIXES = {".py", ".js", ".css", ".html", ".yaml"}

# What is longer today. An entry that no longer is must go, so that the lists can only shrink.
LONG_FILES = {
    "tests/photos/test_loading.py",
}
LONG_FUNCTIONS = {
    "zslviz/tasks/attributes/importing.py:import_weights",
}


def sources() -> list[Path]:
    folders = ("zslviz", "tools", "tests", "benchmarks")
    return [ROOT / "app.py", *(p for folder in folders for p in (ROOT / folder).rglob("*") if p.suffix in SUFFIXES)]


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """The functions of a module and their lines."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{path.relative_to(ROOT)}:{node.name}", (node.end_lineno or 0) - node.lineno + 1


@pytest.mark.parametrize("folder", ["zslviz", "tools", "tests", "benchmarks"])
def test_there_is_something_to_measure(folder: str) -> None:
    assert any(path.is_relative_to(ROOT / folder) for path in sources())


def test_no_file_is_too_long() -> None:
    lines = {str(p.relative_to(ROOT)): len(p.read_text(encoding="utf-8").splitlines()) for p in sources()}
    assert {path for path, count in lines.items() if count > MAX_LINES} == LONG_FILES


def test_no_function_is_too_long() -> None:
    found = [named for path in sources() if path.suffix == ".py" for named in functions(path)]
    assert {name for name, lines in found if lines > MAX_FUNCTION} == LONG_FUNCTIONS
