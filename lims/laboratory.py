"""What every verb works with: the site's settings, database, store and clock, and who is asking."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, cached_property
from importlib import import_module
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from lims import audit, numbers, workflow
from lims.clock import Clock, system_clock
from lims.db import Database
from lims.permissions import Actor, Role
from lims.settings import ROOT, Settings
from lims.store import Store

SYSTEM = Actor(id=None, name="Heliobench", roles=frozenset({Role.ADMINISTRATOR}))


# Who is told, within the transaction, of every event that a verb wrote. They stand above the ground, so they are named
# and imported when first needed, like the commands of the command line.
LISTENERS = ("lims.notices.operations:tell",)


@cache
def _listeners() -> tuple[Callable[[Work, Sequence[audit.Event]], None], ...]:
    named = (name.partition(":") for name in LISTENERS)
    return tuple(getattr(import_module(module), function) for module, _, function in named)


class Laboratory:
    """One site: made once by the web app, the command line or a test."""

    def __init__(self, settings: Settings, clock: Clock = system_clock) -> None:
        numbers.require_usable(settings.numbers)
        self.settings = settings
        self.clock = clock
        self.database = Database(settings.database)
        self.store = Store(settings.instance_path / "store")

    @property
    def live(self) -> Path:
        """Where the previews of running recordings are; nothing there is a record."""
        return self.settings.instance_path / "live"

    @cached_property
    def identity(self) -> dict[str, Any]:
        """The laboratory's name, address and contact (config/laboratory.toml)."""
        return tomllib.loads((ROOT / "config" / "laboratory.toml").read_text(encoding="utf-8"))

    @property
    def today(self) -> date:
        """The day in the site's time zone."""
        return self.clock().astimezone(ZoneInfo(self.settings.time_zone)).date()

    @contextmanager
    def work(self, actor: Actor) -> Iterator[Work]:
        """One verb's transaction on behalf of ``actor``: all of it is kept, or none."""
        with self.database.write() as session:
            audit.take_turn(session)
            work = Work(session=session, actor=actor, laboratory=self)
            yield work
            told = audit.told_in(session)
            for listen in _listeners() if told else ():
                listen(work, told)

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One transaction in the name of one person."""

    session: Session
    actor: Actor
    laboratory: Laboratory

    @property
    def now(self) -> datetime:
        """The moment of the records being written."""
        return self.laboratory.clock()

    @property
    def today(self) -> date:
        """The day in the site's time zone."""
        return self.laboratory.today

    @property
    def store(self) -> Store:
        """Where files are kept."""
        return self.laboratory.store

    def number(self, prefix: str) -> str:
        """The next number of a series, e.g. ``number("WT")`` → ``WT-2026-00001``."""
        return numbers.draw(self.session, prefix, self.today.year, self.laboratory.settings.numbers)

    def move(
        self,
        machine: workflow.Machine,
        action: str,
        subject: Any,
        facts: workflow.Facts | None = None,
        **detail: object,
    ) -> None:
        """`workflow.move` by this actor, now."""
        workflow.move(
            self.session, machine, action, subject, self.actor, at=self.now, facts=facts or workflow.Facts(),
            detail=detail,
        )  # fmt: skip

    def record(
        self, kind: str, subject: str, action: str, *, target: str = "", reason: str = "", **detail: object
    ) -> None:
        """Append an event that is no change of state (created, signed in, handed over …)."""
        audit.record(
            self.session, at=self.now, actor=self.actor, kind=kind, subject=subject, action=action, target=target,
            reason=reason, detail=detail,
        )  # fmt: skip
