"""Backbones of timm and torchvision: their stages, their pixels, their weights, and what is said where these are not to be had.

The libraries' own caches are filled with random weights under the names of the published ones: the loading is the real one.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import huggingface_hub.constants as hub
import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

import zslviz
import zslviz.backbones.torchvision_compat
from tests.datasets.test_own import make
from zslviz.backbones import build_backbone, library, opened, spec_of
from zslviz.backbones.encoder import sees_with_clip
from zslviz.backbones.registry import settled
from zslviz.checkpoints.files import read_config
from zslviz.errors import ConfigError, UnknownNameError
from zslviz.explainer import Explainer
from zslviz.tasks.base.recipes import recipe_from_dict
from zslviz.trainer import prepare

TIMM, VISION = "timm/test_convnext", "torchvision/mobilenet_v3_small"
PUBLISHED = "test_convnext.r160_in1k"


def publish_timm(folder: Path, state: Mapping[str, Tensor]) -> None:
    """Weights in the hub's cache, as `huggingface_hub` lays it out."""
    repository = folder / f"models--timm--{PUBLISHED}"
    (repository / "refs").mkdir(parents=True, exist_ok=True)
    (repository / "snapshots" / "abc").mkdir(parents=True, exist_ok=True)
    (repository / "refs" / "main").write_text("abc")
    save_file({k: v.contiguous() for k, v in state.items()}, repository / "snapshots" / "abc" / "model.safetensors")


def publish_torchvision(folder: Path, state: Mapping[str, Tensor]) -> None:
    (folder / "hub" / "checkpoints").mkdir(parents=True, exist_ok=True)
    torch.save(dict(state), folder / "hub" / "checkpoints" / "mobilenet_v3_small-047dcff4.pth")


