"""From attribute scores and a SemanticSpace to ranked classes: arithmetic on a few thousand numbers, no network.

A class score is linear in one *fused* attribute vector u [A]:

    score_c = <u, p_c / |p_c|>,   u = sum_g w_g s_g           (dot; MSDN: z = alpha z_1 + (1 - alpha) z_2)
                                  u = sum_g w_g s_g / |s_g|   (cosine; Mg-MRN: sum of scale * cos over granularities)

so the terms u_a p_ca / |p_c| add up exactly to the score, whatever was edited. Calibrated stacking (Chao et al. 2016)
subtracts gamma from the score of every seen class.

DAP multiplies probabilities (Lampert et al. 2014, eq. 2): with q_a = p(a | photo), pi_a = p(a) and a class's row t_c,

    log prod_a (q_a / pi_a)^t_ca ((1 - q_a) / (1 - pi_a))^(1 - t_ca) = <u, t_c> + constant,   u_a = logit q_a - logit pi_a

and the constant is the same for all classes. So it is linear as well, with rows of another kind: `binary`, the paper's, where
t_ca is 1 if the class has more of the attribute than a threshold and else 0; or `table`, where t_ca is the table's own value,
read as the probability that the class has the attribute.

What is worked out of one photo's scores (values, edits, class scores, terms) is worked out in float64 from the float32 numbers and
rounded once: equal rows get equal scores whatever the processor, and the page's own arithmetic (`zslviz/ui/twin`) finds the same
order. Batches are worked out in float32.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import ConfigError
from zslviz.files.typed import Finite, typed
from zslviz.tasks.attributes.space import ROWS, SemanticSpace
from zslviz.tasks.base.arrays import order_free_sums
from zslviz.tasks.base.ranking import Ranking, best_first

Floats = NDArray[np.floating[Any]]
RuleKind = Literal["dot", "cosine", "binary", "table"]
Which = slice | list[int]  # of classes
_ALL = slice(None)


@dataclass(frozen=True)
class ScoringRule:
    """How a model compares attribute scores with classes: `weights` has one number per granularity.

    thresholds: one number per attribute for `binary`, none for the other kinds.
    """

    kind: RuleKind
    weights: tuple[Finite, ...]
    thresholds: tuple[Finite, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in get_args(RuleKind):
            raise ConfigError(f"A scoring rule is 'dot' or 'cosine', 'binary' or 'table', not '{self.kind}'.")
        if bool(self.thresholds) != (self.kind == "binary"):
            raise ConfigError("A scoring rule needs thresholds if it is 'binary', and only then.")

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> ScoringRule:
        """A rule from what `to_dict` gave. Raises ConfigError if it is none."""
        return typed(cls, values, "a scoring rule", known=None)

    def to_dict(self) -> dict[str, Any]:
        """Plain values; thresholds only where there are any."""
        values: dict[str, Any] = {"kind": self.kind, "weights": list(self.weights)}
        return {**values, "thresholds": list(self.thresholds)} if self.thresholds else values

    def rows(self, space: SemanticSpace) -> NDArray[np.float32]:
        """What stands for each class: float32 [K, A]. Raises ConfigError if the thresholds are of another space."""
        return space.prototypes if self.kind in ("dot", "cosine") else self.undivided(space)[0]

    def exact_rows(self, space: SemanticSpace, which: Which = _ALL) -> NDArray[np.float64]:
        """The same of some classes before any rounding: float64 [N, A]. Raises ConfigError."""
        rows, lengths = self.undivided(space, which)
        return rows.astype(np.float64) / lengths[:, None]

    def undivided(self, space: SemanticSpace, which: Which = _ALL) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
        """`exact_rows` as float32 [N, A] that are still to be divided by float64 [N]. Raises ConfigError."""
        table = space.table[which]
        if self.kind in ("dot", "cosine"):
            return table, space.lengths[which]
        if self.kind == "binary":
            if len(self.thresholds) != len(space.attributes):
                raise ConfigError(
                    f"There are {len(self.thresholds)} thresholds for {len(space.attributes)} attributes."
                )
            table = (table > np.asarray(self.thresholds, dtype=np.float32)).astype(np.float32)
        return table, np.ones(len(table))

    @property
    def only(self) -> int | None:
        """The index of the granularity that alone has a weight, if there is one."""
        weighed = np.flatnonzero(self.weights)
        return int(weighed[0]) if len(weighed) == 1 else None

    @property
    def shares(self) -> NDArray[np.float32]:
        """What part of the ranking each granularity makes: float32 [G], sums to 1."""
        weights = np.abs(np.asarray(self.weights, dtype=np.float32))
        return weights / weights.sum() if weights.any() else np.full_like(weights, 1 / len(weights))

    def factors(self, scores: Floats) -> Floats:
        """What each granularity's scores [..., G, A] are multiplied with before they are added: [..., G], of the scores' type."""
        weights = np.asarray(self.weights, dtype=scores.dtype)
        if self.kind != "cosine":
            return np.broadcast_to(weights, scores.shape[:-1])
        norms = np.linalg.norm(scores, axis=-1)
        return np.asarray(weights / np.maximum(norms, 1e-12), dtype=scores.dtype)

    def fuse(self, scores: Floats) -> Floats:
        """The fused attribute vector u: [..., G, A] -> [..., A], of the scores' type."""
        return np.asarray(np.einsum("...g,...ga->...a", self.factors(scores), scores), dtype=scores.dtype)


