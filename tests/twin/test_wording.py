"""Numbers are written by the page as by Python, to the last digit."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import ROOT
from zslviz.tasks.base.wording import change_text, counted, ordinal, size_text

NODE = shutil.which("node")
WORDING = ROOT / "zslviz" / "ui" / "twin" / "wording.js"

pytestmark = pytest.mark.skipif(NODE is None, reason="node is missing")


def numbers() -> list[float]:
    """Of all sizes and signs, many of them halfway between two texts, to rounding or exactly, and others next to those."""
    rng = np.random.default_rng(0)
    halves = np.concatenate(
        [np.arange(1, 4000) / 8, np.arange(1, 2000) / 20, np.arange(1, 2000) / 200, np.arange(1, 500) / 2000]
    )
    near = [
        halves,
        np.nextafter(halves, 0),
        np.nextafter(halves, 1e9),
        np.nextafter(halves.astype(np.float32), np.float32(1e9)),
    ]
    sizes = 10.0 ** rng.uniform(-12, 18, 5000) * rng.choice([-1, 1], 5000)
    return [float(value) for value in np.concatenate([*near, sizes, [1.0, 0.1, 0.01, 0.001, 0.9999999, 1e15, 1e-45]])]


def test_numbers_and_counts_are_written_as_by_python(tmp_path: Path) -> None:
    given, places = numbers(), list(range(1, 1200))
    (tmp_path / "numbers.json").write_text(json.dumps({"numbers": given, "places": places}), encoding="utf-8")
    script = f"""
        import {{ changeText, counted, ordinal, sizeText }} from "{WORDING.as_uri()}";
        import {{ readFileSync }} from "node:fs";
        const {{ numbers, places }} = JSON.parse(readFileSync("{tmp_path / "numbers.json"}", "utf8"));
        const changes = numbers.map((n, i) => changeText(n, numbers[(7 * i) % numbers.length]));
        console.log(JSON.stringify([numbers.map(sizeText), places.map(ordinal), places.map((n) => counted(n, "edit")), changes]));
    """
    done = subprocess.run(
        [str(NODE), "--input-type=module", "-e", script], capture_output=True, text=True, timeout=60, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    texts, ordinals, counts, changes = json.loads(done.stdout)
    assert len(given) > 30_000
    assert [(value, text) for value, text in zip(given, texts, strict=True) if text != size_text(value)] == []
    assert ordinals == [ordinal(place) for place in places]
    assert counts == [counted(place, "edit") for place in places]
    expected = [change_text(value, given[7 * i % len(given)]) for i, value in enumerate(given)]
    assert [pair for pair in zip(changes, expected, strict=True) if pair[0] != pair[1]] == []
