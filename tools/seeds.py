"""`python -m tools.seeds DIR DIR ... --out DIR`: from checkpoints of one recipe with different seeds, the one to be shipped.

They were trained one by one (`zslviz train RECIPE --seed K --out DIR`); `zslviz train RECIPE --seeds 0,1,2` does both.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from zslviz.errors import ZslvizError
from zslviz.files import check_can_hold
from zslviz.tasks.base.seeds import assemble


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 2 where the checkpoints do not belong together."""
    parser = argparse.ArgumentParser(prog="python -m tools.seeds", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path, metavar="DIR", help="a checkpoint of one seed")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="folder of the checkpoint that is shipped"
    )
    given = parser.parse_args(arguments)
    try:
        check_can_hold(given.out)
        assemble(given.folders, given.out, print)
    except ZslvizError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    print(f"wrote {given.out}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
