"""A checkpoint as a folder of weights, configuration and metrics: written, verified, read. Nothing in it is ever run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load, save_file
from torch import Tensor, nn

from zslviz.backbones import is_backbone
from zslviz.backbones.encoder import CLIP
from zslviz.errors import CheckpointError, ZslvizError
from zslviz.models.registry import MODELS

FORMAT = 1
WEIGHTS, CONFIG, METRICS, CARD = "model.safetensors", "config.json", "metrics.json", "README.md"


def write_folder(
    folder: Path, config: Mapping[str, Any], tensors: dict[str, Tensor], metrics: Mapping[str, Any]
) -> None:
    """Writes the three files; the configuration gets digests of the weights and of itself."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors, folder / WEIGHTS, metadata={"format": "pt"})
    whole = {"format": FORMAT, **config, "weights_sha256": _sha256((folder / WEIGHTS).read_bytes())}
    whole = json.loads(json.dumps(whole))  # tuples become lists, as they will be when read
    whole["config_sha256"] = config_digest(whole)
    (folder / CONFIG).write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
    (folder / METRICS).write_text(json.dumps(dict(metrics), indent=1) + "\n", encoding="utf-8")


def state_tensors(prefix: str, state: Mapping[str, Tensor], half: bool = True) -> dict[str, Tensor]:
    """A state dict as it is stored: names after `prefix`, weights as float16 where `half`."""
    return {
        f"{prefix}.{name}": (tensor.half() if half and fits_half(name, tensor) else tensor).detach().cpu().contiguous()
        for name, tensor in state.items()
    }


def fits_half(name: str, tensor: Tensor) -> bool:
    """Whether a tensor is stored as float16: weights are; a normalisation's variances may lie below float16's range."""
    return tensor.is_floating_point() and "running_" not in name


def halved(network: nn.Module) -> nn.Module:
    """Rounds the weights to float16 and back, so that what is measured is what is shipped."""
    for name, tensor in network.state_dict().items():
        if fits_half(name, tensor):
            tensor.copy_(tensor.half().float())
    return network


def read_config(folder: Path) -> dict[str, Any]:
    """The verified configuration. Raises CheckpointError with one sentence on what is wrong."""
    path = folder / CONFIG
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise CheckpointError(f"The checkpoint '{folder.name}' has no readable '{CONFIG}'.") from None
    except ValueError:
        raise CheckpointError(f"'{CONFIG}' of the checkpoint '{folder.name}' is damaged; download it again.") from None
    if not isinstance(config, dict) or config.get("format") != FORMAT:
        raise CheckpointError(f"'{CONFIG}' of '{folder.name}' is not a checkpoint's configuration of format {FORMAT}.")
    if config.get("config_sha256") != config_digest(config):
        raise CheckpointError(
            f"'{CONFIG}' of the checkpoint '{folder.name}' was changed since it was written; download it again."
        )
    if config.get("system") not in MODELS:
        raise CheckpointError(
            f"The checkpoint '{folder.name}' is of a system '{config.get('system')}' not known here; if it is your own, name its "
            "module with --plugin."
        )
    backbone = config.get("backbone", {})
    if not is_backbone(str(backbone.get("name"))) and backbone.get("encoder") != CLIP:
        raise CheckpointError(f"The checkpoint '{folder.name}' names a backbone that is not known here.")
    return config


def read_weights(folder: Path, config: Mapping[str, Any]) -> dict[str, Tensor]:
    """The tensors, if they are those that the configuration was written with. Raises CheckpointError."""
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


def read_metrics(folder: Path) -> dict[str, Any]:
    """The measured figures, none if they cannot be read."""
    try:
        metrics = json.loads((folder / METRICS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return metrics if isinstance(metrics, dict) else {}


def fill(network: nn.Module, tensors: Mapping[str, Tensor], name: str) -> None:
    """Puts a checkpoint's tensors into its network. Raises CheckpointError naming the tensor that does not fit."""
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


@contextmanager
def complete(name: str) -> Iterator[None]:
    """Makes whatever goes wrong while a checkpoint is put together one sentence."""
    try:
        yield
    except CheckpointError:
        raise
    except (KeyError, TypeError, ValueError, RuntimeError, ZslvizError) as error:
        raise CheckpointError(
            f"The checkpoint '{name}' is not complete or its two files do not belong together "
            f"({type(error).__name__}: {str(error).splitlines()[0]}); download it again."
        ) from None


def config_digest(config: Mapping[str, Any]) -> str:
    """A digest of everything in the configuration but itself."""
    content = {k: v for k, v in config.items() if k != "config_sha256"}
    return _sha256(json.dumps(content, sort_keys=True).encode())


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
