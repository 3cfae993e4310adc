"""The mail server as it is set: TLS, the account, and its password from the environment or a secret file."""

from __future__ import annotations

import contextlib
import os
import smtplib
import ssl
from collections.abc import Iterator

from lims.errors import BadInput
from lims.settings import MAIL_PASSWORD, Settings

TIMEOUT = 30  # seconds for one step of the conversation
SECRET_FILE = "mail-password"  # in the instance's folder of secrets  # noqa: S105


@contextlib.contextmanager
def connect(settings: Settings) -> Iterator[smtplib.SMTP]:
    """An open line on which the server knows us; closed politely at the end, whatever it says to that."""
    server = _open(settings)
    try:
        server.ehlo_or_helo_if_needed()
        if settings.mail_security == "starttls":
            server.starttls(context=_context(settings))
            server.ehlo()
        if settings.mail_user:
            server.login(settings.mail_user, password(settings))
        yield server
        with contextlib.suppress(OSError, smtplib.SMTPException):  # what counts was said before
            server.quit()
    finally:
        server.close()


def _open(settings: Settings) -> smtplib.SMTP:
    if settings.mail_security == "tls":
        return smtplib.SMTP_SSL(settings.mail_host, settings.mail_port, timeout=TIMEOUT, context=_context(settings))
    return smtplib.SMTP(settings.mail_host, settings.mail_port, timeout=TIMEOUT)


def _context(settings: Settings) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=settings.mail_ca_file or None)


def password(settings: Settings) -> str:
    """The account's password; `BadInput` if there is none, or if it would cross the net in the clear."""
    if settings.mail_security == "none":
        raise BadInput(
            "The mail account's password is not sent without TLS: set mail_security to starttls or tls.",
            "未启用 TLS 时不发送邮箱密码：请将 mail_security 设为 starttls 或 tls。",
        )
    if word := os.environ.get(MAIL_PASSWORD, ""):
        return word
    path = settings.instance_path / "secrets" / SECRET_FILE
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise BadInput(
            f"The mail account '{settings.mail_user}' has no password: put it into {path} (mode 0600) or into the "
            f"environment as {MAIL_PASSWORD}.",
            f"邮箱账户“{settings.mail_user}”没有密码：请写入 {path}（权限 0600），或设置环境变量 {MAIL_PASSWORD}。",
        ) from error
