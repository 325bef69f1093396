"""Starts app.py and stops it again, and finds the browser; shared by the benchmarks and the tests of the page."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM_ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
WITH_WINDOW = ("chromium", "chromium-browser", "google-chrome")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    """Whether a GET of the page is answered with it."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:  # only ever this machine
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@contextmanager
def running_app() -> Iterator[tuple[str, subprocess.Popen[bytes], float]]:
    """`python app.py` on a free port: (address, process, seconds until the first answered page)."""
    port = free_port()
    environment = {**os.environ, "HOST": "127.0.0.1", "PORT": str(port)}
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    url = f"http://127.0.0.1:{port}/"
    try:
        while not answers(url):
            if process.poll() is not None:
                message = process.stderr.read().decode(errors="replace") if process.stderr else ""
                raise SystemExit(f"app.py ended before it answered:\n{message}")
            if time.perf_counter() - started > 120:
                raise SystemExit("app.py did not answer within 120 s.")
            time.sleep(0.02)
        yield url, process, time.perf_counter() - started
    finally:
        process.terminate()
        process.wait(timeout=20)


def installed_chromium(*preferred: str) -> str | None:
    """Path of a Chromium: the first of `preferred` that is there, else one with a window."""
    return next(filter(None, map(shutil.which, (*preferred, *WITH_WINDOW))), None)


def chromium() -> str:
    """Path of Chromium as people have it. Exits with one line if there is none."""
    found = installed_chromium()
    if not found:
        raise SystemExit("Chromium is missing: install the package 'chromium'.")
    return found


def resident_megabytes(pid: int) -> tuple[float, float]:
    """Memory of a process in MB: now, and at its highest."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    values = {
        line.split(":")[0]: float(line.split()[1]) / 1024 for line in lines if line.startswith(("VmRSS", "VmHWM"))
    }
    return values["VmRSS"], values["VmHWM"]
