"""Classes after training: a checkpoint's class table with rows more, and a card that says so. No weight changes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from zslviz.checkpoints.files import read_config
from zslviz.errors import ConfigError, TableError, listed
from zslviz.files import check_folder, replacing
from zslviz.runtime.places import TEST_PHOTOS
from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
from zslviz.tasks.attributes.figures import ZeroShotReport
from zslviz.tasks.attributes.table_notes import read_table_of
from zslviz.tasks.attributes.whole_set.photos import fused_content, fused_of, handed_on, write_fused

CARD = "README.md"


@dataclass(frozen=True, eq=False)
class Extension:
    """A checkpoint with classes more. added: their names. changed: classes of before that the table describes otherwise.

    notes: what is to be said of how the table was read, in sentences.
    """

    checkpoint: AttributeCheckpoint
    added: tuple[str, ...]
    changed: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """One sentence on what is new."""
        told = f"{_count(len(self.added), 'class', 'classes')} more, never trained on: {listed(self.added)}"
        return f"{told}; described otherwise: {listed(self.changed)}." if self.changed else f"{told}."


def extend(checkpoint: AttributeCheckpoint, table: Path, name: str) -> Extension:
    """A checkpoint called `name` that knows the classes of a table (CSV) besides its own.

    The table holds new classes alone, or old ones as well, which are then described as it says. Raises TableError for a table that
    does not fit, ConfigError if it brings nothing new.
    """
    space = checkpoint.space
    told, notes, _ = read_table_of(space, table)
    found = [space.named_classes.find(row) for row in told.classes]
    added = [row for row, old in enumerate(found) if old is None]
    for row in added:
        if told.seen[row]:
            raise TableError(
                f"'{told.classes[row]}' is marked as seen, but the model was not trained on it; write 0, or leave the column out."
            )
    if not added:
        raise ConfigError(f"'{checkpoint.name}' knows every class of '{table}' already; add a row for a new one.")
    rows = {old: told.table[row] for row, old in enumerate(found) if old is not None}
    changed = [old for old, row in rows.items() if not np.array_equal(space.table[old], row)]
    values = space.table.copy()
    for old in changed:
        values[old] = rows[old]
    wider = replace(
        space,
        classes=(*space.classes, *(told.classes[row] for row in added)),
        table=np.concatenate([values, told.table[added]]),
        seen=np.concatenate([space.seen, np.zeros(len(added), dtype=bool)]),
    )
    new, other = tuple(told.classes[row] for row in added), tuple(space.classes[old] for old in sorted(changed))
    extended = replace(checkpoint, name=name, space=wider, metrics=_metrics(checkpoint, new, other, notes))
    return Extension(extended, new, other, notes)


def with_table(checkpoint: AttributeCheckpoint, table: Path) -> tuple[AttributeCheckpoint, tuple[str, ...]]:
    """A checkpoint that ranks the classes of a table (CSV) instead of its own, without figures, and how the table was read.

    Raises TableError.
    """
    figures = ZeroShotReport.__dataclass_fields__
    kept = {key: value for key, value in checkpoint.metrics.items() if key not in figures}
    space, notes, _ = read_table_of(checkpoint.space, table)
    return replace(checkpoint, space=space, metrics=kept), notes


def save(extension: Extension, before: Path, folder: Path) -> None:
    """Writes an extended checkpoint with its card, and with the test photos of the model before if that came with them: what the
    network made of these is the same, and all classes compete for them now. Raises CheckpointError, ConfigError.
    """
    checkpoint = extension.checkpoint
    fused_of(before, checkpoint.space)  # says what is wrong with them before anything is written
    content = fused_content(before)
    check_folder(folder)
    checkpoint.save(folder)
    if content is not None:
        write_fused(
            folder / TEST_PHOTOS, handed_on(content, checkpoint.name, str(read_config(folder)["config_sha256"]))
        )
    write_card(folder, before, extension)


def write_card(folder: Path, before: Path, extension: Extension) -> None:
    """Writes the card of an extended checkpoint: what is new, and then the card of the model before, whose figures stay its own."""
    told, checkpoint = extension.checkpoint.metrics["extended"], extension.checkpoint
    old = (before / CARD).read_text(encoding="utf-8") if (before / CARD).is_file() else ""
    head, body = re.fullmatch(r"(---\n.*?\n---\n)?(.*)", old, re.DOTALL).groups()  # type: ignore[union-attr]  # it takes all
    lines = [
        f"# {checkpoint.name}: {checkpoint.title}, with classes added after training\n",
        f"The network is that of `{told['from']}`, weight for weight. {_count(len(told['classes']), 'class was', 'classes were')} "
        f"added to its {told['classes_before']} by descriptions alone: {listed(told['classes'])}.",
    ]
    if told["changed"]:
        lines.append(f"Described otherwise than when it was trained: {listed(told['changed'])}.")
    lines.extend(told.get("notes", ()))
    lines.append(
        "\nNo figure was measured with the classes added. Those below are of the model before, with its own classes alone; "
        "they are not\nthis model's, for all classes compete. `zslviz evaluate` measures it on data that has photos.\n"
    )
    if body.strip():
        lines.append(f"## The model before\n\n{re.sub(r'^#', '##', body.strip(), flags=re.MULTILINE)}\n")
    with replacing(folder / CARD) as partial:
        partial.write_text((head or "") + "\n".join(lines), encoding="utf-8")


def _metrics(
    checkpoint: AttributeCheckpoint, added: Sequence[str], changed: Sequence[str], notes: Sequence[str]
) -> dict[str, Any]:
    """What is known of the checkpoint without its figures, which stand apart as those of the model before."""
    figures = ZeroShotReport.__dataclass_fields__
    kept = {key: value for key, value in checkpoint.metrics.items() if key not in figures}
    earlier = kept.pop("extended", {})
    return {
        **kept,
        "extended": {
            "from": earlier.get("from", checkpoint.name),
            "classes_before": earlier.get("classes_before", len(checkpoint.space.classes)),
            "classes": [*earlier.get("classes", ()), *added],
            "changed": [*dict.fromkeys([*earlier.get("changed", ()), *changed])],
            **({"notes": told} if (told := [*earlier.get("notes", ()), *notes]) else {}),
            "figures_before": earlier.get("figures_before")
            or {key: value for key, value in checkpoint.metrics.items() if key in figures},
        },
    }


def _count(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"
