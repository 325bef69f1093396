"""Where networks run. Told without PyTorch as far as a name alone tells it."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from zslviz.errors import ConfigError

if TYPE_CHECKING:
    import torch

KINDS = ("cpu", "cuda", "mps")
"""The kinds of device that networks run on here; PyTorch knows many more names, most of which compute nothing."""
CPU = "the CPU"
"""As readers of figures know it."""


def let_mps_fall_back() -> None:
    """Lets operations that Apple's MPS lacks run on the CPU. Has no effect once PyTorch is imported."""
    os.environ.setdefault("PYTORCH_ENABLE_MPS_FALLBACK", "1")


def check_device(name: str | None = None) -> None:
    """Raises ConfigError if there is no such device here; what the name alone tells is said without waiting for PyTorch."""
    if _named(name) is not None:
        pick_device(name)


def pick_device(name: str | None = None) -> torch.device:
    """The device to run on: the one named, else CUDA where there is one, else the CPU. Raises ConfigError.

    Apple's MPS runs where it is named and never by itself: no figure or map here was checked on it.
    """
    named = _named(name)
    import torch

    if named is None:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    kind, number = named
    if kind == "cuda":
        return _cuda(number)
    if kind == "mps" and not torch.backends.mps.is_available():
        raise ConfigError("This machine has no MPS device that PyTorch can use; use '--device cpu'.")
    return torch.device(kind)


def compute_in_float32() -> None:
    """Has CUDA compute float32 in float32, before a network runs: answers are those of the CPU but for the order of sums."""
    import torch

    torch.backends.cudnn.allow_tf32 = False  # PyTorch lets convolutions round to 10 bits on a GPU unless told not to


def device_name(device: torch.device) -> str:
    """A device as a reader of figures knows it: `CPU`, or the card's own name."""
    import torch

    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return CPU if device.type == "cpu" else device.type.upper()


def _cuda(number: int | None) -> torch.device:
    import torch

    if not torch.cuda.is_available():
        raise ConfigError("This machine has no CUDA device that PyTorch can use; use '--device cpu'.")
    count = torch.cuda.device_count()
    if number is None:
        return torch.device("cuda")
    if number >= count:
        there = "one CUDA device, 'cuda:0'" if count == 1 else f"{count} CUDA devices, 'cuda:0' to 'cuda:{count - 1}'"
        raise ConfigError(f"There is no device 'cuda:{number}'; this machine has {there}.")
    return torch.device("cuda", number)


def _named(name: str | None) -> tuple[str, int | None] | None:
    """Kind and number of the device that a name asks for, None if any will do. Raises ConfigError."""
    if name is None or name.strip() in ("", "auto"):
        return None
    found = re.fullmatch(r"([a-z]+)(?::([0-9]{1,3}))?", name.strip())
    kind, digits = (found[1], found[2]) if found else ("", None)
    if kind not in KINDS or (kind != "cuda" and digits not in (None, "0")):
        raise ConfigError(
            f"'{name}' is not a device that can be used here; use 'auto', 'cpu', 'cuda', 'cuda:1' or 'mps'."
        )
    return kind, None if digits is None else int(digits)
