"""Two models on a photo: what is said of them is read from the text and worked out again from raw scores, table and scale."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.conftest import EXAMPLES, ROOT, SHIPPED
from tests.tasks.attributes.comparing.made import made_pair
from tests.twin.vectors import KINDS, TEMPERS
from zslviz.errors import ConfigError
from zslviz.tasks.attributes.comparing import Comparison, compare
from zslviz.tasks.attributes.comparing.answer import comparison_answer
from zslviz.tasks.attributes.comparing.comparison import names_apart
from zslviz.tasks.attributes.comparing.maps import maps_beside
from zslviz.tasks.attributes.comparing.sentence import comparison_sentence
from zslviz.tasks.attributes.comparing.standard import standard_map
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.invent.asked import with_invented
from zslviz.tasks.attributes.maps import EVIDENCE, drawn
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.base.wording import Sentence, size_text

READS = r"<a(\d+)> <n([^>]+)> (lower|higher)"
SAID = re.compile(
    r"(?:(?:<c(?P<both>\d+)> is first for both A and B)|(?:<c(?P<one>\d+)> is first for A, <c(?P<other>\d+)> for B))\."
    r"(?: (?P<alike>They read all attributes alike)\."
    r"| (?P<nothing>What B reads otherwise counts for nothing here)\."
    rf"| B reads (?P<most>{READS}), which would (?P<does>take|add) <n(?P<effect>[^>]+)> (?:from|to) A's lead"
    r"(?: of <n(?P<lead>[^>]+)>)? over <c(?P<over>\d+)>\."
    rf"| B reads (?P<alone>{READS}); that alone puts <c(?P<before>\d+)> before <c(?P<after>\d+)> in A's ranking"
    r"(?P<though>, though not in B's own)?\."
    r"| All readings of B's that speak against <c(?P<first>\d+)> together do not put <c\d+> before <c\d+> in A's ranking: the two "
    r"differ in how they count what they read\."
    r"| No single reading of B's puts <c\d+> before <c\d+> in A's ranking; the (?P<count>\d+) that count most do together"
    rf"(?:: |, first of all )(?P<named>{READS}(?:(?:, | and ){READS})*)\.)"
    r"(?: (?P<verdict>Both are right|[AB] is right|Both are wrong: it is <c\d+>, \d+\w\w for A and \d+\w\w for B)\.)?"
)
NEAR, Doubles = 2e-5, NDArray[np.float64]


class Model:
    """A model's arithmetic in float64, in a way of its own."""

    def __init__(self, x: Explanation) -> None:
        self.x = x
        table = x.space.table.astype(float)
        if x.rule.kind in ("dot", "cosine"):
            lengths = np.linalg.norm(table, axis=1)
            table /= np.where(lengths > 0, lengths, 1)[:, None]
        elif x.rule.kind == "binary":
            table = (x.space.table > np.asarray(x.rule.thresholds, dtype=np.float32)).astype(float)
        self.rows = table
        scale = x.scale
        self.standard = scale.weights.astype(float) @ ((x.scores.astype(float) - scale.mean) / scale.std)
        self.values = scale.table_mean + scale.table_std * self.standard

    def scores(self, values: dict[int, float]) -> Doubles:
        """Calibrated class scores after some attributes are read as given."""
        raw = self.x.scores.astype(float).copy()
        for a, value in values.items():
            raw[:, a] += (value - self.values[a]) / self.x.scale.table_std[a] * self.x.scale.std[:, a]
        if self.x.rule.kind == "cosine":
            raw /= np.maximum(np.linalg.norm(raw, axis=1, keepdims=True), 1e-12)
        return self.rows @ (np.asarray(self.x.rule.weights) @ raw) - self.x.gamma * self.x.space.seen

    def first(self) -> int:
        return int(self.scores({}).argmax())


def text_of(sentence: Sentence) -> str:
    marks = {"class": "c", "attribute": "a"}
    return "".join(
        p.text if p.kind == "text" else f"<n{p.text}>" if p.kind == "number" else f"<{marks[p.kind]}{p.index}>"
        for p in sentence.parts
    )


