"""The model card of a checkpoint, written from its own files so that no figure is typed by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zslviz.catalogue import SYSTEMS, part
from zslviz.files import replacing


def write_model_card(folder: Path, measured: Mapping[str, Any] | None = None) -> None:
    """Writes README.md of a checkpoint folder from config.json and metrics.json, by the `card` of its task.

    measured: entries that stand beside those of metrics.json ("intervals", "yardsticks") where it has none of its own.
    """
    text = model_card(folder, measured)
    with replacing(folder / "README.md") as file:
        file.write_text(text, encoding="utf-8")


def model_card(folder: Path, measured: Mapping[str, Any] | None = None) -> str:
    """The text that `write_model_card` writes."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    text: str = part(SYSTEMS[config["system"]].task, "card").card(config, {**(measured or {}), **metrics})
    return text
