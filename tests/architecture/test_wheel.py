"""What is installed from the wheel is what lies in the repository, and asks for what the package needs."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from email import message_from_bytes
from email.message import Message

import pytest

import zslviz
from tests.conftest import ROOT

if shutil.which("git") is None or not (ROOT / ".git").exists():
    pytest.skip("these tests compare with what git knows of", allow_module_level=True)


def repository_files() -> set[str]:
    """The package's files in the repository, also those not added yet."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "zslviz"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return {name for name in listed if (ROOT / name).is_file()}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built from a copy: what earlier builds left beside the repository's files has no part in it."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in {*repository_files(), "pyproject.toml", "README.md", "LICENSE"}:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, source / name)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    built = subprocess.run([*command, "--wheel-dir", str(out), str(source)], capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    return zipfile.ZipFile(next(out.glob("*.whl")))


@pytest.fixture(scope="module")
def metadata(wheel: zipfile.ZipFile) -> Message:
    name = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    return message_from_bytes(wheel.read(name))


def test_the_wheel_holds_every_file_of_the_package_and_no_other(wheel: zipfile.ZipFile) -> None:
    installed = {name for name in wheel.namelist() if ".dist-info/" not in name}
    expected = repository_files()
    assert sorted(expected - installed) == []
    assert sorted(installed - expected) == []


def test_the_wheel_tells_the_package_s_version_and_its_command(metadata: Message, wheel: zipfile.ZipFile) -> None:
    assert metadata["Version"] == zslviz.__version__
    commands = next(name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert "zslviz = zslviz.cli:main" in wheel.read(commands).decode()