def near(told: str, size: float, wide: float = 0.0) -> bool:
    """Whether a number that was told is this one, rounded; wide: of a sum of float32 numbers."""
    if told == size_text(size):
        return True
    return abs(float(told.removeprefix("less than ")) - abs(size)) <= 0.05 * abs(size) + 1e-3 + wide


def check(compared: Comparison, truth: int | None) -> str:
    """Every claim of the sentence; which kind of claim it was."""
    text = text_of(comparison_sentence(compared, truth))
    said = SAID.fullmatch(text)
    assert said is not None, text
    a, b = Model(compared.one), Model(compared.other)
    first = int(said["both"] or said["one"])
    theirs = int(said["both"] or said["other"])
    before, order = a.scores({}), np.argsort(-a.scores({}), kind="stable")
    slack = NEAR * (1 + np.abs(before).max())
    assert before[first] >= before.max() - slack
    assert b.scores({})[theirs] >= b.scores({}).max() - NEAR * (1 + np.abs(b.scores({})).max())
    rival = theirs if theirs != first else int(compared.rival)
    if theirs == first and len(order) > 1:
        assert before[rival] >= before[order[1]] - slack

    check_readings(compared, said, (first, theirs, rival), a, b)
    verdict = said["verdict"]
    assert bool(verdict) == (truth is not None)
    if verdict and verdict.startswith("Both are wrong"):
        assert truth not in (first, theirs)
    elif verdict:
        assert {"Both are right": (True, True), "A is right": (True, False), "B is right": (False, True)}[verdict] == (
            first == truth,
            theirs == truth,
        )
    return next(kind for kind in ("most", "alone", "count", "first", "alike", "nothing") if said[kind])


def check_readings(
    compared: Comparison, said: re.Match[str], classes: tuple[int, int, int], a: Model, b: Model
) -> None:
    """What the other model's readings do, as it is told."""
    first, theirs, rival = classes
    slack = NEAR * (1 + np.abs(a.scores({})).max())

    def lead(attributes: list[int]) -> float:
        scores = a.scores({i: float(compared.other.values[i]) for i in attributes})
        return float(scores[first] - scores[rival])

    def read(found: str) -> list[int]:
        named = re.findall(READS, found)
        for attribute, size, way in named:
            more = float(np.float32(b.values[int(attribute)])) - float(np.float32(a.values[int(attribute)]))
            assert (more < 0) == (way == "lower")
            assert near(size, more)
        return [int(attribute) for attribute, *_ in named]

    alone = np.array([lead([i]) for i in range(len(a.values))])
    falling = [int(i) for i in np.argsort(compared.effects, kind="stable") if compared.effects[i] < 0]
    wide = slack * 10
    if said["most"]:
        (attribute,) = read(said["most"])
        effects = np.abs(alone - lead([]))
        assert effects[attribute] >= effects.max() - wide
        assert effects[attribute] <= wide or (alone[attribute] < lead([])) == (said["does"] == "take")
        assert near(said["effect"], effects[attribute], wide)
        assert first == theirs
        assert alone.min() >= -wide
    elif said["alone"]:
        (attribute,) = read(said["alone"])
        assert alone[attribute] <= wide
        assert (int(said["before"]), int(said["after"])) == (rival, first)
        assert bool(said["though"]) == (first == theirs)
    elif said["count"]:
        count = int(said["count"])
        assert count > 1
        assert first != theirs
        assert alone.min() >= -wide
        assert read(said["named"]) == falling[: min(3, count)]
        assert lead(falling[:count]) <= wide
        assert all(lead(falling[:fewer]) >= -wide for fewer in range(count))
    elif said["first"]:
        assert all(lead(falling[:some]) >= -wide for some in range(len(falling) + 1))
    else:
        assert np.abs(alone - lead([])).max() <= wide
        assert bool(said["alike"]) == bool((compared.one.values == compared.other.values).all())


