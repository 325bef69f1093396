"""YAML as plain values: mappings, lists, texts, numbers, true, false and null; small, shallow, every name said once.

Scalars are read as YAML 1.2 reads them where YAML 1.1 surprises: 1e-3 is a number, 2024-01-01 and 1:30 are texts. So is 010, which
would be 8 in one and 10 in the other. Yes, no, on and off stay what they were, true and false.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any

import yaml

from zslviz.errors import ConfigError

MAX_BYTES = 2**18
_MAX_DEPTH = 20
_MAX_NODES = 20_000
_SCALARS = (
    ("bool", r"yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF", "yYnNtTfFoO"),
    ("int", r"[-+]?(?:0|[1-9][0-9_]{0,400})|0x[0-9a-fA-F]{1,300}|0b[01]{1,300}", "-+0123456789"),
    ("float", r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+", "-+0123456789."),
    ("float", r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)", "-+."),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("merge", r"<<", "<"),
)  # fmt: skip


class _Plain(yaml.SafeLoader):
    """Keeps within limits while the text is parsed, and knows no tags but those of plain values."""

    yaml_implicit_resolvers: Any = {}  # noqa: RUF012  (replaced below, not shared with the parent)

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._depth = 0
        self._nodes = 0
        self._sizes: dict[str, int] = {}

    def compose_node(self, parent: Any, index: Any) -> Any:
        """A node; of an alias, as many nodes count as its anchor holds, so that none can multiply itself."""
        if self.check_event(yaml.AliasEvent):
            name = self.peek_event().anchor
            if name in self.anchors and name not in self._sizes:
                raise yaml.composer.ComposerError(None, None, f"'*{name}' stands inside itself", None)
            self._count(self._sizes.get(name, 1))
            return super().compose_node(parent, index)
        name, before = self.peek_event().anchor, self._nodes
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise yaml.composer.ComposerError(None, None, f"it is nested deeper than {_MAX_DEPTH} levels", None)
        self._count(1)
        node = super().compose_node(parent, index)
        self._depth -= 1
        if name is not None:
            self._sizes[name] = self._nodes - before
        return node

    def _count(self, more: int) -> None:
        self._nodes += more
        if self._nodes > _MAX_NODES:
            raise yaml.composer.ComposerError(None, None, f"it holds more than {_MAX_NODES} values", None)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        """A mapping in which no name is said twice; what is merged into it (<<) gives way."""
        if isinstance(node, yaml.MappingNode):
            told: set[str] = set()
            for key, _ in node.value:
                if isinstance(key, yaml.ScalarNode) and key.value in told:
                    raise yaml.constructor.ConstructorError(None, None, f"it says '{key.value}' twice", key.start_mark)
                told.add(key.value if isinstance(key, yaml.ScalarNode) else "")
        return super().construct_mapping(node, deep)


for _name, _pattern, _first in _SCALARS:
    _Plain.add_implicit_resolver(f"tag:yaml.org,2002:{_name}", re.compile(f"^(?:{_pattern})$"), list(_first))


def parse(text: str, source: str) -> Any:
    """What a YAML document says. source: which, in words. Raises ConfigError with what is wrong and where."""
    try:
        return yaml.load(text, _Plain)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = "" if mark is None else f" (line {mark.line + 1})"
        raise ConfigError(f"{source} is not valid YAML: {_line(error.problem or error.context)}{where}.") from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{source} is not valid YAML: {_line(str(error))}.") from None
    except (ValueError, LookupError, AttributeError, TypeError, OverflowError):  # a tag that its text does not fit
        raise ConfigError(f"{source} is not valid YAML: a value does not fit its tag.") from None


def _line(text: str | None) -> str:
    words = " ".join((text or "damaged").encode("utf-8", "replace").decode().split())
    return (words if len(words) <= 120 else f"{words[:120]}...").rstrip(".")
