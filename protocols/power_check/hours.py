"""Which hours of a record count in the power check, and the reason for each that does not."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from protocols.limits import Limit
from protocols.possible import impossible
from protocols.power_check.clock_hours import Hours
from protocols.power_check.field import Field, Sun
from protocols.power_check.formulas import HEMISPHERICAL
from protocols.reasons import SUN_DOWN, beyond, outside_fluid
from protocols.windows import Reason, Sieve

Array = NDArray[np.float64]

HOUR = 3600.0  # s, of the unit K/h


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check under way.

    columns: of the record, those that are read.  hours: of the samples that are whole.  plain: hourly means that need
    no sun, by symbol.
    """

    field: Field
    columns: Mapping[str, Array]
    limits: Mapping[str, Limit]
    hours: Hours
    plain: Mapping[str, Array]

    def limit(self, symbol: str) -> float:
        """Give the value of a limit."""
        return self.limits[symbol].value

    def rows(self, hours: Hours) -> dict[str, Array]:
        """Give the columns at the rows of hours."""
        return {symbol: values[hours.rows] for symbol, values in self.columns.items()}


def sieved_by_means(check: Check) -> Sieve:
    """Refuse hours by what needs no sun: samples, shading, and the hourly means."""
    hours, plain, limit = check.hours, check.plain, check.limit
    sieve = Sieve(hours.start.size)
    sieve.refuse(~(hours.missing <= limit("missing_max")), _missing(check.limits["missing_max"]))
    sieve.refuse(~(hours.gap <= limit("gap_max")), _gap(check.limits["gap_max"]))
    for flags, reason in impossible(check.rows(hours), check.limits):
        sieve.refuse(hours.any(flags), reason)
    if "shaded" in plain:
        sieve.refuse(plain["shaded"] != 0, _shaded())
    sieve.refuse(~(plain["t_amb"] >= limit("t_amb_min")), _cold(check.limits["t_amb_min"]))
    if "u" in plain:
        sieve.refuse(~(plain["u"] <= limit("u_max")), _windy(check.limits["u_max"]))
    if check.field.formula == HEMISPHERICAL:
        sieve.refuse(~(plain["G"] >= limit("G_min")), _dim(check.limits["G_min"]))
    elif "DNI" not in plain or check.field.beam != "DNI cos(theta)":
        beam = plain["Gb"] if check.field.beam == "Gb" else plain["G"] - plain["Gd"]
        sieve.refuse(~(beam >= limit("Gb_min")), _no_beam(check.limits["Gb_min"]))
    else:  # the beam on the plane is never above the one on a plane that faces the sun
        sieve.refuse(~(plain["DNI"] >= limit("Gb_min")), _no_beam(check.limits["Gb_min"]))
    rate = np.abs(plain["dtm_dt"]) * HOUR
    sieve.refuse(~(rate <= limit("rate_max")), _unsteady(check.limits["rate_max"]))
    return sieve


def sieve_by_sun(
    check: Check,
    sieve: Sieve,
    close: Hours,
    rows: Mapping[str, Array],
    means: Mapping[str, Array],
    sun: Sun,
) -> None:
    """Refuse hours by what was computed only for those that passed so far."""
    sieve.refuse(close.any(sun.elevation <= 0), SUN_DOWN)
    sieve.refuse(close.any(check.field.behind_horizon(sun)), _shaded())
    sieve.refuse(close.any(sun.theta > check.limit("theta_max")), _oblique(check.limits["theta_max"]))
    if "Gb" in means:
        low = sieve.passed & ~(means["Gb"] >= check.limit("Gb_min"))
        sieve.refuse(low, _no_beam(check.limits["Gb_min"]))
    sieve.refuse(close.any(check.field.outside_fluid(rows)), outside_fluid(check.field.fluid))


def _missing(limit: Limit) -> Reason:
    return beyond(
        limit, "missing", "The part of the hour's samples that is missing is above", "小时内缺失采样的比例高于"
    )


def _gap(limit: Limit) -> Reason:
    return beyond(limit, "gap", "Within the hour samples are missing for more than", "小时内连续缺失采样超过一小时的")


def _cold(limit: Limit) -> Reason:
    return beyond(limit, "ambient cold", "The ambient temperature is below", "环境温度低于")


def _windy(limit: Limit) -> Reason:
    return beyond(limit, "windy", "The air speed is above", "空气流速高于")


def _dim(limit: Limit) -> Reason:
    return beyond(limit, "irradiance low", "The hemispherical irradiance is below", "总辐照度低于")


def _no_beam(limit: Limit) -> Reason:
    return beyond(limit, "beam low", "The beam irradiance on the plane is below", "集热器平面直射辐照度低于")


def _unsteady(limit: Limit) -> Reason:
    return beyond(
        limit,
        "temperature unsteady",
        "The mean fluid temperature changes by more than",
        "工质平均温度变化率超过",
    )


def _oblique(limit: Limit) -> Reason:
    return beyond(limit, "incidence", "The angle of incidence is above", "入射角大于")


def _shaded() -> Reason:
    return Reason(
        code="shaded",
        clause="5.4, Table 1 [clause number unconfirmed]",
        sentence_en="The field is shaded, by the record or by the surveyed horizon.",
        sentence_zh="集热器阵列受遮挡（依据记录或实测地平线）。",
    )
