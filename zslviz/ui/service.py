"""Models and explanations for the page: loads a model when it is first asked for, and runs one photo at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from zslviz.catalogue import TASKS, Task
from zslviz.errors import CheckpointError, UnknownNameError
from zslviz.runtime.places import checkpoints_folder, examples_folder, tasks_in
from zslviz.tasks.base.photo import ExplainedPhoto
from zslviz.ui.bundles import Bundles
from zslviz.ui.examples import Example
from zslviz.ui.openings import BakedBundles
from zslviz.ui.pictures import MAX_KEPT_PIXELS, ExamplePictures, shrunk
from zslviz.ui.store import BUDGET_BYTES, ExpiredError, ExplanationStore
from zslviz.ui.turns import Turns

if TYPE_CHECKING:
    from zslviz.checkpoints.listing import CheckpointInfo
    from zslviz.explainer import Explainer
    from zslviz.photos.covering import Region
    from zslviz.photos.loading import ImageSource

X = TypeVar("X", bound=ExplainedPhoto)
T = TypeVar("T")


class AddsWords(Protocol[X]):
    """A request that may add words of the visitor's own to a model's. words: which, none if empty."""

    @property
    def words(self) -> tuple[Hashable, ...]: ...

    def added_to(self, explanation: X, explainer: Any) -> X: ...


class Service:
    """What all visitors share: read-only models, the store of explanations, and examples of one's own.

    device: where networks run, chosen by itself if None. examples: those of one's own, listed first. models: folders of checkpoints
    of one's own, listed first. checkpoints, shipped_examples: where the shipped ones lie. kept_bytes: the store's budget.
    """

    def __init__(
        self,
        device: str | None = None,
        examples: Sequence[Example] = (),
        checkpoints: Path | None = None,
        models: Sequence[Path] = (),
        shipped_examples: Path | None = None,
        kept_bytes: int = BUDGET_BYTES,
    ) -> None:
        self.device = device
        self.own_examples = tuple(examples)
        self.shipped_examples = shipped_examples or examples_folder()
        self.store = ExplanationStore(kept_bytes)
        self.bundles = Bundles(self.store)
        self.pictures = ExamplePictures()
        self._folder = checkpoints
        self._models = tuple(models)
        self._explainers: dict[str, Explainer] = {}
        self._made: dict[tuple[str, str], Any] = {}
        self._example_handles: dict[tuple[Path, str], str] = {}  # as many as there are examples and models
        self._with_words: set[str] = set()  # models whose word vectors have been read, or are being read
        self._loading = threading.Lock()
        self.turns = Turns()

    # -- what needs no network --------------------------------------------------------------------------------------

    @cached_property
    def baked(self) -> BakedBundles | None:
        """Bundles of the shipped examples; None beside models or examples of one's own, with which a page opens then."""
        return None if self._models or self.own_examples else BakedBundles(self._folder or checkpoints_folder())

    # -- models -----------------------------------------------------------------------------------------------------

    def offers(self, task: Task) -> bool:
        """Whether there is a model of that task. Told from configurations alone: the page is built before torch is there."""
        shipped = self._folder or checkpoints_folder()
        own = [folder for path in self._models for folder in (path, shipped / path)]
        return task in tasks_in([*own, *(config.parent for config in shipped.glob("*/config.json"))])

    def of_task(self, task: Task) -> tuple[CheckpointInfo, ...]:
        """The models of a task, those of one's own first. Raises CheckpointError if there is none, or one cannot be read."""
        found = tuple(info for info in self.all_checkpoints if info.task == task)
        if not found:
            raise CheckpointError(
                f"There is no model that scores {TASKS[task].scores} in 'checkpoints/'; clone the repository with its files."
            )
        return found

    @cached_property
    def own_checkpoints(self) -> tuple[CheckpointInfo, ...]:
        """The models of one's own. Raises CheckpointError if one cannot be read, or two have one name."""
        own = tuple(_checkpoint_in(folder) for folder in self._models)
        for info in own:
            if not info.sees:
                raise CheckpointError(
                    f"'{info.name}' was trained on features that were given; no network here makes them of photos, so there is "
                    "nothing to show of it."
                )
        names = [info.name for info in own]
        if len(set(names)) < len(names):
            twice = next(name for i, name in enumerate(names) if name in names[:i])
            raise CheckpointError(
                f"Two of the models are called '{twice}'; train one of them under another name of its data."
            )
        return own

    @cached_property
    def all_checkpoints(self) -> tuple[CheckpointInfo, ...]:
        """Models of every task: those of one's own, then the shipped ones. Raises CheckpointError if one cannot be read."""
        from zslviz.checkpoints.listing import list_checkpoints  # brings in torch: not before the page is built

        names = {info.name for info in self.own_checkpoints}
        shipped = list_checkpoints() if self._folder is None else list_checkpoints(self._folder)
        return (*self.own_checkpoints, *(info for info in shipped if info.sees and info.name not in names))

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

    def kept_with(self, model: str, what: str, make: Callable[[Any], T]) -> T:
        """What is made of a model's explainer, once."""
        explainer = self.explainer(model)
        with self._loading:
            if (model, what) not in self._made:
                self._made[model, what] = make(explainer)
            found: T = self._made[model, what]
            return found

    def read_words(self, model: str) -> None:
        """Has the word vectors of a model read, once and in the background, so that the first word typed finds them there."""
        explainer = self.explainer(model)
        with self._loading:
            if model in self._with_words:
                return
            self._with_words.add(model)
        threading.Thread(target=explainer.warm_up, name="word-vectors", daemon=True).start()

    # -- explanations -----------------------------------------------------------------------------------------------

    def explain(self, photo: ImageSource, model: str, visitor: str = "", handle: str | None = None) -> tuple[str, Any]:
        """Runs the network on a photo, when it is the visitor's turn; returns the explanation's handle, and the explanation.

        Of a large photo `MAX_KEPT_PIXELS` are kept. handle: as in `store.put`. Raises BusyError, UnknownNameError, ImageError.
        """
        explainer = self.explainer(model)

        def run() -> tuple[str, Any]:
            explanation = explainer.explain(photo)
            kept = replace(explanation, photo=shrunk(explanation.photo, MAX_KEPT_PIXELS))
            return self.store.put(kept, visitor, handle), kept

        return self.turns.run(visitor, run)

    def explain_example(self, example: Example, model: str, visitor: str = "") -> tuple[str, Any]:
        """The same for an example; it is computed once per model and shared, for explanations are immutable."""
        key = (example.path, model)

        def shared() -> tuple[str, Any]:
            if handle := self._example_handles.get(key):
                with suppress(ExpiredError):
                    return handle, self.store.get(handle, object)
            handle, explanation = self.explain(example.path, model)
            self._example_handles[key] = handle
            return handle, explanation

        return self.turns.run(visitor, shared)

    def covered(self, explanation: Any, region: Region, visitor: str = "") -> Any:
        """What the network makes of an explained photo with a place blurred, when it is the visitor's turn. Raises BusyError."""
        explainer = self.explainer(explanation.model)
        return self.turns.run(visitor, lambda: explainer.covered(explanation, region))

    def looked_again(self, explanation: Any, visitor: str = "") -> Any:
        """What the network makes of an explained photo seen slightly otherwise, when it is the visitor's turn. Raises BusyError."""
        explainer = self.explainer(explanation.model)
        return self.turns.run(visitor, lambda: explainer.looked_again(explanation))

    def with_words(self, handle: str, explanation: X, request: AddsWords[X]) -> X:
        """The explanation behind a handle with the words that a request adds; the backbone does not run.

        Raises TableError, DataError, ConfigError if they cannot be added.
        """
        if not request.words:
            return explanation
        explainer = self.explainer(explanation.model)
        return self.store.derived(handle, request.words, lambda: request.added_to(explanation, explainer))


def _checkpoint_in(folder: Path) -> CheckpointInfo:
    """What is known of the checkpoint in a folder (or of a shipped one by name). Raises UnknownNameError, CheckpointError."""
    from zslviz.checkpoints.files import read_config
    from zslviz.checkpoints.listing import list_checkpoints, resolve

    where = resolve(folder).resolve()
    for info in list_checkpoints(where.parent):
        if info.folder.resolve() == where:
            return info
    read_config(where)  # it is not listed because something is wrong with it, and this says what
    raise CheckpointError(f"The checkpoint '{folder}' cannot be read.")
