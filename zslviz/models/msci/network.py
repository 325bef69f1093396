"""MSCI: the texts of states, objects and pairs are refined by an encoder's low layers, then by its high ones (IJCAI 2025).

    l, h = relu(LN(W [layers])) of the low and of the high layers           c1 = Stage_low(t; l),  c2 = Stage_high(c1; h)
    t'   = t + lambda_1 c1 + lambda_2 c2, t of unit length                  z  = exp(tau) cos(v, t')

The same two stages serve states, objects and pairs. v of a pair is the photo's own vector; a state and an object each have a view
of it, relu(BN(W v)). With CLIP v is the class token of the last layer, not aggregated, and class tokens stand before the places of
every layer. On a CNN (our small version) c3 and c4 are the low layers and c5 the high one, v is an embedding of pooled stages, and
texts come from the vectors of words.

Evidence: with attention, the norms' deviations, the gates of QuickGELU and |t'| at this photo's values a logit is a sum over tokens
of l, tokens of h, and the text itself. v is not taken apart: a map says which places moved the text towards the photo.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, NamedTuple

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

from zslviz.backbones.features import STAGES, Features, class_of
from zslviz.errors import ConfigError
from zslviz.files.typed import BelowOne, Positive, Width, WidthOrNone
from zslviz.models.msci.stages import Aggregation, Stage, Staged, Tokens
from zslviz.models.output import CompositionLogits, CompositionOutput, CompositionText, Insight, StageEvidence
from zslviz.models.pair_texts import WordTexts

TEXTS_AT_ONCE = 2**15  # of all photos of a batch together: pairs are many, and each has hidden units of its own


@dataclass(frozen=True)
class MSCIConfig:
    """Sizes and parts. channels: of the layers in `stages`; word_dim: D of the word vectors; width: E.

    stages: which of the encoder's layers are read, the low ones first; low: how many of them are low. class_tokens: each layer's
    class token stands before its places. global_channels: of the photo's vector if the encoder gives one, which is then as wide as
    the network; 0 pools the last `pooled` layers instead. heads, low_blocks, high_blocks: of both stages. steps: initial lambda.
    text_hidden: of the MLPs of words; shared_space: words lie where photos do (CLIP), and what the MLPs say is added to them.
    scale: initial exp(tau); learn_scale: False leaves it. dropout, view_dropout, word_dropout: in the stages, of a state's and an
    object's view, and of the MLPs of words.
    """

    channels: Annotated[tuple[Width, ...], Field(min_length=2)]
    word_dim: Width
    stages: Annotated[tuple[str, ...], Field(min_length=2)] = STAGES
    low: Annotated[int, Field(ge=1, le=100)] = 2
    class_tokens: bool = False
    global_channels: WidthOrNone = 0
    pooled: Annotated[int, Field(ge=1, le=100)] = 3
    width: Width = 128
    heads: Width = 4
    low_blocks: Annotated[int, Field(ge=1, le=100)] = 1
    high_blocks: Annotated[int, Field(ge=1, le=100)] = 1
    steps: Positive = 0.1
    text_hidden: Width = 128
    shared_space: bool = False
    scale: Positive = 20.0
    learn_scale: bool = True
    dropout: BelowOne = 0.1
    view_dropout: BelowOne = 0.5
    word_dropout: BelowOne = 0.0

    def __post_init__(self) -> None:
        if not self.low < len(self.stages) == len(self.channels):
            raise ConfigError("'stages' are the low layers, 'low' of them, and after them at least one high layer.")
        if self.global_channels not in (0, self.width) or (self.shared_space and self.word_dim != self.width):
            raise ConfigError("Where photos and words share a space, 'width' is that of the space.")


class Seen(NamedTuple):
    """Of B photos: tokens of the low and of the high layers, and the vectors [B, E] for pairs, states and objects."""

    low: Tokens
    high: Tokens
    image: Tensor
    state: Tensor
    object: Tensor


class Refined(NamedTuple):
    """K texts refined by B photos. text: [K, E], of unit length. whole: t' [B, K, E], of whatever length."""

    text: Tensor
    low: Staged
    high: Staged
    whole: Tensor


class Told(NamedTuple):
    """What is to be told of K texts' logits [B, K]: what they were before the photo refined the texts; 1 - cos of each text and
    what it became; how long what the low and the high stage added to each text is; what tokens of the low and the high layers gave
    [B, K, T], and what comes from no token."""

    before: Tensor
    moved: Tensor
    by_low: Tensor
    by_high: Tensor
    low: Tensor
    high: Tensor
    apart: Tensor


