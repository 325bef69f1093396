from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import resource, sys
import numpy as np
from zslviz.runtime.allocator import keep_freed_memory
if sys.argv[1] == "keep":
    assert keep_freed_memory()
def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        np.ones(60_000_000, dtype=np.uint8)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
faults()
print(faults())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's settings")
def test_kept_memory_is_not_asked_of_the_system_again() -> None:
    """60 MB again and again: new pages each time by default, the same ones when kept."""
    runs = [
        subprocess.run([sys.executable, "-c", PROGRAM, mode], capture_output=True, text=True, check=True)
        for mode in ("default", "keep")
    ]
    default, kept = (int(run.stdout) for run in runs)
    assert kept < 0.05 * default
