"""The time constant of a collector: until its outlet has made 63.2 % of its change after the cover comes or goes."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from protocols.collector_tests.step_response import Ends, ends, even, require_change
from protocols.evaluation import OURS, Edition, bound, coefficients, columns_of, general_notes, note, require
from protocols.limits import Limit
from protocols.method import ItemValue, Method, Note, Outcome, complete_item
from protocols.record import Record
from protocols.refusals import NotEvaluable
from protocols.symbols import quantity
from protocols.uncertainty import budget

Array = NDArray[np.float64]

_INPUTS = ("t_in", "t_out", "t_amb", "covered")
_LIMITS = ("step_settled", "step_least", "step_t_in", "step_t_in_ambient", "tau_share")
_SLOPE = 0.05  # of the change around the crossing, over which its slope is taken


def crossing(*, time: Array, response: Array, share: float) -> float:
    """Give the first time in s at which a response reaches a share, linear between samples.

    time: s.  response: 0 before the step, 1 at its end, both of one length. Raises ValueError when it never does.
    """
    above = np.flatnonzero(response >= share)
    if not above.size:
        raise ValueError(f"the response never reaches {share:g} of its change; record longer.")
    after = int(above[0])
    if after == 0:
        return float(time[0])
    before = after - 1
    part = (share - response[before]) / (response[after] - response[before])
    return float(time[before] + part * (time[after] - time[before]))


def _evaluate(
    *, method_id: str, clause: str, record: Record, item: Mapping[str, ItemValue], limits: Mapping[str, Limit]
) -> Outcome:
    """Find tau_c in a record that begins and ends at rest and in which the cover comes or goes once."""
    require(record=record, inputs=_INPUTS, limits=limits, asked=_LIMITS)
    complete_item((), item)
    columns = columns_of(record, inputs=_INPUTS, optional=())
    interval = even(time=record.time, columns=columns)
    step = _step(columns["covered"], clause)
    begin = (record.time[step - 1] + record.time[step]) / 2.0
    excess = columns["t_out"] - columns["t_amb"]
    rest = _rest(excess, step, limits)
    require_change(
        change=rest.last - rest.first,
        least=limits["step_least"].value,
        what_en="outlet temperature above ambient",
        what_zh="出口温度与环境温度之差",
    )
    _require_inlet(columns["t_in"], limits["step_t_in"].value)
    response = (excess - rest.first) / (rest.last - rest.first)
    share = limits["tau_share"].value
    try:
        tau = crossing(time=record.time[step:] - begin, response=response[step:], share=share)
    except ValueError as error:
        raise NotEvaluable(
            clause=clause, sentence_en=f"No time constant: {error}", sentence_zh="响应未达到规定比例；请延长记录。"
        ) from error
    result = budget(random=np.array([[_random(record.time - begin, response, tau, rest, interval) ** 2]]), shifts={})
    applied = tuple(limits[symbol] for symbol in _LIMITS)
    return Outcome(
        method_id=method_id,
        coefficients=coefficients(symbols=("tau_c",), values=np.array([tau]), budget=result, dof=np.inf),
        covariance=result.total,
        points={
            "time": record.time,
            **columns,
            "response": response,
            "used": np.ones(record.time.size),
            "refusal": np.full(record.time.size, -1.0),
        },
        refusals=(),
        notes=(*_notes(columns, limits), *general_notes(record=record, limits=applied)),
        diagnostics={
            "sample_interval": interval,
            "step_time": float(begin),
            "excess_first": rest.first,
            "excess_last": rest.last,
        },
        limits=applied,
    )


def _step(covered: Array, clause: str) -> int:
    """Give the first row after the cover has come or gone; it must do so once."""
    changes = np.flatnonzero(np.diff(covered) != 0)
    if changes.size != 1:
        raise NotEvaluable(
            clause=clause,
            sentence_en=f"The cover comes or goes {changes.size} times in the record; it must do so exactly once.",
            sentence_zh=f"记录中遮盖变化 {changes.size} 次；应恰好变化一次。",
        )
    return int(changes[0]) + 1


def _rest(excess: Array, step: int, limits: Mapping[str, Limit]) -> Ends:
    """Give the rest just before the step and at the end of the record."""
    size = max(int(0.1 * excess.size), 4)
    if step < size:
        raise NotEvaluable(
            clause=OURS,
            sentence_en=f"Only {step} samples come before the step; at least {size} at rest are needed.",
            sentence_zh=f"阶跃前仅有 {step} 个采样；至少需要 {size} 个稳态采样。",
        )
    return ends(
        values=excess[step - size :],
        settled=limits["step_settled"].value,
        what_en="outlet temperature above ambient",
        what_zh="出口温度与环境温度之差",
    )


def _require_inlet(t_in: Array, most: float) -> None:
    deviation = float(np.abs(t_in - t_in.mean()).max())
    if deviation > most:
        raise NotEvaluable(
            clause=OURS,
            sentence_en=f"The inlet temperature leaves its mean by {deviation:.2f} K, more than {most:g} K; a time "
            "constant needs a steady inlet.",
            sentence_zh=f"进口温度偏离均值 {deviation:.2f} K，超过 {most:g} K；时间常数试验要求进口温度稳定。",
        )


def _random(time: Array, response: Array, tau: float, rest: Ends, interval: float) -> float:
    """Give the standard uncertainty of the time: noise over slope, the step's and the crossing's place in a sample.

    A uniform error within one interval has the standard deviation interval/sqrt(12) (JCGM 100:2008 4.3.7).
    """
    noise = rest.noise / abs(rest.last - rest.first)
    level = float(np.interp(tau, time, response))
    near = (np.abs(response - level) < _SLOPE) & (time > 0)
    slope = float(np.polyfit(time[near], response[near], 1)[0]) if near.sum() > 2 else level / max(tau, interval)
    return float(np.hypot(noise / max(abs(slope), 1e-12), interval / np.sqrt(12.0)))


def _notes(columns: Mapping[str, Array], limits: Mapping[str, Limit]) -> list[Note]:
    off, most = float(np.abs(columns["t_in"] - columns["t_amb"]).max()), limits["step_t_in_ambient"].value
    if off <= most:
        return []
    return [
        note(
            "inlet far from ambient",
            f"The inlet is up to {off:.1f} K away from ambient; at most {most:g} K is expected.",
            f"进口温度与环境温度最多相差 {off:.1f} K；一般不超过 {most:g} K。",
        )
    ]


def time_constant_method(*, edition: Edition) -> Method:
    """Make the time-constant test of an edition."""
    method_id = f"{edition.prefix}-time-constant"
    return Method(
        id=method_id,
        standard=edition.standard,
        edition=edition.year,
        clause="time constant [clause number unconfirmed]",
        title_en="Time constant of liquid-heating collectors",
        title_zh="液体集热器时间常数试验",
        inputs={symbol: quantity(symbol).unit for symbol in _INPUTS},
        optional_inputs={},
        item=(),
        outputs={"tau_c": quantity("tau_c").unit},
        limit_table=edition.limit_table,
        evaluate=bound(_evaluate, method_id=method_id, clause=edition.clause("time constant")),
    )