def whole(name: str, seed: int) -> torch.nn.Module:
    """The library's network with its classifier, random."""
    import timm
    import torchvision.models as models

    torch.manual_seed(seed)
    plain = name.partition("/")[2]
    network = timm.create_model(plain) if name == TIMM else models.get_model(plain, weights=None)
    for buffer in (b for n, b in network.named_buffers() if "running" in n):
        buffer.uniform_(0.5, 1.5)
    return network.eval()


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No network, and caches of the libraries that are empty."""

    def nowhere(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    monkeypatch.setattr(hub, "HF_HUB_CACHE", str(tmp_path / "hf"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    for variable in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(opened, "_shared", {})
    return tmp_path


@pytest.fixture
def publish(offline: Path) -> Callable[[int], dict[str, torch.nn.Module]]:
    """Puts random weights into the caches; the networks by name."""

    def put(seed: int) -> dict[str, torch.nn.Module]:
        networks = {name: whole(name, seed) for name in (TIMM, VISION)}
        publish_timm(offline / "hf", networks[TIMM].state_dict())
        publish_torchvision(offline / "torch", networks[VISION].state_dict())
        return networks

    return put


# -- stages ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "channels"),
    [
        (TIMM, (32, 48, 64)),
        ("timm/convnext_atto.d2_in1k", (80, 160, 320)),
        ("timm/resnet18", (128, 256, 512)),
        ("timm/swin_tiny_patch4_window7_224", (192, 384, 768)),
        (VISION, (24, 48, 576)),
        ("torchvision/resnet18.IMAGENET1K_V1", (128, 256, 512)),
        ("torchvision/convnext_tiny", (192, 384, 768)),
        ("torchvision/regnet_y_400mf", (104, 208, 440)),
        ("torchvision/swin_t", (192, 384, 768)),
    ],
)  # fmt: skip
def test_stages_are_the_last_maps_of_their_strides(name: str, channels: tuple[int, int, int]) -> None:
    spec = spec_of(name)
    assert spec.channels == channels
    backbone, side = build_backbone(name, weights=None), spec.input_size if spec.fixed_size else 64
    with torch.inference_mode():
        features = backbone(torch.randint(0, 256, (2, 3, side, side), dtype=torch.uint8))
    for stage, width, stride in zip(("c3", "c4", "c5"), channels, (8, 16, 32), strict=True):
        assert features.stages[stage].shape == (2, width, side // stride, side // stride)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("timm/vit_base_patch16_224", "maps of stride 16;.*strides 8, 16 and 32"),
        ("torchvision/vit_b_16", "strides 8, 16 and 32"),
        ("torchvision/squeezenet1_1", "strides 8, 16 and 32"),
        ("timm/inception_v3", "an eighth, a sixteenth"),
    ],
)
def test_a_backbone_without_such_stages_is_refused(name: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        spec_of(name)


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("timm/convnext_tny", "timm/convnext_tiny"),
        ("timm/convnext_atto.d3_in1k", "timm/convnext_atto.d2_in1k"),
        ("torchvision/resnet50.V1", "torchvision/resnet50.IMAGENET1K_V1"),
        ("torchvision/resnet51", "torchvision/resnet50"),
        ("convnext_atto", "timm/convnext_atto"),
        ("timm/", "timm/"),
        ("efficientnet_lite3", "efficientnet_lite2"),
    ],
)
def test_a_name_that_is_none_is_answered_with_the_nearest(name: str, near: str) -> None:
    with pytest.raises(UnknownNameError, match=near):
        spec_of(name)


def test_a_librarys_vision_transformer_is_no_clip() -> None:
    assert not sees_with_clip("timm/vit_base_patch16_224")
    with pytest.raises(UnknownNameError, match="timm/resnet18"):
        sees_with_clip("resnet18")


def test_a_network_of_one_size_says_which() -> None:
    backbone = build_backbone("timm/swin_tiny_patch4_window7_224", weights=None)
    with pytest.raises(ConfigError, match="size: 224"):
        backbone(torch.zeros(1, 3, 64, 64))


# -- weights --------------------------------------------------------------------------------------------------------------


def test_features_are_those_of_the_library_with_its_own_pixels(publish: Callable[[int], dict[str, Any]]) -> None:
    networks = publish(1)
    pixels = torch.randint(0, 256, (2, 3, 96, 96), dtype=torch.uint8)
    with torch.inference_mode():
        ours = build_backbone(TIMM)(pixels).stages
        theirs = networks[TIMM].forward_intermediates((pixels / 255 - 0.5) / 0.5, intermediates_only=True)
        for stage, expected in zip(("c3", "c4", "c5"), theirs[1:], strict=True):
            assert torch.allclose(ours[stage], expected, atol=1e-4)
        mean, std = (torch.tensor(v).view(3, 1, 1) for v in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
        expected = networks[VISION].features((pixels / 255 - mean) / std)
        assert torch.allclose(build_backbone(VISION)(pixels).stages["c5"], expected, atol=1e-4)


@pytest.mark.parametrize("name", [TIMM, VISION])
def test_weights_that_were_replaced_are_refused(name: str, publish: Callable[[int], Any]) -> None:
    publish(1)
    called = settled(name)
    assert called.startswith(f"{name}@")
    assert settled(called) == called
    assert spec_of(called).name == called
    build_backbone(called)
    publish(2)
    assert settled(name) != called
    with pytest.raises(ConfigError, match="has replaced them"):
        build_backbone(called)


@pytest.mark.parametrize("name", [TIMM, VISION])
def test_without_weights_there_is_a_sentence_and_never_a_random_network(name: str, offline: Path) -> None:
    for ask in (build_backbone, settled):
        with pytest.raises(ConfigError, match="could not be loaded") as caught:
            ask(name)
        assert "\n" not in str(caught.value)
    offline_before = hub.HF_HUB_OFFLINE
    assert offline_before is False


def test_weights_of_one_s_own_are_not_those_of_a_library(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="comes with its library's weights"):
        settled(TIMM, tmp_path / "x.pth")


# -- through training -----------------------------------------------------------------------------------------------------


def recipe(**settings: Any) -> dict[str, Any]:
    return {
        "name": "msdn-own", "system": "msdn", "data": "own", "epochs": 1, "backbone": TIMM, "size": 64, "flip": False,
        "batch_size": 4, **settings,
    }  # fmt: skip


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    folder = make(tmp_path / "shelf")
    np.save(folder / "attribute_word_vectors.npy", np.random.default_rng(0).normal(size=(3, 8)).astype(np.float32))
    return folder


@pytest.mark.parametrize("stages", ["none", "all"])
def test_a_recipe_may_name_a_librarys_backbone(
    stages: str, shelf: Path, publish: Callable[[int], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(1)
    settings = recipe_from_dict(recipe(finetune={"stages": stages}))
    places = {"cache": tmp_path / "cache", "runs": tmp_path / "runs", "device": "cpu"}
    metrics = zslviz.train(settings, ("shelf", shelf), out=tmp_path / "model", **places)
    called = settled(TIMM)
    assert read_config(tmp_path / "model")["backbone"]["name"] == called
    found = zslviz.evaluate(tmp_path / "model", ("shelf", shelf), device="cpu")
    assert found["h"] == pytest.approx(metrics["h"])
    if stages == "none":
        cached = zslviz.evaluate(tmp_path / "model", ("shelf", shelf), cache=tmp_path / "cache", device="cpu")
        assert cached["h"] == metrics["h"]
        assert [entry.name for entry in (tmp_path / "cache" / "shelf").iterdir() if entry.is_dir()] == [
            f"{called}-64".replace("/", "--")
        ]
        publish(2)
        monkeypatch.setattr(opened, "_shared", {})
        with pytest.raises(ConfigError, match="has replaced them"):
            Explainer.from_pretrained(tmp_path / "model", "cpu")


def test_what_cannot_be_had_is_said_before_the_data_are_read(offline: Path) -> None:
    nowhere = ("mine", offline / "not-there")
    with pytest.raises(ConfigError, match="could not be loaded"):
        prepare(recipe_from_dict(recipe()), nowhere)
    with pytest.raises(ConfigError, match="vit_base_patch16_224"):
        prepare(recipe_from_dict(recipe(backbone="timm/vit_base_patch16_224")), nowhere)
    with pytest.raises(UnknownNameError, match="timm/convnext_tiny"):
        prepare(recipe_from_dict(recipe(backbone="timm/convnext_tny")), nowhere)
    with pytest.raises(ConfigError, match="size: 224"):
        prepare(recipe_from_dict(recipe(backbone="timm/swin_tiny_patch4_window7_224")), nowhere)


def test_the_last_stage_of_a_library_cannot_be_trained_alone() -> None:
    with pytest.raises(ConfigError, match="cannot be parted"):
        replace(recipe_from_dict(recipe()), finetune=recipe_from_dict(recipe(finetune={"stages": "last"})).finetune)


def test_all_names_of_both_libraries_are_known() -> None:
    names = library.names()
    assert {"timm/convnext_tiny", "torchvision/resnet50"} <= set(names)
    assert all(library.is_of_library(name) for name in names)
