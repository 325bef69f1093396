"""Bundles, and the page's own arithmetic in Node: sizes, and milliseconds from an edit to a ranking without any server.

.venv/bin/python benchmarks/twin.py [--rounds 300]
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import tempfile
from pathlib import Path

from common import record

from zslviz.explainer import Explainer
from zslviz.tasks.attributes.bundle import model_bundle

ROOT = Path(__file__).parent.parent
PHOTOS = {"mgmrn-cub": "kingfisher", "msdn-cub-grounded": "kingfisher", "mgmrn-awa2": "bison", "dap-cub": "kingfisher"}
MOST = {312: 1500, 85: 400}  # kB


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=300)
    arguments = parser.parse_args()
    rows = []
    for name, photo in PHOTOS.items():
        explanation = Explainer.from_pretrained(name).explain(ROOT / "assets" / "examples" / f"{photo}.jpg")
        whole, model = explanation.bundle(), model_bundle(explanation)
        attributes, classes = len(explanation.space.attributes), len(explanation.space.classes)
        grid = " x ".join(map(str, explanation.grid or ()))
        rows.append(
            {
                "what": f"{name}: bundle, maps of {attributes} attributes on {grid}, model part apart",
                "figure": f"{len(whole) / 1e3:.0f} kB, {len(model) / 1e3:.0f} of them",
                "goal": f"at most {MOST[attributes]} kB",
            }
        )
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "explanation.zslviz"
            path.write_bytes(whole)
            command = ["node", str(ROOT / "benchmarks" / "twin.js"), str(path), str(arguments.rounds)]
            timed = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        for what, milliseconds in timed.items():
            p95 = sorted(milliseconds)[int(0.95 * (len(milliseconds) - 1))]
            rows.append(
                {
                    "what": f"{name}: {what}, {attributes} x {classes}, median of {len(milliseconds)}",
                    "figure": f"{statistics.median(milliseconds):.2f} ms (p95 {p95:.2f})",
                    "goal": "at most 2 ms" if "ranking" in what else "",
                }
            )
    record("twin", "python benchmarks/twin.py", rows)


if __name__ == "__main__":
    main()
