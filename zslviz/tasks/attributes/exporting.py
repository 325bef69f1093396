"""An attribute model as one file that runs without this package: `torch.export` (.pt2) or ONNX (.onnx), maps included.

What goes in is a batch of photos as `photos.loading.to_network_input` makes them, as floats 0..255; normalisation, backbone,
network, the placement of maps, and the class scores of the checkpoint's own table are inside. What comes out, and what its rows
mean, stands in the file as JSON (`description`).
"""

from __future__ import annotations

import io
import json
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

import zslviz
from zslviz.backbones.encoder import BackboneEncoder
from zslviz.errors import ConfigError
from zslviz.files import check_writable, replacing
from zslviz.runtime.extras import naming_extras
from zslviz.tasks.attributes.explainer import AttributeExplainer
from zslviz.tasks.attributes.scoring import AttributeScale, ScoringRule
from zslviz.tasks.base.card_parts import non_commercial

PT2, ONNX = ".pt2", ".onnx"
DESCRIPTION = "zslviz.json"
"""What the description is called in a .pt2 file (`torch.export.load(file, extra_files={DESCRIPTION: ""})`)."""
METADATA = "zslviz"
"""The entry of an ONNX file's metadata that holds the description."""
_MAX_BATCH = 4096


def export(name_or_folder: str | Path, out: str | Path, device: str | None = "cpu") -> dict[str, Any]:
    """Writes an attribute model to a file of its own, .pt2 or .onnx by its suffix, and returns the description in it.

    Raises ConfigError for another suffix, a file that cannot be written, a missing package or a model that sees with CLIP, and what
    `Explainer.from_pretrained` raises; a model of another task is a CheckpointError.
    """
    out = Path(out)
    if out.suffix not in (PT2, ONNX):
        raise ConfigError(f"'{out}' names no format; let it end in '{PT2}' (torch.export) or '{ONNX}' (ONNX).")
    check_writable(out)
    if out.suffix == ONNX:
        with naming_extras():
            import onnxscript  # noqa: F401  (said before the model is loaded)
    explainer = AttributeExplainer.from_pretrained(name_or_folder, device)
    model = ExportedModel(explainer)
    told = model.description()
    content = _as_pt2(model, told) if out.suffix == PT2 else _as_onnx(model, told)
    with replacing(out) as partial:
        partial.write_bytes(content)
    return told


class ExportedModel(nn.Module):
    """From pixels [B, 3, S, S], float32 0..255, RGB, to everything that an explanation is made of; see `OUTPUTS`.

    Raises ConfigError for a model that does not see with one of the backbones here.
    """

    def __init__(self, explainer: AttributeExplainer) -> None:
        super().__init__()
        checkpoint = explainer.checkpoint
        encoder = explainer.encoder
        if not isinstance(encoder, BackboneEncoder):
            raise ConfigError(f"'{checkpoint.name}' sees with CLIP; models that see with a CNN can be exported.")
        self._encoder = encoder
        self._explainer = explainer
        self.backbone = encoder.backbone
        self.network = checkpoint.network
        self.scoring = ClassScores(checkpoint.rule, checkpoint.scale, explainer)
        probe = torch.zeros(2, 3, checkpoint.size, checkpoint.size, device=explainer.device)
        with torch.inference_mode():
            output = self.network(encoder.encode(probe, self.network.stages), explain=True)  # type: ignore[arg-type]
        self.has_evidence = output.evidence is not None
        if self.has_evidence:
            matrices = torch.from_numpy(explainer.placements(output.evidence.shape[-1]))
            self.register_buffer("placements", matrices.to(explainer.device))  # [G, m, m]
        self.probe = probe

    def forward(self, pixels: Tensor) -> dict[str, Tensor]:
        features = self._encoder.encode(pixels, self.network.stages)  # type: ignore[arg-type]
        output = self.network(features, explain=True)
        scores = output.scores.transpose(0, 1)  # [B, G, A]
        given = {"scores": scores, **self.scoring(scores)}
        if not self.has_evidence:
            return given
        place = self.placements[:, None, None]  # type: ignore[index]
        evidence = place @ output.evidence @ place.transpose(-1, -2)
        return {**given, "evidence": evidence.transpose(0, 1), "bias": output.bias + 0.0}

    def description(self) -> dict[str, Any]:
        """What the file holds and what its numbers mean, as plain values."""
        checkpoint, explainer = self._explainer.checkpoint, self._explainer
        space = checkpoint.space
        outputs = {k: v for k, v in OUTPUTS.items() if self.has_evidence or k not in ("evidence", "bias")}
        return {
            "made_by": f"zslviz {zslviz.__version__}",
            "name": checkpoint.name,
            "title": checkpoint.title,
            "license": "cc-by-nc-4.0" if non_commercial(checkpoint.data) else "",
            "input": {"pixels": ["B", 3, checkpoint.size, checkpoint.size], "size": checkpoint.size, **INPUT},
            "outputs": outputs,
            "granularities": list(explainer.granularities),
            "attributes": list(space.attributes),
            "classes": list(space.classes),
            "seen": [bool(seen) for seen in space.seen],
            "rule": checkpoint.rule.to_dict(),
            "gamma": checkpoint.gamma,
            "backbone": checkpoint.backbone,
        }


