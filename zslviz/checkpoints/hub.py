"""Checkpoints on the Hugging Face Hub: fetched by "user/repository" or "user/repository@revision", and uploaded.

Of a repository only the files of a checkpoint are taken, and only once its configuration has been found to be one. They are kept in
the Hub's own cache (`HF_HOME`), from which they are read where the Hub cannot be reached. Where it lies is `HF_ENDPOINT`'s to say.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from zslviz.checkpoints.files import CARD, CONFIG, METRICS, WEIGHTS, read_config, read_weights
from zslviz.errors import CheckpointError
from zslviz.files import MAX_TEXT_BYTES, check_room
from zslviz.runtime.extras import naming_extras
from zslviz.runtime.places import TEST_PHOTOS, TRAINING_PHOTOS

if TYPE_CHECKING:
    from huggingface_hub import HfApi

FILES = (CONFIG, METRICS, WEIGHTS, CARD, TEST_PHOTOS, TRAINING_PHOTOS)
_PART = r"[A-Za-z0-9][A-Za-z0-9._-]*"
_NAME = re.compile(rf"(?P<repository>{_PART}/{_PART})(?:@(?P<revision>[A-Za-z0-9][A-Za-z0-9._/-]*))?")
_SECONDS = 10.0  # that the Hub may take for an answer
_LOG_IN = "log in with 'hf auth login' or set HF_TOKEN"


class HubName(NamedTuple):
    """repository: "user/name". revision: a branch, tag or commit; None is the newest of its main branch."""

    repository: str
    revision: str | None

    @classmethod
    def read(cls, text: str) -> HubName | None:
        """A repository's name as people write it, None if the text cannot be one."""
        match = _NAME.fullmatch(text)
        return None if match is None else cls(match["repository"], match["revision"])

    def __str__(self) -> str:
        return self.repository if self.revision is None else f"{self.repository}@{self.revision}"


def fetch(name: HubName) -> Path:
    """The folder of a checkpoint on the Hub, verified; nothing is fetched that is there already.

    Raises CheckpointError with one sentence: there is no such model or revision, it may not be read, it is no checkpoint, it is
    damaged, the Hub cannot be reached and it was not fetched before, or the package for it is missing.
    """
    try:
        from huggingface_hub import HfApi, constants, snapshot_download
    except ModuleNotFoundError:
        raise CheckpointError(
            f"'{name}' is no folder here{_near(name)}; for one on the Hugging Face Hub run 'pip install zslviz[hub]' first."
        ) from None
    taken: dict[str, Any] = {
        "repo_id": name.repository,
        "revision": name.revision,
        "etag_timeout": _SECONDS,
        "tqdm_class": _bar(),
    }
    with _in_one_sentence(f"'{name}' is no folder here{_near(name)}", name):
        info = _listed(HfApi(), name)
        taken["local_files_only"] = info is None
        if info is not None:
            sizes = {file.rfilename: file.size or 0 for file in info.siblings or ()}
            if missing := [file for file in (CONFIG, WEIGHTS) if file not in sizes]:
                raise CheckpointError(f"'{name}' on the Hugging Face Hub is no checkpoint: it has no '{missing[0]}'.")
            if large := [file for file in (CONFIG, METRICS, CARD) if sizes.get(file, 0) > MAX_TEXT_BYTES]:
                raise CheckpointError(
                    f"'{large[0]}' of '{name}' on the Hugging Face Hub is too large to be a checkpoint's."
                )
        # The configuration first: another program's model of some gigabytes may have files of the same names.
        folder = Path(snapshot_download(allow_patterns=[CONFIG], **taken))
        with _called(folder, name):
            config = read_config(folder)
        if info is not None:
            room = sum(sizes.get(file, 0) for file in FILES if not (folder / file).exists())
            check_room(constants.HF_HUB_CACHE, room, f"The files of '{name}'", CheckpointError)
        folder = Path(snapshot_download(allow_patterns=list(FILES), **taken))
        with _called(folder, name):
            read_weights(folder, config)
    return folder


