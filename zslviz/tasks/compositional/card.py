"""The model card of a compositional model, written from its own files so that no figure is typed by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zslviz.models.registry import MODELS
from zslviz.tasks.base.card_parts import front_matter, interval, making, paragraph, percent, terms

FIGURES = ("s", "u", "h", "auc", "state_accuracy", "object_accuracy")
HEADS = ("S", "U", "H", "AUC", "states", "objects")
FIGURES_MEAN = (
    "S, U, H: best accuracy on photos of seen pairs, of unseen pairs, and best harmonic mean, over a bias added to unseen pairs; "
    "AUC: area under that curve. By the field's convention these take the best bias on the test photos themselves. states, "
    "objects: how often the state and the object of the best pair are right, without a bias."
)
_CHOICES = (
    "- Every setting, the epoch, the bias and the feasibility threshold were chosen on validation photos of seen and",
    "held-out pairs, never on test photos.",
)
_AT_BIAS = ("s", "u", "h")


def card(config: Mapping[str, Any], metrics: Mapping[str, Any]) -> str:
    """The card's Markdown text. metrics: of metrics.json; "yardsticks" and "ablations" are told where they are there."""
    space, system = config["space"], MODELS[config["system"]]
    parts = [
        front_matter(config, "compositional"),
        f"# {config['name']}: {config['title']}\n",
        paragraph(
            f"Compositional zero-shot model on a frozen {config['backbone']['name']} at {config['backbone']['size']} px:",
            f"which of {len(space['states'])} states and {len(space['objects'])} objects a photo shows, also in pairs never",
            f"trained on, with a map for every {'query, ' if 'queries' in system.capabilities else ''}state, object and pair.",
            system.about,
        ),
        "## Figures\n",
        figures_table({config["name"]: metrics, **metrics.get("yardsticks", {}), **metrics.get("ablations", {})}),
        _meaning(metrics),
        "At one bias, chosen on validation photos:\n",
        bias_table(metrics),
        "## How it was made\n",
        *making(config, metrics, "cross entropies of pair, state and object", *_CHOICES),
        "\n## Terms\n",
        terms(config, metrics),
    ]
    return "\n".join(parts)


def figures_table(rows: Mapping[str, Mapping[str, Any]]) -> str:
    """Models beside each other in per cent, closed world, then open world."""
    lines = [
        f"| | closed {' | '.join(HEADS)} | open {' | '.join(HEADS)} |",
        f"|---|{'---|' * (2 * len(HEADS))}",
    ]
    for name, figures in rows.items():
        cells = [percent(figures[world][k]) for world in ("closed", "open") for k in FIGURES]
        lines.append(f"| {name} | {' | '.join(cells)} |")
        if method := figures["closed"].get("intervals", {}).get("method"):
            bounds = [figures[world]["intervals"].get(k) for world in ("closed", "open") for k in FIGURES]
            told = " | ".join("" if bound is None else interval(bound) for bound in bounds)
            lines.append(f"| {100 * method['level']:.0f} % interval over test photos | {told} |")
    return "\n".join(lines) + "\n"


def bias_table(metrics: Mapping[str, Any]) -> str:
    """Seen, unseen and harmonic accuracy at the validation's bias, in both worlds."""
    lines = ["| world | bias | S | U | H |", "|---|---|---|---|---|"]
    for world in ("closed", "open"):
        at = metrics[world]["at_validation_bias"]
        lines.append(f"| {world} | {at['bias']:.2f} | {' | '.join(percent(at[k]) for k in _AT_BIAS)} |")
    return "\n".join(lines) + "\n"


def _meaning(metrics: Mapping[str, Any]) -> str:
    opened, weights = metrics["open"], metrics.get("familiarity", (0.0, 0.0))
    familiar = f"{weights[0]:g} log n_s + {weights[1]:g} log n_o"
    return paragraph(
        FIGURES_MEAN,
        f"Unseen pairs score by how familiar their words are, too: {familiar}, with the numbers of seen pairs of the state and",
        "of the object and weights chosen on validation photos." if any(weights) else "The weights chosen are 0.",
        "Closed world: the seen pairs and the test's unseen ones compete; open world: all do, less",
        f"{opened['infeasible_pairs']} pairs that are not feasible (threshold {opened['threshold']:.3f}, chosen on validation",
        "photos). The shop's colour names are noisy.",
    )
