"""What a golden case of MSCI holds against our network, its loss and the paper's fusion: the head on given layers, or all of it."""

from __future__ import annotations

import re
from functools import lru_cache

import torch
from torch import Tensor

from tests.goldens.cases import Case, Tolerance
from tests.goldens.runs import DELTAS, FLOAT32, FLOAT64, GRADIENTS, PARAMETERS, matching, own_tensors
from zslviz.backbones import Features
from zslviz.backbones.clip import open_clip_package
from zslviz.backbones.features import class_of
from zslviz.models.msci.clip import AdaptedVision, Prompts
from zslviz.models.msci.loss import training_loss
from zslviz.models.msci.network import MSCI, Compared, Seen
from zslviz.models.output import CompositionLogits
from zslviz.models.registry import build_model
from zslviz.tasks.compositional.scoring import published_scores

TEXTS = ("pair", "state", "object")
_AROUND = {
    "low_layers.linear": "concat_projection_low.0",
    "low_layers.norm": "concat_projection_low.1",
    "high_layers.linear": "concat_projection_high.0",
    "high_layers.norm": "concat_projection_high.1",
    "state_view.linear": "attr_disentangler.fc1",
    "state_view.norm": "attr_disentangler.bn1_fc",
    "object_view.linear": "obj_disentangler.fc1",
    "object_view.norm": "obj_disentangler.bn1_fc",
    "low_step": "lamda",
    "high_step": "lamda_2",
    "tau": "clip.logit_scale",
}
_STAGES = {"low": "stage1_local_alignment", "high": "stage2_global_fusion"}
_TOWER_LAYERS = 24
_LAYERS = {
    "attention.query": "cross_attn.q_proj",
    "attention.key": "cross_attn.k_proj",
    "attention.value": "cross_attn.v_proj",
    "attention.output": "cross_attn.proj",
    "norm": "norm",
    "fc1": "mlp.0",
    "fc2": "mlp.3",
}


_WHOLE = {
    "prompts.words": "soft_att_obj",
    "prompts.contexts.0": "comp_ctx_vectors",
    "prompts.contexts.1": "attr_ctx_vectors",
    "prompts.contexts.2": "obj_ctx_vectors",
}


def official_name(name: str) -> str:
    """Our parameter's name -> the authors'."""
    for own, theirs in {**_AROUND, **_WHOLE}.items():
        if name == own or name.startswith(f"{own}."):
            return theirs + name.removeprefix(own)
    if adapter := re.fullmatch(r"vision\.beside_(attention|mlp)\.(\d+)\.(down|up)\.(.+)", name):
        number = int(adapter[2]) + (_TOWER_LAYERS if adapter[1] == "mlp" else 0)
        return f"additional_visual_params.{number}.{adapter[3]}_proj.{adapter[4]}"
    stage, _, rest = name.partition(".")
    if rest.startswith("norm"):
        return f"{_STAGES[stage]}.{rest}"
    _, number, layer = rest.split(".", 2)
    inner, _, kind = layer.rpartition(".")
    return f"{_STAGES[stage]}.cross_attn_layers.{number}.{_LAYERS[inner]}.{kind}"


