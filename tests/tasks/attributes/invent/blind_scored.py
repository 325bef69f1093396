"""How much is read of sentences that were written for it: `python -m tests.tasks.attributes.invent.blind_scored FILE.jsonl`.

A file has one sentence a line, as JSON:

    {"text": "like a horse, but striped and without a tail", "table": "animals", "base": "horse",
     "mentions": [{"attribute": "stripes", "sign": 1}, {"attribute": "tail", "sign": -1}]}

`table`: "animals" or "birds"; the first word of the file's name if it is left out. `base`: the class that it is like, or null.
`mentions`: what it says, each an attribute (or a list of which one is enough) and its sign, 1 for has or more, -1 for lacks or
less; `than`: the class that it is compared with. In place of `sign` a `polarity` may stand: present, more, as, absent, less.
`maybe`: mentions that may be read and need not. `compared`: classes that are named and may be taken for a measure.

Without a file, the halves of `blind/`, by somebody who had not seen the parser, are scored for
docs/invent.md, with the sentences of development and those by whoever wrote the parser: `python -m tools.documents` writes it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.tasks.attributes.invent.scored import ALIKE, MODELS, Score, Scorer
from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
from zslviz.tasks.attributes.invent.lexicon import Lexicon
from zslviz.tasks.attributes.invent.mention import Mention
from zslviz.tasks.attributes.invent.mentions import mentions_of
from zslviz.tasks.attributes.invent.tokens import pieces_of
from zslviz.tasks.attributes.invent.vocabulary import Vocabulary
from zslviz.tasks.attributes.space import SemanticSpace

HERE = Path(__file__).parent / "blind"
DEVELOPMENT = Path(__file__).with_name("development.jsonl")
SETS = ("open", "held", "second")
"""Two halves of a stranger's sentences, and those of another one, written when the parser was finished."""
SIGNS = {"present": 1, "more": 1, "as": 1, "absent": -1, "less": -1}


class Wanted(NamedTuple):
    """attributes: indices of which one is enough. same: attributes of which less is more of it. size: of a comparison of sizes, 1
    for larger.
    """

    attributes: frozenset[int]
    sign: int
    same: frozenset[int]
    size: int = 0


class BlindScorer:
    """Scores sentences against the shipped tables of animals and birds."""

    def __init__(self) -> None:
        self.vocabularies = {
            kind: Vocabulary(AttributeCheckpoint.load(name).space, Lexicon.shipped()) for kind, name in MODELS.items()
        }

    def score(self, half: str, kind: str) -> Score:
        """The score of one of SETS on "animals" or "birds"."""
        return self.score_file(HERE / f"{kind}-{half}.jsonl", kind)

    def score_file(self, path: Path, kind: str) -> Score:
        """The score of a file's sentences on "animals" or "birds"."""
        total = Score()
        for line in _lines(path):
            if line.get("table", path.name.partition("-")[0]) == kind:
                self._add(total, self.vocabularies[kind], line)
        return total

    def _add(self, total: Score, vocabulary: Vocabulary, line: dict[str, Any]) -> None:
        space = vocabulary.space
        found = mentions_of(pieces_of(line["text"], vocabulary), vocabulary)
        said = [_wanted(space, one) for one in line["mentions"]]
        maybe = [_wanted(space, one) for one in line.get("maybe", ())]
        classes = {_class(space, one) for one in (line["base"],) if one}
        must = classes | {_class(space, one["than"]) for one in line["mentions"] if "than" in one}
        compared = must | {_class(space, one["than"]) for one in line.get("maybe", ()) if "than" in one}
        compared |= {_class(space, one) for one in line.get("compared", ())}
        named = {m.classes[0] for m in found if m.kind in ("base", "donor")}
        named |= {m.reference for m in found if m.reference is not None}
        values = [m for m in found if m.kind == "value"]
        missed = [one for one in said if not any(_meets(space, m, one) == 1 for m in values)]
        extra = [m for m in values if not any(_meets(space, m, one) == 1 for one in (*said, *maybe))]
        extra = [m for m in extra if m.reference is None or m.reference not in compared or m.sign < 0]
        turned = [m for m in extra if any(_meets(space, m, one) == -1 for one in (*said, *maybe))]
        stray = {m.classes[0] for m in found if m.kind == "base"} - compared
        total.sentences += 1
        total.mentions += len(said) + len(must)
        total.right += len(said) - len(missed) + len(must & named)
        total.more += len(extra) + len(stray)
        total.turned += len(turned)
        if missed or extra or stray or must - named:
            names = [space.attribute_names[min(one.attributes)] for one in missed]
            over = [f"{'+' if m.sign > 0 else '-'}{space.attribute_names[m.attributes[0]]}" for m in extra]
            classes_left, strays = ([space.class_names[c] for c in sorted(some)] for some in (must - named, stray))
            total.wrong.append(
                f"{line['text']}: missed {names + classes_left}, more {over + strays}, {len(turned)} turned round"
            )


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            yield json.loads(line)


