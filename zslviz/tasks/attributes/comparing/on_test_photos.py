"""Two models over the test photos that they come with (`whole_set`): whose true class leads by how much, and who alone is right.

The *lead of the true class* is its score, with the handicap for trained classes taken off, less that of the best other class: above
0 the answer is right. Two models' leads have no common unit, so they are never subtracted; that both are set against 0 is what a
scatter of them shows. All classes compete, each model with its own handicap.

*Only A right* and *only B right* are told as counts and as means over classes of the classes' shares, as U and S are; their
difference is what the one model has more of U or S than the other. Intervals are percentile intervals of a bootstrap over test
photos within classes, the same replicates for both models, so differences are paired (`bootstrap`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import CheckpointError, ConfigError
from zslviz.runtime.places import TEST_PHOTOS
from zslviz.tasks.attributes.bootstrap import Difference, paired_differences, resampled_accuracy
from zslviz.tasks.attributes.comparing.comparison import check_spaces
from zslviz.tasks.attributes.figures import Answers, mean_accuracy
from zslviz.tasks.attributes.scoring import ScoringRule, calibrate
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.attributes.whole_set.photos import FusedPhotos, fused_of
from zslviz.tasks.base.bootstrap import LEVEL, REPLICATES, method, percentiles, tails_of

if TYPE_CHECKING:  # it brings PyTorch
    from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint

KINDS = ("unseen", "seen")
FIGURE_OF = {"unseen": "u", "seen": "s"}
WHO = ("both", "only_one", "only_other", "neither")


@dataclass(frozen=True, eq=False)
class Measured:
    """A model with its test photos. name: what people call it."""

    name: str
    space: SemanticSpace
    rule: ScoringRule
    gamma: float
    photos: FusedPhotos

    @classmethod
    def of(cls, checkpoint: AttributeCheckpoint, folder: Path, name: str) -> Measured:
        """A checkpoint with what lies in its folder. Raises CheckpointError if it came without test photos."""
        photos = fused_of(folder, checkpoint.space)
        if photos is None:
            raise CheckpointError(
                f"'{checkpoint.name}' came without its test photos ('{TEST_PHOTOS}'); 'zslviz evaluate --vectors' writes them."
            )
        return cls(name, checkpoint.space, checkpoint.rule, checkpoint.gamma, photos)

    @cached_property
    def scores(self) -> NDArray[np.float32]:
        """Scores of all classes with the handicap: float32 [N, K]."""
        return calibrate(self.photos.scores(self.space, self.rule), self.space.seen, self.gamma)

    @cached_property
    def leads(self) -> NDArray[np.float32]:
        """The lead of each photo's true class over the best other one: float32 [N]; 0 where no other class is there."""
        scores, rows = self.scores.copy(), np.arange(len(self.photos))
        true = scores[rows, self.photos.labels]
        scores[rows, self.photos.labels] = -np.inf
        best = scores.max(axis=1)
        return np.where(np.isfinite(best), true - best, 0).astype(np.float32)

    @cached_property
    def right(self) -> NDArray[np.bool_]:
        """Whether the true class is first, of equals the one that the table has first: bool [N]."""
        return np.asarray(self.scores.argmax(axis=1) == self.photos.labels)

    @property
    def answers(self) -> Answers:
        """The same as the figures are made of."""
        return self.photos.answers(self.space, self.rule, self.gamma)


