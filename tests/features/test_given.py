"""Features that were computed elsewhere: every row comes to the photo that it is of, and what cannot be told is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given as having
from hypothesis import strategies as st
from scipy.io import savemat

from zslviz.backbones import given, spec_of
from zslviz.backbones.registry import build_backbone, is_backbone
from zslviz.errors import ConfigError, DataError
from zslviz.features.given import read_features

CLASSES = ("ant", "bee", "cat")
NAMES = tuple(f"{name}/{i}.jpg" for name in CLASSES for i in range(4))
LABELS = np.repeat([0, 1, 2], 4)
FILES = tuple(Path("/photos/images") / name for name in NAMES)
ALL = np.arange(12)
CHANNELS = 5


def vector(name: str) -> np.ndarray:
    """A vector that tells which photo it is of."""
    index = NAMES.index(name)
    return np.array([index, index**2, 1, -index, 100 - index], dtype=np.float64)


ORDER = [NAMES[i] for i in np.random.default_rng(5).permutation(12)]  # of the file: not that of the data set
ROWS = np.stack([vector(name) for name in ORDER])  # [N, C]
COUNTED = np.array(
    [CLASSES.index(name.split("/")[0]) + 1 for name in ORDER], dtype=np.float64
)  # from 1, as MATLAB counts


def cells(names: list[str], before: str = "/BS/work//images/") -> np.ndarray:
    column = np.empty((len(names), 1), dtype=object)
    for index, name in enumerate(names):
        column[index, 0] = before + name
    return column


def write_mat(path: Path, **changed: object) -> Path:
    """A file as xlsa17's res101.mat: features [C, N], cell strings, labels from 1."""
    content = {"features": ROWS.T, "image_files": cells(ORDER), "labels": COUNTED[:, None], **changed}
    savemat(path, {name: value for name, value in content.items() if value is not None}, do_compression=True)
    return path


def write_npz(path: Path, **changed: object) -> Path:
    content = {"features": ROWS, "image_files": np.array(ORDER), **changed}
    np.savez(path, **{name: value for name, value in content.items() if value is not None})
    return path


def write_pair(path: Path) -> Path:
    np.save(path, ROWS.astype(np.float32))
    path.with_name(f"{path.stem}_image_files.txt").write_text("\ufeff" + "\r\n".join(ORDER) + "\r\n", encoding="utf-8")
    np.save(path.with_name(f"{path.stem}_labels.npy"), np.array([name[:3] for name in ORDER]))
    return path


def written(kind: str, folder: Path) -> Path:
    write: Callable[[Path], Path] = {"mat": write_mat, "npz": write_npz, "npy": write_pair}[kind]
    return write(folder / f"res101.{kind}")


@pytest.mark.parametrize("kind", ["mat", "npz", "npy"])
def test_every_row_comes_to_its_own_photo(kind: str, tmp_path: Path) -> None:
    features = read_features(written(kind, tmp_path)).of(FILES, LABELS, ALL)
    c5 = features.load(ALL, ("c5",))["c5"]
    assert c5.shape == (12, CHANNELS, 1, 1)
    assert c5[..., 0, 0].tolist() == [vector(name).tolist() for name in NAMES]
    picked = features.load(np.array([7, 2]), ("c5",))["c5"]
    assert picked[..., 0, 0].tolist() == [vector(NAMES[7]).tolist(), vector(NAMES[2]).tolist()]
    assert spec_of(features.spec.backbone).channels[-1] == CHANNELS


def test_the_same_features_have_one_digest_in_whatever_file_and_order(tmp_path: Path) -> None:
    found = {
        read_features(written(kind, tmp_path)).of(FILES, LABELS, ALL).spec.backbone for kind in ("mat", "npz", "npy")
    }
    assert len(found) == 1
    other = ROWS.copy()
    other[3, 2] += 1e-3
    changed = read_features(write_npz(tmp_path / "res101.npz", features=other)).of(FILES, LABELS, ALL)
    assert changed.spec.backbone not in found


def test_photos_outside_the_split_need_no_features_and_features_no_photos(tmp_path: Path) -> None:
    few = read_features(write_npz(tmp_path / "few.npz", features=ROWS[:9], image_files=np.array(ORDER[:9])))
    known = np.array(sorted(NAMES.index(name) for name in ORDER[:9]))
    assert few.of(FILES, LABELS, known).done.sum() == 9
    missing = ORDER[9]
    with pytest.raises(DataError, match="has no features of"):
        few.of(FILES, LABELS, ALL)
    with pytest.raises(DataError, match=missing):
        few.of(FILES, LABELS, np.array([NAMES.index(missing)]))
    assert read_features(written("npz", tmp_path)).of(FILES[:4], LABELS[:4], np.arange(4)).done.all()


