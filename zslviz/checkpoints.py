"""Checkpoints: a folder with `model.safetensors`, `config.json`, `metrics.json` and a model card; saved, verified, loaded.

Everything a model needs to run is inside (network, class table, word vectors, the scale its scores are read on); only the
frozen backbone's weights come from their own package. Nothing that could run code is ever loaded.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load, save_file
from torch import Tensor, nn

from zslviz.backbones import BACKBONES, build_backbone
from zslviz.errors import CheckpointError, UnknownNameError, ZslvizError
from zslviz.models import MODELS, build_model
from zslviz.models.finetuned import FineTuned
from zslviz.scoring import AttributeScale, ScoringRule
from zslviz.semantics import SemanticSpace

FORMAT = 1
WEIGHTS, CONFIG, METRICS, CARD = "model.safetensors", "config.json", "metrics.json", "README.md"
_SCALE = ("mean", "std", "table_mean", "table_std")
_DATA_TITLES = {"cub": "birds (CUB)", "awa2": "animals (AWA2)"}


@dataclass(frozen=True)
class CheckpointInfo:
    """What can be told of a checkpoint without loading its weights."""

    name: str
    title: str
    system: str
    data: str
    folder: Path
    metrics: Mapping[str, Any]

    @cached_property
    def capabilities(self) -> frozenset[str]:
        return MODELS[self.system].capabilities


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A trained attribute model with all that is needed to use it. `recipe`: how it was trained, as plain values.

    trained: stages of the backbone that were trained along: () for none, ("c5",) if `network` brings its own last stage
    (models.finetuned), ("c3", "c4", "c5") if the whole backbone was trained and its weights are in `backbone_state`.
    """

    name: str
    system: str
    data: str
    model_config: Mapping[str, Any]
    backbone: str
    size: int
    network: nn.Module
    space: SemanticSpace
    rule: ScoringRule
    scale: AttributeScale
    gamma: float
    recipe: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    trained: tuple[str, ...] = ()
    backbone_state: Mapping[str, Tensor] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return title_of(self.system, self.data)


def title_of(system: str, data: str) -> str:
    """ "Mg-MRN · birds (CUB)", "ESZSL · birds (CUB) · yardstick"."""
    title = f"{MODELS[system].title} · {_DATA_TITLES.get(data, data)}"
    return f"{title} · yardstick" if MODELS[system].closed_form else title


def checkpoints_folder() -> Path:
    """Where shipped checkpoints lie: `ZSLVIZ_CHECKPOINTS`, else `checkpoints/` beside the package or in the working folder."""
    if os.environ.get("ZSLVIZ_CHECKPOINTS"):
        return Path(os.environ["ZSLVIZ_CHECKPOINTS"])
    beside = Path(__file__).resolve().parent.parent / "checkpoints"
    return beside if beside.is_dir() else Path("checkpoints")


def list_checkpoints(folder: Path | None = None) -> list[CheckpointInfo]:
    """The checkpoints of a folder that can be read, by name, yardsticks last; a damaged one is left out."""
    found = []
    for path in sorted((folder or checkpoints_folder()).glob(f"*/{CONFIG}")):
        try:
            config = _read_config(path.parent)
        except CheckpointError:
            continue
        title = title_of(config["system"], config["data"])
        found.append(
            CheckpointInfo(config["name"], title, config["system"], config["data"], path.parent, _metrics(path.parent))
        )
    return sorted(found, key=lambda info: MODELS[info.system].closed_form)  # the first one is what the page opens with


def resolve(name_or_folder: str | Path) -> Path:
    """The folder of a checkpoint by shipped name or path. Raises UnknownNameError with the nearest names."""
    path = Path(name_or_folder)
    if (path / CONFIG).is_file() or (path.is_dir() and path.name not in _shipped_names()):
        return path
    shipped = checkpoints_folder() / str(name_or_folder)
    if (shipped / CONFIG).is_file():
        return shipped
    raise UnknownNameError("model", str(name_or_folder), _shipped_names())


def shipped_word_vectors(attributes: tuple[str, ...]) -> NDArray[np.float32] | None:
    """Word vectors [A, D] of these attributes as a shipped checkpoint holds them, or None if none has the same attributes."""
    for info in list_checkpoints():
        space = load_checkpoint(info.folder).space
        if space.attributes == attributes and space.word_vectors is not None:
            return space.word_vectors
    return None


