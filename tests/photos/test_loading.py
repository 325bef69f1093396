from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from zslviz.errors import ImageError
from zslviz.photos import loading as images
from zslviz.photos.geometry import Geometry
from zslviz.photos.loading import load_photo, to_network_input

CORNERS = ["top left", "top right", "bottom left", "bottom right"]
GRID = (9, 9)


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def marked(width: int, height: int, corner: str) -> tuple[Image.Image, tuple[float, float]]:
    """A black photo with a white square in one corner, and the square's centre in pixels."""
    side = max(4, round(min(width, height) * 0.3))
    x = 0 if "left" in corner else width - side
    y = 0 if "top" in corner else height - side
    photo = Image.new("RGB", (width, height))
    photo.paste((255, 255, 255), (x, y, x + side, y + side))
    return photo, (x + side / 2, y + side / 2)


def brightness_map(pixels: np.ndarray, geometry: Geometry, grid: tuple[int, int] = GRID) -> np.ndarray:
    """What a perfect model would see: the mean brightness of the network input in each cell; padding counts as dark."""
    size = geometry.size
    light = pixels.mean(axis=2) * (pixels.std(axis=2) < 8) * (np.abs(pixels.mean(axis=2) - 127) > 8)
    return light.reshape(grid[0], size // grid[0], grid[1], size // grid[1]).mean(axis=(1, 3)).astype(np.float32)


def centroid(values: np.ndarray) -> tuple[float, float]:
    """Centre of the bright half, in pixels (x, y)."""
    y, x = np.nonzero(values > values.max() / 2)
    return x.mean() + 0.5, y.mean() + 0.5


# -- geometry -------------------------------------------------------------------------------------------------------

shapes = pytest.mark.parametrize(
    "shape", [(300, 300), (400, 250), (250, 400), (640, 320), (900, 150), (150, 900)], ids=lambda s: f"{s[0]}x{s[1]}"
)


@shapes
@pytest.mark.parametrize("corner", CORNERS)
def test_a_map_laid_over_the_photo_sits_where_the_evidence_is(shape: tuple[int, int], corner: str) -> None:
    photo, (x, y) = marked(*shape, corner)
    pixels, geometry = to_network_input(photo, 288)
    laid = geometry.map_to_photo(brightness_map(pixels, geometry))
    assert laid.shape == (photo.height, photo.width)
    found_x, found_y = centroid(laid)
    assert found_x == pytest.approx(x, abs=0.12 * photo.width)
    assert found_y == pytest.approx(y, abs=0.12 * photo.height)


@pytest.mark.parametrize("corner", CORNERS)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_map_sits_right_whatever_way_the_camera_was_held(orientation: int, corner: str) -> None:
    upright, (x, y) = marked(320, 200, corner)
    stored = stored_as(upright, orientation)
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = load_photo(encoded(stored, "JPEG", exif=exif.tobytes(), quality=95))
    assert photo.size == upright.size
    pixels, geometry = to_network_input(photo, 288)
    found_x, found_y = centroid(geometry.map_to_photo(brightness_map(pixels, geometry)))
    assert (found_x, found_y) == (pytest.approx(x, abs=38), pytest.approx(y, abs=24))


def stored_as(upright: Image.Image, orientation: int) -> Image.Image:
    """The pixels as a camera stores them, so that the EXIF orientation turns them upright."""
    turn = Image.Transpose
    inverse = {
        2: turn.FLIP_LEFT_RIGHT,
        3: turn.ROTATE_180,
        4: turn.FLIP_TOP_BOTTOM,
        5: turn.TRANSPOSE,
        6: turn.ROTATE_90,
        7: turn.TRANSVERSE,
        8: turn.ROTATE_270,
    }
    return upright.transpose(inverse[orientation]) if orientation in inverse else upright


@shapes
def test_the_marked_cell_is_the_one_that_the_geometry_names(shape: tuple[int, int]) -> None:
    for corner in CORNERS:
        photo, (x, y) = marked(*shape, corner)
        pixels, geometry = to_network_input(photo, 288)
        light = brightness_map(pixels, geometry)
        row, column = geometry.photo_to_cell(x, y, GRID)
        assert light[row, column] > light.mean()
        x0, y0, x1, y1 = geometry.cell_to_photo(row, column, GRID)
        assert x0 <= x <= x1
        assert y0 <= y <= y1


@given(
    width=st.integers(8, 4000),
    height=st.integers(8, 4000),
    size=st.sampled_from([224, 288, 448]),
    where=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_points_go_to_the_network_input_and_back(
    width: int, height: int, size: int, where: tuple[float, float]
) -> None:
    geometry = Geometry.fit(width, height, size)
    x, y = where[0] * width, where[1] * height
    u, v = geometry.photo_to_input(x, y)
    assert -1e-6 <= u <= size + 1e-6
    assert -1e-6 <= v <= size + 1e-6
    assert geometry.input_to_photo(u, v) == (pytest.approx(x, abs=1e-6), pytest.approx(y, abs=1e-6))


@given(st.integers(8, 3000), st.integers(8, 3000))
def test_cells_tile_the_photo_without_gaps(width: int, height: int) -> None:
    geometry = Geometry.fit(width, height, 288)
    cells = [geometry.cell_to_photo(r, c, GRID) for r in range(GRID[0]) for c in range(GRID[1])]
    area = sum(max(0.0, x1 - x0) * max(0.0, y1 - y0) for x0, y0, x1, y1 in cells)
    assert area == pytest.approx(width * height, rel=1e-6)


def test_a_panorama_is_squeezed_at_most_twofold_and_padded() -> None:
    pixels, geometry = to_network_input(Image.new("RGB", (2000, 200), (250, 0, 0)), 224)
    squeeze = (geometry.box_height / 200) / (geometry.box_width / 2000)
    assert squeeze == pytest.approx(2.0, rel=0.05)
    assert (pixels[0] == 127).all()
    assert (pixels[112] == (250, 0, 0)).all()


def test_a_photo_of_usual_shape_fills_the_network_input() -> None:
    geometry = Geometry.fit(1600, 1200, 224)
    assert (geometry.left, geometry.top, geometry.box_width, geometry.box_height) == (0, 0, 224, 224)


def test_points_outside_go_to_the_nearest_cell() -> None:
    geometry = Geometry.fit(100, 100, 224)
    assert geometry.photo_to_cell(-50, 500, GRID) == (8, 0)


@pytest.mark.parametrize("smooth", [True, False])
def test_a_constant_map_stays_constant_up_to_the_edges(smooth: bool) -> None:
    for shape in ((333, 200), (1000, 60)):
        laid = Geometry.fit(*shape, 288).map_to_photo(np.full(GRID, 0.25, np.float32), smooth=smooth)
        assert np.allclose(laid, 0.25, atol=1e-6)


def test_an_unsmoothed_map_shows_each_cell_in_its_own_place() -> None:
    values = np.arange(81, dtype=np.float32).reshape(GRID)
    geometry = Geometry.fit(450, 180, 288)
    laid = geometry.map_to_photo(values, smooth=False)
    for row in range(9):
        for column in range(9):
            x0, y0, x1, y1 = geometry.cell_to_photo(row, column, GRID)
            if x1 > x0 and y1 > y0:
                assert laid[int((y0 + y1) / 2), int((x0 + x1) / 2)] == values[row, column]


def test_a_map_can_be_laid_in_the_photos_outline_at_another_size() -> None:
    values = np.zeros(GRID, np.float32)
    values[0, 8] = 1.0
    small = Geometry.fit(800, 400, 288).map_to_photo(values, shape=(100, 200))
    assert small.shape == (100, 200)
    assert centroid(small)[0] > 170
    assert centroid(small)[1] < 20


def test_a_map_can_be_laid_over_the_longest_photo_that_is_accepted() -> None:
    geometry = Geometry.fit(images.MAX_PIXELS // 100, 100, 288)
    laid = geometry.map_to_photo(np.ones(GRID, np.float32), shape=None)
    assert laid.shape == (100, geometry.width)


# -- photos of every kind ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF"])
def test_usual_formats_are_read(photo: Image.Image, kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"photo.{kind.lower()}"
    path.write_bytes(encoded(photo, kind))
    for source in (path, str(path), path.read_bytes()):
        read = load_photo(source)
        assert (read.mode, read.size) == ("RGB", photo.size)
        assert np.abs(np.asarray(read, float) - np.asarray(photo, float)).mean() < 12


def test_a_16_bit_picture_keeps_its_brightness(photo: Image.Image) -> None:
    grey = np.asarray(photo.convert("L"))
    sixteen = Image.fromarray(grey.astype(np.uint16) * 257)
    for source in (encoded(sixteen), encoded(sixteen, "TIFF"), np.asarray(sixteen)):
        assert np.abs(np.asarray(load_photo(source).convert("L"), int) - grey).max() <= 1


def test_a_float_picture_keeps_its_brightness(photo: Image.Image) -> None:
    grey = np.asarray(photo.convert("L"))
    for source in (encoded(Image.fromarray(grey.astype(np.float32)), "TIFF"), grey / 255.0, grey.astype(np.float64)):
        assert np.abs(np.asarray(load_photo(source).convert("L"), int) - grey).max() <= 1


def test_a_cmyk_jpeg_keeps_its_colours() -> None:
    red = load_photo(encoded(Image.new("RGB", (40, 40), (220, 30, 30)).convert("CMYK"), "JPEG", quality=95))
    r, g, b = np.asarray(red).reshape(-1, 3).mean(0)
    assert r > 180
    assert max(g, b) < 90


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_shows_white(mode: str) -> None:
    clear = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    clear.paste((255, 0, 0, 255), (0, 0, 10, 20))
    if mode == "P":
        indexed = Image.new("P", (20, 20), 1)
        indexed.putpalette([255, 0, 0, 0, 0, 0])
        indexed.paste(0, (0, 0, 10, 20))
        data = encoded(indexed, "PNG", transparency=1)
    else:
        data = encoded(clear.convert(mode))
    pixels = np.asarray(load_photo(data))
    assert (pixels[:, 10:] == 255).all()
    assert (pixels[:, :10] != 255).any()


def test_of_an_animation_the_first_frame_is_taken() -> None:
    frames = [Image.new("RGB", (16, 16), colour) for colour in ((255, 0, 0), (0, 255, 0), (0, 0, 255))]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert np.asarray(load_photo(data))[8, 8].tolist() == [255, 0, 0]


def test_a_black_and_white_picture_is_read() -> None:
    assert load_photo(encoded(Image.new("1", (20, 20), 1))).getpixel((3, 3)) == (255, 255, 255)


@pytest.mark.parametrize("shape", [(30, 20), (30, 20, 1), (30, 20, 3), (30, 20, 4)])
def test_arrays_are_photos(shape: tuple[int, ...]) -> None:
    assert load_photo(np.full(shape, 200, np.uint8)).size == (20, 30)


def test_a_mask_of_yes_and_no_is_black_and_white() -> None:
    mask = np.zeros((10, 10), bool)
    mask[:, :5] = True
    assert np.asarray(load_photo(mask))[:, :, 0].tolist() == [[255] * 5 + [0] * 5] * 10


# -- bad input: one sentence each -------------------------------------------------------------------------------------


def huge_png(width: int, height: int) -> bytes:
    """A valid header and a few bytes of data: cheap to make, and expensive only for whoever decodes it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def bad_files() -> dict[str, tuple[bytes, str]]:
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    jpeg, png = encoded(Image.fromarray(noise), "JPEG"), encoded(Image.fromarray(noise))
    return {
        "text.jpg": (b"This is not a picture.\n" * 20, "not a picture"),
        "page.png": (b"<html><body>404</body></html>", "not a picture"),
        "drawing.svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture"),
        "document.pdf": (b"%PDF-1.7\n%...", "not a picture"),
        "truncated.jpg": (jpeg[: len(jpeg) // 2], "damaged or cut off"),
        "truncated.png": (png[: len(png) // 2], "damaged or cut off"),
        "header_only.png": (png[:24], "not a picture|damaged or cut off"),
        "one_pixel.png": (encoded(Image.new("RGB", (1, 1))), "only 1 x 1 pixels"),
        "line.png": (encoded(Image.new("RGB", (300, 2))), "only 300 x 2 pixels"),
        "huge.png": (huge_png(20_000, 20_000), "too large|more than the 50 megapixels"),
        "large.png": (huge_png(9_000, 9_000), "more than the 50 megapixels"),
        "beyond.png": (huge_png(2**31 - 1, 2**31 - 1), "too large|more than the 50 megapixels|damaged"),
        "empty.jpg": (b"", "is empty"),
        "drawing.eps": (
            b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n%%EndComments\nshowpage\n",
            "not a picture",
        ),
    }


@pytest.mark.parametrize("name", bad_files())
def test_a_bad_file_gets_one_sentence_that_names_what_is_wrong(name: str, tmp_path: Path) -> None:
    data, message = bad_files()[name]
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ImageError, match=message) as caught:
        load_photo(tmp_path / name)
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")
    with pytest.raises(ImageError):
        load_photo(data)


def test_a_large_picture_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_decoding(self: Image.Image) -> None:
        raise AssertionError("pixels were decoded")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", no_decoding)
    for side in (9_000, 20_000):
        with pytest.raises(ImageError, match="too large|megapixels"):
            load_photo(huge_png(side, side))


def test_a_file_beyond_the_size_limit_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MAX_FILE_BYTES", 1000)
    path = tmp_path / "big.jpg"
    path.write_bytes(b"\xff\xd8" + bytes(2000))
    monkeypatch.setattr(Path, "read_bytes", lambda self: pytest.fail("the file was read"))
    with pytest.raises(ImageError, match="larger than"):
        load_photo(path)
    with pytest.raises(ImageError, match="larger than"):
        load_photo(bytes(2000))


def test_folders_and_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="is a folder"):
        load_photo(tmp_path)
    with pytest.raises(ImageError, match=r"'missing\.jpg' does not exist"):
        load_photo(tmp_path / "missing.jpg")
    with pytest.raises(ImageError):
        load_photo("a\0b.jpg")


@pytest.mark.parametrize(
    "array",
    [
        np.full((20, 20, 3), np.nan),
        np.full((20, 20, 3), np.inf, np.float32),
        np.zeros((20, 20, 2), np.uint8),
        np.zeros(20, np.uint8),
        np.zeros((3, 20, 20, 3), np.uint8),
        np.zeros((0, 0, 3), np.uint8),
        np.zeros((2, 2, 3), np.uint8),
        np.full((20, 20), "x"),
        np.full((20, 20), None),
        np.zeros((20, 20, 3), np.complex64),
    ],
    ids=["nan", "inf", "two channels", "a row", "a batch", "empty", "tiny", "text", "objects", "complex"],
)
def test_an_array_that_is_no_photo_is_refused(array: np.ndarray) -> None:
    with pytest.raises(ImageError):
        load_photo(array)


def test_a_lazily_opened_damaged_picture_is_refused(photo: Image.Image) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8))
    opened = Image.open(io.BytesIO(encoded(noise, "JPEG")[:1500]))
    with pytest.raises(ImageError, match="damaged"):
        load_photo(opened)


SAMPLES = [
    encoded(Image.fromarray(np.random.default_rng(1).integers(0, 255, (24, 32, 3), dtype=np.uint8)), kind)
    for kind in ("JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP")
]


@given(st.binary(max_size=400))
def test_random_bytes_raise_nothing_but_an_image_error(data: bytes) -> None:
    with pytest.raises(ImageError):
        load_photo(data)


@given(
    st.sampled_from(SAMPLES),
    st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=6),
    st.floats(0.1, 1.0),
)
def test_damaged_pictures_are_read_or_refused(sample: bytes, flips: list[tuple[float, int]], keep: float) -> None:
    data = bytearray(sample)
    for where, value in flips:
        data[int(where * len(data))] = value
    try:
        read = load_photo(bytes(data[: int(keep * len(data))]))
    except ImageError as error:
        assert "\n" not in str(error)
        return
    assert read.mode == "RGB"
    assert min(read.size) >= images.MIN_SIDE
