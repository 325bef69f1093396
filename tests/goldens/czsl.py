"""What a golden case of the compositional evaluation holds against ours, masking as its authors do."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tests.goldens.cases import Case, Tolerance
from zslviz.tasks.compositional.feasibility import feasibility_table, mask_infeasible, thresholds_for
from zslviz.tasks.compositional.figures import Contest, PairScores, choose_threshold, open_contest

ACCURACY = Tolerance(1e-6)
OPEN_OF = {"test_open_filtered": "best_threshold", "test_open_mid": "mid_threshold"}


class Czsl:
    """The pairs of a case as tables, the scores of its listed pairs in tables of all."""

    def __init__(self, case: Case) -> None:
        self.t = {name: value.numpy() for name, value in case.tensors.items()}
        self.shape = (int(case.dims["attrs"]), int(case.dims["objs"]))
        self.seen = self.pairs("in.train_pairs")
        self.table = feasibility_table(self.t["in.attr_emb"], self.t["in.obj_emb"], self.seen)
        self.trials = int(case.hyper["threshold_trials"])

    def pairs(self, name: str) -> NDArray[np.bool_]:
        table = np.zeros(self.shape, dtype=bool)
        table[tuple(self.t[name].T)] = True
        return table

    def photos(self, part: str) -> PairScores:
        """`test_closed`, `val_open`, ...: scores [N, S, O], -inf where a pair has no column."""
        logits, columns = self.t[f"in.{part}.logits"], self.t[f"in.{part}.pairs"]
        scores = np.full((len(logits), *self.shape), -np.inf, dtype=logits.dtype)
        scores[:, columns[:, 0], columns[:, 1]] = logits
        return PairScores(scores, self.t[f"in.{part}.attr"], self.t[f"in.{part}.obj"])

    def contest(self, part: str) -> Contest:
        if part in OPEN_OF:
            threshold = float(self.t[f"out.{OPEN_OF[part]}"])
            return open_contest(self.photos("test_open"), self.seen, self.table, threshold, "authors-zero")
        competing = self.seen | self.pairs(f"in.{part.partition('_')[0]}_pairs") if part.endswith("closed") else None
        return Contest.of(self.photos(part), self.seen, competing)


def parts_of(case: Case) -> dict[str, set[str]]:
    """The parts with a curve, each with the figures that ties decide."""
    ties = case.info.get("tie_sensitive", {})
    names = [n.split(".")[1] for n in case.own_names if n.startswith("out.") and n.endswith(".stats")]
    return {name: set(map(str, ties.get(name, ()))) for name in names}


def check_stats(case: Case) -> None:
    data = Czsl(case)
    assert parts_of(case)
    for part, tied in parts_of(case).items():
        contest = data.contest(part)
        sweep = contest.sweep()
        best = sweep.best()
        plain, raised = (contest.accuracy(np.array([b])) for b in (0.0, 1e3))
        states, objects = contest.state_and_object_accuracy()
        raised_states, raised_objects = contest.state_and_object_accuracy(1e3)
        ours = {
            "AUC": sweep.auc,
            "best_hm": sweep.harmonic.max(),
            "best_seen": sweep.seen.max(),
            "best_unseen": sweep.unseen.max(),
            "biasterm": sweep.biases[best],
            "hm_seen": sweep.seen[best],
            "hm_unseen": sweep.unseen[best],
            "attr_acc": states,
            "obj_acc": objects,
            "closed_ub_attr_match": states,
            "closed_ub_obj_match": objects,
            "closed_attr_match": raised_states,
            "closed_obj_match": raised_objects,
            "closed_ub_match": (contest.answers(0.0) == contest.true_pair).mean(),
            "closed_match": (contest.answers(1e3) == contest.true_pair).mean(),
            "closed_ub_seen_match": plain[0][0],
            "closed_ub_unseen_match": plain[1][0],
            "closed_seen_match": raised[0][0],
            "closed_unseen_match": raised[1][0],
        }
        theirs = dict(zip(case.info["stat_keys"], data.t[f"out.{part}.stats"], strict=True))
        assert set(theirs) - set(ours) <= {"closed_ca", "closed_seen_ca", "closed_unseen_ca", *_UB_CA}  # constants
        tolerance = case.tolerance(default=ACCURACY)
        for name, value in theirs.items():
            if name in ours and name not in tied:
                tolerance.check(np.array(ours[name]), np.array(value), f"out.{part}.stats: {name}")


def check_curve(case: Case) -> None:
    """Every point, in the order of the sweep."""
    data = Czsl(case)
    for part, tied in parts_of(case).items():
        if tied:
            continue
        sweep = data.contest(part).sweep()
        ours = np.stack([sweep.seen, sweep.unseen], axis=1)
        case.tolerance(default=ACCURACY).check(ours, data.t[f"out.{part}.curve"], f"out.{part}.curve")


def check_feasibility(case: Case) -> None:
    data = Czsl(case)
    case.tolerance(default=ACCURACY).check(data.table.ravel(), data.t["out.feasibility"], "out.feasibility")
    thresholds = thresholds_for(data.table, data.seen, data.trials)
    case.tolerance(default=ACCURACY).check(thresholds, data.t["out.thresholds"], "out.thresholds")


def check_masked_scores(case: Case) -> None:
    data = Czsl(case)
    scores = data.photos("test_open").scores
    for part, threshold in OPEN_OF.items():
        at = float(data.t[f"out.{threshold}"])
        ours = mask_infeasible(scores, data.table, data.seen, at, "authors-zero").reshape(len(scores), -1)
        theirs = data.t[f"out.{part}.logits"]
        case.tolerance(default=ACCURACY).check(ours, theirs, f"out.{part}.logits")


def check_threshold_choice(case: Case) -> None:
    data = Czsl(case)
    choice = choose_threshold(data.photos("val_open"), data.seen, data.table, "authors-zero", data.trials)
    ties = case.info.get("tie_sensitive", {})
    clear = np.setdiff1d(np.arange(data.trials), ties.get("threshold_indices_of_val_auc", []))
    tolerance = case.tolerance(default=ACCURACY)
    tolerance.check(choice.aucs[clear], data.t["out.val_auc_per_threshold"][clear], "out.val_auc_per_threshold")
    if not ties.get("best_threshold"):
        tolerance.check(np.array(choice.threshold), data.t["out.best_threshold"], "out.best_threshold")


_UB_CA = ("closed_ub_ca", "closed_ub_seen_ca", "closed_ub_unseen_ca")
CHECKS = {
    "figures": (r"out\.\w+\.stats", check_stats),
    "curve": (r"out\.\w+\.curve", check_curve),
    "feasibility": (r"out\.(feasibility|thresholds)", check_feasibility),
    "masked scores": (r"out\.(\w+\.logits|mid_threshold)", check_masked_scores),
    "threshold": (r"out\.(val_auc_per_threshold|best_threshold)", check_threshold_choice),
}
