"""The page's words, once: what it calls a thing, what the field calls it, and what that is. The page's "?" and docs/vocabulary.md
read them here.
"""

from __future__ import annotations

import json
from typing import NamedTuple


class Term(NamedTuple):
    """key: as templates name it. word: the page's. field: the field's word or sign, "" if it is the same. says: what it is."""

    key: str
    word: str
    field: str
    says: str


TERMS = (
    Term(
        "attribute", "Attribute", "",
        "A property with a name, such as “spots” or “bill: long”. The model reads from a photo how much there is "
        "of each: 0 absent, 1 fully there.",
    ),
    Term(
        "class", "Class", "",
        "A kind of thing that the model can name. To the model it is only a description: a row of a table that "
        "says how much of each attribute it has.",
    ),
    Term(
        "unseen", "Never trained on", "unseen",
        "No photo was called so when the model was trained. It can win all the same, since it is described, or "
        "named, in words that the model knows. What was trained on was learned from photos. ○ is never trained "
        "on, ● is trained on.",
    ),
    Term(
        "score", "Score", "",
        "How well a description, a label or a pair fits the photo: the higher, the better. It has no unit and is "
        "no probability; bars begin at the middle one of all that compete.",
    ),
    Term(
        "lead", "Lead", "margin",
        "How far one score is ahead of another one. Every attribute adds to a lead or takes from it, and what "
        "they add sums up to it exactly.",
    ),
    Term(
        "handicap", "Handicap for what was trained on", "calibration γ",
        "Models favour what they were trained on. So this much is taken off the scores of all that was trained "
        "on, and the others have a fair chance.",
    ),
    Term(
        "handicap-pairs", "Handicap for trained pairs", "bias",
        "Models favour what they were trained on. So pairs never trained on are given this much more: it is the "
        "handicap of the other tabs, given instead of taken.",
    ),
    Term(
        "standard-unit", "Standard unit", "standard score",
        "How far a reading is above what the same model reads on average over the photos it was trained on, in standard "
        "deviations of these. So two models’ readings, each with a unit of its own, stand on one scale.",
    ),
    Term(
        "in-photo", "In the photo", "predicted attribute score",
        "How much of an attribute the model read from this photo. An edit puts your value in its place; the photo"
        " and the network stay as they are.",
    ),
    Term(
        "in-description", "In the description", "class attribute, semantic prototype",
        "How much of an attribute a class is said to have. An edit changes what the class is said to be, for "
        "every photo you look at here.",
    ),
    Term(
        "looked", "Where it looked", "attention",
        "Which places of the photo the model took notice of for this, in shares that add up to 1. A place that "
        "was looked at need not have counted for much.",
    ),
    Term(
        "counted", "What it counted", "evidence",
        "What each place of the photo adds to the value or score, or takes from it. All places together, with the"
        " part that comes from no place, are exactly that number.",
    ),
    Term(
        "where-found", "Where it was found", "region scores, mean of the highest k",
        "How much each place of the photo speaks for the label. The mean of its few strongest places, which are "
        "outlined, is the label’s score: nothing else is counted.",
    ),
    Term(
        "no-place", "From no place", "bias term",
        "A part of the value that every photo gets, whatever it shows. No map can show it.",
    ),
    Term(
        "held", "Exact as held", "frozen attention, frozen gates",
        "A map that adds up exactly does so with something held as it was in this photo: where the model looked, in some models "
        "also the spread or the gates of later layers. Covering a place would change that as well, so what it would do can differ.",
    ),
    Term(
        "rest", "Learned correction, said without looking", "bias that depends on the photo",
        "In some models the part of a value that comes from no place is large, and differs from photo to photo: a correction that "
        "is learned beside the score, or what an attribute’s own words give before any place is looked at.",
    ),
    Term(
        "apart", "What each answer would say alone", "branches, granularities",
        "Some models make several answers and add them up. Here each has all the weight. The handicap stays as it was chosen for "
        "all of them together, so compare who is first rather than by how much.",
    ),
    Term(
        "alike", "Looks at the same thing", "cosine of attribute features",
        "How alike what the model gathered from the photo for two attributes is, from −1 to 1. Near 1 it looked at the same thing "
        "for both, and can tell them apart only by what it makes of it.",
    ),
    Term(
        "distance", "Taken off by distance", "relative geometry weight",
        "The model has learned how much less places look at each other that are so far apart. What is taken off is an exponent: "
        "0.7 halves a look, 2.3 leaves a tenth of it.",
    ),
    Term(
        "among", "Taken from each other", "self-attention of attributes",
        "Before it looks at a photo the model lets every attribute take something from every other one. It is one table of the "
        "model, the same for every photo.",
    ),
    Term(
        "trust", "Trusted", "fusion weights of a photo",
        "Some models are not sure of each of their answers alike, and let those count more in a photo of which they are surer.",
    ),
    Term(
        "levels", "Close-up, medium, overall", "granularity: fine, middle, coarse",
        "The model looks at small places, at larger ones and at the whole, and adds up what it finds. The shares "
        "say how much each brings to this value.",
    ),
    Term(
        "scale", "One scale, stretched", "normalisation",
        "All maps of a photo are drawn on one scale, so that a strong colour always means much. A weak map can be"
        " stretched until it is seen; then its colours can no longer be compared with those of others.",
    ),
    Term(
        "found", "Counts as found", "threshold",
        "A label counts as found if its strength reaches 100, or if it is among the best few. Where 100 lies was "
        "chosen on photos and labels held out of training, once for labels trained on and once for labels never "
        "trained on, which score lower. Most of the latter that count are wrong: which come first tells more.",
    ),
    Term(
        "strength", "Strength of a label", "score, rescaled",
        "How strongly the photo speaks for a label: 0 is the middle one of the labels trained on, 100 counts as found. "
        "It is the mean of the label’s strongest places, in the list, under the map and in its colours alike.",
    ),
    Term(
        "word", "A word of your own", "word vector",
        "A typed word joins by the company that it keeps in much text: what is written like known labels is "
        "looked for like them. A word without meaning gets a place as well, and the page says so.",
    ),
    Term(
        "gate", "Scene gate", "",
        "Before labels are looked for, the whole picture opens or shuts each channel of the network, from 0 "
        "(shut) to 1 (open).",
    ),
    Term(
        "parts", "Part by part", "feature groups, local and global module",
        "Some models split what they see of a photo into groups of channels and keep the groups apart, beside what they see of the "
        "whole photo. A label’s score is the sum of what all of them give: each group at the outlined places, the whole photo "
        "everywhere.",
    ),
    Term(
        "world", "Closed and open world", "",
        "Closed world: only pairs on a list compete, those that are known to occur. Open world: every pair "
        "competes unless its words are too unlike words that were seen together.",
    ),
    Term(
        "believable", "How believable a pair is", "feasibility",
        "How like the words of a pair are to words that were seen together, from −1 to 1. In the open world pairs"
        " below the bar are ruled out; those trained on never are.",
    ),
    Term(
        "two-answers", "Two answers", "refinement",
        "The model answers twice: by what it has at first, and after the places of the photo have refined that: its summary of the "
        "photo in some models, what words stand for in this photo in others. Both answers can be seen.",
    ),
    Term(
        "queries", "Queries", "learned queries",
        "What the model has learned to look for when it looks again. Each gathers what its places show and adds "
        "it to the photo’s summary.",
    ),
    Term(
        "made-of", "What a score is made of", "",
        "Places: what the map shows. Beside it: what of the pair’s own score comes from no place, such as the photo’s summary at "
        "first sight. State and object apart: each word judged alone. Familiar words: what pairs never trained on get for words "
        "that were often seen together with others. They and the handicap sum up to the score.",
    ),
)  # fmt: skip


_OF_TITLES = {"yardstick": "simple, for comparison"}
"""Words of checkpoints' titles that the page says otherwise."""


def model_title(title: str) -> str:
    """What the page calls a checkpoint of this title: "DAP · birds (CUB) · simple, for comparison"."""
    return " · ".join(_OF_TITLES.get(word, word) for word in title.split(" · "))


def terms_script() -> str:
    """The words as an object of JavaScript, by their keys."""
    told = {term.key: {"word": term.word, "field": term.field, "says": term.says} for term in TERMS}
    return json.dumps(told, ensure_ascii=False).replace("</", "<\\/")


def vocabulary() -> str:
    """docs/vocabulary.md."""
    lines = [
        "# The page's words",
        "",
        "One word for one thing, in all tabs. A “?” on the page says the same. `python -m tools.documents` writes this page from "
        "`zslviz/ui/terms.py`.",
        "",
        "| on the page | in the field | what it is |",
        "|---|---|---|",
    ]
    return "\n".join([*lines, *(f"| {t.word} | {t.field} | {t.says} |" for t in TERMS)]) + "\n"
