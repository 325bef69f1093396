"""What is loaded when: the package is light, the page is built without torch, arithmetic never brings it."""

from __future__ import annotations

import subprocess
import sys

import grimp
from importlinter.api import read_configuration

from tests.conftest import ROOT

HEAVY = ("torch", "torchvision", "timm", "open_clip", "lightning_fabric")


def loaded_by(statements: str) -> set[str]:
    """The top-level packages in sys.modules after these statements, in a fresh interpreter."""
    ask = f"{statements}\nimport sys\nprint('\\nLOADED', *{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.rpartition("LOADED")[2].split())


def test_the_package_loads_nothing_heavy() -> None:
    assert (
        loaded_by("import zslviz, zslviz.errors, zslviz.catalogue") & {*HEAVY, "gradio", "numpy", "matplotlib"} == set()
    )


def test_the_shell_loads_neither_torch_nor_gradio_before_a_command_runs() -> None:
    assert loaded_by("import zslviz.cli") & {*HEAVY, "gradio", "matplotlib"} == set()


def test_the_page_is_built_without_torch() -> None:
    loaded = loaded_by("from zslviz.ui.page import build_page; build_page()")
    assert "gradio" in loaded
    assert loaded & {*HEAVY, "matplotlib"} == set()


def test_arithmetic_loads_neither_torch_nor_gradio() -> None:
    """All modules at once that the contract "torch" names, bar those of the page: imports by name are seen here as well."""
    contracts = read_configuration(str(ROOT / "pyproject.toml"))["contracts_options"]
    (patterns,) = (contract["source_modules"] for contract in contracts if contract["id"] == "torch")
    graph = grimp.build_graph("zslviz", cache_dir=None)
    named = {
        m for p in patterns for m in (graph.find_matching_modules(p) if "*" in p else {p, *graph.find_descendants(p)})
    }
    modules = sorted(module for module in named if not module.startswith("zslviz.ui"))
    assert len(modules) > len(patterns)
    loaded = loaded_by("\n".join(f"import {module}" for module in modules))
    assert "numpy" in loaded
    assert loaded & {*HEAVY, "gradio", "matplotlib"} == set()
