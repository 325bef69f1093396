"""What was tried on validation: lines of docs/results/validation/RECIPE.jsonl, each a recipe's settings and what they gave."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import yaml
from filelock import FileLock

from zslviz.errors import ConfigError, ZslvizError
from zslviz.files import replacing

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "results" / "validation"
UNTRIED = ("name", "system", "data", "note", "test_figures_in_sight")
"""Of a recipe: what is no setting that could be tried."""


def with_settings(values: Mapping[str, Any], settings: Sequence[str]) -> dict[str, Any]:
    """A recipe's values with some set ("validation.groups=5", read as YAML) or left out ("validation.groups=").

    Raises ConfigError for what is no such text.
    """
    changed: dict[str, Any] = {n: dict(value) if isinstance(value, dict) else value for n, value in values.items()}
    for setting in settings:
        path, equals, text = setting.partition("=")
        *above, name = path.split(".")
        place = changed
        for key in above:
            place = place.setdefault(key, {}) if isinstance(place, dict) else {}
        if not equals or not isinstance(place, dict):
            raise ConfigError(f"--set takes SETTING=VALUE, as in validation.groups=5; not '{setting}'.")
        try:
            value = yaml.safe_load(text)
        except yaml.YAMLError:
            raise ConfigError(f"--set {setting}: the value is no YAML.") from None
        if text:
            place[name] = value
        else:
            place.pop(name, None)
    return changed


def settings_of(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """A recipe's settings (`Recipe.to_dict`), flat: {"grounding.weight": 0.5, "epochs": 5, ...}, without what is
    empty; lists as JSON has them."""
    flat: dict[str, Any] = {}
    for name, value in recipe.items():
        if name in UNTRIED:
            continue
        if isinstance(value, Mapping):
            flat |= {f"{name}.{key}": entry for key, entry in value.items() if entry != {}}
        else:
            flat[name] = value
    plain: dict[str, Any] = json.loads(json.dumps(flat))
    return plain


def lines(recipe: str) -> list[dict[str, Any]]:
    """What was tried for a recipe: {"settings", and figures}."""
    file = FOLDER / f"{recipe}.jsonl"
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.is_file() else []


def keep(recipe: str, settings: Mapping[str, Any], figures: Mapping[str, Any]) -> None:
    """Adds a line; several tools may at once."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = FOLDER / f"{recipe}.jsonl"
    with FileLock(Path(gettempdir()) / f"zslviz-tried-{recipe}.lock"):
        kept = [*lines(recipe), {"settings": settings, **figures}]
        with replacing(file) as written:
            written.write_text("".join(f"{json.dumps(line)}\n" for line in kept), encoding="utf-8")


def run(main: Callable[[], None]) -> int:
    """The exit code of a tool: 2 where something is wrong that a sentence says."""
    try:
        main()
    except ZslvizError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    return 0
