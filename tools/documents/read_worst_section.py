"""The part of docs/results.md on why systems stop where they do, made from docs/results/read/*.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import spearmanr

from tools.documents.results_tables import markdown_table

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "results" / "read"
_ALIKE = 0.01  # of T1
_SHOWN = {"cub": "Birds", "awa2": "Animals"}
_TEXT = """## Why systems stop where they do

`python benchmarks/read_worst.py --data cub=DIR --cache DIR` measures it, from the vectors of test photos that models are shipped
with. *Read*: how well an attribute is read in photos of unseen classes as above (the area under the ROC curve, 0.5 by chance), the
mean over systems. Figures of this part choose nothing, and a correlation over attributes is no cause.
"""
_CLOSED = """What would be gained, by the one rule that takes seconds to solve: ESZSL on {backbone}, frozen, T1 in per cent on
pseudo-unseen classes of {problems} validation problems (mean ± standard deviation), the ridges of each line the best of one grid
there. The last lines have no table: a class is the mean feature of some of its own photos, and the nearest mean is the answer for
the others. {unmeasured}
"""
_QUARTER = """A few true entries of its row nearly name a class, so this is no forecast. It tells where the error is: {where}.
"""


def section(folder: Path = FOLDER) -> str:
    """Markdown; "" where nothing has been measured."""
    measured = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"), reverse=True)]
    return "\n".join([_TEXT, *(_of_data(m) for m in measured)]) if measured else ""


def _of_data(m: Mapping[str, Any]) -> str:
    title = _SHOWN.get(m["data"], m["data"])
    return "\n".join(
        [
            f"### {title}: what all systems read worst\n",
            _spread(m["systems"]),
            _together(m),
            *_table(("read worst", "part", "read", "read best", "part", "read"), _ends(m)),
            "What goes together with being read well, over attributes (Spearman, 95 % interval; * leaves 0 out):\n",
            *_table(
                ("trait", "correlation with how well it is read"), [[n, _ranked(t)] for n, t in m["traits"].items()]
            ),
            "By what attributes speak of:\n",
            *_table(("part", "attributes", "read"), _groups(m)),
            _mended(m),
            _CLOSED.format(**m["closed_form"], unmeasured=_unmeasured(m["closed_form"])),
            *_table(("", "T1"), _gains(m["closed_form"])),
            *_says(m["closed_form"]),
        ]
    )


def _table(columns: tuple[str, ...], rows: list[list[str]]) -> list[str]:
    return ["\n".join(markdown_table(columns, rows)) + "\n"]


def _spread(systems: Mapping[str, Mapping[str, float]]) -> str:
    """How far models lie apart."""
    (low, least), *_, (high, most) = sorted(
        ((name, one["t1"]) for name, one in systems.items()), key=lambda one: one[1]
    )
    quarter, rest = np.quantile([one["t1"] for one in systems.values()], [0.25, 0.75])
    return (
        f"Models do not stop at one figure: T1 runs from {_share(least)} (`{low}`) to {_share(most)} (`{high}`), for half of "
        f"them from {_share(quarter)} to {_share(rest)}. What they have in common is where they fail.\n"
    )


def _together(m: Mapping[str, Any]) -> str:
    between, answers, systems = m["between_systems"], m["answers"], m["systems"]
    ranked = sorted(systems.items(), key=lambda one: -one[1]["read"])
    listed = ", ".join(f"`{name}` {one['read']:.2f} ({_share(one['t1'])})" for name, one in ranked)
    tied = spearmanr([one["read"] for one in systems.values()], [one["t1"] for one in systems.values()]).statistic
    return (
        f"Mean over {m['attributes']} attributes, and T1: {listed}. Over systems, reading attributes well one by one and T1 go "
        f"together by {tied:+.2f} (Spearman). How well each attribute is read correlates over attributes by {between['mean']:.2f} "
        f"between two systems on average ({between['least']:.2f} to {between['most']:.2f}). Of "
        f"photos of unseen classes (as T1 counts) {_share(answers['none'])} are answered wrongly by every system, where "
        f"{_share(answers['none_if_independent'])} would be if systems erred independently of each other and of the photo; "
        f"{_share(answers['all'])} are answered rightly by all, {_share(answers['any'])} by at least one, "
        f"{_share(answers['majority'])} by most of them, and {_share(answers['best'])} by the best.\n"
    )


def _ends(m: Mapping[str, Any]) -> list[list[str]]:
    return [
        [cell for one in pair for cell in (one["name"], one["group"], f"{one['read']:.2f}")]
        for pair in zip(m["worst"], m["best"], strict=True)
    ]


def _ranked(trait: Mapping[str, float]) -> str:
    clear = "*" if trait["low"] > 0 or trait["high"] < 0 else ""
    return f"{trait['correlation']:+.2f} ({trait['low']:+.2f} to {trait['high']:+.2f}){clear}"


def _groups(m: Mapping[str, Any]) -> list[list[str]]:
    groups = sorted(m["groups"].items(), key=lambda one: one[1]["read"])
    return [[name, str(of["attributes"]), f"{of['read']:.2f}"] for name, of in groups]


def _mended(m: Mapping[str, Any]) -> str:
    mended = m["mended"]
    return (
        f"If a quarter of the attributes were read as the table has them, by `{mended['system']}` (the best T1 on validation), T1 "
        f"would be {_share(mended['worst'])} with the quarter that is read worst, {_share(mended['chance'])} with one by chance "
        f"and {_share(mended['best'])} with the one that is read best, in place of {_share(mended['as_it_is'])}. "
        f"{_quarter(mended)}"
    )


def _quarter(mended: Mapping[str, Any]) -> str:
    """What to make of it."""
    gained = mended["worst"] - mended["best"]
    where = "in the attributes that are read worst more than in others"
    if gained < _ALIKE:
        where = "not in a few attributes that are read badly, as mending those gives no more than mending the ones read best"
    return _QUARTER.format(where=where)


def _gains(closed: Mapping[str, Any]) -> list[list[str]]:
    rows = [[name, _t1(one)] for name, one in closed["descriptions"].items()]
    rows += [[f"the table, features {name}, means over regions", _t1(one)] for name, one in closed["features"].items()]
    rows += [[f"the table, photos brought to {side}", _t1(one)] for side, one in closed.get("sides", {}).items()]
    return rows + [[f"no table: {name}", _t1(one)] for name, one in closed["from_photos"].items()]


def _says(closed: Mapping[str, Any]) -> list[str]:
    """What the lines say, as far as they do."""
    (_, table), *others = closed["descriptions"].items()
    photos, features = list(closed["from_photos"].values())[-1], list(closed["features"].values())[1:]
    said = []
    if photos["t1"] - table["t1"] > table["std"] + photos["std"]:
        said.append(
            f"The same features tell these classes apart by {_t1(photos)} once their own photos say what they look like, and by "
            f"{_t1(table)} where the table says it: what stops a linear rule is the way from the table to the photos."
        )
    better = [name for name, one in others if one["t1"] - table["t1"] > table["std"]]
    if not better:
        said.append("No other description of the classes is ahead of the table by more than its spread.")
    if all(one["t1"] - table["t1"] < table["std"] for one in features):
        said.append("Nor do earlier stages add more than that to the mean of c5.")
    below = [name for name, one in closed["from_photos"].items() if one["t1"] < table["t1"]]
    above = [name for name, one in closed["from_photos"].items() if one["t1"] >= table["t1"]]
    bounds = [f"more than {below[-1]}"] if below else []
    bounds += [f"less than {above[0]}"] if above else []
    said.append(f"The table is worth {' and '.join(bounds)}.")
    sides = list(closed.get("sides", {}).items())
    if len(sides) > 1:
        said.append(
            f"By the side that photos are brought to, T1 is {', '.join(f'{_t1(one)} at {side}' for side, one in sides)}."
        )
    return [" ".join(said) + "\n"] if said else []


def _unmeasured(closed: Mapping[str, Any]) -> str:
    if not closed.get("sides"):
        return "Other resolutions and backbones were not measured."
    return f"Photos here are {closed['photo_side']} px on their shorter side; larger ones and other backbones were not measured."


def _t1(one: Mapping[str, float]) -> str:
    return f"{100 * one['t1']:.1f} ± {100 * one['std']:.1f}"


def _share(value: float) -> str:
    return f"{100 * value:.1f} %"
