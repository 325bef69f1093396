"""Takes the screenshots of the documents: `python tools/screenshots.py [--url http://127.0.0.1:7860/]`.

Needs Chromium and playwright, and starts app.py itself without --url. Shows the first example, then an edit of it, and the tabs of
the other tasks with a word typed. Makes a picture that moves of an edit, too, and the one that stands where a link is shared.
"""

from __future__ import annotations

import argparse
import io
import sys
from contextlib import nullcontext
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from zslviz.ui.presenting import CARD, CARD_SIZE

ROOT = Path(__file__).resolve().parents[1]
HERE = ROOT / "docs" / "screenshots"
sys.path.insert(0, str(ROOT / "benchmarks"))

from page_server import CHROMIUM_ARGUMENTS, chromium, running_app  # noqa: E402

TABS = {  # the tab's name -> the file's, what is there once it is filled, its state, where a word is typed, and the word
    "Multi-label": ("labels", ".zv-label-list li", "zslviz.tabs.multilabel.idle()", "#zv-add-name", "lighthouse"),
    "Compose": ("pairs", ".zv-table td[data-at]", "zslviz.tabs.compose.idle()", "#zv-word", "turquoise"),
}
STEPS = 12  # of the slider in the picture that moves
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}


def card(browser: Browser, url: str) -> None:
    """The picture that stands where a link to the page is shared: the first screen, as large as such pictures are."""
    page = browser.new_page(viewport={"width": CARD_SIZE[0], "height": CARD_SIZE[1]})
    page.goto(f"{url}?__theme=light")
    page.wait_for_selector(".zv-first-three li", timeout=120_000)
    page.wait_for_function("zslviz.tabs.explain.idle() && !document.querySelector('.zv-behind')")
    page.wait_for_timeout(800)
    Image.open(io.BytesIO(page.screenshot())).convert("RGB").save(CARD, quality=80, optimize=True, progressive=True)
    page.close()


def animation(browser: Browser, url: str) -> None:
    """One slider of the first screen moved to nothing, as a picture that moves: what the page is for, in two seconds."""
    width, height = SIZES["desktop"]
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto(f"{url}?__theme=light")
    page.wait_for_function("zslviz.tabs.explain.idle() && !document.querySelector('.zv-behind')", timeout=120_000)
    page.wait_for_timeout(1500)
    slider = page.locator(".zv-six .zv-slide").first
    start, frames, shown = float(slider.input_value()), [], []
    for step in range(STEPS + 1):
        if step:
            slider.fill(f"{start * (1 - step / STEPS):.2f}")
            page.wait_for_timeout(120)
        picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        frames.append(picture.resize((width * 2 // 3, height * 2 // 3), Image.Resampling.LANCZOS))
        shown.append(1200 if step in (0, STEPS) else 130)
    frames[0].save(
        HERE / "edit.webp", save_all=True, append_images=frames[1:], duration=shown, loop=0, quality=55, method=6
    )
    page.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", help="a page that is running already")
    options = parser.parse_args()
    with (
        nullcontext((options.url, None, 0.0)) if options.url else running_app() as (url, _, _),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)
        card(browser, url)
        animation(browser, url)
        for size, (width, height) in SIZES.items():
            for theme in ("light", "dark"):
                page = browser.new_page(viewport={"width": width, "height": height})
                page.goto(f"{url}?__theme={theme}")
                page.wait_for_function(
                    "zslviz.tabs.explain.idle() && !document.querySelector('.zv-behind')", timeout=120_000
                )
                page.wait_for_timeout(500)  # pictures are decoded
                page.screenshot(path=HERE / f"{size}-{theme}.png")
                slider = page.locator(".zv-six .zv-slide").first
                slider.fill("0")
                page.wait_for_function("zslviz.tabs.explain.idle()")
                page.wait_for_timeout(300)
                page.screenshot(path=HERE / f"{size}-{theme}-edited.png")
                for tab, (name, filled, idle, box, word) in TABS.items():
                    page.evaluate("window.scrollTo(0, 0)")
                    page.get_by_role("tab", name=tab).click()
                    page.wait_for_selector(filled, timeout=120_000)
                    page.wait_for_function(idle)
                    page.fill(box, word)
                    page.press(box, "Enter")
                    page.wait_for_timeout(400)
                    page.wait_for_function(idle)
                    page.wait_for_timeout(400)
                    page.evaluate("window.scrollTo(0, 0)")
                    page.screenshot(path=HERE / f"{size}-{theme}-{name}.png", full_page=size == "phone")
                page.close()
        browser.close()


if __name__ == "__main__":
    main()
