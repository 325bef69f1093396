"""zslviz: see how attribute-based zero-shot learning sees."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zslviz.explainer import Explainer as Explainer
    from zslviz.trainer import train as train

__version__ = "0.1.0"
_DOORS = {"Explainer": "zslviz.explainer", "train": "zslviz.trainer"}  # opened when asked for: they bring PyTorch along


def __getattr__(name: str) -> Any:
    if name not in _DOORS:
        raise AttributeError(f"module 'zslviz' has no attribute '{name}'")
    return getattr(importlib.import_module(_DOORS[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_DOORS])
