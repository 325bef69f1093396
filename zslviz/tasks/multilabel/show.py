"""What the shell shows of a multi-label model (see `tasks.base.show`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from zslviz.errors import ConfigError
from zslviz.files.journal import as_cell
from zslviz.photos.loading import ImageSource
from zslviz.tasks.base.card_parts import percent
from zslviz.tasks.base.insights import insight_lines, insights_answer
from zslviz.tasks.base.photo import Map
from zslviz.tasks.base.show import Mapped, Options, Shown
from zslviz.tasks.multilabel.card import FIGURES, HEADS
from zslviz.tasks.multilabel.explanation import REGIONS, LabelExplanation
from zslviz.tasks.multilabel.space import LabelSpace

if TYPE_CHECKING:  # it brings PyTorch
    from zslviz.tasks.multilabel.explainer import LabelExplainer

COLUMNS = {"mAP ZSL": "map_zsl", "F1@3 ZSL": "f1_3_zsl", "mAP GZSL": "map_gzsl", "F1@3 GZSL": "f1_3_gzsl"}
ONE_MAP = "'{name}' has one map a label; leave out --granularity and --kind."
OPTIONS = {
    "explain": Options(own=("add",), shared=("kind",), others=ONE_MAP),
    "predict": Options(shared=("gamma", "unseen_only")),
    "evaluate": Options(),
    "extend": Options(
        others="'{name}' knows labels by their names alone: 'zslviz explain --add LABEL' adds one to a photo's."
    ),
    "invent": Options(
        others="'{name}' knows labels by their names alone; a class by a description is made with an attribute model."
    ),
    "compare": Options(
        others="'{name}' scores labels; attribute models are compared, by what they read of attributes."
    ),
    "retest": Options(
        others="'{name}' scores no attributes; only attribute models come with test photos that can be ranked again."
    ),
    "serve": Options(),
    "train": Options(),
}


def explain(
    explainer: LabelExplainer,
    photo: ImageSource,
    top: int,
    label: str | None,
    add: Sequence[str] = (),
    kind: str | None = None,
) -> Shown:
    """Ranked labels, added ones among them, and the regions that a label counted. kind: evidence, or not named at all."""
    if kind not in (None, REGIONS.name):
        raise ConfigError(ONE_MAP.format(name=explainer.name))
    explanation = explainer.add(explainer.explain(photo), *add)
    chosen = None if label is None else explanation.space.label_index(label)
    ranking = explanation.rank()
    bars = f"{explanation.threshold:.2f} on, unseen labels from {explanation.unseen_threshold:.2f}"
    lines = [f"gamma {explanation.gamma:.2f}, found from {bars} (*)"]
    for line in ranking[:top]:
        seen, mark = "seen  " if line.seen else "unseen", "*" if line.found else " "
        lines.append(f"{line.rank:4d}  {seen}  {line.calibrated:8.3f} {mark} {line.name}")
    if chosen is not None:
        line = ranking.line(chosen)
        cells = ", ".join(f"({row}, {column})" for row, column in explanation.counted_regions(chosen))
        lines.append(f"\n{line.name}: {line.calibrated:.3f}, rank {line.rank}; counted regions (row, column): {cells}")
    lines += insight_lines(insights_answer(explanation.insights))
    index = ranking.best.index if chosen is None else chosen

    def draw() -> Map:
        return explanation.map(explanation.offer_of(None, "label").name, index)

    return Shown(explanation, lines, f"map of '{explanation.space.label_names[index]}'", draw)


class LabelTable:
    """A row for every label of a photo, best first: the score that ranks it (less gamma if it is seen), and whether it is seen."""

    def __init__(self, explainer: LabelExplainer, gamma: float | None = None, unseen_only: bool = False) -> None:
        self.header, self.look = ["label", "score", "seen"], explainer.scores_of
        self.space, self.unseen_only = explainer.space, unseen_only
        self.gamma = explainer.gamma if gamma is None else gamma

    def rows(self, scores: Any) -> Iterator[list[Any]]:
        competing = scores - self.gamma * self.space.seen
        for index in np.argsort(-competing, kind="stable"):
            if not (self.unseen_only and self.space.seen[index]):
                yield [as_cell(self.space.labels[index]), f"{competing[index]:.6g}", int(self.space.seen[index])]

    def found_in(self, explanation: LabelExplanation) -> Any:
        return explanation.scores

    def mapped(self, explanation: LabelExplanation) -> Mapped:
        """All labels by own names, as in tables, with the scores that the model gives them."""
        labels = explanation.space.labels
        return Mapped(REGIONS.of, labels, range(len(labels)), explanation.scores)


TABLE = LabelTable


def space_rows(space: LabelSpace) -> Iterator[list[Any]]:
    """A row a label: its name, and whether it was trained on (1 or 0)."""
    yield ["label", "seen"]
    for label, seen in zip(space.labels, space.seen, strict=True):
        yield [label, int(seen)]


def figure_lines(name: str, figures: Mapping[str, Any]) -> list[str]:
    """mAP and F1, in per cent."""
    told = "  ".join(f"{title} {percent(figures[key])}" for title, key in zip(HEADS, FIGURES, strict=True))
    return [f"{name}: {told}"]
