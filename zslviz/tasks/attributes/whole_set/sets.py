"""Which classes it may be: those within such a distance of the first that nine of ten test photos have their class among them.

Split conformal prediction (Vovk et al. 2005; Lei et al. 2018) on the lead of the first class over the true one, calibrated scores
both: the distance is the k-th smallest of N such leads, k = ceil((N + 1) share). How often the true class is really among them is
measured on five parts of the photos, each with the distance of the other four, and told of photos of seen and of unseen classes
apart: both together hold the share, each alone need not. The page works out the same (`zslviz/ui/twin/whole_set_sets.js`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.tasks.attributes.scoring import ClassRanking, ScoringRule, calibrate
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.attributes.whole_set.photos import FusedPhotos
from zslviz.tasks.base.wording import Part, Sentence, listed, size_part

SHARE = 0.9
_FOLDS = 5
_NAMED_CLASSES, _NAMED_ATTRIBUTES = 6, 2
_FEW = 4  # what a larger part than one in so many of the other classes has as well tells nothing


@dataclass(frozen=True)
class Within:
    """lead: how far behind the first class the true one is of `SHARE` of the test photos, at most. seen, unseen: the measured share
    of photos of these classes whose true class is as near as that."""

    lead: float
    seen: float
    unseen: float


def within(photos: FusedPhotos, space: SemanticSpace, rule: ScoringRule, gamma: float) -> Within:
    """Over the test photos, under a table and gamma (labels as in the table)."""
    scores = calibrate(photos.scores(space, rule), space.seen, gamma).astype(np.float64)
    short = scores.max(axis=1) - scores[np.arange(len(photos)), photos.labels]
    fold = np.arange(len(photos)) % _FOLDS
    near = np.zeros(len(photos), dtype=bool)
    for part in range(_FOLDS):
        near[fold == part] = short[fold == part] <= _reach(short[fold != part])
    of_seen, of_unseen = (float(near[photos.of_seen == kind].mean()) for kind in (True, False))
    return Within(_reach(short), of_seen, of_unseen)


def _reach(short: NDArray[np.float64]) -> float:
    """The k-th smallest; the largest where that is beyond them."""
    place = min(math.ceil((len(short) + 1) * SHARE), len(short)) - 1
    return float(np.sort(short)[place])


def may_be(ranking: ClassRanking, lead: float) -> list[int]:
    """The competing classes within `lead` of the first, best first."""
    calibrated = ranking.calibrated.astype(np.float64)
    first = calibrated[ranking.order[0]]
    return [int(c) for c in ranking.order if first - calibrated[c] <= lead]


def shared(space: SemanticSpace, classes: Sequence[int]) -> tuple[list[int], int]:
    """Attributes that all of some classes have and fewest of the others, two at most, and how many others have all of these.

    Which class has what: `SemanticSpace.having`. What half of the others or more have says nothing and is left out.
    """
    having = space.having
    others = np.ones(len(having), dtype=bool)
    others[list(classes)] = False
    count = having[others].sum(axis=0)
    common = having[list(classes)].all(axis=0) & (2 * count < others.sum())
    found = [int(a) for a in np.argsort(count, kind="stable") if common[a]][:_NAMED_ATTRIBUTES]
    return found, int(having[others][:, found].all(axis=1).sum()) if found else 0


def set_sentence(space: SemanticSpace, classes: Sequence[int], known: Within) -> Sentence:
    """What it may be, with how often that has been right, and for several what they have in common."""
    names = space.class_names
    share = f"{round(100 * SHARE)} of 100 test photos have their class within "
    lead: Part | str = size_part(known.lead) if known.lead else "0"
    pieces: list[Part | str] = [share, lead, " of the first. Here "]
    named: list[list[Part | str]] = [[Part("class", names[c], c)] for c in classes[:_NAMED_CLASSES]]
    if rest := len(classes) - len(named):
        named.append([f"{rest} more"])
    pieces += (
        ["that is ", *named[0], " alone. "]
        if len(classes) == 1
        else [f"these are {len(classes)}: ", *listed(named), ". "]
    )
    pieces += _in_common(space, classes)
    seen, unseen = (_of_hundred(value) for value in (known.seen, known.unseen))
    pieces.append(f"Measured: {seen} of 100 photos of classes trained on, {unseen} of 100 of the others.")
    return Sentence.of(pieces)


def _in_common(space: SemanticSpace, classes: Sequence[int]) -> list[Part | str]:
    if len(classes) < 2:
        return []
    found, others = shared(space, classes)
    of = len(space.classes) - len(classes)
    if not found or others * _FEW > of:
        return []
    attributes: list[list[Part | str]] = [[Part("attribute", space.attribute_names[a], a)] for a in found]
    so = "is" if others < 2 else "are"
    return ["All are described with ", *listed(attributes), f", as {so} {others or 'none'} of the other {of} classes. "]


def _of_hundred(share: float) -> int:
    return math.floor(100 * share + 0.5)


def plain(known: Within) -> dict[str, Any]:
    """Plain values: `lead`, `seen`, `unseen`, and the `share` that was wanted."""
    return {"share": SHARE, "lead": known.lead, "seen": known.seen, "unseen": known.unseen}
