"""Denials that stand far from what they deny, and what is said of others: the sign is right, or nothing is told."""

from __future__ import annotations

import pytest

from tests.tasks.attributes.invent.scored import MODELS
from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
from zslviz.tasks.attributes.invent.lexicon import Lexicon
from zslviz.tasks.attributes.invent.mentions import mentions_of
from zslviz.tasks.attributes.invent.tokens import pieces_of
from zslviz.tasks.attributes.invent.vocabulary import Vocabulary

TOLD = {
    "animals": [
        ("Stripes it has, spots it hasn't.", {"stripes": 1, "spots": -1}),
        ("Teeth it has plenty, claws it has none.", {"claws": -1}),
        ("While most deer have antlers, this one has none.", {"horns": -1}),
        ("A fox has a tail; this animal does not.", {"tail": -1}),
        ("Grey all over, though its cousins are brown.", {"gray": 1}),
        ("Never has there been an animal so strong.", {"strong": 1}),
        ("If it has horns I've never noticed them.", {}),
        ("The spots of its youth have disappeared.", {"spots": -1}),
        ("You'll look in vain for stripes or spots.", {"stripes": -1, "spots": -1}),
        ("It was hairless until it grew a thick fur.", {"furry": 1}),
        ("It stays out of the trees and off the ice.", {"lives in trees": -1, "arctic": -1}),
        ("It is bad at swimming.", {"swims": -1}),
        ("with little hair", {"furry": -1}),
        ("doesn't have claws - it has hooves", {"claws": -1, "hooves": 1}),
        ("hunted by lions", {}),
        ("not quite strong", {"strong": -1}),
    ],
    "birds": [
        ("A crest? It has none.", {"head pattern: crested": -1}),
        ("Take away the crest.", {"head pattern: crested": -1}),
        ("I'd expected a white belly.", {}),
        ("Its red throat has faded.", {"throat color: red": -1}),
        ("Unlike the adult, which is white, it has black wings.", {"wing color: black": 1}),
        ("Neither the wings nor the tail are barred.", {"wing pattern: striped": -1, "tail pattern: striped": -1}),
        ("Not only the back but also the breast is yellow.", {"back color: yellow": 1, "breast color: yellow": 1}),
        ("The belly isn't white; it's cream.", {"belly color: white": -1, "belly color: buff": 1}),
        ("Red throat? No, purple.", {"throat color: red": -1, "throat color: purple": 1}),
        ("Its legs are orange, its beak too.", {"leg color: orange": 1, "bill color: orange": 1}),
        ("very little white in the wings", {"wing color: white": -1}),
        ("Feathers that have gone white.", {"primary color: white": 1}),
    ],
}


@pytest.fixture(scope="module")
def vocabularies() -> dict[str, Vocabulary]:
    return {kind: Vocabulary(AttributeCheckpoint.load(name).space, Lexicon.shipped()) for kind, name in MODELS.items()}


@pytest.mark.parametrize(
    ("kind", "text", "signs"), [(kind, text, signs) for kind, some in TOLD.items() for text, signs in some]
)
def test_the_sign_is_right(vocabularies: dict[str, Vocabulary], kind: str, text: str, signs: dict[str, int]) -> None:
    vocabulary = vocabularies[kind]
    names = vocabulary.space.attribute_names
    found = mentions_of(pieces_of(text, vocabulary), vocabulary)
    assert {names[a]: m.sign for m in found if m.kind == "value" for a in m.attributes} == signs


def test_measures_are_sizes_and_weights(vocabularies: dict[str, Vocabulary]) -> None:
    def first(kind: str, text: str) -> tuple[str, int, int | None]:
        vocabulary = vocabularies[kind]
        mention = mentions_of(pieces_of(text, vocabulary), vocabulary)[0]
        return vocabulary.space.attribute_names[mention.attributes[0]], mention.sign, mention.reference

    assert first("birds", "About 7 inches long.")[0].startswith("size: small")
    assert first("birds", "It is 30 cm long.")[0].startswith("size: medium")
    cow = vocabularies["animals"].space.class_index("cow")
    assert first("animals", "It weighs less than a cow.") == ("big", -1, cow)
    assert first("animals", "Twice the weight of a cow.") == ("big", 1, cow)
    birds = vocabularies["birds"]
    assert not mentions_of(pieces_of("with a wingspan of 30 inches", birds), birds)
