"""What 'zslviz explain' prints and writes of a compositional model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from zslviz.errors import ConfigError
from zslviz.photos.heatmaps import ColourScale, write_overlay
from zslviz.tasks.base.show import BEST
from zslviz.tasks.compositional.explainer import CompositionExplainer
from zslviz.tasks.compositional.explanation import CompositionExplanation
from zslviz.tasks.compositional.space import CompositionSpace


def explain_compositions(
    explainer: CompositionExplainer,
    photo: Path,
    top: int,
    pair: str | None,
    states: list[str],
    objects: list[str],
    open_world: bool,
    attention: bool,
    picture: Path | None,
) -> CompositionExplanation:
    """Ranked pairs, with states and objects added, and a pair's map over the photo: its evidence, or where its texts looked."""
    explanation = explainer.add(explainer.explain(photo), states, objects)
    asked = None if pair is None else find_pair(explanation.space, pair)
    ranking = explanation.rank(open_world=open_world)
    before = {(line.state, line.object): line.rank for line in explanation.rank(open_world=open_world, before=True)}
    world = f"open world, feasible from {explanation.threshold:.3f} on" if open_world else "closed world"
    typer.echo(
        f"{world}; unseen pairs get {explanation.bias:.2f}; the queries moved the embedding by {explanation.moved:.2f}"
    )
    for line in ranking[:top]:
        kind = "seen  " if line.seen else "unseen"
        typer.echo(
            f"{line.rank:4d}  {kind}  {line.biased:8.3f}  {line.name}  (without the queries {before[line.state, line.object]})"
        )
    s, o = (ranking[0].state, ranking[0].object) if asked is None else asked
    if picture is not None:
        values = explanation.pair_map(s, o) if attention else explanation.pair_evidence(s, o)
        kind = "attention" if attention else "evidence"
        scale = ColourScale.shared([values], not attention)
        write_overlay(explanation.photo, values, explanation.map_geometry, scale, picture)
        name = explanation.pair_name(s, o)
        typer.echo(f"wrote {picture} ({kind} of '{name}', colours from {scale.low:.3g} to {scale.high:.3g})")
    return explanation


def find_pair(space: CompositionSpace, text: str) -> tuple[int, int]:
    """The pair that "STATE OBJECT" names, both by their names in any case. Raises ConfigError, UnknownNameError."""
    words = text.split()
    for cut in range(1, len(words)):
        state, object_ = " ".join(words[:cut]).casefold(), " ".join(words[cut:]).casefold()
        if state in (name.casefold() for name in space.states):
            return space.state_index(state), space.object_index(object_)
    if len(words) < 2:
        raise ConfigError(f"'{text}' is not a pair; write a state and an object, as in 'red shoes'.")
    return space.state_index(words[0]), space.object_index(" ".join(words[1:]))


class PairTable:
    """One row a photo: state, object, score (with the bias if the pair is unseen) and seen (1 or 0) of the five best pairs."""

    def __init__(self, explainer: CompositionExplainer, open_world: bool, bias: float | None) -> None:
        self.header = [f"{column}{i}" for i in range(1, BEST + 1) for column in ("state", "object", "score", "seen")]
        self.explainer, self.open_world, self.bias = explainer, open_world, bias

    def rows(self, scores: Any) -> Iterator[list[Any]]:
        space = self.explainer.space
        best = self.explainer.best_pairs(scores, BEST, self.open_world, self.bias)
        cells = [[space.states[s], space.objects[o], f"{score:.6g}", int(space.seen[s, o])] for s, o, score in best]
        yield [cell for group in cells for cell in group] + [""] * (4 * (BEST - len(best)))
