"""The surroundings of a manual test, from the benches that record meanwhile: nobody copies a temperature from a screen.

For each condition that the procedure asks for, the mean of what a bench's calibrated instrument gave from the record's
beginning until now, with its extremes, instrument, run, interval and number of readings. It is attached on submission
where nobody has written the condition by hand; a bench without a valid calibration that day is not asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from sqlalchemy.orm import Session

from instruments.bench import Bench
from lims.clock import local
from lims.equipment.benches import bench_named, bench_names
from lims.errors import Refused
from lims.laboratory import Laboratory, Work
from lims.manual import queries
from lims.manual import record as records
from lims.manual.models import ManualEntry, ManualTest
from lims.notation import plain_number, unit_text
from lims.runs import live, spooled
from lims.runs import queries as run_queries
from lims.runs.correction import correct
from lims.runs.models import Run
from protocols.symbols import quantity

ATTACHED = "自台架记录自动附上 attached from a bench's record"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition of the surroundings during a test: corrected values in ``unit``, and where they come from."""

    symbol: str
    mean: float
    lowest: float
    highest: float
    unit: str
    equipment: str
    run: str
    first: datetime
    last: datetime
    count: int

    def text(self, zone: str) -> str:
        """As it is written into the record, the same in both languages; times in the site's ``zone``."""
        mean, lowest, highest = (plain_number(float(f"{one:.4g}")) for one in (self.mean, self.lowest, self.highest))
        value = f"{mean} {unit_text(self.unit)} ({lowest} … {highest})"
        span = f"{local(self.first, zone)} – {local(self.last, zone)}"
        return f"{value}, {self.equipment}, {self.run}, {span}, n = {self.count}"


def measured(laboratory: Laboratory, session: Session, test: ManualTest) -> dict[str, Condition]:
    """What benches measured of the procedure's surroundings since the record was begun, by symbol; the newest run's."""
    found: dict[str, Condition] = {}
    wanted = queries.procedure_of(test).environment
    known = set(bench_names())
    for run in run_queries.recorded_since(session, test.created_at) if wanted else ():
        if run.bench in known:
            for one in _of_run(laboratory, session, run, bench_named(run.bench), test, wanted):
                found.setdefault(one.symbol, one)
    return found


def attach(work: Work, test: ManualTest) -> None:
    """Write what was measured into the places that are still empty, in the name of who submits."""
    there = records.current(test.entries)
    for symbol, one in measured(work.laboratory, work.session, test).items():
        place = records.ENVIRONMENT + symbol
        if (place, 0, 1) not in there and work.actor.id is not None:
            text = one.text(work.laboratory.settings.time_zone)
            work.session.add(
                ManualEntry(
                    test_id=test.id, symbol=place, row=0, reading=1, text=text, reason=ATTACHED, at=work.now,
                    person_id=work.actor.id,
                )
            )  # fmt: skip
            work.record("manual", test.number, "attach_surroundings", symbol=place, text=text, run=one.run)
    work.session.flush()
    work.session.refresh(test, ["entries"])


def _of_run(
    laboratory: Laboratory, session: Session, run: Run, bench: Bench, test: ManualTest, wanted: tuple[str, ...]
) -> Iterator[Condition]:
    equipment = {symbol: one.equipment for one in bench.instruments for symbol in one.channels if symbol in wanted}
    begun, now = test.created_at.timestamp(), laboratory.clock().timestamp()
    shown = live.read(laboratory.live, run.number, stored=run.last_sequence)
    columns = spooled.so_far(laboratory.store, run, shown, equipment, hours=max(now - begun, 1.0) / 3600.0)
    meanwhile = (columns.time >= begun) & (columns.time <= now)
    if not meanwhile.any():
        return
    calibrations = run_queries.calibrations_of(session, set(equipment.values()))
    time = columns.time[meanwhile]
    for symbol in equipment:
        unit = quantity(symbol).unit
        try:
            corrected = correct(
                time=time, indicated={symbol: columns.values[symbol][meanwhile]}, units={symbol: bench.units[symbol]},
                wanted={symbol: unit}, equipment=equipment, calibrations=calibrations,
                zone=laboratory.settings.time_zone,
            ).columns[symbol]  # fmt: skip
        except Refused:
            continue  # not calibrated on that day: another bench may be
        there = np.isfinite(corrected)
        if there.any():
            values, times = corrected[there], time[there]
            yield Condition(
                symbol=symbol, mean=float(values.mean()), lowest=float(values.min()), highest=float(values.max()),
                unit=unit, equipment=equipment[symbol], run=run.number, count=int(there.sum()),
                first=datetime.fromtimestamp(times[0], UTC), last=datetime.fromtimestamp(times[-1], UTC),
            )  # fmt: skip
