"""Models on the Hugging Face Hub: opened by name, shared, and one sentence for whatever the Hub answers."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import huggingface_hub.constants
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import make_checkpoint
from tests.hub.conftest import PHOTO, SHIPPED, files_of
from tests.hub.server import TOKEN, Hub, Repository
from zslviz.checkpoints import hub as hub_module
from zslviz.checkpoints.files import CARD, CONFIG, WEIGHTS
from zslviz.checkpoints.hub import FILES, HubName
from zslviz.checkpoints.listing import resolve
from zslviz.cli.serving import _opened
from zslviz.errors import CheckpointError, ConfigError, UnknownNameError
from zslviz.explainer import Explainer
from zslviz.tasks.base.sharing import push
from zslviz.ui.service import Service


@pytest.fixture
def shared(hub: Hub) -> Repository:
    """The repository "lab/dap" with a shipped model and a file that is none of a checkpoint's."""
    hub.repositories["lab/dap"] = Repository()
    hub.repositories["lab/dap"].commit({**files_of(SHIPPED), "run_me.py": b"raise SystemExit"})
    return hub.repositories["lab/dap"]


# -- opened by name ---------------------------------------------------------------------------------------------------


def test_a_model_is_opened_by_its_repository_and_only_a_checkpoint_s_files_are_fetched(
    shared: Repository, hub: Hub
) -> None:
    explainer = Explainer.from_pretrained("lab/dap", device="cpu")
    here = Explainer.from_pretrained("dap-awa2", device="cpu")
    assert explainer.explain(PHOTO).rank().order.tolist() == here.explain(PHOTO).rank().order.tolist()
    assert sorted(hub.served()) == sorted(FILES)


def test_what_was_fetched_is_not_fetched_again(shared: Repository, hub: Hub) -> None:
    first = resolve("lab/dap")
    hub.asked.clear()
    assert resolve("lab/dap") == first
    assert hub.served() == []


def test_a_revision_is_that_one_and_the_newest_is_taken_without(shared: Repository, tmp_path: Path) -> None:
    before = shared.branches["main"]
    make_checkpoint("msdn").save(tmp_path / "other")
    shared.commit(files_of(tmp_path / "other"))
    shared.branches["first"] = before
    assert Explainer.from_pretrained("lab/dap", device="cpu").checkpoint.system == "msdn"
    for revision in (before, "first"):
        assert Explainer.from_pretrained(f"lab/dap@{revision}", device="cpu").checkpoint.system == "dap"


def test_a_folder_here_always_wins(
    shared: Repository, hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_checkpoint("msdn").save(tmp_path / "lab" / "dap")
    monkeypatch.chdir(tmp_path)
    assert resolve("lab/dap") == Path("lab/dap")
    (tmp_path / "lab" / "dap" / CONFIG).unlink()
    with pytest.raises(CheckpointError, match="has no readable 'config.json'"):
        Explainer.from_pretrained("lab/dap")
    assert hub.asked == []


def test_the_page_shows_a_model_of_the_hub(shared: Repository) -> None:
    service = Service(models=[_opened("lab/dap")])
    assert [info.name for info in service.own_checkpoints] == ["dap-awa2"]
    assert service.offers("attributes")


@pytest.mark.parametrize(
    "name", ["msdn-cup", "../lab/dap", "/lab/dap", "lab/dap/more", "lab/", "lab/dap@", "a b/c", "lab\\dap"]
)
def test_what_is_no_repository_s_name_is_not_asked_for(name: str, hub: Hub) -> None:
    with pytest.raises(UnknownNameError):
        resolve(name)
    assert hub.asked == []


@given(st.text(alphabet="ab-._/@\\ \n\0é", max_size=12))
def test_a_name_reads_as_it_is_written_or_is_none(text: str) -> None:
    name = HubName.read(text)
    assert name is None or str(name) == text


def test_without_the_hub_what_was_fetched_is_used(
    shared: Repository, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched = resolve("lab/dap")
    hub.status = 503
    assert resolve("lab/dap") == fetched
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    hub.asked.clear()
    assert resolve("lab/dap") == fetched
    assert hub.asked == []


# -- one sentence -----------------------------------------------------------------------------------------------------


def refusal(name: str) -> str:
    with pytest.raises(CheckpointError) as refused:
        resolve(name)
    said = str(refused.value)
    assert said.startswith(f"'{name}'") and said.endswith(".") and "\n" not in said
    return said


def test_a_model_that_there_is_not_or_that_is_private_is_said(shared: Repository, hub: Hub) -> None:
    assert "there is no model 'lab/dop' on the Hugging Face Hub, or it is private (log in" in refusal("lab/dop")
    shared.private = True
    assert "there is no model 'lab/dap'" in refusal("lab/dap")


def test_the_owner_of_a_private_model_may_open_it(shared: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    shared.private = True
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    assert (resolve("lab/dap") / CONFIG).is_file()
    assert "the account that is logged in may not see it" in refusal("lab/dop")


def test_a_revision_that_there_is_not_is_said(shared: Repository) -> None:
    assert "'lab/dap' on the Hugging Face Hub has no revision 'v9'" in refusal("lab/dap@v9")


def test_a_gated_model_is_said_to_have_terms(shared: Repository) -> None:
    shared.gated = True
    assert "is gated: accept its terms there" in refusal("lab/dap")


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "does not know who you are"),
        (403, "may not"),
        (429, "fewer requests"),
        (500, "cannot be reached"),
        (503, "cannot be"),
    ],
)
def test_whatever_the_hub_answers_is_one_sentence(status: int, said: str, shared: Repository, hub: Hub) -> None:
    hub.status = status
    assert said in refusal("lab/dap")


