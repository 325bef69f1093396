"""A photo's pairs explained beside the backbone's own forward; the matrix of many pairs; adding a state.

.venv/bin/python benchmarks/composition_explain.py --photo PHOTO
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from common import interleaved, median_ms, record
from explain import EXAMPLE, explanation_rows

from zslviz.explainer import Explainer
from zslviz.tasks.compositional.explainer import CompositionExplainer
from zslviz.tasks.compositional.space import CompositionSpace

MANY = 500
MAPS = ("pair_evidence", "pair_map")


def matrix_rows(explainer: CompositionExplainer, photo: Path, rounds: int) -> list[dict[str, object]]:
    """500 x 500 pairs of one photo whose features are there (random vectors: they cost what any do)."""
    random, dimension = np.random.default_rng(0), explainer.space.state_vectors.shape[1]
    vectors = [random.normal(size=(MANY, dimension)).astype(np.float32) for _ in range(2)]
    table = random.random((MANY, MANY)) < 0.3
    space = CompositionSpace(
        tuple(f"state {i}" for i in range(MANY)), tuple(f"object {i}" for i in range(MANY)),
        table, np.ones_like(table), *vectors, words=explainer.space.words,
    )  # fmt: skip
    many = CompositionExplainer(replace(explainer.checkpoint, space=space), explainer.encoder, explainer.device)
    features = explainer.features(photo)
    explained = many.explain(photo)
    with torch.inference_mode():
        times = interleaved(
            {
                "scores": lambda: many.scores_of(features)[0],
                "maps": lambda: many._told(features, many.text),
                "ranking": lambda: replace(explained).rank(top=10),
                "map": lambda: [getattr(explained, name)(3, 4) for name in MAPS],
            },
            rounds,
        )
    return [
        {
            "what": f"{MANY} x {MANY} pairs: features to all fused scores",
            "figure": f"{median_ms(times['scores']):.1f} ms",
            "goal": "at most 50 ms",
        },
        {
            "what": f"{MANY} x {MANY} pairs: features to all scores, before and after refinement, with all maps",
            "figure": f"{median_ms(times['maps']):.1f} ms",
        },
        {"what": f"{MANY} x {MANY} pairs: the ten best", "figure": f"{median_ms(times['ranking']):.1f} ms"},
        {"what": "evidence and attention of one pair", "figure": f"{median_ms(times['map']):.2f} ms"},
    ]


def adding_rows(explainer: CompositionExplainer, photo: Path, rounds: int) -> list[dict[str, object]]:
    explanation = explainer.explain(photo)
    explainer.add(explanation, states=["striped"])  # opens the word vectors, once per process
    times = interleaved({"add": lambda: explainer.add(explanation, states=["striped"], objects=["umbrella"])}, rounds)
    return [
        {"what": "a state and an object typed: all their pairs and maps", "figure": f"{median_ms(times['add']):.1f} ms"}
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="refiner-fashion")
    parser.add_argument("--photo", type=Path, default=EXAMPLE)
    parser.add_argument("--rounds", type=int, default=25)
    arguments = parser.parse_args()
    explainer = Explainer.from_pretrained(arguments.model)
    assert isinstance(explainer, CompositionExplainer)
    rows = explanation_rows(arguments.model, arguments.photo, arguments.rounds)
    rows += matrix_rows(explainer, arguments.photo, arguments.rounds)
    rows += adding_rows(explainer, arguments.photo, arguments.rounds)
    chosen = f"--model {arguments.model} --photo {arguments.photo}"
    record("composition_explain", f"python benchmarks/composition_explain.py {chosen}", rows)


if __name__ == "__main__":
    main()
