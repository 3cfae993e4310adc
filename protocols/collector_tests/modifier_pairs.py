"""The incidence angle modifier from steady points near tm = ta, pairs symmetric about solar noon averaged.

    K(theta) = (Q/A_G + a1 (tm - ta) + a2 (tm - ta)^2) / (eta0hem G),   1 - K = b0 (1/cos(theta) - 1)

K is the modifier of the hemispherical irradiance, as the steady-state test defines it; the modifier of the beam alone
is lower at the same angle, the more so the more diffuse light there was.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from protocols import fits
from protocols.collector_tests.thermal_capacity import EFFICIENCY, relative_fluid, stated_efficiency
from protocols.evaluation import Edition, bound, coefficients, columns_of, general_notes, note, require, shifts
from protocols.fields import FLUID, GROSS_AREA, PLACE, fluid, number
from protocols.incidence import cosine_of_incidence, sun_position
from protocols.limits import Limit
from protocols.method import ItemValue, Method, Note, Outcome, complete_item
from protocols.record import Record
from protocols.refusals import NotEvaluable
from protocols.steady_state.model import Circuit
from protocols.symbols import quantity
from protocols.uncertainty import budget
from protocols.windows import Reason, Sieve

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

_INPUTS = ("G", "t_in", "t_out", "t_amb", "V_dot")
_ANGLES = tuple(range(10, 80, 10))
_OUTPUTS = ("b0", *(f"K{angle}" for angle in _ANGLES))
_LIMITS = ("iam_zero_loss", "iam_pair", "iam_theta_max")
_LEAST = 2  # averaged points, for an uncertainty of b0
ITEM = (GROSS_AREA, *FLUID, *PLACE, *EFFICIENCY)


def excess_of(theta: Array) -> Array:
    """Give 1/cos(theta) - 1 of angles in deg."""
    return np.asarray(1.0 / np.cos(np.radians(theta)) - 1.0)


def symmetric_pairs(*, theta: Array, afternoon: Flags, reach: float) -> Array:
    """Give the weights that average points symmetric about noon, (averages, points), each row summing to one.

    theta: deg.  afternoon: of each point.  reach: deg, largest difference within a pair. Points are matched from the
    closest pair on, each once; a point without a partner stands alone.
    """
    morning, later = np.flatnonzero(~afternoon), np.flatnonzero(afternoon)
    apart = np.abs(theta[morning][:, None] - theta[later])
    rows, free = [], np.ones(theta.size, dtype=bool)
    for flat in np.argsort(apart, axis=None, kind="stable"):
        first, second = morning[flat // later.size], later[flat % later.size]
        if apart.flat[flat] <= reach and free[first] and free[second]:
            free[[first, second]] = False
            rows.append([first, second])
    groups = sorted([*rows, *([place] for place in np.flatnonzero(free))], key=min)
    weights = np.zeros((len(groups), theta.size))
    for row, group in zip(weights, groups, strict=True):
        row[group] = 1.0 / len(group)
    return weights


def _modifier(columns: Mapping[str, Array], parameters: Mapping[str, float], circuit: Circuit) -> Array:
    above = circuit.above(columns)
    power = circuit.power(columns) * parameters["rho"] * parameters["c_p"] / parameters["A_G"]
    lost = parameters["a1"] * above + parameters["a2"] * above**2
    return np.asarray((power + lost) / (parameters["eta0hem"] * columns["G"]))


def _evaluate(
    *, method_id: str, clause: str, record: Record, item: Mapping[str, ItemValue], limits: Mapping[str, Limit]
) -> Outcome:
    """Fit b0 to the modifiers of rows that are steady points averaged before; the time is the middle of each."""
    require(record=record, inputs=_INPUTS, limits=limits, asked=_LIMITS)
    complete = complete_item(ITEM, item)
    circuit = Circuit(area=number(complete, "A_G"), fluid=fluid(complete), meter=str(complete["flow_meter_position"]))
    columns = columns_of(record, inputs=_INPUTS, optional=())
    theta, afternoon = _angles(record.time, complete)
    sieve = _sieved(columns, theta, circuit, limits)
    used = {symbol: values[sieve.passed] for symbol, values in columns.items()}
    pairs = symmetric_pairs(
        theta=theta[sieve.passed], afternoon=afternoon[sieve.passed], reach=limits["iam_pair"].value
    )
    excess = pairs @ excess_of(theta[sieve.passed])
    if excess.size < _LEAST:
        raise NotEvaluable(
            clause=clause,
            sentence_en=f"Only {excess.size} pairs or single points can be used and at least {_LEAST} are needed for "
            "b0 with an uncertainty; measure at more angles.",
            sentence_zh=f"仅有 {excess.size} 个可用点对或单点，求带不确定度的 b0 至少需要 {_LEAST} 个；"
            "请在更多入射角下测量。",
        )

    def compute(of: Mapping[str, Array], given: Mapping[str, float]) -> Array:
        return _with_table(_fitted(excess, pairs @ _modifier(of, given, circuit)).values[0])

    efficiency, stated = stated_efficiency(complete)
    parameters = {"A_G": circuit.area, "rho": 1.0, "c_p": 1.0, **efficiency}
    averaged = pairs @ _modifier(used, parameters, circuit)
    fit = _fitted(excess, averaged)
    slope = _with_table(1.0) - _with_table(0.0)  # d result / d b0
    result = budget(
        random=fit.covariance[0, 0] * np.outer(slope, slope),
        shifts=shifts(
            compute=compute,
            columns=used,
            parameters=parameters,
            causes=(*relative_fluid(record, used, circuit), *stated),
        ),
    )
    applied = tuple(limits[symbol] for symbol in _LIMITS)
    return Outcome(
        method_id=method_id,
        coefficients=coefficients(symbols=_OUTPUTS, values=_with_table(fit.values[0]), budget=result, dof=fit.dof),
        covariance=result.total,
        points=_points(record.time, columns, theta, sieve, _modifier(used, parameters, circuit), circuit),
        refusals=sieve.refusals,
        notes=(
            *_notes(pairs, theta[sieve.passed], bool(record.uncertainties)),
            *general_notes(record=record, limits=applied),
        ),
        diagnostics=_diagnostics(pairs, theta[sieve.passed], averaged, fit),
        limits=applied,
    )


def _fitted(excess: Array, modifier: Array) -> fits.Fit:
    return fits.linear(excess[:, None], 1.0 - modifier, names=("b0",))


def _with_table(b0: float) -> Array:
    return np.concatenate(([b0], 1.0 - b0 * excess_of(np.array(_ANGLES, dtype=np.float64))))


def _angles(time: Array, item: Mapping[str, ItemValue]) -> tuple[Array, Flags]:
    elevation, azimuth = sun_position(time=time, latitude=number(item, "latitude"), longitude=number(item, "longitude"))
    cosine = cosine_of_incidence(
        elevation=elevation, azimuth=azimuth, tilt=number(item, "tilt"), plane_azimuth=number(item, "azimuth")
    )
    up = np.where(elevation > 0, cosine, -1.0)
    return np.degrees(np.arccos(np.clip(up, -1.0, 1.0))), np.sin(np.radians(azimuth)) < 0


def _sieved(columns: Mapping[str, Array], theta: Array, circuit: Circuit, limits: Mapping[str, Limit]) -> Sieve:
    sieve = Sieve(theta.size)
    low, high = circuit.fluid.limits
    sieve.refuse(
        ~np.logical_and.reduce([np.isfinite(values) for values in columns.values()]) | (columns["G"] <= 0),
        _reason("missing value", "A value of the point is missing.", "测点有缺测值。"),
    )
    sieve.refuse(
        np.logical_or.reduce([(columns[s] < low) | (columns[s] > high) for s in ("t_in", "t_out")]),
        _reason(
            "fluid range",
            f"A fluid temperature is outside {low:.1f} to {high:.1f} degC, where the fluid is known.",
            f"工质温度超出其物性范围 {low:.1f} 至 {high:.1f} degC。",
        ),
    )
    most, near = limits["iam_theta_max"], limits["iam_zero_loss"]
    sieve.refuse(
        theta > most.value,
        _reason(
            "incidence", f"The angle of incidence is above {most.value:g} deg.", f"入射角大于 {most.value:g} deg。"
        ),
    )
    sieve.refuse(
        np.abs(circuit.above(columns)) > near.value,
        Reason(
            code="losses",
            clause=near.clause,
            sentence_en=f"tm is more than {near.value:g} K away from ta, so that losses do not vanish.",
            sentence_zh=f"tm 与 ta 相差超过 {near.value:g} K，热损失不可忽略。",
        ),
    )
    return sieve


def _reason(code: str, english: str, chinese: str) -> Reason:
    return Reason(code=code, clause="Heliobench", sentence_en=english, sentence_zh=chinese)


def _points(
    time: Array, columns: Mapping[str, Array], theta: Array, sieve: Sieve, modifier: Array, circuit: Circuit
) -> dict[str, Array]:
    shown = np.full(time.size, np.nan)
    shown[sieve.passed] = modifier
    return {
        "time": time,
        **columns,
        "theta": theta,
        "tm_minus_ta": circuit.above(columns),
        "K_theta": shown,
        "used": sieve.passed.astype(np.float64),
        "refusal": sieve.index,
    }


def _notes(pairs: Array, theta: Array, common: bool) -> list[Note]:
    found = []
    alone = int((np.count_nonzero(pairs, axis=1) == 1).sum())
    if alone:
        found.append(
            note(
                "points without a partner",
                f"{alone} points have no partner at the same angle on the other side of solar noon and stand alone.",
                f"{alone} 个测点在正午另一侧没有入射角相同的对应点，按单点计。",
            )
        )
    if theta.max() < 45.0:
        found.append(
            note(
                "angles small",
                f"The largest angle of incidence is {theta.max():.1f} deg; K50 and beyond are extrapolated.",
                f"最大入射角为 {theta.max():.1f} deg；K50 及更大角度为外推值。",
            )
        )
    if common:
        found.append(
            note(
                "instruments of eta0hem",
                "Calibration errors and the uncertainty of eta0hem count in full; where eta0hem was measured with the "
                "same instruments they partly cancel, and the uncertainty is stated too large.",
                "校准误差与 eta0hem 的不确定度均全额计入；若 eta0hem 由同一套仪器测得，则部分相消，所列不确定度偏大。",
            )
        )
    return found


def _diagnostics(pairs: Array, theta: Array, averaged: Array, fit: fits.Fit) -> dict[str, float]:
    return {
        "points_used": float(theta.size),
        "averages": float(averaged.size),
        "theta_min": float(theta.min()),
        "theta_max": float(theta.max()),
        "residual_sd": fit.residual_sd,
        "dof": float(fit.dof),
        **{f"K_average_{n}": float(value) for n, value in enumerate(averaged, start=1)},
        **{f"theta_average_{n}": float(value) for n, value in enumerate(pairs @ theta, start=1)},
    }


def modifier_method(*, edition: Edition) -> Method:
    """Make the steady-state test of the incidence angle modifier of an edition."""
    method_id = f"{edition.prefix}-iam-steady"
    return Method(
        id=method_id,
        standard=edition.standard,
        edition=edition.year,
        clause="incidence angle modifier [clause number unconfirmed]",
        title_en="Incidence angle modifier from steady points",
        title_zh="入射角修正系数（稳态测点）",
        inputs={symbol: quantity(symbol).unit for symbol in _INPUTS},
        optional_inputs={},
        item=ITEM,
        outputs={symbol: quantity(symbol).unit for symbol in _OUTPUTS},
        limit_table=edition.limit_table,
        evaluate=bound(_evaluate, method_id=method_id, clause=edition.clause("incidence angle modifier")),
    )
