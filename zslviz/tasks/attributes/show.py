"""What the shell shows of an attribute model (see `tasks.base.show`), and its ranking after edits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zslviz.errors import ConfigError
from zslviz.models.registry import MODELS
from zslviz.tasks.attributes.maps import EVIDENCE
from zslviz.tasks.attributes.scoring import ClassRanking, rank_classes
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.base.card_parts import percent
from zslviz.tasks.base.photo import Map
from zslviz.tasks.base.show import BEST, Options, Shown, kind_shown

if TYPE_CHECKING:  # it brings PyTorch
    from zslviz.tasks.attributes.explainer import AttributeExplainer

FIGURES = ("t1", "u", "s", "h")
COLUMNS = {figure.upper(): figure for figure in FIGURES}
OPTIONS = {
    "explain": Options(
        own=("granularity",),
        shared=("kind",),
        others="'{name}' scores attributes; labels are added to multi-label models.",
    ),
    "predict": Options(shared=("gamma", "unseen_only")),
    "evaluate": Options(own=("out",), elsewhere="'--out' writes the report of an attribute model; use --json here."),
    "train": Options(
        own=("choice",),
        elsewhere="'--choice' takes over what attribute models choose on validation; leave it out here.",
    ),
}


def explain(
    explainer: AttributeExplainer,
    photo: Path,
    top: int,
    attribute: str | None,
    granularity: int | None = None,
    kind: str | None = None,
) -> Shown:
    """Ranked classes and the strongest attributes. granularity: whose map is drawn, from 1 on; that of all together if None."""
    space = explainer.space
    chosen = None if attribute is None else space.attribute_index(attribute)
    if granularity is not None and granularity > len(explainer.granularities):
        raise ConfigError(f"This model has {len(explainer.granularities)} granularities, so there is no {granularity}.")
    explanation = explainer.explain(photo)
    shown = kind_shown(explanation, kind, EVIDENCE.of)
    order = sorted(range(len(explanation.values)), key=lambda a: -float(explanation.values[a]))
    lines = [
        *ranking_lines(explanation.rank(), top),
        "\nStrongest attributes (on the scale of the class table):",
        *(f"  {explanation.values[index]:6.2f}  {space.attribute_names[index]}" for index in order[:top]),
    ]
    if chosen is not None:
        lines.append(f"\n{space.attribute_names[chosen]}: {explanation.values[chosen]:.2f}")
    index = order[0] if chosen is None else chosen

    def draw() -> Map:
        return explanation.map(shown, index, None if granularity is None else granularity - 1)

    return Shown(explanation, lines, f"{shown} of '{space.attribute_names[index]}'", draw)


def rank(
    explainer: AttributeExplainer,
    photo: Path,
    top: int,
    set_attribute: Sequence[str] = (),
    set_class: Sequence[str] = (),
    table: Path | None = None,
    gamma: float | None = None,
    unseen_only: bool = False,
) -> list[str]:
    """Ranked classes after edits of what the model saw ("ATTRIBUTE=VALUE") and of classes ("CLASS:ATTRIBUTE=VALUE").

    table: a class table (CSV) to rank instead of the model's own. Raises ConfigError, UnknownNameError, TableError.
    """
    space = explainer.space if table is None else SemanticSpace.from_csv(table, like=explainer.space)
    image_edits: dict[int, float] = {}
    for edit in set_attribute:
        name, value = _assignment(edit, "ATTRIBUTE=VALUE")
        image_edits[space.attribute_index(name)] = value
    for edit in set_class:
        target, value = _assignment(edit, "CLASS:ATTRIBUTE=VALUE")
        class_name, colon, attribute = target.partition(":")
        if not colon:
            raise ConfigError(f"'{edit}' is not an edit; write it as 'CLASS:ATTRIBUTE=VALUE'.")
        space = space.with_value(class_name, attribute, value)
    return ranking_lines(explainer.explain(photo).rank(gamma, unseen_only, image_edits, space), top)


def ranking_lines(ranking: ClassRanking, top: int) -> list[str]:
    """gamma, then the best classes: rank, seen or not, probability, score, name."""
    return [
        f"gamma {ranking.gamma:.2f}{', unseen classes only' if ranking.unseen_only else ''}",
        *(
            f"{line.rank:4d}  {'seen  ' if line.seen else 'unseen'}  {100 * line.probability:5.1f} %  "
            f"{line.score:8.3f}  {line.name}"
            for line in ranking.top(top)
        ),
    ]


def _assignment(text: str, form: str) -> tuple[str, float]:
    name, equals, value = text.rpartition("=")
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if not equals or not name.strip() or not -10 <= number <= 10:
        raise ConfigError(f"'{text}' is not an edit; write it as '{form}' with a value of about 0 to 1.")
    return name.strip(), number


class ClassTable:
    """One row a photo: the five best classes, their scores, and whether they were trained on (1 or 0)."""

    def __init__(self, explainer: AttributeExplainer, gamma: float | None = None, unseen_only: bool = False) -> None:
        self.header = [f"{column}{i}" for column in ("top", "score", "seen") for i in range(1, BEST + 1)]
        self.explainer, self.unseen_only = explainer, unseen_only
        self.gamma = explainer.gamma if gamma is None else gamma

    def rows(self, scores: Any) -> Iterator[list[Any]]:
        space = self.explainer.space
        best = rank_classes(scores, space, self.explainer.rule, self.gamma, self.unseen_only).top(BEST)
        blank = [""] * (BEST - len(best))
        names = [space.classes[line.index] for line in best]
        numbers = [f"{line.score:.6g}" for line in best]
        yield [*names, *blank, *numbers, *blank, *(int(line.seen) for line in best), *blank]


TABLE = ClassTable


def figure_lines(name: str, figures: Mapping[str, Any]) -> list[str]:
    """The figures of a `ZeroShotReport` in per cent, and what a `FullReport` tells of variants beside them."""
    told = "  ".join(f"{k.upper()} {percent(figures[k])}" for k in (*FIGURES, "ausuc"))
    oracle, intervals = figures["oracle"], figures["intervals"]
    ranges = "  ".join(f"{k.upper()} {percent(intervals[k][0])} to {percent(intervals[k][1])}" for k in FIGURES)
    return [
        f"{name}: {told}  (gamma {figures['gamma']:.2f}, from validation)",
        f"{100 * intervals['method']['level']:.0f} % intervals over test photos: {ranges}",
        f"oracle, gamma chosen on the test photos: H {percent(oracle['h'])} at gamma {oracle['gamma']:.2f}",
        *_spread_lines(figures.get("validation")),
        *_variant_lines(figures),
    ]


def _spread_lines(validation: Any) -> Iterator[str]:
    """How sure gamma is, of a model just trained whose several sets of held-out classes each had their own."""
    gammas = validation.get("gammas", ()) if isinstance(validation, Mapping) else ()
    if len(gammas) > 1:
        low, high = min(gammas), max(gammas)
        yield f"gamma on each of {len(gammas)} sets of held-out classes alone: {low:.2f} to {high:.2f}"


def _variant_lines(figures: Mapping[str, Any]) -> Iterator[str]:
    """A line for each granularity alone, the plain sum and the fixed-bias protocol, of models that have them."""
    for variant in figures.get("variants", ()):
        own = "" if variant["h"] is None else f"H {percent(variant['h'])}, "
        yield f"{variant['name']}: T1 {percent(variant['t1'])}, {own}oracle H {percent(variant['oracle']['h'])}"
    for fixed in figures.get("fixed_bias", ()):
        authors, half = f"{MODELS[figures['system']].title}'s authors", fixed["margin"] / 2
        shares = " and ".join(f"{w:g}" for w in fixed["fusion"])
        told = "  ".join(f"{k.upper()} {percent(fixed[k])}" for k in FIGURES)
        yield f"fixed bias ({authors}: {-half:+g} seen, {half:+g} unseen), {fixed['from']} fusion {shares}: {told}"
