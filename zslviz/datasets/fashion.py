"""Product photos of clothes, shoes and bags by colour and garment: `photos.csv` and `images/`, 15 states x 26 objects."""

from __future__ import annotations

from pathlib import Path

from zslviz.catalogue import DataCard
from zslviz.datasets.compositional import LIST, from_rows, read_photo_list
from zslviz.tasks.compositional.data import CompositionalDataset
from zslviz.words.source import WordSource

TERMS = "Photographs of a shop's products from a public collection, for research use; colours are the shop's own words and noisy."
READABLE = {"tshirts": "T-shirts"}
"""Names that the shop writes as nobody does."""
CARDS = {
    "fashion": DataCard(
        "colours and garments",
        TERMS,
        non_commercial=True,
        citation="product photos of a shop, a public collection",
        readable_word=lambda name: READABLE.get(name, name),
    )
}
SPELLING = {"tshirts": "t shirts", "kurtas": "kurta"}  # GloVe has neither word as the shop writes it


def load(name: str, folder: Path, words: WordSource) -> CompositionalDataset:
    """Reads the folder. Raises DataError."""
    return from_rows(
        name,
        read_photo_list(folder / LIST),
        words,
        terms=TERMS,
        note=f"the split is that of '{LIST}'",
        spelling=SPELLING,
    )
