"""The outcome of a steady-state test from its points: the fit, the points doubted, what is to be said."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from protocols import fits
from protocols.evaluation import coefficients, general_notes, note
from protocols.limits import Limit
from protocols.method import ItemValue, Note, Outcome
from protocols.record import Record
from protocols.refusals import NotEvaluable
from protocols.steady_state.family import Family
from protocols.steady_state.fit import SteadyFit, fit_points
from protocols.steady_state.model import Circuit, Model
from protocols.steady_state.notes import Found, steady_notes
from protocols.steady_state.point_checks import Doubt, unlike
from protocols.steady_state.points import Points, theta_limit
from protocols.symbols import quantity

Array = NDArray[np.float64]


def steady_outcome(
    *,
    method_id: str,
    clause: str,
    family: Family,
    record: Record,
    item: Mapping[str, ItemValue],
    limits: Mapping[str, Limit],
    asked: Sequence[str],
    circuit: Circuit,
    points: Points,
    doubts: tuple[Doubt, ...],
) -> Outcome:
    model = family.model
    _require_points(points, limits["points_min"].value, clause)
    fit = _fitted(family, points.kept(), circuit, record, item, limits, clause)
    used = np.flatnonzero(points.used)
    odd = unlike(design=fit.data.design, response=fit.data.response, limits=limits)
    doubts = (*doubts, *(replace(each, place=int(used[each.place])) for each in odd))
    without = _without(family, points, doubts, circuit, item, limits)
    shown = _columns(points, fit, circuit)
    kept = {symbol: values[points.used] for symbol, values in shown.items()}
    per_area = {**kept, "mass_flow": kept["mass_flow"] / circuit.area}
    found = Found(
        fit=fit,
        symbols=model.coefficients,
        numbers=[int(place) + 1 for place in used],
        columns=per_area,
        afternoon=None if points.afternoon is None else points.afternoon[points.used],
        limits=limits,
        ranges=_ranges(family, per_area, item, limits),
        doubts=doubts,
        without=without,
    )
    applied = tuple(limits[symbol] for symbol in asked)
    return Outcome(
        method_id=method_id,
        coefficients=coefficients(
            symbols=model.coefficients,
            values=fit.values,
            budget=fit.budget,
            dof=fit.fit.dof,
            t_ratios=_t_ratios(model, fit),
        ),
        covariance=fit.budget.total,
        points=shown,
        refusals=points.refusals,
        notes=(
            *steady_notes(found),
            *_wind_levels(family, kept, limits),
            *general_notes(record=record, limits=applied),
        ),
        diagnostics=_diagnostics(points, model, fit, per_area, without),
        limits=applied,
    )


def _require_points(points: Points, least: float, clause: str) -> None:
    count = int(points.used.sum())
    if count < least:
        worst = max(points.refusals, key=lambda each: each.count, default=None)
        raise NotEvaluable(
            clause=clause,
            sentence_en=f"Only {count} points can be used and at least {least:g} are needed; "
            + (f"most were refused because of this: {worst.sentence_en}" if worst else "measure more."),
            sentence_zh=f"仅有 {count} 个可用测点，至少需要 {least:g} 个；"
            + (f"多数被拒原因：{worst.sentence_zh}" if worst else "请增加测点。"),
        )


def _fitted(
    family: Family,
    blocks: Mapping[str, Array],
    circuit: Circuit,
    record: Record,
    item: Mapping[str, ItemValue],
    limits: Mapping[str, Limit],
    clause: str,
) -> SteadyFit:
    try:
        fit = fit_points(
            model=family.model,
            blocks=blocks,
            circuit=circuit,
            causes=record.uncertainties,
            t_ratio_min=limits["t_ratio_min"].value,
            by_efficiency=item["regression"] == "efficiency",
        )
    except fits.RankDeficient as error:
        raise NotEvaluable(
            clause=clause,
            sentence_en=f"The coefficients cannot be identified: {error}",
            sentence_zh=f"数据无法区分 {'、'.join(error.columns)}（各列线性相关）；请扩大测量范围。",
        ) from error
    if fit.values[0] <= 0:
        raise NotEvaluable(
            clause=clause,
            sentence_en=f"{family.model.coefficients[0]} came out as {fit.values[0]:.3g}, which no collector has; "
            "check whether inlet and outlet are exchanged.",
            sentence_zh=f"{family.model.coefficients[0]} 的拟合值为 {fit.values[0]:.3g}，不可能成立；"
            "请检查进出口是否颠倒。",
        )
    return fit


def _without(
    family: Family,
    points: Points,
    doubts: Sequence[Doubt],
    circuit: Circuit,
    item: Mapping[str, ItemValue],
    limits: Mapping[str, Limit],
) -> Array | None:
    """Give the coefficients without the doubted points; None when there are none or too few are left."""
    left = points.used.copy()
    left[[each.place for each in doubts]] = False
    if not doubts or left.sum() < limits["points_min"].value:
        return None
    return fit_points(
        model=family.model,
        blocks={symbol: block[left] for symbol, block in points.blocks.items()},
        circuit=circuit,
        causes=(),
        t_ratio_min=limits["t_ratio_min"].value,
        by_efficiency=item["regression"] == "efficiency",
    ).values


def _t_ratios(model: Model, fit: SteadyFit) -> Array:
    ratios = np.full(len(model.terms), np.nan)
    ratios[[model.terms.index(name) for name in fit.fit.names]] = fit.fit.t_ratios
    return ratios


def _columns(points: Points, fit: SteadyFit, circuit: Circuit) -> dict[str, Array]:
    """Give a row for each point; values of the fit are NaN where a point was refused."""
    means = {symbol: block.mean(axis=1) for symbol, block in points.blocks.items()}
    size = points.time.size

    def spread(values: Array) -> Array:
        full = np.full(size, np.nan)
        full[points.used] = values
        return full

    above = circuit.above(points.blocks).mean(axis=1)
    return {
        "time": points.time,
        "duration": np.full(size, points.duration),
        **means,
        "tm": circuit.mean_fluid(points.blocks).mean(axis=1),
        "tm_minus_ta": above,
        "T_star": np.divide(above, means["G"], where=means["G"] > 0, out=np.full(size, np.nan)),
        "mass_flow": spread(fit.data.mass_flow),
        "q_measured": spread(fit.data.response),
        "q_fitted": spread(fit.fitted),
        "residual": spread(fit.data.response - fit.fitted),
        "efficiency": spread(fit.data.response / means["G"][points.used]),
        "used": points.used.astype(np.float64),
        "refusal": points.refusal,
    }


def _ranges(
    family: Family, columns: Mapping[str, Array], item: Mapping[str, ItemValue], limits: Mapping[str, Limit]
) -> list[tuple[str, str, str, str, float, float]]:
    wind = limits[family.least_wind].value if family.least_wind else -np.inf
    rows = [
        ("G", limits[family.irradiance].value, np.inf),
        ("u", wind, limits[family.most_wind].value),
        ("dT", limits["steady_dT_min"].value, np.inf),
    ]
    if "theta" in columns:
        rows.append(("theta", -np.inf, theta_limit(item=item, limits=limits).value))
    if "Gd_share" in columns:
        rows.append(("Gd_share", -np.inf, limits["steady_diffuse_max"].value))
    known = [(quantity(symbol), least, most) for symbol, least, most in rows]
    return [(q.symbol, q.unit.removesuffix("1"), q.name_en, q.name_zh, least, most) for q, least, most in known]


def _wind_levels(family: Family, columns: Mapping[str, Array], limits: Mapping[str, Limit]) -> tuple[Note, ...]:
    """Say which of the three air speeds of a wind-sensitive collector has no point."""
    if not family.notes:
        return ()
    calm, middle, high, reach = (limits[symbol].value for symbol in family.notes)
    wind = columns["u"]
    present = {
        f"< {calm:g}": wind < calm,
        f"{middle:g} +- {reach:g}": np.abs(wind - middle) <= reach,
        f"{high:g} +- {reach:g}": np.abs(wind - high) <= reach,
    }
    lacking = [level for level, where in present.items() if not where.any()]
    if not lacking:
        return ()
    return (
        note(
            "air speeds lacking",
            f"No point has an air speed of {' or '.join(lacking)} m/s; bu and b2 stand on the others.",
            f"没有空气流速为 {'、'.join(lacking)} m/s 的测点；bu 与 b2 仅由其余流速确定。",
        ),
    )


def _diagnostics(
    points: Points, model: Model, fit: SteadyFit, columns: Mapping[str, Array], without: Array | None
) -> dict[str, float]:
    residual = fit.data.response - fit.fitted
    about = fit.data.response - fit.data.response.mean()
    names = fit.fit.names
    figures = {
        "points": float(points.used.size),
        "points_used": float(points.used.sum()),
        "measuring_time": points.duration,
        "r_squared": 1.0 - float(residual @ residual) / float(about @ about),
        "residual_sd": fit.fit.residual_sd,
        "dof": float(fit.fit.dof),
        "condition": fit.fit.condition,
        "type_a_of_a_point": fit.type_a,
        "flow_per_area_mean": float(columns["mass_flow"].mean()),
    }
    if {"a1", "a2"} <= set(names):
        figures["correlation_a1_a2"] = float(fit.fit.correlations[names.index("a1"), names.index("a2")])
    for place, symbol in enumerate(model.coefficients):
        if model.terms[place] in names:
            figures[f"u_independent_{symbol}"] = float(fit.independent[names.index(model.terms[place])])
        if without is not None:
            figures[f"{symbol}_without_doubted"] = float(without[place])
    for symbol in ("G", "tm_minus_ta", "t_in", "u"):
        figures[f"{symbol}_min"] = float(columns[symbol].min())
        figures[f"{symbol}_max"] = float(columns[symbol].max())
    return figures
