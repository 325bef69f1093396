"""Arrays that nobody may change."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def frozen(array: NDArray[Any], dtype: type[np.generic]) -> NDArray[Any]:
    """The array itself if nobody can write to it, else a read-only copy."""
    if array.dtype == dtype and not array.flags.writeable and array.base is None:
        return array
    copy = np.array(array, dtype=dtype)
    copy.setflags(write=False)
    return copy
