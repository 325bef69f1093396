"""What a visitor meets first: the answer in words, what-ifs, edits in sight, and what a slider tells while it is held."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.conftest import (
    Browser,
    Page,
    SlowService,
    click,
    example,
    open_page,
    open_tab,
    settle,
    unfold,
    wait_for,
)
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.sentence import sentence
from zslviz.tasks.attributes.tipping import tipping_points

EXPLAIN = "zslviz.tabs.explain"
STATE = f"{EXPLAIN}.state"


@pytest.fixture
def page(browser: Browser, slow_address: str) -> Iterator[Page]:
    opened = open_page(browser, slow_address)
    wait_for_words(opened)
    yield opened
    assert [one for one in opened.errors if "ERR_INTERNET_DISCONNECTED" not in one] == []
    opened.close()


def wait_for_words(page: Page) -> None:
    """Until the words have followed the state, as the browser says them."""
    settle(page)
    page.wait_for_function(
        f"{EXPLAIN}.here.said && document.querySelector('.zv-said').innerText && !document.querySelector('.zv-behind')"
    )


def explained(page: Page, service: SlowService) -> Explanation:
    return service.store.get(page.evaluate(f"{STATE}.x.handle"), Explanation)


def ranking(page: Page) -> str:
    settle(page)
    drawn: str = page.evaluate(f"JSON.stringify({STATE}.ranking)")
    return drawn


def test_the_answer_in_words_is_pythons_of_the_edited_state_and_needs_no_network(
    page: Page, slow_service: SlowService
) -> None:
    explanation = explained(page, slow_service)
    truth = page.evaluate(f"{STATE}.x.true_class")
    assert page.inner_text(".zv-said") == sentence(explanation, truth=truth).text
    page.context.set_offline(True)
    page.evaluate(f"{EXPLAIN}.edit('image', 3, 1.25); {EXPLAIN}.edit(5, 2, 0)")
    wait_for_words(page)
    request = RankRequest({3: 1.25}, {(5, 2): 0.0})
    expected = sentence(explanation, request, truth)
    assert page.inner_text(".zv-said") == expected.text
    assert page.locator(".zv-said-attribute").all_inner_texts() == [
        part.text for part in expected.parts if part.kind == "attribute"
    ]
    page.wait_for_function("text => document.querySelector('.zv-announce').textContent === text", arg=expected.text)
    assert page.get_attribute("#zv-explain .zv-large img", "alt") == expected.text


def test_edits_stand_as_chips_that_take_them_back_one_by_one_or_all(page: Page) -> None:
    before = ranking(page)
    value = page.evaluate(f"{STATE}.x.values[1]")
    page.evaluate(f"{EXPLAIN}.edit('image', 1, 1); {EXPLAIN}.edit(4, 0, 0.5)")
    settle(page)
    names = page.evaluate(f"[{STATE}.x.attributes[1], {STATE}.x.classes[4].name]")
    first, second = page.locator(".zv-edits li").all_inner_texts()
    assert first.split() == [*names[0].split(), *f"{value:.2f}".replace("-", "−").split(), "→", "1", "×"]
    assert second.startswith(f"{names[1]}: ") and "→ 0.5" in second
    page.locator(".zv-edits li button").first.click()
    settle(page)
    assert page.evaluate(f"[{STATE}.image, {STATE}.classes]") == [{}, {"4": {"0": 0.5}}]
    assert page.locator(".zv-edits li button").evaluate("one => one === document.activeElement"), (
        "the focus went astray"
    )
    page.click(".zv-all-off")
    assert ranking(page) == before
    assert page.locator(".zv-edits li").count() == 0
    assert page.inner_text(".zv-effect").startswith("All off: ")


def test_a_what_if_comes_true_at_a_tap_and_is_undone_at_the_next(page: Page) -> None:
    before = ranking(page)
    offers = page.locator(".zv-what-ifs button")
    assert offers.count() == 3
    promised = offers.first.locator(".zv-then").inner_text()
    offers.first.click()
    wait_for_words(page)
    assert page.evaluate(f"Object.keys({STATE}.image).length") == 1
    assert offers.first.get_attribute("aria-pressed") == "true"
    first, lead = page.evaluate(
        f"[{STATE}.ranking.classes[0].name, {STATE}.ranking.classes[0].score - {STATE}.ranking.classes[1].score]"
    )
    if promised.endswith("would be first"):
        assert promised == f"{first} would be first"
    else:
        assert float(promised.rpartition(" ")[2]) == pytest.approx(lead, abs=0.0051)
    offers.first.click()
    wait_for_words(page)
    assert ranking(page) == before and offers.first.get_attribute("aria-pressed") == "false"


def test_a_slider_that_is_held_keeps_two_classes_compared_and_shows_where_the_answer_tips(
    page: Page, slow_service: SlowService
) -> None:
    explanation = explained(page, slow_service)
    names = explanation.space.class_names
    count = len(explanation.space.attributes)
    tips = {a: tipping_points(explanation, a) for a in range(count)}
    chosen = next(a for a, found in tips.items() if found.below or found.above)
    unfold(page, "editor")
    slider = page.locator(f".zv-rows [data-attribute='{chosen}'] input[type=range]")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box
    why = page.evaluate(f"[{STATE}.ranking.why.class, {STATE}.ranking.why.rival]")
    at = 0.02 if tips[chosen].below else 0.98  # beyond the tipping point
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * at, box["y"] + box["height"] / 2)
    page.wait_for_selector(".zv-tip-words")
    for side, tip in (("below", tips[chosen].below), ("above", tips[chosen].above)):
        said = tip and f"{side} {tip.bound.replace('-', '−')} {names[tip.rival]} wins"
        assert (said or f"{side} ") in page.inner_text(".zv-tip-words") or tip is None
    assert page.evaluate(f"[{STATE}.ranking.why.class, {STATE}.ranking.why.rival]") == why
    page.mouse.up()
    settle(page)
    first = page.evaluate(f"{STATE}.ranking.classes[0]")
    assert page.evaluate(f"{STATE}.ranking.why.class") == first["index"] != why[0]
    assert page.inner_text(".zv-effect").endswith(f"{names[why[0]]} → {first['name']}")


def test_a_touch_that_scrolls_edits_nothing(browser: Browser, slow_address: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(slow_address)
    page.wait_for_function("window.zslviz")
    settle(page)
    unfold(page, "classes")
    for slider in (".zv-six input[type=range] >> nth=1", "#zv-gamma"):
        before = page.evaluate(f"[{STATE}.image, {STATE}.gamma]")
        swipe_up(context, page, slider)
        settle(page)
        assert page.evaluate(f"[{STATE}.image, {STATE}.gamma]") == before
        assert not page.evaluate(f"{EXPLAIN}.history.canUndo()")
    for title, tab, slid, told in (
        ("Multi-label", "multilabel", "#zv-label-gamma", "gamma"),
        ("Compose", "compose", "#zv-bias", "bias"),
    ):
        open_tab(page, title)
        settle(page, tab)
        before = page.evaluate(f"zslviz.tabs.{tab}.state.{told}")
        page.evaluate("for (const one of document.querySelectorAll('.zv-settings')) one.open = true")
        swipe_up(context, page, slid)
        settle(page, tab)
        assert page.evaluate(f"zslviz.tabs.{tab}.state.{told}") == before
    context.close()


def swipe_up(context: Any, page: Page, slider: str) -> None:
    """A thumb that begins on a slider and scrolls the page."""
    at = page.locator(slider)
    at.evaluate("one => one.scrollIntoView({ block: 'center' })")
    box = at.bounding_box()
    assert box
    x, y = box["x"] + box["width"] * 0.9, box["y"] + box["height"] / 2
    touch = context.new_cdp_session(page)
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, 9):
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": y - 15 * step}]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_edits_hold_for_the_next_photo_and_the_same_one_again_and_it_is_said(page: Page) -> None:
    page.evaluate(f"{EXPLAIN}.edit('image', 2, 0); {EXPLAIN}.edit(4, 1, 1.5)")
    for number, words in ((1, "2 edits kept: they hold for this photo too."), (1, "2 edits kept.")):
        handle = page.evaluate(f"{STATE}.x.handle")
        file = example(page, "explain", number)
        page.evaluate(f"{STATE}.news = ''")
        click(page, "explain", file)
        page.wait_for_function(f"{STATE}.news !== ''")
        wait_for(page, "explain", file)
        assert page.evaluate(f"[{STATE}.image, {STATE}.classes]") == [{"2": 0}, {"4": {"1": 1.5}}], handle
        assert page.inner_text(".zv-effect") == words
        assert page.locator(".zv-edits li").count() == 2 and page.evaluate(f"{STATE}.ranking.edited")
    wait_for_words(page)
    assert page.inner_text(".zv-said").startswith("After 2 edits, ")
    page.click(".zv-undo-last")
    assert page.evaluate(f"[{STATE}.image, {STATE}.classes]") == [{"2": 0}, {}]


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_lines_of_the_ranking_slide_unless_motion_is_to_be_reduced(page: Page, motion: str) -> None:
    page.emulate_media(reduced_motion=motion)
    moved = page.evaluate(
        f"""() => {{
          const before = {STATE}.ranking.classes.map((one) => one.index).join();
          {STATE}.gamma = {STATE}.x.classes[{STATE}.ranking.classes[0].index].seen ? 1e3 : -1e3;
          return {EXPLAIN}.rank().then(() => [
            {STATE}.ranking.classes.map((one) => one.index).join() !== before,
            document.querySelector(".zv-first-three").getAnimations({{ subtree: true }})
              .filter((one) => !(one instanceof CSSTransition)).length,
          ]);
        }}"""
    )
    assert moved[0] and (moved[1] > 0) == (motion == "no-preference")


def test_rows_take_their_new_places_once_no_slider_is_held(page: Page) -> None:
    unfold(page, "editor")
    order = "[...document.querySelectorAll('.zv-rows .zv-row')].map((one) => Number(one.dataset.attribute))"
    sorted_ones = f"""(() => {{
      const {{ pull }} = {STATE}.ranking.why;
      return pull.map((_, a) => a).sort((p, q) => Math.abs(pull[q]) - Math.abs(pull[p]) || p - q);
    }})()"""
    before = page.evaluate(order)
    page.evaluate(f"{EXPLAIN}.hold('image', {before[-1]}, true); {EXPLAIN}.edit('image', {before[-1]}, 1.5)")
    page.evaluate(f"{EXPLAIN}.edit('image', {before[0]}, {STATE}.x.values[{before[0]}] / 100)")
    page.wait_for_timeout(500)
    assert page.evaluate(order) == before, "rows moved under the hand"
    assert page.evaluate(sorted_ones) != before, "nothing would move anyway"
    page.evaluate(f"{EXPLAIN}.release()")
    page.wait_for_function(f"JSON.stringify({order}) === JSON.stringify({sorted_ones})")


def test_what_is_folded_away_comes_after_the_answer_or_when_it_is_opened_and_is_told_what_has_happened(
    browser: Browser, address: str
) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(30_000)
    page.errors, held, asked = [], [], []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    page.route("**/rest/*/scripts.js", lambda route: held.append(route))
    page.goto(address)
    page.wait_for_selector("#zv-explain .zv-first-three li")
    assert "scoring.js" in asked and page.evaluate("!zslviz.panels['explain/why'] && !zslviz.tabs.multilabel")
    page.click(".zv-why > summary")  # nothing draws it yet, and nothing is said that is wrong
    page.evaluate(f"{EXPLAIN}.edit('image', 2, 1)")
    page.wait_for_function(f"{STATE}.ranking.edited")
    assert page.locator(".zv-why .zv-waterfall > *").count() == 0
    for _ in range(100):
        if held:
            break
        page.wait_for_timeout(100)
    assert asked.index("scripts.js") > asked.index("scoring.js")
    held[0].continue_()
    page.wait_for_selector(".zv-why .zv-waterfall > *")
    page.evaluate("zslviz.rest()")
    why = page.evaluate(f"{STATE}.ranking.why")
    ahead = why["class_name"] if why["margin"] >= 0 else why["rival_name"]
    assert page.inner_text(".zv-why-words").startswith(f"{ahead}’s lead over ")
    assert page.evaluate(f"'take' in {EXPLAIN}.here && document.querySelector('.zv-would-class').options.length > 1")
    assert page.errors == []
    page.close()
