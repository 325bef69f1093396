"""What is installed from the wheel is what lies in the repository; installed elsewhere it explains, and its page opens."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import site
import socket
import subprocess
import sys
import tarfile
import time
import zipfile
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any

import httpx
import pytest

import zslviz
from tests.conftest import ROOT
from zslviz.checkpoints.listing import list_checkpoints

if shutil.which("git") is None or not (ROOT / ".git").exists():
    pytest.skip("these tests compare with what git knows of", allow_module_level=True)

SHIPPED = "zslviz/_shipped"
# The Python Package Index takes no larger file; test photos of birds, as vectors, are a quarter of it.
MAX_WHEEL_BYTES = 100 * 10**6
DEADLINE = 120  # seconds that a page may take to open on a busy machine


def tracked(*folders: str) -> set[str]:
    """The repository's files in these folders, also those not added yet."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *folders]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return {name for name in listed if name and (ROOT / name).is_file()}


def expected_files() -> dict[str, str]:
    """What must be in the wheel -> where it lies in the repository."""
    package = {name: name for name in tracked("zslviz")}
    return package | {f"{SHIPPED}/{name}": name for name in tracked("checkpoints", "assets") - left_out()}


def left_out() -> set[str]:
    """What setup.py names as too large to be in the wheel, read without running it."""
    statements = ast.parse((ROOT / "setup.py").read_text(encoding="utf-8")).body
    named = (one for one in statements if isinstance(one, ast.Assign) and ast.unparse(one.targets[0]) == "LEFT_OUT")
    return set(ast.literal_eval(next(named).value))


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy to build from: what earlier builds left beside the repository's files has no part in it."""
    folder = tmp_path_factory.mktemp("source")
    for name in {*expected_files().values(), "pyproject.toml", "setup.py", "README.md", "LICENSE"}:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)
    return folder


