"""The measured files that docs/results.md is made of, as `zslviz evaluate --out` writes them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from zslviz.checkpoints.listing import CheckpointInfo
from zslviz.tasks.attributes.figures import Answers
from zslviz.tasks.attributes.report import answers_of

FIGURES = ("t1", "u", "s", "h")
SYSTEMS = ("dap", "eszsl", "msdn", "mgmrn")  # from the simplest to the most complicated
RING = ("dfan", "transzero", "hdafl", "psvma", "psvmaplus")  # which stand beside the second and the third of these
_AGREEMENT = 5e-4  # a twentieth of a per cent: another machine's rounding may turn a photo


@dataclass(frozen=True, eq=False)
class Result:
    """One measured training. stem: its file's name without the ending. kind: models (shipped) or ablations.

    metrics: of a shipped model, measured at the end of its training.
    """

    stem: str
    kind: str
    content: Mapping[str, Any]
    metrics: Mapping[str, Any] = field(default_factory=dict)

    @property
    def seeds(self) -> Mapping[str, Any]:
        """What is told of the seeds that it was chosen among (`zslviz.tasks.base.seeds`), if there were any."""
        return self.metrics.get("seeds") or {}

    @property
    def data(self) -> str:
        return str(self.content["data"])

    @property
    def system(self) -> str:
        return str(self.content["system"])

    @property
    def system_title(self) -> str:
        return str(self.content["title"]).partition(" · ")[0]

    @property
    def fine_tuned(self) -> bool:
        return bool(self.content["backbone"].get("trained"))

    @property
    def name(self) -> str:
        """ "Mg-MRN, official grouping" or "MSDN, c5 fine-tuned": what a row is called."""
        parts = [self.system_title]
        if self.fine_tuned:
            parts.append(f"{' '.join(self.content['backbone']['trained'])} fine-tuned")
        if self.kind == "ablations":
            parts.append(str(self.content["label"] or self.stem))
        return ", ".join(parts)

    @property
    def order(self) -> tuple[int, bool, bool, str]:
        place = [*SYSTEMS, *RING, self.system].index(self.system)
        return place, self.fine_tuned, self.kind != "models", self.stem

    @cached_property
    def answers(self) -> Answers:
        return answers_of(self.content)

    def comparable(self, other: Result) -> bool:
        """Whether both were measured on the same photos."""
        rows = [[(r["class"], r["photos"]) for r in result.content["per_class"]] for result in (self, other)]
        return self.data == other.data and rows[0] == rows[1]


def load_results(folder: Path, checkpoints: Iterable[CheckpointInfo]) -> list[Result]:
    """Every measured training, in the order of tables. A shipped model's file that no longer fits its metrics is left out."""
    shipped = {info.name: info.metrics for info in checkpoints}
    results = []
    for kind in ("models", "ablations"):
        for file in sorted((folder / kind).glob("*.json")):
            metrics = shipped.get(file.stem) if kind == "models" else None
            result = Result(file.stem, kind, json.loads(file.read_text(encoding="utf-8")), metrics or {})
            if kind == "models" and not _agrees(result, metrics):
                print(f"'{file}' is not of the shipped '{file.stem}'; measure it again.", file=sys.stderr)  # noqa: T201
                continue
            results.append(result)
    return sorted(results, key=lambda result: result.order)


def _agrees(result: Result, metrics: Mapping[str, Any] | None) -> bool:
    return metrics is not None and all(
        abs(result.content[key] - metrics[key]) < _AGREEMENT for key in (*FIGURES, "gamma", "ausuc")
    )
