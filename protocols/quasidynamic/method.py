"""The quasi-dynamic test as a method: a record and an item in, coefficients with their uncertainty out.

The editions of the standards state in protocols/standards which tests they have; `quasidynamic_method` makes each
of them. The model is in protocols/quasidynamic/terms.py, its fit in protocols/quasidynamic/model.py, the choice of
windows in protocols/quasidynamic/admission.py, what data can identify in protocols/quasidynamic/identification.py.
"""

from collections.abc import Mapping
from functools import partial

import numpy as np
from numpy.typing import NDArray

from protocols import fits
from protocols.evaluation import require_columns, require_limits
from protocols.fields import fluid, number
from protocols.fields import pairs as pairs_of
from protocols.incidence import cosine_of_incidence, projected_angles, sun_position
from protocols.limits import Limit
from protocols.method import ItemValue, Method, NotEvaluable, Outcome, complete_item, reference
from protocols.metrology.selection import Dropped
from protocols.possible import possible_limits
from protocols.quasidynamic.admission import Run, sieved
from protocols.quasidynamic.conditions import CONDITION_LIMITS
from protocols.quasidynamic.families import Family
from protocols.quasidynamic.identification import IDENTIFICATION_LIMITS, require_identified
from protocols.quasidynamic.item import item_fields, known_coefficients
from protocols.quasidynamic.model import (
    Estimate,
    Plant,
    Problem,
    Regression,
    common_shifts,
    eliminated,
    estimate,
    problem,
    regression,
)
from protocols.quasidynamic.outcome import Result, outcome_of
from protocols.quasidynamic.watch import newest_window, watched
from protocols.reasons import require_enough
from protocols.record import Record
from protocols.symbols import quantity
from protocols.watch import Watched
from protocols.windows import Windows, windows

Array = NDArray[np.float64]

_OURS = "Heliobench"
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
    *possible_limits("G", "t_amb", "u"),
    "t_ratio_min",
    *IDENTIFICATION_LIMITS,
    *CONDITION_LIMITS,
)
_BEHIND = 90.0  # deg; where the beam does not meet the front
_LEAST_SAMPLES = 2  # in a window: its rate of temperature is last minus first


def quasidynamic_method(
    *,
    id: str,
    family: Family,
    standard: str,
    edition: str,
    clause: str,
    title_en: str,
    title_zh: str,
    limit_table: str,
) -> Method:
    """Make the quasi-dynamic test of an edition for a family of collectors.

    limit_table: the name of its table in config/limits.
    """
    data_clause = f"{reference(standard, edition)}, quasi-dynamic data [clause number unconfirmed]"

    def evaluate(*, record: Record, item: Mapping[str, ItemValue], limits: Mapping[str, Limit]) -> Outcome:
        return _evaluate(method_id=id, clause=data_clause, family=family, record=record, item=item, limits=limits)

    def watch(*, record: Record, item: Mapping[str, ItemValue], limits: Mapping[str, Limit]) -> Watched:
        return _watch(clause=data_clause, family=family, record=record, item=item, limits=limits)

    return Method(
        id=id,
        standard=standard,
        edition=edition,
        clause=clause,
        title_en=title_en,
        title_zh=title_zh,
        inputs={symbol: quantity(symbol).unit for symbol in family.inputs},
        optional_inputs={symbol: quantity(symbol).unit for symbol in family.optional},
        item=item_fields(family),
        outputs={symbol: quantity(symbol).unit for symbol in family.model.symbols},
        limit_table=limit_table,
        evaluate=evaluate,
        watch=watch,
    )


def _evaluate(
    *,
    method_id: str,
    clause: str,
    family: Family,
    record: Record,
    item: Mapping[str, ItemValue],
    limits: Mapping[str, Limit],
) -> Outcome:
    """Fit the coefficients of a family to a record by the quasi-dynamic method.

    Raises NotEvaluable for a missing column or limit, a bad item entry, an averaging time that does not go with
    the samples or the transit time, too few windows, or data that cannot identify the coefficients.
    """
    applied = _limits_of(family, limits)
    whole_item = complete_item(item_fields(family), item)
    run = _prepared(clause, family, record, whole_item, applied)
    sieve = sieved(run)
    used = sieve.passed[run.cut.complete]
    require_enough(sieve, least=run.limit("windows_min"), clause=clause, what_en="windows", what_zh="个可用时段")
    data = _selected(run.data, used)
    left = problem(model=run.model, data=data, fixed=run.fixed)
    require_identified(run, used, left)
    fit, dropped = _fitted(run, left)
    return outcome_of(
        Result(
            method_id=method_id,
            run=run,
            sieve=sieve,
            used=used,
            left=left,
            fit=fit,
            dropped=dropped,
            estimate=_estimated(run, used, data, left, fit),
            absent=family.absent(whole_item, applied),
            limits=tuple(applied.values()),
        )
    )


