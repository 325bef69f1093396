"""No task, system or data set is known by name outside its own folder and the catalogue (imports are the contracts' business)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from zslviz.catalogue import DATASETS, SYSTEMS, TASKS
from zslviz.models.registry import MODELS

PACKAGE = ROOT / "zslviz"
PLAIN = {"attributes"}  # also an everyday word of this field, and an entry of many a JSON file

# Where a name stands as an example for people, in a sentence of help or of an error, or as a default of the shell.
EXAMPLES = {
    "cli/covering.py": {"awa2", "mgmrn"},
    "cli/evaluation.py": {"cub", "mgmrn"},  # the model that a command takes if none is named
    "cli/faithfulness.py": {"cub", "mgmrn"},
    "cli/inventing.py": {"awa2", "mgmrn"},
    "cli/options.py": {"cub"},
    "cli/photos.py": {"awa2", "mgmrn"},
    "cli/prediction.py": {"awa2", "mgmrn"},
    "cli/retesting.py": {"awa2", "mgmrn"},
    "cli/tables.py": {"awa2", "msdn"},
    "cli/training.py": {"cub", "eszsl", "mgmrn"},
    "datasets/reading.py": {"cub"},
}
# What a paper publishes for single data sets is told with its system.
PUBLISHED = {
    "models/dfan/system.py": {"awa2", "cub"},
    "models/msdn/official.py": {"awa2"},
    "models/msdn/system.py": {"awa2", "cub"},
    "models/psvma/system.py": {"awa2"},
    "models/transzero/official.py": {"awa2"},
}
# What is known by name, and why. An entry that is mended must go, so that the list can only shrink.
KNOWN: dict[str, set[str]] = {
    "tasks/multilabel/yardsticks.py": {"eszsl"},  # the paper's formula in a title that stands in published tables
}


# Names and titles of systems, and names of data sets, in lower case -> the name.
WORDS = {word.lower(): name for name in SYSTEMS for word in (name, MODELS[name].title)} | {
    name: name for name in DATASETS
}
WORD = re.compile(
    rf"(?<![a-z0-9])(?:{'|'.join(map(re.escape, sorted(WORDS, key=len, reverse=True)))})(?![a-z0-9])", re.IGNORECASE
)


def homes() -> dict[str, tuple[Path, ...]]:
    """Where each name may be written: a folder, or the start of a file's path."""
    found = {task: (path_of(place.module), PACKAGE / "ui" / "tabs") for task, place in TASKS.items()}
    found |= {name: (path_of(place.record.partition(":")[0]).parent,) for name, place in SYSTEMS.items()}
    found |= {name: (path_of(place.module),) for name, place in DATASETS.items()}
    return found


def path_of(module: str) -> Path:
    return ROOT.joinpath(*module.split("."))


def is_at_home(path: Path, home: Path) -> bool:
    """Whether a file is, or lies in, or belongs to (cub_parts.py to cub.py) what is at `home`."""
    beside = path.parent == home.parent and (path.stem == home.name or path.stem.startswith(f"{home.name}_"))
    return beside or path.is_relative_to(home)


def texts(path: Path) -> Iterator[str]:
    """What a module says beside documentation: its strings and the names of its variables, functions and classes."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.value
        for field in ("id", "name", "attr", "arg", "asname"):
            if isinstance(identifier := getattr(node, field, None), str) and not isinstance(
                node, ast.alias | ast.keyword
            ):
                yield identifier


def names_in(text: str) -> set[str]:
    """The systems and data sets that a text names, in whatever case, as whole words."""
    return {WORDS[found.lower()] for found in WORD.findall(text)}


def tasks_in(path: Path) -> set[str]:
    """The tasks that a module names in its code: their names as strings, the plain word only where it is a choice."""
    found = set()
    for parent in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        for node in ast.iter_child_nodes(parent):
            if isinstance(node, ast.Constant) and node.value in TASKS and not is_plain(node, parent):
                found.add(str(node.value))
    return found


def is_plain(node: ast.Constant, parent: ast.AST) -> bool:
    """Whether "attributes" is only the key of an entry, a folder, or one word of a set."""
    if node.value not in PLAIN:
        return False
    if isinstance(parent, ast.Dict):
        others = {key.value for key in parent.keys if isinstance(key, ast.Constant)} - PLAIN
        return node in parent.keys and not others & set(TASKS)
    if isinstance(parent, ast.Call):
        return isinstance(parent.func, ast.Attribute) and parent.func.attr == "get"
    return isinstance(parent, ast.Subscript | ast.BinOp | ast.Set | ast.Expr)


def strangers() -> dict[str, set[str]]:
    """Modules of the package -> the names they know and should not."""
    home, found = homes(), {}
    for path in sorted(PACKAGE.rglob("*.py")):
        if path != PACKAGE / "catalogue.py":
            named = {name for text in texts(path) for name in names_in(text)} | tasks_in(path)
            named = {name for name in named if not any(is_at_home(path, place) for place in home[name])}
            if named:
                found[str(path.relative_to(PACKAGE))] = named
    return found


def test_nothing_is_known_by_name_outside_its_folder() -> None:
    listed = (EXAMPLES, PUBLISHED, KNOWN)
    allowed = {
        path: set().union(*(one.get(path, set()) for one in listed)) for path in {p for one in listed for p in one}
    }
    assert strangers() == allowed


@pytest.mark.parametrize(
    "path",
    sorted(p for folder in ("shared", "twin") for p in (PACKAGE / "ui" / folder).rglob("*") if p.is_file()),
    ids=lambda path: path.name,
)
def test_what_tabs_share_names_nothing(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert names_in(text) | {task for task in set(TASKS) - PLAIN if re.search(rf"\b{task}\b", text)} == set()


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ('if recipe.system != "mgmrn": ...', {"mgmrn"}),
        ('raise ValueError(f"{name} is not Mg-MRN")', {"mgmrn"}),
        ("MSDN_FUSION = 0.9", {"msdn"}),
        ('TERMS = "Photos of CUB-200-2011"', {"cub"}),
        ('if kind == "attributes": ...', {"attributes"}),
        ('part("attributes", "space")', {"attributes"}),
        ('{"attributes": 1, "multilabel": 2}', {"attributes", "multilabel"}),
        ('rows["attributes"]; rows.get("attributes"); {"attributes": 3, "name": ""}; folder / "attributes"', set()),
        ('"""MSDN, of CUB."""', set()),
        ("adapt = incubator", set()),
    ],
)
def test_a_name_is_found_where_it_decides_something(line: str, names: set[str], tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(line)
    assert {name for text in texts(path) for name in names_in(text)} | tasks_in(path) == names
