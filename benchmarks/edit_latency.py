"""From an edit to the new ranking: in Chromium from the key press to the changed ranking on the screen, and over HTTP.

    python benchmarks/edit_latency.py [--edits 60] [--model msdn-cub-grounded] [--url http://127.0.0.1:7860/]

Needs Chromium and playwright. Without --url it starts app.py itself. The model explains the page's first example of its data. The
server answers (as until the bundle is there), then the browser by itself, on one page; then with a processor four times slower, and
with the network gone. In the tabs of labels and pairs it is their own edits: what counts as found, and the handicap; the world, and
another pair; by the browser alone, and a typed word, which the server is asked for once. Over HTTP the rank endpoint is compared
with a trivial endpoint of the same server (the list of models).
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import httpx
from common import median_and_p95, record
from page_server import CHROMIUM_ARGUMENTS, chromium, running_app
from playwright.sync_api import Page, sync_playwright

WARM_UP = 5
SIX = 6  # rows of the first screen
GOALS = {
    "answered in the browser": "median at most 16 ms, p95 at most 33 ms",
    "the same, processor four times slower": "median below 50 ms",
}
OTHER_GOALS = dict.fromkeys(
    ("labels, what counts as found", "labels, the handicap", "pairs, the world"), GOALS["answered in the browser"]
)
# Milliseconds from the key press (the browser's own time stamp of it) until a frame with a ranking that differs is drawn.
WATCH = """(watched) => {
  const list = document.querySelector(watched);
  let pressed = null, before = "";
  window.measured = [];
  window.unwatch?.();
  const press = (event) => { pressed = event.timeStamp; before = list.innerHTML; };
  document.addEventListener("keydown", press, true);
  const observer = new MutationObserver(() => {
    if (pressed === null || list.innerHTML === before) return;
    const from = pressed;
    pressed = null;
    requestAnimationFrame(() => setTimeout(() => window.measured.push(performance.now() - from)));
  });
  observer.observe(list, { subtree: true, childList: true, characterData: true, attributes: true });
  window.unwatch = () => { observer.disconnect(); document.removeEventListener("keydown", press, true); };
}"""


def open_example(page: Page, url: str, model: str) -> None:
    """Opens the page and has an example explained by the model."""
    page.goto(url)
    page.wait_for_selector(".zv-first-three li")
    page.wait_for_function("zslviz.tabs.explain.idle()")
    page.select_option(".zv-model", model)
    page.wait_for_function(
        "model => zslviz.tabs.explain.state.x.model === model && zslviz.tabs.explain.idle()", arg=model, timeout=120_000
    )


def presses(page: Page, edits: int) -> list[float]:
    """Milliseconds of each of some edits, by keyboard, over the six attributes that decide."""
    rows = page.locator(".zv-six .zv-row")
    page.evaluate("window.measured = []")
    pauses = random.Random(0)
    for number in range(edits + WARM_UP):
        slider = rows.nth(number % SIX).locator("input[type=range]")
        slider.focus()
        # up in the first round over the rows, down in the second, ...: every press changes a value
        slider.press("PageUp" if (number // SIX) % 2 == 0 else "PageDown")
        page.wait_for_function("n => window.measured.length >= n", arg=number + 1)
        page.wait_for_timeout(pauses.uniform(20, 60))  # else every press comes at the same moment between two frames
    measured: list[float] = page.evaluate("window.measured")
    page.click(".zv-all-off")
    return measured[WARM_UP:]


def in_browser(url: str, edits: int, model: str) -> tuple[int, dict[str, list[float]]]:
    """The number of attributes, and milliseconds per edit: asked of the server, and answered in the browser in three ways."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        open_example(page, url, model)
        page.evaluate(WATCH, ".zv-first-three")
        found = {}
        if not page.evaluate("Boolean(zslviz.tabs.explain.here.rank)"):
            raise SystemExit("The page has no bundle of this explanation.")
        page.evaluate("window.here = zslviz.tabs.explain.here; zslviz.tabs.explain.here = {}")
        found["asked of the server"] = presses(page, edits)
        page.wait_for_function("zslviz.tabs.explain.idle()")
        page.evaluate("zslviz.tabs.explain.here = window.here")
        found["answered in the browser"] = presses(page, edits)
        throttle = page.context.new_cdp_session(page)
        throttle.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        found["the same, processor four times slower"] = presses(page, edits)
        throttle.send("Emulation.setCPUThrottlingRate", {"rate": 1})
        page.context.set_offline(True)
        found["the same, network gone"] = presses(page, edits)
        attributes = page.evaluate("zslviz.tabs.explain.state.x.attributes.length")
        browser.close()
    return attributes, found


