"""The maps of the tab *Explain & edit*: which there are, of what, and places in them."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Browser, Page, open_page, settle


def layers(page: Page) -> list[str]:
    settle(page)
    return page.eval_on_selector_all(".zv-map-grid .zv-layer", "all => all.map(one => one.src)")


def test_choosing_an_attribute_changes_the_maps(page: Page) -> None:
    before = layers(page)
    name = page.evaluate("zslviz.tabs.explain.state.x.attributes[7]")
    page.select_option("#zv-attribute", "7")
    page.wait_for_selector(
        '#zv-explain .zv-at-maps [data-attribute="7"], #zv-explain .zv-at-maps[data-attribute="7"]', state="attached"
    )
    after = layers(page)
    assert len(after) == len(before)
    assert all(a != b for a, b in zip(after, before, strict=True))
    assert name in page.locator(".zv-map-grid .zv-stack").first.get_attribute("aria-label")


def test_attention_and_evidence_have_each_their_own_legend(page: Page) -> None:
    evidence, legend = layers(page), page.inner_text(".zv-ticks")
    assert "against" in legend
    page.locator("#zv-explain .zv-at-maps .zv-segments label", has_text="Attention").click()
    settle(page)
    assert layers(page) != evidence
    assert "share of attention" in page.inner_text(".zv-ticks")
    page.locator("#zv-explain .zv-at-maps .zv-segments label", has_text="Evidence").click()
    assert layers(page) == evidence
    assert page.inner_text(".zv-ticks") == legend


def test_a_model_shows_the_maps_that_it_offers(browser: Browser, address: str) -> None:
    tab = open_page(browser, address)
    tab.evaluate(
        """async () => {
          const { explain } = zslviz.tabs;
          const { x } = explain.state;
          const offers = x.offers.filter((offer) => offer.name === "attention");
          const kind = { attribute: x.strongest[0], kind: "attention" };
          const [maps, thumbnails] = [await explain.ask("maps", kind), await explain.ask("thumbnails", kind)];
          explain.explained({ ...x, offers, maps, thumbnails });
        }"""
    )
    settle(tab)
    assert tab.locator("#zv-explain .zv-no-maps").is_hidden()
    assert tab.evaluate("zslviz.tabs.explain.state.kind") == "attention"
    assert not tab.locator(".zv-at-maps .zv-segments").first.is_visible()
    assert "no exact evidence" in tab.locator(".zv-kind-hint").first.inner_text()
    offers = [
        {"name": name, "hint": f"The {name}.", "signed": False, "exact": False} for name in ("rollout", "attention")
    ]
    tab.evaluate("offers => zslviz.tabs.explain.explained({ ...zslviz.tabs.explain.state.x, offers })", offers)
    settle(tab)
    assert tab.locator(".zv-at-maps .zv-segments").first.inner_text().split() == ["Rollout", "Attention"]
    tab.evaluate(
        "zslviz.tabs.explain.explained({ ...zslviz.tabs.explain.state.x, offers: [], maps: null, thumbnails: null })"
    )
    tab.locator(".zv-attr").nth(2).click()
    settle(tab)
    assert not tab.locator("#zv-explain .zv-maps").is_visible()
    assert tab.inner_text("#zv-explain .zv-no-maps") == "This model has no maps of places."
    assert tab.locator(".zv-classes li").count() == 10 and tab.errors == []
    tab.close()


def test_the_map_of_all_is_the_large_one_and_what_adds_little_stays_behind_a_line(
    browser: Browser, address: str
) -> None:
    tab = open_page(browser, address)
    assert tab.locator(".zv-map-grid > figure").first.inner_text().startswith("Sum of all")
    widths = tab.eval_on_selector_all(".zv-map-grid > figure", "all => all.map(one => one.offsetWidth)")
    assert all(width < widths[0] / 1.5 for width in widths[1:]) and len(widths) > 1
    tab.evaluate(
        """() => {
          const { explain } = zslviz.tabs;
          const { x } = explain.state;
          const url = x.maps.maps[0].url;
          const maps = [["one", 0.9], ["two", 0.04], ["three (not in the ranking)", 0], ["sum of all", null]];
          const shown = { ...x.maps, maps: maps.map(([name, share]) => ({ name, share, url })) };
          explain.explained({ ...x, handle: "another", bundle: null, maps: shown, maps_worth: "Of 100 maps, 63 point." });
        }"""
    )
    settle(tab)
    grid = tab.locator(".zv-map-grid")
    assert grid.locator("> figure .zv-map-name").all_inner_texts() == ["Sum of all", "One · adds 90\u00a0%"]
    told = "Not drawn large: two adds 4\u00a0%, three (not in the ranking) adds nothing"
    assert grid.locator("summary").inner_text() == told
    assert not grid.locator("details figure").first.is_visible()
    grid.locator("summary").click()
    assert grid.locator("details figure").count() == 2 and grid.locator("details figure").last.is_visible()
    assert tab.inner_text("#zv-explain .zv-worth") == "Of 100 maps, 63 point."
    assert tab.errors == []
    tab.close()


def test_small_multiples_select_and_opacity_needs_no_server(page: Page) -> None:
    page.locator(".zv-thumbnails button").nth(3).click()
    settle(page)
    assert page.locator(".zv-thumbnails button").nth(3).get_attribute("aria-pressed") == "true"
    asked = len(page.requested)
    page.locator("#zv-opacity").fill("0.3")
    assert page.eval_on_selector(".zv-layer", "one => getComputedStyle(one).opacity") == "0.3"
    assert len(page.requested) == asked
    page.locator("#zv-opacity").fill("0.85")


def test_a_click_on_the_photo_tells_what_the_region_speaks_for(page: Page) -> None:
    page.locator(".zv-map-grid .zv-stack").first.click(position={"x": 40, "y": 40})
    page.wait_for_selector(".zv-chip")
    assert page.locator(".zv-chip").count() == 8
    assert page.locator(".zv-mark").first.is_visible()
    chosen = page.locator(".zv-chip").nth(1)
    name = chosen.inner_text()
    chosen.click()
    settle(page)
    shown = page.eval_on_selector("#zv-attribute", "one => one.selectedOptions[0].textContent")
    assert name.lower().startswith(shown.lower())


def test_parts_are_shown_where_a_model_has_them(browser: Browser, address: str) -> None:
    tab = open_page(browser, address)
    if tab.locator(".zv-parts").is_hidden():
        tab.close()
        pytest.skip("the first model assigns no parts")
    tab.locator(".zv-parts summary").click()
    tab.wait_for_selector(".zv-part-row")
    assert tab.locator(".zv-part-row").count() == tab.locator(".zv-map-grid figure").count() - 1
    assert tab.locator(".zv-part-maps .zv-layer").first.get_attribute("src").startswith("data:image/png")
    tab.close()
