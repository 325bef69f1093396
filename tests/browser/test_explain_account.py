"""The full account of a lead: how the score comes about, the handicap where it decides, and what an edited description does."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Page, settle, unfold

STATE = "zslviz.tabs.explain.state"


def account(page: Page) -> list[tuple[str, float]]:
    """The lines of the waterfall: what each is called, and its number."""
    rows = page.eval_on_selector_all(
        ".zv-waterfall .zv-step",
        "all => all.map((row) => [row.querySelector('.zv-term').innerText, row.querySelector('.zv-number').innerText])",
    )
    return [(label.lower(), float(number.replace("−", "-"))) for label, number in rows]


def test_the_handicap_stands_first_where_it_decides_and_the_winner_has_a_badge(page: Page) -> None:
    unfold(page, "why")
    seen, order = page.evaluate(
        f"[{STATE}.x.classes.map(({{ seen }}) => seen), {STATE}.ranking.classes.map(({{ index }}) => index)]"
    )
    assert not seen[order[0]], "the example that is opened first is of a class never trained on"
    trained = next(index for index in order if seen[index])
    for gamma in (-60.0, 60.0):  # the same lead, by a head start of trained classes and by their handicap
        page.evaluate(f"{STATE}.gamma = {gamma}; {STATE}.why = {trained}; zslviz.tabs.explain.rank()")
        settle(page)
        why, alone = page.evaluate(f"[{STATE}.ranking.why, {STATE}.ranking.alone]")
        lines = account(page)
        first, rest = page.evaluate(f"{STATE}.ranking.classes[0].index"), why["margin"] - why["calibration"]
        decides = (why["margin"] >= 0) != (rest >= 0)
        at = [label for label, _ in lines].index("handicap for trained classes")
        assert at == (0 if decides else len(lines) - 2)
        assert sum(number for _, number in lines[:-1]) == pytest.approx(lines[-1][1], abs=0.02 * len(lines))
        assert page.locator(".zv-waterfall .zv-step-handicap .zv-handicap").count() == 1
        badge = page.locator(".zv-first-three .zv-name[data-through]")
        assert badge.count() == (alone is not None) == (seen[first] != seen[alone] if alone is not None else 0)
        assert ("The handicap decides" in page.inner_text(".zv-why-words")) == decides
    page.evaluate(f"{STATE}.why = null; {STATE}.gamma = {STATE}.x.gamma; zslviz.tabs.explain.rank()")


def test_the_account_takes_its_width_and_names_the_rule(page: Page) -> None:
    unfold(page, "why")
    bars, whole = page.evaluate(
        "['.zv-waterfall .zv-track', '.zv-waterfall'].map((selector) => document.querySelector(selector).offsetWidth)"
    )
    assert bars > whole / 2
    assert page.inner_text(".zv-why-rule").startswith("Score = photo × description")


def test_an_edited_description_shows_that_its_other_values_count_for_less(page: Page) -> None:
    unfold(page, "editor")
    page.locator(".zv-editor .zv-segments label", has_text="What a class is said").click()
    assert page.locator(".zv-rule").is_visible() and page.locator(".zv-rule-figure").is_hidden()
    who = page.evaluate(f"{STATE}.who")
    values = page.evaluate(f"zslviz.tabs.explain.ask('class_values', {{ class: {who} }})")["values"]
    attribute = min(range(len(values)), key=lambda a: values[a])
    page.evaluate(f"zslviz.tabs.explain.edit({who}, {attribute}, 1.5)")
    settle(page)
    before = sum(v * v for v in values) ** 0.5
    now = (before**2 - values[attribute] ** 2 + 1.5**2) ** 0.5
    said = page.inner_text(".zv-rule-outcome")
    assert f"longer now ({before:.2f} → {now:.2f}): each of its other values counts {before / now:.2f} times" in said
    lines = page.eval_on_selector_all(
        ".zv-rule-lines li", "all => all.map((one) => one.innerText.split('\\n').filter(Boolean))"
    )
    largest = max((a for a in range(len(values)) if a != attribute), key=lambda a: values[a])
    numbers = [line[-1] for line in lines]
    assert f"{values[attribute] / before:.2f} → {1.5 / now:.2f}" == numbers[0]
    assert f"{values[largest] / before:.2f} → {values[largest] / now:.2f}" in numbers
