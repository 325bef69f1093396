"""What every checkpoint must satisfy: the same bytes again after a load, and one sentence for whatever is damaged."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch

from tests.contracts.conftest import Made
from zslviz.catalogue import SYSTEMS, TASKS, part
from zslviz.checkpoints.base import Checkpoint
from zslviz.checkpoints.files import CARD, CONFIG, METRICS, WEIGHTS, config_digest
from zslviz.checkpoints.listing import list_checkpoints
from zslviz.errors import CheckpointError
from zslviz.explainer import Explainer
from zslviz.runtime.places import TEST_PHOTOS, TRAINING_PHOTOS
from zslviz.tasks.base.card import write_model_card

pytestmark = pytest.mark.parametrize("system", SYSTEMS)


@pytest.fixture
def copied(system: str, trained: Made, tmp_path: Path) -> Path:
    """The checkpoint's folder, to be damaged."""
    return Path(shutil.copytree(trained(system).folder, tmp_path / "copied"))


def test_a_checkpoint_that_is_read_and_written_has_the_same_bytes(system: str, trained: Made, tmp_path: Path) -> None:
    folder = trained(system).folder
    Checkpoint.load(folder).save(tmp_path)
    write_model_card(tmp_path)
    beside = {TEST_PHOTOS} if SYSTEMS[system].task == "attributes" else set()  # measured, so no part of what is loaded
    shown = {TRAINING_PHOTOS} & {path.name for path in folder.iterdir()}  # of models that see with a frozen encoder
    assert {path.name for path in folder.iterdir()} == {WEIGHTS, CONFIG, METRICS, CARD} | beside | shown
    for name in (WEIGHTS, CONFIG, METRICS, CARD, *shown):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_two_loads_share_nothing_and_are_ready_to_use(system: str, trained: Made) -> None:
    one, other = (Checkpoint.load(trained(system).folder) for _ in range(2))
    ours, theirs = one.network.state_dict(), other.network.state_dict()
    assert not one.network.training
    assert not any(parameter.requires_grad for parameter in one.network.parameters())
    for name, tensor in ours.items():
        assert tensor.dtype in (torch.float32, torch.int64)
        assert tensor.data_ptr() != theirs[name].data_ptr() or not tensor.numel()


def test_a_changed_byte_is_found_wherever_it_is(system: str, copied: Path) -> None:
    weights, config = ((copied / name).read_bytes() for name in (WEIGHTS, CONFIG))
    for name, data in ((WEIGHTS, weights), (CONFIG, config)):
        for place in (0, 9, len(data) // 2, len(data) - 5):
            (copied / name).write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
            with pytest.raises(CheckpointError):
                Checkpoint.load(copied)
        (copied / name).write_bytes(data)
    Checkpoint.load(copied)


@pytest.mark.parametrize("name", [WEIGHTS, CONFIG])
def test_a_file_that_is_missing_or_cut_off_is_named(system: str, name: str, copied: Path) -> None:
    data = (copied / name).read_bytes()
    (copied / name).write_bytes(data[: len(data) // 2])
    with pytest.raises(CheckpointError, match=name):
        Checkpoint.load(copied)
    (copied / name).unlink()
    with pytest.raises(CheckpointError, match=name):
        Checkpoint.load(copied)


def test_a_configuration_without_one_of_its_parts_is_not_complete(system: str, copied: Path) -> None:
    """Even if its digest says that it was written so."""
    whole = json.loads((copied / CONFIG).read_text(encoding="utf-8"))
    for missing in ("model", "space", "backbone"):
        config = {key: value for key, value in whole.items() if key != missing}
        config["config_sha256"] = config_digest(config)
        (copied / CONFIG).write_text(json.dumps(config), encoding="utf-8")
        with pytest.raises(CheckpointError):
            Checkpoint.load(copied)


def test_it_is_listed_and_opened_by_its_task_alone(system: str, trained: Made) -> None:
    made = trained(system)
    listed = {task: list_checkpoints(made.folder.parent, task) for task in TASKS}
    assert {task: [info.name for info in infos] for task, infos in listed.items() if infos} == {
        made.task: [made.recipe.name]
    }
    (info,) = listed[made.task]
    assert info.title == Checkpoint.load(made.folder).title
    assert type(Explainer.from_pretrained(made.folder, "cpu")) is part(made.task, "explainer").EXPLAINER
    for other in set(TASKS) - {made.task}:
        for opens in (part(other, "checkpoint").CHECKPOINT.load, part(other, "explainer").EXPLAINER.from_pretrained):
            with pytest.raises(CheckpointError, match=TASKS[other].scores):
                opens(made.folder)
