"""ISO 9806:2017, liquid-heating glazed collectors: the quasi-dynamic test (QDT).

Scope here: eta0b, b0, Kd, a1, a2, a5 per gross area. The terms a3, a4, a6, a7 (wind and long-wave radiation) and a8
are left out: a glazed collector that is neither wind nor infrared sensitive does not need them.

The text of the standard has not been read for this file; values and wording come from secondary sources. Every
number is therefore data in config/limits/iso9806_2017.toml, with its source and whether it is confirmed.

What is ours and not the standard's, and why:
* The limits that refuse windows are wider than the standard's test conditions, so that operating data can be
  evaluated; the standard's conditions are compared and told in notes. On the array record in tests/data/graz the
  limits reproduce the published careful fits: unshaded, every minute of a window present, flow within 10 % of its
  mean and above 0.95 g/(s m2), angle of incidence up to 60 deg, G above 50 W/m2, diffuse above zero. Asking in
  addition for G above 300 W/m2 moves Kd by +0.016 and a1 by +0.3, because the overcast windows that fix them go;
  asking for the inlet within 1 K gives a higher a5 (8.1 against 7.1 kJ/(m2 K) at 10 min), a lower b0 and R2 0.9945.
* dtm/dt comes from the first and last sample of a window over the time between them. Taking the window's length
  instead would raise a5 by the ratio of the two (11 % for ten one-minute samples).
* The random uncertainty is the larger of ordinary least squares and a day-block bootstrap: residuals of
  neighbouring windows are correlated and ordinary standard errors come out up to five times too small.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from protocols import fits
from protocols.conditions import CONDITION_LIMITS, Conditions, condition_notes
from protocols.fluids import WATER, Fluid, TabulatedFluid, tabulated
from protocols.incidence import cosine_of_incidence, horizon_elevation, modifier_excess, sun_position
from protocols.limits import Limit
from protocols.method import Coefficient, ItemField, ItemValue, Method, NotEvaluable, Outcome, complete_item
from protocols.quasidynamic import (
    COEFFICIENTS,
    LINEAR,
    Dropped,
    Estimate,
    Plant,
    Regression,
    common_shifts,
    eliminated,
    estimate,
    regression,
)
from protocols.record import Record
from protocols.symbols import quantity
from protocols.uncertainty import COVERAGE_FACTOR
from protocols.windows import Reason, Sieve, Windows, windows

Array = NDArray[np.float64]

_DATA = "ISO 9806:2017, quasi-dynamic data [clause number unconfirmed]"
_OURS = "Heliobench"

_INPUTS = ("G", "Gd", "t_in", "t_out", "t_amb", "V_dot", "u")
_OPTIONAL = ("DNI", "shaded")
_LIMITS = (
    "averaging_per_transit",
    "windows_min",
    "days_bootstrap",
    "G_min",
    "G_max",
    "diffuse_excess",
    "theta_max",
    "flow_min",
    "flow_deviation",
    "t_in_deviation",
    "fluid_extrapolation",
    "t_ratio_min",
    *CONDITION_LIMITS,
)
_SECONDS_PER_DEGREE = 240.0  # the earth turns one degree of longitude in this time
_DAY = 86400.0


def _item_fields() -> tuple[ItemField, ...]:
    return (
        ItemField(symbol="A_G", unit="m2", name_en="gross area", name_zh="总面积", least=1e-3, most=1e6),
        ItemField(symbol="tilt", unit="deg", name_en="tilt from horizontal", name_zh="倾角", least=0.0, most=90.0),
        ItemField(
            symbol="azimuth",
            unit="deg",
            name_en="azimuth of the plane, from north over east (180 = south)",
            name_zh="方位角(自北向东,180 为正南)",
            least=0.0,
            most=360.0,
        ),
        ItemField(symbol="latitude", unit="deg", name_en="latitude", name_zh="纬度", least=-90.0, most=90.0),
        ItemField(symbol="longitude", unit="deg", name_en="longitude", name_zh="经度", least=-180.0, most=180.0),
        ItemField(
            symbol="fluid",
            kind="text",
            default="water",
            name_en='heat carrier: "water", or any name with both tables',
            name_zh="传热工质:water,或附两张物性表的名称",
        ),
        ItemField(
            symbol="fluid_density",
            kind="pairs",
            required=False,
            name_en="density table, pairs [degC, kg/m3]",
            name_zh="密度表,数对 [degC, kg/m3]",
        ),
        ItemField(
            symbol="fluid_heat_capacity",
            kind="pairs",
            required=False,
            name_en="heat-capacity table, pairs [degC, J/(kg K)]",
            name_zh="比热容表,数对 [degC, J/(kg K)]",
        ),
        ItemField(
            symbol="flow_meter_position",
            kind="text",
            default="inlet",
            choices=("inlet", "outlet"),
            name_en="where the flow is metered",
            name_zh="流量计位置",
        ),
        ItemField(
            symbol="transit_time",
            unit="s",
            required=False,
            name_en="time the fluid takes through the collector",
            name_zh="工质流经时间",
            least=0.0,
            most=_DAY,
        ),
        ItemField(
            symbol="averaging_time",
            unit="s",
            default=600.0,
            name_en="averaging time",
            name_zh="平均时间",
            least=1.0,
            most=_DAY,
        ),
        ItemField(
            symbol="horizon",
            kind="pairs",
            required=False,
            name_en="surveyed horizon, pairs [azimuth deg, elevation deg]",
            name_zh="实测地平线,数对 [方位角, 高度角](deg)",
        ),
    )


ITEM = _item_fields()


@dataclass(frozen=True, kw_only=True)
class _Run:
    """One evaluation under way; arrays of samples are (complete windows, samples)."""

    record: Record
    item: Mapping[str, ItemValue]
    limits: Mapping[str, Limit]
    cut: Windows
    plant: Plant
    blocks: Mapping[str, Array]
    elevation: Array
    sun_azimuth: Array
    cosine: Array
    data: Regression

    def limit(self, symbol: str) -> float:
        return self.limits[symbol].value

    @property
    def theta(self) -> Array:
        """Give the angle of incidence of each sample, deg."""
        return np.degrees(np.arccos(np.clip(self.cosine, -1.0, 1.0)))


def evaluate(*, record: Record, item: Mapping[str, ItemValue], limits: Mapping[str, Limit]) -> Outcome:
    """Fit eta0b, b0, Kd, a1, a2 and a5 to a record by the quasi-dynamic method.

    record: columns G, Gd, t_in, t_out, t_amb, V_dot, u and optionally DNI, shaded.  item: see `ITEM`.  limits:
    config/limits/iso9806_2017.toml.
    Raises NotEvaluable for a missing column or limit, a bad item entry, an averaging time that does not go with
    the samples or the transit time, too few windows, or data that cannot identify the coefficients.
    """
    run = _prepared(record, complete_item(ITEM, item), limits)
    sieve = _sieved(run)
    used = sieve.passed[run.cut.complete]
    _require_windows(int(used.sum()), sieve, run.limit("windows_min"))
    data = _selected(run.data, used)
    fit, dropped = _fitted(data, run.limit("t_ratio_min"))
    blocks = {symbol: block[used] for symbol, block in run.blocks.items()}
    shifts = common_shifts(
        fit=fit,
        data=data,
        blocks=blocks,
        excess=modifier_excess(run.cosine[used]),
        plant=run.plant,
        causes=record.uncertainties,
    )
    day = _days(run)[used]
    enough = np.unique(day).size >= run.limit("days_bootstrap")
    result = estimate(fit=fit, data=data, days=day if enough else None, shifts=shifts)
    return _outcome(run, sieve, used, fit, dropped, result, enough)


def _prepared(record: Record, item: Mapping[str, ItemValue], limits: Mapping[str, Limit]) -> _Run:
    _require(record, limits)
    _require_averaging(item, limits["averaging_per_transit"].value)
    cut = windows(time=record.time, averaging_time=_number(item, "averaging_time"))
    plant = Plant(
        area=_number(item, "A_G"),
        fluid=_fluid(item, limits["fluid_extrapolation"].value),
        meter=str(item["flow_meter_position"]),
        interval=cut.interval,
    )
    blocks = {s: record.columns[s][cut.rows] for s in (*_INPUTS, *_OPTIONAL) if s in record.columns}
    elevation, sun_azimuth = sun_position(
        time=record.time[cut.rows], latitude=_number(item, "latitude"), longitude=_number(item, "longitude")
    )
    cosine = cosine_of_incidence(
        elevation=elevation,
        azimuth=sun_azimuth,
        tilt=_number(item, "tilt"),
        plane_azimuth=_number(item, "azimuth"),
    )
    return _Run(
        record=record,
        item=item,
        limits=limits,
        cut=cut,
        plant=plant,
        blocks=blocks,
        elevation=elevation,
        sun_azimuth=sun_azimuth,
        cosine=cosine,
        data=regression(blocks=blocks, excess=modifier_excess(cosine), plant=plant),
    )


# --- what refuses a whole record ---


def _require(record: Record, limits: Mapping[str, Limit]) -> None:
    for symbol in _LIMITS:
        if symbol not in limits:
            raise NotEvaluable(
                clause=_OURS,
                sentence_en=f"The limit table lacks {symbol}; use the table of this method.",
                sentence_zh=f"限值表缺少 {symbol};请使用本方法的限值表。",
            )
    for symbol in _INPUTS:
        if symbol not in record.columns:
            known = quantity(symbol)
            raise NotEvaluable(
                clause=_DATA,
                sentence_en=f"The record has no column {symbol} [{known.unit}] ({known.name_en}); add it.",
                sentence_zh=f"记录缺少列 {symbol} [{known.unit}]({known.name_zh});请补充。",
            )


def _require_averaging(item: Mapping[str, ItemValue], per_transit: float) -> None:
    averaging, transit = _number(item, "averaging_time"), item.get("transit_time")
    if isinstance(transit, float) and averaging < per_transit * transit:
        raise NotEvaluable(
            clause=_OURS,
            sentence_en=f"The averaging time of {averaging:g} s is shorter than {per_transit:g} times the transit time "
            f"of {transit:g} s, so that the mean of inlet and outlet is not the fluid's; average over "
            f"{per_transit * transit:g} s or more.",
            sentence_zh=f"平均时间 {averaging:g} s 小于流经时间 {transit:g} s 的 {per_transit:g} 倍,"
            f"进出口均值不能代表工质平均温度;请取 {per_transit * transit:g} s 以上。",
        )


def _require_windows(count: int, sieve: Sieve, least: float) -> None:
    if count >= least:
        return
    worst = max(sieve.refusals, key=lambda each: each.count, default=None)
    raise NotEvaluable(
        clause=_DATA,
        sentence_en=f"Only {count} windows can be used and at least {least:g} are needed; "
        + (f"most were refused because of this: {worst.sentence_en}" if worst else "measure longer."),
        sentence_zh=f"仅有 {count} 个可用时段,至少需要 {least:g} 个;"
        + (f"多数被拒原因:{worst.sentence_zh}" if worst else "请延长测量。"),
    )


def _fluid(item: Mapping[str, ItemValue], extrapolation: float) -> Fluid:
    name, density, heat = str(item["fluid"]), item.get("fluid_density"), item.get("fluid_heat_capacity")
    if name == "water" and density is None and heat is None:
        return WATER
    if not isinstance(density, tuple) or not isinstance(heat, tuple):
        raise NotEvaluable(
            clause=_OURS,
            sentence_en=f"The fluid {name!r} is known only by its tables; give both fluid_density and "
            'fluid_heat_capacity, or say "water".',
            sentence_zh=f"工质“{name}”须给出 fluid_density 与 fluid_heat_capacity 两张表,或写 water。",
        )
    try:
        return tabulated(
            name=name,
            density=density,
            heat_capacity=heat,
            source="the item description",
            extrapolation=extrapolation,
        )
    except ValueError as error:
        raise NotEvaluable(
            clause=_OURS,
            sentence_en=f"The fluid's tables cannot be used: {error}",
            sentence_zh=f"工质“{name}”的物性表无法使用;请检查两张表的温度范围与数值。",
        ) from error


def _fitted(data: Regression, t_ratio_min: float) -> tuple[fits.Fit, tuple[Dropped, ...]]:
    try:
        return eliminated(data=data, t_ratio_min=t_ratio_min)
    except fits.RankDeficient as error:
        raise NotEvaluable(
            clause=_DATA,
            sentence_en=f"The coefficients cannot be identified: {error}",
            sentence_zh=f"数据无法区分 {'、'.join(error.columns)}(各列线性相关);请扩大测量范围。",
        ) from error


def _number(item: Mapping[str, ItemValue], symbol: str) -> float:
    value = item[symbol]
    if not isinstance(value, float):
        raise TypeError(f"{symbol} of the item was not completed to a number")
    return value


# --- what refuses a window ---


def _sieved(run: _Run) -> Sieve:
    sieve = Sieve(run.cut.start.size)
    sieve.refuse(~run.cut.complete, _gap())
    for where, reason in _window_tests(run):
        marked = np.zeros(run.cut.start.size, dtype=bool)
        marked[run.cut.complete] = where
        sieve.refuse(marked, reason)
    return sieve


def _window_tests(run: _Run) -> list[tuple[NDArray[np.bool_], Reason]]:
    """Every test of complete windows, in the order in which a window keeps the first."""
    blocks, limit = run.blocks, run.limit
    flow, t_in = blocks["V_dot"], blocks["t_in"]
    mass_flow = run.data.mass_flow / run.plant.area
    low, high = run.plant.fluid.limits
    warm = (np.minimum(t_in, blocks["t_out"]).min(axis=1) < low) | (
        np.maximum(t_in, blocks["t_out"]).max(axis=1) > high
    )
    least_flow = mass_flow * flow.min(axis=1) / np.where(flow.mean(axis=1) > 0, flow.mean(axis=1), np.inf)
    return [
        (_missing(blocks), _missing_reason()),
        (run.elevation.min(axis=1) <= 0, _night()),
        (_shaded(run), _shaded_reason()),
        (
            blocks["G"].mean(axis=1) < limit("G_min"),
            _by_limit(run, "G_min", "irradiance low", "The irradiance is below", "辐照度低于"),
        ),
        (
            blocks["G"].max(axis=1) > limit("G_max"),
            _by_limit(run, "G_max", "irradiance high", "The irradiance is above", "辐照度高于"),
        ),
        (_diffuse_implausible(run), _diffuse_reason()),
        (
            run.theta.max(axis=1) > limit("theta_max"),
            _by_limit(run, "theta_max", "incidence", "The angle of incidence is above", "入射角大于"),
        ),
        (
            ~(least_flow >= limit("flow_min")),
            _by_limit(run, "flow_min", "flow low", "The mass flow per gross area is below", "单位面积质量流量低于"),
        ),
        (
            _deviation(flow) > limit("flow_deviation") * flow.mean(axis=1),
            _by_limit(
                run, "flow_deviation", "flow unsteady", "The flow leaves its mean by more than", "流量偏离均值超过"
            ),
        ),
        (warm, _fluid_reason(run.plant.fluid)),
        (
            _deviation(t_in) > limit("t_in_deviation"),
            _by_limit(
                run,
                "t_in_deviation",
                "inlet unsteady",
                "The inlet temperature leaves its mean by more than",
                "进口温度偏离均值超过",
            ),
        ),
    ]


def _diffuse_implausible(run: _Run) -> NDArray[np.bool_]:
    """Under a closed sky Gd is G within noise, so only a mean clearly above G is refused."""
    diffuse, whole = run.blocks["Gd"], run.blocks["G"].mean(axis=1)
    return np.asarray((diffuse <= 0).any(axis=1) | (diffuse.mean(axis=1) > whole * (1.0 + run.limit("diffuse_excess"))))


def _deviation(block: Array) -> Array:
    return np.asarray(np.abs(block - block.mean(axis=1, keepdims=True)).max(axis=1))


def _missing(blocks: Mapping[str, Array]) -> NDArray[np.bool_]:
    needed = [block for symbol, block in blocks.items() if symbol != "DNI"]
    return np.asarray(sum(~np.isfinite(block).all(axis=1) for block in needed) > 0)


def _shaded(run: _Run) -> NDArray[np.bool_]:
    shaded = np.zeros(run.elevation.shape, dtype=bool)
    if "shaded" in run.blocks:
        shaded |= run.blocks["shaded"] != 0
    horizon = run.item.get("horizon")
    if horizon:
        shaded |= run.elevation < horizon_elevation(azimuth=run.sun_azimuth, horizon=horizon)
    return np.asarray(shaded.any(axis=1))


def _by_limit(run: _Run, symbol: str, code: str, english: str, chinese: str) -> Reason:
    limit = run.limits[symbol]
    if limit.unit == "1":
        shown = f"{100 * limit.value:g} %"
    else:
        shown = f"{limit.value:g} {limit.unit}"
    return Reason(code=code, clause=limit.clause, sentence_en=f"{english} {shown}.", sentence_zh=f"{chinese} {shown}。")


def _gap() -> Reason:
    return Reason(
        code="gap",
        clause=_OURS,
        sentence_en="Samples are lacking within the window.",
        sentence_zh="时段内缺少采样。",
    )


def _missing_reason() -> Reason:
    return Reason(
        code="missing value",
        clause=_OURS,
        sentence_en="A value is missing within the window.",
        sentence_zh="时段内有缺测值。",
    )


def _night() -> Reason:
    return Reason(
        code="sun down",
        clause=_OURS,
        sentence_en="The sun is below the horizon.",
        sentence_zh="太阳位于地平线以下。",
    )


def _shaded_reason() -> Reason:
    return Reason(
        code="shaded",
        clause=_DATA,
        sentence_en="The collector is shaded, by the record or by the surveyed horizon.",
        sentence_zh="集热器受遮挡(依据记录或实测地平线)。",
    )


def _diffuse_reason() -> Reason:
    return Reason(
        code="diffuse implausible",
        clause=_OURS,
        sentence_en="The diffuse irradiance is not above zero or is larger than the hemispherical.",
        sentence_zh="散射辐照度不大于零或大于总辐照度。",
    )


def _fluid_reason(fluid: Fluid) -> Reason:
    low, high = fluid.limits
    return Reason(
        code="fluid range",
        clause=_OURS,
        sentence_en=f"A fluid temperature is outside {low:.1f} to {high:.1f} degC, where the fluid is known.",
        sentence_zh=f"工质温度超出其物性范围 {low:.1f} 至 {high:.1f} degC。",
    )


# --- what comes out ---


def _selected(data: Regression, used: NDArray[np.bool_]) -> Regression:
    return Regression(design=data.design[used], response=data.response[used], mass_flow=data.mass_flow[used])


def _days(run: _Run) -> Array:
    """Number the solar days, so that a day is never cut at UTC midnight wherever the site is."""
    local = run.cut.start[run.cut.complete] + _number(run.item, "longitude") * _SECONDS_PER_DEGREE
    return np.asarray(np.floor(local / _DAY))


def _outcome(
    run: _Run,
    sieve: Sieve,
    used: NDArray[np.bool_],
    fit: fits.Fit,
    dropped: tuple[Dropped, ...],
    result: Estimate,
    bootstrapped: bool,
) -> Outcome:
    fitted = _all_terms(fit)
    points = _points(run, sieve, run.data.design @ fitted)
    diagnostics = _diagnostics(run, used, fit, points)
    return Outcome(
        method_id=METHOD_ID,
        coefficients=_coefficients(result),
        covariance=result.budget.total,
        points=points,
        refusals=sieve.refusals,
        notes=condition_notes(
            Conditions(
                diagnostics=diagnostics,
                limits=run.limits,
                dropped=dropped,
                estimate=result,
                bootstrapped=bootstrapped,
                transit_known="transit_time" in run.item,
                common_known=bool(run.record.uncertainties),
            )
        ),
        diagnostics=diagnostics,
        limits=tuple(run.limits[symbol] for symbol in _LIMITS),
    )


def _all_terms(fit: fits.Fit) -> Array:
    terms = np.zeros(len(LINEAR))
    terms[[LINEAR.index(name) for name in fit.names]] = fit.values
    return terms


def _coefficients(result: Estimate) -> tuple[Coefficient, ...]:
    random, common, total = (
        np.sqrt(np.diag(each)).tolist() for each in (result.budget.random, result.budget.common, result.budget.total)
    )
    return tuple(
        Coefficient(
            symbol=symbol,
            value=float(result.values[i]),
            unit=quantity(symbol).unit,
            standard_uncertainty=total[i],
            expanded_uncertainty=COVERAGE_FACTOR * total[i],
            coverage_factor=COVERAGE_FACTOR,
            random_uncertainty=random[i],
            common_uncertainty=common[i],
            t_ratio=float(result.t_ratios[i]),
        )
        for i, symbol in enumerate(COEFFICIENTS)
    )


def _points(run: _Run, sieve: Sieve, fitted: Array) -> dict[str, Array]:
    data, blocks = run.data, run.blocks
    means = {
        "G": blocks["G"].mean(axis=1),
        "Gb": data.design[:, 0],
        "Gd": data.design[:, 2],
        "theta": run.theta.mean(axis=1),
        "tm_minus_ta": -data.design[:, 3],
        "dtm_dt": -data.design[:, 5],
        "q_measured": data.response,
        "q_fitted": fitted,
        "residual": data.response - fitted,
        "mass_flow": data.mass_flow,
        "u": blocks["u"].mean(axis=1),
    }
    return {
        "time": run.cut.start,
        **{name: run.cut.spread(values) for name, values in means.items()},
        "used": sieve.passed.astype(np.float64),
        "refusal": sieve.index,
    }


def _diagnostics(run: _Run, used: NDArray[np.bool_], fit: fits.Fit, points: Mapping[str, Array]) -> dict[str, float]:
    taken = points["used"] > 0
    point = {name: values[taken] for name, values in points.items()}
    about_mean = point["q_measured"] - point["q_measured"].mean()
    flow = point["mass_flow"] / run.plant.area
    figures = {
        "windows": float(taken.size),
        "windows_used": float(taken.sum()),
        "days": float(np.unique(_days(run)[used]).size),
        "sample_interval": run.cut.interval,
        "averaging_time": _number(run.item, "averaging_time"),
        "r_squared": 1.0 - float(point["residual"] @ point["residual"]) / float(about_mean @ about_mean),
        "residual_sd": fit.residual_sd,
        "residual_autocorrelation": _autocorrelation(point, _number(run.item, "averaging_time")),
        "condition": fit.condition,
        "correlation_a1_a2": _correlation(fit, "a1", "a2"),
        "flow_per_area_mean": float(flow.mean()),
        "flow_per_area_spread": float(np.abs(flow / flow.mean() - 1.0).max()),
        "flow_deviation_max": float(
            (_deviation(run.blocks["V_dot"][used]) / run.blocks["V_dot"][used].mean(axis=1)).max()
        ),
        "t_in_deviation_max": float(_deviation(run.blocks["t_in"][used]).max()),
        **_fluid_check(run, used),
        **_beam_check(run, used),
    }
    for name in ("G", "theta", "tm_minus_ta", "dtm_dt", "u"):
        figures[f"{name}_min"], figures[f"{name}_max"] = float(point[name].min()), float(point[name].max())
    return figures


def _correlation(fit: fits.Fit, first: str, second: str) -> float:
    if first not in fit.names or second not in fit.names:
        return float("nan")
    return float(fit.correlations[fit.names.index(first), fit.names.index(second)])


def _autocorrelation(point: Mapping[str, Array], averaging_time: float) -> float:
    """Give the correlation of residuals of neighbouring windows."""
    follows = np.diff(point["time"]) == averaging_time
    before, after = point["residual"][:-1][follows], point["residual"][1:][follows]
    scale = float(np.sqrt((before @ before) * (after @ after)))
    return float(before @ after) / scale if scale > 0 else float("nan")


def _fluid_check(run: _Run, used: NDArray[np.bool_]) -> dict[str, float]:
    """Tell how warm the fluid was and how many windows reach beyond the fluid's tables."""
    t_in, t_out = run.blocks["t_in"][used], run.blocks["t_out"][used]
    lowest, highest = np.minimum(t_in, t_out).min(axis=1), np.maximum(t_in, t_out).max(axis=1)
    fluid = run.plant.fluid
    low, high = fluid.tabled if isinstance(fluid, TabulatedFluid) else fluid.limits
    return {
        "t_fluid_min": float(lowest.min()),
        "t_fluid_max": float(highest.max()),
        "t_fluid_table_min": low,
        "t_fluid_table_max": high,
        "windows_beyond_fluid_table": float(((lowest < low) | (highest > high)).sum()),
    }


