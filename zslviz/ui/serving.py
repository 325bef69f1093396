"""The page as a server: where it listens, how it ends, and the folder of its visitors' files."""

from __future__ import annotations

import errno
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from zslviz.errors import ConfigError
from zslviz.runtime.allocator import few_arenas
from zslviz.runtime.extras import need
from zslviz.runtime.starting import end_now, ending_at_once
from zslviz.ui.examples import Example
from zslviz.ui.front import Front
from zslviz.ui.ground import Ground
from zslviz.ui.scratch import Downloads, Uploads
from zslviz.ui.service import Service
from zslviz.ui.store import BUDGET_BYTES

if TYPE_CHECKING:
    from zslviz.ui.page import Page

PATIENCE_SECONDS = (
    25  # for what is being answered when the server is told to end; Docker and systemd wait longer or can be told to
)
LAST_PORT = 65535


def place_told(environment: Mapping[str, str]) -> tuple[str, int]:
    """Where the environment has the page listen: HOST and PORT, else as gradio reads it, else as a Space is. Raises ConfigError."""
    told = {key: value.strip() for key, value in environment.items() if value.strip()}
    host = told.get("HOST") or told.get("GRADIO_SERVER_NAME") or ("0.0.0.0" if "SPACE_ID" in told else "127.0.0.1")
    name = next((name for name in ("PORT", "GRADIO_SERVER_PORT") if name in told), "PORT")
    port = told.get(name, "7860")
    if not (port.isascii() and port.isdecimal() and int(port[:9]) <= LAST_PORT and len(port) < 9):
        raise ConfigError(f"{name} is '{port[:40]}'; it has to be a number up to {LAST_PORT}.")
    return host, int(port)


def serve(
    host: str,
    port: int,
    device: str | None = None,
    models: Sequence[Path] = (),
    examples: Sequence[Example] = (),
    tidying: Sequence[Callable[[], object]] = (),
) -> None:
    """Starts the page and stays with it until it is told to end; what it is answering then is answered.

    It listens, and shows what needs no network, before gradio is brought in.

    models, examples: those of one's own, shown before the shipped ones. port: 0 for any that is free. tidying: what is to be done
    besides if it is told to end while it begins, which it does at once.
    Raises ConfigError if it cannot listen there, or gradio or the device is not there, CheckpointError if a model cannot be read.
    """
    with ExitStack() as beginning:
        tidy = [*tidying]
        beginning.enter_context(ending_at_once(tidy))
        need("gradio")
        if device not in (None, "", "auto", "cpu"):  # the page itself is there without torch
            from zslviz.runtime.devices import pick_device

            pick_device(device)
        port = free_at(host, port)
        few_arenas()
        service = Service(device=device, models=models, examples=examples, kept_bytes=kept_bytes())
        service.own_checkpoints  # noqa: B018  (what is wrong with a model is said before the page opens)
        uploads = Uploads()
        tidy.append(uploads.remove)
        if os.environ.get("SPACES_ZERO_GPU"):
            _launch(host, port, service, beginning)
        else:
            _behind_a_front(host, port, service, beginning, tidy)
        uploads.remove()
        if service.turns.working:  # with the network still being loaded, or a photo that nobody waits for any more
            end_now(0, tidy)


def _behind_a_front(
    host: str, port: int, service: Service, beginning: ExitStack, tidy: list[Callable[[], object]]
) -> None:
    """beginning: closed once the page is there. tidy: grows by what is to be done where it is told to end before."""
    downloads = Downloads()
    tidy.append(downloads.remove)
    ground = Ground.of(service, downloads)
    front = Front(_bound(host, port), ground.desk)
    front.start()
    address = _tell(host, port)
    try:
        front.let_first_page_pass()
        from zslviz.ui.page import build_page  # gradio

        page = build_page(service, ground)
        try:
            front.take_in(*page.behind(address))
        except OSError as error:
            raise _cannot_start(error) from None
        beginning.close()
        ground.tabs[0].warm_up()  # only now: nothing takes the cores from what a visitor waits for
        _stay(page)
    finally:
        front.close()


