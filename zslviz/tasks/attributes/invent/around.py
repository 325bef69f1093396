"""What stands around a piece of a sentence: the part that a value belongs to, the class that it is compared with."""

from __future__ import annotations

from collections.abc import Sequence

from zslviz.tasks.attributes.invent.tokens import Piece

PLACES = ("above", "below", "underneath", "beneath")
"""Parts that follow what is said of them without a word between: "blue above"."""


class Around:
    """The pieces of a sentence, by where they stand."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.pieces = pieces

    def after(self, at: int) -> int | None:
        """The next piece that is not glue."""
        for i in range(at + 1, len(self.pieces)):
            if not self.glue(i):
                return i
        return None

    def glue(self, at: int) -> bool:
        entry = self.pieces[at].entry
        return (
            entry is not None
            and entry.glue
            and not (entry.roles or entry.classes or entry.value or entry.parts or entry.degree)
        )

    def part_ahead(self, at: int) -> bool:
        """Whether a part follows that the value here belongs to, with nothing between but values, degrees and "and"."""
        joined, value = False, self.pieces[at].entry
        for i in range(at + 1, len(self.pieces)):
            piece, entry = self.pieces[i], self.pieces[i].entry
            if entry is None:
                return False
            if piece.mark == "," or piece.mark:
                return False
            if self.is_part(i):
                return True
            if entry.value is not None or entry.degree is not None:
                continue
            if piece.does("and", "or") and not joined and value is not None:
                joined = True
                continue
            return False
        return False

    def mark_ahead(self, at: int) -> bool:
        """Whether a mark follows right away that a colour is one of: "a white eyebrow"."""
        entry = self.pieces[at + 1].entry if at + 1 < len(self.pieces) else None
        return entry is not None and entry.mark is not None

    def is_part(self, at: int) -> bool:
        entry = self.pieces[at].entry
        return entry is not None and bool(entry.parts) and (entry.value is None or entry.mark is not None)

    def or_ahead(self, at: int) -> bool:
        for i in range(at + 1, len(self.pieces)):
            piece = self.pieces[i]
            if piece.does("or"):
                return True
            if piece.does("and", "but", "with", "be", "no", "not", "like") or piece.mark == ".":
                return False
        return False

    def bare_ahead(self, at: int) -> bool:
        """Whether what comes next is a thing in a list, without a word that begins anew."""
        return (
            at + 1 < len(self.pieces) and (entry := self.pieces[at + 1].entry) is not None and entry.value is not None
        )

    def given_by(self, at: int, links: Sequence[str] = ("of", "like", "as")) -> tuple[int, int] | None:
        """The class in "body of a horse", "head like a moose", "white as a polar bear": (class, its piece)."""
        link = self.after(at)
        if link is None or not self.pieces[link].does(*links):
            return None
        named = self.after(link)
        entry = None if named is None else self.pieces[named].entry
        if named is None or entry is None or len(entry.classes) != 1:
            return None
        return entry.classes[0], named

    def names_part(self, at: int) -> bool:
        entry = self.pieces[at].entry
        return entry is not None and bool(entry.parts)

    def than(self, at: int) -> int | None:
        """The class after "than"."""
        link = self.after(at)
        if link is None or not self.pieces[link].does("than"):
            return None
        named = self.after(link)
        entry = None if named is None else self.pieces[named].entry
        return named if entry is not None and len(entry.classes) == 1 else None

    def on_a_part(self, at: int) -> tuple[str, ...] | None:
        """The parts in "white on the wings" after a value."""
        link = self.after(at)
        if link is not None and self.pieces[link].does("or", "and", "than"):  # "neither red nor yellow on its head"
            other = self.after(link)
            if other is not None and (entry := self.pieces[other].entry) is not None and entry.value is not None:
                return self.on_a_part(other)
        if link is not None and self.is_part(link) and self.pieces[link].text.casefold() in PLACES:
            beyond = self.after(link)
            return ("other",) if beyond is not None and self.is_part(beyond) else self.parts_at(link)  # "above the eye"
        if link is None or not self.pieces[link].does("on", "of"):
            return None
        place = self.after(link)
        if place is None or not self.is_part(place):
            return None
        other = self.after(place)  # "yellow from throat to belly"
        reaches = (
            other is not None
            and self.pieces[link].text.casefold() == "from"
            and self.pieces[other - 1].text.casefold() in ("to", "the", "its")
            and self.is_part(other)
        )
        return (*self.parts_at(place), *(self.parts_at(other) if reaches and other is not None else ()))

    def parts_at(self, at: int) -> tuple[str, ...]:
        entry = self.pieces[at].entry
        return () if entry is None else entry.parts

    def ends_a_list(self, at: int) -> bool:
        """Whether a part is one more of which the same is said: "a red crown, nape and throat"."""
        after = self.after(at)
        if after is None:
            return True
        entry = self.pieces[after].entry
        value = entry is not None and (entry.value is not None or entry.degree is not None)
        if self.pieces[after].does("not") or self.pieces[after].text.casefold() in ("that", "which", "whose"):
            return False
        return not value and not self.pieces[after].does("be")
