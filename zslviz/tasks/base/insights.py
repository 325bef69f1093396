"""What a system tells besides scores and maps, of a photo or of itself, as the network says it (`models.output.Insight`).

Nobody who shows one knows which system it is of: what is drawn follows from what its values run over (`ToldInsight.axes`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
_OF: tuple[Of, ...] = get_args(Of)
_ROWS = 4  # of an insight, in the shell
_NOTHING: dict[Of, str] = {
    "photo": "All of it is exactly 0 in this photo, so there is nothing to draw.",
    "model": "The model learned to leave this out: all of it is exactly 0, so there is nothing to draw.",
}


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


def told_in(
    head: Mapping[str, Any], insights: Sequence[Insight], of: Of
) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """The head of a bundle's part of the photo or of the model with its insights, where there are any, and their parts."""
    told, parts = bundled([one for one in insights if one.told.of == of])
    plain = {name: value for name, value in head.items() if name != "insights"}
    return {**plain, **({"insights": told} if told else {})}, parts


# -- files --------------------------------------------------------------------------------------------------------------


def saved(insights: Sequence[Insight]) -> dict[str, list[dict[str, Any]]]:
    """What the readable part of an explanation tells of its insights, where there are any."""
    return {"insights": [one.told.told() for one in insights]} if insights else {}


def saved_arrays(insights: Sequence[Insight]) -> dict[str, NDArray[np.float32]]:
    """Their values, as an explanation's files have them."""
    return {f"insight_{i}": one.values for i, one in enumerate(insights)}


def saved_shapes(told: Sequence[ToldInsight]) -> dict[str, str]:
    """Of `saved_arrays`, as `tasks.base.arrays.shaped` reads them."""
    return {f"insight_{i}": f"f {one.letters}" for i, one in enumerate(told)}


def read_saved(told: Sequence[ToldInsight], arrays: Mapping[str, NDArray[Any]]) -> tuple[Insight, ...]:
    """The insights that an explanation's files tell of."""
    return tuple(Insight(one, arrays[f"insight_{i}"]) for i, one in enumerate(told))


# -- for people ---------------------------------------------------------------------------------------------------------


def titles(insights: Sequence[Insight]) -> dict[str, list[str]]:
    """The titles of what is told, of the photo and of the model."""
    return {of: [one.told.title for one in insights if one.told.of == of] for of in _OF}


def insights_answer(insights: Sequence[Insight]) -> dict[str, list[dict[str, Any]]]:
    """What is told of the photo and of the model, for drawing."""
    return {of: [drawing(one) for one in insights if one.told.of == of] for of in _OF}


def drawing(insight: Insight) -> dict[str, Any]:
    """One insight, whose task has more to say of those of a number an attribute.

    about: what its rows are about, or null. columns: names of a row's numbers, none if it has one. rows: a name, and the attribute
    that it is of or null. curve: values at the positions `at`, else empty. low, high: the ends of the scale of all numbers, 0
    among them. spread: of a table the least, the middle and the highest number, else null. nothing: what is said where every number
    is 0, else "".
    """
    told, values = insight.told, as_bundled(insight)
    rows = zip(told.names, values.tolist(), strict=True) if told.axes == ("named",) else ()
    low, high = ends_of(values)
    return {
        **{name: getattr(told, name) for name in ("name", "title", "hint", "unit", "signed", "term", "across")},
        "about": None,
        "spread": None,
        "columns": [],
        "rows": [{"attribute": None, "name": name, "values": [value]} for name, value in rows],
        "at": list(told.at),
        "curve": values.tolist() if told.axes == ("at",) else [],
        "low": low,
        "high": high,
        "nothing": nothing_of(told, low, high),
    }


def nothing_of(told: ToldInsight, low: float, high: float) -> str:
    """What is said where every number is 0, as the ends of their scale tell; else ""."""
    return _NOTHING[told.of] if low == high else ""


def ends_of(values: NDArray[np.float32]) -> tuple[float, float]:
    """The ends of the scale of numbers, 0 among them."""
    return min(0.0, float(values.min(initial=0.0))), max(0.0, float(values.max(initial=0.0)))


def insight_lines(answer: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[str]:
    """What `insights_answer` told, as the shell prints it: titles, then rows of numbers, or what a curve begins, rises to and ends
    with."""
    for insight in (one for of in _OF for one in answer[of]):
        of = ", ".join(insight["columns"]) or insight["unit"]
        yield f"\n{insight['title']}{f' ({of})' * bool(of)}:"
        for row in insight["rows"][: None if _is_whole(insight) else _ROWS]:
            yield f"  {'  '.join(f'{value:6.3f}' for value in row['values'])}  {row['name']}"
        if insight["curve"]:
            curve, at = insight["curve"], insight["at"]
            highest = max(range(len(curve)), key=lambda i: curve[i])
            for i in dict.fromkeys((0, highest, len(curve) - 1)):
                yield f"  {curve[i]:6.3f}  at {at[i]:g} {insight['across']}"


def _is_whole(insight: Mapping[str, Any]) -> bool:
    """Whether its rows are all that there are, and no choice of attributes."""
    return all(row["attribute"] is None for row in insight["rows"])
