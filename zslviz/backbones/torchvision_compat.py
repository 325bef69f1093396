"""Lets `torchvision` be imported beside a PyTorch build that its compiled operators do not match.

The wheel of torchvision on PyPI is compiled for CUDA. Beside a CPU build of PyTorch its shared library cannot be
loaded, and the import then stops at `operator torchvision::nms does not exist`, although nothing that zslviz uses
(networks, transforms, feature extraction) needs a compiled operator. Declaring the two operators whose fake kernels
are registered at import is enough. Where the compiled operators do load, nothing is declared and nothing changes.

Import this module before `torchvision` or `timm`.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import torch

_OPERATORS = {
    "nms": "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms": "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
}

_declared: torch.library.Library | None = None  # must stay alive: its end would take the declarations back


def compiled_operators_load() -> bool:
    """Whether torchvision's own shared library works with the PyTorch that is installed."""
    spec = importlib.util.find_spec("torchvision")
    if spec is None or not spec.submodule_search_locations:
        return False
    for library in Path(next(iter(spec.submodule_search_locations))).glob("_C*.so"):
        try:
            torch.ops.load_library(str(library))
        except OSError:
            continue
        return hasattr(torch.ops.torchvision, "nms")
    return False


def declare_missing_operators() -> bool:
    """Declares `nms` and `qnms` if the compiled ones cannot load; returns whether anything was declared."""
    global _declared
    if _declared is not None or compiled_operators_load():
        return False
    _declared = torch.library.Library("torchvision", "DEF")
    for schema in _OPERATORS.values():
        _declared.define(schema)
    return True


declare_missing_operators()
