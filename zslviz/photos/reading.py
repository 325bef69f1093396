"""Many photos for a network: decoded by threads of their own while the network looks at those before, a few at a time in memory."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import ImageError
from zslviz.photos.geometry import Geometry
from zslviz.photos.loading import ImageSource, load_photo, to_network_input

MOST_THREADS = 8

Source = TypeVar("Source", bound=ImageSource)


@dataclass(frozen=True, eq=False)
class ReadPhoto(Generic[Source]):
    """A photo as a network takes it, or why it cannot be read.

    pixels: uint8 [S, S, 3]. photo: uint8 [height, width, 3], only where it was asked for. started: when its turn came, on the
    clock of `time.perf_counter`. error: what is wrong with it; it has no pixels then.
    """

    source: Source
    started: float
    pixels: NDArray[np.uint8] | None = None
    geometry: Geometry | None = None
    photo: NDArray[np.uint8] | None = None
    error: ImageError | None = None


def read_ahead(
    sources: Iterable[Source], size: int, ahead: int, whole: bool = False, threads: int | None = None
) -> Iterator[ReadPhoto[Source]]:
    """Photos in the order given, at most `ahead` of them decoded before they are asked for.

    size: side of the network's input in pixels. whole: the photo's own pixels are wanted as well. threads: two to eight,
    half as many as there are processors, if None. Never raises for a photo.
    """
    coming: deque[Future[ReadPhoto[Source]]] = deque()
    left = iter(sources)
    pool = ThreadPoolExecutor(threads or min(MOST_THREADS, max(2, (os.cpu_count() or 2) // 2)), "reading")
    try:
        while True:
            for source in islice(left, max(1, ahead) - len(coming)):
                coming.append(pool.submit(_read, source, size, whole))
            if not coming:
                return
            yield coming.popleft().result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _read(source: Source, size: int, whole: bool) -> ReadPhoto[Source]:
    started = time.perf_counter()
    try:
        photo = load_photo(source)
    except ImageError as error:
        return ReadPhoto(source, started, error=error)
    pixels, geometry = to_network_input(photo, size)
    return ReadPhoto(source, started, pixels, geometry, np.asarray(photo, np.uint8) if whole else None)
