"""The log of set points that were ordered: one line of JSON each, on the disk before the order is answered."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

from instruments.thermostat import Command

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
