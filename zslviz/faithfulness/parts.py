"""Attribute groups that speak of the same parts, under one name: bill shape, bill length and bill colour are "bill"."""

from __future__ import annotations

from collections.abc import Mapping


def names_of_parts(groups: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """For every group of attributes the name that it shares with all groups of the same parts. groups: parts by group.

    The name is what the groups' names have in common. A group that is alone with its parts is called by its name without the
    last word, which says what of them is described ("crown color"); groups without a word in common, or with one that other parts
    have as well, by their parts.
    """
    together: dict[frozenset[str], list[str]] = {}
    for group, parts in groups.items():
        together.setdefault(frozenset(parts), []).append(group)
    found = [_in_common(members) for members in together.values()]
    return {
        group: name if name and found.count(name) == 1 else ", ".join(sorted(groups[group]))
        for name, members in zip(found, together.values(), strict=True)
        for group in members
    }


def _in_common(groups: list[str]) -> str:
    words = [group.split() for group in groups]
    common = [word for word in words[0] if all(word in others for others in words)]
    if len(groups) == 1 and len(common) > 1:
        common.pop()
    return " ".join(common)
