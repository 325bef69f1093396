"""Pictures put together from photos of a data set, in which it is known by construction whose pixels are whose.

They need no marks and no boxes. Two sorts, for two questions:

- *grid*: four photos of different classes, 2 x 2 (the grid pointing game; Boehle et al. 2021, Convolutional Dynamic Alignment
  Networks, sec. 5.2). Every map is asked in all four places, so one that always lies in the same place gets a quarter.
- *cut-out*: the middle of one photo, a soft ellipse, somewhere in a quarter of another photo, whose own animal stays to be seen.
  Asked of what is *pasted*, and of the *ground* as well: a map that lies on whatever stands out, or in the middle, wins one and
  loses the other. A map that heeds no attribute gets what adds up to 100 %.

Both are made of photos as the model was made for. Cut-outs with real outlines exist of a few animals alone, and of no birds of a
data set, so that all figures would hang on a handful of pictures.

Asked for are attributes that one of the classes has by the class table and the others clearly lack. Such scenes are no photographs:
animals are small, edges run where none are. They measure where a map lies among several animals, not on an animal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from zslviz.faithfulness.maps import STRONG
from zslviz.photos.loading import to_network_input
from zslviz.tasks.base.masks import paste

GRID, CUT_OUT = "grid", "cut-out"
PLACES = {GRID: ("grid",) * 4, CUT_OUT: ("ground", "pasted")}
"""What the places of a scene are called, photo by photo; figures are told by it."""
ABSENT = 0.2
"""A class clearly lacks an attribute below this. With it a photo of a grid has 2.4 attributes to be asked for on average with the
animals' class table and 4.0 with the birds'; with a tenth, 1.5 and 2.6, and a third of the photos none."""
ASKED = {GRID: 2, CUT_OUT: 4}  # attributes a photo, at most: eight a scene
SIDE = 448  # of a scene, in pixels
MIDDLE = 0.85  # of a photo's side, cut out
SIZES = (0.35, 0.5)  # of a cut-out, as shares of the scene's side
EDGE = 8.0  # pixels over which a cut-out fades


@dataclass(frozen=True)
class Plan:
    """Which photos of a data set a scene is made of, one a place, and where the cut-out lies: left, top, side in pixels."""

    kind: str
    photos: tuple[int, ...]
    box: tuple[int, int, int] | None = None

    @property
    def places(self) -> tuple[str, ...]:
        return PLACES[self.kind]


@dataclass(frozen=True, eq=False)
class Scene:
    """picture: uint8 [SIDE, SIDE, 3]. masks: bool [P, SIDE, SIDE], the pixels of each of its photos; every pixel is of one."""

    picture: NDArray[np.uint8]
    masks: NDArray[np.bool_]


def can_be_made(kind: str, photos: NDArray[np.int64], labels: NDArray[np.int64]) -> bool:
    """Whether these photos are of enough classes."""
    return len(np.unique(labels[photos])) >= len(PLACES[kind])


def plan(kind: str, number: int, photos: NDArray[np.int64], labels: NDArray[np.int64], seed: int) -> Plan:
    """The scene of a number, the same one every time: classes by chance, all alike, then a photo of each.

    photos: indices of those to take. labels: int64 [N], of all photos of the data set.
    """
    random = np.random.default_rng((seed, tuple(PLACES).index(kind), number))
    classes = random.choice(np.unique(labels[photos]), len(PLACES[kind]), replace=False)
    chosen = tuple(int(random.choice(np.sort(photos[labels[photos] == c]))) for c in classes)
    if kind == GRID:
        return Plan(kind, chosen)
    side = round(SIDE * random.uniform(*SIZES))
    half = SIDE // 2
    left, top = (half * random.integers(2, size=2) + random.integers(half - side + 1, size=2)).tolist()
    return Plan(kind, chosen, (left, top, side))


def draw(planned: Plan, photos: Sequence[Image.Image]) -> Scene:
    """Puts a scene together. photos: upright RGB, one a place; all of each is shown, squeezed into a square as models see it."""
    if planned.box is None:
        half = SIDE // 2
        tiles = [to_network_input(photo, half)[0] for photo in photos]
        picture = np.concatenate([np.concatenate(tiles[row : row + 2], axis=1) for row in (0, 2)])
        cell = np.repeat(np.repeat(np.arange(4).reshape(2, 2), half, axis=0), half, axis=1)
        return Scene(picture, cell == np.arange(4)[:, None, None])
    left, top, side = planned.box
    ground, pasted = photos
    picture_of = Image.fromarray(to_network_input(ground, SIDE)[0])
    layer = Image.new("RGBA", (SIDE, SIDE))
    layer.paste(_ellipse(pasted, side), (left, top))
    mask = paste(picture_of, layer)
    return Scene(np.asarray(picture_of), np.stack([~mask, mask]))


def asked_attributes(
    planned: Plan, number: int, table: NDArray[np.float32], classes: NDArray[np.int64], seed: int
) -> list[tuple[int, int]]:
    """(place, attribute) of what is asked: the class at the place has it, those of all other places clearly do not.

    table: float32 [K, A], fractions. classes: the rows of the scene's photos. The same ones for every model with this table.
    """
    random = np.random.default_rng((seed, tuple(PLACES).index(planned.kind), number, 1))
    rows, order = np.asarray(table)[classes], random.permutation(table.shape[1])
    asked = []
    for place, row in enumerate(rows):
        others = np.delete(rows, place, axis=0)
        telling = (row >= STRONG) & (others < ABSENT).all(axis=0)
        asked += [(place, int(attribute)) for attribute in order[telling[order]][: ASKED[planned.kind]]]
    return asked


def _ellipse(photo: Image.Image, side: int) -> Image.Image:
    """The middle of a photo, squeezed into a circle that fades at its edge: RGBA, `side` x `side`."""
    whole = round(side / MIDDLE)
    first = (whole - side) // 2
    middle = to_network_input(photo, whole)[0][first : first + side, first : first + side]
    at = np.arange(side) + 0.5 - side / 2
    inwards = side / 2 - np.hypot(at[:, None], at[None, :])  # pixels from the edge
    alpha = (255 * np.clip(inwards / EDGE, 0, 1)).round().astype(np.uint8)
    return Image.fromarray(np.dstack([middle, alpha]))