def test_what_is_said_of_the_examples_is_so(explanation_of: Callable[..., Explanation]) -> None:
    """Each photo by a third of the pairs of models, and so each pair on a third of the photos."""
    with (ROOT / "assets/examples/examples.csv").open(encoding="utf-8") as file:
        listed = {row["file"]: row for row in csv.DictReader(file)}
    kinds = set()
    for number, path in enumerate(EXAMPLES):
        row = listed[path.name]
        models = [name for name in SHIPPED if explanation_of(name, 0).space.name == row["space"]]
        assert len(models) >= 4
        for pair in list(combinations(models if number % 2 else models[::-1], 2))[number % 3 :: 3]:
            one, other = (explanation_of(name, number) for name in pair)
            truth = one.space.class_index(row["true_class"]) if row["true_class"] else None
            kinds.add(check(compare(one, other, ("A", "B")), truth))
    assert kinds >= {"most", "alone", "count"}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_said_of_made_models_is_so(kind: str) -> None:
    kinds = {
        check(compare(*made_pair(kind, temper, seed), ("A", "B")), seed % 2 or None)
        for temper in TEMPERS[:2]
        for seed in range(30)
    }
    assert kinds >= {"alone", "most"}


def test_a_reading_that_is_taken_over_is_an_edit_of_the_ranking() -> None:
    one, other = made_pair("cosine", "plain", 7)
    compared = compare(one, other)
    for reading in compared.by_effect(3):
        ranking = one.rank(image_edits={reading.attribute: reading.values[1]})
        lead = float(ranking.calibrated[compared.winners[0]]) - float(ranking.calibrated[compared.rival])
        assert lead - compared.lead == pytest.approx(reading.effect, abs=1e-4)
    sizes = [abs(reading.apart) for reading in compared.by_difference()]
    assert sizes == sorted(sizes, reverse=True)
    assert len(sizes) == len(one.space.attributes)


def test_standard_units_are_those_of_the_training_readings(explanation_of: Callable[..., Explanation]) -> None:
    explanation = explanation_of("eszsl-awa2", 0)
    z = (explanation.scores[0] - explanation.scale.mean[0]) / explanation.scale.std[0]  # of one granularity
    one, other = compare(explanation, explanation_of("mgmrn-awa2", 0)).standard
    np.testing.assert_allclose(one, z, rtol=1e-4, atol=1e-4)
    assert not np.allclose(one, other, atol=0.1)


def test_maps_are_on_one_scale_and_add_up_to_the_reading(explanation_of: Callable[..., Explanation]) -> None:
    photo = next(i for i, path in enumerate(EXAMPLES) if path.stem == "kingfisher")
    one, other = explanation_of("msdn-cub", photo), explanation_of("eszsl-cub", photo)  # 18 x 18 and 9 x 9
    compared = compare(one, other)
    attribute = compared.by_difference(1)[0].attribute
    beside = maps_beside(compared, attribute)
    assert beside["kind"] == EVIDENCE.name
    assert [kind["name"] for kind in beside["kinds"]] == [EVIDENCE.name]  # the yardstick has no attention
    assert [model["grid"] for model in beside["models"]] == [[18, 18], [9, 9]]
    ends = []
    for model, x, standard in zip(beside["models"], (one, other), compared.standard, strict=True):
        values = standard_map(x, EVIDENCE, attribute)
        np.testing.assert_allclose(np.reshape(model["values"], model["grid"]), values, rtol=1e-4)
        assert values.mean() * 100 == pytest.approx(model["places"], rel=1e-4, abs=1e-5)  # per hundredth of the picture
        assert model["places"] + model["rest"] == pytest.approx(float(standard[attribute]), abs=1e-4)
        ends.append(float(np.abs(drawn(values)).max()))
    assert beside["end"] == pytest.approx(max(ends))
    with pytest.raises(ConfigError, match="no maps of 'attention' in common; they both have 'evidence'"):
        maps_beside(compared, attribute, "attention")


def test_the_slope_has_the_first_of_both_and_the_true_class() -> None:
    one, other = made_pair("dot", "plain", 4)
    compared = compare(one, other)
    k = len(one.space.classes)
    truth = int(compared.rankings[0].order[-1])
    lines = compared.slope(2, truth)
    expected = {*compared.rankings[0].order[:2].tolist(), *compared.rankings[1].order[:2].tolist(), truth}
    assert {line.index for line in lines} == expected
    assert [line.ranks[0] for line in lines] == sorted(line.ranks[0] for line in lines)
    assert [line.index for line in lines if line.true] == [truth]
    assert all(1 <= rank <= k for line in lines for rank in line.ranks)


