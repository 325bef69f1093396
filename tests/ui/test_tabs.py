"""What every tab does alike: the life of a photo, what is asked about it, and what is found in the tab's folder."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from tests.ui.conftest import PhotoFile
from zslviz.errors import CheckpointError, ConfigError, ImageError, UnknownNameError
from zslviz.ui.drawn import FOLDS, files
from zslviz.ui.page import build_page
from zslviz.ui.panel import Function
from zslviz.ui.scratch import Downloads
from zslviz.ui.service import Service
from zslviz.ui.store import ExpiredError
from zslviz.ui.tab import REPORT, Tab
from zslviz.ui.tabs import TABS, TabPlace

AnyTab = Tab[Any, Any]
NAMES = [place.name for place in TABS]
each_tab = pytest.mark.parametrize("place", TABS, ids=lambda place: place.name)


@pytest.fixture
def tab(place: TabPlace, all_tasks: Service) -> AnyTab:
    return place.open(all_tasks, Downloads())


@pytest.fixture
def endpoints(tab: AnyTab) -> tuple[str, str]:
    """The names of the one that explains and the one that ranks."""
    pair = tab.endpoints()
    if pair is None:
        pytest.skip(f"'{tab.place.title}' has no endpoints")
    return f"/{pair.explain.__name__}", f"/{pair.rank.__name__}"


def asks(tab: AnyTab) -> dict[str, Function]:
    """What the panels may ask, by name."""
    functions = [function for panel in tab.panels().values() for function in panel]
    found = {function.__name__: function for function in functions}
    assert len(found) == len(functions), "a function of panels() is named by one panel alone"
    return found


# -- a photo goes through the network ------------------------------------------------------------------------------------


@each_tab
def test_the_first_answer_brings_a_photo_with_all_there_is_to_choose_from(tab: AnyTab) -> None:
    answer = tab.explain({"first": True})
    assert [m["name"] for m in answer["models"]] == [info.name for info in tab.models]
    assert [e["file"] for e in answer["examples"]] == [f"{tab.place.task}.png"]
    kind, _, digest = answer["examples"][0]["picture"].partition("/")
    picture = tab.service.pictures.picture(digest)
    assert kind == "example" and picture is not None and picture.body(zipped=False).startswith(b"\xff\xd8")
    assert (answer["model"], answer["example"], answer["note"]) == (
        tab.models[0].name,
        answer["examples"][0]["file"],
        "A note.",
    )
    assert (answer["width"], answer["height"]) == (180, 120)
    json.dumps(answer, allow_nan=False)


@each_tab
def test_an_example_runs_once_for_all_visitors(tab: AnyTab) -> None:
    asked = {"example": f"{tab.place.task}.png"}
    assert tab.explain(asked)["handle"] == tab.explain(asked)["handle"] == tab.explain({"first": True})["handle"]
    with pytest.raises(UnknownNameError, match="no example called 'gone.png'"):
        tab.explain({"example": "gone.png"})


@each_tab
def test_without_any_example_the_page_asks_for_a_photo(place: TabPlace, all_tasks: Service, tmp_path: Path) -> None:
    models = tuple(info.folder for info in all_tasks.of_task(place.task))
    answer = place.open(Service("cpu", (), tmp_path, models, tmp_path), Downloads()).explain({"first": True})
    assert "notice" in answer and "handle" not in answer
    assert len(answer["models"]) == len(models) and answer["examples"] == []


@each_tab
def test_uploads_outside_the_upload_folder_are_refused(tab: AnyTab, photo_file: PhotoFile) -> None:
    with pytest.raises(ImageError, match="did not arrive"):
        tab.explain({"upload": str(photo_file(3))})


@each_tab
def test_without_a_model_of_its_task_there_is_no_tab_and_no_endpoint(
    place: TabPlace, all_tasks: Service, endpoints: tuple[str, str], tmp_path: Path
) -> None:
    others = [info for info in all_tasks.all_checkpoints if info.task != place.task]
    without = Service("cpu", (), tmp_path, [info.folder for info in others], tmp_path)
    page = build_page(without)
    shown = [block.label for block in page.blocks.blocks.values() if isinstance(block, gr.Tab)]
    assert shown == [other.title for other in TABS if other.task != place.task]
    assert not set(endpoints) & {f"/{fn.api_name}" for fn in page.blocks.fns.values()}
    with pytest.raises(CheckpointError, match=r"no model that scores \w+ in 'checkpoints/'"):
        place.open(without, Downloads()).explain({"first": True})


def test_without_any_model_the_page_opens_and_says_that_there_is_none(tmp_path: Path) -> None:
    page = build_page(Service("cpu", (), tmp_path, (), tmp_path))
    assert [tab.place for tab in page.tabs] == [TABS[0]]
    with pytest.raises(CheckpointError, match="clone the repository"):
        page.tabs[0].explain({"first": True})
    page.tabs[0].warm_up().join(60)  # says so in the log, and no more


# -- what is asked about it ----------------------------------------------------------------------------------------------


@each_tab
def test_a_handle_that_is_gone_or_of_another_tab_is_answered_with_one_sentence(
    tab: AnyTab, photo_file: PhotoFile
) -> None:
    others = (other for other in TABS if other.task != tab.place.task)
    handles = [tab.service.explain(photo_file(1), tab.service.of_task(other.task)[0].name)[0] for other in others]
    payload = {"what": "csv", "x": 0.5, "y": 0.5, "row": 0, "column": 0, "kind": "state"}
    of_model = {"tested", "model_card"}  # ask of no photo
    for function in (f for functions in tab.panels().values() for f in functions if f.__name__ not in of_model):
        for handle in ("gone", None):
            with pytest.raises(ExpiredError, match="choose the photo again"):
                function(payload | {"handle": handle})
        for handle in handles:
            with pytest.raises(ConfigError, match="a model of another task"):
                function(payload | {"handle": handle})


@each_tab
def test_what_can_be_taken_away_is_named_where_something_else_is_asked_for(tab: AnyTab) -> None:
    handle = tab.explain({"first": True})["handle"]
    names = [*tab.picture_files, *tab.exports, *([REPORT] if tab.place.alone else [])]
    if not names:
        pytest.skip(f"'{tab.place.title}' gives nothing away")
    with pytest.raises(ConfigError) as raised:
        tab.download({"handle": handle, "what": "zip"})
    assert re.findall(r"'(\w+)'", str(raised.value)) == names
    for what, export in tab.exports.items():
        answer = tab.download({"handle": handle, "what": what})
        assert (answer["name"], answer["type"]) == (export.file, export.media_type)
        assert json.loads(answer["text"]) if what == "json" else answer["text"].count("\n") > 4


@each_tab
def test_questions_change_nothing_for_those_who_ask_later(tab: AnyTab) -> None:
    asked = {"handle": tab.explain({"first": True})["handle"]}
    rank = asks(tab).get("rank")
    if rank is None:
        pytest.skip(f"no panel of '{tab.place.title}' asks for 'rank'")
    before = json.dumps(rank(asked))
    changed = rank(asked | {"gamma": 3.0, "bias": 3.0, "unseen_only": True})
    assert json.dumps(changed) != before == json.dumps(rank(asked)), "'rank' answers what the request asks for"


# -- by HTTP -------------------------------------------------------------------------------------------------------------


@each_tab
def test_ranking_again_without_a_change_is_the_ranking_of_the_first_answer(
    tab: AnyTab, endpoints: tuple[str, str], all_tasks_api: Client, photo_file: PhotoFile
) -> None:
    explain, rank = endpoints
    told = all_tasks_api.predict(photo=handle_file(photo_file(2)), model="", top=3, api_name=explain)
    assert told["model"] == tab.models[0].name and len(told["ranking"]) == 3
    assert all_tasks_api.predict(handle=told["handle"], top=3, api_name=rank)["ranking"] == told["ranking"]
    assert told["handle"] in tab.service.store


@each_tab
def test_bad_requests_by_http_get_one_sentence(
    endpoints: tuple[str, str], all_tasks_api: Client, photo_file: PhotoFile
) -> None:
    explain, rank = endpoints
    photo = handle_file(photo_file(2))
    for name, arguments, sentence in (
        (explain, {"photo": None}, "Give a photo"),
        (explain, {"photo": photo, "model": "made-bia"}, "did you mean 'made-biam'"),
        (explain, {"photo": photo, "top": 0}, "'top' must be at least 1"),
        (rank, {"handle": "gone"}, "no longer kept on the server"),
        (rank, {"handle": "gone", "top": 0}, "no longer kept on the server"),
    ):
        with pytest.raises(AppError) as error:
            all_tasks_api.predict(**({"model": ""} if name == explain else {}) | arguments, api_name=name)
        assert sentence in str(error.value) and "Traceback" not in str(error.value)


def test_models_say_what_they_score_and_what_was_measured(all_tasks: Service, all_tasks_api: Client) -> None:
    told = {model["name"]: model for model in all_tasks_api.predict(api_name="/models")}
    assert {name: model["task"] for name, model in told.items()} == {
        "made-mgmrn": "attributes", "made-msdn": "attributes", "made-biam": "multilabel", "made-refiner": "compositional",
    }  # fmt: skip
    assert all(set(model) == {"name", "title", "task", "data", "metrics"} for model in told.values())
    assert told["made-mgmrn"]["metrics"]["t1"] == 0.5


# -- what is found in the tab's folder -------------------------------------------------------------------------------------


@each_tab
def test_every_panel_has_its_template_and_its_script_and_asks_for_what_there_is(tab: AnyTab) -> None:
    page = build_page(tab.service)
    mounts = [block.js_on_load for block in page.blocks.blocks.values() if isinstance(block, gr.HTML)]
    scripts = "\n".join(path.read_text(encoding="utf-8") for path in files(".js", NAMES))
    for name in ("photo", *tab.panels()):
        assert sum(f"zslviz.take('{tab.place.name}', '{name}', element" in str(mount) for mount in mounts) == 1
        drawn = [
            scripts.count(f'zslviz.panels["{tab.place.name}/{name}"] = '),
            scripts.count(f"zslviz.panels.{name} = "),
        ]
        assert drawn in ([1, 0], [0, 1], [1, 1]), (
            "by a script of its own, of one that tabs share, or of its own around that"
        )
    its = [path for path in files(".js", NAMES) if tab.place.name in path.parts or {"shared", FOLDS} <= {*path.parts}]
    own = "\n".join(path.read_text(encoding="utf-8") for path in its)
    assert f'zslviz.store("{tab.place.name}", ' in own
    gives = {"download"} if tab.picture_files or tab.exports else set()
    asked = set(re.findall(r'(?:store\.(?:ask|latest)|asked)\("(\w+)"', own)) | gives
    assert set(asks(tab)) == asked, "panels() names what its scripts ask, and 'download' for exports and pictures"
