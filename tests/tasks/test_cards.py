from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.tasks.attributes.made import measured_checkpoint
from zslviz.tasks.attributes.card import card as model_card
from zslviz.tasks.base.card import write_model_card
from zslviz.tasks.base.card_parts import percent

RECIPE: dict[str, Any] = {
    "optimizer": {"name": "adamw", "lr": 0.01, "weight_decay": 0.1, "schedule": "cosine"},
    "epochs": 8, "batch_size": 50, "flip": False, "average": 0.98, "seed": 0, "note": "", "loss": {"scale": 20.0},
}  # fmt: skip


def card_of(folder: Path, config: dict[str, Any] | None = None, metrics: dict[str, Any] | None = None) -> str:
    """The card of a made checkpoint with some entries of its two files changed."""
    measured_checkpoint("msdn", recipe=RECIPE).save(folder)
    own = [json.loads((folder / f"{name}.json").read_text()) for name in ("config", "metrics")]
    return model_card({**own[0], **(config or {})}, {**own[1], **(metrics or {})})


def test_the_card_has_the_figures_and_their_intervals(tmp_path: Path) -> None:
    card = card_of(tmp_path)
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    row = next(line for line in card.splitlines() if line.startswith("| gamma chosen on validation"))
    assert row.split(" | ")[1:5] == [percent(metrics[k]) for k in ("t1", "u", "s", "h")]
    low, high = metrics["intervals"]["h"]
    assert f"{percent(low)} to {percent(high)}" in next(line for line in card.splitlines() if "95 % interval" in line)
    assert "only, for" not in card and "chosen on the test photos, for comparison only" in card


def test_what_was_not_measured_is_not_in_the_card(tmp_path: Path) -> None:
    card = card_of(tmp_path, metrics={"intervals": None})
    assert "interval" not in card and "seeds |" not in card


def test_the_other_seeds_stand_beside_the_shipped_one_with_the_reason_for_it(tmp_path: Path) -> None:
    keys = ("t1", "u", "s", "h", "ausuc", "gamma")
    each = [{"seed": seed, "merit": 0.5 + seed / 10, **dict.fromkeys(keys, 0.4 + seed / 10)} for seed in (0, 1)]
    spread = {k: {"mean": 0.45, "std": 0.0123} for k in keys}
    seeds = {"count": 2, "chosen": 1, "by": "(T1 + H) / 2", "each": each, **spread}
    card = card_of(tmp_path, metrics={"seeds": seeds})
    lines = card.splitlines()
    assert (
        "| mean ± standard deviation over 2 seeds | 45.0 ± 1.2 | 45.0 ± 1.2 | 45.0 ± 1.2 | 45.0 ± 1.2 | | 45.0 ± 1.2 |"
        in lines
    )
    assert "| seed 0, not shipped | 40.0 | 40.0 | 40.0 | 40.0 | 0.40 | 40.0 |" in lines
    assert "seed 1, not shipped" not in card
    assert (
        "- Seed 1 was the best of 2 on validation ((T1 + H) / 2 there: seed 0: 50.0, seed 1: 60.0), so it is shipped."
        in lines
    )


@pytest.mark.parametrize(("stated", "told"), [({}, True), ({"settled_with_test_figures": True}, True),
                                              ({"settled_with_test_figures": False}, False)])  # fmt: skip
def test_test_figures_in_sight_are_told_unless_the_metrics_rule_them_out(
    stated: dict[str, bool], told: bool, tmp_path: Path
) -> None:
    card = card_of(tmp_path, metrics=stated)
    assert ("slightly optimistic" in card) is told
    assert "never on test photos" in card


def test_the_term_on_attention_is_told_where_the_recipe_has_it(tmp_path: Path) -> None:
    term = {"weight": 0.5, "radius": 0.06, "edge": 0.05}
    told = "attention grounded on the parts of attributes with weight 0.5, within 0.06 of the photo's side"
    assert told in card_of(tmp_path, {"recipe": {**RECIPE, "grounding": term}})
    assert "grounded" not in card_of(tmp_path, {"recipe": {**RECIPE, "grounding": {**term, "weight": 0.0}}})


@pytest.mark.parametrize(("validation", "sets"), [({"groups": 3}, "groups"), ({"repeats": 3}, "sets"), (None, "sets")])
def test_the_spread_of_gamma_over_held_out_classes_is_told(
    validation: dict[str, int] | None, sets: str, tmp_path: Path
) -> None:
    recipe = RECIPE if validation is None else {**RECIPE, "validation": validation}
    chosen = {"epoch": 2, "t1": 0.5, "h": 0.4, "gamma": 2.3, "gammas": [2.9, 1.9, 2.1]}
    told = f"gamma 2.30 (1.90 to 2.90 over 3 held-out {sets} of classes)"
    assert told in card_of(tmp_path, {"recipe": recipe}, {"validation": chosen})
    alone = {**chosen, "gammas": [2.3]}
    assert "held-out" not in card_of(tmp_path, {"recipe": recipe}, {"validation": alone})


def test_a_closed_form_is_not_said_to_be_trained_in_epochs(tmp_path: Path) -> None:
    chosen = {"epoch": 1, "t1": 0.5, "h": 0.4, "settings": {"ridge": 10.0}}
    card = card_of(tmp_path, {"system": "eszsl"}, {"validation": chosen})
    assert "closed form" in card and "ridge 10" in card
    assert "learning rate" not in card and "Loss" not in card and "stopped after" not in card
    assert "Hyper-parameters and gamma were chosen" in card


def test_a_fine_tuned_backbone_is_not_called_frozen(tmp_path: Path) -> None:
    frozen = card_of(tmp_path)
    assert "on a frozen efficientnet_lite0" in frozen and "not in this folder" in frozen
    last = card_of(tmp_path, {"backbone": {"name": "efficientnet_lite0", "size": 64, "trained": ["c5"]}})
    assert "fine-tuned efficientnet_lite0 at 64 px (trained along: c5)" in last and "frozen" not in last
    assert "the layers that give c5 are in this folder" in last
    whole = card_of(tmp_path, {"backbone": {"name": "resnet101", "size": 448, "trained": ["c3", "c4", "c5"]}})
    assert "The backbone's weights are in this folder" in whole and "features first" not in whole


def test_own_data_is_named_and_counted_without_claims_of_others_terms(tmp_path: Path) -> None:
    card = card_of(tmp_path)
    assert "`made` (4 seen / 2 unseen classes, 5 attributes)" in card
    assert "CC BY-NC" not in card and "license:" not in card and "Made photos." in card
    birds = card_of(tmp_path, {"data": "cub"})
    assert "CUB-200-2011" in birds and "license: cc-by-nc-4.0" in birds


def test_a_card_is_written_with_what_was_measured_beside_it(tmp_path: Path) -> None:
    measured_checkpoint("msdn", recipe=RECIPE).save(tmp_path)
    own = json.loads((tmp_path / "metrics.json").read_text())
    other = {**own["intervals"], "t1": [0.123, 0.987]}
    write_model_card(tmp_path, {"intervals": other})
    assert "12.3 to 98.7" not in (tmp_path / "README.md").read_text(), "the checkpoint's own come first"
    del own["intervals"]
    (tmp_path / "metrics.json").write_text(json.dumps(own))
    write_model_card(tmp_path, {"intervals": other})
    assert "12.3 to 98.7" in (tmp_path / "README.md").read_text()
