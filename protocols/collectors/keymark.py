"""The numbers of a Solar Keymark data sheet, as the texts it prints; layout is left to who prints it.

Page 1: models with gross area and power over tm - ta, coefficients, modifiers at 10 to 90 deg. Page 2: gross thermal
yields per module. Which rows there are, and with how many digits, follows sheets of template 6.2 (2022); the scheme
rules themselves have not been read. Every number is rounded once, from the unrounded area length times width.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from protocols.collectors.collector import FORM_2017, SYMBOLS, CollectorParameters
from protocols.collectors.file import Model
from protocols.collectors.modifier import Biaxial
from protocols.collectors.output import power_table, printed
from protocols.collectors.yields import Yields
from protocols.limits import Limit
from protocols.refusals import NotEvaluable

Array = NDArray[np.float64]

RISES = (0.0, 10.0, 30.0, 50.0, 70.0)  # K; the largest that may be stated stands beside them
ANGLES = tuple(float(angle) for angle in range(10, 100, 10))
_CLAUSE = "Solar Keymark data sheet, template 6.2 [clause number unconfirmed]"
_DIGITS = {
    "eta0b": "0.001",
    "Kd": "0.01",
    "a1": "0.01",
    "a2": "0.001",
    "a3": "0.001",
    "a4": "0.01",
    "a5": "1",
    "a6": "0.001",
    "a7": "0.001",
    "a8": "0.00000000001",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow:
    """One size: gross area [m2], and power of a module [W] at the sheet's tm - ta."""

    name: str
    area: str
    power: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class YieldRow:
    """Yields of one size [kWh a module and year], by climate and temperature in the order of the sheet."""

    name: str
    yields: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The texts of a sheet.

    rises: tm - ta [K].  power: per gross area [W/m2].  coefficients: by symbol, in the units of the glossary.
    transversal, longitudinal: K at `ANGLES`.  climates, temperatures: of the yields.  irradiation: on the plane
    [kWh/m2].  yields_per_area: [kWh/m2], by climate and temperature.
    """

    name: str
    form: str
    rises: tuple[str, ...]
    models: tuple[ModelRow, ...]
    power: tuple[str, ...]
    coefficients: Mapping[str, str]
    transversal: tuple[str, ...]
    longitudinal: tuple[str, ...]
    climates: tuple[str, ...]
    temperatures: tuple[str, ...]
    irradiation: tuple[str, ...]
    yields_per_area: tuple[tuple[str, ...], ...]
    yields: tuple[YieldRow, ...]


def sheet(
    *, collector: CollectorParameters, models: Sequence[Model], yields: Yields, limits: Mapping[str, Limit]
) -> Sheet:
    """Compose the sheet of one collector family.

    models: its sizes.  yields: of this collector alone.  limits: config/limits/standard_reporting.toml.
    Raises NotEvaluable for parameters in another form or per aperture, no sizes, and what `power_table` refuses (a
    tested range that is not known); ValueError for yields of another collector.
    """
    _require(collector, models)
    if yields.collectors != (collector.name,):
        raise ValueError(f"the yields are of {', '.join(yields.collectors)}, not of {collector.name} alone.")
    rises = _rises(collector, limits)
    table = power_table(collector, rises=rises, limits=limits)
    per_area = yields.annual[0]
    return Sheet(
        name=collector.name,
        form=collector.form,
        rises=_texts(rises),
        models=tuple(
            ModelRow(name=each.name, area=_texts([each.area], "0.01")[0], power=_texts(table.per_area * each.area))
            for each in models
        ),
        power=_texts(table.per_area),
        coefficients={symbol: _texts([getattr(collector, symbol)], _DIGITS[symbol])[0] for symbol in SYMBOLS},
        transversal=_modifier(collector, "transversal"),
        longitudinal=_modifier(collector, "longitudinal"),
        climates=yields.climates,
        temperatures=_texts(yields.temperatures),
        irradiation=_texts(yields.irradiation.sum(axis=1)),
        yields_per_area=tuple(_texts(row) for row in per_area),
        yields=tuple(
            YieldRow(name=each.name, yields=tuple(_texts(row * each.area) for row in per_area)) for each in models
        ),
    )


def _rises(collector: CollectorParameters, limits: Mapping[str, Limit]) -> tuple[float, ...]:
    """The sheet's tm - ta, with the largest that may be stated at its end."""
    if collector.tested_rise is None:
        return RISES  # power_table says what is missing
    most = collector.tested_rise + limits["extrapolation"].value
    return (*(rise for rise in RISES if rise < most), most)


def _require(collector: CollectorParameters, models: Sequence[Model]) -> None:
    if collector.form != FORM_2017 or collector.area_basis != "gross":
        raise NotEvaluable(
            clause=_CLAUSE,
            sentence_en=f"The sheet states {FORM_2017} per gross area and {collector.name} is given as "
            f"{collector.form} per {collector.area_basis} area; convert the parameters first.",
            sentence_zh=f"数据表按 {FORM_2017} 总面积给出，而 {collector.name} 的参数为 {collector.form}"
            f"（{collector.area_basis}）；请先换算。",
        )
    if not models:
        raise NotEvaluable(
            clause=_CLAUSE,
            sentence_en=f"No size of {collector.name} is given; add [[models]] with name, length and width.",
            sentence_zh=f"未给出 {collector.name} 的任何规格；请补充 [[models]]（name、length、width）。",
        )


def _modifier(collector: CollectorParameters, plane: str) -> tuple[str, ...]:
    """K in one plane at the sheet's angles; both are alike where the collector has one curve."""
    modifier = collector.modifier
    curve = getattr(modifier, plane) if isinstance(modifier, Biaxial) else modifier
    return _texts(curve.at(np.array(ANGLES)), "0.01")


def _texts(values: Sequence[float] | Array, interval: str = "1") -> tuple[str, ...]:
    return tuple(f"{each:f}" for each in printed(values, interval))
