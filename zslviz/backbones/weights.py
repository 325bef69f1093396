"""Reading a state dict from a file without ever running code that the file brings."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load
from torch import Tensor

from zslviz.errors import ConfigError
from zslviz.files import is_there, read_bytes

MAX_WEIGHTS = 8 * 2**30
_ODD: Mapping[str, Callable[[Tensor], bool]] = {
    "a tensor without numbers (of the device 'meta')": lambda t: t.is_meta,
    "a sparse tensor": lambda t: t.layout != torch.strided,
    "a quantised tensor": lambda t: t.is_quantized,
    "a tensor of complex numbers": lambda t: t.is_complex(),
    "a tensor of several sizes": lambda t: t.is_nested,
    "of a type that networks do not have": lambda t: t.is_floating_point() and t.element_size() not in (2, 4, 8),
    "larger than the file": lambda t: t.numel() * t.element_size() > t.untyped_storage().nbytes(),
}


def read_state_dict(path: str | Path) -> dict[str, Tensor]:
    """Tensors by name from a .safetensors file, or from a PyTorch file that holds nothing but tensors.

    Raises ConfigError if the file is missing, damaged, or holds anything but tensors.
    """
    path = Path(path)
    if not is_there(path):
        raise ConfigError(f"The weights file '{path}' does not exist.")
    content = read_bytes(path, ConfigError, MAX_WEIGHTS)
    try:
        loaded: Any = load(content) if path.suffix == ".safetensors" else _unpickled(content)
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
    tensors = {str(name): tensor for name, tensor in loaded.items()}
    for name, tensor in tensors.items():
        _check_plain(tensor, name[:100], path.name)
    return tensors


def _unpickled(content: bytes) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)


def _check_plain(tensor: Tensor, name: str, file: str) -> None:
    """Raises ConfigError for a tensor without numbers of its own or with other numbers than networks have."""
    odd = next((kind for kind, is_so in _ODD.items() if is_so(tensor)), None)
    if odd is not None:
        raise ConfigError(f"'{file}' cannot be used: '{name}' is {odd}; save the weights as plain tensors of numbers.")
    if tensor.is_floating_point() and not torch.isfinite(tensor).all():
        raise ConfigError(f"'{file}' is of no use: '{name}' holds numbers that are not finite.")


def imagenet_state_dict(name: str) -> Mapping[str, Any]:
    """torchvision's ImageNet weights of its network `name`, downloaded when first asked for. Raises ConfigError."""
    import torchvision.models as models

    try:
        return models.get_model_weights(name)["IMAGENET1K_V1"].get_state_dict(progress=True, weights_only=True)
    except OSError:  # urllib's errors are among them
        raise ConfigError(
            f"The weights of {name} could not be downloaded; give a file with its state dict instead."
        ) from None
