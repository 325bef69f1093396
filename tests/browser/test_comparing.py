"""Two models on the page: one click opens it, it needs no server once both have looked, and a link brings it back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.conftest import Browser, Page, by_server, open_page, same, settle
from tests.browser.test_accessibility import AXE, NARROW, STANDARDS, WIDE, everything, found
from tests.browser.test_links import arrived, goto, said

STATE = "zslviz.tabs.explain.state"
SAID, BODY, TESTED = ".zv-compare-said", ".zv-compare-body", ".zv-compare-tested"
OTHER = "msdn-awa2"
ASKED = f"zslviz.tabs.explain.comparing.compare('{OTHER}', () => {{}}).then(({{ answer }}) => answer)"
BESIDE = f"zslviz.tabs.explain.comparing.beside('{OTHER}', 2, null, () => {{}}).then(({{ answer }}) => answer)"


@pytest.fixture(scope="module")
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page whose photo is looked at by another model, opened by the keyboard."""
    page = open_page(browser, address)
    page.wait_for_function("zslviz.tabs.explain.models.length > 3", timeout=60_000)
    page.locator(".zv-compare > summary").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(BODY, timeout=60_000)
    settle(page)
    page.select_option(".zv-compare-model", OTHER)
    page.wait_for_function(f"{STATE}.compared === '{OTHER}' && !document.querySelector('{BODY}').hidden")
    settle(page)
    yield page
    page.close()


def test_the_page_answers_by_itself_what_the_server_answers(page: Page) -> None:
    page.context.set_offline(True)
    here, maps = page.evaluate(ASKED), page.evaluate(BESIDE)
    assert page.inner_text(SAID) == here["sentence"]["text"]
    named = next(part["index"] for part in here["sentence"]["parts"] if part["kind"] == "attribute")
    shown = next(one for one in here["by_effect"] if one["visible"])
    if named != shown["attribute"]:  # what the sentence names cannot be seen, and the page says so
        assert page.input_value(".zv-compare-attribute") == str(shown["attribute"])
        said = page.inner_text(".zv-compare-map-says")
        assert (
            f"No place of a photo can show “{page.evaluate(f'{STATE}.x.attributes[{named}]')}”; of what can be seen"
            in said
        )
    other = page.locator(".zv-read-table .zv-link").nth(3)
    other.focus()
    page.keyboard.press("Enter")
    page.wait_for_function(
        "name => document.querySelector('.zv-compare-attribute').selectedOptions[0].text === name",
        arg=other.inner_text(),
    )
    page.context.set_offline(False)
    same(by_server(page, "explain", ASKED), here)
    assert [model["grid"] for model in maps["models"]] in ([], [[9, 9], [9, 9]])
    drawn = page.eval_on_selector_all(".zv-slope-left li", "all => all.map((li) => li.innerText.match(/\\d+/)[0])")
    rows = page.eval_on_selector_all(".zv-slope-table tbody tr", "all => all.map((row) => row.children[1].textContent)")
    assert drawn == rows == [str(line["ranks"][0]) for line in here["ranks"]]


def test_all_test_photos_and_what_axe_says(page: Page) -> None:
    page.locator(".zv-compare-tests > summary").click()
    page.wait_for_selector(TESTED, timeout=30_000)
    assert "test photos" in page.get_attribute(".zv-scatter-plot", "aria-label")
    counts = [int(text.split()[0]) for text in page.locator(".zv-tested-table td").all_inner_texts()]
    assert sum(counts) == page.evaluate(
        "Number(document.querySelector('.zv-scatter-plot').getAttribute('aria-label').match(/\\d+/)[0])"
    )
    if AXE.is_file():
        page.add_script_tag(path=AXE)
        assert everything(page, "light", WIDE) == []
        page.set_viewport_size(dict(zip(("width", "height"), NARROW, strict=True)))
        bar = "document.querySelector('#zv-explain .zv-at-edits').style"  # it lies over whatever is under it
        page.evaluate(f"{bar}.display = 'none'")
        assert found(page, {"runOnly": STANDARDS}, ".zv-compare") == []
        page.evaluate(f"{bar}.display = ''")
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_link_brings_both_models_back_and_another_photo_keeps_them(page: Page) -> None:
    page.wait_for_function(f"location.hash.includes('o={OTHER}')")
    page.reload()
    page.wait_for_function(f"{STATE}.x && zslviz.tabs.explain.models.length > 3", timeout=60_000)
    page.wait_for_selector(BODY, timeout=60_000)
    assert page.input_value(".zv-compare-model") == OTHER
    before = page.inner_text(SAID)
    page.evaluate("zslviz.tabs.explain.open({ example: zslviz.tabs.explain.examples[1].file, model: 'mgmrn-awa2' })")
    page.wait_for_function(f"before => document.querySelector('{SAID}').innerText !== before", arg=before)
    page.wait_for_selector(BODY, timeout=60_000)
    assert page.evaluate(f"{STATE}.compared") == OTHER
    assert [error for error in page.errors if "DISCONNECTED" not in error] == []


def test_edits_and_classes_that_are_made_up_take_part(page: Page) -> None:
    page.wait_for_selector(BODY, timeout=60_000)
    before = page.inner_text(SAID)
    page.evaluate("zslviz.tabs.explain.edit('image', 0, 0.9)")
    page.wait_for_function(f"document.querySelector('{SAID}').innerText.endsWith('The edits are made in both.')")
    here = page.evaluate(ASKED)
    assert page.inner_text(SAID) == here["sentence"]["text"]
    same(by_server(page, "explain", ASKED), here)
    page.evaluate("zslviz.tabs.explain.edit('image', 0, null)")
    page.wait_for_function("([at, told]) => document.querySelector(at).innerText === told", arg=[SAID, before])


def test_a_link_of_models_that_are_not_there_yet_opens_with_both(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.set_default_timeout(60_000)
    goto(page, address, "v1/explain/p=giraffe&m=eszsl-awa2&o=mgmrn-awa2/")  # no bundle is of the first one
    page.wait_for_selector(BODY)
    assert arrived(page, "giraffe.jpg") == {"p": "giraffe.jpg", "m": "eszsl-awa2", "compared": "mgmrn-awa2"}
    assert said(page) == ""
    page.evaluate("location.hash = 'v1/explain/p=giraffe&m=eszsl-awa2&o=nobody/'")
    page.wait_for_function("document.querySelector('#zv-toast p')?.textContent")
    assert said(page).startswith("There is no other model “nobody” to compare with here; this is ")
    page.wait_for_selector(BODY)
    page.evaluate("location.hash = 'v1/explain/p=giraffe&m=eszsl-awa2/'")
    page.wait_for_selector(".zv-compare:not([open])")
    page.close()
