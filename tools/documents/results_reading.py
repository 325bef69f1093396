"""What the figures say, put into words by a rule: which complicated model beats which simple one, and which does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tools.documents.results_files import RING, SYSTEMS, Result
from tools.documents.results_tables import markdown_table
from zslviz.tasks.attributes.bootstrap import Difference, paired_differences
from zslviz.tasks.attributes.figures import Answers
from zslviz.tasks.attributes.report import variant_answers


@dataclass(frozen=True)
class Comparison:
    """`other` against what is simpler or differs in one thing, on the same photos. h: None where only T1 is compared.

    expected: whether `other` is the more complicated one, so that not being better is worth a sentence.
    """

    simpler: str
    other: str
    t1: Difference
    h: Difference | None
    expected: bool

    @property
    def verdict(self) -> str:
        signs = [d.sign for d in (self.t1, self.h) if d is not None]
        if min(signs) > 0:
            return "better"
        if max(signs) < 0:
            return "worse"
        if min(signs) < 0 < max(signs):
            return "better in one, worse in the other"
        if any(signs):
            return "better in one" if max(signs) > 0 else "worse in one"
        return "no difference to be seen"


def comparisons(results: list[Result]) -> list[Comparison]:
    """All comparisons on one data set: systems by how complicated they are, fine-tuned beside frozen, parts beside the whole."""
    shipped = [r for r in results if r.kind == "models"]
    found = [_compare(a, b) for a in shipped for b in shipped if _more_complicated(a, b) and a.comparable(b)]
    found += [
        _compare(a, b, expected=False)  # neither is the simpler one
        for a in shipped
        for b in shipped
        if a.system == SYSTEMS[3] and b.system in RING and a.fine_tuned == b.fine_tuned and a.comparable(b)
    ]
    for result in shipped:
        found.extend(_against_parts(result))
    for variant in results:
        if variant.kind == "ablations":
            found.extend(
                _compare(variant, whole, expected=False)
                for whole in shipped
                if (whole.system, whole.fine_tuned) == (variant.system, variant.fine_tuned)
                and whole.comparable(variant)
            )
    return found


def comparison_table(found: list[Comparison]) -> list[str]:
    """Differences in per cent points with their intervals."""
    rows = [[c.other, c.simpler, _points(c.t1), _points(c.h), c.verdict] for c in found]
    return markdown_table(["this", "minus this", "T1", "H", "reading"], rows)


def reading(found: list[Comparison], data: str) -> str:
    """Where a complicated model does not beat a simple one, a line for each simple one, or that there is no such place."""
    expected = [c for c in found if c.expected]
    if not expected:
        return ""
    failures = [c for c in expected if c.verdict != "better"]
    if not failures:
        return f"On {data}, the more complicated side is clearly ahead in all {len(expected)} comparisons."
    share = (
        f"the more complicated side is clearly ahead in {len(expected) - len(failures)} of {len(expected)} comparisons"
    )
    lines = [f"On {data}, {share}. It is not:\n"]
    whole, parts = ([c for c in failures if (c.h is None) is of_parts] for of_parts in (False, True))
    lines += [
        f"- against {simpler}: {_by_verdict([c for c in whole if c.simpler == simpler])}"
        for simpler in dict.fromkeys(c.simpler for c in whole)
    ]
    if parts:
        lines.append(
            f"- against a part of its own, in T1: {'; '.join(f'{c.other}, against {c.simpler}' for c in parts)}"
        )
    return "\n".join(lines)


def _by_verdict(found: list[Comparison]) -> str:
    """ "MSDN, DFAN (no difference to be seen); PSVMA (worse)"."""
    told = dict.fromkeys(c.verdict for c in found)
    return "; ".join(f"{', '.join(c.other for c in found if c.verdict == verdict)} ({verdict})" for verdict in told)


def _compare(simpler: Result, other: Result, expected: bool = True) -> Comparison:
    differences = paired_differences(simpler.answers, other.answers)
    return Comparison(simpler.name, other.name, differences["t1"], differences["h"], expected)


def _more_complicated(a: Result, b: Result) -> bool:
    """Whether b is a more complicated system on the same backbone, or the same system with its backbone fine-tuned."""
    if a.system == b.system:
        return b.fine_tuned and not a.fine_tuned
    if a.system in SYSTEMS[1:3] and b.system in RING:
        return a.fine_tuned == b.fine_tuned
    if a.system not in SYSTEMS or b.system not in SYSTEMS or a.fine_tuned != b.fine_tuned:
        return False
    return SYSTEMS.index(a.system) < SYSTEMS.index(b.system)


def _against_parts(result: Result) -> Iterator[Comparison]:
    """The shipped fusion against each granularity alone, in T1, for which no gamma is needed; none that is all of the fusion."""
    for variant in result.content["variants"]:
        if variant["kind"] == "alone" and variant["rule"] != dict(result.content["rule"]):
            part: Answers = variant_answers(result.content, variant)
            t1 = paired_differences(part, result.answers)["t1"]
            yield Comparison(f"its {variant['name']}", f"{result.name}, fused", t1, None, True)


def _points(difference: Difference | None) -> str:
    if difference is None:
        return ""
    low, high = 100 * difference.low, 100 * difference.high
    return f"{100 * difference.estimate:+.1f} ({low:+.1f} to {high:+.1f})"