class HeadRun:
    """Our head with the case's parameters, on its layers and texts, in one precision and mode. Dropout is off, as in the cases."""

    def __init__(self, case: Case, dtype: torch.dtype, training: bool) -> None:
        self.case, self.t, self.training = case, own_tensors(case, dtype), training
        self.net = self.built(dtype).to(dtype).train(training)
        state = {n: self.t[f"param.{official_name(n)}"] for n in self.net.state_dict() if self.is_given(n)}
        self.net.load_state_dict(state, strict=False)
        pairs = self.t["in.pairs"]
        self.shown = pairs[: case.dims["seen_pairs"]] if training else pairs
        self.seen = self.net.see(self.features())

    def built(self, dtype: torch.dtype) -> MSCI:
        dims = self.case.dims
        width, low, high = dims["width"], dims["low_layers"], dims["high_layers"]
        made: MSCI = build_model(
            "msci",
            {
                "channels": (width,) * (low + high),
                "stages": tuple(f"layer{i}" for i in range(low + high)),
                "low": low,
                "class_tokens": True,
                "global_channels": width,
                "word_dim": width,
                "width": width,
                "heads": dims["heads"],
                "low_blocks": dims["cross_attention_layers"][0],
                "high_blocks": dims["cross_attention_layers"][1],
                "learn_scale": False,
                "dropout": 0.0,
                "view_dropout": 0.0,
            },
        )
        return made

    def is_given(self, name: str) -> bool:
        """All but our own encoder of words, in whose place the case has texts."""
        return not name.startswith("words.") and not name.endswith("num_batches_tracked")

    def layers(self) -> Tensor:
        """The tokens of the low and of the high layers [B, layers, T, D], the class token first."""
        return torch.cat([self.t["in.low_layers"], self.t["in.high_layers"]], dim=1)

    def texts(self) -> tuple[Tensor, Tensor, Tensor]:
        """Of the pairs that are shown, states and objects."""
        return self.t["in.text_pair"][: len(self.shown)], self.t["in.text_state"], self.t["in.text_object"]

    def features(self) -> Features:
        layers = self.layers().unbind(1)
        side = round((layers[0].shape[1] - 1) ** 0.5)
        stages = {}
        for name, tokens in zip(self.net.config.stages, layers, strict=True):
            stages[name] = tokens[:, 1:].mT.unflatten(-1, (side, side))
            stages[class_of(name)] = tokens[:, 0, :, None, None]
        return Features(stages, layers[-1][:, 0])

    def compared(self, explain: bool = False) -> list[Compared]:
        seen: Seen = self.seen
        views = (seen.image, seen.state, seen.object)
        return [self.net.compare(text, view, seen, explain) for text, view in zip(self.texts(), views, strict=True)]

    def logits(self) -> dict[str, Tensor]:
        return {f"logits_{name}": one.logits for name, one in zip(TEXTS, self.compared(), strict=True)}

    def tables(self) -> CompositionLogits:
        """Logits as a loss and a fusion take them: those of pairs in a table of all, -inf where there is none."""
        pairs, states, objects = self.logits().values()
        table = pairs.new_full((len(pairs), states.shape[1], objects.shape[1]), -torch.inf)
        table[:, self.shown[:, 0], self.shown[:, 1]] = pairs
        return CompositionLogits(table, states, objects)

    def losses(self) -> dict[str, Tensor]:
        weights = self.case.hyper["loss_weights"]
        tables = self.tables()
        states, objects = self.shown[self.t["in.labels"]].T
        asked = torch.zeros(tables.pairs.shape[1:], dtype=torch.bool)
        asked[self.shown[:, 0], self.shown[:, 1]] = True
        alone = {name: {other: float(other == name) for other in TEXTS} for name in TEXTS}
        every = {**alone, "total": {name: weights[name] for name in TEXTS}}
        return {
            f"loss.{name}": training_loss(tables, states, objects, asked, *(w[of] for of in TEXTS))
            for name, w in every.items()
        }

    def named(self) -> dict[str, Tensor]:
        named = {"low": self.seen.low.values, "high": self.seen.high.values, **self.logits()}
        for i, text in enumerate(self.texts()):
            refined = self.net.refine(text, self.seen)
            named[f"low_attention{i}"] = refined.low.blocks[0].attention
            named[f"high_attention{i}"] = refined.high.blocks[0].attention
            named[f"text_low{i}"], named[f"text_high{i}"] = refined.low.out, refined.high.out
        weights = tuple(self.case.hyper["inference_weights"][name] for name in TEXTS)
        fused = published_scores(*self.tables(), weights)
        return named | {"fused": fused[:, self.shown[:, 0], self.shown[:, 1]]}

    def head_parameters(self) -> dict[str, torch.nn.Parameter]:
        """Those that are trained, by the authors' names."""
        return {official_name(n): p for n, p in self.net.named_parameters() if self.is_given(n) and p.requires_grad}

    def parameters(self) -> dict[str, torch.nn.Parameter]:
        """All that are trained."""
        return self.head_parameters()

    def optimizer(self) -> torch.optim.Optimizer:
        settings = self.case.hyper["optimiser"]
        common = {"lr": settings["lr"], "weight_decay": settings["wd"]}
        if settings["kind"] == "Adam":
            return torch.optim.Adam(self.parameters().values(), eps=settings["eps"], **common)
        # theirs adds eps before the second moment is corrected for its start; of the first step that is a larger eps
        return torch.optim.AdamW(self.parameters().values(), eps=settings["eps"] / (1 - 0.999) ** 0.5, **common)


