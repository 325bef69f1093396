"""A tab's panels: the components, their functions on the server, and the queue of the network.

A panel is a `gr.HTML` component with a template and a script in its tab's folder (or in `shared/`). Its functions are asked with
JSON and answer JSON, or one sentence that says what is wrong.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from zslviz.errors import ImageError, ZslvizError

Json = dict[str, Any]
Function = Callable[[Json], Json]
_UI = Path(__file__).parent
_UNEXPECTED = "Something went wrong on the server; nothing on the page has changed. Try again, or another photo."
_NETWORK: Json = {"concurrency_id": "network", "concurrency_limit": 1, "show_progress": "hidden"}
_log = logging.getLogger(__name__)


def answering(function: Function) -> Function:
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


def board(tab: str) -> Any:
    """A tab's columns, to be filled with panels: photo, maps, ranking and what else it has."""
    return gr.Row(elem_id=f"zv-{tab}", elem_classes=["zv-board"], equal_height=False)


def panel(tab: str, name: str, *functions: Function, opens_itself: bool = False) -> Any:
    """The panel of NAME.html, drawn by the scripts' `zslviz.panels["TAB/NAME"]` or, of a panel that tabs share, `["NAME"]`.

    functions: what its script may ask the server for, by their names. opens_itself: it asks for the first photo once it is drawn.
    """
    own = _UI / "tabs" / tab / f"{name}.html"
    template = own if own.is_file() else _UI / "shared" / f"{name}.html"
    # the custom event has to be named in this text for gradio to know it: 'explain'
    given = f"{{trigger, props, server, upload, watch, event: 'explain', opensItself: {str(opens_itself).lower()}}}"
    return gr.HTML(
        {},
        html_template=template.read_text(encoding="utf-8"),
        js_on_load=f"zslviz.mount('{tab}', '{name}', element, {given});",
        server_functions=[answering(f) for f in functions],
        elem_classes=["zv-panel", f"zv-at-{name}"],
        apply_default_css=False,
        padding=False,
    )


def explains(photo: Any, explain: Function, page: gr.Blocks | None) -> None:
    """Runs `explain` on what the photo panel asks, in the one queue of the network; the answer comes back as the panel's value.

    page: if given, the first photo is explained without being asked for, once the page is there.
    """
    safely = answering(explain)

    def explain_and_return(payload: Json) -> Json:
        return safely(payload) | {"request": payload.get("request", 0)}

    photo.explain(explain_and_return, photo, photo, api_visibility="private", **_NETWORK)
    if page is not None:

        def answer_first() -> Json:
            return explain_and_return({"first": True})

        page.load(answer_first, None, photo, api_visibility="private", **_NETWORK)


def uploaded(payload: Json) -> tuple[Path, str]:
    """The file that a visitor sent ("upload", a path that gradio gave, and "file"), and its name. Raises ImageError."""
    path = Path(str(payload.get("upload") or "")).resolve()
    if not path.is_relative_to(Path(get_upload_folder()).resolve()) or not path.is_file():
        raise ImageError("The photo did not arrive; choose it again.")
    return path, Path(str(payload.get("file") or path.name)).name
