"""Phrases by which a clause says that what it tells only seems so, is expected, or is taken back; in small letters."""

from __future__ import annotations

import re

EXPECTED = re.compile(
    r"\b(you|one|we|i|people|they)( would|'d| had| might| may)?( have| always| at first| first)* "
    r"(thought|think|expect|expected|believed|assumed?|supposed?|imagined?|guess(ed)?|swear|sworn)\b"
)
"""What somebody thinks, before the clause tells what; not "I don't think", which is a denial."""
SAID = re.compile(
    r"\b((people|some|they|many|books|others|legend|folk|hunters|who|everybody|everyone) "
    r"(often )?(says?|said|claims?|believes?|thinks?)"
    r"|(is|are|was|were)( often| sometimes| usually| widely| commonly)* "
    r"(said|rumou?red|supposed|believed|thought|reputed|alleged|described|called)"
    r"|(was|were) (supposed|meant|expected) to|(should|ought to) (have|be)|reputation"
    r"|(name|book|guide|label|caption) (suggests|says|calls|describes)|supposedly|allegedly|reputedly)\b"
)
SEEMS = re.compile(
    r"\b((may|might|can|could) (look|seem|appear|sound|be|have)|would (make|turn|suit|complete)"
    r"|(looks?|seems?|appears?|sounds?)(?! like))\b"
)
WRONG = re.compile(
    r"\b(it is|it's|that is|that's) (just )?(a |an )?"
    r"(myth|lie|legend|mistake|fallacy|misconception|wrong|untrue|false|not true|nonsense)"
    r"( to (say|think|claim|believe|assume|suppose))?( \w+)? that\b"
    r"|\b(claim|idea|belief|notion|assumption|rumou?r|statement|story) that\b.*"
    r"\b(false|wrong|untrue|myth|lie|nonsense|mistaken|not true)$"
)
TAKEN_BACK = re.compile(
    r"(but |yet |which |however |in fact |actually |and )*(of course |simply |just )*"
    r"((it|they|he|she|that|this|there|none of it|that one)( is|'s| are|'re| does| do| has| have| was| were| did)? ?)?"
    r"(is |are |was |were )?"
    r"(not at all|not|never|none|isn't|aren't|wasn't|weren't|doesn't|don't|didn't|hasn't|haven't|hadn't|can't|cannot|couldn't|"
    r"(just |only |all )*(a |an )?(myth|lie|legend|mistake|wrong|untrue|false|not true|not so|not the case|nonsense|fiction))"
    r"( do| have| so| the case| true| any| one| at all| really)*"
)
"""A clause that does nothing but take back what stands before it."""
IN_FACT = re.compile(
    r"^(but|yet|though|although|however)? ?"
    r"(it's|they're|(it|they)? ?(is|are)|in fact|in reality|really|actually|was|were|in truth|turned out|turns out)\b"
)
TRACELESS = re.compile(
    r"^of .* there (is|are|was|were)( |n't )(no|not|hardly|not even|any)( a| any| the| single| slightest)* (trace|sign|hint)"
)
CONFIRMED = re.compile(
    r"(but |yet |though |in fact |actually )*(it|they)('s| is| are| does| do| has| have| can)( indeed| really| so)?"
)
ANSWERED_NO = re.compile(
    r"(sorry |well |oh |alas |no )*"
    r"(none|no|nope|missing|absent|gone|never|hardly|i don't think so|you must be joking|i wish|if only"
    r"|(there|it|they) (is|are|has|have|does|do)?( ?n't|n't| not)( have| got)?( one| any)?"
    r"|(there|it|they) (isn't|aren't|hasn't|haven't)( got)?( one| any)?"
    r"|it (doesn't|does not) have( one| any)?|on the contrary|quite the (opposite|contrary)|not that i know|far from it)"
)
ASKED_BACK = re.compile(
    r"(isn't|aren't|doesn't|don't|hasn't|haven't|can't|won't|didn't) (it|they|its|their|this|the|he|she)\b"
)
YOUTH = re.compile(
    r"\b(born with|at birth|when (very )?young|while young|with age"
    r"|as (a|an) (calf|kitten|chick|foal|pup|youngster|infant|baby))\b"
)
CLEFT = re.compile(r"^(it is|it's) not (its|his|her) .* that\b")
REPAINTED = re.compile(r"\b(painted|dyed|coloured|colored|tinted) (its|the|his|her|their)\b")
WANTS = re.compile(
    r"^(it|he|she|they) wants? (a|an|the|any)\b"
    r"|\b(if you('re| are)|anyone|those|people) (looking|hoping|searching) for\b"
)
IN_VAIN = re.compile(r"\bin vain\b|\boff (the|its) menu\b|\bout of the question\b|\b(is|are) out$")
ASKED_NO = re.compile(r"(no|not|without|isn't|aren't|doesn't|hasn't|never)\b")
GONE = re.compile(
    r"(is|are|was|were|has|have)( been)?( all| completely| entirely| totally| simply)* "
    r"(missing|absent|lacking|gone|lost|removed|not there|not present)( here| too)?"
)
AGES = frozenset(
    [
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
    ]
)
IS_WRONG = ("wrong", "false", "yes", "on the contrary", "quite the contrary", "incorrect")
ASKED = ("who", "since when", "says who")
NONE_OF_THESE = re.compile(r"\bnone of (these|those|them|this|the following|the above)( things| features)?$")
"""A clause that denies the list before it, or, with a colon, the one behind it."""
