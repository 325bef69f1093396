"""Commands on photos: explain, rank, predict, and the list of models."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zslviz.cli.options import Device, Gamma, Model, OpenWorld, UnseenOnly
from zslviz.errors import ConfigError, ImageError

if TYPE_CHECKING:
    from zslviz.catalogue import Task

_PHOTO_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"}
# what the models of each task are measured by: column -> figure
_FIGURES: dict[Task, dict[str, str]] = {
    "attributes": {"T1": "t1", "U": "u", "S": "s", "H": "h"},
    "multilabel": {"mAP ZSL": "map_zsl", "F1@3 ZSL": "f1_3_zsl", "mAP GZSL": "map_gzsl", "F1@3 GZSL": "f1_3_gzsl"},
    "compositional": {"S": "closed.s", "U": "closed.u", "H": "closed.h", "AUC": "closed.auc", "open AUC": "open.auc"},
}


def models() -> None:
    """List the shipped models with their measured figures.

    Example: zslviz models
    """
    from zslviz.checkpoints.listing import list_checkpoints
    from zslviz.tasks.base.card_parts import percent

    for task, figures in _FIGURES.items():
        found = list_checkpoints(task=task)
        if not found:
            continue
        titles = " ".join(f"{title:>{max(5, len(title))}}" for title in figures)
        typer.echo(f"{task:<16} {titles}  what it is")
        for info in found:
            cells = (
                f"{percent(_figure(info.metrics, key)):>{max(5, len(title))}}"
                if _figure(info.metrics, key) is not None
                else "-"
                for title, key in figures.items()
            )
            typer.echo(f"{info.name:<16} {' '.join(cells)}  {info.title}")


def _figure(metrics: Any, key: str) -> Any:
    """A figure by its dotted name, None if it is not there."""
    for part in key.split("."):
        metrics = metrics.get(part) if hasattr(metrics, "get") else None
    return metrics


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
    """Explain one photo: ranked classes, the attributes it saw, and a map; or its labels, or pairs of a state and an object.

    Example: zslviz explain zebra.jpg --model mgmrn-awa2 --attribute stripes --overlay stripes.png --json zebra.json
    """
    from zslviz.explainer import Explainer
    from zslviz.tasks.compositional.explainer import CompositionExplainer
    from zslviz.tasks.compositional.show import explain_compositions
    from zslviz.tasks.multilabel.explainer import LabelExplainer
    from zslviz.tasks.multilabel.show import explain_labels

    explainer = Explainer.from_pretrained(model, device)
    if (add_state or add_object or open_world) and not isinstance(explainer, CompositionExplainer):
        raise ConfigError(f"'{explainer.name}' has no states and objects; those options are for compositional models.")
    if kind not in ("evidence", "attention"):
        raise ConfigError(f"There is no map of '{kind}'; choose evidence or attention.")
    explanation: Any
    if isinstance(explainer, CompositionExplainer):
        if add or granularity is not None:
            raise ConfigError(
                f"'{explainer.name}' scores states and objects; use --add-state, --add-object and no --granularity."
            )
        explanation = explain_compositions(
            explainer,
            photo,
            top,
            attribute,
            add_state or [],
            add_object or [],
            open_world,
            kind == "attention",
            overlay,
        )
    elif isinstance(explainer, LabelExplainer):
        if granularity is not None or kind != "evidence":
            raise ConfigError(f"'{explainer.name}' has one map a label; leave out --granularity and --kind.")
        explanation = explain_labels(explainer, photo, top, attribute, add or [], overlay)
    else:
        if add:
            raise ConfigError(f"'{explainer.name}' scores attributes; labels are added to multi-label models.")
        explanation = _explain_attributes(explainer, photo, top, attribute, overlay, granularity, kind)
    if json_file is not None:
        for path in explanation.save(json_file):
            typer.echo(f"wrote {path}")
    timing = explanation.timing
    typer.echo(f"\n{timing.total_ms:.0f} ms, of which backbone {timing.backbone_ms:.0f} ms, on {timing.device}")


def _explain_attributes(
    explainer: Any,
    photo: Path,
    top: int,
    attribute: str | None,
    overlay: Path | None,
    granularity: int | None,
    kind: str,
) -> Any:
    chosen = None if attribute is None else explainer.space.attribute_index(attribute)
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
    return explanation


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
    from zslviz.tasks.attributes.explainer import AttributeExplainer
    from zslviz.tasks.attributes.space import SemanticSpace

    explainer = AttributeExplainer.from_pretrained(model, device)
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
    open_world: OpenWorld = False,
    bias: Annotated[
        float | None, typer.Option(help="Added to unseen pairs (compositional models); the model's own if not given.")
    ] = None,
    batch_size: Annotated[int, typer.Option(min=1)] = 8,
    device: Device = "auto",
) -> None:
    """Predict many photos: a row each with the five best classes, their scores, and whether they were trained on (1 or 0).

    A multi-label model gives a row for every label of every photo, best first: image, label, score, seen. A compositional one gives
    a row each with state, object, score and seen of the five best pairs.
    A photo that cannot be read gets an empty row and a line on the screen; the others are still predicted.

    Example: zslviz predict photos/ cat.jpg --model msdn-awa2 --unseen-only --csv predictions.csv
    """
    from tqdm import tqdm

    from zslviz.cli.tables import table_for
    from zslviz.explainer import Explainer

    files = list(_photo_files(photos))
    explainer = Explainer.from_pretrained(model, device)
    table = table_for(explainer, gamma, unseen_only, open_world, bias)
    rows: list[list[Any]] = []
    failures = 0
    with tqdm(total=len(files), unit="photo", disable=None) as bar:
        for file, scores in _scores(explainer, files, batch_size):
            bar.update()
            if isinstance(scores, ImageError):
                failures += 1
                typer.echo(str(scores), err=True)
                rows.append([str(file), *[""] * len(table.header)])
                continue
            rows.extend([str(file), *row] for row in table.rows(scores))
    _write_rows(csv_file, ["image", *table.header], rows, len(files))
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
    from zslviz.photos.heatmaps import ColourScale, write_overlay

    maps = {
        "evidence": [*explanation.value_evidence[:, attribute], explanation.fused_evidence[attribute]],
        "attention": [*explanation.attention[:, attribute], explanation.fused_attention[attribute]],
    }
    chosen = maps[kind][-1 if granularity is None else granularity - 1]
    scale = ColourScale.shared([chosen], kind == "evidence")
    write_overlay(explanation.photo, chosen, explanation.geometry, scale, path)
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
    from zslviz.photos.loading import load_photo

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


def _write_rows(path: Path | None, header: list[str], rows: list[list[Any]], photos: int) -> None:
    if path is None:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerows([header, *rows])
        return
    try:
        with path.open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream, lineterminator="\n").writerows([header, *rows])
    except OSError as error:
        raise ConfigError(f"The table cannot be written to '{path}' ({error.strerror}).") from None
    typer.echo(f"wrote {path} ({photos} photos)")
