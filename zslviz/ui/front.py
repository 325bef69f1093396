"""The server, there a moment after the program has begun: it answers what needs no network, and has the rest wait for the page.

Gradio and torch take seconds to be brought in. Until then the socket listens already, the page's own document and its bundles are
served, and whoever asks for more waits at the door. When the page is built it is taken in behind it: the same socket, the same
connections, so no request is lost.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any

import uvicorn
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from zslviz.ui.door import Desk, Door
from zslviz.ui.ground import ZIPPED

CLOSING_SECONDS = 5  # for connections that stay open when all is answered
# Seconds to wait for a first visitor, without anything more asked by one, and that a first page may take at all.
NOBODY, CALM, LONGEST = 0.25, 1.0, 3.0
Begin = Callable[[], Coroutine[Any, Any, None]]


class Front:
    """listening: a bound socket. desk: what is answered at the door; `ready` once the page is there."""

    def __init__(self, listening: socket.socket, desk: Desk) -> None:
        self._socket, self._desk = listening, desk
        self._page: ASGIApp | None = None
        door = GZipMiddleware(Door(self._behind, desk), **ZIPPED)
        config = uvicorn.Config(
            door, log_level="warning", lifespan="off", timeout_graceful_shutdown=CLOSING_SECONDS, access_log=False
        )
        self._server = uvicorn.Server(config)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._left: asyncio.Event | None = None
        self._living: Future[None] | None = None
        self._running = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="server", daemon=True)

    def start(self) -> None:
        """Listens from now on."""
        self._socket.listen(socket.SOMAXCONN)
        self._thread.start()
        self._running.wait()

    def let_first_page_pass(self) -> None:
        """Ends once a visitor who has come already has what is seen first, which what is brought in next would keep waiting.

        The page asks for what is behind the door when that is painted. Where nobody comes it ends at once.
        """
        desk, begun = self._desk, time.monotonic()
        while (now := time.monotonic()) - begun < LONGEST and not desk.awaited:
            since, calm = (now - desk.latest, CALM) if desk.latest else (now - begun, NOBODY)
            if since > calm and not desk.open:
                return
            time.sleep(0.01)

    def take_in(self, page: ASGIApp, begin: Begin) -> None:
        """Has the page behind the door from now on. begin: what is to be done first where it runs. Raises what that raises."""
        assert self._loop is not None
        there: Future[None] = Future()
        self._page = page
        self._living = asyncio.run_coroutine_threadsafe(self._live(page, begin, there), self._loop)
        there.result()

    def close(self) -> None:
        """Ends the server."""
        if self._loop is not None and self._left is not None:
            self._loop.call_soon_threadsafe(self._left.set)
        if self._living is not None:
            self._living.result(CLOSING_SECONDS)
        self._server.should_exit = True
        self._thread.join(2 * CLOSING_SECONDS)

    async def _serve(self) -> None:
        self._loop, self._left = asyncio.get_running_loop(), asyncio.Event()
        self._running.set()
        await self._server.serve(sockets=[self._socket])

    async def _live(self, page: Any, begin: Begin, there: Future[None]) -> None:
        assert self._left is not None
        try:
            async with page.router.lifespan_context(page):
                await begin()
                there.set_result(None)
                await self._left.wait()
        except BaseException as error:
            if there.done():
                raise
            there.set_exception(error)

    async def _behind(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._page is not None:  # nobody comes through the door before
            await self._page(scope, receive, send)
