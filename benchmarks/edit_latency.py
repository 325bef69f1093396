"""From an edit to the new ranking: in Chromium from the key press to the changed ranking on the screen, and over HTTP.

    python benchmarks/edit_latency.py [--edits 60] [--space cub] [--url http://127.0.0.1:7860/]

Needs Chromium and playwright. Without --url it starts app.py itself. Uses the first example photo of the space: `cub`
has 312 attributes and 200 classes, `awa2` 85 and 50. Over HTTP the rank endpoint is compared with a trivial endpoint of
the same server (the list of models).
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import httpx
from common import record
from page_server import CHROMIUM_ARGUMENTS, chromium, running_app
from playwright.sync_api import Page, sync_playwright

# Milliseconds from the key press (the browser's own time stamp of it) until a frame with a ranking that differs is drawn.
WATCH = """() => {
  const list = document.querySelector(".zv-classes");
  let pressed = null, before = "";
  window.measured = [];
  document.addEventListener("keydown", (event) => { pressed = event.timeStamp; before = list.innerHTML; }, true);
  new MutationObserver(() => {
    if (pressed === null || list.innerHTML === before) return;
    const from = pressed;
    pressed = null;
    requestAnimationFrame(() => setTimeout(() => window.measured.push(performance.now() - from)));
  }).observe(list, { subtree: true, childList: true, characterData: true, attributes: true });
}"""


def open_example(page: Page, url: str, space: str) -> None:
    """Opens the page and has an example of the space explained."""
    page.goto(url)
    page.wait_for_selector(".zv-classes li")
    page.wait_for_function("zslviz.tabs.explain.idle()")
    page.evaluate(
        """space => {
          if (zslviz.tabs.explain.state.x.data === space) return;
          const { file } = zslviz.tabs.explain.examples.find((one) => one.space === space);
          document.querySelector(`.zv-examples button[data-file="${file}"]`).click();
        }""",
        space,
    )
    page.wait_for_function(
        "space => zslviz.tabs.explain.state.x.data === space && zslviz.tabs.explain.idle()", arg=space
    )


def in_browser(url: str, edits: int, space: str) -> tuple[list[float], int]:
    """Milliseconds per edit, and the number of attributes."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        open_example(page, url, space)
        rows = page.locator(".zv-row")
        attributes = rows.count()
        page.evaluate(WATCH)
        for number in range(edits + 5):
            slider = rows.nth(number % 12).locator("input[type=range]")
            slider.focus()
            # up in the first round over the rows, down in the second, ...: every press changes a value
            slider.press("PageUp" if (number // 12) % 2 == 0 else "PageDown")
            page.wait_for_function("n => window.measured.length >= n", arg=number + 1)
            page.wait_for_timeout(30)
        measured = page.evaluate("window.measured")
        browser.close()
    return measured[5:], attributes


def over_http(url: str, calls: int, space: str) -> tuple[list[float], list[float]]:
    """Milliseconds of a rank call with one edit, and of a trivial call, in turn."""
    with sync_playwright() as playwright:  # the page's own example, so that no photo is needed here
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)
        page = browser.new_page()
        open_example(page, url, space)
        handle, name = page.evaluate("[zslviz.tabs.explain.state.x.handle, zslviz.tabs.explain.state.x.attributes[0]]")
        browser.close()

    def timed(call: Callable[[], httpx.Response]) -> float:
        started = time.perf_counter()
        call().raise_for_status()
        return (time.perf_counter() - started) * 1e3

    ranks, trivial = [], []
    with httpx.Client(base_url=url, timeout=30) as client:

        def post(endpoint: str, data: list[Any]) -> httpx.Response:
            return client.post(f"gradio_api/run/{endpoint}", json={"data": data})

        for number in range(calls + 5):
            edit = [handle, {name: (number % 10) / 10}, None, None, False, 10]
            ranks.append(timed(lambda edit=edit: post("rank", edit)))  # type: ignore[misc]
            trivial.append(timed(lambda: post("models", [])))
    return ranks[5:], trivial[5:]


def row(name: str, values: list[float], goal: str = "") -> dict[str, str]:
    p95 = sorted(values)[int(0.95 * (len(values) - 1))]
    figure = f"{statistics.median(values):.1f} ms (p95 {p95:.1f})"
    return {"what": f"{name}, median of {len(values)}", "figure": figure, "goal": goal}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--edits", type=int, default=60)
    parser.add_argument("--space", default="cub")
    parser.add_argument("--url", help="a page that is running already")
    options = parser.parse_args()
    with nullcontext((options.url, None, 0.0)) if options.url else running_app() as (url, _, _):
        browser, attributes = in_browser(url, options.edits, options.space)
        ranks, trivial = over_http(url, options.edits, options.space)
    above = statistics.median(ranks) - statistics.median(trivial)
    rows = [
        row(f"Chromium, {attributes} attributes: key press to changed ranking", browser, "median at most 100 ms"),
        row("HTTP: rank with one edit", ranks),
        row("HTTP: trivial endpoint of the same server", trivial),
        {"what": "HTTP: rank above trivial", "figure": f"{above:.1f} ms", "goal": "at most 20 ms"},
    ]
    record("edit_latency", "python benchmarks/edit_latency.py", rows)


if __name__ == "__main__":
    main()
