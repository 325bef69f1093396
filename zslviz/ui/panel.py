"""What the tabs' panels share: the component, its functions on the server, the queue of the network, a photo and its facts.

A panel is a `gr.HTML` component with a template and a script in its tab's folder (or in `shared/`). Its functions are asked with
JSON and answer JSON, or one sentence that says what is wrong.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from zslviz.errors import ImageError, ZslvizError
from zslviz.ui import pictures
from zslviz.ui.examples import ExamplePhoto
from zslviz.ui.service import Service

Json = dict[str, Any]
_UI = Path(__file__).parent
_UNEXPECTED = "Something went wrong on the server; nothing on the page has changed. Try again, or another photo."
_NETWORK: Json = {"concurrency_id": "network", "concurrency_limit": 1, "show_progress": "hidden"}
_log = logging.getLogger(__name__)


def answering(function: Callable[[Json], Json]) -> Callable[[Json], Json]:
    """Makes a server function answer {"error": sentence} instead of failing."""

    @functools.wraps(function)
    def answer(payload: Json) -> Json:
        try:
            return function(payload)
        except ZslvizError as error:
            return {"error": str(error)}
        except Exception:  # the visitor gets one sentence, the log the rest
            _log.exception("A request of the page failed.")
            return {"error": _UNEXPECTED}

    return answer


def panel(
    name: str, place: str, functions: Sequence[Callable[[Json], Json]], tab: str = "explain", elem_id: str | None = None
) -> Any:
    """The panel of NAME.html (`template`), drawn by the script's `zslviz.panels[NAME]`.

    place: where in a tab it stands, "photo", "maps", "ranking" or "matrix". tab: whose state it shows, by its name in the scripts.
    functions: what its script may ask the server for, by their names.
    """
    return gr.HTML(
        {},
        html_template=template(name).read_text(encoding="utf-8"),
        # the custom event has to be named in this text for gradio to know it: 'explain'
        js_on_load=f"zslviz.mount('{name}', element, {{trigger, props, server, upload, watch, event: 'explain'}}, '{tab}');",
        server_functions=[answering(f) for f in functions],
        elem_id=elem_id,
        elem_classes=["zv-panel", f"zv-at-{place}"],
        apply_default_css=False,
        padding=False,
    )


def template(name: str) -> Path:
    """The file of a panel's template: of a tab by TAB/NAME, else one that the tabs share."""
    return _UI / ("tabs" if "/" in name else "shared") / f"{name}.html"


def columns(elem_id: str) -> Any:
    """A tab's columns, to be filled with panels: photo, maps, ranking."""
    return gr.Row(elem_id=elem_id, elem_classes=["zv-board"], equal_height=False)


def explains(
    photo: Any, explain: Callable[[Json], Json], first: Callable[[], Json] | None = None, page: Any = None
) -> None:
    """Runs `explain` on what the photo panel asks, in the one queue of the network; the answer comes back as the panel's value.

    first: answered without being asked, once the page (`gr.Blocks`) is there.
    """
    safely = answering(explain)

    def explain_and_return(payload: Json) -> Json:
        return safely(payload) | {"request": payload.get("request", 0)}

    photo.explain(explain_and_return, photo, photo, api_visibility="private", **_NETWORK)
    if first is not None:

        def answer_first() -> Json:
            return answering(lambda _: first())({}) | {"request": 0}

        page.load(answer_first, None, photo, api_visibility="private", **_NETWORK)


def uploaded(payload: Json) -> tuple[Path, str]:
    """The file that a visitor sent ("upload", a path that gradio gave, and "file"), and its name. Raises ImageError."""
    path = Path(str(payload.get("upload") or "")).resolve()
    if not path.is_relative_to(Path(get_upload_folder()).resolve()) or not path.is_file():
        raise ImageError("The photo did not arrive; choose it again.")
    return path, Path(str(payload.get("file") or path.name)).name


def photo_facts(service: Service, handle: str, explanation: Any, example: ExamplePhoto | None, title: str) -> Json:
    """What every tab tells of an explained photo: the photo, the model, what the run took."""
    info = service.checkpoint(explanation.model)
    return {
        "handle": handle,
        "model": info.name,
        "model_title": info.title,
        "data": info.data,
        "timing": {"backbone_ms": explanation.timing.backbone_ms, "total_ms": explanation.timing.total_ms},
        "device": explanation.timing.device,
        "backbone": service.explainer(explanation.model).checkpoint.backbone,
        "photo": pictures.photo_url(explanation.photo),
        "width": explanation.geometry.width,
        "height": explanation.geometry.height,
        "title": title,
        "example": None if example is None else example.name,
        "note": "" if example is None else example.note,
    }
