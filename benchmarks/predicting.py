"""`zslviz predict` beside its backbone alone: photos a second from files to a table, and of the same pixels ready in memory.

python benchmarks/predicting.py

Both see the same photos (the examples, as they are) in the same batches, in turn, with freed memory kept. The share is told by the
clock, and by processor time as well, which a busy machine does not blur.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from common import interleaved, median_ratio, record

from zslviz.photos.loading import load_photo, to_network_input
from zslviz.predictor import prepare
from zslviz.runtime.allocator import keep_freed_memory
from zslviz.tasks.base.explainer import as_batch

EXAMPLES = Path(__file__).parent.parent / "assets" / "examples"
BATCHES = (8, 16)
PHOTOS, ROUNDS = 48, 7
MODELS = ("msdn-awa2", "mgmrn-awa2")


def rows_of(model: str, batch: int) -> list[dict[str, str]]:
    found = sorted(path for path in EXAMPLES.iterdir() if path.suffix in {".jpg", ".png"})
    photos = (found * PHOTOS)[:PHOTOS]
    with tempfile.TemporaryDirectory() as folder:
        job = prepare(model, {}, batch_size=batch, device="cpu")
        size, encoder = job.explainer.checkpoint.size, job.explainer.encoder
        inputs = [to_network_input(load_photo(photo), size)[0] for photo in photos]
        batches = [as_batch(inputs[i : i + batch]) for i in range(0, PHOTOS, batch)]
        stages = job.explainer._network.stages

        @torch.inference_mode()
        def backbone() -> None:
            for pixels in batches:
                encoder.encode(pixels, stages)

        def predict() -> None:
            job.run_together(photos, Path(folder) / "rows.csv", False, lambda count: None, lambda photo, error: None)

        spent: dict[str, list[float]] = {"backbone": [], "predict": []}

        def counted(what: str, function: Callable[[], None]) -> Callable[[], None]:
            def run() -> None:
                before = time.process_time()
                function()
                spent[what].append(time.process_time() - before)

            return run

        sides = {"backbone": counted("backbone", backbone), "predict": counted("predict", predict)}
        seconds = interleaved(sides, ROUNDS, warmup=1)
    rates = {what: PHOTOS / statistics.median(times) for what, times in seconds.items()}
    what = f"{model}, batch {batch}"
    both = f"{rates['predict']:.1f} / {rates['backbone']:.1f} photos/s"
    wall = median_ratio(seconds["backbone"], seconds["predict"])
    processor = median_ratio(spent["backbone"][1:], spent["predict"][1:])
    return [
        {"what": f"{what}: predict / backbone alone", "figure": both},
        {
            "what": f"{what}: share of the backbone's rate, by the clock",
            "figure": f"{wall:.2f}",
            "goal": "at least 0.90",
        },
        {"what": f"{what}: share, by the processors' time", "figure": f"{processor:.2f}"},
    ]


def main() -> None:
    keep_freed_memory()
    rows = [row for model in MODELS for batch in BATCHES for row in rows_of(model, batch)]
    record("predicting", "python benchmarks/predicting.py", rows)


if __name__ == "__main__":
    main()
