"""The page as a whole: what it opens with, and what it keeps of its visitors beside explanations."""

from __future__ import annotations

import gc

import gradio as gr
import httpx

from tests.ui.conftest import running
from zslviz.ui.page import SESSIONS, build_page
from zslviz.ui.scratch import Downloads
from zslviz.ui.service import Service
from zslviz.ui.tabs import TABS


def test_a_tab_is_there_for_every_task_with_a_model_and_the_first_opens_with_the_page(all_tasks: Service) -> None:
    page = build_page(all_tasks)
    shown = [(block.label, block.id) for block in page.blocks.blocks.values() if isinstance(block, gr.Tab)]
    assert shown == [(place.title, place.name) for place in TABS]
    asked = {name for _, name in page.desk.questions}
    photos = {question.place for (_, name), question in page.desk.questions.items() if name == "explain"}
    assert asked >= {"explain", "waiting"} and photos == {place.name for place in TABS}
    waiting = {question.place.split("/")[0] for question in page.desk.questions.values()} - {""}
    assert waiting == photos  # whatever else asks the network waits beside them, and takes no photo's turn


def test_what_the_page_opens_with_is_explained_before_the_first_visitor_comes(all_tasks: Service) -> None:
    page = build_page(all_tasks)
    page.tabs[0].warm_up().join(60)
    kept = len(all_tasks.store)
    answer = page.tabs[0].explain({"first": True})
    assert len(all_tasks.store) == kept and answer["handle"] in all_tasks.store


def test_nothing_is_kept_of_who_asks_and_little_of_who_calls(service: Service) -> None:
    page = build_page(service)
    sessions = page.blocks.state_holder.session_data
    with running(page) as address, httpx.Client(base_url=address, timeout=60) as client:

        def call(endpoint: str, data: list[object], visitor: int) -> httpx.Response:
            asked = {"data": data, "session_hash": f"visitor {visitor}"}
            return client.post(f"/gradio_api/run/{endpoint}", json=asked)

        first = call("models", [], 0).json()["data"]
        for visitor in range(1, SESSIONS + 20):
            assert call("models", [], visitor).json()["data"] == first
        assert not page.blocks.state_holder.session_data and not sessions
        for visitor in range(SESSIONS + 20):  # gradio reads the photo, and keeps a copy of the page for each
            assert call("explain", [None, "", 3], visitor).json()["error"].startswith("Give a photo")
        assert 1 < len(page.blocks.state_holder.session_data) <= SESSIONS


def test_of_the_files_made_for_visitors_the_newest_are_kept_and_none_after_the_page() -> None:
    downloads = Downloads(kept=2)
    paths = [downloads.write(words, b"a picture") for words in ("red, and grey", "", "../x")]
    assert [path.exists() for path in paths] == [False, True, True]
    assert [path.name for path in paths] == ["red-and-grey.png", "overlay.png", "x.png"]
    folder = downloads.folder
    assert all(path.is_relative_to(folder) for path in paths)
    del downloads
    gc.collect()
    assert not folder.exists()
