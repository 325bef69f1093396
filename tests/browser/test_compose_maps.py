"""What the tab *Compose* shows of a pair: whose maps, on which scale, and what no map shows."""

# ruff: noqa: F811
from __future__ import annotations

import pytest

from tests.browser.conftest import Browser, Page, open_page, settle
from tests.browser.test_compose_page import STATE, layers, page, pytestmark, shared_pairs  # noqa: F401


def test_the_winner_of_the_world_that_is_on_is_explained(browser: Browser, address: str) -> None:
    tab = open_page(browser, address, "compose")
    tab.locator(".zv-matrix label", has_text="Open world").click()
    settle(tab, "compose")
    tab.locator("#zv-compose .zv-examples button", has_text="Purple sweatshirt").click()
    tab.wait_for_function(f"() => {STATE}.x.title === 'Purple sweatshirt'")
    settle(tab, "compose")
    winner = tab.evaluate(f"{STATE}.ranking.pairs[0].name")
    assert winner != tab.evaluate(f"{STATE}.x.pair.pair.join(' ')")  # the two worlds differ here
    assert tab.inner_text("#zv-pair-title") == f"Where it sees {winner}"
    assert tab.inner_text(".zv-standing") == "The winner of the open world."
    tab.locator(".zv-pair-list button").nth(4).click()
    settle(tab, "compose")
    assert tab.inner_text(".zv-standing").startswith("5th of")
    tab.locator("#zv-bias").press("ArrowRight")  # a pair that was chosen stays
    settle(tab, "compose")
    assert tab.inner_text("#zv-pair-title") != f"Where it sees {winner}"
    tab.locator(".zv-standing button").click()
    settle(tab, "compose")
    assert tab.inner_text(".zv-standing") == "The winner of the open world."
    tab.locator(".zv-matrix label", has_text="Closed world").click()
    settle(tab, "compose")
    assert tab.inner_text("#zv-pair-title") == f"Where it sees {tab.evaluate(f'{STATE}.ranking.pairs[0].name')}"
    assert tab.errors == []
    tab.close()


def test_what_the_maps_do_not_show_stands_as_bars_beside_them(page: Page) -> None:
    parts = page.eval_on_selector_all(
        ".zv-terms [data-part]", "all => all.map(o => [o.dataset.part, o.querySelector('.zv-number').textContent])"
    )
    values = {part: float(text.replace("−", "-")) for part, text in parts}
    assert list(values) == ["places", "rest", "heads", "familiarity", "bias", "score"]
    assert sum(values.values()) - values["score"] == pytest.approx(values["score"], abs=0.03)
    widths = page.eval_on_selector_all(
        ".zv-terms .zv-track", "all => all.map(o => [o.querySelector('i').offsetWidth, o.offsetWidth])"
    )
    assert all(0 <= bar <= track for bar, track in widths) and widths[1][0] > widths[0][0]
    share = abs(values["places"]) / sum(abs(v) for k, v in values.items() if k != "score")
    assert f"{round(100 * share)} % of all" in page.inner_text(".zv-made .zv-sum")
    assert "from places" in page.inner_text('figure[data-kind="evidence"] figcaption')


def test_weak_maps_say_how_often_they_are_stretched_and_can_be_put_back(page: Page) -> None:
    page.wait_for_function("typeof zslviz.tabs.compose.here.pair === 'function'")
    for put in ("uncheck", "check"):  # from now on the page draws by itself
        getattr(page.locator(".zv-pair-maps .zv-stretch input"), put)()
    before = layers(page)
    times = 1 / page.evaluate(f"{STATE}.x.pair.scaling.evidence.reach")
    assert f"stretched {times:.1f}×" in page.inner_text(".zv-scale-words")
    page.locator(".zv-pair-maps .zv-stretch input").uncheck()
    assert layers(page) != before
    assert "hardly seen" in page.inner_text(".zv-scale-words")
    page.locator(".zv-pair-maps .zv-stretch input").check()
    assert layers(page) == before
    assert page.locator('figure[data-kind="pair"] .zv-contour').count() >= 3
