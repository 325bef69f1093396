"""Undo in steps as people take them: the page's script in Node."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.twin.replaying import NODE, assert_the_same

TESTS = 5  # of steps.js


@pytest.mark.skipif(NODE is None, reason="Node is missing")
def test_a_gesture_is_one_step(tmp_path: Path) -> None:
    assert_the_same("../links/steps.js", tmp_path, TESTS)
