"""Median time of each page of the demonstration, in process and through gunicorn, beside an empty page of Flask.

Goal: under 50 ms at the median for every page. The demonstration is done once in a temporary instance unless one is
given; each page is asked for once before it is timed, as a colleague would have.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
from flask import Flask

from benchmarks._timing import median_seconds
from lims.app import create_app
from lims.laboratory import Laboratory
from lims.settings import load_settings

GOAL = 50.0  # ms
YEAR = str(datetime.now(ZoneInfo("Asia/Shanghai")).year)  # numbers carry the year of the demonstration
PAGES = (
    "/", "/requests", "/requests/WT-{y}-00001", "/items", "/items/YP-{y}-00001", "/jobs", "/jobs/RW-{y}-00001",
    "/benches/graz-demo", "/runs/YX-{y}-00001", "/runs/YX-{y}-00001/series.json", "/runs/YX-{y}-00001/scans/3000",
    "/results/JG-{y}-00001", "/results/JG-{y}-00001/coefficients/a1", "/results/JG-{y}-00001/windows",
    "/results/JG-{y}-00001/figures/efficiency.svg", "/review", "/reports", "/reports/BG-{y}-00001",
    "/reports/BG-{y}-00001.pdf", "/verify?q=BG-{y}-00001", "/equipment", "/limits", "/audit",
)  # fmt: skip
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
Get = Callable[[str], int]


def timed(get: Get, path: str, times: int) -> float:
    """Median of ``times`` answers [ms], after one that is not counted."""

    def page() -> None:
        status = get(path)
        if status != 200:
            raise SystemExit(f"{path} answered {status}")

    return 1e3 * median_seconds(page, times)


def sign_in(client: httpx.Client, password: str) -> None:
    """Through the form, as anybody."""
    token = TOKEN.search(client.get("/sign-in").text)
    form = {"username": "signatory", "password": password, "csrf_token": token[1] if token else ""}
    if client.post("/sign-in", data=form).status_code != 302:
        raise SystemExit("the demonstration's signatory cannot sign in")


@contextmanager
def gunicorn(instance: Path) -> Iterator[str]:
    """`heliobench serve` on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).parent / "heliobench"), "serve", "--port", str(port)]
    server = subprocess.Popen(command, env=environment(instance), stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/health")
        yield address
    finally:
        server.terminate()
        server.wait()


def wait_for(url: str) -> None:
    """Until the server answers."""
    for _ in range(200):
        try:
            if httpx.get(url).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise SystemExit(f"{url} does not answer")


def environment(instance: Path) -> dict[str, str]:
    """Of a process that works on this instance."""
    return {**os.environ, "HELIOBENCH_INSTANCE": str(instance), "HELIOBENCH_DEMONSTRATION": "true"}


def measure(instance: Path, times: int) -> list[dict[str, object]]:
    """A row for each page: in process and through gunicorn [ms]."""
    password = (instance / "secrets" / "demonstration-password").read_text("ascii")
    laboratory = Laboratory(load_settings({}, instance=str(instance), demonstration=True))
    transport = httpx.WSGITransport(create_app(laboratory))
    rows = []
    with (
        gunicorn(instance) as address,
        httpx.Client(transport=transport, base_url="http://site") as inside,
        httpx.Client(base_url=address) as outside,
    ):
        for client in (inside, outside):
            sign_in(client, password)
        for path in (page.format(y=YEAR) for page in PAGES):
            within = timed(lambda p: inside.get(p).status_code, path, times)
            through = timed(lambda p: outside.get(p).status_code, path, times)
            rows.append({"name": path, "in_process": within, "gunicorn": through, "unit": "ms"})
    laboratory.close()
    return rows


def empty_page(times: int) -> float:
    """What Flask itself takes for a page without template and database [ms]."""
    app = Flask("empty")
    app.add_url_rule("/", "empty", lambda: "<!doctype html><title>empty</title>")
    with httpx.Client(transport=httpx.WSGITransport(app), base_url="http://site") as client:
        return timed(lambda path: client.get(path).status_code, "/", times)


def main() -> None:
    """Print the table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--times", type=int, default=15)
    parser.add_argument("--instance", type=Path, help="an instance in which `heliobench demo` was done")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        instance = arguments.instance or Path(scratch)
        if arguments.instance is None:
            heliobench = str(Path(sys.executable).parent / "heliobench")
            subprocess.run([heliobench, "demo"], env=environment(instance), check=True, stdout=subprocess.DEVNULL)
        rows, peer = measure(instance, arguments.times), empty_page(arguments.times)
    slowest = max(max(float(str(row["in_process"])), float(str(row["gunicorn"]))) for row in rows)
    if arguments.json:
        print(json.dumps({"benchmark": "pages", "goal": GOAL, "rows": rows, "slowest": slowest, "empty_flask": peer}))
        return
    print(f"{'page':<46}{'in process':>12}{'gunicorn':>12}   median ms")
    for row in rows:
        print(f"{row['name']:<46}{row['in_process']:>12.1f}{row['gunicorn']:>12.1f}")
    print(f"goal {GOAL:.0f} ms, slowest {slowest:.1f} ms; an empty page of Flask itself takes {peer:.1f} ms in process")


if __name__ == "__main__":
    main()