@dataclass(frozen=True)
class Share:
    """A mean over classes of shares of photos, with its interval."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True)
class OfKind:
    """The test photos of seen or of unseen classes. counts, shares: by `WHO`. difference: what the other has more of S or of U."""

    kind: str
    photos: int
    classes: int
    counts: dict[str, int]
    shares: dict[str, Share]
    difference: Difference


@dataclass(frozen=True, eq=False)
class OnTestPhotos:
    """Two models on the same test photos."""

    one: Measured
    other: Measured
    replicates: int = REPLICATES
    seed: int = 0

    def __post_init__(self) -> None:
        check_spaces((self.one.photos.model, self.one.space), (self.other.photos.model, self.other.space))
        pair = self.one.photos, self.other.photos
        if pair[0].photos != pair[1].photos or not np.array_equal(pair[0].labels, pair[1].labels):
            raise ConfigError(
                f"'{pair[0].model}' and '{pair[1].model}' were not measured on the same test photos, so they are not compared."
            )

    @cached_property
    def who(self) -> NDArray[np.int8]:
        """Who is right on each photo, by its place in `WHO`: int8 [N]."""
        one, other = self.one.right, self.other.right
        return np.where(one & other, 0, np.where(one, 1, np.where(other, 2, 3))).astype(np.int8)

    def of_kind(self, kind: str) -> OfKind | None:
        """kind: one of `KINDS`. None if there is no test photo of it."""
        chosen = self.one.photos.of_seen == (kind == "seen")
        if not chosen.any():
            return None
        labels, who = self.one.photos.labels[chosen], self.who[chosen]
        right = np.stack([who == place for place in range(len(WHO))])
        drawn = resampled_accuracy(right, labels, np.random.default_rng(self.seed), self.replicates)
        estimates, tails = mean_accuracy(right, labels), tails_of(LEVEL)
        shares = {name: Share(float(estimates[i]), *percentiles(drawn[:, i], tails)) for i, name in enumerate(WHO)}
        counts = {name: int(right[i].sum()) for i, name in enumerate(WHO)}
        return OfKind(kind, len(labels), len(np.unique(labels)), counts, shares, self.differences[FIGURE_OF[kind]])

    @cached_property
    def kinds(self) -> list[OfKind]:
        """Photos of unseen classes, then of seen ones; of which there are any."""
        return [found for kind in KINDS if (found := self.of_kind(kind)) is not None]

    @cached_property
    def differences(self) -> dict[str, Difference]:
        """What the other has more of T1, U, S and H, paired."""
        return paired_differences(self.one.answers, self.other.answers, self.replicates, seed=self.seed)

    def by_class(self) -> list[tuple[int, list[int]]]:
        """Classes with their photos by `WHO`, first those whose shares of only-one and only-other are furthest apart."""
        labels = self.one.photos.labels
        found = [(int(c), np.bincount(self.who[labels == c], minlength=len(WHO)).tolist()) for c in np.unique(labels)]
        return sorted(found, key=lambda line: -abs(line[1][2] - line[1][1]) / sum(line[1]))

    @property
    def method(self) -> dict[str, Any]:
        """How the intervals were made."""
        return method("test photos within classes, the same for both models", self.replicates, self.seed)

    def sentences(self) -> Iterator[str]:
        """A sentence for each kind of test photo: who alone is right how often, and whether that is more than chance."""
        for found in self.kinds:
            of = "classes trained on" if found.kind == "seen" else "classes never trained on"
            names, counts, difference = (self.one.name, self.other.name), found.counts, found.difference
            yield (
                f"Of {found.photos} test photos of {of} {names[0]} alone is right on {counts['only_one']}, {names[1]} alone on "
                f"{counts['only_other']}, both on {counts['both']}, neither on {counts['neither']}: "
                + _verdict(names, difference, FIGURE_OF[found.kind].upper())
            )


def _verdict(names: tuple[str, str], difference: Difference, figure: str) -> str:
    low, high = sorted((abs(difference.low), abs(difference.high)))
    if difference.sign:
        ahead = names[int(difference.sign > 0)]
        points = f"{100 * abs(difference.estimate):.1f} points of {figure} ({100 * low:.1f} to {100 * high:.1f})"
        return f"{ahead} is ahead by {points}."
    ends = f"{100 * difference.low:+.1f} to {100 * difference.high:+.1f} points of {figure} for {names[1]}"
    return f"who is ahead cannot be told ({ends})."


def photos_answer(compared: OnTestPhotos) -> dict[str, Any]:
    """As plain values, fit for JSON: what `OnTestPhotos` tells, and of each photo its class, both leads and who is right."""
    one, other = compared.one, compared.other
    names = one.space.class_names
    before, after = one.answers.figures(), other.answers.figures()
    return {
        "models": [one.photos.model, other.photos.model],
        "names": [one.name, other.name],
        "sentences": list(compared.sentences()),
        "kinds": [asdict(found) for found in compared.kinds],
        "figures": {
            name: {"one": before[name], "other": after[name], **asdict(difference)}
            for name, difference in compared.differences.items()
        },
        "method": compared.method,
        "classes": [
            {"index": c, "name": names[c], "seen": bool(one.space.seen[c]), **dict(zip(WHO, counts, strict=True))}
            for c, counts in compared.by_class()
        ],
        "photos": {
            "labels": one.photos.labels.tolist(),
            "leads": [[float(f"{lead:.6g}") for lead in model.leads.tolist()] for model in (one, other)],
            "who": compared.who.tolist(),
        },
    }


def photos_lines(compared: OnTestPhotos, top: int) -> list[str]:
    """For people at a shell: the sentences, the figures with paired intervals, the classes that differ most."""
    told = photos_answer(compared)
    names = told["names"]
    width = max(8, *map(len, names))
    named = max(len(line["name"]) for line in told["classes"][:top])
    return [
        *told["sentences"],
        f"\n{'':4}{names[0]:>{width}} {names[1]:>{width}}  difference (95 % of bootstrap replicates over test photos, paired)",
        *(
            f"{figure.upper():4}{100 * f['one']:{width}.1f} {100 * f['other']:{width}.1f}  "
            f"{100 * f['estimate']:+.1f} ({100 * f['low']:+.1f} to {100 * f['high']:+.1f})"
            for figure, f in told["figures"].items()
        ),
        f"\n{'':{named}}  only {names[0]}, only {names[1]}, both, neither",
        *(
            f"{line['name']:<{named}}  {line['only_one']:4d} {line['only_other']:4d} {line['both']:4d} {line['neither']:4d}"
            for line in told["classes"][:top]
        ),
        "\nThese are test photos: a model that is chosen by them has no figure left to be measured by.",
    ]
