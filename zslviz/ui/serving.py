"""The page as a server: where it listens, how it ends, and the folder of its visitors' files."""

from __future__ import annotations

import errno
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from zslviz.errors import ConfigError
from zslviz.runtime.allocator import few_arenas
from zslviz.ui.examples import Example
from zslviz.ui.page import Page, build_page
from zslviz.ui.scratch import Uploads
from zslviz.ui.service import Service
from zslviz.ui.store import BUDGET_BYTES

PATIENCE_SECONDS = (
    25  # for what is being answered when the server is told to end; Docker and systemd wait longer or can be told to
)


def serve(
    host: str, port: int, device: str | None = None, models: Sequence[Path] = (), examples: Sequence[Example] = ()
) -> None:
    """Starts the page and stays with it until it is told to end; what it is answering then is answered.

    models, examples: those of one's own, shown before the shipped ones. port: 0 for any that is free.
    Raises ConfigError if it cannot listen there or the device is not there, CheckpointError if a model cannot be read.
    """
    if device not in (None, "", "auto", "cpu"):  # the page itself is there without torch
        from zslviz.runtime.devices import pick_device

        pick_device(device)
    port = free_at(host, port)
    few_arenas()
    service = Service(device=device, models=models, examples=examples, kept_bytes=kept_bytes())
    service.own_checkpoints  # noqa: B018  (what is wrong with a model is said before the page opens)
    uploads = Uploads()
    page = build_page(service)
    if on_zero_gpu := bool(os.environ.get("SPACES_ZERO_GPU")):
        service.explainer(page.tabs[0].models[0].name)  # the GPU function has to be known before the launch
    _ask_this_machine_directly(host)
    try:
        page.launch(server_name=host, server_port=port, prevent_thread_lock=True, quiet=True)
    except OSError as error:
        raise ConfigError(f"The page cannot be started: {' '.join(str(error).split())}") from None
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host
    sys.stdout.write(f"The page is at http://{f'[{shown}]' if ':' in shown else shown}:{port}/\n")
    sys.stdout.flush()
    if not on_zero_gpu:
        # only now, when the page answers: the first example is explained while the visitor's browser loads it
        threading.Thread(target=page.warm_up, name="warm-up", daemon=True).start()
    _stay(page)
    uploads.remove()


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
    places = [(family, address), (socket.AF_INET, ("127.0.0.1", port))]  # gradio asks itself there
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
