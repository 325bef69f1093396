"""What the shell shows: which options a task knows, predictions as a table, a photo's lines with a map, and how a task is measured.

Every task has a `show` module with

- `COLUMNS`: what its models are measured by in a list of models: title -> dotted name of the figure;
- `OPTIONS`: command -> `Options`;
- `explain(explainer, photo, top, what, **options) -> Shown`, what: the thing whose map is wanted, by name, None for the best one;
- `TABLE(explainer, **options)`: a `Table`;
- `space_rows(space)`: what there is to predict, as a table with a header;
- `figure_lines(name, figures)`: a model's measured figures, line by line;
- `rank(explainer, photo, top, **edits)`: the lines of a ranking after edits, only where there is a table to be edited;
- `what_would_it_take(explainer, photo, target, **asked)`: what would make a class first, likewise.

A task that knows the option `out` of `evaluate` has `report_files.write_report(report, folder)` as well.
The module is imported without PyTorch.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from zslviz.catalogue import TASKS, Task, part
from zslviz.errors import ConfigError
from zslviz.tasks.base.photo import ExplainedPhoto, Map

if TYPE_CHECKING:  # it brings PyTorch
    from zslviz.backbones import Features

BEST = 5
MAPS = "maps"
"""The column of the files that `predict --maps` writes."""


def measured(metrics: Any, key: str) -> Any:
    """A model's figure by its dotted name, as `COLUMNS` has it; None if it is not there or is no number."""
    for step in key.split("."):
        metrics = metrics.get(step) if hasattr(metrics, "get") else None
    return metrics if type(metrics) in (int, float) and abs(metrics) < 1e6 else None


class Table(Protocol):
    """header: the columns after the photo's. look: what is made of a batch's features, photo by photo. rows: of a photo, from that.

    found_in: the same as `look` makes of a photo, of its explanation. mapped: the things whose maps `predict --maps` keeps.
    """

    header: list[str]

    def look(self, features: Features) -> Sequence[Any]: ...

    def rows(self, found: Any) -> Iterator[list[Any]]: ...

    def found_in(self, explanation: Any) -> Any: ...

    def mapped(self, explanation: Any) -> Mapped: ...


@dataclass(frozen=True, eq=False)
class Mapped:
    """N things of one photo that have maps. of: what they are ("attribute"), as `MapOffer.of` has it.

    names: their own. at: what `ExplainedPhoto.map` takes for each. values: float32 [N], what the model gives to each.
    """

    of: str
    names: Sequence[str]
    at: Sequence[Any]
    values: NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Shown:
    """What is shown of one explained photo.

    lines: for people, in order. drawn: what `draw` gives, in a few words: "evidence of 'stripes'".
    draw: the map that was asked for. Raises ConfigError if the explanation has none.
    """

    explanation: ExplainedPhoto
    lines: Sequence[str]
    drawn: str
    draw: Callable[[], Map]


@dataclass(frozen=True)
class Options:
    """Options of a command that a task knows, of those that not every task knows; by the names of their parameters.

    own: this task's. shared: known to other tasks as well. Sentences, with {name} for the model's name:
    others: of a model of this task that is given an option it does not know; elsewhere: of another task's model that is given one
    of `own` (all of them, or option by option), and first heard. Where neither is there, a general one is said.
    """

    own: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    others: str = ""
    elsewhere: str | Mapping[str, str] = ""

    def told_elsewhere(self, given: Collection[str]) -> Iterator[str]:
        """What is said of options of this task that a model of another one is given."""
        for option in self.own:
            if option in given:
                told = self.elsewhere if isinstance(self.elsewhere, str) else self.elsewhere.get(option, "")
                yield from [told] if told else []


def kind_shown(explanation: ExplainedPhoto, kind: str | None, of: str) -> str:
    """The map to show of such a thing: the one of that name, or the first one offered; "map" if none is asked for and none there.

    Raises ConfigError if what is asked for is not offered.
    """
    if kind is None and all(offer.of != of for offer in explanation.offers()):
        return "map"
    return explanation.offer_of(kind, of).name


def refuse_others(command: str, task: Task, name: str, given: Collection[str]) -> None:
    """Raises ConfigError with one sentence if a model is given an option that its task does not know."""
    knows: Options = part(task, "show").OPTIONS[command]
    unknown = [option for option in given if option not in (*knows.own, *knows.shared)]
    if not unknown:
        return
    tasks: list[Options] = [part(other, "show").OPTIONS[command] for other in TASKS]
    told = [sentence for other in tasks for sentence in other.told_elsewhere(unknown)]
    spelled = ", ".join(f"--{option.replace('_', '-')}" for option in unknown)
    sentence = (*told, knows.others or f"'{{name}}' does not take {spelled}; leave it out.")[0]
    raise ConfigError(sentence.format(name=name))
