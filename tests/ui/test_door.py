"""What comes over HTTP: refused in one sentence where it is too much or no question, and never with a traceback in the log."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ui.conftest import running
from zslviz.ui.checking import (
    MAX_BRACKETS,
    MAX_DEPTH,
    MAX_JSON_BYTES,
    MAX_TEXT,
    RequestError,
    read_object,
)
from zslviz.ui.page import Page, build_page
from zslviz.ui.panel import _UNEXPECTED
from zslviz.ui.service import Service

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
NAMES = (
    "attribute", "kind", "label", "labels", "area", "x", "y", "row", "column", "class", "why", "true_class", "image_edits",
    "class_edits", "gamma", "unseen_only", "added", "threshold", "first", "name", "states", "objects", "open_world", "bias",
    "before", "pair", "other", "drawn", "with_space", "what", "which", "opacity", "image", "model", "example", "upload", "file",
    "strength", "keep", "again", "tab",
)  # fmt: skip
likely = st.sampled_from(
    ["evidence", "label 1", "state 0", "half", "csv", "json", "overlay", 0, 1, -1, "0", [0], ["label 1"]]
)
likely |= st.sampled_from(
    [["state 0", "object 0"], {"0": 1}, {"0": {"0": 1}}, {"0": None}, "\0", "../x", 10**30, [[]], {}]
)
payloads = st.dictionaries(st.sampled_from(NAMES), likely | values, max_size=5)


PATHS = (
    "queue/join", "call/explain", "run/explain", "run/rank", "run/nothing", "component_server", "cancel", "reset", "call/v2/rank",
)  # fmt: skip


@pytest.fixture(scope="module")
def page(all_tasks: Service) -> Page:
    return build_page(all_tasks)


@pytest.fixture(scope="module")
def open_client(page: Page) -> Iterator[httpx.Client]:
    with running(page) as address, httpx.Client(base_url=address, timeout=60) as made:
        yield made


def post(client: httpx.Client, path: str, body: bytes) -> httpx.Response:
    return client.post(f"/gradio_api/{path}", content=body, headers={"content-type": "application/json"})


def sentence(answer: httpx.Response) -> str:
    said = answer.json()["error"]
    assert isinstance(said, str) and said.endswith(".") and "Traceback" not in said and len(said) < 300
    return said


# -- questions of the panels ---------------------------------------------------------------------------------------------


@given(payload=payloads | values, handle=st.booleans(), number=st.integers(0, 100))
@settings(max_examples=500, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_whatever_a_question_holds_it_is_answered_or_refused_with_a_sentence(
    payload: Any, handle: bool, number: int, page: Page, caplog: pytest.LogCaptureFixture
) -> None:
    questions = [question for question in page.desk.questions.values() if not question.place]
    tab = page.tabs[number % len(page.tabs)]
    if handle and isinstance(payload, dict):
        payload = payload | {"handle": tab.explain({"first": True})["handle"]}
    for question in (questions[number % len(questions)], *(q for q in page.desk.questions.values() if q.place)):
        with caplog.at_level(logging.WARNING):
            answer = question.answer(payload)
        json.dumps(answer, allow_nan=False)
        assert answer.get("error") != _UNEXPECTED, caplog.text
        assert "Traceback" not in caplog.text


@pytest.mark.parametrize("data", [None, [], "x", 3, [{}], True])
def test_a_question_that_is_no_object_is_told_so(open_client: httpx.Client, page: Page, data: Any) -> None:
    (component, name), _ = next(iter(page.desk.questions.items()))
    asked = {"data": data, "component_id": component, "session_hash": "a", "fn_name": name}
    answer = open_client.post("/gradio_api/component_server/", json=asked)
    assert answer.status_code == 200 and "must be a JSON object" in sentence(answer)


# -- bodies --------------------------------------------------------------------------------------------------------------

BODIES: dict[str, tuple[bytes, str]] = {
    "too large": (b"[" + b"[]," * (MAX_JSON_BYTES // 3) + b"[]]", "larger than 2 MB"),
    "many lists": (b'{"data": [' + b"[]," * MAX_BRACKETS + b"1]}", "more than 10000 lists"),
    "deep": (b'{"data":' + b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1) + b"}", "nested"),
    "very deep": (b"[" * 9000, "nested"),
    "a long text": (b'{"data": ["' + b"x" * (MAX_TEXT + 1) + b'"]}', "longer than 4096"),
    "half a character": (rb'{"data": ["\ud800"]}', "no JSON"),
    "not UTF-8": (b'{"data": ["\xff"]}', "no JSON"),
    "NUL": (rb'{"data": ["a\u0000b"]}', "NUL"),
    "no object": (b"[1]", "JSON object"),
    "nothing": (b"", "no JSON"),
    "not a number": (b'{"data": [NaN]}', "no JSON"),
}


@pytest.mark.parametrize("case", BODIES)
@pytest.mark.parametrize(
    "path", ["run/rank", "queue/join", "call/explain", "component_server", "run/explain", "cancel"]
)
def test_bodies_that_nobody_sends_are_refused_before_they_are_read(
    open_client: httpx.Client, path: str, case: str
) -> None:
    body, words = BODIES[case]
    answer = post(open_client, path, body)
    assert words in sentence(answer)
    assert answer.status_code in ((200,) if path == "component_server" else (400, 413))


def test_brackets_and_escapes_in_texts_are_texts() -> None:
    text = "[{" * 400 + '\\"' * 100 + "\\u0000"
    assert read_object(json.dumps({"data": [text, "é\U0001f600"]}).encode()) == {"data": [text, "é\U0001f600"]}


@given(values)
def test_what_is_read_is_what_was_written(value: Any) -> None:
    written = json.dumps({"data": value}).encode()
    try:
        assert read_object(written) == json.loads(written)
    except RequestError:
        text = written.decode()
        assert any(odd in text for odd in ("NaN", "Infinity", "\\u0000", "\\ud")) or written.count(b"[") > MAX_DEPTH


odd = st.fixed_dictionaries({}, optional={
    "data": values, "session_hash": values, "fn_index": values, "event_id": values, "component_id": values,
    "fn_name": values, "trigger_id": values, "event_data": values, "simple_format": values,
})  # fmt: skip


@given(body=odd, path=st.sampled_from(PATHS))
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_odd_calls_are_answered_without_a_traceback(
    body: dict[str, Any],
    path: str,
    open_client: httpx.Client,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    answer = post(open_client, path, json.dumps(body).encode())
    told = answer.json()
    assert answer.status_code < 500 or isinstance(told.get("error"), str), told
    assert "Traceback" not in caplog.text + "".join(capfd.readouterr())


# -- where it is reached -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "/tools/zsl"])
def test_behind_a_proxy_questions_are_answered_whether_or_not_it_takes_the_path_off(
    all_tasks: Service, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setenv("GRADIO_ROOT_PATH", "/tools/zsl")
    made = build_page(all_tasks)
    component = next(number for number, name in made.desk.questions if name == "waiting")
    asked = {"data": {}, "component_id": component, "fn_name": "waiting", "session_hash": "a"}
    with running(made) as address:
        assert httpx.get(f"{address}{path}/config").json()["root"] == f"{address}/tools/zsl"
        assert httpx.post(f"{address}{path}/gradio_api/component_server/", json=asked).json() == {"before": None}
        assert httpx.get(f"{address}{path}/monitoring/summary").status_code == 404