# Edits of the other tabs: of which tab, what changes with them, and the keys of each in turn: (what has the focus, the key).
Keys = Callable[[int], tuple[str, str]]
FOUND, HANDICAP = "#zv-strength", "#zv-label-gamma"
OTHERS: dict[str, tuple[str, str, Keys]] = {
    "labels, what counts as found": ("Multi-label", ".zv-leading", lambda n: (FOUND, ("End", "Home")[n % 2])),
    "labels, the handicap": ("Multi-label", ".zv-leading", lambda n: (HANDICAP, ("End", "Home")[n % 2])),
    "labels, a typed word": ("Multi-label", ".zv-leading", lambda n: ("#zv-add-name", "Enter")),
    "pairs, the world": (
        "Compose",
        ".zv-world-words",
        lambda n: ("input[name=zv-world]:checked", ("ArrowRight", "ArrowLeft")[n % 2]),
    ),
    "pairs, another pair with its maps": (
        "Compose",
        "#zv-pair-title",
        lambda n: (f".zv-pair-list li:nth-child({1 + (n + 1) % 5}) button", "Enter"),
    ),
}
WORDS = (  # none of them a label of the model, which would not be added
    "lighthouse",
    "penguin",
    "ship",
    "cathedral",
    "violin",
    "airport",
    "windmill",
    "dolphin",
    "harbour",
    "desk",
    "rug",
)


def in_other_tabs(url: str, edits: int) -> dict[str, list[float]]:
    """Milliseconds per edit of the tabs of labels and pairs, of their first examples; of typed words as many as there are."""
    found = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(url)
        page.wait_for_function("window.zslviz && !document.getElementById('zv-shell')", timeout=120_000)
        for what, (title, watched, keys) in OTHERS.items():
            tab = title.replace("-", "").lower()
            page.get_by_role("tab", name=title, exact=True).click()
            page.wait_for_function(f"zslviz.tabs.{tab}.idle() && Boolean(zslviz.tabs.{tab}.here.rank)", timeout=120_000)
            page.evaluate("document.querySelectorAll('.zv-settings').forEach((one) => (one.open = true))")
            page.evaluate(WATCH, watched)
            typed = what.endswith("word")
            warm_up, count = (1, min(edits, len(WORDS) - 1)) if typed else (WARM_UP, edits)
            for number in range(warm_up + count):
                focused, key = keys(number)
                if typed:
                    page.fill(focused, WORDS[number])
                page.locator(focused).focus()
                page.keyboard.press(key)
                page.wait_for_function("n => window.measured.length >= n", arg=number + 1)
                page.wait_for_function(f"zslviz.tabs.{tab}.idle()")
            found[what] = page.evaluate("window.measured")[warm_up:]
        browser.close()
    return found


def over_http(url: str, calls: int, model: str) -> tuple[list[float], list[float]]:
    """Milliseconds of a rank call with one edit, and of a trivial call, in turn."""
    with sync_playwright() as playwright:  # the page's own example, so that no photo is needed here
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)
        page = browser.new_page()
        open_example(page, url, model)
        page.evaluate("zslviz.tabs.explain.renewed(zslviz.tabs.explain.state.x)")  # the server gets to know it
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
    return {"what": f"{name}, median of {len(values)}", "figure": median_and_p95(values), "goal": goal}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--edits", type=int, default=60)
    parser.add_argument("--model", default="msdn-cub-grounded")
    parser.add_argument("--url", help="a page that is running already")
    options = parser.parse_args()
    with nullcontext((options.url, None, 0.0)) if options.url else running_app() as (url, _, _):
        attributes, browser = in_browser(url, options.edits, options.model)
        others = in_other_tabs(url, options.edits)
        ranks, trivial = over_http(url, options.edits, options.model)
    above = statistics.median(ranks) - statistics.median(trivial)
    rows = [
        *(
            row(f"Chromium, {attributes} attributes, key press to painted ranking: {how}", values, GOALS.get(how, ""))
            for how, values in browser.items()
        ),
        *(
            row(f"Chromium, {what}, key press to painted answer", values, OTHER_GOALS.get(what, ""))
            for what, values in others.items()
        ),
        row("HTTP: rank with one edit", ranks),
        row("HTTP: trivial endpoint of the same server", trivial),
        {"what": "HTTP: rank above trivial", "figure": f"{above:.1f} ms", "goal": "at most 20 ms"},
    ]
    record("edit_latency", "python benchmarks/edit_latency.py", rows)


if __name__ == "__main__":
    main()
