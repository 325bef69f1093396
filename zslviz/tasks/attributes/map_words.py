"""What is said of an attribute's maps: its value and what of it comes from places, how much that is, and where.

The page says the same words (`zslviz/ui/twin/map_words.js`).
"""

from __future__ import annotations

from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.maps import ATTENTION
from zslviz.tasks.base.numbers import plain, rounded
from zslviz.tasks.base.photo import MapOffer


def absent(explanation: Explanation, attribute: int) -> bool:
    """Whether an attribute counts as absence: the photo speaks for classes that do not have it, and it is called "not hunter"."""
    return bool(explanation.rule.fuse(explanation.scores.astype("float64"))[attribute] < 0)


def called(explanation: Explanation, attribute: int) -> str:
    """ "spots"; "not hunter" of one that is absent."""
    name = explanation.space.attribute_names[attribute]
    return f"not {name}" if absent(explanation, attribute) else name


def value_words(value: float, places: float, called: str = "", own: float = 0.0) -> str:
    """ "0.52 = 0.38 from places + 0.14 that every photo gets", as printed; so the last digit of the rest can be one off.

    called: what a part of the rest is called that not every photo gets, and own: how much that is ("+ 0.05 learned correction").
    """
    whole, counted, named = rounded(value), rounded(places), rounded(own if called else 0.0)
    parts = [(named, called)] if called else []
    told = "".join(
        f" {'−' if part < 0 else '+'} {abs(part)} {name}"
        for part, name in (*parts, (whole - counted - named, "that every photo gets"))
    )
    return f"{plain(whole)} = {plain(counted)} from places{told}"


def held_words(held: str) -> str:
    """Of exact maps, what was held as it was in this photo so that they add up; "" if nothing besides attention."""
    return f"Adds up with {held} held as in this photo." if held else ""


def special_words(moved: float, offer: MapOffer) -> str:
    """Of what is special for an attribute: how much lies elsewhere than usual; together nothing, so the value's sum still holds.

    moved: the sum over the places that have more than usual.
    """
    if not offer.signed:
        told = f"{plain(moved)} more where it is red and {plain(moved)} less where it is blue than for others here."
        return f"{'Looked at ' if _is_attention(offer) else ''}{told}"
    return (
        f"Beside where attributes are counted on average in this photo: {plain(moved)} more where it is red, {plain(moved)} "
        "less where it is blue; together nothing."
    )


def _is_attention(offer: MapOffer) -> bool:
    """Whether a map is of where the model looked; what others without a sign show, their offer says."""
    return offer.name == ATTENTION.name


def little_words(name: str, offer: MapOffer) -> str:
    """Of a map that hardly reaches anywhere."""
    if offer.signed:
        return f"Almost nothing was counted for {name} here."
    return (
        f"It looked nowhere in particular for {name}."
        if _is_attention(offer)
        else f"{offer.title}: almost nothing for {name} here."
    )


def common_words(count: int, of: int, offer: MapOffer) -> str:
    """Of a map that is strongest where most of the photo's maps are."""
    counted = "counted most at" if offer.signed else "looked for most at" if _is_attention(offer) else "strongest at"
    return f"The model knows that, not where: {count} of {of} attributes are {counted} this one place."


def unseen_words(name: str) -> str:
    """Of an attribute that no place of a photo can show, whatever its value is added up from."""
    return f"No place of a photo can show “{name}”: the model concludes it from what else it sees, so no map is drawn of it."


def shared_out(offer: MapOffer, against: bool, special: bool = False) -> str:
    """What the places of a map share out, as `base.where.share_in_words` says it."""
    if special:
        return "what is special for it"
    if not offer.signed:
        return "its attention" if _is_attention(offer) else "this map"
    return "what speaks against it" if against else "what speaks for it"
