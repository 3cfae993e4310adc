"""`heliobench notices`: send the outbox from outside the web server, and see what became of the mails."""

import time

import click

from lims import migrate
from lims.errors import Refused
from lims.laboratory import Laboratory
from lims.notices import queries
from lims.notices.courier import PAUSE, deliver
from lims.settings import load_settings


def _laboratory() -> Laboratory:
    laboratory = Laboratory(load_settings())
    migrate.require_current(laboratory.database)
    return laboratory


@click.group()
def notices() -> None:
    """Send the e-mails of the outbox 发送邮件."""


@notices.command()
@click.option("--watch", is_flag=True, help="Go on until Ctrl-C 持续发送，按 Ctrl-C 停止.")
def send(watch: bool) -> int:
    """Send what is due; exit 1 if a mail was given up or is unknown 发送到期邮件."""
    laboratory = _laboratory()
    if not laboratory.settings.mail_host:
        raise Refused(
            "No mail server is set up: name one in the setting mail_host.",
            "尚未设置邮件服务器：请填写设置项 mail_host。",
        )
    while True:
        done = deliver(laboratory)
        for state, count in sorted(done.items()):
            click.echo(f"{state} {count}")
        if not watch:
            return int(bool({"given_up", "unknown"} & done.keys()))
        time.sleep(PAUSE)


@notices.command()
def status() -> None:
    """How many mails are in each state 邮件状态."""
    with _laboratory().database.read() as session:
        for state, count in sorted(queries.counts(session).items()):
            click.echo(f"{state:<14}{count}")
