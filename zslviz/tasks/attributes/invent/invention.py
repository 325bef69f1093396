"""A class that somebody made up: its values, where each of them comes from, and how it joins the others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import TableError
from zslviz.tasks.attributes.filling import distances
from zslviz.tasks.attributes.space import SemanticSpace

OriginKind = Literal["class", "said", "implied", "given", "filled", "photos"]


@dataclass(frozen=True)
class Origin:
    """Where one value comes from. text: in words. classes: indices of the classes whose values it is made of.

    kind: "class", as some class has it; "said", by words; "implied", by other words ("small" says "not big"); "given", as a number;
    "filled", by nobody, so as the known classes most like it have it; "photos", as the model saw it.
    """

    kind: OriginKind
    text: str
    classes: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Invention:
    """A class that is not in the table of `space`. values: float32 [A], fractions. origins: of each value, length A.

    told: what it is made of, in one sentence. few_shot: whether photos of it were seen, so that it is not a zero-shot class (◇).
    """

    name: str
    space: SemanticSpace
    values: NDArray[np.float32]
    origins: tuple[Origin, ...]
    told: str
    few_shot: bool = False

    def __post_init__(self) -> None:
        values = np.asarray(self.values, dtype=np.float32)
        if values.shape != (len(self.space.attributes),) or not np.isfinite(values).all():
            raise TableError(f"A class is described by {len(self.space.attributes)} numbers.")
        values.setflags(write=False)
        object.__setattr__(self, "values", values)

    def joined(self) -> SemanticSpace:
        """The space with this class as its last one, unseen. Raises TableError if there is a class of that name."""
        self.space.named_classes.check_new(self.name)
        return self.space.with_class(self.name, self.values)

    def alone(self) -> SemanticSpace:
        """A space of this class alone, as a table to be kept: `alone().to_csv(path)` is read by `--table` and `zslviz extend`."""
        return self.space.with_class(self.name, self.values).take_classes([len(self.space.classes)])

    def named(self, name: str) -> Invention:
        """The same class by another name."""
        return replace(self, name=name)

    @cached_property
    def nearest(self) -> tuple[int, float]:
        """The class of the table that is most like it, and how far it is (`filling.distances`)."""
        away = distances(self.values, self.space.table)
        index = int(away.argmin())
        return index, float(away[index])

    def changed(self, count: int | None = None) -> list[int]:
        """Attributes that were said, implied or given, those furthest from the mean of the table first, in its spreads."""
        table = self.space.table.astype(np.float64)
        steps = np.abs(self.values - table.mean(axis=0)) / (table.std(axis=0) + 0.02)
        own = [a for a, origin in enumerate(self.origins) if origin.kind in ("said", "implied", "given")]
        return sorted(own, key=lambda a: (self.origins[a].kind == "implied", -steps[a]))[:count]

    def to_dict(self) -> dict[str, Any]:
        """Fit for JSON: name, told, few_shot, nearest, and a line an attribute with value and origin."""
        index, away = self.nearest
        return {
            "name": self.name,
            "told": self.told,
            "few_shot": self.few_shot,
            "nearest": {"name": self.space.class_names[index], "distance": round(away, 4)},
            "attributes": [
                {"name": name, "label": label, "value": float(value), "origin": origin.kind, "from": origin.text}
                for name, label, value, origin in zip(
                    self.space.attributes, self.space.attribute_names, self.values, self.origins, strict=True
                )
            ],
        }
