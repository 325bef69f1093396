"""Which tests one of several processes runs, and in which order."""

from __future__ import annotations

import gc
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).resolve().parent
FIRST = ("browser", "tasks", "twin", "contracts", "browser of made models")
"""Groups of tests that begin before the others: the longest, so that the processes end at about the same time."""


@cache
def group_of(path: Path) -> str:
    """Tests of a folder share servers, browsers and models, so that one process runs all of them.

    Those of the browser take as long as all the others: the modules whose server has made models are a group of their own.
    """
    folder = path.relative_to(TESTS).parts[0]
    made = folder == "browser" and path.is_file() and "slow_address" in path.read_text(encoding="utf-8")
    return f"{folder} of made models" if made and path.name != "conftest.py" else folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In the order in which groups begin (with `--no-loadscope-reorder`)."""
    items.sort(key=lambda item: (*FIRST, group_of(item.path)).index(group_of(item.path)))  # stable


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Groups by path: the marks that xdist has for them are lost in pytest 9.2, where the id of a test cannot be changed."""
    if config.getvalue("dist") != "loadgroup":
        return None
    from xdist.scheduler import LoadScopeScheduling

    class ByGroup(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group_of(TESTS.parent / nodeid.partition("::")[0])

    return ByGroup(config, log)


@pytest.fixture(scope="module", autouse=True)
def _in_one_process(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What a group shares would be made in every process otherwise, unnoticed."""
    if request.config.getoption("loadgroup", default=False):
        mine = tmp_path_factory.getbasetemp()
        note = mine.parent / f"process of {group_of(request.path)}"
        with suppress(FileExistsError):
            note.symlink_to(mine.name)
        assert note.readlink() == Path(mine.name), "tests of one group run in several processes"


def pytest_collection_finish() -> None:
    """What was imported and collected (a million objects) stays to the end, so that nobody looks through it for garbage again."""
    gc.collect()
    gc.freeze()
