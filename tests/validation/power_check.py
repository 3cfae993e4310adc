"""Evidence for the ISO 24194 power check."""

import tomllib
from functools import cache, partial

import duckdb
import numpy as np

from protocols.record import Record
from tests.protocols.conftest import ROOT, Case, limits_of
from tests.protocols.examples.power_check import EXAMPLES, RATIO
from tests.protocols.hours_of_sunpeek import FILES, PRINTED, columns, estimated, slope
from tests.validation.evidence import Evidence

METHOD = "iso24194-2022"
_SUNPEEK = "SunPeek 0.7.31 on the array in Graz"


@cache
def graz_slope(formula: int) -> float:
    """Our slope of July and August from the minutes of the demonstration's record."""
    file = ROOT / "lims" / "demonstration" / "graz" / "graz_2017-07_2017-08_1min.parquet"
    rows = duckdb.sql(f"select * from '{file}' order by time_utc").fetchnumpy()
    time = np.asarray(rows["time_utc"]).astype("datetime64[s]").astype(np.float64) + 30.0
    item = tomllib.loads((ROOT / "config" / "items" / "graz_power_check.toml").read_text("utf-8"))
    named = {s: text.split(" [")[0].replace(" ", "_") for s, text in item["columns"].items() if "[" in text}
    raw = {symbol: np.ma.filled(np.ma.asarray(rows[name]), np.nan) for symbol, name in named.items()}
    kelvin = {"t_in", "t_out", "t_amb"}
    values = {symbol: column - 273.15 if symbol in kelvin else column for symbol, column in raw.items()}
    described = {k: v for k, v in item.items() if k not in ("columns", "uncertainty", "sample_midpoint_offset")}
    case = Case(Record(time=time, columns=values), described | {"formula": formula}, limits_of(METHOD), METHOD)
    return {one.symbol: one.value for one in case.evaluate().coefficients}["power_slope"]


EVIDENCE = (
    *(
        Evidence(
            subject=METHOD,
            what=f"estimated power of every hour, formula {formula}, {file} ({columns(file)['aoi'].size} hours), W/m2",
            kind="program",
            reference=f"{_SUNPEEK}, hourly inputs (case C17)",
            expected=columns(file)["tp_sp_estimated"].tolist(),
            computed=partial(estimated, file),
            absolute=0.01,
        )
        for file, formula in FILES.items()
    ),
    *(
        Evidence(
            subject=METHOD,
            what=f"slope of measured over estimated power in May, formula {formula}",
            kind="program",
            reference=f"{_SUNPEEK} (case C17)",
            expected=PRINTED["may"][str(formula)]["slope"],
            computed=partial(slope, f"sp_1m_f{formula}"),
            absolute=2e-6,
        )
        for formula in (1, 2)
    ),
    *(
        Evidence(
            subject=METHOD,
            what=f"slope of measured over estimated power of July and August from the minutes, formula {formula}",
            kind="program",
            reference=f"{_SUNPEEK}, the same minutes",
            expected=PRINTED["july and august"][str(formula)]["slope"],
            computed=partial(graz_slope, formula),
            relative=0.005,
            remark="dtm/dt and the treatment of gaps differ, so a few hours are used by one of the two only.",
        )
        for formula in (1, 2)
    ),
    Evidence(
        subject=METHOD,
        what="power_ratio and power_slope of a record made with a known ratio",
        kind="recovered",
        reference="eight days made by formula 2 itself",
        expected=(RATIO, RATIO),
        computed=lambda: [one.value for one in EXAMPLES[METHOD]().evaluate().coefficients],
        relative=1e-12,
    ),
)
