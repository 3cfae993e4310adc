"""The log of set points that were ordered: one line of JSON each, on the disk before the order is answered."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

from instruments.bench import Instrument
from instruments.clock import SystemClock
from instruments.driver import Link
from instruments.errors import InstrumentError
from instruments.thermostat import Command, Thermostat, set_temperature

SCHEMA = "heliobench.setpoint/1"


class SetPointLog:
    """An append-only file of orders; nothing in it is ever changed by this program."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, entry: Command) -> None:
        """Write one order: who, which device, what was wanted and found, every byte, and why it was refused."""
        line = {
            "schema": SCHEMA,
            "time": datetime.fromtimestamp(entry.time, UTC).isoformat(timespec="milliseconds"),
            "person": entry.person,
            "device": entry.device,
            "wanted": repr(entry.wanted),  # as text: what is no number is logged, too
            "found": entry.found,
            "exchanges": [
                {"tx": one.sent.hex(), "rx": one.received.hex(), "elapsed": one.elapsed} for one in entry.exchanges
            ],
            "refusal": entry.refusal.code if entry.refusal else None,
        }
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())


def log_of(bench_file: Path) -> Path:
    """The log that belongs to a bench file."""
    return bench_file.with_suffix(".setpoints.jsonl")


def order(one: Instrument, link: Link, *, value: float, person: str, log: SetPointLog) -> tuple[float, str]:
    """Order a set point [degC] on an open port: what was read back, and where it is logged. See `set_temperature`."""
    if not isinstance(one.device, Thermostat):
        raise no_set_point(one.name)
    entry = set_temperature(
        one.device, link, value=value, person=person, clock=SystemClock(), log=log.append, deadline=one.deadline
    )
    assert entry.found is not None  # else it was raised
    return entry.found, str(log.path)


def no_set_point(name: str) -> InstrumentError:
    """The refusal of an order to what is not a thermostat of the bench."""
    return InstrumentError(
        code="no-set-point",
        sentence_en=f"{name} is no thermostat of this bench: it has no set point; nothing was sent.",
        sentence_zh=f"{name} 不是本试验台的恒温设备，没有设定温度；未发送任何指令。",
    )
