"""What the shell shows of a compositional model (see `tasks.base.show`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from zslviz.errors import ConfigError
from zslviz.files.journal import as_cell
from zslviz.photos.loading import ImageSource
from zslviz.tasks.base.card_parts import percent
from zslviz.tasks.base.insights import insight_lines, insights_answer
from zslviz.tasks.base.photo import Map
from zslviz.tasks.base.show import BEST, Mapped, Options, Shown, kind_shown
from zslviz.tasks.compositional.explanation import CompositionExplanation
from zslviz.tasks.compositional.offers import EVIDENCE
from zslviz.tasks.compositional.space import CompositionSpace

if TYPE_CHECKING:  # it brings PyTorch
    from zslviz.tasks.compositional.explainer import CompositionExplainer

COLUMNS = {"S": "closed.s", "U": "closed.u", "H": "closed.h", "AUC": "closed.auc", "open AUC": "open.auc"}
OPTIONS = {
    "explain": Options(
        own=("add_state", "add_object", "open_world"),
        shared=("kind",),
        others="'{name}' scores states and objects; use --add-state, --add-object and no --granularity.",
        elsewhere="'{name}' has no states and objects; those options are for compositional models.",
    ),
    "predict": Options(
        own=("open_world", "bias"),
        others="'{name}' takes --bias and --open-world, not --gamma or --unseen-only.",
        elsewhere="'{name}' is no compositional model; leave out --open-world and --bias.",
    ),
    "evaluate": Options(),
    "extend": Options(
        others="'{name}' knows states and objects by their names alone: 'zslviz explain' adds one with --add-state, --add-object."
    ),
    "invent": Options(
        others="'{name}' knows states and objects by their names; a class by a description is made with an attribute model."
    ),
    "compare": Options(others="'{name}' scores pairs; attribute models are compared, by what they read of attributes."),
    "retest": Options(
        others="'{name}' scores no attributes; only attribute models come with test photos that can be ranked again."
    ),
    "serve": Options(),
    "train": Options(),
}


def explain(
    explainer: CompositionExplainer,
    photo: ImageSource,
    top: int,
    pair: str | None,
    add_state: Sequence[str] = (),
    add_object: Sequence[str] = (),
    open_world: bool = False,
    kind: str | None = None,
) -> Shown:
    """Ranked pairs, with states and objects added, and where each stood without the refinement."""
    explanation = explainer.add(explainer.explain(photo), add_state, add_object)
    shown = kind_shown(explanation, kind, EVIDENCE.of)
    asked = None if pair is None else find_pair(explanation.space, pair)
    ranking, before = explanation.rank(open_world=open_world), explanation.rank(open_world=open_world, before=True)
    world = f"open world, feasible from {explanation.threshold:.3f} on" if open_world else "closed world"
    refining = explanation.refining
    lines = [f"{world}; unseen pairs get {explanation.bias:.2f}"]
    if refining is not None:
        lines.append(refining.told_turn(explanation.moved))
    for line in ranking[:top]:
        seen, was = "seen  " if line.seen else "unseen", before.rank_of((line.state, line.object))
        first = "" if refining is None else f"  ({refining.before[0].lower()}{refining.before[1:]}: {was})"
        lines.append(f"{line.rank:4d}  {seen}  {line.biased:8.3f}  {line.name}{first}")
    lines += insight_lines(insights_answer(explanation.insights))
    at = (ranking.best.state, ranking.best.object) if asked is None else asked

    def draw() -> Map:
        return explanation.map(shown, at)

    return Shown(explanation, lines, f"{shown} of '{explanation.pair_name(*at)}'", draw)


def find_pair(space: CompositionSpace, text: str) -> tuple[int, int]:
    """The pair that "STATE OBJECT" names, both in any case; of several ways to read it, the one with the longest state.

    Raises ConfigError, UnknownNameError.
    """
    words = text.split()
    if len(words) < 2:
        raise ConfigError(f"'{text}' is not a pair; write a state and an object, as in 'red shoes'.")
    ways = [(" ".join(words[:cut]), " ".join(words[cut:])) for cut in range(len(words) - 1, 0, -1)]
    known = [way for way in ways if way[0] in space.named_states]
    whole = [way for way in known if way[1] in space.named_objects]
    state, object_ = (whole or known or ways[-1:])[0]  # what is not known is said by the look-up
    return space.state_index(state), space.object_index(object_)


class PairTable:
    """One row a photo: state, object, score (with the bias if the pair is unseen) and seen (1 or 0) of the five best pairs."""

    def __init__(self, explainer: CompositionExplainer, open_world: bool = False, bias: float | None = None) -> None:
        self.header = [f"{column}{i}" for i in range(1, BEST + 1) for column in ("state", "object", "score", "seen")]
        self.explainer, self.open_world, self.bias = explainer, open_world, bias
        self.look = explainer.scores_of

    def rows(self, scores: Any) -> Iterator[list[Any]]:
        space = self.explainer.space
        best = self.explainer.best_pairs(scores, BEST, self.open_world, self.bias)
        cells = [
            [as_cell(space.states[s]), as_cell(space.objects[o]), f"{score:.6g}", int(space.seen[s, o])]
            for s, o, score in best
        ]
        yield [cell for group in cells for cell in group] + [""] * (4 * (BEST - len(best)))

    def found_in(self, explanation: CompositionExplanation) -> Any:
        return explanation.logits.fused

    def mapped(self, explanation: CompositionExplanation) -> Mapped:
        """The five best pairs by own names, as in tables, best first, with the scores that rank them."""
        best = self.explainer.best_pairs(explanation.logits.fused, BEST, self.open_world, self.bias)
        states, objects = explanation.space.states, explanation.space.objects
        names = [f"{states[state]} {objects[object_]}" for state, object_, _ in best]
        values = np.array([score for _, _, score in best], dtype=np.float32)
        return Mapped(EVIDENCE.of, names, [(state, object_) for state, object_, _ in best], values)


TABLE = PairTable


def space_rows(space: CompositionSpace) -> Iterator[list[Any]]:
    """A row a pair: state, object, whether it was trained on, and whether it competes in the closed world (1 or 0)."""
    yield ["state", "object", "seen", "competing"]
    for s, state in enumerate(space.states):
        for o, object_ in enumerate(space.objects):
            yield [state, object_, int(space.seen[s, o]), int(space.candidates[s, o])]


def figure_lines(name: str, figures: Mapping[str, Any]) -> list[str]:
    """S, U, H and AUC in both worlds, in per cent."""
    lines = []
    for world in ("closed", "open"):
        of_world, at = figures[world], figures[world]["at_validation_bias"]
        told = "  ".join(f"{key.upper()} {percent(of_world[key])}" for key in ("s", "u", "h", "auc"))
        lines.append(
            f"{name}, {world} world: {told}  (best bias on the test photos, as the field reports)  states "
            f"{percent(of_world['state_accuracy'])}  objects {percent(of_world['object_accuracy'])}; at the validation's bias "
            f"{at['bias']:.2f}: S {percent(at['s'])}  U {percent(at['u'])}  H {percent(at['h'])}"
        )
    return lines
