"""The page's own document: styles and scripts are found in their folders, all of them; what it begins with and asks for early."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from zslviz.runtime.places import checkpoints_folder
from zslviz.ui.drawn import FOLDS, all_of, files, files_at_first, files_later, needed_modules
from zslviz.ui.ground import Ground
from zslviz.ui.openings import INDEX, BakedBundles
from zslviz.ui.service import Service
from zslviz.ui.shell import Rest, document
from zslviz.ui.tab import Tab
from zslviz.ui.tabs import TABS

UI = ROOT / "zslviz" / "ui"
NAMES = [place.name for place in TABS]


def text_of(tabs: tuple[Tab, ...]) -> str:
    return gzip.decompress(document(tabs, Rest.of(tabs)).zipped).decode()


def rest_of(tabs: tuple[Tab, ...], name: str) -> str:
    rest = Rest.of(tabs)
    return rest.files[f"{rest.version}/{name}"].body(zipped=False).decode()


# -- styles and scripts --------------------------------------------------------------------------------------------------


def test_every_style_and_script_is_on_the_page_once() -> None:
    tabs = Ground.of(Service()).tabs
    text = text_of(tabs)
    for ending, name in ((".css", "styles.css"), (".js", "scripts.js")):
        later = rest_of(tabs, name)
        found = files(ending, NAMES)
        modules = set((UI / "twin").iterdir())  # which what needs them imports
        assert sorted(found) == sorted(set(UI.rglob(f"*{ending}")) - modules)
        assert [*files_at_first(ending, NAMES[0]), *files_later(ending, NAMES)] == found
        for path in found:
            content = path.read_text(encoding="utf-8")
            assert [text.count(content), later.count(content)] == [
                path in files_at_first(ending, NAMES[0]),
                path not in files_at_first(ending, NAMES[0]),
            ]


def test_what_is_not_seen_at_first_comes_later() -> None:
    late = files_later(".js", NAMES)
    assert {path.parent for path in late} == {
        UI / "shared" / FOLDS,
        UI / "tabs" / NAMES[0] / FOLDS,
        *(UI / "tabs" / name for name in NAMES[1:]),
    }
    tabs = Ground.of(Service()).tabs
    text, rest = text_of(tabs), Rest.of(tabs)
    at_first = set(re.findall(r'rel="modulepreload" href="twin/\w+/(\w+\.js)"', text))
    assert at_first.isdisjoint(rest.modules) and {"take_simplex.js", "whole_set.js", "comparing.js"} <= set(
        rest.modules
    )
    assert at_first | set(rest.modules) == set(needed_modules(all_of(".js", NAMES[:1])))
    begun = json.loads(re.findall(r"zslviz\.begin\((.*)\);\n</script>", text)[0].replace("<\\/", "</"))
    served = Ground.of(Service()).desk.served["rest"]
    address = begun["rest"]["address"].partition("/")[2]
    assert all(served(f"{address}{name}") is not None for name in ("scripts.js", "styles.css"))
    assert served("0" * 16 + "/scripts.js") is served(f"{address}other.js") is served("") is None


def test_shared_ones_come_first_then_the_tabs_in_order_each_led_by_its_state() -> None:
    scripts = files(".js", NAMES)
    folders = [path.parent for path in scripts]
    tabs = [UI / "tabs" / name for name in NAMES]
    shared, opened = UI / "shared", tabs[0]
    rest = (folder for tab in tabs[1:] for folder in (tab, tab / FOLDS))
    assert folders == sorted(folders, key=[shared, opened, shared / FOLDS, opened / FOLDS, *rest].index)
    first = {path.parent: path.name for path in reversed(scripts) if path.parent.name != FOLDS}
    assert first == {UI / "shared": "store.js"} | dict.fromkeys(tabs, "state.js")
    assert files(".css", NAMES)[0].name == "shell.css"  # the panels' own styles win over those of the bare page


def test_a_page_has_only_what_its_tabs_need() -> None:
    folders = {path.parent for path in files(".js", NAMES[1:2])}
    assert folders == {UI / "shared", UI / "shared" / FOLDS, UI / "tabs" / NAMES[1]}


def test_every_script_is_checked_for_its_types() -> None:
    unchecked: list[Path] = [
        p for p in files(".js", NAMES) if not p.read_text(encoding="utf-8").startswith("// @ts-check\n")
    ]
    assert unchecked == []


# -- what it opens with --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped() -> Service:
    return Service("cpu")


def test_tabs_open_with_what_the_network_would_tell_of(shipped: Service) -> None:
    opening = [place.open(shipped, Ground.of(shipped).downloads) for place in TABS]
    alone = [tab for tab in opening if tab.opens_alone]
    assert alone
    for tab in alone:
        example, baked = tab.openings[0]
        assert tab.opening() == (example, baked.model)
        assert {example.name: baked.model for example, baked in tab.openings} == {
            example.name: tab.model_for(example) for example in tab.examples
        }
        late, begun = tab.choices(baked.model), tab.begun()
        assert begun["examples"] == late["examples"]
        assert all(model in late["models"] for model in begun["models"])


def test_the_first_example_and_what_reads_it_are_asked_for_before_the_scripts_are_read(shipped: Service) -> None:
    ground = Ground.of(shipped)
    text = text_of(ground.tabs)
    head, _, body = text.partition("</head>")
    asked = re.findall(r'<link rel="(?:module)?preload"[^>]* href="([^"]+)">', head)
    assert [ground.desk.served[at.partition("/")[0]](at.partition("/")[2]) is not None for at in asked] == [
        True for _ in asked
    ]
    kinds = {address.partition("/")[0] for address in asked}
    assert kinds == {"model", "baked", "twin"}
    begun = json.loads(re.findall(r"zslviz\.begin\((.*)\);\n</script>", body)[0].replace("<\\/", "</"))
    assert set(begun["tabs"]) == set(NAMES)
    first = begun["tabs"][NAMES[0]]["examples"][0]["bundle"]
    assert {f"model/{first['digest']}", first["photo"]} <= set(asked)


def test_modules_are_found_with_what_they_import() -> None:
    found = needed_modules('modules: ["facts.js", "facts.js", "no-such.js"]')
    assert (
        found[0] == "facts.js"
        and {"answers.js", "maps.js", "scoring.js"} <= set(found)
        and len(set(found)) == len(found)
    )
    assert needed_modules(all_of(".js", NAMES[:1]))


# -- bundles of another checkpoint are not shown ----------------------------------------------------------------------


def test_a_bundle_is_shown_where_the_checkpoint_that_wrote_it_is(tmp_path: Path, shipped: Service) -> None:
    assert shipped.baked is not None
    model = next(iter(shipped.baked.models))
    for name in shipped.baked.models:
        (tmp_path / name).mkdir()
        shutil.copy(checkpoints_folder() / name / "config.json", tmp_path / name)
    assert set(BakedBundles(tmp_path).models) == set(shipped.baked.models)
    config = json.loads((tmp_path / model / "config.json").read_text())
    (tmp_path / model / "config.json").write_text(json.dumps({**config, "config_sha256": "0" * 64}))
    assert set(BakedBundles(tmp_path).models) == set(shipped.baked.models) - {model}
    (tmp_path / "bundles").mkdir()
    assert BakedBundles(tmp_path, tmp_path / "bundles").models == {}
    (tmp_path / "bundles" / INDEX).write_text('{"a": 1}')
    assert BakedBundles(tmp_path, tmp_path / "bundles").models == {}


def test_nothing_but_what_is_there_has_an_address(shipped: Service) -> None:
    assert shipped.baked is not None
    example = next(place.open(shipped, Ground.of(shipped).downloads) for place in TABS if place.kind.opens_alone)
    address = example.openings[0][1].address.partition("/")[2]
    assert shipped.baked.photo_part(address) is not None
    digest, model, photo = address.split("/")
    for wrong in (
        f"{'0' * 16}/{model}/{photo}",
        f"{digest}/{model}/..",
        f"{digest[:1]}/{model}/{photo}",
        f"/{model}/{photo}",
        "",
    ):
        assert shipped.baked.photo_part(wrong) is None
    assert shipped.baked.photo_part(f"{digest}/../{photo}") is None and shipped.baked.model_part("0" * 64) is None


def test_beside_models_or_examples_of_ones_own_the_page_opens_as_the_network_has_it(made_folder: Path) -> None:
    service = Service("cpu", models=[made_folder])
    assert service.baked is None
    for tab in Ground.of(service).tabs:
        assert tab.begun() == {"models": [], "examples": [], "alone": bool(tab.place.alone)}


def test_the_page_is_answered_before_torch_and_gradio_are_brought_in() -> None:
    code = (
        "import sys; from zslviz.ui.ground import Ground; from zslviz.ui.service import Service\n"
        "assert Ground.of(Service(device=None)).desk.served['']('') is not None\n"
        "assert not {'gradio', 'torch'} & set(sys.modules), 'the first answer waits for what it does not need'"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
