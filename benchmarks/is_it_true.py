"""Promise and proof: how long until what the maps promise of a photo without a place is there, and until the network has answered.

    python benchmarks/is_it_true.py [--places 40] [--engine] [--page]

The engine: each attribute model explains an example; places of a third of its sides are covered. *Promise*: what is left by the
evidence, ranked and said; *find it*: the smallest place that decides; *proof*: the photo blurred there, through the whole network,
ranked. Beside the time that passed stands what it took of the processor, which on a machine that others keep busy is less. The
page (needs Chromium and playwright): in the fold *Is it true?* a place is moved by an arrow key until the promise is painted, and
covered by Enter until the network's answer is, the request to the server included. Without --engine or --page both are measured.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from common import median_and_p95, record
from page_server import CHROMIUM_ARGUMENTS, chromium, running_app

from zslviz.checkpoints.listing import list_checkpoints
from zslviz.photos.covering import Region
from zslviz.tasks.attributes.explainer import AttributeExplainer
from zslviz.tasks.attributes.is_it_true.trial import said
from zslviz.tasks.attributes.requests import RankRequest

Row = dict[str, str]
EXAMPLES = Path(__file__).parents[1] / "assets" / "examples"
PHOTOS = {"awa2": "bison.jpg", "cub": "kingfisher.jpg"}
PROMISE, PROOF = "at most 50 ms", "at most 400 ms on two cores"
THIRD, WARM_UP = 1 / 3, 3
# Milliseconds from a key press (the browser's own time stamp) until a frame with what it leads to is drawn: a promise changes the
# label of the photo, a proof the network's sentence.
WATCH = """() => {
  const [stack, proof] = [".zv-true-frame .zv-stack", ".zv-true-proof"].map((one) => document.querySelector(one));
  let pressed = null;
  window.measured = [];
  const painted = () => {
    if (pressed === null) return;
    const from = pressed;
    pressed = null;
    requestAnimationFrame(() => setTimeout(() => window.measured.push(performance.now() - from)));
  };
  let enter = false;
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Shift") [pressed, enter] = [event.timeStamp, event.key === "Enter"];
  }, true);
  new MutationObserver(() => enter || painted()).observe(stack, { attributes: true, attributeFilter: ["aria-label"] });
  new MutationObserver(() => enter && proof.textContent.startsWith("By the network") && painted())
    .observe(proof, { subtree: true, childList: true, characterData: true });
}"""


def timed(work: Callable[[Region], Any], places: Sequence[Region]) -> tuple[list[float], list[float]]:
    """Milliseconds that passed, and of the processor, of each place after a warm-up."""
    passed, taken = [], []
    for place in [*places[:WARM_UP], *places]:
        before, of_processor = time.perf_counter(), time.process_time()
        work(place)
        passed.append((time.perf_counter() - before) * 1e3)
        taken.append((time.process_time() - of_processor) * 1e3)
    return passed[WARM_UP:], taken[WARM_UP:]


def row(what: str, passed: list[float], taken: list[float] | None = None, goal: str = "") -> Row:
    figure = median_and_p95(passed)
    if taken:
        figure += f", {statistics.median(taken):.1f} ms of the processor"
    return {"what": f"{what}, median of {len(passed)}", "figure": figure, "goal": goal}


def places_of(count: int) -> list[Region]:
    """So many places of a third of the sides, row by row over the photo."""
    side = max(2, round(count**0.5))
    at = [i / (side - 1) * (1 - THIRD) for i in range(side)]
    return ([Region(x, y, x + THIRD, y + THIRD) for y in at for x in at] * 2)[:count]


def of_engine(name: str, data: str, count: int) -> list[Row]:
    explainer = AttributeExplainer.from_pretrained(name, "cpu")
    explanation, request, places = explainer.explain(EXAMPLES / PHOTOS[data]), RankRequest(), places_of(count)
    promise = timed(lambda place: said(explanation.without(place), 0, request), places)
    finding = timed(lambda place: explanation.deciding_region(request), places[: max(3, count // 10)])
    proof = timed(lambda place: said(explainer.covered(explanation, place), 0, request), places[: max(3, count // 4)])
    return [
        row(f"{name}: promise of a place, ranked and said", *promise, goal=PROMISE),
        row(f"{name}: the place that decides, found", *finding),
        row(f"{name}: proof by the network, ranked and said", *proof, goal=PROOF),
    ]


def of_page(model: str, count: int) -> list[Row]:
    from edit_latency import open_example
    from playwright.sync_api import sync_playwright

    with running_app() as (url, _, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(180_000)
        open_example(page, url, model)
        page.wait_for_function("Boolean(zslviz.tabs.explain.here.promise)")
        page.evaluate("document.querySelector('.zv-true').open = true")
        page.wait_for_selector(".zv-true-frame .zv-stack canvas:not([hidden])")
        photo = page.locator(".zv-true-frame .zv-stack")
        photo.focus()
        page.keyboard.press("ArrowRight")  # now there is a place
        page.wait_for_function("document.querySelector('.zv-true-promise').textContent.startsWith('By the map')")
        page.evaluate(WATCH)
        found: dict[str, list[float]] = {"promise": [], "proof": []}
        for number in range(count + WARM_UP):
            presses = [("promise", f"Arrow{('Left', 'Up', 'Right', 'Down')[number % 4]}")]
            if number % 4 == 3:  # larger than ever, so that the network has not been asked yet
                presses += [("promise", f"Shift+Arrow{('Right', 'Down')[number // 4 % 2]}"), ("proof", "Enter")]
            for what, key in presses:
                page.evaluate("window.measured = []")
                page.keyboard.press(key)
                page.wait_for_function("window.measured.length")
                found[what].append(page.evaluate("window.measured[0]"))
        browser.close()
    return [
        row(f"Chromium, {model}: key press to painted promise", found["promise"][WARM_UP:], goal=PROMISE),
        row(f"Chromium, {model}: Enter to the network's painted answer", found["proof"][1:], goal=PROOF),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--places", type=int, default=40)
    parser.add_argument("--model", default="mgmrn-cub", help="of the page")
    parser.add_argument("--engine", action="store_true", help="the engine alone")
    parser.add_argument("--page", action="store_true", help="the page alone")
    options = parser.parse_args()
    both, rows = options.engine == options.page, []
    if both or options.engine:
        for info in list_checkpoints(task="attributes"):
            rows += of_engine(info.name, info.data, options.places)
    if both or options.page:
        rows += of_page(options.model, options.places)
    alone = " --engine" * (options.engine and not both) + " --page" * (options.page and not both)
    record("is_it_true", f"python benchmarks/is_it_true.py --places {options.places}{alone}", rows)


if __name__ == "__main__":
    main()
