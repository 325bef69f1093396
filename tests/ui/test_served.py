"""What the page fetches by its address: bundles, models' parts, modules; compressed, and kept by browsers for good."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import httpx
import pytest

from tests.conftest import ROOT
from tests.ui.conftest import running
from zslviz.catalogue import part
from zslviz.tasks.base.bundle import About
from zslviz.ui.page import Page, build_page
from zslviz.ui.served import modules_version
from zslviz.ui.service import Service


@pytest.fixture(scope="module")
def page(all_tasks: Service) -> Page:
    return build_page(all_tasks)


@pytest.fixture(scope="module")
def browser(page: Page) -> Iterator[httpx.Client]:
    with running(page) as address, httpx.Client(base_url=address, timeout=60) as made:
        yield made


def test_a_bundle_and_its_model_are_fetched_and_are_what_the_server_ranks(
    page: Page, browser: httpx.Client, all_tasks: Service
) -> None:
    for tab in page.tabs:
        told = tab.explain({"first": True})
        photo, model = (browser.get(path) for path in (f"/bundle/{told['handle']}", f"/model/{told['bundle']}"))
        bundles = part(tab.place.task, "bundle")
        read = bundles.read_explanation_bundle(photo.content, model.content)
        explanation = tab.kept(told["handle"])
        assert list(read.rank().order) == list(explanation.rank().order) and read.model.told.model == told["model"]
        assert read.model.told.title == told["model_title"]
        assert model.content == bundles.model_bundle(explanation, About.of(all_tasks.checkpoint(told["model"])))
    for answer, whose in ((photo, "private"), (model, "public")):
        assert answer.headers["cache-control"] == f"{whose}, max-age=31536000, immutable"
        assert answer.headers["content-encoding"] == "gzip" and "Accept-Encoding" in answer.headers["vary"]
        plain = browser.get(answer.url, headers={"accept-encoding": "identity"})
        assert "content-encoding" not in plain.headers and plain.content == answer.content
        assert len(plain.content) == int(plain.headers["content-length"])


def test_a_bundle_is_made_once_and_counts_for_the_memory_of_its_photo(page: Page, all_tasks: Service) -> None:
    handle = page.tabs[0].explain({"first": True})["handle"]
    serve = page.desk.served["bundle"]
    first = serve(handle)
    size = all_tasks.store.size
    assert first is not None and serve(handle) == first and all_tasks.store.size == size
    all_tasks.store._remove((handle, None))
    assert all_tasks.store.size <= size - len(first.zipped)


def test_what_is_not_there_is_said_in_a_sentence_with_404(page: Page, browser: httpx.Client) -> None:
    version = modules_version()
    modules = [f"/twin/{version}/nothing.js", f"/twin/{version}/..%2fserved.py", "/twin/0/answers.js", "/twin/"]
    for path in ("/bundle/", "/bundle/nobody", "/model/0", "/model/", *modules):
        answer = browser.get(path)
        assert answer.status_code == 404 and answer.json()["error"].endswith("."), path


def test_modules_are_fetched_under_an_address_that_changes_with_them(browser: httpx.Client) -> None:
    for path in (ROOT / "zslviz" / "ui" / "twin").glob("*.js"):
        answer = browser.get(f"/twin/{modules_version()}/{path.name}")
        assert answer.content == path.read_bytes()
        assert answer.headers["content-type"].startswith("text/javascript")
    assert f"twin/{modules_version()}/" in browser.get("/").text


def test_the_page_and_long_answers_are_compressed_and_whoever_asks_is_told_that_the_server_is_there(
    page: Page, browser: httpx.Client
) -> None:
    with browser.stream("GET", "/") as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip" and 3 * len(raw) < len(gzip.decompress(raw))
    component = next(number for number, name in page.desk.questions if name == "explain")
    asked = {"component_id": component, "fn_name": "explain", "session_hash": "one", "data": {"first": True}}
    explained = browser.post("/gradio_api/component_server/", json=asked)
    assert explained.headers["content-encoding"] == "gzip" and explained.json()["handle"]
    here = browser.get("/here")
    assert (here.status_code, here.content, here.headers["cache-control"]) == (204, b"", "no-store")
