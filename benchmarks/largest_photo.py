"""Time and memory to decode the largest photos that are accepted, every format in a process of its own.

.venv/bin/python benchmarks/largest_photo.py
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from common import record
from PIL import Image

WIDTH, HEIGHT = 8660, 5770  # 49.97 megapixels
DETAIL = 150  # the photo is made of squares of so many pixels, smoothed, so that no format needs more than 50 MB
FORMATS = {
    "JPEG": ("RGB", "JPEG", {"quality": 90}),
    "JPEG, progressive": ("RGB", "JPEG", {"quality": 90, "progressive": True}),
    "PNG": ("RGB", "PNG", {}),
    "PNG with transparency": ("RGBA", "PNG", {}),
    "PNG, 16 bit": ("I;16", "PNG", {}),
    "WebP": ("RGB", "WEBP", {"method": 0}),
    "TIFF, LZW": ("L", "TIFF", {"compression": "tiff_lzw"}),
    "GIF": ("L", "GIF", {}),
    "AVIF": ("RGB", "AVIF", {"speed": 10}),
}
DECODE = """
import resource, sys, time

from zslviz.photos.loading import load_photo

def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

before, started = peak(), time.process_time()
load_photo(sys.argv[1])
print(time.process_time() - started, (peak() - before) // 1024)
"""


def photo(mode: str) -> Image.Image:
    shape = (HEIGHT // DETAIL, WIDTH // DETAIL, 4 if mode == "RGBA" else 3)
    squares = Image.fromarray(np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8))
    whole = squares.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    if mode == "I;16":
        return Image.fromarray(np.asarray(whole.convert("L")).astype(np.uint16) * 257)
    return whole.convert(mode)


def rows_of() -> list[dict[str, str]]:
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name, (mode, kind, options) in FORMATS.items():
            file = Path(folder) / "photo"
            photo(mode).save(file, kind, **options)
            told = subprocess.run([sys.executable, "-c", DECODE, str(file)], capture_output=True, text=True, check=True)
            seconds, megabytes = told.stdout.split()
            size = file.stat().st_size / 1e6
            rows.append({"what": f"{name}, {size:.0f} MB", "figure": f"{float(seconds):.1f} s, {megabytes} MB"})
    return rows


if __name__ == "__main__":
    record("largest_photo", "python benchmarks/largest_photo.py", rows_of())
