"""A page whose server is another one than before, or is not there: it asks again by itself, or says so in a sentence."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from PIL import Image

from tests.browser.conftest import Browser, Page, open_page, settle
from tests.ui.conftest import running
from zslviz.ui.page import build_page
from zslviz.ui.service import Service

STATE = "zslviz.tabs.explain.state"


class Balancer(ThreadingHTTPServer):
    """Hands each request for work on to the next of some servers, and everything else to the first. asked: what went to which."""

    daemon_threads = True

    def __init__(self, servers: list[str]) -> None:
        super().__init__(("127.0.0.1", 0), _Handing)
        self.servers, self.asked, self.turn = servers, [0] * len(servers), 0
        self.lock = threading.Lock()
        self.missing = ""  # paths that are answered with 404

    def server_for(self, path: str) -> str:
        with self.lock:
            if not any(part in path for part in ("component_server", "upload", "file=", "/bundle/", "/model/")):
                return self.servers[0]
            self.turn = (self.turn + 1) % len(self.servers)
            self.asked[self.turn] += 1
            return self.servers[self.turn]


class _Handing(BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        assert isinstance(self.server, Balancer)
        if self.server.missing and self.server.missing in self.path:
            return self.send_error(404)
        body = self.rfile.read(int(self.headers.get("content-length") or 0)) or None
        passed = {
            k: v for k, v in self.headers.items() if k.lower() in ("content-type", "accept", "user-agent", "host")
        }
        asked = urllib.request.Request(self.server.server_for(self.path) + self.path, body, passed, method=self.command)
        try:
            answer = urllib.request.urlopen(asked, timeout=120)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            content = b"" if "heartbeat" in self.path else answer.read()
            self.send_response(answer.status)
            self.send_header("content-type", answer.headers.get("content-type", "text/plain"))
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        return None

    do_POST = do_GET  # noqa: N815


@pytest.fixture(scope="module")
def servers() -> list[Service]:
    made = [Service("cpu"), Service("cpu")]
    for service in made:
        service.baked = None  # every photo is asked for, examples as well
    return made


@pytest.fixture(scope="module")
def balancer(servers: list[Service]) -> Iterator[Balancer]:
    pages = [build_page(service) for service in servers]
    first = dict(pages[0].desk.questions)
    pages[1].desk.questions.update(
        zip(first, list(pages[1].desk.questions.values()), strict=True)
    )  # as in a process of its own
    with running(pages[0]) as one, running(pages[1]) as other:
        made = Balancer([one, other])
        threading.Thread(target=made.serve_forever, daemon=True).start()
        yield made
        made.shutdown()


@pytest.fixture
def page(browser: Browser, balancer: Balancer) -> Iterator[Page]:
    opened = open_page(browser, f"http://127.0.0.1:{balancer.server_port}/")
    yield opened
    opened.close()


def without_bundle(page: Page) -> None:
    """As until the bundle is there, or where a browser cannot read it: the server answers every edit."""
    page.evaluate("Object.defineProperty(zslviz.tabs.explain, 'here', { get: () => ({}), set() {} })")


def edit(page: Page, attribute: int, value: float) -> None:
    page.evaluate(f"zslviz.tabs.explain.edit('image', {attribute}, {value})")
    settle(page)


def test_edits_go_on_where_another_server_answers_and_where_all_have_forgotten_the_photo(
    page: Page, balancer: Balancer, servers: list[Service], tmp_path: Path
) -> None:
    without_bundle(page)
    picture = tmp_path / "mine.png"
    Image.effect_noise((90, 160), 60).convert("RGB").save(picture)
    page.set_input_files("#zv-explain .zv-file", picture)
    page.wait_for_function(f"{STATE}.x.title === 'mine.png'")
    settle(page)
    handle = page.evaluate(f"{STATE}.x.handle")
    assert any(handle in service.store for service in servers)
    for number in range(4):
        edit(page, number, 1.25)
    assert page.evaluate(f"Object.keys({STATE}.image).length") == 4 and page.evaluate(f"{STATE}.x.handle") == handle
    assert min(balancer.asked) > 1 and page.locator("#zv-toast:visible").count() == 0
    for service in servers:
        service.store._remove((handle, None))
    edit(page, 5, 0.5)
    assert page.evaluate(f"Object.keys({STATE}.image).length") == 5
    assert page.evaluate(f"{STATE}.ranking.edited") is True
    assert any(handle in service.store for service in servers), "it is explained again under its handle"
    assert page.locator("#zv-toast:visible").count() == 0
    with page.expect_download() as download:
        page.evaluate(
            "zslviz.tabs.explain.download('overlay', {attribute: 1, kind: 'evidence', which: 0, opacity: 0.5})"
        )
    assert Image.open(download.value.path()).size == (90, 160)


def test_a_photo_that_was_edited_here_is_explained_again_where_a_picture_of_it_is_asked_for(
    page: Page, servers: list[Service]
) -> None:
    edit(page, 3, 1.25)
    handle, ranking = page.evaluate(f"[{STATE}.x.handle, JSON.stringify({STATE}.ranking)]")
    for service in servers:
        service.store._remove((handle, None))
    with page.expect_download() as download:
        page.evaluate("void zslviz.tabs.explain.download('overlay', { attribute: 2, kind: 'evidence', opacity: 0.5 })")
    with Image.open(download.value.path()) as picture:
        assert picture.size == tuple(page.evaluate(f"[{STATE}.x.width, {STATE}.x.height]"))
    assert any(handle in service.store for service in servers)
    assert page.evaluate(f"[{STATE}.x.handle, JSON.stringify({STATE}.ranking), {STATE}.image]") == [
        handle,
        ranking,
        {"3": 1.25},
    ]
    assert page.locator("#zv-toast:visible, #zv-away:visible").count() == 0


def test_a_bundle_is_found_where_only_another_server_has_it_and_where_all_have_forgotten_the_photo(
    page: Page, servers: list[Service]
) -> None:
    living = "Object.keys(zslviz.tabs.explain.here)"
    handle = page.evaluate(f"{STATE}.x.handle")
    explanation = next(service.store.get(handle, object) for service in servers if handle in service.store)
    for forgetting in (servers[:1], servers[1:], servers):
        for service in servers:
            service.store.put(explanation, "", handle)
        for service in forgetting:
            service.store._remove((handle, None))
        assert page.evaluate(f"(zslviz.tabs.explain.explained({{...{STATE}.x}}), {living})") == []
        page.wait_for_function(f"{living}.includes('rank')")
        settle(page)
        assert {"rank", "said", "tipping", "take"} <= set(page.evaluate(living))


def test_a_handle_that_no_server_can_make_again_is_told_in_a_sentence(page: Page, servers: list[Service]) -> None:
    without_bundle(page)
    page.evaluate("zslviz.tabs.explain.renew = async () => false")
    handle = page.evaluate(f"{STATE}.x.handle")
    for service in servers:
        service.store._remove((handle, None))
    page.evaluate("zslviz.tabs.explain.edit('image', 1, 1.25)")
    page.wait_for_selector("#zv-toast:visible")
    assert "choose the photo again" in page.inner_text("#zv-toast")


def test_a_second_click_while_a_photo_is_explained_is_answered_with_the_second_photo(page: Page) -> None:
    files = page.evaluate("zslviz.tabs.explain.examples.slice(3, 6).map((one) => one.file)")
    for file in files:
        page.click(f'#zv-explain .zv-examples button[data-file="{file}"]')
    page.click(f'#zv-explain .zv-examples button[data-file="{files[-1]}"]')
    page.wait_for_function(f"{STATE}.x.example === '{files[-1]}'", timeout=30_000)
    said = "document.querySelector('#zv-explain .zv-status').innerText"
    page.wait_for_function(f"{said}.startsWith('Explained in')", timeout=30_000)  # the last click was made twice
    assert page.evaluate(f"{STATE}.x.example") == files[-1]


def test_who_waits_is_told_how_many_photos_come_first(page: Page, servers: list[Service]) -> None:
    go = threading.Event()
    try:
        for service in servers:
            for visitor in ("one", "two", "three"):
                service.turns.take(visitor, lambda: go.wait(30))
        file = page.evaluate("zslviz.tabs.explain.examples[7].file")
        page.click(f'#zv-explain .zv-examples button[data-file="{file}"]')
        page.wait_for_function(
            "document.querySelector('#zv-explain .zv-status').textContent === 'Waiting: 3 photos come first …'"
        )
    finally:
        go.set()
    page.wait_for_function(f"{STATE}.x.example === '{file}'", timeout=30_000)


@pytest.mark.parametrize("place", ["page", "away"])
def test_a_page_whose_first_question_fails_says_so(browser: Browser, balancer: Balancer, place: str) -> None:
    page = browser.new_page()
    if place == "page":  # as behind a proxy under a path that the server does not know of
        balancer.missing = "component_server"
    else:
        page.route("**/component_server/**", lambda route: route.abort())
    try:
        page.goto(f"http://127.0.0.1:{balancer.server_port}/")
        page.wait_for_selector('#zv-explain .zv-status[data-kind="error"]', timeout=30_000)
        assert "GRADIO_ROOT_PATH" in page.inner_text("#zv-explain .zv-status")
        assert page.inner_text("#zv-explain .zv-title") == "No photo yet"
    finally:
        balancer.missing = ""
        page.close()
