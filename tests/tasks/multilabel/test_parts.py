"""Parts of labels' scores: what each gives, exactly, on real photos too; which is named, and on what scale it is drawn."""

from __future__ import annotations

import numpy as np
import pytest

from tests.conftest import ROOT
from tests.twin.label_vectors import made_case, made_explanation
from zslviz.errors import ConfigError
from zslviz.explainer import Explainer
from zslviz.tasks.multilabel.explainer import LabelExplainer
from zslviz.tasks.multilabel.explanation import LabelExplanation
from zslviz.tasks.multilabel.parts import part_leads, part_named, part_scale
from zslviz.tasks.multilabel.pictures import map_answer, overlay_png

PHOTOS = ("coral-reef", "rio")


@pytest.fixture(scope="module")
def explainer() -> LabelExplainer:
    """The shipped model of groups of channels."""
    opened: LabelExplainer = Explainer.from_pretrained("gbe-corel5k", "cpu")
    return opened


@pytest.mark.parametrize("photo", PHOTOS)
def test_the_parts_of_a_real_photo_add_up_to_every_score(explainer: LabelExplainer, photo: str) -> None:
    explanation: LabelExplanation = explainer.explain(ROOT / f"assets/examples/multi/{photo}.jpg")
    added = explainer.add(explanation, "lighthouse")
    for one in (explanation, added):
        means = one.part_means()
        assert means.shape == (5, len(one.space)) and means.std(axis=1).min() > 1e-4
        np.testing.assert_allclose(means.sum(axis=0), one.scores, rtol=1e-4, atol=1e-4)
        assert one.part_scores is not None
        whole = one.part_scores[-1].mean(axis=(1, 2), keepdims=True)
        np.testing.assert_allclose(one.part_scores[:-1].sum(axis=0) + whole, one.region_scores, rtol=1e-4, atol=1e-4)
        for offer in one.parts:
            shown = one.map(offer.name, len(one.space) - 1)
            assert shown.score == pytest.approx(shown.together, abs=1e-5)


def test_leads_are_against_the_average_of_the_models_own_labels() -> None:
    case = next(case for case in (made_case("plain", seed) for seed in (1, 4, 7, 10)) if case.added)
    own, means = len(case.own.space), case.whole.part_means()
    leads = np.array([part_leads(means, label, own) for label in range(own)])
    np.testing.assert_allclose(leads.mean(axis=0), 0, atol=1e-5)
    total = case.whole.scores - case.own.scores.mean()
    np.testing.assert_allclose(leads.sum(axis=1), total[:own], rtol=1e-4, atol=1e-4)
    answer = map_answer(case.whole, own, own)
    assert answer["leads"] == part_leads(means, own, own) and answer["part"] is None


def test_groups_share_a_scale_and_the_whole_photo_has_its_own() -> None:
    explanation = made_explanation("plain", 4)
    parts = explanation.part_scores
    assert parts is not None and len(parts) == 3
    scales = [part_scale(parts, 0, part) for part in range(3)]
    assert scales[0] == scales[1] != scales[2]
    assert scales[0].high == pytest.approx(parts[:2, 0].max())
    assert scales[2].high == pytest.approx(parts[2, 0].max())
    assert map_answer(explanation, 0, len(explanation.space), None, 1)["part"] == "group 2"
    whole, one = (overlay_png(explanation, 0, len(explanation.space), 0.7, part=part) for part in (None, 1))
    assert whole != one


def test_a_part_that_is_not_there_is_refused() -> None:
    explanation = made_explanation("plain", 4)
    assert part_named(None, explanation.parts) is None
    assert part_named("whole", explanation.parts) == 2
    for wrong in ("group 3", 1, ["group 1"]):
        with pytest.raises(ConfigError, match="no part"):
            part_named(wrong, explanation.parts)
    bare = made_explanation("plain", 3)
    assert bare.parts == ()
    with pytest.raises(ConfigError, match="not made of parts"):
        bare.part_means()
