"""The page as a server: what keeps it from listening, how it ends, and what it holds while photos come and go."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from benchmarks.visitors import PageOf, Visitor
from tests.conftest import ROOT, made_photo
from tests.ui.conftest import PhotoFile, running
from zslviz.errors import ConfigError
from zslviz.ui import front, serving
from zslviz.ui.door import Desk
from zslviz.ui.page import build_page
from zslviz.ui.service import Service
from zslviz.ui.serving import finish, free_at, place_told
from zslviz.ui.turns import NOBODY, Turns


@contextmanager
def served(models: list[Path], nothing: Path, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`zslviz serve` in a process of its own with these models alone, and its address once it tells it."""
    port = free_at("127.0.0.1", 0)
    options = [part for model in models for part in ("--model", str(model))]
    process = subprocess.Popen(
        [sys.executable, "-m", "zslviz", "serve", "--port", str(port), *options],
        cwd=ROOT,
        env={
            **os.environ,
            "ZSLVIZ_CHECKPOINTS": str(nothing),
            "TMPDIR": str(nothing),
            "GRADIO_TEMP_DIR": "",
            "OMP_NUM_THREADS": "1",
            **environment,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None and process.stderr is not None
        line = process.stdout.readline()
        assert line == f"The page is at http://127.0.0.1:{port}/\n", process.stderr.read()
        yield process, line.split()[-1]
    finally:
        process.kill()
        process.wait(20)


# -- where it listens ----------------------------------------------------------------------------------------------------


def test_a_port_that_is_taken_is_named_and_nothing_else_is_blamed_on_it() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"cannot listen on 127.0.0.1:{port}: another program does"):
            free_at("127.0.0.1", port)
    assert free_at("127.0.0.1", port) == port
    assert free_at("127.0.0.1", 0) > 0
    for host in ("203.0.113.7", "no.such.machine.invalid", "a" * 300, ""):
        if host:
            with pytest.raises(ConfigError, match="is no address of this machine"):
                free_at(host, port)


def test_what_fails_while_it_starts_is_told_as_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from zslviz.ui import serving
    from zslviz.ui.page import Page

    def fail(*_: object, **__: object) -> None:
        raise FileNotFoundError(2, "No such file or directory", "page.css")

    monkeypatch.setattr(Page, "behind", fail)
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    with pytest.raises(ConfigError, match=r"cannot be started: .*page\.css") as raised:
        serving.serve("127.0.0.1", 0)
    assert "Port" not in str(raised.value)


def test_a_device_that_is_not_there_is_told_before_it_listens() -> None:
    from zslviz.ui import serving

    with pytest.raises(ConfigError):
        serving.serve("127.0.0.1", 0, device="cuda:99")


# -- how it ends ---------------------------------------------------------------------------------------------------------


def test_what_is_being_explained_when_the_server_is_told_to_end_is_explained(
    service: Service, photo_file: PhotoFile
) -> None:
    page = build_page(service)
    inside, go = threading.Event(), threading.Event()
    with running(page) as address:
        known = PageOf(address)
        page.desk.turns.take("slow", lambda: (inside.set(), go.wait(30)))
        assert inside.wait(30)
        with ThreadPoolExecutor(2) as pool:
            model = service.all_checkpoints[0].name
            asked = pool.submit(Visitor(known, 0).explain, "explain", photo_file(1).read_bytes(), model)
            while not page.desk.turns._waiting:
                time.sleep(0.01)
            ended = pool.submit(finish, page, 30.0)
            while not page.desk.turns._closed:
                time.sleep(0.01)
            with pytest.raises(RuntimeError, match="about to end"):
                Visitor(known, 1).explain("explain", photo_file(2).read_bytes(), model)
            go.set()
            assert asked.result(30)["handle"] and ended.result(30) is True


# -- what it holds, and leaves -------------------------------------------------------------------------------------------


def large_photo(number: int) -> bytes:
    buffer = io.BytesIO()
    made_photo().resize((1000, 800 + number)).save(buffer, "JPEG")
    return buffer.getvalue()


def resident(process: subprocess.Popen[str]) -> int:
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS"))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from /proc")
def test_the_memory_of_a_server_stays_where_it_was_once_its_budget_is_full_and_no_file_is_left(
    made_folder: Path, tmp_path: Path
) -> None:
    photos = [large_photo(number) for number in range(12)]  # 2.4 MB each once decoded
    with served([made_folder / "made-mgmrn"], tmp_path, ZSLVIZ_KEPT_MB="10") as (process, address):
        page = PageOf(address)

        def visit(seed: int) -> None:
            visitor = Visitor(page, seed)
            for photo in photos[seed::3]:
                handle = visitor.explain("explain", photo, "made-mgmrn")["handle"]
                visitor.ask("explain", "maps", {"handle": handle, "attribute": 1, "kind": "evidence"})

        def load() -> int:
            with ThreadPoolExecutor(3) as pool:
                list(pool.map(visit, range(3)))
            return resident(process)

        before, _, after = load(), load(), load()
        assert after - before <= 40, f"{before} MB after 12 photos, {after} MB after 36"
        assert list(tmp_path.glob("zslviz-uploads-*/*/*.jpg"))
        process.send_signal(signal.SIGTERM)
        assert process.wait(40) == 0
        assert process.stderr is not None and "Traceback" not in process.stderr.read()
    assert not list(tmp_path.glob("zslviz-*"))


