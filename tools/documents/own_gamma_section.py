"""What gamma of one's own data costs by how it is chosen, for docs/own_data.md: from benchmarks/results/own_gamma.json."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zslviz.tasks.base.card_parts import paragraph

_CALLED = {"awa2": "animals (AWA2's attributes)", "cub": "birds (CUB)"}
_ONE, _EVERY = "one set", "every class once"


def own_gamma_section(content: Mapping[str, Any]) -> str:
    """content: of own_gamma.json."""
    lines = [
        paragraph(
            f"`{content['command']}` measures it: data of a few classes, {content['photos']} photos each, are drawn from a data",
            "set's training photos, and ESZSL's γ is chosen on a quarter of the classes, held out together, or with every class",
            "held out once. *Lost* is what H lacks of what the best γ would have had on the draw's test photos, in per cent, with",
            "how much less that is and the standard error of this difference.",
        ),
        "| drawn from | trained on | never trained on | draws | lost by one held-out set | lost with every class once | less |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for row in content["results"]:
        one, every = row["ways"][_ONE], row["ways"][_EVERY]
        less = f"{every['less_lost']:.1f} ± {every['less_lost_error']:.1f}"
        cells = (_CALLED.get(row["data"], row["data"]), row["seen"], row["unseen"], row["count"])
        lines.append(f"| {' | '.join(map(str, cells))} | {one['lost']:.1f} | {every['lost']:.1f} | {less} |")
    return "\n".join(lines)
