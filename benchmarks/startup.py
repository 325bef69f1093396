"""From `python app.py` to the first answered page, to the first explained example, and until one's own photo can be; the memory.

    python benchmarks/startup.py [--runs 3]

The second half is measured by the page itself: from the first byte of its document to the picture with its map and the first line
of the ranking, also with the processor slowed down four times, and how far things moved meanwhile (cumulative layout shift). What
the page's main thread does until then is counted as well, in time of the processor: it hardly depends on what else runs.
Needs Chromium and playwright; the browser is started before the clock.
"""

from __future__ import annotations

import argparse
import statistics
import time

from common import record
from page_server import CHROMIUM_ARGUMENTS, chromium, resident_megabytes, running_app
from playwright.sync_api import Browser, sync_playwright

SEEN = """() => document.querySelector("#zv-explain .zv-first-three li")?.offsetParent
  && document.querySelector("#zv-explain .zv-maps .zv-layer")?.offsetParent
  && performance.now() - performance.getEntriesByType("navigation")[0].responseStart"""
READY = """document.querySelector("#zv-explain .zv-status")?.textContent.startsWith("Ready")
  && !document.querySelector(".zv-behind")"""
SHIFTED = """window.shifted = 0;
new PerformanceObserver((list) => list.getEntries().forEach((one) => { if (!one.hadRecentInput) window.shifted += one.value; }))
  .observe({ type: "layout-shift", buffered: true });"""


def opened(browser: Browser, slower: int) -> dict[str, float]:
    """One start of the page: what is measured of it, by the names of the rows."""
    with running_app() as (url, process, seconds):
        started = time.perf_counter() - seconds
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.add_init_script(SHIFTED)
        browser_itself = page.context.new_cdp_session(page)
        browser_itself.send("Emulation.setCPUThrottlingRate", {"rate": slower})
        browser_itself.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.goto(url, wait_until="commit")
        from_first_byte = page.wait_for_function(SEEN, timeout=120_000).json_value()
        explained = time.perf_counter() - started
        measured = {one["name"]: one["value"] for one in browser_itself.send("Performance.getMetrics")["metrics"]}
        page.wait_for_function(READY, timeout=120_000)
        ready = time.perf_counter() - started
        page.evaluate("zslviz.tabs.explain.renewed(zslviz.tabs.explain.state.x)")  # the network has run once
        now, peak = resident_megabytes(process.pid)
        found = {"answered": seconds, "explained": explained, "byte": from_first_byte / 1e3, "ready": ready}
        found["work"] = 1e3 * measured["TaskDuration"]
        found |= {"shift": page.evaluate("window.shifted"), "memory": now, "highest": peak}
        page.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)
        found = {slower: [opened(browser, slower) for _ in range(runs)] for slower in (1, 4)}
        browser.close()

    def row(what: str, slower: int, key: str, form: str, goal: str = "") -> dict[str, str]:
        value = statistics.median(one[key] for one in found[slower])
        return {"what": f"{what}, median of {runs}", "figure": form.format(value), "goal": goal}

    rows = [
        row("start to first answered page", 1, "answered", "{:.1f} s", "at most 8 s"),
        row("start to first explained example in the browser", 1, "explained", "{:.1f} s", "at most 3 s"),
        row("start until one's own photo can be explained", 1, "ready", "{:.1f} s"),
        row("first byte to explained example", 1, "byte", "{:.2f} s"),
        row("first byte to explained example, processor four times slower", 4, "byte", "{:.2f} s", "at most 1.5 s"),
        row("the page's own work until then, in time of its processor", 1, "work", "{:.0f} ms"),
        row("layout shift until ready", 1, "shift", "{:.3f}", "below 0.02"),
        row("layout shift until ready, processor four times slower", 4, "shift", "{:.3f}", "below 0.02"),
        row("memory with one model and one photo explained", 1, "memory", "{:.0f} MB"),
        row("memory at its highest", 1, "highest", "{:.0f} MB"),
    ]
    record("startup", "python benchmarks/startup.py", rows)


if __name__ == "__main__":
    main()
