"""Models and explanations for the page: loads a model when it is first asked for, and runs one photo at a time."""

from __future__ import annotations

import logging
import threading
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from zslviz.errors import CheckpointError, UnknownNameError, ZslvizError
from zslviz.explanation import Explanation
from zslviz.ui.examples import Example, read_examples
from zslviz.ui.store import ExplanationStore

if TYPE_CHECKING:
    from zslviz.explainer import CheckpointInfo, Explainer
    from zslviz.images import ImageSource


class Service:
    """What all visitors share: read-only models, the examples, and the store of explanations.

    device: where networks run, chosen by itself if None. examples, checkpoints: the shipped ones if None.
    """

    def __init__(
        self,
        device: str | None = None,
        examples: list[Example] | None = None,
        checkpoints: Path | None = None,
    ) -> None:
        self.device = device
        self._folder = checkpoints
        self._examples = read_examples() if examples is None else examples
        self.store = ExplanationStore()
        self._explainers: dict[str, Explainer] = {}
        self._example_handles: dict[tuple[str, str], str] = {}
        self._loading = threading.Lock()
        self._sharing = threading.Lock()
        self._running = threading.Lock()  # one photo at a time: two at once on the same cores finish later, both

    @cached_property
    def checkpoints(self) -> tuple[CheckpointInfo, ...]:
        """The shipped checkpoints. Raises CheckpointError if there is none."""
        from zslviz.explainer import list_checkpoints  # brings in torch: not before the page is built

        found = tuple(list_checkpoints() if self._folder is None else list_checkpoints(self._folder))
        if not found:
            raise CheckpointError("There is no checkpoint in 'checkpoints/'; clone the repository with its files.")
        return found

    @cached_property
    def examples(self) -> tuple[Example, ...]:
        """The example photos for which there is a model."""
        known = {info.data for info in self.checkpoints}
        return tuple(example for example in self._examples if example.space in known)

    def checkpoint(self, name: str) -> CheckpointInfo:
        """A checkpoint by name. Raises UnknownNameError with the nearest names."""
        for info in self.checkpoints:
            if info.name == name:
                return info
        raise UnknownNameError("model", name, [info.name for info in self.checkpoints])

    def explainer(self, name: str) -> Explainer:
        """The model by name, loaded once."""
        from zslviz.explainer import Explainer

        info = self.checkpoint(name)
        with self._loading:
            if info.name not in self._explainers:
                self._explainers[info.name] = Explainer.from_pretrained(info.folder, device=self.device)
            return self._explainers[info.name]

    def explain(self, photo: ImageSource, model: str) -> tuple[str, Explanation]:
        """Runs the network on a photo; returns the handle under which the explanation is kept, and the explanation."""
        explainer = self.explainer(model)
        with self._running:
            explanation = explainer.explain(photo)
        return self.store.put(explanation), explanation

    def explain_example(self, example: Example, model: str) -> tuple[str, Explanation]:
        """The same for a shipped photo; it is computed once per model and shared, for explanations are immutable."""
        key = (example.name, model)
        with self._sharing:
            handle = self._example_handles.get(key)
            if handle is None or handle not in self.store:
                handle, _ = self.explain(example.path, model)
                self._example_handles[key] = handle
        return handle, self.store.get(handle)

    def warm_up(self) -> None:
        """Explains the first example, so that the first visitor finds it done. Errors wait for the visitor who asks."""
        try:
            if self.examples:
                example = self.examples[0]
                self.explain_example(example, self.model_for(example.space))
        except ZslvizError as error:
            logging.getLogger(__name__).warning("The first example could not be explained: %s", error)

    def example(self, name: str) -> Example:
        """An example by its file's name. Raises UnknownNameError."""
        for example in self.examples:
            if example.name == name:
                return example
        raise UnknownNameError("example", Path(name).name, [e.name for e in self.examples])

    def model_for(self, space: str, like: str | None = None) -> str:
        """The model for a data set's classes, of the family of `like` where there is one (mgmrn-cub -> mgmrn-awa2)."""
        fitting = [info.name for info in self.checkpoints if info.data == space]
        if not fitting:
            known = ", ".join(sorted({info.data for info in self.checkpoints}))
            raise CheckpointError(f"No shipped model knows the classes of '{space}'; there are models for {known}.")
        if like in fitting:
            return str(like)
        family = (like or "").partition("-")[0]
        return next((name for name in fitting if name.partition("-")[0] == family), fitting[0])
