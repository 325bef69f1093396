"""The named endpoint /compare: two models on one photo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zslviz.tasks.attributes.comparing.answer import comparison_answer
from zslviz.tasks.attributes.comparing.comparison import compare as compare_explanations
from zslviz.tasks.attributes.comparing.comparison import names_apart
from zslviz.tasks.attributes.comparing.maps import maps_beside
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.requests import RankRequest, attribute_at, class_at
from zslviz.ui.endpoints import top_count
from zslviz.ui.tab import Tab


def comparing(tab: Tab[Explanation, RankRequest]) -> Callable[..., dict[str, Any]]:
    """The endpoint, for a tab that explains photos by attributes."""

    def compare(
        handle: str, other: str, true_class: str | int | None = None, attribute: str | int | None = None, top: int = 5
    ) -> dict[str, Any]:
        """What two models make of one photo that both explained before; no network runs.

        handle, other: of the two explanations. true_class: what is in the photo. attribute: one whose maps are wanted.
        """
        first, second = tab.kept(handle), tab.kept(other)
        count, space = top_count(top), first.space
        infos = [tab.service.checkpoint(x.model) for x in (first, second)]
        names = names_apart((infos[0].title, infos[1].title), (infos[0].name, infos[1].name))
        compared = compare_explanations(first, second, names)
        truth = None if true_class is None else class_at(space, true_class)
        maps = {} if attribute is None else {"maps": maps_beside(compared, attribute_at(space, attribute))}
        return {**comparison_answer(compared, truth, count, count), **maps}

    return compare