def _beam_check(run: _Run, used: NDArray[np.bool_]) -> dict[str, float]:
    """Compare G - Gd with DNI cos(theta) where a pyrheliometer was there."""
    if "DNI" not in run.blocks:
        return {}
    beam = (run.blocks["G"] - run.blocks["Gd"])[used].mean(axis=1)
    normal = (run.blocks["DNI"] * run.cosine)[used].mean(axis=1)
    both = np.isfinite(normal)
    difference = (beam - normal)[both]
    if not difference.size:
        return {}
    return {
        "beam_minus_pyrheliometer_mean": float(difference.mean()),
        "beam_minus_pyrheliometer_rms": float(np.sqrt((difference**2).mean())),
        "beam_over_pyrheliometer": float(beam[both].sum() / normal[both].sum()),
    }


METHOD_ID = "iso9806-2017-qdt"

METHODS = (
    Method(
        id=METHOD_ID,
        standard="ISO 9806",
        edition="2017",
        clause="quasi-dynamic test [clause number unconfirmed]",
        title_en="Thermal performance of glazed liquid-heating collectors, quasi-dynamic test",
        title_zh="有盖板液体集热器热性能准动态试验",
        inputs={symbol: quantity(symbol).unit for symbol in _INPUTS},
        optional_inputs={symbol: quantity(symbol).unit for symbol in _OPTIONAL},
        item=ITEM,
        outputs={symbol: quantity(symbol).unit for symbol in COEFFICIENTS},
        limit_table="iso9806_2017",
        evaluate=evaluate,
    ),
)
