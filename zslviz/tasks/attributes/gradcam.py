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

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from zslviz.backbones.features import STRIDES, Features
from zslviz.models.finetuned import FineTuned
from zslviz.photos.loading import ImageSource
from zslviz.photos.placement import cell_positions, place, placement_matrix
from zslviz.tasks.attributes.explainer import AttributeExplainer
from zslviz.tasks.attributes.scoring import ScoringRule

Outputs = Callable[[Tensor], Tensor]
_LAST = "c5"


@dataclass(frozen=True, eq=False)
class GradCamMaps:
    """Maps of one photo, moved to where their cells lie: attributes float32 [N, H, W], classes float32 [M, H, W]; none below 0."""

    attributes: NDArray[np.float32]
    classes: NDArray[np.float32]


def grad_cam(network: nn.Module, features: Features, outputs: Outputs) -> Tensor:
    """Maps [N, H, W] of the last stage of one photo (B = 1). outputs: attribute scores [G, 1, A] -> N numbers to be explained."""
    with torch.inference_mode(False), torch.enable_grad():
        stages = {name: stage.clone() for name, stage in features.stages.items()}
        last = stages[_LAST].requires_grad_()
        wanted = outputs(network(Features(stages)).scores)
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
    return grad_cam_of(explainer, explainer.features(image), attributes, classes)


def grad_cam_of(
    explainer: AttributeExplainer, features: Features, attributes: Sequence[int], classes: Sequence[int] = ()
) -> GradCamMaps:
    """The same from features of the photo, as `Explainer.features` and `encode_photo` give them."""
    size, network = explainer.checkpoint.size, explainer.checkpoint.network
    with torch.inference_mode():
        if isinstance(network, FineTuned):  # it makes its own last stage
            features = network.with_last(features)
            network = network.head
    where = features.stages[_LAST].device
    gain = torch.from_numpy(explainer.scale.gain).to(where)
    rows = torch.from_numpy(np.array(explainer.rule.rows(explainer.space)[list(classes)])).to(where)

    def outputs(scores: Tensor) -> Tensor:
        one = scores[:, 0]  # [G, A]
        values = (gain * one).sum(0)[list(attributes)]
        return torch.cat([values, rows @ fused(one, explainer.rule)])

    maps = grad_cam(network, features, outputs).cpu().numpy()
    positions = cell_positions(size, STRIDES[_LAST], maps.shape[-1], explainer.encoder.shift[_LAST])
    maps = place(maps.astype(np.float32), placement_matrix(positions, size))
    return GradCamMaps(maps[: len(attributes)], maps[len(attributes) :])


def fused(scores: Tensor, rule: ScoringRule) -> Tensor:
    """`ScoringRule.fuse` that can be differentiated: [G, A] -> [A]."""
    weights = scores.new_tensor(rule.weights)
    if rule.kind == "cosine":
        weights = weights / scores.norm(dim=-1).clamp(min=1e-12)
    return weights @ scores
