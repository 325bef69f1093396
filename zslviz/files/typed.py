"""Plain values of people's files become checked ones: every key known, every value of its type and within its range.

A dataclass says by its annotations what is allowed (`pydantic` reads them); what does not fit is one sentence that names it.
Nothing is converted: "3" is no number, 1 is not true.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from functools import lru_cache
from typing import Annotated, Any, TypeVar, cast, get_type_hints

from pydantic import Field, TypeAdapter, ValidationError

from zslviz.errors import ConfigError, UnknownNameError, ZslvizError

T = TypeVar("T")

MAX_NUMBER = 1e38
"""What a float32 can hold."""
Finite = Annotated[float, Field(ge=-MAX_NUMBER, le=MAX_NUMBER, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, le=MAX_NUMBER, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, le=MAX_NUMBER, allow_inf_nan=False)]
Rate = Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)]
"""Of learning. What is far larger is no float32 once it is multiplied, and torch ends with an error of its own."""
Decay = Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]
Ridge = Annotated[float, Field(ge=1e-9, le=1e9, allow_inf_nan=False)]
"""In mean eigenvalues of what it is added to; beyond these it is none, or all there is."""
Share = Annotated[float, Field(ge=0, le=1)]
BelowOne = Annotated[float, Field(ge=0, lt=1)]
"""A decay, a momentum, a dropout."""
Part = Annotated[float, Field(gt=0, lt=1)]
"""A part of something that leaves a rest."""
Count = Annotated[int, Field(ge=1, le=10**6)]
CountOrNone = Annotated[int, Field(ge=0, le=10**6)]
Width = Annotated[int, Field(ge=1, le=2**15)]
"""Of layers and vectors."""
WidthOrNone = Annotated[int, Field(ge=0, le=2**15)]
OddSide = Annotated[int, Field(ge=1, le=99)]
"""Of a convolution that keeps the size of what it is given, so odd."""
MAX_SIDE = 2048
Side = Annotated[int, Field(ge=32, le=MAX_SIDE)]
"""Of a network's input, in pixels."""
SideOrNone = Annotated[int, Field(ge=0, le=MAX_SIDE)]
Name = Annotated[str, Field(min_length=1, max_length=500)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]

_KINDS = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing_size": "a smaller whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "string_type": "text",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping of names to values",
    "mapping_type": "a mapping of names to values",
    "dataclass_type": "a mapping of names to values",
}
_BOUNDS = {"greater_than": ("gt", "more than"), "greater_than_equal": ("ge", "at least"), "less_than": ("lt", "less than"),
           "less_than_equal": ("le", "at most"), "multiple_of": ("multiple_of", "a multiple of")}  # fmt: skip
_LENGTHS = {"too_short": ("min_length", "at least"), "too_long": ("max_length", "at most"),
            "string_too_short": ("min_length", "at least"), "string_too_long": ("max_length", "at most")}  # fmt: skip


def typed(
    kind: type[T], values: Any, source: str, error: type[ZslvizError] = ConfigError, known: Sequence[str] | None = ()
) -> T:
    """What annotations describe (a dataclass, a list, ...) from plain values.

    source: where these stand, in words. known: the names that a dataclass may be given; all its fields if empty, and any name
    besides if None. Raises UnknownNameError for another name, and `error` for what is missing, of another type or out of range.
    """
    if is_dataclass(kind) and known is not None:
        _check_all_names(kind, values, source, known)
    try:
        checked: T = _adapter(cast(Hashable, kind)).validate_json(json.dumps(values), strict=True)
        return checked
    except ValidationError as problem:
        raise error(_sentence(problem, source)) from None
    except (RecursionError, TypeError, ValueError):
        raise error(f"There is a value in {source} that is no text, number, list or mapping of these.") from None


def check_values(hints: Mapping[str, Any], values: Any, source: str) -> None:
    """Checks those of some settings that are given. hints: their annotations. Raises UnknownNameError, ConfigError."""
    check_names(values, list(hints), source)
    for name, value in values.items():
        alone: Any = dict.__class_getitem__((str, hints[name]))
        typed(alone, {name: value}, source)


def check_names(values: Any, known: Sequence[str], source: str) -> None:
    """Raises UnknownNameError for the first setting that is not known, ConfigError for what is no mapping."""
    if not isinstance(values, Mapping):
        raise ConfigError(
            f"{source[:1].upper()}{source[1:]} must map names of settings to values, not {brief(values)}."
        )
    strangers = [name for name in values if name not in known]
    if strangers:
        raise UnknownNameError(f"setting (in {source})", _text(strangers[0]), known)


def brief(value: Any) -> str:
    """A value as it can stand in a sentence."""
    if value is None:
        return "nothing"
    if isinstance(value, Mapping | list | tuple):
        return "a mapping" if isinstance(value, Mapping) else f"a list of {len(value)}"
    return f"the text '{_text(value)}'" if isinstance(value, str) else _text(value).lower()


@lru_cache(maxsize=256)
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _check_all_names(kind: Any, values: Any, source: str, known: Sequence[str]) -> None:
    """Of a dataclass and of those inside it; and that nothing is missing."""
    own = fields(kind)
    check_names(values, known or [f.name for f in own], source)
    hints = get_type_hints(kind)
    for name, value in values.items():
        if is_dataclass(hints[name]):
            _check_all_names(hints[name], {} if value is None else value, f"'{name}' of {source}", ())
    missing = [f.name for f in own if f.default is MISSING and f.default_factory is MISSING and f.name not in values]
    if missing:
        raise ConfigError(f"{source[:1].upper()}{source[1:]} is incomplete: it does not say '{missing[0]}'.")


def _sentence(problem: ValidationError, source: str) -> str:
    first = problem.errors(include_url=False)[0]
    kind, given, said = first["type"], first.get("input"), first.get("ctx", {})
    name = ".".join(_text(piece) for piece in first["loc"] if not _of_a_union(piece))
    subject = f"'{name}' in {source}" if name else f"What stands in {source}"
    if kind == "missing":
        return f"{subject} is missing."
    if kind in _BOUNDS:
        bound, words = _BOUNDS[kind]
        return f"{subject} must be {words} {said[bound]}, not {brief(given)}."
    if kind in _LENGTHS:
        bound, words = _LENGTHS[kind]
        return f"{subject} must have {words} {said[bound]} {'letters' if kind.startswith('string') else 'entries'}."
    wanted = said.get("expected") if kind == "literal_error" else _KINDS.get(kind)
    if wanted is None:
        return f"{subject} cannot be used ({_text(first['msg']).lower()})."
    hint = "; write it without quotes" if isinstance(given, str) and _is_number(given) and "number" in wanted else ""
    return f"{subject} must be {wanted}, not {brief(given)}{hint}."


def _of_a_union(piece: int | str) -> bool:
    """Whether a piece of a place names no setting but one of the types that it may be of."""
    plain = ("int", "float", "str", "none", "constrained-int", "constrained-float", "constrained-str")
    return isinstance(piece, str) and (piece in plain or "[" in piece)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _text(value: Any) -> str:
    """In one line that is not long and can be printed."""
    words = " ".join(str(value)[:200].encode("utf-8", "replace").decode().split())
    return words if len(words) <= 60 else f"{words[:60]}..."
