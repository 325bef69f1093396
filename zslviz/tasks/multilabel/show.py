"""What 'zslviz explain' prints and writes of a multi-label model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import typer

from zslviz.photos.heatmaps import write_overlay
from zslviz.tasks.multilabel.explainer import LabelExplainer
from zslviz.tasks.multilabel.explanation import LabelExplanation


def explain_labels(
    explainer: LabelExplainer, photo: Path, top: int, label: str | None, added: list[str], picture: Path | None
) -> LabelExplanation:
    """Ranked labels, added ones among them, and a label's map over the photo."""
    explanation = explainer.add(explainer.explain(photo), *added)
    chosen = None if label is None else explanation.space.label_index(label)
    ranking = explanation.rank()
    typer.echo(f"gamma {explanation.gamma:.2f}, found from {explanation.threshold:.2f} on (*)")
    for line in ranking[:top]:
        kind, mark = "seen  " if line.seen else "unseen", "*" if line.found else " "
        typer.echo(f"{line.rank:4d}  {kind}  {line.calibrated:8.3f} {mark} {line.name}")
    index = ranking[0].index if chosen is None else chosen
    if chosen is not None:
        line = next(line for line in ranking if line.index == chosen)
        cells = ", ".join(f"({row}, {column})" for row, column in explanation.counted_regions(chosen))
        typer.echo(f"\n{line.name}: {line.calibrated:.3f}, rank {line.rank}; counted regions (row, column): {cells}")
    if picture is not None:
        shown = explanation.map(explanation.offer_of(None, "label").name, index)
        scale = shown.scale
        write_overlay(explanation.photo, shown.values, shown.geometry, scale, picture)
        name = explanation.space.labels[index]
        typer.echo(f"wrote {picture} (map of '{name}', colours from {scale.low:.3g} to {scale.high:.3g})")
    return explanation


class LabelTable:
    """A row for every label of a photo, best first: the score that ranks it (less gamma if it is seen), and whether it is seen."""

    def __init__(self, explainer: LabelExplainer, gamma: float | None, unseen_only: bool) -> None:
        self.header = ["label", "score", "seen"]
        self.space, self.unseen_only = explainer.space, unseen_only
        self.gamma = explainer.gamma if gamma is None else gamma

    def rows(self, scores: Any) -> Iterator[list[Any]]:
        competing = scores - self.gamma * self.space.seen
        for index in np.argsort(-competing, kind="stable"):
            if not (self.unseen_only and self.space.seen[index]):
                yield [self.space.labels[index], f"{competing[index]:.6g}", int(self.space.seen[index])]
