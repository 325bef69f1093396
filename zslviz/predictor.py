"""The door of predicting: a table with a row a photo (or several), of any number of photos, in a memory that does not grow."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from zslviz.catalogue import part
from zslviz.checkpoints.files import read_config
from zslviz.checkpoints.listing import resolve
from zslviz.errors import ConfigError, ImageError
from zslviz.files import MAX_TEXT_BYTES, read_bytes
from zslviz.files.journal import RowTable
from zslviz.runtime.processes import OneProcess, join
from zslviz.tasks.base.explainer import Explainer
from zslviz.tasks.base.map_files import write_maps
from zslviz.tasks.base.show import MAPS, Table, refuse_others

if TYPE_CHECKING:
    from lightning_fabric import Fabric

PHOTO = "image"
"""The first column: the photo's name as it was given."""


class Rows(Protocol):
    """Where rows go: `add` takes those of one photo, without its name, `flush` hands on what was added."""

    def add(self, photo: Path, rows: Sequence[Sequence[Any]], readable: bool = True) -> None: ...

    def flush(self) -> None: ...


@dataclass(frozen=True, eq=False)
class Job:
    """A model that is to see many photos. options: of the task's `TABLE`. maps: the folder that maps are written into.

    settings: plain values that say how rows are made, for a table that is gone on with later.
    """

    explainer: Explainer
    table: Table
    maps: Path | None
    batch_size: int
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be said before the first photo, in sentences."""
        return tuple(getattr(self.table, "notes", ()))

    @property
    def columns(self) -> list[str]:
        """The header of the table."""
        return [PHOTO, *self.table.header, *([MAPS] if self.maps is not None else [])]

    def run(self, photos: Sequence[Path], rows: Rows, tell: Callable[[Path, ImageError | None], None]) -> None:
        """Writes the rows of some photos, in their order; those of a batch are handed on when it is done.

        tell: called with each photo that is done, and with what is wrong with it if it cannot be read; its row is empty then.
        """
        seen = self.explainer.looks(photos, self.batch_size, explained=self.maps is not None, of=self.table.look)
        for number, (read, found) in enumerate(seen, start=1):
            if read.error is not None:
                rows.add(read.source, [[""] * (len(self.columns) - 1)], readable=False)
            else:
                rows.add(read.source, list(self._rows(read.source, found)))
            if number % self.batch_size == 0:
                rows.flush()
            tell(read.source, read.error)
        rows.flush()

    def _rows(self, photo: Path, found: Any) -> Iterator[list[Any]]:
        """The rows of one photo, from what `Table.look` made of it or its explanation."""
        if self.maps is None:
            yield from self.table.rows(found)
            return
        file = write_maps(self.maps, photo, found, self.table.mapped(found))
        for row in self.table.rows(self.table.found_in(found)):
            yield [*row, file]

    def run_together(
        self,
        photos: Sequence[Path],
        path: Path,
        resume: bool,
        begin: Callable[[int], None],
        tell: Callable[[Path, ImageError | None], None],
    ) -> RowTable:
        """The table at `path` of all photos; the processes that torchrun started take a share each, joined at the end.

        resume: photos whose rows are there are left out. begin: called with the number of photos that this process is to see.
        Returns the whole table, in the order of the photos. Raises ConfigError.
        """
        fabric = join(str(self.explainer.device))
        whole = RowTable(path, self.columns, self.settings)
        with fabric.rank_zero_first():
            if fabric.is_global_zero:
                _begin(whole, resume)
            elif resume:
                whole.resume()
        left = whole.left(photos)
        mine = whole
        if not isinstance(fabric, OneProcess):
            mine = whole.part(fabric.global_rank, fabric.world_size)
            left = _share(left, fabric)
        begin(len(left))
        with mine:
            self.run(left, mine, tell)
        fabric.barrier()  # all parts are whole
        if fabric.is_global_zero:
            whole.join()
            whole.put_in_order(photos)
        return whole


def prepare(
    model: str | Path | Explainer,
    options: dict[str, Any],
    maps: Path | None = None,
    batch_size: int = 8,
    device: str | None = None,
) -> Job:
    """Opens a model that is to see many photos. options: of the command `predict`, those that were given.

    Raises ConfigError for an option that the model's task does not know or a model without maps, UnknownNameError, CheckpointError.
    """
    explainer = model if isinstance(model, Explainer) else Explainer.from_pretrained(model, device)
    refuse_others("predict", explainer.task, explainer.name, options)
    table: Table = part(explainer.task, "show").TABLE(explainer, **options)
    settings = {"model": explainer.name, **{key: _plain(value) for key, value in options.items()}}
    if not isinstance(model, Explainer):
        settings["weights"] = read_config(resolve(model))["weights_sha256"][:16]
    if maps is not None:
        settings["maps"] = str(maps)
    return Job(explainer, table, maps, batch_size, settings)


def _begin(whole: RowTable, resume: bool) -> None:
    """Takes over what is there; without `resume`, parts of an older run go."""
    if resume:
        whole.resume()
        whole.join()
        return
    for part_ in whole.parts():
        part_.remove()


def _share(photos: list[Path], fabric: Fabric) -> list[Path]:
    """This process's photos: a piece in a row, so that the pieces joined have the order of the whole."""
    bounds = [len(photos) * rank // fabric.world_size for rank in range(fabric.world_size + 1)]
    return photos[bounds[fabric.global_rank] : bounds[fabric.global_rank + 1]]


def _plain(value: Any) -> Any:
    """An option as it is told apart from others: a file by its content."""
    if not isinstance(value, Path):
        return value
    content = read_bytes(value, ConfigError, MAX_TEXT_BYTES)
    return f"{value} ({hashlib.blake2b(content, digest_size=8).hexdigest()})"
