"""A checkpoint of whatever task: what all of them hold, saved, verified and loaded in one place.

Everything a model needs to run is inside (network, space with its word vectors, calibration); only a frozen backbone's weights
come from their own package. Nothing that could run code is ever loaded. A task's own class (`tasks/*/checkpoint.py`) adds its
calibration and says how its space is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from typing_extensions import Self

from zslviz.backbones import build_backbone
from zslviz.backbones.features import STAGES
from zslviz.catalogue import TASKS, Task, part
from zslviz.checkpoints.files import (
    check_tensors,
    complete,
    read_config,
    read_metrics,
    read_weights,
    state_tensors,
    write_folder,
)
from zslviz.checkpoints.listing import is_grounded, resolve, title_of
from zslviz.errors import CheckpointError
from zslviz.models.finetuned import FineTuned
from zslviz.models.registry import MODELS, build_model


@dataclass(frozen=True, eq=False, kw_only=True)
class Checkpoint:
    """A trained model with all that is needed to use it. `recipe`: how it was trained, as plain values.

    model_config: of the network. backbone: its name, used at `size` pixels. encoder: "clip" if it sees with CLIP of the
    architecture `backbone`, "" for a backbone of ours. trained: stages of the backbone that were trained along: () for none,
    ("c5",) if `network` brings its own last stage (models.finetuned), all of them if the whole backbone was trained and its
    weights are in `backbone_state`. digest: of the configuration that it was read with (`config_sha256`), "" of one that was made.
    """

    task: ClassVar[Task]

    name: str
    system: str
    data: str
    model_config: Mapping[str, Any]
    backbone: str
    size: int
    network: nn.Module
    space: Any
    recipe: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    encoder: str = ""
    trained: tuple[str, ...] = ()
    backbone_state: Mapping[str, Tensor] = field(default_factory=dict)
    digest: str = ""

    @property
    def title(self) -> str:
        return title_of(self.system, self.data, is_grounded(self.recipe))

    # -- how a task writes what is its own ----------------------------------------------------------------------------

    def backbone_listed(self) -> dict[str, Any]:
        """What `config.json` says of the backbone."""
        return {"name": self.backbone, "size": self.size}

    def calibration_listed(self) -> dict[str, Any]:
        """The entries of `config.json` that hold the calibration."""
        raise NotImplementedError

    def space_listed(self) -> dict[str, Any]:
        """The entry "space" of `config.json`."""
        raise NotImplementedError

    def own_tensors(self) -> dict[str, Tensor]:
        """Tensors beside the network's: of the space, and of scales. They stay as precise as they come."""
        raise NotImplementedError

    @classmethod
    def own_fields(cls, config: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> dict[str, Any]:
        """`space` and the calibration's fields, from what the three functions above wrote. Raises CheckpointError."""
        raise NotImplementedError

    # -- files --------------------------------------------------------------------------------------------------------

    def save(self, folder: Path, half: bool = True) -> None:
        """Writes weights (the network's as float16 where `half`), configuration and metrics into a folder."""
        tensors = {
            **state_tensors("network", self.network.state_dict(), half),
            **state_tensors("backbone", self.backbone_state, half),
            **self.own_tensors(),
        }
        config = {
            "name": self.name,
            "title": self.title,
            "system": self.system,
            "data": self.data,
            "model": dict(self.model_config),
            "backbone": self.backbone_listed(),
            "recipe": dict(self.recipe),
            **self.calibration_listed(),
            "space": self.space_listed(),
        }
        write_folder(folder, config, tensors, self.metrics)

    @classmethod
    def load(cls, name_or_folder: str | Path) -> Self:
        """Loads and verifies a checkpoint; the network is in eval mode on the CPU, float32.

        Raises UnknownNameError for a name that does not exist, and CheckpointError with one sentence on what is wrong: a missing
        file, a changed byte, a tensor of another shape, a configuration of another model, or a model of another task than `cls`.
        """
        folder = resolve(name_or_folder)
        config = read_config(folder)
        kind = _class_of(MODELS[config["system"]].task)
        if not issubclass(kind, cls):
            raise CheckpointError(
                f"'{config['name']}' ({MODELS[config['system']].title}) scores {TASKS[kind.task].scores}, and "
                f"{TASKS[cls.task].scores} were asked for."
            )
        tensors = read_weights(folder, config)
        with complete(folder.name):
            return kind._from(config, tensors, folder)

    @classmethod
    def _from(cls, config: Mapping[str, Any], tensors: Mapping[str, Tensor], folder: Path) -> Self:
        backbone = config["backbone"]
        trained = tuple(backbone.get("trained", ()))

        def build() -> nn.Module:
            network = build_model(config["system"], config["model"])
            if trained == ("c5",):
                return FineTuned(network, build_backbone(backbone["name"], weights=None).last_stage())
            return network

        if trained not in ((), ("c5",), STAGES):
            raise CheckpointError(f"The checkpoint '{folder.name}' trained stages that are never trained alone.")
        with torch.device("meta"):  # sizes alone, which may be absurd
            own = check_tensors(build(), tensors, folder.name)
        network = build()
        network.load_state_dict(own)
        return cls(
            name=config["name"],
            system=config["system"],
            data=config["data"],
            model_config=config["model"],
            backbone=backbone["name"],
            size=int(backbone["size"]),
            network=network.eval().requires_grad_(False),
            recipe=config.get("recipe", {}),
            metrics=read_metrics(folder),
            encoder=str(backbone.get("encoder", "")),
            digest=str(config["config_sha256"]),
            trained=trained,
            backbone_state={k.removeprefix("backbone."): v for k, v in tensors.items() if k.startswith("backbone.")},
            **cls.own_fields(config, tensors),
        )


def _class_of(task: Task) -> type[Any]:
    """The class of a task's checkpoints."""
    kind: type[Any] = part(task, "checkpoint").CHECKPOINT
    return kind