def save_checkpoint(checkpoint: Checkpoint, folder: Path, half: bool = True) -> None:
    """Writes weights (float16 where `half`; tables and scales stay float32), configuration and metrics."""
    folder.mkdir(parents=True, exist_ok=True)
    space, scale = checkpoint.space, checkpoint.scale
    tensors: dict[str, Tensor] = {}
    for part, state in (("network", checkpoint.network.state_dict()), ("backbone", checkpoint.backbone_state)):
        for name, tensor in state.items():
            kept = tensor.half() if half and fits_half(name, tensor) else tensor
            tensors[f"{part}.{name}"] = kept.detach().cpu().contiguous()
    tensors["space.table"] = torch.from_numpy(np.array(space.table))
    if space.word_vectors is not None:
        tensors["space.word_vectors"] = torch.from_numpy(np.array(space.word_vectors)).half()
    for name in _SCALE:
        tensors[f"scale.{name}"] = torch.from_numpy(np.array(getattr(scale, name)))
    save_file(tensors, folder / WEIGHTS, metadata={"format": "pt"})
    config = {
        "format": FORMAT,
        "name": checkpoint.name,
        "title": checkpoint.title,
        "system": checkpoint.system,
        "data": checkpoint.data,
        "model": dict(checkpoint.model_config),
        "backbone": {"name": checkpoint.backbone, "size": checkpoint.size, "trained": list(checkpoint.trained)},
        "rule": checkpoint.rule.to_dict(),
        "gamma": checkpoint.gamma,
        "space": {
            "name": space.name,
            "classes": list(space.classes),
            "seen": [int(s) for s in space.seen],
            "attributes": list(space.attributes),
            "groups": list(space.groups),
        },
        "recipe": dict(checkpoint.recipe),
        "weights_sha256": _sha256((folder / WEIGHTS).read_bytes()),
    }
    config = json.loads(json.dumps(config))  # tuples become lists, as they will be when read
    config["config_sha256"] = _config_digest(config)
    (folder / CONFIG).write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
    (folder / METRICS).write_text(json.dumps(dict(checkpoint.metrics), indent=1) + "\n", encoding="utf-8")


def fits_half(name: str, tensor: Tensor) -> bool:
    """Whether a tensor is stored as float16: weights are; a normalisation's variances may lie below float16's range."""
    return tensor.is_floating_point() and "running_" not in name


def load_checkpoint(name_or_folder: str | Path) -> Checkpoint:
    """Loads and verifies a checkpoint; the network is in eval mode on the CPU, float32.

    Raises UnknownNameError for a name that does not exist, and CheckpointError with one sentence on what is wrong: a missing
    file, a changed byte, a tensor of another shape, or a configuration of another model.
    """
    folder = resolve(name_or_folder)
    config = _read_config(folder)
    tensors = _read_weights(folder, config)
    try:
        trained = tuple(config["backbone"].get("trained", ()))
        network = build_model(config["system"], config["model"])
        if trained == ("c5",):
            network = FineTuned(network, build_backbone(config["backbone"]["name"], weights=None).last_stage())
        _fill(network, tensors, folder.name)
        listed = config["space"]
        vectors = tensors.get("space.word_vectors")
        space = SemanticSpace(
            tuple(listed["classes"]),
            tuple(listed["attributes"]),
            tuple(listed["groups"]),
            tensors["space.table"].numpy(),
            np.array(listed["seen"], dtype=bool),
            None if vectors is None else vectors.float().numpy(),
            name=listed["name"],
        )
        rule = ScoringRule.from_dict(config["rule"])
        scale = AttributeScale(**{name: tensors[f"scale.{name}"].numpy() for name in _SCALE}, shares=rule.shares)
        _check_agreement(config, space, scale, rule, folder.name)
        return Checkpoint(
            name=config["name"],
            system=config["system"],
            data=config["data"],
            model_config=config["model"],
            backbone=config["backbone"]["name"],
            size=int(config["backbone"]["size"]),
            network=network.eval().requires_grad_(False),
            space=space,
            rule=rule,
            scale=scale,
            gamma=float(config["gamma"]),
            recipe=config.get("recipe", {}),
            metrics=_metrics(folder),
            trained=trained,
            backbone_state={k.removeprefix("backbone."): v for k, v in tensors.items() if k.startswith("backbone.")},
        )
    except CheckpointError:
        raise
    except (KeyError, TypeError, ValueError, RuntimeError, ZslvizError) as error:
        raise CheckpointError(
            f"The checkpoint '{folder.name}' is not complete or its two files do not belong together "
            f"({type(error).__name__}: {str(error).splitlines()[0]}); download it again."
        ) from None


