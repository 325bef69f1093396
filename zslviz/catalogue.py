"""What there is: tasks, systems and data sets, and where each of them lives. Strings alone: nothing of the package is imported.

A new one is a folder (a data set: a file) of its own and one line in this file. Everything else finds it by these tables; no other
module knows a task, a system or a data set by name. `tests/contracts` says what each must satisfy.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

Task = Literal["attributes", "multilabel", "compositional"]


class TaskPlace(NamedTuple):
    """module: the task's folder. space_key: the entry of a checkpoint's `config.json`, under "space", by which it is told.

    scores: what a model of this task scores, in a word for sentences. own_data: the reader of data that have no line here, "" if
    the task has none.
    """

    module: str
    space_key: str
    scores: str
    own_data: str = ""


class SystemPlace(NamedTuple):
    """task: what it predicts. record: MODULE:NAME of its `System` (models.registry).

    official: MODULE:NAME of what reads the weights that its authors published (models.state_dicts), "" if there are none.
    look: what is special to look at, a sentence under the page's menu of models; "" if nothing is.
    """

    task: Task
    record: str
    official: str = ""
    look: str = ""


class DataPlace(NamedTuple):
    """task: what its photos are labelled with. module: its reader, with `load(name, folder, words)` and `CARDS`."""

    task: Task
    module: str


class DataCard(NamedTuple):
    """What is to be said of a data set wherever its photos were used; a reader has one for each of its names in `CARDS`.

    title: a few words for lists. terms: one sentence on whose the photos are and what may be done with them. non_commercial:
    whether weights trained on them are shared for non-commercial use alone. citation: who made it, where it was published.
    described: the words of a card for the data as they are distributed, with `classes` classes; "" if the counts say it all.
    partly: the same with "{counts}" for data with fewer classes. caution, partly_caution: what figures on them do not say.
    readable_class, readable_attribute: how one of its own names reads, where it has a way of its own to write them.
    readable_word: likewise of its labels, states and objects, which read as they are written elsewhere.
    part_locations: where parts are marked in its photos, from its `ZeroShotDataset` (`tasks.attributes.data.PartLocations`).
    invisible: attributes by its own names that no place of a photo can show, such as "hunter": no map is drawn of them.
    """

    title: str
    terms: str
    non_commercial: bool
    citation: str
    described: str = ""
    classes: int = 0
    partly: str = ""
    caution: str = ""
    partly_caution: str = ""
    readable_class: Callable[[str], str] | None = None
    readable_attribute: Callable[[str], str] | None = None
    readable_word: Callable[[str], str] | None = None
    part_locations: Callable[[Any], Any] | None = None
    invisible: tuple[str, ...] = ()


TASKS: dict[Task, TaskPlace] = {
    "attributes": TaskPlace("zslviz.tasks.attributes", "classes", "attributes", "zslviz.datasets.own"),
    "multilabel": TaskPlace("zslviz.tasks.multilabel", "labels", "labels"),
    "compositional": TaskPlace("zslviz.tasks.compositional", "states", "compositions", "zslviz.datasets.compositional"),
}
SYSTEMS: dict[str, SystemPlace] = {
    "msdn": SystemPlace("attributes", "zslviz.models.msdn.system:SYSTEM", "zslviz.models.msdn.official:READER"),
    "mgmrn": SystemPlace("attributes", "zslviz.models.mgmrn.system:SYSTEM", "zslviz.models.mgmrn.official:READER"),
    "dfan": SystemPlace(
        "attributes",
        "zslviz.models.dfan.system:SYSTEM",
        look="Look at the local and the global map of an attribute: two answers, and where they differ.",
    ),
    "transzero": SystemPlace(
        "attributes",
        "zslviz.models.transzero.system:SYSTEM",
        "zslviz.models.transzero.official:READER",
        look="Look at what comes from no place: what the model would say of the attribute without looking.",
    ),
    "hdafl": SystemPlace(
        "attributes",
        "zslviz.models.hdafl.system:SYSTEM",
        look="Look at the maps of the small, the medium and the large kernel: how much of the surroundings each goes by.",
    ),
    "psvma": SystemPlace(
        "attributes",
        "zslviz.models.psvma.system:SYSTEM",
        look="Look at an attribute's further maps: as its words say, and, where that tells attributes apart, after it has adapted.",
    ),
    "psvmaplus": SystemPlace(
        "attributes",
        "zslviz.models.psvmaplus.system:SYSTEM",
        look="Look at the maps of three depths, and at how far the model trusts each of them in this photo.",
    ),
    "biam": SystemPlace("multilabel", "zslviz.models.biam.system:SYSTEM"),
    "gbe": SystemPlace(
        "multilabel",
        "zslviz.models.gbe.system:SYSTEM",
        look="Look at Part by part: where each group of channels speaks for a label, and what the whole photo adds.",
    ),
    "refiner": SystemPlace("compositional", "zslviz.models.refiner.system:SYSTEM"),
    "msci": SystemPlace(
        "compositional",
        "zslviz.models.msci.system:SYSTEM",
        look="Look at the low layers' map against the high layers': colours and textures are seen early, whole things late.",
    ),
    "eszsl": SystemPlace("attributes", "zslviz.models.linear.system:ESZSL"),
    "dap": SystemPlace("attributes", "zslviz.models.linear.system:DAP"),
}
DATASETS: dict[str, DataPlace] = {
    "cub": DataPlace("attributes", "zslviz.datasets.cub"),
    "awa2": DataPlace("attributes", "zslviz.datasets.awa2"),
    "corel5k": DataPlace("multilabel", "zslviz.datasets.corel5k"),
    "nuswide": DataPlace("multilabel", "zslviz.datasets.nus_wide"),
    "openimages": DataPlace("multilabel", "zslviz.datasets.open_images"),
    "fashion": DataPlace("compositional", "zslviz.datasets.fashion"),
    "mit-states": DataPlace("compositional", "zslviz.datasets.czsl"),
    "ut-zappos": DataPlace("compositional", "zslviz.datasets.czsl"),
    "c-gqa": DataPlace("compositional", "zslviz.datasets.czsl"),
}
REPORT, CELL = (
    "zslviz.ui.report:report",
    "zslviz.ui.report:cell",
)  # an explanation alive: as a document, and in a notebook


def part(task: Task, name: str) -> Any:
    """A module of a task's folder by name ("explainer", "checkpoint", ...), imported when it is first asked for."""
    return importlib.import_module(f"{TASKS[task].module}.{name}")


def found(place: str) -> Any:
    """What lies at MODULE:NAME."""
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)


def data_card(name: str) -> DataCard | None:
    """The card of a data set by name, None of data of one's own."""
    if name not in DATASETS:
        return None
    card: DataCard = importlib.import_module(DATASETS[name].module).CARDS[name]
    return card
