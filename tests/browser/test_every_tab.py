"""What a visitor finds alike in every tab: a photo of her own, refusals in one sentence, labels, a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.browser.conftest import Browser, Page, open_page, open_tab, settle
from zslviz.checkpoints.listing import list_checkpoints
from zslviz.ui.tabs import TABS, TabPlace

LARGEST_SHIFT = 0.02  # of the layout: the sum of what the browser counts of it

each_tab = pytest.mark.parametrize(
    "place",
    [place for place in TABS if list_checkpoints(task=place.task)],
    ids=lambda place: place.name,
)


@pytest.fixture(scope="module")
def opened(browser: Browser, address: str) -> Iterator[dict[str, Page]]:
    """Pages by tab, for tests that come one after the other."""
    pages: dict[str, Page] = {}
    yield pages
    for page in pages.values():
        page.close()


@pytest.fixture
def page(place: TabPlace, opened: dict[str, Page], browser: Browser, address: str) -> Page:
    """A page on the tab; the same for every test that takes it."""
    if place.name not in opened:
        opened[place.name] = open_page(browser, address, place.name)
    return opened[place.name]


@pytest.fixture
def words(place: TabPlace) -> list[str]:
    """A word that is typed in tabs that take words."""
    return ["turquoise"] if place.kind.adds_words else []


def card(place: TabPlace, selector: str = "") -> str:
    return f"#zv-{place.name} .zv-card {selector}"


def added(place: TabPlace) -> str:
    """A script: the words added in a tab, as text."""
    return f"JSON.stringify(zslviz.tabs.{place.name}.state.added ?? [])"


def type_in(page: Page, place: TabPlace, words: list[str]) -> None:
    for word in words:
        page.fill(card(place, ".zv-add input[type=text]"), word)
        page.press(card(place, ".zv-add input[type=text]"), "Enter")
        page.wait_for_function(f"word => ({added(place)}).includes(word)", arg=word)
    settle(page, place.name)


def change(page: Page, place: TabPlace, words: list[str]) -> None:
    """Does what a visitor does in a tab: types words, or edits an attribute where its store can `edit`; nothing elsewhere."""
    type_in(page, place, words)
    if not words:
        page.evaluate(f"zslviz.tabs.{place.name}.edit?.('image', 0, 1.25)")


def drawn(page: Page, place: TabPlace) -> list[object]:
    """What the tab shows, and the visitor's state behind it."""
    settle(page, place.name)
    page.wait_for_function("() => !document.querySelector('.zv-behind')")  # the answer in words follows the ranking
    texts = page.eval_on_selector_all(
        card(place, ":is(h2, h3, li, td, p:not(.zv-status, .zv-announce))"), "all => all.map(one => one.innerText)"
    )
    pictures = page.eval_on_selector_all(card(place, "img"), "all => all.map(one => one.src)")
    return [texts, pictures, page.evaluate(f"JSON.stringify(zslviz.tabs.{place.name}.state)")]


@each_tab
def test_opens_with_its_first_example_explained_and_asks_nobody_else(place: TabPlace, page: Page, address: str) -> None:
    said = "Ready for your own photo" if place.kind.opens_alone else "Explained in"
    page.wait_for_function(
        "([at, said]) => document.querySelector(at).innerText.startsWith(said)", arg=[card(place, ".zv-status"), said]
    )
    assert page.locator(card(place, '.zv-examples button[aria-pressed="true"]')).count() == 1
    assert page.input_value(card(place, ".zv-model")) == page.evaluate(f"zslviz.tabs.{place.name}.state.x.model")
    assert [url for url in page.requested if not url.startswith((address, "data:", "blob:"))] == []
    assert page.errors == []


@each_tab
def test_a_text_file_named_jpg_leaves_the_tab_and_says_one_sentence(
    place: TabPlace, page: Page, words: list[str], tmp_path: Path
) -> None:
    change(page, place, words)
    before = drawn(page, place)
    fake = tmp_path / "holiday.jpg"
    fake.write_text("this is no picture")
    page.set_input_files(card(place, ".zv-file"), fake)
    page.wait_for_selector(card(place, '.zv-status[data-kind="error"]'))
    sentence = page.inner_text(card(place, ".zv-status"))
    assert sentence.startswith("'holiday.jpg' is not a picture that can be read")
    assert sentence.count(".") <= 2
    assert drawn(page, place) == before


