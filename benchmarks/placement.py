"""How far to one side the cells of a backbone's stages see: the `shift` of its specification, measured on photos.

    .venv/bin/python benchmarks/placement.py PHOTO [PHOTO ...] --backbone efficientnet_lite2

A small square of noise is laid on a photo at many places. The change it makes in a stage has a centre of mass; where the
cells saw what lies under them, that centre is the square's. The table gives the mean difference in pixels, and its standard error.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from zslviz.backbones import build_backbone
from zslviz.backbones.features import STAGES
from zslviz.photos.loading import load_photo, to_network_input

SQUARE = 24


@torch.inference_mode()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, nargs="+")
    parser.add_argument("--backbone", default="efficientnet_lite2")
    parser.add_argument("--places", type=int, default=8, help="squares a photo")
    arguments = parser.parse_args()
    backbone = build_backbone(arguments.backbone)
    side = backbone.spec.input_size
    rng = np.random.default_rng(0)
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in STAGES}
    for photo in arguments.photos:
        pixels = torch.from_numpy(to_network_input(load_photo(photo), side)[0].copy()).permute(2, 0, 1)[None]
        plain = backbone(pixels).stages
        for _ in range(arguments.places):
            x, y = (int(v) for v in rng.integers(side // 5, side - side // 5, 2))
            marked = pixels.clone()
            noise = torch.from_numpy(rng.integers(0, 256, (3, SQUARE, SQUARE), dtype=np.uint8))
            half = SQUARE // 2
            marked[0, :, y - half : y + half, x - half : x + half] = noise
            for stage, after in backbone(marked).stages.items():
                change = (after - plain[stage]).square().sum(1)[0].numpy()
                centres = (np.arange(len(change)) + 0.5) * side / len(change)
                share = change / change.sum()
                found[stage].append((x - share.sum(0) @ centres, y - share.sum(1) @ centres))
    for stage, differences in ((name, np.array(pairs)) for name, pairs in found.items()):
        mean = differences.mean(0)
        error = differences.std(0) / np.sqrt(len(differences))
        print(f"{stage}: right {mean[0]:6.2f} ± {error[0]:.2f}   down {mean[1]:6.2f} ± {error[1]:.2f} pixels of {side}")


if __name__ == "__main__":
    main()
