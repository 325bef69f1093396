"""What tests of the commands share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder of twelve small photos."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for i in range(12):
        noise = np.random.default_rng(i).integers(0, 255, (30, 45, 3), dtype=np.uint8)
        Image.fromarray(noise).save(folder / f"{i:02}.png")
    return folder


@pytest.fixture
def model(made_folder: Path) -> Path:
    """A model of attributes with random weights."""
    return made_folder / "made-msdn"
