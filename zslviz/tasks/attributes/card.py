"""The model card of an attribute model, written from its own files so that no figure is typed by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zslviz.catalogue import SYSTEMS, data_card
from zslviz.models.registry import MODELS
from zslviz.tasks.attributes.card_maps import maps_section
from zslviz.tasks.base.card_parts import (
    IN_SIGHT,
    SMALL_BACKBONE,
    command_line,
    front_matter,
    gradient_recipe,
    interval,
    is_given,
    percent,
    seeds_lines,
    terms,
)

_FIGURES = ("t1", "u", "s", "h")


def card(config: dict[str, Any], metrics: Mapping[str, Any]) -> str:
    """The card's Markdown text. metrics: of metrics.json; "intervals", "seeds" and "maps" are told where they are there.

    intervals: `{"t1": [low, high], ..., "method": ...}` (`bootstrap.intervals`). seeds: as `tasks.base.seeds` writes them.
    """
    return "\n".join(
        [
            _head(config),
            "## Figures\n",
            _figures(metrics),
            "T1: mean per-class accuracy in per cent when only unseen classes compete. U, S, H: unseen, seen and harmonic\n"
            f"mean when all compete. Data: {data_name(config)}. {_caution(config)}\n",
            *maps_section(metrics),
            "## How it was made\n",
            *_making(config, metrics),
            "\n## Terms\n",
            terms(config, metrics),
        ]
    )


def data_name(config: Mapping[str, Any]) -> str:
    """What the model was trained and measured on, in words."""
    space, data = config["space"], config["data"]
    unseen = list(space["seen"]).count(0)
    counts = f"{len(space['classes']) - unseen} seen / {unseen} unseen classes"
    card = data_card(data)
    if card is not None and card.described:
        fewer = bool(card.partly) and len(space["classes"]) < card.classes
        return card.partly.format(counts=counts) if fewer else card.described
    return f"`{data}` ({counts}, {config['model']['attributes']} attributes)"


def _head(config: Mapping[str, Any]) -> str:
    backbone, space = config["backbone"], config["space"]
    trained = backbone.get("trained") or []
    how = "a frozen" if not trained else "a fine-tuned"
    along = f" (trained along: {', '.join(trained)})" if trained else ""
    maps = " with a map each" if MODELS[config["system"]].capabilities & {"evidence", "attention"} else ""
    seen = f"{how} {backbone['name']} at {backbone['size']} px{along}"
    if is_given(config):
        seen = f"features that were given (`{backbone['name']}`, {config['model']['channels']} numbers a photo)"
        maps = ""
    return f"""{front_matter(config, "attributes")}
# {config["name"]}: {config["title"]}

