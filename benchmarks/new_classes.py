"""Classes that a model has no row of, found by descriptions: a table of a few numbers, a sentence, a few photos.

.venv/bin/python benchmarks/new_classes.py --data awa2=DIR --cache DIR

A class is taken out of the table, comes back as it is described, and competes with all the others at the model's own calibration.
*Found* are test photos of the class that it wins; *taken*, photos of others. Which rule fills what nobody said was chosen on
photos of seen classes; all other figures are of classes that the networks were never trained on, and of the zebra, for which
ESZSL is trained anew without zebras. The sentences stand here as they were written before they were measured.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from common import record
from numpy.typing import NDArray

from zslviz.datasets.reading import load_dataset, parse_data_argument
from zslviz.errors import ConfigError
from zslviz.tasks.attributes.evaluation import scores_on_test
from zslviz.tasks.attributes.explainer import AttributeExplainer
from zslviz.tasks.attributes.filling import filled
from zslviz.tasks.attributes.invent import by_parts, by_sentence
from zslviz.tasks.attributes.scoring import calibrate, class_scores
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.trainer import prepare

MODELS = ("mgmrn-awa2", "msdn-awa2", "eszsl-awa2", "dap-awa2")
GIRAFFE = Path(__file__).parents[1] / "examples" / "giraffe.csv"
GIVEN = 15
DRAWS = 8
SENTENCES = {
    "horse": "like a cow, but lean, fast and strong, with long legs and a long tail, no horns",
    "blue+whale": "like a humpback whale, but bigger, gray and blue",
    "sheep": "like a cow, but small, white and woolly, timid, without horns",
    "seal": "like an otter, but gray, fat and hairless, with flippers, in the ocean",
    "bat": "like a rat, but black, it flies, is nocturnal and lives in caves",
    "giraffe": "like a deer, but very big, with a very long neck, long legs and spots, yellow, on the plains",
    "rat": "like a squirrel, but gray, smelly and nocturnal, living on the ground",
    "walrus": "like a seal, but big, with tusks",
    "dolphin": "like a killer whale, but smaller, gray and smart",
}
ZEBRA = "like a horse, but with black and white stripes"
Row = NDArray[np.floating[Any]]
Fill = Callable[[Row, Row], Row]


@dataclass(frozen=True, eq=False)
class Scored:
    """A model with the raw scores [N, G, A] and labels [N] of the test photos."""

    explainer: AttributeExplainer
    scores: NDArray[np.float32]
    labels: NDArray[np.int64]

    @property
    def space(self) -> SemanticSpace:
        return self.explainer.space

    def without(self, index: int) -> SemanticSpace:
        """The classes but one."""
        return self.space.take_classes([i for i in range(len(self.space.classes)) if i != index])

    def winners(self, space: SemanticSpace) -> NDArray[np.intp]:
        """The class that wins each photo."""
        raw = class_scores(self.scores, space, self.explainer.rule)
        return calibrate(raw, space.seen, self.explainer.gamma).argmax(axis=1)

    def found(self, index: int, row: Row, left_out: Iterable[int] = ()) -> tuple[float, int]:
        """Share of a class's photos that it wins with another row, as an unseen class; photos of others that it takes."""
        space = self.without(index).with_class("new", row)
        counted = np.ones(len(self.labels), dtype=bool)
        counted[list(left_out)] = False
        won = (self.winners(space) == len(space.classes) - 1) & counted
        own = (self.labels == index) & counted
        return float(won[own].mean()), int((won & ~own).sum())


def scored(explainer: AttributeExplainer, dataset: Any, cache: Path) -> Scored:
    test = scores_on_test(explainer, dataset, cache)
    labels = np.concatenate([test.labels_seen, test.labels_unseen])
    return Scored(explainer, np.concatenate([test.seen, test.unseen]), labels)


def by_nearest(row: Row, table: Row) -> Row:
    return filled(row, table).values


def by_mean(row: Row, table: Row) -> Row:
    return np.where(np.isfinite(row), row, table.mean(axis=0))


