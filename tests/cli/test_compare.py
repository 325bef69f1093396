"""`zslviz compare`: two models on a photo, from the shell."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.test_predict import run
from zslviz.errors import ConfigError, UnknownNameError
from zslviz.explainer import Explainer
from zslviz.tasks.attributes.comparing import compare
from zslviz.tasks.attributes.comparing.answer import comparison_answer
from zslviz.tasks.attributes.comparing.maps import maps_beside
from zslviz.tasks.attributes.requests import RankRequest


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    noise = np.random.default_rng(1).integers(0, 255, (60, 90, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


def test_the_shell_tells_what_the_package_computes(made_folder: Path, photo: Path, tmp_path: Path) -> None:
    models, out = [made_folder / "made-mgmrn", made_folder / "made-msdn"], tmp_path / "told.json"
    asked = ("--class", "class 2", "--attribute", "color: shade 1", "--top", "3", "--json", out)
    lines = run("compare", *models, photo, *asked).output.splitlines()
    one, other = (Explainer.from_pretrained(model, "cpu").explain(photo) for model in models)
    compared = compare(one, other, ("Mg-MRN", "MSDN"))
    expected = {**comparison_answer(compared, 2, 3, 3), "maps": maps_beside(compared, 1)}
    assert json.loads(out.read_text(encoding="utf-8")) == json.loads(json.dumps(expected))
    assert lines[0] == expected["sentence"]["text"]
    ranks = [tuple(map(int, line.split()[:2])) for line in lines[3 : 3 + len(expected["ranks"])]]
    assert ranks == [tuple(line["ranks"]) for line in expected["ranks"]]
    assert lines[-1] == f"wrote {out}"


def test_edits_at_the_shell_hold_for_both(made_folder: Path, photo: Path, tmp_path: Path) -> None:
    models, out = [made_folder / "made-mgmrn", made_folder / "made-msdn"], tmp_path / "told.json"
    edits = ("--set-attribute", "color: shade 1=0.9", "--set-class", "class 2:color: shade 0=1", "--unseen-only")
    run("compare", *models, photo, *edits, "--json", out)
    one, other = (Explainer.from_pretrained(model, "cpu").explain(photo) for model in models)
    request = RankRequest({1: 0.9}, {(2, 0): 1.0}, unseen_only=True)
    expected = comparison_answer(compare(one, other, ("Mg-MRN", "MSDN"), request), None, 5, 5)
    assert json.loads(out.read_text(encoding="utf-8")) == json.loads(json.dumps(expected))
    with pytest.raises(ConfigError, match="--attribute and edits"):
        run("compare", *models, "--test", "--set-attribute", "color: shade 1=0.9")


def test_what_cannot_be_compared_is_said(made_folder: Path, label_folder: Path, photo: Path) -> None:
    mine = made_folder / "made-msdn"
    for pair, sentence in (
        ((mine, mine), "one and the same model"),
        ((mine, label_folder), "scores labels; attribute models are compared"),
        ((mine, "eszsl-awa2"), "only models of the same classes and attributes"),
    ):
        with pytest.raises(ConfigError, match=sentence):
            run("compare", *pair, photo)
    with pytest.raises(UnknownNameError, match="no class called 'unicorn'"):
        run("compare", mine, made_folder / "made-mgmrn", photo, "--class", "unicorn")


def test_the_shell_compares_over_test_photos(photo: Path, tmp_path: Path) -> None:
    out = tmp_path / "told.json"
    lines = run("compare", "eszsl-awa2", "dap-awa2", "--test", "--top", "2", "--json", out).output.splitlines()
    told = json.loads(out.read_text(encoding="utf-8"))
    assert lines[:2] == told["sentences"]
    assert told["names"] == ["ESZSL", "DAP"]
    assert len(told["photos"]["labels"]) == sum(kind["photos"] for kind in told["kinds"])
    for asked, sentence in (
        (("eszsl-awa2", "dap-awa2"), "or give --test"),
        (("eszsl-awa2", "dap-awa2", photo, "--test"), "leave out the photo"),
        (("eszsl-awa2", "biam-corel5k", "--test"), "scores labels"),
        (("eszsl-awa2", "eszsl-awa2", "--test"), "one and the same"),
    ):
        with pytest.raises(ConfigError, match=sentence):
            run("compare", *asked)
