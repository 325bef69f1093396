"""Measuring a compositional model on a data set's test photos, from the photos themselves or from cached features."""

from __future__ import annotations

from pathlib import Path

from zslviz.errors import DataError
from zslviz.tasks.base.measuring import scores_on
from zslviz.tasks.base.report import Report
from zslviz.tasks.compositional.choice import part_scores
from zslviz.tasks.compositional.data import CompositionalDataset, Part
from zslviz.tasks.compositional.explainer import CompositionExplainer
from zslviz.tasks.compositional.figures import evaluate_compositions

PARTS: tuple[Part, ...] = ("val", "test")


def evaluate(
    explainer: CompositionExplainer, dataset: CompositionalDataset, cache_root: Path | None = None, label: str = ""
) -> Report:
    """`evaluate_compositions` of a model; validation photos give the bias and the feasibility threshold.

    Raises DataError if the model scores other states and objects.
    """
    space = explainer.space
    if (dataset.space.states, dataset.space.objects) != (space.states, space.objects):
        raise DataError(f"'{explainer.name}' does not know the states and objects of this data.")
    if (dataset.space.seen != space.seen).any():
        raise DataError(f"'{explainer.name}' was trained on other pairs than this data says.")
    val, test = (
        part_scores(dataset, part, scores_on(explainer, dataset, dataset.photos_of(part), cache_root)) for part in PARTS
    )
    figures = evaluate_compositions(val, test, dataset.space_for("val"), dataset.space_for("test"), familiar=True)
    return Report({"model": explainer.name, "title": explainer.title, "label": label, **figures})
