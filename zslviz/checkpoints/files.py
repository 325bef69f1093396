"""A checkpoint as a folder of weights, configuration and metrics: written, verified, read. Nothing in it is ever run."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch
from safetensors.torch import load, save
from torch import Tensor, nn

from zslviz.backbones import is_backbone
from zslviz.backbones.encoder import CLIP
from zslviz.backbones.given import is_given
from zslviz.errors import CheckpointError
from zslviz.files import check_folder, is_there, read_bytes, read_json, read_text, replacing
from zslviz.files.typed import Name, SideOrNone, typed
from zslviz.models.registry import MODELS

FORMAT = 1
MAX_CONFIG = 50 * 2**20
MAX_WEIGHTS = 8 * 2**30
WEIGHTS, CONFIG, METRICS, CARD = "model.safetensors", "config.json", "metrics.json", "README.md"
_NUMBERS = re.compile(r'\[\n([^\[\]{}"]*)\]')  # a list of nothing else, as JSON with indents writes it


@dataclass(frozen=True)
class _Backbone:
    """What a configuration says of what a model sees with."""

    name: Name
    size: SideOrNone  # 0 for features that were given: there is no input
    trained: tuple[Literal["c3", "c4", "c5"], ...] = ()
    encoder: Literal["", "clip"] = ""


@dataclass(frozen=True)
class _Config:
    """What every configuration says; a task's own entries are checked by the task."""

    name: Name
    system: Name
    data: Name
    model: Mapping[str, Any]
    backbone: _Backbone
    space: Mapping[str, Any]
    recipe: Mapping[str, Any] = field(default_factory=dict)


def write_folder(
    folder: Path, config: Mapping[str, Any], tensors: dict[str, Tensor], metrics: Mapping[str, Any]
) -> None:
    """Writes the three files; the configuration gets digests of the weights and of itself.

    All of them are complete on the disk before the first takes its place, so that an old model stays whole whatever goes wrong.
    Raises CheckpointError if they cannot be written, or if a number among them is not finite.
    """
    check_finite(tensors, str(config.get("name", folder.name)))
    check_folder(folder, CheckpointError)
    _remove_partial(folder)
    with ExitStack() as files:
        weights, written, measured = (
            files.enter_context(replacing(folder / name, CheckpointError)) for name in (WEIGHTS, CONFIG, METRICS)
        )
        content = save(
            tensors, metadata={"format": "pt"}
        )  # not to the file itself: what is said of a full disk is no OSError
        weights.write_bytes(content)
        whole = {"format": FORMAT, **config, "weights_sha256": _sha256(content)}
        whole = json.loads(json.dumps(whole))  # tuples become lists, as they will be when read
        whole["config_sha256"] = config_digest(whole)
        written.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
        measured.write_text(metrics_text(metrics), encoding="utf-8")


def metrics_text(metrics: Mapping[str, Any]) -> str:
    """metrics.json: an entry a line, and a list of numbers on one, for some have a number for every attribute."""
    told = json.dumps(dict(metrics), indent=1)
    return _NUMBERS.sub(lambda found: f"[{' '.join(found[1].split())}]", told) + "\n"


def check_finite(tensors: Mapping[str, Tensor], name: str) -> None:
    """Raises CheckpointError naming a tensor that holds NaN or infinity, as a training that went wrong leaves behind."""
    for key, tensor in tensors.items():
        if tensor.is_floating_point() and not torch.isfinite(tensor.float()).all():
            raise CheckpointError(
                f"The model '{name}' holds numbers that are not finite ('{key}'), so it was not written; lower the learning rate, "
                "and look for such numbers in the data's table and word vectors."
            )


