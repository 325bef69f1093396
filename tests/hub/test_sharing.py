"""A model pushed to the Hugging Face Hub, with a card that says under which terms, and opened from there again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import huggingface_hub.constants
import pytest
import yaml

from tests.conftest import ROOT, make_checkpoint
from tests.hub.conftest import PHOTO, SHIPPED, files_of
from tests.hub.server import TOKEN, Hub, serving
from zslviz.checkpoints.files import CARD, CONFIG, METRICS, WEIGHTS
from zslviz.checkpoints.hub import FILES
from zslviz.errors import CheckpointError, ConfigError
from zslviz.explainer import Explainer
from zslviz.runtime.places import TEST_PHOTOS, TRAINING_PHOTOS
from zslviz.tasks.base.sharing import push, shared_card


@pytest.fixture
def logged_in(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Hub:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_DISABLE_XET", True)
    return hub


def test_a_model_that_was_pushed_opens_from_the_hub_as_it_was(logged_in: Hub) -> None:
    assert push("dap-awa2", "lab/new") == f"{logged_in.url}/lab/new"
    repository = logged_in.repositories["lab/new"]
    held = repository.commits[repository.branches["main"]]
    own = files_of(SHIPPED)
    assert {name: held[name] for name in (CONFIG, METRICS, WEIGHTS)} == {
        name: own[name] for name in (CONFIG, METRICS, WEIGHTS)
    }
    assert Explainer.from_pretrained("lab/new", device="cpu").checkpoint.system == "dap"


def test_pushing_again_is_another_commit_of_the_same_repository(logged_in: Hub, tmp_path: Path) -> None:
    push(SHIPPED, "lab/new", private=True)
    assert logged_in.repositories["lab/new"].private
    make_checkpoint("msdn").save(tmp_path)
    push(tmp_path, "lab/new", licence="mit")
    assert Explainer.from_pretrained("lab/new", device="cpu").checkpoint.system == "msdn"


def test_only_the_files_of_a_checkpoint_are_uploaded(logged_in: Hub, tmp_path: Path) -> None:
    make_checkpoint("msdn").save(tmp_path)
    (tmp_path / "notes.txt").write_text("mine")
    for kept in (TEST_PHOTOS, TRAINING_PHOTOS):
        (tmp_path / kept).write_bytes(b"what was made of them")
    push(tmp_path, "lab/new")
    repository = logged_in.repositories["lab/new"]
    assert set(repository.commits[repository.branches["main"]]) == {*FILES, ".gitattributes"}


def head_of(card: str) -> dict[str, object]:
    return dict(yaml.safe_load(card.split("---\n")[1]))


def test_a_card_that_is_shared_tells_licence_library_and_tags(tmp_path: Path) -> None:
    assert head_of(shared_card(SHIPPED)) == {
        "license": "cc-by-nc-4.0",
        "library_name": "zslviz",
        "tags": ["zero-shot-learning", "attributes", "explainability"],
    }
    assert head_of(shared_card(SHIPPED, "cc-by-4.0"))["license"] == "cc-by-4.0"
    (tmp_path / CARD).write_text("# Mine\n\n---\nA line.\n")
    card = shared_card(tmp_path, "mit")
    assert head_of(card) == {"license": "mit", "library_name": "zslviz", "tags": ["zslviz"]}
    assert card.endswith("# Mine\n\n---\nA line.\n")


def test_a_card_whose_head_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / CARD).write_text("---\nlicense: [mit\n---\n# Mine\n")
    with pytest.raises(CheckpointError, match="are not YAML"):
        shared_card(tmp_path)


def test_a_damaged_model_is_not_pushed(logged_in: Hub, tmp_path: Path) -> None:
    make_checkpoint("msdn").save(tmp_path)
    (tmp_path / WEIGHTS).write_bytes(b"")
    with pytest.raises(CheckpointError, match="damaged"):
        push(tmp_path, "lab/new")
    assert logged_in.asked == []


def test_nobody_pushes_without_being_known_or_into_a_name_that_cannot_be(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="Nothing was uploaded: .* does not know who you are; log in"):
        push(SHIPPED, "lab/new")
    with pytest.raises(ConfigError, match="'mine' cannot be a name on the Hugging Face Hub"):
        push(SHIPPED, "mine")
    with pytest.raises(CheckpointError, match="is no folder here"):
        push("lab/dap", "lab/new")


# -- from a shell -----------------------------------------------------------------------------------------------------


def test_the_shell_pushes_a_model_and_explains_with_it_by_that_name(tmp_path: Path) -> None:
    with serving() as hub:
        environment = {
            **os.environ,
            "HF_ENDPOINT": hub.url,
            "HF_HOME": str(tmp_path),
            "HF_TOKEN": TOKEN,
            "HF_HUB_OFFLINE": "0",
            "HF_HUB_DISABLE_XET": "1",
            "PYTHONPATH": str(ROOT),
        }
        explain = ["explain", str(PHOTO), "--model", "lab/new", "--top", "1"]
        code = f"""
from zslviz.cli import app
for words in ["push", "dap-awa2", "lab/new"], {explain!r}:
    app(words, standalone_mode=False)
"""
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    pushed, explained = done.stdout.split(f"wrote {hub.url}/lab/new")
    assert "Giraffe" in explained and "Giraffe" not in pushed
