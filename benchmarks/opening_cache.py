"""Photos known by content: how long it takes to know those of a cache again, and how long to read them the first time.

.venv/bin/python benchmarks/opening_cache.py
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
from common import record
from PIL import Image

from zslviz.features import identity
from zslviz.features.cache import CacheSpec
from zslviz.features.identity import identify
from zslviz.features.store import Layout, begin, open_rows, reserve

SPEC = CacheSpec("efficientnet_lite2", 288)


class Photos(NamedTuple):
    name: str
    files: tuple[Path, ...]

    def photo(self, index: int) -> Image.Image:
        raise NotImplementedError


def rows_of(count: int, kilobytes: int) -> list[dict[str, str]]:
    identity._SETTLED = 0  # the photos are made here, just now
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        content = np.random.default_rng(0).bytes(kilobytes * 1000)
        files = tuple(root / "photos" / f"{number // 100}" / f"{number}.jpg" for number in range(count))
        for number, file in enumerate(files):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(number.to_bytes(8, "big") + content)
        photos = Photos("photos", files)
        first, again = (_timed(lambda: identify(photos, root)) for _ in range(2))
        layout = Layout(root / "cache", {"c5": (1, 1, 4)}, {})
        begin(layout)
        known = identify(photos, root).digests
        rows = reserve(layout, count)
        rows.mark(np.arange(count), known, np.zeros((count, 1), np.uint64))
        found = _timed(lambda: open_rows(layout).find(known))
    return [
        {"what": f"{count} photos of {kilobytes} kB, read the first time", "figure": f"{first:.2f} s"},
        {"what": f"{count} photos, unchanged", "figure": f"{again:.2f} s"},
        {"what": f"their rows found among {count}", "figure": f"{found:.2f} s"},
    ]


def _timed(work: object) -> float:
    started = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=12_000)
    parser.add_argument("--kilobytes", type=int, default=100)
    arguments = parser.parse_args()
    record("opening_cache", "python benchmarks/opening_cache.py", rows_of(arguments.photos, arguments.kilobytes))


if __name__ == "__main__":
    main()
