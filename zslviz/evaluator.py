"""The door of measuring: a model's figures on the test photos of its data, whatever the task."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zslviz.catalogue import part
from zslviz.datasets.reading import load_dataset, parse_data_argument
from zslviz.errors import ConfigError
from zslviz.tasks.base.explainer import Explainer
from zslviz.tasks.base.report import Report


def evaluate(
    model: str | Path | Explainer,
    data: str | tuple[str, str | Path],
    *,
    cache: str | Path | None = None,
    device: str | None = None,
    label: str = "",
    table: str | Path | None = None,
) -> dict[str, Any]:
    """Measures a model on the test photos of the data it was trained on, as `zslviz evaluate` does.

    model: a shipped model's name, a checkpoint's folder, or an `Explainer`, which stays on its device. data: "NAME=DIR", as on the
    command line, or (name, folder). cache: a folder of cached features to be read instead of running the backbone.
    device: "auto", "cpu", "cuda" or "cuda:N". label: what sets this training apart ("seed1"). table: a class table (CSV) instead of
    the model's own (attribute models).

    Returns what `zslviz evaluate --json` writes: plain values, accuracies as fractions, with intervals. Raises UnknownNameError or
    CheckpointError for a model, TableError for a table, DataError for data (of other classes, labels or pairs; without the features
    in the cache), and ConfigError if the model was trained on other data or has a backbone of its own, which no cache is of.
    """
    return prepare(model, data, device, table).run(cache, label).content


@dataclass(frozen=True, eq=False)
class Job:
    """A measurement before the first photo is read: a model, the name of its data, and their folder."""

    explainer: Explainer
    data: str
    folder: Path

    def run(
        self, cache: str | Path | None = None, label: str = "", tell: Callable[[str], None] = lambda line: None
    ) -> Report:
        """Reads the data and measures; see `evaluate`. tell: is told what the data are."""
        task = self.explainer.task
        dataset = load_dataset(self.data, self.folder, task, self.explainer.words())
        tell(f"{self.data}: {dataset.summary}")
        report: Report = part(task, "evaluation").evaluate(
            self.explainer, dataset, None if cache is None else Path(cache), label
        )
        return report


def prepare(
    model: str | Path | Explainer,
    data: str | tuple[str, str | Path],
    device: str | None = None,
    table: str | Path | None = None,
) -> Job:
    """Opens a model that is to be measured on data; arguments and errors as of `evaluate`."""
    name, folder = parse_data_argument(data) if isinstance(data, str) else data
    explainer = model if isinstance(model, Explainer) else Explainer.from_pretrained(model, device)
    if explainer.data != name:
        raise ConfigError(
            f"'{explainer.name}' was trained on the data '{explainer.data}'; it cannot be measured on '{name}'."
        )
    if table is not None:
        explainer = explainer.with_table(table)
    return Job(explainer, name, Path(folder))
