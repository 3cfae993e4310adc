"""`heliobench serve`: a real server, started and stopped; and what it says when it cannot start."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

HELIOBENCH = str(Path(sys.executable).parent / "heliobench")


def start(instance: str, *options: str) -> subprocess.Popen[str]:
    """The server on this instance, its words to be read."""
    environment = {
        **os.environ,
        "HELIOBENCH_INSTANCE": instance,
        "HELIOBENCH_LANGUAGE": "en",
        "HELIOBENCH_WORKERS": "1",
    }
    return subprocess.Popen(
        [HELIOBENCH, "serve", *options], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_the_server_prints_its_address_answers_and_stops_at_once(empty: Any) -> None:
    port = free_port()
    with start(empty.laboratory.settings.instance, "--port", str(port)) as server:
        assert server.stdout is not None
        assert f"http://127.0.0.1:{port}" in server.stdout.readline()
        with httpx.Client(transport=httpx.HTTPTransport(retries=7)) as client:  # waits longer from try to try
            answer = client.get(f"http://127.0.0.1:{port}/health")
        assert answer.json()["ok"] is True
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=120) == 0


def test_a_database_of_another_shape_is_one_sentence_and_exit_code_2(tmp_path: Path) -> None:
    with start(str(tmp_path)) as server:
        _, said = server.communicate(timeout=120)
    assert server.returncode == 2
    assert said.count("\n") == 1
    assert "run 'heliobench db upgrade'" in said
