"""Where what is shipped lies: named, beside a checkout's package, or inside an installed one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import ROOT
from zslviz.checkpoints.listing import list_checkpoints
from zslviz.errors import ConfigError
from zslviz.runtime import places


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The package's folder among others that are installed, with what a wheel brings along."""
    package = tmp_path / "site-packages" / "zslviz"
    for folder in (package / "_shipped" / "checkpoints", package / "_shipped" / "assets" / "examples"):
        folder.mkdir(parents=True)
    for stranger in ("checkpoints", "assets"):
        (package.parent / stranger).mkdir()
    monkeypatch.setattr(places, "_PACKAGE", package)
    monkeypatch.delenv("ZSLVIZ_CHECKPOINTS", raising=False)
    return package


def test_a_checkout_has_its_checkpoints_and_examples_at_its_top(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ZSLVIZ_CHECKPOINTS", raising=False)
    assert places.checkpoints_folder() == ROOT / "checkpoints"
    assert places.examples_folder() == ROOT / "assets" / "examples"
    assert places.new_checkpoint("mine") == ROOT / "checkpoints" / "mine"


def test_an_installed_package_has_them_inside_whatever_other_packages_have_beside_it(installed: Path) -> None:
    assert places.checkpoints_folder() == installed / "_shipped" / "checkpoints"
    assert places.examples_folder() == installed / "_shipped" / "assets" / "examples"


def test_a_training_never_writes_into_an_installed_package(installed: Path) -> None:
    assert places.new_checkpoint("mine") == Path("checkpoints", "mine")


def test_checkpoints_that_are_named_win(installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZSLVIZ_CHECKPOINTS", str(tmp_path))
    assert places.checkpoints_folder() == tmp_path
    assert places.new_checkpoint("mine") == tmp_path / "mine"


def test_a_folder_of_checkpoints_that_is_not_there_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZSLVIZ_CHECKPOINTS", str(tmp_path / "gone"))
    with pytest.raises(ConfigError, match=r"ZSLVIZ_CHECKPOINTS names '.*gone', which is no folder"):
        list_checkpoints()
