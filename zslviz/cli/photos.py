"""Commands on photos: explain, rank, predict, and the list of models."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from zslviz.cli.options import Device, Gamma, Model, UnseenOnly
from zslviz.errors import ConfigError, ImageError

_PHOTO_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"}


def models() -> None:
    """List the shipped models with their measured figures.

    Example: zslviz models
    """
    from zslviz.checkpoints import list_checkpoints
    from zslviz.model_card import percent

    typer.echo(f"{'name':<14} {'T1':>5} {'U':>5} {'S':>5} {'H':>5}  what it is")
    for info in list_checkpoints():
        figures = [percent(info.metrics[k]) if k in info.metrics else "-" for k in ("t1", "u", "s", "h")]
        typer.echo(f"{info.name:<14} {' '.join(f'{f:>5}' for f in figures)}  {info.title}")


def explain(
    photo: Annotated[Path, typer.Argument(help="The photo.")],
    model: Model = "mgmrn-awa2",
    top: Annotated[int, typer.Option(min=1, help="How many classes and attributes to print.")] = 10,
    attribute: Annotated[str | None, typer.Option(help="The attribute whose map is wanted.")] = None,
    overlay: Annotated[
        Path | None, typer.Option(help="Write the attribute's map over the photo, full size (PNG).")
    ] = None,
    granularity: Annotated[
        int | None, typer.Option(min=1, help="Only this granularity's map (1 is the first).")
    ] = None,
    kind: Annotated[
        str, typer.Option(help="Which map: evidence (what it counted) or attention (where it looked).")
    ] = "evidence",
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the explanation as JSON, with an npz beside it.")
    ] = None,
    device: Device = "auto",
) -> None:
    """Explain one photo: ranked classes, the attributes it saw, and a map.

    Example: zslviz explain zebra.jpg --model mgmrn-awa2 --attribute stripes --overlay stripes.png --json zebra.json
    """
    from zslviz.explainer import Explainer

    explainer = Explainer.from_pretrained(model, device)
    chosen = None if attribute is None else explainer.space.attribute_index(attribute)
    if kind not in ("evidence", "attention"):
        raise ConfigError(f"There is no map of '{kind}'; choose evidence or attention.")
    if granularity is not None and granularity > len(explainer.granularities):
        raise ConfigError(f"This model has {len(explainer.granularities)} granularities, so there is no {granularity}.")
    explanation = explainer.explain(photo)
    _print_ranking(explanation.rank(), top)
    order = sorted(range(len(explanation.values)), key=lambda a: -float(explanation.values[a]))
    typer.echo("\nStrongest attributes (on the scale of the class table):")
    for index in order[:top]:
        typer.echo(f"  {explanation.values[index]:6.2f}  {explainer.space.attribute_names[index]}")
    if chosen is not None:
        typer.echo(f"\n{explainer.space.attribute_names[chosen]}: {explanation.values[chosen]:.2f}")
    if overlay is not None:
        _write_overlay(explanation, order[0] if chosen is None else chosen, granularity, kind, overlay)
    if json_file is not None:
        for path in explanation.save(json_file):
            typer.echo(f"wrote {path}")
    timing = explanation.timing
    typer.echo(f"\n{timing.total_ms:.0f} ms, of which backbone {timing.backbone_ms:.0f} ms, on {timing.device}")


def rank(
    photo: Annotated[Path, typer.Argument(help="The photo.")],
    model: Model = "mgmrn-awa2",
    set_attribute: Annotated[
        list[str] | None, typer.Option(help="What the model is to have seen: 'ATTRIBUTE=VALUE', as often as you like.")
    ] = None,
    set_class: Annotated[
        list[str] | None, typer.Option(help="What a class is said to look like: 'CLASS:ATTRIBUTE=VALUE'.")
    ] = None,
    table: Annotated[Path | None, typer.Option(help="A class table (CSV) to rank instead of the model's own.")] = None,
    gamma: Gamma = None,
    unseen_only: UnseenOnly = False,
    top: Annotated[int, typer.Option(min=1, help="How many classes to print.")] = 10,
    device: Device = "auto",
) -> None:
    """Rank the classes for a photo after edits. Only the first look at the photo runs the network.

    Example: zslviz rank horse.jpg --set-attribute "stripes=1" --set-class "zebra:stripes=0.5" --unseen-only
    """
    from zslviz.explainer import Explainer
    from zslviz.semantics import SemanticSpace

    explainer = Explainer.from_pretrained(model, device)
    space = explainer.space if table is None else SemanticSpace.from_csv(table, like=explainer.space)
    image_edits: dict[int, float] = {}
    for edit in set_attribute or []:
        name, value = _assignment(edit, "ATTRIBUTE=VALUE")
        image_edits[space.attribute_index(name)] = value
    for edit in set_class or []:
        target, value = _assignment(edit, "CLASS:ATTRIBUTE=VALUE")
        class_name, colon, attribute = target.partition(":")
        if not colon:
            raise ConfigError(f"'{edit}' is not an edit; write it as 'CLASS:ATTRIBUTE=VALUE'.")
        space = space.with_value(class_name, attribute, value)
    explanation = explainer.explain(photo)
    _print_ranking(explanation.rank(gamma, unseen_only, image_edits, space), top)


def predict(
    photos: Annotated[list[Path], typer.Argument(help="Photos, or folders of photos.")],
    model: Model = "mgmrn-awa2",
    csv_file: Annotated[Path | None, typer.Option("--csv", help="Write the table here (else to the screen).")] = None,
    gamma: Gamma = None,
    unseen_only: UnseenOnly = False,
    batch_size: Annotated[int, typer.Option(min=1)] = 8,
    device: Device = "auto",
) -> None:
    """Predict many photos: a row each with the five best classes, their scores, and whether they were trained on (1 or 0).

    A photo that cannot be read gets an empty row and a line on the screen; the others are still predicted.

    Example: zslviz predict photos/ cat.jpg --model msdn-awa2 --unseen-only --csv predictions.csv
    """
    from tqdm import tqdm

    from zslviz.explainer import Explainer
    from zslviz.scoring import rank_classes

    files = list(_photo_files(photos))
    explainer = Explainer.from_pretrained(model, device)
    gamma = explainer.gamma if gamma is None else gamma
    header = ["image", *(f"{column}{i}" for column in ("top", "score", "seen") for i in range(1, 6))]
    rows: list[list[Any]] = []
    failures = 0
    with tqdm(total=len(files), unit="photo", disable=None) as bar:
        for file, scores in _scores(explainer, files, batch_size):
            bar.update()
            if isinstance(scores, ImageError):
                failures += 1
                typer.echo(str(scores), err=True)
                rows.append([str(file), *[""] * 15])
                continue
            best = rank_classes(scores, explainer.space, explainer.rule, gamma, unseen_only).top(5)
            blank = [""] * (5 - len(best))
            names = [explainer.space.classes[line.index] for line in best]
            numbers = [f"{line.score:.6g}" for line in best]
            rows.append([str(file), *names, *blank, *numbers, *blank, *(int(line.seen) for line in best), *blank])
    _write_rows(csv_file, header, rows)
    if failures:
        typer.echo(f"{failures} of {len(files)} photos could not be read.", err=True)
        raise typer.Exit(1)


def _print_ranking(ranking: Any, count: int) -> None:
    typer.echo(f"gamma {ranking.gamma:.2f}{', unseen classes only' if ranking.unseen_only else ''}")
    for line in ranking.top(count):
        kind = "seen  " if line.seen else "unseen"
        typer.echo(f"{line.rank:4d}  {kind}  {100 * line.probability:5.1f} %  {line.score:8.3f}  {line.name}")


def _assignment(text: str, form: str) -> tuple[str, float]:
    name, equals, value = text.rpartition("=")
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if not equals or not name.strip() or not -10 <= number <= 10:
        raise ConfigError(f"'{text}' is not an edit; write it as '{form}' with a value of about 0 to 1.")
    return name.strip(), number


def _write_overlay(explanation: Any, attribute: int, granularity: int | None, kind: str, path: Path) -> None:
    from PIL import Image

    from zslviz.heatmaps import ColourScale, overlay

    maps = {
        "evidence": [*explanation.value_evidence[:, attribute], explanation.fused_evidence[attribute]],
        "attention": [*explanation.attention[:, attribute], explanation.fused_attention[attribute]],
    }
    chosen = maps[kind][-1 if granularity is None else granularity - 1]
    scale = ColourScale.shared(kind, [chosen])  # type: ignore[arg-type]
    picture = Image.fromarray(overlay(explanation.photo, chosen, explanation.geometry, scale))
    try:
        picture.save(path)
    except (OSError, ValueError):
        raise ConfigError(f"The overlay cannot be written to '{path}'; name a file that ends in .png.") from None
    name = explanation.space.attribute_names[attribute]
    typer.echo(f"wrote {path} ({kind} of '{name}', colours from {scale.low:.3g} to {scale.high:.3g})")


def _photo_files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        found = sorted(p for p in path.rglob("*") if p.suffix.lower() in _PHOTO_SUFFIXES and p.is_file())
        if not found:
            raise ConfigError(f"There are no photos in the folder '{path}'.")
        yield from found


def _scores(explainer: Any, files: list[Path], batch_size: int) -> Iterator[tuple[Path, Any]]:
    """(file, attribute scores or the ImageError it gave), in order; one bad photo does not stop the others."""
    from zslviz.images import load_photo

    good: list[tuple[Path, Any]] = []

    def flush() -> Iterator[tuple[Path, Any]]:
        yield from zip([f for f, _ in good], explainer.scores([p for _, p in good], batch_size), strict=True)
        good.clear()

    for file in files:
        try:
            good.append((file, load_photo(file)))
        except ImageError as error:
            yield from flush()
            yield file, error
        if len(good) == batch_size:
            yield from flush()
    yield from flush()


def _write_rows(path: Path | None, header: list[str], rows: list[list[Any]]) -> None:
    if path is None:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerows([header, *rows])
        return
    try:
        with path.open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream, lineterminator="\n").writerows([header, *rows])
    except OSError as error:
        raise ConfigError(f"The table cannot be written to '{path}' ({error.strerror}).") from None
    typer.echo(f"wrote {path} ({len(rows)} photos)")
