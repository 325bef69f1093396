"""What comes over HTTP, checked before anything reads it: its size, its nesting, its texts. One sentence where it is refused.

Python's own reader of JSON takes seconds for megabytes of brackets and lets through halves of characters that nothing can write
down again; here the limits come first, and a reader in Rust that refuses both.
"""

from __future__ import annotations

import re
from typing import Any

import orjson

from zslviz.errors import ZslvizError
from zslviz.photos.loading import MAX_FILE_BYTES

MAX_JSON_BYTES = 2 * 2**20  # every value of 200 classes with 312 attributes takes about one
MAX_UPLOAD_BYTES = MAX_FILE_BYTES + 2**16  # the file, and the form around it
MAX_TEXT = 4096  # characters of one text
MAX_DEPTH = 24
MAX_BRACKETS = 10_000
_LONG_TEXT = re.compile(rb'"(?:[^"\\]|\\.){%d}' % MAX_TEXT, re.DOTALL)
_TEXTS = re.compile(rb'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_CLOSING = {ord("]"), ord("}")}


class RequestError(ZslvizError):
    """A request that no question of the page and no call of its endpoints makes. status: of the HTTP answer."""

    def __init__(self, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.status = status


def too_large(limit: int) -> RequestError:
    return RequestError(f"This request is larger than {limit / 2**20:.0f} MB, which is the most that is taken.", 413)


def read_object(body: bytes) -> dict[str, Any]:
    """The JSON object of a request's body. Raises RequestError."""
    if len(body) > MAX_JSON_BYTES:
        raise too_large(MAX_JSON_BYTES)
    _check_nesting(body)
    if _LONG_TEXT.search(body):
        raise RequestError(f"A text of this request is longer than {MAX_TEXT} characters; shorten it.", 413)
    try:
        read = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise RequestError("This request is no JSON that can be read.") from None
    if not isinstance(read, dict):
        raise RequestError("This request must be a JSON object.")
    if b"\\u0000" in body and _holds_nul(read):
        raise RequestError("A text of this request holds the character NUL, which no name can have.")
    return read


def _check_nesting(body: bytes) -> None:
    """Raises RequestError where brackets are too many or too deep. Brackets in texts are none."""
    if body.count(b"[") + body.count(b"{") <= MAX_DEPTH:
        return
    bare = _TEXTS.sub(b"", body)
    brackets = bare.translate(None, delete=bytes(set(range(256)) - set(b"[]{}")))
    if len(brackets) > 2 * MAX_BRACKETS:
        raise RequestError(f"This request holds more than {MAX_BRACKETS} lists and objects.", 413)
    depth = 0
    for bracket in brackets:
        depth += -1 if bracket in _CLOSING else 1
        if depth > MAX_DEPTH:
            raise RequestError(f"This request is nested more than {MAX_DEPTH} deep.")


def _holds_nul(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_holds_nul(key) or _holds_nul(one) for key, one in value.items())
    if isinstance(value, list):
        return any(map(_holds_nul, value))
    return isinstance(value, str) and "\0" in value
