"""The notebooks of examples/ run from beginning to end, and what they show is there."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import run_sync
from nbclient import NotebookClient

from tests.conftest import ROOT

NOTEBOOKS = sorted((ROOT / "examples").glob("*.ipynb"))


@pytest.fixture(scope="module")
def kernel() -> Iterator[AsyncKernelManager]:
    """One kernel for all notebooks: what they import is read once."""
    manager = AsyncKernelManager()
    yield manager
    if manager.has_kernel:
        run_sync(manager.shutdown_kernel)(now=True)


@pytest.fixture
def run(tmp_path: Path, kernel: AsyncKernelManager, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[Any]]:
    """A notebook's outputs, executed in an empty folder with this package, without the names of those before it."""

    def run(name: str) -> list[Any]:
        paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
        notebook = nbformat.read(ROOT / "examples" / name, as_version=4)
        begin = nbformat.v4.new_code_cell(f"%reset -f\n%cd -q {tmp_path}")
        notebook.cells.insert(0, begin)
        NotebookClient(notebook, km=kernel, timeout=180).execute()
        return [output for cell in notebook.cells for output in cell.get("outputs", ())]

    return run


def shown(outputs: list[Any], kind: str) -> list[str]:
    return [output.data[kind] for output in outputs if kind in output.get("data", {})]


def printed(outputs: list[Any]) -> str:
    return "".join(output.text for output in outputs if output.get("name") == "stdout")


def texts() -> Iterator[tuple[str, str]]:
    """What the documents say of notebooks: (document, notebook)."""
    for document in (ROOT / "README.md", ROOT / "docs" / "figures.md"):
        for name in re.findall(r"examples/(\w+\.ipynb)", document.read_text(encoding="utf-8")):
            yield document.name, name


def test_a_photo_is_explained_edited_ranked_and_drawn(run: Callable, tmp_path: Path) -> None:
    outputs = run("explain.ipynb")
    living = shown(outputs, "text/html")[0]
    assert "Giraffe, never trained on, is ahead of" in living and 'srcdoc="&lt;!doctype html&gt;' in living
    assert len(living) < 2_000_000
    assert len(shown(outputs, "image/png")) == 3
    files = sorted(path.name for path in tmp_path.glob("*.pdf"))
    assert files == ["giraffe-contributions.pdf", "giraffe-maps.pdf", "giraffe-ranking.pdf"]
    value, places, rest = map(float, re.findall(r"\d\.\d{3}", printed(outputs))[:3])
    assert value == pytest.approx(places + rest, abs=0.0011)
    assert "After 1 edit" in printed(outputs)


def test_a_class_that_is_described_is_recognised_and_kept(run: Callable) -> None:
    outputs = run("own_classes.ipynb")
    before, after = printed(outputs).splitlines()[0], printed(outputs).splitlines()[-1]
    assert "Red panda" not in before
    assert after == "Red panda of 41 classes"
    assert "Red panda, never trained on, is ahead of" in shown(outputs, "text/html")[0]


def test_a_zebra_is_found_by_a_sentence_where_the_horses_row_finds_none(run: Callable) -> None:
    text = printed(run("zebra.ipynb"))
    found = {
        what: int(count)
        for what, count in re.findall(r"^(.+?): (\d+) of 10 zebra photos, \d+ of others taken$", text, re.MULTILINE)
    }
    assert len(found) == 4
    assert found["the horse's row"] == 0
    assert found["a horse with black and white stripes"] >= 9
    assert "nearest real class: Horse" in text


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_is_kept_without_its_outputs(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell for cell in code if cell.outputs or cell.execution_count] == []


def test_every_notebook_is_named_in_the_documents_and_is_there() -> None:
    for document in ("README.md", "figures.md"):
        assert {name for where, name in texts() if where == document} == {path.name for path in NOTEBOOKS}