INPUT = {
    "dtype": "float32",
    "range": [0, 255],
    "channels": "RGB",
    "preparation": "Turn the photo upright. Resize the whole of it, bicubic with smoothing, to size x size; if one side is over "
    "twice the other, so that the long side is size and the short one twice its share, in the middle of grey 127. Nothing "
    "is cropped, nothing is normalised: both are inside.",
}
OUTPUTS = {
    "scores": "[B, G, A] raw scores of attributes, per granularity",
    "values": "[B, A] the same on the scale of the class table: 0 absent, 1 fully there",
    "class_scores": "[B, K] before calibration",
    "calibrated": "[B, K] gamma taken from the scores of seen classes: the highest one is the answer among all classes",
    "evidence": "[B, G, A, H, W] what every place adds to a raw score; evidence.sum((-2, -1)) + bias = scores",
    "bias": "[G, A] the part of a raw score that comes from no place",
}


class ClassScores(nn.Module):
    """Attribute scores [B, G, A] -> values [B, A] and class scores [B, K], as `tasks.attributes.scoring` computes them."""

    def __init__(self, rule: ScoringRule, scale: AttributeScale, explainer: AttributeExplainer) -> None:
        super().__init__()
        self.cosine = rule.kind == "cosine"
        tensors = {
            "weights": torch.tensor(rule.weights),
            "rows": torch.from_numpy(rule.rows(explainer.space).T.copy()),
            "penalties": torch.from_numpy(explainer.space.seen.copy()) * explainer.gamma,
            "gain": torch.from_numpy(scale.gain.copy()),
            "mean": torch.from_numpy(scale.mean.copy()),
            "table_mean": torch.from_numpy(scale.table_mean.copy()),
        }
        for name, tensor in tensors.items():
            self.register_buffer(name, tensor.float().to(explainer.device))

    def forward(self, scores: Tensor) -> dict[str, Tensor]:
        weights: Tensor = self.weights[:, None]  # type: ignore[index, assignment]
        if self.cosine:
            weights = weights / scores.norm(dim=-1, keepdim=True).clamp_min(1e-12)
        class_scores = (weights * scores).sum(1) @ self.rows  # type: ignore[operator]
        values = self.table_mean + ((scores - self.mean) * self.gain).sum(1)  # type: ignore[operator]
        calibrated = class_scores - self.penalties  # type: ignore[operator]
        return {"values": values, "class_scores": class_scores, "calibrated": calibrated}


def _program(model: ExportedModel) -> torch.export.ExportedProgram:
    """The traced model; any number of photos goes in at once."""
    batch = torch.export.Dim("batch", min=1, max=_MAX_BATCH)
    with torch.no_grad(), _quietly():
        return torch.export.export(model, (model.probe,), dynamic_shapes=({0: batch},))


def _as_pt2(model: ExportedModel, told: dict[str, Any]) -> bytes:
    content, program = io.BytesIO(), _program(model)
    with _quietly():
        torch.export.save(program, content, extra_files={DESCRIPTION: json.dumps(told, ensure_ascii=False)})
    return content.getvalue()


def _as_onnx(model: ExportedModel, told: dict[str, Any]) -> bytes:
    with torch.no_grad(), _quietly():
        made: Any = torch.onnx.export(
            _program(model), input_names=["pixels"], output_names=list(told["outputs"]), dynamo=True, verbose=False
        )
    proto = made.model_proto
    entry = proto.metadata_props.add()
    entry.key, entry.value = METADATA, json.dumps(told, ensure_ascii=False)
    content: bytes = proto.SerializeToString()
    return content


@contextmanager
def _quietly() -> Iterator[None]:
    """Without the exporters' talk to their own developers."""
    loggers = [logging.getLogger(name) for name in ("torch.onnx", "onnxscript", "onnx_ir")]
    before = [logger.level for logger in loggers]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for logger in loggers:
                logger.setLevel(logging.ERROR)
            yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
