"""Whether many photos can be used, found out before the long work."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tqdm import tqdm

from zslviz.errors import DataError, ImageError
from zslviz.files import read_bytes
from zslviz.photos.formats import opened
from zslviz.photos.loading import MAX_FILE_BYTES, check_size, load_photo


def check_photos(files: Sequence[Path], workers: int = 2) -> None:
    """Decodes every photo (JPEGs at an eighth of their size): a damaged one shows before the long work. Raises DataError."""
    with ThreadPoolExecutor(workers) as pool, tqdm(total=len(files), unit="photo", desc="checking photos") as bar:
        for file, problem in zip(files, pool.map(_problem, files), strict=True):
            if problem:
                raise DataError(f"The photo '{file}' cannot be used: {problem}")
            bar.update()


def _problem(file: Path) -> str:
    """Why a photo cannot be used, "" if it can."""
    try:
        with warnings.catch_warnings(), opened(read_bytes(file, ImageError, MAX_FILE_BYTES)) as photo:
            warnings.simplefilter("ignore")
            check_size(photo.size)
            photo.draft("RGB", (photo.width // 8, photo.height // 8))
            photo.load()
        return ""
    except Exception:  # whatever it is, reading it in the usual way says it in a sentence
        pass
    try:
        load_photo(file)
    except ImageError as error:
        return str(error)
    return ""
