"""The CLIP encoder on a tiny random CLIP of open_clip's own classes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from tests.conftest import make_composition_space
from zslviz.backbones import build_backbone
from zslviz.backbones.clip import ClipEncoder, load_clip, load_weights, open_clip_package
from zslviz.backbones.encoder import BackboneEncoder, Encoder
from zslviz.backbones.features import STAGES
from zslviz.checkpoints.files import halved
from zslviz.errors import ConfigError, UnknownNameError
from zslviz.explainer import Explainer
from zslviz.models.refiner.network import Refiner, RefinerConfig
from zslviz.models.registry import build_model
from zslviz.tasks.compositional.checkpoint import CompositionCheckpoint
from zslviz.tasks.compositional.explainer import CompositionExplainer
from zslviz.tasks.compositional.explanation import CompositionExplanation
from zslviz.words.vectors import WordVectors

VISION = {"image_size": 32, "patch_size": 8, "width": 16, "layers": 2, "head_width": 8}
TEXT = {"context_length": 77, "vocab_size": 49408, "width": 8, "heads": 2, "layers": 1}


def installed() -> Any:
    try:
        return open_clip_package()
    except ConfigError as error:
        pytest.skip(str(error))


def tiny_network() -> Any:
    open_clip = installed()
    torch.manual_seed(0)
    return open_clip.CLIP(embed_dim=12, vision_cfg=VISION, text_cfg=TEXT, quick_gelu=True)


@pytest.fixture(scope="module")
def encoder() -> ClipEncoder:
    return ClipEncoder(tiny_network(), installed().get_tokenizer("ViT-B-32"), "clip-tiny")


def pixels(count: int = 2, side: int = 32) -> torch.Tensor:
    return torch.randint(0, 256, (count, 3, side, side), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))


def test_a_photo_gives_its_class_token_and_a_token_a_patch(encoder: ClipEncoder) -> None:
    found = encoder.encode(pixels())
    assert found.stages["tokens"].shape == (2, 12, 4, 4)
    assert found.global_vector is not None
    import open_clip

    mean, std = (
        torch.tensor(v).view(1, 3, 1, 1) for v in (open_clip.OPENAI_DATASET_MEAN, open_clip.OPENAI_DATASET_STD)
    )
    theirs = encoder.network.encode_image((pixels().float() / 255 - mean) / std)
    assert torch.allclose(found.global_vector, theirs, atol=1e-3)


def test_patch_tokens_lie_in_the_space_of_the_class_token(encoder: ClipEncoder) -> None:
    tower = encoder.network.visual
    tower.output_tokens = True
    _, tokens = tower((pixels().float() - encoder.mean) / encoder.std)
    tower.output_tokens = False
    found = encoder.encode(pixels()).stages["tokens"]
    assert torch.allclose(found.flatten(2).mT, tokens @ tower.proj, atol=1e-5)


def test_layers_are_normalised_and_projected_as_the_last_one_is(encoder: ClipEncoder) -> None:
    tower = encoder.network.visual
    found = encoder.encode(pixels(), ("layer1", "layer2", "tokens", "layer1-class", "layer2-class"))
    assert torch.equal(found.stages["layer2"], found.stages["tokens"])
    assert torch.allclose(found.stages["layer2-class"][:, :, 0, 0], found.global_vector, atol=1e-5)
    seen: list[torch.Tensor] = []
    with tower.transformer.resblocks[0].register_forward_hook(lambda _, __, output: seen.append(output)):
        encoder.encode(pixels())
    tokens = tower.ln_post(seen[0]) @ tower.proj
    assert torch.allclose(found.stages["layer1"].flatten(2).mT, tokens[:, 1:], atol=1e-5)
    assert torch.allclose(found.stages["layer1-class"][:, :, 0, 0], tokens[:, 0], atol=1e-5)


def test_phrases_have_unit_vectors_of_the_same_space(encoder: ClipEncoder) -> None:
    vectors = encoder.words.phrases(["red shoe", "blue shoe"])
    assert vectors.shape == (2, encoder.words.dimension) == (2, 12)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1], abs=1e-5)
    assert not np.allclose(vectors[0], vectors[1])
    assert np.allclose(encoder.words.phrase("blue_shoe"), vectors[1], atol=1e-6)


def test_a_photo_of_another_size_is_refused(encoder: ClipEncoder) -> None:
    with pytest.raises(ConfigError, match="takes"):
        encoder.encode(pixels(side=64))


def backbone_encoder() -> Encoder:
    return BackboneEncoder(build_backbone("efficientnet_lite0", weights=None))


@pytest.mark.parametrize("kind", ["clip", "backbone"])
def test_both_encoders_feed_the_same_network(kind: str, request: pytest.FixtureRequest) -> None:
    encoder: Encoder = request.getfixturevalue("encoder") if kind == "clip" else backbone_encoder()
    made = WordVectors({w: i for i, w in enumerate(("red", "blue", "shoe"))}, np.eye(3, dtype=np.float32), name="made")
    words = encoder.words or made
    stages = ("tokens",) if kind == "clip" else STAGES
    config = RefinerConfig(
        channels=tuple(encoder.channels[name] for name in stages),
        stages=stages,
        global_channels=encoder.global_channels,
        word_dim=words.dimension,
        width=16,
        text_hidden=16,
    )
    network = Refiner(config).eval()
    features = encoder.encode(pixels(side=encoder.size if kind == "clip" else 64), network.stages)
    text = network.text(*(torch.from_numpy(words.phrases(names)) for names in (["red", "blue"], ["shoe"])))
    output = network(features, text, explain=True)
    assert output.pair_logits.shape == (2, 2, 1)
    assert output.pair_logits.isfinite().all()


@pytest.mark.parametrize("save", ["safetensors", "pt", "distributed"])
def test_weights_come_from_a_local_file(tmp_path: Path, save: str, monkeypatch: pytest.MonkeyPatch) -> None:
    saved, built = tiny_network(), tiny_network()
    torch.nn.init.constant_(saved.ln_final.bias, 0.5)
    state = {name: tensor.contiguous() for name, tensor in saved.state_dict().items()}
    path = tmp_path / ("clip.safetensors" if save == "safetensors" else "clip.pt")
    writers: dict[str, Callable[[], object]] = {
        "safetensors": lambda: save_file(state, path),
        "pt": lambda: torch.save(state, path),
        "distributed": lambda: torch.save(
            {"epoch": 3, "state_dict": {f"module.{n}": t for n, t in state.items()}}, path
        ),
    }
    writers[save]()
    monkeypatch.setattr("open_clip.create_model", lambda architecture, pretrained: built)
    loaded = load_clip(path, "ViT-B-32")
    assert loaded.network.ln_final.bias.unique().tolist() == [0.5]
    assert loaded.words.name == "clip-vit-b-32"
    assert not any(p.requires_grad for p in loaded.parameters())


@pytest.mark.filterwarnings("ignore:'torch.load' received a zip file")
def test_a_file_that_does_not_fit_is_said_in_one_sentence(tmp_path: Path) -> None:
    network = tiny_network()
    with pytest.raises(ConfigError, match="does not hold the weights of ViT-Tiny"):
        load_weights(network, {"visual.proj": torch.zeros(3, 3)}, "other.pt", "ViT-Tiny")
    with pytest.raises(ConfigError, match="does not exist"):
        load_clip(tmp_path / "nothing.pt")
    with pytest.raises(UnknownNameError, match="ViT-L-14"):
        load_clip(tmp_path / "nothing.pt", "ViT-L/14")
    torch.jit.script(torch.nn.Linear(2, 2)).save(str(tmp_path / "script.pt"))
    with pytest.raises(ConfigError, match="holds more than tensors"):
        load_clip(tmp_path / "script.pt")


def test_a_convolutional_clip_is_refused() -> None:
    network = tiny_network()
    network.visual.proj = None
    with pytest.raises(ConfigError, match="no vision transformer"):
        ClipEncoder(network, None, "clip-rn50")


def test_without_the_package_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "open_clip", None)
    with pytest.raises(ConfigError, match=r"zslviz\[clip\]"):
        load_clip(tmp_path / "clip.pt")


# -- a whole model that sees with CLIP ----------------------------------------------------------------------------------------


SYSTEMS_ON_CLIP: dict[str, dict[str, Any]] = {
    "refiner": {
        "stages": ("tokens",), "early": 0, "width": 16, "queries": 2, "attention_heads": 2, "text_hidden": 8, "places": 2,
    },
    "msci": {
        "stages": ("layer1", "layer2"), "low": 1, "class_tokens": True, "width": 12, "heads": 2, "text_hidden": 8,
        "shared_space": True, "steps": 1.0,
    },
}  # fmt: skip


def clip_checkpoint(encoder: ClipEncoder, system: str) -> CompositionCheckpoint:
    """A random network on the tiny CLIP's layers, its states and objects by CLIP's own vectors."""
    torch.manual_seed(2)
    settings = SYSTEMS_ON_CLIP[system]
    channels = tuple(encoder.channels[name] for name in settings["stages"])
    sizes = {"channels": channels, "global_channels": encoder.global_channels, "word_dim": 12, **settings}
    made = make_composition_space(dimension=12)
    space = replace(
        made,
        state_vectors=encoder.words.phrases(made.states),
        object_vectors=encoder.words.phrases(made.objects),
        words=encoder.words.name,
    )
    return CompositionCheckpoint(
        name="made-clip", system=system, data="made", model_config=sizes, backbone="tiny", size=32,
        network=halved(build_model(system, sizes)).eval(), space=space, bias=0.5, feasibility=-1.0,
        familiarity=(1.0, 0.5), encoder="clip",
    )  # fmt: skip


@pytest.mark.parametrize("system", SYSTEMS_ON_CLIP)
def test_a_model_that_sees_with_clip_gives_the_same_explanation(
    system: str, encoder: ClipEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip_checkpoint(encoder, system).save(tmp_path / "made-clip")
    monkeypatch.delenv("ZSLVIZ_CLIP", raising=False)
    with pytest.raises(ConfigError, match="ZSLVIZ_CLIP"):
        Explainer.from_pretrained(tmp_path / "made-clip", device="cpu")
    monkeypatch.setenv("ZSLVIZ_CLIP", "weights.safetensors")
    monkeypatch.setattr("zslviz.backbones.clip.load_clip", lambda file, architecture: encoder)
    explainer = Explainer.from_pretrained(tmp_path / "made-clip", device="cpu")
    assert isinstance(explainer, CompositionExplainer)
    photo = np.random.default_rng(3).integers(0, 255, (40, 60, 3), dtype=np.uint8)
    explanation = explainer.explain(photo)
    assert explanation.grid == (4, 4)
    for state, object_ in ((0, 0), (3, 4)):
        places, rest = explanation.pair_evidence(state, object_), explanation.pair_bias(state, object_)
        assert places.sum() + rest == pytest.approx(float(explanation.logits.pairs[state, object_]), abs=1e-3)
    if system == "refiner":
        assert explanation.query_maps().sum() == pytest.approx(2, abs=1e-4)
    else:
        assert [stage.name for stage in explanation.stages] == ["low", "high"]
    added = explainer.add(explanation, states=["striped"])
    np.testing.assert_allclose(added.logits.pairs[:4], explanation.logits.pairs, atol=1e-4)
    explanation.save(tmp_path / "seen")
    np.testing.assert_array_equal(
        CompositionExplanation.load(tmp_path / "seen").global_vector, explanation.global_vector
    )
    familiar = explanation.scores(bias=0.0) - explanation.logits.fused
    np.testing.assert_allclose(familiar, explanation.familiarity_table, atol=1e-5)
    assert familiar[~explanation.space.seen].any() and not familiar[explanation.space.seen].any()
    scores = next(iter(explainer.scores([photo])))
    best = explainer.best_pairs(scores, 3)
    assert [(line.state, line.object) for line in explanation.rank(top=3)] == [(s, o) for s, o, _ in best]
