"""Recipes by name or file, each with the settings of its system's task."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_type_hints

from zslviz.catalogue import part
from zslviz.errors import ConfigError, UnknownNameError
from zslviz.files.typed import brief, check_values, typed
from zslviz.models.registry import MODELS
from zslviz.training.recipe import Recipe, read_recipe


def load_recipe(name_or_file: str | Path) -> Recipe:
    """A recipe by name or from a YAML file. Raises UnknownNameError, ConfigError with what is wrong."""
    return recipe_from_dict(read_recipe(name_or_file), str(name_or_file))


def recipe_from_dict(values: Any, source: str = "recipe") -> Recipe:
    """Builds a recipe from plain values; a setting that its system's task does not know is refused by name."""
    if not isinstance(values, Mapping):
        raise ConfigError(f"The recipe '{source}' must map names of settings to values, not {brief(values)}.")
    if "system" not in values:
        raise ConfigError(f"The recipe '{source}' is incomplete: it does not say 'system'.")
    system = values["system"]
    if not isinstance(system, str) or system not in MODELS:
        raise UnknownNameError("system", brief(system), MODELS)
    kind: type[Recipe] = part(MODELS[system].task, "settings").RECIPE
    recipe = typed(kind, values, f"the recipe '{source}'", known=kind.settings_of(system))
    check_system_settings(recipe, source)
    return recipe


def check_system_settings(recipe: Recipe, source: str) -> None:
    """Checks what a recipe says of its system's network and loss. Raises UnknownNameError, ConfigError."""
    system = MODELS[recipe.system]
    network = get_type_hints(system.config, include_extras=True)
    check_values(network, recipe.model, f"'model' of the recipe '{source}'")
    if system.loss is not None:  # else the solver names what it does not know
        check_values(_settings_of(system.loss), recipe.loss, f"'loss' of the recipe '{source}'")


def _settings_of(loss: Callable[..., Any]) -> dict[str, Any]:
    """The arguments of a loss that have a default, each with its type."""
    hints = get_type_hints(inspect.unwrap(loss), include_extras=True)
    parameters = inspect.signature(loss).parameters.values()
    return {p.name: hints.get(p.name, type(p.default)) for p in parameters if p.default is not inspect.Parameter.empty}
