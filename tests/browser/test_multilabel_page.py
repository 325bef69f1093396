"""The tab *Multi-label* as a visitor uses it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.browser.conftest import Browser, Page, open_page, settle
from tests.browser.multilabel import PUT_BACK, layer, ranking, type_label
from zslviz.checkpoints.listing import list_checkpoints

pytestmark = pytest.mark.skipif(not list_checkpoints(task="multilabel"), reason="no multi-label model is shipped")

SCALE_WORDS = ".zv-label-maps .zv-scale-words"
WORD, UNKNOWN = "lighthouse", "?!"  # a source of sentence vectors knows any word, but no text without one


@pytest.fixture(scope="module")
def shared_labels(browser: Browser, address: str) -> Iterator[Page]:
    tab = open_page(browser, address, "multilabel")
    assert tab.locator(".zv-label-maps .zv-thumbnails button").count() == 0  # drawn when they are opened
    tab.eval_on_selector_all("#zv-multilabel details", "all => all.forEach((one) => (one.open = true))")
    settle(tab, "multilabel")
    yield tab
    tab.close()


@pytest.fixture
def page(shared_labels: Page) -> Iterator[Page]:
    """The tab with the first example explained; the same for every test, put back afterwards."""
    yield shared_labels
    shared_labels.evaluate(PUT_BACK)
    settle(shared_labels, "multilabel")


def test_opens_with_an_example_explained(page: Page) -> None:
    labels = page.evaluate("zslviz.tabs.multilabel.state.x.labels.length")
    assert page.locator(".zv-full-list li").count() == labels
    assert page.locator('.zv-full-list[data-seen="false"] li').count() == page.evaluate(
        "zslviz.tabs.multilabel.state.x.labels.filter(l => !l.seen).length"
    )
    drawn = page.eval_on_selector_all(".zv-label-maps .zv-thumbnails button", "all => all.map(o => o.dataset.label)")
    small = [name for names in drawn for name in names.split("\n")]
    assert sorted(small) == sorted(page.evaluate("zslviz.tabs.multilabel.state.ranking.small"))
    assert page.locator(".zv-counted").count() == page.evaluate("zslviz.tabs.multilabel.state.x.map.boxes.length")
    assert "the mean of its" in page.inner_text(".zv-sum")
    assert page.errors == []


def test_opens_with_what_was_never_trained_on_and_is_in_the_photo(page: Page) -> None:
    state = "zslviz.tabs.multilabel.state"
    first = page.locator(".zv-short-list").first
    assert first.locator("li").count() == 5
    assert first.locator("li.zv-seen").count() == 0
    # the photo that stands first does well: the best never trained on are in it
    there = page.evaluate(f"{state}.x.there.filter(n => !{state}.x.labels.find(l => l.name === n).seen)")
    best = page.evaluate(f"{state}.ranking.leading.unseen")
    assert there and sorted(best[: len(there)]) == sorted(there)
    verdict = page.inner_text(".zv-verdict >> nth=0")
    assert verdict.startswith(f"Right: {best[0]} 1st, {best[1]} 2nd of 44. ")
    ranks = "one => [...one.querySelectorAll('.zv-rank')].map(({ textContent }) => Number(textContent))"
    counted = page.eval_on_selector_all(".zv-label-list", f"all => all.map({ranks})")
    assert counted == [list(range(1, count + 1)) for count in (5, 5, 44, 88)]  # the places that sentences tell
    assert page.input_value("#zv-label") == best[0]
    # and count as found, by the bar of their own group; list, sentence and colours say one number
    found = page.eval_on_selector_all(
        ".zv-short-list >> nth=0 >> li.zv-found .zv-name", "all => all.map((one) => one.textContent)"
    )
    known = len(there) if len(found) > len(there) else "both" if len(found) == 2 else "all"
    assert set(there) <= set(found) and f"Found: {len(found)}, {known} known to be there." in verdict
    strength = int(first.locator(".zv-score").first.inner_text())
    assert strength >= 100 and f"{best[0]}: {strength} = the mean of its" in page.inner_text(".zv-sum")
    low, _, high = (int(one) for one in page.locator(".zv-label-scale .zv-ticks b").all_inner_texts())
    assert low < strength <= high
    shown = page.locator(".zv-labels .zv-score, .zv-label-scale .zv-ticks").all_text_contents()
    assert not any("−" in text or "-" in text for text in shown)


def test_a_weak_map_is_stretched_says_so_and_can_be_put_back_on_the_one_scale(page: Page) -> None:
    times = 1 / page.evaluate("zslviz.tabs.multilabel.state.x.map.reach")
    assert times > 2 and f"Stretched {times:.1f}×" in page.inner_text(SCALE_WORDS)
    assert page.is_checked("#zv-multilabel .zv-stretch input")
    before = layer(page)
    page.locator("#zv-multilabel .zv-stretch input").uncheck()
    assert layer(page) != before
    assert "hardly seen" in page.inner_text(SCALE_WORDS)
    page.locator("#zv-multilabel .zv-stretch input").check()
    assert layer(page) == before
    assert page.locator("#zv-multilabel .zv-large .zv-contour").count() >= 3
    photo = "#zv-multilabel .zv-large .zv-stack > img:first-child"
    assert "grayscale(1)" in page.eval_on_selector(photo, "one => getComputedStyle(one).filter")
    page.locator(".zv-grey-choice").uncheck()
    assert page.eval_on_selector(photo, "one => getComputedStyle(one).filter") == "none"


def test_a_typed_word_shows_its_nearest_labels_and_nonsense_gets_no_rank(page: Page) -> None:
    type_label(page, "fortress")
    said, place = page.inner_text("#zv-add-said"), page.locator(".zv-full-list li.zv-added .zv-rank").inner_text()
    assert f"is {place}" in said and "of the 45 never trained on" in said and "Nearest labels: castle" in said
    type_label(page, "zzqx")
    said = page.inner_text("#zv-add-said")
    assert "“zzqx” is no word that is known here" in said and "never trained on" not in said
    ranks = page.eval_on_selector_all(
        "li.zv-added", "all => all.map((one) => one.querySelector('.zv-rank').textContent)"
    )
    assert ranks.count("?") == len(ranks) // 2 > 0


def test_each_list_is_one_stop_for_the_keyboard_and_is_read_as_it_is_written(page: Page) -> None:
    stops = page.eval_on_selector_all(
        ".zv-label-list", "all => all.map((one) => one.querySelectorAll('.zv-label-row[tabindex=\"0\"]').length)"
    )
    assert stops == [1] * len(stops)
    page.locator(".zv-short-list .zv-label-row").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    focused = "document.activeElement.querySelector('.zv-name').textContent"
    assert page.evaluate(focused) == page.evaluate("zslviz.tabs.multilabel.state.ranking.leading.unseen[4]")
    row = page.locator(".zv-short-list .zv-label-row").first
    assert row.get_attribute("aria-label") is None
    assert "in the photo, never trained on, found" in row.inner_text().replace("\n", "")


def test_the_handicap_keeps_its_range_when_what_counts_as_found_changes(page: Page) -> None:
    ends = (
        "(() => { const { min, max, value } = document.querySelector('#zv-label-gamma'); return [min, max, value]; })()"
    )
    before = page.evaluate(ends)
    page.locator(".zv-unseen-only").check()
    settle(page, "multilabel")
    page.locator(".zv-bar-choice label", has_text="the best few").click()
    settle(page, "multilabel")
    assert page.evaluate(ends) == before


def test_a_typed_label_joins_as_unseen_and_shows_its_map_and_goes_again(page: Page) -> None:
    before, map_before = ranking(page), layer(page)
    type_label(page, WORD)
    added = page.locator('.zv-full-list[data-seen="false"] li.zv-added')
    assert added.count() == 1
    assert WORD in added.inner_text()
    assert layer(page) != map_before
    assert page.inner_text(".zv-sum").lower().startswith(WORD)
    assert page.input_value("#zv-label") == WORD
    page.get_by_role("button", name=f"Remove the label {WORD}").first.click()
    assert ranking(page) == before
    assert layer(page) == map_before


def test_a_label_without_a_vector_is_answered_beside_the_input_and_nothing_is_lost(page: Page) -> None:
    type_label(page, WORD)
    before, map_before = ranking(page), layer(page)
    type_label(page, UNKNOWN)
    sentence = page.inner_text("#zv-add-said")
    assert UNKNOWN in sentence
    assert page.input_value("#zv-add-name") == UNKNOWN
    assert (ranking(page), layer(page)) == (before, map_before)
    type_label(page, WORD)
    assert "already" in page.inner_text("#zv-add-said")
    assert page.locator(".zv-full-list li.zv-added").count() == 1


def test_threshold_first_gamma_and_unseen_only(page: Page) -> None:
    first = ranking(page)
    page.locator("#zv-strength").press("End")
    settle(page, "multilabel")
    assert page.locator(".zv-full-list li.zv-found").count() <= 1
    page.locator(".zv-strength-reset").click()
    assert ranking(page) == first
    page.locator(".zv-bar-choice label", has_text="the best few").click()
    settle(page, "multilabel")
    assert page.locator(".zv-full-list li.zv-found").count() == 5
    page.locator(".zv-bar-choice label", has_text="above a strength").click()
    page.locator("#zv-label-gamma").press("End")
    assert ranking(page) != first
    page.locator(".zv-labels .zv-gamma-reset").click()
    assert ranking(page) == first
    page.locator(".zv-unseen-only").check()
    settle(page, "multilabel")
    assert page.locator(".zv-full-list li.zv-seen").count() == 0
    page.locator(".zv-unseen-only").uncheck()
    assert ranking(page) == first


def test_an_edit_writes_what_it_changes_and_draws_no_list_that_is_folded_away(page: Page) -> None:
    every = page.locator(".zv-all-labels > summary")
    before = ranking(page)
    every.click()
    page.evaluate(
        """() => {
          const all = window.written = [];
          const parts = ".zv-label-list, .zv-large, .zv-labels";
          const part = (node) => (node instanceof Element ? node : node.parentElement)?.closest(parts)?.className;
          const note = ({ type, target }) => all.push([type, part(target) || ""]);
          window.noting = new MutationObserver((records) => records.forEach(note));
          const everything = { subtree: true, childList: true, characterData: true, attributes: true };
          window.noting.observe(document.querySelector("#zv-multilabel"), everything);
        }"""
    )
    page.locator("#zv-strength").press("Home")
    settle(page, "multilabel")
    written = page.evaluate("(window.noting.disconnect(), window.written)")
    assert any(where.startswith("zv-label-list zv-short-list") for _, where in written)  # labels are found now
    assert not any("zv-full-list" in where or "zv-large" in where for _, where in written)
    assert not any(
        kind == "childList" and "zv-label-list" in where for kind, where in written
    )  # no line has another place
    every.click()
    settle(page, "multilabel")
    found = page.evaluate("zslviz.tabs.multilabel.state.ranking.labels.filter((one) => one.found).length")
    assert found > 5 and page.locator(".zv-full-list li.zv-found").count() == found
    page.locator(".zv-strength-reset").click()
    assert ranking(page) == before


def test_the_filter_needs_no_server(page: Page) -> None:
    name = page.evaluate("zslviz.tabs.multilabel.state.x.labels[0].name")
    asked = len(page.requested)
    page.fill("#zv-label-filter", name)
    shown = page.eval_on_selector_all(
        ".zv-full-list li:not([hidden]) .zv-name", "all => all.map(one => one.textContent)"
    )
    assert name in shown
    assert all(name in one for one in shown)
    assert len(page.requested) == asked


def test_choosing_a_label_in_list_or_small_picture_shows_its_map(page: Page) -> None:
    before = layer(page)
    page.locator(".zv-label-maps .zv-thumbnails button").nth(2).click()
    settle(page, "multilabel")
    assert page.locator(".zv-label-maps .zv-thumbnails button").nth(2).get_attribute("aria-pressed") == "true"
    assert layer(page) != before
    row = page.locator('.zv-full-list[data-seen="true"] .zv-label-row').nth(1)
    row.focus()
    row.press("Enter")
    settle(page, "multilabel")
    assert row.get_attribute("aria-pressed") == "true"
    assert page.inner_text(".zv-sum").lower().startswith(row.locator(".zv-name").inner_text().lower())
    page.locator(".zv-label-maps .zv-thumbnails button").first.click()
    settle(page, "multilabel")


def test_a_click_on_the_photo_names_labels_and_where_the_region_looked(page: Page) -> None:
    before = layer(page)
    page.locator("#zv-multilabel .zv-large .zv-stack").click(position={"x": 300, "y": 120})
    page.wait_for_selector(".zv-label-maps .zv-chip")
    assert page.locator(".zv-label-maps .zv-chip").count() >= 1
    assert "speaks most for" in page.inner_text(".zv-label-maps .zv-region-words")
    assert page.locator("#zv-multilabel .zv-large .zv-mark").is_visible()
    page.locator(".zv-looked input").check()
    assert layer(page) != before
    assert "share" in page.inner_text(".zv-label-maps .zv-ticks")
    page.locator(".zv-looked input").uncheck()
    assert layer(page) == before
    chip = page.locator(".zv-label-maps .zv-chip").first
    chip.click()
    settle(page, "multilabel")
    assert page.input_value("#zv-label") in chip.inner_text()
    page.locator(".zv-label-maps .zv-thumbnails button").first.click()
    settle(page, "multilabel")


def test_several_labels_are_hatched_with_a_legend(page: Page) -> None:
    page.locator(".zv-label-maps .zv-segments label", has_text="Several").click()
    page.wait_for_selector(".zv-hatches li")
    settle(page, "multilabel")
    assert page.locator(".zv-hatches li").count() == 2  # more are a tangle
    for i in (2, 3):
        page.locator('.zv-full-list[data-seen="false"] .zv-label-row').nth(i).click()
        settle(page, "multilabel")
    assert page.locator(".zv-hatches li").count() == 4
    lines = page.eval_on_selector_all(
        ".zv-hatching pattern",
        "all => all.map(one => [one.getAttribute('patternTransform'), one.lastChild.getAttribute('fill')])",
    )
    assert len({angle for angle, _ in lines}) == len({colour for _, colour in lines}) == 4
    page.locator('.zv-full-list[data-seen="false"] .zv-label-row').nth(4).click()
    page.wait_for_selector("#zv-toast:not([hidden])")
    assert "At most 4" in page.inner_text("#zv-toast")
    page.locator(".zv-hatches button").first.click()
    settle(page, "multilabel")
    assert page.locator(".zv-hatches li").count() == 3
    with page.expect_download() as picture:
        page.locator(".zv-label-maps .zv-save").click()
    with Image.open(picture.value.path()) as image:
        assert list(image.size) == page.evaluate(
            "[zslviz.tabs.multilabel.state.x.width, zslviz.tabs.multilabel.state.x.height]"
        )


def test_downloads_carry_the_added_label(page: Page) -> None:
    type_label(page, WORD)
    with page.expect_download() as table:
        page.locator(".zv-labels-csv").click()
    rows = list(csv.DictReader(io.StringIO(Path(table.value.path()).read_text(encoding="utf-8"))))
    assert [row["label"] for row in rows if row["added"] == "1"] == [WORD]
    with page.expect_download() as data:
        page.locator(".zv-labels-json").click()
    assert json.loads(Path(data.value.path()).read_text(encoding="utf-8"))["added"] == [WORD]


def test_choices_do_not_move_the_layout(page: Page) -> None:
    measure = "() => [...document.querySelectorAll('#zv-multilabel .zv-panel')].map((one) => one.offsetHeight)"
    before = page.evaluate(measure)
    type_label(page, WORD)
    assert page.evaluate(measure) == before
    type_label(page, UNKNOWN)
    page.locator("#zv-multilabel .zv-large .zv-stack").click(position={"x": 300, "y": 120})
    page.wait_for_selector(".zv-label-maps .zv-chip")
    page.locator(".zv-label-maps .zv-segments label", has_text="Several").click()
    settle(page, "multilabel")
    assert page.evaluate(measure) == before
