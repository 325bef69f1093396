"""ExplainedPhoto: what every explanation of a photo has, whatever is predicted; which maps it offers; its files and its size.

Maps are offered, never assumed: a system may have exact evidence, attention alone, several kinds of evidence, or no map at all. Who
shows or measures maps asks an explanation what it offers and needs no list of systems.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from typing_extensions import Self

from zslviz import __version__
from zslviz.catalogue import CELL, REPORT, Task, found, part
from zslviz.errors import ConfigError
from zslviz.files.typed import typed
from zslviz.photos.geometry import Geometry
from zslviz.photos.heatmaps import ColourScale
from zslviz.runtime.extras import naming_extras
from zslviz.tasks.base.arrays import memory_of, shaped
from zslviz.tasks.base.pair import read_pair, write_pair
from zslviz.tasks.base.ranking import Ranking

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from zslviz.tasks.base.bundle import About


@dataclass(frozen=True)
class Timing:
    """Milliseconds of one explanation, and where the network ran."""

    backbone_ms: float
    total_ms: float
    device: str


@dataclass(frozen=True)
class _Told:
    """What the readable part of every explanation tells and is read again."""

    format: Annotated[int, Field(ge=1)]
    model: str
    geometry: Geometry
    timing: Timing
    space: str


class Space(Protocol):
    """What a model can predict; each task has its own."""

    @property
    def name(self) -> str: ...


@dataclass(frozen=True)
class MapOffer:
    """A map that an explanation can give.

    name: what it is asked for by, such as "evidence" or "attention". of: what it is a map of ("attribute", "label", "pair", ...).
    title: what it is called, for people; hint: what it shows, in a sentence.
    exact: places and what comes from no place make the score itself (`Map.together` is `Map.score`).
    signed: values below 0 speak against; else values are shares or heights from 0 on.
    held: of exact ones, what besides attention was held as it was in this photo so that they are, in words; "" if nothing.
    rest: of exact ones, what the part that comes from no place is called if it differs from photo to photo; "" if it does not.
    """

    name: str
    of: str
    title: str
    hint: str
    exact: bool = False
    signed: bool = False
    held: str = ""
    rest: str = ""

    def told(self) -> dict[str, Any]:
        """Its fields; `held` and `rest` only where there is something to say."""
        return {name: value for name, value in asdict(self).items() if value != "" or name not in ("held", "rest")}


@dataclass(frozen=True, eq=False)
class Map:
    """One map [H, W] of one thing, how it lies over the photo, and the scale it has alone.

    score: what the model gives to the thing, and together: what the map's places and what comes from no place make; equal but for
    rounding where the offer is exact, None where it is not.
    """

    offer: MapOffer
    values: NDArray[np.float32]
    geometry: Geometry
    scale: ColourScale
    score: float | None = None
    together: float | None = None


@dataclass(frozen=True, eq=False)
class ExplainedPhoto(ABC):
    """What a model saw in one photo. Frozen, numpy inside, to and from JSON + npz.

    model: its name. photo: uint8 [height, width, 3], upright. geometry: from photo to network input and back.
    space: what it was made with. timing: what it took.
    """

    FORMAT: ClassVar[int] = 1
    task: ClassVar[Task]

    model: str
    photo: NDArray[np.uint8]
    geometry: Geometry
    space: Space
    timing: Timing

    # -- maps -------------------------------------------------------------------------------------------------------

    @property
    @abstractmethod
    def grid(self) -> tuple[int, int] | None:
        """(rows, columns) of the maps; None of a model without maps."""

    @property
    def map_geometry(self) -> Geometry:
        """How the maps lie over the photo."""
        return self.geometry

    @abstractmethod
    def offers(self) -> tuple[MapOffer, ...]:
        """The maps that there are, the one to show first at the front."""

    @abstractmethod
    def map(self, offer: str, what: Any) -> Map:
        """The map of that name of one thing (an index; a pair's two). Raises ConfigError if it is not offered."""

    def offer_of(self, name: str | None, of: str | None = None) -> MapOffer:
        """The offer of that name, or the first one if None. of: among maps of such things alone. Raises ConfigError."""
        offers = [offer for offer in self.offers() if of in (None, offer.of)]
        if not offers:
            raise ConfigError(f"'{self.model}' has no maps{'' if of is None else f' of one {of}'}.")
        for offer in offers:
            if name in (None, offer.name):
                return offer
        raise ConfigError(f"There is no map of '{name}'; choose {either(offer.name for offer in offers)}.")

    def checked_grid(self) -> tuple[int, int]:
        """(rows, columns) of the maps. Raises ConfigError if there are none."""
        if self.grid is None:
            raise ConfigError(f"'{self.model}' has no maps, so there are no regions to ask about.")
        return self.grid

    def check_region(self, row: int, column: int) -> None:
        """Raises ConfigError if the maps have no such place."""
        rows, columns = self.checked_grid()
        if not (0 <= row < rows and 0 <= column < columns):
            raise ConfigError(f"There is no region ({row}, {column}); the grid has {rows} x {columns}.")

    # -- ranking ----------------------------------------------------------------------------------------------------

    @abstractmethod
    def rank(self) -> Ranking[Any]:
        """What competes, best first, as the checkpoint would have it. No network runs."""

    # -- the browser ------------------------------------------------------------------------------------------------

    @abstractmethod
    def bundle(self, about: About | None = None, whole: bool = True) -> bytes:
        """All that a browser needs to show it and to rank after edits without asking anybody (docs/bundle.md).

        whole: with the part that all photos of the model share, else with its digest (the task's `bundle.model_bundle` writes it).
        """

    # -- figures and notebooks --------------------------------------------------------------------------------------

    def figure(self, of: str = "maps", **options: Any) -> Figure:
        """A figure for a paper, to be saved by its `savefig` as PDF, SVG or PNG: the same bytes every time (docs/figures.md).

        of: "maps", "ranking", or what else the task's `drawing` has, which takes the options. Raises ConfigError.
        """
        with naming_extras():
            figures = part(self.task, "drawing").FIGURES
        if of not in figures:
            raise ConfigError(f"There is no figure of '{of}'; choose {either(figures)}.")
        drawn: Figure = figures[of](self, **options)
        return drawn

    def living_html(self, about: About | None = None, link: str = "") -> str:
        """One HTML document that shows it, and that ranks, maps and edits without a server. about: its model and photo, in words.

        link: the state that it opens with, as the page's links have it after their "#" (docs/sharing.md); its photo is "photo".
        Raises ConfigError of an explanation by labels or pairs: they are shown by the page alone.
        """
        document: str = found(REPORT)(self, about, link)
        return document

    def _repr_html_(self) -> str:
        """What a notebook shows of it: the one place that decides so."""
        shown: str = found(CELL)(self, part(self.task, "notebook").summary(self).html())
        return shown

    # -- memory -----------------------------------------------------------------------------------------------------

    @property
    @abstractmethod
    def derived_size(self) -> int:
        """Bytes of what is derived on demand and then kept, once all of it is there."""

    @property
    def size(self) -> int:
        """Bytes of all distinct arrays in it, those that are derived on demand included: the same before and after they are."""
        return self.size_beside()

    def size_beside(self, *others: Any) -> int:
        """Bytes that it takes besides things that are kept anyway: the photo it was derived from, or its model's space."""
        shared = {piece for other in others for piece in memory_of(other)}
        return sum(size for piece, size in memory_of(self).items() if piece not in shared)

    # -- files ------------------------------------------------------------------------------------------------------

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """The readable part, fit for JSON; arrays stay in the npz."""

    def _readable(self, settings: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
        """What is readable of every explanation, with a task's `settings` and what it `told`."""
        return {
            "format": self.FORMAT,
            "zslviz": __version__,
            "model": self.model,
            "photo": {"width": self.geometry.width, "height": self.geometry.height},
            "geometry": asdict(self.geometry),
            **settings,
            "timing": asdict(self.timing),
            "space": self.space.name,
            **told,
        }

    @abstractmethod
    def _arrays(self) -> Mapping[str, NDArray[Any] | None]:
        """Every array to be saved but the photo, by name."""

    @classmethod
    @abstractmethod
    def _fields(cls, data: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
        """The fields that the base does not have, and the space, from what was saved."""

    def save(self, path: str | Path) -> tuple[Path, Path]:
        """Writes PATH.json (readable) and PATH.npz (all arrays); returns both paths. Raises ConfigError."""
        return write_pair(path, self.to_dict(), {"photo": self.photo, **self._arrays()})

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Reads what `save` wrote, bit for bit. Raises ConfigError if it is incomplete, damaged, or of a newer version."""
        with read_pair(path) as (data, arrays):
            told = typed(_Told, data, "what it tells", known=None)
            if told.format > cls.FORMAT:
                by = f"zslviz {data['zslviz']}" if isinstance(data.get("zslviz"), str) else "a newer zslviz"
                raise ConfigError(
                    f"it was saved by {by[:40]} in format {told.format}, and this zslviz ({__version__}) reads formats up to "
                    f"{cls.FORMAT}; update it."
                )
            geometry = told.geometry
            if min(geometry.size, geometry.box_width, geometry.box_height) < 1:
                raise ConfigError("its photo has no size.")
            photo = shaped(arrays, {"photo": "u h w 3"}, {"h": geometry.height, "w": geometry.width})["photo"]
            return cls(
                model=told.model, photo=photo, geometry=geometry, timing=told.timing, **cls._fields(data, arrays)
            )


def either(names: Iterable[str]) -> str:
    """ "a", "a or b", "a, b or c"."""
    listed: Sequence[str] = list(names)
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} or {listed[-1]}"
