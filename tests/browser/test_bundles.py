"""The shipped bundles in Chromium: what the page's modules read of them and rank is what Python has, and no server computes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from os import PathLike

import pytest

from tests.browser.conftest import ROOT, Browser, Page
from tools.examples import Baked, baked
from zslviz.catalogue import Task, part
from zslviz.runtime.places import bundles_folder
from zslviz.ui.openings import MODEL_PART
from zslviz.ui.service import Service

READ = """async ([reader, model, photo]) => {
  const bytes = async (address) => (await fetch(address)).arrayBuffer();
  const { readExplanationBundle, readModelBundle } = await import(`/zslviz/ui/twin/${reader}.js`);
  const x = readExplanationBundle(await bytes(photo), readModelBundle(await bytes(model)));
  const picture = await createImageBitmap(new Blob([x.told.photo], { type: "image/webp" }));
  return { order: [...x.rank().order], width: picture.width, height: picture.height };
}"""
ANSWERS = """async ([reader, model, photo]) => {
  const bytes = async (address) => (await fetch(address)).arrayBuffer();
  const { readExplanationBundle } = await import(`/zslviz/ui/twin/${reader}.js`);
  const { facts, questions } = await import(`/zslviz/ui/twin/${reader}_answers.js`);
  const x = readExplanationBundle(await bytes(photo), await bytes(model));
  return { facts: facts(x).ranking, rank: questions.rank(x, {}) };
}"""
READERS: dict[Task, str] = {"attributes": "explanation", "multilabel": "labels", "compositional": "pairs"}
THERE = [one for one in baked(Service("cpu")) if (bundles_folder() / one.file).is_file()]


class Files(SimpleHTTPRequestHandler):
    """The repository's files and nothing else."""

    def guess_type(self, path: str | PathLike[str]) -> str:
        return (
            "text/javascript" if str(path).endswith(".js") else super().guess_type(path)
        )  # whatever the system thinks

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture(scope="module")
def blank(browser: Browser) -> Iterator[Page]:
    """An empty page that can fetch the repository's files."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=str(ROOT)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    page = browser.new_page()
    page.goto(f"http://127.0.0.1:{server.server_port}/nothing-there")
    yield page
    page.close()
    server.shutdown()


def addresses(one: Baked) -> list[str]:
    place = f"/{bundles_folder().relative_to(ROOT).as_posix()}"
    return [READERS[one.example.task], f"{place}/{one.model}/{MODEL_PART}", f"{place}/{one.file}"]


def test_there_are_bundles_of_every_task() -> None:
    assert {one.example.task for one in THERE} == set(READERS)


@pytest.mark.parametrize("one", THERE, ids=lambda one: one.file)
def test_a_shipped_bundle_is_read_and_ranked_as_by_python(one: Baked, blank: Page) -> None:
    found = blank.evaluate(READ, addresses(one))
    folder = bundles_folder()
    read = part(one.example.task, "bundle").read_explanation_bundle(
        (folder / one.file).read_bytes(), (folder / one.model / MODEL_PART).read_bytes()
    )
    assert found["order"] == read.rank().order.tolist()
    shape = read.told.geometry.width / read.told.geometry.height
    assert found["width"] / found["height"] == pytest.approx(shape, rel=0.02)


@pytest.mark.parametrize("task", ["multilabel", "compositional"])
def test_the_tab_s_first_answer_and_its_question_say_the_same(task: Task, blank: Page) -> None:
    one = next(one for one in THERE if one.example.task == task)
    found = blank.evaluate(ANSWERS, addresses(one))
    assert found["facts"] == (found["rank"] if task == "multilabel" else found["rank"]["ranking"])
