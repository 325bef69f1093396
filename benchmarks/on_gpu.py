"""Every shipped model and every training step on a GPU: how fast, and whether its answers are the CPU's.

    python benchmarks/on_gpu.py [--part explain|answers|predict|steps] [--device cuda]

Each part writes its rows to a file of its own as soon as it has them, so that a run that is cut off keeps what it measured. All
parts together take about two and a half minutes on a data centre's card with 16 cores. `--quick --device cpu` goes through
everything with tiny counts and writes nothing: its figures mean nothing, it shows that all of it runs.

Explanations and predictions are timed as they run by default. Answers are compared with TF32 off, and for information once more as
they come by default, where PyTorch lets convolutions use TF32. Steps in float32 are timed without TF32.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from common import RESULTS, machine, median_ms, median_ratio, show, write
from gpu_answers import answers
from gpu_run import Row, Run, network_inputs, opened
from gpu_steps import steps

from zslviz.photos.reading import read_ahead
from zslviz.predictor import prepare
from zslviz.runtime.allocator import keep_freed_memory


def explain(run: Run) -> Iterator[list[Row]]:
    """A photo to its full explanation beside the backbone's own forward; many photos at a time."""
    photo, many = run.examples[0], run.repeated(run.batch)
    for info in run.models:
        here, on_cpu = opened(info.name, run.device), opened(info.name, "cpu")
        one = network_inputs([photo], here.checkpoint.size).to(run.device)
        batch = network_inputs(many, here.checkpoint.size)
        with torch.inference_mode():
            sides = {
                "explain": lambda e=here: e.explain(photo),
                "backbone": lambda e=here, x=one: e.encoder.backbone(x),
                "read": lambda e=here: network_inputs([photo], e.checkpoint.size),
            }
            times = run.timed(sides, warmup=3)
            cpu = run.timed({"explain": lambda e=on_cpu: e.explain(photo)}, share=0.5)["explain"]
            every = {
                "explained": lambda e=here: list(e.explain_many(many, run.batch)),
                "scored": lambda e=here, x=batch: e.scores_of(e._encode(x)),
            }
            rates = {what: run.batch / statistics.median(t) for what, t in run.timed(every).items()}
        both = f"{median_ms(times['explain']):.1f} / {median_ms(cpu):.1f} ms"
        yield [
            {"what": f"{info.name}: photo to full explanation, GPU / CPU", "figure": both},
            {
                "what": f"{info.name}: of it, the photo read and brought to size on the CPU",
                "figure": f"{median_ms(times['read']):.1f} ms",
            },
            {"what": f"{info.name}: backbone forward", "figure": f"{median_ms(times['backbone']):.1f} ms"},
            {
                "what": f"{info.name}: explanation / backbone",
                "figure": f"{median_ratio(times['explain'], times['backbone']):.2f}",
            },
            {
                "what": f"{info.name}: files to full explanations, batch {run.batch}",
                "figure": f"{rates['explained']:.0f} photos/s",
            },
            {
                "what": f"{info.name}: pixels in memory to scores, batch {run.batch}",
                "figure": f"{rates['scored']:.0f} photos/s",
            },
        ]


def predict(run: Run) -> Iterator[list[Row]]:
    """`zslviz predict` from files to a table, of one attribute model a system; and how fast photos are read alone."""
    some = {info.system: info for info in reversed(run.models) if info.task == "attributes"}
    photos, few = run.repeated(run.photos), run.repeated(max(1, run.photos // 2))
    for info in reversed(some.values()):
        size = opened(info.name, "cpu").checkpoint.size
        with tempfile.TemporaryDirectory() as folder:

            def to_table(device: str, files: list[Path], name: str = info.name, into: str = folder) -> None:
                job = prepare(opened(name, device), {}, batch_size=run.batch)
                job.run_together(files, Path(into) / "rows.csv", False, lambda count: None, lambda photo, error: None)

            gpu = run.timed({"": lambda t=to_table: t(run.device, photos)})[""]
            cpu = run.timed({"": lambda t=to_table: t("cpu", few)})[""]
            reading = run.timed({"": lambda s=size: list(read_ahead(photos, s, run.batch))}, share=0.5)[""]
        rates = [n / statistics.median(t) for n, t in ((len(photos), gpu), (len(few), cpu), (len(photos), reading))]
        yield [
            {
                "what": f"{info.name}: predict, batch {run.batch}, GPU / CPU",
                "figure": f"{rates[0]:.0f} / {rates[1]:.0f} photos/s",
            },
            {
                "what": f"{info.name}: its photos decoded and brought to size alone",
                "figure": f"{rates[2]:.0f} photos/s",
            },
        ]


PARTS: Mapping[str, Callable[[Run], Iterator[list[Row]]]] = {
    "steps": steps,  # first: no model lies in the card's memory yet
    "answers": answers,
    "explain": explain,
    "predict": predict,
}


def measure(run: Run, part: str, folder: Path, command: str) -> None:
    """Prints the rows of a part, and writes them all after each that comes."""
    rows: list[Row] = []
    began = time.perf_counter()
    about = f"{machine()}, PyTorch {torch.__version__}"
    for new in PARTS[part](run):
        show(new)
        rows += new
        if not run.quick:
            content = {"command": command, "card": run.card, "machine": about, "rows": rows}
            write(folder / f"on_gpu_{part}.json", content)
    print(f"{part}: {time.perf_counter() - began:.0f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=list(PARTS), help="one part alone")
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--quick", action="store_true", help="tiny counts, nothing written")
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--model", action="append", help="of '--quick': this shipped model alone; as often as you like")
    given = parser.parse_args()
    if given.model and not given.quick:
        parser.error("'--model' goes with '--quick'; a table that is kept has all models.")
    if given.device == "cpu" and not given.quick:
        parser.error("on the CPU only '--quick' runs; its figures are those of the other benchmarks.")
    if given.device == "cuda" and not torch.cuda.is_available():
        parser.error("there is no CUDA device here that PyTorch can use.")
    keep_freed_memory()
    few: dict[str, Any] = {"batch": 2, "photos": 4, "compared": 2, "rounds": 1, "seconds": 0.1, "quick": True}
    run = Run(given.device, **(few | {"names": given.model} if given.quick else {}))
    for part in [given.part] if given.part else PARTS:
        measure(run, part, given.out, f"python benchmarks/on_gpu.py --part {part}")


if __name__ == "__main__":
    main()
