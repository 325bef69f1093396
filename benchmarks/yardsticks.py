"""The yardsticks of a data set's task on cached features, a file of results each.

    .venv/bin/python benchmarks/yardsticks.py --data corel5k=DIR --cache DIR --out docs/results/labels
    .venv/bin/python benchmarks/yardsticks.py --data fashion=DIR --cache DIR --out docs/results/compositions

Features of the mirrored training photos are to be cached as well (`zslviz cache --flip`).
"""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from zslviz.catalogue import part
from zslviz.datasets.reading import load_dataset, parse_data_argument, task_of_data
from zslviz.features.cache import CacheSpec, open_cache
from zslviz.tasks.base.report import to_json
from zslviz.words.names import GLOVE


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--data", required=True, metavar="NAME=DIR", help="photos of several labels, or of state-object pairs"
    )
    parser.add_argument("--cache", required=True, type=Path, metavar="DIR", help="where the cached features are")
    parser.add_argument("--backbone", default="efficientnet_lite2")
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--words", default=GLOVE, help="source of the word vectors")
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="where the measured files go")
    given = parser.parse_args()
    name, folder = parse_data_argument(given.data)
    task = task_of_data(name)
    dataset = load_dataset(name, folder, task, given.words)
    caches = [open_cache(given.cache, dataset, CacheSpec(given.backbone, given.size, flip)) for flip in (False, True)]
    command = shlex.join(["python", "benchmarks/yardsticks.py", *sys.argv[1:]])
    given.out.mkdir(parents=True, exist_ok=True)
    for model, result in part(task, "yardsticks").measure_yardsticks(dataset, caches, command).items():
        (given.out / f"{model}.json").write_text(to_json(result), encoding="utf-8")
        print("\n".join(part(task, "show").figure_lines(model, result)))


if __name__ == "__main__":
    main()