class Compared(NamedTuple):
    """Logits of K texts [B, K]; told: only if asked for."""

    logits: Tensor
    told: Told | None


class MSCI(nn.Module):
    """Logits of pairs, states and objects from an encoder's layers and texts."""

    lays_out_pairs = True  # each takes a look of its own, so that those alone are scored that are asked for

    def __init__(self, config: MSCIConfig) -> None:
        super().__init__()
        self.config = config
        width, low = config.width, config.low
        self.stages = config.stages + (tuple(map(class_of, config.stages)) if config.class_tokens else ())
        self.drawn_on, self.high_drawn_on = config.stages[low - 1], config.stages[-1]
        self.wants_global = config.global_channels > 0
        self.low_layers = Aggregation(config.channels[:low], width)
        self.high_layers = Aggregation(config.channels[low:], width)
        self.low = Stage(width, config.heads, config.low_blocks, config.dropout)
        self.high = Stage(width, config.heads, config.high_blocks, config.dropout)
        self.low_step = nn.Parameter(torch.full((width,), config.steps))  # lambda_1
        self.high_step = nn.Parameter(torch.full((width,), config.steps))  # lambda_2
        self.embedding = None
        if not self.wants_global:
            pooled = sum(config.channels[-config.pooled :])
            self.embedding = nn.Sequential(nn.LayerNorm(pooled), nn.Dropout(config.dropout), nn.Linear(pooled, width))
        self.state_view = View(width, config.view_dropout)
        self.object_view = View(width, config.view_dropout)
        self.words = WordTexts(config.word_dim, config.text_hidden, width, config.word_dropout)
        self.tau = nn.Parameter(torch.tensor(config.scale).log(), requires_grad=config.learn_scale)

    def text(self, state_vectors: Tensor, object_vectors: Tensor) -> CompositionText:
        """The texts of a space's word vectors [S, D] and [O, D], once for all photos."""
        text = self.words.texts(state_vectors, object_vectors)
        if not self.config.shared_space:
            return text
        states, objects = text.states + state_vectors, text.objects + object_vectors
        pair_states, pair_objects = text.pair_states + state_vectors, text.pair_objects + object_vectors
        return CompositionText(states, objects, pair_states, pair_objects, text.state_gates, text.object_gates)

    def forward(
        self, features: Features, text: CompositionText, explain: bool = False, asked: Tensor | None = None
    ) -> CompositionOutput:
        """Logits of B photos. asked: bool [S, O], the pairs that are scored, all if None; those of others are -inf."""
        seen = self.see(features)
        shape = len(text.pair_states), len(text.pair_objects)
        chosen = torch.ones(shape, dtype=torch.bool, device=seen.image.device) if asked is None else asked
        s, o = chosen.nonzero(as_tuple=True)
        laid_out = text.pair_states[s] + text.pair_objects[o] + text.state_gates[s] * text.object_gates[o]  # [P, E]
        pairs = self.compare(laid_out, seen.image, seen, explain)
        states, objects = (
            self.compare(texts, view, seen, explain)
            for texts, view in ((text.states, seen.state), (text.objects, seen.object))
        )
        logits = seen.image.new_full((len(seen.image), *shape), -torch.inf)
        logits[:, chosen] = pairs.logits
        if not explain or asked is not None:
            return CompositionOutput(logits, states.logits, objects.logits)
        grids = (self.drawn_on, self.high_drawn_on)
        steps = torch.stack([step.square().mean().sqrt() for step in (self.low_step, self.high_step)])
        return _explained(seen, shape, (pairs, states, objects), grids, self.tau.exp(), steps)

    def see(self, features: Features) -> Seen:
        """Raises ConfigError if the photo's own vector is wanted and there is none."""
        names, low = self.config.stages, self.config.low
        layers = [features.stages[name] for name in names]
        classes = [features.stages[class_of(name)] for name in names] if self.config.class_tokens else []
        if self.embedding is not None:
            image = self.embedding(torch.cat([layer.mean((-2, -1)) for layer in layers[-self.config.pooled :]], dim=1))
        elif features.global_vector is None:
            raise ConfigError("This network wants a global vector of each photo beside its tokens.")
        else:
            image = features.global_vector
        return Seen(
            self.low_layers(layers[:low], classes[:low]),
            self.high_layers(layers[low:], classes[low:]),
            image,
            self.state_view(image),
            self.object_view(image),
        )

    def refine(self, texts: Tensor, seen: Seen) -> Refined:
        """texts: [K, E], of any length."""
        text = F.normalize(texts, dim=-1)
        low = self.low(text, seen.low.values)
        high = self.high(low.out, seen.high.values)
        return Refined(text, low, high, text + self.low_step * low.out + self.high_step * high.out)

    def compare(self, texts: Tensor, image: Tensor, seen: Seen, explain: bool = False) -> Compared:
        """exp(tau) cos of an image's vector [B, E] and texts [K, E] as they are refined."""
        some = max(1, TEXTS_AT_ONCE // len(image))
        pieces = [self._compare(piece, image, seen, explain) for piece in texts.split(some)]
        told = [piece.told for piece in pieces if piece.told is not None]
        return Compared(
            torch.cat([piece.logits for piece in pieces], dim=1),
            Told(*(torch.cat(parts, dim=1) for parts in zip(*told, strict=True))) if told else None,
        )

    def _compare(self, texts: Tensor, image: Tensor, seen: Seen, explain: bool) -> Compared:
        refined = self.refine(texts, seen)
        toward = self.tau.exp() * F.normalize(image, dim=-1)[:, None]  # [B, 1, E]
        became = F.normalize(refined.whole, dim=-1)
        logits = (toward * became).sum(-1)
        if not explain:
            return Compared(logits, None)
        before, moved = (toward * refined.text).sum(-1), 1 - (became * refined.text).sum(-1)
        added = ((self.low_step * refined.low.out).norm(dim=-1), (self.high_step * refined.high.out).norm(dim=-1))
        return Compared(logits, Told(before, moved, *added, *self._evidence(refined, toward)))

    def _evidence(self, refined: Refined, toward: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """What tokens of the low and of the high layers give [B, K, T], and what comes from none: low ones through c1 and c2."""
        along = toward / refined.whole.norm(dim=-1, keepdim=True).clamp(min=1e-12)
        at_low, of_high, high_biases = self.high.back(refined.high, along * self.high_step)
        at_text, of_low, low_biases = self.low.back(refined.low, along * self.low_step + at_low)
        return of_low, of_high, ((along + at_text) * refined.text).sum(-1) + low_biases + high_biases


class View(nn.Module):
    """A state's or an object's view of the photo: relu(BN(W v))."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.linear, self.norm, self.dropout = nn.Linear(width, width), nn.BatchNorm1d(width), nn.Dropout(dropout)

    def forward(self, image: Tensor) -> Tensor:
        """[B, E] -> [B, E]."""
        seen: Tensor = self.dropout(self.norm(self.linear(image)).relu())
        return seen


_STAGES = ("low layers", "high layers")
_ADDED = (
    "added",
    "How far the low and the high layers moved the words",
    "How long what each of them added to a pair’s words is, the words themselves being 1 long: the mean over all pairs.",
    ("named",),
)
_STEPS = (
    "steps",
    "How much the model lets each stage change the words",
    "The learned weight λ of what the low and the high layers add (its root mean square); 0 would leave the words as they are.",
    ("named",),
)


def _explained(
    seen: Seen,
    shape: tuple[int, int],
    compared: Sequence[Compared],
    grids: tuple[str, str],
    scale: Tensor,
    steps: Tensor,
) -> CompositionOutput:
    """Everything of all pairs, states and objects; what class tokens gave lies at no place and goes with what comes from none.

    steps: [2], root mean squares of both lambda.
    """
    told = [one.told for one in compared if one.told is not None]
    low = [seen.low.parted(one.low) for one in told]
    high = [seen.high.parted(one.high) for one in told]
    beside = [one.apart + of_low + of_high for one, (_, of_low), (_, of_high) in zip(told, low, high, strict=True)]

    def tables(values: Sequence[Tensor]) -> CompositionLogits:
        return CompositionLogits(values[0].unflatten(1, shape), *values[1:])

    return CompositionOutput(
        *tables([one.logits for one in compared]),
        global_embedding=seen.image,
        refined_embedding=seen.image,
        before=tables([one.before for one in told]),
        evidence=(
            StageEvidence("low", grids[0], *tables([maps for maps, _ in low])),
            StageEvidence("high", grids[1], *tables([maps for maps, _ in high])),
        ),
        apart=tables(beside),
        moved=told[0].moved.mean(dim=1),
        scale=scale,
        insights=(
            Insight(
                *_ADDED, torch.stack([told[0].by_low.mean(1), told[0].by_high.mean(1)], 1), names=_STAGES, unit="length"
            ),
            Insight(*_STEPS, steps, of="model", names=_STAGES, unit="root mean square of λ"),
        ),
    )
