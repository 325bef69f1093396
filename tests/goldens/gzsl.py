"""What a golden case of the two evaluation protocols holds against our evaluation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tests.goldens.cases import Case, Tolerance
from zslviz.tasks.attributes.figures import GammaSweep, fixed_bias_gzsl, gzsl_at, sweep_gamma, t1_accuracy
from zslviz.tasks.base.curves import harmonic_mean

ACCURACY = Tolerance(1e-9)
GAMMA = Tolerance(1e-6)
MSDN_ACCURACY = Tolerance(1e-6)


class Mgmrn:
    """Summed branch scores and labels as columns of the score matrix."""

    def __init__(self, case: Case) -> None:
        t = {name: value.numpy() for name, value in case.tensors.items()}
        column_of = {int(c): i for i, c in enumerate(t["in.column_class_id"])}
        self.scores_seen, self.scores_unseen = (_sum_of(t[f"in.scores_{part}"]) for part in ("seen", "unseen"))
        self.labels_seen, self.labels_unseen = (
            np.array([column_of[int(c)] for c in t[f"in.labels_{part}"]], dtype=np.int64) for part in ("seen", "unseen")
        )
        self.seen = np.arange(len(column_of)) < int(case.dims["seen"])  # "columns seen first"
        self.step = float(case.hyper.get("sweep_step", 0.01))
        self.gammas = t.get("in.gammas", np.zeros(1))

    def arguments(self) -> tuple[NDArray, NDArray, NDArray, NDArray, NDArray]:
        return self.scores_seen, self.labels_seen, self.scores_unseen, self.labels_unseen, self.seen

    def sweep(self) -> GammaSweep:
        return sweep_gamma(*self.arguments(), step=self.step)


def check_sweep_at_gammas(case: Case) -> None:
    data = Mgmrn(case)
    seen, unseen = gzsl_at(*data.arguments(), data.gammas)
    theirs = case.tensors["out.sweep"]
    finite = theirs.isfinite()  # the authors divide by zero where S + U = 0
    ours = np.stack([seen, unseen, harmonic_mean(seen, unseen)], axis=1)
    case.tolerance("accurac", default=ACCURACY).check(ours[finite], theirs[finite], "out.sweep")


def check_start(case: Case) -> None:
    data = Mgmrn(case)
    seen, unseen = gzsl_at(*data.arguments(), np.zeros(1))
    ours = [seen[0], unseen[0], float(harmonic_mean(seen[0], unseen[0]))]
    case.tolerance("accurac", default=ACCURACY).check(np.array(ours), case.tensors["out.start"], "out.start")


def check_best(case: Case) -> None:
    sweep = Mgmrn(case).sweep()
    best, theirs = sweep.best(), case.tensors["out.best"]
    ours = np.array([sweep.seen[best], sweep.unseen[best], sweep.harmonic[best]])
    case.tolerance("accurac", default=ACCURACY).check(ours, theirs[:3], "out.best: S, U, H")
    case.tolerance("best gamma", default=GAMMA).check(sweep.gammas[best], theirs[3], "out.best: gamma")


def check_zsl(case: Case) -> None:
    data = Mgmrn(case)
    ours = t1_accuracy(data.scores_unseen, data.labels_unseen, np.flatnonzero(~data.seen))
    case.tolerance("accurac", default=ACCURACY).check(ours, case.tensors["out.zsl_acc"], "out.zsl_acc")


def check_ausuc(case: Case) -> None:
    tolerance = case.tolerance("ausuc", default=ACCURACY)
    tolerance.check(Mgmrn(case).sweep().ausuc, case.tensors["out.AUSUC"], "out.AUSUC")


def check_curve(case: Case) -> None:
    """Every point of the sweep, in its order."""
    sweep = Mgmrn(case).sweep()
    ours = np.stack([sweep.seen, sweep.unseen], axis=1)
    case.tolerance("accurac", default=ACCURACY).check(ours, case.tensors["out.AUSUC_vector"], "out.AUSUC_vector")


def check_fixed_bias(case: Case) -> None:
    """S, U, H and the conventional accuracy for every bias and every data set's fusion weights."""
    t = {name: value.numpy() for name, value in case.tensors.items()}
    seen = np.zeros(t["in.S1"].shape[1], dtype=bool)
    seen[t["in.seen"]] = True
    tolerance = case.tolerance("accurac", default=MSDN_ACCURACY)
    for name, weights in case.hyper["fusion"].items():
        first, second = (np.float32(w) for w in weights)
        scores = first * t["in.S1"] + second * t["in.S2"]
        for bias, theirs in zip(t["in.bias"], t[f"out.{name}"], strict=True):
            ours = np.array(fixed_bias_gzsl(scores, t["in.labels"], seen, float(bias)))
            finite = np.isfinite(theirs)  # the authors give NaN for a class without a photo; ours skips it
            tolerance.check(ours[finite], theirs[finite], f"out.{name} at bias {bias:g}")


MGMRN_CHECKS = {
    "sweep at gammas": (r"out\.sweep", check_sweep_at_gammas),
    "start": (r"out\.start", check_start),
    "best": (r"out\.best", check_best),
    "zsl": (r"out\.zsl_acc", check_zsl),
    "AUSUC": (r"out\.AUSUC", check_ausuc),
    "curve": (r"out\.AUSUC_vector", check_curve),
}
MSDN_CHECKS = {"fixed bias": (r"out\.[A-Z0-9]+", check_fixed_bias)}


def _sum_of(branches: NDArray[np.float32]) -> NDArray[np.float32]:
    total = branches[0]
    for branch in branches[1:]:
        total = total + branch  # one after the other in float32, as the authors
    return total
