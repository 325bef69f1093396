"""Bundles, and the page's own arithmetic in Node: sizes, and milliseconds from an edit to a ranking without any server.

.venv/bin/python benchmarks/twin.py [--rounds 300]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from common import median_and_p95, record

from zslviz.catalogue import part
from zslviz.explainer import Explainer

ROOT = Path(__file__).parent.parent
PHOTOS = {
    "mgmrn-cub": "kingfisher",
    "msdn-cub-grounded": "kingfisher",
    "mgmrn-awa2": "bison",
    "dap-cub": "kingfisher",
    "biam-corel5k": "multi/eilean-donan",
    "refiner-fashion": "fashion/grey-jacket",
}
MOST = {312: 1500, 85: 400}  # kB, by the number of attributes
MOST_OF_OTHERS = 1500


def size_of(explanation: Any, task: str) -> tuple[str, int]:
    """What is scored with what, in words for a line, and the most that the bundle may have, in kB."""
    space = explanation.space
    if task == "attributes":
        return f"{len(space.attributes)} x {len(space.classes)}", MOST[len(space.attributes)]
    if task == "multilabel":
        return f"{len(space)} labels", MOST_OF_OTHERS
    return f"{len(space.states)} x {len(space.objects)} pairs", MOST_OF_OTHERS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=300)
    arguments = parser.parse_args()
    rows = []
    for name, photo in PHOTOS.items():
        explainer = Explainer.from_pretrained(name)
        explanation = explainer.explain(ROOT / "assets" / "examples" / f"{photo}.jpg")
        whole, model = explanation.bundle(), part(explainer.task, "bundle").model_bundle(explanation)
        size, most = size_of(explanation, explainer.task)
        grid = " x ".join(map(str, explanation.grid or ()))
        rows.append(
            {
                "what": f"{name}: bundle, {size}, maps on {grid}, model part apart",
                "figure": f"{len(whole) / 1e3:.0f} kB, {len(model) / 1e3:.0f} of them",
                "goal": f"at most {most} kB",
            }
        )
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "explanation.zslviz"
            path.write_bytes(whole)
            command = ["node", str(ROOT / "benchmarks" / "twin.js"), explainer.task, str(path), str(arguments.rounds)]
            timed = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        for what, milliseconds in timed.items():
            rows.append(
                {
                    "what": f"{name}: {what}, {size}, median of {len(milliseconds)}",
                    "figure": median_and_p95(milliseconds, ".2f"),
                    "goal": "at most 2 ms" if "ranking" in what else "",
                }
            )
    record("twin", "python benchmarks/twin.py", rows)


if __name__ == "__main__":
    main()
