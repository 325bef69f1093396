"""A page of its own with the made models, served in this process: nothing here needs shipped checkpoints."""

from __future__ import annotations

import io
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

from zslviz.ui.page import build_page
from zslviz.ui.service import Service


@pytest.fixture(scope="session")
def service(made_folder: Path) -> Service:
    return Service(device="cpu", examples=[], checkpoints=made_folder)


@pytest.fixture(scope="session")
def address(service: Service) -> Iterator[str]:
    """The address of a running page."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    page = build_page(service)
    page.launch(server_name="127.0.0.1", server_port=port, prevent_thread_lock=True, quiet=True)
    yield f"http://127.0.0.1:{port}"
    page.blocks.close()


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=60) as made:
        yield made


@pytest.fixture(scope="session")
def photo_file(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """Files of made photos by number, each another."""
    folder = tmp_path_factory.mktemp("photos")

    def file(number: int) -> Path:
        pixels = np.random.default_rng(number).integers(0, 256, (5, 8, 3), dtype=np.uint8)
        path = folder / f"{number}.png"
        buffer = io.BytesIO()
        Image.fromarray(pixels).resize((160, 100)).save(buffer, "PNG")
        path.write_bytes(buffer.getvalue())
        return path

    return file
