"""What is told of a model beyond the four figures: variants, classes, curve, files, pictures."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.tasks.attributes.made import made_scores, measured_checkpoint
from zslviz.catalogue import SYSTEMS as SYSTEM_PLACES
from zslviz.catalogue import SystemPlace
from zslviz.errors import ConfigError, DataError
from zslviz.models.registry import MODELS
from zslviz.tasks.attributes.figures import GammaSweep, evaluate_zero_shot, fixed_bias_gzsl, gzsl_at, t1_accuracy
from zslviz.tasks.attributes.report import FullReport, answers_of, full_report, thinned, variant_answers
from zslviz.tasks.attributes.report_files import file_stem, write_report
from zslviz.tasks.attributes.scoring import ScoringRule, class_scores
from zslviz.tasks.attributes.variants import PhotoScores
from zslviz.tasks.base.report import to_json

SYSTEMS = ("mgmrn", "msdn")


def report_of(system: str, **changes: object) -> tuple[FullReport, PhotoScores]:
    checkpoint = measured_checkpoint(system, **changes)
    scores = made_scores(checkpoint)
    return full_report(checkpoint, scores), scores


TWIN = replace(MODELS["msdn"], name="twin", title="Twin", published={}, fixed_margin=0.0)
"""Another system of two sub-nets whose scores are dot products: not everything of that shape is MSDN."""


def test_a_system_of_two_sub_nets_is_not_measured_by_the_protocol_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SYSTEM_PLACES, "twin", SystemPlace("attributes", f"{__name__}:TWIN"))
    checkpoint = replace(measured_checkpoint("msdn", data="cub"), system="twin")
    assert full_report(checkpoint, made_scores(checkpoint)).content["fixed_bias"] == []


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_report_repeats_the_stated_figures(system: str) -> None:
    checkpoint = measured_checkpoint(system)
    content = full_report(checkpoint, made_scores(checkpoint)).content
    for key in ("t1", "u", "s", "h", "gamma", "ausuc", "oracle", "intervals"):
        assert content[key] == checkpoint.metrics[key], key
    assert 0.2 < content["t1"] <= 1
    assert content["photos"] == {"seen": 24, "unseen": 12}


def test_each_granularity_alone_is_measured_on_its_own_scores_alone() -> None:
    checkpoint = measured_checkpoint("mgmrn")
    scores = made_scores(checkpoint)
    variants = full_report(checkpoint, scores).content["variants"]
    assert [v["kind"] for v in variants] == ["alone"] * 3 + ["sum"]
    for index, variant in enumerate(variants[:3]):
        alone = class_scores(scores.unseen[:, index : index + 1], checkpoint.space, ScoringRule("cosine", (20.0,)))
        assert variant["t1"] == t1_accuracy(alone, scores.labels_unseen, checkpoint.space.unseen_classes)
        assert (variant["u"], variant["gamma"]) == (None, None), "no gamma was chosen for it"
        assert 0 < variant["oracle"]["h"] <= 1
    assert variants[3]["h"] == checkpoint.metrics["h"], "the plain sum is what the checkpoint does"


def test_a_granularity_alone_takes_the_gamma_that_validation_chose_for_it() -> None:
    rules = [{"kind": "cosine", "weights": [20.0 * (i == j) for j in range(3)]} for i in range(3)]
    alone = [{"rule": rule, "gamma": 0.5 * i} for i, rule in enumerate(rules)]
    checkpoint = measured_checkpoint("mgmrn")
    checkpoint = replace(checkpoint, metrics={**checkpoint.metrics, "validation": {"alone": alone}})
    scores = made_scores(checkpoint)
    variant = full_report(checkpoint, scores).content["variants"][2]
    arguments = scores.under(ScoringRule("cosine", (0.0, 0.0, 20.0)), checkpoint.space)
    seen, unseen = gzsl_at(*arguments, np.array([1.0]))
    assert (variant["s"], variant["u"], variant["gamma"]) == (seen[0], unseen[0], 1.0)


def test_which_granularity_a_chosen_gamma_is_of_is_read_from_its_rule_in_whatever_order_it_stands() -> None:
    """Trainings of MSDN used to list the second sub-net (alpha = 0) first."""
    by_alpha = [
        {"rule": {"kind": "dot", "weights": [a, 1 - a]}, "gamma": gamma} for a, gamma in ((0.0, 0.3), (1.0, 0.1))
    ]
    checkpoint, found = measured_checkpoint("msdn"), []
    for alone in (by_alpha, by_alpha[::-1]):
        measured = replace(checkpoint, metrics={**checkpoint.metrics, "validation": {"alone": alone}})
        found.append(full_report(measured, made_scores(measured)).content["variants"][:2])
    assert found[0] == found[1]
    assert [v["name"] for v in found[0]] == [f"{name} alone" for name in MODELS["msdn"].granularities]
    assert [(v["rule"]["weights"], v["gamma"]) for v in found[0]] == [([1.0, 0.0], 0.1), ([0.0, 1.0], 0.3)]


def test_the_fixed_bias_protocol_stands_beside_calibration_for_two_sub_nets() -> None:
    checkpoint = measured_checkpoint("msdn", data="cub")
    scores = made_scores(checkpoint)
    own, published = full_report(checkpoint, scores).content["fixed_bias"]
    assert (own["fusion"], own["from"]) == ([0.7, 0.3], "validation")
    assert (published["fusion"], published["from"]) == ([0.9, 0.1], "published")
    both, labels = (
        np.concatenate([scores.seen, scores.unseen]),
        np.concatenate([scores.labels_seen, scores.labels_unseen]),
    )
    seen = np.asarray(checkpoint.space.seen)
    biased = class_scores(both, checkpoint.space, ScoringRule("dot", (0.9, 0.1))) + np.where(seen, -1, 1).astype(
        np.float32
    )
    assert tuple(published[k] for k in ("s", "u", "h", "t1")) == fixed_bias_gzsl(biased, labels, seen)
    # A margin of two is what calibration with gamma 2 gives, since only the difference counts.
    arguments = scores.under(checkpoint.rule, checkpoint.space)
    assert own["h"] == pytest.approx(evaluate_zero_shot(*arguments, gamma=2.0).h)


def test_systems_of_one_part_or_of_three_have_no_fixed_bias() -> None:
    assert report_of("mgmrn")[0].content["fixed_bias"] == []


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_classes_add_up_to_the_figures(system: str) -> None:
    report, scores = report_of(system)
    rows = report.content["per_class"]
    seen, unseen = ([r for r in rows if r["seen"] is kind] for kind in (True, False))
    assert (len(seen), len(unseen)) == (4, 2)
    assert np.mean([r["gzsl_accuracy"] for r in seen]) == pytest.approx(report.content["s"])
    assert np.mean([r["gzsl_accuracy"] for r in unseen]) == pytest.approx(report.content["u"])
    assert np.mean([r["t1_accuracy"] for r in unseen]) == pytest.approx(report.content["t1"])
    assert sum(r["photos"] for r in rows) == len(scores.labels_seen) + len(scores.labels_unseen)
    for row in rows:
        wrong = round(row["photos"] * (1 - row["gzsl_accuracy"]))
        assert bool(row["most_confused_with"]) == (wrong > 0)
        assert (wrong > 0) <= row["confused_photos"] <= wrong
        assert row["most_confused_with"] != row["class"]


def test_the_confused_class_is_the_commonest_wrong_answer() -> None:
    checkpoint = measured_checkpoint("msdn")
    scores = made_scores(checkpoint)
    victim, thief = 0, 2
    stolen = np.where(
        (scores.labels_seen == victim)[:, None, None], np.asarray(checkpoint.space.table)[thief], scores.seen
    )
    rows = full_report(checkpoint, replace(scores, seen=stolen.astype(np.float32))).content["per_class"]
    row = next(r for r in rows if r["class"] == checkpoint.space.classes[victim])
    assert (row["gzsl_accuracy"], row["confused_photos"]) == (0.0, 6)
    assert row["most_confused_with"] == checkpoint.space.classes[thief]


@pytest.mark.parametrize("system", SYSTEMS)
def test_answers_are_kept_bit_by_bit(system: str) -> None:
    content = json.loads(to_json(report_of(system)[0].content))
    assert answers_of(content).figures() == pytest.approx({k: content[k] for k in ("t1", "u", "s", "h")})
    variant = content["variants"][0]
    assert variant_answers(content, variant).figures()["t1"] == pytest.approx(variant["t1"])
    content["answers"]["s"] = content["answers"]["s"][:-2]
    with pytest.raises(DataError, match="measure the model again"):
        answers_of(content)


def test_a_thinned_curve_keeps_its_ends_and_leaves_out_where_nothing_moves() -> None:
    gammas = np.array([0.0, -1, -2, 1, 2, 3])
    sweep = GammaSweep(gammas, np.array([0.8, 0.9, 0.9, 0.8, 0.3, 0.0]), np.array([0.2, 0.1, 0.0, 0.2, 0.5, 0.6]))
    assert thinned(sweep)["gamma"] == [-2, -1, 0, 2, 3]
    short = thinned(sweep, count=3)
    assert (short["gamma"][0], short["gamma"][-1], len(short["gamma"])) == (-2, 3, 3)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[FullReport, dict[str, Path]]:
    """A report and its files by name."""
    checkpoint = measured_checkpoint("mgmrn")
    report = full_report(checkpoint, made_scores(checkpoint), label="seed 1")
    return report, {f.name: f for f in write_report(report, tmp_path_factory.mktemp("report") / "out")}


def test_the_files_of_a_report_can_be_read_again(written: tuple[FullReport, dict[str, Path]]) -> None:
    (report, files), checkpoint, stem = written, measured_checkpoint("mgmrn"), "made-mgmrn-seed-1"
    assert set(files) == {f"{stem}{end}" for end in (".json", "-classes.csv", "-curve.csv", ".png", ".svg")}
    assert json.loads(files[f"{stem}.json"].read_text()) == json.loads(json.dumps(report.content))
    with files[f"{stem}-classes.csv"].open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [r["class"] for r in rows] == list(checkpoint.space.classes)
    assert float(rows[0]["gzsl_accuracy"]) == report.content["per_class"][0]["gzsl_accuracy"]
    with files[f"{stem}-curve.csv"].open(newline="") as stream:
        curve = [[float(v) for v in row.values()] for row in csv.DictReader(stream)]
    gammas, seen, unseen, harmonic = np.array(curve).T
    assert (np.diff(gammas) > 0).all() and unseen[0] == 0.0 and seen[-1] == 0.0
    assert harmonic.max() == pytest.approx(report.content["oracle"]["h"], abs=1e-6)


def test_the_figure_shows_something_and_names_every_class(written: tuple[FullReport, dict[str, Path]]) -> None:
    files = written[1]
    with Image.open(files["made-mgmrn-seed-1.png"]) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    assert pixels.shape[1] > 1000
    for colour in ((63, 114, 181), (217, 123, 41)):  # bars of seen and of unseen classes
        near = (np.abs(pixels.astype(int) - colour).max(axis=-1) < 12).mean()
        assert near > 0.02
    drawn = files["made-mgmrn-seed-1.svg"].read_text()
    assert all(f"Class {i}" in drawn for i in range(6))
    assert "oracle" in drawn


def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be made"):
        write_report(report_of("msdn")[0], tmp_path / "file")


def test_a_label_becomes_part_of_the_name() -> None:
    assert file_stem("msdn-cub") == "msdn-cub"
    assert file_stem("msdn-cub", " official grouping / x ") == "msdn-cub-official-grouping-x"