@dataclass(frozen=True, eq=False)
class AttributeScale:
    """Reads a model's raw scores on the scale of the class table, so that people can compare and edit them.

    Per granularity and attribute the raw scores of the training photos have a mean and a spread, and so has the
    table over those photos. The value shown is the raw score's standard score, put on the table's mean and
    spread and averaged over granularities, each with its share of the ranking (so that nothing is shown that does not count).
    It is affine in the raw score, so an edit can be carried back exactly.

    mean, std: float32 [G, A] of raw scores. table_mean, table_std: float32 [A] of the table over the same photos.
    shares: float32 [G], sums to 1; equal if not given.
    """

    mean: NDArray[np.float32]
    std: NDArray[np.float32]
    table_mean: NDArray[np.float32]
    table_std: NDArray[np.float32]
    shares: NDArray[np.float32] | None = None

    @property
    def weights(self) -> NDArray[np.float32]:
        """`shares`, or equal ones: float32 [G]."""
        return np.full(len(self.mean), 1 / len(self.mean), dtype=np.float32) if self.shares is None else self.shares

    @property
    def gain(self) -> NDArray[np.float32]:
        """How much a raw score of each granularity adds to the value shown: float32 [G, A]."""
        return self.weights[:, None] * self.table_std / self.std

    @classmethod
    def fit(cls, scores: Floats, table_rows: Floats, shares: NDArray[np.float32] | None = None) -> AttributeScale:
        """scores [N, G, A] of training photos; table_rows [N, A], the row of each photo's class; shares [G]."""
        return cls(
            scores.mean(axis=0).astype(np.float32),
            np.maximum(scores.std(axis=0), 1e-6).astype(np.float32),
            table_rows.mean(axis=0).astype(np.float32),
            np.maximum(table_rows.std(axis=0), 1e-3).astype(np.float32),
            shares,
        )

    def to_values(self, scores: Floats) -> NDArray[np.float32]:
        """Raw scores [..., G, A] -> values on the table's scale [..., A] (about 0..1)."""
        return self._exact_values(scores).astype(np.float32)

    def _exact_values(self, scores: Floats) -> NDArray[np.float64]:
        standard = (np.asarray(scores, dtype=np.float64) - self.mean) / self.std
        fused = np.einsum("g,...ga->...a", self.weights.astype(np.float64), standard)
        return np.asarray(self.table_mean + self.table_std * fused)

    def map_to_values(self, evidence: Floats) -> NDArray[np.float32]:
        """Evidence maps [G, A, H, W] -> how much each place adds to the value, fused over granularities: [A, H, W]."""
        return np.einsum("ga,gahw->ahw", self.gain, evidence).astype(np.float32)

    def edit(self, scores: Floats, edits: Mapping[int, float]) -> NDArray[np.float32]:
        """Scores [G, A] whose values at the edited attributes are the wanted ones; every other number is untouched.

        All granularities move by the same standard score. Without edits the very same numbers come back.
        """
        edited = np.array(scores, dtype=np.float32)
        if edits:
            at, wanted = np.array(list(edits), dtype=np.intp), np.array(list(edits.values()), dtype=np.float64)
            steps = (wanted - self._exact_values(edited)[at]) / self.table_std[at].astype(np.float64)
            edited[:, at] = edited[:, at].astype(np.float64) + steps * self.std[:, at]
        return edited


@dataclass(frozen=True)
class RankedClass:
    """One line of a ranking. `score` is after calibration; `probability` is the softmax over the classes that compete."""

    index: int
    name: str
    seen: bool
    score: float
    probability: float
    rank: int


@dataclass(frozen=True, eq=False)
class ClassRanking(Ranking[RankedClass]):
    """All K classes scored, those that compete in order.

    scores: float32 [K] before calibration. calibrated: float32 [K], gamma taken from seen classes, -inf where a class does
    not compete. order: indices of the competing classes, best first. probabilities: float32 [K], 0 where not competing.
    """

    calibrated: NDArray[np.float32]
    probabilities: NDArray[np.float32]
    space: SemanticSpace
    gamma: float
    unseen_only: bool

    @property
    def names(self) -> tuple[str, ...]:
        return self.space.class_names

    @property
    def seen(self) -> NDArray[np.bool_]:
        return self.space.seen

    def top(self, count: int = 10) -> list[RankedClass]:
        return self.lines(count)

    def ranked(self, index: int) -> RankedClass:
        """The line of one class; rank 0 if it does not compete."""
        return self.line(index)

    def _lines(self, indices: NDArray[np.intp], ranks: Sequence[int]) -> list[RankedClass]:
        columns = (self.seen, self.calibrated, self.probabilities)
        rows = zip(indices.tolist(), *(column[indices].tolist() for column in columns), ranks, strict=True)
        return [RankedClass(index, self.names[index], *row) for index, *row in rows]


