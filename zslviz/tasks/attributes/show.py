"""What the shell shows of an attribute model (see `tasks.base.show`), and its ranking after edits."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from zslviz.errors import ConfigError, TableError
from zslviz.files import read_text
from zslviz.models.registry import MODELS
from zslviz.photos.covering import Region
from zslviz.photos.loading import ImageSource
from zslviz.tasks.attributes.attribute_lines import apart_lines, attribute_lines
from zslviz.tasks.attributes.class_table import read_class_table
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.is_it_true.lines import cover_lines
from zslviz.tasks.attributes.maps import EVIDENCE
from zslviz.tasks.attributes.predicted import ClassTable
from zslviz.tasks.attributes.remarks import checked_table
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.sentence import hardly_said, sentence
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.attributes.typed_edits import typed_request
from zslviz.tasks.attributes.unlike.told import unlike_sentence
from zslviz.tasks.attributes.what_would_it_take.answer import BY
from zslviz.tasks.attributes.what_would_it_take.lines import answer_lines
from zslviz.tasks.attributes.what_would_it_take.question import Question
from zslviz.tasks.attributes.whole_set.attribute_auc import hardly_marked, read_answer
from zslviz.tasks.base.card_parts import percent
from zslviz.tasks.base.photo import Map
from zslviz.tasks.base.requests import typed_number
from zslviz.tasks.base.show import Options, Shown, kind_shown

if TYPE_CHECKING:  # it brings PyTorch
    from zslviz.tasks.attributes.explainer import AttributeExplainer

FIGURES = ("t1", "u", "s", "h")
COLUMNS = {figure.upper(): figure for figure in FIGURES}
INVENT = ("sentence", "like", "part", "from_photo", "table", "set_attribute", "name", "photo")
NO_TABLE = "'{name}' has no table of classes; --table is for attribute models."
OPTIONS = {
    "explain": Options(
        own=("granularity", "table", "looks"),
        shared=("kind",),
        others="'{name}' scores attributes; labels are added to multi-label models.",
        elsewhere={"table": NO_TABLE, "looks": "'{name}' has no classes that could stay first; leave out --looks."},
    ),
    "predict": Options(
        own=("table", "attributes"),
        shared=("gamma", "unseen_only"),
        elsewhere={"table": NO_TABLE, "attributes": "'{name}' scores no attributes; leave out --attributes."},
    ),
    "evaluate": Options(
        own=("out", "table", "vectors"),
        elsewhere={
            "out": "'--out' writes the report of an attribute model; use --json here.",
            "vectors": "'{name}' scores no attributes, so its test photos have no fused vectors; leave out --vectors.",
            "table": NO_TABLE,
        },
    ),
    "extend": Options(own=("table",)),
    "invent": Options(own=INVENT),
    "compare": Options(own=("photo",)),
    "retest": Options(own=("set_class", "table", "gamma", "model")),
    "serve": Options(own=("table",), elsewhere={"table": NO_TABLE}),
    "train": Options(
        own=("choice",),
        elsewhere="'--choice' takes over what attribute models choose on validation; leave it out here.",
    ),
}


def explain(
    explainer: AttributeExplainer,
    photo: ImageSource,
    top: int,
    attribute: str | None,
    granularity: int | None = None,
    kind: str | None = None,
    table: Path | None = None,
    looks: bool = False,
) -> Shown:
    """Ranked classes, that in words, and the strongest attributes.

    granularity: whose map is drawn, from 1 on; that of all together if None. table: a class table (CSV) instead of the model's own.
    looks: whether the answer stays in eight looks is told as well.
    """
    if table is not None:
        explainer = explainer.with_table(table)
    space = explainer.space
    chosen = None if attribute is None else space.attribute_index(attribute)
    if granularity is not None and granularity > len(explainer.granularities):
        raise ConfigError(f"This model has {len(explainer.granularities)} granularities, so there is no {granularity}.")
    explanation = explainer.explain(photo)
    shown = kind_shown(explanation, kind, EVIDENCE.of)
    order = sorted(range(len(explanation.values)), key=lambda a: -float(explanation.values[a]))
    lines = [
        *explainer.notes,
        *ranking_lines(explanation, RankRequest(), top),
        *([explainer.looked_again(explanation).under().sentence.text] if looks else []),
        "\nStrongest attributes (on the scale of the class table):",
        *(
            f"  {explanation.values[index]:6.2f}  {space.attribute_names[index]}{hardly_marked(explanation.areas, index)}"
            for index in order[:top]
        ),
    ]
    lines += apart_lines(explanation)
    if chosen is not None:
        lines += attribute_lines(explanation, chosen, shown)
        lines += [f"  {said}" for said in read_answer(explainer.metrics, space, chosen).values() if said]
    index = order[0] if chosen is None else chosen

    def draw() -> Map:
        return explanation.map(shown, index, None if granularity is None else granularity - 1)

    return Shown(explanation, lines, f"{shown} of '{space.attribute_names[index]}'", draw)


def rank(
    explainer: AttributeExplainer,
    photo: ImageSource,
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
    explainer = explainer if table is None else explainer.with_table(table)
    request = typed_request(explainer.space, set_attribute, set_class, gamma, unseen_only)
    return [*explainer.notes, *ranking_lines(explainer.explain(photo), request, top)]


def what_would_it_take(
    explainer: AttributeExplainer,
    photo: ImageSource,
    target: str,
    limit: Sequence[str] = (),
    parts: bool = False,
    set_attribute: Sequence[str] = (),
    set_class: Sequence[str] = (),
    table: Path | None = None,
    gamma: float | None = None,
    unseen_only: bool = False,
    **asked: Any,
) -> list[str]:
    """What it would take for a class to be first, way by way.

    limit: "ATTRIBUTE=LEAST..MOST". parts: whole groups. asked: the rest of `Question.parse`. Raises ConfigError, UnknownNameError,
    TableError.
    """
    explainer = explainer if table is None else explainer.with_table(table)
    ranges = dict(_range(one) for one in limit)
    question = Question.parse(explainer.space, target, by=BY[parts], ranges=ranges, **asked)
    request = typed_request(explainer.space, set_attribute, set_class, gamma, unseen_only)
    return [*explainer.notes, *answer_lines(explainer.explain(photo), question, request)]


def cover(
    explainer: AttributeExplainer,
    photo: ImageSource,
    box: str | None,
    attribute: str | None = None,
    set_attribute: Sequence[str] = (),
    set_class: Sequence[str] = (),
    table: Path | None = None,
    gamma: float | None = None,
    unseen_only: bool = False,
) -> list[str]:
    """What the maps promise of the photo without a place, and what the network makes of it with that place blurred.

    box: "LEFT,TOP,RIGHT,BOTTOM" as fractions; the smallest place that decides if None. Raises ConfigError, UnknownNameError,
    TableError.
    """
    explainer = explainer if table is None else explainer.with_table(table)
    request = typed_request(explainer.space, set_attribute, set_class, gamma, unseen_only)
    region = None if box is None else Region.parse(box)
    chosen = None if attribute is None else explainer.space.attribute_index(attribute)
    explanation = explainer.explain(photo)
    lines = cover_lines(explanation, partial(explainer.covered, explanation), region, chosen, request)
    return [*explainer.notes, *lines]


def ranking_lines(explanation: Explanation, request: RankRequest, top: int) -> list[str]:
    """gamma, then the best classes: rank, seen or not, score, name; and the answer in words."""
    ranking, unlike = request.rank(explanation), unlike_sentence(explanation.strangeness)
    answer = sentence(explanation, request)
    return [
        *([unlike] if unlike else []),
        f"gamma {ranking.gamma:.2f}{', unseen classes only' if ranking.unseen_only else ''}",
        *(
            f"{line.rank:4d}  {'seen  ' if line.seen else 'unseen'}  {line.score:8.3f}  {line.name}"
            for line in ranking.top(top)
        ),
        f"\n{answer.text}",
        *([hardly] if (hardly := hardly_said(explanation, answer)) else []),
    ]


def _range(text: str) -> tuple[str, tuple[float, float]]:
    name, equals, ends = text.rpartition("=")
    low, dots, high = ends.partition("..")
    found = typed_number(low), typed_number(high)
    if not equals or not dots or not name.strip() or not all(map(math.isfinite, found)):
        raise ConfigError(f"'{text}' is not a limit; write it as 'ATTRIBUTE=LEAST..MOST', such as 'spots=0..0.5'.")
    return name.strip(), found


TABLE = ClassTable


def check_table(table: Path) -> None:
    """Raises TableError if a class table is none, whatever the model."""
    read = read_class_table(read_text(table, TableError), blanks=True)
    SemanticSpace.of_table(read._replace(values=np.nan_to_num(read.values)))


def table_lines(table: Path) -> Iterator[str]:
    """What a class table cannot do (`remarks.checked_table`). Raises TableError."""
    return checked_table(table)


def space_rows(space: SemanticSpace) -> Iterator[list[Any]]:
    """The class table as `SemanticSpace.to_csv` writes it."""
    yield from csv.reader(io.StringIO(space.to_csv(), newline=""))


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
