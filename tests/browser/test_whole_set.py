"""The whole test set, on the page: fetched when it is opened, and answered without a server after every edit of a class."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import open_page, settle
from zslviz.tasks.attributes.retesting import TestedModel
from zslviz.tasks.base.card_parts import percent

STATE = "zslviz.tabs.explain.state"


def test_an_edit_of_a_class_is_answered_over_all_test_photos_without_a_server(page: Page) -> None:
    fold = page.locator(".zv-whole")
    begun = len(page.requested)  # type: ignore[attr-defined]
    fold.locator("summary").click()
    said = fold.locator(".zv-whole-said")
    model = page.evaluate(f"{STATE}.x.model")
    tested = TestedModel.open(model)
    expect(said).to_have_text(tested.retest().sentence.text)
    fetched = [url for url in page.requested[begun:] if "/tested/" in url]  # type: ignore[attr-defined]
    assert len(fetched) == 1 and fetched[0].endswith(model)
    assert (
        fold.locator("th:visible", has_text="before").count() == 0 and fold.locator("circle").count() == 1
    )  # nothing is edited
    titles = " ".join(fold.locator("svg text").all_text_contents())
    assert "S: trained on" in titles and "U: never trained on" in titles
    page.locator(".zv-may > summary").click()
    may_be = page.locator(".zv-may-be")
    expect(may_be).to_contain_text("of 100 test photos have their class within")
    classes = page.locator(".zv-may-be .zv-said-class").all_inner_texts()
    assert classes == page.evaluate(f"{STATE}.ranking.classes.map(({{ name }}) => name)")[: len(classes)]
    page.locator(".zv-look-again").click()
    told = page.locator(".zv-looks-told")
    first = page.evaluate(f"{STATE}.ranking.classes[0].name")
    expect(told).to_contain_text(f"{first} is first", timeout=60_000)
    before = told.inner_text()
    expect(fold.locator(".zv-whole-caution")).to_contain_text("do not tune on them")
    page.context.set_offline(True)
    try:
        page.evaluate(f"zslviz.tabs.explain.edit({STATE}.ranking.classes[0].index, {STATE}.x.strongest[1], 0)")
        expect(told).not_to_have_text(before)  # its looks are ranked again, without the network
        page.evaluate("zslviz.tabs.explain.resetEdits()")
        expect(told).to_have_text(before)
        page.evaluate("document.querySelector('.zv-may').open = false")
        page.evaluate(f"zslviz.tabs.explain.edit({STATE}.ranking.classes[0].index, {STATE}.x.strongest[0], 0)")
        page.evaluate(f"{STATE}.gamma = {STATE}.x.gamma - 1; zslviz.tabs.explain.rank()")
        edits, gamma = page.evaluate(f"[{STATE}.classes, {STATE}.gamma]")
        found = tested.retest({int(c): {int(a): v for a, v in row.items()} for c, row in edits.items()}, gamma)
        assert found.changed > 0
        expect(fold.locator("th", has_text="before")).to_be_visible()
        expect(said).to_have_text(found.sentence.text)
        expect(fold.locator(".zv-whole-short")).to_have_text(
            f"H {percent(found.after['h'])}, before {percent(found.before['h'])}"
        )
        figures = fold.locator("tbody tr").evaluate_all("rows => rows.map((row) => row.lastChild.textContent)")
        assert figures == [percent(found.after[key]) for key in ("u", "s", "h", "t1")]
        drawn = str(fold.locator("svg").get_attribute("aria-label"))
        assert f"Now S {percent(found.after['s'])} and U {percent(found.after['u'])}, before" in drawn
        assert fold.locator(".zv-whole-moves li").count() == min(6, len(found.moves))
        first = page.evaluate(f"{STATE}.ranking.classes[0].index")
        rows = {(int(c), int(a)): value for c, row in edits.items() for a, value in row.items()}
        change = tested.under(tested.space.with_values(rows), gamma, first).asked
        assert change is not None
        expect(fold.locator(".zv-dots .zv-right")).to_have_count(change.right[1])
        expect(fold.locator(".zv-dots i")).to_have_count(change.called[1])
    finally:
        page.context.set_offline(False)
        page.evaluate("zslviz.tabs.explain.resetEdits()")


def test_a_photo_that_is_nothing_the_model_was_shown_is_said_to_be_over_the_answer(
    browser: Browser, address: str
) -> None:
    tab = open_page(browser, address)
    said = tab.locator("#zv-explain .zv-unlike")
    expect(said).to_be_hidden()
    tab.evaluate("location.hash = 'v1/explain/p=flying-fox&m=mgmrn-awa2/'")
    expect(said).to_contain_text(
        "This looks like nothing the model was shown: whatever comes first, it may be none of its classes."
    )
    assert said.bounding_box()["y"] < tab.locator("#zv-explain .zv-said").bounding_box()["y"]  # type: ignore[index]
    settle(tab)
    tab.evaluate(f"zslviz.tabs.explain.edit('image', {STATE}.x.strongest[0], 0)")
    settle(tab)
    expect(said).to_contain_text("nothing the model was shown")  # it is of the photo, whatever is edited
    expect(tab.locator("#zv-explain .zv-announce")).to_contain_text("nothing the model was shown")
    tab.evaluate("location.hash = 'v1/explain/p=giraffe&m=mgmrn-awa2/'")
    expect(said).to_be_hidden()
    assert tab.errors == []  # type: ignore[attr-defined]
    tab.close()
