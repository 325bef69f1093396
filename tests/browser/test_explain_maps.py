"""The maps of the tab *Explain & edit*: which there are, of what, what is said of them, and places in them."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Browser, Page, open_page, settle

CARD = "#zv-explain .zv-attribute-maps"
PAINTED = f"document.querySelector('{CARD} .zv-large canvas').toDataURL()"


def painted(page: Page) -> str:
    """The large map as it is drawn now."""
    settle(page)
    page.wait_for_function(f"document.querySelector('{CARD} .zv-large canvas').width > 1")
    page.evaluate("() => new Promise((done) => setTimeout(done, 50))")
    picture: str = page.evaluate(PAINTED)
    return picture


def choose(page: Page, view: str) -> None:
    page.locator(f"{CARD} [data-view={view}]").click()


def test_choosing_an_attribute_changes_the_map_and_what_is_said_of_it(page: Page) -> None:
    before = painted(page)
    name = page.evaluate("zslviz.tabs.explain.state.x.attributes[7]")
    page.select_option("#zv-attribute", "7")
    page.wait_for_selector(
        '#zv-explain .zv-at-maps[data-attribute="7"], #zv-explain [data-attribute="7"]', state="attached"
    )
    assert painted(page) != before
    told = page.locator(f"{CARD} .zv-equation").inner_text()
    assert name in told.lower() and "from places" in told and "that every photo gets" in told
    label = page.get_attribute(f"{CARD} .zv-large .zv-stack", "aria-label")
    assert name in label and "most at the" in label and "places" in label


def test_how_a_map_is_drawn_is_chosen_without_the_server(page: Page) -> None:
    page.evaluate("zslviz.tabs.explain.select(zslviz.tabs.explain.state.x.strongest[0])")
    page.wait_for_function(
        "!document.querySelector('#zv-explain .zv-status').innerText.includes('loading')"
    )  # all is there
    plain, asked = painted(page), len(page.requested)
    pictures = {plain}
    for view in ("stretched", "special", "smooth"):
        choose(page, view)
        pictures.add(painted(page))
        choose(page, view)
        assert painted(page) == plain
    assert len(pictures) == 4
    assert page.locator(f"{CARD} .zv-contour").count() > 0
    names = page.locator(f"{CARD} .zv-share-names button")
    shares = [int(text.split()[-2]) for text in names.all_inner_texts()[1:]]
    assert abs(sum(shares) - 100) <= 1
    names.nth(1).click()
    assert painted(page) != plain and names.nth(1).get_attribute("aria-pressed") == "true"
    names.nth(0).click()
    assert painted(page) == plain
    assert page.requested[asked:] == []
    photo = f"getComputedStyle(document.querySelector('{CARD} .zv-large img')).filter"
    assert "grayscale" in page.evaluate(photo)
    choose(page, "grey")
    assert page.evaluate(photo) == "none"
    choose(page, "grey")


def test_attention_and_evidence_have_each_their_own_legend(page: Page) -> None:
    evidence, legend = painted(page), page.inner_text(".zv-ticks")
    assert "against" in legend
    page.locator("#zv-explain .zv-at-maps .zv-segments label", has_text="looked").click()
    assert painted(page) != evidence
    assert "share of attention" in page.inner_text(".zv-ticks")
    page.locator("#zv-explain .zv-at-maps .zv-segments label", has_text="counted").click()
    assert painted(page) == evidence
    assert page.inner_text(".zv-ticks") == legend


def test_what_cannot_be_seen_has_no_map_and_what_was_not_counted_no_legend(page: Page) -> None:
    hunter = page.evaluate("zslviz.tabs.explain.state.x.attributes.indexOf('hunter')")
    page.select_option("#zv-attribute", str(hunter))
    settle(page)
    page.wait_for_function(f"document.querySelector('{CARD} .zv-large canvas').hidden")
    assert "No place of a photo can show" in page.locator(f"{CARD} .zv-map-says").inner_text()
    assert not page.locator(f"{CARD} .zv-legend").is_visible()
    assert page.locator(f"{CARD} .zv-contour").count() == 0
    page.evaluate(
        """() => {
          const { explain } = zslviz.tabs;
          const { x, attribute } = explain.state;
          const empty = (layer) => ({ ...layer, values: layer.values.map(() => 0), reach: 0, weak: true, where: "" });
          explain.emit("maps", { ...x.maps, attribute, end: 0, layers: x.maps.layers.map(empty), says: [] });
        }"""
    )
    page.wait_for_function(f"document.querySelector('{CARD} .zv-large canvas').hidden")
    page.wait_for_function(f"document.querySelector('{CARD} .zv-legend').hidden")
    page.evaluate("zslviz.tabs.explain.select(zslviz.tabs.explain.state.x.strongest[0])")
    settle(page)


def test_on_a_phone_what_is_said_of_a_map_and_whose_photo_it_is_are_a_tap_away(browser: Browser, address: str) -> None:
    tab = open_page(browser, address, width=390, height=844)
    said = [tab.locator(f"{CARD} {part}") for part in (".zv-map-says", ".zv-share-bar", ".zv-legend", ".zv-region")]
    assert not any(part.is_visible() for part in said)
    tab.click(f"{CARD} .zv-more-maps > summary")
    assert all(part.is_visible() for part in said)
    tab.click("#zv-explain .zv-choose")
    assert tab.locator("#zv-explain .zv-credit a").first.is_visible()
    tab.click(f"{CARD} .zv-more-maps > summary")
    tab.set_viewport_size({"width": 1440, "height": 900})
    said[0].wait_for()  # there is room for it outside of the fold
    assert all(part.is_visible() for part in said)
    tab.close()


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
    assert "no exact evidence" in tab.locator(f"{CARD} .zv-kind-hint").text_content()
    offers = [
        {"name": name, "hint": f"The {name}.", "signed": False, "exact": False} for name in ("rollout", "attention")
    ]
    tab.evaluate("offers => zslviz.tabs.explain.explained({ ...zslviz.tabs.explain.state.x, offers })", offers)
    settle(tab)
    assert tab.locator(".zv-at-maps .zv-segments").first.inner_text().split() == ["Rollout", "Where", "it", "looked"]
    tab.evaluate(
        "zslviz.tabs.explain.explained({ ...zslviz.tabs.explain.state.x, offers: [], maps: null, thumbnails: null })"
    )
    tab.locator(".zv-attr").nth(2).click()
    settle(tab)
    assert not tab.locator("#zv-explain .zv-maps").is_visible()
    assert tab.inner_text("#zv-explain .zv-no-maps") == "This model has no maps of places."
    assert tab.locator(".zv-first-three li").count() == 3 and tab.errors == []
    tab.close()


def test_small_multiples_select_and_opacity_needs_no_server(page: Page) -> None:
    more = page.locator(f"{CARD} .zv-more-maps")
    more.locator("> summary").click()
    page.locator(".zv-thumbnails button").nth(3).click()
    settle(page)
    assert page.locator(".zv-thumbnails button").nth(3).get_attribute("aria-pressed") == "true"
    name = page.evaluate("(({ x, attribute }) => x.attributes[attribute])(zslviz.tabs.explain.state)")
    said = page.locator(f"{CARD} .zv-read").inner_text()  # of the attribute in sight, by the browser alone
    assert said.casefold().startswith(f"{name} is ") and "pairs of a photo with it and one without" in said
    asked = len(page.requested)
    layers = page.evaluate(
        "zslviz.tabs.explain.here.maps((({ attribute, kind }) => ({ attribute, kind }))(zslviz.tabs.explain.state)).layers"
    )
    carrying = [i for i, layer in enumerate(layers) if (layer["share"] or 0) >= 0.25]
    beside = page.locator(f"{CARD} .zv-level-maps button")
    assert beside.count() == (len(carrying) if len(carrying) > 1 else 0), (
        "granularities that carry enough, side by side"
    )
    for button, layer in zip(beside.all(), carrying, strict=False):
        assert f"{round(100 * layers[layer]['share'])}\u00a0%" in button.inner_text()
        button.click()
        assert page.evaluate("zslviz.tabs.explain.state.view.layer") == layer
    page.evaluate("Object.assign(zslviz.tabs.explain.state.view, { layer: 0 }); zslviz.tabs.explain.emit('view')")
    page.locator("#zv-opacity").fill("0.3")
    assert page.eval_on_selector(f"{CARD} .zv-large .zv-layer", "one => getComputedStyle(one).opacity") == "0.3"
    assert len(page.requested) == asked
    page.locator("#zv-opacity").fill("0.85")
    absent = page.evaluate("zslviz.tabs.explain.state.x.thumbnails.thumbnails.map((one) => one.absent)")
    names = page.locator(f"{CARD} .zv-thumbnails button").all_inner_texts()
    assert [name.lower().startswith("not ") for name in names] == absent
    more.locator("> summary").click()


def test_a_place_tells_what_was_counted_there_and_nothing_where_nothing_was(page: Page) -> None:
    x, y = page.evaluate(
        """() => {
          const { x } = zslviz.tabs.explain.state;
          const { values } = x.maps.layers[0];
          const at = values.indexOf(Math.max(...values));
          const [, columns] = x.maps.grid;
          const { geometry: g } = x;
          const [u, v] = [(at % columns) + 0.5, Math.floor(at / columns) + 0.5].map((cell) => (cell * g.size) / columns);
          return [(u - g.left) / g.box_width, (v - g.top) / g.box_height];
        }"""
    )
    stack = page.locator(f"{CARD} .zv-large .zv-stack")
    box = stack.bounding_box()
    stack.click(position={"x": x * box["width"], "y": y * box["height"]})
    page.wait_for_selector(f"{CARD} .zv-places button")
    assert page.locator(f"{CARD} .zv-mark").first.is_visible()
    sizes = page.evaluate(
        f"[...document.querySelectorAll('{CARD} .zv-places i')].map((i) => +i.style.getPropertyValue('--part'))"
    )
    assert sizes == sorted(sizes, reverse=True) and all(0.1 <= size <= 1 for size in sizes)
    chosen = page.locator(f"{CARD} .zv-places button").nth(1)
    name = chosen.locator(".zv-place-name").inner_text()
    chosen.click()
    settle(page)
    shown = page.eval_on_selector("#zv-attribute", "one => one.selectedOptions[0].textContent")
    assert name.lower() == shown.lower()
    stack.click(position={"x": 3, "y": 3})
    page.wait_for_function(
        f"document.querySelector('{CARD} .zv-region-words').textContent.startsWith('Nothing was counted here')"
    )
    assert page.locator(f"{CARD} .zv-places button").count() == 0


def test_parts_are_shown_where_a_model_has_them(browser: Browser, address: str) -> None:
    tab = open_page(browser, address)
    if not tab.evaluate("zslviz.tabs.explain.state.x.has_parts"):
        tab.close()
        pytest.skip("the first model assigns no parts")
    tab.locator(f"{CARD} .zv-more-maps > summary").click()
    tab.locator(".zv-parts summary").click()
    tab.wait_for_selector(".zv-part-row")
    assert tab.locator(".zv-part-row").count() == tab.locator(f"{CARD} .zv-share-names button").count() - 1
    tab.wait_for_function("document.querySelector('.zv-part-maps canvas').width > 1")
    tab.close()
