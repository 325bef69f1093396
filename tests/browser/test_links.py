"""The state in the page's address: written as it changes, put back by links, reload, Back and Forward."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Browser, Page, click, open_page, settle
from tests.conftest import made_photo

WRITTEN_MS = 350  # after a change its link is there


@pytest.fixture(scope="module")
def tab(browser: Browser, address: str) -> Iterator[Page]:
    """A visitor's page, for tests that come one after the other."""
    page = open_page(browser, address)
    yield page
    page.close()


def linked(page: Page, tab: str = "explain") -> dict[str, Any]:
    """What a tab would put into a link, once its address is written."""
    settle(page, tab)
    page.wait_for_timeout(WRITTEN_MS)
    settle(page, tab)
    state: dict[str, Any] = page.evaluate(
        """tab => {
          const { state: { x }, linked } = zslviz.tabs[tab];
          return JSON.parse(JSON.stringify({ ...linked(), p: x.example, m: x.model }));
        }""",
        tab,
    )
    return {key: value for key, value in state.items() if value not in (None, False, {}, [], "")}


def arrived(page: Page, file: str, tab: str = "explain") -> dict[str, Any]:
    page.wait_for_function("([tab, file]) => window.zslviz?.tabs[tab]?.state.x?.example === file", arg=[tab, file])
    return linked(page, tab)


def said(page: Page) -> str:
    text: str = page.evaluate(
        """() => {
          const said = document.querySelector("#zv-toast p");
          const text = said?.textContent || "";
          said?.replaceChildren();
          return text;
        }"""
    )
    return text


def goto(page: Page, address: str, link: str) -> None:
    page.goto("about:blank")
    page.goto(f"{address}#{link}")


def test_back_and_forward_bring_photo_tab_and_edits_and_a_reload_keeps_them(tab: Page) -> None:
    assert tab.evaluate("location.hash") == ""  # the opening needs no link
    steps = tab.evaluate("history.length")
    tab.evaluate("zslviz.tabs.explain.edit('image', 3, 0.37); zslviz.tabs.explain.edit(5, 2, 0.9)")
    first = linked(tab)
    assert first["image"] == {"3": 0.37} and first["classes"] == {"5": {"2": 0.9}}
    assert tab.evaluate("history.length") == steps, "an edit is no step"
    assert tab.evaluate("location.search") == "?__theme=light", "what the page was asked for stays with it"
    click(tab, "explain", "sheep.jpg")
    arrived(tab, "sheep.jpg")
    tab.evaluate("zslviz.tabs.explain.edit('image', 3, 1.125)")
    second = linked(tab)
    assert second["p"] == "sheep.jpg" and second["image"] == {"3": 1.125}
    tab.click("[data-tab-id=compose]")
    settle(tab, "compose")
    tab.evaluate("zslviz.tabs.compose.change({ openWorld: true, threshold: 0.3, bias: 1.55 })")
    third = linked(tab, "compose")
    assert (third["openWorld"], third["threshold"], third["bias"]) == (True, 0.3, 1.55)
    assert tab.evaluate("history.length") == steps + 2, "a photo and a tab are"
    tab.go_back()
    tab.wait_for_function("zslviz.link.tab() === 'explain'")
    assert linked(tab) == second
    tab.go_back()
    assert arrived(tab, "giraffe.jpg") == first
    assert tab.locator(".zv-classes .zv-ghost").first.is_visible()
    tab.go_forward()
    assert arrived(tab, "sheep.jpg") == second
    tab.go_forward()
    tab.wait_for_function("zslviz.link.tab() === 'compose'")
    assert linked(tab, "compose") == third
    tab.reload()
    settle(tab, "compose")
    assert linked(tab, "compose") == third
    assert arrived(tab, "sheep.jpg") == second, "the other tab is kept as well"
    assert tab.evaluate("history.length") == steps + 2
    assert tab.errors == []