class WholeRun(HeadRun):
    """The whole model: layers by CLIP's image tower with adapters, texts by its text tower with learned prompts."""

    def built(self, dtype: torch.dtype) -> MSCI:
        t, dims = self.t, self.case.dims
        width, side = t["param.clip.visual.proj"].shape[0], self.case.tensors["in.image"].shape[-1]
        patch = t["param.clip.visual.conv1.weight"].shape[-1]
        depth = len({name.split(".")[4] for name in t if name.startswith("param.clip.transformer.resblocks.")})
        vision = {"image_size": side, "patch_size": patch, "width": width, "layers": _TOWER_LAYERS, "head_width": 4}
        vocabulary, text_width = t["param.clip.token_embedding.weight"].shape
        text = {
            "context_length": len(t["param.clip.positional_embedding"]),
            "vocab_size": vocabulary,
            "width": text_width,
            "heads": 2,
            "layers": depth,
        }
        clip = open_clip_package().CLIP(embed_dim=dims["width"], vision_cfg=vision, text_cfg=text, quick_gelu=True)
        clip.load_state_dict({n: t[f"param.clip.{n}"] for n in clip.state_dict()})
        self.vision = AdaptedVision(clip, len(t["param.additional_visual_params.0.down_proj.bias"]), 0.0).to(dtype)
        prompts = t["in.token_ids"]
        self.prompts = Prompts(clip.to(dtype), prompts, t["param.soft_att_obj"], dims["states"], 0.0).to(dtype)
        made = super().built(dtype)
        self.around = torch.nn.ModuleDict({"vision": self.vision, "prompts": self.prompts})
        for name, parameter in self.around.named_parameters():
            if parameter.requires_grad:
                parameter.data.copy_(t[f"param.{official_name(name)}"])
        return made

    def layers(self) -> Tensor:
        features = self.vision(self.t["in.image"])
        low, high = self.case.dims["low_layers"], self.case.dims["high_layers"]
        numbers = [*range(1, low + 1), *range(_TOWER_LAYERS - high + 1, _TOWER_LAYERS + 1)]
        tokens = []
        for number in numbers:
            places, first = (features.stages[name] for name in (f"layer{number}", class_of(f"layer{number}")))
            tokens.append(torch.cat([first.flatten(2).mT, places.flatten(2).mT], dim=1))
        return torch.stack(tokens, dim=1)

    def texts(self) -> tuple[Tensor, Tensor, Tensor]:
        of_pairs, of_states, of_objects = self.prompts(self.shown)
        return of_pairs, of_states, of_objects

    def named(self) -> dict[str, Tensor]:
        return super().named() | {"class_token": self.seen.image}

    def parameters(self) -> dict[str, torch.nn.Parameter]:
        around = {official_name(n): p for n, p in self.around.named_parameters() if p.requires_grad}
        return {**self.head_parameters(), **around}


def made(case: Case, dtype: torch.dtype, training: bool) -> HeadRun:
    """As much of the model as the case has parameters of."""
    return (WholeRun if "param.clip.visual.proj" in case.tensors else HeadRun)(case, dtype, training)


@lru_cache(maxsize=8)
def run(case: Case, mode: str, dtype: torch.dtype = torch.float32) -> HeadRun:
    return made(case, dtype, mode == "train")


def _values(of: HeadRun) -> dict[str, Tensor]:
    return of.losses() if of.training else of.named()


@torch.no_grad()
def check_forward(case: Case) -> None:
    bound = case.tolerance("float32", default=FLOAT32)
    for mode in ("eval", "train"):
        ours = _values(run(case, mode)) | run(case, mode).logits()
        theirs = matching(case, f"{mode}.") | (matching(case, "out.") if mode == "eval" else {})
        for name, value in theirs.items():
            case.noted(name, bound).check(ours[name], value, f"{mode}.{name}")


@torch.no_grad()
def check_float64(case: Case) -> None:
    bound = case.tolerance("float64", default=FLOAT64)
    for mode in ("eval", "train"):
        ours = _values(run(case, mode, torch.float64)) | run(case, mode, torch.float64).logits()
        for name, value in matching(case, f"f64.{mode}.").items():
            bound.check(ours[name], value, f"f64.{mode}.{name}")


def check_gradients(case: Case) -> None:
    fresh = made(case, torch.float32, True)
    fresh.losses()["loss.total"].backward()
    bound, own = case.tolerance("grad", default=GRADIENTS), fresh.parameters()
    for name, value in matching(case, "grad.").items():
        bound.check(own[name].grad, value, f"grad.{name}")


def stepped(case: Case, dtype: torch.dtype) -> tuple[HeadRun, dict[str, Tensor]]:
    """After one step, with the parameters before it."""
    fresh = made(case, dtype, True)
    before = {name: parameter.detach().clone() for name, parameter in fresh.parameters().items()}
    optimizer = fresh.optimizer()
    fresh.losses()["loss.total"].backward()
    optimizer.step()
    return fresh, before


def check_step(case: Case) -> None:
    fresh, _ = stepped(case, torch.float32)
    own = {**fresh.parameters(), **{official_name(n): b for n, b in fresh.net.named_buffers()}}
    bound = case.tolerance("after", default=PARAMETERS)
    for name, value in matching(case, "after1.").items():
        bound.check(own[name], value, f"after1.{name}")


def check_delta(case: Case) -> None:
    fresh, before = stepped(case, torch.float64)
    bound = case.tolerance("delta", default=DELTAS)
    for name, value in matching(case, "delta1.").items():
        bound.check(fresh.parameters()[name] - before[name], value, f"delta1.{name}")


@torch.no_grad()
def check_evidence(case: Case) -> None:
    """What tokens of both stages give and what comes from none add up to the logit, in the authors' own numbers."""
    for one in run(case, "eval", torch.float64).compared(explain=True):
        told = one.told
        Tolerance(1e-12).check(told.low.sum(-1) + told.high.sum(-1) + told.apart, one.logits, "evidence")


CHECKS = {
    "forward": (r"(eval|train|out)\..+", check_forward),
    "float64": (r"f64\.(eval|train)\..+", check_float64),
    "gradients": (r"grad\..+", check_gradients),
    "parameters after a step": (r"after1\..+", check_step),
    "updates in float64": (r"delta1\..+", check_delta),
    "evidence": (r"eval\.logits_pair", check_evidence),
}
