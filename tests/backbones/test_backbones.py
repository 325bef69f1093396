from __future__ import annotations

import copy
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from tests.conftest import ROOT
from tests.tolerances import LITE0, rounding
from zslviz.backbones import BACKBONES, Backbone, build_backbone
from zslviz.backbones.efficientnet_lite import match_by_position, packaged_weights
from zslviz.backbones.features import STAGES
from zslviz.backbones.weights import read_state_dict
from zslviz.errors import ConfigError, UnknownNameError
from zslviz.photos.loading import load_photo, to_network_input
from zslviz.runtime.devices import pick_device


@pytest.fixture(scope="module")
def random_lite0() -> Backbone:
    torch.manual_seed(0)
    return build_backbone("efficientnet_lite0", weights=None)


@pytest.fixture(scope="module")
def random_resnet50() -> Backbone:
    torch.manual_seed(0)
    return build_backbone("resnet50", weights=None)


@pytest.mark.parametrize("name", BACKBONES)
def test_the_stages_have_strides_8_16_32_and_the_channels_that_are_stated(name: str) -> None:
    backbone = build_backbone(name, weights=None)
    with torch.inference_mode():
        features = backbone(torch.randint(0, 256, (1, 3, 96, 96), dtype=torch.uint8))
    assert tuple(features.stages) == STAGES
    for stage, channels, stride in zip(features.stages.values(), BACKBONES[name].channels, (8, 16, 32), strict=True):
        assert stage.shape == (1, channels, 96 // stride, 96 // stride)
        assert stage.isfinite().all()


def test_a_backbone_is_frozen_and_in_eval_mode(random_lite0: Backbone) -> None:
    assert not random_lite0.training
    assert not any(p.requires_grad for p in random_lite0.parameters())


def test_a_place_of_c5_sees_the_place_of_the_photo(random_resnet50: Backbone) -> None:
    pixels = torch.full((1, 3, 224, 224), 127.0)
    changed = pixels.clone()
    changed[:, :, :32, -32:] = 255.0
    with torch.inference_mode():
        difference = (random_resnet50(changed).stages["c3"] - random_resnet50(pixels).stages["c3"]).abs().sum(1)[0]
    row, column = divmod(int(difference.argmax()), difference.shape[1])
    assert row < 7
    assert column > 20


def test_pixels_are_normalised_as_the_weights_expect(random_lite0: Backbone, random_resnet50: Backbone) -> None:
    grey = torch.full((1, 3, 32, 32), 255, dtype=torch.uint8)
    assert torch.allclose(random_lite0.normalize(grey), torch.ones(1, 3, 32, 32))
    expected = (1 - torch.tensor([0.485, 0.456, 0.406])) / torch.tensor([0.229, 0.224, 0.225])
    assert torch.allclose(random_resnet50.normalize(grey)[0, :, 0, 0], expected, atol=1e-4)


@pytest.mark.parametrize("shape", [(1, 3, 100, 100), (1, 3, 64, 96), (1, 1, 64, 64), (3, 64, 64)])
def test_input_of_another_shape_is_refused(random_lite0: Backbone, shape: tuple[int, ...]) -> None:
    with pytest.raises(ConfigError, match="multiple of 32"):
        random_lite0(torch.zeros(shape))


# -- weights ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["efficientnet_lite0", "efficientnet_lite2"])
def test_packaged_weights_fill_every_tensor(name: str) -> None:
    loaded = build_backbone(name).network.network.state_dict()
    packaged = read_state_dict(packaged_weights(name))
    assert len(packaged) == len(loaded)
    for own, given in zip(loaded.values(), packaged.values(), strict=True):
        assert torch.equal(own, given)


ANIMALS = {  # example photos of classes that ImageNet has, by their index there
    "giant-panda": 388, "polar-bear": 296, "gorilla": 366, "german-shepherd": 235, "bison": 347, "red-panda": 387,
    "jaguar": 290, "scarlet-macaw": 88,
}  # fmt: skip


@pytest.mark.parametrize("name", ["efficientnet_lite0", "efficientnet_lite2"])
def test_the_classifier_is_right_on_real_photos(name: str) -> None:
    backbone = build_backbone(name)
    photos = [load_photo(ROOT / "assets" / "examples" / f"{animal}.jpg") for animal in ANIMALS]
    pixels = np.stack([to_network_input(photo, backbone.spec.input_size)[0] for photo in photos])
    with torch.inference_mode():
        answers = backbone.classify(torch.from_numpy(pixels).permute(0, 3, 1, 2)).argmax(1)
    assert dict(zip(ANIMALS, answers.tolist(), strict=True)) == ANIMALS


def test_tensors_are_paired_by_name_before_position() -> None:
    a, b = torch.zeros(2), torch.ones(2)
    assert torch.equal(match_by_position({"b": b, "a": a}, {"a": b, "b": a}, "file")["a"], a)
    renamed = match_by_position({"x": a, "y": b}, {"a": b, "b": a}, "file")
    assert torch.equal(renamed["a"], a)


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
@pytest.mark.parametrize("name", ["efficientnet_lite0", "resnet50"])
def test_a_users_weights_file_is_loaded(
    name: str, suffix: str, random_lite0: Backbone, random_resnet50: Backbone, tmp_path: Path
) -> None:
    source = random_lite0 if name == "efficientnet_lite0" else random_resnet50
    state = source.network.network.state_dict()
    path = tmp_path / f"weights{suffix}"
    save(state, path)
    loaded = build_backbone(name, weights=path)
    pixels = torch.randint(0, 256, (1, 3, 64, 64), dtype=torch.uint8)
    with torch.inference_mode():
        assert torch.equal(loaded(pixels).stages["c5"], source(pixels).stages["c5"])


def save(state: dict[str, Tensor], path: Path) -> None:
    if path.suffix == ".safetensors":
        save_file({k: v.contiguous() for k, v in state.items()}, path)
    else:
        torch.save(state, path)


def test_a_resnet_without_its_classifier_is_loaded(random_resnet50: Backbone, tmp_path: Path) -> None:
    state = random_resnet50.network.network.state_dict()
    save({k: v for k, v in state.items() if not k.startswith("fc.")}, tmp_path / "trunk.pth")
    assert build_backbone("resnet50", weights=tmp_path / "trunk.pth").spec.name == "resnet50"


@pytest.mark.parametrize("name", ["efficientnet_lite0", "resnet50"])
@pytest.mark.parametrize("damage", ["shape", "missing", "empty"])
def test_weights_that_do_not_fit_are_refused(
    name: str, damage: str, random_lite0: Backbone, random_resnet50: Backbone, tmp_path: Path
) -> None:
    source = random_lite0 if name == "efficientnet_lite0" else random_resnet50
    state = dict(source.network.network.state_dict())
    first = next(iter(state))
    if damage == "shape":
        state[first] = torch.zeros(7)
    elif damage == "missing":
        del state[first]
    else:
        state = {"nothing": torch.zeros(1)}
    save(state, tmp_path / "wrong.safetensors")
    with pytest.raises(ConfigError, match=r"wrong\.safetensors") as caught:
        build_backbone(name, weights=tmp_path / "wrong.safetensors")
    assert "\n" not in str(caught.value)


class Runs:
    """What a pickle with code does when it is loaded: it leaves a mark."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple:
        return Path.touch, (self.mark,)


@pytest.mark.parametrize("how", ["torch", "pickle", "renamed"])
def test_a_pickle_with_code_is_refused_and_not_run(how: str, tmp_path: Path) -> None:
    mark, path = tmp_path / "ran", tmp_path / ("evil.safetensors" if how == "renamed" else "evil.pth")
    if how == "torch":
        torch.save({"weight": torch.zeros(1), "extra": Runs(mark)}, path)
    else:
        path.write_bytes(pickle.dumps({"weight": Runs(mark)}))
    with pytest.raises(ConfigError, match="damaged or holds more than tensors"):
        read_state_dict(path)
    assert not mark.exists()


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x03\x04" + bytes(50), b"\x80\x02}q\x00.", bytes(200)])
@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_a_file_that_holds_no_weights_is_refused(content: bytes, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"weights{suffix}"
    path.write_bytes(content)
    with pytest.raises(ConfigError):
        build_backbone("efficientnet_lite0", weights=path)


def test_a_state_dict_may_be_wrapped_but_must_hold_tensors(tmp_path: Path) -> None:
    torch.save({"state_dict": {"a": torch.ones(1)}, "epoch": 3}, tmp_path / "wrapped.pth")
    assert list(read_state_dict(tmp_path / "wrapped.pth")) == ["a"]
    torch.save({"a": 3}, tmp_path / "numbers.pth")
    with pytest.raises(ConfigError, match="must map names to tensors"):
        read_state_dict(tmp_path / "numbers.pth")
    with pytest.raises(ConfigError, match="does not exist"):
        read_state_dict(tmp_path / "missing.pth")


def test_a_wrong_backbone_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="efficientnet_lite2"):
        build_backbone("efficientnet_lite3")


# -- devices --------------------------------------------------------------------------------------------------------------


def test_the_device_is_chosen_automatically_or_as_named() -> None:
    expected = "cuda" if torch.cuda.is_available() else "cpu"
    assert pick_device().type == pick_device("auto").type == pick_device("").type == expected
    assert pick_device("cpu").type == "cpu"
    with pytest.raises(ConfigError, match="is not a device"):
        pick_device("gpu please")


def test_a_device_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ConfigError, match="no CUDA device"):
        pick_device("cuda")


def test_the_same_photo_gives_the_same_features(random_lite0: Backbone) -> None:
    pixels = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (2, 3, 64, 64), dtype=np.uint8))
    double = copy.deepcopy(random_lite0).double()
    with torch.inference_mode():
        both, first = double(pixels), double(pixels[:1])
    noise = rounding(float(first.stages["c5"].abs().max()), LITE0, torch.float64)
    assert torch.allclose(both.stages["c5"][:1], first.stages["c5"], rtol=0, atol=noise)


def test_the_global_vector_of_vgg_is_fc7_after_its_relu() -> None:
    network = build_backbone("vgg19", weights=None).network
    c5 = torch.rand(2, 512, 7, 7)
    with torch.inference_mode():
        fc7 = network.global_vector(c5)
        logits = network.network.classifier[6](fc7)
        assert fc7.shape == (2, 4096) and fc7.min() == 0 < fc7.max()
        assert torch.allclose(logits, network.network.classifier(c5.flatten(1)), atol=1e-5)
