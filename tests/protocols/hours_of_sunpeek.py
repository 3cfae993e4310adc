"""The hours that SunPeek computed, see tests/data/iso24194, and the same by our formulas."""

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from protocols.collectors.collector import CollectorParameters
from protocols.collectors.file import read_collector
from protocols.power_check.formulas import comparison, estimated_power
from tests.protocols.conftest import DATA, ROOT

Array = NDArray[np.float64]

FILES = {"sp_2d_f1": 1, "sp_2d_f2": 2, "sp_1m_f1": 1, "sp_1m_f2": 2}
PRINTED: dict[str, Any] = json.loads((DATA / "iso24194" / "printed.json").read_text("utf-8"))


def arcon() -> CollectorParameters:
    """The collector of the certificate SP SC0843-14."""
    return read_collector(ROOT / "config" / "collectors" / "sp_sc0843_14_arcon_htheatstore_35_10.toml")


def columns(file: str) -> dict[str, Array]:
    """The numbers of a file, by SunPeek's names."""
    rows = json.loads((DATA / "iso24194" / f"{file}.json").read_text("utf-8"))
    return {name: np.array([row[name] for row in rows]) for name in rows[0] if name != "start"}


def estimated(file: str) -> Array:
    """Our estimate of each hour, W/m2."""
    hours = columns(file)
    names = {"G": "rd_gti", "Gb": "rd_bti", "Gd": "rd_dti"}
    return estimated_power(
        formula=FILES[file],
        collector=arcon(),
        irradiance={symbol: hours[name] for symbol, name in names.items() if name in hours},
        Kb=hours["iam_b"],
        rise=hours["te_op"] - hours["te_amb"],
        rate=hours["te_op_deriv"] / 3600.0,
    )


def slope(file: str) -> float:
    """Our slope of SunPeek's measured over our estimated power."""
    measured = columns(file)["tp_sp_measured"]
    return comparison(measured=measured, estimated=estimated(file), block=np.arange(measured.size)).slope
