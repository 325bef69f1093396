"""What can go wrong for a person, each said in one sentence that tells what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

_LONGEST = 200  # letters of a name that a sentence repeats
_FEW = 16  # names that can all be told where none is like the one that was given


class ZslvizError(Exception):
    """Base of every error meant for people: `str(error)` is one clear sentence, fit for a page or a shell."""


class ImageError(ZslvizError):
    """A photo cannot be used: not a picture, damaged, too large or too small."""


class TableError(ZslvizError):
    """A class-attribute table (CSV) has a wrong shape, a missing column or a value that is not a number."""


class CheckpointError(ZslvizError):
    """A checkpoint folder is incomplete, damaged, or belongs to another model."""


class DataError(ZslvizError):
    """A data set's folder is not laid out as its reader expects."""


class ConfigError(ZslvizError):
    """A setting or recipe has a value that cannot work."""


class UnknownNameError(ZslvizError):
    """A name (model, class, attribute, backbone, data set) that does not exist."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        self.kind, self.name = kind, name
        self.suggestions = nearest_names(name[:_LONGEST], known, few=_FEW)
        shown = name if len(name) <= _LONGEST else f"{name[:_LONGEST]}..."
        hint = f"did you mean {either(self.suggestions)}?" if self.suggestions else "there is nothing like it."
        super().__init__(f"There is no {kind} called '{shown}': {hint}")


def listed(names: Sequence[str], limit: int = 10) -> str:
    """The names in quotes, counted after the first `limit`; "none" of none."""
    shown = ", ".join(f"'{name}'" for name in names[:limit]) or "none"
    return f"{shown} and {len(names) - limit} more" if len(names) > limit else shown


def nearest_names(name: str, known: Iterable[str], limit: int = 3, few: int = 8) -> list[str]:
    """The known names most like `name`, best first; substrings count as near, so that 'stripes' finds 'has stripes'.

    few: where none is like it, all names are given if there are no more than these.
    """
    names = list(dict.fromkeys(known))
    folded = {n: n.casefold() for n in names}
    wanted = name.casefold().strip()
    close = difflib.get_close_matches(wanted, list(folded.values()), n=limit, cutoff=0.55)
    by_likeness = [n for c in close for n in names if folded[n] == c]
    containing = [n for n in names if wanted and (wanted in folded[n])]
    if not by_likeness and not containing and names:
        words = {w for w in wanted.replace(":", " ").split() if len(w) > 2}
        containing = [n for n in names if words & set(folded[n].replace(":", " ").split())]
    if not by_likeness and not containing and len(names) <= few:
        return names
    return list(dict.fromkeys([*by_likeness, *containing]))[:limit]


def either(names: Sequence[str]) -> str:
    """The names in quotes, the last after "or": "'a', 'b' or 'c'"."""
    quoted = [f"'{n}'" for n in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
