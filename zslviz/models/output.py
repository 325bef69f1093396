"""What an attribute model returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from torch import Tensor


class FurtherMaps(NamedTuple):
    """Maps of another sort than attention and evidence, of a system that has more to show; offered under its name.

    title, hint: what people read. exact: values.sum((-2, -1)) + bias = scores. signed: below 0 speaks against.
    values: [G, B, A, H, W]. bias: [G, B, A] of exact maps, the part of the score that comes from no place, or None.
    held, rest: of exact maps, as of a system's evidence (`models.registry.System`).
    """

    name: str
    title: str
    hint: str
    exact: bool
    signed: bool
    values: Tensor
    bias: Tensor | None = None
    held: str = ""
    rest: str = ""


class Insight(NamedTuple):
    """Something that a system tells besides scores and maps, of a photo or of itself; page and shell show whatever there is.

    name: what it is asked for by. title, hint: what people read. of: "photo" or "model".
    axes: what its values run over, one word for each of their axes:
        ("attribute",)              a number an attribute
        ("attribute", "attribute")  what every attribute has with every other one; shown are the highest ones of one attribute
        ("named", "attribute")      the same with a name for each of a few numbers, such as before and after
        ("named",)                  a few numbers with names
        ("at",)                     a curve over positions
    values: [B, *axes] of photos, [*axes] of the model. names: of "named". at: positions, rising, of "at"; across: what they are.
    unit: what a number is, in words. signed: whether numbers below 0 mean the contrary of those above.
    term: the key of what the page's "?" says of it (`ui.terms`), "" if it has none.
    """

    name: str
    title: str
    hint: str
    axes: tuple[str, ...]
    values: Tensor
    of: str = "photo"
    unit: str = ""
    signed: bool = False
    names: tuple[str, ...] = ()
    at: tuple[float, ...] = ()
    across: str = ""
    term: str = ""


@dataclass(frozen=True, eq=False)
class AttributeOutput:
    """Scores of G granularities (Mg-MRN 3) or sub-nets (MSDN 2) for B images and A attributes; maps only if asked for.

    scores: [G, B, A].
    attention: [G, B, A, H, W], weights on the granularity's own regions. attention_context: the same on the refined
        coarser context at the same places (Mg-MRN; zero where a granularity has none), or None.
    evidence: [G, B, A, H, W], what every place adds to the score, context included: evidence.sum((-2, -1)) + bias = scores.
    bias: [G, A], or [G, B, A] where it differs from photo to photo: the part of the score that comes from no place.
    parts: [G, B, P, H, W], the part each place is assigned to (Mg-MRN, decoupled grouping), or None.
    learned: [.., B, ..] each, what the system's loss reads besides the scores, in the order of its arguments; in training alone.
    further: other sorts of maps. insights: what else it tells. A system without attention or without exact evidence leaves them
        None; bias goes with evidence.
    """

    scores: Tensor
    attention: Tensor | None = None
    attention_context: Tensor | None = None
    evidence: Tensor | None = None
    bias: Tensor | None = None
    parts: Tensor | None = None
    learned: tuple[Tensor, ...] = ()
    further: tuple[FurtherMaps, ...] = ()
    insights: tuple[Insight, ...] = ()


@dataclass(frozen=True, eq=False)
class LabelOutput:
    """Scores of K labels for B images; everything but `logits` only if explanations are asked for.

    logits: [B, K], the mean of each label's `top` highest regions (the network's configuration says how many).
    region_logits: [B, K, H, W], the score of each region. embeddings: [B, R, E] of the regions, row by row; their products with the
        network's `classifiers` are `region_logits`, also of labels that come later.
    region_attention: [B, heads, R, R], which regions a region looks at; rows sum to 1.
    scene_gate: [B, C], how far the whole scene opens each channel, 0 to 1.
    part_embeddings: [B, P, R, E], of a system whose scores are sums of parts: the regions of each group of channels, and last those
        of the global part, whose mean over regions every region is given: part_embeddings[:, :-1].sum(1) plus the mean of
        part_embeddings[:, -1] over regions = embeddings.
    learned: what the system's loss reads besides the logits, in the order of its arguments; in training alone.
    insights: what else it tells; without attributes.
    """

    logits: Tensor
    region_logits: Tensor | None = None
    embeddings: Tensor | None = None
    region_attention: Tensor | None = None
    scene_gate: Tensor | None = None
    part_embeddings: Tensor | None = None
    learned: tuple[Tensor, ...] = ()
    insights: tuple[Insight, ...] = ()


@dataclass(frozen=True, eq=False)
class CompositionText:
    """The texts of S states and O objects; nothing here depends on a photo, so it is computed once for a space.

    states [S, E], objects [O, E]: texts of their own branches. The text of a pair is
    t_so = pair_states_s + pair_objects_o + state_gates_s * object_gates_o (each [S, E] or [O, E]).
    """

    states: Tensor
    objects: Tensor
    pair_states: Tensor
    pair_objects: Tensor
    state_gates: Tensor
    object_gates: Tensor


class CompositionLogits(NamedTuple):
    """pairs [B, S, O], states [B, S] and objects [B, O]: exp(tau) cos, each of its own branch."""

    pairs: Tensor
    states: Tensor
    objects: Tensor


@dataclass(frozen=True, eq=False)
class StageEvidence:
    """What the places of one stage of a network add to logits.

    name: of the stage, a word that fits "the NAME layers". drawn_on: the stage of the encoder whose grid these are on.
    pairs: [B, S, O, H, W]. states: [B, S, H, W]. objects: [B, O, H, W]. Grids of several stages cover the same square.
    """

    name: str
    drawn_on: str
    pairs: Tensor
    states: Tensor
    objects: Tensor


@dataclass(frozen=True, eq=False)
class CompositionOutput:
    """Logits of S states, O objects and all their pairs for B photos; the rest only if asked for.

    pair_logits: [B, S, O]. state_logits: [B, S]. object_logits: [B, O].
    global_embedding, refined_embedding: [B, E], before and after the queries' refinement. before: the logits of the unrefined one.
    query_attention: per grid of tokens [B, heads, n, H, W]; state_attention [B, S, H, W] and object_attention [B, O, H, W] too.
        Attention sums to 1 over all tokens of all grids. None where the network lacks that part.
    token_refinement: per grid [B, E, H, W]; global_embedding + the sum over all tokens = refined_embedding.
    token_mapping: per grid [B, E, H, W]; weighted by a text's attention and summed, it is what the photo adds to that text.
    evidence: stage by stage, where logits are sums over places: of all stages together, with `apart`, they are the logits.
    moved: [B], 1 - cosine of a pair's text before and after the photo refined it, mean over pairs; where texts are what is refined.
    scale: exp(tau). insights: what else it tells; without attributes.
    """

    pair_logits: Tensor
    state_logits: Tensor
    object_logits: Tensor
    global_embedding: Tensor | None = None
    refined_embedding: Tensor | None = None
    before: CompositionLogits | None = None
    query_attention: tuple[Tensor, ...] | None = None
    state_attention: tuple[Tensor, ...] | None = None
    object_attention: tuple[Tensor, ...] | None = None
    token_refinement: tuple[Tensor, ...] | None = None
    token_mapping: tuple[Tensor, ...] | None = None
    evidence: tuple[StageEvidence, ...] = ()
    apart: CompositionLogits | None = None
    moved: Tensor | None = None
    scale: Tensor | None = None
    insights: tuple[Insight, ...] = ()
