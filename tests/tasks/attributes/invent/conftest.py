"""The classes and attributes that sentences speak of."""

from __future__ import annotations

import pytest

from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
from zslviz.tasks.attributes.space import SemanticSpace


@pytest.fixture(scope="module")
def animals() -> SemanticSpace:
    return AttributeCheckpoint.load("mgmrn-awa2").space


@pytest.fixture(scope="module")
def birds() -> SemanticSpace:
    return AttributeCheckpoint.load("mgmrn-cub").space
