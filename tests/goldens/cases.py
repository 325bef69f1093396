"""Golden cases: numbers computed by the authors' own code, one `.json` and one `.safetensors` each, in any folder.

A case's JSON names its system, its sizes and settings, its tolerances in words, and for a side file (gradients, parameters
after a step) the `base_file` that holds the parameters and inputs.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

OWN_FOLDER = Path(__file__).parent / "data"
BUILT = ("msdn", "mgmrn", "biam", "dfan", "transzero", "psvma", "psvmaplus", "msci")
NOT_BUILT = ("troika", "refiner")
_NUMBER = r"(\d+(?:\.\d+)?(?:e[-+]?\d+)?)"


def folder() -> Path:
    """The folder under test: $ZSLVIZ_GOLDENS, else the cases that come with the project."""
    return Path(os.environ.get("ZSLVIZ_GOLDENS") or OWN_FOLDER).expanduser()


@dataclass(frozen=True)
class Tolerance:
    """|ours - theirs| <= absolute (x max(1, max|theirs|) if scaled) + relative x |theirs|."""

    absolute: float
    relative: float = 0.0
    scaled: bool = False

    def check(self, ours: Any, theirs: Any, what: str) -> None:
        ours, theirs = (_double(x) for x in (ours, theirs))
        assert ours.shape == theirs.shape, f"{what}: shape {tuple(ours.shape)}, not {tuple(theirs.shape)}"
        if theirs.numel() == 0:
            return
        scale = max(1.0, theirs.abs().max().item()) if self.scaled else 1.0
        excess = (ours - theirs).abs() - (self.absolute * scale + self.relative * theirs.abs())
        worst = excess.argmax() if not excess.isnan().any() else excess.isnan().int().argmax()
        assert excess.flatten()[worst] <= 0, (
            f"{what}: {ours.flatten()[worst].item():.9g} instead of {theirs.flatten()[worst].item():.9g} ({self})"
        )


def _double(value: Any) -> Tensor:
    return value.detach().double() if isinstance(value, Tensor) else torch.as_tensor(value, dtype=torch.float64)


def read_tolerance(value: Any, default: Tolerance) -> Tolerance:
    """A tolerance from a number, a mapping or words: "abs 1e-5 + rel 1e-4", "<= 3e-5 * max(1, max|grad|)", "1e-6 (...)"."""
    if value is None:
        return default
    if isinstance(value, dict):
        known = {str(k).lower()[:3]: float(v) for k, v in value.items() if isinstance(v, (int, float))}
        return Tolerance(known["abs"], known.get("rel", 0.0)) if "abs" in known else default
    if isinstance(value, (int, float)):
        return Tolerance(float(value))
    text = re.sub(r"\([^)]*:[^)]*\)", "", str(value).lower())  # "(scores: abs 2e-4)" is another tolerance
    if scaled := re.search(_NUMBER + r"\s*\*\s*max\(\s*1", text):
        return Tolerance(float(scaled.group(1)), scaled=True)
    absolute = re.search(r"abs[a-z .:=<]*?" + _NUMBER, text)
    relative = re.search(r"rel[a-z .:=<]*?" + _NUMBER, text)
    if absolute or relative:
        return Tolerance(float(absolute.group(1)) if absolute else 0.0, float(relative.group(1)) if relative else 0.0)
    bare = re.search(_NUMBER, text)
    return Tolerance(float(bare.group(1))) if bare else default


@dataclass(frozen=True, eq=False)
class Case:
    """One case of a folder. `info` is its JSON; `kind` is what checks it, or None if its system is not built."""

    path: Path
    info: dict[str, Any]

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def system(self) -> str:
        """The first system that the JSON names (the longest such), as letters and digits, or the whole text if it names none."""
        text = re.sub(r"[^a-z0-9]", "", str(self.info["system"]).lower().replace("+", "plus"))
        found = [(text.index(known), -len(known), known) for known in (*BUILT, *NOT_BUILT) if known in text]
        return min(found)[2] if found else str(self.info["system"])

    @property
    def built(self) -> bool:
        return self.system in BUILT or self.kind == "czsl"

    @property
    def kind(self) -> str:
        """The system, or what is evaluated: `gzsl-msdn`, `gzsl-mgmrn`, `multi-label`, `czsl` (compositional)."""
        if "in.test_closed.logits" in self.tensors:
            return "czsl"
        if "out.mAP" in self.tensors:
            return "multi-label"
        is_evaluation = any(name in self.tensors for name in ("in.scores_seen", "in.S1", "in.local_seen"))
        return f"gzsl-{self.system}" if is_evaluation else self.system

    @cached_property
    def own_names(self) -> list[str]:
        """Tensors in the case's own file."""
        return list(load_file(self.path.with_suffix(".safetensors")))

    @cached_property
    def base(self) -> Case | None:
        """The case that holds parameters and inputs, if they are not in this one."""
        named = re.search(r"([\w.\-]+?)(?:\.safetensors|\.json|\s|$)", str(self.info.get("base_file", "")))
        if not named:
            return None
        path = self.path.with_name(named.group(1) + ".json")
        assert path.is_file(), f"{self.name} needs '{path.name}', which is not in the folder"
        return Case(path, json.loads(path.read_text(encoding="utf-8")))

    @cached_property
    def tensors(self) -> dict[str, Tensor]:
        own = load_file(self.path.with_suffix(".safetensors"))
        return {**(self.base.tensors if self.base else {}), **own}

    @cached_property
    def hyper(self) -> dict[str, Any]:
        return {**(self.base.hyper if self.base else {}), **self.info.get("hyper", {})}

    @cached_property
    def dims(self) -> dict[str, Any]:
        return {**(self.base.dims if self.base else {}), **self.info.get("dims", {})}

    def tolerance(self, *words: str, default: Tolerance) -> Tolerance:
        """The tolerance whose label starts with one of `words`, or the only one there is."""
        stated = self.info.get("tolerance")
        if isinstance(stated, dict):
            if "abs" in stated:
                return read_tolerance(stated, default)
            for word in words:
                for label, value in stated.items():
                    if label.lower().startswith(word):
                        return read_tolerance(value, default)
            return self.base.tolerance(*words, default=default) if self.base else default
        if isinstance(stated, str):
            for word in words:  # "accuracies 1e-9, AUSUC 1e-9, best gamma 1e-6"
                if labelled := re.search(rf"\b{word}[a-z ]*?[ :]+{_NUMBER}", stated.lower()):
                    return Tolerance(float(labelled.group(1)))
        return read_tolerance(stated, default)

    def noted(self, tensor: str, tolerance: Tolerance) -> Tolerance:
        """A looser tolerance where the JSON's own text grants this tensor one: "(scores: abs 2e-4)", or its note."""
        stated = self.info.get("tolerance")
        for text in map(str, stated.values()) if isinstance(stated, dict) else ():
            for label, value in re.findall(rf"\(([\w ]+): abs {_NUMBER}\)", text):
                if label.rstrip("s") in tensor:
                    tolerance = replace(tolerance, absolute=max(tolerance.absolute, float(value)))
            if tensor in text and (value := re.search(rf"abs {_NUMBER}", text)):
                tolerance = replace(tolerance, absolute=max(tolerance.absolute, float(value.group(1))))
        return tolerance


def discover(where: Path) -> list[Case]:
    """The cases of a folder: every JSON that names a system and has its tensors beside it."""
    cases = []
    for path in sorted(where.glob("*.json")):
        info = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(info, dict) and "system" in info:
            cases.append(Case(path, info))
    return cases
