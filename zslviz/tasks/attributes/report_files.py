"""A report as files: NAME.json, NAME-classes.csv, NAME-curve.csv, NAME.png, NAME.svg."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from zslviz.files import check_folder, replacing
from zslviz.tasks.attributes.report import FullReport, changes
from zslviz.tasks.attributes.report_figure import draw_report, save_figure
from zslviz.tasks.base.report import to_json
from zslviz.tasks.base.tables import as_csv

CLASS_COLUMNS = (
    "class", "seen", "photos", "t1_accuracy", "gzsl_accuracy", "most_confused_with", "confused_photos",
)  # fmt: skip
CURVE_COLUMNS = ("gamma", "seen", "unseen", "harmonic")


def write_report(report: FullReport, folder: Path) -> list[Path]:
    """Writes every file of a report into a folder and names them. Raises ConfigError if it cannot be written there."""
    stem = file_stem(report.content["model"], report.content["label"])
    files = [folder / f"{stem}{end}" for end in (".json", "-classes.csv", "-curve.csv", ".png", ".svg")]
    check_folder(folder)
    texts = (
        to_json(report.content),
        as_csv(CLASS_COLUMNS, ([row[c] for c in CLASS_COLUMNS] for row in report.content["per_class"])),
        as_csv(CURVE_COLUMNS, curve_rows(report)),
    )
    for file, text in zip(files, texts, strict=False):
        with replacing(file) as partial:
            partial.write_text(text, encoding="utf-8")
    figure = draw_report(report.content)
    for file in files[3:]:
        with replacing(file) as partial:
            save_figure(figure, partial, file.suffix)
    return files


def file_stem(model: str, label: str = "") -> str:
    """The name of a report's files: `mgmrn-cub`, or `mgmrn-cub-seed1` for the label "seed1"."""
    end = re.sub(r"[^\w.]+", "-", label.strip()).strip("-")
    return f"{model}-{end}" if end else model


def curve_rows(report: FullReport) -> Iterable[list[float]]:
    """gamma, S, U, H wherever the curve moves, by rising gamma."""
    sweep = report.sweep
    table = np.stack([sweep.gammas, sweep.seen, sweep.unseen, sweep.harmonic], axis=1)[changes(sweep)]
    return ([round(float(v), 6) for v in row] for row in table)
