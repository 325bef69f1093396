"""The page's door: every request is checked here; questions of the page and calls that run no network are answered here.

Gradio builds the page and serves its files, its uploads, and the endpoints that explain a photo. What a visitor asks while looking
at one (a map, a place) needs nothing of gradio's but the address: answered here it takes a fraction of the time, and nothing of a
visitor is kept. What the page fetches once and keeps (bundles, modules) is served here as well. What nothing on this page uses
(recordings, monitoring, proxies) is not there.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import anyio
import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from zslviz.errors import ZslvizError
from zslviz.ui.checking import MAX_JSON_BYTES, MAX_UPLOAD_BYTES, RequestError, read_object, too_large
from zslviz.ui.served import Served
from zslviz.ui.turns import Turns

Json = dict[str, Any]
API = "/gradio_api/"
GRADIO = b"gradio"  # asks for gradio's own document instead of the page's
HERE = "/here"  # answered with nothing: whether the server can be reached
AT_ONCE = 4  # questions answered at once; more would only wait for one another
_NOT_HERE = (
    "monitoring", "process_recording", "vibe", "undo-vibe", "proxy=", "stream/", "run-history", "runs", "deep_link", "dev/",
    "login", "logout", "token", "profiling",
)  # fmt: skip
_log = logging.getLogger(__name__)
_UNREADABLE = "This request asks for something that the page does not have, or in a way that it does not understand."


@dataclass(frozen=True)
class Question:
    """What a panel may ask. place: the tab in whose queue of photos it waits, "" if it needs no network. large: makes a file."""

    answer: Callable[[Json], Json]
    place: str = ""
    large: bool = False


class Desk:
    """What is answered at the door: panels' questions by component and name, endpoints by name, photos when it is their turn, and
    what is fetched by its address: by the first part of it, from the rest of it."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.questions: dict[tuple[int, str], Question] = {}
        self.endpoints: dict[str, Callable[[list[Any]], Any]] = {}
        self.served: dict[str, Callable[[str], Served | None]] = {}
        self._ready = False
        self._waiting: list[Callable[[], object]] = []  # told when it is
        self._knocking = threading.Lock()
        self.open = 0  # requests that are not answered yet
        self.latest = 0.0  # when one came or was answered, in seconds of the clock that only rises; 0 before the first
        self._few, self._one = anyio.CapacityLimiter(AT_ONCE), anyio.CapacityLimiter(1)

    @property
    def ready(self) -> bool:
        """Whether what is behind the door is there; until then whoever needs it waits (`opened`)."""
        return self._ready

    @ready.setter
    def ready(self, ready: bool) -> None:
        with self._knocking:
            self._ready = ready
            waiting, self._waiting = (self._waiting, []) if ready else ([], self._waiting)
        for tell in waiting:
            with suppress(RuntimeError):  # who waited has gone, with what ran it
                tell()

    @property
    def awaited(self) -> bool:
        """Whether somebody waits for what is behind the door."""
        return bool(self._waiting)

    async def opened(self) -> None:
        """Ends once what is behind the door is there."""
        loop, there = asyncio.get_running_loop(), asyncio.Event()
        with self._knocking:
            if self._ready:
                return
            self._waiting.append(lambda: loop.call_soon_threadsafe(there.set))
        await there.wait()

    @contextmanager
    def counted(self) -> Iterator[None]:
        self.open += 1
        self.latest = time.monotonic()
        try:
            yield
        finally:
            self.open -= 1
            self.latest = time.monotonic()

    async def ask(self, body: Mapping[str, Any], gone: Callable[[], Coroutine[Any, Any, None]]) -> Json:
        """The answer to a panel's question. gone: ends when the visitor has gone. Raises RequestError."""
        component, name, visitor = (body.get(key) for key in ("component_id", "fn_name", "session_hash"))
        if not isinstance(component, int) or not isinstance(name, str) or not isinstance(visitor, str):
            raise RequestError("A question of the page names its component, its session and what it asks.")
        question = self.questions.get((component, name))
        if question is None:
            raise RequestError(
                f"The page has no question '{name[:60]}'; load it again if the server has been started anew.", 404
            )
        payload: Any = body.get("data")
        if isinstance(payload, dict):  # else the question says so
            payload = payload | {"visitor": visitor}
        if not question.place:
            limit = self._one if question.large else self._few
            return await anyio.to_thread.run_sync(question.answer, payload, limiter=limit)
        try:
            turn = self.turns.take(visitor, lambda: question.answer(payload), question.place)
        except ZslvizError as error:
            return {"error": str(error)}
        answer: asyncio.Future[Any] = asyncio.wrap_future(turn)
        leaving: asyncio.Future[Any] = asyncio.ensure_future(gone())
        try:
            await asyncio.wait({answer, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
        if not answer.done():
            turn.cancel()  # nobody is there to look at it; what runs already ends by itself
        return {"error": "Another photo was chosen meanwhile."} if turn.cancelled() else await answer

    async def fetch(self, kind: str, name: str) -> Served:
        """What lies at an address. Raises RequestError if nothing does."""
        try:
            found = await anyio.to_thread.run_sync(self.served[kind], name, limiter=self._few)
        except ZslvizError as error:
            raise RequestError(str(error), 404) from None
        if found is None:
            raise RequestError("There is nothing at this address.", 404)
        return found

    async def call(self, name: str, body: Mapping[str, Any]) -> tuple[int, Json]:
        """Status and answer of a named endpoint that runs no network, as gradio would give them. Raises RequestError."""
        given = body.get("data", [])
        if not isinstance(given, list):
            raise RequestError("'data' must be a list: the endpoint's arguments in their order.")
        started = time.perf_counter()
        try:
            answer = await anyio.to_thread.run_sync(self.endpoints[name], given, limiter=self._few)
        except ZslvizError as error:
            return 500, {"error": str(error), "duration": 10, "visible": True, "title": "Error"}
        seconds = time.perf_counter() - started
        told: Json = {"duration": seconds, "average_duration": seconds, "render_config": None, "changed_state_ids": []}
        return 200, {"data": [answer], "is_generating": False, **told}


class Door:
    """The ASGI middleware: hands on to gradio what the desk does not answer, checked."""

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self.app = app
        self.desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        path = _path(scope)
        if self._fetched(path, scope) is None and not (scope["method"] == "GET" and path == HERE):
            await self.desk.opened()
        if path.startswith(f"{API}heartbeat/"):  # stays open as long as the page does
            return await self.app(scope, receive, send)
        with self.desk.counted():
            try:
                await self._answer(path, scope, receive, send)
            except RequestError as error:
                if _asked(path) == "component_server":  # gradio's script hands on no other status to the panels
                    return await _respond(send, 200, {"error": str(error)})
                await _respond(send, error.status, {"error": str(error), "detail": str(error)})

    def _fetched(self, path: str, scope: Scope) -> tuple[str, str] | None:
        """What lies at an address: by the first part of it, and the rest of it; None if it is gradio's or a question."""
        kind, _, rest = path.strip("/").partition("/")
        own = kind in self.desk.served and not (kind == "" and GRADIO in scope["query_string"].split(b"&"))
        return (kind, rest) if own and scope["method"] in ("GET", "HEAD") else None

    async def _answer(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        asked = _asked(path)
        if asked.startswith(_NOT_HERE):
            raise RequestError("There is nothing at this address.", 404)
        if scope["method"] == "GET" and path == HERE:
            await _send(send, 204, [(b"cache-control", b"no-store")])
        elif at := self._fetched(path, scope):
            found, zipped = await self.desk.fetch(*at), _takes_gzip(scope)
            await _send(send, 200, found.headers(zipped), found.body(zipped))
        elif scope["method"] != "POST":
            await self._hand_on(scope, receive, send)
        elif asked == "upload":
            await self._hand_on(scope, _at_most(receive, MAX_UPLOAD_BYTES), send)
        else:
            raw = await _whole(receive)
            body = read_object(raw)
            kind, _, name = asked.partition("/")
            if asked == "component_server":
                await _respond(send, 200, await self.desk.ask(body, lambda: _gone(receive)))
            elif kind in ("run", "api") and name in self.desk.endpoints:
                await _respond(send, *await self.desk.call(name, body))
            else:
                _check_call(body)
                await self._hand_on(scope, _again(raw, receive), send)

    async def _hand_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What gradio answers; a sentence where a request makes it stumble before any answer. Raises RequestError."""
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, sending)
        except RequestError:
            raise
        except Exception as error:  # of gradio's reading; what its functions raise, it answers
            if begun:
                raise
            _log.warning("%s %s: %s", scope["method"], _path(scope), " ".join(repr(error).split())[:200])
            raise RequestError(_UNREADABLE) from None


def _path(scope: Scope) -> str:
    """The path of a request below the page's own address."""
    path, root = str(scope["path"]), str(scope.get("root_path") or "").rstrip("/")
    return path.removeprefix(root) if path.startswith(f"{root}/") else path


def _asked(path: str) -> str:
    """What of gradio's interface a path is of."""
    return path.removeprefix(API).strip("/")


def _check_call(body: Mapping[str, Any]) -> None:
    """Raises RequestError where what gradio reads of a call has not the type that it takes for granted."""
    for key, kind, word in (
        ("data", list, "a list"), ("session_hash", str, "a text"), ("event_id", str, "a text"), ("fn_index", int, "a number"),
    ):  # fmt: skip
        if body.get(key) is not None and not isinstance(body[key], kind):
            raise RequestError(f"'{key}' must be {word}.")


async def _whole(receive: Receive) -> bytes:
    """The body of a request. Raises RequestError if it is too large."""
    parts, length, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise RequestError("The request broke off.")
        parts.append(message.get("body", b""))
        length += len(parts[-1])
        if length > MAX_JSON_BYTES:
            raise too_large(MAX_JSON_BYTES)
        more = message.get("more_body", False)
    return b"".join(parts)


async def _gone(receive: Receive) -> None:
    """Ends when whoever asked has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _again(body: bytes, receive: Receive) -> Receive:
    """The same request with its body in one piece."""
    given = False

    async def receiving() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receiving


def _at_most(receive: Receive, limit: int) -> Receive:
    """The same request, refused where it grows too large."""
    length = 0

    async def receiving() -> Message:
        nonlocal length
        message = await receive()
        length += len(message.get("body", b""))
        if length > limit:
            raise too_large(limit)
        return message

    return receiving


async def _respond(send: Send, status: int, answer: Json) -> None:
    body = orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS)
    await _send(send, status, [(b"content-type", b"application/json")], body)


async def _send(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes = b"") -> None:
    length = [] if status == 204 else [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *length]})
    await send({"type": "http.response.body", "body": body})


def _takes_gzip(scope: Scope) -> bool:
    return any(name == b"accept-encoding" and b"gzip" in value for name, value in scope["headers"])
