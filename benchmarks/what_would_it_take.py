"""What would it take, on test photos: whether every way wins, how many are proved to be the fewest, and how long an answer takes.

    .venv/bin/python benchmarks/what_would_it_take.py --data awa2=DIR --data cub=DIR [--photos 200] [--scores FOLDER]

For every attribute model: photos of the test part, each asked for the runner-up, the true class if not first, and the classes
ranked 3rd, 5th and 10th; a class drawn from those further back is told apart. A way *wins* if the package, asked to rank the
photo with its edits, has the class first. Times are processor time on one thread, of the whole answer: search, near miss and
ranking again. Scores are kept in a folder and read from there the next time. Where Node is there, also how long the page's
arithmetic takes to say of every class how many edits away it is (`edits_away.js`).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import tempfile

os.environ["OMP_NUM_THREADS"] = "1"

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from common import record

from zslviz.checkpoints.listing import list_checkpoints
from zslviz.datasets.reading import load_dataset, parse_data_argument
from zslviz.explainer import Explainer
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.whatifs import box

TASK = "attributes"
IN_NODE = 5  # photos
PLACES = (2, 4, 9)  # of the ranking, from 0 on, besides the runner-up and the true class
GOALS = {"linear": (98, 5, 30), "cosine": (90, 5, 30)}  # per cent proved, ms median and 95th percentile


@dataclass
class Counts:
    """What was found for one model and one sort of class asked for."""

    won: int = 0
    within: int = 0
    proved: int = 0
    impossible: int = 0
    nothing: int = 0
    sizes: Counter[int] = field(default_factory=Counter)
    ms: list[float] = field(default_factory=list)

    @property
    def found(self) -> int:
        return sum(self.sizes.values())


def explained(explainer: Any, dataset: Any, count: int, folder: Path) -> Iterator[tuple[Explanation, int]]:
    """Explanations of so many test photos, without maps but that of the first, and their true classes."""
    test = np.sort(np.concatenate([dataset.test_seen, dataset.test_unseen]))
    photos = np.sort(np.random.default_rng(0).choice(test, min(count, len(test)), replace=False))
    file = folder / f"{explainer.name}-{len(photos)}.npz"
    if not file.is_file():
        looks = explainer.looks([dataset.files[i] for i in photos], 8, explained=False)
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(file, scores=np.stack([scores for _, scores in looks]))
    first = explainer.explain(dataset.files[photos[0]])
    for scores, label in zip(np.load(file)["scores"], dataset.labels[photos], strict=True):
        yield replace(first, scores=scores, attention=None, evidence=None, bias=None, further=()), int(label)


def asked_for(explanation: Explanation, truth: int, rng: np.random.Generator) -> Iterator[tuple[str, int]]:
    """The classes that a photo is asked for, and of which sort each is."""
    order = explanation.rank().order.tolist()
    near = dict.fromkeys([order[1], *([truth] if truth != order[0] else []), *(order[place] for place in PLACES)])
    for target in near:
        yield "near", target
    yield "far", int(rng.choice([c for c in order[PLACES[-1] + 1 :] if c not in near]))


def count_one(explanation: Explanation, target: int, counts: Counts) -> None:
    """Asks once, and checks the answer by the package's own ranking."""
    begun = time.process_time()
    answer = explanation.what_would_it_take(target)
    counts.ms.append(1e3 * (time.process_time() - begun))
    if not answer.ways:
        counts.impossible += answer.impossible
        counts.nothing += 1
        return
    way, values, ends = answer.ways[0], explanation.values, box(explanation)
    edits = {edit.attribute: edit.value for edit in way.edits}
    low, high = np.minimum(ends[:, 0], values), np.maximum(ends[:, 1], values)
    counts.won += RankRequest(edits).rank(explanation).order[0] == target
    counts.within += all(low[a] - 1e-6 <= value <= high[a] + 1e-6 for a, value in edits.items())
    counts.proved += way.proved
    counts.sizes[way.count] += 1