def test_small_answers_are_sent_at_once() -> None:
    async def waits_for_more() -> int:
        told: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            told.set_result(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        listening = serving._bound("127.0.0.1", 0)
        listening.listen()
        async with await asyncio.start_server(answer, sock=listening):
            _, writer = await asyncio.open_connection(*listening.getsockname())
            writer.close()
            return await told

    with ThreadPoolExecutor(1) as pool:  # a browser's loop may run in this thread
        sent_at_once = pool.submit(asyncio.run, waits_for_more()).result()
    assert sent_at_once, "asyncio knows the protocol of the socket"


# -- where it is told to listen, and while it begins ---------------------------------------------------------------------


def test_the_environment_says_where_it_listens_and_what_is_no_port_is_named() -> None:
    assert place_told({}) == ("127.0.0.1", 7860)
    assert place_told({"SPACE_ID": "someone/zslviz"}) == ("0.0.0.0", 7860)
    space = {"SPACE_ID": "someone/zslviz", "GRADIO_SERVER_NAME": "127.0.0.2", "GRADIO_SERVER_PORT": "7000"}
    assert place_told(space) == ("127.0.0.2", 7000)
    assert place_told({**space, "HOST": "127.0.0.3", "PORT": "8000"}) == ("127.0.0.3", 8000)
    assert place_told({"HOST": "", "PORT": " "}) == ("127.0.0.1", 7860)
    for name in ("PORT", "GRADIO_SERVER_PORT"):
        for wrong in ("x", "-1", "65536", "1e3", "٣", "9" * 50):
            with pytest.raises(ConfigError, match=rf"^{name} is '{wrong[:40]}'; it has to be a number up to 65535\.$"):
                place_told({name: wrong})


@pytest.mark.parametrize(("told", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)], ids=["SIGTERM", "SIGINT"])
def test_told_to_end_while_it_begins_it_ends_at_once_without_a_word(
    made_folder: Path, tmp_path: Path, told: signal.Signals, code: int
) -> None:
    with served([made_folder / "made-mgmrn"], tmp_path) as (process, address):
        with ThreadPoolExecutor(1) as pool:  # it listens; gradio is not there
            waiting = pool.submit(httpx.get, f"{address}?gradio", timeout=60)
            while not waiting.running():
                time.sleep(0.01)
            time.sleep(0.2)
            started = time.monotonic()
            process.send_signal(told)
            assert process.wait(20) == code
            assert time.monotonic() - started < 3, "what waits at the door is not waited for"
            with pytest.raises(httpx.TransportError):
                waiting.result()
        assert process.stderr is not None and process.stderr.read() == ""
    assert not list(tmp_path.glob("zslviz-*"))


def test_what_nobody_waits_for_does_not_keep_it_from_ending() -> None:
    turns, go = Turns(), threading.Event()
    turns.take(NOBODY, lambda: go.wait(30))
    assert turns.close(5) and turns.working
    go.set()


def test_who_waits_at_the_door_is_let_in_when_it_opens() -> None:
    desk = Desk(Turns())

    async def wait() -> bool:
        waiting = [asyncio.ensure_future(desk.opened()) for _ in range(3)]
        await asyncio.sleep(0.05)
        assert not any(one.done() for one in waiting)
        threading.Thread(target=setattr, args=(desk, "ready", True)).start()
        await asyncio.wait_for(asyncio.gather(*waiting, desk.opened()), 5)
        return True

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(asyncio.run, wait()).result()


@pytest.mark.parametrize(
    ("visitor", "calm", "least"), [("nobody", 30.0, 0.1), ("waits", 30.0, 0.25), ("goes", 0.2, 0.45)]
)
def test_a_first_page_passes_before_the_rest_is_brought_in(
    visitor: str, calm: float, least: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, seconds in {"NOBODY": 0.1, "CALM": calm, "LONGEST": 60.0}.items():
        monkeypatch.setattr(front, name, seconds)
    desk = Desk(Turns())

    def visit() -> None:
        with desk.counted():
            time.sleep(0.3)
        if visitor == "waits":
            desk._waiting.append(lambda: None)

    guest = threading.Thread(target=visit)
    began = time.monotonic()
    if visitor != "nobody":
        guest.start()
        while not desk.latest:
            time.sleep(0.001)
    with socket.socket() as listening:
        front.Front(listening, desk).let_first_page_pass()
    assert time.monotonic() - began >= least and desk.open == 0
    assert desk.awaited == (visitor == "waits")


def test_a_visitor_who_never_asks_for_the_rest_keeps_it_waiting_for_a_moment_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(front, "LONGEST", 0.3)
    desk = Desk(Turns())
    with socket.socket() as listening, desk.counted():
        front.Front(listening, desk).let_first_page_pass()
        assert desk.open == 1
