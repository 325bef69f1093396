"""From `python app.py` to the first answered page and to the first explained example, and the memory it takes.

    python benchmarks/startup.py [--runs 3]

Needs Chromium and playwright for the second figure; the browser is started before the clock.
"""

from __future__ import annotations

import argparse
import statistics
import time

from common import record
from page_server import CHROMIUM_ARGUMENTS, chromium, resident_megabytes, running_app
from playwright.sync_api import sync_playwright


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    answered, explained, memory, highest = [], [], [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)
        for _ in range(runs):
            with running_app() as (url, process, seconds):
                before_page = time.perf_counter()
                page = browser.new_page()
                page.goto(url)
                page.wait_for_selector(".zv-first-three li", timeout=120_000)
                explained.append(seconds + time.perf_counter() - before_page)
                answered.append(seconds)
                page.close()
                now, peak = resident_megabytes(process.pid)
                memory.append(now)
                highest.append(peak)
        browser.close()
    rows = [
        {"what": f"{name}, median of {runs}", "figure": f"{statistics.median(values):.1f} {unit}", "goal": goal}
        for name, values, unit, goal in (
            ("start to first answered page", answered, "s", "at most 8 s"),
            ("start to first explained example in the browser", explained, "s", ""),
            ("memory with one model and one photo explained", memory, "MB", ""),
            ("memory at its highest", highest, "MB", ""),
        )
    ]
    record("startup", "python benchmarks/startup.py", rows)


if __name__ == "__main__":
    main()
