"""The stagnation parameter of an evacuated tube from a record: empty, in the sun, at rest."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from protocols.evaluation import Edition, bound, coefficients, columns_of, general_notes, note, require, shifts
from protocols.limits import Limit
from protocols.method import ItemValue, Method, Note, Outcome, complete_item
from protocols.record import Record
from protocols.steady import Criterion, points_of, require_intervals, search
from protocols.symbols import quantity
from protocols.tubes.tubes import stagnation_parameter
from protocols.uncertainty import budget

Array = NDArray[np.float64]

_INPUTS = ("t_tube", "t_amb", "G")
_OPTIONAL = ("u",)
_CRITERIA = (
    ("G", "minimum", "stagnation_G_min"),
    ("G", "deviation", "stagnation_G_deviation"),
    ("t_amb", "mean at least", "stagnation_t_amb_min"),
    ("t_amb", "mean at most", "stagnation_t_amb_max"),
    ("t_tube", "deviation", "stagnation_t_tube"),
)
_WIND = ("u", "maximum", "stagnation_u_max")
_LIMITS = (*(name for _, _, name in (*_CRITERIA, _WIND)), "stagnation_time")
_PARTS = 4  # of an interval, as many as the readings that are averaged


def _evaluate(
    *, method_id: str, clause: str, record: Record, item: Mapping[str, ItemValue], limits: Mapping[str, Limit]
) -> Outcome:
    """Find the steady intervals of a record and give the mean of their stagnation parameters."""
    require(record=record, inputs=_INPUTS, limits=limits, asked=_LIMITS)
    complete_item((), item)
    columns = columns_of(record, inputs=_INPUTS, optional=_OPTIONAL)
    found = search(
        time=record.time,
        columns=columns,
        criteria=[
            Criterion(symbol=symbol, kind=kind, limit=limits[name])
            for symbol, kind, name in (*_CRITERIA, _WIND)
            if symbol in columns
        ],
        measuring_time=limits["stagnation_time"].value,
        needed=_INPUTS,
    )
    require_intervals(found=found, least=1, clause=clause)
    blocks = {symbol: values[found.rows] for symbol, values in columns.items()}

    def compute(of: Mapping[str, Array], _: Mapping[str, float]) -> Array:
        return np.array([_each(of).mean()])

    each = _each(blocks)
    random, dof = _random(blocks, each)
    result = budget(
        random=np.array([[random**2]]),
        shifts=shifts(compute=compute, columns=blocks, parameters={}, causes=record.uncertainties),
    )
    applied = tuple(limits[symbol] for symbol in _LIMITS)
    means = {symbol: block.mean(axis=1) for symbol, block in blocks.items()}
    return Outcome(
        method_id=method_id,
        coefficients=coefficients(symbols=("Y",), values=np.array([each.mean()]), budget=result, dof=dof),
        covariance=result.total,
        points=points_of(found=found, time=record.time, columns={**means, "Y": each}),
        refusals=found.sieve.refusals,
        notes=(*_notes(each, columns), *general_notes(record=record, limits=applied)),
        diagnostics={
            "intervals": float(each.size),
            "Y_min": float(each.min()),
            "Y_max": float(each.max()),
            "t_tube_mean": float(blocks["t_tube"].mean()),
            "G_mean": float(blocks["G"].mean()),
            "t_amb_mean": float(blocks["t_amb"].mean()),
        },
        limits=applied,
    )


def _each(blocks: Mapping[str, Array]) -> Array:
    """Give Y of the means over the last axis."""
    return stagnation_parameter(**{symbol: blocks[symbol].mean(axis=-1) for symbol in _INPUTS})


def _random(blocks: Mapping[str, Array], each: Array) -> tuple[float, float]:
    """Give the larger of the scatter between the intervals and the scatter within them, each with its freedom."""
    samples = blocks["G"].shape[1]
    parts = {symbol: np.array_split(blocks[symbol], min(_PARTS, samples), axis=1) for symbol in _INPUTS}
    split = [_each({symbol: parts[symbol][place] for symbol in _INPUTS}) for place in range(min(_PARTS, samples))]
    within = float(np.sqrt(np.var(split, axis=0, ddof=1).mean() / len(split) / each.size)) if len(split) > 1 else 0.0
    between = float(each.std(ddof=1) / np.sqrt(each.size)) if each.size > 1 else 0.0
    return max((within, each.size * max(len(split) - 1.0, 1.0)), (between, max(each.size - 1.0, 1.0)))


def _notes(each: Array, columns: Mapping[str, Array]) -> list[Note]:
    found = []
    if "u" not in columns:
        found.append(
            note("no wind", "The air speed was not checked: the record has none.", "记录无空气流速，未予核查。")
        )
    if each.size == 1:
        found.append(
            note(
                "one interval",
                "Only one steady interval was found, so that the random uncertainty is only the scatter within it.",
                "仅找到一个稳态区间，随机不确定度仅为区间内离散。",
            )
        )
    return found


def tube_stagnation_method(*, edition: Edition, clause: str) -> Method:
    """Make the test of the stagnation parameter of an edition; clause: where it stands there."""
    method_id = f"{edition.prefix}-stagnation"
    return Method(
        id=method_id,
        standard=edition.standard,
        edition=edition.year,
        clause=clause,
        title_en="Stagnation parameter of all-glass evacuated tubes",
        title_zh="全玻璃真空太阳集热管空晒性能参数",
        inputs={symbol: quantity(symbol).unit for symbol in _INPUTS},
        optional_inputs={symbol: quantity(symbol).unit for symbol in _OPTIONAL},
        item=(),
        outputs={"Y": quantity("Y").unit},
        limit_table=edition.limit_table,
        evaluate=bound(_evaluate, method_id=method_id, clause=f"{edition.standard}-{edition.year}, {clause}"),
    )
