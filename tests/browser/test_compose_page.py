"""The tab *Compose* as a visitor uses it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.browser.conftest import Browser, Page, open_page, settle
from tests.browser.matrix import STATE, cells_where, painted
from zslviz.checkpoints.listing import list_checkpoints

pytestmark = pytest.mark.skipif(not list_checkpoints(task="compositional"), reason="no compositional model is shipped")

WORD, UNKNOWN = "turquoise", "xqwzzy"


@pytest.fixture(scope="module")
def shared_pairs(browser: Browser, address: str) -> Iterator[Page]:
    tab = open_page(browser, address, "compose")
    assert tab.locator(".zv-multiples .zv-places").count() == 0  # what is folded away is drawn when it is opened
    tab.eval_on_selector_all("#zv-compose details", "all => all.forEach((one) => (one.open = true))")
    settle(tab, "compose")
    yield tab
    tab.close()


@pytest.fixture
def page(shared_pairs: Page) -> Iterator[Page]:
    """The tab with the first example explained; the same for every test, put back afterwards."""
    yield shared_pairs
    shared_pairs.evaluate(
        """() => {
          const press = (selector) => { const b = document.querySelector(selector); if (b && !b.disabled) b.click(); };
          document.querySelectorAll(".zv-words button").forEach((one) => one.click());
          for (const name of ["world\\"][value=\\"closed", "refined\\"][value=\\"after", "multiples\\"][value=\\"queries"]) {
            press(`input[name="zv-${name}"]:not(:checked)`);
          }
          press(".zv-bias-reset");
          const { x, other } = zslviz.tabs.compose.state;
          zslviz.tabs.compose.change({ threshold: x.biting });
          if (other) zslviz.tabs.compose.compare(null);
          zslviz.tabs.compose.explainWinner();
        }"""
    )
    settle(shared_pairs, "compose")


def ranking(page: Page) -> list[object]:
    """The matrix and the list as drawn, and the numbers behind them to the last digit."""
    settle(page, "compose")
    cells = page.eval_on_selector_all(".zv-table td[data-at]", "all => all.map(one => one.getAttribute('aria-label'))")
    heat = page.eval_on_selector(".zv-matrix-heat", "one => one.toDataURL()")
    lines = page.eval_on_selector_all(".zv-pair-list li", "all => all.map(one => one.innerText)")
    return [*cells, heat, *lines, page.evaluate(f"JSON.stringify({STATE}.ranking)")]


def layers(page: Page) -> list[str]:
    settle(page, "compose")
    return page.eval_on_selector_all(".zv-pair-maps figure:not([hidden]) .zv-layer", "all => all.map(one => one.src)")


def type_word(page: Page, word: str, kind: str = "state") -> None:
    page.select_option(".zv-word-kind", kind)
    page.fill("#zv-word", word)
    page.press("#zv-word", "Enter")
    page.wait_for_function("() => !document.querySelector('.zv-pairs .zv-add button').disabled")
    settle(page, "compose")


def numbers(page: Page, term: str) -> list[float]:
    texts = page.eval_on_selector_all(f'tr[data-term="{term}"] td', "all => all.map(one => one.textContent)")
    return [float(text.replace("−", "-")) for text in texts]


def test_opens_with_an_example_explained(page: Page) -> None:
    states, objects = page.evaluate(f"[{STATE}.space.states.length, {STATE}.space.objects.length]")
    assert page.locator(".zv-table td[data-at]").count() == states * objects
    assert page.locator(".zv-table tbody th").count() == states
    assert page.locator(".zv-pair-list li").count() == 10
    assert page.locator(".zv-table td.zv-best").count() == 1
    assert page.locator(".zv-table td.zv-true").count() == 1
    # state, object and both looked at the same places: one picture; then what it counted, for the other one, and the difference
    assert len([url for url in layers(page) if url.startswith("data:image/png")]) == 4
    assert "one picture shows all three" in page.inner_text(".zv-same-words")
    assert page.locator("#zv-compose .zv-places").count() == 1
    assert "All 8 looked at the same places" in page.inner_text(".zv-multiples-words")
    assert "this is our construction" in page.inner_text("#zv-compose .zv-remark")
    assert page.errors == []


def test_what_a_models_answers_are_called_is_its_own_to_say(page: Page) -> None:
    """As another model tells it, and of one that answers once."""
    tell = """refining => {
      const { state, emit } = zslviz.tabs.compose;
      state.x = { ...state.x, refining, remark: "" };
      for (const event of ["explained", "ranking", "selecting"]) emit(event);
      emit("pair", state.x.pair);
    }"""
    x = page.evaluate(f"(({{ refining, remark }}) => ({{ refining, remark }}))({STATE}.x)")
    other = {"before": "Bare", "after": "Dressed", "turned": "Dressing turned it by {}.", "beside": "Skin"}
    page.evaluate(tell, other)
    told = page.inner_text(".zv-matrix") + page.inner_text(".zv-pairs") + page.inner_text(".zv-made")
    assert all(word in told for word in ("Bare", "Dressed", "Dressing turned it by", "Skin", "rank bare", ", bare "))
    assert not any(word in told for word in ("sight", "Refiner", "looking again", "Whole photo"))
    page.evaluate(tell, None)
    told = page.inner_text(".zv-matrix") + page.inner_text(".zv-pairs")
    assert "answers once" in told and "was 1st" not in told and not page.is_visible('input[name="zv-refined"]')
    page.evaluate(f"given => Object.assign({STATE}.x, given)", x)
    page.evaluate("['explained', 'ranking', 'selecting'].forEach(zslviz.tabs.compose.emit)")


def test_the_open_world_says_what_its_threshold_does(page: Page) -> None:
    page.locator(".zv-matrix label", has_text="Open world").click()
    settle(page, "compose")
    said, words = page.inner_text(".zv-ruled-out"), page.inner_text(".zv-world-words")
    out = page.evaluate(f"{STATE}.space.seen.flat().length - {STATE}.ranking.competing")
    assert out > 40 and said == f"Rules out {out} of 390 pairs." and f"{out} are ruled out" in words
    page.locator(".zv-feasibility-own").click()
    settle(page, "compose")
    left = page.evaluate(f"{STATE}.ranking.competing")
    assert left > 390 - out and page.inner_text(".zv-ruled-out") == f"Rules out {390 - left} of 390 pairs."


def test_the_ranking_waits_for_no_map_and_maps_come_with_the_name_of_their_pair(page: Page) -> None:
    page.evaluate(
        """() => {
          window.written = [];
          const everything = { subtree: true, childList: true, characterData: true, attributes: true };
          new MutationObserver((records) => {
            const of = ({ target }) => (target instanceof Element ? target : target.parentElement);
            const has = (wanted) => records.some((one) => wanted(of(one)));
            const found = {
              ranking: has((one) => one?.closest(".zv-world-words, .zv-pair-list")),
              title: has((one) => one?.closest("#zv-pair-title")),
              maps: has((one) => one?.matches(".zv-pair-maps .zv-layer")),
            };
            if (Object.values(found).some(Boolean)) window.written.push(found);
          }).observe(document.querySelector("#zv-compose"), everything);
        }"""
    )
    other = page.locator(".zv-pair-list li:nth-child(4)")
    other.locator("button").click()
    settle(page, "compose")
    page.locator(".zv-matrix label", has_text="Open world").click()  # whose winner is explained then
    settle(page, "compose")
    written = page.evaluate("window.written")
    assert sum(one["title"] for one in written) == 2 and all(one["maps"] for one in written if one["title"])
    assert any(one["ranking"] and not one["maps"] for one in written)
    winner = page.evaluate(f"{STATE}.ranking.pairs[0].name")
    assert page.inner_text("#zv-pair-title") == f"Where it sees {winner}"
    assert page.inner_text(".zv-standing").startswith("The winner of the open world.")


def test_a_click_selects_a_pair_and_shift_click_compares(page: Page) -> None:
    before = layers(page)
    page.locator('.zv-table td[data-at="3 4"]').click()
    settle(page, "compose")
    pair = page.evaluate(f"{STATE}.pair")
    assert page.inner_text("#zv-pair-title") == f"Where it sees {' '.join(pair)}"
    assert page.inner_text(".zv-selected").strip().startswith(" ".join(pair))
    assert layers(page) != before
    page.locator('.zv-table td[data-at="6 2"]').click(modifiers=["Shift"])
    settle(page, "compose")
    assert page.evaluate(f"{STATE}.pair") == pair
    assert "zv-other" in str(page.locator('.zv-table td[data-at="6 2"]').get_attribute("class"))
    other = page.evaluate(f"{STATE}.other")
    assert json.loads(page.input_value("#zv-other")) == other
    page.locator(".zv-compare-next").check()  # as a finger does it
    page.locator('.zv-table td[data-at="7 2"]').click()
    settle(page, "compose")
    assert page.evaluate(f"{STATE}.pair") == pair
    assert "zv-other" in str(page.locator('.zv-table td[data-at="7 2"]').get_attribute("class"))
    assert not page.is_checked(".zv-compare-next")
    page.select_option("#zv-other", index=0)
    settle(page, "compose")
    assert page.evaluate(f"{STATE}.other") is None


def test_the_keyboard_moves_and_selects(page: Page) -> None:
    page.locator('.zv-table td[data-at="2 2"]').click()
    settle(page, "compose")
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowUp", "ArrowDown"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.dataset.at") == "3 4"
    assert page.locator('.zv-table td[aria-selected="true"]').get_attribute("data-at") == "2 2"
    page.keyboard.press("Enter")
    settle(page, "compose")
    assert page.locator('.zv-table td[aria-selected="true"]').get_attribute("data-at") == "3 4"
    assert page.locator('.zv-table td[tabindex="0"]').count() == 1


def test_logits_and_their_difference_add_up(page: Page) -> None:
    page.locator(".zv-pair-list button").nth(3).click()
    settle(page, "compose")
    terms = page.eval_on_selector_all("tr[data-term]", "all => all.map(one => one.dataset.term)")
    assert terms[:3] == ["places", "rest", "logit"] and terms[-1] == "score"
    rows = {term: numbers(page, term) for term in terms}
    for places, rest, logit, *added, score in zip(*rows.values(), strict=True):
        assert places + rest == pytest.approx(logit, abs=0.011)
        assert logit + sum(added) == pytest.approx(score, abs=0.03)
    for first, second, apart in rows.values():
        assert first - second == pytest.approx(apart, abs=0.011)


def test_worlds_threshold_bias_and_refinement_come_back_exactly(page: Page) -> None:
    first = ranking(page)
    assert page.locator("#zv-feasibility").is_disabled()
    page.locator(".zv-matrix label", has_text="Open world").click()
    settle(page, "compose")
    row, column = cells_where(page, "!rank")[0]
    assert "below" in str(page.get_attribute(f'td[data-at="{row} {column}"]', "aria-label"))
    page.locator("#zv-feasibility").press("Home")
    settle(page, "compose")
    assert not cells_where(page, "!rank") and painted(page, (row, column), 0.2)[3] == 255
    page.locator(".zv-feasibility-reset").click()
    page.locator(".zv-matrix label", has_text="Closed world").click()
    assert ranking(page) == first
    page.locator("#zv-bias").press("End")
    settle(page, "compose")
    assert page.locator(".zv-pair-list li").first.get_attribute("class").startswith("zv-unseen")
    page.locator(".zv-bias-reset").click()
    assert ranking(page) == first
    page.locator(".zv-matrix label", has_text="At first sight").click()
    settle(page, "compose")
    assert "then " in page.inner_text(".zv-pair-list")
    page.locator(".zv-matrix label", has_text="After looking again").click()
    assert ranking(page) == first


@pytest.mark.parametrize("kind", ["state", "object"])
def test_a_typed_word_joins_as_unseen_and_goes_again(page: Page, kind: str) -> None:
    before, maps = ranking(page), layers(page)
    pairs, others = page.locator(".zv-table td[data-at]").count(), page.evaluate(f"{STATE}.space.{kind}s.length")
    type_word(page, WORD if kind == "state" else "scarves", kind)
    assert page.locator(".zv-table td[data-at]").count() == pairs + pairs // others
    assert page.locator(".zv-added-head").count() == 1
    assert page.evaluate(f"{STATE}.pair[{0 if kind == 'state' else 1}]") in (WORD, "scarves")
    assert layers(page) != maps
    page.locator(".zv-words button").click()
    assert ranking(page) == before
    assert page.locator(".zv-added-head").count() == 0


def test_an_unknown_word_is_answered_beside_the_input_and_nothing_is_lost(page: Page) -> None:
    type_word(page, WORD)
    before, maps = ranking(page), layers(page)
    type_word(page, UNKNOWN)
    assert UNKNOWN in page.inner_text("#zv-word-said")
    assert page.input_value("#zv-word") == UNKNOWN
    assert (ranking(page), layers(page)) == (before, maps)
    type_word(page, WORD)
    assert "already" in page.inner_text("#zv-word-said")


def test_small_maps_of_states_objects_and_pairs_select(page: Page) -> None:
    for kind in ("states", "objects", "pairs"):
        page.locator(".zv-multiples-kind label", has_text="Best pairs" if kind == "pairs" else kind.title()).click()
        page.wait_for_selector(f'.zv-multiples[data-kind="{kind}"]')
        small = page.locator(".zv-multiples button").nth(4)
        name = small.inner_text()
        small.click()
        settle(page, "compose")
        assert page.locator(".zv-multiples button", has_text=name).first.get_attribute("aria-pressed") == "true"
        assert all(word in page.inner_text("#zv-pair-title") for word in name.lower().split())


def test_downloads(page: Page) -> None:
    type_word(page, WORD)
    with page.expect_download() as picture:
        page.locator('figure[data-kind="evidence"] .zv-save').click()
    with Image.open(picture.value.path()) as image:
        assert list(image.size) == page.evaluate(f"[{STATE}.x.width, {STATE}.x.height]")
    with page.expect_download() as table:
        page.locator(".zv-pairs-csv").click()
    rows = list(csv.DictReader(io.StringIO(Path(table.value.path()).read_text(encoding="utf-8"))))
    assert len(rows) == page.locator(".zv-table td[data-at]").count()
    assert {row["seen"] for row in rows if row["state"] == WORD} == {"0"}
    with page.expect_download() as data:
        page.locator(".zv-pairs-json").click()
    assert json.loads(Path(data.value.path()).read_text(encoding="utf-8"))["ranked"]["added"]["states"] == [WORD]


def test_every_cell_says_what_it_is(page: Page) -> None:
    labels = page.eval_on_selector_all(".zv-table td[data-at]", "all => all.map(one => one.getAttribute('aria-label'))")
    assert len(set(labels)) == len(labels)
    assert all("trained on" in label for label in labels)


def test_choices_do_not_move_the_layout(page: Page) -> None:
    measure = "() => [...document.querySelectorAll('#zv-compose .zv-panel')].map((one) => one.offsetHeight)"
    before = page.evaluate(measure)
    type_word(page, WORD)
    assert "Nearest states: pink" in page.inner_text("#zv-word-said")
    assert page.evaluate(measure) == before
    type_word(page, UNKNOWN)
    page.locator(".zv-matrix label", has_text="Open world").click()
    page.locator('.zv-table td[data-at="7 8"]').click()
    settle(page, "compose")
    assert page.evaluate(measure) == before


def test_on_a_phone_the_matrix_scrolls_in_its_box(browser: Browser, address: str) -> None:
    tab = open_page(browser, address, "compose", 390, 844)
    type_word(tab, WORD)
    assert tab.eval_on_selector(".zv-matrix-box", "one => one.scrollWidth > one.clientWidth")
    head = "() => document.querySelector('.zv-table tbody th').getBoundingClientRect().left"
    before = tab.evaluate(head)
    tab.eval_on_selector(".zv-matrix-box", "one => (one.scrollLeft += 40)")
    assert tab.evaluate(head) == pytest.approx(before, abs=1)
    tab.close()
