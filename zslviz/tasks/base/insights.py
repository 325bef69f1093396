"""What a system tells besides scores and maps, of a photo or of itself, as the network says it (`models.output.Insight`).

Nobody who shows one knows which system it is of: what is drawn follows from what its values run over (`ToldInsight.axes`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import ConfigError
from zslviz.files.bundle import Bundle
from zslviz.files.typed import Finite
from zslviz.tasks.base.bundle import all_of

Of = Literal["photo", "model"]
LETTERS = {
    ("attribute",): "A",
    ("attribute", "attribute"): "A A",
    ("named", "attribute"): "N A",
    ("named",): "N",
    ("at",): "X",
}
"""What the values of an insight may run over, and the letters of their shape."""


@dataclass(frozen=True)
class ToldInsight:
    """What is told of an insight beside its values: the fields of `models.output.Insight`."""

    name: str
    title: str
    hint: str
    axes: tuple[str, ...]
    of: Of = "photo"
    unit: str = ""
    signed: bool = False
    names: tuple[str, ...] = ()
    at: tuple[Finite, ...] = ()
    across: str = ""
    term: str = ""

    def __post_init__(self) -> None:
        if self.axes not in LETTERS or self.of not in get_args(Of):
            raise ConfigError(f"there is no way to show '{self.name}'.")
        if ("named" in self.axes) != bool(self.names) or ("at" in self.axes) != bool(self.at):
            raise ConfigError(f"'{self.name}' does not name what it tells of.")
        if any(after <= before for before, after in zip(self.at, self.at[1:], strict=False)):
            raise ConfigError(f"the positions of '{self.name}' do not rise.")

    @property
    def letters(self) -> str:
        """Of the values' shape, as `tasks.base.arrays.shaped` reads it: the names and positions are counted."""
        return LETTERS[self.axes].replace("N", str(len(self.names))).replace("X", str(len(self.at)))

    def told(self) -> dict[str, Any]:
        """Plain values; those that say nothing are left out."""
        return {name: value for name, value in asdict(self).items() if value not in ("", (), False)}


@dataclass(frozen=True, eq=False)
class Insight:
    """values: float32 [*told.axes]."""

    told: ToldInsight
    values: NDArray[np.float32]


def bundled(insights: Sequence[Insight]) -> tuple[list[dict[str, Any]], dict[str, NDArray[Any]]]:
    """What the head of a bundle tells of insights, and their parts: tables of all attributes with each other as halves."""
    parts = {
        f"insight {i}": one.values.astype(np.float16 if is_table(one.told) else np.float32)
        for i, one in enumerate(insights)
    }
    return [one.told.told() for one in insights], parts


def read(bundle: Bundle, told: Sequence[ToldInsight], sizes: Mapping[str, int]) -> tuple[Insight, ...]:
    """The insights of a bundle whose head tells of these. Raises ConfigError."""
    shapes = {f"insight {i}": f"f {one.letters}" for i, one in enumerate(told)}
    found = all_of(bundle, shapes, sizes)
    return tuple(Insight(one, found[name]) for one, name in zip(told, shapes, strict=True))


def as_bundled(insight: Insight) -> NDArray[np.float32]:
    """Its values as whoever reads a bundle has them."""
    (values,) = bundled([insight])[1].values()
    return values.astype(np.float32)


def is_table(told: ToldInsight) -> bool:
    """Whether it is of all attributes with each other."""
    return told.axes == ("attribute", "attribute")