def test_answers_are_finite_json_also_of_one_class_and_equal_models() -> None:
    one, other = made_pair("dot", "nothing", 3)
    alone = one.space.take_classes([0])
    for pair in ((one, other), (one, one), (replace(one, space=alone), replace(other, space=alone))):
        compared = compare(*pair)
        answer = comparison_answer(compared, 0)
        assert json.loads(json.dumps(answer, allow_nan=False)) == answer
        assert comparison_sentence(compared).text
    assert comparison_sentence(compare(one, one)).text.endswith("They read all attributes alike.")


def test_what_cannot_be_compared_is_said_in_one_sentence(explanation_of: Callable[..., Explanation]) -> None:
    animals, birds = explanation_of("mgmrn-awa2", 0), explanation_of("msdn-cub", 0)
    with pytest.raises(ConfigError, match=r"animals \(AWA2\) by 85 attributes, 'msdn-cub' knows 200 birds"):
        compare(animals, birds)
    fewer = replace(animals, space=animals.space.take_classes(range(10)))
    with pytest.raises(ConfigError, match="do not have the same classes \\(only one of them has"):
        compare(animals, fewer)
    turned = replace(animals, space=animals.space.take_classes(range(len(animals.space.classes) - 1, -1, -1)))
    with pytest.raises(ConfigError, match="stand in another order"):
        compare(animals, turned)
    with pytest.raises(ConfigError, match="explanations of two photos"):
        compare(animals, replace(explanation_of("msdn-awa2", 0), photo=animals.photo[::-1]))


def test_edits_and_made_up_classes_hold_for_both_models() -> None:
    pair = made_pair("dot", "nothing", 5)
    seen = np.arange(len(pair[0].space.classes)) % 2 == 0
    one, other = (replace(x, space=replace(x.space, seen=seen)) for x in pair)
    values = np.linspace(0, 1, len(one.space.attributes))
    first, second = (with_invented(x, {"Made": values.tolist()}) for x in (one, other))
    k = len(one.space.classes)
    request = RankRequest({0: 0.9}, {(1, 2): 0.3, (k, 1): 0.4}, gamma=one.gamma + 1)
    compared = compare(first, second, ("A", "B"), request)
    for x, ranking, gamma in (
        (first, compared.rankings[0], one.gamma + 1),
        (second, compared.rankings[1], other.gamma),
    ):
        alone = RankRequest(request.image_edits, request.class_edits, gamma).rank(x)
        assert ranking.order.tolist() == alone.order.tolist()
        np.testing.assert_allclose(ranking.calibrated, alone.calibrated, atol=1e-5)
    assert compared.apart[0] == compared.effects[0] == 0
    assert compared.reading(0).values == pytest.approx((0.9, 0.9), abs=1e-5)
    told = comparison_sentence(compared).text
    assert (
        " The edits are made in both. The class that was made up competes in both. The handicap that was set is A's"
        in told
    )
    unseen = compare(one, other, ("A", "B"), RankRequest(unseen_only=True))
    assert not one.space.seen[list(unseen.winners)].any()
    told = comparison_sentence(unseen, int(np.flatnonzero(one.space.seen)[0])).text
    assert told.endswith("Classes trained on are left out.")


def test_edits_of_classes_need_one_table_and_edits_of_what_was_seen_do_not() -> None:
    one, other = made_pair("dot", "nothing", 5)
    apart = replace(other, space=other.space.with_values({(0, 0): float(1 - other.space.table[0, 0])}))
    assert compare(one, apart, None, RankRequest({0: 0.5})).request.edited
    with pytest.raises(ConfigError, match="by different tables, so edits of classes"):
        compare(one, apart, None, RankRequest(class_edits={(1, 1): 0.5}))
    with pytest.raises(ConfigError, match="by different tables"):
        compare(*(with_invented(x, {"Made": {"0": 1.0}}) for x in (one, apart)))


def test_models_are_named_so_that_they_can_be_told_apart() -> None:
    one, other = "Mg-MRN · birds (CUB)", "Mg-MRN grounded · birds (CUB)"
    assert names_apart((one, other), ("a", "b")) == ("Mg-MRN", "Mg-MRN grounded")
    assert names_apart((one, one), ("a", "b")) == ("a", "b")