def _watch(
    *,
    clause: str,
    family: Family,
    record: Record,
    item: Mapping[str, ItemValue],
    limits: Mapping[str, Limit],
) -> Watched:
    """Tell how a record that is still growing stands. Raises what `_prepared` raises."""
    applied = _limits_of(family, limits)
    whole_item = complete_item(item_fields(family), item)
    whole = _prepared(clause, family, record, whole_item, applied)
    cut = newest_window(time=record.time, averaging_time=number(whole_item, "averaging_time"))
    newest = _in_windows(clause, family, record, whole_item, applied, cut)
    return watched(whole=whole, newest=newest, samples=whole.cut.rows.shape[1])


def _estimated(run: Run, used: NDArray[np.bool_], data: Regression, left: Problem, fit: fits.Fit) -> Estimate:
    shifts = common_shifts(
        model=run.model,
        fit=fit,
        data=data,
        fixed=run.fixed,
        blocks={symbol: block[used] for symbol, block in run.blocks.items()},
        cosine=run.cosine[used],
        plant=run.plant,
        causes=run.record.uncertainties,
    )
    days = run.days[used]
    few = bool(np.unique(days).size < run.limit("days_bootstrap"))
    by = partial(estimate, model=run.model, fit=fit, left=left, fixed=run.fixed, shifts=shifts)
    try:
        return by(days=days, few=few)
    except ValueError as error:
        if few:
            return by(days=None)
        raise NotEvaluable(
            clause=_OURS,
            sentence_en=f"The random uncertainty cannot be found: {error}",
            sentence_zh="无法求得随机不确定度：各日数据不足以反复确定全部系数；请在更多天测量。",
        ) from error


def _prepared(
    clause: str, family: Family, record: Record, item: Mapping[str, ItemValue], limits: Mapping[str, Limit]
) -> Run:
    require_columns(record=record, inputs=family.inputs, clause=clause)
    _require_averaging(item, limits["averaging_per_transit"].value)
    cut = windows(time=record.time, averaging_time=number(item, "averaging_time"))
    if cut.rows.shape[1] < _LEAST_SAMPLES:
        raise NotEvaluable(
            clause=_OURS,
            sentence_en=f"A window of {number(item, 'averaging_time'):g} s holds one sample, from which no rate "
            "of temperature follows; average over at least two samples.",
            sentence_zh="每个时段仅有一个采样，无法求温度变化率；平均时间至少应含两个采样。",
        )
    return _in_windows(clause, family, record, item, limits, cut)


def _in_windows(
    clause: str,
    family: Family,
    record: Record,
    item: Mapping[str, ItemValue],
    limits: Mapping[str, Limit],
    cut: Windows,
) -> Run:
    plant = Plant(
        area=number(item, "A_G"),
        fluid=fluid(item, extrapolation=limits["fluid_extrapolation"].value),
        meter=str(item["flow_meter_position"]),
        interval=cut.interval,
    )
    wanted = [symbol for symbol in (*family.inputs, *family.optional) if symbol in record.columns]
    blocks = {symbol: record.columns[symbol][cut.rows] for symbol in wanted}
    elevation, sun_azimuth = sun_position(
        time=record.time[cut.rows], latitude=number(item, "latitude"), longitude=number(item, "longitude")
    )
    cosine = _cosine(item, blocks, elevation, sun_azimuth)
    if family.biaxial:
        blocks |= _axes(item, elevation, sun_azimuth, limits["theta_max"].value)
    return Run(
        clause=clause,
        model=family.model,
        fixed=_fixed(family, item, limits),
        record=record,
        item=item,
        limits=limits,
        cut=cut,
        plant=plant,
        blocks=blocks,
        elevation=elevation,
        sun_azimuth=sun_azimuth,
        cosine=cosine,
        data=regression(model=family.model, blocks=blocks, cosine=cosine, plant=plant),
    )


def _cosine(item: Mapping[str, ItemValue], blocks: Mapping[str, Array], elevation: Array, sun_azimuth: Array) -> Array:
    """Give cos(theta) by the record's own angle where it has one, else by sun and plane."""
    if "theta" in blocks:
        return np.asarray(np.cos(np.radians(blocks["theta"])))
    if "tilt" not in item or "azimuth" not in item:
        raise NotEvaluable(
            clause=_OURS,
            sentence_en="The angle of incidence is not known; give tilt and azimuth of a fixed plane, or the column "
            "theta of a collector that follows the sun.",
            sentence_zh="入射角未知；固定安装请给出倾角与方位角，跟踪集热器请在记录中给出列 theta。",
        )
    return cosine_of_incidence(
        elevation=elevation,
        azimuth=sun_azimuth,
        tilt=number(item, "tilt"),
        plane_azimuth=number(item, "azimuth"),
    )


