"""A real SMTP server on a port of its own, which misbehaves when it is told to."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from lims.laboratory import Laboratory


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@dataclass
class Post:
    """What the server got, and what it shall say: a step's name to its answer; "cut" breaks the line there."""

    said: dict[str, list[str]] = field(default_factory=dict)
    kept: list[bytes] = field(default_factory=list)
    killing: dict[str, int] = field(default_factory=dict)  # step → process to kill there
    port: int = field(default_factory=free_port)

    def _next(self, step: str) -> str:
        answers = self.said.get(step, [])
        return answers.pop(0) if answers else ""

    def _kill(self, step: str) -> None:
        if process := self.killing.pop(step, 0):
            os.kill(process, signal.SIGKILL)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self._next("RCPT")
        self._kill("RCPT")
        if answer == "cut":
            server.transport.abort()
        if not answer:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self._next("DATA")
        self._kill("DATA")
        if answer.startswith(("4", "5")):
            return answer
        self.kept.append(bytes(envelope.content or b""))
        if answer == "cut":  # the message is kept, and the client never hears of it
            server.transport.abort()
        return "250 kept as 12345"

    def messages(self) -> list[EmailMessage]:
        found: list[Any] = [message_from_bytes(one, policy=default) for one in self.kept]
        return found


@pytest.fixture
def post() -> Iterator[Post]:
    """A server that keeps what it gets."""
    handler = Post()
    controller = Controller(handler, hostname="127.0.0.1", port=handler.port)
    controller.start()
    yield handler
    controller.stop()


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def mailing(laboratory: Laboratory, post: Post) -> Laboratory:
    """The laboratory with that server as its mail server, on a clock of its own (``mailing.clock``)."""
    return with_server(laboratory, post)


def with_server(laboratory: Laboratory, post: Post, **changed: Any) -> Laboratory:
    """The laboratory set to send by that server."""
    laboratory.settings = replace(
        laboratory.settings, mail_host="127.0.0.1", mail_port=post.port, mail_security="none",
        mail_from="lims@laboratory.example.org", base_url="https://lims.example.org", **changed,
    )  # fmt: skip
    laboratory.clock = Clock()
    return laboratory
