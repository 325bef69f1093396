"""Who made the photos that come with the package, and under which licence each is passed on: assets/CREDITS.md, read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from zslviz.runtime.places import examples_folder

FILE = "CREDITS.md"
_LICENCES = {
    "CC0 1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "CC BY-SA 4.0": "https://creativecommons.org/licenses/by-sa/4.0/",
    "CC BY-SA 2.5": "https://creativecommons.org/licenses/by-sa/2.5/",
    "CC BY-SA": "https://creativecommons.org/licenses/by-sa/3.0/",  # CREDITS.md says of it: without a version
    "CC BY 4.0": "https://creativecommons.org/licenses/by/4.0/",
    "GPL, version 2 or later": "https://www.gnu.org/licenses/old-licenses/gpl-2.0.html",
}


@dataclass(frozen=True)
class Credit:
    """shows: what is in the picture. changes: what was done to it. licence_link, source: addresses, "" where there is none."""

    shows: str
    author: str
    licence: str
    licence_link: str
    changes: str
    source: str

    def __str__(self) -> str:
        """Author and licence."""
        return f"{self.author}, {self.licence}"


@cache
def read_credits(folder: Path | None = None) -> Mapping[str, Credit]:
    """The credits by file, relative to the folder of assets (the shipped one if None); none where there is no list."""
    listing = (folder or examples_folder().parent) / FILE
    if not listing.is_file():
        return {}
    found = {}
    for line in listing.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("| `") or len(cells) != 6:
            continue
        files, shows, author, licence, changes, source = cells
        name = licence.partition(" (`")[0]
        address = re.search(r"<(https?://[^>]+)>", source)
        credit = Credit(
            _plain(shows), _plain(author), name, _LICENCES.get(name, ""), _plain(changes), address[1] if address else ""
        )
        place = ""
        for file in re.findall(r"`([^`]+)`", files):
            place = file.rpartition("/")[0] or place  # of several files the first one names the folder
            found[f"{place}/{file.rpartition('/')[2]}"] = credit
    return found


def credit_of(photo: Path) -> Credit | None:
    """Of a photo that lies among the shipped ones; None of any other."""
    folder = examples_folder().parent
    return read_credits(folder).get(photo.relative_to(folder).as_posix()) if photo.is_relative_to(folder) else None


def _plain(text: str) -> str:
    """Without the marks of Markdown."""
    return re.sub(r"[*`]", "", text)