def test_a_link_written_by_hand_is_followed_and_what_it_lacks_is_told(tab: Page) -> None:
    tab.evaluate(
        "(({ resetEdits, edit }) => (resetEdits(), edit('image', 3, 1.2), edit('image', 4, 1.1)))(zslviz.tabs.explain)"
    )
    settle(tab, "explain")
    tab.evaluate(
        "location.hash = 'v1/explain/p=giraffe&m=mgmrn-awa2&i=spots:0,zebra:1&c=horse:white:.9&g=6&u=1&w=moose/'"
    )
    state = arrived(tab, "giraffe.jpg")
    assert state == state | {"gamma": 6, "unseenOnly": True, "why": 11, "classes": {"5": {"1": 0.9}}}
    assert said(tab) == "Not all of this link could be used: there is no attribute “zebra”."
    assert tab.input_value("#zv-gamma") == "6" and tab.is_checked("#zv-unseen-only")
    assert "took the place of 2 edits" in tab.inner_text(".zv-effect")
    answered = tab.evaluate("zslviz.tabs.explain.state.ranking")
    assert answered["gamma"] == 6 and answered["edited"] and all(not one["seen"] for one in answered["classes"])
    tab.evaluate("location.hash = 'v1/explain/g=%'")
    tab.wait_for_timeout(WRITTEN_MS)
    assert said(tab) == "Not all of this link could be used: its end is missing; “g=%” cannot be read."
    tab.evaluate("location.hash = 'hello%ff'")
    tab.wait_for_timeout(WRITTEN_MS)
    assert said(tab) == "This link changes nothing: it cannot be read."
    tab.evaluate("location.hash = 'zv-search'")  # a place on the page
    assert (linked(tab), said(tab)) == ({"p": "giraffe.jpg", "m": "mgmrn-awa2"}, "")


def test_links_of_the_other_tabs_open_with_their_words(tab: Page, address: str) -> None:
    goto(tab, address, "v1/multilabel/p=rio&w=lighthouse&l=lighthouse&n=4&o=scotland,lighthouse&q=ca&v=color,counted/")
    state = arrived(tab, "rio.jpg", "multilabel")
    assert state == state | {
        "added": ["lighthouse"],
        "label": "lighthouse",
        "first": 4,
        "overlaid": ["scotland", "lighthouse"],
        "view": ["color", "counted"],
    }
    assert not tab.is_checked("#zv-multilabel .zv-grey-choice")
    assert tab.input_value("#zv-multilabel .zv-area-choice") == "counted"
    assert tab.input_value("#zv-label-filter") == "ca"
    assert "lighthouse" in tab.evaluate("zslviz.tabs.multilabel.state.ranking.labels.map(one => one.name)")
    # links hold the data set's own names; the page shows readable ones, and takes either
    assert tab.evaluate("zslviz.tabs.multilabel.state.overlaid") == ["Scotland", "lighthouse"]
    goto(
        tab,
        address,
        "v1/compose/p=red-handbag&y=red,tshirts&z=blue,t-shirts&open=1&f=.31&b=1.5&ws=turquoise&v=stretched,color,states/",
    )
    state = arrived(tab, "red-handbag.jpg", "compose")
    assert state == state | {
        "pair": ["red", "tshirts"],
        "other": ["blue", "tshirts"],
        "threshold": 0.31,
        "states": ["turquoise"],
        "view": ["stretched", "color", "states"],
    }
    assert tab.is_checked("#zv-compose .zv-stretch input") and not tab.is_checked("#zv-compose .zv-grey-choice")
    assert tab.is_checked("#zv-compose input[value=states]")
    assert tab.evaluate("[zslviz.tabs.compose.state.pair, zslviz.tabs.compose.state.other].flat()[3]") == "T-shirts"
    assert (tab.input_value("#zv-bias"), tab.input_value("#zv-feasibility")) == ("1.5", "0.31")
    assert tab.errors == []


