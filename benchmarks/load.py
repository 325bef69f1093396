"""A server under load: its memory while many visitors have photos explained, and how long edits and downloads take.

    python benchmarks/load.py [--explanations 3000] [--visitors 20] [--edits 60] [--only memory,edits,downloads]

Starts app.py itself and needs no browser. Visitors and server share this machine's cores. Photos all differ; each is looked at
in one of the tabs (maps, small maps, regions, words added, an edit), one in five is taken away as CSV and as a picture.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

from common import median_and_p95, record
from page_server import ROOT, resident_megabytes, running_app
from visitors import PageOf, Visitor, distinct_photo, handle_of

MODELS = {
    "explain": ["mgmrn-awa2", "msdn-awa2", "mgmrn-cub", "msdn-cub"],
    "multilabel": ["biam-corel5k"],
    "compose": ["refiner-fashion"],
}
EXAMPLES = sorted((ROOT / "assets" / "examples").glob("*.jpg"))
FIRST = 100  # explanations after which memory is read for the first time
Rows = list[dict[str, Any]]


def row(what: str, figure: str, goal: str = "") -> dict[str, str]:
    return {"what": what, "figure": figure, "goal": goal}


def seconds(values: list[float]) -> str:
    return median_and_p95([1e3 * value for value in values], ".0f")


def together(visitors: int, work: Callable[[int], None]) -> None:
    """All visitors at once; what goes wrong with one is raised."""
    with ThreadPoolExecutor(visitors) as pool:
        list(pool.map(work, range(visitors)))


def memory(page: PageOf, pid: int, files: Path, explanations: int, visitors: int) -> Rows:
    """Memory after the first explanations and after all of them."""
    numbers, seen, lock = count(), list[tuple[int, float]](), threading.Lock()

    def visit(seed: int) -> None:
        visitor = Visitor(page, seed)
        while (number := next(numbers)) < explanations:
            if number % FIRST == 0:
                with lock:
                    seen.append((number, resident_megabytes(pid)[0]))
                    print(f"{number:5d} explanations: {seen[-1][1]:.0f} MB", flush=True)
            tab = visitor.random.choice(["explain", *page.tabs])
            x = visitor.explain(tab, distinct_photo(number, EXAMPLES), visitor.random.choice(MODELS[tab]))
            visitor.look(tab, x, take_away=number % 5 == 0)

    started = time.perf_counter()
    together(visitors, visit)
    rate = explanations / (time.perf_counter() - started)
    after = next((mb for number, mb in seen if number == FIRST), resident_megabytes(pid)[0])
    now, highest = resident_megabytes(pid)
    found = [path for path in files.rglob("*") if path.is_file()]
    return [
        row(f"memory after {FIRST} explanations, {visitors} visitors, all tabs", f"{after:.0f} MB"),
        row(f"memory after {explanations}", f"{now:.0f} MB"),
        row(f"grown since the first {FIRST}", f"{now - after:.0f} MB", "at most 900 MB (budget 600 + 300)"),
        row("memory at its highest", f"{highest:.0f} MB"),
        row("explained and looked at", f"{rate:.1f} a second"),
        row(
            "visitors' files then",
            f"{len(found)} files, {sum(p.stat().st_size for p in found) / 2**20:.0f} MB",
            "1024 MB",
        ),
    ]


def edits(page: PageOf, visitors: int, times: int) -> Rows:
    """How long an edit takes while all visitors edit without a pause: by the endpoint, and as the page asks."""
    handles = [handle_of(page, distinct_photo(number, EXAMPLES), "mgmrn-cub") for number in range(visitors)]
    rows = []
    for what in ("/rank", "the page's own question"):
        taken: list[float] = []

        def visit(number: int, what: str = what, taken: list[float] = taken) -> None:
            visitor = Visitor(page, number)
            for step in range(times):
                started, value = time.perf_counter(), (step % 10) / 10
                if what == "/rank":
                    data = [handles[number], {"0": value}, None, None, False, 10]
                    page.http.post("/gradio_api/run/rank", json={"data": data}).raise_for_status()
                else:
                    visitor.ask("explain", "rank", {"handle": handles[number], "image_edits": {"0": value}})
                taken.append(time.perf_counter() - started)

        together(visitors, visit)
        rows.append(row(f"{visitors} visitors editing, 312 attributes: {what}", seconds(taken), "p95 at most 300 ms"))
    return rows


def downloads(page: PageOf, pid: int, at_once: int = 6) -> Rows:
    """Full-size pictures taken away at once, each of a photo of 48 megapixels."""
    from PIL import Image

    with tempfile.TemporaryDirectory() as folder:
        large = Path(folder, "large.jpg")
        with Image.open(EXAMPLES[0]) as example:
            example.convert("RGB").resize((8000, 6000)).save(large, quality=80)
        photo = large.read_bytes()
    visitors = [Visitor(page, number) for number in range(at_once)]
    told = [visitor.explain("explain", photo, "mgmrn-awa2") for visitor in visitors]
    Path(f"/proc/{pid}/clear_refs").write_text("5")  # the highest from here on
    before, started = resident_megabytes(pid)[0], time.perf_counter()
    together(at_once, lambda n: visitors[n].look("explain", told[n], take_away=True))
    took = time.perf_counter() - started
    return [
        row(f"{at_once} pictures of 48-megapixel photos taken away at once", f"{took:.1f} s"),
        row("memory at its highest, more than before", f"{resident_megabytes(pid)[1] - before:.0f} MB"),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--explanations", type=int, default=3000)
    parser.add_argument("--visitors", type=int, default=20)
    parser.add_argument("--edits", type=int, default=60)
    parser.add_argument("--only", default="edits,downloads,memory")
    options = parser.parse_args()
    rows: Rows = []
    with tempfile.TemporaryDirectory() as files:
        os.environ["GRADIO_TEMP_DIR"] = files
        with running_app() as (url, process, _):
            page, only = PageOf(url), options.only.split(",")
            if "edits" in only:
                rows += edits(page, options.visitors, options.edits)
            if "downloads" in only:
                rows += downloads(page, process.pid)
            if "memory" in only:
                rows += memory(page, process.pid, Path(files), options.explanations, options.visitors)
    told = [f"--{name} {value}" for name, value in vars(options).items() if value != parser.get_default(name)]
    record("load", " ".join(["python benchmarks/load.py", *told]), rows)


if __name__ == "__main__":
    main()
