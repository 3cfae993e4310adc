"""The power check of a collector field as a method: a record and an item in, ratio and slope with uncertainty out.

The edition of the standard states what is its own and what is ours: protocols/standards/iso24194_2022.py. The formulas
are in protocols/power_check/formulas.py, the choice of hours in protocols/power_check/hours.py.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from protocols.evaluation import OF_THE_ITEM, coefficients, general_notes, note, require
from protocols.fields import number
from protocols.limits import Limit
from protocols.method import Coefficient, ItemValue, Note, Outcome, complete_item
from protocols.possible import possible_limits
from protocols.power_check.clock_hours import Hours, clock_hours
from protocols.power_check.field import field_of, needed_irradiance
from protocols.power_check.formulas import BEAM, Comparison, comparison, safety_factor, with_common
from protocols.power_check.hours import Check, sieve_by_sun, sieved_by_means
from protocols.power_check.item import ITEM
from protocols.reasons import require_enough
from protocols.record import Common, Record
from protocols.refusals import NotEvaluable
from protocols.windows import Sieve, sample_interval

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

METHOD_ID = "iso24194-2022"
OUTPUTS = ("power_ratio", "power_slope")

_OURS = "Heliobench"
_CLAUSE = "ISO 24194:2022, 6.2 [clause number unconfirmed]"
INPUTS = ("t_in", "t_out", "t_amb")
OPTIONAL = ("G", "Gb", "Gd", "DNI", "V_dot", "Q_meter", "u", "shaded")
_LIMITS = (
    "averaging_time",
    "t_amb_min",
    "u_max",
    "rate_max",
    "G_min",
    "Gb_min",
    "points_min",
    "concentration_min",
    "theta_max",
    "missing_max",
    "gap_max",
    "fluid_extrapolation",
    *possible_limits("G", "t_amb", "u", "t_fluid"),
)
_DAY = 86400.0  # s
_SECONDS_PER_DEGREE = 240.0  # in which the earth turns one degree of longitude


def evaluate(*, record: Record, item: Mapping[str, ItemValue], limits: Mapping[str, Limit]) -> Outcome:
    """Compare the measured with the estimated power of a collector field.

    record: columns t_in, t_out, t_amb; V_dot or Q_meter; G (formula 1), or Gb, G with Gd, or DNI, with Gd or G
    (formula 2), or any of these for the beam (formula 3); optionally u and shaded.  item: see `ITEM`.  limits:
    config/limits/iso24194_2022.toml.  Points: one row each hour; theta, Kb-dependent and measured values stand only
    where the hour passed all that needs no sun.
    Raises NotEvaluable for a missing column or limit, a bad item entry, samples longer than half an hour, and fewer
    hours than the standard asks for.
    """
    require(record=record, inputs=INPUTS, limits=limits, asked=_LIMITS)
    complete = complete_item(ITEM, item)
    check = _prepared(record, complete, limits)
    sieve = sieved_by_means(check)
    close = check.hours.among(sieve.passed)
    rows = check.rows(close)
    sun = check.field.sun(close.time)
    means = check.field.compared(hours=close, columns=rows, sun=sun)
    sieve_by_sun(check, sieve, close, rows, means, sun)
    used = sieve.passed
    require_enough(sieve, least=check.limit("points_min"), clause=_CLAUSE, what_en="hours", what_zh="个可用小时")
    chosen = close.among(used)
    found, moved = _compared(check, chosen, used, record.uncertainties)
    return _outcome(check, sieve, means, found, moved, record)


def _prepared(record: Record, item: Mapping[str, ItemValue], limits: Mapping[str, Limit]) -> Check:
    length = limits["averaging_time"].value
    if record.time.size > 1 and sample_interval(record.time) > length / 2.0:
        raise NotEvaluable(
            clause=_OURS,
            sentence_en=f"The samples are {sample_interval(record.time):g} s apart: an hour holds fewer than two, "
            "from which no rate of temperature follows; give a record of shorter intervals.",
            sentence_zh=f"采样间隔为 {sample_interval(record.time):g} s，一小时内不足两个采样，无法求温度变化率；"
            "请提供间隔更短的记录。",
        )
    formula = number(item, "formula")
    beam, irradiance = needed_irradiance(formula=int(formula), columns=record.columns)
    wanted = (*INPUTS, *irradiance, _power_column(record), *(s for s in ("u", "shaded") if s in record.columns))
    field = field_of(item=item, beam=beam, extrapolation=limits["fluid_extrapolation"].value)
    columns = {symbol: record.columns[symbol] for symbol in wanted}
    valid = np.ones(record.time.size, dtype=bool)
    for values in columns.values():
        valid &= np.isfinite(values)
    hours = clock_hours(time=record.time, valid=valid, length=length)
    check = Check(field=field, columns=columns, limits=limits, hours=hours, plain={})
    rows = check.rows(hours)
    plain = {symbol: hours.mean(values) for symbol, values in rows.items()}
    plain["dtm_dt"] = hours.rate((rows["t_in"] + rows["t_out"]) / 2.0)
    return Check(field=field, columns=columns, limits=limits, hours=hours, plain=plain)


def _power_column(record: Record) -> str:
    for symbol in ("Q_meter", "V_dot"):
        if symbol in record.columns:
            return symbol
    raise NotEvaluable(
        clause=_CLAUSE,
        sentence_en="The record has neither the column Q_meter [W] nor V_dot [m3/s]; add one of them.",
        sentence_zh="记录中既无 Q_meter [W] 列也无 V_dot [m3/s] 列；请补充其一。",
    )


# --- what comes out ---


def _compared(
    check: Check, hours: Hours, used: Flags, causes: tuple[Common, ...]
) -> tuple[Comparison, dict[str, tuple[Array, Array]]]:
    rows, sun = check.rows(hours), check.field.sun(hours.time)

    def powers(columns: Mapping[str, Array]) -> tuple[Array, Array]:
        means = check.field.compared(hours=hours, columns=columns, sun=sun)
        return means["q_measured"][used], means["q_estimated"][used]

    measured, estimated = powers(rows)
    days = np.floor((hours.start[used] + number(check.field.item, "longitude") * _SECONDS_PER_DEGREE) / _DAY)
    moved: dict[str, tuple[Array, Array]] = {}
    for place, cause in enumerate(causes, start=1):
        for kind in ("absolute", "relative"):
            size = getattr(cause, kind)
            if not size:
                continue
            name = f"{place} {cause.symbol} {kind}"
            if cause.symbol in rows:
                values = rows[cause.symbol] + size if kind == "absolute" else rows[cause.symbol] * (1.0 + size)
                moved[name] = powers({**rows, cause.symbol: values})
            elif cause.symbol in OF_THE_ITEM:
                moved[name] = (measured * _scaled(check, cause.symbol, size, kind), estimated)
    try:
        return comparison(measured=measured, estimated=estimated, block=days), moved
    except ValueError as error:
        raise NotEvaluable(
            clause=_OURS,
            sentence_en=f"Measured and estimated power cannot be compared: {error}",
            sentence_zh="实测与估算功率无法比较：请检查集热器参数，并提供至少两天的数据。",
        ) from error


def _scaled(check: Check, symbol: str, size: float, kind: str) -> float:
    """The factor on the measured power for one standard uncertainty of the area or of the fluid."""
    if symbol == "A_G":
        return 1.0 / (1.0 + (size if kind == "relative" else size / check.field.area))
    if "Q_meter" in check.columns:
        return 1.0
    if kind == "relative":
        return 1.0 + size
    known = check.field.fluid.density if symbol == "rho" else check.field.fluid.heat_capacity
    middle = np.clip(np.nanmean(check.columns["t_in"] + check.columns["t_out"]) / 2.0, *check.field.fluid.limits)
    return 1.0 + size / float(known(np.asarray(middle)))


def _outcome(
    check: Check,
    sieve: Sieve,
    means: Mapping[str, Array],
    found: Comparison,
    moved: Mapping[str, tuple[Array, Array]],
    record: Record,
) -> Outcome:
    budget = with_common(found=found, moved=moved)
    applied = tuple(check.limits[symbol] for symbol in _LIMITS)
    stated = coefficients(symbols=OUTPUTS, values=found.values, budget=budget, dof=found.blocks - 1.0)
    used = sieve.passed
    f_safe = safety_factor(**{symbol: number(check.field.item, symbol) for symbol in ("f_p", "f_U", "f_O")})
    figures = {
        "hours": float(used.size),
        "hours_used": float(used.sum()),
        "days_used": float(found.blocks),
        "mean_measured": float(np.mean(means["q_measured"][used])),
        "mean_estimated": float(np.mean(means["q_estimated"][used])),
        "f_safe": f_safe,
        "passes": float(found.ratio >= f_safe),
        "formula": float(check.field.formula),
    }
    return Outcome(
        method_id=METHOD_ID,
        coefficients=stated,
        covariance=budget.total,
        points=_points(check, sieve, means),
        refusals=sieve.refusals,
        notes=(
            _verdict(figures, stated[0], confirmed=all(limit.confirmed for limit in applied)),
            *_conditions(check),
            *general_notes(record=record, limits=applied, counted=_counted(check)),
        ),
        diagnostics=figures,
        limits=applied,
    )


def _counted(check: Check) -> set[str]:
    """Columns and properties whose common uncertainty acts on the result."""
    return {*check.columns, *(("A_G",) if "Q_meter" in check.columns else OF_THE_ITEM)} - {"shaded", "u"}


def _points(check: Check, sieve: Sieve, means: Mapping[str, Array]) -> dict[str, Array]:
    plain = {s: check.plain[s] for s in ("G", "Gb", "Gd", "t_amb", "u") if s in check.plain}
    close = {s: means[s] for s in ("Gb", "theta", "q_measured", "q_estimated") if s in means}
    return {
        "time": check.hours.start,
        **plain,
        **close,
        "tm_minus_ta": (check.plain["t_in"] + check.plain["t_out"]) / 2.0 - check.plain["t_amb"],
        "dtm_dt": check.plain["dtm_dt"],
        "used": sieve.passed.astype(np.float64),
        "refusal": sieve.index,
    }


def _verdict(figures: Mapping[str, float], ratio: Coefficient, *, confirmed: bool) -> Note:
    """Compare the ratio with f_safe; with limits that nobody has confirmed it is no statement of conformity."""
    passed = bool(figures["passes"])
    size = f"{ratio.value:.3f} ± {ratio.expanded_uncertainty:.3f}"
    near = abs(ratio.value - figures["f_safe"]) < ratio.expanded_uncertainty
    english, chinese = ("not below", "不低于") if passed else ("below", "低于")
    margin = (", by less than the uncertainty", "（差值小于不确定度）") if near else ("", "")
    if confirmed:
        stated = ("the check is passed", "核查通过") if passed else ("the check is not passed", "核查未通过")
    else:
        stated = (
            "this is no statement of conformity, since limits are not confirmed",
            "部分限值尚未核对，不作符合性声明",
        )
    return note(
        ("check passed" if passed else "check failed") if confirmed else "check not judged",
        f"Measured over estimated power is {size}, {english} the f_safe of {figures['f_safe']:.2f}{margin[0]}; "
        f"{stated[0]}.",
        f"实测与估算功率之比为 {size}，{chinese} f_safe = {figures['f_safe']:.2f}{margin[1]}；{stated[1]}。",
    )


def _conditions(check: Check) -> list[Note]:
    notes = _formula_notes(check)
    if "u" not in check.columns:
        notes.append(
            note("no wind", "The air speed was not checked: the record has none.", "记录无空气流速，未予核查。")
        )
    if "shaded" not in check.columns and "horizon" not in check.field.item:
        notes.append(
            note(
                "shading unknown",
                "Shading was not checked: the record has no column shaded and the item no horizon.",
                "遮挡未予核查：记录无 shaded 列，试件亦未给出地平线。",
            )
        )
    if check.field.beam:
        notes.append(
            note(
                "beam source",
                f"The beam on the plane is {check.field.beam}.",
                f"平面直射辐照度取自 {check.field.beam}。",
            )
        )
    notes.append(
        note(
            "certificate uncertainty",
            "The uncertainties are those of the measurement; that of the certificate's parameters is not in them.",
            "所列不确定度仅来自测量，不含证书参数的不确定度。",
        )
    )
    return notes


def _formula_notes(check: Check) -> list[Note]:
    """Say where the concentration ratio does not go with the formula."""
    least, given = check.limit("concentration_min"), check.field.item.get("concentration", 1.0)
    strong = isinstance(given, float) and given >= least
    if strong == (check.field.formula == BEAM):
        return []
    return [
        note(
            "formula and concentration",
            f"Formula 3 is for collectors of a concentration ratio of {least:g} or more; formula {check.field.formula} "
            f"was taken for one of {given:g}.",
            f"公式 3 适用于聚光比不小于 {least:g} 的集热器；"
            f"本次对聚光比为 {given:g} 的集热器采用了公式 {check.field.formula}。",
        )
    ]
