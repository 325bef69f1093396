"""docs/performance.md: a table a benchmark that was run, and none of what was not."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.common import write
from tools.documents import write as documents


def test_figures_of_a_gpu_are_told_under_the_name_of_its_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "RESULTS", tmp_path)
    assert "on a GPU" not in documents.performance_document(), "it was not run"
    rows = [{"what": "msdn-cub: backbone forward", "figure": "3.1 ms"}]
    content = {"command": "python benchmarks/on_gpu.py --part explain", "machine": "16 cores", "rows": rows}
    write(tmp_path / "on_gpu_explain.json", {**content, "card": "NVIDIA Q7"})
    write(tmp_path / "explain.json", content)
    text = documents.performance_document()
    assert "## A photo explained on a GPU: NVIDIA Q7\n" in text and "| msdn-cub: backbone forward | 3.1 ms |  |" in text
    assert "## A photo explained\n" in text
