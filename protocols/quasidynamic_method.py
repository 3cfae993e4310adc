"""The quasi-dynamic test as a method: a record and an item in, coefficients with their uncertainty out.

The editions of the standards state in protocols/standards which tests they have; `quasidynamic_method` makes each
of them. The model is in protocols/quasidynamic.py, the choice of windows in protocols/admission.py.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from protocols import fits
from protocols.admission import DATA_CLAUSE, Run, item_number, sieved
from protocols.conditions import CONDITION_LIMITS, Conditions, condition_notes
from protocols.diagnostics import diagnostics
from protocols.fluids import WATER, Fluid, tabulated
from protocols.incidence import cosine_of_incidence, modifier_excess, sun_position
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
from protocols.windows import Sieve, windows

Array = NDArray[np.float64]

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
_DAY = 86400.0
_LEAST_SAMPLES = 2  # in a window: its rate of temperature is last minus first


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


def _evaluate(*, method_id: str, record: Record, item: Mapping[str, ItemValue], limits: Mapping[str, Limit]) -> Outcome:
    """Fit eta0b, b0, Kd, a1, a2 and a5 to a record by the quasi-dynamic method.

    record: columns G, Gd, t_in, t_out, t_amb, V_dot, u and optionally DNI, shaded.  item: see `ITEM`.  limits:
    config/limits/iso9806_2017.toml.
    Raises NotEvaluable for a missing column or limit, a bad item entry, an averaging time that does not go with
    the samples or the transit time, too few windows, or data that cannot identify the coefficients.
    """
    run = _prepared(record, complete_item(ITEM, item), limits)
    sieve = sieved(run)
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
    day = run.days[used]
    enough = np.unique(day).size >= run.limit("days_bootstrap")
    try:
        result = estimate(fit=fit, data=data, days=day if enough else None, shifts=shifts)
    except ValueError as error:
        raise NotEvaluable(
            clause=_OURS,
            sentence_en=f"The random uncertainty cannot be found: {error}",
            sentence_zh="无法求得随机不确定度:各日数据不足以反复确定全部系数;请在更多天测量。",
        ) from error
    return _outcome(method_id, run, sieve, used, fit, dropped, result, enough)


def _prepared(record: Record, item: Mapping[str, ItemValue], limits: Mapping[str, Limit]) -> Run:
    _require(record, limits)
    _require_averaging(item, limits["averaging_per_transit"].value)
    cut = windows(time=record.time, averaging_time=item_number(item, "averaging_time"))
    if cut.rows.shape[1] < _LEAST_SAMPLES:
        raise NotEvaluable(
            clause=_OURS,
            sentence_en=f"A window of {item_number(item, 'averaging_time'):g} s holds one sample, from which no rate "
            "of temperature follows; average over at least two samples.",
            sentence_zh="每个时段仅有一个采样,无法求温度变化率;平均时间至少应含两个采样。",
        )
    plant = Plant(
        area=item_number(item, "A_G"),
        fluid=_fluid(item, limits["fluid_extrapolation"].value),
        meter=str(item["flow_meter_position"]),
        interval=cut.interval,
    )
    blocks = {s: record.columns[s][cut.rows] for s in (*_INPUTS, *_OPTIONAL) if s in record.columns}
    elevation, sun_azimuth = sun_position(
        time=record.time[cut.rows], latitude=item_number(item, "latitude"), longitude=item_number(item, "longitude")
    )
    cosine = cosine_of_incidence(
        elevation=elevation,
        azimuth=sun_azimuth,
        tilt=item_number(item, "tilt"),
        plane_azimuth=item_number(item, "azimuth"),
    )
    return Run(
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
                clause=DATA_CLAUSE,
                sentence_en=f"The record has no column {symbol} [{known.unit}] ({known.name_en}); add it.",
                sentence_zh=f"记录缺少列 {symbol} [{known.unit}]({known.name_zh});请补充。",
            )


def _require_averaging(item: Mapping[str, ItemValue], per_transit: float) -> None:
    averaging, transit = item_number(item, "averaging_time"), item.get("transit_time")
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
        clause=DATA_CLAUSE,
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
        fit, dropped = eliminated(data=data, t_ratio_min=t_ratio_min)
    except fits.RankDeficient as error:
        raise NotEvaluable(
            clause=DATA_CLAUSE,
            sentence_en=f"The coefficients cannot be identified: {error}",
            sentence_zh=f"数据无法区分 {'、'.join(error.columns)}(各列线性相关);请扩大测量范围。",
        ) from error
    if fit.values[0] <= 0:
        raise NotEvaluable(
            clause=DATA_CLAUSE,
            sentence_en=f"eta0b came out as {fit.values[0]:.3g}, which no collector has; check whether "
            "inlet and outlet, or the irradiances, are exchanged.",
            sentence_zh=f"eta0b 的拟合值为 {fit.values[0]:.3g},不可能成立;请检查进出口或辐照度列是否颠倒。",
        )
    return fit, dropped


# --- what comes out ---


def _selected(data: Regression, used: NDArray[np.bool_]) -> Regression:
    return Regression(design=data.design[used], response=data.response[used], mass_flow=data.mass_flow[used])


def _outcome(
    method_id: str,
    run: Run,
    sieve: Sieve,
    used: NDArray[np.bool_],
    fit: fits.Fit,
    dropped: tuple[Dropped, ...],
    result: Estimate,
    bootstrapped: bool,
) -> Outcome:
    fitted = _all_terms(fit)
    points = _points(run, sieve, run.data.design @ fitted)
    figures = diagnostics(run, used, fit, points)
    return Outcome(
        method_id=method_id,
        coefficients=_coefficients(result),
        covariance=result.budget.total,
        points=points,
        refusals=sieve.refusals,
        notes=condition_notes(
            Conditions(
                diagnostics=figures,
                limits=run.limits,
                dropped=dropped,
                estimate=result,
                bootstrapped=bootstrapped,
                transit_known="transit_time" in run.item,
                common_known=bool(run.record.uncertainties),
            )
        ),
        diagnostics=figures,
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


def _points(run: Run, sieve: Sieve, fitted: Array) -> dict[str, Array]:
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


def quasidynamic_method(
    *, id: str, standard: str, edition: str, clause: str, title_en: str, title_zh: str, limit_table: str
) -> Method:
    """Make the quasi-dynamic test of an edition.

    limit_table: the name of its table in config/limits.
    """

    def evaluate(*, record: Record, item: Mapping[str, ItemValue], limits: Mapping[str, Limit]) -> Outcome:
        return _evaluate(method_id=id, record=record, item=item, limits=limits)

    return Method(
        id=id,
        standard=standard,
        edition=edition,
        clause=clause,
        title_en=title_en,
        title_zh=title_zh,
        inputs={symbol: quantity(symbol).unit for symbol in _INPUTS},
        optional_inputs={symbol: quantity(symbol).unit for symbol in _OPTIONAL},
        item=ITEM,
        outputs={symbol: quantity(symbol).unit for symbol in COEFFICIENTS},
        limit_table=limit_table,
        evaluate=evaluate,
    )