def filling_rows(name: str, model: Scored) -> list[dict[str, Any]]:
    """How often classes are found by 15 values, what is not given being filled in one way or another."""
    rows = []
    for kind, classes in (("seen", model.space.seen_classes), ("unseen", model.space.unseen_classes)):
        tested = [int(c) for c in classes if (model.labels == c).sum() >= 5]
        for how in ("most remarkable", "random"):
            figures = {
                "its whole row": np.mean([model.found(c, model.space.table[c])[0] for c in tested]),
                **{
                    what: found_by_some(model, tested, how, fill)
                    for what, fill in (("nearest 3", by_nearest), ("mean", by_mean))
                },
            }
            told = ", ".join(f"{what} {share:.0%}" for what, share in figures.items())
            rows.append({"what": f"{name}: {kind} classes by {GIVEN} {how} values, found", "figure": told})
    return rows


def found_by_some(model: Scored, classes: list[int], how: str, fill: Fill) -> float:
    """Mean share of photos found, over classes and draws of the values that are given."""
    shares = []
    for c in classes:
        own, table = model.space.table[c].astype(float), np.delete(model.space.table, c, axis=0).astype(float)
        steps = np.abs(own - table.mean(axis=0)) / (table.std(axis=0) + 0.02)
        remarkable = [np.argsort(-steps, kind="stable")[:GIVEN]]
        drawn = [np.random.default_rng(i).choice(len(own), GIVEN, replace=False) for i in range(DRAWS)]
        for given in remarkable if how == "most remarkable" else drawn:
            row = np.full(len(own), np.nan)
            row[given] = own[given]
            shares.append(model.found(c, fill(row, table))[0])
    return float(np.mean(shares))


def giraffe_rows(name: str, model: Scored) -> list[dict[str, Any]]:
    """The giraffe of examples/giraffe.csv."""
    index = model.space.class_index("giraffe")
    known = model.without(index)
    described = SemanticSpace.from_csv(GIRAFFE, like=known)
    cells = GIRAFFE.read_text(encoding="utf-8").splitlines()[0].split(",")[1:]
    given = np.isin(np.arange(len(known.attributes)), [known.attribute_index(a) for a in cells])
    sparse = np.where(given, described.table[0], np.nan)
    rows = {
        "its whole row": model.space.table[index],
        "nearest 3": described.table[0],
        "mean": by_mean(sparse, known.table),
    }
    count = int((model.labels == index).sum())
    return [
        {"what": f"{name}: giraffe by 15 numbers, found of {count} (taken)", "figure": shown(model, index, rows, count)}
    ]


def shown(model: Scored, index: int, rows: dict[str, Row], count: int) -> str:
    """Photos found, and taken from others, row by row."""
    results = {what: model.found(index, row) for what, row in rows.items()}
    return ", ".join(f"{what} {round(share * count)} ({taken})" for what, (share, taken) in results.items())


def sentence_rows(name: str, model: Scored) -> list[dict[str, Any]]:
    """Every unseen class by a sentence, against its own row and against what the sentence begins with."""
    rows = []
    for own, text in SENTENCES.items():
        index = model.space.class_index(own)
        reading = by_sentence(model.without(index), text, "made up")
        base = reading.mentions[0].classes[0]
        count = int((model.labels == index).sum())
        like = int((model.winners(model.without(index))[model.labels == index] == base).sum())
        made = {"sentence": reading.invention.values, "its own row": model.space.table[index]}
        told = f"{shown(model, index, made, count)}; {model.without(index).class_names[base]} alone has {like}"
        rows.append(
            {"what": f"{name}: “{text}”, {model.space.class_names[index]} found of {count} (taken)", "figure": told}
        )
    return rows


