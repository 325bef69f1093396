"""Shared vectors: what edits do to test photos, as Python finds it, for the page's arithmetic to be held to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from tests.conftest import ROOT
from zslviz.runtime.places import TEST_PHOTOS
from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
from zslviz.tasks.attributes.scoring import rank_classes
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.attributes.whole_set.attribute_auc import areas_of, attribute_auc, hardly_answer, read_words
from zslviz.tasks.attributes.whole_set.edited import curve, retest
from zslviz.tasks.attributes.whole_set.photos import fused_of
from zslviz.tasks.attributes.whole_set.sets import may_be, set_sentence, within
from zslviz.tasks.attributes.whole_set.told import called_sentence

LINEAR: dict[Any, Any] = {"dot": "dot", "cosine": "dot", "table": "table", "binary": "binary"}
"""Rules under which a fused vector, as the scores of one granularity, is ranked as the photo is."""
MODELS = ("mgmrn-awa2", "msdn-awa2", "dap-awa2", "eszsl-cub")


def cases_of(checkpoint: AttributeCheckpoint, rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Edits of one class and of two, another gamma, a class more, each with Python's answer."""
    space, rule, gamma = checkpoint.space, checkpoint.rule, checkpoint.gamma
    photos = fused_of(ROOT / "checkpoints" / checkpoint.name, space)
    assert photos is not None
    classes, attributes = space.table.shape
    for number in range(6):
        edits = {
            (int(rng.integers(classes)), int(rng.integers(attributes))): float(rng.integers(11)) / 10
            for _ in range((0, 1, 1, 6, 2, 1)[number])
        }
        edited = space.with_values(edits)
        if number == 4:
            edited = edited.with_class("made_up", rng.uniform(0, 1, attributes).astype(np.float32))
        asked = gamma + float(rng.normal()) if number in (0, 3) else gamma
        about = int(rng.integers(classes))
        found = retest(photos, space, rule, gamma, edited, asked, about)
        assert found.asked
        called = called_sentence(found.asked, edited.class_names).to_dict()
        known, photo = within(photos, edited, rule, asked), int(rng.integers(len(photos)))
        ranking = rank_classes(
            photos.vectors[photo][None], edited, replace(rule, kind=LINEAR[rule.kind], weights=(1.0,)), asked
        )
        said = set_sentence(edited, may_be(ranking, known.lead), known).to_dict()
        answer = asdict(found) | {
            "sentence": found.sentence.to_dict(), "within": asdict(known), "called": called, "may_be": said,
        }  # fmt: skip
        answer = json.loads(json.dumps(answer))
        rows = {int(c): [float(v) for v in edited.table[c]] for c in found.edited}
        told = {
            "rows": rows,
            "names": edited.class_names,
            "gamma": asked,
            "asked": about,
            "photo": photo,
            "answer": answer,
        }
        if number in (0, 4):
            told["curve"] = curve(photos, edited, rule)
        yield told


def write_whole_set_vectors(folder: Path, models: tuple[str, ...] = MODELS) -> int:
    """Writes the vectors into a folder; returns how many tests replay them."""
    rng, cases = np.random.default_rng(5), []
    for name in models:
        checkpoint = AttributeCheckpoint.load(name)
        space: SemanticSpace = checkpoint.space
        file = f"{name}.zslviz"
        (folder / file).write_bytes((ROOT / "checkpoints" / name / TEST_PHOTOS).read_bytes())
        told = {
            "classes": space.classes, "class_names": space.class_names, "attributes": space.attributes,
            "attribute_names": space.attribute_names,
            "seen": space.seen.astype(int).tolist(),
        }  # fmt: skip
        (folder / f"{name}.table").write_bytes(np.ascontiguousarray(space.table).tobytes())
        asked = list(cases_of(checkpoint, rng))
        photos = fused_of(ROOT / "checkpoints" / name, space)
        assert photos is not None
        auc = attribute_auc(photos, space)
        told |= {"read": [read_words(auc, attribute, a) for a, attribute in enumerate(space.attribute_names)]}
        named = [rng.permutation(len(space.attributes))[:count].tolist() for count in (0, 1, 2, 4, 8, 30)]
        told |= {"hardly": [[some, hardly_answer(areas_of(auc), space.attribute_names, some)] for some in named]}
        cases.append(
            {
                "name": name, "file": file, "table": f"{name}.table", "space": told, "rule": checkpoint.rule.to_dict(),
                "gamma": checkpoint.gamma, "asked": asked, "auc": asdict(auc),
            }
        )  # fmt: skip
    (folder / "cases.json").write_text(json.dumps(cases), encoding="utf-8")
    return len(cases)
