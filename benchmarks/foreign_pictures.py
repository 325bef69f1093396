"""Pictures that are nothing a model was shown, of kinds that have names: made ones, each drawn by its kind and number.

A picture is the same for a kind and a number, everywhere. Numbers below `TRIED` are for trying rules out; what is reported is
measured on the others.
"""

from __future__ import annotations

import math
import string
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFont

TRIED = 20
"""Pictures of each kind that rules were tried on."""
Random = np.random.Generator
Pen = ImageDraw.ImageDraw


def made(kind: str, number: int) -> Image.Image:
    """A picture of a kind in `MADE`: RGB, 240 to 479 pixels a side."""
    rng = np.random.default_rng((list(MADE).index(kind), number))
    width, height = (int(side) for side in rng.integers(240, 480, 2))
    return MADE[kind](rng, width, height)


def noise(rng: Random, width: int, height: int) -> Image.Image:
    """Grains or blocks of random colours, hard or blurred."""
    block = int(rng.choice([1, 4, 16, 64]))
    grey = bool(rng.integers(2))
    cells = rng.integers(0, 256, (height // block + 1, width // block + 1, 1 if grey else 3), dtype=np.uint8)
    small = Image.fromarray(np.repeat(cells, 3, axis=2) if grey else cells)
    return small.resize((width, height), Image.Resampling.BICUBIC if rng.integers(2) else Image.Resampling.NEAREST)


def gradient(rng: Random, width: int, height: int) -> Image.Image:
    """One colour that becomes another one, along a line or from a middle."""
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    if rng.integers(2):
        turn = rng.uniform(0, 2 * math.pi)
        along = x * math.cos(turn) + y * math.sin(turn)
    else:
        along = np.hypot(x - rng.uniform(), y - rng.uniform())
    along = (along - along.min()) / (along.max() - along.min())
    first, last = rng.integers(0, 256, (2, 3))
    return Image.fromarray((first + along[:, :, None] * (last - first)).astype(np.uint8))


def text(rng: Random, width: int, height: int) -> Image.Image:
    """A page of letters, dark on light or light on dark."""
    image, pen, ink = _sheet(rng, width, height)
    size = int(rng.integers(10, 32))
    font = ImageFont.load_default(size)
    for top in range(12, height - size, round(1.4 * size)):
        words: list[str] = []
        while sum(map(len, words)) + len(words) < 2 * width / size:
            words.append("".join(rng.choice(list(string.ascii_lowercase), int(rng.integers(2, 10)))))
        pen.text((12, top), " ".join(words), fill=ink, font=font)
    return image


def chart(rng: Random, width: int, height: int) -> Image.Image:
    """Bars, lines, dots or a pie, on axes."""
    image, pen, ink = _sheet(rng, width, height)
    sort, count = int(rng.integers(4)), int(rng.integers(4, 13))
    values = rng.uniform(0.1, 0.95, count)
    step, foot = (width - 40) / count, height - 24
    if sort == 3:
        middle, radius, start = (width // 2, height // 2), min(width, height) * 0.4, 0.0
        for share in values / values.sum():
            pen.pieslice(_circle(*middle, radius), start, start + 360 * share, fill=_colour(rng), outline=ink)
            start += 360 * share
        return image
    places = [(30 + step * (i + 0.5), foot - v * (height - 48)) for i, v in enumerate(values)]
    if sort == 0:
        for x, y in places:
            pen.rectangle((x - step * 0.35, y, x + step * 0.35, foot), fill=_colour(rng))
    elif sort == 1:
        pen.line(places, fill=_colour(rng), width=3)
    else:
        for x, y in places:
            pen.ellipse(_circle(x, y, 5), fill=_colour(rng))
    pen.line((30, 12, 30, foot, width - 10, foot), fill=ink, width=2)
    font = ImageFont.load_default(12)
    for i, v in enumerate(values):
        pen.text((24 + step * (i + 0.5), foot + 4), f"{100 * v:.0f}", fill=ink, font=font)
    return image


def drawing(rng: Random, width: int, height: int) -> Image.Image:
    """A face, a house, a car or a person, drawn with a few strokes."""
    image, pen, ink = _sheet(rng, width, height)
    side = min(width, height) * rng.uniform(0.6, 0.9)
    left, top = (width - side) / 2, (height - side) / 2

    def at(*fractions: float) -> list[float]:
        return [(left, top)[i % 2] + side * f for i, f in enumerate(fractions)]

    [_face, _house, _car, _person][int(rng.integers(4))](pen, at, ink, rng)
    return image


At = Callable[..., "list[float]"]


def _face(pen: Pen, at: At, ink: str, rng: Random) -> None:
    pen.ellipse(at(0.15, 0.0, 0.85, 1.0), fill=_colour(rng), outline=ink, width=3)
    for x in (0.36, 0.64):
        pen.ellipse(at(x - 0.07, 0.3, x + 0.07, 0.44), fill="white", outline=ink, width=2)
        pen.ellipse(at(x - 0.02, 0.35, x + 0.02, 0.39), fill=ink)
    pen.line(at(0.5, 0.42, 0.45, 0.6, 0.54, 0.6), fill=ink, width=3)
    pen.arc(at(0.33, 0.5, 0.67, 0.82), 20, 160, fill=ink, width=4)


def _house(pen: Pen, at: At, ink: str, rng: Random) -> None:
    pen.rectangle(at(0.1, 0.4, 0.9, 1.0), fill=_colour(rng), outline=ink, width=3)
    pen.polygon(at(0.0, 0.4, 0.5, 0.0, 1.0, 0.4), fill=_colour(rng), outline=ink)
    pen.rectangle(at(0.42, 0.65, 0.58, 1.0), fill=_colour(rng), outline=ink, width=2)
    for x in (0.2, 0.68):
        pen.rectangle(at(x, 0.5, x + 0.13, 0.63), fill="white", outline=ink, width=2)


def _car(pen: Pen, at: At, ink: str, rng: Random) -> None:
    paint = _colour(rng)
    pen.polygon(at(0.2, 0.5, 0.32, 0.3, 0.68, 0.3, 0.82, 0.5), fill="white", outline=ink)
    pen.rounded_rectangle(at(0.02, 0.48, 0.98, 0.7), 12, fill=paint, outline=ink, width=3)
    for x in (0.22, 0.78):
        pen.ellipse(at(x - 0.1, 0.6, x + 0.1, 0.8), fill=ink)
        pen.ellipse(at(x - 0.04, 0.66, x + 0.04, 0.74), fill="white")


def _person(pen: Pen, at: At, ink: str, rng: Random) -> None:
    pen.ellipse(at(0.4, 0.0, 0.6, 0.2), fill=_colour(rng), outline=ink, width=3)
    for stroke in ((0.5, 0.2, 0.5, 0.6), (0.25, 0.4, 0.75, 0.3), (0.5, 0.6, 0.3, 1.0), (0.5, 0.6, 0.7, 1.0)):
        pen.line(at(*stroke), fill=ink, width=5)


def _sheet(rng: Random, width: int, height: int) -> tuple[Image.Image, Pen, str]:
    """A light or a dark sheet, its pen, and the colour of what is written on it."""
    dark = rng.uniform() < 0.25
    low, high = (0, 60) if dark else (205, 256)
    image = Image.new("RGB", (width, height), tuple(int(v) for v in rng.integers(low, high, 3)))
    return image, ImageDraw.Draw(image), "#f0f0f0" if dark else "#181820"


def _colour(rng: Random) -> tuple[int, int, int]:
    red, green, blue = (int(v) for v in rng.integers(0, 256, 3))
    return red, green, blue


def _circle(x: float, y: float, radius: float) -> tuple[float, float, float, float]:
    return x - radius, y - radius, x + radius, y + radius


MADE: dict[str, Callable[[Random, int, int], Image.Image]] = {
    "noise": noise,
    "gradients": gradient,
    "text": text,
    "charts": chart,
    "drawings": drawing,
}
