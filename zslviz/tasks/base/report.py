"""What is measured of a model on a data set's test photos, as plain values and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, eq=False)
class Report:
    """content: plain values, fit for JSON; among them the model's name and title, and a label that sets its training apart."""

    content: dict[str, Any]


def to_json(content: Mapping[str, Any]) -> str:
    """JSON with a line a key, and a line a row in lists of rows: small, and legible in a difference of versions."""
    lines = []
    for key, value in content.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            text = "[\n" + ",\n".join(f"  {json.dumps(row)}" for row in value) + "\n ]"
        else:
            text = json.dumps(value)
        lines.append(f" {json.dumps(key)}: {text}")
    return "{\n" + ",\n".join(lines) + "\n}\n"
