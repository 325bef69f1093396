"""Calls through gradio's queue: odd photos get a sentence, callers have turns, answers that nobody fetches are forgotten."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from gradio.data_classes import PredictBodyInternal

from tests.ui.conftest import running
from zslviz.ui.calls import KEPT_ANSWERS, MOST_CALLS, MOST_OF_ALL, FairQueue, caller_of
from zslviz.ui.page import Page, build_page
from zslviz.ui.service import Service

FILE = {"meta": {"_type": "gradio.FileData"}}
ODD_PHOTOS: dict[str, Any] = {
    "an address": {"path": "http://127.0.0.1:9/a.png", **FILE},
    "an address alone": {"url": "https://example.com/a.png", **FILE},
    "another file": {"path": "/etc/passwd", **FILE},
    "a folder": {"path": "/tmp", **FILE},
    "outside": {"path": "../../../etc/passwd", **FILE},
    "nothing there": {"path": "/tmp/gradio/none/a.png", **FILE},
    "no path": FILE,
    "an empty path": {"path": "", **FILE},
    "no text": {"path": 3, **FILE},
    "a list": [1, 2],
    "a text": "giraffe.jpg",
    "a number": 7,
    "an empty object": {},
    "data": {"path": "data:image/png;base64,AAAA", **FILE},
    "a file address": {"path": "file:///etc/passwd", **FILE},
    "an odd size": {"path": "/tmp/x.png", "size": "big", **FILE},
    "nested": {"path": {"path": "a"}, **FILE},
    "many": [{"path": "/tmp/x.png", **FILE}] * 3,
}


@pytest.fixture(scope="module")
def page(service: Service) -> Page:
    return build_page(service)


@pytest.fixture(scope="module")
def client(page: Page) -> Iterator[httpx.Client]:
    with running(page) as address, httpx.Client(base_url=address, timeout=60) as made:
        yield made


def explained(client: httpx.Client, data: list[Any], **more: Any) -> tuple[str, Any]:
    """How a call of /explain ends, and with what."""
    event = client.post("/gradio_api/call/explain", json={"data": data, **more}).json()["event_id"]
    text = client.get(f"/gradio_api/call/explain/{event}").text
    kind, _, rest = text.rpartition("event: ")[2].partition("\n")
    return kind, json.loads(rest.removeprefix("data: "))


def sent(client: httpx.Client, name: str, data: bytes) -> dict[str, Any]:
    return {"path": client.post("/gradio_api/upload", files={"files": (name, data)}).json()[0], **FILE}


def is_sentence(said: Any) -> bool:
    return isinstance(said, str) and said.endswith(".") and len(said) < 300 and "Traceback" not in said


@pytest.mark.parametrize("case", ODD_PHOTOS)
def test_whatever_is_given_as_a_photo_the_answer_is_a_sentence(
    client: httpx.Client, case: str, capfd: pytest.CaptureFixture[str]
) -> None:
    kind, answer = explained(client, [ODD_PHOTOS[case], "", 3])
    assert kind == "error" and is_sentence(answer["error"])
    direct = client.post("/gradio_api/run/explain", json={"data": [ODD_PHOTOS[case], "", 3]})
    assert is_sentence(direct.json()["error"])
    assert "Traceback" not in "".join(capfd.readouterr())


@pytest.mark.parametrize("data", [[], [None], [None, None], [None, ["a"], {}], [None, None, None, None, None]])
def test_calls_with_too_few_or_odd_arguments_are_told_so(client: httpx.Client, data: list[Any]) -> None:
    for endpoint in ("explain", "rank"):
        assert is_sentence(client.post(f"/gradio_api/run/{endpoint}", json={"data": data}).json()["error"])


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("empty.png", b"", "is empty"),
        ("a\0b.png", b"no picture", "not a picture"),
        ("x" * 400 + ".jpg", b"no", "not a"),
    ],
)
def test_files_that_are_no_photos_get_their_sentence(client: httpx.Client, name: str, data: bytes, words: str) -> None:
    kind, answer = explained(client, [sent(client, name, data), "", 3])
    assert kind == "error" and is_sentence(answer["error"]) and words in answer["error"]


def test_what_the_page_does_not_use_is_not_there(client: httpx.Client) -> None:
    for path in ("/monitoring", "/monitoring/summary", "/monitoring/x", "/gradio_api/run-history/records"):
        assert client.get(path).status_code == 404, path
    for path in ("/gradio_api/process_recording", "/gradio_api/vibe-edit", "/gradio_api/stream/x"):
        assert client.post(path, json={}).status_code == 404, path


# -- turns ---------------------------------------------------------------------------------------------------------------


def test_callers_have_turns_and_their_own_calls_keep_their_order(page: Page) -> None:
    queue = FairQueue(False, 40, 1, None, page.blocks)
    fn = next(fn for fn in page.blocks.fns.values() if fn.api_name == "explain")
    queue.create_event_queue_for_fn(fn)
    waiting = queue.event_queue_per_concurrency_id["network"].queue
    for number, session in enumerate("aaaaaabab"):
        request = SimpleNamespace(client=SimpleNamespace(host="10.0.0.1"))
        waiting.append(SimpleNamespace(session_hash=session, _id=str(number), fn=fn, request=request))  # type: ignore[arg-type]
    order = []
    while taken := queue.get_events():
        order.append(int(taken[0][0]._id))
    assert order[:4] == [0, 6, 1, 8] and sorted(order) == list(range(9))


def test_without_a_session_the_machine_is_the_caller() -> None:
    request = SimpleNamespace(client=SimpleNamespace(host="10.0.0.7"))
    assert (
        caller_of(None, request) == "10.0.0.7" and caller_of("mine", request) == "mine" and caller_of(None, None) == ""
    )


def test_a_caller_can_have_so_many_calls_waiting_and_answers_that_nobody_fetches_are_forgotten(
    client: httpx.Client, page: Page
) -> None:
    def call(number: int, session: str | None) -> int:
        body = {"data": [None, "", 3], "session_hash": session}
        return client.post("/gradio_api/call/explain", json=body).status_code

    queue = page.blocks._queue
    for first in range(0, KEPT_ANSWERS + 64, 32):  # as many as may wait at once
        with ThreadPoolExecutor(16) as pool:
            found = set(pool.map(lambda number: call(number, f"session {number}"), range(first, first + 32)))
        assert found == {200}
        until = time.monotonic() + 60
        while len(queue) and time.monotonic() < until:
            time.sleep(0.01)
    assert 1 < len(queue.pending_messages_per_session) <= KEPT_ANSWERS
    assert len(queue.event_analytics) <= 1
    kind, answer = explained(client, [None, "", 3])
    assert (kind, answer["error"]) == ("error", "Give a photo: a file for 'photo'."), "the queue still moves"


def test_more_calls_than_can_wait_are_refused_and_all_the_others_answered(page: Page) -> None:
    queue = FairQueue(False, 40, 1, None, page.blocks)
    fn = next(fn for fn in page.blocks.fns.values() if fn.api_name == "explain")

    loop = ThreadPoolExecutor(1)

    def push(session: str) -> tuple[bool, str, str]:
        body = PredictBodyInternal(session_hash=session, fn_index=fn._id, data=[None, "", 3])
        # a thread of its own: a browser of another test may have a loop running in this one
        return loop.submit(asyncio.run, queue.push(body, SimpleNamespace(client=None), None)).result()

    mine = [push("mine") for _ in range(MOST_CALLS + 1)]
    assert [done for done, _, _ in mine] == [True] * MOST_CALLS + [False] and "of your calls" in mine[-1][1]
    others = [push(f"other {number}") for number in range(MOST_OF_ALL - MOST_CALLS + 1)]
    assert [done for done, _, _ in others] == [True] * (MOST_OF_ALL - MOST_CALLS) + [False]
    assert others[-1][1:] == (f"{MOST_OF_ALL} calls are waiting already; try again in a minute.", "queue_full")
