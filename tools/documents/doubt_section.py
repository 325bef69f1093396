"""The part of docs/results.md on how far a model's readings are to be trusted, from the test photos that models come with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median

from tools.documents.results_files import Result
from tools.documents.results_tables import markdown_table
from zslviz.tasks.attributes.retesting import TestedModel
from zslviz.tasks.attributes.whole_set.attribute_auc import (
    KEY,
    PARTLY,
    STEPS,
    WELL,
    AucOfKind,
    auc_among,
    of_hundred,
    step_of,
)
from zslviz.tasks.attributes.whole_set.reliability import Bin, by_lead, by_softmax

_READ = f"""### How well attributes are read

Of all pairs of a test photo with an attribute and one without, in how many the one with it scores higher (the area under the ROC
curve). A photo has an attribute if its class has at least half as much of it as the class that has most. *well*: in at least
{WELL} of 100 pairs; *hardly*: in less than {PARTLY}, where 50 is chance; *untold*: all of these photos have it, or none has.
First on photos of classes never trained on, then on photos of classes trained on. Attribute by attribute, with counts of photos and
classes, it stands in each model's `metrics.json` (`{KEY}`), on the page under *About this model*, and is told by
`zslviz explain --attribute`.
"""


_RIGHT = """### How often an answer is right

Of the test photos whose first class is so far ahead of the second, how many are answered rightly: first those of classes never
trained on, then those of classes trained on. Each line has as many photos as the others of its model. On the page it stands under
*About this model*, in Python in `TestedModel.reliability()`.
"""
_SOFTMAX = """### The softmax is no chance

The same by the first class's share in the softmax over class scores (`probability` in files and the API). It was never fitted to
how often answers are right, and some systems are certain of wrong ones: so nothing on the page shows it.
"""


def section(results: Sequence[Result]) -> str:
    """Markdown; "" where no shipped model tells."""
    parts = [
        (_READ, _read_table(results)),
        (_RIGHT, _right_table(results, by_lead, lambda low, high: f"{low:.2f} to {high:.2f}")),
        (_SOFTMAX, _right_table(results, by_softmax, lambda low, high: f"{low:.1f} to {high:.1f}")),
    ]
    told = ["\n".join([text, *table]) + "\n" for text, table in parts if table]
    return "\n".join(["## How far to trust it\n", *told]) if told else ""


def _read_table(results: Sequence[Result]) -> list[str]:
    rows = []
    for result in results:
        attributes = len((result.metrics.get(KEY) or {}).get("seen", {}).get("auc", ()))
        found = auc_among(result.metrics, attributes)
        if found is not None:
            rows.append([f"`{result.stem}`", "never trained on", *_cells(found.unseen)])
            rows.append(["", "trained on", *_cells(found.seen)])
    return markdown_table(("model", "classes", "median", *STEPS, "untold"), rows)


def _right_table(results: Sequence[Result], binned: Callable[..., list[Bin]], called: Callable[..., str]) -> list[str]:
    rows = []
    for result in results:
        if KEY not in result.metrics:  # not shipped
            continue
        tested = TestedModel.open(result.stem)
        for number, one in enumerate(binned(tested.photos, tested.space, tested.rule, tested.gamma)):
            counts = (f"{right} of {photos}" if photos else "–" for photos, right in (one.unseen, one.seen))
            rows.append([f"`{result.stem}`" if not number else "", called(one.low, one.high), *counts])
    return markdown_table(("model", "from, to", "never trained on", "trained on"), rows)


def _cells(kind: AucOfKind) -> list[str]:
    known = [area for area in kind.auc if area is not None]
    steps = [step_of(area) for area in known]
    middle = str(of_hundred(median(known))) if known else "–"
    return [middle, *(str(steps.count(step)) for step in STEPS), str(len(kind.auc) - len(known))]
