"""What an explanation can be asked of its photo without a place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from zslviz.photos.covering import Region
from zslviz.tasks.attributes.is_it_true.deciding import deciding_region
from zslviz.tasks.attributes.is_it_true.without import Without, promised
from zslviz.tasks.attributes.requests import RankRequest

if TYPE_CHECKING:
    from zslviz.tasks.attributes.explanation import Explanation


class CanLoseAPlace:
    """What an explanation by attributes promises of its photo without one of its places, as methods."""

    def without(self, region: Region | Sequence[float] | str | Any) -> Without:
        """Scores, values and ranking as they would be if the evidence inside a rectangle of the photo were gone; no network runs.

        region: left, top, right, bottom as fractions of the photo's sides. Exactly the sum of the smooth maps over it, cells that
        lie in it in part by area. `AttributeExplainer.covered` tells what the network makes of it. Raises ConfigError, also where
        no offered map is exact.
        """
        return promised(cast("Explanation", self), Region.parse(region))

    def deciding_region(self, request: RankRequest | None = None) -> Without | None:
        """The smallest rectangle of whole cells without whose evidence another class would be first; None if there is none.

        request: edits, gamma and competing classes that the ranking is asked with. Raises ConfigError.
        """
        return deciding_region(cast("Explanation", self), request or RankRequest())
