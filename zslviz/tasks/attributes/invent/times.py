"""So many times as much as a class has: "half as big as", "twice the size of"."""

from __future__ import annotations

from zslviz.tasks.attributes.invent.echoes import Echoes
from zslviz.tasks.attributes.invent.mention import Mention

TIMES = {
    "quarter": 0.25,
    "third": 1 / 3,
    "half": 0.5,
    "twice": 2.0,
    "double": 2.0,
    "thrice": 3.0,
    "triple": 3.0,
    "times": 3.0,
}
"""How many times as much a word before "as big as", or "the size of", says; "times" stands for any number before it."""


class Times(Echoes):
    """Reads what is so many times as much."""

    def _times(self, at: int) -> bool:
        """ "half the size of a cow", "twice its size"."""
        times = TIMES.get(self.pieces[at].text.casefold())
        big = self.vocabulary.value(self.vocabulary.lexicon.phrase("big"))
        texts = [piece.text.casefold() for piece in self.pieces[at + 1 : at + 4]]
        if times is None or big is None or texts[:1] not in (["the"], ["its"], ["their"]) or texts[1:2] != ["size"]:
            return False
        named = self.around.after(at + 3) if texts[2:] == ["of"] else None
        entry = None if named is None else self.pieces[named].entry
        reference = entry.classes[0] if entry is not None and len(entry.classes) == 1 else None
        end = at + 2 if reference is None or named is None else named
        self._compared(tuple(range(at, end + 1)), self.vocabulary.at(big), times, reference)
        return True

    def _compared(
        self, pieces: tuple[int, ...], attributes: tuple[int, ...], times: float, reference: int | None
    ) -> None:
        """So many times as much as a class has, or, of none, more or less than it would have else."""
        self._flush()
        sign, known = (1 if times > 1 else -1), reference is not None
        self._tell(
            Mention(
                "value",
                pieces,
                (),
                attributes,
                sign=sign,
                more=not known,
                reference=reference,
                equal=known,
                times=times,
            )
        )
        self.done |= set(pieces)
