"""The steady-state test as a method: from a record of samples, or from points that were averaged before.

The editions of the standards state in protocols/standards which tests they have; `steady_method` and
`steady_points_method` make each of them.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from protocols.evaluation import OURS, Edition, bound, columns_of, require
from protocols.limits import Limit
from protocols.method import ItemValue, Method, Outcome, complete_item
from protocols.record import Record
from protocols.refusals import NotEvaluable
from protocols.steady import Criterion
from protocols.steady_state.family import STATED, Family, circuit_of, item_fields
from protocols.steady_state.model import Circuit
from protocols.steady_state.notes import CONDITION_LIMITS
from protocols.steady_state.outcome import steady_outcome
from protocols.steady_state.point_checks import contradictions
from protocols.steady_state.points import (
    found_points,
    measuring_time,
    require_place,
    stated_points,
    theta_limit,
    with_derived,
)
from protocols.steady_state.watch import watched
from protocols.symbols import quantity
from protocols.watch import Watched

Array = NDArray[np.float64]

_SEARCH = (
    "steady_G",
    "steady_t_amb",
    "steady_t_in",
    "steady_flow",
    "steady_theta_max",
    "steady_K_deviation",
    "steady_diffuse_max",
    "steady_dT_min",
    "measuring_time_min",
    "measuring_per_tau",
    "measuring_per_transit",
    "preconditioning_time",
    "preconditioning_t_in",
)
_POINT_CONDITIONS = ("steady_theta_max", "steady_K_deviation", "steady_diffuse_max", "steady_dT_min")
_CONSISTENCY = ("consistency_mean", "consistency_power", "resolution_efficiency")
_FIT = ("points_min", "t_ratio_min", *CONDITION_LIMITS)


# --- from a record of samples ---


def _asked(family: Family) -> tuple[str, ...]:
    wind = (family.least_wind,) if family.least_wind else ()
    return (*_SEARCH, family.irradiance, *wind, family.most_wind, *family.notes, *_FIT)


def _evaluate(
    *,
    method_id: str,
    clause: str,
    family: Family,
    record: Record,
    item: Mapping[str, ItemValue],
    limits: Mapping[str, Limit],
) -> Outcome:
    asked = _asked(family)
    complete, circuit, columns, criteria = _sought(family, record, item, limits)
    points = found_points(
        record=record,
        columns=columns,
        item=complete,
        limits=limits,
        criteria=criteria,
        least=limits["points_min"].value,
        clause=clause,
    )
    return steady_outcome(
        method_id=method_id,
        clause=clause,
        family=family,
        record=record,
        item=complete,
        limits=limits,
        asked=asked,
        circuit=circuit,
        points=points,
        doubts=(),
    )


def _watch(
    *,
    clause: str,
    family: Family,
    record: Record,
    item: Mapping[str, ItemValue],
    limits: Mapping[str, Limit],
) -> Watched:
    """Tell how a record that is still growing stands. Raises what `_sought` raises."""
    complete, _, columns, criteria = _sought(family, record, item, limits)
    points = found_points(
        record=record, columns=columns, item=complete, limits=limits, criteria=criteria, least=0.0, clause=clause
    )
    return watched(
        time=record.time,
        columns=columns,
        criteria=criteria,
        points=points,
        measuring_time=measuring_time(complete, limits),
        limits=limits,
    )


def _sought(
    family: Family, record: Record, item: Mapping[str, ItemValue], limits: Mapping[str, Limit]
) -> tuple[dict[str, ItemValue], Circuit, dict[str, Array], list[Criterion]]:
    """Give the item with its defaults, its circuit, the columns and the criteria of the search for steady intervals."""
    require(record=record, inputs=family.inputs, limits=limits, asked=_asked(family))
    complete = complete_item(item_fields(family, stated=False), item)
    require_place(complete)
    circuit = circuit_of(complete)
    raw = columns_of(record, inputs=family.inputs, optional=family.optional)
    columns = with_derived(time=record.time, columns=raw, item=complete)
    return complete, circuit, columns, _criteria(family, columns, complete, limits, circuit)


def _criteria(
    family: Family,
    columns: Mapping[str, Array],
    item: Mapping[str, ItemValue],
    limits: Mapping[str, Limit],
    circuit: Circuit,
) -> list[Criterion]:
    low, high = (
        replace(limits["group_gap"], symbol="fluid range", value=value, unit="degC") for value in circuit.fluid.limits
    )
    rows = [
        ("G", "mean at least", limits[family.irradiance]),
        ("G", "deviation", limits["steady_G"]),
        ("t_in", "minimum", low),
        ("t_out", "minimum", low),
        ("t_in", "maximum", high),
        ("t_out", "maximum", high),
        ("t_in", "deviation", limits["steady_t_in"]),
        ("V_dot", "relative deviation", limits["steady_flow"]),
        ("t_amb", "deviation", limits["steady_t_amb"]),
        ("u", "mean at most", limits[family.most_wind]),
        ("dT", "mean at least", limits["steady_dT_min"]),
    ]
    if family.least_wind:
        rows.append(("u", "mean at least", limits[family.least_wind]))
    if "theta" in columns:
        rows.append(("theta", "maximum", theta_limit(item=item, limits=limits)))
    if "Gd_share" in columns:
        rows.append(("Gd_share", "mean at most", limits["steady_diffuse_max"]))
    criteria = [Criterion(symbol=symbol, kind=kind, limit=limit) for symbol, kind, limit in rows]
    before = Criterion(symbol="t_in", kind="deviation", limit=limits["preconditioning_t_in"], preconditioned=True)
    return [*criteria, before]


# --- from points averaged before ---


def _evaluate_stated(
    *,
    method_id: str,
    clause: str,
    family: Family,
    record: Record,
    item: Mapping[str, ItemValue],
    limits: Mapping[str, Limit],
) -> Outcome:
    wind = (family.least_wind,) if family.least_wind else ()
    conditions = (*_POINT_CONDITIONS, family.irradiance, *wind, family.most_wind, *family.notes)
    asked = (*conditions, *_CONSISTENCY, *_FIT)
    require(record=record, inputs=family.inputs, limits=limits, asked=asked)
    complete = complete_item(item_fields(family, stated=True), item)
    circuit = circuit_of(complete)
    _require_stated(record, circuit)
    raw = columns_of(record, inputs=family.inputs, optional=(*family.optional, *STATED))
    columns = with_derived(time=record.time, columns=raw, item=complete)
    points = stated_points(record=record, columns=columns, item=complete, fluid=circuit.fluid)
    used = np.flatnonzero(points.used)
    means = {symbol: block.mean(axis=1) for symbol, block in points.kept().items()}
    doubts = contradictions(columns=means, circuit=circuit, limits=limits)
    doubts = tuple(replace(each, place=int(used[each.place])) for each in doubts)
    return steady_outcome(
        method_id=method_id,
        clause=clause,
        family=family,
        record=record,
        item=complete,
        limits=limits,
        asked=asked,
        circuit=circuit,
        points=points,
        doubts=doubts,
    )


def _require_stated(record: Record, circuit: Circuit) -> None:
    for wanted, symbol in ((circuit.metered, "Q_meter"), (circuit.stated_mean, "tm")):
        if wanted and symbol not in record.columns:
            raise NotEvaluable(
                clause=OURS,
                sentence_en=f"The item description takes values from the column {symbol}, which the record has not; "
                "add it.",
                sentence_zh=f"试件描述要求取用 {symbol} 列，而记录中没有该列；请补充。",
            )


def steady_method(*, edition: Edition, id: str, family: Family, title_en: str, title_zh: str) -> Method:
    """Make the steady-state test of an edition for a family of collectors, from a record of samples."""
    return _made(edition, id, family, title_en, title_zh, stated=False)


def steady_points_method(*, edition: Edition, id: str, family: Family, title_en: str, title_zh: str) -> Method:
    """Make the same from points averaged before, one a row: a report's table with its own power, tm and efficiency."""
    return _made(edition, id, family, title_en, title_zh, stated=True)


def _made(edition: Edition, id: str, family: Family, title_en: str, title_zh: str, *, stated: bool) -> Method:
    method_id, clause = f"{edition.prefix}-{id}", "steady-state test [clause number unconfirmed]"
    optional = (*family.optional, *STATED) if stated else family.optional
    return Method(
        id=method_id,
        standard=edition.standard,
        edition=edition.year,
        clause=clause,
        title_en=title_en,
        title_zh=title_zh,
        inputs={symbol: quantity(symbol).unit for symbol in family.inputs},
        optional_inputs={symbol: quantity(symbol).unit for symbol in optional},
        item=item_fields(family, stated=stated),
        outputs={symbol: quantity(symbol).unit for symbol in family.model.coefficients},
        limit_table=edition.limit_table,
        evaluate=bound(
            _evaluate_stated if stated else _evaluate,
            method_id=method_id,
            clause=edition.clause("steady-state test"),
            family=family,
        ),
        watch=None if stated else partial(_watch, clause=edition.clause("steady-state test"), family=family),
    )
