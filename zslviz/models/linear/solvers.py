"""How the weights of ESZSL and DAP are solved for: the equations, the settings to choose from and what class scores are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from zslviz.models.linear.equations import Dap, Eszsl
from zslviz.models.ridge import Array

FEATURE_RIDGES = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
ATTRIBUTE_RIDGES = (0.01, 0.1, 0.3, 1.0, 3.0, 10.0)


@dataclass(frozen=True)
class ClosedForm:
    """A system without epochs.

    factors: features [N, C], labels [N] and the rows [K, A] of the classes that the labels count -> an object whose
    `solve(**settings)` gives the weight [A, C] and bias [A] for any settings at little cost. options: the settings, each with what
    is tried. `rows`, where it is among them, says how class scores are made (else by a dot product), the others are for `solve`.
    """

    factors: Callable[[Array, Any, Array], Eszsl | Dap]
    options: Mapping[str, tuple[Any, ...]]

    def rule(self, settings: Mapping[str, Any]) -> str:
        """How class scores are made of attribute scores."""
        return str(settings.get("rows", "dot"))

    def ridges(self, settings: Mapping[str, Any]) -> dict[str, float]:
        """What `solve` takes of the settings."""
        return {name: value for name, value in settings.items() if name != "rows"}


ESZSL_SOLVER = ClosedForm(Eszsl, {"feature_ridge": FEATURE_RIDGES, "attribute_ridge": ATTRIBUTE_RIDGES})
DAP_SOLVER = ClosedForm(Dap, {"ridge": FEATURE_RIDGES, "rows": ("binary", "table")})
