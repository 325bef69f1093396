"""Evaluation protocols."""

from zslviz.evaluation.zero_shot import ZeroShotReport, evaluate_zero_shot, gzsl_at, per_class_accuracy, sweep_gamma

__all__ = ["ZeroShotReport", "evaluate_zero_shot", "gzsl_at", "per_class_accuracy", "sweep_gamma"]
