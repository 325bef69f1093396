"""How a map lies on known pixels."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from zslviz.tasks.base.masks import on_mask, paste, ranking


def test_a_map_without_meaning_gets_chance_and_one_without_positive_values_no_energy() -> None:
    mask = np.zeros((10, 10), dtype=bool)
    mask[:3] = True
    constant = on_mask(np.ones((10, 10)), mask)
    assert (constant.pointing, constant.energy, constant.ranking, constant.area) == pytest.approx((0.3, 0.3, 0.5, 0.3))
    assert on_mask(-np.ones((10, 10)), mask).energy == 0


def test_ranking_is_the_share_of_pairs_in_the_right_order() -> None:
    random = np.random.default_rng(0)
    values, mask = random.integers(0, 5, (6, 7)), random.uniform(size=(6, 7)) < 0.3
    inside, outside = values[mask][:, None], values[~mask][None]
    assert ranking(values, mask) == pytest.approx(((inside > outside) + 0.5 * (inside == outside)).mean())


def test_what_a_layer_covers_is_what_changes_in_the_photo() -> None:
    photo = Image.new("RGB", (6, 4), (10, 20, 30))
    layer = Image.new("RGBA", (6, 4))
    layer.paste((200, 0, 0, 255), (1, 1, 4, 3))
    layer.putpixel((5, 3), (200, 0, 0, 60))  # hardly visible
    mask = paste(photo, layer)
    assert mask.sum() == 6
    assert mask[1:3, 1:4].all()
    assert (np.asarray(photo)[mask] == (200, 0, 0)).all()