def _launch(host: str, port: int, service: Service, beginning: ExitStack) -> None:
    """By gradio's own server, as a Space with ZeroGPU needs it: nothing is there before all is."""
    from zslviz.ui.page import build_page

    page = build_page(service)
    service.explainer(page.tabs[0].models[0].name)  # the GPU function has to be known before the launch
    _ask_this_machine_directly(host)
    try:
        page.launch(server_name=host, server_port=port, prevent_thread_lock=True, quiet=True)
    except OSError as error:
        raise _cannot_start(error) from None
    _tell(host, port)
    beginning.close()
    _stay(page)


def _cannot_start(error: OSError) -> ConfigError:
    return ConfigError(f"The page cannot be started: {' '.join(str(error).split())}")


def _tell(host: str, port: int) -> str:
    """Says where the page is, and returns that."""
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host
    address = f"http://{f'[{shown}]' if ':' in shown else shown}:{port}/"
    sys.stdout.write(f"The page is at {address}\n")
    sys.stdout.flush()
    return address


def kept_bytes() -> int:
    """What `ZSLVIZ_KEPT_MB` says of the memory for explanations, `store.BUDGET_BYTES` without it. Raises ConfigError."""
    given = os.environ.get("ZSLVIZ_KEPT_MB", "").strip()
    if not given:
        return BUDGET_BYTES
    if not (given.isascii() and given.isdecimal() and int(given[:9]) > 0 and len(given) < 9):
        raise ConfigError(f"ZSLVIZ_KEPT_MB is '{given[:40]}'; it has to be a number of megabytes, such as 600.")
    return int(given) * 2**20


def free_at(host: str, port: int) -> int:
    """The port, or a free one if it is 0. Raises ConfigError with what keeps the page from listening there."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except (OSError, UnicodeError):
        raise ConfigError(
            f"'{host}' is no address of this machine; listen on 127.0.0.1, or on 0.0.0.0 for all."
        ) from None
    places = [(family, address), (socket.AF_INET, ("127.0.0.1", port))]  # who opens the page here asks there
    for kind, place in places:
        with socket.socket(kind, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(place)
            except OSError as error:
                raise ConfigError(_why(error, host, port)) from None
            if port == 0:
                return int(probe.getsockname()[1])
    return port


def _bound(host: str, port: int) -> socket.socket:
    """A socket at a place that is free. Raises ConfigError if it no longer is."""
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    # By its protocol asyncio knows that small answers are to be sent at once; without, each waits 40 ms.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(address)
    except OSError as error:
        bound.close()
        raise ConfigError(_why(error, host, port)) from None
    return bound


def _why(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"The page cannot listen on {host}:{port}: another program does; name a free port with --port or PORT."
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"The page may not listen on {host}:{port}; name a port above 1023 with --port or PORT."
    if error.errno == errno.EADDRNOTAVAIL:
        return f"'{host}' is no address of this machine; listen on 127.0.0.1, or on 0.0.0.0 for all."
    return f"The page cannot listen on {host}:{port}: {error.strerror or error}."


def _ask_this_machine_directly(host: str) -> None:
    """Gradio asks its own address whether it is there, which a proxy for the network cannot know."""
    for name in ("NO_PROXY", "no_proxy"):
        others = [one for one in os.environ.get(name, "").split(",") if one]
        os.environ[name] = ",".join(dict.fromkeys([*others, "localhost", "127.0.0.1", host]))


def _stay(page: Page) -> None:
    """Returns when the process is told to end, with everything answered that was asked before."""
    told = threading.Event()
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: told.set())
    try:
        while not told.wait(0.2):
            pass
    except KeyboardInterrupt:
        sys.stderr.write("The page ends.\n")
    finish(page)


def finish(page: Page, seconds: float = PATIENCE_SECONDS) -> bool:
    """Takes no more photos, waits for what is being answered, and ends the server; whether everything was answered in time."""
    until = time.monotonic() + seconds
    done = page.desk.turns.close(seconds)
    while page.desk.open and time.monotonic() < until:
        time.sleep(0.05)
    done = done and not page.desk.open
    page.blocks.close(verbose=False)
    return done
