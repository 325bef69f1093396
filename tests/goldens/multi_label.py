"""What a golden case of BiAM's evaluation holds against our figures for photos with several labels."""

from __future__ import annotations

import re

import numpy as np

from tests.goldens.cases import Case, Tolerance
from zslviz.tasks.multilabel.figures import (
    average_precisions,
    mean_average_precision,
    micro_at_k,
    pooled_average_precisions,
)

FLOAT32 = Tolerance(1e-6)
_AT_K = r"out\.f1_prec_rec_at(\d+)"


def _scores_and_tags(case: Case) -> tuple[np.ndarray, np.ndarray]:
    return case.tensors["in.scores"].numpy(), case.tensors["in.labels"].numpy().astype(np.int8)


def check_average_precision(case: Case) -> None:
    """A label without a tagged photo is NaN with us, 0 with the authors."""
    ours, theirs = average_precisions(*_scores_and_tags(case)), case.tensors["out.AP"].numpy()
    assert (theirs[np.isnan(ours)] == 0).all()
    case.tolerance(default=FLOAT32).check(np.nan_to_num(ours), theirs, "out.AP")


def check_mean(case: Case) -> None:
    precisions = average_precisions(*_scores_and_tags(case))
    for name, convention in (("out.mAP", "authors"), ("out.mAP_nonempty", "plain")):
        if name in case.tensors:
            ours = mean_average_precision(precisions, convention)
            case.tolerance(default=FLOAT32).check(ours, case.tensors[name], name)


def check_pooled(case: Case) -> None:
    pooled = pooled_average_precisions(*_scores_and_tags(case))
    tolerance = case.tolerance(default=FLOAT32)
    tolerance.check(pooled, case.tensors["out.AP_openimages"], "out.AP_openimages")
    if "out.mAP_openimages" in case.tensors:
        tolerance.check(pooled.mean(), case.tensors["out.mAP_openimages"], "out.mAP_openimages")


def check_at_k(case: Case) -> None:
    for name in case.own_names:
        if found := re.fullmatch(_AT_K, name):
            ours = micro_at_k(*_scores_and_tags(case), int(found.group(1)), "authors")
            case.tolerance(default=FLOAT32).check([ours.f1, ours.precision, ours.recall], case.tensors[name], name)


CHECKS = {
    "average precision": (r"out\.AP", check_average_precision),
    "mean": (r"out\.mAP(_nonempty)?", check_mean),
    "pooled": (r"out\.m?AP_openimages", check_pooled),
    "F1 at k": (_AT_K, check_at_k),
}
