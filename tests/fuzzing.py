"""Foreign input for tests: real files with bytes changed, values of wrong types, and what is no file at all.

Whatever reads files, JSON or requests of people gets a test of this form beside its others:

    from tests.fuzzing import NOT_FILES, answered, fuzz, mutated, mutated_value, not_file

    @fuzz()
    @given(content=mutated(VALID_BYTES))           # flipped, cut, repeated, inserted: of the file as it should be
    def test_any_damage_is_read_or_answered(content):
        with answered(TableError):                 # it passes, or raises that error with one sentence, in reasonable time
            read_table(content)

    @fuzz()
    @given(config=mutated_value(VALID_JSON))       # entries of another type, absurd, missing, added, deep
    ...

    @pytest.mark.parametrize("kind", NOT_FILES)    # a pipe, a device, a folder, a link to itself, nothing
    def test_what_is_no_file_is_answered(tmp_path, kind):
        with answered(TableError):
            read_table(not_file(tmp_path / "table.csv", kind))

`fuzz` runs some hundreds of examples in `make test` and 10 000 in `make nightly` (the marker `fuzzing`); give a slow one less.
A finding becomes a test of its own by name, since the examples differ from run to run.
"""

from __future__ import annotations

import copy
import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from zslviz.errors import ZslvizError

QUICK = 300
PROFILE, NIGHTLY = "zslviz", "nightly"
Test = TypeVar("Test", bound=Callable[..., Any])


def fuzz(quick: int = QUICK) -> Callable[[Test], Test]:
    """Marks a test of `given` as fuzzing: `quick` examples in `make test`, the profile's 10 000 in `make nightly`."""
    of_profile = settings.default.max_examples if settings.default else quick  # chosen before the tests are imported
    examples = of_profile if of_profile > QUICK else quick

    def marked(test: Test) -> Test:
        return pytest.mark.fuzzing(
            settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=examples)(test)
        )

    return marked


@contextmanager
def answered(*errors: type[ZslvizError], seconds: float = 5.0) -> Iterator[None]:
    """What stands in it succeeds or raises one of `errors` with one sentence, within so many seconds of the processor."""
    started = time.process_time()
    allowed = errors or (ZslvizError,)
    try:
        yield
    except allowed as error:
        check_sentence(str(error))
    assert time.process_time() - started < seconds, "this took too long"


def check_sentence(text: str) -> None:
    """One line that ends as a sentence does, not too long to be read, and says more than a class of Python's."""
    assert text.strip(), "nothing is said"
    assert text[-1] in ".?!)", text
    assert "\n" not in text.strip(), text
    assert len(text) < 1200, text
    assert "Traceback" not in text, text
    text.encode("utf-8", "surrogateescape")  # it can be printed


# -- bytes ------------------------------------------------------------------------------------------------------------------


@st.composite
def mutated(draw: st.DrawFn, valid: bytes | Sequence[bytes], most: int = 4) -> bytes:
    """A valid file (or one of several) with one to `most` changes: bytes flipped, set, cut, inserted, repeated, its end gone."""
    content = bytearray(valid if isinstance(valid, bytes) else draw(st.sampled_from(list(valid))))
    for _ in range(draw(st.integers(1, most))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.sampled_from((1, 1, 2, 4, 8, 64, 1024))))
        change = draw(st.sampled_from(("flip", "set", "cut", "insert", "repeat", "end", "words", "zeros")))
        if change == "flip" and start < len(content):
            content[start] ^= 1 << draw(st.integers(0, 7))
        elif change == "set" and start < len(content):
            content[start] = draw(st.integers(0, 255))
        elif change == "cut":
            del content[start:end]
        elif change == "insert":
            content[start:start] = draw(st.binary(max_size=16))
        elif change == "repeat":
            content[start:start] = content[start:end] * draw(st.sampled_from((1, 2, 50)))
        elif change == "end":
            del content[start:]
        elif change == "words":
            content[start:start] = draw(st.sampled_from(_ODD_BYTES))
        elif change == "zeros":
            content[start:end] = bytes(end - start)
    return bytes(content)


_ODD_BYTES = (
    b"\xef\xbb\xbf", b"\xff\xfe", b"\x00", b"\xff", b"\r", b"\xe9", b"\xed\xa0\x80", b"1e999", b"-1", b"NaN", b"null", b"9" * 40,
    b"[" * 2000, b"{" * 2000, b'"', b"\\ud800", b"&a [*a]", b"!!python/object:os.system ", b"../../",
    b"\x80\x04\x95", b"PK\x05\x06",
)  # fmt: skip


