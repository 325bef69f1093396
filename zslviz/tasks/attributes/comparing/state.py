"""The state that two models are compared in: edits, classes that were made up, a handicap, and which classes compete.

An edit of what was seen is made in both models: on the class table's scale both have then read the same. An edit of a class, and
a class that was made up, are rows of the table that both share. A handicap is in the units of one model's scores, so one that is
set is the first model's; the other keeps its own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from zslviz.errors import ConfigError
from zslviz.tasks.attributes.requests import RankRequest

if TYPE_CHECKING:
    from zslviz.tasks.attributes.explanation import Explanation

_APART = 1e-4  # of a table's values, from which two are not one: a checkpoint may keep them in half floats


def in_state(explanation: Explanation, request: RankRequest, gamma: float | None = None) -> Explanation:
    """The explanation as edits and a handicap have it; itself without any. Its maps stay those of the photo."""
    own = explanation.gamma if gamma is None else gamma
    if not request.edited and own == explanation.gamma:
        return explanation
    scores = explanation.edited_scores(request.image_edits)
    return replace(explanation, scores=scores, space=request.space(explanation), gamma=own)


def check_tables(one: Explanation, other: Explanation, request: RankRequest) -> None:
    """Raises ConfigError if classes are edited or made up and two models do not describe theirs by one table."""
    own, theirs = one.space.own_table, other.space.table[: one.space.own]
    made = len(own) < len(one.space.table)
    if (request.class_edits or made) and not np.allclose(own, theirs, rtol=0, atol=_APART):
        raise ConfigError(
            f"'{one.model}' and '{other.model}' describe their classes by different tables, so edits of classes, and classes that "
            "were made up, cannot be compared; take them back first."
        )
