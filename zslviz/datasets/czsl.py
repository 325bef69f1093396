"""MIT-States, UT-Zappos and C-GQA in the layout that the field's code uses.

    FOLDER/compositional-split-natural/{train,val,test}_pairs.txt      lines "state object"
    FOLDER/images/STATE OBJECT/*.jpg (or STATE_OBJECT/), for C-GQA FOLDER/images/*.jpg
    FOLDER/metadata_compositional-split-natural.json (or .csv)         every photo's image, attr, obj, set

The published `metadata_compositional-split-natural.t7` is a pickle, which can run whatever its maker wants, so it is not read:
CONVERSION says how to turn it into the list. Without it folders name the pairs, but not which photos of a seen pair are for
training; a digest of their names then decides, and figures do not stand beside the papers'.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from zslviz.catalogue import DataCard
from zslviz.datasets.compositional import Pairs, Row, from_rows
from zslviz.datasets.files import Finder, is_there, names_in, read_lines, read_table, read_text
from zslviz.errors import DataError
from zslviz.files.tabular import brief, tidy
from zslviz.photos.finding import FoundPhotos, LeftOut, find_photos
from zslviz.tasks.compositional.data import CompositionalDataset
from zslviz.words.source import WordSource

SPLIT = "compositional-split-natural"
METADATA = f"metadata_{SPLIT}"
SETS = ("train", "val", "test")
CONVERSION = (
    "python -c \"import json, torch; json.dump(torch.load('metadata_compositional-split-natural.t7', weights_only=True), "
    "open('metadata_compositional-split-natural.json', 'w'))\""
)
KEYS = {"image": ("image",), "state": ("state", "attr"), "object": ("object", "obj"), "split": ("split", "set")}
HELD_OUT = 5  # without the metadata, one in so many photos of a seen pair goes to each part that lists it
MAX_JSON_BYTES = 200 * 2**20

TERMS = {
    "mit-states": "MIT-States (Isola et al., CVPR 2015): photos found on the web, for research use; many are mislabelled.",
    "ut-zappos": "UT Zappos50K (Yu and Grauman, CVPR 2014): a shop's product photos, for academic, non-commercial use.",
    "c-gqa": "C-GQA (Naeem et al., CVPR 2021), cut from GQA's photos (Visual Genome), for research use.",
}


def readable_shoe(name: str) -> str:
    """`Faux.Leather` -> "faux leather"; `Boots.Knee.High` -> "knee high boots"; `Shoes.Flats` -> "flats"."""
    kind, _, sort = name.replace(".", " ").lower().partition(" ")
    if kind in ("boots", "shoes") and sort:
        return f"{sort} boots" if kind == "boots" else sort
    return f"{kind} {sort}".strip()


CARDS = {
    "mit-states": DataCard(
        "states and objects (MIT-States)",
        TERMS["mit-states"],
        non_commercial=True,
        citation="Isola et al., Discovering States and Transformations, CVPR 2015",
    ),
    "ut-zappos": DataCard(
        "shoes (UT-Zappos)",
        TERMS["ut-zappos"],
        non_commercial=True,
        citation="Yu and Grauman, Fine-Grained Visual Comparisons with Local Learning, CVPR 2014",
        readable_word=readable_shoe,
    ),
    "c-gqa": DataCard(
        "states and objects (C-GQA)",
        TERMS["c-gqa"],
        non_commercial=True,
        citation="Naeem et al., Learning Graph Embeddings for CZSL, CVPR 2021",
    ),
}
FLAT = ("c-gqa",)  # photos in one folder, whose names say nothing


def load(name: str, folder: Path, words: WordSource) -> CompositionalDataset:
    """Reads the folder. Raises DataError."""
    listed = {part: _pairs(folder / SPLIT / f"{part}_pairs.txt") for part in SETS}
    metadata = next((p for s in (".json", ".csv") if is_there(p := folder / f"{METADATA}{s}")), None)
    if metadata is not None:
        rows, note = _from_metadata(metadata, listed), f"the split is that of '{metadata.name}'"
    elif name not in FLAT:
        rows, left_out = _from_folders(folder / "images", listed)
        note = f"pairs as in '{SPLIT}', but without its metadata photos of seen pairs are parted by a digest of their names"
        note += f"; {left_out.rstrip('.')}" if left_out else ""
    else:
        raise DataError(
            f"'{folder}' has no '{METADATA}.json' or '.csv' to say what its photos show; make it of the published .t7 file "
            f"(with: {CONVERSION})"
        )
    return from_rows(name, rows, words, terms=TERMS[name], note=note, listed=listed)


def _pairs(path: Path) -> Pairs:
    pairs = [tuple(line.split()) for line in read_lines(path)]
    wrong = [" ".join(pair) for pair in pairs if len(pair) != 2]
    if wrong or not pairs:
        found = f", not '{brief(wrong[0])}'" if wrong else ""
        raise DataError(f"'{path}' must hold lines of a state and an object{found}.")
    return {(state, object_) for state, object_ in pairs}


# -- with the metadata --------------------------------------------------------------------------------------------------------


def _from_metadata(path: Path, listed: Mapping[str, Pairs]) -> list[Row]:
    """Its photos, less those of no set ("NA") or of pairs that no part lists, as the field's code leaves them out."""
    every = set().union(*listed.values())
    photos = Finder(path.parent / "images")
    rows = []
    for number, cells in enumerate(_entries(path), start=1):
        image, state, object_, split = (
            next((cells[key] for key in keys if cells.get(key)), "") for keys in KEYS.values()
        )
        if not all(isinstance(cell, str) for cell in (image, state, object_, split)):
            raise DataError(f"Entry {number} of '{path}' must hold texts.")
        if not (image and state and object_ and split):
            raise DataError(f"Entry {number} of '{path}' needs image, attr, obj and set.")
        if split not in SETS or (state, object_) not in every:
            continue
        if (state, object_) not in listed[split]:
            raise DataError(
                f"Entry {number} of '{path}' puts '{state} {object_}' into '{split}', which does not list it."
            )
        rows.append(Row(_existing(photos, image), state, object_, split))
    return rows


