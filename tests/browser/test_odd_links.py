"""Links where not all is as usual: they are no use, the server is away, the browser keeps nothing or goes on too soon."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Route

from tests.browser.conftest import Browser, Page, click, open_page
from tests.browser.test_links import arrived, goto, linked, said


@pytest.fixture(scope="module")
def tab(browser: Browser, address: str) -> Iterator[Page]:
    """A visitor's page."""
    page = open_page(browser, address)
    yield page
    page.close()


def test_a_link_that_is_followed_while_the_server_is_away_opens_once_it_is_back(tab: Page, address: str) -> None:
    goto(tab, address, "")
    arrived(tab, "giraffe.jpg")
    tab.wait_for_function("!document.getElementById('zv-shell')")  # gradio has come, and is not what cannot be fetched
    tab.context.set_offline(True)
    tab.wait_for_selector("#zv-away:not([hidden])")
    tab.evaluate("location.hash = 'v1/explain/p=moose&m=eszsl-awa2&i=spots:1.5/'")  # of a model that is not here yet
    tab.wait_for_selector("#zv-explain .zv-photo[aria-busy=true]")
    assert tab.inner_text("#zv-away").startswith("Not connected")
    tab.evaluate("zslviz.tabs.explain.edit('image', 3, 1)")
    tab.wait_for_function("zslviz.tabs.explain.state.ranking.edited")
    tab.context.set_offline(False)
    tab.wait_for_function("zslviz.tabs.explain.state.x.model === 'eszsl-awa2'", timeout=30_000)
    state = arrived(tab, "moose.jpg")
    assert state["image"] == {"9": 1.5}
    assert "took the place of 1 edit; Undo brings it back" in tab.inner_text(".zv-effect")
    assert said(tab) == ""
    written = [error for error in tab.errors if "ERR_INTERNET_DISCONNECTED" not in error]  # as the browser itself does
    assert written == []
    tab.errors.clear()


def test_a_browser_that_keeps_nothing_and_two_windows_of_one_lose_nothing_of_the_page(
    browser: Browser, address: str
) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_init_script(
        """for (const name of ["localStorage", "sessionStorage", "indexedDB"]) {
          Object.defineProperty(window, name, { get() { throw new DOMException("denied", "SecurityError"); } });
        }"""
    )
    pages = [context.new_page() for _ in range(2)]
    errors: list[str] = []
    for number, page in enumerate(pages):
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address)
        arrived(page, "giraffe.jpg")
        page.evaluate(f"zslviz.tabs.explain.edit('image', 3, {number + 0.25})")
        linked(page)
        page.reload()
    for number, page in enumerate(pages):
        assert arrived(page, "giraffe.jpg")["image"] == {"3": number + 0.25}
        page.wait_for_function("!document.getElementById('zv-shell')")  # all has moved into gradio
        page.evaluate("zslviz.tabs.explain.edit('image', 4, 0.5); location.reload()")
        assert arrived(page, "giraffe.jpg")["image"]["3"] == number + 0.25
    assert errors == []
    context.close()


@pytest.mark.parametrize(
    ("link", "sentence"),
    [
        ("v1/explain/" + "i=spots:0&" * 100_000, r"This link opens the page as it is: it is too long\."),
        ("v1/explain/p=nobody&m=nothing&g=1&c=<b>:x:1", r"Not all of this link could be used: [^.]*its end[^.]*\."),
    ],
)
def test_a_link_that_is_no_use_ends_in_one_sentence_and_the_opening(
    tab: Page, address: str, link: str, sentence: str
) -> None:
    goto(tab, address, link)
    assert arrived(tab, "giraffe.jpg") == {"p": "giraffe.jpg", "m": "mgmrn-awa2"}
    assert re.fullmatch(sentence, text := said(tab)), text


def test_an_edit_just_before_back_or_a_reload_is_not_lost(tab: Page, address: str) -> None:
    goto(tab, address, "")
    arrived(tab, "giraffe.jpg")
    click(tab, "explain", "sheep.jpg")
    arrived(tab, "sheep.jpg")
    tab.evaluate("zslviz.tabs.explain.edit('image', 3, 0.875); history.back()")
    assert arrived(tab, "giraffe.jpg")["p"] == "giraffe.jpg"
    tab.evaluate("zslviz.tabs.explain.edit('image', 4, 0.125); history.forward()")
    assert arrived(tab, "sheep.jpg")["image"] == {"3": 0.875}

    def slowly(route: Route) -> None:
        time.sleep(0.6)  # longer than the page waits before it writes its address
        route.continue_()

    tab.route(re.compile(re.escape(address) + r"(\?.*)?$"), slowly)
    tab.evaluate("zslviz.tabs.explain.edit('image', 5, 0.5); location.reload()")
    tab.wait_for_function("window.zslviz?.tabs.explain.state.image[5] === 0.5")
    assert arrived(tab, "sheep.jpg")["image"] == {"3": 0.875, "5": 0.5}
    tab.unroute_all(behavior="wait")
    tab.go_back()
    assert arrived(tab, "giraffe.jpg")["image"] == {"4": 0.125}
    assert tab.errors == []
