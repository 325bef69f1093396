"""Tiny data sets in the folders' layouts of CUB-200-2011 and AWA2: a few coloured squares in place of photos."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from scipy.io import savemat

CUB_CLASSES = ("001.Black_footed_Albatross", "002.Laysan_Albatross", "003.Sooty_Albatross", "004.Groove_billed_Ani")
CUB_ATTRIBUTES = ("has_bill_shape::hooked", "has_wing_color::blue", "has_wing_color::grey")
CUB_TABLE = np.array([[100, 0, 25], [50, 10, 20], [0, 90, 0], [5, 5, 5]], dtype=float)
PHOTOS_PER_CLASS = 4
COLOURS = ((200, 30, 30), (30, 200, 30), (30, 30, 200), (200, 200, 30))

AWA2_CLASSES = ("antelope", "grizzly+bear", "killer+whale", "zebra")
AWA2_ATTRIBUTES = ("black", "stripes", "flippers")
AWA2_TABLE = np.array([[10, 20, 0], [60, 0, 0], [80, 5, -1], [50, 100, 0]], dtype=float)


def photo_names(classes: tuple[str, ...]) -> list[str]:
    return [f"{name}/{name.split('.')[-1]}_{i:04d}.jpg" for name in classes for i in range(PHOTOS_PER_CLASS)]


def draw_photos(folder: Path, classes: tuple[str, ...]) -> None:
    for index, name in enumerate(photo_names(classes)):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        red, green, blue = COLOURS[index // PHOTOS_PER_CLASS]
        photo = Image.new("RGB", (48 + index, 40), (red, green, (blue + 11 * index) % 256))
        photo.paste((0, 0, 0), (36, 0, 48 + index, 40))  # dark on the right: a mirrored photo is another one
        photo.save(path, quality=95)


def shuffled(names: list[str]) -> list[str]:
    """The benchmark's list of photos: the same ones in another order."""
    return [names[i] for i in np.random.default_rng(7).permutation(len(names))]


def split_of(listed: list[str], seen: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Indices (from 0) into `listed`: of seen classes the last photo is for testing, of the others all are."""
    parts: dict[str, list[int]] = {"trainval": [], "test_seen": [], "test_unseen": []}
    for index, name in enumerate(listed):
        if name.split("/")[0] not in seen:
            parts["test_unseen"].append(index)
        else:
            parts["test_seen" if name.endswith("_0003.jpg") else "trainval"].append(index)
    return {part: np.array(indices) for part, indices in parts.items()}


def write_split(folder: Path, listed: list[str], seen: tuple[str, ...], prefix: str, matlab: bool) -> None:
    """The proposed split as xlsa17 distributes it (MATLAB files) or as `proposed_split.npz` with `image_files.txt`."""
    split = split_of(listed, seen)
    if not matlab:
        np.savez(folder / "proposed_split.npz", **split)
        (folder / "image_files.txt").write_text("\n".join(prefix + name for name in listed) + "\n")
        return
    files = np.empty((len(listed), 1), dtype=object)
    for index, name in enumerate(listed):
        files[index, 0] = prefix + name
    savemat(folder / "res101.mat", {"image_files": files})
    savemat(folder / "att_splits.mat", {f"{part}_loc": indices[:, None] + 1 for part, indices in split.items()})


def numbered(names: tuple[str, ...] | list[str]) -> str:
    return "".join(f"{i} {name}\n" for i, name in enumerate(names, start=1))


def make_cub(root: Path, matlab: bool = False, attributes_beside: bool = False) -> Path:
    """`CUB_200_2011/` as its authors distribute it, with a proposed split in it."""
    folder = root / "CUB_200_2011"
    (folder / "attributes").mkdir(parents=True)
    names = photo_names(CUB_CLASSES)
    (folder / "classes.txt").write_text(numbered(CUB_CLASSES))
    (folder / "images.txt").write_text(numbered(names))
    ((root if attributes_beside else folder / "attributes") / "attributes.txt").write_text(numbered(CUB_ATTRIBUTES))
    np.savetxt(folder / "attributes" / "class_attribute_labels_continuous.txt", CUB_TABLE)
    draw_photos(folder / "images", CUB_CLASSES)
    prefix = "/BS/Deep_Fragments/work/MSc/CUB_200_2011/CUB_200_2011/images/"
    write_split(folder, shuffled(names), CUB_CLASSES[:3], prefix, matlab)
    return folder


def make_awa2(root: Path, matlab: bool = False) -> Path:
    """`Animals_with_Attributes2/` as its authors distribute it, with a proposed split in it."""
    folder = root / "Animals_with_Attributes2"
    folder.mkdir(parents=True)
    write_awa2_lists(folder)
    draw_photos(folder / "JPEGImages", AWA2_CLASSES)
    prefix = "/BS/xian/work/data/Animals_with_Attributes2//JPEGImages/"
    write_split(folder, shuffled(photo_names(AWA2_CLASSES)), AWA2_CLASSES[:3], prefix, matlab)
    return folder


def make_own_animals(root: Path, without: str = "killer+whale") -> Path:
    """`images/` with `photos.csv`: one's own photos of AWA2's animals, of one of which there is none."""
    folder = root / "animals"
    folder.mkdir()
    write_awa2_lists(folder)
    draw_photos(folder / "images", AWA2_CLASSES)
    lines = ["image,class,split"]
    for name in photo_names(AWA2_CLASSES):
        class_name = name.split("/")[0]
        part = "test_unseen" if class_name == "zebra" else "test_seen" if name.endswith("_0003.jpg") else "trainval"
        if class_name != without:
            lines.append(f"{name},{class_name},{part}")
    (folder / "photos.csv").write_text("\n".join(lines) + "\n")
    return folder


def write_awa2_lists(folder: Path) -> None:
    (folder / "classes.txt").write_text("".join(f"      {i}\t{c}\n" for i, c in enumerate(AWA2_CLASSES, start=1)))
    (folder / "predicates.txt").write_text("".join(f"      {i}\t{a}\n" for i, a in enumerate(AWA2_ATTRIBUTES, start=1)))
    (folder / "testclasses.txt").write_text("zebra\n")
    np.savetxt(folder / "predicate-matrix-continuous.txt", AWA2_TABLE, fmt="%8.2f")