def _entries(path: Path) -> list[Mapping[str, Any]]:
    if path.suffix == ".csv":
        table = read_table(path, "image")
        return [cells for _, cells in table.cells(*table.header)]
    try:
        entries = json.loads(read_text(path, MAX_JSON_BYTES))
    except (ValueError, RecursionError):
        raise DataError(f"'{path}' is damaged; make it again of the .t7 file (with: {CONVERSION})") from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise DataError(f"'{path}' must be a list of entries with image, attr, obj and set.")
    return entries


def _existing(photos: Finder, image: str) -> Path:
    """The photo, whether its folder is written with a space or with an underscore. Raises DataError."""
    pair, slash, name = image.rpartition("/")
    for spelling in (pair, pair.replace("_", " "), pair.replace(" ", "_")):
        file = photos.find(f"{spelling}{slash}{name}")
        if file is not None:
            return file
    raise DataError(f"The photo '{brief(str(photos.root / image), 200)}' of the metadata does not exist.")


# -- without it ---------------------------------------------------------------------------------------------------------------


def _from_folders(root: Path, listed: Mapping[str, Pairs]) -> tuple[list[Row], str]:
    """The photos of listed pairs, and a sentence on what is left out of their folders, "" if nothing is."""
    if not root.is_dir():
        raise DataError(f"'{root}' is missing; it must hold a folder of photos for every pair.")
    every = set().union(*listed.values())
    found = list(_pair_folders(root))
    pairs = {pair for _, pair in found}
    missing = sorted(every - pairs)
    if missing:
        raise DataError(
            f"'{root}' has no folder '{' '.join(missing[0])}', one of {len(missing)} pairs of the split that are not there."
        )
    rows: list[Row] = []
    left_out: list[LeftOut] = []
    for folder, (state, object_) in found:
        parts = [part for part in SETS if (state, object_) in listed[part]]
        if parts:
            there = find_photos(folder)
            rows += [Row(file, state, object_, _part_of(file, folder, parts)) for file in there.photos]
            left_out += there.left_out
    return rows, FoundPhotos(root, tuple(row.file for row in rows), tuple(left_out)).summary


def _pair_folders(root: Path) -> Iterator[tuple[Path, tuple[str, str]]]:
    """Folders named by a state and an object, a space or the first underscore between them."""
    for folder in sorted(root / name for name in names_in(root)):
        state, _, object_ = tidy(folder.name).replace(" ", "_", 1).partition("_")
        if not folder.is_dir() or folder.name.startswith("."):
            continue
        if object_:
            yield folder, (state, object_)


def _part_of(file: Path, folder: Path, parts: list[str]) -> str:
    """The part of a photo in its pair's folder, of those that list it, by a digest of its name: it depends on no other photo."""
    name = tidy(f"{folder.name}/{file.relative_to(folder).as_posix()}").replace(" ", "_")
    digest = int(hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest(), 16)
    others = [part for part in parts if part != "train"]
    if "train" not in parts:
        return others[digest % len(others)]
    number = digest % HELD_OUT
    return others[number] if number < len(others) else "train"
