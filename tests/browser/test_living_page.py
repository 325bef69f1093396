"""The living explanation: edits ask no server, and a server that goes and comes back loses nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.browser.conftest import (
    ROOT,
    Browser,
    Page,
    SlowService,
    click,
    example,
    open_page,
    same,
    settle,
    unfold,
    wait_for,
)
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.ui.serving import free_at
from zslviz.ui.tabs.explain.answers import ranking_answer

EXPLAIN = "zslviz.tabs.explain"
STATE = f"{EXPLAIN}.state"
edits_of_a_visitor: list[dict[str, Any]] = [
    {"image_edits": {"3": 1.25}},
    {"image_edits": {"0": -0.5, "1": 0.75}, "gamma": 0.0},
    {"class_edits": {"5": {"2": 1.0}}, "unseen_only": True},
    {"image_edits": {"4": 0.1}, "class_edits": {"0": {"1": 0.0}, "4": {"4": 1.5}}, "gamma": 1.5},
]


@pytest.fixture
def page(browser: Browser, slow_address: str) -> Iterator[Page]:
    opened = open_page(browser, slow_address)
    yield opened
    opened.close()


# -- an edit asks no server ------------------------------------------------------------------------------------------------


def visit(page: Page, edits: dict[str, Any]) -> dict[str, Any]:
    """Makes these edits on the page, and these alone; returns the ranking that it shows."""
    page.evaluate(
        """({ image_edits: image = {}, class_edits: classes = {}, gamma, unseen_only: unseenOnly = false }) => {
          const store = zslviz.tabs.explain;
          store.resetEdits();
          Object.assign(store.state, { gamma: gamma ?? store.state.x.gamma, unseenOnly });
          for (const [a, value] of Object.entries(image)) store.edit("image", Number(a), value);
          for (const [c, values] of Object.entries(classes)) {
            for (const [a, value] of Object.entries(values)) store.edit(Number(c), Number(a), value);
          }
          store.rank();
        }""",
        edits,
    )
    settle(page)
    shown: dict[str, Any] = page.evaluate(f"{STATE}.ranking")
    return shown


def by_number(edits: Any) -> Any:
    return {int(key): by_number(value) for key, value in edits.items()} if isinstance(edits, dict) else edits


def test_without_network_edits_give_what_python_ranks(page: Page, slow_service: SlowService) -> None:
    handle, truth = page.evaluate(f"[{STATE}.x.handle, {STATE}.x.true_class]")
    explanation = slow_service.store.get(handle, Explanation)
    asked = len(page.requested)
    page.context.set_offline(True)
    for edits in edits_of_a_visitor:
        numbered = {key: by_number(value) for key, value in edits.items()}
        request = RankRequest.parse(
            explanation.space, *(numbered.get(k) for k in ("image_edits", "class_edits", "gamma", "unseen_only"))
        )
        same(visit(page, edits), ranking_answer(explanation, request, true_class=truth))
        drawn = page.locator(".zv-first-three li").first.inner_text()
        assert explanation.space.class_names[request.rank(explanation).best.index] in drawn
    unfold(page, "editor")
    page.select_option("#zv-class", "2")
    described = page.locator('.zv-rows [data-attribute="3"] .zv-meter-class b').inner_text()
    assert float(described) == pytest.approx(explanation.space.table[2, 3], abs=0.0051)
    page.evaluate(f"{EXPLAIN}.history.undo()")
    page.select_option("#zv-sort", "group")
    assert [url for url in page.requested[asked:] if "/here" not in url] == []
    assert page.locator("#zv-toast:visible").count() == 0


def test_the_api_says_the_same_numbers_as_the_page(browser: Browser, address: str) -> None:
    page = open_page(browser, address)
    assert page.evaluate(
        f"zslviz.tabs.explain.renewed({STATE}.x)"
    )  # the server gets to know an example that needed none
    handle = page.evaluate(f"{STATE}.x.handle")
    for edits in edits_of_a_visitor[:3]:
        shown = visit(page, edits)
        given = [handle, *(edits.get(key) for key in ("image_edits", "class_edits", "gamma", "unseen_only"))]
        names = page.evaluate(f"[{STATE}.x.attributes, {STATE}.x.classes.map((one) => one.name)]")
        given[1] = given[1] and {names[0][int(a)]: v for a, v in given[1].items()}
        given[2] = given[2] and {
            names[1][int(c)]: {names[0][int(a)]: v for a, v in values.items()} for c, values in given[2].items()
        }
        answer = page.request.post(f"{address}gradio_api/run/rank", data={"data": [*given, 10]})
        ranked = answer.json()["data"][0]["ranking"]
        lines = [line for line in shown["classes"] if line["rank"] <= 10]
        assert [line["name"] for line in lines] == [line["name"] for line in ranked[: len(lines)]]
        assert [line["score"] for line in lines] == pytest.approx(
            [line["score"] for line in ranked[: len(lines)]], abs=1e-4
        )
    page.close()


def test_class_edits_are_kept_for_their_data_and_a_photo_is_shown_with_them_at_once(page: Page) -> None:
    page.evaluate(f"{EXPLAIN}.edit(4, 1, 1.5)")
    settle(page)
    page.evaluate(
        f"""() => {{
          window.seen = [];
          const list = document.querySelector("#zv-explain .zv-first-three");
          new MutationObserver(() => window.seen.push([{STATE}.x.example, list.innerText, {STATE}.ranking.edited]))
            .observe(list, {{ subtree: true, childList: true, characterData: true }});
        }}"""
    )
    other = example(page, "explain", 1)
    click(page, "explain", other)
    wait_for(page, "explain", other)
    seen = [text for name, text, _ in page.evaluate("window.seen") if name == other]
    assert set(seen) == {page.inner_text("#zv-explain .zv-first-three")}, "another ranking was shown first"
    assert page.evaluate(f"{STATE}.ranking.edited") and page.evaluate(f"{STATE}.classes") == {"4": {"1": 1.5}}


def test_the_heading_of_the_small_maps_says_what_has_become_of_the_first_class(page: Page) -> None:
    page.locator(".zv-more-maps > summary").click()
    heading = page.locator(".zv-strongest-title")
    name = page.evaluate(f"{STATE}.ranking.classes[0].name")
    assert heading.inner_text() == f"What speaks most for {name}"
    page.evaluate(f"{EXPLAIN}.edit('image', 0, 1.5)")
    assert heading.inner_text() == f"What spoke most for {name} before your edits"
    page.evaluate(f"{EXPLAIN}.history.undo()")
    assert heading.inner_text() == f"What speaks most for {name}"
    page.evaluate(
        f"Object.assign({STATE}, {{ gamma: {STATE}.x.classes[{STATE}.x.described.class].seen ? 1e3 : -1e3 }})"
    )
    page.evaluate(f"{EXPLAIN}.rank()")
    first = page.evaluate(f"{STATE}.ranking.classes[0].name")
    assert heading.inner_text() == f"What speaks most for {name}, which {first} is ahead of now"


def test_a_map_that_cannot_be_had_leaves_the_one_that_is_shown_under_its_own_name(
    page: Page, slow_service: SlowService
) -> None:
    page.evaluate(f"{EXPLAIN}.renew = async () => false; {EXPLAIN}.here = {{}}")  # as where its bundle cannot be had
    slow_service.store._remove((page.evaluate(f"{STATE}.x.handle"), None))
    name = page.locator("#zv-attribute option:checked").inner_text()
    page.evaluate(f"{EXPLAIN}.select(({STATE}.attribute + 1) % 5)")
    page.wait_for_selector("#zv-toast:visible")
    assert page.locator("#zv-attribute option:checked").inner_text() == name
    drawn = page.locator("#zv-explain [data-attribute][data-kind]")
    assert drawn.get_attribute("data-attribute") == str(page.evaluate(f"{STATE}.attribute"))


# -- a server that goes and comes back -------------------------------------------------------------------------------------


@contextmanager
def serving(port: int, made_folder: Path, nothing: Path, models: Sequence[Path] = ()) -> Iterator[None]:
    """`zslviz serve` with one made model (or these) in a process of its own, which is killed at the end."""
    environment = {**os.environ, "ZSLVIZ_CHECKPOINTS": str(nothing), "TMPDIR": str(nothing), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "zslviz", "serve", "--port", str(port)]
    for model in models or (made_folder / "made-mgmrn",):
        command += ["--model", str(model)]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None and process.stdout.readline().startswith("The page is at")
        yield
    finally:
        process.kill()
        process.wait(20)


def test_a_server_that_is_started_anew_finds_everything_as_it_was(
    browser: Browser, made_folder: Path, tmp_path: Path
) -> None:
    port = free_at("127.0.0.1", 0)
    picture = tmp_path / "mine.png"
    Image.effect_noise((90, 160), 60).convert("RGB").save(picture)
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(20_000)
    with serving(port, made_folder, tmp_path):
        page.goto(f"http://127.0.0.1:{port}/")
        page.wait_for_function("window.zslviz?.tabs.explain.servers.length > 3")
        page.set_input_files("#zv-explain .zv-file", picture)
        page.wait_for_function(f"{STATE}.x?.title === 'mine.png' && {EXPLAIN}.idle()")
        page.evaluate(f"window.same = true; {EXPLAIN}.edit('image', 1, 1.25); {EXPLAIN}.edit(3, 2, 0.5)")
        page.evaluate(f"{EXPLAIN}.select(0)")
        page.wait_for_function(f"{EXPLAIN}.idle()")
        handle = page.evaluate(f"{STATE}.x.handle")
    away = page.locator("#zv-away")
    page.evaluate(f"void {EXPLAIN}.download('csv')")
    page.wait_for_selector("#zv-away:visible")
    assert away.inner_text() == "Not connected · edits go on · trying again"
    canvas = "document.querySelector('#zv-explain .zv-large canvas').toDataURL()"
    map_before = page.evaluate(canvas)
    page.evaluate(f"{EXPLAIN}.select(2)")
    page.wait_for_function(f"before => {canvas} !== before", arg=map_before)  # maps need no server
    before = page.evaluate(f"JSON.stringify({STATE}.ranking)")
    page.evaluate(f"{EXPLAIN}.edit('image', 4, -0.5)")
    ranking = page.evaluate(f"JSON.stringify({STATE}.ranking)")
    assert ranking != before and page.locator("#zv-away").count() == 1
    assert (
        page.locator("#zv-toast:visible, .toast-wrap:visible > *, #zv-explain .zv-status[data-kind=error]").count() == 0
    )
    with serving(port, made_folder, tmp_path):
        away.wait_for(state="hidden", timeout=60_000)
        page.wait_for_function(f"{EXPLAIN}.idle()", timeout=60_000)
        assert page.evaluate("window.same"), "the page was loaded again"
        assert page.locator('#zv-explain [data-attribute="2"][data-kind]').count() == 1, "the map asked for meanwhile"
        assert page.evaluate(f"[{STATE}.x.handle, JSON.stringify({STATE}.ranking)]") == [handle, ranking]
        assert page.evaluate(f"[{STATE}.image, {STATE}.classes]") == [{"1": 1.25, "4": -0.5}, {"3": {"2": 0.5}}]
        assert page.locator("#zv-toast:visible, #zv-explain .zv-status[data-kind=error]").count() == 0
    page.close()


def test_a_photo_chosen_while_the_server_is_away_is_explained_once_it_is_back_and_the_newest_alone(
    page: Page, slow_service: SlowService
) -> None:
    files = [example(page, "explain", number) for number in (2, 3)]
    explained = slow_service.explained
    page.context.set_offline(True)
    for file in files:
        click(page, "explain", file)
    page.wait_for_selector("#zv-away:visible")
    assert page.inner_text("#zv-explain .zv-status") == "Explaining …"
    page.context.set_offline(False)
    wait_for(page, "explain", files[1])
    assert slow_service.explained - explained == 1
    assert not page.locator("#zv-away").is_visible()


def test_a_photo_of_ones_own_that_is_chosen_while_the_server_is_away_is_sent_once_it_is_back(
    page: Page, tmp_path: Path
) -> None:
    picture = tmp_path / "mine.png"
    Image.effect_noise((90, 160), 60).convert("RGB").save(picture)
    page.context.set_offline(True)
    page.set_input_files("#zv-explain .zv-file", picture)
    page.wait_for_selector("#zv-away:visible")
    assert page.inner_text("#zv-explain .zv-status") == "Sending the photo …"
    assert page.locator("#zv-toast:visible, .toast-body:visible").count() == 0
    page.context.set_offline(False)
    page.wait_for_function(f"{STATE}.x.title === 'mine.png' && {EXPLAIN}.idle()")


@pytest.mark.parametrize(
    ("tab", "change"),
    [
        ("multilabel", "state.unseenOnly = true; store.rank()"),
        ("compose", "store.change({ openWorld: true, bias: 50 })"),
    ],
)
def test_where_the_server_answers_changes_the_banner_promises_no_more_and_they_are_made_once_it_is_back(
    browser: Browser, slow_address: str, tab: str, change: str
) -> None:
    page = open_page(browser, slow_address, tab)
    page.evaluate(f"zslviz.tabs.{tab}.here = {{}}")  # as where its bundle cannot be had
    ranking = f"JSON.stringify(zslviz.tabs.{tab}.state.ranking)"
    before = page.evaluate(ranking)
    page.context.set_offline(True)
    page.evaluate(f"(() => {{ const store = zslviz.tabs.{tab}; const {{ state }} = store; {change}; }})()")
    page.wait_for_selector("#zv-away:visible")
    assert page.locator("#zv-away").inner_text() == "Not connected · trying again"
    assert page.evaluate(ranking) == before and page.locator("#zv-toast:visible").count() == 0
    page.context.set_offline(False)
    page.wait_for_function(f"before => {ranking} !== before", arg=before)
    settle(page, tab)
    assert page.locator("#zv-away:visible, #zv-toast:visible").count() == 0
    page.close()
