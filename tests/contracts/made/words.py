"""Word vectors for every word of the made data sets, so that no test needs a package of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

_WORDS = (
    "sky water tree people grass sand snow horse plane tiger",  # labels
    "red blue green shirt shoes bag old new wet clock car",  # states and objects
    "bill shape wing color hooked grey black stripes flippers",  # attributes
    "striped zebra purple",  # what a visitor adds
)
WORDS = " ".join(_WORDS).split()
DIMENSION = 50


def write_word_vectors(path: Path) -> Path:
    """A text file in the format of GloVe; every word has another vector, the same one everywhere."""
    vectors = np.random.default_rng(0).normal(size=(len(WORDS), DIMENSION))
    lines = [" ".join([word, *(f"{x:.4f}" for x in row)]) for word, row in zip(WORDS, vectors, strict=True)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