Attribute-based zero-shot classifier on {seen}. It predicts
{config["model"]["attributes"]} attributes{maps}, and ranks {len(space["classes"])} classes, of which \
{list(space["seen"]).count(0)} were never trained on.
"""


def _figures(metrics: Mapping[str, Any]) -> str:
    oracle = metrics["oracle"]
    lines = [
        "| | T1 | U | S | H | gamma | AUSUC |",
        "|---|---|---|---|---|---|---|",
        f"| gamma chosen on validation | {' | '.join(percent(metrics[k]) for k in _FIGURES)} | {metrics['gamma']:.2f} "
        f"| {percent(metrics['ausuc'])} |",
    ]
    if intervals := metrics.get("intervals"):
        level = 100 * intervals["method"]["level"]
        lines.append(
            f"| {level:.0f} % interval over test photos | {_row(interval(intervals[k]) for k in _FIGURES)} | | |"
        )
    if seeds := metrics.get("seeds"):
        lines += _seed_rows(seeds)
    lines.append(
        f"| oracle gamma (chosen on the test photos, for comparison only) | | {percent(oracle['u'])} | {percent(oracle['s'])} "
        f"| {percent(oracle['h'])} | {oracle['gamma']:.2f} | |\n"
    )
    return "\n".join(lines)


def _seed_rows(seeds: Mapping[str, Any]) -> list[str]:
    """Mean and spread over seeds, and each that is not the one above."""
    spread = (f"{percent(seeds[k]['mean'])} ± {percent(seeds[k]['std'])}" for k in (*_FIGURES, "ausuc"))
    *accuracies, ausuc = spread
    mean = f"| mean ± standard deviation over {seeds['count']} seeds | {_row(accuracies)} | | {ausuc} |"
    others = [each for each in seeds["each"] if each["seed"] != seeds["chosen"]]
    return [mean] + [
        f"| seed {each['seed']}, not shipped | {_row(percent(each[k]) for k in _FIGURES)} | {each['gamma']:.2f} "
        f"| {percent(each['ausuc'])} |"
        for each in others
    ]


def _making(config: Mapping[str, Any], metrics: Mapping[str, Any]) -> list[str]:
    recipe, chosen, backbone = config["recipe"], metrics["validation"], config["backbone"]
    settings = ", ".join(f"{k} {v}" for k, v in config["model"].items())
    from_photos = list(backbone.get("trained") or []) == ["c3", "c4", "c5"] or is_given(config)
    first = "" if from_photos else f" (features first: `zslviz cache --data {config['data']}=DIR`)"
    lines = [command_line(metrics, first)]
    system = MODELS[config["system"]]
    if system.closed_form:
        lines.append(f"- Recipe: {system.about}{_hyper_parameters(chosen)}")
        what = "Hyper-parameters and gamma"
    else:
        lines += [f"- Recipe: {gradient_recipe(recipe, chosen)}"] + [f"- {system.about}"] * bool(system.about)
        what = "Epoch, fusion and gamma"
    lines.append(f"- Network: {settings}")
    of_a_paper = bool(system.published or SYSTEMS[config["system"]].official or system.closed_form)
    if note := recipe.get("note") or ("No departures from the paper beyond the sizes above." if of_a_paper else ""):
        lines.append(f"- {note}")
    if not system.closed_form:
        loss = (
            ", ".join(f"{k} {v}" for k, v in recipe["loss"].items())
            or f"defaults of the {'paper' if of_a_paper else 'system'}"
        )
        lines.append(f"- Loss: {loss}{_grounding(recipe)}")
    lines.append(f"- Class scores: {config['rule']['kind']}, weights per granularity {config['rule']['weights']}")
    in_sight = f" {IN_SIGHT}" if metrics.get("settled_with_test_figures", True) else ""
    lines.append(
        f"- {what} were chosen on seen classes held out as pseudo-unseen ones (T1 {percent(chosen['t1'])}, "
        f"H {percent(chosen['h'])} there{_spread(config, chosen)}), never on test photos.{in_sight} The weights are stored in "
        "float16 and were measured as stored."
    )
    return [*lines, *seeds_lines(metrics)]


def _spread(config: Mapping[str, Any], chosen: Mapping[str, Any]) -> str:
    """How far gamma varies over the held-out sets of classes that it is the mean of: "; gamma 2.3 (1.9 to 2.9 over 4 ...)"."""
    gammas = chosen.get("gammas") or []
    if len(gammas) < 2:
        return ""
    sets = "groups" if (config["recipe"].get("validation") or {}).get("groups") else "sets"
    return f"; gamma {chosen['gamma']:.2f} ({min(gammas):.2f} to {max(gammas):.2f} over {len(gammas)} held-out {sets} of classes)"


def _grounding(recipe: Mapping[str, Any]) -> str:
    """The term on attention (`tasks.attributes.grounding`), where the recipe has it."""
    term = recipe.get("grounding") or {}
    if not term.get("weight"):
        return ""
    reach = f"within {term['radius']:g} of the photo's side and a soft edge of {term['edge']:g}"
    return f"; attention grounded on the parts of attributes with weight {term['weight']:g}, {reach}"


def _hyper_parameters(chosen: Mapping[str, Any]) -> str:
    """What validation chose beyond gamma, for systems with a closed form: "; chosen: ridge 10"."""
    settings = chosen.get("settings") or {}
    told = ", ".join(f"{k} {v:g}" if isinstance(v, float) else f"{k} {v}" for k, v in settings.items())
    return f"; chosen: {told}" if told else ""


def _caution(config: Mapping[str, Any]) -> str:
    data = data_card(config["data"])
    small = SMALL_BACKBONE if config["backbone"]["name"].startswith("efficientnet_lite") else ""
    if data is None:
        return small
    if data.partly_caution and len(config["space"]["classes"]) < data.classes:
        return data.partly_caution
    return f"{data.caution} {small}" if data.caution else small


def _row(cells: Any) -> str:
    return " | ".join(cells)
