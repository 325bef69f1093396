"""What is chosen on pseudo-unseen classes."""

from __future__ import annotations

from zslviz.tasks.attributes.choice import Choice, best_on_average
from zslviz.tasks.attributes.scoring import ScoringRule

RULE = ScoringRule("dot", (0.5, 0.5))


def test_of_candidates_with_the_same_figures_the_first_is_chosen_in_whatever_order_these_came() -> None:
    """(0.1 + 0.2) + 0.3 is a higher float than (0.3 + 0.2) + 0.1."""
    first, second = (0.3, 0.2, 0.1), (0.1, 0.2, 0.3)
    repeats = [
        [Choice(epoch, RULE, 0.0, f[repeat], 0.5, 0.5, f[repeat]) for epoch, f in ((1, first), (2, second))]
        for repeat in range(3)
    ]
    assert best_on_average(repeats).epoch == 1
