"""What is chosen on validation, and that a system is trained with a loss and fusions of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from tests.tasks.attributes.test_training import recipe_of, train
from zslviz.catalogue import SYSTEMS, SystemPlace
from zslviz.errors import UnknownNameError
from zslviz.explainer import Explainer
from zslviz.models.linear.network import LinearAttributes, LinearConfig
from zslviz.models.registry import System
from zslviz.tasks.attributes.choice import Choice, alone, best_on_average, candidate_rules, gammas_of, rules_alone
from zslviz.tasks.attributes.data import ZeroShotDataset
from zslviz.tasks.attributes.evaluation import evaluate_model
from zslviz.tasks.attributes.scoring import ScoringRule
from zslviz.tasks.attributes.settings import AttributeRecipe
from zslviz.training.recipe import Optimizer, Validation

calls: list[int] = []


def made_loss(scores: Tensor, labels: Tensor, prototypes: Tensor, seen: Tensor, sharpness: float = 5.0) -> Tensor:
    """Cross entropy over all classes."""
    calls.append(scores.shape[1])
    return F.cross_entropy(sharpness * scores[0] @ prototypes.mT, labels)[None]


SYSTEM = System(
    "made", "Made", LinearAttributes, LinearConfig, frozenset({"attributes", "evidence"}),
    granularities=LinearAttributes.granularities, strides=(32,), loss=made_loss,
)  # fmt: skip


@pytest.fixture
def made_recipe(monkeypatch: pytest.MonkeyPatch) -> AttributeRecipe:
    """Of a system that is thrown away after the test: one granularity, a loss of its own and no fusions."""
    monkeypatch.setitem(SYSTEMS, "made", SystemPlace("attributes", f"{__name__}:SYSTEM"))
    calls.clear()
    return AttributeRecipe(
        "made-tiny", "made", "cub", 4, backbone="efficientnet_lite0", size=64, batch_size=5, loss={"sharpness": 8.0},
        optimizer=Optimizer(lr=0.05, warmup=0.5), validation=Validation(repeats=2),
    )  # fmt: skip


def test_a_system_of_one_granularity_trains_with_its_own_loss_from_data_to_figures(
    made_recipe: AttributeRecipe, dataset: ZeroShotDataset, cache_root: Path, tmp_path: Path
) -> None:
    weights = train(made_recipe, dataset, cache_root, tmp_path)
    assert calls and set(calls) <= {2, 3, 4, 5}
    torch.manual_seed(made_recipe.seed)
    untrained = LinearAttributes(LinearConfig(3, 1280)).state_dict()
    assert not torch.allclose(weights["weight"], untrained["weight"], atol=1e-3)
    metrics = json.loads((tmp_path / "model" / "metrics.json").read_text())
    assert metrics["validation"]["rule"] == {"kind": "dot", "weights": [1.0]}
    explainer = Explainer.from_pretrained(tmp_path / "model", device="cpu")
    again = evaluate_model(explainer, dataset, cache_root).to_dict()
    assert {k: again[k] for k in ("t1", "u", "s")} == pytest.approx({k: metrics[k] for k in ("t1", "u", "s")})


def test_a_setting_that_the_systems_loss_does_not_take_is_refused(
    made_recipe: AttributeRecipe, dataset: ZeroShotDataset, cache_root: Path, tmp_path: Path
) -> None:
    with pytest.raises(UnknownNameError, match="'sharpness'"):
        train(replace(made_recipe, loss={"sharp": 1.0}), dataset, cache_root, tmp_path)
    assert not calls


@pytest.mark.parametrize(
    ("system", "loss", "granularities", "candidates", "others"),
    [
        ("made", {}, 1, [("dot", (1.0,))], []),
        ("made", {}, 2, [("dot", (1.0, 1.0))], [("dot", (1.0, 0.0)), ("dot", (0.0, 1.0))]),
        (
            "mgmrn", {"scale": 10.0}, 3, [("cosine", (10.0, 10.0, 10.0))],
            [("cosine", (10.0, 0.0, 0.0)), ("cosine", (0.0, 10.0, 0.0)), ("cosine", (0.0, 0.0, 10.0))],
        ),
        ("msdn", {}, 2, [("dot", (round(0.1 * i, 1), round(1 - 0.1 * i, 1))) for i in range(11)], []),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("made_recipe")
def test_the_candidates_are_the_systems_fusions_and_each_granularity_is_measured_alone(
    system: str, loss: Mapping[str, Any], granularities: int, candidates: list[Any], others: list[Any]
) -> None:
    rules = candidate_rules(system, loss, granularities)
    assert [(rule.kind, rule.weights) for rule in rules] == candidates
    assert [(rule.kind, rule.weights) for rule in rules_alone(rules)] == others


def measured(weights: tuple[float, ...], merit: float, epoch: int = 1, candidate: bool = True) -> Choice:
    return Choice(epoch, ScoringRule("dot", weights), merit / 10, merit, 0.0, 0.0, merit, candidate)


def test_granularities_alone_stand_in_their_order_whatever_the_order_of_the_candidates() -> None:
    trace = [measured((a, round(1 - a, 1)), 0.1 + a / 2) for a in (0.0, 0.3, 1.0)]
    assert [choice.rule.weights for choice in alone([trace, trace], 1)] == [(1.0, 0.0), (0.0, 1.0)]
    assert [choice.gamma for choice in alone([trace, trace], 1)] == pytest.approx([0.06, 0.01])
    assert alone([trace], 2) == []


def test_a_granularity_alone_that_is_no_candidate_is_never_chosen() -> None:
    first = [measured((1.0, 1.0), 0.5), measured((1.0, 0.0), 0.9, candidate=False), measured((1.0, 1.0), 0.6, epoch=2)]
    second = [measured((1.0, 1.0), 0.7), measured((1.0, 0.0), 0.9, candidate=False), measured((1.0, 1.0), 0.4, epoch=2)]
    chosen = best_on_average([first, second])
    assert (chosen.epoch, chosen.rule.weights) == (1, (1.0, 1.0))
    assert (chosen.t1, chosen.gamma) == pytest.approx((0.6, 0.06)), "figures and gamma are means"
    assert gammas_of([first, second], chosen) == pytest.approx([0.05, 0.07])


def test_a_trained_msdn_tells_of_its_sub_nets_in_their_order(
    dataset: ZeroShotDataset, cache_root: Path, tmp_path: Path
) -> None:
    train(recipe_of("msdn", epochs=2), dataset, cache_root, tmp_path)
    validation = json.loads((tmp_path / "model" / "metrics.json").read_text())["validation"]
    assert fmean(validation["gammas"]) == pytest.approx(validation["gamma"])
    assert Choice.from_dict(validation).gamma == validation["gamma"]
    listed = validation["alone"]
    assert [int(np.flatnonzero(entry["rule"]["weights"])[0]) for entry in listed] == [0, 1]


def test_of_candidates_with_the_same_figures_the_first_is_chosen_in_whatever_order_these_came() -> None:
    """(0.1 + 0.2) + 0.3 is a higher float than (0.3 + 0.2) + 0.1."""
    first, second, rule = (0.3, 0.2, 0.1), (0.1, 0.2, 0.3), ScoringRule("dot", (0.5, 0.5))
    problems = [
        [Choice(epoch, rule, 0.0, f[repeat], 0.5, 0.5, f[repeat]) for epoch, f in ((1, first), (2, second))]
        for repeat in range(3)
    ]
    assert best_on_average(problems).epoch == 1
