"""The import contracts of pyproject.toml: `lint-imports` keeps them, and they are able to break."""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import grimp
import pytest
from importlinter.api import read_configuration

from tests.conftest import ROOT

CONTRACTS: list[dict[str, Any]] = read_configuration(str(ROOT / "pyproject.toml"))["contracts_options"]
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"

# What must not be written, each in a file where it breaks the contract named.
OFFENCES = {
    "floors": ("photos/geometry.py", "import zslviz.cli"),
    "tasks": ("tasks/multilabel/space.py", "import zslviz.tasks.attributes.space"),
    "systems": ("models/mgmrn/network.py", "import zslviz.models.msdn.network"),
    "tabs": ("ui/tabs/compose/answers.py", "import zslviz.ui.tabs.explain.answers"),
    "readers": ("datasets/awa2.py", "import zslviz.datasets.cub"),
    "task-by-name": ("explainer.py", "import zslviz.tasks.attributes.explainer"),
    "system-by-name": ("training/stepping.py", "import zslviz.models.msdn.network"),
    "data-by-name": ("ui/examples.py", "import zslviz.datasets.cub"),
    "tab-by-name": ("cli/serving.py", "def page():\n    import zslviz.ui.tabs.explain.tab"),
    "page": ("ui/store.py", "import zslviz.ui.page"),
    "circles": ("tasks/attributes/space.py", "import zslviz.tasks.attributes.scoring"),
    "gradio": ("cli/options.py", "def show():\n    import gradio"),
    "matplotlib": ("tasks/attributes/report.py", "import matplotlib.pyplot"),
    "torch": ("tasks/multilabel/scoring.py", "import torch"),
}


def lint(folder: Path) -> str:
    """What lint-imports says of the package in a folder, by the contracts of its pyproject.toml."""
    done = subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache", "--no-logo"], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


@cache
def report() -> str:
    return lint(ROOT)


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract["id"])
def test_a_contract_is_kept(contract: dict[str, Any]) -> None:
    name = contract["name"]
    if f"{name} KEPT" not in report():
        _, _, broken = report().partition("Broken contracts")
        pytest.fail(broken or report(), pytrace=False)


def test_every_contract_can_break(tmp_path: Path) -> None:
    """A copy of the package in which everything is written that must not be."""
    assert set(OFFENCES) == {contract["id"] for contract in CONTRACTS}
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "zslviz", tmp_path / "zslviz", ignore=shutil.ignore_patterns("__pycache__"))
    for file, line in OFFENCES.values():
        path = tmp_path / "zslviz" / file
        path.write_text(path.read_text(encoding="utf-8") + f"\n{line}\n" if path.is_file() else line, encoding="utf-8")
    said = lint(tmp_path)
    assert [contract["id"] for contract in CONTRACTS if f"{contract['name']} BROKEN" not in said] == []


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract["id"])
def test_a_contract_speaks_of_modules_that_are_there(contract: dict[str, Any]) -> None:
    """A pattern that matches nothing (a file was renamed) would guard nothing, in silence."""
    graph = grimp.build_graph("zslviz", include_external_packages=True, cache_dir=None)
    patterns = [pattern for key in ("modules", "source_modules", "protected_modules", "allowed_importers", "ancestors")
                for pattern in contract.get(key, ())]  # fmt: skip
    assert [p for p in patterns if not (graph.find_matching_modules(p) if "*" in p else p in graph.modules)] == []
