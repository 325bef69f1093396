"""How well each attribute is read: of all pairs of a test photo with it and one without, in how many the one with it scores higher.

This is the area under the ROC curve by the rank statistic (Mann and Whitney 1947; Hanley and McNeil 1982); ties count half.
A photo has an attribute if its class has it (`SemanticSpace.having`): what a single photo shows, nobody has marked. Photos of
classes trained on stand apart, for only the others tell whether the attribute was learned rather than its classes. The page says
the same (`zslviz/ui/twin/attribute_auc.js`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import ConfigError
from zslviz.files.typed import CountOrNone, Share, typed
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.attributes.whole_set.photos import FusedPhotos
from zslviz.tasks.base.wording import counted, listed

KEY = "attribute_auc"
"""The entry of metrics.json, and of a model part's head."""
WELL, PARTLY = 85, 65
"""From how many of 100 pairs on an attribute counts as well read, and as partly read."""
STEPS = ("well", "partly", "hardly")
_DIGITS = 4


@dataclass(frozen=True)
class AucOfKind:
    """On N test photos of C classes, all of which were trained on or none.

    auc: [A], from 0 to 1, 0.5 for chance; None where all of these photos have the attribute or none has. with_photos, with_classes:
    [A], how many of them have it.
    """

    photos: CountOrNone
    classes: CountOrNone
    auc: tuple[Share | None, ...]
    with_photos: tuple[CountOrNone, ...]
    with_classes: tuple[CountOrNone, ...]


@dataclass(frozen=True)
class Areas:
    """Of one attribute, the area on photos of classes trained on (`seen`) and of the others (`unseen`), None if unknown."""

    seen: Share | None = None
    unseen: Share | None = None

    @property
    def step(self) -> str | None:
        """One of `STEPS`, on photos of classes never trained on, or of the others where these tell nothing; None if unknown."""
        area = self.told
        return None if area is None else step_of(area)

    @property
    def told(self) -> float | None:
        """The area that counts: on photos of classes never trained on, where it is known there."""
        return self.seen if self.unseen is None else self.unseen


@dataclass(frozen=True)
class AttributeAuc:
    """On photos of classes that were trained on, and of those that were not."""

    seen: AucOfKind
    unseen: AucOfKind


def attribute_auc(photos: FusedPhotos, space: SemanticSpace) -> AttributeAuc:
    """Of a model's test photos. space: its own."""
    having = space.having[photos.labels]
    kinds = (
        _of_kind(photos.vectors[part], having[part], photos.labels[part]) for part in (photos.of_seen, ~photos.of_seen)
    )
    return AttributeAuc(*kinds)


def _of_kind(scores: NDArray[np.float32], having: NDArray[np.bool_], labels: NDArray[Any]) -> AucOfKind:
    """scores, having: [N, A]. labels: [N]."""
    _, first = np.unique(labels, return_index=True)
    found = (_area(column[has], column[~has]) for column, has in zip(scores.T, having.T, strict=True))
    return AucOfKind(
        len(labels),
        len(first),
        tuple(found),
        tuple(having.sum(axis=0).tolist()),
        tuple(having[first].sum(axis=0).tolist()),
    )


def _area(with_it: NDArray[np.float32], without: NDArray[np.float32]) -> float | None:
    """Pairs are counted in whole numbers, so that nothing hangs on the order of a sum."""
    if not len(with_it) or not len(without):
        return None
    ordered = np.sort(without)
    won = sum(int(np.searchsorted(ordered, with_it, side).sum()) for side in ("left", "right"))  # type: ignore[call-overload]
    return round(won / (2 * len(with_it) * len(without)), _DIGITS)


def auc_among(metrics: Mapping[str, Any], attributes: int) -> AttributeAuc | None:
    """What a checkpoint's metrics tell; None where there is nothing, or nothing that can be read of so many attributes."""
    if not metrics.get(KEY):
        return None
    try:
        found = typed(AttributeAuc, metrics[KEY], "how well attributes are read", known=None)
    except ConfigError:
        return None
    return found if is_of(found, attributes) else None


def areas(metrics: Mapping[str, Any], attributes: int) -> tuple[Areas, ...]:
    """Of each attribute, by what a checkpoint's metrics tell: [A]."""
    found = auc_among(metrics, attributes)
    if found is None:
        return (Areas(),) * attributes
    return areas_of(found)


def areas_of(found: AttributeAuc) -> tuple[Areas, ...]:
    """Of each attribute: [A]."""
    return tuple(Areas(seen, unseen) for seen, unseen in zip(found.seen.auc, found.unseen.auc, strict=True))


def is_of(found: AttributeAuc, attributes: int) -> bool:
    """Whether it tells of exactly so many attributes."""
    lists = (
        getattr(kind, name) for kind in (found.seen, found.unseen) for name in ("auc", "with_photos", "with_classes")
    )
    return all(len(each) == attributes for each in lists)


