"""Labels and pairs answered by the page itself: without network, with words that were typed, as Python answers."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Browser, SlowService, both_say, click, example, open_page, same, settle, wait_for
from zslviz.ui.scratch import Downloads
from zslviz.ui.tabs import TABS

CONTROLS = {
    "multilabel": ("#zv-label-gamma", "#zv-threshold", ".zv-unseen-only", "input[name=zv-found-by][value=first]"),
    "compose": (
        "#zv-bias",
        "input[name=zv-world][value=open]",
        "#zv-feasibility",
        "input[name=zv-refined][value=before]",
    ),
}
PAYLOADS = {
    "multilabel": """({ added, gamma, unseenOnly, by, first, threshold }) =>
      ({ added, gamma, unseen_only: unseenOnly, ...(by === "first" ? { first } : { threshold }) })""",
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
        page.locator(f"#zv-{tab} {selector}").evaluate(
            """(one) => {
              if (one.type !== "range") return one.click();
              one.value = Number(one.min) + 0.7 * (one.max - one.min);
              one.dispatchEvent(new Event("input", { bubbles: true }));
            }"""
        )
        payload = page.evaluate(f"({PAYLOADS[tab]})(zslviz.tabs.{tab}.state)")
        expected = answering.rank({"handle": handle, **payload})
        rankings.append(page.evaluate(f"zslviz.tabs.{tab}.state.ranking"))
        same(rankings[-1], expected.get("ranking", expected))
        if "pair" in expected:
            text = str(page.locator(".zv-sums tr[data-term=score] td").first.text_content())
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
