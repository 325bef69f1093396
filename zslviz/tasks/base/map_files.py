"""The maps of one photo as one small file: NAME-DIGEST.npz, which NumPy opens and nothing in it is run.

model, photo                 who saw it, and the photo's name as it was given (text)
names [N], values [N]        the things that have maps, and what the model gives to each (float32)
EVIDENCE [N, H, W]           float16, one array a map that is offered, by its name ("evidence", "attention")
geometry [7]                 how the maps lie over the photo: width, height, size, left, top, box_width, box_height (pixels);
                             `zslviz.photos.geometry.Geometry(*geometry).map_to_photo(map)` lays one over it
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np

from zslviz.files import replacing
from zslviz.tasks.base.photo import ExplainedPhoto
from zslviz.tasks.base.show import Mapped

_STEM = 60


def maps_name(photo: Path) -> str:
    """The file of a photo's maps: readable, and of this photo alone, for it holds a digest of the whole path as it was given."""
    digest = hashlib.blake2b(str(photo).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    stem = re.sub(r"[^A-Za-z0-9._-]+", "_", photo.stem)[:_STEM].strip("._-") or "photo"
    return f"{stem}-{digest}.npz"


def write_maps(folder: Path, photo: Path, explanation: ExplainedPhoto, things: Mapped) -> str:
    """Writes the maps of some things, all sorts that are offered of them, and returns the file's name. Raises ConfigError."""
    offers = [offer for offer in explanation.offers() if offer.of == things.of]
    explanation.offer_of(None, things.of)  # says that there is none
    arrays: dict[str, Any] = {
        "model": np.array(explanation.model),
        "photo": np.array(str(photo)),
        "names": np.array(things.names, dtype=np.str_),
        "values": np.asarray(things.values, dtype=np.float32),
        "geometry": np.array(astuple(explanation.map_geometry), dtype=np.int64),
    }
    for offer in offers:
        maps = [explanation.map(offer.name, what).values for what in things.at]
        arrays[offer.name] = np.stack(maps).astype(np.float16)
    name = maps_name(photo)
    with replacing(folder / name) as partial, partial.open("wb") as stream:
        np.savez_compressed(stream, **arrays)
    return name
