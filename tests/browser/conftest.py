"""The page in headless Chromium. app.py is started once, with the shipped models; ZSLVIZ_TEST_URL names one that runs."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.page_server import CHROMIUM_ARGUMENTS, installed_chromium, running_app
from tests.conftest import made_photo
from tests.ui.conftest import TRUTH, running
from zslviz.ui.examples import Example
from zslviz.ui.page import build_page
from zslviz.ui.service import Service
from zslviz.ui.tabs import TABS

SLOW_SECONDS = 0.8
EXAMPLES = 8  # for each task
ROOT = Path(__file__).resolve().parents[2]
# The shell has no window: a page takes a third less of the processor than in a whole Chromium told to be headless.
CHROMIUM = installed_chromium("chromium-headless-shell")

playwright_api = pytest.importorskip("playwright.sync_api", reason="playwright is missing: pip install playwright")
Page, Browser, BrowserContext = playwright_api.Page, playwright_api.Browser, playwright_api.BrowserContext


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if CHROMIUM is None:
        missing = pytest.mark.skip(reason="Chromium is missing: install the package 'chromium'")
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(missing)


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """The address of the running page."""
    if running := os.environ.get("ZSLVIZ_TEST_URL"):
        yield running
        return
    with running_app() as (url, _, _):
        yield url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with playwright_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def shared_tab(browser: Browser, address: str) -> Page:
    """One page for all tests that leave it as they found it."""
    return open_page(browser, address)


@pytest.fixture
def page(shared_tab: Page) -> Iterator[Page]:
    """The page with the first example explained, without edits; the same tab for every test."""
    shared_tab.errors.clear()  # those of the tests before
    yield shared_tab
    shared_tab.evaluate(
        """() => {
          const press = (selector) => { const b = document.querySelector(selector); if (!b.disabled) b.click(); };
          const choose = (selector) => { const r = document.querySelector(selector); if (!r.checked) r.click(); };
          choose('input[name="zv-mode"][value="image"]');
          choose('input[name="zv-kind"][value="evidence"]');
          if (document.querySelector("#zv-unseen-only").checked) press("#zv-unseen-only");
          zslviz.tabs.explain.state.why = null;
          zslviz.tabs.explain.state.gamma = zslviz.tabs.explain.state.x.gamma; // its own button is drawn when its card is open
          zslviz.tabs.explain.resetEdits();
          zslviz.tabs.explain.rank();
          const search = document.querySelector("#zv-search");
          search.value = "";
          search.dispatchEvent(new Event("input", { bubbles: true }));
          for (const fold of document.querySelectorAll("#zv-explain .zv-fold")) fold.open = false;
          zslviz.tabs.explain.history.clear();
          zslviz.tabs.explain.emit("history");
        }"""
    )
    settle(shared_tab)


def open_page(
    browser: Browser | BrowserContext,
    address: str,
    tab: str = TABS[0].name,
    width: int = 1440,
    height: int = 900,
    theme: str = "light",
) -> Page:
    """A new visitor: a page on a tab by name with its first example explained, with its own cookies and storage unless a context
    is given.
    """
    size = playwright_api.ViewportSize(width=width, height=height)
    if isinstance(browser, BrowserContext):
        page = browser.new_page()
        page.set_viewport_size(size)
    else:
        page = browser.new_page(viewport=size)
    page.set_default_timeout(20_000)
    page.errors = []
    page.requested = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.on("console", lambda message: page.errors.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: page.requested.append(request.url))
    page.goto(f"{address}?__theme={theme}")
    page.wait_for_function("() => window.zslviz && !document.getElementById('zv-shell')")  # all has moved into gradio
    if tab != TABS[0].name:
        open_tab(page, next(place.title for place in TABS if place.name == tab))
    settle(page, tab)
    return page


def open_tab(page: Page, title: str) -> None:
    """Clicks a tab by its title, in the menu "…" where the page is too narrow for all tabs."""
    page.wait_for_selector("[role=tab]")
    tab, menu = page.get_by_role("tab", name=title, exact=True), page.locator(".overflow-menu")
    tab.or_(menu.locator("> button")).first.wait_for()
    if not tab.is_visible():
        menu.locator("> button").click()
        tab = menu.get_by_role("button", name=title, exact=True)
    tab.click()


def unfold(page: Page, name: str) -> None:
    """Opens one of the cards of *Explain & edit* that are folded away: classes, why, editor."""
    page.evaluate("name => zslviz.tabs.explain.emit('unfold', name)", name)
    settle(page)


def settle(page: Page, tab: str = TABS[0].name) -> None:
    """Waits until a photo is explained in a tab, no question to the server is open and the answers are drawn and shown."""
    shown = f"document.querySelector('#zv-{tab}:not(.zv-waiting)')"  # a tab that is opened is shown a paint after it is idle
    page.wait_for_function(
        f"() => zslviz.tabs.{tab}?.idle() && {shown}", timeout=60_000
    )  # its scripts may still be to come


def both_say(page: Page, tab: str, what: str, payload: str = "{}") -> tuple[Any, Any]:
    """What the page answers by itself, without network, and what the server answers. payload: of the question, as a script."""
    page.context.set_offline(True)
    ask = f"zslviz.tabs.{tab}.ask('{what}', {payload})"
    told = page.evaluate(ask)
    page.context.set_offline(False)
    assert told is not None and page.evaluate(f"'{what}' in zslviz.tabs.{tab}.here"), (
        "the page cannot answer this by itself"
    )
    return told, by_server(page, tab, ask)


def by_server(page: Page, tab: str, ask: str) -> Any:
    """What the server answers to a question that the page could answer by itself. ask: a script, of a promise."""
    here = f"zslviz.tabs.{tab}.here"
    return page.evaluate(
        f"(() => {{ const kept = {here}; {here} = {{}}; return {ask}.finally(() => ({here} = kept)); }})()"
    )


def same(found: Any, expected: Any) -> None:
    """Whether two answers are the same but for the last digits of their numbers."""
    if isinstance(expected, dict):
        assert set(found) == set(expected)
        for key, value in expected.items():
            same(found[key], value)
    elif isinstance(expected, list):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            same(one, other)
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, abs=1.1e-5, rel=1e-5)
    else:
        assert found == expected


# -- a page whose network takes its time ------------------------------------------------------------------------------------


class SlowService(Service):
    """Takes its time over every photo, as a network does on a busy machine. explained: how often it has."""

    explained = 0

    def explain(self, photo: Any, model: str, visitor: str = "", handle: str | None = None) -> tuple[str, Any]:
        def slowly() -> tuple[str, Any]:
            self.explained += 1
            time.sleep(SLOW_SECONDS)
            return Service.explain(self, photo, model, visitor, handle)

        return self.turns.run(visitor, slowly)


@pytest.fixture(scope="session")
def slow_service(
    made_folder: Path, label_folder: Path, composition_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> SlowService:
    """Made models of every task, and several examples for each."""
    folder = tmp_path_factory.mktemp("several-examples")
    examples = []
    for task, truth in TRUTH.items():
        for number in range(EXAMPLES):
            path = folder / f"{task}-{number}.png"
            made_photo().rotate(40 * number).save(path)
            examples.append(Example(path, f"Photo {number}", task, "photo", "", truth))
    models = [label_folder, composition_folder]
    return SlowService("cpu", examples, made_folder, models, shipped_examples=folder / "none")


@pytest.fixture(scope="session")
def slow_address(slow_service: SlowService) -> Iterator[str]:
    with running(build_page(slow_service)) as address:
        yield address


def example(page: Page, tab: str, number: int) -> str:
    file: str = page.evaluate(f"zslviz.tabs.{tab}.examples[{number}].file")
    return file


def click(page: Page, tab: str, file: str) -> None:
    page.evaluate(
        "([tab, file]) => document.querySelector(`#zv-${tab} .zv-examples button[data-file='${file}']`).click()",
        [tab, file],
    )


def wait_for(page: Page, tab: str, file: str) -> None:
    """Until a tab shows the explained example, and nothing else comes any more."""
    page.wait_for_function(f"file => zslviz.tabs.{tab}.state.x.example === file", arg=file, timeout=10_000)
    page.wait_for_function(f"['', 'early'].includes(document.querySelector('#zv-{tab} .zv-status').dataset.kind)")
    settle(page, tab)
    assert page.get_attribute(f"#zv-{tab} .zv-photo", "aria-busy") is None
    assert page.get_attribute(f"#zv-{tab} .zv-examples button[data-file='{file}']", "aria-pressed") == "true"
