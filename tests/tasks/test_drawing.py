"""Figures for papers: what they say is what the explanation says, and a file is the same whoever saves it, and where."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.text import Text

from tests.conftest import ROOT, made_photo
from zslviz.errors import ConfigError, UnknownNameError
from zslviz.explainer import Explainer
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.map_words import called
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.base.drawing import fitted
from zslviz.tasks.base.numbers import equation, plain
from zslviz.tasks.base.photo import ExplainedPhoto
from zslviz.tasks.multilabel.requests import LabelRequest

DRAWN = [
    ("attributes", "maps"), ("attributes", "ranking"), ("attributes", "contributions"),
    ("labels", "maps"), ("labels", "ranking"), ("pairs", "maps"), ("pairs", "ranking"),
]  # fmt: skip
ODD = ("長頸鹿", "زرافة", "$x_{$", "<b>&\n%", "Жираф" * 30, "\u0000 \u202e")


@pytest.fixture(scope="module")
def explained(
    explanation_of: Callable[..., Explanation], label_folder: Path, composition_folder: Path
) -> dict[str, ExplainedPhoto]:
    photo = made_photo()
    return {
        "attributes": explanation_of("made-mgmrn"),
        "labels": Explainer.from_pretrained(label_folder, "cpu").explain(photo),
        "pairs": Explainer.from_pretrained(composition_folder, "cpu").explain(photo),
    }


@pytest.fixture(scope="module")
def seen(explained: dict[str, ExplainedPhoto]) -> Explanation:
    explanation = explained["attributes"]
    assert isinstance(explanation, Explanation)
    return explanation


def saved(figure: Any, kind: str = "pdf", **options: Any) -> bytes:
    stream = io.BytesIO()
    figure.savefig(stream, format=kind, **options)
    return stream.getvalue()


def texts(figure: Any) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def ticks(figure: Any) -> list[str]:
    """What stands on the bar of colours."""
    return [label.get_text() for label in figure.axes[-1].get_xticklabels()]


# -- the files --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "of"), DRAWN)
def test_a_figure_is_the_same_file_every_time_with_its_fonts_in_it(
    kind: str, of: str, explained: dict[str, ExplainedPhoto]
) -> None:
    figure = explained[kind].figure(of)
    pdf = saved(figure)
    with mpl.rc_context({"font.size": 30, "pdf.fonttype": 3, "lines.linewidth": 9, "text.usetex": True}):
        again = explained[kind].figure(of)
        assert saved(again) == pdf == saved(figure)
    assert pdf.startswith(b"%PDF")
    assert b"/FontFile2" in pdf
    assert b"/Type3" not in pdf and b"/CreationDate" not in pdf
    assert saved(figure, "png", dpi=60) == saved(again, "png", dpi=60)


def test_drawing_leaves_matplotlib_as_it_was_and_opens_nothing(
    explained: dict[str, ExplainedPhoto], tmp_path: Path
) -> None:
    """In a process of its own, from a saved explanation: no pyplot, no torch, no setting that stays."""
    explained["attributes"].save(tmp_path / "seen")
    code = f"""
import sys
import matplotlib
from zslviz.tasks.attributes.explanation import Explanation
explanation = Explanation.load({str(tmp_path / "seen")!r})
explanation._repr_html_()
before = list(dict.items(matplotlib.rcParams))  # by the item, "backend" would load pyplot
for of in ("maps", "ranking", "contributions"):
    explanation.figure(of).savefig({str(tmp_path)!r} + f"/{{of}}.pdf")
    explanation.figure(of).savefig({str(tmp_path)!r} + f"/{{of}}.svg")
