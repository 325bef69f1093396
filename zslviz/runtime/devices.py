"""Where networks run."""

from __future__ import annotations

import torch

from zslviz.errors import ConfigError


def pick_device(name: str | None = None) -> torch.device:
    """The device to run on: the one named, else CUDA where there is one, else the CPU. Raises ConfigError."""
    if name in (None, "", "auto"):
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(str(name))
    except RuntimeError:
        raise ConfigError(f"'{name}' is not a device; use 'auto', 'cpu' or 'cuda'.") from None
    if device.type == "cuda" and not torch.cuda.is_available():
        raise ConfigError("This machine has no CUDA device that PyTorch can use; use '--device cpu'.")
    return device
