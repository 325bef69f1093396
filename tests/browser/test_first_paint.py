"""What is painted first: nothing before all of the document is there, in the colours that were chosen."""

from __future__ import annotations

import gzip
import threading
import time
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.browser.conftest import Browser

HALF_SECONDS = 0.6  # after which the second half of the document follows
MIDDLE = b"<main "


class Slow(BaseHTTPRequestHandler):
    """Hands the page's document out in two halves, and nothing else. document: it."""

    document = b""

    def do_GET(self) -> None:
        if self.path.partition("?")[0] != "/":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.end_headers()
        first, middle, second = self.document.partition(MIDDLE)
        self.wfile.write(first + middle)
        self.wfile.flush()
        time.sleep(HALF_SECONDS)
        self.wfile.write(second)

    def log_message(self, *arguments: Any) -> None:
        pass


@pytest.fixture(scope="module")
def slow(address: str) -> Iterator[str]:
    with urllib.request.urlopen(address) as answer:
        document = answer.read()
    Slow.document = gzip.decompress(document) if document[:2] == b"\x1f\x8b" else document
    assert Slow.document.count(MIDDLE) == 1
    server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("query", ["", "?__theme=dark", "?view=api&__theme=dark#v1/explain/p=moose/"])
def test_the_first_paint_waits_for_the_whole_document(browser: Browser, slow: str, query: str) -> None:
    page = browser.new_page()
    page.goto(f"{slow}{query}", wait_until="domcontentloaded")
    page.wait_for_function("performance.getEntriesByType('paint').length")
    painted = page.evaluate("Math.min(...performance.getEntriesByType('paint').map(({ startTime }) => startTime))")
    assert painted >= 1000 * HALF_SECONDS
    assert page.evaluate("document.body.classList.contains('dark')") == ("dark" in query)
    page.close()


def test_colours_are_the_systems_until_others_are_chosen_which_stay(browser: Browser, slow: str) -> None:
    page = browser.new_page(color_scheme="dark", viewport={"width": 1440, "height": 900})
    is_dark = "document.body.classList.contains('dark')"
    page.goto(f"{slow}?__theme=dark#v1/explain/p=moose/", wait_until="domcontentloaded")
    button = page.locator(".zv-header-tools .zv-theme")
    told = []
    for dark in (True, True, False):
        assert page.evaluate(is_dark) is dark
        told.append(button.get_attribute("aria-label"))
        button.click()
        assert page.url == f"{slow}#v1/explain/p=moose/", "the address asks for none any more"
    assert told == ["Colours: dark", "Colours: as the system has them", "Colours: light"]
    button.click()
    button.click()
    page.reload(wait_until="domcontentloaded")
    assert button.get_attribute("aria-label") == "Colours: light" and not page.evaluate(is_dark)
    page.evaluate("document.body.classList.add('dark')")  # as gradio does when it comes
    page.wait_for_function(f"!{is_dark}")
    page.goto(f"{slow}?__theme=dark", wait_until="domcontentloaded")
    assert page.evaluate(is_dark), "what an address asks for holds for it"
    page.close()
