"""Models whose attention was grounded look at the part that an attribute names, on photos of birds that they never saw."""

from __future__ import annotations

import numpy as np
import pytest

from zslviz.checkpoints.listing import list_checkpoints
from zslviz.photos.smoothing import smooth
from zslviz.runtime.places import examples_folder
from zslviz.tasks.attributes.explainer import AttributeExplainer
from zslviz.tasks.attributes.explanation import Explanation

# Marked by eye on the shipped photos, as fractions of width and height. None of these birds is a class of the table.
MARKED = {
    "kingfisher.jpg": {
        "bill": (0.68, 0.24), "eye": (0.51, 0.18), "belly": (0.52, 0.58), "tail": (0.35, 0.82), "leg": (0.47, 0.70),
        "wing": (0.35, 0.46), "crown": (0.49, 0.12),
    },
    "scarlet-macaw.jpg": {
        "bill": (0.29, 0.25), "eye": (0.36, 0.18), "crown": (0.36, 0.14), "belly": (0.57, 0.62), "wing": (0.70, 0.60),
    },
    "collared-aracari.jpg": {"bill": (0.58, 0.20), "eye": (0.44, 0.20), "crown": (0.40, 0.15), "belly": (0.27, 0.50)},
    "aylesbury-duck.jpg": {
        "bill": (0.75, 0.35), "eye": (0.68, 0.26), "crown": (0.69, 0.23), "belly": (0.65, 0.70), "leg": (0.48, 0.84),
    },
}  # fmt: skip
WORDS = {"bill": "bill shape: hooked", "eye": "eye color: black", "belly": "belly color: white", "tail": "tail pattern: solid",
         "leg": "leg color: black", "wing": "wing color: blue", "crown": "crown color: blue"}  # fmt: skip
NEAR = 0.1  # of a side: a little more than the pointing game's 15 of 224 pixels, since marks by eye are rough


GROUNDED = [info.name for info in list_checkpoints(task="attributes") if info.grounded]


def test_birds_open_with_a_model_whose_attention_was_grounded() -> None:
    assert next(info for info in list_checkpoints(task="attributes") if info.data == "cub").name == GROUNDED[0]


@pytest.fixture(scope="module", params=GROUNDED)
def explanations(request: pytest.FixtureRequest) -> dict[str, Explanation]:
    explainer = AttributeExplainer.from_pretrained(request.param, "cpu")
    return {file: explainer.explain(examples_folder() / file) for file in MARKED}


def test_most_attention_peaks_at_the_part_that_its_attribute_names(explanations: dict[str, Explanation]) -> None:
    """Also where the part is not as the attribute says: the eye of a bird is looked at to see that it is not black."""
    hits = {}
    for file, places in MARKED.items():
        explanation = explanations[file]
        names = list(explanation.space.attribute_names)
        for part, (x, y) in places.items():
            values = smooth(explanation.fused("attention")[names.index(WORDS[part])])
            laid = explanation.geometry.map_to_photo(values)
            row, column = np.unravel_index(int(laid.argmax()), laid.shape)
            away = np.hypot((column + 0.5) / laid.shape[1] - x, (row + 0.5) / laid.shape[0] - y)
            hits[file, part] = bool(away <= NEAR)
    missed = [key for key, hit in hits.items() if not hit]
    assert len(missed) <= len(hits) // 5, f"beside their part: {missed}"


def test_the_maps_of_different_parts_peak_in_different_places(explanations: dict[str, Explanation]) -> None:
    explanation = explanations["kingfisher.jpg"]
    names = list(explanation.space.attribute_names)
    peaks = {int(explanation.fused("attention")[names.index(words)].argmax()) for words in WORDS.values()}
    assert len(peaks) >= len(WORDS) - 1
