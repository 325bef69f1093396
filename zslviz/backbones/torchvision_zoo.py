"""torchvision's networks by name: their stages, their statistics and their weights."""

from __future__ import annotations

import importlib
import warnings
from typing import Any

import torch
from torch import nn

from zslviz.backbones.base import BackboneSpec
from zslviz.backbones.features import STAGES, STRIDES
from zslviz.backbones.probing import PROBE, Found, channels_last, in_pixels, no_stages, without_data
from zslviz.errors import UnknownNameError

PREFIX = "torchvision/"


def known() -> list[str]:
    """All names, without those of weights."""
    models = _torchvision()
    return [f"{PREFIX}{name}" for name in models.list_models(module=models)]


def find(name: str, model: str) -> Found:
    models = _torchvision()
    plain, _, tag = model.partition(".")
    if plain not in models.list_models(module=models):
        raise UnknownNameError("backbone", name, known())
    published = models.get_model_weights(plain)
    if tag and tag not in published.__members__:
        raise UnknownNameError("backbone", name, [f"{PREFIX}{plain}.{one}" for one in published.__members__])
    preset = published[tag or "DEFAULT"].transforms()
    network = without_data(lambda: models.get_model(plain, weights=None))
    paths, shapes = _trunk(network, name)
    last = channels_last(name, shapes, PROBE)
    channels = [shape[-1] if behind else shape[1] for shape, behind in zip(shapes, last, strict=True)]
    spec = BackboneSpec(
        name,
        (channels[0], channels[1], channels[2]),
        PROBE,
        in_pixels(preset.mean),
        in_pixels(preset.std),
        "torchvision",
    )
    return Found(spec, paths, last)


def network_of(model: str, stages: tuple[Any, ...], pretrained: bool) -> nn.Module:
    models = _torchvision()
    from torchvision.models.feature_extraction import create_feature_extractor

    plain, _, tag = model.partition(".")
    with warnings.catch_warnings():  # of how it would be initialised, and of layers that differ in training
        warnings.simplefilter("ignore")
        network = models.get_model(plain, weights=None).eval()
    if pretrained:
        weights = models.get_model_weights(plain)[tag or "DEFAULT"]
        network.load_state_dict(weights.get_state_dict(progress=True, weights_only=True))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        extractor: nn.Module = create_feature_extractor(network, dict(zip(stages, STAGES, strict=True)))
    return extractor


def _trunk(network: nn.Module, name: str) -> tuple[tuple[str, ...], list[tuple[int, ...]]]:
    """The last modules of stride 8, 16 and 32 in the order of computing, and the shapes of what they give.

    Blocks are taken whole: only the network itself, and lists of layers that lead over three strides or more, are looked into.
    """
    order: list[tuple[str, tuple[int, ...]]] = []
    hooks = [
        module.register_forward_hook(
            lambda _, __, out, path=path: order.append((path, tuple(getattr(out, "shape", ()))))
        )
        for path, module in network.named_modules()
        if path
    ]
    try:
        with torch.inference_mode():
            network(torch.zeros(1, 3, PROBE, PROBE, device="meta"))
    except Exception:
        raise no_stages(name, ()) from None
    finally:
        for hook in hooks:
            hook.remove()
    shapes = dict(order)
    blocks = set(_blocks(network, "", {path: _stride(shape) for path, shape in shapes.items()}))
    at = {_stride(shape): path for path, shape in order if path in blocks}
    if not set(STRIDES.values()) <= set(at):
        raise no_stages(name, [stride for stride in at if stride])
    paths = tuple(at[STRIDES[stage]] for stage in STAGES)
    return paths, [shapes[path] for path in paths]


def _blocks(module: nn.Module, path: str, strides: dict[str, int]) -> list[str]:
    found = []
    for name, child in module.named_children():
        where = f"{path}.{name}" if path else name
        led = {strides.get(f"{where}.{inner}", 0) for inner, _ in child.named_children()} - {0}
        is_list = isinstance(child, nn.ModuleList) or (isinstance(child, nn.Sequential) and len(led) > 2)
        found += _blocks(child, where, strides) if is_list else [where]
    return found


def _stride(shape: tuple[int, ...]) -> int:
    """Of a map of a probe, 0 of what is none."""
    if len(shape) != 4:
        return 0
    side = shape[2] if shape[2] == shape[3] else shape[1] if shape[1] == shape[2] else 0
    return PROBE // side if side > 1 and PROBE % side == 0 else 0


def _torchvision() -> Any:
    import zslviz.backbones.torchvision_compat  # noqa: F401  (before torchvision)

    return importlib.import_module("torchvision.models")
