"""What tests of several modules share: made class tables, scores and photos. Nothing here needs a data set."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, settings
from PIL import Image

from tests.fuzzing import NIGHTLY, PROFILE
from zslviz.backbones.features import Features
from zslviz.checkpoints.files import halved
from zslviz.checkpoints.listing import list_checkpoints
from zslviz.explainer import Explainer
from zslviz.models.registry import MODELS, build_model
from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.scoring import AttributeScale, ScoringRule
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.base.explainer import EncodedPhoto
from zslviz.tasks.compositional.checkpoint import CompositionCheckpoint
from zslviz.tasks.compositional.space import CompositionSpace
from zslviz.tasks.multilabel.checkpoint import LabelCheckpoint
from zslviz.tasks.multilabel.space import LabelSpace

pytest_plugins = [  # what several folders share, and who runs which
    "tests.grouping",
    "tests.tiny_birds",
    "tests.tiny_vgg",
    "tests.datasets.own_layout",
]

ROOT = Path(__file__).resolve().parent.parent

settings.register_profile(PROFILE, deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(NIGHTLY, deadline=None, max_examples=10_000, suppress_health_check=list(HealthCheck))
settings.load_profile(PROFILE)

if "PYTEST_XDIST_WORKER" in os.environ:  # several processes share the cores, with the servers that they start
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


@pytest.fixture(scope="session")
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def make_space(classes: int = 6, attributes: int = 5, unseen: int = 2, seed: int = 0) -> SemanticSpace:
    """Animals-like table with values 0..1; the last `unseen` classes were not trained on."""
    random = np.random.default_rng(seed)
    return SemanticSpace(
        tuple(f"class_{i}" for i in range(classes)),
        tuple(f"has_color::shade_{i}" for i in range(attributes)),
        ("color",) * attributes,
        random.uniform(0.05, 1.0, (classes, attributes)).astype(np.float32),
        np.arange(classes) < classes - unseen,
        random.normal(size=(attributes, 7)).astype(np.float32),
        name="made",
    )


def make_scale(granularities: int = 3, attributes: int = 5, seed: int = 1) -> AttributeScale:
    random = np.random.default_rng(seed)
    scores = random.normal(0.3, 0.5, (40, granularities, attributes)).astype(np.float32)
    rows = random.uniform(0, 1, (40, attributes)).astype(np.float32)
    return AttributeScale.fit(scores, rows)


@pytest.fixture
def space() -> SemanticSpace:
    return make_space()


@pytest.fixture
def scale() -> AttributeScale:
    return make_scale()


@pytest.fixture
def scores() -> np.ndarray:
    """Raw attribute scores of one photo: three granularities, five attributes."""
    return np.random.default_rng(2).normal(0.3, 0.5, (3, 5)).astype(np.float32)


@pytest.fixture
def photo() -> Image.Image:
    """A smooth 60 x 40 photo without symmetry."""
    y, x = np.mgrid[0:40, 0:60].astype(np.float32)
    channels = np.stack([x / 59, y / 39, (x + y) / 98], axis=-1)
    return Image.fromarray((channels * 255).astype(np.uint8))


# -- models: made ones, small and random, and the shipped ones ------------------------------------------------------------

MADE = ("made-mgmrn", "made-msdn")
SHIPPED = tuple(info.name for info in list_checkpoints(ROOT / "checkpoints", task="attributes"))
EXAMPLES = tuple(
    sorted(p for p in (ROOT / "assets" / "examples").glob("*") if p.suffix in {".jpg", ".jpeg", ".png", ".webp"})
)


def make_checkpoint(system: str, decoupled: bool = True) -> AttributeCheckpoint:
    """A random network on the 64-pixel features of EfficientNet-Lite0, with a made class table."""
    torch.manual_seed(3)
    space = make_space(classes=6, attributes=5)
    sizes = {
        "mgmrn": {
            "attributes": 5, "word_dim": 7, "channels": [40, 112, 1280], "width": 32, "hidden": 16,
            "grouping": "decoupled" if decoupled else "official",
        },
        "msdn": {"attributes": 5, "word_dim": 7, "channels": 1280},
    }[system]  # fmt: skip
    network = build_model(system, sizes)
    network.set_word_vectors(torch.from_numpy(np.array(space.word_vectors)))
    with torch.no_grad():
        for tensor in network.state_dict().values():
            tensor.copy_(tensor.half().float())
    granularities = len(MODELS[system].granularities)
    rule = ScoringRule("cosine", (20.0,) * 3) if system == "mgmrn" else ScoringRule("dot", (0.7, 0.3))
    return AttributeCheckpoint(
        name=f"made-{system}",
        system=system,
        data="made",
        model_config=sizes,
        backbone="efficientnet_lite0",
        size=64,
        network=network.eval(),
        space=space,
        rule=rule,
        scale=replace(make_scale(granularities), shares=rule.shares),
        gamma=0.25,
        metrics={"t1": 0.5, "u": 0.4, "s": 0.6, "h": 0.48, "gamma": 0.25, "ausuc": 0.3},
    )


@pytest.fixture(scope="session")
def made_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of checkpoints with the two made ones."""
    folder = tmp_path_factory.mktemp("checkpoints")
    for name in MADE:
        make_checkpoint(name.removeprefix("made-")).save(folder / name)
    return folder


