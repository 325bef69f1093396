"""How far apart two right computations of the same number may lie; it follows from sizes and precision, not from one processor."""

from __future__ import annotations

import math

import torch

LITE0 = 11_083  # additions behind a feature of EfficientNet-Lite0: the sum over its convolutions of inputs x kernel


def rounding(scale: float, additions: int, dtype: torch.dtype = torch.float32) -> float:
    """The difference that another order of additions may make to a number, where `scale` is the size of the largest terms.

    An addition rounds by at most eps / 2 of what it adds up to. BLAS, SIMD and threads only choose the order, so the errors of two
    orders are independent; they grow like a random walk, eps * sqrt(additions) (Higham, Accuracy and Stability of Numerical
    Algorithms, 2002, section 2.8). The worst case, eps * additions, is not met in practice.
    """
    return scale * torch.finfo(dtype).eps * math.sqrt(additions)
