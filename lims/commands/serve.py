"""`heliobench serve`: the web pages, by gunicorn with threads."""

from __future__ import annotations

import socket
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication

from lims import migrate
from lims.app import create_app
from lims.cli import in_your_language
from lims.errors import BadInput
from lims.laboratory import Laboratory
from lims.notices.courier import Courier
from lims.settings import Settings, load_settings

KEPT_OPEN = 75  # s; longer than browsers and proxies use an idle connection again, so that none is closed under them
GRACE = 3  # seconds a worker may finish its requests in when the server stops


@click.command()
@click.option("--host", help="Address to listen on 监听地址; default: the setting 默认取设置.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port 端口; default: the setting 默认取设置.")
def serve(host: str | None, port: int | None) -> None:
    """Serve the web pages until Ctrl-C 启动网页服务，按 Ctrl-C 停止."""
    chosen: dict[str, Any] = {key: value for key, value in (("host", host), ("port", port)) if value is not None}
    settings = load_settings(**chosen)
    laboratory = Laboratory(settings)
    migrate.require_current(laboratory.database)
    laboratory.close()  # each worker opens its own connections
    _require_free(settings)
    address = f"http://{settings.host}:{settings.port}"
    click.echo(
        in_your_language(f"Heliobench is at {address} (Ctrl-C stops it)", f"Heliobench 网址：{address}（Ctrl-C 停止）")
    )
    Server(settings).run()


def _require_free(settings: Settings) -> None:
    """Refuse in a sentence, before anything is announced, what gunicorn would try again and again."""
    try:
        with socket.create_server((settings.host, settings.port)):
            pass
    except OSError as error:
        raise BadInput(
            f"Port {settings.port} of {settings.host} cannot be used ({error.strerror}): stop what runs there, or "
            "choose another with --port.",
            f"无法使用 {settings.host} 的端口 {settings.port}（{error.strerror}）："
            "请停止占用它的程序，或用 --port 另选端口。",
        ) from error


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn with this site's workers and threads; every worker makes its own application."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.courier: Courier | None = None
        super().__init__()

    def load_config(self) -> None:
        """What gunicorn is told."""
        options: dict[str, Any] = {
            "bind": f"{self.settings.host}:{self.settings.port}",
            "workers": self.settings.workers,
            "threads": self.settings.threads,
            "worker_class": "gthread",
            "graceful_timeout": GRACE,
            "keepalive": KEPT_OPEN,
            "loglevel": "warning",
            "proc_name": "heliobench",
            "worker_exit": self.stop_courier,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """The application of one worker, with a courier beside it that sends its mails."""
        laboratory = Laboratory(self.settings)
        self.courier = Courier(laboratory)
        self.courier.start()
        return create_app(laboratory)

    def stop_courier(self, _server: object, _worker: object) -> None:
        """A worker that leaves finishes the mail at hand first, so that nobody has to wonder about it."""
        if self.courier is not None:
            self.courier.stop()
