"""A checkpoint shared with others on the Hugging Face Hub: its files, and a card that says under which terms."""

from __future__ import annotations

from pathlib import Path

import yaml

from zslviz.checkpoints.files import CARD, read_config, read_weights
from zslviz.checkpoints.hub import FILES, HubName, upload
from zslviz.checkpoints.listing import found_here
from zslviz.errors import CheckpointError, ConfigError
from zslviz.files import read_text
from zslviz.tasks.base.card import model_card
from zslviz.tasks.base.card_parts import LIBRARY, front_matter

_FENCE = "---\n"


def push(
    name_or_folder: str | Path, repository: str, *, licence: str | None = None, private: bool | None = None
) -> str:
    """Uploads a checkpoint to the Hugging Face Hub and returns its address there. It is verified first.

    repository: "user/name", or "user/name@branch". licence: an identifier as the Hub knows them ("cc-by-4.0"), for the card;
    the card's own if None. private: whether a new repository is. A checkpoint without a card gets one.

    Raises ConfigError for a name that cannot be one, CheckpointError for a damaged checkpoint or whatever the Hub refuses.
    """
    name = HubName.read(repository)
    if name is None:
        raise ConfigError(f"'{repository}' cannot be a name on the Hugging Face Hub; write it as 'user/repository'.")
    folder = found_here(name_or_folder)
    if folder is None:
        raise CheckpointError(f"'{name_or_folder}' is no folder here and no shipped model's name.")
    read_weights(folder, read_config(folder))
    files = {file: folder / file for file in FILES if (folder / file).exists()}
    return upload(name, {**files, CARD: shared_card(folder, licence).encode()}, private)


def shared_card(folder: Path, licence: str | None = None) -> str:
    """A checkpoint's card as it is shared: its own, or one that is written now, with the lines that the Hub reads."""
    text = read_text(folder / CARD, CheckpointError) if (folder / CARD).exists() else _card_of(folder)
    head, body = _parted(text)
    head = {**({"license": licence} if licence else {}), "library_name": LIBRARY, "tags": [LIBRARY], **head}
    head |= {"license": licence} if licence else {}
    return f"{_FENCE}{yaml.safe_dump(head, sort_keys=False, allow_unicode=True)}{_FENCE}{body}"


def _card_of(folder: Path) -> str:
    """The card that its own files make, or a title alone where they tell no figures."""
    try:
        return model_card(folder)
    except (KeyError, TypeError, ValueError, OSError):
        config = read_config(folder)
        return f"{front_matter(config)}\n# {config['name']}: {config['title']}\n"


def _parted(card: str) -> tuple[dict[str, object], str]:
    """The lines that hubs read, and the text after them."""
    if not card.startswith(_FENCE):
        return {}, card
    lines, _, body = card.removeprefix(_FENCE).partition(f"\n{_FENCE}")
    try:
        head = yaml.safe_load(lines)
    except yaml.YAMLError:
        head = None
    if not isinstance(head, dict):
        raise CheckpointError(f"The first lines of '{CARD}', between '---', are not YAML; mend or remove them.")
    return head, body
