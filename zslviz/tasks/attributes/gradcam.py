"""Grad-CAM (Selvaraju et al. 2017) of the backbone's last stage: the yardstick that a model's own maps are compared with.

For an output y and the stage's maps A_k (eq. 1 and 2 of the paper):

    map = relu( sum_k alpha_k A_k ),   alpha_k = mean over places of dy / dA_k

Only the head is differentiated: the stage is the head's input, so the frozen backbone needs no gradient. A head that cuts the
gradient somewhere (Mg-MRN's granularities do not train their coarser neighbours) is taken as it is: what comes back along the
remaining paths is what any Grad-CAM of that model sees.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from zslviz.backbones import BACKBONES, Pyramid
from zslviz.backbones.opened import shared_backbone
from zslviz.photos.loading import ImageSource, load_photo, to_network_input
from zslviz.photos.placement import cell_positions, place, placement_matrix
from zslviz.tasks.attributes.explainer import AttributeExplainer
from zslviz.tasks.attributes.scoring import ScoringRule

Outputs = Callable[[Tensor], Tensor]
_LAST_STRIDE = 32


@dataclass(frozen=True, eq=False)
class GradCamMaps:
    """Maps of one photo, moved to where their cells lie: attributes float32 [N, H, W], classes float32 [M, H, W]; none below 0."""

    attributes: NDArray[np.float32]
    classes: NDArray[np.float32]


def grad_cam(network: nn.Module, pyramid: Pyramid, outputs: Outputs) -> Tensor:
    """Maps [N, H, W] of the last stage of one photo (B = 1). outputs: attribute scores [G, 1, A] -> N numbers to be explained."""
    with torch.inference_mode(False), torch.enable_grad():
        stages = Pyramid(*(None if stage is None else stage.clone() for stage in pyramid))  # type: ignore[arg-type]
        last = stages.c5.requires_grad_()
        wanted = outputs(network(stages).scores)
        maps = []
        for index in range(len(wanted)):
            (gradient,) = torch.autograd.grad(wanted[index], last, retain_graph=index + 1 < len(wanted))
            weights = gradient.mean(dim=(2, 3), keepdim=True)  # [1, C, 1, 1]
            maps.append((weights * last).sum(dim=1).relu()[0].detach())
    return torch.stack(maps) if maps else last.new_zeros(0, *last.shape[-2:])


def explain_with_grad_cam(
    explainer: AttributeExplainer, image: ImageSource, attributes: Sequence[int], classes: Sequence[int] = ()
) -> GradCamMaps:
    """Grad-CAM of attribute values and class scores (before calibration) of one photo. Raises ImageError."""
    checkpoint = explainer.checkpoint
    backbone = shared_backbone(checkpoint.backbone, explainer.device)
    network: Any = checkpoint.network
    pixels, _ = to_network_input(load_photo(image), checkpoint.size)
    with torch.inference_mode():
        pyramid = backbone(torch.from_numpy(np.array(pixels)).permute(2, 0, 1)[None].to(explainer.device))
        where = next(iter(network.state_dict().values())).device
        pyramid = Pyramid(*(stage.to(where) for stage in pyramid))
        if hasattr(network, "last_stage"):  # a fine-tuned one makes its own last stage
            network, pyramid = network.head, pyramid._replace(c5=network.last_stage(pyramid.c4))
    gain = torch.from_numpy(explainer.scale.gain).to(where)
    prototypes = torch.from_numpy(np.array(explainer.space.prototypes[list(classes)])).to(where)

    def outputs(scores: Tensor) -> Tensor:
        one = scores[:, 0]  # [G, A]
        values = (gain * one).sum(0)[list(attributes)]
        return torch.cat([values, prototypes @ fused(one, explainer.rule)])

    maps = grad_cam(network, pyramid, outputs).cpu().numpy()
    shift = BACKBONES[checkpoint.backbone].shift[2]
    positions = cell_positions(checkpoint.size, _LAST_STRIDE, maps.shape[-1], shift)
    maps = place(maps.astype(np.float32), placement_matrix(positions, checkpoint.size))
    return GradCamMaps(maps[: len(attributes)], maps[len(attributes) :])


def fused(scores: Tensor, rule: ScoringRule) -> Tensor:
    """`ScoringRule.fuse` that can be differentiated: [G, A] -> [A]."""
    weights = scores.new_tensor(rule.weights)
    if rule.kind == "cosine":
        weights = weights / scores.norm(dim=-1).clamp(min=1e-12)
    return weights @ scores
