"""What only seems so, is said, expected or supposed: "you'd think it has horns, but it doesn't", "red if it had a crest".

What a whole sentence was found to say is looked through once more, clause by clause. What is taken back behind it is turned, or,
where more than one thing was told, not told at all; what seems to be and is then set against what is, is not told either.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from zslviz.tasks.attributes.invent.mention import Mention
from zslviz.tasks.attributes.invent.tokens import Piece

_EXPECTED = re.compile(
    r"\b(you|one|we|i|people|they)( would|'d| had| might| may)?( have| always| at first| first)* "
    r"(thought|think|expect|expected|believed|assumed?|supposed?|imagined?|guess(ed)?|swear|sworn)\b"
)
"""What somebody thinks, before the clause tells what; not "I don't think", which is a denial."""
_SAID = re.compile(
    r"\b((people|some|they|many|books|others|legend|folk|hunters|who|everybody|everyone) "
    r"(often )?(says?|said|claims?|believes?|thinks?)"
    r"|(is|are|was|were)( often| sometimes| usually| widely| commonly)* "
    r"(said|rumou?red|supposed|believed|thought|reputed|alleged|described|called)"
    r"|reputation|name (suggests|says)|supposedly|allegedly|reputedly)\b"
)
_SEEMS = re.compile(
    r"\b((may|might|can|could) (look|seem|appear|sound|be|have)|(looks?|seems?|appears?|sounds?)(?! like))\b"
)
_WRONG = re.compile(
    r"\b(it is|it's|that is|that's) (just )?(a |an )?"
    r"(myth|lie|legend|mistake|fallacy|misconception|wrong|untrue|false|not true|nonsense)"
    r"( \w+)? that\b"
)
_TAKEN_BACK = re.compile(
    r"(but |yet |which |however |in fact |actually |and )*(of course |simply |just )*"
    r"((it|they|he|she|that|this|there|none of it|that one)( is|'s| are|'re| does| do| has| have| was| were| did)? ?)?"
    r"(is |are |was |were )?"
    r"(not at all|not|never|none|isn't|aren't|wasn't|weren't|doesn't|don't|didn't|hasn't|haven't|hadn't|can't|cannot|couldn't|"
    r"(just |only |all )*(a |an )?(myth|lie|legend|mistake|wrong|untrue|false|not true|not so|not the case|nonsense|fiction))"
    r"( do| have| so| the case| true| any| one| at all| really)*"
)
"""A clause that does nothing but take back what stands before it."""
_IN_FACT = re.compile(
    r"^(but|yet|though|although|however)? ?(it|they)?('s|'re)? ?(is|are|in fact|in reality|really|actually|was|were|in truth)\b"
)
_TRACELESS = re.compile(
    r"^of .* there (is|are|was|were)( |n't )(no|not|hardly|not even|any)( a| any| the| single| slightest)* (trace|sign|hint)"
)
_ASKED_NO = re.compile(r"(no|not|without|isn't|aren't|doesn't|hasn't|never)\b")
_GONE = re.compile(
    r"(is|are|was|were|has|have)( been)?( all| completely| entirely| totally| simply)* "
    r"(missing|absent|lacking|gone|lost|removed|not there|not present)( here| too)?"
)
_AGES = (
    "male",
    "males",
    "female",
    "females",
    "adult",
    "adults",
    "young",
    "juvenile",
    "juveniles",
    "chicks",
    "calves",
    "cubs",
    "other",
)
_ASKED = ("who", "why", "since when", "says who")


@dataclass(frozen=True)
class _Clause:
    """Pieces from begin to end. stop: the mark, or the word, that parts it from the next."""

    begin: int
    end: int
    stop: str
    text: str


def sifted(pieces: Sequence[Piece], found: Sequence[Mention]) -> list[Mention]:
    """The mentions without what only seems so, and with what is taken back turned round."""
    clauses, told = _clauses(pieces), list(found)
    for place, clause in enumerate(clauses):
        own = [one for one in told if one.kind == "value" and clause.begin <= min(one.pieces) < clause.end]
        after = clauses[place + 1] if place + 1 < len(clauses) else None
        if not own:
            continue
        resumed = _resumed(clauses, place) if len(own) == 1 else None
        contrary = clause.stop == "?" and _ASKED_NO.match(clause.text) and _is_wrong(after)
        contrary = contrary or (resumed is not None and not _is_turned(own, resumed))
        if contrary or _TRACELESS.search(clause.text) or _WRONG.search(clause.text):
            told = _turned(told, own)
        elif clause.text.startswith(("though", "although", "while")) and (anew := _anew(pieces, clause)):
            told = _without(told, [one for one in own if max(one.pieces) < anew])
        elif _is_asked(clause) or _is_supposed(clauses, place):
            told = _without(told, own)
        elif after is not None and (doubtful := _doubtful(clause)):
            behind = [one for one in told if after.begin <= min(one.pieces) < after.end]
            if not behind and _TAKEN_BACK.fullmatch(after.text) and not _is_turned(own, after):
                told = _turned(told, own)
            elif doubtful == "expected" or (behind and _is_set_against(clause, after)):
                told = _without(told, own)
        elif (
            after is not None
            and _of_an_age(clause)
            and _of_an_age(after)
            and not any(after.begin <= min(one.pieces) < after.end for one in told)
        ):
            told = _without(told, own)
    return told


def is_expected(text: str) -> bool:
    """Whether a text, in small letters, says that somebody expects what it tells."""
    return bool(_EXPECTED.search(text))


def _clauses(pieces: Sequence[Piece]) -> list[_Clause]:
    found, begin = [], 0
    for at, piece in enumerate(pieces):
        parts = bool(piece.mark) and piece.mark != "'s"
        if parts or (at > begin and piece.text.casefold() in ("but", "yet", "though", "although", "whereas", "while")):
            text = " ".join(one.text for one in pieces[begin:at]).casefold().replace("’", "'").replace(" 's", "'s")
            if at > begin:
                found.append(_Clause(begin, at, piece.text if parts else "but", text))
            begin = at + 1 if parts else at
    text = " ".join(one.text for one in pieces[begin:]).casefold().replace("’", "'").replace(" 's", "'s")
    if begin < len(pieces):
        found.append(_Clause(begin, len(pieces), "", text))
    return found


def _doubtful(clause: _Clause) -> str:
    """Whether a clause tells what somebody expects, says, or sees at first; "" if it tells what is so."""
    if _EXPECTED.search(clause.text):
        return "expected"
    if _SAID.search(clause.text) or _SEEMS.search(clause.text):
        return "seems"
    return ""


def _is_set_against(clause: _Clause, after: _Clause) -> bool:
    """Whether the clause behind tells what is so in its place."""
    first = clause.text.startswith(("though", "although", "while"))
    against = after.text.startswith(("but", "yet", "however"))
    return first or (against and (bool(_IN_FACT.search(after.text)) or bool(re.search(r"\b(may|might) ", clause.text))))


def _is_asked(clause: _Clause) -> bool:
    """ "Who said it was slow?": it is not."""
    return clause.stop == "?" and clause.text.startswith(_ASKED)


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
    return any(word in _AGES for word in clause.text.split()[:3])


def _is_turned(own: Sequence[Mention], after: _Clause) -> bool:
    return any(after.begin <= at < after.end for one in own for at in one.pieces)


def _turned(told: Sequence[Mention], own: Sequence[Mention]) -> list[Mention]:
    """With one mention turned round; without them if there are more, for nobody knows which is meant."""
    if len(own) != 1:
        return _without(told, own)
    return [replace(one, sign=-one.sign) if one is own[0] else one for one in told]


def _without(told: Sequence[Mention], own: Sequence[Mention]) -> list[Mention]:
    return [one for one in told if not any(one is other for other in own)]


def _is_wrong(after: _Clause | None) -> bool:
    """Whether an answer says that it is the other way round."""
    return after is not None and after.text in (
        "wrong",
        "false",
        "yes",
        "on the contrary",
        "quite the contrary",
        "incorrect",
    )


def _anew(pieces: Sequence[Piece], clause: _Clause) -> int | None:
    """Where a clause that began with what seems so goes on, without a comma, with what is: "though it looks fierce it is timid"."""
    if not _SEEMS.search(clause.text):
        return None
    subjects = [
        at for at in range(clause.begin, clause.end) if pieces[at].text.casefold() in ("it", "they", "he", "she")
    ]
    return subjects[-1] if len(subjects) > 1 else None


def _resumed(clauses: Sequence[_Clause], place: int) -> _Clause | None:
    """The clause that says of a thing, after something said in passing, that it is missing: "the crest, so usual, is absent"."""
    after = clauses[place + 2] if place + 2 < len(clauses) else None
    aside = after is not None and clauses[place].stop == clauses[place + 1].stop == ","
    return after if aside and after is not None and _GONE.fullmatch(after.text) else None
