"""The command line: the same jobs as the page, from a shell. Every command calls the package; none computes anything itself."""

from __future__ import annotations

import csv
import json
import os
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from zslviz.errors import ConfigError, ImageError, ZslvizError

app = typer.Typer(
    help="See how attribute-based zero-shot learning sees.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

Model = Annotated[str, typer.Option(help="A shipped model's name (see 'zslviz models') or a checkpoint's folder.")]
Device = Annotated[str, typer.Option(help="auto, cpu or cuda.")]
Data = Annotated[str, typer.Option(help="Which data lies where, as NAME=DIR: cub=/data/CUB_200_2011.")]
Cache = Annotated[Path, typer.Option(help="Folder of the feature caches.")]
Gamma = Annotated[float | None, typer.Option(help="Calibration taken from seen classes; the model's own if not given.")]
UnseenOnly = Annotated[bool, typer.Option("--unseen-only", help="Let only unseen classes compete.")]
_PHOTO_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"}
_DEFAULT_CACHE = Path("runs/features")


@app.command()
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


@app.command()
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


@app.command()
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


@app.command()
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


@app.command()
def cache(
    data: Data,
    backbone: Annotated[str, typer.Option(help="The backbone's name.")] = "efficientnet_lite2",
    size: Annotated[int, typer.Option(help="Side of the network input in pixels, a multiple of 32.")] = 288,
    flip: Annotated[bool, typer.Option("--flip", help="Also cache the mirrored training photos.")] = False,
    cache: Cache = _DEFAULT_CACHE,
    device: Device = "auto",
) -> None:
    """Compute a data set's features once (float16, resumable); training and evaluation read them.

    Example: zslviz cache --data cub=/data/CUB_200_2011 --flip
    """
    from zslviz.backbones import BACKBONES
    from zslviz.datasets import load_dataset, parse_data_argument
    from zslviz.errors import UnknownNameError
    from zslviz.training.cache import CacheSpec, build_cache, describe_size

    if backbone not in BACKBONES:
        raise UnknownNameError("backbone", backbone, BACKBONES)
    dataset = load_dataset(*parse_data_argument(data))
    specs = [CacheSpec(backbone, size)] + ([CacheSpec(backbone, size, flip=True)] if flip else [])
    for spec in specs:
        typer.echo(describe_size(dataset, spec))
        build_cache(cache, dataset, spec, dataset.trainval if spec.flip else None, device=device)


@app.command()
def train(
    recipe: Annotated[str, typer.Argument(help="A recipe's name (mgmrn-cub, msdn-cub, ...) or a YAML file.")],
    data: Data,
    out: Annotated[Path | None, typer.Option(help="The checkpoint's folder; checkpoints/NAME if not given.")] = None,
    cache: Cache = _DEFAULT_CACHE,
    runs: Annotated[Path, typer.Option(help="Folder for what a killed training needs to go on.")] = Path("runs"),
    device: Device = "auto",
) -> None:
    """Train a recipe on cached features and write a checkpoint with its card.

    Epoch, fusion and gamma are chosen on seen classes held out as pseudo-unseen ones. Run the same command again after an
    interruption and it goes on where it was.

    Example: zslviz train msdn-cub --data cub=/data/CUB_200_2011
    """
    from zslviz.checkpoints import checkpoints_folder
    from zslviz.datasets import load_dataset, parse_data_argument
    from zslviz.training.recipe import load_recipe
    from zslviz.training.run import train as train_recipe

    settings = load_recipe(recipe)
    name, folder = parse_data_argument(data)
    if name != settings.data:
        raise ConfigError(f"The recipe '{settings.name}' is for the data '{settings.data}', not '{name}'.")
    target = out or checkpoints_folder() / settings.name
    command = f"zslviz train {shlex.quote(recipe)} --data {name}=DIR"
    report = train_recipe(settings, load_dataset(name, folder), cache, runs / settings.name, target, command, device)
    _print_report(settings.name, report.to_dict())
    typer.echo(f"wrote {target}")


@app.command()
def evaluate(
    data: Data,
    model: Model = "mgmrn-cub",
    cache: Annotated[
        Path | None, typer.Option(help="Read cached features from here instead of running the backbone.")
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures here.")] = None,
    device: Device = "auto",
) -> None:
    """Measure a model on the test photos of a data set: T1, U, S, H, AUSUC, and the oracle's H for comparison.

    Example: zslviz evaluate --model msdn-cub --data cub=/data/CUB_200_2011
    """
    from zslviz.datasets import load_dataset, parse_data_argument
    from zslviz.evaluation.run import evaluate_model
    from zslviz.explainer import Explainer

    name, folder = parse_data_argument(data)
    explainer = Explainer.from_pretrained(model, device)
    if explainer.data != name:
        raise ConfigError(
            f"'{explainer.name}' was trained on the data '{explainer.data}'; it cannot be measured on '{name}'."
        )
    report = evaluate_model(explainer, load_dataset(name, folder), cache)
    _print_report(explainer.name, report.to_dict())
    if json_file is not None:
        text = json.dumps({"model": explainer.name, "data": name, **report.to_dict()}, indent=1) + "\n"
        try:
            json_file.write_text(text, encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"The figures cannot be written to '{json_file}' ({error.strerror}).") from None
        typer.echo(f"wrote {json_file}")


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 7860,
    device: Device = "auto",
) -> None:
    """Start the page.

    Example: zslviz serve --port 8000
    """
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    from zslviz.ui.page import serve as serve_page

    serve_page(host, port, device)


def main() -> None:
    """Runs the command line; what a person did wrong is answered with one sentence and exit code 2."""
    try:
        app()
    except ZslvizError as error:
        typer.echo(str(error), err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


def _print_ranking(ranking: Any, count: int) -> None:
    typer.echo(f"gamma {ranking.gamma:.2f}{', unseen classes only' if ranking.unseen_only else ''}")
    for line in ranking.top(count):
        kind = "seen  " if line.seen else "unseen"
        typer.echo(f"{line.rank:4d}  {kind}  {100 * line.probability:5.1f} %  {line.score:8.3f}  {line.name}")


def _print_report(name: str, report: dict[str, Any]) -> None:
    figures = "  ".join(f"{k.upper()} {100 * report[k]:.1f}" for k in ("t1", "u", "s", "h", "ausuc"))
    oracle = report["oracle"]
    typer.echo(f"{name}: {figures}  (gamma {report['gamma']:.2f}, from validation)")
    typer.echo(f"oracle, gamma chosen on the test photos: H {100 * oracle['h']:.1f} at gamma {oracle['gamma']:.2f}")


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


if __name__ == "__main__":
    main()