def rows_of(model: str, sort: str, counts: Counts, cosine: bool) -> Iterator[dict[str, Any]]:
    """Lines for the table."""
    proved, median, slow = GOALS["cosine" if cosine else "linear"]
    near = sort == "near"
    what = f"{model}, {'the runner-up, the true class, ranks 3, 5 and 10' if near else 'a class beyond rank 10'}"
    yield {
        "what": f"{what}: ways that win and keep to the box",
        "figure": f"{min(counts.won, counts.within)} of {counts.found}",
        "goal": "all",
    }
    if counts.nothing:
        yield {
            "what": f"{what}: nothing found, of these proved to be impossible",
            "figure": f"{counts.nothing}, {counts.impossible}",
        }
    yield {
        "what": f"{what}: proved to be the fewest",
        "figure": f"{100 * counts.proved / max(counts.found, 1):.1f} %",
        "goal": f"at least {proved} %" if near else "",
    }
    sizes = np.repeat(list(counts.sizes), list(counts.sizes.values()))
    shares = " / ".join(f"{100 * (sizes <= k).mean():.0f} %" for k in (1, 2, 3, 5))
    yield {"what": f"{what}: at most 1 / 2 / 3 / 5 changes", "figure": shares}
    quantiles = np.quantile(counts.ms, [0.5, 0.95, 1.0])
    goal = f"at most {median}, {slow}" if near else ""
    yield {
        "what": f"{what}: median, 95th percentile, longest",
        "figure": "{:.1f}, {:.0f}, {:.0f} ms".format(*quantiles),
        "goal": goal,
    }


def edits_away(model: str, explanations: list[Explanation]) -> Iterator[dict[str, Any]]:
    """A line for the table: how many edits away all classes are, in the page's arithmetic."""
    told = []
    with tempfile.TemporaryDirectory() as folder:
        for explanation in explanations:
            bundle = Path(folder) / "photo.zslviz"
            bundle.write_bytes(explanation.bundle())
            script = Path(__file__).with_name("edits_away.js")
            done = subprocess.run(["node", str(script), str(bundle)], capture_output=True, text=True, check=True)
            told.append(json.loads(done.stdout))
    seconds = [one["milliseconds"] / 1e3 for one in told]
    proved = 100 * sum(one["proved"] for one in told) / sum(one["classes"] for one in told)
    yield {
        "what": f"{model}, how many edits away all {told[0]['classes']} classes are, on the page: median, longest; proved",
        "figure": f"{statistics.median(seconds):.1f}, {max(seconds):.1f} s; {proved:.0f} %",
        "goal": "at most 2 s",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, action="append", metavar="NAME=DIR")
    parser.add_argument("--photos", type=int, default=200, help="of each model")
    parser.add_argument("--scores", type=Path, default=Path("runs/what_would_it_take"), help="where scores are kept")
    given = parser.parse_args()
    folders = dict(parse_data_argument(one) for one in given.data)
    datasets = {name: load_dataset(name, folder, TASK, None) for name, folder in folders.items()}
    rows: list[dict[str, Any]] = []
    for info in list_checkpoints(task=TASK):
        if info.data not in datasets:
            continue
        explainer, rng = Explainer.from_pretrained(info.name, "cpu"), np.random.default_rng(1)
        counts = {"near": Counts(), "far": Counts()}
        some: list[Explanation] = []
        for explanation, truth in explained(explainer, datasets[info.data], given.photos, given.scores):
            if len(some) < IN_NODE:
                some.append(explanation)
            for sort, target in asked_for(explanation, truth, rng):
                count_one(explanation, target, counts[sort])
        cosine = explainer.rule.kind == "cosine"
        for sort, counted in counts.items():
            found = list(rows_of(info.name, sort, counted, cosine))
            print("\n".join(f"{row['what']}: {row['figure']}" for row in found), flush=True)
            rows += found
        if shutil.which("node"):
            found = list(edits_away(info.name, some))
            print("\n".join(f"{row['what']}: {row['figure']}" for row in found), flush=True)
            rows += found
    told = " ".join(f"--data {name}=DIR" for name in folders)
    record("what_would_it_take", f"python benchmarks/what_would_it_take.py {told} --photos {given.photos}", rows)


if __name__ == "__main__":
    main()
