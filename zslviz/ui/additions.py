"""Explanations with words that visitors added."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from zslviz.tasks.compositional.explanation import CompositionExplanation
from zslviz.tasks.compositional.requests import PairRequest

if TYPE_CHECKING:
    from zslviz.tasks.compositional.explainer import CompositionExplainer


KEPT_ADDITIONS = 32


class Additions:
    """Explanations with the states and objects that visitors added; the latest are kept, so that a slider runs no network."""

    def __init__(self, kept: int = KEPT_ADDITIONS) -> None:
        self._most = kept
        self._kept: OrderedDict[tuple[str, PairRequest], CompositionExplanation] = OrderedDict()
        self._lock = threading.Lock()

    def to(
        self, handle: str, explanation: CompositionExplanation, explainer: CompositionExplainer, request: PairRequest
    ) -> CompositionExplanation:
        """The explanation behind a handle with a request's additions. Raises TableError, DataError, ConfigError."""
        if not request.states and not request.objects:
            return explanation
        key = handle, PairRequest(request.states, request.objects)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        added = explainer.add(explanation, request.states, request.objects)
        with self._lock:
            self._kept[key] = added
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return added
