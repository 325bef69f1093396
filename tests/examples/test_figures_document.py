"""What docs/figures.md shows of Python runs as it stands there."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.conftest import ROOT


def test_the_lines_of_the_document_write_the_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "figures.md").read_text(encoding="utf-8"), re.DOTALL)
    shutil.copy(ROOT / "assets" / "examples" / "giraffe.jpg", tmp_path / "photo.jpg")
    monkeypatch.chdir(tmp_path)
    exec(code, {})
    for name in ("maps", "ranking", "contributions"):
        assert (tmp_path / f"{name}.pdf").read_bytes().startswith(b"%PDF")
