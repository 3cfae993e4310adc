"""The pressure drop of a collector over its flow: dp = dp1 m + dp2 m^2, through zero."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from protocols import fits
from protocols.evaluation import Edition, bound, coefficients, columns_of, general_notes, note, require, shifts
from protocols.fields import FLUID, GROSS_AREA, fluid, number
from protocols.limits import Limit
from protocols.method import ItemField, ItemValue, Method, Note, Outcome, complete_item
from protocols.record import Record
from protocols.refusals import NotEvaluable
from protocols.steady_state.model import Circuit
from protocols.symbols import quantity
from protocols.uncertainty import budget
from protocols.windows import Reason, Sieve

Array = NDArray[np.float64]

_INPUTS = ("V_dot", "dp", "t_in")
_OUTPUTS = ("dp1", "dp2")
_LIMITS = ("pressure_flows_min", "pressure_flow_low", "pressure_flow_high", "pressure_t", "pressure_t_range")
_DIFFERENT = 0.02  # flows closer than this share of the largest count as one
ITEM = (
    GROSS_AREA,
    *FLUID,
    ItemField(
        symbol="asked_flows",
        kind="text",
        required=False,
        name_en='mass flows in kg/s at which the pressure drop is asked for, e.g. "0.02, 0.04"',
        name_zh="要求给出压力降的质量流量（kg/s），例如 0.02, 0.04",
    ),
)


def drop_at(*, values: Array, covariance: Array, mass_flow: Array) -> tuple[Array, Array]:
    """Give dp1 m + dp2 m^2 and its standard uncertainty, both Pa.

    values, covariance: of dp1, dp2.  mass_flow: m, kg/s.  u^2 = g Cov g with g = (m, m^2) (JCGM 102:2011 6.2.1).
    """
    gradient = np.stack([mass_flow, mass_flow**2], axis=-1)
    return gradient @ values, np.sqrt(np.einsum("...i,ij,...j->...", gradient, covariance, gradient))


def _fit(mass_flow: Array, dp: Array) -> fits.Fit:
    return fits.linear(np.column_stack([mass_flow, mass_flow**2]), dp, names=_OUTPUTS)


def _evaluate(
    *, method_id: str, clause: str, record: Record, item: Mapping[str, ItemValue], limits: Mapping[str, Limit]
) -> Outcome:
    """Fit dp1 and dp2 to rows of flow, pressure drop and temperature, each an average at one steady flow."""
    require(record=record, inputs=_INPUTS, limits=limits, asked=_LIMITS)
    complete = complete_item(ITEM, item)
    circuit = Circuit(area=number(complete, "A_G"), fluid=fluid(complete))
    asked = _asked_flows(complete)
    columns = columns_of(record, inputs=_INPUTS, optional=())
    sieve = _sieved(columns, circuit)
    used = {symbol: values[sieve.passed] for symbol, values in columns.items()}
    _require_flows(used["V_dot"], limits["pressure_flows_min"].value, clause)

    def compute(of: Mapping[str, Array], parameters: Mapping[str, float]) -> Array:
        return _fit(circuit.mass_flow(of) * parameters["rho"], of["dp"]).values

    mass_flow = circuit.mass_flow(used)
    fit = _fit(mass_flow, used["dp"])
    result = budget(
        random=fit.covariance,
        shifts=shifts(compute=compute, columns=used, parameters={"rho": 1.0}, causes=record.uncertainties),
    )
    applied = tuple(limits[symbol] for symbol in _LIMITS)
    return Outcome(
        method_id=method_id,
        coefficients=coefficients(
            symbols=_OUTPUTS, values=fit.values, budget=result, dof=fit.dof, t_ratios=fit.t_ratios
        ),
        covariance=result.total,
        points=_points(record.time, columns, sieve, mass_flow, fit.values),
        refusals=sieve.refusals,
        notes=(
            *_notes(mass_flow / circuit.area, used["t_in"], fit, limits),
            *general_notes(record=record, limits=applied),
        ),
        diagnostics=_diagnostics(asked, mass_flow, fit, result.total),
        limits=applied,
    )


def _asked_flows(item: Mapping[str, ItemValue]) -> list[float]:
    words = str(item.get("asked_flows", "")).replace(",", " ").split()
    try:
        flows = [float(word) for word in words]
    except ValueError:
        flows = [-1.0]
    if not all(0.0 <= flow < np.inf for flow in flows):
        raise NotEvaluable(
            clause="Heliobench",
            sentence_en=f"asked_flows is {item['asked_flows']!r}; give flows in kg/s that are not negative, "
            'e.g. "0.02, 0.04".',
            sentence_zh=f"asked_flows 为“{item['asked_flows']}”；请给出以 kg/s 计的非负流量，例如 0.02, 0.04。",
        )
    return flows


def _sieved(columns: Mapping[str, Array], circuit: Circuit) -> Sieve:
    sieve = Sieve(columns["dp"].size)
    low, high = circuit.fluid.limits
    sieve.refuse(
        ~np.logical_and.reduce([np.isfinite(values) for values in columns.values()]),
        Reason(
            code="missing value",
            clause="Heliobench",
            sentence_en="A value of the row is missing.",
            sentence_zh="该行有缺测值。",
        ),
    )
    sieve.refuse(
        (columns["t_in"] < low) | (columns["t_in"] > high),
        Reason(
            code="fluid range",
            clause="Heliobench",
            sentence_en=f"The fluid temperature is outside {low:.1f} to {high:.1f} degC, where the fluid is known.",
            sentence_zh=f"工质温度超出其物性范围 {low:.1f} 至 {high:.1f} degC。",
        ),
    )
    sieve.refuse(
        columns["V_dot"] <= 0,
        Reason(
            code="no flow", clause="Heliobench", sentence_en="The flow is not above zero.", sentence_zh="流量不大于零。"
        ),
    )
    return sieve


def _require_flows(flow: Array, least: float, clause: str) -> None:
    ordered = np.sort(flow)
    different = 1 + int((np.diff(ordered) > _DIFFERENT * ordered[-1]).sum()) if flow.size else 0
    if different < least:
        raise NotEvaluable(
            clause=clause,
            sentence_en=f"The record holds {different} different flows and at least {least:g} are needed; add some.",
            sentence_zh=f"记录仅有 {different} 个不同流量，至少需要 {least:g} 个；请增加测点。",
        )


def _points(
    time: Array, columns: Mapping[str, Array], sieve: Sieve, mass_flow: Array, values: Array
) -> dict[str, Array]:
    flow, fitted = np.full(time.size, np.nan), np.full(time.size, np.nan)
    flow[sieve.passed] = mass_flow
    fitted[sieve.passed] = values[0] * mass_flow + values[1] * mass_flow**2
    return {
        "time": time,
        **columns,
        "mass_flow": flow,
        "dp_fitted": fitted,
        "used": sieve.passed.astype(np.float64),
        "refusal": sieve.index,
    }


def _notes(flow: Array, t_in: Array, fit: fits.Fit, limits: Mapping[str, Limit]) -> list[Note]:
    found = []
    low, high = limits["pressure_flow_low"].value, limits["pressure_flow_high"].value
    if flow.min() > low or flow.max() < high:
        found.append(
            note(
                "flows not wide enough",
                f"The flows cover {flow.min():.4f} to {flow.max():.4f} kg/(s m2); {low:g} to {high:g} kg/(s m2) is "
                "expected.",
                f"流量范围为 {flow.min():.4f} 至 {flow.max():.4f} kg/(s m2)；"
                f"一般应覆盖 {low:g} 至 {high:g} kg/(s m2)。",
            )
        )
    middle, reach = limits["pressure_t"].value, limits["pressure_t_range"].value
    if np.abs(t_in - middle).max() > reach:
        found.append(
            note(
                "temperature unlike the test's",
                f"The fluid was {t_in.min():.1f} to {t_in.max():.1f} degC; {middle:g} +- {reach:g} degC is expected.",
                f"工质温度为 {t_in.min():.1f} 至 {t_in.max():.1f} degC；一般应为 {middle:g} ± {reach:g} degC。",
            )
        )
    negative = [name for name, value in zip(_OUTPUTS, fit.values, strict=True) if value < 0]
    if negative:
        found.append(
            note(
                "negative coefficient",
                f"{' and '.join(negative)} came out negative: use the curve only within the flows measured.",
                f"{'、'.join(negative)} 为负值：拟合曲线仅适用于实测流量范围。",
            )
        )
    return found


def _diagnostics(asked: list[float], mass_flow: Array, fit: fits.Fit, covariance: Array) -> dict[str, float]:
    figures = {
        "points_used": float(mass_flow.size),
        "mass_flow_min": float(mass_flow.min()),
        "mass_flow_max": float(mass_flow.max()),
        "residual_sd": fit.residual_sd,
        "r_squared": fit.r_squared,
    }
    drop, error = drop_at(values=fit.values, covariance=covariance, mass_flow=np.array(asked))
    for flow, value, u in zip(asked, drop.tolist(), error.tolist(), strict=True):
        figures[f"dp_at_{flow:g}"], figures[f"u_dp_at_{flow:g}"] = value, u
    return figures


def pressure_drop_method(*, edition: Edition) -> Method:
    """Make the pressure-drop test of an edition."""
    method_id = f"{edition.prefix}-pressure-drop"
    return Method(
        id=method_id,
        standard=edition.standard,
        edition=edition.year,
        clause="pressure drop [clause number unconfirmed]",
        title_en="Pressure drop of liquid-heating collectors",
        title_zh="液体集热器压力降试验",
        inputs={symbol: quantity(symbol).unit for symbol in _INPUTS},
        optional_inputs={},
        item=ITEM,
        outputs={symbol: quantity(symbol).unit for symbol in _OUTPUTS},
        limit_table=edition.limit_table,
        evaluate=bound(_evaluate, method_id=method_id, clause=edition.clause("pressure drop")),
    )
