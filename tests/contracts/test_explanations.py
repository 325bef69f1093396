"""What every explanation must satisfy: maps that add up where they say so, files, size; what runs the network and what does not."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from tests.contracts.conftest import Explained, Made, Opened, OpenTab
from tests.contracts.made import made_for
from tests.contracts.made.memory import derive_everything, held
from zslviz.catalogue import SYSTEMS, part
from zslviz.errors import ConfigError, ImageError, ZslvizError
from zslviz.photos.loading import load_photo
from zslviz.tasks.base.photo import Timing

pytestmark = pytest.mark.parametrize("system", SYSTEMS)


def made(system: str) -> Any:
    return made_for(SYSTEMS[system].task)


def arrays_in(thing: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every array and number of a thing, with where it stands; how long it took is left out."""
    if isinstance(thing, np.ndarray | float | int | str):
        yield path, thing
    elif isinstance(thing, tuple):
        for index, value in enumerate(thing):
            yield from arrays_in(value, f"{path}[{index}]")
    elif is_dataclass(thing) and not isinstance(thing, Timing):
        for field in fields(thing):
            yield from arrays_in(getattr(thing, field.name), f"{path}.{field.name}")


def assert_same(one: Any, other: Any) -> None:
    """Bit for bit."""
    ours, theirs = dict(arrays_in(one)), dict(arrays_in(other))
    assert list(ours) == list(theirs)
    assert any(isinstance(value, np.ndarray) for value in ours.values())
    for path, value in ours.items():
        np.testing.assert_array_equal(value, theirs[path], err_msg=path)


# -- maps -------------------------------------------------------------------------------------------------------------------


def test_maps_that_are_offered_as_exact_add_up_to_the_score(system: str, explained: Explained) -> None:
    explanation = explained(system)
    offers = explanation.offers()
    assert len({offer.name for offer in offers}) == len(offers)
    for offer in offers:
        assert offer.title
        assert offer.hint.endswith(".")
        for what in made(system).things_of(explanation, offer.of):
            shown = explanation.map(offer.name, what)
            assert shown.offer == offer
            assert shown.values.shape == explanation.grid
            assert np.isfinite(shown.values).all()
            assert (shown.together is not None) is (shown.score is not None) is offer.exact
            if offer.exact:
                assert shown.together == pytest.approx(shown.score, rel=1e-3, abs=1e-3)
            if not offer.signed and not offer.exact:
                assert shown.values.min() >= 0


def test_a_map_that_is_not_offered_is_refused_with_those_that_are(system: str, explained: Explained) -> None:
    explanation = explained(system)
    with pytest.raises(ConfigError) as refused:
        explanation.map("saliency", 0)
    assert all(offer.name in str(refused.value) for offer in explanation.offers())


def test_it_is_drawn_and_shows_itself(system: str, explained: Explained) -> None:
    explanation = explained(system)
    figures = part(SYSTEMS[system].task, "drawing").FIGURES
    assert set(figures) >= {"maps", "ranking"}
    for of in figures:
        stream = io.BytesIO()
        explanation.figure(of).savefig(stream, format="png", dpi=50)
        assert stream.getvalue().startswith(b"\x89PNG")
    assert explanation._repr_html_().count("<img") > bool(explanation.offers())


# -- scores -----------------------------------------------------------------------------------------------------------------


