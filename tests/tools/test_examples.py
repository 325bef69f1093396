"""Bundles of the examples are there, and tell what the models compute now."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import ROOT
from tools import examples
from tools.examples import Baked, Written, baked, bundle_of, differences, told_of
from zslviz.catalogue import part
from zslviz.files.bundle import read_bundle, write_bundle
from zslviz.runtime.places import bundles_folder
from zslviz.ui.openings import INDEX, MODEL_PART
from zslviz.ui.service import Service

MOST_BYTES = 10_000_000
SERVICE = Service("cpu")
ALL = baked(SERVICE)
WRITTEN = [one for one in ALL if one.model not in examples.WITHOUT]


@cache
def now(file: str) -> Written:
    return bundle_of(SERVICE, next(one for one in ALL if one.file == file))


def on_disk(one: Baked) -> Written:
    folder = bundles_folder()
    return Written((folder / one.model / MODEL_PART).read_bytes(), (folder / one.file).read_bytes())


def told(written: Written, one: Baked) -> list[str]:
    return list(differences(written, now(one.file), part(one.example.task, "bundle")))


def test_every_example_has_a_bundle_or_its_model_is_named_with_a_reason() -> None:
    assert len({one.file for one in ALL}) == len(ALL)
    assert {one.model for one in ALL} >= set(examples.WITHOUT), "a model that explains no example needs no reason"
    expected = {one.file for one in WRITTEN} | {f"{one.model}/{MODEL_PART}" for one in WRITTEN} | {INDEX}
    folder = bundles_folder()
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert there == expected
    document = (ROOT / "docs" / "bundle.md").read_text(encoding="utf-8")
    assert [model for model in examples.WITHOUT if f"`{model}` has none yet" not in document] == []
    size = sum((folder / file).stat().st_size for file in expected)
    assert size <= MOST_BYTES
    assert f"{len(expected)} files, {size / 1e6:.1f} MB" in document.replace("\n", " ")


def test_labels_never_trained_on_lead_in_several_examples_and_are_found_in_the_first() -> None:
    """Of those that are in the photo, by the rank of the best among all labels never trained on; photos with one come first."""
    best: dict[str, int | None] = {}
    found = []
    for one in (one for one in WRITTEN if one.example.task == "multilabel"):
        bundle = part("multilabel", "bundle").read_explanation_bundle(on_disk(one).photo, on_disk(one).model)
        unseen = [line for line in bundle.rank().lines() if not line.seen]
        ranks = [rank for rank, line in enumerate(unseen, 1) if line.index in bundle.told.truth]
        best[one.file] = min(ranks, default=None)
        found.append(any(unseen[rank - 1].found for rank in ranks))
    assert found[0], "what the page opens with shows one that counts as found"
    assert sum(rank == 1 for rank in best.values()) >= 4
    photos = [best[one.file] for one in WRITTEN if one.file in best and one.example.kind == "photo"]
    leading = [rank is not None and rank <= 3 for rank in photos]
    assert sum(leading) >= 4 and leading == sorted(leading, reverse=True)


@pytest.mark.parametrize("one", WRITTEN, ids=lambda one: one.file)
def test_a_bundle_tells_what_its_model_computes_now(one: Baked) -> None:
    assert told(on_disk(one), one) == []


def test_the_index_tells_what_the_models_and_the_lists_of_examples_are_now() -> None:
    told = json.loads((bundles_folder() / INDEX).read_text(encoding="utf-8"))
    assert told == {one.model: asdict(told_of(SERVICE, one.model, ALL)) for one in WRITTEN}


@pytest.mark.parametrize("one", WRITTEN, ids=lambda one: one.file)
def test_a_bundle_names_the_photo_what_is_in_it_and_whose_it_is(one: Baked) -> None:
    written = on_disk(one)
    read = part(one.example.task, "bundle").read_explanation_bundle(written.photo, written.model)
    assert read.told.title == one.example.title
    assert ", " in read.told.credits, "an author and a licence"
    assert (read.told.truth not in (None, ())) is all(one.example.truth.values())
    assert read.model.told.title and read.model.told.terms


@pytest.mark.parametrize("task", sorted({one.example.task for one in WRITTEN}))
def test_what_was_computed_otherwise_is_noticed(task: str) -> None:
    one = next(one for one in WRITTEN if one.example.task == task)
    written = on_disk(one)
    bundle, model = read_bundle(written.photo), read_bundle(written.model)
    numbers = next(name for name, array in bundle.parts.items() if array.dtype == np.float32)
    moved = {**bundle.parts, numbers: bundle.parts[numbers] + np.float32(0.01)}
    assert numbers in told(Written(written.model, write_bundle(bundle.head, moved)), one)
    reversed_ = {**bundle.parts, numbers: np.flip(bundle.parts[numbers])}
    assert "the ranking" in told(Written(written.model, write_bundle(bundle.head, reversed_)), one)
    for name in (name for name in bundle.parts if name.endswith(" levels")):
        changed = {**bundle.parts, name: np.ascontiguousarray(bundle.parts[name][:, ::-1])}
        assert name.removesuffix(" levels") in told(Written(written.model, write_bundle(bundle.head, changed)), one)
    other = next(other for other in WRITTEN if other.model == one.model and other != one)
    photo = {**bundle.parts, "photo": read_bundle(on_disk(other).photo).parts["photo"]}
    assert "the photo" in told(Written(written.model, write_bundle(bundle.head, photo)), one)
    renamed = write_bundle({**bundle.head, "title": "Another photo"}, bundle.parts)
    assert told(Written(written.model, renamed), one) == ["title"]
    retitled = write_bundle({**model.head, "title": "Another model"}, model.parts)
    digest = part(one.example.task, "bundle").read_model_bundle(retitled).digest
    assert told(Written(retitled, write_bundle({**bundle.head, "digest": digest}, bundle.parts)), one) == ["title"]


def test_the_command_writes_a_models_files_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = "refiner-fashion"
    assert examples.main([model, "--out", str(tmp_path)]) == 0
    assert "MB in 14 files" in capsys.readouterr().out
    files = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.zslviz"))
    assert list(json.loads((tmp_path / INDEX).read_text(encoding="utf-8"))) == [model]
    assert files == sorted([f"{model}/{MODEL_PART}", *(one.file for one in WRITTEN if one.model == model)])
    assert examples.main(["refiner-fashon", "--out", str(tmp_path)]) == 2
    assert "did you mean 'refiner-fashion'" in capsys.readouterr().err
