"""The named endpoints, through gradio_client and plain HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from tests.tasks.attributes.made import made_scores
from zslviz.photos.looks import LOOKS
from zslviz.runtime.places import TEST_PHOTOS
from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
from zslviz.tasks.attributes.comparing import compare
from zslviz.tasks.attributes.comparing.answer import comparison_answer
from zslviz.tasks.attributes.comparing.maps import maps_beside
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.is_it_true.trial import Trial
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.sentence import hardly_said, sentence
from zslviz.tasks.attributes.whole_set.attribute_auc import areas
from zslviz.tasks.attributes.whole_set.photos import fused_bytes, write_fused
from zslviz.ui.service import Service

MODEL, OTHER = "made-mgmrn", "made-msdn"
PhotoFile = Callable[[int], Path]


@pytest.fixture(scope="module")
def api(address: str) -> Client:
    return Client(address, verbose=False)


@pytest.fixture(scope="module")
def explained(api: Client, photo_file: PhotoFile) -> dict[str, Any]:
    return api.predict(photo=handle_file(photo_file(0)), model=MODEL, api_name="/explain")


def run(client: httpx.Client, endpoint: str, data: list[Any]) -> Any:
    answer = client.post(f"/gradio_api/run/{endpoint}", json={"data": data})
    answer.raise_for_status()
    return answer.json()["data"][0]


def explain_over_http(client: httpx.Client, photo: Path, model: str) -> Any:
    """Upload, join the queue, wait: what docs/api.md shows with curl."""
    with photo.open("rb") as file:
        path = client.post("/gradio_api/upload", files={"files": file}).json()[0]
    data = [{"path": path, "meta": {"_type": "gradio.FileData"}}, model, 3]
    event = client.post("/gradio_api/call/explain", json={"data": data}).json()["event_id"]
    text = client.get(f"/gradio_api/call/explain/{event}").text
    kind, _, rest = text.rpartition("event: ")[2].partition("\n")
    return kind, json.loads(rest.removeprefix("data: "))


def test_only_the_documented_endpoints_are_public(api: Client) -> None:
    assert set(api.view_api(return_format="dict", print_info=False)["named_endpoints"]) == {
        "/models",
        "/explain",
        "/rank",
        "/what_would_it_take",
        "/retest",
        "/invent",
        "/compare",
        "/cover",
        "/look_again",
    }


def test_explain_answers_what_the_package_computes(
    explained: dict[str, Any], service: Service, photo_file: PhotoFile
) -> None:
    here = service.explainer(MODEL).explain(photo_file(0)).to_dict()
    for key in ("ranking", "classes", "geometry", "gamma"):
        assert explained[key] == json.loads(json.dumps(here[key])), key
    read = areas(service.checkpoint(MODEL).metrics, len(here["attributes"]))
    assert explained["attributes"] == json.loads(json.dumps(here["attributes"]))
    assert [one["auc"] for one in explained["attributes"]] == [asdict(one) for one in read]
    assert [one["read"] for one in explained["attributes"]] == [one.step for one in read]
    explanation = service.explainer(MODEL).explain(photo_file(0))
    assert explained["hardly_read"] == hardly_said(explanation, sentence(explanation))
    assert explained["sentence"] == sentence(explanation).text


def test_what_it_would_take_is_what_the_package_finds(
    api: Client, explained: dict[str, Any], service: Service, photo_file: PhotoFile
) -> None:
    second = explained["ranking"][1]["name"]
    told = api.predict(explained["handle"], second, ways=2, api_name="/what_would_it_take")
    here = service.explainer(MODEL).explain(photo_file(0))
    assert told == json.loads(json.dumps(here.what_would_it_take(second, ways=2).to_dict(here.space)))
    edits = {edit["attribute"]: edit["value"] for edit in told["ways"][0]["edits"]}
    assert api.predict(explained["handle"], edits, api_name="/rank")["ranking"][0]["name"] == second
    with pytest.raises(AppError, match="photo or description"):
        api.predict(explained["handle"], second, side="animal", api_name="/what_would_it_take")


def test_two_models_are_compared_as_the_package_compares_them(
    api: Client, explained: dict[str, Any], service: Service, photo_file: PhotoFile
) -> None:
    second = api.predict(photo=handle_file(photo_file(0)), model=OTHER, api_name="/explain")
    told = api.predict(explained["handle"], second["handle"], "class_2", "color: shade 1", 3, api_name="/compare")
    one, other = (service.explainer(name).explain(photo_file(0)) for name in (MODEL, OTHER))
    compared = compare(one, other, ("Mg-MRN", "MSDN"))
    here = {**comparison_answer(compared, 2, 3, 3), "maps": maps_beside(compared, 1)}
    assert told == json.loads(json.dumps(here))
    edits = {"color: shade 1": 0.8}
    told = api.predict(explained["handle"], second["handle"], edits=edits, api_name="/compare")
    edited = comparison_answer(compare(one, other, ("Mg-MRN", "MSDN"), RankRequest({1: 0.8})))
    assert told["sentence"] == json.loads(json.dumps(edited["sentence"]))
    photo = api.predict(photo=handle_file(photo_file(1)), model=OTHER, api_name="/explain")
    with pytest.raises(AppError, match="explanations of two photos"):
        api.predict(explained["handle"], photo["handle"], api_name="/compare")


def test_a_covered_place_is_promised_and_proved_as_by_the_package(
    api: Client, explained: dict[str, Any], service: Service, photo_file: PhotoFile
) -> None:
    explainer, region = service.explainer(MODEL), [0.1, 0.2, 0.7, 0.9]
    here = explainer.explain(photo_file(0))
    edits, request = {"color: shade 1": 0.8}, RankRequest(image_edits={1: 0.8})
    told = api.predict(explained["handle"], region, "color: shade 0", edits, api_name="/cover")
    trial = Trial(here.without(region), explainer.covered(here, region), 0, request)
    assert told == json.loads(json.dumps(trial.to_dict()))
    found = api.predict(explained["handle"], api_name="/cover")
    decides = here.deciding_region()
    assert (found["promise"] and found["promise"]["region"]) == (decides and list(decides.region.box))
    for wrong in ([0, 0, 1], [0, 0, 2, 1], "here"):
        with pytest.raises(AppError, match="fractions of the photo's sides"):
            api.predict(explained["handle"], wrong, api_name="/cover")


def test_a_photo_is_looked_at_again_as_by_the_package(
    api: Client, explained: dict[str, Any], service: Service, photo_file: PhotoFile
) -> None:
    explainer = service.explainer(MODEL)
    here = explainer.explain(photo_file(0))
    told = api.predict(explained["handle"], {"color: shade 1": 0.8}, api_name="/look_again")
    looked = explainer.looked_again(here).under(RankRequest(image_edits={1: 0.8}))
    assert told == json.loads(json.dumps(looked.told(here.space.class_names)))
    assert list(told["leads"]) == list(LOOKS)


def test_edits_by_readable_name_by_own_name_and_as_vector_are_the_same(api: Client, explained: dict[str, Any]) -> None:
    attribute = explained["attributes"][2]
    vector = [None, None, 0.9, None, None]
    answers = [
        api.predict(explained["handle"], edits, api_name="/rank")
        for edits in ({attribute["name"]: 0.9}, {attribute["label"]: 0.9}, vector)
    ]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0]["ranking"] != explained["ranking"]
    assert answers[0]["sentence"].startswith("After 1 edit, ")


def test_class_edits_gamma_and_unseen_only(api: Client, explained: dict[str, Any], service: Service) -> None:
    answer = api.predict(
        explained["handle"], None, {"Class 5": {"color: shade 1": 0.1}}, 0.7, True, 10, api_name="/rank"
    )
    explanation = service.store.get(explained["handle"], Explanation)
    space = explanation.space.with_value("class_5", "has_color::shade_1", 0.1)
    expected = explanation.rank(0.7, True, None, space)
    assert answer["ranking"] == [asdict(line) for line in expected.top()]
    assert answer["class_edits"] == {"class_5": {"has_color::shade_1": 0.1}}
    assert all(not line["seen"] for line in answer["ranking"])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"edits": {"color: shade 9": 1}}, "There is no attribute called 'color: shade 9': did you mean"),
        ({"edits": [1, 2]}, "A vector of edits needs 5 numbers or nulls, not 2."),
        ({"edits": {"color: shade 1": "blue"}}, "The value for 'color: shade 1' must be a number"),
        ({"edits": {"color: shade 1": 1e30}}, "it must lie between -100 and 100"),
        ({"class_edits": {"Clas 5": {}}}, "There is no class called 'Clas 5'"),
    ],
)
def test_bad_requests_get_one_sentence(
    api: Client, explained: dict[str, Any], arguments: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(AppError) as error:
        api.predict(**({"handle": explained["handle"]} | arguments), api_name="/rank")
    assert sentence in str(error.value)
    assert "Traceback" not in str(error.value)


def test_a_text_file_named_jpg_gets_one_sentence(api: Client, tmp_path: Path) -> None:
    fake = tmp_path / "bird.jpg"
    fake.write_text("no picture")
    with pytest.raises(AppError, match=r"'bird\.jpg' is not a picture that can be read"):
        api.predict(photo=handle_file(fake), model=MODEL, api_name="/explain")


def test_explain_and_rank_over_plain_http(client: httpx.Client, photo_file: PhotoFile) -> None:
    kind, (explained,) = explain_over_http(client, photo_file(1), "made-msdn")
    assert kind == "complete"
    assert len(explained["ranking"]) == 3
    ranked = run(client, "rank", [explained["handle"], {"color: shade 0": 1}, None, None, False, 3])
    assert ranked["edits"] == {"has_color::shade_0": 1.0}


def test_the_whole_test_set_is_asked_over_plain_http(client: httpx.Client, service: Service) -> None:
    folder = service.checkpoint("made-msdn").folder
    checkpoint = AttributeCheckpoint.load(folder)
    content = fused_bytes(checkpoint, checkpoint.digest, made_scores(checkpoint), "")
    assert "came without its test photos" in client.post("/gradio_api/run/retest", json={"data": ["made-msdn"]}).text
    write_fused(folder / TEST_PHOTOS, content)
    try:
        found = run(client, "retest", ["made-msdn", {"class_5": {"color: shade 0": 0}}, None, {"new": [0.5] * 5}])
    finally:
        (folder / TEST_PHOTOS).unlink()
    assert found["edited"] == ["Class 5", "New"]
    assert found["changed"] == found["gained"] + found["lost"] + sum(
        m["photos"] - m["won"] - m["lost"] for m in found["moves"]
    )


def test_files_of_the_server_cannot_be_named_as_photos(client: httpx.Client, photo_file: PhotoFile) -> None:
    stolen = {"path": str(photo_file(2)), "meta": {"_type": "gradio.FileData"}}
    answer = client.post("/gradio_api/run/explain", json={"data": [stolen, MODEL, 3]})
    assert answer.status_code != 200


def test_many_visitors_at_once_never_mix(address: str, service: Service, photo_file: PhotoFile) -> None:
    """Each visitor has her own photo, model, edits and calibration, and asks again and again while others do."""

    def visit(number: int) -> None:
        model = ("made-mgmrn", "made-msdn")[number % 2]
        alone = service.explainer(model).explain(photo_file(100 + number))
        with httpx.Client(base_url=address, timeout=60) as client:
            _, (explained,) = explain_over_http(client, photo_file(100 + number), model)
            assert explained["model"] == model
            for turn in range(5):
                value, gamma = (number * 7 + turn) % 11 / 10, number / 10
                edits, unseen_only = {number % 5: value}, turn % 2 == 1
                answer = run(
                    client, "rank", [explained["handle"], {str(number % 5): value}, None, gamma, unseen_only, 6]
                )
                expected = alone.rank(gamma, unseen_only, edits)
                assert answer["ranking"] == [asdict(line) for line in expected.top(6)]
            undone = run(client, "rank", [explained["handle"], {}, None, None, False, 3])
            assert undone["ranking"] == explained["ranking"]

    with ThreadPoolExecutor(12) as visitors:
        for visit_ended in [visitors.submit(visit, number) for number in range(12)]:
            visit_ended.result()


def test_a_class_is_made_up_and_ranked_by_every_way(
    api: Client, explained: dict[str, Any], service: Service, photo_file: PhotoFile
) -> None:
    handle, explainer = explained["handle"], service.explainer(MODEL)
    here = explainer.explain(photo_file(0))
    for told, own in (
        ({"sentence": "like a class 5 but no shade 1"}, explainer.invent("like a class 5 but no shade 1")),
        (
            {"like": "class 5", "parts": {"color": ["class 1", 0.5]}, "name": "mixed"},
            explainer.invent(base="class 5", parts={"color": ("class 1", 0.5)}, name="mixed"),
        ),
        (
            {"values": {"color: shade 1": 0.9}, "name": "mine"},
            explainer.invent(numbers={"color: shade 1": 0.9}, name="mine"),
        ),
        ({"photos": [handle], "name": "seen"}, explainer.invent(photos=[photo_file(0)], name="seen")),
    ):
        made = api.predict(handle, **told, top=100, api_name="/invent")
        assert [line["value"] for line in made["attributes"]] == pytest.approx(own.values.tolist()), told
        assert (made["name"], made["told"], made["few_shot"]) == (own.name, own.told, own.few_shot)
        expected = here.rank(space=own.joined())
        assert [line["index"] for line in made["ranking"]] == expected.order.tolist()
        values = [line["value"] for line in made["attributes"]]
        again = api.predict(handle, top=100, invented={own.name: values}, api_name="/rank")
        assert again["ranking"] == made["ranking"]
        assert not next(line["seen"] for line in again["ranking"] if line["index"] == len(here.space.classes))
    csv = "class;color: shade 0;color: shade 1\nfrom a table;40 %;90 %"
    for table in (csv, [csv[:20], csv[20:]]):
        made = api.predict(handle, sentence=None, table=table, api_name="/invent")
        assert [line["value"] for line in made["attributes"]][:2] == pytest.approx([0.4, 0.9])
    assert api.predict(handle, "from a table", invented={"from a table": [0.5] * 5}, api_name="/what_would_it_take")[
        "ways"
    ]


@pytest.mark.parametrize(
    ("endpoint", "arguments", "sentence"),
    [
        ("/invent", {"sentence": "mostly harmless"}, "Nothing in “mostly harmless” names a class or an attribute"),
        ("/invent", {"sentence": "like a class 5", "table": "class\n"}, "by one of them"),
        ("/invent", {"parts": {"color": 3}}, "'color' must be given by the name of a class"),
        ("/invent", {"parts": {"wool": "class 1"}}, "There is no group of attributes called 'wool'"),
        ("/invent", {"values": {"color: shade 1": 2}}, "a class is described by values between 0 and 1"),
        ("/invent", {"photos": ["nowhere"]}, "no longer kept"),
        ("/invent", {"table": "name,x\na,1"}, "no column 'class'"),
        ("/invent", {"table": [1]}, "A table is one text, or a list of the texts that it is cut into."),
        ("/invent", {"sentence": ["a horse"]}, "'sentence' must be a text."),
        ("/invent", {"like": 3}, "'like' must be a text."),
        ("/invent", {"photos": True}, "'photos' must be a list of handles."),
        ("/rank", {"top": "x"}, "'top' must be at least 1"),
        ("/rank", {"invented": {"Class 5": [0, 0, 0, 0, 0]}}, "There is a class 'Class 5' already."),
        ("/rank", {"invented": {"mine": [0, 0]}}, "needs 5 numbers or nulls, not 2"),
        ("/rank", {"invented": {"mine": {"color: shade 1": -1}}}, "between 0 and 1"),
        ("/rank", {"invented": {f"mine {i}": [0.5] * 5 for i in range(21)}}, "At most 20 classes"),
        ("/rank", {"invented": {" ": [0, 0, 0, 0, 0]}}, "A class's name has 1 to 60 letters."),
    ],
)
def test_what_makes_no_class_is_told_in_one_sentence(
    api: Client, explained: dict[str, Any], endpoint: str, arguments: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(AppError) as error:
        api.predict(handle=explained["handle"], **arguments, api_name=endpoint)
    assert sentence in str(error.value)