def _fixed(family: Family, item: Mapping[str, ItemValue], limits: Mapping[str, Limit]) -> dict[str, float]:
    """Give the coefficients that are not fitted: those the item states, and those its form does not have."""
    known, absent = known_coefficients(item), family.absent(item, limits)
    both = ", ".join(f"fixed_{symbol}" for symbol in absent if symbol in known)
    if both:
        raise NotEvaluable(
            clause=_OURS,
            sentence_en=f"{both} is given, but the form of the model for this item has no such term; leave it out.",
            sentence_zh=f"给出了 {both}，但本试件适用的模型不含该项；请删去。",
        )
    return {**known, **absent}


def _axes(item: Mapping[str, ItemValue], elevation: Array, sun_azimuth: Array, theta_max: float) -> dict[str, Array]:
    """Give theta_T in deg, 90 behind the plane, and the known modifier of theta_L, linear between its pairs."""
    theta_t, theta_l = projected_angles(
        elevation=elevation,
        azimuth=sun_azimuth,
        tilt=number(item, "tilt"),
        plane_azimuth=number(item, "azimuth"),
        tubes=str(item["tubes"]),
    )
    pairs = np.array(sorted(pairs_of(item, "longitudinal_modifier") or ()))
    reaches = pairs.size and pairs[-1, 0] >= theta_max
    if not reaches or pairs[0].tolist() != [0.0, 1.0] or pairs.min() < 0 or not np.diff(pairs[:, 0]).all():
        raise NotEvaluable(
            clause=_OURS,
            sentence_en="The longitudinal modifier must begin with [0, 1], go on with different angles to "
            f"{theta_max:g} deg or more, and have no K below zero; correct longitudinal_modifier.",
            sentence_zh=f"纵向入射角修正系数须以 [0, 1] 开始，角度不得重复且须达到 {theta_max:g}°，K 不得为负；"
            "请更正 longitudinal_modifier。",
        )
    return {
        "theta_T": np.nan_to_num(theta_t, nan=_BEHIND),
        "K_L": np.interp(np.nan_to_num(theta_l, nan=_BEHIND), pairs[:, 0], pairs[:, 1]),
    }


# --- what refuses a whole record ---


def _limits_of(family: Family, limits: Mapping[str, Limit]) -> dict[str, Limit]:
    """Give the limits that apply to a family, by the symbol under which the program asks for them."""
    applied = {symbol: family.own_limits.get(symbol, symbol) for symbol in (*_LIMITS, *family.more_limits)}
    require_limits(limits=limits, asked=applied.values())
    return {symbol: limits[name] for symbol, name in applied.items()}


def _require_averaging(item: Mapping[str, ItemValue], per_transit: float) -> None:
    averaging, transit = number(item, "averaging_time"), item.get("transit_time")
    if isinstance(transit, float) and averaging < per_transit * transit:
        raise NotEvaluable(
            clause=_OURS,
            sentence_en=f"The averaging time of {averaging:g} s is shorter than {per_transit:g} times the transit time "
            f"of {transit:g} s, so that the mean of inlet and outlet is not the fluid's; average over "
            f"{per_transit * transit:g} s or more.",
            sentence_zh=f"平均时间 {averaging:g} s 小于流经时间 {transit:g} s 的 {per_transit:g} 倍，"
            f"进出口均值不能代表工质平均温度；请取 {per_transit * transit:g} s 以上。",
        )


def _fitted(run: Run, left: Problem) -> tuple[fits.Fit, tuple[Dropped, ...]]:
    try:
        fit, dropped = eliminated(model=run.model, left=left, t_ratio_min=run.limit("t_ratio_min"))
    except fits.RankDeficient as error:
        raise NotEvaluable(
            clause=run.clause,
            sentence_en=f"The coefficients cannot be identified: {error}",
            sentence_zh=f"数据无法区分 {'、'.join(error.columns)}（各列线性相关）；请扩大测量范围。",
        ) from error
    if not 0 < fit.values[0] <= 1:
        raise NotEvaluable(
            clause=run.clause,
            sentence_en=f"eta0b came out as {fit.values[0]:.3g}, which no collector has; check whether "
            "columns are exchanged (inlet, outlet, ambient, the irradiances), the unit of the flow and the gross area.",
            sentence_zh=f"eta0b 的拟合值为 {fit.values[0]:.3g}，不可能成立；请检查进口、出口、环境温度或"
            "辐照度列是否颠倒，以及流量单位与总面积。",
        )
    return fit, dropped


def _selected(data: Regression, used: NDArray[np.bool_]) -> Regression:
    return Regression(design=data.design[used], response=data.response[used], mass_flow=data.mass_flow[used])