def test_a_hub_that_never_answers_is_not_waited_for(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "_SECONDS", 0.3)
    hub.silent.set()
    assert "the Hugging Face Hub cannot be reached, and 'lab/dap' was not fetched before" in refusal("lab/dap")


def test_a_hub_that_is_not_there_is_said(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", "http://127.0.0.1:9")
    assert "cannot be reached" in refusal("models/mine")


def test_a_folder_here_that_is_called_nearly_so_is_named(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "models" / "mine").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert f"(there is '{Path('models', 'mine')}'), and there is no model" in refusal("models/mien")


def test_another_program_s_model_is_refused_before_its_weights_are_fetched(shared: Repository, hub: Hub) -> None:
    shared.commit({CONFIG: json.dumps({"architectures": ["BertModel"]}).encode()})
    assert "'lab/dap' is not a checkpoint's configuration" in refusal_anywhere("lab/dap")
    assert WEIGHTS not in hub.served()


def test_a_repository_without_weights_is_no_checkpoint(hub: Hub) -> None:
    hub.repositories["lab/text"] = Repository()
    hub.repositories["lab/text"].commit({CONFIG: b"{}"})
    assert "is no checkpoint: it has no 'model.safetensors'" in refusal("lab/text")
    assert hub.served() == []


def test_a_text_that_is_too_large_is_not_fetched(shared: Repository, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "MAX_TEXT_BYTES", 100_000)
    shared.commit({CARD: b"#" * 100_001})
    assert "'README.md' of 'lab/dap' on the Hugging Face Hub is too large" in refusal_anywhere("lab/dap")
    assert hub.served() == []


def test_a_model_whose_weights_were_changed_is_refused_by_its_name(shared: Repository) -> None:
    shared.commit({WEIGHTS: files_of(SHIPPED)[WEIGHTS][:-1] + b"\0"})
    assert "of 'lab/dap' is damaged" in refusal_anywhere("lab/dap")


def refusal_anywhere(name: str) -> str:
    """A refusal that begins with the file that is wrong."""
    with pytest.raises(CheckpointError) as refused:
        resolve(name)
    return str(refused.value)


def test_a_disk_without_room_for_it_is_said_before_the_weights_are_fetched(
    shared: Repository, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": 100_000})())
    with pytest.raises(CheckpointError, match=r"The files of 'lab/dap' need .* MB, but only 0\.10 MB are free"):
        resolve("lab/dap")
    assert WEIGHTS not in hub.served()


def test_without_the_package_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    assert "run 'pip install zslviz[hub]' first" in refusal("models/mine")
    with pytest.raises(ConfigError, match=r"run 'pip install zslviz\[hub\]'"):
        push(SHIPPED, "lab/new")