@pytest.fixture(scope="session")
def explainer_of(made_folder: Path) -> Callable[[str], Explainer]:
    """Explainers by name, each loaded once."""

    @cache
    def load(name: str) -> Explainer:
        return Explainer.from_pretrained((made_folder if name in MADE else ROOT / "checkpoints") / name, device="cpu")

    return load


@pytest.fixture(scope="session")
def explanation_of(explainer_of: Callable[[str], Explainer]) -> Callable[..., Explanation]:
    """The explanation of an example photo (of a made one for made models), computed once.

    Models that share an encoder are given what it saw for the first of them, as on the page: it looks at a photo once.
    """
    seen: dict[tuple[object, ...], tuple[Features, EncodedPhoto]] = {}

    @cache
    def explain(name: str, photo: int = 0) -> Explanation:
        explainer = explainer_of(name)
        example = None if name in MADE or not EXAMPLES else EXAMPLES[photo % len(EXAMPLES)]
        made, network = explainer.checkpoint, explainer.checkpoint.network
        if made.backbone_state or network.wants_global:  # an encoder of its own
            return explainer.explain(example or made_photo())
        key = (example, made.backbone, made.size, network.stages)
        if key not in seen:
            seen[key] = explainer.encode_photo(example or made_photo())
        features, encoded = seen[key]
        started = time.perf_counter() - encoded.encoder_ms / 1e3
        return explainer.explain_encoded(features, replace(encoded, started=started))

    return explain


def made_photo() -> Image.Image:
    pixels = np.random.default_rng(5).integers(0, 256, (6, 9, 3), dtype=np.uint8)
    return Image.fromarray(pixels).resize((180, 120), Image.Resampling.BICUBIC)


# -- multi-label models -----------------------------------------------------------------------------------------------------


def make_label_space(labels: int = 6, unseen: int = 2, dimension: int = 50, seed: int = 4) -> LabelSpace:
    """Labels with random vectors, as long as the packaged word vectors; the last `unseen` were not trained on."""
    vectors = np.random.default_rng(seed).normal(size=(labels, dimension)).astype(np.float32)
    names = tuple(f"label {i}" for i in range(labels))
    return LabelSpace(names, np.arange(labels) < labels - unseen, vectors, "glove-6b-50d", name="made")


def make_label_checkpoint() -> LabelCheckpoint:
    """A random BiAM on the 96-pixel features of EfficientNet-Lite0 (a grid of 3 x 3)."""
    torch.manual_seed(5)
    sizes = {
        "channels": 1280, "scene_dim": 1280, "word_dim": 50, "width": 16, "heads": 2, "embedding": 12, "top": 3,
        "feature_norm": True,
    }  # fmt: skip
    network = halved(build_model("biam", sizes))
    return LabelCheckpoint(
        name="made-biam",
        system="biam",
        data="made",
        model_config=sizes,
        backbone="efficientnet_lite0",
        size=96,
        network=network.eval(),
        space=make_label_space(),
        gamma=0.25,
        threshold=0.5,
        unseen_threshold=0.4,
        metrics={"map_zsl": 0.2, "f1_3_zsl": 0.3, "map_gzsl": 0.4, "f1_3_gzsl": 0.35},
    )


@pytest.fixture(scope="session")
def label_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a made label checkpoint."""
    folder = tmp_path_factory.mktemp("label-checkpoints") / "made-biam"
    make_label_checkpoint().save(folder)
    return folder


# -- compositional models ---------------------------------------------------------------------------------------------------


def make_composition_space(states: int = 4, objects: int = 5, dimension: int = 50, seed: int = 6) -> CompositionSpace:
    """States and objects with random vectors; of every three pairs one was trained on, one competes unseen, one is not listed."""
    random = np.random.default_rng(seed)
    kind = np.add.outer(np.arange(states), np.arange(objects)) % 3
    return CompositionSpace(
        tuple(f"state {i}" for i in range(states)),
        tuple(f"object {i}" for i in range(objects)),
        kind == 0,
        kind != 2,
        random.normal(size=(states, dimension)).astype(np.float32),
        random.normal(size=(objects, dimension)).astype(np.float32),
        "glove-6b-50d",
        name="made",
    )


def make_composition_checkpoint(system: str = "refiner", **settings: Any) -> CompositionCheckpoint:
    """A random Refiner or MSCI on the 64-pixel features of EfficientNet-Lite0; settings: of its configuration."""
    torch.manual_seed(7)
    own = {"refiner": {"queries": 3, "attention_heads": 2, "places": 2}, "msci": {"heads": 2, "steps": 1.0}}[system]
    sizes = {"channels": (40, 112, 1280), "word_dim": 50, "width": 16, "text_hidden": 12, **own, **settings}
    network = halved(build_model(system, sizes))
    world = {"s": 0.7, "u": 0.6, "h": 0.5, "auc": 0.4, "state_accuracy": 0.6, "object_accuracy": 0.8}
    return CompositionCheckpoint(
        name=f"made-{system}",
        system=system,
        data="made",
        model_config=sizes,
        backbone="efficientnet_lite0",
        size=64,
        network=network.eval(),
        space=make_composition_space(),
        bias=0.5,
        feasibility=-0.1,
        metrics={"closed": world, "open": world},
    )


@pytest.fixture(scope="session")
def composition_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a made compositional checkpoint."""
    folder = tmp_path_factory.mktemp("composition-checkpoints") / "made-refiner"
    make_composition_checkpoint().save(folder)
    return folder