def step_of(area: float) -> str:
    """One of `STEPS`."""
    return STEPS[int(of_hundred(area) < WELL) + int(of_hundred(area) < PARTLY)]


def read_answer(metrics: Mapping[str, Any], space: SemanticSpace, attribute: int) -> dict[str, str]:
    """`read_words` as `text`, "" where a checkpoint's metrics do not tell."""
    found = auc_among(metrics, len(space.attributes))
    return {"text": "" if found is None else read_words(found, space.attribute_names[attribute], attribute)}


def hardly_read(read: Sequence[Areas]) -> dict[int, float]:
    """The attributes that are hardly better read than by chance, each with its area (`Areas.told`). read: [A]."""
    return {a: area for a, one in enumerate(read) if (area := one.told) is not None and one.step == STEPS[-1]}


def hardly_marked(read: Sequence[Areas], attribute: int) -> str:
    """What stands behind the name of one attribute in a list: " (hardly read)", or "". read: [A], or nothing if unknown."""
    return f" ({STEPS[-1]} read)" if read and read[attribute].step == STEPS[-1] else ""


def hardly_answer(read: Sequence[Areas], names: Sequence[str], named: Iterable[int]) -> dict[str, Any]:
    """`attributes`: all that are hardly read; `text`: what is to be said of those among them that are `named`, else "".

    read, names: [A].
    """
    hardly = hardly_read(read)
    return {"attributes": list(hardly), "text": hardly_words(hardly, names, named)}


def hardly_words(hardly: Mapping[int, float], names: Sequence[str], named: Iterable[int]) -> str:
    """What is to be said of attributes that decide and are hardly read; "" if none is. hardly: as `hardly_read`."""
    some = [a for a in dict.fromkeys(named) if a in hardly]
    if not some:
        return ""
    who, counts = (
        "".join(map(str, listed([[one] for one in told])))
        for told in ([names[a] for a in some], [str(of_hundred(hardly[a])) for a in some])
    )
    verb = "is" if len(some) == 1 else "are"
    return (
        f"{who[:1].upper()}{who[1:]} {verb} hardly read: in {counts} of 100 pairs of a test photo with it and one without, the one "
        "with it scored higher; by chance it would be 50."
    )


def read_words(found: AttributeAuc, name: str, attribute: int) -> str:
    """How well one attribute is read, in sentences. name: its readable one."""
    seen, unseen = (_figure(kind, attribute) for kind in (found.seen, found.unseen))
    if not seen and not unseen:
        return f"How well {name} is read cannot be told: the test photos have no pair of one with it and one without."
    trained = "trained on", found.seen, seen
    never = "never trained on", found.unseen, unseen
    (of, kind, figure), (others, rest, beside) = (never, trained) if unseen else (trained, never)
    area, counts = figure or ("", "")
    lacking = f" {'all have' if rest.with_photos[attribute] else 'none has'} it, so nothing can be told"
    return (
        f"{name[:1].upper()}{name[1:]} is {step_of(kind.auc[attribute] or 0.0)} read on photos of classes {of}: in {area} pairs of "
        f"a photo with it and one without, the one with it scored higher ({counts}). Of classes {others}"
        f"{f': in {beside[0]} ({beside[1]})' if beside else lacking}. By chance it would be 50."
    )


def _figure(kind: AucOfKind, attribute: int) -> tuple[str, str] | None:
    """ "71 of 100", and "28 photos of 1 class with it, 393 of 9 classes without"; None if nothing is known."""
    area = kind.auc[attribute]
    if area is None:
        return None
    photos, classes = kind.with_photos[attribute], kind.with_classes[attribute]
    without = f"{kind.photos - photos} of {_classes(kind.classes - classes)} without"
    return f"{of_hundred(area)} of 100", f"{counted(photos, 'photo')} of {_classes(classes)} with it, {without}"


def _classes(count: int) -> str:
    return "1 class" if count == 1 else f"{count} classes"


def summary_words(found: AttributeAuc) -> str:
    """How many attributes are read how well, on classes never trained on and on the others."""
    of_unseen, of_seen = (_summary(kind) for kind in (found.unseen, found.seen))
    return (
        f"Of {len(found.unseen.auc)} attributes, on photos of classes never trained on {of_unseen}. On photos of classes trained "
        f"on {of_seen}. Well: in at least {WELL} of 100 pairs of a test photo with it and one without, the one with it scored "
        f"higher; hardly: in less than {PARTLY}, where 50 is chance. A photo counts as having what its class is described with."
    )


def _summary(kind: AucOfKind) -> str:
    steps = [step_of(area) for area in kind.auc if area is not None]
    told = [f"{steps.count(step)} are {step} read" for step in STEPS]
    untold = len(kind.auc) - len(steps)
    told += [f"of {untold} nothing can be told"] if untold else []
    return f"{', '.join(told[:-1])} and {told[-1]}"


def of_hundred(area: float) -> int:
    """Halves are rounded up."""
    return math.floor(100 * area + 0.5)
