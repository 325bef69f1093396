"""The tabs of the page, in their order. A new tab is a folder here and one line below.

A folder holds `tab.py` with the tab's class (`zslviz.ui.tab.Tab`), and the templates, scripts and styles of its panels, which the
page finds there (`zslviz.ui.drawn`). Strings alone: nothing is imported before the page is built.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from zslviz.catalogue import Task, found

if TYPE_CHECKING:
    from zslviz.ui.scratch import Downloads
    from zslviz.ui.service import Service
    from zslviz.ui.tab import Tab


class TabPlace(NamedTuple):
    """name: of the folder, and of the tab's state in the scripts. title: what is written on it. task: a model of it is needed.

    opens: the tab's class, MODULE:CLASS in the folder. line: what one does there, at the top of the page while it is open.
    alone: its panels that need no server, where an explanation can be shown without one (`ui.report`).
    """

    name: str
    title: str
    task: Task
    opens: str
    line: str = ""
    alone: tuple[str, ...] = ()

    @property
    def kind(self) -> type[Tab[Any, Any]]:
        """The tab's class."""
        kind: type[Tab[Any, Any]] = found(f"{__name__}.{self.name}.{self.opens}")
        return kind

    def open(self, service: Service, downloads: Downloads) -> Tab[Any, Any]:
        """The tab, for a page."""
        return self.kind(self, service, downloads)


TABS = (
    TabPlace(
        "explain",
        "Explain & edit",
        "attributes",
        "tab:ExplainTab",
        "See why a photo gets its name, then change it",
        ("maps", "ranking", "classes", "why", "insights", "take", "editor", "invent", "learned", "edits"),
    ),
    TabPlace(
        "multilabel",
        "Multi-label",
        "multilabel",
        "tab:MultiLabelTab",
        "Find labels in a photo, even ones never trained on",
        ("maps", "ranking"),
    ),
    TabPlace(
        "compose",
        "Compose",
        "compositional",
        "tab:ComposeTab",
        "Name a thing and its state, even a pair never trained on",
        ("maps", "matrix", "ranking"),
    ),
)
