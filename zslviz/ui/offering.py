"""What a tab offers to choose from: models and examples, with and without a network."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from zslviz.catalogue import SYSTEMS
from zslviz.errors import CheckpointError, ZslvizError
from zslviz.ui.credits import credit_of
from zslviz.ui.examples import Example, example_linked, link_names, read_examples
from zslviz.ui.openings import Baked
from zslviz.ui.panel import Json
from zslviz.ui.service import Service
from zslviz.ui.terms import model_title
from zslviz.ui.turns import NOBODY

if TYPE_CHECKING:
    from zslviz.checkpoints.listing import CheckpointInfo
    from zslviz.ui.tabs import TabPlace

_log = logging.getLogger(__name__)


class Offering:
    """place: the tab's line in `ui.tabs`. columns: what the lists of its examples tell of a photo (`ui.examples`); without any it
    has no shipped examples. opens_alone: whether browsers make of a bundle what the tab's panels are told, so that its examples
    need no network.
    """

    columns: ClassVar[tuple[str, ...]] = ()
    opens_alone: ClassVar[bool] = False

    def __init__(self, place: TabPlace, service: Service) -> None:
        self.place = place
        self.service = service
        self._warming: threading.Thread | None = None
        self._begins = threading.Lock()

    def example_facts(self, example: Example, model: str) -> Json:
        """What is told of an example before it is explained. model: the first one to explain it."""
        return {}

    # -- models and examples ----------------------------------------------------------------------------------------

    @property
    def models(self) -> tuple[CheckpointInfo, ...]:
        """Raises CheckpointError if there is none."""
        return self.service.of_task(self.place.task)

    @cached_property
    def examples(self) -> tuple[Example, ...]:
        """Those of one's own, then the shipped ones, for which there is a model."""
        shipped = read_examples(self.service.shipped_examples, self.place.task, self.columns)
        own = [example for example in self.service.own_examples if example.task == self.place.task]
        data = {info.data for info in self.models}
        return tuple(example for example in (*own, *shipped) if any(map(example.fits, data)))

    def model_for(self, example: Example, like: str | None = None) -> str:
        """The model for an example: `like` if it fits, else one of its system, else the first that fits. Raises CheckpointError.

        Who has not chosen a model gets the first that fits: `like` says nothing if it is the first of its own data.
        """
        fitting = [info for info in self.models if example.fits(info.data)]
        if not fitting:
            known = ", ".join(sorted({info.data for info in self.models}))
            raise CheckpointError(f"No model knows the data '{example.data}'; there are models for {known}.")
        if like in [info.name for info in fitting]:
            return str(like)
        chosen = None if like is None else self.service.checkpoint(like)
        firsts = {info.data: info.name for info in reversed(self.models)}
        system = None if chosen is None or chosen.name == firsts.get(chosen.data) else chosen.system
        return next((info for info in fitting if info.system == system), fitting[0]).name

    def opening(self, link: str = "", model: str = "") -> tuple[Example, str] | None:
        """The example and the model that a visitor finds: the first of one's own if there are any. None without examples.

        link, model: what a link asks for, an example by its name in links; what is not there counts for nothing.
        """
        if not self.examples:
            return None
        data, linked = {info.name: info.data for info in self.models}, example_linked(self.examples, link)
        if linked or model in data:
            example = linked or next((e for e in self.examples if e.fits(data[model])), self.examples[0])
            return example, model if model in data else self.model_for(example)
        first = self.models[0]
        if first not in self.service.own_checkpoints:
            return self.examples[0], self.model_for(self.examples[0])
        return next((e for e in self.examples if e.fits(first.data)), self.examples[0]), first.name

    def warm_up(self) -> threading.Thread:
        """Has what a visitor finds explained, once and in the background: the network is there afterwards."""
        with self._begins:
            if self._warming is None:
                self._warming = threading.Thread(target=self._warm_up, name="warm-up", daemon=True)
                self._warming.start()
            return self._warming

    def _warm_up(self) -> None:
        try:
            if opening := self.opening():
                self.service.explain_example(*opening, NOBODY)
        except ZslvizError as error:  # whoever asks for a photo is told as well
            _log.warning("The first example could not be explained: %s", error)

    def ready(self, payload: Json) -> Json:
        """Nothing as long as the network is being loaded; then the models and examples to choose from."""
        if self.warm_up().is_alive():
            return {}
        opening = self.opening()
        return {"ready": True, **self.choices(self.models[0].name if opening is None else opening[1])}

    # -- what needs no network --------------------------------------------------------------------------------------

    @cached_property
    def openings(self) -> tuple[tuple[Example, Baked], ...]:
        """The examples that are shown from their bundles, in the page's order. No torch."""
        if not self.opens_alone or self.service.baked is None:
            return ()
        shipped = read_examples(self.service.shipped_examples, self.place.task, self.columns)
        found = ((example, self.service.baked.of(example.path, self.place.task)) for example in shipped)
        return tuple((example, baked) for example, baked in found if baked is not None)

    def begun(self) -> Json:
        """What its panels begin with before there is a network: models and examples, as `choices`; none without openings.

        alone: whether what is shown can be taken away as one file.
        """
        models = {baked.model: baked.told for _, baked in self.openings}
        return {
            "models": [_told(name, told.title, told.data, self._system_of(name)) for name, told in models.items()],
            "examples": self._listed([(example, baked.facts) for example, baked in self.openings]),
            "alone": bool(self.place.alone),
        }

    def choices(self, model: str) -> Json:
        """The models and examples to choose from, with small pictures."""
        return {
            "models": [_told(one.name, self._title(one), one.data, one.system) for one in self.models],
            "examples": self._listed([(example, self.example_facts(example, model)) for example in self.examples]),
        }

    def _title(self, model: CheckpointInfo) -> str:
        """What the menu calls a model: with its name where another one has the same title, as one that was extended has."""
        alone = sum(one.title == model.title for one in self.models) == 1
        return model_title(model.title) if alone else f"{model_title(model.title)} ({model.name})"

    def _system_of(self, name: str) -> str:
        """Of a model with openings. No torch."""
        return "" if self.service.baked is None else self.service.baked.system_of(name)

    def _listed(self, examples: Sequence[tuple[Example, Mapping[str, Any]]]) -> list[Json]:
        """What is told of examples before they are explained. bundle: of what the panels are told then, if there is one."""
        links = link_names([example.name for example, _ in examples])
        baked = {example.path: baked for example, baked in self.openings}
        return [
            {
                **example.told,
                "note": example.note,
                "picture": self.service.pictures.address(example.path),
                "credit": None if (credit := credit_of(example.path)) is None else asdict(credit),
                "link": link,
                "bundle": (of := baked.get(example.path))
                and {"model": of.model, "digest": of.digest, "photo": of.address},
                **facts,
            }
            for (example, facts), link in zip(examples, links, strict=True)
        ]


def _told(name: str, title: str, data: str, system: str) -> Json:
    """What the menu of models tells of one."""
    return {"name": name, "title": title, "data": data, "look": SYSTEMS[system].look if system in SYSTEMS else ""}
