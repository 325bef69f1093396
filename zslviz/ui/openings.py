"""Explanations of the shipped examples that need no network: their bundles, as `python -m tools.examples` has written them.

A bundle is shown where it tells what the checkpoint that is here would compute: `INDEX` keeps the digest of the configuration
(which has that of the weights) of the checkpoint that wrote it. No torch: a page opens with them before it is there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from zslviz.catalogue import TASKS, Task
from zslviz.errors import ConfigError
from zslviz.files import read_json
from zslviz.files.typed import typed
from zslviz.runtime.places import bundles_folder
from zslviz.ui.served import Served, zipped

INDEX = "index.json"
MODEL_PART = "model.zslviz"
MEDIA_TYPE = "application/octet-stream"
_CONFIG, _DIGEST = "config.json", "config_sha256"
_SHORT = 16  # characters of a digest in an address


@dataclass(frozen=True)
class ToldOfModel:
    """What `INDEX` tells of a model whose examples have bundles.

    config_sha256: of its checkpoint. photos: what lists of examples tell of each, by the stem of its file (`Tab.example_facts`).
    """

    title: str
    task: str
    data: str
    config_sha256: str
    photos: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Baked:
    """A photo's bundle. model: who explains it. digest: of the model's part. address: of the photo's part, on the page.

    facts: what lists of examples tell of it.
    """

    model: str
    told: ToldOfModel
    digest: str
    address: str
    facts: Mapping[str, Any]


class BakedBundles:
    """folder: of the bundles, the shipped ones if None. checkpoints: where the checkpoints lie that are to have written them."""

    def __init__(self, checkpoints: Path, folder: Path | None = None) -> None:
        self._checkpoints = checkpoints
        self._folder = folder or bundles_folder()

    @cached_property
    def models(self) -> dict[str, ToldOfModel]:
        """The models with bundles of the checkpoint that is here, by name; none where no index can be read."""
        try:
            told = read_json(self._folder / INDEX, ConfigError)
            listed = {name: typed(ToldOfModel, each, "the index of bundles") for name, each in told.items()}
        except (ConfigError, AttributeError):
            return {}
        return {name: each for name, each in listed.items() if each.task in TASKS and self._is_of(name, each)}

    def system_of(self, name: str) -> str:
        """The system of a model by name; "" of one that cannot be read."""
        return str(self._config(name).get("system", ""))

    def _config(self, name: str) -> dict[str, Any]:
        try:
            return read_json(self._checkpoints / name / _CONFIG, ConfigError)
        except ConfigError:
            return {}

    def _is_of(self, name: str, told: ToldOfModel) -> bool:
        config = self._config(name)
        return bool(config.get(_DIGEST) == told.config_sha256) and (self._folder / name / MODEL_PART).is_file()

    @cached_property
    def _digests(self) -> dict[str, str]:
        return {name: _sha256(self._folder / name / MODEL_PART) for name in self.models}

    def of(self, photo: Path, task: Task) -> Baked | None:
        """The bundle of an example by its file; None if it has none."""
        for name, told in self.models.items():
            file = self._folder / name / f"{photo.stem}.zslviz"
            if told.task == task and photo.stem in told.photos and file.is_file():
                address = f"baked/{_sha256(file)[:_SHORT]}/{name}/{photo.stem}"
                return Baked(name, told, self._digests[name], address, told.photos[photo.stem])
        return None

    # -- as they are fetched ----------------------------------------------------------------------------------------

    def model_part(self, digest: str) -> Served | None:
        """A model's part by its digest."""
        name = next((name for name, known in self._digests.items() if known == digest), None)
        return None if name is None else _served(self._folder / name / MODEL_PART)

    def photo_part(self, address: str) -> Served | None:
        """A photo's part by DIGEST/MODEL/PHOTO."""
        digest, _, name = address.partition("/")
        model, _, stem = name.partition("/")
        if model not in self.models or stem not in self.models[model].photos:
            return None
        file = self._folder / model / f"{stem}.zslviz"
        return _served(file) if file.is_file() and _sha256(file)[:_SHORT] == digest else None


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _served(file: Path) -> Served:
    return Served(zipped(file.read_bytes()), MEDIA_TYPE, public=True)
