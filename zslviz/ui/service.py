"""Models and explanations for the page: loads a model when it is first asked for, and runs one photo at a time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zslviz.errors import CheckpointError, UnknownNameError, ZslvizError
from zslviz.runtime.places import checkpoints_folder, tasks_in
from zslviz.ui.examples import (
    CompositionExample,
    Example,
    ExamplePhoto,
    LabelExample,
    example_named,
    read_composition_examples,
    read_examples,
    read_label_examples,
)
from zslviz.ui.store import ExplanationStore

if TYPE_CHECKING:
    from zslviz.catalogue import Task
    from zslviz.checkpoints.listing import CheckpointInfo
    from zslviz.explainer import Explainer
    from zslviz.photos.loading import ImageSource


class Service:
    """What all visitors share: read-only models, the examples, and the store of explanations.

    device: where networks run, chosen by itself if None. examples, checkpoints: the shipped ones if None. models: folders of
    further checkpoints, listed first.
    """

    def __init__(
        self,
        device: str | None = None,
        examples: list[Example] | None = None,
        checkpoints: Path | None = None,
        models: Sequence[Path] = (),
    ) -> None:
        self.device = device
        self._folder = checkpoints
        self._models = tuple(models)
        self._examples = read_examples() if examples is None else examples
        self.store = ExplanationStore()
        self._explainers: dict[str, Explainer] = {}
        self._example_handles: dict[tuple[str, str], str] = {}
        self._loading = threading.Lock()
        self._sharing = threading.Lock()
        self._running = threading.Lock()  # one photo at a time: two at once on the same cores finish later, both

    @cached_property
    def checkpoints(self) -> tuple[CheckpointInfo, ...]:
        """The attribute models. Raises CheckpointError if there is none, or one cannot be read."""
        found = self.of_task("attributes")
        if not found:
            raise CheckpointError("There is no checkpoint in 'checkpoints/'; clone the repository with its files.")
        return found

    def of_task(self, task: Task) -> tuple[CheckpointInfo, ...]:
        """The models that score attributes, labels or compositions, those of one's own first."""
        return tuple(info for info in self.all_checkpoints if info.task == task)

    def offers(self, task: Task) -> bool:
        """Whether there is a model of that task. Told from configurations alone: the page is built before torch is there."""
        shipped = self._folder or checkpoints_folder()
        own = [folder for path in self._models for folder in (path, shipped / path)]
        return task in tasks_in([*own, *(config.parent for config in shipped.glob("*/config.json"))])

    @cached_property
    def all_checkpoints(self) -> tuple[CheckpointInfo, ...]:
        """Models of every task: those of one's own, then the shipped ones. Raises CheckpointError if one cannot be read."""
        from zslviz.checkpoints.listing import list_checkpoints  # brings in torch: not before the page is built

        own = [_checkpoint_in(folder) for folder in self._models]
        names = [info.name for info in own]
        if len(set(names)) < len(names):
            twice = next(name for i, name in enumerate(names) if name in names[:i])
            raise CheckpointError(
                f"Two of the models are called '{twice}'; train one of them under another name of its data."
            )
        shipped = list_checkpoints() if self._folder is None else list_checkpoints(self._folder)
        return (*own, *(info for info in shipped if info.name not in names))

    @cached_property
    def examples(self) -> tuple[Example, ...]:
        """The example photos for which there is a model."""
        known = {info.data for info in self.checkpoints}
        return tuple(example for example in self._examples if example.space in known)

    @cached_property
    def label_examples(self) -> tuple[LabelExample, ...]:
        """The example photos for label models; until there are any of their own, those of the attribute models."""
        return tuple(read_label_examples()) or tuple(
            LabelExample(e.path, e.title, (), e.kind, "") for e in self._examples
        )

    @cached_property
    def composition_examples(self) -> tuple[CompositionExample, ...]:
        """The example photos for compositional models."""
        return tuple(read_composition_examples())

    def checkpoint(self, name: str) -> CheckpointInfo:
        """A checkpoint by name. Raises UnknownNameError with the nearest names."""
        for info in self.all_checkpoints:
            if info.name == name:
                return info
        raise UnknownNameError("model", name, [info.name for info in self.all_checkpoints])

    def explainer(self, name: str) -> Any:
        """The explainer of a model by name, loaded once: of the class that its task has."""
        from zslviz.explainer import Explainer

        info = self.checkpoint(name)
        with self._loading:
            if info.name not in self._explainers:
                self._explainers[info.name] = Explainer.from_pretrained(info.folder, device=self.device)
            return self._explainers[info.name]

    def explain(self, photo: ImageSource, model: str) -> tuple[str, Any]:
        """Runs the network on a photo; returns the handle under which the explanation is kept, and the explanation."""
        explainer = self.explainer(model)
        with self._running:
            explanation = explainer.explain(photo)
        return self.store.put(explanation), explanation

    def explain_example(self, example: ExamplePhoto, model: str) -> tuple[str, Any]:
        """The same for a shipped photo; it is computed once per model and shared, for explanations are immutable."""
        key = (example.name, model)
        with self._sharing:
            handle = self._example_handles.get(key)
            if handle is None or handle not in self.store:
                handle, _ = self.explain(example.path, model)
                self._example_handles[key] = handle
        return handle, self.store.get(handle, object)

    def opening(self) -> tuple[Example, str] | None:
        """The example and the model that a visitor finds: the first of one's own if there are any. None without examples."""
        if not self.examples:
            return None
        if not self._models:
            return self.examples[0], self.model_for(self.examples[0].space)
        model = self.checkpoints[0]
        return next((e for e in self.examples if e.space == model.data), self.examples[0]), model.name

    def warm_up(self) -> None:
        """Explains what the page opens with, so that the first visitor finds it done. Errors wait for the visitor who asks."""
        try:
            if opening := self.opening():
                self.explain_example(*opening)
        except ZslvizError as error:
            logging.getLogger(__name__).warning("The first example could not be explained: %s", error)

    def example(self, name: str) -> Example:
        """An example by its file's name. Raises UnknownNameError."""
        return example_named(self.examples, name)

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


def _checkpoint_in(folder: Path) -> CheckpointInfo:
    """What is known of the checkpoint in a folder (or of a shipped one by name). Raises UnknownNameError, CheckpointError."""
    from zslviz.checkpoints.listing import list_checkpoints, resolve
    from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint

    where = resolve(folder).resolve()
    for info in list_checkpoints(where.parent):
        if info.folder.resolve() == where:
            return info
    AttributeCheckpoint.load(where)  # it is not listed because something is wrong with it, and this says what
    raise CheckpointError(f"The checkpoint '{folder}' cannot be read.")
