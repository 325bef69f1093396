"""Whose photo is next: visitors in turn, however many photos one of them sends."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zslviz.ui.turns import BusyError, Turns


class Slow:
    """Turns whose thread is held by one piece of work, so that what comes meanwhile waits."""

    def __init__(self, most: int = 1000) -> None:
        self.turns, self.done = Turns(most), list[str]()
        self._go, started = threading.Event(), threading.Event()
        self.first = self.turns.take("first", lambda: (started.set(), self._go.wait(20)), "tab")
        assert started.wait(20)

    def work(self, name: str) -> Callable[[], str]:
        return lambda: self.done.append(name) or name

    def go(self) -> list[str]:
        self._go.set()
        assert self.turns.close(20)
        return self.done


@pytest.fixture
def slow() -> Iterator[Slow]:
    made = Slow()
    yield made
    made.go()


def test_behind_sixty_photos_of_one_visitor_the_next_visitor_waits_for_one(slow: Slow) -> None:
    for number in range(60):
        slow.turns.take("many", slow.work(f"many {number}"))
    slow.turns.take("one", slow.work("one"), "tab")
    assert slow.turns.before("one", "tab") == 2  # the one that runs, and one of the other's
    done = slow.go()
    assert done[:3] == ["many 0", "one", "many 1"] and len(done) == 61


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 9)), max_size=25, unique=True))
def test_the_place_that_is_told_is_the_place_that_comes(photos: list[tuple[str, int]]) -> None:
    slow = Slow()
    for visitor, number in photos:
        slow.turns.take(visitor, slow.work(f"{visitor} {number}"), str(number))
    told = {f"{visitor} {number}": slow.turns.before(visitor, str(number)) for visitor, number in photos}
    done = slow.go()
    assert told == {name: place for place, name in enumerate(done, start=1)}


def test_a_newer_photo_takes_the_place_of_one_that_waits_and_of_no_other(slow: Slow) -> None:
    old = slow.turns.take("a", slow.work("old"), "tab")
    slow.turns.take("b", slow.work("b"), "tab")
    slow.turns.take("a", slow.work("other tab"), "another")
    new = slow.turns.take("a", slow.work("new"), "tab")
    assert old.cancelled() and not new.done()
    assert slow.turns.before("a", "tab") == 3
    assert slow.go() == ["other tab", "b", "new"]


def test_who_has_gone_is_not_waited_for(slow: Slow) -> None:
    gone = slow.turns.take("gone", slow.work("gone"), "tab")
    slow.turns.take("there", slow.work("there"), "tab")
    assert gone.cancel()
    assert slow.turns.before("gone", "tab") is None and slow.turns.before("there", "tab") == 1
    assert slow.go() == ["there"]


def test_more_than_can_wait_are_refused_with_a_sentence_and_so_is_all_after_the_end() -> None:
    slow = Slow(most=2)
    for name in "ab":
        slow.turns.take(name, slow.work(name))
    with pytest.raises(BusyError, match="2 photos are waiting already"):
        slow.turns.take("c", slow.work("c"))
    assert slow.go() == ["a", "b"]
    with pytest.raises(BusyError, match="about to end"):
        slow.turns.take("d", slow.work("d"))


def test_what_goes_wrong_is_told_to_who_asked_and_the_next_one_comes() -> None:
    turns = Turns()

    def fail() -> None:
        raise ValueError("mine")

    failed = turns.take("a", fail)
    assert turns.run("b", lambda: turns.run("c", lambda: 7)) == 7, "within its turn work is done at once"
    with pytest.raises(ValueError, match="mine"):
        failed.result()
    assert turns.before("a", "") is None
