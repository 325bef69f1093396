"""What is said when the page cannot be served."""

from __future__ import annotations

import socket

import pytest

from zslviz.errors import ConfigError
from zslviz.ui import page as page_module
from zslviz.ui.page import Page, serve
from zslviz.ui.service import Service


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page whose launch ends in the system's refusal of a file."""

    class Failing(Page):
        def launch(self, **settings: object) -> None:
            raise FileNotFoundError(2, "No such file or directory", "page.css")

    monkeypatch.setattr(page_module, "build_page", lambda service: Failing(None, None, ()))  # type: ignore[arg-type]
    monkeypatch.setattr(Service, "own_checkpoints", ())


def test_a_port_that_is_free_is_not_blamed_for_something_else(failing: None) -> None:
    with pytest.raises(FileNotFoundError, match=r"page\.css"):
        serve("127.0.0.1", 0)


def test_a_port_that_is_taken_is_named(failing: None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"cannot listen on 127.0.0.1:{port}"):
            serve("127.0.0.1", port)
