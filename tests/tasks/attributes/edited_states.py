"""States of an explanation that what is said of it is held to."""

from __future__ import annotations

import numpy as np

from tests.twin.vectors import random_request
from zslviz.errors import ConfigError
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.requests import RankRequest

EDITED = 6  # states of a photo, besides the unedited one


def states_of(x: Explanation, rng: np.random.Generator, count: int = EDITED) -> list[RankRequest]:
    """The unedited state and random ones in which something competes."""
    found = [RankRequest()]
    while len(found) <= count:
        request = random_request(x, rng, tame=True)
        try:
            request.rank(x)
        except ConfigError:
            continue
        found.append(request)
    return found
