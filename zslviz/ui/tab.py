"""What every tab does: a photo goes through the network, questions about it are answered, something is taken away.

A photo goes through the network once, in the one queue of all tabs. What follows is arithmetic on the explanation behind its
handle; a visitor's choices live in her browser and come along with every question. A tab says what it tells of an explanation, what
its panels may ask, and how its pictures and texts are made.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from zslviz.catalogue import TASKS, Task, part
from zslviz.errors import ConfigError, ImageError, UnknownNameError
from zslviz.tasks.base.bundle import About
from zslviz.tasks.base.photo import ExplainedPhoto, either
from zslviz.tasks.base.tables import Export
from zslviz.ui.credits import credit_of
from zslviz.ui.door import Desk
from zslviz.ui.endpoints import Endpoints, calling_visitor
from zslviz.ui.examples import Example, example_named
from zslviz.ui.offering import Offering
from zslviz.ui.panel import MAX_NAME, Function, Json, board, panel, uploaded
from zslviz.ui.pictures import photo_url
from zslviz.ui.scratch import Downloads
from zslviz.ui.service import Service
from zslviz.ui.store import checked_handle
from zslviz.ui.terms import model_title

if TYPE_CHECKING:
    from zslviz.ui.tabs import TabPlace

X = TypeVar("X", bound=ExplainedPhoto)  # explanations of the task
R = TypeVar("R")  # requests of the task
REPORT = "report"  # what is shown as one file, of a tab whose panels need no server
MAX_LINK = 100_000  # characters of a state, as in shared/codec.js


@dataclass(frozen=True)
class Asked(Generic[X, R]):
    """What a question is about. explanation: with the visitor's words; own: as the model gave it; request: how to rank it."""

    explanation: X
    own: X
    request: R