def test_scores_of_many_photos_are_those_of_each_alone(system: str, trained: Made, explainer_for: Opened) -> None:
    explainer, photo = explainer_for(system), load_photo(trained(system).photo)
    turned = photo.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    expected = [made(system).scores_in(explainer.explain(image)) for image in (photo, turned)]
    assert not np.allclose(*expected, atol=1e-4), "the photos differ"
    scored = list(explainer.scores([photo, turned, photo], batch_size=2))
    for scores, wanted in zip(scored, (*expected, expected[0]), strict=True):
        assert scores.dtype == np.float32
        np.testing.assert_allclose(scores, wanted, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(
        explainer.scores_of(explainer.features(photo))[0], expected[0], rtol=1e-4, atol=1e-4
    )  # fmt: skip


def held_by(array: NDArray[Any]) -> int:
    """Bytes that stay in memory for an array; more than its own if it is a piece of something larger."""
    base = array
    while isinstance(base, np.ndarray) and base.base is not None:
        base = base.base
    return base.untyped_storage().nbytes() if isinstance(base, torch.Tensor) else memoryview(base).nbytes


def test_many_photos_are_explained_as_each_alone(system: str, trained: Made, explainer_for: Opened) -> None:
    """Scores, maps and everything else that is saved, whatever stands beside a photo in its batch, and at whatever size."""
    explainer, photo = explainer_for(system), load_photo(trained(system).photo)
    photos = [photo, photo.resize((90, 40)), photo.transpose(Image.Transpose.FLIP_LEFT_RIGHT)]
    together = list(explainer.explain_many(photos, batch_size=2))
    assert [type(one) for one in together] == [type(explainer.explain(photo))] * 3
    for one, image in zip(together, photos, strict=True):
        alone = explainer.explain(image)
        assert one.geometry == alone.geometry
        assert one.timing.total_ms > 0
        expected = {**alone._arrays(), "photo": alone.photo}
        found = {**one._arrays(), "photo": one.photo}
        assert found.keys() == expected.keys()
        for name, array in expected.items():
            if array is None:
                assert found[name] is None, name
            else:
                assert held_by(found[name]) <= found[name].nbytes, f"{name} keeps its batch in memory"
                np.testing.assert_allclose(found[name], array, rtol=1e-3, atol=1e-4, err_msg=name)
        for offer in alone.offers():
            what = made(system).things_of(alone, offer.of)[-1]
            maps = one.map(offer.name, what).values, alone.map(offer.name, what).values
            np.testing.assert_allclose(*maps, rtol=1e-3, atol=1e-4)


def test_explaining_twice_and_in_two_threads_at_once_gives_the_same_bits(
    system: str, trained: Made, explainer_for: Opened
) -> None:
    explainer, photo = explainer_for(system), load_photo(trained(system).photo)
    photos = [photo, photo.rotate(90, expand=True)] * 3
    alone = [explainer.explain(image) for image in photos[:2]]
    with ThreadPoolExecutor(2) as threads:
        together = list(threads.map(explainer.explain, photos))
    for index, explanation in enumerate(together):
        assert_same(explanation, alone[index % 2])


def test_what_is_no_photo_is_answered_in_one_sentence(system: str, explainer_for: Opened, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"no photo")
    for wrong in (tmp_path / "photo.jpg", tmp_path / "nowhere.jpg"):
        with pytest.raises(ImageError) as caught:
            explainer_for(system).explain(wrong)
        assert "\n" not in str(caught.value)


# -- rankings, edits and words ----------------------------------------------------------------------------------------------


def test_a_ranking_is_in_order_and_asking_for_nothing_is_the_checkpoints_own(
    system: str, explained: Explained, tab_of: OpenTab
) -> None:
    explanation = explained(system)
    ranking, tab = explanation.rank(), tab_of(system)
    assert len(ranking) == len({line.name for line in ranking}) == int(ranking.competing.sum())
    assert [line.rank for line in ranking] == list(range(1, len(ranking) + 1))
    assert ranking.best.name == ranking[0].name == ranking.names[ranking.order[0]]
    nothing = tab.request(explanation, {})
    assert nothing.rank(explanation) == ranking
    assert tab.with_words("", explanation, nothing) is explanation
    changed = tab.request(explanation, made(system).CHANGES)
    assert changed.rank(explanation) != ranking
    assert explanation.rank() == ranking, "what one visitor asks changes nothing for another"


def test_ranking_and_edits_run_no_network_and_words_no_encoder(
    system: str, trained: Made, tab_of: OpenTab, monkeypatch: pytest.MonkeyPatch
) -> None:
    tab = tab_of(system)
    handle, explanation = tab.service.explain(trained(system).photo, trained(system).recipe.name)
    explainer = tab.service.explainer(explanation.model)

    def refuse(*args: Any, **options: Any) -> NoReturn:
        raise AssertionError("a network ran")

    monkeypatch.setattr(explainer, "_encode", refuse)
    if words := made(system).WORDS:
        request = tab.request(explanation, words)
        added = tab.with_words(handle, explanation, request)
        assert added.size > explanation.size
        assert any(name in line.name for line in request.rank(added) for names in words.values() for name in names)
    with monkeypatch.context() as still:
        still.setattr(torch.nn.Module, "__call__", refuse)
        for payload in ({}, made(system).CHANGES, {**words, **made(system).CHANGES}):
            asked = tab.asked({**payload, "handle": handle})
            assert len(asked.request.rank(asked.explanation)) > 0


def test_words_that_cannot_be_added_are_answered_in_one_sentence(system: str, trained: Made, tab_of: OpenTab) -> None:
    words = made(system).WORDS
    if not words:
        pytest.skip("nothing is added by name")
    tab = tab_of(system)
    handle, _ = tab.service.explain(trained(system).photo, trained(system).recipe.name)
    for what in words:
        for wrong in ("", "x" * 200, "qwrtzpx"):
            with pytest.raises(ZslvizError) as caught:
                tab.asked({"handle": handle, what: [wrong]})
            assert "\n" not in str(caught.value)
        with pytest.raises(ZslvizError, match="already"):
            tab.asked({"handle": handle, what: ["zebra", "Zebra"]})


# -- memory and files ---------------------------------------------------------------------------------------------------------


def test_the_size_is_that_of_all_arrays_before_and_after_everything_is_derived(
    system: str, explained: Explained
) -> None:
    explanation = replace(explained(system))
    before = explanation.size
    derive_everything(explanation)
    assert before == explanation.size == held(explanation) > explanation.photo.nbytes


def test_an_explanation_goes_to_disk_and_back(system: str, explained: Explained, tmp_path: Path) -> None:
    explanation = explained(system)
    explanation.save(tmp_path / "seen")
    read = type(explanation).load(tmp_path / "seen")
    assert_same(replace(read), replace(explanation))
    assert read.to_dict() == explanation.to_dict()
    assert read.offers() == explanation.offers()
    assert read.rank() == explanation.rank()
    for offer in explanation.offers():
        what = made(system).things_of(explanation, offer.of)[-1]
        np.testing.assert_array_equal(read.map(offer.name, what).values, explanation.map(offer.name, what).values)


def test_a_bundle_ranks_as_the_explanation_and_its_model_part_is_that_of_every_photo(
    system: str, explained: Explained
) -> None:
    explanation, bundles = explained(system), part(SYSTEMS[system].task, "bundle")
    another = replace(explanation, photo=np.ascontiguousarray(explanation.photo[::-1]))
    model, photo = bundles.model_bundle(explanation), explanation.bundle(whole=False)
    assert bundles.model_bundle(another) == model
    for read in (bundles.read_explanation_bundle(photo, model), bundles.read_explanation_bundle(explanation.bundle())):
        assert list(read.rank()) == list(explanation.rank())
        assert read.told.digest == hashlib.sha256(model).hexdigest()
        width, height = Image.open(io.BytesIO(read.photo)).size
        assert width / height == pytest.approx(explanation.geometry.width / explanation.geometry.height, rel=0.05)


def test_files_of_an_explanation_that_are_damaged_are_refused(
    system: str, explained: Explained, tmp_path: Path
) -> None:
    explanation = explained(system)
    for damaged, data in ((0, b"{"), (0, b"{}"), (1, b"PK"), (1, None)):
        file = explanation.save(tmp_path / "seen")[damaged]
        file.unlink()
        if data is not None:
            file.write_bytes(data)
        with pytest.raises(ConfigError) as caught:
            type(explanation).load(tmp_path / "seen")
        assert "\n" not in str(caught.value)


def test_nothing_in_an_explanation_can_be_changed(system: str, explained: Explained) -> None:
    explanation = explained(system)
    for array in arrays_in(explanation.space):
        if isinstance(array[1], np.ndarray):
            assert not array[1].flags.writeable, array[0]
    with pytest.raises(AttributeError):
        explanation.photo = None
