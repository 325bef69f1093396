"""A photo's labels explained beside the backbone's own forward; adding a label; what more labels cost.

.venv/bin/python benchmarks/label_explain.py --photo PHOTO
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from common import interleaved, median_ms, median_ratio, record
from explain import EXAMPLE, explanation_rows

from zslviz.explainer import Explainer
from zslviz.tasks.multilabel.explainer import LabelExplainer

WORDS = ("zebra", "lighthouse", "wooden bridge", "snowy mountain", "violin", "harbour", "taxi", "volcano")
LABELS = (88, 1000, 10_000)


def adding_rows(explainer: LabelExplainer, photo: Path, rounds: int) -> list[dict[str, object]]:
    """A label typed to its score and map: the first time (its vector is looked up), and again (another visitor, another photo)."""
    explanation = explainer.explain(photo)
    explainer.vector("warm-up")  # opens the word vectors, once per process
    first, again = [], []
    for turn in range(rounds):
        word = f"{WORDS[turn % len(WORDS)]} {WORDS[(turn // len(WORDS) + turn) % len(WORDS)]}"
        explainer._words._found.clear()
        times = interleaved({"first": lambda w=word: explainer.add(explanation, w)}, 1, warmup=0)
        first += times["first"]
        again += interleaved({"again": lambda w=word: explainer.add(explanation, w)}, 1, warmup=0)["again"]
    return [
        {
            "what": "a label typed: vector, score and map",
            "figure": f"{median_ms(first):.2f} ms",
            "goal": "at most 20 ms",
        },
        {"what": "a label typed before, on another photo", "figure": f"{median_ms(again):.2f} ms"},
    ]


def growth_rows(explainer: LabelExplainer, photo: Path, rounds: int) -> list[dict[str, object]]:
    """The whole explanation and the ranking with few and with many labels (random vectors: they cost what any do)."""
    explainers = {}
    for count in LABELS:
        space = explainer.space
        vectors = np.random.default_rng(0).normal(size=(count, space.vectors.shape[1])).astype(np.float32)
        many = replace(
            space, labels=tuple(f"label {i}" for i in range(count)), seen=np.arange(count) < 80, vectors=vectors
        )
        explainers[count] = LabelExplainer(
            replace(explainer.checkpoint, space=many), explainer.encoder, explainer.device
        )
    times = interleaved({str(n): lambda e=e: e.explain(photo) for n, e in explainers.items()}, rounds)
    explained = {n: e.explain(photo) for n, e in explainers.items()}
    ranked = interleaved({str(n): lambda x=x: replace(x).rank() for n, x in explained.items()}, rounds)
    rows: list[dict[str, object]] = []
    for count in LABELS:
        ratio = median_ratio(times[str(count)], times[str(LABELS[0])])
        figure = f"{median_ms(times[str(count)]):.1f} ms ({ratio:.2f} x)"
        rows.append({"what": f"{count} labels: photo to all scores and maps", "figure": figure})
        rows.append({"what": f"{count} labels: ranking", "figure": f"{median_ms(ranked[str(count)]):.2f} ms"})
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="biam-corel5k")
    parser.add_argument("--photo", type=Path, default=EXAMPLE)
    parser.add_argument("--rounds", type=int, default=25)
    arguments = parser.parse_args()
    explainer = Explainer.from_pretrained(arguments.model, device="cpu" if not torch.cuda.is_available() else None)
    assert isinstance(explainer, LabelExplainer)
    rows = explanation_rows(arguments.model, arguments.photo, arguments.rounds)
    rows += adding_rows(explainer, arguments.photo, arguments.rounds)
    rows += growth_rows(explainer, arguments.photo, arguments.rounds)
    chosen = f"--model {arguments.model} --photo {arguments.photo}"
    record("label_explain", f"python benchmarks/label_explain.py {chosen}", rows)


if __name__ == "__main__":
    main()
