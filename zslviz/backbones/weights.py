"""Reading a state dict from a file without ever running code that the file brings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from zslviz.errors import ConfigError


def read_state_dict(path: str | Path) -> dict[str, Tensor]:
    """Tensors by name from a .safetensors file, or from a PyTorch file that holds nothing but tensors.

    Raises ConfigError if the file is missing, damaged, or holds anything but tensors.
    """
    path = Path(path)
    if not path.is_file():
        raise ConfigError(f"The weights file '{path}' does not exist.")
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    except Exception:  # a damaged file can fail in any way inside the unpickler, and each of them means the same
        raise ConfigError(
            f"'{path.name}' is damaged or holds more than tensors; it was not loaded. Save the state dict alone, "
            "as safetensors."
        ) from None
    for wrapper in ("state_dict", "model"):
        if isinstance(loaded, dict) and isinstance(loaded.get(wrapper), dict):
            loaded = loaded[wrapper]
    if not isinstance(loaded, dict) or not all(isinstance(v, Tensor) for v in loaded.values()):
        raise ConfigError(f"'{path.name}' is not a state dict: it must map names to tensors.")
    return {str(name): tensor for name, tensor in loaded.items()}


def imagenet_state_dict(name: str) -> Mapping[str, Any]:
    """torchvision's ImageNet weights of its network `name`, downloaded when first asked for. Raises ConfigError."""
    import torchvision.models as models

    try:
        return models.get_model_weights(name)["IMAGENET1K_V1"].get_state_dict(progress=True, weights_only=True)
    except OSError:  # urllib's errors are among them
        raise ConfigError(
            f"The weights of {name} could not be downloaded; give a file with its state dict instead."
        ) from None