def _class(space: SemanticSpace, name: str) -> int:
    return space.class_index(name)


def _wanted(space: SemanticSpace, one: dict[str, Any]) -> Wanted:
    own = one["attribute"] if isinstance(one["attribute"], list) else [one["attribute"]]
    attributes = frozenset(map(space.attribute_index, own))
    names = [space.attribute_names[a] for a in attributes]
    sign = one["sign"] if "sign" in one else SIGNS[one["polarity"]]
    other = [pair[1 - pair.index(name)] for pair in ALIKE for name in names if name in pair]
    size = 0
    if all(space.groups[a] == "size" for a in attributes) and (
        "than" in one or one.get("polarity") in ("more", "less")
    ):
        size = sign * (1 if any("large" in name for name in names) else -1)
    return Wanted(attributes, sign, frozenset(map(space.attribute_index, other)), size)


def _meets(space: SemanticSpace, mention: Mention, wanted: Wanted) -> int:
    """1 if a mention says what is wanted, -1 if it says the contrary, else 0."""
    if wanted.size and (mention.more or mention.equal):
        sizes = [space.attribute_names[a] for a in mention.attributes if space.groups[a] == "size"]
        larger = 1 if any("large" in name for name in sizes) else -1
        return larger * mention.sign * wanted.size if sizes else 0
    if wanted.attributes & set(mention.attributes):
        return mention.sign * wanted.sign
    return -mention.sign * wanted.sign if wanted.same & set(mention.attributes) else 0


STORED = Path(__file__).parents[4] / "benchmarks" / "results" / "sentences.json"
COLUMNS = "about | sentences | mentions | read right | read besides | wrong polarity |"


def scores(scorer: BlindScorer) -> list[dict[str, Any]]:
    """What is read now of the sentences of development and of strangers, as it is stored for docs/invent.md."""
    files = [("development", kind, DEVELOPMENT) for kind in MODELS]
    files += [(half, kind, HERE / f"{kind}-{half}.jsonl") for half in SETS for kind in MODELS]
    return [{"set": name, "about": kind, **_counts(scorer.score_file(path, kind))} for name, kind, path in files]


def _counts(own: Score) -> dict[str, int]:
    return {
        "sentences": own.sentences,
        "mentions": own.mentions,
        "right": own.right,
        "besides": own.more,
        "turned": own.turned,
    }


def own_scores() -> list[dict[str, Any]]:
    """What is read now of the sentences by whoever wrote the parser, as it is stored for docs/invent.md."""
    scorer = Scorer()
    found = {part: scorer.score(part) for part in ("tuned", "held out", "fresh")}
    return [
        {"set": part, "sentences": own.sentences, "share": round(own.share, 4), "turned": own.turned}
        for part, own in found.items()
    ]


def _row(name: str, kind: str, own: Score) -> str:
    right = f"{own.right} ({own.right / own.mentions:.1%})" if own.mentions else "0"
    return f"| {name} | {kind} | {own.sentences} | {own.mentions} | {right} | {own.more} | {own.turned} |"


def files_told(paths: Iterable[Path], wrong: bool) -> Iterator[str]:
    """The scores of files of sentences, a line each, and on demand the sentences that were not read as they say."""
    scorer = BlindScorer()
    yield f"| file | {COLUMNS}\n|---|---|--:|--:|--:|--:|--:|"
    for path in paths:
        for kind in MODELS:
            own = scorer.score_file(path, kind)
            if own.sentences:
                yield _row(path.name, kind, own)
                yield from own.wrong if wrong else ()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE.jsonl")
    parser.add_argument("--wrong", action="store_true", help="print the sentences that were not read as they say")
    given = parser.parse_args()
    if given.files:
        sys.stdout.writelines(f"{line}\n" for line in files_told(given.files, given.wrong))
    else:
        stored = {
            **json.loads(STORED.read_text(encoding="utf-8")),
            "scores": scores(BlindScorer()),
            "own": own_scores(),
        }
        STORED.write_text(json.dumps(stored, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
