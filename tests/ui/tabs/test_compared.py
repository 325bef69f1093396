"""What the page asks of two models where its own arithmetic cannot answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT
from zslviz.errors import CheckpointError, ConfigError, UnknownNameError
from zslviz.tasks.attributes.comparing import compare
from zslviz.tasks.attributes.comparing.answer import comparison_answer
from zslviz.tasks.attributes.comparing.maps import maps_beside
from zslviz.tasks.attributes.invent.asked import with_invented
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.ui.scratch import Downloads
from zslviz.ui.service import Service
from zslviz.ui.tab import Tab
from zslviz.ui.tabs import TABS

MODELS = ("made-mgmrn", "made-msdn")


@pytest.fixture(scope="module")
def tab(service: Service) -> Tab:
    return TABS[0].open(service, Downloads())


@pytest.fixture(scope="module")
def handles(service: Service, photo_file: Callable[[int], Path]) -> list[str]:
    return [service.explain(photo_file(0), model)[0] for model in MODELS]


def test_two_handles_are_compared_as_the_package_compares_them(tab: Tab, handles: list[str]) -> None:
    compared = compare(*(tab.kept(handle) for handle in handles), ("Mg-MRN", "MSDN"))
    pair = {"handle": handles[0], "other": handles[1]}
    assert tab.compare({**pair, "true_class": 2}) == comparison_answer(compared, 2)
    assert tab.compare(pair) == comparison_answer(compared)
    state = {
        "image_edits": {"1": 0.9},
        "class_edits": {"2": {"0": 1.0}},
        "invented": [{"name": "Mine", "values": {"0": 1.0}}],
    }
    one, other = (with_invented(tab.kept(handle), state["invented"]) for handle in handles)
    edited = compare(one, other, ("Mg-MRN", "MSDN"), RankRequest({1: 0.9}, {(2, 0): 1.0}))
    assert tab.compare({**pair, **state}) == comparison_answer(edited)
    for kind in (None, "attention"):
        assert tab.beside({**pair, "attribute": 1, "kind": kind}) == maps_beside(compared, 1, kind)
    with pytest.raises(ConfigError, match="no maps of 'smell' in common"):
        tab.beside({**pair, "attribute": 1, "kind": "smell"})


def test_models_without_test_photos_and_wrong_names_are_told(tab: Tab, handles: list[str]) -> None:
    with pytest.raises(CheckpointError, match="came without its test photos"):
        tab.on_tests({"handle": handles[0], "other": MODELS[1]})
    with pytest.raises(ConfigError, match="one and the same model"):
        tab.compare({"handle": handles[0], "other": handles[0]})
    with pytest.raises(ConfigError, match="is no other model"):
        tab.on_tests({"handle": handles[0], "other": MODELS[0]})
    with pytest.raises(UnknownNameError):
        tab.on_tests({"handle": handles[0], "other": "nobody"})


def test_shipped_models_are_set_beside_each_other_on_their_test_photos(photo_file: Callable[[int], Path]) -> None:
    shipped = Service("cpu", checkpoints=ROOT / "checkpoints")
    opened = TABS[0].open(shipped, Downloads())
    told = opened.on_tests({"handle": shipped.explain(photo_file(0), "eszsl-awa2")[0], "other": "dap-awa2"})
    assert told["names"] == ["ESZSL", "DAP"]
    assert len(told["photos"]["labels"]) == sum(kind["photos"] for kind in told["kinds"]) > 500
