"""A tab's panels: the components, and their functions on the server.

A panel is a `gr.HTML` component, in which the page's own document puts what it has drawn already: a template and a script in its
tab's folder (or in `shared/`). Its functions are asked with JSON and answer JSON, or one sentence that says what is wrong. Gradio
is brought in when the page is built, not before.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from zslviz.errors import ImageError, ZslvizError
from zslviz.ui.door import Desk, Question
from zslviz.ui.store import ExpiredError

Json = dict[str, Any]
Function = Callable[[Json], Json]
MAX_NAME = 120  # characters of a photo's name that are kept
_UNEXPECTED = "Something went wrong on the server; nothing on the page has changed. Try again, or another photo."
_log = logging.getLogger(__name__)


class NotHereError(ImageError):
    """A photo that was sent is not on this server: another one of several has it, or it was sent long ago."""

    def __init__(self) -> None:
        super().__init__("The photo did not arrive; choose it again.")


def answering(function: Function) -> Function:
    """Makes a server function answer {"error": sentence} instead of failing; "expired" where asking for the photo again helps."""

    @functools.wraps(function)
    def answer(payload: Any) -> Json:
        if not isinstance(payload, dict):
            return {"error": "A question of the page must be a JSON object."}
        try:
            return function(payload)
        except (ExpiredError, NotHereError) as error:
            return {"error": str(error), "expired": True}
        except ZslvizError as error:
            return {"error": str(error)}
        except Exception:  # the visitor gets one sentence, the log the rest
            _log.exception("A request of the page failed.")
            return {"error": _UNEXPECTED}

    return answer


def board(tab: str) -> Any:
    """A tab's columns, to be filled with panels: photo, maps, ranking and what else it has."""
    import gradio as gr

    return gr.Row(elem_id=f"zv-{tab}", elem_classes=["zv-board"], equal_height=False)


def panel(desk: Desk, tab: str, name: str, *functions: Function, waits: Mapping[Function, str] | None = None) -> None:
    """The place of a panel (`template`), drawn by the scripts' `zslviz.panels["TAB/NAME"]` or, of one that tabs share, `["NAME"]`.

    functions: what its script may ask the server for, by their names. waits: those that are answered when it is the visitor's turn
    at the network, and where she waits for it: a newer question takes the turn of one that waits at the same place.
    """
    import gradio as gr

    places = {f.__name__: place for f, place in (waits or {}).items()}
    asked = [answering(f) for f in (*functions, *(waits or ()))]
    drawn = gr.HTML(
        {},
        html_template="<div></div>",
        js_on_load=f"zslviz.take('{tab}', '{name}', element, server);",
        server_functions=asked,
        elem_classes=["zv-panel", f"zv-at-{name}"],
        apply_default_css=False,
        padding=False,
    )
    for function in asked:
        asks = function.__name__
        desk.questions[drawn._id, asks] = Question(function, places.get(asks, ""), asks == "download")


def uploaded(payload: Json) -> tuple[Path, str]:
    """The file that a visitor sent ("upload", a path that gradio gave, and "file"), and its name. Raises ImageError."""
    from gradio.utils import get_upload_folder

    try:
        path = Path(str(payload.get("upload") or "")).resolve()
        there = path.is_relative_to(Path(get_upload_folder()).resolve()) and path.is_file()
    except (OSError, ValueError):  # a name that no file can have
        there = False
    if not there:
        raise NotHereError
    return path, Path(str(payload.get("file") or path.name)).name[:MAX_NAME]
