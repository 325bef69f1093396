"""The page as a whole: what it opens with, and what it keeps of its visitors beside explanations."""

from __future__ import annotations

import gc
import socket

import gradio as gr
import httpx

from zslviz.ui.downloads import Downloads
from zslviz.ui.page import SESSIONS, build_page
from zslviz.ui.service import Service
from zslviz.ui.tabs import TABS


def test_a_tab_is_there_for_every_task_with_a_model_and_the_first_opens_with_the_page(all_tasks: Service) -> None:
    page = build_page(all_tasks)
    shown = [(block.label, block.id) for block in page.blocks.blocks.values() if isinstance(block, gr.Tab)]
    assert shown == [(place.title, place.name) for place in TABS]
    scripts = [str(block.js_on_load) for block in page.blocks.blocks.values() if isinstance(block, gr.HTML)]
    asking = ["opensItself: true" in script for script in scripts if "'photo', element" in script]
    assert asking == [tab is not page.tabs[0] for tab in page.tabs]
    assert sum(event == "load" for fn in page.blocks.fns.values() for _, event in fn.targets) == 1


def test_what_the_page_opens_with_is_explained_before_the_first_visitor_comes(all_tasks: Service) -> None:
    page = build_page(all_tasks)
    page.warm_up()
    kept = len(all_tasks.store)
    answer = page.tabs[0].explain({"first": True})
    assert len(all_tasks.store) == kept and answer["handle"] in all_tasks.store


def test_sessions_of_many_visitors_are_forgotten(service: Service) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    page = build_page(service)
    page.launch(server_name="127.0.0.1", server_port=port, prevent_thread_lock=True, quiet=True)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:

        def models(visitor: int) -> object:
            asked = {"data": [], "session_hash": f"visitor {visitor}"}
            return client.post("/gradio_api/run/models", json=asked).raise_for_status().json()["data"]

        first = models(0)
        for visitor in range(1, SESSIONS + 20):
            assert models(visitor) == first
        assert 1 < len(page.blocks.state_holder.session_data) <= SESSIONS
        assert models(0) == first, "who comes back finds everything"
    page.blocks.close()


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