def upload(name: HubName, files: Mapping[str, Path | bytes], private: bool | None = None) -> str:
    """Uploads files (their content, or where they lie) as one commit; returns the repository's address, made if need be.

    private: whether a new repository is; the Hub's own habit if None. Raises CheckpointError with one sentence if the Hub refuses
    or cannot be reached, ConfigError if the package for it is missing.
    """
    with naming_extras():
        from huggingface_hub import CommitOperationAdd, HfApi

    api = HfApi()
    with _in_one_sentence("Nothing was uploaded", name):
        made = api.create_repo(name.repository, private=private, exist_ok=True)
        operations = [CommitOperationAdd(path, content) for path, content in files.items()]
        api.create_commit(name.repository, operations, commit_message="Upload a checkpoint", revision=name.revision)
    return str(made)


def _near(name: HubName) -> str:
    """Folders here that are called nearly so, for a sentence; "" if there is none."""
    here, wanted = map(Path, name.repository.split("/"))
    folders = [path.name for path in here.iterdir() if path.is_dir()] if here.is_dir() else []
    near = difflib.get_close_matches(str(wanted), folders, n=1)
    return f" (there is '{here / near[0]}')" if near else ""


def _bar() -> type[Any]:
    """The Hub's progress bar, on a terminal alone."""
    from huggingface_hub.utils import tqdm  # type: ignore[attr-defined]

    class Bar(tqdm):  # type: ignore[misc]
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **{**options, "disable": None})

    return Bar


def _listed(api: HfApi, name: HubName) -> Any:
    """What the Hub says of a repository, with its files' sizes; None if it cannot be reached."""
    from huggingface_hub.errors import HfHubHTTPError, HTTPError, OfflineModeIsEnabled  # type: ignore[attr-defined]

    try:
        return api.model_info(name.repository, revision=name.revision, files_metadata=True, timeout=_SECONDS)
    except HfHubHTTPError as error:
        if error.response.status_code < 500:
            raise
    except (HTTPError, OfflineModeIsEnabled, TimeoutError, ConnectionError):
        pass
    return None


@contextmanager
def _called(folder: Path, name: HubName) -> Iterator[None]:
    """Names a checkpoint in errors by its repository, where its folder is called like a commit."""
    try:
        yield
    except CheckpointError as error:
        raise CheckpointError(str(error).replace(f"'{folder.name}'", f"'{name}'")) from None


@contextmanager
def _in_one_sentence(what: str, name: HubName) -> Iterator[None]:
    """Makes whatever the Hub answers one sentence. what: begins it."""
    from huggingface_hub import errors, get_token

    repository, revision = name
    try:
        yield
    except errors.GatedRepoError:
        raise CheckpointError(
            f"{what}, and '{repository}' on the Hugging Face Hub is gated: accept its terms there, and {_LOG_IN}."
        ) from None
    except errors.RepositoryNotFoundError:
        who = "the account that is logged in may not see it" if get_token() else f"it is private ({_LOG_IN})"
        raise CheckpointError(
            f"{what}, and there is no model '{repository}' on the Hugging Face Hub, or {who}."
        ) from None
    except errors.RevisionNotFoundError:
        raise CheckpointError(
            f"{what}, and '{repository}' on the Hugging Face Hub has no revision '{revision}'."
        ) from None
    except errors.HfHubHTTPError as error:
        raise CheckpointError(f"{what}: {_refusal(error)}.") from None
    except errors.LocalEntryNotFoundError:
        raise CheckpointError(
            f"{what}, the Hugging Face Hub cannot be reached, and '{name}' was not fetched before."
        ) from None
    except (errors.HTTPError, errors.OfflineModeIsEnabled, TimeoutError, ConnectionError):  # type: ignore[attr-defined]
        raise CheckpointError(f"{what}, and the Hugging Face Hub cannot be reached.") from None
    except (errors.HFValidationError, OSError) as error:
        raise CheckpointError(f"{what}: {str(error).splitlines()[0].rstrip('.')}.") from None


def _refusal(error: Any) -> str:
    """What the Hub's status says, in words."""
    status = error.response.status_code
    if status == 401:
        return f"the Hugging Face Hub does not know who you are; {_LOG_IN}"
    if status == 403:
        return "the account that is logged in may not do this on the Hugging Face Hub"
    if status == 404:
        return "the Hugging Face Hub has no such file"
    if status == 429:
        return "the Hugging Face Hub asks for fewer requests; try again in some minutes"
    return f"the Hugging Face Hub answers with an error of its own ({status}); try again later"
