"""Commands on one photo: explain, rank and bundle; and the list of models."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zslviz.catalogue import TASKS, part
from zslviz.cli.options import ClassTable, Device, Gamma, Model, OpenWorld, SetClass, UnseenOnly, given, known_before
from zslviz.files import check_writable, replacing
from zslviz.tasks.base.show import measured, refuse_others

if TYPE_CHECKING:
    from PIL.Image import Image

    from zslviz.tasks.base.show import Shown


def models() -> None:
    """List the shipped models with their measured figures.

    Example: zslviz models
    """
    from zslviz.checkpoints.listing import list_checkpoints
    from zslviz.tasks.base.card_parts import percent

    for task in TASKS:
        figures: dict[str, str] = part(task, "show").COLUMNS
        found = list_checkpoints(task=task)
        if not found:
            continue
        titles = " ".join(f"{title:>{max(5, len(title))}}" for title in figures)
        width = max(16, *(len(info.name) for info in found))
        typer.echo(f"{task:<{width}} {titles}  what it is")
        for info in found:
            cells = (
                f"{'-' if (figure := measured(info.metrics, key)) is None else percent(figure):>{max(5, len(title))}}"
                for title, key in figures.items()
            )
            typer.echo(f"{info.name:<{width}} {' '.join(cells)}  {info.title}")


def explain(
    photo: Annotated[Path, typer.Argument(help="The photo.")],
    model: Model = "mgmrn-awa2",
    top: Annotated[int, typer.Option(min=1, help="How many classes (labels) and attributes to print.")] = 10,
    attribute: Annotated[
        str | None,
        typer.Option("--attribute", "--label", "--pair", help="The attribute, label or pair whose map is wanted."),
    ] = None,
    add: Annotated[
        list[str] | None, typer.Option(help="A label to add by its name, as often as you like (multi-label models).")
    ] = None,
    add_state: Annotated[
        list[str] | None, typer.Option(help="A state to add by its name (compositional models).")
    ] = None,
    add_object: Annotated[
        list[str] | None, typer.Option(help="An object to add by its name (compositional models).")
    ] = None,
    open_world: OpenWorld = False,
    overlay: Annotated[Path | None, typer.Option(help="Write that map over the photo, full size (PNG).")] = None,
    table: ClassTable = None,
    granularity: Annotated[
        int | None, typer.Option(min=1, help="Only this granularity's map (1 is the first).")
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(help="Which map: evidence (what it counted) or attention (where it looked)."),
    ] = None,
    looks: Annotated[
        bool,
        typer.Option(
            "--looks", help="See it eight times, slightly otherwise: does the answer stay? (attribute models)"
        ),
    ] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the explanation as JSON, with an npz beside it.")
    ] = None,
    device: Device = "auto",
) -> None:
    """Explain one photo: ranked classes, the attributes it saw, and a map; or its labels, or pairs of a state and an object.

    Attributes that the model reads hardly better than by chance are marked "hardly read".

    Example: zslviz explain zebra.jpg --model mgmrn-awa2 --attribute stripes --overlay stripes.png --json zebra.json
    """
    words = given(add=add, add_state=add_state, add_object=add_object, open_world=open_world)
    options = words | given(granularity=granularity, kind=kind, table=table, looks=looks)
    known_before("explain", model, device, options)
    pixels = opened(photo, overlay, json_file)
    from zslviz.explainer import Explainer

    explainer = Explainer.from_pretrained(model, device)
    refuse_others("explain", explainer.task, explainer.name, options)
    shown: Shown = part(explainer.task, "show").explain(explainer, pixels, top, attribute, **options)
    written = [] if json_file is None else list(shown.explanation.save(json_file))
    drawn = [] if overlay is None else [_write_map(shown, overlay)]
    for line in [*shown.lines, *drawn, *(f"wrote {path}" for path in written)]:
        typer.echo(line)
    timing = shown.explanation.timing
    typer.echo(f"\n{timing.total_ms:.0f} ms, of which backbone {timing.backbone_ms:.0f} ms, on {timing.device}")


def opened(photo: Path, overlay: Path | None = None, json_file: Path | None = None) -> Image:
    """The photo, once it is known that what is asked for can be written. Raises ImageError, ConfigError."""
    from zslviz.photos.heatmaps import overlay_format
    from zslviz.photos.loading import load_photo

    if overlay is not None:
        overlay_format(overlay)
    for file in filter(None, (overlay, json_file)):
        check_writable(file)
    return load_photo(photo)


def _write_map(shown: Shown, path: Path) -> str:
    """Writes the map that was asked for over the photo, and says so."""
    from zslviz.photos.heatmaps import write_overlay

    drawn = shown.draw()
    write_overlay(shown.explanation.photo, drawn.values, drawn.geometry, drawn.scale, path)
    return f"wrote {path} ({shown.drawn}, colours from {drawn.scale.low:.3g} to {drawn.scale.high:.3g})"


def rank(
    photo: Annotated[Path, typer.Argument(help="The photo.")],
    model: Model = "mgmrn-awa2",
    set_attribute: Annotated[
        list[str] | None, typer.Option(help="What the model is to have seen: 'ATTRIBUTE=VALUE', as often as you like.")
    ] = None,
    set_class: SetClass = None,
    table: ClassTable = None,
    gamma: Gamma = None,
    unseen_only: UnseenOnly = False,
    top: Annotated[int, typer.Option(min=1, help="How many classes to print.")] = 10,
    device: Device = "auto",
) -> None:
    """Rank the classes for a photo after edits. Only the first look at the photo runs the network.

    Example: zslviz rank horse.jpg --set-attribute "stripes=1" --set-class "zebra:stripes=0.5" --unseen-only
    """
    task = next(task for task in TASKS if hasattr(part(task, "show"), "rank"))
    options = given(set_attribute=set_attribute, set_class=set_class, table=table, gamma=gamma, unseen_only=unseen_only)
    known_before("rank", model, device, options)
    pixels = opened(photo)
    explainer = part(task, "explainer").EXPLAINER.from_pretrained(model, device)
    for line in part(task, "show").rank(explainer, pixels, top, **options):
        typer.echo(line)


def what_would_it_take(
    photo: Annotated[Path, typer.Argument(help="The photo.")],
    name: Annotated[str, typer.Argument(metavar="CLASS", help="The class that is to be first.")],
    model: Model = "mgmrn-awa2",
    side: Annotated[
        str,
        typer.Option(
            help="photo: what the model would have to have seen; description: how the class would be described."
        ),
    ] = "photo",
    character: Annotated[
        str,
        typer.Option(
            help="fewest attributes; of side photo also least change in all, gentlest: least of any one, least squares, or "
            "natural: least squares by how attributes go together."
        ),
    ] = "fewest",
    parts: Annotated[
        bool, typer.Option("--parts", help="Whole groups instead of attributes, as few as possible.")
    ] = False,
    lock: Annotated[
        list[str] | None, typer.Option(help="An attribute or a group that stays as it is, as often as you like.")
    ] = None,
    limit: Annotated[
        list[str] | None, typer.Option(help="'ATTRIBUTE=LEAST..MOST': the ends that an attribute must keep to.")
    ] = None,
    ways: Annotated[int, typer.Option(min=1, max=5, help="How many different ways.")] = 1,
    set_attribute: Annotated[
        list[str] | None, typer.Option(help="What the model is to have seen to begin with: 'ATTRIBUTE=VALUE'.")
    ] = None,
    set_class: Annotated[
        list[str] | None, typer.Option(help="What a class is said to look like to begin with: 'CLASS:ATTRIBUTE=VALUE'.")
    ] = None,
    table: ClassTable = None,
    gamma: Gamma = None,
    unseen_only: UnseenOnly = False,
    device: Device = "auto",
) -> None:
    """The smallest edits after which a class is first: of what the model saw, or of how the class is described.

    Example: zslviz what-would-it-take pony.jpg horse --ways 3 --lock color --limit "stripes=0..0.5"
    """
    task = next(task for task in TASKS if hasattr(part(task, "show"), "what_would_it_take"))
    asked = {
        "side": side,
        "character": character,
        "ways": ways,
        "parts": parts,
        "lock": lock or [],
        "limit": limit or [],
    }
    begun = given(set_attribute=set_attribute, set_class=set_class, table=table, gamma=gamma, unseen_only=unseen_only)
    known_before("what_would_it_take", model, device, begun)
    pixels = opened(photo)
    explainer = part(task, "explainer").EXPLAINER.from_pretrained(model, device)
    for line in part(task, "show").what_would_it_take(explainer, pixels, name, **asked, **begun):
        typer.echo(line)


def bundle(
    photo: Annotated[Path, typer.Argument(help="The photo.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The file that a browser reads (docs/bundle.md).")],
    model: Model = "mgmrn-awa2",
    model_part: Annotated[
        Path | None,
        typer.Option(help="Write what all photos of the model share into this file, and leave it out of the photo's."),
    ] = None,
    title: Annotated[str | None, typer.Option(help="What the photo is called; its file's name if not given.")] = None,
    credit: Annotated[str, typer.Option("--credits", help="Whose photo it is, and under which licence.")] = "",
    device: Device = "auto",
) -> None:
    """Write one explanation as a file that a browser reads, ranks and edits without a server.

    Example: zslviz bundle zebra.jpg --model mgmrn-awa2 -o zebra.zslviz
    """
    known_before("bundle", model, device, {})
    for file in filter(None, (out, model_part)):
        check_writable(file)
    pixels = opened(photo)
    from zslviz.explainer import Explainer
    from zslviz.tasks.base.bundle import About

    explainer = Explainer.from_pretrained(model, device)
    about = About.of(explainer.checkpoint, photo.stem if title is None else title, photo_credits=credit)
    explanation = explainer.explain(pixels)
    written = {out: explanation.bundle(about, whole=model_part is None)}
    if model_part is not None:
        written[model_part] = part(explainer.task, "bundle").model_bundle(explanation, about)
    for path, content in written.items():
        with replacing(path) as partial:
            partial.write_bytes(content)
        typer.echo(f"wrote {path} ({len(content) / 1e3:.0f} kB)")


def report(
    photo: Annotated[Path, typer.Argument(help="The photo.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The HTML file.")],
    model: Model = "mgmrn-awa2",
    title: Annotated[str | None, typer.Option(help="What the photo is called; its file's name if not given.")] = None,
    credit: Annotated[
        str | None,
        typer.Option("--credits", help="Whose photo it is, and under which licence; known of the shipped ones."),
    ] = None,
    device: Device = "auto",
) -> None:
    """Write one explanation as one HTML file that shows it, ranks and edits in any browser, without a network; two pages on paper.

    Example: zslviz report zebra.jpg --model mgmrn-awa2 -o zebra.html
    """
    known_before("report", model, device, {})
    check_writable(out)
    pixels = opened(photo)
    from zslviz.explainer import Explainer
    from zslviz.tasks.base.bundle import About
    from zslviz.ui.credits import credit_of
    from zslviz.ui.report import check_reported

    explainer = Explainer.from_pretrained(model, device)
    check_reported(explainer.task, explainer.name)
    known = credit_of(photo.resolve()) if credit is None else credit
    about = About.of(explainer.checkpoint, photo.stem if title is None else title, photo_credits=str(known or ""))
    content = explainer.explain(pixels).living_html(about).encode()
    with replacing(out) as partial:
        partial.write_bytes(content)
    typer.echo(f"wrote {out} ({len(content) / 1e6:.1f} MB)")
