"""Recipes by name or file, each with the settings of its system's task."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zslviz.catalogue import part
from zslviz.errors import ConfigError, UnknownNameError
from zslviz.models.registry import MODELS
from zslviz.training.recipe import Recipe, build_settings, read_recipe


def load_recipe(name_or_file: str | Path) -> Recipe:
    """A recipe by name or from a YAML file. Raises UnknownNameError, ConfigError with what is wrong."""
    return recipe_from_dict(read_recipe(name_or_file), str(name_or_file))


def recipe_from_dict(values: Any, source: str = "recipe") -> Recipe:
    """Builds a recipe from plain values; a setting that its system's task does not know is refused by name."""
    if not isinstance(values, Mapping):
        raise ConfigError(f"The recipe '{source}' must map names of settings to values.")
    if "system" not in values:
        raise ConfigError(f"The recipe '{source}' is incomplete: it does not say 'system'.")
    system = values["system"]
    if system not in MODELS:
        raise UnknownNameError("system", str(system), MODELS)
    kind: type[Recipe] = part(MODELS[system].task, "settings").RECIPE
    return build_settings(kind, values, source, kind.settings_of(system))
