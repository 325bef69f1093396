"""Texts of states, objects and their pairs from the vectors of words: our encoder, where no text tower of CLIP gives them."""

from __future__ import annotations

from torch import Tensor, nn

from zslviz.models.output import CompositionText


class WordTexts(nn.Module):
    """One MLP for states and one for objects, with outputs for their own branch and for pairs (`CompositionText`)."""

    def __init__(self, word_dim: int, hidden: int, width: int, dropout: float) -> None:
        super().__init__()
        self.state = _mlp(word_dim, hidden, 3 * width, dropout)
        self.object = _mlp(word_dim, hidden, 3 * width, dropout)

    def texts(self, state_vectors: Tensor, object_vectors: Tensor) -> CompositionText:
        """state_vectors [S, D], object_vectors [O, D]."""
        states, pair_states, state_gates = self.state(state_vectors).chunk(3, dim=-1)
        objects, pair_objects, object_gates = self.object(object_vectors).chunk(3, dim=-1)
        return CompositionText(states, objects, pair_states, pair_objects, state_gates, object_gates)


def _mlp(word_dim: int, hidden: int, width: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(
        nn.LayerNorm(word_dim), nn.Linear(word_dim, hidden), nn.GELU(), nn.Dropout(dropout), nn.Linear(hidden, width)
    )
