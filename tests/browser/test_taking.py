"""What it would take, on the page: how far away classes are, and changes that are made at once or one by one, and taken back."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

STATE = "zslviz.tabs.explain.state"
FIRST = f"{STATE}.ranking.classes[0].index"
LEAD = f"{STATE}.ranking.classes[0].score"


def ask(page: Page, selector: str, value: str) -> str:
    """Chooses, and waits for what is said then."""
    before = page.locator(".zv-would-said").inner_text()
    page.locator(selector).select_option(value)
    expect(page.locator(".zv-would-said")).not_to_have_text(before)
    expect(page.locator(".zv-would-said")).not_to_contain_text("Searching")
    return page.locator(".zv-would-said").inner_text()


def test_edits_that_make_a_class_first_are_found_made_and_taken_back(page: Page) -> None:
    page.wait_for_function(f"{STATE}.away.size >= 5")
    away = page.evaluate(f"Object.fromEntries({STATE}.away)")
    said = re.compile(
        r"(at most )?(1 edit|\d+ edits) away|out of reach|"
    )  # nothing where no way was found, nor that there is none
    assert all(said.fullmatch(words) for words in away.values()) and any(away.values())
    expect(page.locator(".zv-first-three .zv-name[data-away]").first).to_be_visible()
    before = page.evaluate(FIRST)
    page.locator(".zv-would > summary").click()
    expect(page.locator(".zv-would-said")).to_contain_text("If the model had seen ")
    target = int(page.locator(".zv-would-class").input_value())
    assert target != before
    page.locator(".zv-would-all").click()
    page.wait_for_function(f"{FIRST} === {target}")
    expect(page.locator(".zv-would-proof")).to_contain_text("is first now.")
    expect(page.locator(".zv-would-edits [aria-pressed='true']").first).to_be_visible()
    page.evaluate("zslviz.tabs.explain.history.undo()")  # all of them are one step
    page.wait_for_function(f"{FIRST} === {before}")
    assert page.evaluate(f"Object.keys({STATE}.image).length") == 0
    first = page.locator(".zv-would-edits button").first.inner_text()
    page.locator(".zv-would-lock").first.click()
    expect(page.locator(".zv-would-kept")).to_contain_text("kept: ")
    expect(page.locator(".zv-would-edits")).not_to_contain_text(first)
    page.locator(".zv-would-kept button").click()
    expect(page.locator(".zv-would-edits")).to_contain_text(first)
    # what is found where one of its attributes is edited is not shown where it is not
    spots = page.evaluate(f"{STATE}.x.attributes.indexOf('spots')")
    page.evaluate(f"zslviz.tabs.explain.edit('image', {spots}, 1.25)")
    expect(page.locator(".zv-would-edits")).to_contain_text("spots 1.25 → ")
    page.locator(".zv-would-all").click()
    page.wait_for_function(f"{FIRST} === {target}")
    page.locator(".zv-would-all").click()  # "Take these edits back" leaves the visitor's own
    page.wait_for_function(f"JSON.stringify({STATE}.image) === '{{\"{spots}\":1.25}}'")
    page.evaluate("zslviz.tabs.explain.resetEdits()")
    expect(page.locator(".zv-would-edits")).not_to_contain_text("spots")
    expect(page.locator(".zv-would-edits")).to_contain_text(first)


def test_the_lead_crosses_zero_as_changes_are_made_one_by_one(page: Page) -> None:
    page.wait_for_function(f"[...{STATE}.away.values()].some((away) => /^[2-6] edits/.test(away))")
    target = page.evaluate(f"[...{STATE}.away].find(([, away]) => /^[2-6] edits/.test(away))[0]")
    before = page.evaluate(FIRST)
    page.locator(".zv-would > summary").click()
    ask(page, ".zv-would-class", str(target))
    expect(page.locator(".zv-would-near")).to_contain_text("% of the way.")
    chips = page.locator(".zv-would-edits [aria-pressed]")
    count, now = chips.count(), page.locator(".zv-tug-now")
    assert page.locator(".zv-tug-part").count() == count
    zero = page.locator(".zv-tug-zero").bounding_box()
    assert page.locator(".zv-tug-level").inner_text() == "first from here on"
    assert page.locator(".zv-tug-ends b").inner_text() == ""  # nothing is made: the first end tells the lead already
    for place in range(count):
        assert now.bounding_box()["x"] < zero["x"] + zero["width"]
        assert page.evaluate(FIRST) != target
        chips.nth(place).click()
        expect(chips.nth(place)).to_have_attribute("aria-pressed", "true")
        expect(page.locator(".zv-tug-part").nth(place)).to_have_attribute("data-made", "true")
    expect(page.locator(".zv-tug-ends b")).to_have_text("")
    page.wait_for_function(f"{FIRST} === {target}")
    expect(page.locator(".zv-would-proof")).to_contain_text("is first now.")
    chips.first.click()
    page.wait_for_function(f"{FIRST} !== {target}")
    page.evaluate("zslviz.tabs.explain.resetEdits()")
    page.wait_for_function(f"{FIRST} === {before}")


def test_descriptions_characters_and_limits_are_asked_for(page: Page) -> None:
    page.locator(".zv-would > summary").click()
    expect(page.locator(".zv-would-said")).to_contain_text("If the model had seen ")
    target = int(page.locator(".zv-would-class").input_value())
    assert " were described with " in ask(page, ".zv-would-side", "description")
    assert page.locator(".zv-would-manner option[value='least']").is_disabled()
    page.locator(".zv-would-all").click()
    page.wait_for_function(f"{FIRST} === {target}")
    assert page.evaluate(f"Object.keys({STATE}.classes)") == [str(target)]
    page.evaluate("zslviz.tabs.explain.resetEdits()")
    ask(page, ".zv-would-side", "photo")
    fewest = page.locator(".zv-would-edits [aria-pressed]").count()
    ask(page, ".zv-would-manner", "least")
    assert page.locator(".zv-would-edits [aria-pressed]").count() >= fewest
    for manner in ("squares", "natural"):
        ask(page, ".zv-would-manner", manner)
        assert page.locator(".zv-would-edits [aria-pressed]").count() == 12
        expect(page.locator(".zv-would-edits")).to_contain_text("more")
    ask(page, ".zv-would-manner", "fewest")
    changed = page.locator(".zv-would-edits [aria-pressed]").first.inner_text().split(" → ")[0].rsplit(" ", 1)[0]
    page.locator(".zv-would-limits > summary").click()
    page.locator(".zv-keep-attribute").select_option(label=changed)
    page.locator(".zv-keep-low").fill("much")
    page.locator(".zv-would-limits button").click()
    expect(page.locator(".zv-would-limits [role=alert]")).to_contain_text("“much” is no number")
    for low, high in (("0,4", "0,41"), ("0.4", "0.41")):  # as people write numbers here and there
        page.locator(".zv-keep-low").fill(low)
        page.locator(".zv-keep-high").fill(high)
        page.locator(".zv-would-limits button").click()
        expect(page.locator(".zv-would-kept")).to_contain_text(f"kept: {changed} 0.40 to 0.41")
        page.locator(".zv-would-kept button").click()
        expect(page.locator(".zv-would-kept")).to_be_hidden()


def test_a_change_too_small_for_two_places_is_still_shown(page: Page) -> None:
    """The handicap puts another class so little ahead that the least change is less than a hundredth."""
    page.evaluate(f"{STATE}.gamma = 6.5; zslviz.tabs.explain.rank()")
    page.locator(".zv-would > summary").click()
    page.locator(".zv-would-class").select_option(label="Giraffe ○")
    page.locator(".zv-would-manner").select_option("least")
    expect(page.locator(".zv-would-edits [aria-pressed]")).to_have_text(["horns 0.540 → 0.536"])
    page.evaluate(f"{STATE}.gamma = {STATE}.x.gamma; zslviz.tabs.explain.rank()")


def test_a_worker_that_dies_or_dawdles_and_another_model_meanwhile(page: Page) -> None:
    taking = "zslviz.tabs.explain.taking({ target: %d, ways: 1 })"
    target = page.evaluate(f"{STATE}.ranking.classes[2].index")
    wanted = page.evaluate(f"{taking % target}.then((answer) => answer.sentence.text)")
    # a worker that says nothing any more is given up, and others answer
    assert page.evaluate(
        """async (target) => {
          const post = Worker.prototype.postMessage;
          Worker.prototype.postMessage = () => {};
          const { setTimeout: later } = window;
          window.setTimeout = (what, ms, ...rest) => later(what, Math.min(ms, 300), ...rest);
          try {
            return (await zslviz.tabs.explain.taking({ target, ways: 1 })).sentence.text;
          } finally {
            [Worker.prototype.postMessage, window.setTimeout] = [post, later];
          }
        }""",
        target,
    ) == wanted  # fmt: skip
    assert page.evaluate(f"{taking % target}.then((answer) => answer.sentence.text)") == wanted  # another one is there
    # what was asked of a photo that is not shown any more is not told
    assert page.evaluate(
        f"""async () => {{
          const {{ state: s }} = zslviz.tabs.explain;
          const [x, asked] = [s.x, {taking % target}];
          s.x = {{ ...x, handle: "another" }};
          const answer = await asked;
          s.x = x;
          return answer;
        }}"""
    ) is None  # fmt: skip
