"""Predictions as rows of a table, for each kind of model."""

from __future__ import annotations

from zslviz.errors import ConfigError
from zslviz.explainer import Explainer
from zslviz.tasks.attributes.explainer import AttributeExplainer
from zslviz.tasks.attributes.show import ClassTable
from zslviz.tasks.base.show import Table
from zslviz.tasks.compositional.explainer import CompositionExplainer
from zslviz.tasks.compositional.show import PairTable
from zslviz.tasks.multilabel.explainer import LabelExplainer
from zslviz.tasks.multilabel.show import LabelTable


def table_for(
    explainer: Explainer, gamma: float | None, unseen_only: bool, open_world: bool = False, bias: float | None = None
) -> Table:
    """The table of an explainer's kind. Raises ConfigError for an option that this kind does not have."""
    if isinstance(explainer, CompositionExplainer):
        if gamma is not None or unseen_only:
            raise ConfigError(f"'{explainer.name}' takes --bias and --open-world, not --gamma or --unseen-only.")
        return PairTable(explainer, open_world, bias)
    if open_world or bias is not None:
        raise ConfigError(f"'{explainer.name}' is no compositional model; leave out --open-world and --bias.")
    if isinstance(explainer, LabelExplainer):
        return LabelTable(explainer, gamma, unseen_only)
    assert isinstance(explainer, AttributeExplainer)
    return ClassTable(explainer, gamma, unseen_only)
