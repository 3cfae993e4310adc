"""What a bench shows at this moment: contact, last values, faults in words. Never an old value as a live one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from instruments.bench import Bench
from instruments.segment import seconds
from lims.errors import Sentence
from lims.laboratory import Laboratory
from lims.runs import live as previews
from lims.runs import spooled
from lims.runs.live import Contact, Live, LiveScan, contact
from lims.runs.models import UNFINISHED, Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One channel of a bench: its value in the last scan, or why there is none."""

    symbol: str
    instrument: str
    value: float | None
    unit: str
    fault: Sentence | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A bench now. ``state``: "idle" (no run under way), else that of `Contact`; ``scan``: the last one known."""

    bench: Bench
    run: Run | None
    state: str
    contact: Contact | None
    live: Live | None
    scan: LiveScan | None

    @property
    def current(self) -> bool:
        """Whether the values are those of now."""
        return self.state == "live"

    @property
    def values(self) -> list[Shown]:
        """Every channel of the bench, in its order."""
        return [
            _shown(one.name, symbol, self.bench.units[symbol], self.scan)
            for one in self.bench.instruments
            for symbol in one.channels
        ]


def board(laboratory: Laboratory, bench: Bench, run: Run | None) -> Board:
    """How a bench stands; ``run``: its latest run, or the one that is looked at."""
    if run is None or run.state not in UNFINISHED:
        return Board(bench=bench, run=run, state="idle", contact=None, live=None, scan=_stored(laboratory, run))
    live = previews.read(laboratory.live, run.number, stored=run.last_sequence)
    found = contact(live, now=laboratory.clock().timestamp(), period=bench.period)
    scan = live.scans[-1] if live and live.scans else _stored(laboratory, run)
    return Board(bench=bench, run=run, state=found.state, contact=found, live=live, scan=scan)


def _shown(instrument: str, symbol: str, unit: str, scan: LiveScan | None) -> Shown:
    value, given = scan.values.get(symbol, (None, unit)) if scan else (None, unit)
    faults = [one for one in scan.faults if one["i"] == instrument] if scan and value is None else []
    sentence = Sentence(faults[0]["sentence_en"], faults[0]["sentence_zh"]) if faults else None
    return Shown(symbol=symbol, instrument=instrument, value=value, unit=given, fault=sentence)


def _stored(laboratory: Laboratory, run: Run | None) -> LiveScan | None:
    """The last scan that arrived in a segment."""
    scan = spooled.last_scan(laboratory.store, run) if run else None
    return _of_spool(scan) if scan else None


def _of_spool(scan: Mapping[str, Any]) -> LiveScan:
    values = {one["symbol"]: (float(one["value"]), str(one["unit"])) for one in scan["readings"]}
    return LiveScan(scan["seq"], seconds(scan["time"]), float(scan["lag"]), values, tuple(scan["faults"]))
