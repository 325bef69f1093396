"""The tabs of the page, in their order. A new tab is a folder here and one line below.

A folder holds `tab.py` with the tab's class (`zslviz.ui.tab.Tab`), and the templates, scripts and styles of its panels, which the
page finds there (`zslviz.ui.theme`). Strings alone: nothing is imported before the page is built.
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

    opens: the tab's class, MODULE:CLASS in the folder.
    """

    name: str
    title: str
    task: Task
    opens: str

    @property
    def kind(self) -> type[Tab[Any, Any]]:
        """The tab's class."""
        kind: type[Tab[Any, Any]] = found(f"{__name__}.{self.name}.{self.opens}")
        return kind

    def open(self, service: Service, downloads: Downloads) -> Tab[Any, Any]:
        """The tab, for a page."""
        return self.kind(self, service, downloads)


TABS = (
    TabPlace("explain", "Explain & edit", "attributes", "tab:ExplainTab"),
    TabPlace("multilabel", "Multi-label", "multilabel", "tab:MultiLabelTab"),
    TabPlace("compose", "Compose", "compositional", "tab:ComposeTab"),
)
