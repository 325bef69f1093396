"""Freed memory is kept for the next layer instead of being handed back to the system.

glibc maps large blocks anew for every tensor and unmaps them when it is freed, so each layer of a batch waits for the system to
hand out zeroed pages: with 16 photos at 288 px the backbone spends over half of its time there (`benchmarks/allocator.py`).
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_MAX, _ARENA_MAX = -1, -2, -4, -8  # malloc.h
_LARGEST, _PAD = 2**31 - 1, 64 * 2**20


@cache
def keep_freed_memory() -> bool:
    """Asks glibc's allocator to reuse freed memory, for this process; whether it took the settings (elsewhere: False)."""
    return _set((_MMAP_MAX, 0), (_TRIM_THRESHOLD, _LARGEST), (_TOP_PAD, _PAD))


def few_arenas(count: int = 2) -> bool:
    """Has all threads share so many heaps, those that have none yet; whether glibc took the setting.

    Each heap keeps what was freed in it for itself, and a server's threads come and go: with glibc's eight heaps a core it grows by
    hundreds of megabytes that nothing holds.
    """
    return _set((_ARENA_MAX, count))


def _set(*settings: tuple[int, int]) -> bool:
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library
        return False
    taken = [mallopt(name, value) == 1 for name, value in settings]
    return all(taken)
