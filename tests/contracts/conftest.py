"""Trained systems, explainers and explanations, each made once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from tests.contracts.made import made_for
from tests.contracts.made.trained import Place, Trained, trained_in
from tests.contracts.made.words import write_word_vectors
from zslviz.catalogue import SYSTEMS, Task
from zslviz.explainer import Explainer
from zslviz.tasks.base.photo import ExplainedPhoto
from zslviz.ui.scratch import Downloads
from zslviz.ui.service import Service
from zslviz.ui.tab import Tab
from zslviz.ui.tabs import TABS, TabPlace

Made = Callable[[str], Trained]
Opened = Callable[[str], Any]
Explained = Callable[[str], Any]
OpenTab = Callable[..., Tab[Any, Any]]


def places_of(task: Task) -> list[TabPlace]:
    """The tabs of a task, in the order of the page."""
    return [place for place in TABS if place.task == task]


@pytest.fixture(scope="session")
def place_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Task], Place]:
    """The tiny data of a task; what is computed of them is shared."""
    words = write_word_vectors(tmp_path_factory.mktemp("words") / "vectors.txt")

    @cache
    def make(task: Task) -> Place:
        folder = tmp_path_factory.mktemp(task)
        return Place(made_for(task).make(folder, words), folder / "features", words)

    return make


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, place_of: Callable[[Task], Place]) -> Made:
    """A trained system by name."""
    return cache(lambda system: trained_in(tmp_path_factory.mktemp(system), system, place_of(SYSTEMS[system].task)))


@pytest.fixture(scope="session")
def explainer_for(trained: Made) -> Opened:
    """The explainer of a trained system."""
    return cache(lambda system: Explainer.from_pretrained(trained(system).folder, "cpu"))


@pytest.fixture(scope="session")
def explained(trained: Made, explainer_for: Opened) -> Explained:
    """What it sees in one of its photos."""

    @cache
    def explain(system: str) -> ExplainedPhoto:
        explanation: ExplainedPhoto = explainer_for(system).explain(trained(system).photo)
        return explanation

    return explain


@pytest.fixture(scope="session")
def tab_of(trained: Made, tmp_path_factory: pytest.TempPathFactory) -> OpenTab:
    """A tab of a system's task (the first one if no place is given) with that model alone, without a page."""

    @cache
    def open_tab(system: str, place: TabPlace | None = None) -> Tab[Any, Any]:
        made, nothing = trained(system), tmp_path_factory.mktemp("nothing")
        service = Service("cpu", (), nothing, [made.folder], nothing)
        return (place or places_of(made.task)[0]).open(service, Downloads())

    return open_tab
