"""The page behind a reverse proxy that serves it under a path of its own: everything is asked for below that path, and answered."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import Browser, open_page, settle
from tests.conftest import ROOT, made_photo
from zslviz.ui.serving import free_at

UNDER = "/tools/zsl"
PASSED_ON = 16384  # bytes at a time
OF_A_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}


class Proxy(BaseHTTPRequestHandler):
    """Takes the path off and hands on the rest, piece by piece.

    behind: the port that it hands on to. refused: what else was asked for.
    """

    behind = 0
    refused: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        if not self.path.startswith(f"{UNDER}/"):
            self.refused.append(self.path)
            return self.send_error(404)
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        server = http.client.HTTPConnection("127.0.0.1", self.behind, timeout=120)
        server.request(self.command, self.path.removeprefix(UNDER), body or None, dict(self.headers))
        answer = server.getresponse()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in OF_A_CONNECTION:
                self.send_header(name, value)
        self.send_header("connection", "close")
        self.end_headers()
        try:
            while piece := answer.read1(PASSED_ON):
                self.wfile.write(piece)
                self.wfile.flush()
        except OSError:  # the browser has gone
            pass
        finally:
            server.close()

    do_POST = do_HEAD = do_GET  # noqa: N815  (the names that the server calls)

    def log_message(self, *arguments: Any) -> None:
        pass


@pytest.fixture(scope="module")
def under_a_path() -> Iterator[str]:
    """The address of the page behind the proxy."""
    port = free_at("127.0.0.1", 0)
    environment = {**os.environ, "GRADIO_SERVER_NAME": "127.0.0.1", "GRADIO_SERVER_PORT": str(port)}
    environment = {key: value for key, value in environment.items() if key not in ("HOST", "PORT")}
    told = subprocess.Popen(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env={**environment, "GRADIO_ROOT_PATH": UNDER},
        stdout=subprocess.PIPE,
        text=True,
    )
    proxy = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    try:
        assert told.stdout is not None and told.stdout.readline() == f"The page is at http://127.0.0.1:{port}/\n"
        Proxy.behind = port
        yield f"http://127.0.0.1:{proxy.server_port}{UNDER}/"
    finally:
        proxy.shutdown()
        told.kill()
        told.wait(20)


def test_all_of_the_page_is_there_under_a_path(browser: Browser, under_a_path: str, tmp_path: Path) -> None:
    page = open_page(browser, under_a_path)  # from its bundle, and then all in gradio
    assert page.evaluate("zslviz.tabs.explain.state.x.example") == "giraffe.jpg"
    assert page.evaluate("Object.keys(zslviz.tabs.explain.here).includes('rank')"), (
        "the modules and the bundle are there"
    )
    assert page.request.get(f"{under_a_path}about").ok
    made_photo().save(photo := tmp_path / "mine.png")
    page.set_input_files("#zv-explain .zv-file", photo)
    page.wait_for_function("zslviz.tabs.explain.state.x.title === 'mine.png'", timeout=60_000)
    page.evaluate("zslviz.tabs.explain.edit('image', 3, 0.5)")
    settle(page)
    with page.expect_download(timeout=30_000) as file:
        page.click(".zv-header-tools .zv-one-file")
    assert file.value.suggested_filename == "mine.html"
    link = page.evaluate("zslviz.link.address().url")
    assert link.startswith(f"{under_a_path}#v1/explain/m=mgmrn-awa2&own=1")
    page.goto("about:blank")
    page.goto(f"{under_a_path}#v1/multilabel/p=rio&w=lighthouse&l=lighthouse/")
    page.wait_for_function("window.zslviz?.tabs.multilabel?.state.label === 'lighthouse'", timeout=60_000)
    settle(page, "multilabel")
    own = f"{urlsplit(under_a_path).netloc}{UNDER}/"
    assert all(own in url for url in page.requested if url.startswith("http"))
    assert (page.errors, Proxy.refused) == ([], [])
    page.close()
