"""What every tab must do with a trained model, without a page around it: answer an example, and give away what it offers."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest
from PIL import Image

from tests.contracts.conftest import Made, OpenTab, places_of
from tests.contracts.made import made_for
from zslviz.catalogue import SYSTEMS
from zslviz.errors import ConfigError
from zslviz.ui.examples import DATA, Example
from zslviz.ui.scratch import Downloads
from zslviz.ui.service import Service
from zslviz.ui.tab import Tab
from zslviz.ui.tabs import TabPlace

each_tab = pytest.mark.parametrize(
    ("system", "place"),
    [
        pytest.param(system, place, id=f"{system}-{place.name}")
        for system, facts in SYSTEMS.items()
        for place in places_of(facts.task)
    ],
)


def with_example(made: Any, place: TabPlace, nothing: Path) -> Tab[Any, Any]:
    """A tab with one example, of which its list says nothing."""
    truth = {column: "" for column in place.kind.columns if column != DATA}
    example = Example(made.photo, "A photo", made.task, "photo", "A note.", truth, made.recipe.data)
    return place.open(Service("cpu", [example], nothing, [made.folder], nothing), Downloads())


def refused(constant: str) -> NoReturn:
    raise AssertionError(f"{constant} is no JSON")


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_tab_of_its_task_gives_away_texts_and_one_gives_away_pictures(system: str, tab_of: OpenTab) -> None:
    tabs = [tab_of(system, place) for place in places_of(SYSTEMS[system].task)]
    assert any({"csv", "json"} <= set(tab.exports) for tab in tabs)
    assert any(tab.picture_files for tab in tabs)


@each_tab
def test_an_example_is_explained_and_every_number_of_the_answer_is_finite(
    system: str, place: TabPlace, trained: Made, tmp_path: Path
) -> None:
    made = trained(system)
    tab = with_example(made, place, tmp_path)
    answer = tab.explain({"first": True})
    json.dumps(answer, allow_nan=False)
    assert (answer["model"], answer["data"], answer["note"]) == (made.recipe.name, made.recipe.data, "A note.")
    assert [example["file"] for example in answer["examples"]] == [made.photo.name]
    again = tab.explain({"example": made.photo.name})
    assert again["handle"] == answer["handle"], "it runs once"
    rank = next((f for functions in tab.panels().values() for f in functions if f.__name__ == "rank"), None)
    if rank is None:
        return
    handle = {"handle": answer["handle"]}
    before = json.dumps(rank(handle), allow_nan=False)
    changed = json.dumps(rank({**made_for(made.task).CHANGES, **handle}), allow_nan=False)
    assert changed != before == json.dumps(rank(handle), allow_nan=False), "'rank' answers what the request asks for"


@each_tab
def test_every_text_to_take_away_opens(system: str, place: TabPlace, trained: Made, tab_of: OpenTab) -> None:
    tab, own = tab_of(system, place), made_for(trained(system).task)
    handle, _ = tab.service.explain(trained(system).photo, trained(system).recipe.name)
    for payload in ({}, own.CHANGES, {**own.CHANGES, **own.WORDS}):
        for what in tab.exports:
            question = {**payload, "handle": handle, "what": what, "image": 'a "photo", 1.png'}
            asked, answer = tab.asked(question), tab.download(question)
            text = str(answer["text"])
            if answer["type"] == "text/csv":
                header, *rows = csv.reader(io.StringIO(text))
                assert len(rows) >= len(asked.request.rank(asked.explanation)) > 0
                assert {len(row) for row in rows} == {len(header)}
                assert len(set(header)) == len(header)
                assert not {"nan", "inf", "-inf"} & {cell.casefold() for row in rows for cell in row}
            elif answer["type"] == "application/json":
                assert json.loads(text, parse_constant=refused)["model"] == trained(system).recipe.name


@each_tab
def test_every_picture_to_take_away_is_the_photo_at_its_full_size(
    system: str, place: TabPlace, trained: Made, tab_of: OpenTab
) -> None:
    tab, own = tab_of(system, place), made_for(trained(system).task)
    handle, explanation = tab.service.explain(trained(system).photo, trained(system).recipe.name)
    for what in tab.picture_files:
        asked = {**own.picture(explanation), "handle": handle, "what": what}
        if not explanation.offers():
            with pytest.raises(ConfigError, match="has no maps"):
                tab.download(asked)
            continue
        answer = tab.download(asked)
        assert answer["name"].endswith(".png")
        picture = np.asarray(Image.open(answer["path"]).convert("RGB"))
        assert picture.shape == explanation.photo.shape
        assert (picture != explanation.photo).any()
