"""Photo to full explanation beside the backbone's own forward, and all maps beside Grad-CAM once per attribute.

    .venv/bin/python benchmarks/explain.py            # Grad-CAM needs: make yardsticks

Every shipped model that sees photos is timed. --processor-time counts what each takes of the processor, on one core: for a machine
that others keep busy, where seconds say little. Grad-CAM is run for a few attributes and its time per attribute multiplied by their
number; the row says so.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import torch
from common import interleaved, median_ms, median_ratio, record

from zslviz.checkpoints.listing import list_checkpoints
from zslviz.explainer import Explainer
from zslviz.photos.loading import load_photo, to_network_input
from zslviz.tasks.base.explainer import as_batch

Clock = Callable[[], float]
EXAMPLE = next(iter(sorted((Path(__file__).parent.parent / "assets" / "examples").glob("*.jpg"))))


class AttributeHead(torch.nn.Module):
    """Pixels to attribute scores [B, A] summed over granularities: what Grad-CAM differentiates."""

    def __init__(self, explainer: Explainer) -> None:
        super().__init__()
        self.backbone, self.head = explainer.encoder.backbone, explainer._network

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return self.head(self.backbone(pixels)).scores.sum(0)


def explanation_rows(
    name: str | Path, photo: Path, rounds: int, clock: Clock = time.perf_counter
) -> list[dict[str, object]]:
    """A photo to its full explanation beside the backbone's own forward, in turn."""
    explainer = Explainer.from_pretrained(name)
    name = explainer.name
    batch = as_batch([to_network_input(load_photo(photo), explainer.checkpoint.size)[0]])
    with torch.inference_mode():
        sides = {"explain": lambda: explainer.explain(photo), "backbone": lambda: explainer.encoder.backbone(batch)}
        times = interleaved(sides, rounds, clock=clock)
    ratio = median_ratio(times["explain"], times["backbone"])
    return [
        {"what": f"{name}: backbone forward", "figure": f"{median_ms(times['backbone']):.1f} ms"},
        {"what": f"{name}: photo to full explanation", "figure": f"{median_ms(times['explain']):.1f} ms"},
        {"what": f"{name}: explanation / backbone", "figure": f"{ratio:.2f}", "goal": "at most 1.5"},
    ]


def gradcam_rows(name: str, photo: Path, sample: int) -> list[dict[str, object]]:
    try:
        from pytorch_grad_cam import GradCAM
        from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
    except ImportError:
        return [{"what": f"{name}: Grad-CAM", "figure": "not run", "goal": "make yardsticks installs it"}]
    explainer = Explainer.from_pretrained(name)
    model = AttributeHead(explainer).requires_grad_(True)
    pixels = as_batch([to_network_input(load_photo(photo), explainer.checkpoint.size)[0]]).float()
    attributes = len(explainer.space.attributes)
    with GradCAM(model=model, target_layers=[explainer.encoder.backbone.network.network.bn2]) as cam:
        steps = iter(range(10**6))
        times = interleaved(
            {
                "ours": lambda: explainer.explain(photo),
                "gradcam": lambda: cam(input_tensor=pixels, targets=[ClassifierOutputTarget(next(steps) % attributes)]),
            },
            sample,
        )
    model.requires_grad_(False)
    ratio = attributes * median_ratio(times["gradcam"], times["ours"])
    maps = attributes * len(explainer.granularities)
    return [
        {
            "what": f"{name}: Grad-CAM, {attributes} attributes x the median of {sample}",
            "figure": f"{attributes * median_ms(times['gradcam']) / 1e3:.1f} s",
        },
        {
            "what": f"{name}: Grad-CAM once per attribute / our explanation with all {maps} maps",
            "figure": f"{ratio:.0f} x",
            "goal": "at least 100 x",
        },
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photo", type=Path, default=EXAMPLE)
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--sample", type=int, default=12, help="attributes that Grad-CAM is timed on")
    parser.add_argument(
        "--processor-time", action="store_true", help="of one core, instead of seconds, without Grad-CAM"
    )
    arguments = parser.parse_args()
    if arguments.processor_time:
        torch.set_num_threads(1)
    clock = time.process_time if arguments.processor_time else time.perf_counter
    names = [info.name for info in list_checkpoints() if info.sees]
    rows = [row for name in names for row in explanation_rows(name, arguments.photo, arguments.rounds, clock)]
    if arguments.processor_time:
        rows = [{**row, "figure": f"{row['figure']} of one core"} if "/" not in row["what"] else row for row in rows]
    else:
        rows += gradcam_rows("mgmrn-cub", arguments.photo, arguments.sample)
        rows += gradcam_rows("msdn-cub", arguments.photo, arguments.sample)
    name = f"explain{'_processor_time' * arguments.processor_time}"
    record(name, f"python benchmarks/explain.py{' --processor-time' * arguments.processor_time}", rows)


if __name__ == "__main__":
    main()