def by_attributes_alone(ranking: ClassRanking) -> int | None:
    """The class that would be first without the handicap (gamma = 0), where the handicap decides: where that class is of the other
    sort, trained on or not, than the one that is first. None where it does not. Of equal scores the class listed first."""
    alone = int(np.where(ranking.competing, ranking.scores, -np.inf).argmax())
    return alone if ranking.seen[alone] != ranking.seen[ranking.order[0]] else None


def class_scores(
    scores: Floats, space: SemanticSpace, rule: ScoringRule, which: list[int] | None = None
) -> NDArray[np.float32]:
    """Class scores before calibration: [..., G, A] -> float32 [..., K]; of one photo also of some classes alone: [N]."""
    if which is not None:
        rows, lengths = rule.undivided(space, which)
        fused = rule.fuse(np.asarray(scores, dtype=np.float64))
        return (order_free_sums(rows.astype(np.float64) * fused) / lengths).astype(np.float32)
    if scores.ndim > 2:
        return np.asarray(rule.fuse(scores) @ rule.rows(space).T, dtype=np.float32)
    fused, parts = rule.fuse(np.asarray(scores, dtype=np.float64)), []
    for start in range(0, len(space.classes), ROWS):
        rows, lengths = rule.undivided(space, slice(start, start + ROWS))
        parts.append(order_free_sums(rows.astype(np.float64) * fused) / lengths)
    return np.concatenate(parts).astype(np.float32)


def calibrate(scores: Floats, seen: NDArray[np.bool_], gamma: float) -> NDArray[np.float32]:
    """Calibrated stacking: gamma is subtracted from the scores [..., K] of seen classes."""
    return np.where(seen, scores - np.float32(gamma), scores).astype(np.float32)


def rank_classes(
    scores: Floats,
    space: SemanticSpace,
    rule: ScoringRule,
    gamma: float = 0.0,
    unseen_only: bool = False,
    without: Collection[int] = (),
) -> ClassRanking:
    """Ranks the classes of a space for one photo's attribute scores [G, A]. Ties keep the order of the table.

    without: indices of classes that are not to compete. Raises ConfigError if gamma is not finite or no class competes.
    """
    if not np.isfinite(gamma):
        raise ConfigError("gamma must be a finite number.")
    raw = class_scores(scores, space, rule)
    calibrated = calibrate(raw, space.seen, gamma)
    competing = ~space.seen if unseen_only else np.ones(len(raw), dtype=bool)
    if not competing.any():
        raise ConfigError("There is no unseen class in this table, so nothing is left to rank; show all classes.")
    competing[list(without)] = False
    if not competing.any():
        raise ConfigError("Every class is left out, so nothing is left to rank; leave out fewer.")
    calibrated = np.where(competing, calibrated, -np.inf).astype(np.float32)
    order = best_first(calibrated, competing)
    odds = np.exp(calibrated - calibrated[order[0]])
    probabilities = (odds / odds.sum()).astype(np.float32)
    return ClassRanking(raw, competing, order, calibrated, probabilities, space, float(gamma), unseen_only)


@dataclass(frozen=True, eq=False)
class Contributions:
    """Why one class and not another: `terms` [A] and `calibration` add up to `margin`, exactly.

    margin: calibrated score of the class minus that of the rival. terms: per attribute. calibration: what gamma adds
    (it is not 0 only if one of the two is seen and the other is not).
    """

    class_index: int
    rival_index: int
    terms: NDArray[np.float32]
    calibration: float
    margin: float

    def strongest(self, count: int = 10) -> list[int]:
        """Attributes with the largest terms by size, largest first."""
        return [int(a) for a in np.argsort(-np.abs(self.terms), kind="stable")[:count]]


def contributions(
    scores: Floats, space: SemanticSpace, rule: ScoringRule, class_index: int, rival_index: int, gamma: float = 0.0
) -> Contributions:
    """The exact terms of the margin between two classes for one photo's attribute scores [G, A]."""
    row, rival = rule.exact_rows(space, [class_index, rival_index])
    terms = (rule.fuse(np.asarray(scores, dtype=np.float64)) * (row - rival)).astype(np.float32)
    calibration = float(gamma) * (float(space.seen[rival_index]) - float(space.seen[class_index]))
    return Contributions(class_index, rival_index, terms, calibration, float(terms.sum(dtype=np.float64)) + calibration)
