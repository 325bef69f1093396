"""What a word means where it stands: how much, what is set against another, or nothing of the creature."""

from __future__ import annotations

from zslviz.tasks.attributes.invent.around import PLACES
from zslviz.tasks.attributes.invent.parts import Parts
from zslviz.tasks.attributes.invent.vocabulary import Value


class Meanings(Parts):
    """Tells the meanings of words apart."""

    def _is_degree(self, at: int) -> bool:
        """Whether a word that may be both a degree and a value ("big", "dark") says how much of what follows."""
        piece, entry = self.pieces[at], self.pieces[at].entry
        assert entry is not None
        if entry.value is None:
            return True
        after = at + 1
        if piece.compared or after >= len(self.pieces):
            return False
        follows = self.pieces[after].entry
        if entry.value.color:
            return follows is not None and follows.value is not None and follows.value.color
        if follows is not None and follows.value is not None:
            several = self.text(after).endswith("s") and not self.text(after).endswith("ss")  # "in big herds"
            if follows.value.noun or (several and not self.vocabulary.has_parts):
                return True
        if self.vocabulary.has_parts:
            return False
        return self.state.owns and (follows is None or bool(follows.parts))

    def _is_strange(self, value: Value) -> bool:
        """Whether a value is one that other parts than the one that is spoken of have, and this one has not: "neck long"."""
        facets = [self.vocabulary.facets[a] for a in value.attributes]
        of_parts = self.vocabulary.is_of_parts(value) and all(f.sort in ("pattern", "shape", "length") for f in facets)
        return (
            self.vocabulary.has_parts
            and of_parts
            and not self.vocabulary.at(value, (*self.state.parts, *self._smaller(value)))
        )

    def _of_a_mark(self, at: int) -> tuple[str, ...]:
        """The parts whose colour a mark before a colour has, where the clause speaks of it: "its cap black"."""
        before = self.pieces[at - 1].entry if at else None
        if before is None or before.mark is None or not self._ends(at + 1):
            return ()
        begun = all(self.around.glue(i) for i in range(self.state.since, at - 1))
        return (before.mark or ("other",)) if begun else ()

    def _smaller(self, value: Value) -> tuple[str, ...]:
        """The smaller parts of the part that is spoken of, where it has no such value itself: "underparts free of streaks"."""
        return () if value.color else self.vocabulary.lexicon.within(self.state.parts)

    def _is_within(self, at: int) -> bool:
        """Whether "above" or "below" behind a value is a place of the part that a colon stands after."""
        state = self.state
        place = at + 1 < len(self.pieces) and self.text(at + 1) in PLACES
        if not place or state.part_at is None:
            return False
        between = range(state.part_at + 1, at)  # "bill black above and yellow below"
        near = all(
            self._tells(i) or self.around.glue(i) or self.pieces[i].does("be", "and") or self.text(i) in PLACES
            for i in between
        )
        return self.pieces[state.part_at + 1].mark == ":" or near

    def _is_scarcely(self, at: int) -> bool:
        """Whether "little" means hardly any: "with little hair", "very little white"; not "little horns", "a little white bird"."""
        piece, before = self.pieces[at], self.text(at - 1) if at else ""
        began = at == self.state.since and at + 2 < len(self.pieces) and self.pieces[at + 2].does("on")
        if not piece.does("little") or (
            not began
            and before
            not in (
                "with",
                "has",
                "have",
                "having",
                "very",
                "shows",
                "showing",
                "so",
                "too",
            )
        ):
            return False
        entry = self.pieces[at + 1].entry if at + 1 < len(self.pieces) else None
        if entry is None or entry.value is None:
            return False
        beyond = at + 2 < len(self.pieces) and self.pieces[at + 2].does("body")
        several = self.text(at + 1).endswith("s")
        return not several and not beyond and not self.around.part_ahead(at + 1)

    def _is_no_mention(self, at: int, value: Value) -> bool:
        """Whether a word means something else here: "fits in your hand", "herds sheep", "it's no fish"."""
        before = self.text(at - 1) if at else ""
        follows = self.pieces[at + 1].entry if at + 1 < len(self.pieces) else None
        groups = {self.vocabulary.space.groups[a] for a in value.attributes}
        if self.text(at) in ("strip", "hunted") or self._leaves(at):  # verbs, of it or of what others do to it
            return True
        behind = self.text(at + 1) if at + 1 < len(self.pieces) else ""
        if self.text(at).startswith("smell") and behind in ("of", "like"):  # "it smells of roses"
            return True
        if (self.text(at) == "fight" and before in ("a", "the")) or (
            self.text(at) == "alone" and self._closes_a_diet(at)
        ):
            return True  # "in a fight", "on plankton alone"
        names = {self.vocabulary.space.attribute_names[a] for a in value.attributes}
        if (
            names <= {"big", "small"}
            and follows is not None
            and not self.vocabulary.has_parts
            and set(follows.parts) & {"other", "eye"}
        ):
            return True  # "big ears"
        if self.text(at) in ("hand", "hands") and before in ("your", "my", "one's", "our", "a"):
            return True
        if self.text(at) in ("herds", "herding") and follows is not None and follows.classes:
            self.done.add(at + 1)
            return True
        likened = at > 1 and self.pieces[at - 2].does("like")
        if (
            groups == {"shape"}
            and before in ("a", "an")
            and self.state.denied
            and self._is_kind_of_bird(at)
            and not likened
        ):
            return True  # "not a duck" may still be shaped like one
        link = next((i for i in range(at - 1, -1, -1) if self.text(i) not in ("a", "an", "no", "the")), None)
        if link is None:
            return False
        if groups == {"shape"} and before in ("a", "an") and self.text(link) == "of" and self._is_kind_of_bird(at):
            return True  # "the wings of a gull"
        if groups == {"shape"} and link and self.pieces[link].does("like"):  # "a tail like a swallow's"
            return self.around.is_part(link - 1) and self.text(link - 1) not in ("shape", "shaped", "built", "sized")
        named = link < at - 1 and (self.pieces[link].does("be") or self.pieces[link].mark == "'s")
        kind = self.text(at) in ("fish", "insect", "plant", "bird")
        called = before in ("a", "an") and (
            at == 1 or self.pieces[at - 2].does("be", "not", "no") or bool(self.pieces[at - 2].mark)
        )
        return (named or called) and kind and groups == {"food"}

    def _closes_a_diet(self, at: int) -> bool:
        entry = self.pieces[at - 1].entry if at else None
        fed = entry is not None and entry.value is not None
        return fed and {self.vocabulary.space.groups[a] for a in entry.value.attributes} == {"food"}  # type: ignore[union-attr]

    def _is_kind_of_bird(self, at: int) -> bool:
        """Whether a shape is only the name of a kind of birds: "gull", not "gull-like"."""
        after = at + 1 < len(self.pieces) and self.text(at + 1) in ("bird", "like", "shape", "shaped")
        return not after and " " not in self.text(at) and "-" not in self.text(at)

    def _is_said_of_thing(self, at: int, value: Value) -> bool:
        """Whether a size is one of a thing that it has, and not of the whole body: "its paws are huge"."""
        names = {self.vocabulary.space.attribute_names[a] for a in value.attributes}
        be = at - 1
        while be > 0 and (entry := self.pieces[be].entry) is not None and entry.degree is not None:
            be -= 1
        if (
            self.vocabulary.has_parts
            or not names <= {"big", "small", "hairless"}
            or be < 1
            or not self.pieces[be].does("be")
        ):
            return False
        entry = self.pieces[be - 1].entry
        return entry is not None and entry.value is not None and entry.value.noun

    def _one_of(self, at: int) -> tuple[str, ...]:
        """The part that "one" stands for in "not a forked tail but a rounded one"; () if none was spoken of."""
        value = self.pieces[at].entry.value  # type: ignore[union-attr]  # asked for values alone
        assert value is not None
        facets = self.vocabulary.facets
        told = {facets[a].part for one in self.found[-1:] for a in one.attributes if facets[a].part}
        if value.color:
            return self.state.told_of
        return tuple(part.replace(" ", "-") for part in sorted(told) if self.vocabulary.at(value, (part,)))

    def _is_one(self, at: int) -> bool:
        return at + 1 < len(self.pieces) and self.text(at + 1) in ("one", "ones")

    def _is_shade(self, at: int) -> bool:
        """Whether a colour is only set against another: "darker on the crown", "redder than the back"."""
        piece, link = self.pieces[at], self.around.after(at)
        if not piece.compared or piece.entry is None or piece.entry.value is None or not piece.entry.value.color:
            return False
        than = link is not None and self.pieces[link].does("than") and self.around.than(at) is None
        return piece.entry.degree is not None or than or self.text(at).startswith(("dark", "light", "pale"))

    def _is_of_pattern(self, at: int) -> bool:
        """Whether a colour is one of marks that follow: "white bars", "black and white stripes"."""
        for i in range(at + 1, len(self.pieces)):
            piece, entry = self.pieces[i], self.pieces[i].entry
            value = None if entry is None else entry.value
            if value is not None and not value.color:
                patterns = all(self.vocabulary.facets[a].sort == "pattern" for a in value.attributes)
                return patterns and value.noun and not piece.text.casefold().endswith(("ed", "y"))
            if value is None and not piece.does("and"):
                return False
        return False
