"""Evidence for manual tests: the books of an exposure, and numbers of the limit tables that must go together."""

import math
from functools import cache

import duckdb
import numpy as np

from protocols.limits import read_limits
from protocols.procedures.exposure import Books, books
from protocols.procedures.judging import judge
from protocols.record import Record
from tests.protocols.conftest import ROOT
from tests.protocols.procedures.records import PROCEDURES, confirmed, good_record
from tests.validation.evidence import Evidence

_GRAZ = ROOT / "lims" / "demonstration" / "graz" / "graz_2017-07_2017-08_1min.parquet"
_DIAMETERS = (15, 25, 35, 45)
_ICE = 920.0  # kg/m3
_PEAK, _DAY = 1100.0, 86400.0


def _graz() -> list[float]:
    """Our books of class C over what a database says of the same file."""
    rows = duckdb.sql(f"select epoch(time_utc) + 30 t, rd_gti, te_amb from '{_GRAZ}' order by t").fetchnumpy()
    t, G, T = (np.asarray(np.ma.filled(np.ma.asarray(rows[name]), np.nan)) for name in ("t", "rd_gti", "te_amb"))
    record = Record(time=t.astype(np.float64), columns={"G": G, "t_amb": T - 273.15})
    energy, hours = duckdb.sql(
        f"select sum(rd_gti) * 60 / 1e6, count(*) filter (rd_gti >= 800 and te_amb >= 283.15) / 60 from '{_GRAZ}'"
    ).fetchall()[0]
    made = books(record=record, irradiance=800.0, ambient=10.0)
    return [made.irradiation / energy, made.hours / hours]


@cache
def _half_sine() -> Books:
    time = np.arange(30 * 1440) * 60.0 + 30.0
    G = np.maximum(_PEAK * np.sin(np.pi * (time % _DAY - 0.25 * _DAY) / (0.5 * _DAY)), 0.0)
    return books(record=Record(time=time, columns={"G": G, "t_amb": G}), irradiance=800.0, ambient=10.0)


def _ice_masses() -> list[float]:
    limits = read_limits(ROOT / "config" / "limits" / "iso9806_2017_durability.toml")
    return [limits[f"ice_ball_mass_{diameter}"].value for diameter in _DIAMETERS]


def _published_shock() -> list[float]:
    """The published internal shock, in class A with every limit taken as confirmed: 1 = kept."""
    procedure = PROCEDURES["iso9806-2017-internal-shock"]
    record = good_record(procedure)
    for row in record["shock"]:
        row |= {"G": 1016.0, "t_water": 17.0}
    unmet = judge(procedure, record, confirmed(procedure)).unmet
    return [float(symbol not in unmet) for symbol in ("G", "t_water")]


EVIDENCE = (
    Evidence(
        subject="protocols.procedures.exposure.books",
        what="irradiation of 30 days of a half sine of 1100 W/m2 [MJ/m2]",
        kind="exact",
        reference="integral of the half sine, 30 x 1100 x 86400/pi J/m2",
        expected=30 * _PEAK * _DAY / math.pi / 1e6,
        computed=lambda: _half_sine().irradiation,
        relative=1e-6,
    ),
    Evidence(
        subject="protocols.procedures.exposure.books",
        what="hours of the same above 800 W/m2",
        kind="exact",
        reference="(1/2 - asin(800/1100)/pi) x 24 a day",
        expected=30 * 24 * (0.5 - math.asin(800.0 / _PEAK) / math.pi),
        computed=lambda: _half_sine().hours,
        absolute=0.5,
        remark="an hour counts by whole samples: 30 x 1 min at most",
    ),
    Evidence(
        subject="protocols.procedures.exposure.books",
        what="irradiation and hours above 800 W/m2 and 10 degC, Graz, July and August 2017, over the reference's",
        kind="program",
        reference="DuckDB, sum and count over the same file",
        expected=(1.0, 1.0),
        computed=_graz,
        relative=1e-9,
    ),
    Evidence(
        subject="config/limits/iso9806_2017_durability.toml",
        what="masses of ice balls of 15, 25, 35 and 45 mm [g]",
        kind="exact",
        reference="4/3 pi r^3 x 920 kg/m3",
        expected=tuple(4 / 3 * math.pi * (d / 2000) ** 3 * _ICE * 1000 for d in _DIAMETERS),
        computed=_ice_masses,
        relative=5e-3,
        remark="shows that the numbers go together, not that the standard prints them",
    ),
    Evidence(
        subject="protocols.procedures.judging.judge",
        what="irradiance and water of a published internal thermal shock (1016 W/m2, water of 17 degC): 1 = kept",
        kind="published",
        reference="example of a collector maker (DualSun)",
        expected=(1.0, 1.0),
        computed=_published_shock,
        absolute=1e-9,
        remark="climate class A, by limits that are not confirmed",
    ),
)