def test_how_maps_are_drawn_is_in_the_link_and_comes_back(tab: Page, address: str) -> None:
    def drawn() -> list[bool]:
        return [
            tab.is_checked(f'#zv-explain [data-view="{name}"]') for name in ("stretched", "special", "grey", "smooth")
        ]

    goto(tab, address, "v1/explain/p=giraffe&a=spots&v=stretched,color,cells/")
    assert arrived(tab, "giraffe.jpg")["view"] == ["stretched", "color", "cells"]
    assert drawn() == [True, False, False, False]
    assert tab.input_value("#zv-attribute") == "9"
    tab.click("#zv-explain .zv-share-names [data-layer='2']")
    tab.check('#zv-explain [data-view="grey"]')
    first = linked(tab)
    assert first["view"] == ["part-2", "cells"]
    click(tab, "explain", "sheep.jpg")
    arrived(tab, "sheep.jpg")
    tab.check('#zv-explain [data-view="special"]')
    second = linked(tab)
    assert second["view"] == ["special", "cells"]
    tab.go_back()
    assert arrived(tab, "giraffe.jpg") == first and drawn() == [False, False, True, False]
    assert tab.get_attribute("#zv-explain .zv-share-names [data-layer='2']", "aria-pressed") == "true"
    tab.go_forward()
    assert arrived(tab, "sheep.jpg") == second and drawn() == [False, True, True, False]
    tab.select_option("#zv-attribute", "3")
    tab.check('#zv-explain [data-view="stretched"]')
    tab.select_option("#zv-attribute", "5")
    assert linked(tab)["view"] == ["special", "cells"], "another map is not stretched"
    goto(tab, address, "v1/explain/p=giraffe&i=spots:0/")  # of a page that did not know of it
    assert "view" not in arrived(tab, "giraffe.jpg") and drawn() == [False, False, True, True]
    assert tab.errors == []


def test_an_own_photo_comes_back_on_a_reload_but_is_in_no_link(tab: Page, address: str, tmp_path: Path) -> None:
    goto(tab, address, "")
    arrived(tab, "giraffe.jpg")
    made_photo().save(path := tmp_path / "mine.png")
    tab.set_input_files("#zv-explain .zv-file", path)
    tab.wait_for_function("zslviz.tabs.explain.state.x.title === 'mine.png'")
    tab.evaluate("zslviz.tabs.explain.edit('image', 3, 0.5)")
    linked(tab)
    tab.reload()
    tab.wait_for_function("window.zslviz?.tabs.explain.state.x?.title === 'mine.png'")
    assert linked(tab)["image"] == {"3": 0.5}
    link = tab.evaluate("zslviz.link.address()")
    assert link["own"] and "mine" not in json.dumps(link)
    other = open_page(tab.context.browser, address)  # somebody else, and another tab of the browser
    goto(other, address, link["url"].partition("#")[2])
    assert arrived(other, "giraffe.jpg")["image"] == {"3": 0.5}
    assert "a photo of somebody’s own, which no link holds" in said(other)
    other.evaluate("zslviz.tabs.explain.edit('image', 3, 1)")
    linked(other)
    assert linked(tab)["image"] == {"3": 0.5}
    other.close()


