"""The maps that explanations of pairs offer, as far as a network has the parts that make them (and `stages`)."""

from zslviz.tasks.base.photo import MapOffer

EVIDENCE = MapOffer(
    "evidence",
    "pair",
    "What speaks for it",
    "What each place added to the pair's own score.",
    exact=True,
    signed=True,
)
ATTENTION = MapOffer("attention", "pair", "Where it looked", "Where the texts of the pair's two words looked.")
STATE = MapOffer("state", "state", "Where it looked", "Where the text of the state looked.")
OBJECT = MapOffer("object", "object", "Where it looked", "Where the text of the object looked.")
QUERIES = MapOffer("queries", "query", "Where it looked", "Where each of the queries looked.")