@each_tab
def test_an_own_photo_is_explained_with_the_words_typed_before_and_in_this_tab_alone(
    place: TabPlace, page: Page, words: list[str], tmp_path: Path
) -> None:
    state = f"zslviz.tabs.{place.name}.state"
    type_in(page, place, [word for word in words if word not in page.evaluate(added(place))])
    handle = page.evaluate(f"{state}.x.handle")
    picture = tmp_path / "mine.png"
    Image.effect_noise((90, 160), 60).convert("RGB").save(picture)
    page.set_input_files(card(place, ".zv-file"), picture)
    page.wait_for_function(f"old => {state}.x.handle !== old", arg=handle)
    settle(page, place.name)
    assert page.inner_text(card(place, ".zv-title")) == "mine.png"
    assert page.inner_text(card(place, ".zv-truth")) == ""
    assert all(word in page.evaluate(added(place)) for word in words)
    others = [other.name for other in TABS if other is not place]
    assert "mine.png" not in [page.evaluate(f"zslviz.tabs.{other}?.state.x?.title") for other in others]
    assert page.errors == []


@each_tab
def test_every_input_has_a_label(place: TabPlace, page: Page) -> None:
    unnamed = page.eval_on_selector_all(
        card(place, ":is(input, select, button)"),
        """all => all.filter((one) =>
             !(one.getAttribute("aria-label") || one.textContent.trim() || (one.labels && one.labels.length)))
             .map((one) => one.outerHTML.slice(0, 120))""",
    )
    assert unnamed == []


@each_tab
def test_every_fold_can_be_left_out_by_a_link(place: TabPlace, page: Page) -> None:
    kept = page.evaluate(
        """(board) => {
          const all = [...document.querySelectorAll(`${board} details`)].filter((one) => !one.parentElement.closest("details"));
          const parts = Object.values(zslviz.link.parts).filter(({ offered }) => offered);
          const left = (one) => parts.some(({ selector }) => one.closest(selector));
          return { count: all.length, kept: all.filter((one) => !left(one)).map((one) => one.className) };
        }""",
        f"#zv-{place.name}",
    )
    assert kept["count"] > 0 and kept["kept"] == []
    offered = page.evaluate(
        "Object.values(zslviz.link.parts).filter(({ offered }) => offered).map(({ title }) => title)"
    )
    folds = page.eval_on_selector_all(
        f"#zv-{place.name} .zv-live > .zv-fold h2", "all => all.map((one) => one.textContent)"
    )
    assert len(offered) == len(set(offered)) and all(name.strip() for name in offered)
    if place is TABS[0]:
        assert {"What would it take?", "What this model has learned"} <= set(folds) & set(offered)


@each_tab
def test_on_a_phone_nothing_overflows_and_no_text_is_cut(
    place: TabPlace, words: list[str], browser: Browser, address: str
) -> None:
    page = open_page(browser, address, place.name, 390, 844, "dark")
    type_in(page, place, words)
    for theme in ("dark", "light"):
        page.evaluate("dark => document.body.classList.toggle('dark', dark)", theme == "dark")
        background = page.evaluate(f"getComputedStyle(document.querySelector('{card(place).strip()}')).backgroundColor")
        assert (background == "rgb(255, 255, 255)") == (theme == "light")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        cut = page.eval_on_selector_all(
            card(place, ":is(span, p, h2, h3, h4, label, button, figcaption, b)"),
            """all => all.filter((one) => one.offsetParent && !one.closest("table") && !one.children.length
                   && one.textContent.trim())
                 .filter((one) => { const b = one.getBoundingClientRect(); return b.right > 391 || b.left < -1; })
                 .map((one) => one.outerHTML.slice(0, 160))""",
        )
        assert cut == []
    assert page.errors == []
    page.close()


def test_nothing_moves_before_the_eyes_when_a_tab_is_opened(browser: Browser, address: str) -> None:
    watch = """window.moved = 0; new PerformanceObserver((list) => list.getEntries().forEach(({ value }) => (moved += value)))
      .observe({ type: "layout-shift", buffered: true })"""
    with browser.new_context() as context:
        context.add_init_script(watch)
        page = open_page(context, address, width=390, height=844)
        for place in TABS[1:]:
            page.evaluate("window.moved = 0")
            open_tab(page, place.title)
            settle(page, place.name)
            page.wait_for_selector(f"#zv-{place.name}:not(.zv-waiting)")
            page.wait_for_timeout(300)
            assert page.evaluate("moved") < LARGEST_SHIFT, place.title
