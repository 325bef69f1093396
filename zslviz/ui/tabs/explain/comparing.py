"""Two models beside each other: the named endpoint /compare, and what the panel asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from zslviz.errors import ConfigError
from zslviz.tasks.attributes.comparing.answer import comparison_answer
from zslviz.tasks.attributes.comparing.comparison import Comparison, names_apart
from zslviz.tasks.attributes.comparing.comparison import compare as compare_explanations
from zslviz.tasks.attributes.comparing.maps import maps_beside
from zslviz.tasks.attributes.comparing.on_test_photos import Measured, OnTestPhotos, photos_answer
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.invent.asked import with_invented
from zslviz.tasks.attributes.requests import RankRequest, attribute_at, class_at
from zslviz.ui.endpoints import top_count
from zslviz.ui.panel import Json
from zslviz.ui.tab import Tab

ExplainsAttributes = Tab[Explanation, RankRequest]


def comparing(tab: ExplainsAttributes) -> Callable[..., dict[str, Any]]:
    """The endpoint, for a tab that explains photos by attributes."""

    def compare(
        handle: str,
        other: str,
        true_class: str | int | None = None,
        attribute: str | int | None = None,
        top: int = 5,
        edits: dict[str, Any] | list[Any] | None = None,
        class_edits: dict[str, Any] | None = None,
        gamma: float | None = None,
        unseen_only: bool = False,
        invented: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """What two models make of one photo that both explained before; no network runs.

        handle, other: of the two explanations. true_class: what is in the photo. attribute: one whose maps are wanted, of the photo
        itself. edits, class_edits, unseen_only, invented: as of /rank, for both; gamma: of the first model alone.
        """
        state = {"invented": invented, "image_edits": edits, "class_edits": class_edits, "gamma": gamma}
        compared = compared_of(tab, handle, other, {**state, "unseen_only": unseen_only})
        count, space = top_count(top), compared.one.space
        truth = None if true_class is None else class_at(space, true_class)
        maps = (
            {}
            if attribute is None
            else {"maps": maps_beside(compared_of(tab, handle, other), attribute_at(space, attribute))}
        )
        return {**comparison_answer(compared, truth, count, count), **maps}

    return compare


def compared_of(
    tab: ExplainsAttributes, handle: object, other: object, state: Mapping[str, Any] | None = None
) -> Comparison:
    """Two explanations that are kept, under the names that the page has for their models.

    state: `image_edits`, `class_edits`, `gamma`, `unseen_only` and `invented`, as the page asks; the photo itself if None. Raises
    ExpiredError, ConfigError, UnknownNameError, TableError.
    """
    kept, asked = (tab.kept(handle), tab.kept(other)), state or {}
    if kept[0].model == kept[1].model:
        raise ConfigError("These are one and the same model; name two.")
    first, second = (with_invented(one, asked.get("invented")) for one in kept)
    keys = ("image_edits", "class_edits", "gamma", "unseen_only")
    request = RankRequest.parse(first.space, *(asked.get(key) for key in keys))
    infos = [tab.service.checkpoint(x.model) for x in kept]
    names = names_apart((infos[0].title, infos[1].title), (infos[0].name, infos[1].name))
    return compare_explanations(first, second, names, request)


# -- what the panel asks where the browser cannot answer by itself -----------------------------------------------------------


def compared_answer(tab: ExplainsAttributes, payload: Json, truth: int | None) -> Json:
    """payload: `handle`, `other`, the handle of the other model's explanation, and the state in sight."""
    return comparison_answer(compared_of(tab, payload.get("handle"), payload.get("other"), payload), truth)


def beside_answer(tab: ExplainsAttributes, payload: Json) -> Json:
    """payload: the same, `attribute`, and `kind` of the map or null."""
    compared = compared_of(tab, payload.get("handle"), payload.get("other"))
    kind = payload.get("kind")
    attribute = attribute_at(compared.one.space, payload.get("attribute"))
    return maps_beside(compared, attribute, None if kind is None else str(kind))


def on_tests_answer(tab: ExplainsAttributes, payload: Json) -> Json:
    """The model of an explanation and another one, `other`, by name, over the test photos that they come with.

    Raises ExpiredError, ConfigError, UnknownNameError, and CheckpointError if one came without.
    """
    service = tab.service
    infos = [service.checkpoint(name) for name in (tab.kept(payload.get("handle")).model, str(payload.get("other")))]
    if infos[1].task != infos[0].task or infos[0] == infos[1]:
        raise ConfigError(f"'{infos[1].name}' is no other model of attributes.")
    names = names_apart((infos[0].title, infos[1].title), (infos[0].name, infos[1].name))
    one, other = (
        Measured.of(service.explainer(info.name).checkpoint, info.folder, name)
        for info, name in zip(infos, names, strict=True)
    )
    return photos_answer(OnTestPhotos(one, other))