def photo_rows(name: str, model: Scored) -> list[dict[str, Any]]:
    """Every unseen class from one, three and five of its test photos, which are not counted then."""
    figures = []
    for count in (1, 3, 5):
        shares = []
        for c in model.space.unseen_classes:
            own = np.flatnonzero(model.labels == c)
            for draw in range(DRAWS):
                some = np.random.default_rng(draw).choice(own, count, replace=False)
                values = model.explainer.scale.to_values(model.scores[some]).mean(axis=0)
                low, high = model.space.table.min(axis=0), model.space.table.max(axis=0)
                shares.append(model.found(int(c), np.clip(values, np.clip(low, 0, 1), np.clip(high, 0, 1)), some)[0])
        figures.append(f"{count}: {np.mean(shares):.0%}")
    own = np.mean([model.found(int(c), model.space.table[c])[0] for c in model.space.unseen_classes])
    return [
        {
            "what": f"{name}: unseen classes from photos (few-shot, ◇), found of the others",
            "figure": f"{', '.join(figures)}; its own row {own:.0%}",
        }
    ]


def zebra_rows(name: str, model: Scored) -> list[dict[str, Any]]:
    """The zebra made of a horse and stripes."""
    index = model.space.class_index("zebra")
    known = model.without(index)
    own = model.labels == index
    rows = {
        "“horse, black and white stripes”": by_sentence(known, ZEBRA).invention.values,
        "horse with the tiger's coat, black and white": black_and_white(known),
        "its own row": model.space.table[index],
    }
    count = int(own.sum())
    horse = int((model.winners(known)[own] == known.class_index("horse")).sum())
    told = f"{shown(model, index, rows, count)}; Horse alone has {horse}"
    return [{"what": f"{name}: zebra hidden and made up, found of {count} (taken)", "figure": told}]


def black_and_white(known: SemanticSpace) -> Row:
    """By parts: a horse with the coat of a tiger and the colours of a giant panda."""
    return by_parts(known, "horse", {"coat and pattern": "tiger", "color": "giant panda"}).values


def never_saw_zebras(data: tuple[str, Path], dataset: Any, cache: Path) -> Scored:
    """ESZSL trained on the same features without any photo of a zebra, all of which are test photos then."""
    index = dataset.space.class_index("zebra")
    zebras = np.flatnonzero(dataset.labels == index)
    other = replace(
        dataset,
        space=dataset.space.with_seen([c for c in dataset.space.seen_classes if c != index]),
        trainval=np.setdiff1d(dataset.trainval, zebras),
        test_seen=np.setdiff1d(dataset.test_seen, zebras),
        test_unseen=np.union1d(dataset.test_unseen, zebras),
    )
    with TemporaryDirectory() as made:
        job = prepare("eszsl-awa2", data, out=Path(made, "model"))
        recipe = replace(job.recipe, flip=False)
        training = type(job.training)(recipe, other, None, None)
        replace(job, recipe=recipe, dataset=other, training=training).run(cache, Path(made, "runs"), "cpu")
        return scored(AttributeExplainer.from_pretrained(Path(made, "model"), "cpu"), other, cache)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, metavar="awa2=DIR", help="the animals")
    parser.add_argument("--cache", required=True, type=Path, metavar="DIR", help="where the cached features are")
    given = parser.parse_args()
    name, folder = parse_data_argument(given.data)
    if name != "awa2":
        raise ConfigError("The classes that are described here are animals; give awa2=DIR.")
    dataset: Any = load_dataset(name, folder)
    models = {one: scored(AttributeExplainer.from_pretrained(one, "cpu"), dataset, given.cache) for one in MODELS}
    rows = []
    for part in (giraffe_rows, filling_rows, photo_rows):
        for one, model in models.items():
            rows += part(one, model)
    for one in MODELS[:2]:
        rows += sentence_rows(one, models[one])
    rows += zebra_rows("eszsl-awa2 trained without zebras", never_saw_zebras((name, folder), dataset, given.cache))
    for one, model in models.items():
        rows += zebra_rows(f"{one} (trained on zebras)", model)
    record("new_classes", "python benchmarks/new_classes.py --data awa2=DIR --cache DIR", rows)


if __name__ == "__main__":
    main()