def _shipped_names() -> list[str]:
    return [info.name for info in list_checkpoints()]


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _config_digest(config: Mapping[str, Any]) -> str:
    """A digest of everything in the configuration but itself."""
    content = {k: v for k, v in config.items() if k != "config_sha256"}
    return _sha256(json.dumps(content, sort_keys=True).encode())


def _metrics(folder: Path) -> dict[str, Any]:
    try:
        metrics = json.loads((folder / METRICS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return metrics if isinstance(metrics, dict) else {}


def _read_config(folder: Path) -> dict[str, Any]:
    path = folder / CONFIG
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise CheckpointError(f"The checkpoint '{folder.name}' has no readable '{CONFIG}'.") from None
    except ValueError:
        raise CheckpointError(f"'{CONFIG}' of the checkpoint '{folder.name}' is damaged; download it again.") from None
    if not isinstance(config, dict) or config.get("format") != FORMAT:
        raise CheckpointError(f"'{CONFIG}' of '{folder.name}' is not a checkpoint's configuration of format {FORMAT}.")
    if config.get("config_sha256") != _config_digest(config):
        raise CheckpointError(
            f"'{CONFIG}' of the checkpoint '{folder.name}' was changed since it was written; download it again."
        )
    if config.get("system") not in MODELS:
        raise CheckpointError(f"The checkpoint '{folder.name}' is of a system '{config.get('system')}' not known here.")
    if config.get("backbone", {}).get("name") not in BACKBONES:
        raise CheckpointError(f"The checkpoint '{folder.name}' names a backbone that is not known here.")
    return config


def _read_weights(folder: Path, config: Mapping[str, Any]) -> dict[str, Tensor]:
    try:
        data = (folder / WEIGHTS).read_bytes()
    except OSError:
        raise CheckpointError(f"The checkpoint '{folder.name}' has no readable '{WEIGHTS}'.") from None
    if _sha256(data) != config.get("weights_sha256"):
        raise CheckpointError(
            f"'{WEIGHTS}' of '{folder.name}' is damaged, or belongs to another model's '{CONFIG}': its checksum differs; "
            "download both again."
        )
    try:
        return load(data)
    except SafetensorError:
        raise CheckpointError(f"'{WEIGHTS}' of '{folder.name}' is not a safetensors file.") from None


def _fill(network: nn.Module, tensors: Mapping[str, Tensor], name: str) -> None:
    given = {k.removeprefix("network."): v for k, v in tensors.items() if k.startswith("network.")}
    wanted = network.state_dict()
    for key, own in wanted.items():
        if key not in given:
            raise CheckpointError(f"The checkpoint '{name}' lacks the tensor '{key}' that its configuration asks for.")
        if given[key].shape != own.shape:
            raise CheckpointError(
                f"In the checkpoint '{name}' the tensor '{key}' is {tuple(given[key].shape)}, but its configuration asks "
                f"for {tuple(own.shape)}."
            )
    strangers = set(given) - set(wanted)
    if strangers:
        raise CheckpointError(
            f"The checkpoint '{name}' holds a tensor '{min(strangers)}' that its network does not have."
        )
    network.load_state_dict(given)


def _check_agreement(
    config: Mapping[str, Any], space: SemanticSpace, scale: AttributeScale, rule: ScoringRule, name: str
) -> None:
    granularities = len(MODELS[config["system"]].granularities)
    attributes = len(space.attributes)
    if scale.mean.shape != (granularities, attributes) or len(rule.weights) != granularities:
        raise CheckpointError(f"The checkpoint '{name}' does not fit together: its scales are of another model.")
    if config["model"]["attributes"] != attributes:
        raise CheckpointError(
            f"The checkpoint '{name}' predicts {config['model']['attributes']} attributes, not {attributes}."
        )