def test_letters_with_accents_are_matched_in_both_spellings(tmp_path: Path) -> None:
    whole, parted = "caf\u00e9/1.jpg", "cafe\u0301/1.jpg"
    read = read_features(write_npz(tmp_path / "a.npz", features=ROWS[:1], image_files=np.array([parted])))
    assert read.of((Path("/x") / whole,), np.array([0]), np.array([0])).done.all()


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"features": ROWS}, "transpose them"),
        ({"features": ROWS.T[:, :9]}, "9 vectors but names 12 photos"),
        ({"features": np.where(ROWS[4, 1] == ROWS.T, np.nan, ROWS.T)}, f"'{ORDER[4]}'.*not all finite"),
        ({"features": ROWS.T * 1e300}, "not all finite"),
        ({"features": None}, "no variable 'features'; it has 'image_files', 'labels'"),
        ({"image_files": None}, "no variable 'image_files'"),
        ({"image_files": np.arange(12.0)[:, None]}, "as text"),
        ({"image_files": cells([*ORDER[:11], ORDER[0]])}, "two rows of"),
        ({"labels": COUNTED[:5]}, r"'labels' of 'res101.mat' must be one entry a photo \(12 of them\)"),
        ({"labels": COUNTED[::-1].copy()[:, None]}, "different orders"),
        ({"features": "words"}, "transpose|table of numbers"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_matlab_file_is_said(changed: dict[str, object], told: str, tmp_path: Path) -> None:
    path = write_mat(tmp_path / "res101.mat", **changed)
    with pytest.raises(DataError, match=told) as caught:
        read_features(path).of(FILES, LABELS, ALL)
    assert "\n" not in str(caught.value)


def test_labels_of_two_classes_that_are_one_are_refused(tmp_path: Path) -> None:
    """Two classes of the data with the same label, and a class with two: both ways of standing in another order."""
    same = read_features(write_mat(tmp_path / "a.mat", labels=np.minimum(COUNTED, 2)[:, None]))
    with pytest.raises(DataError, match="different orders"):
        same.of(FILES, LABELS, ALL)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"features": ROWS.T}, "other way round|transpose"),
        ({"features": ROWS[0]}, "a vector a photo"),
        ({"features": ROWS.astype(complex)}, "table of numbers"),
        ({"features": ROWS[:, :0]}, "table of numbers"),
        ({"features": ROWS.astype(str)}, "table of numbers"),
        ({"image_files": None}, "no array 'image_files'; it has 'features'"),
        ({"image_files": np.array(ORDER, dtype=object)}, "Python objects"),
        ({"image_files": np.array([*ORDER[:11], " "])}, "as text"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_numpy_file_is_said(changed: dict[str, object], told: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=told) as caught:
        read_features(write_npz(tmp_path / "own.npz", **changed))
    assert "\n" not in str(caught.value)


def test_files_of_another_kind_are_refused(tmp_path: Path) -> None:
    hdf5 = tmp_path / "v73.mat"
    hdf5.write_bytes(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(512) + b"\x89HDF\r\n\x1a\n" + bytes(64))
    with pytest.raises(DataError, match="-v7"):
        read_features(hdf5)
    np.save(tmp_path / "alone.npy", ROWS)
    with pytest.raises(DataError, match=r"alone_image_files\.txt"):
        read_features(tmp_path / "alone.npy")
    for path in (tmp_path / "x.h5", tmp_path / "none.mat", tmp_path):
        with pytest.raises(DataError):
            read_features(path)


@pytest.mark.parametrize("kind", ["mat", "npz", "npy"])
def test_a_damaged_file_is_answered_with_a_sentence(kind: str, tmp_path: Path) -> None:
    whole = written(kind, tmp_path).read_bytes()
    damaged = tmp_path / f"damaged.{kind}"
    if kind == "npy":
        (tmp_path / "damaged_image_files.txt").write_text("\n".join(ORDER))

    @having(st.data())
    def check(data: st.DataObject) -> None:
        content = bytearray(whole[: data.draw(st.integers(0, len(whole)))])
        for _ in range(data.draw(st.integers(0, 4))):
            if content:
                content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        damaged.write_bytes(content)
        try:
            found = read_features(damaged).of(FILES, LABELS, ALL)
        except DataError as error:
            assert "\n" not in str(error)
        else:
            assert np.isfinite(found.load(ALL, ("c5",))["c5"].numpy()).all()

    check()


def test_given_features_have_no_network() -> None:
    name = given.name_of(2048, "res101", "0123456789abcdef")
    assert is_backbone(name)
    with pytest.raises(ConfigError, match="No network here"):
        build_backbone(name)