assert list(dict.items(matplotlib.rcParams)) == before
assert not {{"matplotlib.pyplot", "torch", "tkinter"}} & set(sys.modules)
"""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "maps.pdf").read_bytes() == saved(explained["attributes"].figure())
    assert (tmp_path / "maps.svg").read_bytes() == saved(explained["attributes"].figure(), "svg")


@pytest.mark.filterwarnings("ignore:Glyph")
@pytest.mark.parametrize("of", ["maps", "ranking", "contributions"])
def test_any_name_is_drawn_as_it_is_written(of: str, seen: Explanation) -> None:
    space: SemanticSpace = seen.space
    odd = replace(space, classes=ODD[: len(space.classes)], attributes=ODD[: len(space.attributes)])
    figure = replace(seen, space=odd).figure(of, **({"attributes": range(5)} if of == "maps" else {}))
    assert saved(figure).startswith(b"%PDF")
    assert saved(figure, "png", dpi=60).startswith(b"\x89PNG")
    assert any("$x {$" in text or "$x_{$" in text for text in texts(figure))


def test_a_long_name_is_cut_and_a_wide_one_sooner() -> None:
    assert fitted("short", 2.0, 8.0) == "short"
    cut = fitted("word " * 40, 2.0, 8.0, 1)
    assert cut.endswith("…") and len(cut) <= 72 * 2.0 / (0.52 * 8.0)
    wide, narrow = (fitted(f"{letter * 6} " * 20, 2.0, 8.0, 1) for letter in ("長", "x"))
    assert len(wide) < len(narrow)


# -- maps -------------------------------------------------------------------------------------------------------------------


def test_below_each_map_stands_what_it_adds_up_to(seen: Explanation) -> None:
    names = seen.space.attribute_names
    figure = seen.figure("maps", attributes=[names[3], 1])
    said = texts(figure)
    for a in (3, 1):
        assert fitted(called(seen, a), 2.0, 8.0) in said
        value, places = float(seen.values[a]), float(seen.fused_evidence[a].sum())
        assert equation(value, places) in said
    largest = np.abs(seen.fused_evidence[[3, 1]]).max()
    assert ticks(figure) == [f"−{largest:.2g}", "0", f"{largest:.2g}"]


def test_an_equation_holds_as_it_is_printed() -> None:
    for value, places in np.random.default_rng(0).normal(0, 3, (300, 2)).tolist():
        numbers = re.fullmatch(r"(−?)(\d+\.\d\d) = (−?)(\d+\.\d\d) ([+−]) (\d+\.\d\d)", equation(value, places))
        assert numbers is not None
        minus, whole, minus_places, part, sign, rest = numbers.groups()
        cents = [
            int(n.replace(".", "")) * (-1 if m == "−" else 1)
            for n, m in ((whole, minus), (part, minus_places), (rest, sign))
        ]
        assert cents[0] == cents[1] + cents[2]
        for printed, true in zip(cents, (value, places, value - places), strict=True):
            assert printed / 100 == pytest.approx(true, abs=0.0101)
    assert (plain(-0.001), plain(-1.005), plain(2.5)) == ("0.00", "−1.00", "2.50")  # -1.005 is a little less in binary


def test_what_was_edited_is_said_beside_what_was_seen(seen: Explanation) -> None:
    said = texts(seen.figure("maps", attributes=[2], request=RankRequest(image_edits={2: 0.25})))
    assert any(text.startswith(plain(float(seen.values[2]))) and text.endswith("edited to 0.25") for text in said)


def test_attention_has_no_equation(seen: Explanation) -> None:
    said = texts(seen.figure("maps", attributes=[0], offer="attention"))
    assert plain(float(seen.values[0])) in said
    assert not any("=" in text for text in said)


def test_maps_that_are_empty_are_said_to_be_so(seen: Explanation) -> None:
    assert seen.evidence is not None
    empty = replace(seen, evidence=np.zeros_like(seen.evidence), bias=seen.scores)
    assert "These maps are 0 everywhere." in texts(empty.figure("maps", attributes=[0]))


def test_without_maps_the_photo_is_drawn_and_the_values_are_told(seen: Explanation) -> None:
    bare = replace(seen, evidence=None, bias=None, attention=None, further=())
    figure = bare.figure("maps", attributes=[1])
    (said,) = [text for text in texts(figure) if "has no maps" in text]
    assert f"{seen.space.attribute_names[1]}: {plain(float(seen.values[1]))}" in said.replace("\n", " ")
    assert saved(figure).startswith(b"%PDF")
    with pytest.raises(ConfigError, match="has no maps"):
        bare.figure("maps", offer="evidence")


def test_labels_and_pairs_are_drawn_by_name(explained: dict[str, ExplainedPhoto]) -> None:
    said = texts(explained["labels"].figure("maps", labels=["label 5", 0]))
    assert "label 5" in said and "label 0" in said
    assert f"{plain(float(explained['labels'].scores[5]))}, never trained on" in said  # type: ignore[attr-defined]
    pairs = explained["pairs"]
    said = texts(pairs.figure("maps", pairs=[("state 1", "object 2"), ("state 1", "object 0")]))
    assert [said.count(name) for name in ("state 1", "object 2", "object 0", "state", "object")] == [1, 1, 1, 1, 2]
    evidence = pairs.figure("maps", pairs=[("state 1", "object 2")], offer="evidence")
    shown = pairs.map("evidence", (1, 2))
    assert shown.score is not None
    assert equation(shown.score, float(shown.values.sum(dtype=np.float64))) in texts(evidence)


# -- rankings ---------------------------------------------------------------------------------------------------------------


def points(figure: Any) -> dict[str, dict[int, float]]:
    """What is marked in a ranking: label -> {row: score}."""
    return {
        line.get_label(): dict(zip(map(int, line.get_ydata()), map(float, line.get_xdata()), strict=True))
        for line in figure.axes[0].get_lines()
        if not line.get_label().startswith("_")
    }


def test_seen_and_unseen_are_told_apart_at_their_scores(seen: Explanation) -> None:
    figure = seen.figure("ranking", top=5)
    ranking = seen.rank().lines(5)
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == [f"{r.rank}  {r.name}" for r in ranking]
    marked = points(figure)
    for seen_or_not, words in ((True, "trained on"), (False, "never trained on")):
        expected = {line.rank - 1: line.score for line in ranking if line.seen is seen_or_not}
        assert marked.get(words, {}) == pytest.approx(expected)


def test_after_edits_the_scores_and_ranks_before_are_drawn_too(seen: Explanation) -> None:
    request = RankRequest({0: 1.0, 1: 0.0}, {(2, 3): 0.9}, gamma=0.1)
    before, after = request.rank_unedited(seen), request.rank(seen)
    assert [r.index for r in before] != [r.index for r in after], "the edit moves something"
    figure = seen.figure("ranking", request=request)
    marked = points(figure)
    assert marked["before the edits"] == pytest.approx({r.rank - 1: float(before.calibrated[r.index]) for r in after})
    moved = [r for r in after if before.rank_of(r.index) != r.rank]
    assert sum("was" in text for text in texts(figure)) == len(moved) > 0
    assert "before the edits" not in points(seen.figure("ranking"))


def test_labels_are_ranked_as_it_was_asked(explained: dict[str, ExplainedPhoto]) -> None:
    marked = points(explained["labels"].figure("ranking", request=LabelRequest(unseen_only=True)))
    assert set(marked) == {"never trained on"} and len(marked["never trained on"]) == 2


# -- contributions ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("gamma", [None, 0.0, 3.0, -3.0])
def test_the_bars_lead_from_zero_to_the_margin(gamma: float | None, seen: Explanation) -> None:
    request = RankRequest({0: 1.0}, gamma=gamma)
    first, second = request.rank(seen).order[:2].tolist()
    exact = seen.contributions(first, second, gamma, {0: 1.0})
    figure = seen.figure("contributions", request=request, count=2)
    bars = [(bar.get_x(), bar.get_width()) for bar in figure.axes[0].patches]
    reached = 0.0
    for start, size in bars[:-1]:
        assert start == pytest.approx(reached, abs=1e-5)
        reached += size
    assert reached == pytest.approx(exact.margin, abs=1e-5)
    assert bars[-1] == pytest.approx((0.0, exact.margin), abs=1e-5)
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert ("handicap of trained classes" in names) is (exact.calibration != 0 and (gamma is None or gamma > 0))
    assert ("head start of trained classes" in names) is (exact.calibration != 0 and gamma is not None and gamma < 0)
    assert "3 other attributes" in names


# -- what cannot be drawn -----------------------------------------------------------------------------------------------------


def test_what_cannot_be_drawn_is_said_in_a_sentence(explained: dict[str, ExplainedPhoto], seen: Explanation) -> None:
    with pytest.raises(ConfigError, match="no figure of 'map'; choose maps, ranking or contributions"):
        seen.figure("map")
    for kind in ("labels", "pairs"):
        with pytest.raises(ConfigError, match="no figure of 'contributions'; choose maps or ranking"):
            explained[kind].figure("contributions")
        with pytest.raises(ConfigError, match="at least one"):
            explained[kind].figure("ranking", top=0)
    for width in (0.0, -3.0, float("nan"), 1e6):
        for of in ("maps", "ranking", "contributions"):
            with pytest.raises(ConfigError, match="inches wide"):
                seen.figure(of, width=width)
    with pytest.raises(ConfigError, match="at least one attribute"):
        seen.figure("maps", attributes=[])
    with pytest.raises(ConfigError, match="over itself"):
        seen.figure("contributions", first=1, rival=1)
    with pytest.raises(UnknownNameError):
        seen.figure("maps", attributes=["wing"])
    alone = RankRequest(without=tuple(range(1, len(seen.space.classes))))
    with pytest.raises(ConfigError, match="no lead over another"):
        seen.figure("contributions", request=alone)
    assert len(points(seen.figure("ranking", request=alone))) == 1
    assert saved(seen.figure("maps", request=alone)).startswith(b"%PDF")
