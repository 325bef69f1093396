from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from zslviz.tasks.compositional.familiarity import familiarity_table

SEEN = np.array([[1, 1, 1, 0], [1, 0, 0, 0], [0, 0, 0, 0]], dtype=bool)


def test_a_state_seen_with_more_objects_makes_its_unseen_pairs_likelier() -> None:
    table = familiarity_table(SEEN, 1.0, 0.0)
    assert table[0, 3] > table[1, 3]
    np.testing.assert_allclose(table[0, 3] - table[1, 3], np.log(3), rtol=1e-6)
    assert not table[SEEN].any()


def test_what_was_never_seen_is_as_familiar_as_the_average() -> None:
    table = familiarity_table(SEEN, 1.0, 0.0)
    np.testing.assert_allclose(table[2, 3], (table[0, 3] + table[1, 3]) / 2, rtol=1e-5)


@given(arrays(bool, st.tuples(st.integers(1, 6), st.integers(1, 6))), st.floats(0, 3), st.floats(0, 3))
def test_it_is_finite_and_leaves_seen_pairs_alone(seen: np.ndarray, a: float, b: float) -> None:
    table = familiarity_table(seen, a, b)
    assert np.isfinite(table).all() and table.dtype == np.float32
    assert not table[seen].any()
    if not a and not b:
        assert not table.any()
