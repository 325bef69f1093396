"""`python -m tools.shown --data awa2=DIR --data cub=DIR --cache DIR`: writes beside every shipped attribute model where the photos
that it was trained on lie among its encoder's features (docs/unlike.md), as training does. Nothing but these photos is read."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path

from zslviz.checkpoints.listing import list_checkpoints
from zslviz.datasets.reading import load_dataset, parse_data_argument
from zslviz.features.cache import CacheSpec, open_cache
from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
from zslviz.tasks.attributes.data import ZeroShotDataset
from zslviz.tasks.attributes.unlike.saved import write_shown
from zslviz.tasks.attributes.unlike.training import shown_photos


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.shown", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", action="append", required=True, metavar="NAME=DIR", type=parse_data_argument)
    parser.add_argument("--cache", type=Path, required=True)
    options = parser.parse_args(arguments)
    folders, made = dict(options.data), {}
    for info in list_checkpoints(task="attributes"):
        if info.data not in folders:
            continue
        checkpoint = AttributeCheckpoint.load(info.folder)
        key = (*astuple(checkpoint.sees), checkpoint.network.stages)
        if key not in made:
            dataset: ZeroShotDataset = load_dataset(info.data, folders[info.data], "attributes")
            cache = open_cache(options.cache, dataset, CacheSpec(checkpoint.backbone, checkpoint.size))
            made[key] = shown_photos(dataset, [cache], checkpoint.network.stages)
        shown = made[key]
        write_shown(info.folder, shown, checkpoint.sees)
        told = "nothing" if shown is None else f"limit {shown.limit:.4f}, {shown.trained:.3f}, {shown.held_out:.3f}"
        sys.stdout.write(f"{info.name}: {told}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
