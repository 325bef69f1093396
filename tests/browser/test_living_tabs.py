"""Labels and pairs answered by the page itself: without network, with words that were typed, as Python answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.browser.conftest import (
    Browser,
    Page,
    SlowService,
    both_say,
    click,
    example,
    open_page,
    open_tab,
    same,
    settle,
    wait_for,
)
from tests.browser.test_living_page import serving
from zslviz.ui.scratch import Downloads
from zslviz.ui.serving import free_at
from zslviz.ui.tabs import TABS

CONTROLS = {
    "multilabel": ("#zv-label-gamma", "#zv-strength", ".zv-unseen-only", "input[name=zv-found-by][value=first]"),
    "compose": (
        "#zv-bias",
        "input[name=zv-world][value=open]",
        "#zv-feasibility",
        "input[name=zv-refined][value=before]",
    ),
}
PAYLOADS = {
    "multilabel": """({ added, gamma, unseenOnly, by, first, strength }) =>
      ({ added, gamma, unseen_only: unseenOnly, ...(by === "first" ? { first } : { strength }) })""",
    "compose": """({ added, openWorld, threshold, bias, before }) =>
      ({ ...added, open_world: openWorld, threshold, bias, before, pair: null })""",
}


@pytest.mark.parametrize("tab", CONTROLS)
def test_without_network_labels_and_pairs_are_ranked_as_python_ranks_them(
    browser: Browser, slow_address: str, slow_service: SlowService, tab: str
) -> None:
    page = open_page(browser, slow_address, tab)
    handle = page.evaluate(f"zslviz.tabs.{tab}.state.x.handle")
    asked = len(page.requested)
    page.context.set_offline(True)
    answering = next(place for place in TABS if place.name == tab).open(slow_service, Downloads())
    rankings = []
    for selector in CONTROLS[tab]:
        move(page, tab, selector)
        payload = page.evaluate(f"({PAYLOADS[tab]})(zslviz.tabs.{tab}.state)")
        expected = answering.rank({"handle": handle, **payload})
        rankings.append(page.evaluate(f"zslviz.tabs.{tab}.state.ranking"))
        same(rankings[-1], expected.get("ranking", expected))
        if "pair" in expected:
            text = str(page.text_content(".zv-terms [data-part=score] .zv-number"))
            assert float(text.replace("\u2212", "-")) == pytest.approx(expected["pair"]["terms"]["score"], abs=0.0051)
    assert len({str(one) for one in rankings}) == len(rankings), "every control changes something"
    settled_without = ("/here", "component_server")  # a picture that is asked for waits for the server
    assert [url for url in page.requested[asked:] if not any(one in url for one in settled_without)] == []
    assert page.locator("#zv-toast:visible").count() == 0
    page.close()


def test_with_a_typed_label_the_page_answers_by_itself_as_the_server_does(browser: Browser, address: str) -> None:
    page = open_page(browser, address, "multilabel")
    page.evaluate("zslviz.tabs.multilabel.add('lighthouse', () => {})")
    settle(page, "multilabel")
    for what, payload in (
        ("rank", "{ gamma: 0.2 }"),
        ("rank", "{ added: [], first: 3 }"),
        ("region", "{ x: 0.3, y: 0.6 }"),
    ):
        same(*both_say(page, "multilabel", what, payload))
    second = example(page, "multilabel", 1)
    click(page, "multilabel", second)
    wait_for(page, "multilabel", second)
    found, expected = both_say(page, "multilabel", "rank")
    same(found, expected)
    assert any(line["name"] == "lighthouse" and line["added"] for line in found["labels"])
    page.close()


def test_with_a_typed_word_the_page_answers_by_itself_as_the_server_does(browser: Browser, address: str) -> None:
    page = open_page(browser, address, "compose")
    page.evaluate("zslviz.tabs.compose.add('state', 'turquoise', () => {})")
    settle(page, "compose")
    for payload in (
        "{ open_world: true, bias: 2, with_space: true }",
        "{ pair: ['turquoise', 'handbags'], before: true }",
    ):
        found, expected = both_say(page, "compose", "rank", payload)
        for key in ("ranking", *({"space"} & set(expected))):
            same(found[key], expected[key])
        if "pair" in expected:
            told = ("pair", "terms", "other", "other_terms")
            same(*({key: answer["pair"][key] for key in told} for answer in (found, expected)))
    assert expected["pair"]["pair"] == ["turquoise", "handbags"]
    page.close()


def test_in_either_tab_a_forgotten_photo_and_a_server_started_anew_heal_by_themselves(
    browser: Browser, made_folder: Path, label_folder: Path, composition_folder: Path, tmp_path: Path
) -> None:
    port, models = free_at("127.0.0.1", 0), (label_folder, composition_folder)
    picture = tmp_path / "mine.png"
    Image.effect_noise((90, 160), 60).convert("RGB").save(picture)
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(20_000)
    told = {}
    said = "#zv-toast:visible, .zv-status[data-kind=error]:visible"
    with serving(port, made_folder, tmp_path, models):
        page.goto(f"http://127.0.0.1:{port}/")
        for tab, title in (("multilabel", "Multi-label"), ("compose", "Compose")):
            page.wait_for_function("window.zslviz && !document.getElementById('zv-shell')")
            open_tab(page, title)
            page.wait_for_function(f"zslviz.tabs.{tab}.servers.length > 2")
            page.set_input_files(f"#zv-{tab} .zv-file", picture)
            page.wait_for_function(f"zslviz.tabs.{tab}.state.x?.title === 'mine.png' && zslviz.tabs.{tab}.idle()")
            page.evaluate("window.same = true")
            move(page, tab, CONTROLS[tab][0])
            settle(page, tab)
            told[tab] = page.evaluate(TOLD, tab)
            assert page.evaluate(f"'rank' in zslviz.tabs.{tab}.here")
    page.evaluate("void zslviz.tabs.compose.download('csv')")
    page.wait_for_selector("#zv-away:visible")
    move(page, "compose", CONTROLS["compose"][1])  # edits go on
    page.wait_for_function(f"before => ({TOLD})('compose')[1] !== before", arg=told["compose"][1])
    told["compose"] = page.evaluate(TOLD, "compose")
    assert page.locator(said).count() == 0
    with serving(port, made_folder, tmp_path, models):
        page.locator("#zv-away").wait_for(state="hidden", timeout=60_000)
        for tab in ("compose", "multilabel"):
            # what the server alone can answer, of a photo that it has never seen: it is explained again under its handle
            answer = page.evaluate(f"zslviz.tabs.{tab}.ask('add', {{ kind: 'state', name: 'turquoise', other: null }})")
            settle(page, tab)
            assert answer["ranking"] and page.evaluate(TOLD, tab) == told[tab]
        assert page.evaluate("window.same"), "the page was loaded again"
        assert page.locator(said).count() == 0
    page.close()


# A tab's photo, ranking and choices, to the last digit.
TOLD = """(tab) => { const { x, ranking, strength, gamma, openWorld, bias } = zslviz.tabs[tab].state;
  return [x.handle, JSON.stringify(ranking), strength, gamma, openWorld, bias]; }"""


def move(page: Page, tab: str, selector: str) -> None:
    """A slider moved, a box ticked."""
    page.locator(f"#zv-{tab} {selector}").evaluate(
        """(one) => {
          if (one.type !== "range") return one.click();
          one.value = Number(one.min) + 0.7 * (one.max - one.min);
          one.dispatchEvent(new Event("input", { bubbles: true }));
        }"""
    )


def test_the_address_of_an_examples_photo_is_given_back_when_another_one_is_shown(
    browser: Browser, address: str
) -> None:
    page = open_page(browser, address, "compose")
    there = "(url) => fetch(url).then(() => true, () => false)"
    shown = [page.evaluate("zslviz.tabs.compose.state.x.photo")]
    assert shown[0].startswith("blob:")
    for number in (1, 2):
        chosen = example(page, "compose", number)
        click(page, "compose", chosen)
        wait_for(page, "compose", chosen)
        shown.append(page.evaluate("zslviz.tabs.compose.state.x.photo"))
    assert [page.evaluate(there, url) for url in shown] == [False, False, True]
    assert page.evaluate("document.querySelector('#zv-compose .zv-main').naturalWidth") > 0
    page.close()
