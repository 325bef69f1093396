"""Films of deletion and insertion, and the untrained twin, of made models."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.conftest import MADE
from zslviz.errors import ConfigError
from zslviz.photos.covering import blur
from zslviz.tasks.attributes.explainer import AttributeExplainer
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.film import ORDERS, SHARES, WAYS, film
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.shuffling import with_shuffled_weights
from zslviz.ui.tabs.explain.trials import film_answer, untrained_answer


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("order", ORDERS)
def test_a_film_goes_from_the_photo_to_its_blur_and_back(
    name: str, order: str, explainer_of: Callable[[str], AttributeExplainer], explanation_of: Callable[..., Explanation]
) -> None:
    explainer, explanation = explainer_of(name), explanation_of(name)
    away, back = (film(explainer, explanation, 1, order, way) for way in WAYS)
    whole, blurred = explanation.photo, blur(explanation.photo)
    for frames, first, last in ((away, whole, blurred), (back, blurred, whole)):
        assert tuple(frame.share for frame in frames) == SHARES
        assert np.array_equal(frames[0].photo, first)
        assert np.array_equal(frames[-1].photo, last)
        changed = [float((frame.photo != first).any(axis=2).mean()) for frame in frames]
        assert changed == sorted(changed)
        assert np.allclose(frames[2].scores, explainer.explain(frames[2].photo).scores, atol=1e-5)
    assert away[0].scores is back[-1].scores is explanation.scores  # the whole photo is told by one number everywhere


def test_what_the_map_has_first_goes_first(
    explainer_of: Callable[[str], AttributeExplainer], explanation_of: Callable[..., Explanation]
) -> None:
    explainer, explanation = explainer_of("made-mgmrn"), explanation_of("made-mgmrn")
    laid = explanation.geometry.map_to_photo(explanation.fused("evidence")[1])
    gone = (film(explainer, explanation, 1, "map", "deletion")[1].photo != explanation.photo).any(axis=2)
    assert laid[gone].min() >= np.quantile(laid, 0.9) - 1e-6


def test_what_is_no_film_is_refused(
    explainer_of: Callable[[str], AttributeExplainer], explanation_of: Callable[..., Explanation]
) -> None:
    explainer, explanation = explainer_of("made-msdn"), explanation_of("made-msdn")
    for order, way in (("saliency", "deletion"), ("map", "sideways")):
        with pytest.raises(ConfigError, match="There is no film of"):
            film(explainer, explanation, 0, order, way)


@pytest.mark.parametrize("name", MADE)
def test_answers_tell_every_frame_and_the_untrained_twin(
    name: str, explainer_of: Callable[[str], AttributeExplainer], explanation_of: Callable[..., Explanation]
) -> None:
    explainer, explanation, request = explainer_of(name), explanation_of(name), RankRequest(gamma=0.0)
    frames = film(explainer, explanation, 2, "map", "deletion")
    told = film_answer(explanation, request, 2, frames)["frames"]
    assert [one["share"] for one in told] == list(SHARES)
    assert told[0]["value"] == pytest.approx(float(explanation.values[2]), abs=1e-4)
    assert told[0]["name"] == request.rank(explanation).best.name
    assert all(one["url"].startswith("data:image/webp;base64,") for one in told)
    twin = with_shuffled_weights(explainer).explain(explanation.photo)
    answer = untrained_answer(twin, request, 2)
    assert answer["name"] == request.rank(twin).best.name
    assert answer["maps"]["layers"][0]["values"] != pytest.approx(explanation.fused("evidence")[2].ravel().tolist())
