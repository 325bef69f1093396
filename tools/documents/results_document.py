"""docs/results.md from docs/results/*/*.json."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path

from tools.documents.doubt_section import section as doubt_section
from tools.documents.other_sections import compositions_section, labels_section
from tools.documents.read_worst_section import section as read_worst_section
from tools.documents.results_files import FIGURES, Result
from tools.documents.results_reading import comparison_table, comparisons, reading
from tools.documents.results_tables import fixed_bias_table, main_table, seeds_table, validation_table
from tools.documents.validation_section import section as validation_section
from zslviz.runtime.devices import CPU

_DATA = {"cub": ("Birds", "birds (CUB)"), "awa2": ("Animals", "animals (AWA2's attributes, other photos)")}
_INTRODUCTION = """# Results

`python -m tools.documents` writes this page from the files in `docs/results/`; `zslviz evaluate --model NAME --data cub=DIR --out
docs/results/models` writes those. No figure is typed by hand.

## How it was measured

- All accuracies are means of per-class accuracies in per cent, on the test photos of the proposed split (Xian et al. 2017).
  T1: photos of unseen classes, only unseen classes compete. U and S: photos of unseen and of seen classes, all classes compete,
  with γ taken from the scores of seen ones. H = 2US/(U+S). AUSUC: the area under the curve of S over U as γ runs.
- γ, the epoch, the fusion of granularities and the regularisation are chosen on seen classes held out as pseudo-unseen ones.
  *Oracle H* uses the γ that is best on the test photos themselves: it is what papers often report, and stands here only to be
  compared with them. Where a model's card says so, some settings of its recipe were settled with test figures in sight.
- In brackets: 95 % intervals, a percentile bootstrap of 1000 replicates that draws test photos with replacement within each class.
  They tell what other photos of the same classes would change. Another seed of the training or other classes can change more.
- Differences are paired: both models are resampled on the same photos, so a difference can be clear although two intervals overlap.
  "Better" and "worse" mean that the interval of the difference leaves 0 out; nothing is corrected for the number of comparisons.
"""
_SEEDS = """### Seeds

Each seed chooses for itself on the same held-out classes; the one with the highest (T1 + H) / 2 there (*validation*) is shipped.
"""


def results_document(results: list[Result], folder: Path) -> str:
    """The whole page. folder: docs/, where pictures are looked for and paths start."""
    parts = [_INTRODUCTION]
    for data in dict.fromkeys(result.data for result in results):
        parts.extend(_data_section(data, [r for r in results if r.data == data], folder))
    parts.extend([validation_section(), doubt_section(results), read_worst_section(), faithfulness_section()])
    parts.extend([labels_section(), compositions_section()])
    return "\n".join(part for part in parts if part).rstrip() + "\n"


def faithfulness_section() -> str:
    """Whether the maps tell the truth, where that has been measured."""
    if importlib.util.find_spec("tools.documents.faithfulness_section") is None:
        return ""
    return str(importlib.import_module("tools.documents.faithfulness_section").section())


def _data_section(data: str, results: list[Result], folder: Path) -> list[str]:
    title, in_text = _DATA.get(data, (data, data))
    photos = next(r.content["photos"] for r in results)
    found = comparisons(results)
    lines = [
        f"## {title}\n",
        f"{photos['unseen']} test photos of unseen classes and {photos['seen']} of seen ones. {_backbones(results)}\n",
        devices(results),
        *_block("", main_table(results)),
        *_block("### What beats what\n", comparison_table(found)),
        reading(found, in_text) + "\n",
        *_block("### Validation beside test\n", validation_table(results)),
        *_block(_SEEDS, seeds_table(results)),
        *_block(
            "### The fixed bias of MSDN's authors\n\nThey add 1 to the scores of unseen classes and take 1 from those of seen "
            "ones, whatever the data, and fuse the\nsub-nets with a weight of their own. It stands beside the calibration "
            "chosen on validation.\n",
            fixed_bias_table(results),
        ),
    ]
    pictures = [
        r.stem for r in results if r.kind == "models" and (folder / "results" / "models" / f"{r.stem}.png").is_file()
    ]
    if pictures:
        lines.append("### Curves and classes\n")
        lines.extend(
            f"![{stem}: seen-unseen curve and accuracy of every class](results/models/{stem}.png)\n"
            for stem in pictures
        )
    return lines


def devices(results: list[Result]) -> str:
    """Models that were trained and measured on a GPU, and how far the CPU's figures are from those; empty where there are none."""
    elsewhere = [r for r in results if r.metrics.get("device", CPU) != CPU]
    if not elsewhere:
        return ""
    names = ", ".join(f"`{r.stem}`" for r in elsewhere)
    cards = " and ".join(dict.fromkeys(str(r.metrics["device"]) for r in elsewhere))
    apart = max(abs(r.content[key] - r.metrics[key]) for r in elsewhere for key in FIGURES)
    return (
        f"Trained, and measured first, on {cards}: {names}.\n"
        f"The figures below are the CPU's, on features computed there; T1, U, S and H of the two "
        f"differ by at most {100 * apart:.2f}.\n"
    )


def _block(heading: str, table: list[str]) -> list[str]:
    return ["\n".join([*([heading] if heading else []), *table]) + "\n"] if table else []


def _backbones(results: list[Result]) -> str:
    used = dict.fromkeys(
        f"{r.content['backbone']['name']} at {r.content['backbone']['size']} px"
        + (f" ({', '.join(r.content['backbone']['trained'])} trained along)" if r.fine_tuned else " (frozen)")
        for r in results
    )
    return f"Backbone: {'; '.join(used)}."