class Tab(Offering, Generic[X, R]):
    """A tab. Holds nothing of a visitor.

    kind: the explanations that it shows. exports: texts to take away, by name. adds_words: whether words can be added to its
    models. networked: the questions of its panels that wait for a turn at the network. bundles: whether browsers answer edits by
    themselves, from bundles of its explanations.
    """

    kind: ClassVar[type]
    exports: ClassVar[Mapping[str, Export]] = {}
    adds_words: ClassVar[bool] = False
    bundles: ClassVar[bool] = False
    networked: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, place: TabPlace, service: Service, downloads: Downloads) -> None:
        super().__init__(place, service)
        self.downloads = downloads

    # -- what a tab says of itself ----------------------------------------------------------------------------------

    @abstractmethod
    def panels(self) -> Mapping[str, tuple[Function, ...]]:
        """Its panels beside the photo's, in the order of the page, and what each may ask."""

    @abstractmethod
    def facts(self, explanation: X, truth: Mapping[str, str]) -> Json:
        """What the panels are told of an explanation, besides what all are told. truth: of an example, empty otherwise."""

    @abstractmethod
    def request(self, explanation: X, payload: Json) -> R:
        """How a question wants the photo's answers ranked. Raises ConfigError, UnknownNameError."""

    def with_words(self, handle: str, explanation: X, request: R) -> X:
        """The explanation with the words that a request adds to the model's own."""
        return explanation

    def typed_bundle(self, asked: Asked[X, R]) -> Json:
        """What a browser that answers by itself lacks of the words of a visitor's own; asked for in a tab that `bundles`."""
        raise NotImplementedError

    @staticmethod
    def examples_of(dataset: Any, task: Task) -> list[Example]:
        """Photos of a data set of its task, as examples: asked of the first tab of the task that has this. Raises ConfigError."""
        raise ConfigError(f"Photos of data with {TASKS[task].scores} cannot become examples of the page.")

    @property
    def picture_files(self) -> Mapping[str, Callable[[Asked[X, R], Json], tuple[str, bytes]]]:
        """Pictures to take away, by name: words for the file, and the PNG."""
        return {}

    def endpoints(self) -> Endpoints | None:
        """Its named endpoints (`ui.endpoints`), if it has any."""
        return None

    # -- a photo goes through the network ---------------------------------------------------------------------------

    def explain(self, payload: Json) -> Json:
        """payload: {"first": true} for what a visitor finds, or {"model", and "example" (its name) or "upload" and "file"}.

        A link asks for its "link" (an example) and "model" at first, a page that is loaded again for the "upload" that it had.
        An example is explained by a model that knows its data, unless the visitor has just chosen this model ("keep"). "again": the
        handle of what is on the page, made by another server or before this one was started: the photo is explained under it.
        """
        if payload.get("first"):
            return self._first(payload)
        model, again = str(payload.get("model") or self.models[0].name), payload.get("again")
        if payload.get("example"):
            example = example_named(self.examples, str(payload["example"]))
            model = model if payload.get("keep") else self.model_for(example, like=model)
            if again:
                shared = self.service.explain_example(example, model)[1]
                return {"handle": self.service.store.put(shared, "", checked_handle(again))}
            return self._explain_example(example, model)
        upload, file = uploaded(payload)
        visitor = str(payload.get("visitor") or "")
        if again:
            return {"handle": self.service.explain(upload, model, visitor, checked_handle(again))[0]}
        return self._told(*self.service.explain(upload, model, visitor), None, file)

    def _first(self, payload: Json) -> Json:
        if payload.get("upload"):
            with suppress(ImageError, UnknownNameError):  # it is not kept for ever
                told = self.explain({key: payload.get(key) for key in ("upload", "file", "model", "visitor")})
                return told | self.choices(told["model"])
        opening = self.opening(*(str(payload.get(key) or "") for key in ("link", "model")))
        if opening is None:
            return {"notice": "Choose a photo to begin.", **self.choices(self.models[0].name)}
        return self._explain_example(*opening) | self.choices(opening[1])

    def _explain_example(self, example: Example, model: str) -> Json:
        known = example.fits(self.service.checkpoint(model).data)
        return self._told(*self.service.explain_example(example, model), example if known else None, example.title)

    def _told(self, handle: str, explanation: X, example: Example | None, title: str) -> Json:
        """What the page is told of an explained photo. example: None if nothing is known of what it shows."""
        info = self.service.checkpoint(explanation.model)
        explainer = self.service.explainer(explanation.model)
        if self.adds_words:
            self.service.read_words(explanation.model)
        return {
            "handle": handle,
            "model": info.name,
            "model_title": model_title(info.title),
            "data": info.data,
            "timing": {"backbone_ms": explanation.timing.backbone_ms, "total_ms": explanation.timing.total_ms},
            "device": explanation.timing.device,
            "backbone": explainer.checkpoint.backbone,
            "photo": photo_url(explanation.photo),
            "width": explanation.geometry.width,
            "height": explanation.geometry.height,
            "title": title,
            "example": None if example is None else example.name,
            "bundle": self.bundled(explanation),
            "note": "" if example is None else example.note,
            **self.facts(explanation, {} if example is None else example.truth),
        }

    # -- what a browser answers by itself ---------------------------------------------------------------------------

    def bundled(self, explanation: X) -> str | None:
        """The digest of the model's part of an explanation's bundle, which is served from now on; None if there is no bundle."""
        if not self.bundles:
            return None
        bundles = part(self.place.task, "bundle")
        return self.service.bundles.digest_of(
            explanation.model, lambda: bundles.model_bundle(explanation, self.about(explanation))
        )

    def photo_bundle(self, explanation: X) -> bytes:
        """A photo's own part of its bundle."""
        content: bytes = explanation.bundle(self.about(explanation), whole=False)
        return content

    def about(self, explanation: X, photo_title: str = "", truth: Any = None, photo_credits: str = "") -> About:
        """What a bundle tells of an explanation's model; of the photo the page knows more itself."""
        return About.of(self.service.checkpoint(explanation.model), photo_title, truth, photo_credits)

    def typed(self, payload: Json) -> Json:
        """What the page's own arithmetic needs of the words that a visitor has added (`typed_bundle`)."""
        return self.typed_bundle(self.asked(payload))

    # -- questions about it -----------------------------------------------------------------------------------------

    def kept(self, handle: object) -> X:
        """The explanation behind a handle. Raises ExpiredError, and ConfigError if it is another task's."""
        found: X = self.service.store.get(str(handle), self.kind)
        return found

    def asked(self, payload: Json) -> Asked[X, R]:
        """What a question of the page is about, by its handle. Raises ExpiredError, and what `request` and the words raise."""
        handle = str(payload.get("handle"))
        own = self.kept(handle)
        request = self.request(own, payload)
        return Asked(self.with_words(handle, own, request), own, request)

    def download(self, payload: Json) -> Json:
        """{"what": `REPORT` or one of `picture_files` or `exports`, "image": the photo's name} -> a file's address, or its text."""
        what = str(payload.get("what"))
        if what in self.picture_files:
            path = self.downloads.write(*self.picture_files[what](self.asked(payload), payload))
            return {"path": str(path), "name": path.name}
        if what in self.exports:
            asked, export = self.asked(payload), self.exports[what]
            text = export.write(asked.explanation, asked.request, str(payload.get("image") or "photo")[:MAX_NAME])
            return {"text": text, "name": export.file, "type": export.media_type}
        alone = [REPORT] if self.place.alone else []
        if what in alone:
            return self._report(payload)
        raise ConfigError(f"A download is {either(map(repr, (*self.picture_files, *self.exports, *alone)))}.")

    def _report(self, payload: Json) -> Json:
        """{"link": the state, of a photo called "photo", "example": its name or null, "image": the photo's} -> a file."""
        own, link = self.kept(str(payload.get("handle"))), payload.get("link", "")
        if not isinstance(link, str) or len(link) > MAX_LINK:
            raise ConfigError(f"'link' is the state as a link, of at most {MAX_LINK} characters.")
        example = next((one for one in self.examples if one.name == payload.get("example")), None)
        if example is None:
            about = self.about(own, Path(str(payload.get("image") or "photo")).stem[:MAX_NAME])
        else:
            truth = part(self.place.task, "bundle").truth_of(own.space, example.truth)
            about = self.about(own, example.title, truth, str(credit_of(example.path) or ""))
        path = self.downloads.write(about.photo_title, own.living_html(about, link).encode(), ".html")
        return {"path": str(path), "name": path.name}

    # -- by HTTP ----------------------------------------------------------------------------------------------------

    def explained(self, photo: str | None, model: str | None) -> tuple[str, X]:
        """Has a photo explained by a model by name, the first one of the tab's task if empty: the handle, and the explanation.

        Raises ConfigError if there is no photo, UnknownNameError, ImageError.
        """
        if not photo:
            raise ConfigError("Give a photo: a file for 'photo'.")
        return self.service.explain(photo, model or self.models[0].name, calling_visitor())

    def check_model(self, model: str | None, what: str) -> None:
        """Refuses a model of another task before it runs. what: what the tab's score. Raises ConfigError, UnknownNameError."""
        if model and self.service.checkpoint(model) not in self.models:
            raise ConfigError(f"'{model}' does not score {what}; use /explain for it.")

    # -- on the page ------------------------------------------------------------------------------------------------

    def build(self, desk: Desk) -> None:
        """Adds the tab's contents to the page that is being built; its first photo is asked for when the tab is first drawn."""

        def waiting(payload: Json) -> Json:
            return {"before": desk.turns.before(str(payload.get("visitor")), self.place.name)}

        with board(self.place.name):
            typed = [self.typed] if self.adds_words and self.bundles else []
            panel(desk, self.place.name, "photo", waiting, self.ready, *typed, waits={self.explain: self.place.name})
            for name, functions in self.panels().items():
                waits = {f: f"{self.place.name}/{f.__name__}" for f in functions if f.__name__ in self.networked}
                panel(desk, self.place.name, name, *(f for f in functions if f not in waits), waits=waits)
