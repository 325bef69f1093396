"""Pages of their own with the made models, served in this process: nothing here needs shipped checkpoints."""

from __future__ import annotations

import io
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np
import pytest
from gradio_client import Client
from PIL import Image

from tests.conftest import made_photo
from zslviz.ui.examples import Example
from zslviz.ui.page import Page, build_page
from zslviz.ui.service import Service

PhotoFile = Callable[[int], Path]
TRUTH = {  # of the made examples, by the task of the made model that knows what is in them
    "attributes": {"true_class": "class_5", "seen": "unseen"},
    "multilabel": {"labels": "label 1; label 5;; a thing that no label names"},
    "compositional": {"state": "state 0", "object": "object 1"},
}


@contextmanager
def running(page: Page) -> Iterator[str]:
    """The address of a page that is served in this process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    page.launch(server_name="127.0.0.1", server_port=port, prevent_thread_lock=True, quiet=True)
    yield f"http://127.0.0.1:{port}"
    page.blocks.close(verbose=False)


@contextmanager
def served(service: Service) -> Iterator[str]:
    """The address of a running page with a service's models."""
    with running(build_page(service)) as address:
        yield address


@pytest.fixture(scope="session")
def service(made_folder: Path) -> Service:
    """Attribute models alone, and no examples."""
    return Service(device="cpu", checkpoints=made_folder, shipped_examples=made_folder / "none")


@pytest.fixture(scope="session")
def all_tasks(
    made_folder: Path, label_folder: Path, composition_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Service:
    """Models of every task, and one example for each."""
    folder = tmp_path_factory.mktemp("examples")
    made_photo().save(folder / "1.png")
    examples = [
        Example(folder / "1.png", "A made photo", task, "photo", "A note.", truth, key=f"{task}.png")
        for task, truth in TRUTH.items()
    ]
    models = [label_folder, composition_folder]
    return Service("cpu", examples, made_folder, models, shipped_examples=folder / "none")


@pytest.fixture(scope="session")
def address(service: Service) -> Iterator[str]:
    """The page of the attribute models."""
    with served(service) as address:
        yield address


@pytest.fixture(scope="session")
def all_tasks_address(all_tasks: Service) -> Iterator[str]:
    """The page with every tab."""
    with served(all_tasks) as address:
        yield address


@pytest.fixture(scope="session")
def all_tasks_api(all_tasks_address: str) -> Client:
    return Client(all_tasks_address, verbose=False)


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=60) as made:
        yield made


@pytest.fixture(scope="session")
def photo_file(tmp_path_factory: pytest.TempPathFactory) -> PhotoFile:
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
