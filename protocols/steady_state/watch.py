"""A steady-state test while it is recorded: how each criterion stands now, and which points are still to be measured.

The points counted are those of the evaluation, found by the same search; the lights are its criteria, asked of the
stretch that ends the record.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from protocols.limits import Limit
from protocols.steady import KINDS, Criterion, Standing, standing
from protocols.steady_state.notes import levels
from protocols.steady_state.points import Points
from protocols.symbols import quantity
from protocols.watch import FAILS, HOLDS, UNKNOWN, Light, Need, Watched, count, reach

Array = NDArray[np.float64]

_NOWHERE = ("t_out", "minimum"), ("t_out", "maximum"), ("t_in", "minimum"), ("t_in", "maximum")  # told when they fail


def watched(
    *,
    time: Array,
    columns: Mapping[str, Array],
    criteria: Sequence[Criterion],
    points: Points,
    measuring_time: float,
    limits: Mapping[str, Limit],
) -> Watched:
    """Tell how a test stands. points: found so far, with `criteria`."""
    stands = standing(
        time=time,
        columns=columns,
        criteria=criteria,
        measuring_time=measuring_time,
        preconditioning_time=limits["preconditioning_time"].value,
    )
    lights = (_light(each) for each in stands)
    quiet = {f"{symbol} {kind}" for symbol, kind in _NOWHERE}
    return Watched(
        stretch=measuring_time,
        used=int(points.used.sum()),
        lights=tuple(light for light in lights if light.state == FAILS or light.code not in quiet),
        needs=tuple(_needs(points, limits)),
        refusals=points.refusals,
    )


def _light(each: Standing) -> Light:
    criterion, kind, known = each.criterion, KINDS[each.criterion.kind], quantity(each.criterion.symbol)
    state = FAILS if not each.holds else HOLDS if each.full else UNKNOWN
    told = {
        FAILS: (each.reason.sentence_en, each.reason.sentence_zh),
        HOLDS: ("The condition holds.", "满足条件。"),
        UNKNOWN: ("It holds so far; the stretch is not long enough yet.", "目前满足；时段长度尚不足。"),
    }[state]
    before = (", preconditioning included", "（含预处理）") if criterion.preconditioned else ("", "")
    return Light(
        code=f"{criterion.symbol} {criterion.kind}" + (" preconditioned" if criterion.preconditioned else ""),
        name_en=f"{known.name_en}: {kind.name_en}{before[0]}",
        name_zh=f"{known.name_zh}：{kind.name_zh}{before[1]}",
        state=state,
        refuses=True,
        sentence_en=told[0],
        sentence_zh=told[1],
        value=each.value if np.isfinite(each.value) else None,
        limit=criterion.limit,
        least=kind.least,
    )


def _needs(points: Points, limits: Mapping[str, Limit]) -> Iterator[Need]:
    used = int(points.used.sum())
    for symbol, required in (("points_min", True), ("condition_points", False)):
        left = max(int(limits[symbol].value) - used, 0)
        yield count(
            code=symbol,
            name=("steady points", "稳态测点") if required else ("steady points of a whole test", "完整试验的稳态测点"),
            value=used,
            limit=limits[symbol],
            required=required,
            advice=(
                f"Keep inlet temperature and flow steady: {left} more points are needed.",
                f"请保持进口温度与流量稳定：还需 {left} 个测点。",
            ),
        )
    if used:
        means = {symbol: block.mean(axis=1) for symbol, block in points.kept().items()}
        yield from _needs_of_levels(means["t_in"], limits)
        yield from _needs_of_range(means, limits)


def _needs_of_levels(t_in: Array, limits: Mapping[str, Limit]) -> Iterator[Need]:
    groups, gap = levels(t_in, limits["group_gap"].value), limits["group_gap"].value
    each_least = limits["condition_group_points"]
    for group in groups:
        shown, left = f"{group.mean():.1f}", max(int(each_least.value) - group.size, 0)
        yield count(
            code=f"level {shown}",
            name=(f"points at an inlet temperature of {shown} degC", f"进口温度 {shown} degC 的测点"),
            value=group.size,
            limit=each_least,
            required=False,
            advice=(
                f"Keep the inlet at {shown} degC: {left} more points are expected there.",
                f"请将进口温度保持在 {shown} degC：该水平还需 {left} 个测点。",
            ),
        )
    yield count(
        code="levels",
        name=("levels of the inlet temperature", "进口温度水平数"),
        value=len(groups),
        limit=limits["condition_groups"],
        required=False,
        advice=(
            f"Go to another inlet temperature, more than {gap:g} K from those measured.",
            f"请改变进口温度，与已测水平相差 {gap:g} K 以上。",
        ),
    )


def _needs_of_range(means: Mapping[str, Array], limits: Mapping[str, Limit]) -> Iterator[Need]:
    tm = (means["t_in"] + means["t_out"]) / 2.0
    near, high = limits["condition_zero_loss"], limits["condition_tm_max"]
    yield reach(
        code="tm - ta low",
        name=("least distance of tm - ta from zero", "tm - ta 与零的最小距离"),
        value=float(np.abs(tm - means["t_amb"]).min()),
        limit=near,
        least=False,
        advice=(
            f"Measure points with tm within {near.value:g} K of ambient temperature.",
            f"请测量 tm 与环境温度相差 {near.value:g} K 以内的测点。",
        ),
    )
    yield reach(
        code="tm high",
        name=("highest mean fluid temperature", "最高工质平均温度"),
        value=float(tm.max()),
        limit=high,
        least=True,
        advice=(
            f"Measure points with a mean fluid temperature of about {high.value:g} degC where possible.",
            f"条件允许时，请测量工质平均温度约 {high.value:g} degC 的测点。",
        ),
    )
