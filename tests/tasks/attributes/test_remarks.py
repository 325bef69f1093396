from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from tests.conftest import make_space
from zslviz.tasks.attributes.remarks import checked_table, table_remarks
from zslviz.tasks.attributes.space import SemanticSpace

ROWS = {
    "zebra": (1, 1, 0, 0.5, 0),
    "horse": (0, 1, 0, 0.5, 0.1),
    "lion": (0, 0, 0.2, 0.5, 1),
    "tiger": (1, 0, 0, 0.5, 1),
    "giraffe": (0, 1, 1, 0.5, 0),
}
ATTRIBUTES = ("stripes", "hooves", "long_neck", "legs", "hunts")


def made(rows: dict[str, tuple[float, ...]], unseen: tuple[str, ...]) -> SemanticSpace:
    table, seen = np.array(list(rows.values()), dtype=np.float32), np.array([name not in unseen for name in rows])
    return SemanticSpace(tuple(rows), ATTRIBUTES, ("g",) * 5, table, seen)


def test_what_cannot_be_learned_is_told() -> None:
    assert table_remarks(made(ROWS, ("giraffe", "tiger"))) == (
        "The same for every class, so that they tell nothing apart: legs.",
        "Had by no class that is trained on, so that they cannot be learned: long neck.",
        "Had by one class alone of those trained on, so that they may be learned as that class: stripes, hunts.",
    )


def test_classes_that_are_described_alike_are_told() -> None:
    rows = ROWS | {"mule": ROWS["horse"], "donkey": (0, 1, 0, 0.5, 0.15)}
    *_, equal, near = table_remarks(made(rows, ("giraffe",)))
    assert equal == "Described by the same values, so that no model can tell them apart: 'Horse' and 'Mule'."
    assert near.startswith("Described nearly alike: 'Horse' and 'Donkey' (cosine 0.99")
    assert "'Donkey' and 'Horse'" not in near


def test_a_table_without_such_faults_is_passed_over_and_many_are_not_all_named() -> None:
    assert table_remarks(replace(make_space(), table=np.eye(6, 5, dtype=np.float32) * 0.5 + 0.5)) == ()
    many = {f"class {i}": (1.0, 0.0, 0.0, 0.0, 0.0) for i in range(9)}
    assert "and 32 more" in table_remarks(made(many, ()))[-1]


def test_a_table_is_looked_at_before_training(tmp_path: Path) -> None:
    made(ROWS, ("giraffe", "tiger")).to_csv(tmp_path / "t.csv")
    lines = list(checked_table(tmp_path / "t.csv"))
    assert lines[0] == "5 classes (3 to be trained on), 5 attributes in 1 group"
    assert lines[2] == "Had by no class that is trained on, so that they cannot be learned: long neck."
    nearest = lines[
        lines.index("Nearest classes, by the cosine of their descriptions, and what tells them apart most:") + 1
    ]
    assert nearest.split("  ")[2] == "Zebra and Horse: stripes, hunts"
    unmarked = made(ROWS, tuple(ROWS))
    unmarked.to_csv(tmp_path / "u.csv")
    told = list(checked_table(tmp_path / "u.csv"))
    assert "no column 'seen' marks any, so all are taken as trained on" in told[0]
    assert not any("cannot be learned" in line for line in told)
