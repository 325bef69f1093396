"""What a model has of a photo without one of its places: by the evidence in its maps, or by the network itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import ConfigError
from zslviz.photos.covering import Region
from zslviz.tasks.attributes.is_it_true.places import Places
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.scoring import ClassRanking

if TYPE_CHECKING:
    from zslviz.tasks.attributes.explanation import Explanation

Source = Literal["evidence", "network"]


@dataclass(frozen=True, eq=False)
class Without:
    """Scores of a photo without one of its places.

    region: the place. scores: float32 [G, A], raw attribute scores. source: "evidence", the promise of the maps: what is left when
    the evidence inside is taken away; or "network", the proof: what the network gives for the photo with the place blurred.
    whole: the explanation of the whole photo.
    """

    region: Region
    scores: NDArray[np.float32]
    source: Source
    whole: Explanation

    @cached_property
    def values(self) -> NDArray[np.float32]:
        """What is read of each attribute, on the class table's scale: float32 [A]."""
        return self.whole.scale.to_values(self.scores)

    @property
    def changes(self) -> NDArray[np.float32]:
        """How much each value differs from that of the whole photo: float32 [A]."""
        return self.values - self.whole.values

    def rank(self, request: RankRequest | None = None) -> ClassRanking:
        """The classes, best first, with the edits and choices of `request`. Raises ConfigError if none competes."""
        asked = request or RankRequest()
        for known, ranking in self._rankings:
            if known == asked:
                return ranking
        self._rankings[:] = [(asked, asked.rank(self._left))]
        return self._rankings[0][1]

    @cached_property
    def _rankings(self) -> list[tuple[RankRequest, ClassRanking]]:
        """The last one: the value, the sentence and the verdict of one place ask for the same."""
        return []

    @cached_property
    def _left(self) -> Explanation:
        """What is left of the explanation; there are no maps of it."""
        return with_scores(self.whole, self.scores)


def with_scores(explanation: Explanation, scores: NDArray[np.float32]) -> Explanation:
    """The explanation with other raw scores [G, A]; there are no maps of these."""
    return replace(explanation, scores=scores, bias=None, evidence=None, attention=None, further=())


def exact_places(explanation: Explanation) -> Places:
    """The exact evidence of an explanation, in units of raw scores. Raises ConfigError where it offers none."""
    for offer in explanation.offers():
        if offer.of == "attribute" and offer.exact:
            return Places(explanation.shown(offer.name).own.values, explanation.map_geometry)
    raise ConfigError(
        f"The maps of '{explanation.model}' are no exact evidence: they do not add up to the scores, so they promise nothing of a "
        "photo without one of its places."
    )


def promised(explanation: Explanation, region: Region) -> Without:
    """What is left without the evidence inside a rectangle. Raises ConfigError."""
    left = explanation.scores.astype(np.float64) - exact_places(explanation).inside(region)
    return Without(region, left.astype(np.float32), "evidence", explanation)
