"""zslviz: see how attribute-based zero-shot learning sees.

`Explainer` opens a model and explains photos, `train` makes a model from a recipe, `evaluate` measures one. Each is imported when
it is first asked for: `import zslviz` alone brings in neither PyTorch nor NumPy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.2.0"
__all__ = ["Explainer", "__version__", "evaluate", "train"]

_DOORS = {"Explainer": "zslviz.explainer", "evaluate": "zslviz.evaluator", "train": "zslviz.trainer"}

if TYPE_CHECKING:
    from zslviz.evaluator import evaluate
    from zslviz.explainer import Explainer
    from zslviz.trainer import train
else:  # unseen by type checkers, to which every name would exist otherwise

    def __getattr__(name: str) -> object:
        if name not in _DOORS:
            raise AttributeError(f"module 'zslviz' has no attribute '{name}'")
        globals()[name] = found = getattr(import_module(_DOORS[name]), name)
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
