"""Answers about pairs of states and objects in one photo: the matrix, the ranking, what a pair's score is made of, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from zslviz.errors import ConfigError
from zslviz.tasks.compositional.explanation import CompositionExplanation
from zslviz.tasks.compositional.requests import Pair, PairRequest
from zslviz.tasks.compositional.scoring import PairRanking

SHOWN_PAIRS = 10


def space_answer(explanation: CompositionExplanation, own: tuple[int, int]) -> dict[str, Any]:
    """Heads of the matrix, and what is known of each pair whatever the photo. own: how many states and objects are the model's."""
    space = explanation.space
    return {
        "states": _heads(space.state_names, space.states, own[0]),
        "objects": _heads(space.object_names, space.objects, own[1]),
        "seen": space.seen.astype(int).tolist(),
        "listed": space.candidates.astype(int).tolist(),
        "feasibility": explanation.feasibility.astype(float).tolist(),  # whole: thresholds are compared with it
    }


def _heads(shown: Sequence[str], names: Sequence[str], own: int) -> list[dict[str, Any]]:
    return [{"name": name, "own": names[i], "added": i >= own} for i, name in enumerate(shown)]


def ranking_answer(explanation: CompositionExplanation, request: PairRequest, ranking: PairRanking) -> dict[str, Any]:
    """The matrix of scores with every pair's rank, and the best pairs. ranking: what was asked for (`PairRequest.rank`).

    scores [S][O]: with the bias. ranks, other_ranks [S][O]: 0 where a pair does not compete; the other ones are those before the
    refinement, or after it if `before` is asked for. floor, ceiling: the ends of the colour scale and of the bars, the same before
    and after: from the middle one of the competing pairs to the highest.
    """
    if not ranking:  # cannot be: pairs trained on always compete
        raise ConfigError("No pair competes; lower the feasibility threshold.")
    other = request.other.rank(explanation)
    competing = ranking.competing
    both = np.concatenate([ranking.biased[competing], other.biased[competing]])
    return {
        "scores": np.round(ranking.biased.astype(float), 4).tolist(),
        "ranks": ranking.ranks.tolist(),
        "other_ranks": other.ranks.tolist(),
        "pairs": [
            asdict(line)
            | {
                "state": explanation.space.state_names[line.state],
                "object": explanation.space.object_names[line.object],
                "other_rank": other.rank_of((line.state, line.object)),
            }
            for line in ranking.lines(SHOWN_PAIRS)
        ],
        "competing": len(ranking),
        "competing_unseen": int((competing & ~ranking.seen).sum()),
        "floor": float(np.median(both)),
        "ceiling": float(both.max()),
        "open_world": request.open_world,
        "threshold": explanation.threshold if request.threshold is None else request.threshold,
        "bias": explanation.bias if request.bias is None else request.bias,
        "before": request.before,
    }


def rival_of(ranking: PairRanking, pair: Pair) -> Pair | None:
    """The best competing pair besides this one; None if there is none."""
    return next(((line.state, line.object) for line in ranking.lines(2) if (line.state, line.object) != pair), None)


def terms(explanation: CompositionExplanation, request: PairRequest, pair: Pair) -> dict[str, float]:
    """What the score of a pair (with the refined embedding) is made of.

    places + rest = logit; logit + heads + familiarity + bias = score. places: through the refinement, summed over the photo (0 of a
    model that counts no places), by stages as well where a network adds up by them ("low places"); rest: from no place; heads: what
    the state's and the object's logits add (`tasks.compositional.scoring.fused_scores`); familiarity and bias: of unseen pairs.
    """
    bias = explanation.bias if request.bias is None else request.bias
    logit, fused = float(explanation.logits.pairs[pair]), float(explanation.logits.fused[pair])
    counts = explanation.refinement is not None or explanation.stages
    places = float(explanation.pair_evidence(*pair).sum(dtype=np.float64)) if counts else 0.0
    familiar = float(explanation.familiarity_table[pair])
    added = 0.0 if explanation.space.seen[pair] else bias
    return {
        "places": places,
        **{f"{stage.name} places": float(stage.pairs[pair].sum(dtype=np.float64)) for stage in explanation.stages},
        "rest": logit - places,
        "logit": logit,
        "heads": fused - logit,
        "familiarity": familiar,
        "bias": added,
        "score": fused + familiar + added,
        "before": float(explanation.before.fused[pair]) + familiar + added,
    }