def _remove_partial(folder: Path) -> None:
    """What a kill left of the files that are about to be written."""
    for name in (WEIGHTS, CONFIG, METRICS, CARD, "probe"):
        for left in folder.glob(f".{name}.*.part"):
            with suppress(OSError):
                left.unlink()


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
    if not is_there(path):
        raise CheckpointError(f"The checkpoint '{folder.name}' has no readable '{CONFIG}'.")
    config = read_json(path, CheckpointError, MAX_CONFIG)
    if not isinstance(config, dict) or config.get("format") != FORMAT or config["format"] is True:
        raise CheckpointError(f"'{CONFIG}' of '{folder.name}' is not a checkpoint's configuration of format {FORMAT}.")
    if config.get("config_sha256") != config_digest(config):
        raise CheckpointError(
            f"'{CONFIG}' of the checkpoint '{folder.name}' was changed since it was written; download it again."
        )
    checked = typed(_Config, config, f"'{CONFIG}' of '{folder.name}'", CheckpointError, known=None)
    if checked.system not in MODELS:
        raise CheckpointError(
            f"The checkpoint '{folder.name}' is of a system '{checked.system}' not known here; if it is your own, name its "
            "module with --plugin."
        )
    if not is_backbone(checked.backbone.name) and checked.backbone.encoder != CLIP:
        raise CheckpointError(f"The checkpoint '{folder.name}' names a backbone that is not known here.")
    if not checked.backbone.size and not is_given(checked.backbone.name):
        raise CheckpointError(f"'backbone.size' in '{CONFIG}' of '{folder.name}' is 0, but its backbone sees photos.")
    if not (checked.name + checked.data).isprintable():
        raise CheckpointError(f"The checkpoint '{folder.name}' has a name that cannot be printed.")
    return config


def read_weights(folder: Path, config: Mapping[str, Any]) -> dict[str, Tensor]:
    """The tensors, if they are those that the configuration was written with. Raises CheckpointError."""
    path = folder / WEIGHTS
    if not is_there(path):
        raise CheckpointError(f"The checkpoint '{folder.name}' has no readable '{WEIGHTS}'.")
    data = read_bytes(path, CheckpointError, MAX_WEIGHTS)
    if _sha256(data) != config.get("weights_sha256"):
        raise CheckpointError(
            f"'{WEIGHTS}' of '{folder.name}' is damaged, or belongs to another model's '{CONFIG}': its checksum differs; "
            "download both again."
        )
    try:
        return load(data)
    except Exception:  # what its header announces can be wrong in any way, and each means the same
        raise CheckpointError(f"'{WEIGHTS}' of '{folder.name}' is not a safetensors file.") from None


def read_metrics(folder: Path) -> dict[str, Any]:
    """The measured figures, none if they cannot be read."""
    with suppress(CheckpointError, ValueError, RecursionError):
        text = read_text(folder / METRICS, CheckpointError, MAX_CONFIG)
        metrics = json.loads(text, parse_constant=lambda _: None)  # NaN is no figure
        return metrics if isinstance(metrics, dict) else {}
    return {}


def check_tensors(network: nn.Module, tensors: Mapping[str, Tensor], name: str) -> dict[str, Tensor]:
    """A network's tensors among a checkpoint's. Raises CheckpointError naming one that does not fit or is not finite.

    network: one without numbers (on the device "meta") does, so that no more memory is taken than the file has.
    """
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
        if given[key].is_floating_point() and not torch.isfinite(given[key].float()).all():
            raise CheckpointError(f"In the checkpoint '{name}' the tensor '{key}' holds numbers that are not finite.")
    strangers = set(given) - set(wanted)
    if strangers:
        raise CheckpointError(
            f"The checkpoint '{name}' holds a tensor '{min(strangers)}' that its network does not have."
        )
    return given


@contextmanager
def complete(name: str) -> Iterator[None]:
    """Makes whatever goes wrong while a checkpoint is put together one sentence."""
    try:
        yield
    except CheckpointError:
        raise
    except Exception as error:  # of foreign content, whatever the libraries below say of it
        said = " ".join(str(error).split())[:200].rstrip(".")
        raise CheckpointError(
            f"The checkpoint '{name}' is not complete or its two files do not belong together "
            f"({type(error).__name__}{': ' * bool(said)}{said}); download it again."
        ) from None


def config_digest(config: Mapping[str, Any]) -> str:
    """A digest of everything in the configuration but itself."""
    content = {k: v for k, v in config.items() if k != "config_sha256"}
    return _sha256(json.dumps(content, sort_keys=True).encode())


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
