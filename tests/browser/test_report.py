"""A report, one that the page has made of what it shows, and a notebook's frame, opened as files without a network.

What they rank after an edit is what Python ranks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import Browser, Page, settle, unfold
from tests.conftest import made_photo
from tests.twin.pair_vectors import made_case
from tests.twin.vectors import made_explanation
from zslviz.explainer import Explainer
from zslviz.runtime.places import checkpoints_folder, examples_folder
from zslviz.tasks.attributes.apart import apart_answer
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.insights import insights_answer
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.base.bundle import About
from zslviz.tasks.compositional.requests import PairRequest
from zslviz.ui.tabs.compose import answers

STATE = "zslviz.tabs.explain.state"


@pytest.fixture(scope="module")
def explanation(made_folder: Path) -> Explanation:
    explained: Explanation = Explainer.from_pretrained(made_folder / "made-msdn", "cpu").explain(made_photo())
    return explained


@pytest.fixture
def alone(browser: Browser) -> Iterator[Page]:
    """A page without a network."""
    page = browser.new_page(offline=True)
    page.set_default_timeout(20_000)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: wrong.append(request.url) if request.url.startswith("http") else None)
    yield page
    page.close()
    assert wrong == []


def test_a_report_edits_and_ranks_as_python_and_takes_two_pages(
    alone: Page, explanation: Explanation, tmp_path: Path
) -> None:
    file = tmp_path / "a photo.html"
    file.write_text(explanation.living_html(About(photo_title="Mist")), encoding="utf-8")
    alone.goto(file.as_uri())
    alone.wait_for_function("() => window.zslviz && zslviz.tabs.explain.idle()")
    assert alone.inner_text(".zv-photo figcaption").strip() == "Mist"  # what it shows is not known
    assert not alone.is_visible(".zv-choices") and not alone.is_visible(".zv-share")
    value = alone.locator(".zv-six .zv-row .zv-value").first
    value.fill("1.25")
    value.press("Enter")
    settle(alone)
    edits = {int(key): number for key, number in alone.evaluate(f"{STATE}.image").items()}
    assert list(edits.values()) == [1.25]
    ranking = explanation.rank(image_edits=edits)
    first = alone.locator(".zv-first-three .zv-name")
    assert [name.strip() for name in first.all_text_contents()] == [line.name for line in ranking.lines(3)]
    listed = alone.evaluate(f"{STATE}.ranking.classes.map(({{ name, score }}) => [name, score])")
    for (name, score), line in zip(listed, ranking.lines(len(listed)), strict=True):
        assert name == line.name and score == pytest.approx(line.score, abs=1e-5)
    alone.evaluate("zslviz.tabs.explain.taking({ target: 0, ways: 1 })")
    assert len(alone.workers) == 1, "the search is not made in the page"
    alone.click(".zv-invent > summary")
    ways = alone.locator(".zv-invent [name=zv-invent-way]").evaluate_all("all => all.map(({ value }) => value)")
    assert ways == ["parts", "photos", "blank"], "the others ask a server"
    for count, way in enumerate(("parts", "photos", "blank")):
        alone.check(f".zv-invent [value={way}]", force=True)
        if way == "photos":
            alone.click(".zv-invent-this")
        alone.click(".zv-invent-make")
        alone.wait_for_function(f"{STATE}.invented.length === {count + 1}")
    for fold in alone.locator("details.zv-fold:visible").all():
        fold.evaluate("one => (one.open = true)")
    settle(alone)  # nothing waits for a server
    alone.evaluate("zslviz.tabs.explain.ask('prove', { region: [0, 0, 1, 1] }, (text) => (window.told = text))")
    assert alone.evaluate("told").startswith("This file cannot answer that")
    alone.evaluate("zslviz.tabs.explain.invent([])")
    assert not alone.is_visible("#zv-toast")
    alone.wait_for_function("location.hash.includes('i=') && !location.hash.includes('n=')")
    alone.reload()  # its address keeps the edits
    alone.wait_for_function(f"() => window.zslviz && zslviz.tabs.explain.idle() && Object.keys({STATE}.image).length")
    printed = alone.pdf(prefer_css_page_size=True)
    assert re.findall(rb"/Count (\d+)", printed) == [b"2"]
    alone.click(".zv-all-off")
    settle(alone)
    assert alone.inner_text(".zv-first-three .zv-name >> nth=0").strip() == explanation.rank().lines(1)[0].name


def test_what_a_model_tells_besides_maps_is_drawn_when_its_folds_are_opened(alone: Page, tmp_path: Path) -> None:
    made = (
        made_explanation("dot", "plain", seed) for seed in range(1, 99, 6)
    )  # each tells everything that there is to tell
    x = next(one for one in made if len(one.granularities) > 1)
    file = tmp_path / "made.html"
    file.write_text(x.living_html(), encoding="utf-8")
    alone.goto(file.as_uri())
    alone.wait_for_function("() => window.zslviz && zslviz.tabs.explain.idle()")
    titles = alone.locator(".zv-insight-list h3")
    assert titles.count() == 0, "folds are drawn before anybody opens them"
    for name in ("insights", "learned"):
        unfold(alone, name)
    attribute = alone.evaluate(f"{STATE}.attribute")
    told = insights_answer(x, attribute)
    assert titles.all_text_contents() == [one["title"] for of in ("photo", "model") for one in told[of]]
    drawn = alone.locator(".zv-insights .zv-insight-list section").first.locator(".zv-figure-row:not(.zv-figure-head)")
    for row, line in zip(told["photo"][0]["rows"], drawn.all(), strict=True):
        assert line.locator(".zv-term").inner_text().lower() == row["name"].lower()
        numbers = [float(one.replace("−", "-")) for one in line.locator("b").all_inner_texts()]
        assert numbers == pytest.approx(row["values"], abs=0.0051)
    assert alone.locator(":is(.zv-insights, .zv-learned) .zv-curve svg[role=img][aria-label]").count() == 1
    apart = apart_answer(x, RankRequest())["answers"]
    firsts = alone.locator(".zv-apart-answers li:first-child > span").all_inner_texts()
    assert [one.strip() for one in firsts] == [one["classes"][0]["name"] for one in apart]
    unfold(alone, "why")
    last = alone.locator(".zv-source-steps .zv-number").last.inner_text()
    assert last == alone.locator(".zv-waterfall .zv-number").last.inner_text()
    assert "learned correction" in alone.inner_text(".zv-source-steps").lower()
    assert "learned correction" in alone.inner_text(".zv-equation")

    one = made_explanation("binary", "plain", next(s for s in range(0, 99, 6) if _single(s)))
    file.write_text(one.living_html(), encoding="utf-8")
    alone.goto(file.as_uri() + "?plain")
    alone.wait_for_function("() => window.zslviz && zslviz.tabs.explain.idle()")
    assert not alone.is_visible(".zv-insights") and not alone.is_visible(".zv-learned"), "there is nothing to tell"


def _single(seed: int) -> bool:
    return len(made_explanation("binary", "plain", seed).granularities) == 1


def test_labels_and_pairs_are_ranked_in_their_file_as_python_ranks_them(
    alone: Page, label_folder: Path, composition_folder: Path, tmp_path: Path
) -> None:
    labels = Explainer.from_pretrained(label_folder, "cpu").explain(made_photo())
    pairs = Explainer.from_pretrained(composition_folder, "cpu").explain(made_photo())
    file = tmp_path / "a photo.html"
    for tab, explanation, values, ask, listed, ranking in (
        ("multilabel", labels, "{ gamma: 0.25 }", "rank()", "labels", labels.rank(gamma=0.25)),
        (
            "compose",
            pairs,
            "{ openWorld: true, bias: 1.5, threshold: 0.1 }",
            "refresh()",
            "pairs",
            pairs.rank(open_world=True, bias=1.5, threshold=0.1),
        ),
    ):
        link = {"multilabel": "v1/multilabel/p=photo&w=lighthouse/", "compose": "v1/compose/p=photo&ws=turquoise/"}[tab]
        file.write_text(explanation.living_html(About(photo_title="Mist"), link), encoding="utf-8")
        alone.goto(file.as_uri())
        alone.wait_for_function(f"() => window.zslviz && zslviz.tabs.{tab}.idle()")
        assert alone.inner_text("#zv-toast p").startswith("This file was made without the words that were typed: ")
        assert alone.locator("[data-served]:visible").count() == 0, "what a server would have to answer"
        alone.evaluate(f"Object.assign(zslviz.tabs.{tab}.state, {values}) && zslviz.tabs.{tab}.{ask}")
        settle(alone, tab)
        found = alone.evaluate(f"zslviz.tabs.{tab}.state.ranking.{listed}")
        for line, expected in zip(found, ranking.lines(len(found)), strict=True):
            assert (line.get("name") or f"{line['state']} {line['object']}") == expected.name
            assert line["score"] == pytest.approx(expected.score, abs=1e-4)
        assert 1 <= len(re.findall(rb"/Type\s*/Page\b", alone.pdf(prefer_css_page_size=True))) <= 2


def test_what_each_stage_added_has_a_map_and_a_bar_of_its_own(alone: Page, tmp_path: Path) -> None:
    explanation = made_case("plain", 2).own
    file = tmp_path / "stages.html"
    file.write_text(explanation.living_html(About(photo_title="Mist")), encoding="utf-8")
    alone.goto(file.as_uri())
    alone.wait_for_function("() => window.zslviz && zslviz.tabs.compose.idle()")
    shown = [one.get_attribute("data-kind") for one in alone.locator(".zv-pair-grid figure:visible").all()]
    assert shown == ["evidence", "low", "high"]
    bars = alone.locator(".zv-terms .zv-step").all()
    told = answers.terms(explanation, PairRequest(), explanation.rank().pairs[0])
    said = {bar.get_attribute("data-part"): bar.locator(".zv-number").inner_text() for bar in bars}
    numbers = {part: float(text.replace("\u2212", "-")) for part, text in said.items()}
    assert list(numbers)[:3] == ["low places", "high places", "rest"]
    assert numbers == {part: pytest.approx(told[part], abs=0.0051) for part in numbers}
    alone.evaluate("for (const one of document.querySelectorAll('.zv-more-maps, .zv-apart')) one.open = true")
    apart = alone.locator(".zv-apart-maps figure:visible")
    assert [one.get_attribute("data-kind") for one in apart.all()] == [
        "low-state",
        "high-state",
        "low-object",
        "high-object",
    ]
    assert "over the photo" in str(apart.first.locator(".zv-stack").get_attribute("aria-label"))
    assert not alone.is_visible(".zv-everywhere"), "nothing is told of where it looked"


def test_a_notebook_shows_the_panels_in_a_frame_and_its_summary_without_scripts(
    alone: Page, explanation: Explanation, tmp_path: Path
) -> None:
    file = tmp_path / "cell.html"
    file.write_text(f"<!doctype html><meta charset=utf-8>{explanation._repr_html_()}", encoding="utf-8")
    alone.goto(file.as_uri())
    frame = alone.frame_locator("iframe")
    assert frame.locator(".zv-first-three .zv-name").first.inner_text().strip() == explanation.rank().lines(1)[0].name
    assert not alone.is_visible("table")
    value = frame.locator(".zv-six .zv-row .zv-value").first
    value.fill("1.25")
    value.press("Enter")
    frame.locator(".zv-edits li").first.wait_for()


def test_the_page_makes_one_file_of_what_it_shows_once_the_server_can_be_reached(
    page: Page, alone: Page, tmp_path: Path
) -> None:
    edits, rows, gamma = {3: 0.37, 9: 0.0}, {5: {2: 0.9}}, 6.5
    page.evaluate("location.hash = 'v1/explain/p=giraffe&m=mgmrn-awa2&i=brown:.37,spots:0&c=horse:blue:.9&g=6.5/'")
    page.wait_for_function(f"gamma => {STATE}.gamma === gamma", arg=gamma)
    settle(page)
    assert page.evaluate(f"[{STATE}.image, {STATE}.classes]") == [{"3": 0.37, "9": 0}, {"5": {"2": 0.9}}]
    button = page.locator(".zv-header-tools .zv-one-file")
    page.context.set_offline(True)
    page.wait_for_selector(".zv-one-file[aria-disabled=true]")
    button.press("Enter")  # it can be reached, and says why nothing comes
    assert page.inner_text("#zv-toast p").startswith("The file is made by the server, which cannot be reached now;")
    page.context.set_offline(False)
    page.wait_for_selector(".zv-one-file[aria-disabled=false]")
    with page.expect_download(timeout=30_000) as made:
        button.click()
    assert made.value.suggested_filename == "Giraffe.html"
    made.value.save_as(file := tmp_path / "Giraffe.html")
    assert file.stat().st_size <= 2e6
    alone.goto(file.as_uri())
    alone.wait_for_function(f"() => window.zslviz && zslviz.tabs.explain.idle() && Object.keys({STATE}.image).length")
    explanation = Explainer.from_pretrained(checkpoints_folder() / "mgmrn-awa2", "cpu").explain(
        examples_folder() / "giraffe.jpg"
    )
    ranking = RankRequest.parse(explanation.space, edits, rows, gamma, False).rank(explanation)
    listed = alone.evaluate(f"{STATE}.ranking.classes.map(({{ name, score }}) => [name, score])")
    for (name, score), line in zip(listed, ranking.lines(len(listed)), strict=True):
        assert name == line.name and score == pytest.approx(line.score, abs=1e-4)
    assert "Photo: Giraffe · " in alone.inner_text(".zv-report-foot"), "whose photo it is"
    assert alone.inner_text(".zv-photo .zv-truth") == "True class: Giraffe"
    assert not alone.is_visible("#zv-toast")
    alone.evaluate("zslviz.tabs.explain.resetEdits()")
    alone.wait_for_function("location.hash && !location.hash.includes('i=')")
    alone.reload()
    alone.wait_for_function("() => window.zslviz && zslviz.tabs.explain.idle()")
    assert alone.evaluate(f"{STATE}.image") == {}, "its address is newer than what it was made with"
