"""What it would take, as an answer: ways, each with its edits and a sentence, the near miss, and who is in the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal, get_args

from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.base.wording import Part, Sentence, counted, listed

Side = Literal["photo", "description"]
Character = Literal["fewest", "least", "gentlest", "squares", "natural"]
By = Literal["attributes", "parts"]
SIDES, CHARACTERS, BY = get_args(Side), get_args(Character), get_args(By)
_NAMED = 5  # changes in a sentence
_NAMED_OF_MANY = 3
Pieces = list[Part | str]


@dataclass(frozen=True)
class Edit:
    """One value that changes. along: whether it only follows another of its exclusive group. step: of which change it is, from 0
    on: an attribute with what follows it, or a part.
    """

    attribute: int
    before: float
    value: float
    along: bool = False
    step: int = 0


@dataclass(frozen=True)
class Way:
    """Edits after which the class is first. number: 1 for the first way. count: the changes that count, each a part or attribute.

    groups: the parts that change, where parts are asked for. proved: that nothing smaller does it (of a further way: nothing
    smaller that is another one). lead_before, lead: of the class over the best other one. leads: the same when one change after
    the other is made, before all of them first; of many changes the first and the last alone. rank: after the edits.
    """

    number: int
    edits: tuple[Edit, ...]
    count: int
    groups: tuple[str, ...]
    proved: bool
    lead_before: float
    lead: float
    leads: tuple[float, ...]
    rank: int
    sentence: Sentence


@dataclass(frozen=True)
class NearMiss:
    """The strongest single change, which does not do it. share: how much of the way it gets. proved: that none does it."""

    edits: tuple[Edit, ...]
    group: str | None
    share: float
    proved: bool
    sentence: Sentence


@dataclass(frozen=True)
class Answer:
    """What it would take for the class at `target` to be first.

    rank: now. ways: none if it is first already, or if nothing was found; then `blocking` is a rival that stays ahead, and
    `impossible` says whether it is proved that nothing within the limits does it. handicap: the gamma that alone would do it, if
    one does.
    """

    target: int
    side: Side
    character: Character
    by: By
    rank: int
    ways: tuple[Way, ...]
    near_miss: NearMiss | None
    blocking: int | None
    impossible: bool
    handicap: float | None
    sentence: Sentence

    def to_dict(self, space: SemanticSpace) -> dict[str, Any]:
        """Plain values, with names as the data set has them; sentences as text."""
        return {
            "class": space.classes[self.target],
            "name": space.class_names[self.target],
            "side": self.side,
            "character": self.character,
            "by": self.by,
            "rank": self.rank,
            "sentence": self.sentence.text,
            "ways": [
                {**asdict(way), "edits": _edits(way.edits, space), "sentence": way.sentence.text} for way in self.ways
            ],
            "near_miss": self.near_miss
            and {
                **asdict(self.near_miss),
                "edits": _edits(self.near_miss.edits, space),
                "sentence": self.near_miss.sentence.text,
            },
            "blocking": None if self.blocking is None else space.classes[self.blocking],
            "impossible": self.impossible,
            "handicap": self.handicap,
        }


def _edits(edits: Sequence[Edit], space: SemanticSpace) -> list[dict[str, Any]]:
    return [
        {
            "attribute": space.attributes[edit.attribute],
            "name": space.attribute_names[edit.attribute],
            "before": edit.before,
            "value": edit.value,
            "along": edit.along,
            "step": edit.step,
        }
        for edit in edits
    ]


class Told:
    """The sentences of one question. Never "if the animal had": what a thing is like is not asked here."""

    def __init__(self, space: SemanticSpace, target: int, side: Side, by: By) -> None:
        self.space, self.side, self.by = space, side, by
        self.target = Part("class", space.class_names[target], target)

    def way(self, edits: Sequence[Edit], groups: Sequence[str]) -> Sentence:
        """If the model had seen this, or if the class were described so, it would be first."""
        if self.side == "photo":
            pieces = ["if the model had seen ", *self._what(edits, groups), ", ", self.target, " would be first."]
        else:
            pieces = ["if ", self.target, " were described with ", *self._what(edits, groups), ", it would be first."]
        return Sentence.of(pieces)

    def near(self, edits: Sequence[Edit], group: str | None, share: float, proved: bool) -> Sentence:
        """How far the strongest single change gets."""
        per_cent = f"{int(100 * share)} %"
        begins = (
            "no single change can do it: the strongest, "
            if proved
            else "no single change was found to do it: the strongest, "
        )
        return Sentence.of(
            [begins, *self._what(edits, [] if group is None else [group]), f", gets {per_cent} of the way."]
        )

    def nothing(self, rival: int, impossible: bool, kept: bool = False) -> Sentence:
        """That no way was found, and who stays ahead.

        kept: whether somebody wants some attributes kept as they are or within ends.
        """
        other = Part("class", self.space.class_names[rival], rival)
        within = "within what classes have and with what is to be kept" if kept else "within what classes have"
        if not impossible:
            begins = "no way was found to make "
        elif self.by == "parts":
            begins = f"no parts{', with what is to be kept,' if kept else ''} would make "
        elif self.side == "photo":
            begins = f"nothing that the model could have seen, {within}, would make "
        else:
            begins = f"no description, {within}, would make "
        return Sentence.of([begins, self.target, " first: ", other, " stays ahead."])

    def first_already(self) -> Sentence:
        """That nothing is needed."""
        return Sentence.of([self.target, " is first already."])

    def _what(self, edits: Sequence[Edit], groups: Sequence[str]) -> Pieces:
        if self.by == "parts":
            as_is = (
                (" as ", self.target, " is described")
                if self.side == "photo"
                else (" as the model saw it in the photo",)
            )
            return [*listed([[f"{group}"] for group in groups]), *as_is]
        own = [edit for edit in edits if not edit.along]
        shown = own if len(own) <= _NAMED else own[:_NAMED_OF_MANY]
        items = [list(self._edit(edit)) for edit in shown]
        if len(own) > len(shown):
            items.append([counted(len(own) - len(shown), "other value")])
        pieces = listed(items)
        if len(own) < len(edits):
            pieces.append(
                " (and less of the others of that group)"
                if len(own) == 1
                else " (and less of the others of such groups)"
            )
        return pieces

    def _edit(self, edit: Edit) -> Iterator[Part | str]:
        yield Part("attribute", self.space.attribute_names[edit.attribute], edit.attribute)
        yield " at "
        yield value_part(edit.value)


def value_part(value: float) -> Part:
    """A value with two decimals, halves away from zero, without zeros that say nothing: "0.2", "0.95", "1", "-0.1"."""
    size = Decimal(abs(value)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    text = f"{size:.2f}".rstrip("0").rstrip(".")
    return Part("number", f"-{text}" if value < 0 and text != "0" else text, None, value)
