"""How often answers are right, by their lead: every photo counted once, in the bin of its own lead."""

from __future__ import annotations

import numpy as np
import pytest

from zslviz.tasks.attributes.retesting import TestedModel
from zslviz.tasks.attributes.scoring import calibrate
from zslviz.tasks.attributes.whole_set.reliability import BINS, by_softmax


@pytest.mark.parametrize("model", ["mgmrn-awa2", "eszsl-awa2"])
def test_every_test_photo_is_counted_in_the_bin_of_its_lead(model: str) -> None:
    tested = TestedModel.open(model)
    photos, bins = tested.photos, tested.reliability()
    assert len(bins) == BINS and [one.high for one in bins[:-1]] == [one.low for one in bins[1:]]
    scores = calibrate(photos.scores(tested.space, tested.rule), tested.space.seen, tested.gamma).astype(np.float64)
    first, second = np.sort(scores, axis=1)[:, ::-1][:, :2].T
    right = scores.argmax(axis=1) == photos.labels
    for number, one in enumerate(bins):
        inside = (first - second >= one.low) & ((first - second < one.high) | (number == BINS - 1))
        for kind, counts in ((photos.of_seen, one.seen), (~photos.of_seen, one.unseen)):
            assert counts == ((inside & kind).sum(), (inside & kind & right).sum())
    sizes = [one.seen[0] + one.unseen[0] for one in bins]
    assert sum(sizes) == len(photos) and max(sizes) - min(sizes) <= 2
    shares = [(one.seen[1] + one.unseen[1]) / size for one, size in zip(bins, sizes, strict=True)]
    assert shares[-1] > shares[0] + 0.2, "a larger lead is right more often"
    soft = by_softmax(photos, tested.space, tested.rule, tested.gamma)
    assert sum(one.seen[0] + one.unseen[0] for one in soft) == len(photos)
    probabilities = np.exp(scores - first[:, None]) / np.exp(scores - first[:, None]).sum(axis=1, keepdims=True)
    top = soft[-1]
    assert top.seen[0] + top.unseen[0] == (probabilities.max(axis=1) >= 0.9).sum()
