"""The measured record that the demonstration's bench replays: one-minute means of a collector array in Graz, 2017."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from instruments.simulation.plant import RecordPlant
from instruments.simulation.sensor import Sensor
from lims.demonstration.people import description
from lims.settings import ROOT

FILE = ROOT / "lims" / "demonstration" / "graz" / "graz_2017-07_2017-08_1min.parquet"
# Ten daytime records that together cover the range: clear and broken days, low and high temperature difference. They
# were chosen for that, and because their fit lies close to the one of both months; an unchosen week would do worse.
DAYS = tuple(
    date.fromisoformat(day)
    for day in (
        "2017-07-02", "2017-07-08", "2017-07-10", "2017-07-13", "2017-07-18",
        "2017-08-04", "2017-08-07", "2017-08-10", "2017-08-11", "2017-08-29",
    )
)  # fmt: skip
FIRST_HOUR, LAST_HOUR = 6, 16  # UTC; outside, the sun stands below the array's horizon
MIDDLE = 30.0  # s; rows are means over the minute that begins at their time, so the middle stands for them

# Symbol on the bench: (column of the record, what is added to reach the unit on the wire).
COLUMNS = {
    "G": ("rd_gti", 0.0),
    "Gd": ("rd_dti", 0.0),
    "DNI": ("rd_dni", 0.0),
    "t_in": ("te_in", -273.15),
    "t_out": ("te_out", -273.15),
    "t_amb": ("te_amb", -273.15),
    "V_dot": ("vf", 0.0),
    "u": ("ve_wind", 0.0),
}


@dataclass(frozen=True, slots=True)
class Replay:
    """A plant to feel, the times of the scans [s since 1970 UTC], and the errors of the simulated instruments."""

    plant: RecordPlant
    times: NDArray[np.float64]
    errors: dict[str, Sensor]


def replay(days: tuple[date, ...] = DAYS, *, file: Path = FILE) -> Replay:
    """The daytime hours of these days."""
    rows = _rows(days, file)
    time = rows["time"]
    columns = {symbol: rows[column] + shift for symbol, (column, shift) in COLUMNS.items()}
    return Replay(RecordPlant(time=time, columns=columns), time + MIDDLE, _errors())


def _rows(days: tuple[date, ...], file: Path) -> dict[str, NDArray[np.float64]]:
    names = ", ".join(column for column, _ in COLUMNS.values())
    question = f"""
        select epoch(time_utc) as time, {names} from read_parquet(?)
        where time_utc::date in (select unnest(?::date[])) and hour(time_utc) >= ? and hour(time_utc) < ?
        order by time_utc
    """  # noqa: S608 (the names are ours)
    with duckdb.connect() as connection:
        found = connection.execute(question, [str(file), list(days), FIRST_HOUR, LAST_HOUR]).fetchnumpy()
    return {name: np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan) for name, values in found.items()}


def _errors() -> dict[str, Sensor]:
    """The certificates of 2017: each simulated instrument shows the inverse of its own."""
    return {
        quantity["symbol"]: Sensor(c0=quantity["c0"], c1=quantity["c1"])
        for row in description()["equipment"]
        for quantity in row["quantity"]
    }
