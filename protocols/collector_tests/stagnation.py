"""The standard stagnation temperature, extrapolated from measured steady hours; never from an efficiency curve.

    t_stg = t_as + (G_s/G_m)(t_sm - t_am),   G_s = 1000 W/m2, t_as = 30 degC

The curve of a thermal test gives another number (158 degC where the certificate of one collector says 189.4), for it
was measured up to some 50 K above ambient only. It is therefore not offered here.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from protocols.evaluation import Edition, bound, coefficients, columns_of, general_notes, note, require, shifts
from protocols.limits import Limit
from protocols.method import ItemValue, Method, Note, Outcome, complete_item
from protocols.record import Record
from protocols.steady import Criterion, points_of, require_intervals, search
from protocols.symbols import quantity
from protocols.uncertainty import budget

Array = NDArray[np.float64]

_INPUTS = ("G", "t_abs", "t_amb", "u")
_CRITERIA = (
    ("G", "mean at least", "stagnation_G_min"),
    ("G", "mean at most", "stagnation_G_max"),
    ("G", "deviation", "stagnation_G"),
    ("u", "mean at most", "stagnation_u_max"),
    ("t_abs", "deviation", "stagnation_t_abs"),
)
_LIMITS = (
    *(symbol for _, _, symbol in _CRITERIA),
    "stagnation_time",
    "stagnation_G_standard",
    "stagnation_t_amb_standard",
)
_PARTS = 4  # of an interval, for the scatter within it


def stagnation_temperature(
    *, t_abs: ArrayLike, t_amb: ArrayLike, G: ArrayLike, G_standard: float = 1000.0, t_amb_standard: float = 30.0
) -> Array:
    """Give the standard stagnation temperature in degC from a measured one.

    t_abs, t_amb: degC.  G: W/m2.  t_stg = t_amb_standard + (G_standard/G)(t_abs - t_amb) (ISO 9806:2017, stagnation
    temperature [clause number unconfirmed]; formula unverified). Raises ValueError for an irradiance not above zero.
    """
    hot, air, sun = (np.asarray(each, dtype=np.float64) for each in (t_abs, t_amb, G))
    if not np.all(sun > 0):
        raise ValueError("a stagnation temperature needs an irradiance above zero; leave that measurement out.")
    return np.asarray(t_amb_standard + G_standard / sun * (hot - air))


def _evaluate(
    *, method_id: str, clause: str, record: Record, item: Mapping[str, ItemValue], limits: Mapping[str, Limit]
) -> Outcome:
    """Find the steady hours of a record and give the mean of the stagnation temperatures they extrapolate to."""
    require(record=record, inputs=_INPUTS, limits=limits, asked=_LIMITS)
    complete_item((), item)
    columns = columns_of(record, inputs=_INPUTS, optional=())
    found = search(
        time=record.time,
        columns=columns,
        criteria=[Criterion(symbol=s, kind=kind, limit=limits[name]) for s, kind, name in _CRITERIA],
        measuring_time=limits["stagnation_time"].value,
        needed=_INPUTS,
    )
    require_intervals(found=found, least=1, clause=clause)

    def compute(of: Mapping[str, Array], _: Mapping[str, float]) -> Array:
        return np.array([_each(of, limits).mean()])

    blocks = {symbol: values[found.rows] for symbol, values in columns.items()}
    each = _each(blocks, limits)
    random, dof = _random(blocks, each, limits)
    result = budget(
        random=np.array([[random**2]]),
        shifts=shifts(compute=compute, columns=blocks, parameters={}, causes=record.uncertainties),
    )
    applied = tuple(limits[symbol] for symbol in _LIMITS)
    return Outcome(
        method_id=method_id,
        coefficients=coefficients(symbols=("t_stg",), values=np.array([each.mean()]), budget=result, dof=dof),
        covariance=result.total,
        points=points_of(
            found=found, time=record.time, columns={symbol: block.mean(axis=1) for symbol, block in blocks.items()}
        ),
        refusals=found.sieve.refusals,
        notes=(*_notes(each, blocks), *general_notes(record=record, limits=applied)),
        diagnostics={
            "intervals": float(each.size),
            "t_stg_min": float(each.min()),
            "t_stg_max": float(each.max()),
            "t_abs_mean": float(blocks["t_abs"].mean()),
            "G_mean": float(blocks["G"].mean()),
            "t_amb_mean": float(blocks["t_amb"].mean()),
        },
        limits=applied,
    )


def _each(blocks: Mapping[str, Array], limits: Mapping[str, Limit]) -> Array:
    means = {symbol: blocks[symbol].mean(axis=-1) for symbol in ("t_abs", "t_amb", "G")}
    return stagnation_temperature(
        **means,
        G_standard=limits["stagnation_G_standard"].value,
        t_amb_standard=limits["stagnation_t_amb_standard"].value,
    )


def _random(blocks: Mapping[str, Array], each: Array, limits: Mapping[str, Limit]) -> tuple[float, float]:
    """Give the larger of the scatter between the hours and the scatter within them, each with its freedom."""
    length = next(iter(blocks.values())).shape[1] // _PARTS
    parts = {s: b[:, : _PARTS * length].reshape(b.shape[0], _PARTS, length) for s, b in blocks.items()}
    within = float(np.sqrt(_each(parts, limits).var(axis=1, ddof=1).mean() / _PARTS / each.size))
    between = float(each.std(ddof=1) / np.sqrt(each.size)) if each.size > 1 else 0.0
    return max((within, each.size * (_PARTS - 1.0)), (between, each.size - 1.0))


def _notes(each: Array, blocks: Mapping[str, Array]) -> list[Note]:
    found = [
        note(
            "measured, not from the curve",
            f"The value is extrapolated from {each.size} measured intervals at {blocks['G'].mean():.0f} W/m2 and "
            f"{blocks['t_amb'].mean():.1f} degC, not from the efficiency curve.",
            f"该值由 {each.size} 个实测稳态区间外推得到（{blocks['G'].mean():.0f} W/m2、"
            f"{blocks['t_amb'].mean():.1f} degC），并非由效率曲线计算。",
        )
    ]
    if each.size == 1:
        found.append(
            note(
                "one interval",
                "Only one steady interval was found, so that the random uncertainty is only the scatter within it.",
                "仅找到一个稳态区间，随机不确定度仅为区间内离散。",
            )
        )
    return found


def stagnation_method(*, edition: Edition) -> Method:
    """Make the stagnation-temperature test of an edition."""
    method_id = f"{edition.prefix}-stagnation"
    return Method(
        id=method_id,
        standard=edition.standard,
        edition=edition.year,
        clause="stagnation temperature [clause number unconfirmed]",
        title_en="Standard stagnation temperature, extrapolated from measurement",
        title_zh="标准滞止温度（由实测外推）",
        inputs={symbol: quantity(symbol).unit for symbol in _INPUTS},
        optional_inputs={},
        item=(),
        outputs={"t_stg": quantity("t_stg").unit},
        limit_table=edition.limit_table,
        evaluate=bound(_evaluate, method_id=method_id, clause=edition.clause("stagnation temperature")),
    )
