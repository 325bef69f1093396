"""Photo to full explanation beside the backbone's own forward, and all maps beside Grad-CAM once per attribute.

    .venv/bin/python benchmarks/explain.py            # Grad-CAM needs: make yardsticks

Grad-CAM is run for a few attributes and its time per attribute multiplied by their number; the row says so.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from common import interleaved, median_ms, median_ratio, record

from zslviz.explainer import Explainer
from zslviz.photos.loading import load_photo, to_network_input
from zslviz.tasks.base.explainer import as_batch

EXAMPLE = next(iter(sorted((Path(__file__).parent.parent / "assets" / "examples").glob("*.jpg"))))


class AttributeHead(torch.nn.Module):
    """Pixels to attribute scores [B, A] summed over granularities: what Grad-CAM differentiates."""

    def __init__(self, explainer: Explainer) -> None:
        super().__init__()
        self.backbone, self.head = explainer.encoder.backbone, explainer._network

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return self.head(self.backbone(pixels)).scores.sum(0)


def explanation_rows(name: str | Path, photo: Path, rounds: int) -> list[dict[str, object]]:
    """A photo to its full explanation beside the backbone's own forward, in turn."""
    explainer = Explainer.from_pretrained(name)
    name = explainer.name
    batch = as_batch([to_network_input(load_photo(photo), explainer.checkpoint.size)[0]])
    with torch.inference_mode():
        times = interleaved(
            {"explain": lambda: explainer.explain(photo), "backbone": lambda: explainer.encoder.backbone(batch)}, rounds
        )
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
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photo", type=Path, default=EXAMPLE)
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--sample", type=int, default=12, help="attributes that Grad-CAM is timed on")
    arguments = parser.parse_args()
    rows = [
        row
        for name in ("mgmrn-cub", "msdn-cub", "mgmrn-awa2", "msdn-awa2")
        for row in explanation_rows(name, arguments.photo, arguments.rounds)
    ]
    rows += gradcam_rows("mgmrn-cub", arguments.photo, arguments.sample)
    rows += gradcam_rows("msdn-cub", arguments.photo, arguments.sample)
    record("explain", "python benchmarks/explain.py", rows)


if __name__ == "__main__":
    main()
