"""Packages that only an extra of zslviz brings (`pyproject.toml`); where one is missing, a sentence says which to install."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from zslviz.errors import ConfigError

EXTRAS = {
    "gradio": "page",
    "huggingface_hub": "hub",
    "lightning_fabric": "train",
    "matplotlib": "train",
    "onnx": "export",
    "onnxscript": "export",
}
"""Module -> the extra that brings it."""


@contextmanager
def naming_extras() -> Iterator[None]:
    """Raises ConfigError where a module of `EXTRAS` is missing; that any other module is missing stays the error that it is."""
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in EXTRAS:
            raise
        raise _missing(package) from None


def need(package: str) -> None:
    """Raises ConfigError where a module of `EXTRAS` is missing, before anything is begun that would need it."""
    if find_spec(package) is None:
        raise _missing(package)


def _missing(package: str) -> ConfigError:
    return ConfigError(f"This needs the package '{package}'; run 'pip install zslviz[{EXTRAS[package]}]'.")