def test_share_copies_the_link_and_python_shows_the_lines(tab: Page, address: str) -> None:
    goto(tab, address, "v1/explain/p=giraffe&i=spots:0/")
    arrived(tab, "giraffe.jpg")
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.click(".zv-share")
    tab.wait_for_function("document.querySelector('.zv-dialog [role=status]').textContent === 'Copied.'")
    link = tab.input_value(".zv-share-link")
    assert (
        link == tab.evaluate("navigator.clipboard.readText()") == tab.evaluate("location.href.replace(/[?].*#/, '#')")
    )
    tab.click(".zv-dialog summary")
    tab.check(".zv-dialog input[value=ranking]")
    tab.check(".zv-dialog input[value=take]")
    tab.check(".zv-dialog details > label:first-of-type input")
    exercise = tab.input_value(".zv-share-link")
    assert exercise.endswith("&hide=ranking,take&present=1/")
    tab.keyboard.press("Escape")
    tab.evaluate("void (navigator.clipboard.writeText = () => Promise.reject(new Error()))")
    tab.click(".zv-share")
    tab.wait_for_function("document.querySelector('.zv-dialog [role=status]').textContent.startsWith('Selected')")
    assert tab.evaluate("getSelection().toString()") == link
    tab.keyboard.press("Escape")
    tab.click(".zv-python")
    lines = tab.locator(".zv-lines").inner_text()
    assert 'space.attribute_index("spots"): 0.0' in lines and 'examples_folder() / "giraffe.jpg"' in lines
    tab.keyboard.press("Escape")
    goto(tab, address, exercise.partition("#")[2])
    assert arrived(tab, "giraffe.jpg")["image"] == {"9": 0}
    of_explain = [f"#zv-explain {part}" for part in (".zv-first-three", ".zv-at-why", ".zv-to-why")]
    for left_out in (*of_explain, ".zv-would", "footer"):
        assert not tab.locator(left_out).first.is_visible(), left_out
    assert tab.locator("#zv-explain .zv-at-maps").first.is_visible()
    parts = tab.evaluate(
        "Object.entries(zslviz.link.parts).filter(([, { selector }]) => !document.querySelector(selector)).map(([name]) => name)"
    )
    assert set(parts) <= {"matrix"}, "each name leaves something out"
    tab.evaluate("location.hash = 'v1/explain/p=giraffe&hide=everything,edits/'")
    tab.wait_for_timeout(WRITTEN_MS)
    assert said(tab) == "Not all of this link could be used: “everything” cannot be left out."
    assert tab.locator("#zv-explain .zv-first-three").first.is_visible()
    assert not tab.locator("#zv-explain .zv-at-edits").first.is_visible()
    assert tab.errors == []


class Foreign(BaseHTTPRequestHandler):
    """Another page, with a panel of this one in it. src: the address of the panel."""

    src = ""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(
            f"""<iframe width="500" height="10" src="{self.src}"></iframe><script>
              window.heights = [];
              addEventListener("message", ({{ data, source }}) => {{
                const frame = document.querySelector("iframe");
                if (source !== frame.contentWindow || data?.zslviz !== "height") return;
                heights.push(data.height);
                frame.height = data.height;
              }});
            </script>""".encode()
        )

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def foreign(address: str) -> Iterator[str]:
    handler = type("Handler", (Foreign,), {"src": f"{address}#v1/explain/p=giraffe&embed=ranking/"})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def test_one_panel_stands_alone_in_another_page_which_is_told_its_height(tab: Page, foreign: str) -> None:
    tab.goto(foreign)
    tab.wait_for_function("heights.at(-1) > 300")
    frame = tab.frames[1]
    frame.wait_for_function("zslviz.tabs.explain.idle() && !document.querySelector('.zv-behind')")
    shown = """() => [...document.querySelectorAll(".zv-panel, .tab-wrapper, footer")]
      .filter((one) => one.offsetHeight).map((one) => one.className)"""
    assert all("zv-at-ranking" in look for look in frame.evaluate(shown))
    fits = "() => document.documentElement.scrollHeight <= document.documentElement.clientHeight + 1"
    frame.wait_for_function(fits)
    before = tab.evaluate("heights.at(-1)")
    frame.evaluate("document.querySelector('.zv-said').style.minHeight = '500px'")  # a long answer
    tab.wait_for_function("before => heights.at(-1) > before + 200", arg=before)
    frame.wait_for_function(fits)
    for width in (320, 800, 1100):  # it settles at every width
        tab.evaluate("width => document.querySelector('iframe').width = width", width)
        tab.wait_for_timeout(WRITTEN_MS)
        told = tab.evaluate("heights.length")
        frame.wait_for_function(fits)
        tab.wait_for_timeout(WRITTEN_MS)
        assert tab.evaluate("[heights.length, heights.at(-1) > 500]") == [told, True]
