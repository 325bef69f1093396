"""The door of measuring: a model's figures on the test photos of its data, whatever the task."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zslviz.backbones.given import NoPhotos, is_given
from zslviz.backbones.registry import BACKBONES, parted, settled
from zslviz.catalogue import part
from zslviz.checkpoints.base import Checkpoint
from zslviz.datasets.reading import load_dataset, parse_data_argument
from zslviz.errors import ConfigError
from zslviz.features.cache import FeatureCache
from zslviz.features.given import GivenFeatures, read_features
from zslviz.runtime.devices import pick_device
from zslviz.tasks.base.explainer import Explainer
from zslviz.tasks.base.report import Report


def evaluate(
    model: str | Path | Explainer,
    data: str | tuple[str, str | Path],
    *,
    cache: str | Path | None = None,
    device: str | None = None,
    label: str = "",
    weights: str | Path | None = None,
    features: str | Path | None = None,
    table: str | Path | None = None,
) -> dict[str, Any]:
    """Measures a model on the test photos of the data it was trained on, as `zslviz evaluate` does.

    model: a shipped model's name, a checkpoint's folder, or an `Explainer`, which stays on its device. data: "NAME=DIR", as on the
    command line, or (name, folder). cache: a folder of cached features to be read instead of running the backbone.
    device: "auto", "cpu", "cuda" or "cuda:N". label: what sets this training apart ("seed1"). weights: the backbone's, where the
    model sees with weights of one's own. features: the file of features that it was trained on, where it was. table: a class table
    (CSV) instead of the model's own (attribute models).

    Returns what `zslviz evaluate --json` writes: plain values, accuracies as fractions, with intervals. Raises UnknownNameError or
    CheckpointError for a model, TableError for a table, DataError for data (of other classes, labels or pairs; without the features
    in the cache), and ConfigError if the model was trained on other data or has a backbone of its own, which no cache is of.
    """
    return prepare(model, data, device, weights, features, table).run(cache, label).content


@dataclass(frozen=True, eq=False)
class Job:
    """A measurement before the first photo is read: a model, the name of its data, their folder, and features that were given."""

    explainer: Explainer
    data: str
    folder: Path
    given: GivenFeatures | None = None

    def run(
        self, cache: str | Path | None = None, label: str = "", tell: Callable[[str], None] = lambda line: None
    ) -> Report:
        """Reads the data and measures; see `evaluate`. tell: is told how a table was read, and what the data are."""
        task, given = self.explainer.task, self.given
        names = None if given is None else given.names
        dataset = load_dataset(self.data, self.folder, task, self.explainer.words(), names)
        for line in (*self.explainer.notes, f"{self.data}: {dataset.summary}"):
            tell(line)
        cached: Path | FeatureCache | None = None if cache is None else Path(cache)
        if given is not None:
            cached = self._same(given.of(dataset.files, dataset.labels, dataset.used_photos), given.file.name)
        report: Report = part(task, "evaluation").evaluate(self.explainer, dataset, cached, label)
        return report

    def _same(self, features: FeatureCache, file: str) -> FeatureCache:
        """Features, if they are those that the model was trained on. Raises ConfigError."""
        trained, found = (parted(name)[1] for name in (self.explainer.checkpoint.backbone, features.spec.backbone))
        if trained != found:
            raise ConfigError(
                f"'{self.explainer.name}' was trained on other features than those that '{file}' holds of this split (digest "
                f"{trained}, not {found}); give the file that it was trained on."
            )
        return features


def prepare(
    model: str | Path | Explainer,
    data: str | tuple[str, str | Path],
    device: str | None = None,
    weights: str | Path | None = None,
    features: str | Path | None = None,
    table: str | Path | None = None,
) -> Job:
    """Opens a model that is to be measured on data; arguments and errors as of `evaluate`."""
    name, folder = parse_data_argument(data) if isinstance(data, str) else data
    if isinstance(model, Explainer):
        explainer, read = model, None
    else:
        explainer, read = _opened(model, device, weights, features)
    if explainer.data != name:
        raise ConfigError(
            f"'{explainer.name}' was trained on the data '{explainer.data}'; it cannot be measured on '{name}'."
        )
    if table is not None:
        explainer = explainer.with_table(table)
    return Job(explainer, name, Path(folder), read)


def _opened(
    model: str | Path, device: str | None, weights: str | Path | None, features: str | Path | None
) -> tuple[Explainer, GivenFeatures | None]:
    """A model that is to be measured, and the features that were given for it. Raises as `evaluate`."""
    checkpoint = Checkpoint.load(model)
    name = checkpoint.backbone
    plain, digest = parted(name)
    if weights is not None:
        if not digest or plain not in BACKBONES or checkpoint.backbone_state:
            raise ConfigError(f"'{checkpoint.name}' does not see with weights of one's own; leave out --weights.")
        settled(name, weights)
    if features is None:
        return Explainer.from_pretrained(model, device), None
    if not is_given(name):
        raise ConfigError(
            f"'{checkpoint.name}' sees photos itself; it was not trained on features that were given: leave out --features."
        )
    read = read_features(features)
    kind: type[Explainer] = part(checkpoint.task, "explainer").EXPLAINER
    return kind(checkpoint, NoPhotos(checkpoint.name, name), pick_device(device)), read
