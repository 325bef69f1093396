"""What the tab *Compose* shows of pairs: all of them as heat; of one its maps, on which scale, and what no map shows."""

# ruff: noqa: F811
from __future__ import annotations

import re

import pytest

from tests.browser.conftest import Browser, Page, open_page, settle
from tests.browser.matrix import STATE, cells_where, colour, painted
from tests.browser.test_compose_page import layers, page, pytestmark, shared_pairs  # noqa: F401


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
    rank = tab.evaluate(
        f"(() => {{ const [row, column] = zslviz.tabs.compose.at({STATE}.x.true); return {STATE}.ranking.ranks[row][column]; }})()"
    )
    rank = tab.evaluate(f"zslviz.draw.ordinal({rank})")
    said = f"The winner of the open world. Wrong: it is purple sweatshirts ({rank})."
    assert tab.inner_text(".zv-standing") == said
    words = tab.inner_text(".zv-same-words")
    assert words.startswith("Both words and ") and all(one[0].isupper() for one in re.split(r"(?<=\.) ", words))
    tab.locator(".zv-pair-list button").nth(4).click()
    settle(tab, "compose")
    assert tab.inner_text(".zv-standing").startswith("5th of")
    tab.locator("#zv-bias").press("ArrowRight")  # a pair that was chosen stays
    settle(tab, "compose")
    assert tab.inner_text("#zv-pair-title") != f"Where it sees {winner}"
    tab.locator(".zv-standing button").click()
    settle(tab, "compose")
    assert tab.inner_text(".zv-standing") == said
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
    assert page.inner_text(".zv-standing") == "The winner of the closed world. The answer is right."
    for pair in range(8):  # what is read adds up to the last digit
        page.locator(".zv-pair-list button").nth(pair).click()
        settle(page, "compose")
        caption = page.inner_text('figure[data-kind="evidence"] figcaption').replace("+ ", "+").replace("− ", "−")
        score, places, rest = (float(text.replace("−", "-")) for text in re.findall(r"[+−]?\d+\.\d\d", caption))
        assert places + rest == pytest.approx(score, abs=1e-9), caption


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


def test_seen_unseen_and_idle_pairs_differ_by_shape(page: Page) -> None:
    """A disc, a ring, and no mark but stripes."""
    cold = (
        cells_where(page, "rank > 0 && share === 0 && seen")[0],
        cells_where(page, "rank > 0 && share === 0 && !seen")[0],
    )
    assert painted(page, cold[0]) == colour(page, "seen")
    assert painted(page, cold[1]) == colour(page, "well") == painted(page, cold[0], 0.2)
    rim = [painted(page, cold[1], 0.5 + step / 100) for step in range(5, 25)]  # whose edges are smoothed
    assert any(one == pytest.approx(colour(page, "unseen"), abs=25) for one in rim)
    idle = cells_where(page, "!rank")[0]
    across = {tuple(painted(page, idle, step / 40, 0.5)) for step in range(8, 33)}
    assert (0, 0, 0, 0) in across and len(across) > 1
    said = page.locator(f'td[data-at="{idle[0]} {idle[1]}"]')
    assert "not among the listed pairs" in str(said.get_attribute("aria-label")) and said.get_attribute("title") is None
    said.hover()
    assert said.get_attribute("title") == said.get_attribute("aria-label")
    page.mouse.move(0, 0)
    assert said.get_attribute("title") is None


def test_the_matrix_is_heat_alone_and_the_value_of_the_one_selected_is_rounded(page: Page) -> None:
    cells = page.locator(".zv-table td[data-at]")
    assert "".join(cells.all_text_contents()).strip() == ""
    well, accent = colour(page, "well"), colour(page, "accent")
    for place in cells_where(page, "rank > 0")[::7]:
        share = page.evaluate(
            f"Math.round(zslviz.draw.share({STATE}.ranking.scores[{place[0]}][{place[1]}], {STATE}.ranking)) / 100"
        )
        mixed = [low + share * (high - low) for low, high in zip(well, accent, strict=True)]
        assert painted(page, place, 0.15) == pytest.approx(mixed, abs=2)
    score = page.evaluate(
        f"Math.max(...{STATE}.ranking.scores.flat().filter((v, i) => {STATE}.ranking.ranks.flat()[i]))"
    )
    assert f"{score:.2f}" in page.inner_text(".zv-selected")
    assert page.locator(".zv-pair-list .zv-score").first.inner_text() == f"{score:.2f}"
