"""What a golden case of PSVMA holds against our network, on our vision transformer, and loss."""

from __future__ import annotations

import torch
from torch import Tensor

from tests.goldens.adaptation import Renamed, of_module
from tests.goldens.cases import Case
from tests.goldens.runs import Checks, own_tensors
from zslviz.backbones import Backbone, BackboneSpec, Features
from zslviz.backbones.features import TOKENS
from zslviz.backbones.vit import VisionTransformer
from zslviz.models.debiased import cosines
from zslviz.models.finetuned import EndToEnd
from zslviz.models.mutual_adaptation import Adapted
from zslviz.models.psvma.loss import psvma_loss
from zslviz.models.registry import build_model


def official_name(name: str) -> str:
    """A parameter of the head and the transformer, trained end to end -> the authors' name."""
    for ours, theirs in {
        "head.module.": "", "head.between.block.": "backbone_1.", "head.between.": "", "head.": "",
        "backbone.network.blocks.": "backbone_0.", "backbone.network.patch_embed.": "backbone_patch.", "backbone.network.": "",
    }.items():  # fmt: skip
        if name.startswith(ours):
            rest = name.removeprefix(ours)
            return f"blocks.{of_module(rest)}" if not theirs and "module" in ours else f"{theirs}{rest}"
    raise AssertionError(name)


class PSVMARun:
    """Our PSVMA and transformer with the case's parameters, its inputs and its loss, in one precision."""

    def __init__(self, case: Case, dtype: torch.dtype) -> None:
        t, dims, self.hyper = own_tensors(case, dtype), case.dims, case.hyper
        width, heads, ratio, side = dims["width"], dims["vit_heads"], dims["vit_mlp_ratio"], dims["grid"][0]
        transformer = VisionTransformer(width, dims["vit_blocks"], heads, dims["patch"], side, ratio)
        spec = BackboneSpec("tiny", (width,) * 3, dims["image"], (0.0,) * 3, (1.0,) * 3, "none", patch=dims["patch"])
        head = build_model(
            "psvma",
            {
                "attributes": dims["attributes"],
                "word_dim": dims["word_dim"],
                "channels": width,
                "side": side,
                "width": width,
                "mixing": dims["token_mixing_hidden"],
                "groups": dims["groups"],
                "heads": heads,
                "ratio": ratio,
                "stages": [TOKENS],
            },
        )
        self.backbone = Backbone(spec, transformer)
        head.take_from(self.backbone)
        whole = EndToEnd(head, self.backbone).to(dtype)
        last = f"backbone.network.blocks.{dims['vit_blocks'] - 1}."
        official = {
            name: official_name(name)
            for name, _ in whole.named_parameters()
            if not name.startswith((last, "backbone.network.norm."))
        }
        with torch.no_grad():
            for name, parameter in whole.named_parameters():
                if name in official:
                    parameter.copy_(t[f"param.{official[name]}"])
        head.set_word_vectors(t["in.w2v"])
        self.head, self.net = head.train(), Renamed(whole, official)
        self.pixels, self.table, self.labels = t["in.image"], t["in.att"], t["in.labels"]
        self.seen = torch.arange(len(self.table)) < int(dims["seen"])

    def adapted(self) -> tuple[Tensor, Adapted, Adapted]:
        tokens, _ = self.head.regions(self._features())
        return tokens, *self.head.adapt(tokens)

    def named(self) -> dict[str, Tensor]:
        tokens, first, second = self.adapted()
        vector = second.regions.mean(1) @ self.head.V
        scores = float(self.hyper["scale"]) * cosines(vector, self.table)
        named = {
            "attr_vector": vector,
            "block_input0": tokens,
            "block_input1": self.head.between(first.regions),
            "score_gzsl": scores,
            "score_unseen": scores[:, ~self.seen],
        }
        for i, module in enumerate((first, second)):
            named |= {f"block_output{i}": module.regions, f"decoder_logits{i}": module.asked}
            for j in range(2):
                named |= {f"encoder_logits{2 * i + j}": module.logits[j], f"grouped{2 * i + j}": module.gated[j]}
        return named

    def losses(self) -> dict[str, Tensor]:
        output = self.head(self._features())
        h = self.hyper
        loss = psvma_loss(
            output.scores, self.labels, self.table, self.seen, *output.learned,
            scale=h["scale"], lambda_reg=h["lambda_reg"], lambda_deb=h["lambda_debias"],
        )  # fmt: skip
        return {"total": loss.total, "cls": loss.ce, "reg": loss.regression, "debias": loss.debias}

    def _features(self) -> Features:
        """Of pixels that are normalised already, and fewer than photos here have."""
        return Features(self.backbone.network(self.pixels, (TOKENS,)))

    def evidence(self) -> dict[str, Tensor]:
        output = self.head(self._features(), explain=True)
        assert torch.allclose(output.evidence.sum((-2, -1)), output.scores, atol=1e-5)
        return {"evidence": output.evidence[0].flatten(-2)}

    def optimizer(self) -> torch.optim.Optimizer:
        settings = self.hyper["optimiser"]
        parameters = [parameter for _, parameter in self.net.named_parameters()]
        return torch.optim.SGD(
            parameters, lr=settings["lr"], weight_decay=settings["wd"], momentum=settings["momentum"]
        )


CHECKS = Checks(PSVMARun).named()
