"""What the shell shows of two models: on a photo, and over their test photos."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zslviz.tasks.attributes.comparing.answer import comparison_answer, comparison_lines
from zslviz.tasks.attributes.comparing.comparison import check_spaces, compare, names_apart
from zslviz.tasks.attributes.comparing.maps import maps_beside
from zslviz.tasks.attributes.comparing.on_test_photos import Measured, OnTestPhotos, photos_answer, photos_lines
from zslviz.tasks.attributes.typed_edits import typed_request

if TYPE_CHECKING:  # it brings PyTorch
    from zslviz.photos.loading import ImageSource
    from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
    from zslviz.tasks.attributes.explainer import AttributeExplainer


def compare_models(
    one: AttributeExplainer,
    other: AttributeExplainer,
    photo: ImageSource,
    top: int,
    true_class: str | None = None,
    attribute: str | None = None,
    set_attribute: Sequence[str] = (),
    set_class: Sequence[str] = (),
    table: Path | None = None,
    gamma: float | None = None,
    unseen_only: bool = False,
) -> tuple[dict[str, Any], list[str]]:
    """A comparison as plain values and as lines. attribute: whose two maps join the values, those of the photo itself.

    set_attribute, set_class: edits, made in both. table: a class table (CSV) for both. gamma: the first model's handicap. Raises
    ConfigError if the models cannot be compared, before any network runs, UnknownNameError for a name, TableError, ImageError.
    """
    if table is not None:
        one, other = one.with_table(table), other.with_table(table)
    names = names_apart((one.title, other.title), (one.name, other.name))
    check_spaces((one.name, one.space), (other.name, other.space))
    truth = None if true_class is None else one.space.class_index(true_class)
    chosen = None if attribute is None else one.space.attribute_index(attribute)
    request = typed_request(one.space, set_attribute, set_class, gamma, unseen_only)
    pair = one.explain(photo), other.explain(photo)
    compared = compare(*pair, names, request)
    maps = {} if chosen is None else {"maps": maps_beside(compare(*pair, names), chosen)}
    lines = comparison_lines(compared, truth, top)
    if chosen is not None:
        reading = compared.reading(chosen)
        told = ", ".join(
            f"{n} {v:.2f} ({z:+.2f})" for n, v, z in zip(names, reading.values, reading.standard, strict=True)
        )
        lines.append(f"\n{one.space.attribute_names[chosen]}: {told}; lead {reading.effect:+.2f}")
    lines = [*one.notes, *lines]
    return {**comparison_answer(compared, truth, top, top), **maps}, lines


def compare_on_test_photos(
    one: AttributeCheckpoint, other: AttributeCheckpoint, folders: tuple[Path, Path], top: int
) -> tuple[dict[str, Any], list[str]]:
    """Two models over the test photos in their folders, as plain values and as lines.

    Raises ConfigError if they cannot be compared, CheckpointError if one came without its test photos.
    """
    names = names_apart((one.title, other.title), (one.name, other.name))
    check_spaces((one.name, one.space), (other.name, other.space))
    compared = OnTestPhotos(Measured.of(one, folders[0], names[0]), Measured.of(other, folders[1], names[1]))
    return photos_answer(compared), photos_lines(compared, top)
