"""The command that measures whether maps tell the truth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from zslviz.cli.options import Data, Device, Model, data_before, known_before
from zslviz.errors import ConfigError
from zslviz.files import check_folder, check_writable

_FOLDER = Path("docs/results/faithfulness")


def faithfulness(
    data: Data,
    model: Model = "mgmrn-cub",
    photos: Annotated[int, typer.Option(help="How many photos for localisation and randomised weights.")] = 500,
    curves: Annotated[int, typer.Option(help="How many of them for deletion and insertion curves (slow).")] = 200,
    scenes: Annotated[int, typer.Option(help="How many scenes of each sort are put together of photos.")] = 100,
    part: Annotated[str, typer.Option(help="test, or trainval where something is still to be chosen.")] = "test",
    seed: Annotated[int, typer.Option(help="Of the choice of photos, the random order and the random weights.")] = 0,
    out: Annotated[
        Path | None, typer.Option(help="Write the figures here; docs/results/faithfulness/NAME.json if not given.")
    ] = None,
    device: Device = "auto",
) -> None:
    """Measure whether a model's maps tell the truth, beside Grad-CAM, a centre prior and chance.

    Deletion and insertion curves, the pointing game and energy inside parts (where parts are marked, CUB), maps in scenes put
    together of photos, so that places are known, and how much maps change under randomised weights. Run the same command again
    after an interruption and it goes on where it was.

    Example: zslviz faithfulness --model msdn-cub --data cub=/data/CUB_200_2011 --photos 500 --curves 200
    """
    known_before("faithfulness", model, device, {})
    data_before(data)
    check_folder(_FOLDER if out is None else out.parent)
    if out is not None:
        check_writable(out)
    from zslviz.datasets.reading import load_dataset, parse_data_argument
    from zslviz.faithfulness import Settings, measure_faithfulness
    from zslviz.tasks.attributes.explainer import AttributeExplainer

    settings = Settings(photos, curves, part, seed, scenes)  # type: ignore[arg-type]  # it checks the part
    name, folder = parse_data_argument(data)
    explainer = AttributeExplainer.from_pretrained(model, device)
    if explainer.data != name:
        raise ConfigError(
            f"'{explainer.name}' was trained on the data '{explainer.data}'; it cannot be measured on '{name}'."
        )
    target = out or _FOLDER / f"{explainer.name}.json"
    print_figures(measure_faithfulness(explainer, load_dataset(name, folder), settings, target))
    typer.echo(f"wrote {target}")


def print_figures(figures: dict[str, Any]) -> None:
    """A short table of what was measured, in per cent, and what it comes to in a sentence."""
    from zslviz.faithfulness.entry import SMOOTH, sentence

    localisation, curves = figures["localisation"], figures["curves"]
    if localisation is not None:
        typer.echo(f"localisation: {localisation['pairs']} pairs of photo and attribute on {figures['photos']} photos")
        typer.echo(f"{'':28}{'pointing':>10}{'by group':>10}{'30 px':>10}{'parts':>10}{'box':>10}")
        for name, row in localisation["maps"].items():
            keys = ("pointing", "pointing_groups", "pointing_wide", "energy_parts", "energy_box")
            typer.echo(f"{name:28}" + "".join(f"{100 * row[key]['value']:10.1f}" for key in keys))
        by_part = localisation.get("by_part", {})
        for name in [*(n for n in localisation["maps"] if n.endswith(SMOOTH)), "centre"] if by_part else []:
            by_part = dict(sorted(by_part.items(), key=lambda item: -item[1][name]))
            typer.echo(
                f"{name}, pointing: {', '.join(f'{part} {100 * row[name]:.0f}' for part, row in by_part.items())}"
            )
    _print_scenes(figures)
    for score, measured in (curves or {}).items():
        if measured is not None:
            typer.echo(f"{score}: areas on {measured['photos']} photos (0 blurred, 100 whole)")
            for name, row in measured["orders"].items():
                areas = [row[kind]["value"] for kind in ("deletion", "insertion")]
                typer.echo(f"{name:40}" + "".join(f"{'–' if a is None else f'{100 * a:.1f}':>10}" for a in areas))
    shown = ", ".join(f"{k} {v:.2f}" for k, v in figures["sanity"].items() if v is not None)
    typer.echo(f"rank correlation of maps after shuffling the weights: {shown}")
    if told := sentence(figures):
        typer.echo(told)


def _print_scenes(figures: dict[str, Any]) -> None:
    """How maps lie in scenes, place by place, and how many of a photo's maps peak in one place."""
    keys = ("pointing", "energy", "ranking")
    for place, found in (figures["scenes"] or {}).items():
        for of, measured in ((of, measured) for of, measured in found.items() if measured is not None):
            typer.echo(f"scenes, {place}: maps of {of}, {measured['pairs']} in {measured['scenes']} scenes")
            typer.echo(f"{'':40}" + "".join(f"{key:>10}" for key in (*keys, "heeds" * ("heeds" in measured))))
            for name, row in measured["maps"].items():
                cells = [row[key] for key in keys] + [measured.get("heeds", {}).get(name)]
                typer.echo(f"{name:40}" + "".join(f"{100 * cell['value']:10.1f}" for cell in cells if cell))
    if figures["same_place"] is not None:
        shares = ", ".join(f"{name} {100 * row['value']:.0f}" for name, row in figures["same_place"]["maps"].items())
        typer.echo(f"attributes of a photo whose maps peak in one place, per cent: {shares}")
