"""The input-output test as a method: one row a day in, the correlation with its uncertainty out."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from protocols.evaluation import Edition, bound, coefficients, columns_of, general_notes, note, require, shifts
from protocols.fits import Fit
from protocols.limits import Limit
from protocols.method import ItemField, ItemValue, Method, Note, Outcome, complete_item
from protocols.record import Record
from protocols.refusals import NotEvaluable
from protocols.symbols import quantity
from protocols.uncertainty import Budget, budget
from protocols.water_heaters.input_output import NAMES, correlation, daily_output, daily_uncertainty
from protocols.windows import Reason, Sieve

Array = NDArray[np.float64]

_INPUTS = ("H", "t_amb_day", "t_main", "Q_day")
_OPTIONAL = ("u",)
_LIMITS = ("days_min", "H_low", "H_high", "H_cover", "dt_low", "dt_high", "dt_apart", "days_apart", "u_low", "u_high")
ITEM = (
    ItemField(
        symbol="asked",
        kind="pairs",
        required=False,
        name_en="days at which the output is asked for, pairs [H in MJ/m2, t_amb_day - t_main in K]",
        name_zh="要求给出得热量的日条件，数对 [H（MJ/m2），日均气温与冷水温度之差（K）]",
    ),
)


def _evaluate(
    *, method_id: str, clause: str, record: Record, item: Mapping[str, ItemValue], limits: Mapping[str, Limit]
) -> Outcome:
    """Fit io1, io2 and io3 to the days of a record."""
    require(record=record, inputs=_INPUTS, limits=limits, asked=_LIMITS)
    complete = complete_item(ITEM, item)
    columns = columns_of(record, inputs=_INPUTS, optional=_OPTIONAL)
    sieve = _sieved(columns)
    used = {symbol: values[sieve.passed] for symbol, values in columns.items()}
    _require_days(used["H"].size, limits["days_min"].value, clause)
    fit = _fit(used, clause)

    def compute(of: Mapping[str, Array], _: Mapping[str, float]) -> Array:
        return _fit(of, clause).values

    result = budget(
        random=fit.covariance, shifts=shifts(compute=compute, columns=used, parameters={}, causes=record.uncertainties)
    )
    applied = tuple(limits[symbol] for symbol in _LIMITS)
    return Outcome(
        method_id=method_id,
        coefficients=coefficients(symbols=NAMES, values=fit.values, budget=result, dof=fit.dof, t_ratios=fit.t_ratios),
        covariance=result.total,
        points={
            "time": record.time,
            **columns,
            "used": sieve.passed.astype(np.float64),
            "refusal": sieve.index,
        },
        refusals=sieve.refusals,
        notes=(*_notes(used, fit, limits), *general_notes(record=record, limits=applied)),
        diagnostics=_figures(used, fit, result, complete),
        limits=applied,
    )


def _fit(columns: Mapping[str, Array], clause: str) -> Fit:
    try:
        return correlation(H=columns["H"], dt=columns["t_amb_day"] - columns["t_main"], Q=columns["Q_day"])
    except ValueError as error:
        raise NotEvaluable(
            clause=clause,
            sentence_en=f"The days give no correlation: {error}",
            sentence_zh="所给各日数据无法确定三个系数：请增加不同辐照量与不同温差的试验日。",
        ) from error


def _sieved(columns: Mapping[str, Array]) -> Sieve:
    sieve = Sieve(columns["H"].size)
    missing = np.logical_or.reduce([~np.isfinite(columns[symbol]) for symbol in _INPUTS])
    for where, code, english, chinese in (
        (
            missing,
            "missing value",
            "A value of the day is missing.",
            "该日有缺测值。",
        ),
        (columns["H"] <= 0.0, "no sun", "The irradiation of the day is not above zero.", "该日太阳辐照量不大于零。"),
    ):
        sieve.refuse(where, Reason(code=code, clause="Heliobench", sentence_en=english, sentence_zh=chinese))
    return sieve


def _require_days(days: int, least: float, clause: str) -> None:
    if days < least:
        raise NotEvaluable(
            clause=clause,
            sentence_en=f"The record holds {days} usable days and at least {least:g} are needed; test on more days.",
            sentence_zh=f"记录中可用试验日为 {days} 天，至少需要 {least:g} 天；请增加试验日。",
        )


def _figures(columns: Mapping[str, Array], fit: Fit, result: Budget, item: Mapping[str, ItemValue]) -> dict[str, float]:
    difference = columns["t_amb_day"] - columns["t_main"]
    figures = {
        "days": float(columns["H"].size),
        "H_least": float(columns["H"].min()),
        "H_most": float(columns["H"].max()),
        "dt_least": float(difference.min()),
        "dt_most": float(difference.max()),
        "residual_sd": fit.residual_sd,
        "r_squared": fit.r_squared,
        "condition": fit.condition,
    }
    asked = item.get("asked", ())
    for H, dt in asked if isinstance(asked, tuple) else ():
        name = f"{H:g}_{dt:g}"
        figures[f"Q_at_{name}"] = float(daily_output(values=fit.values, H=H, dt=dt))
        figures[f"u_Q_at_{name}"] = float(daily_uncertainty(covariance=result.total, H=H, dt=dt))
    return figures


def _notes(columns: Mapping[str, Array], fit: Fit, limits: Mapping[str, Limit]) -> Iterator[Note]:
    yield from _irradiation_notes(columns["H"], limits)
    yield from _difference_notes(columns["t_amb_day"] - columns["t_main"], limits)
    yield from _wind_notes(columns.get("u"), limits)
    if fit.values[1] < 0.0:
        yield note(
            "sign of io2",
            "io2 came out negative, as if the heater gained more on colder days; check that t_amb_day and t_main are "
            "not exchanged (sources write the difference either way).",
            "io2 为负，相当于气温越低得热越多；请核对 t_amb_day 与 t_main 是否颠倒（文献中差值写法不一）。",
        )


def _irradiation_notes(H: Array, limits: Mapping[str, Limit]) -> Iterator[Note]:
    low, high, share = limits["H_low"].value, limits["H_high"].value, limits["H_cover"].value
    outside, cover = _outside(H, low, high), float(np.ptp(H)) / (high - low)
    if outside:
        yield note(
            "days outside the irradiation",
            f"{outside} days lie outside {low:g} to {high:g} MJ/m2.",
            f"有 {outside} 天的太阳辐照量超出 {low:g} 至 {high:g} MJ/m2。",
        )
    if cover < share:
        yield note(
            "irradiation hardly varies",
            f"The days cover {100 * cover:.0f} % of the range from {low:g} to {high:g} MJ/m2; spread them more widely.",
            f"各日太阳辐照量仅覆盖 {low:g} 至 {high:g} MJ/m2 范围的 {100 * cover:.0f} %；请扩大范围。",
        )


def _difference_notes(dt: Array, limits: Mapping[str, Limit]) -> Iterator[Note]:
    low, high = limits["dt_low"].value, limits["dt_high"].value
    apart, least = limits["dt_apart"].value, limits["days_apart"].value
    outside, away = _outside(dt, low, high), int((np.abs(dt - np.median(dt)) >= apart).sum())
    if outside:
        yield note(
            "days outside the temperature difference",
            f"On {outside} days t_amb_day - t_main lies outside {low:g} to {high:g} K.",
            f"有 {outside} 天的日均气温与冷水温度之差超出 {low:g} 至 {high:g} K。",
        )
    if away < least:
        yield note(
            "temperature difference hardly varies",
            f"{away} days have a t_amb_day - t_main at least {apart:g} K away from the others; {least:g} are expected.",
            f"温差与其余各日相差不小于 {apart:g} K 的试验日为 {away} 天；一般应不少于 {least:g} 天。",
        )


def _outside(values: Array, low: float, high: float) -> int:
    """Count the values that lie outside."""
    return int(((values < low) | (values > high)).sum())


def _wind_notes(u: Array | None, limits: Mapping[str, Limit]) -> Iterator[Note]:
    if u is None or not np.isfinite(u).any():
        yield note("no wind", "The air speed was not checked: the record has none.", "记录无空气流速，未予核查。")
        return
    low, high = limits["u_low"].value, limits["u_high"].value
    outside = _outside(u, low, high)
    if outside:
        yield note(
            "wind",
            f"On {outside} days the mean air speed lies outside {low:g} to {high:g} m/s.",
            f"有 {outside} 天的平均风速超出 {low:g} 至 {high:g} m/s。",
        )


def input_output_method(*, edition: Edition) -> Method:
    """Make the input-output test of an edition."""
    method_id = f"{edition.prefix}-input-output"
    return Method(
        id=method_id,
        standard=edition.standard,
        edition=edition.year,
        clause="input-output test [clause number unconfirmed]",
        title_en="Input-output correlation of solar-only domestic water heating systems",
        title_zh="单纯太阳能家用热水系统输入输出关系试验",
        inputs={symbol: quantity(symbol).unit for symbol in _INPUTS},
        optional_inputs={symbol: quantity(symbol).unit for symbol in _OPTIONAL},
        item=ITEM,
        outputs={symbol: quantity(symbol).unit for symbol in NAMES},
        limit_table=edition.limit_table,
        evaluate=bound(_evaluate, method_id=method_id, clause=edition.clause("input-output test")),
    )
