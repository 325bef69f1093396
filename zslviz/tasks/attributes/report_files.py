"""A report as files: NAME.json, NAME-classes.csv, NAME-curve.csv, NAME.png, NAME.svg."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from zslviz.errors import ConfigError
from zslviz.tasks.attributes.report import FullReport, changes
from zslviz.tasks.attributes.report_figure import draw_report, save_figure
from zslviz.tasks.base.report import to_json

CLASS_COLUMNS = (
    "class", "seen", "photos", "t1_accuracy", "gzsl_accuracy", "most_confused_with", "confused_photos",
)  # fmt: skip
CURVE_COLUMNS = ("gamma", "seen", "unseen", "harmonic")


def write_report(report: FullReport, folder: Path) -> list[Path]:
    """Writes every file of a report into a folder and names them. Raises ConfigError if it cannot be written there."""
    stem = file_stem(report.content["model"], report.content["label"])
    files = [folder / f"{stem}{end}" for end in (".json", "-classes.csv", "-curve.csv", ".png", ".svg")]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        files[0].write_text(to_json(report.content), encoding="utf-8")
        _write_csv(files[1], CLASS_COLUMNS, ([row[c] for c in CLASS_COLUMNS] for row in report.content["per_class"]))
        _write_csv(files[2], CURVE_COLUMNS, curve_rows(report))
        figure = draw_report(report.content)
        for file in files[3:]:
            save_figure(figure, file)
    except OSError as error:
        raise ConfigError(f"The report cannot be written to '{folder}' ({error.strerror}).") from None
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


def _write_csv(path: Path, columns: Iterable[str], rows: Iterable[list[Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
