"""A system of one's own that has no paper, no maps and nothing to fold, and mistakes in the record of one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch.nn.functional as F
from torch import Tensor, nn
from typer.testing import CliRunner

from tests.tasks.attributes.test_training import train
from zslviz.backbones import Features
from zslviz.catalogue import SYSTEMS, SystemPlace
from zslviz.cli import app
from zslviz.errors import ConfigError
from zslviz.explainer import Explainer
from zslviz.faithfulness import Settings, measure_faithfulness
from zslviz.models.output import AttributeOutput
from zslviz.models.registry import System
from zslviz.tasks.attributes.data import ZeroShotDataset
from zslviz.tasks.attributes.settings import AttributeRecipe
from zslviz.tasks.attributes.training import AttributeTraining


@dataclass(frozen=True)
class PlainConfig:
    """Sizes."""

    attributes: int
    channels: int


class Plain(nn.Module):
    """A linear map of the mean region."""

    stages = ("c5",)
    wants_global = False
    granularities = ("pooled",)

    def __init__(self, config: PlainConfig) -> None:
        super().__init__()
        self.config = config
        self.out = nn.Linear(config.channels, config.attributes)

    def forward(self, features: Features, explain: bool = False) -> AttributeOutput:
        return AttributeOutput(self.out(features.stages["c5"].mean((-2, -1)))[None])


class Looking(Plain):
    """The same on what each attribute attends to; attention is shown, no evidence."""

    def forward(self, features: Features, explain: bool = False) -> AttributeOutput:
        c5 = features.stages["c5"]
        there = self.out(c5.flatten(2).mT).mT  # [B, A, R]
        attention = there.softmax(-1)
        scores = (attention * there).sum(-1)[None]
        return AttributeOutput(scores, attention=attention.unflatten(-1, c5.shape[-2:])[None] if explain else None)


def scalar_loss(scores: Tensor, labels: Tensor, prototypes: Tensor, seen: Tensor, factor: float = 1.0) -> Tensor:
    """Cross entropy over all classes, a scalar."""
    return factor * F.cross_entropy(scores[0] @ prototypes.mT, labels)


PLAIN = System(
    "plain", "Plain", Plain, PlainConfig, frozenset({"attributes"}), granularities=("pooled",), strides=(32,),
    loss=scalar_loss,
)  # fmt: skip
LOOKING = replace(PLAIN, network=Looking, capabilities=frozenset({"attributes", "attention"}))
record = PLAIN


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The system "plain" is in the catalogue; `record` is what is found of it."""
    monkeypatch.setitem(SYSTEMS, "plain", SystemPlace("attributes", f"{__name__}:record"))
    return monkeypatch


def recipe(**changes: object) -> AttributeRecipe:
    plain = AttributeRecipe("plain-tiny", "plain", "cub", 1, backbone="efficientnet_lite0", size=64, batch_size=5)
    return replace(plain, **changes)  # type: ignore[arg-type]


def explain(model: Path, photo: Path, *options: object) -> str:
    told = CliRunner().invoke(app, ["explain", str(photo), "--model", str(model), *map(str, options)])
    if told.exception is not None:
        raise told.exception
    return told.output


def test_a_system_without_maps_is_trained_and_explained_and_says_so_where_a_map_is_wanted(
    own: pytest.MonkeyPatch, dataset: ZeroShotDataset, cache_root: Path, tmp_path: Path
) -> None:
    train(recipe(), dataset, cache_root, tmp_path)
    model, photo = tmp_path / "model", dataset.files[0]
    assert "Strongest attributes" in explain(model, photo)
    for options in (("--overlay", tmp_path / "map.png"), ("--kind", "evidence")):
        with pytest.raises(ConfigError, match="has no maps"):
            explain(model, photo, *options)
    own.setattr("zslviz.faithfulness.run.data_card", lambda data: None)  # no parts are marked in these photos
    figures = tmp_path / "figures.json"
    with pytest.raises(ConfigError, match="has no maps of one attribute"):
        measure_faithfulness(Explainer.from_pretrained(model, "cpu"), dataset, Settings(photos=2), figures)  # type: ignore[arg-type]
    assert not figures.with_suffix(".jsonl").exists(), "before anything is measured"
    card = (model / "README.md").read_text(encoding="utf-8")
    assert "map each" not in card and "departures" not in card
    assert "- Loss: defaults of the system" in card


def test_a_system_with_attention_alone_shows_it_unless_another_map_is_asked_for(
    own: pytest.MonkeyPatch, dataset: ZeroShotDataset, cache_root: Path, tmp_path: Path
) -> None:
    own.setattr(f"{__name__}.record", LOOKING)
    train(recipe(), dataset, cache_root, tmp_path)
    overlay = ("--overlay", tmp_path / "map.png")
    assert "(attention of '" in explain(tmp_path / "model", dataset.files[0], *overlay)
    with pytest.raises(ConfigError, match=r"^There is no map of 'evidence'; choose attention\.$"):
        explain(tmp_path / "model", dataset.files[0], "--kind", "evidence")
    assert "with a map each" in (tmp_path / "model" / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"granularities": ()}, "names no 'granularities'"),
        ({"granularities": ("attended",)}, "names the granularities attended, its network pooled"),
        ({"strides": ()}, "gives 0 'strides'"),
        ({"strides": (16, 32)}, "gives 2 'strides'"),
    ],
    ids=str,
)
def test_a_record_that_lacks_something_is_refused_in_one_sentence(
    changes: dict[str, object], sentence: str, own: pytest.MonkeyPatch
) -> None:
    own.setattr(f"{__name__}.record", replace(PLAIN, **changes))  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match=sentence) as refused:
        recipe()
    assert "\n" not in str(refused.value)


def test_a_system_without_a_loss_is_refused_before_anything_is_computed(
    own: pytest.MonkeyPatch, dataset: ZeroShotDataset
) -> None:
    own.setattr(f"{__name__}.record", replace(PLAIN, loss=None))
    with pytest.raises(ConfigError, match="gives no 'loss' and no 'solver'"):
        AttributeTraining(recipe(), dataset)


def test_a_loss_that_is_no_number_stops_the_training_after_its_epoch(
    own: pytest.MonkeyPatch, dataset: ZeroShotDataset, cache_root: Path, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match="The loss is not a number after 1 epoch;"):
        train(recipe(epochs=3, loss={"factor": float("nan")}), dataset, cache_root, tmp_path)
