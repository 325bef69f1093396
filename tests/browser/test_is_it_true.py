"""Is it true? A place is covered by pointer, corners, keys and numbers; promises need no server, proofs wait for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.browser.conftest import Page, settle
from zslviz.tasks.attributes.explainer import AttributeExplainer
from zslviz.tasks.attributes.is_it_true.trial import said
from zslviz.tasks.attributes.requests import RankRequest

ROOT = Path(__file__).resolve().parents[2]
TRIES = ".zv-true-tries button"


def texts(page: Page) -> tuple[str, str, str]:
    promise, proof, verdict = (page.locator(f".zv-true-{one}").inner_text() for one in ("promise", "proof", "verdict"))
    return promise, proof, verdict


def wait_for_tries(page: Page, count: int) -> None:
    page.wait_for_function(f"() => document.querySelectorAll('{TRIES}').length === {count}", timeout=60_000)


@pytest.fixture
def opened(page: Page) -> Page:
    page.wait_for_function("() => zslviz.tabs.explain.here.promise")
    page.evaluate("() => { document.querySelector('.zv-true').open = true; }")
    page.wait_for_selector(".zv-true-frame .zv-stack canvas:not([hidden])")
    return page


def test_a_place_is_promised_at_once_and_proved_by_the_network(opened: Page) -> None:
    page, photo = opened, opened.locator(".zv-true-frame .zv-stack")
    photo.scroll_into_view_if_needed()
    box = photo.bounding_box()
    assert box is not None
    known, asked = page.evaluate("() => zslviz.tabs.explain.state.x"), len(page.requested)
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.5 * box["height"], steps=3)
    page.wait_for_function("() => document.querySelector('.zv-true-promise').textContent.startsWith('By the map, ')")
    assert len(page.requested) == asked  # nobody is asked while it is drawn
    page.mouse.up()
    wait_for_tries(page, 1)
    _, proof, verdict = texts(page)
    assert proof.startswith("By the network, ")
    assert verdict.startswith("The map has ")

    # the package says the same of the same place
    region = page.evaluate(
        "() => [...document.querySelectorAll('[data-side]')].map(({ value }) => Number(value) / 100)"
    )
    explainer = AttributeExplainer.from_pretrained(known["model"], "cpu")
    explanation = explainer.explain(ROOT / "assets" / "examples" / known["example"])
    attribute = page.evaluate("() => zslviz.tabs.explain.state.attribute")
    here = said(explainer.covered(explanation, region), attribute, RankRequest()).text
    assert here.split("; ")[1].split(",")[0] == proof.split("; ")[1].split(",")[0]

    page.locator(".zv-true-anew").click()
    assert page.errors == []


def test_corners_keys_and_numbers_choose_a_place_as_well(opened: Page) -> None:
    page, photo = opened, opened.locator(".zv-true-frame .zv-stack")
    photo.scroll_into_view_if_needed()
    box = photo.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 10, box["y"] + 10)
    assert "choose the one across" in texts(page)[2]
    page.mouse.click(box["x"] + 90, box["y"] + 70)
    wait_for_tries(page, 1)
    promise = texts(page)[0]
    photo.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Enter")
    wait_for_tries(page, 2)
    assert "Covered: from " in (photo.get_attribute("aria-label") or "")
    left = page.locator('[data-side="0"]')
    left.fill("0,5")
    left.press("Tab")
    wait_for_tries(page, 3)
    left.fill("120")
    left.press("Tab")
    assert "from 0 to 100" in texts(page)[2]
    assert left.get_attribute("aria-invalid") == "true"
    page.evaluate("() => zslviz.tabs.explain.rank()")
    settle(page)
    assert "from 0 to 100" in texts(page)[2], "no answer of before may take its place"

    # a try is looked at again, and told of the state that is
    page.locator(TRIES).first.click()
    page.wait_for_function("(text) => document.querySelector('.zv-true-promise').textContent === text", arg=promise)
    assert left.get_attribute("aria-invalid") == "false"
    page.evaluate("() => zslviz.tabs.explain.edit('image', 0, 1)")
    settle(page)
    page.evaluate("() => zslviz.tabs.explain.select(zslviz.tabs.explain.state.x.strongest[1])")
    page.wait_for_function("(text) => document.querySelector('.zv-true-promise').textContent !== text", arg=promise)
    assert "of 3 times" in page.locator(".zv-true-kept").inner_text()
    page.locator(".zv-true-find").click()
    page.wait_for_function("() => /becomes first|No place/.test(document.querySelector('.zv-true').textContent)")
    page.locator(".zv-true-anew").click()
    wait_for_tries(page, 0)
    assert page.errors == []


def test_films_and_the_untrained_twin_are_one_click_away(opened: Page) -> None:
    page = opened
    page.locator('[data-way="deletion"]').click()
    page.wait_for_function("() => document.querySelectorAll('.zv-film li').length === 20", timeout=120_000)
    winners = page.locator(".zv-film li:first-child b").all_inner_texts()
    assert winners == [page.evaluate("() => zslviz.tabs.explain.state.ranking.classes[0].name")] * 4
    told = page.evaluate("(({ x, attribute }) => zslviz.draw.number(x.values[attribute]))(zslviz.tabs.explain.state)")
    values = page.locator(".zv-film li:first-child b + span").all_inner_texts()
    assert [value.rpartition(" ")[2] for value in values] == [told] * 4  # the number that stands at the map
    said = page.locator(".zv-film-says").inner_text()
    assert "in four orders" in said
    page.locator(".zv-untrained-show").click()
    page.wait_for_selector(".zv-untrained canvas:not([hidden])")
    assert page.locator(".zv-film-says").inner_text() == said  # the twin has a place of its own
    assert page.locator(".zv-true-more:has(.zv-untrained) .zv-film").count() == 0
    assert "weights shuffled" in page.locator(".zv-untrained figcaption").inner_text()
    assert page.errors == []


def test_the_models_card_is_a_fold_away(page: Page) -> None:
    page.evaluate("() => { document.querySelector('.zv-model-card').open = true; }")
    page.wait_for_selector(".zv-model-told table")
    told = page.locator(".zv-model-told").inner_text()
    model = page.evaluate("() => zslviz.tabs.explain.state.x.model")
    metrics = json.loads((ROOT / "checkpoints" / model / "metrics.json").read_text(encoding="utf-8"))
    for key in ("t1", "u", "s", "h"):
        low, high = metrics["intervals"][key]
        assert f"{100 * metrics[key]:.1f}" in told
        assert f"{100 * low:.1f} to {100 * high:.1f}" in told
    assert metrics["terms"] in told
    assert "Worst classes" in told
    page.locator(".zv-model-read > summary").click()
    first = page.locator(".zv-model-read tbody tr").first.inner_text()
    areas = [area for area in metrics["attribute_auc"]["unseen"]["auc"] if area is not None]
    assert str(round(100 * min(areas))) in first
    assert page.locator(".zv-model-read tbody tr").count() == len(metrics["attribute_auc"]["unseen"]["auc"])


def test_without_a_server_promises_go_on_and_the_proof_waits(opened: Page) -> None:
    page, photo = opened, opened.locator(".zv-true-frame .zv-stack")
    page.context.set_offline(True)
    page.wait_for_function("() => zslviz.connection.away()")
    photo.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('.zv-true-proof').textContent.includes('cannot be reached')")
    assert texts(page)[0].startswith("By the map, ")
    page.context.set_offline(False)
    wait_for_tries(page, 1)
    assert texts(page)[1].startswith("By the network, ")
    page.locator(".zv-true-anew").click()
    page.errors = [error for error in page.errors if "ERR_INTERNET_DISCONNECTED" not in error]
