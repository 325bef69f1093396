"""What only seems so, is said, expected or supposed: "you'd think it has horns, but it doesn't", "red if it had a crest".

What a whole sentence was found to say is looked through once more, clause by clause. What is taken back behind it is turned, or,
where more than one thing was told, not told at all; what seems to be and is then set against what is, is not told either.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from zslviz.tasks.attributes.invent import cues
from zslviz.tasks.attributes.invent.mention import Mention, without
from zslviz.tasks.attributes.invent.tokens import Piece

_ENDS = (".", ";", "?", "!", "")
_OPENS = ("but", "yet", "though", "although", "whereas", "while")


@dataclass(frozen=True)
class _Clause:
    """Pieces from begin to end. stop: the mark, or the word, that parts it from the next."""

    begin: int
    end: int
    stop: str
    text: str


def sifted(pieces: Sequence[Piece], found: Sequence[Mention]) -> list[Mention]:
    """The mentions without what only seems so, and with what is taken back turned round."""
    clauses = _clauses(pieces)
    told = _without_these(clauses, found)
    for place, clause in enumerate(clauses):
        own = [one for one in told if one.kind == "value" and clause.begin <= min(one.pieces) < clause.end]
        if not own:
            continue
        after = clauses[place + 1] if place + 1 < len(clauses) else None
        if _is_contrary(clauses, place, own):
            told = _turned(told, own)
        elif _is_not_so(clauses, place, own):
            told = without(told, own)
        elif anew := _anew(pieces, clause):
            told = without(told, [one for one in own if max(one.pieces) < anew])
        elif after is not None:
            behind = [one for one in told if after.begin <= min(one.pieces) < after.end]
            told = _set_against(told, own, clause, after, behind)
    return told


def _is_contrary(clauses: Sequence[_Clause], place: int, own: Sequence[Mention]) -> bool:
    """Whether a clause, or the answer to it, says that it is the other way round."""
    clause, after = clauses[place], clauses[place + 1] if place + 1 < len(clauses) else None
    if cues.TRACELESS.search(clause.text) or cues.WRONG.search(clause.text):
        return True
    if cues.IN_VAIN.search(clause.text) and all(one.sign > 0 for one in own):
        return True
    if after is None or _is_turned(own, after):
        return False
    if clause.stop == "?" and cues.ASKED_NO.match(clause.text) and after.text in cues.IS_WRONG:
        return True
    if clause.stop == "?" and cues.ANSWERED_NO.fullmatch(after.text):
        return True
    if own[-1].sign < 0 and cues.SEEMS.search(clause.text) and cues.CONFIRMED.fullmatch(after.text):
        return True
    resumed = _resumed(clauses, place) if len(own) == 1 else None
    return resumed is not None and not _is_turned(own, resumed)


def _is_not_so(clauses: Sequence[_Clause], place: int, own: Sequence[Mention]) -> bool:
    """Whether a clause tells what was, is asked, is wished for or supposed."""
    clause = clauses[place]
    repainted = len(own) > 1 and cues.REPAINTED.search(clause.text)
    wanted = (
        repainted or cues.WANTS.match(clause.text) or cues.CLEFT.match(clause.text) or cues.YOUTH.search(clause.text)
    )
    return bool(wanted) or _is_asked(clause) or _is_supposed(clauses, place)


def _set_against(
    told: list[Mention], own: Sequence[Mention], clause: _Clause, after: _Clause, behind: Sequence[Mention]
) -> list[Mention]:
    """The mentions, without those of a clause that the next one, which tells `behind`, takes back or sets against what is so."""
    expected = is_expected(clause.text)
    if expected or cues.SAID.search(clause.text) or cues.SEEMS.search(clause.text):
        if not behind and cues.TAKEN_BACK.fullmatch(after.text) and not _is_turned(own, after):
            return _turned(told, own)
        return without(told, own) if expected or (behind and _is_set_against(clause, after)) else told
    return without(told, own) if not behind and _of_an_age(clause) and _of_an_age(after) else told


def _without_these(clauses: Sequence[_Clause], found: Sequence[Mention]) -> list[Mention]:
    """The mentions, those of a list denied of which the sentence says that it is none: "eyebrow, crest: it has none of these"."""
    told = list(found)
    for place, clause in enumerate(clauses):
        if not cues.NONE_OF_THESE.search(clause.text):
            continue
        ahead = clause.stop == ":"
        last = next((i for i in range(place - 1, -1, -1) if clauses[i].stop in _ENDS), -1)
        end = next((i for i in range(place + 1, len(clauses)) if clauses[i].stop in _ENDS), len(clauses) - 1)
        listed = clauses[place + 1 : end + 1] if ahead else clauses[last + 1 : place]
        inside = [one for one in told if any(some.begin <= min(one.pieces) < some.end for some in listed)]
        told = [replace(one, sign=-1) if any(one is other for other in inside) else one for one in told]
    return told


def is_expected(text: str) -> bool:
    """Whether a text, in small letters, says that somebody expects what it tells."""
    return bool(cues.EXPECTED.search(text))


def _clauses(pieces: Sequence[Piece]) -> list[_Clause]:
    def clause(begin: int, end: int, stop: str) -> _Clause:
        text = " ".join(one.text for one in pieces[begin:end]).casefold().replace("’", "'").replace(" 's", "'s")
        return _Clause(begin, end, stop, text)

    found, begin = [], 0
    for at, piece in enumerate(pieces):
        if piece.ends_clause or (at > begin and piece.text.casefold() in _OPENS):
            if at > begin:
                found.append(clause(begin, at, piece.text if piece.ends_clause else "but"))
            begin = at + 1 if piece.ends_clause else at
    return [*found, clause(begin, len(pieces), "")] if begin < len(pieces) else found


def _is_set_against(clause: _Clause, after: _Clause) -> bool:
    """Whether the clause behind tells what is so in its place."""
    first = clause.text.startswith(("though", "although", "while"))
    against = after.text.startswith(("but", "yet", "however"))
    return first or (
        against and (bool(cues.IN_FACT.search(after.text)) or bool(re.search(r"\b(may|might) ", clause.text)))
    )


def _is_asked(clause: _Clause) -> bool:
    """ "Who said it was slow?": it is not. "Isn't it slow?": perhaps."""
    return clause.stop == "?" and (clause.text.startswith(cues.ASKED) or bool(cues.ASKED_BACK.match(clause.text)))


def _is_supposed(clauses: Sequence[_Clause], place: int) -> bool:
    """Whether a clause supposes what is not so: "if it had a crest it would be a cardinal", "were its head not blue"."""
    text = clauses[place].text
    before = clauses[place - 1].text if place else ""
    if "were it not for" in text:
        return False
    would = r"(would|'d|could|might)"
    if re.search(r"\bif (it|they|only|its|their|this|you)\b.*\b(had|were|was)\b", text) and re.search(
        would, f"{before} {text}"
    ):
        return True
    after = clauses[place + 1].text if place + 1 < len(clauses) else ""
    if re.match(r"if (it|they|its|their|this)\b.*\b(had|were|was)\b", text) and re.search(would, after):
        return True
    return bool(re.search(would, text) and re.search(r"\b(were|had) (it|its|they|their)\b", text))


def _of_an_age(clause: _Clause) -> bool:
    return any(word in cues.AGES for word in clause.text.split()[:3])


def _is_turned(own: Sequence[Mention], after: _Clause) -> bool:
    return any(after.begin <= at < after.end for one in own for at in one.pieces)


def _turned(told: Sequence[Mention], own: Sequence[Mention]) -> list[Mention]:
    """With one mention turned round; without them if there are more, for nobody knows which is meant."""
    if len(own) != 1:
        return without(told, own)
    return [replace(one, sign=-one.sign) if one is own[0] else one for one in told]


def _anew(pieces: Sequence[Piece], clause: _Clause) -> int | None:
    """Where a clause that began with what seems so goes on, without a comma, with what is: "though it looks fierce it is timid"."""
    if not clause.text.startswith(("though", "although", "while")) or not cues.SEEMS.search(clause.text):
        return None
    subjects = [
        at for at in range(clause.begin, clause.end) if pieces[at].text.casefold() in ("it", "they", "he", "she")
    ]
    return subjects[-1] if len(subjects) > 1 else None


def _resumed(clauses: Sequence[_Clause], place: int) -> _Clause | None:
    """The clause that says of a thing, after something said in passing, that it is missing: "the crest, so usual, is absent"."""
    after = clauses[place + 2] if place + 2 < len(clauses) else None
    aside = after is not None and clauses[place].stop == clauses[place + 1].stop == ","
    return after if aside and after is not None and cues.GONE.fullmatch(after.text) else None