def built(kind: str, source: Path, out: Path) -> Path:
    """What setuptools builds of the copy: its wheel or its source distribution."""
    build = f"import sys; from setuptools import build_meta; print(build_meta.build_{kind}(sys.argv[1]))"
    done = subprocess.run([sys.executable, "-c", build, str(out)], cwd=source, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return next(out.iterdir())


@pytest.fixture(scope="module")
def wheel_file(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built("wheel", source, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def wheel(wheel_file: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(wheel_file)


@pytest.fixture(scope="module")
def metadata(wheel: zipfile.ZipFile) -> Message:
    name = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    return message_from_bytes(wheel.read(name))


def test_the_wheel_holds_every_file_of_the_package_with_what_is_shipped_and_no_other(wheel: zipfile.ZipFile) -> None:
    installed = {name for name in wheel.namelist() if ".dist-info/" not in name}
    expected = expected_files()
    assert sorted(set(expected) - installed) == []
    assert sorted(installed - set(expected)) == []
    changed = [name for name in installed if wheel.read(name) != (ROOT / expected[name]).read_bytes()]
    assert changed == []


def test_only_what_the_page_can_do_without_is_left_out() -> None:
    assert {Path(name).name for name in left_out()} == {"test_photos.zslviz"}
    assert left_out() <= tracked("checkpoints")


def test_the_wheel_stays_below_what_the_package_index_takes(wheel_file: Path) -> None:
    assert wheel_file.stat().st_size < MAX_WHEEL_BYTES


def test_the_source_distribution_holds_what_the_wheel_is_built_from(source: Path, tmp_path: Path) -> None:
    with tarfile.open(built("sdist", source, tmp_path)) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    assert sorted({*expected_files().values(), "pyproject.toml", "setup.py", "README.md", "LICENSE"} - held) == []


def test_the_wheel_tells_the_package_s_version_its_command_and_its_licences(
    metadata: Message, wheel: zipfile.ZipFile
) -> None:
    assert metadata["Version"] == zslviz.__version__
    commands = next(name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert "zslviz = zslviz.cli:main" in wheel.read(commands).decode()
    assert set(metadata.get_all("License-File") or []) >= {"LICENSE", "assets/CREDITS.md"}


# -- installed elsewhere ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def installed(wheel_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's command in a new environment outside the repository, which takes all else from the one that runs."""
    place = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)
    programs = place / ("Scripts" if os.name == "nt" else "bin")
    python = programs / "python"
    asked = [str(python), "-c", "import site; print(site.getsitepackages()[0])"]
    packages = Path(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip())
    (packages / "others.pth").write_text("\n".join(site.getsitepackages()) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*command, "--no-compile", str(wheel_file)], check=True, capture_output=True)
    return programs / "zslviz"


@pytest.fixture
def start(installed: Path, tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """Starts the installed command in an empty folder; nothing of this repository is named to it."""
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "ZSLVIZ_CHECKPOINTS")}
    (tmp_path / "empty").mkdir()

    def started(*arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(installed), *arguments],
            cwd=tmp_path / "empty",
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return started


def test_installed_elsewhere_it_lists_the_shipped_models_and_explains_an_example(
    start: Callable[..., subprocess.Popen[str]], installed: Path, tmp_path: Path
) -> None:
    where = [str(installed.with_name("python")), "-c", "from zslviz.runtime.places import *; print(examples_folder())"]
    examples = Path(subprocess.run(where, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.strip())
    assert not examples.is_relative_to(ROOT)
    photo = str(examples / "giraffe.jpg")
    runs = start("models"), start("explain", photo, "--model", "msdn-awa2", "--overlay", "map.png")
    said = [run.communicate(timeout=DEADLINE) for run in runs]
    assert [(run.returncode, errors) for run, (_, errors) in zip(runs, said, strict=True)] == [(0, ""), (0, "")]
    assert {info.name for info in list_checkpoints()} <= set(said[0][0].split())
    assert "Giraffe" in said[1][0]
    assert (tmp_path / "empty" / "map.png").is_file()


@pytest.fixture
def page(start: Callable[..., subprocess.Popen[str]]) -> Iterator[str]:
    """The address of the page that the installed command serves."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = start("serve", "--port", str(port))
    try:
        address = f"http://127.0.0.1:{port}"
        until = time.monotonic() + DEADLINE
        while not answers(address):
            assert server.poll() is None and time.monotonic() < until, server.communicate()
            time.sleep(0.2)
        yield address
    finally:
        server.terminate()
        server.communicate(timeout=DEADLINE)


def answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/config").is_success
    except httpx.TransportError:
        return False


def asked(address: str, endpoint: str, *arguments: Any) -> Any:
    """What an endpoint of the page's HTTP API answers."""
    called = httpx.post(f"{address}/gradio_api/call/{endpoint}", json={"data": arguments}).raise_for_status().json()
    told = httpx.get(f"{address}/gradio_api/call/{endpoint}/{called['event_id']}", timeout=DEADLINE).text
    assert "event: complete" in told, told
    return json.loads(told.partition("data: ")[2].splitlines()[0])


def test_installed_elsewhere_its_page_opens_with_every_tab_s_scripts_models_and_examples(page: str) -> None:
    head = httpx.get(page).text
    rest = re.findall(r"rest/\w+/", head)[0]  # what comes after the first answer
    head += httpx.get(f"{page}/{rest}scripts.js").raise_for_status().text
    modules = "zslviz/ui/twin/"  # imported by who needs them, and like every file of the package in the wheel
    scripts = [ROOT / name for name in tracked("zslviz/ui") if name.endswith(".js") and not name.startswith(modules)]
    assert [script.name for script in scripts if script.read_text(encoding="utf-8").strip() not in head] == []
    models = json.dumps(asked(page, "models"))
    assert [info.name for info in list_checkpoints() if f'"{info.name}"' not in models] == []
    photo = ROOT / "assets" / "examples" / "giraffe.jpg"
    sent = httpx.post(f"{page}/gradio_api/upload", files={"files": (photo.name, photo.read_bytes())})
    uploaded = {"path": sent.raise_for_status().json()[0], "meta": {"_type": "gradio.FileData"}}
    (explained,) = asked(page, "explain", uploaded, "msdn-awa2", 1)
    assert explained["ranking"][0]["name"] == "Giraffe"
