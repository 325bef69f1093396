"""What the shell shows of edits over the whole test set."""

from __future__ import annotations

from collections.abc import Iterator

from zslviz.tasks.attributes.whole_set.edited import Retest
from zslviz.tasks.attributes.whole_set.told import CAUTION
from zslviz.tasks.base.card_parts import percent

_FIGURES = ("t1", "u", "s", "h")


def retest_lines(name: str, found: Retest, names: tuple[str, ...]) -> Iterator[str]:
    """name: of the model; names: of the classes, new ones included."""
    yield f"{name}: {found.photos} test photos, gamma {_change(*found.gamma, form='.2f')}"
    yield "  ".join(f"{key.upper()} {percent(found.before[key])} -> {percent(found.after[key])}" for key in _FIGURES)
    yield found.sentence.text
    if found.classes:
        yield "\n  photos  found          called so      class"
    for one in found.classes:
        yield f"  {one.photos:6d}  {_change(*one.right):13s}  {_change(*one.called):13s}  {names[one.index]}"
    if found.moves:
        yield "\n  photos  right before  right now  from -> to"
    for move in found.moves:
        pair = f"{names[move.source]} -> {names[move.target]}"
        yield f"  {move.photos:6d}  {move.lost:12d}  {move.won:9d}  {pair}"
    yield f"\n{CAUTION}"


def _change(before: float, after: float, form: str = "d") -> str:
    return f"{before:{form}} -> {after:{form}}" if before != after else f"{before:{form}}"