def odd_files() -> st.SearchStrategy[bytes]:
    """Contents that no reader expects: nothing, bytes at random, other encodings, nesting without end."""
    nested = st.builds(
        lambda pair, depth, closed: pair[0] * depth + (pair[1] * depth if closed else b""),
        st.sampled_from(((b"[", b"]"), (b'{"a":', b"}"), (b"{a: ", b"}"), (b"- ", b""), (b"(", b")"))),
        st.sampled_from((3, 200, 20_000)),
        st.booleans(),
    )
    encoded = st.builds(
        lambda text, encoding: text.encode(encoding, "surrogatepass" if encoding == "utf-8" else "ignore"),
        st.text(st.characters(), max_size=60),
        st.sampled_from(("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1", "cp1252")),
    )
    return st.one_of(
        st.binary(max_size=300), encoded, nested, st.sampled_from((b"", b"\x00" * 100, b"\n", b"null", b"[]"))
    )


# -- values -----------------------------------------------------------------------------------------------------------------

ODD_VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**31, 2**63, -(2**70), 10**40, 0.5, -0.0, 1e-320, 1e308, math.nan, math.inf, -math.inf, "", " ",
    "nan", "1e-3", "true", "../x", "a\nb", "a\x00b", "x" * 300, "\ud800", "name", [], [[]], [None], ["a", 1], [1e400],
    {}, {"a": None}, {"": {}}, {"name": []},
)  # fmt: skip


def odd_values() -> st.SearchStrategy[Any]:
    """Values that JSON can hold, absurd ones often: of any type, at the edges of numbers, deep."""
    plain = st.one_of(
        st.sampled_from(ODD_VALUES),
        st.integers(),
        st.floats(),
        st.text(max_size=20),
        st.builds(_nested, st.integers(1, 300), st.booleans()),
    )
    return st.recursive(
        plain, lambda v: st.lists(v, max_size=4) | st.dictionaries(st.text(max_size=8), v, max_size=4), max_leaves=8
    )


@st.composite
def mutated_value(draw: st.DrawFn, valid: Any, most: int = 3) -> Any:
    """A valid value of JSON with one to `most` changes: an entry replaced, removed, renamed, added, repeated, at any depth."""
    holder = {"": copy.deepcopy(valid)}
    for _ in range(draw(st.integers(1, most))):
        place, key = draw(st.sampled_from(list(_places(holder))))
        change = draw(st.sampled_from(("replace", "replace", "replace", "remove", "rename", "add", "repeat", "wrap")))
        value = place[key]
        if change == "remove" and place is not holder:
            del place[key]
        elif change == "rename" and isinstance(place, dict) and place is not holder:
            place[draw(st.text(max_size=8))] = place.pop(key)
        elif change == "add" and isinstance(value, dict):
            value[draw(st.text(max_size=8))] = copy.deepcopy(draw(odd_values()))
        elif change == "repeat" and isinstance(value, list):
            value.extend(copy.deepcopy(value[: draw(st.integers(1, 3))]))
        elif change == "wrap":
            place[key] = [value]
        else:
            place[key] = copy.deepcopy(draw(odd_values()))
    return holder[""]


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key) in a value; of long lists the first few."""
    for key in list(value) if isinstance(value, dict) else range(min(len(value), 4)):
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _places(value[key])


def _nested(depth: int, listed: bool) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value] if listed else {"a": value}
    return value


# -- what is no file --------------------------------------------------------------------------------------------------------

NOT_FILES = ("missing", "folder", "pipe", "device", "endless device", "dangling link", "link to itself", "unreadable")


def not_file(path: Path, kind: str) -> Path:
    """Puts something at `path` that cannot be read as a file, and returns the path. Skips the test where it cannot be made."""
    path.unlink(missing_ok=True)
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        if not hasattr(os, "mkfifo"):
            pytest.skip("this system has no named pipes")
        os.mkfifo(path)
    elif kind in ("device", "endless device"):
        device = Path("/dev/null" if kind == "device" else "/dev/zero")
        if not device.exists():
            pytest.skip("this system has no such device")
        path.symlink_to(device)
    elif kind == "dangling link":
        path.symlink_to(path.with_name("nowhere"))
    elif kind == "link to itself":
        path.symlink_to(path)
    elif kind == "unreadable":
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            pytest.skip("root may read everything")
        path.write_bytes(b"x")
        path.chmod(0)
    return path
