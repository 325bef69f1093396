"""Tables of docs/results.md, each a list of Markdown lines from measured results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tools.documents.results_files import FIGURES, Result
from zslviz.tasks.attributes.bootstrap import intervals
from zslviz.tasks.attributes.report import variant_answers
from zslviz.tasks.base.card_parts import interval, percent


def markdown_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table, or nothing if there is no row."""
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return [f"| {' | '.join(columns)} |", "|" + "---|" * len(columns), *lines] if lines else []


def main_table(results: list[Result]) -> list[str]:
    """Every system on one data set with intervals; granularities alone and the plain sum below their model."""
    rows: list[list[str]] = []
    for result in results:
        content = result.content
        figures = [f"{percent(content[k])} ({interval(content['intervals'][k])})" for k in FIGURES]
        rows.append([_named(result), *figures, percent(content["ausuc"]), percent(content["oracle"]["h"])])
        if result.kind == "models":
            rows.extend(_variant_row(result, variant) for variant in content["variants"])
    return markdown_table(["", "T1", "U", "S", "H", "AUSUC", "oracle H"], rows)


def _named(result: Result) -> str:
    return f"**{result.name}** (`{result.stem}`)" if result.kind == "models" else f"{result.name} (not shipped)"


def _variant_row(result: Result, variant: Mapping[str, Any]) -> list[str]:
    t1 = intervals(variant_answers(result.content, variant))["t1"]
    rest = ["" if variant[k] is None else percent(variant[k]) for k in ("u", "s", "h")]
    own = variant["rule"] == dict(result.content["rule"])
    name = f"· {variant['name']}{', as shipped' if own else ''}"
    return [
        name, f"{percent(variant['t1'])} ({interval(t1)})", *rest, percent(variant["ausuc"]), percent(variant["oracle"]["h"])
    ]  # fmt: skip


def validation_table(results: list[Result]) -> list[str]:
    """What was seen when the choice was made, beside what the test photos gave."""
    rows = []
    for result in results:
        validation, content = result.content.get("validation"), result.content
        if not validation:
            continue
        pairs = [f"{percent(validation[k])} → {percent(content[k])}" for k in FIGURES]
        rows.append([result.name, *pairs, f"{content['gamma']:.2f}", f"{content['oracle']['gamma']:.2f}"])
    return markdown_table(["validation → test", "T1", "U", "S", "H", "gamma", "oracle gamma"], rows)


def seeds_table(results: list[Result]) -> list[str]:
    """Mean and standard deviation over the seeds that each shipped model was chosen among, and the figures of each."""
    rows = []
    for result in results:
        if not (seeds := result.seeds):
            continue
        keys = (*FIGURES, "ausuc")
        spread = [f"{percent(seeds[k]['mean'])} ± {percent(seeds[k]['std'])}" for k in keys]
        rows.append([f"**{result.name}** (`{result.stem}`), mean ± standard deviation", "", *spread])
        for each in seeds["each"]:
            name = f"· seed {each['seed']}{', shipped' if each['seed'] == seeds['chosen'] else ''}"
            rows.append([name, percent(each["merit"]), *(percent(each[k]) for k in keys)])
    return markdown_table(["", "validation", "T1", "U", "S", "H", "AUSUC"], rows)


def fixed_bias_table(results: list[Result]) -> list[str]:
    """MSDN's fixed margin in place of a calibration chosen on validation."""
    rows = []
    for result in results:
        if result.kind != "models" or not result.content["fixed_bias"]:
            continue
        content = result.content
        rows.append([f"{result.name}, gamma {content['gamma']:.2f} from validation", _weights(content["rule"]["weights"]),
                     *(percent(content[k]) for k in FIGURES)])  # fmt: skip
        for fixed in content["fixed_bias"]:
            fusion = f"{_weights(fixed['fusion'])} ({fixed['from']})"
            rows.append(
                [f"{result.name}, fixed margin {fixed['margin']:g}", fusion, *(percent(fixed[k]) for k in FIGURES)]
            )
    return markdown_table(["", "fusion of the sub-nets", "T1", "U", "S", "H"], rows)


def _weights(weights: Sequence[float]) -> str:
    return " : ".join(f"{w:g}" for w in weights)
