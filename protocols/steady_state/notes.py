"""What a steady-state result must say about the points it comes from: warnings and conditions, in words."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from protocols.evaluation import note
from protocols.limits import Limit
from protocols.method import Note
from protocols.steady_state.fit import SteadyFit
from protocols.steady_state.point_checks import Doubt

Array = NDArray[np.float64]

CONDITION_LIMITS = (
    "condition_points",
    "condition_group_points",
    "condition_groups",
    "group_gap",
    "group_spacing",
    "condition_zero_loss",
    "condition_tm_max",
    "condition_flow",
    "condition_flow_test",
    "condition_flow_between",
    "condition_noon",
    "correlation_a1_a2",
    "studentised_warning",
    "outlier_chance",
)


@dataclass(frozen=True, kw_only=True)
class Found:
    """What the notes are written from.

    numbers: of the points used among all points, from 1.  columns: symbol -> mean of each point used, with t_in,
    tm_minus_ta, tm and flow per area "mass_flow".  ranges: (symbol, least, most) that the points ought to keep.
    doubts: places among all points.  without: coefficients when the doubted points are left out, None for none.
    """

    fit: SteadyFit
    symbols: Sequence[str]
    numbers: Sequence[int]
    columns: Mapping[str, Array]
    afternoon: NDArray[np.bool_] | None
    limits: Mapping[str, Limit]
    ranges: Sequence[tuple[str, str, str, str, float, float]]
    doubts: Sequence[Doubt] = ()
    without: Array | None = None

    def limit(self, symbol: str) -> float:
        """Give the value of a limit."""
        return self.limits[symbol].value


def steady_notes(found: Found) -> tuple[Note, ...]:
    """Give every note that applies, in a fixed order."""
    return tuple(each for write in _WRITERS for each in write(found))


def levels(temperatures: Array, gap: float) -> list[Array]:
    """Group temperatures into levels: neighbours further apart than `gap` K belong to different ones."""
    ordered = np.sort(temperatures)
    return np.split(ordered, np.flatnonzero(np.diff(ordered) > gap) + 1)


def _doubts(found: Found) -> Iterator[Note]:
    for each in found.doubts:
        yield note(
            each.code,
            f"Point {each.place + 1}: {each.sentence_en}; look at its raw values. It was not removed.",
            f"测点 {each.place + 1}：{each.sentence_zh}；请核查原始数据。该点未被剔除。",
        )
    if found.without is not None:
        numbers = sorted({each.place + 1 for each in found.doubts})
        shown = ", ".join(f"{s} = {v:.4g}" for s, v in zip(found.symbols, found.without, strict=True))
        yield note(
            "without doubted points",
            f"Without point {', '.join(map(str, numbers))} the fit would give {shown}.",
            f"若不计测点 {'、'.join(map(str, numbers))}，拟合结果为 {shown}。",
        )


def _dropped(found: Found) -> Iterator[Note]:
    for each in found.fit.dropped:
        if each.why == "negative":
            yield note(
                "set to zero",
                f"{each.name} came out negative ({each.value:.3g}) and was set to zero; the fit was repeated.",
                f"{each.name} 拟合为负值（{each.value:.3g}），已置零并重新拟合。",
            )
        else:
            least = found.limit("t_ratio_min")
            yield note(
                "set to zero",
                f"{each.name} has a t-ratio of {each.t_ratio:.1f}, below {least:g}; it was set to zero and the fit "
                "was repeated.",
                f"{each.name} 的 T 比为 {each.t_ratio:.1f}，低于 {least:g}，已置零并重新拟合。",
            )


def _number(found: Found) -> Iterator[Note]:
    count, least = len(found.numbers), found.limit("condition_points")
    if count < least:
        yield note(
            "few points",
            f"The fit stands on {count} points; an outdoor test has at least {least:g}.",
            f"拟合仅用 {count} 个测点；室外试验至少需要 {least:g} 个。",
        )


def _levels(found: Found) -> Iterator[Note]:
    groups = levels(found.columns["t_in"], found.limit("group_gap"))
    middle = np.array([each.mean() for each in groups])
    shown = ", ".join(f"{t:.1f}" for t in middle)
    least, each_least = found.limit("condition_groups"), found.limit("condition_group_points")
    if len(groups) < least:
        yield note(
            "few inlet temperatures",
            f"The inlet temperatures form {len(groups)} levels ({shown} degC); at least {least:g} are expected.",
            f"进口温度共 {len(groups)} 个水平（{shown} degC）；一般至少需要 {least:g} 个。",
        )
    fewest = min(each.size for each in groups)
    if fewest < each_least:
        yield note(
            "few points at a level",
            f"One inlet temperature has {fewest} points; at least {each_least:g} are expected at each.",
            f"某一进口温度水平仅有 {fewest} 个测点；一般每个水平至少 {each_least:g} 个。",
        )
    step = np.diff(middle)
    if step.size > 1 and step.max() > found.limit("group_spacing") * step.min():
        yield note(
            "inlet temperatures unevenly spaced",
            f"The levels of the inlet temperature ({shown} degC) are not evenly spaced.",
            f"进口温度各水平（{shown} degC）间隔不均匀。",
        )


def _losses(found: Found) -> Iterator[Note]:
    above, near = found.columns["tm_minus_ta"], found.limit("condition_zero_loss")
    if np.abs(above).min() > near:
        yield note(
            "no low temperature difference",
            f"tm - ta covers {above.min():.1f} to {above.max():.1f} K and no point comes within {near:g} K of zero, "
            "where eta0hem is defined; add points with the fluid near ambient temperature.",
            f"tm - ta 的范围为 {above.min():.1f} 至 {above.max():.1f} K，没有测点在零附近（{near:g} K 以内），"
            "而 eta0hem 以零温差定义；请增加工质接近环境温度的测点。",
        )
    highest, asked = float(found.columns["tm"].max()), found.limit("condition_tm_max")
    if highest < asked:
        yield note(
            "mean fluid temperature low",
            f"The highest mean fluid temperature is {highest:.1f} degC; {asked:g} degC is expected where possible.",
            f"最高工质平均温度为 {highest:.1f} degC；条件允许时应达到 {asked:g} degC。",
        )


def _correlation(found: Found) -> Iterator[Note]:
    names = found.fit.fit.names
    if "a1" not in names or "a2" not in names:
        return
    value = found.fit.fit.correlations[names.index("a1"), names.index("a2")]
    if value < found.limit("correlation_a1_a2"):
        yield note(
            "a1 and a2 only together",
            f"a1 and a2 have the correlation {value:.2f}: use them only together, with their covariance, and only "
            "within the range measured.",
            f"a1 与 a2 的相关系数为 {value:.2f}；两者只能连同协方差一并使用，且限于测量范围内。",
        )


def _flow(found: Found) -> Iterator[Note]:
    flow = found.columns["mass_flow"]
    mean, asked, between = float(flow.mean()), found.limit("condition_flow"), found.limit("condition_flow_between")
    if abs(mean / asked - 1.0) > found.limit("condition_flow_test"):
        yield note(
            "flow unlike the test flow",
            f"The mean flow is {mean:.4f} kg/(s m2); the usual test flow is {asked:g} kg/(s m2).",
            f"平均流量为 {mean:.4f} kg/(s m2)；通常试验流量为 {asked:g} kg/(s m2)。",
        )
    spread = float(np.abs(flow / mean - 1.0).max())
    if spread > between:
        yield note(
            "flow differs between points",
            f"The flow of single points leaves its mean by up to {100 * spread:.1f} %; {100 * between:g} % is allowed.",
            f"各测点流量偏离总平均最多 {100 * spread:.1f} %；允许 {100 * between:g} %。",
        )


def _ranges(found: Found) -> Iterator[Note]:
    for symbol, unit, english, chinese, least, most in found.ranges:
        values = found.columns[symbol]
        outside = [n for n, v in zip(found.numbers, values, strict=True) if not least <= v <= most]
        if outside:
            bounds, bounds_zh = _bounds(least, most, "to"), _bounds(least, most, "至")
            listed = ", ".join(map(str, outside))
            yield note(
                f"{english} outside test conditions",
                f"The {english} of point {listed} is outside the test conditions, {bounds} {unit}".rstrip() + ".",
                f"测点 {'、'.join(map(str, outside))} 的{chinese}不在试验条件 {bounds_zh} {unit}".rstrip() + " 之内。",
            )


def _bounds(least: float, most: float, word: str) -> str:
    if np.isfinite([least, most]).all():
        return f"{least:g} {word} {most:g}"
    return f">= {least:g}" if np.isfinite(least) else f"<= {most:g}"


def _noon(found: Found) -> Iterator[Note]:
    if found.afternoon is None:
        return
    after = int(found.afternoon.sum())
    before = found.afternoon.size - after
    if abs(before - after) > found.limit("condition_noon"):
        yield note(
            "not symmetric about noon",
            f"{before} points lie before and {after} after solar noon; on a fixed mount they should balance.",
            f"正午前 {before} 个测点，正午后 {after} 个；固定安装时应大致对称。",
        )


def _uncertainty(found: Found) -> Iterator[Note]:
    larger = [s for s, stated in zip(found.symbols, found.fit.propagated, strict=True) if stated]
    yield note(
        "random uncertainty",
        "The random uncertainty is the larger of the scatter about the fit and the scatter within the points; the "
        f"latter was the larger for {', '.join(larger) or 'none'}.",
        f"随机不确定度取拟合残差与测点内离散二者中较大者；后者较大的系数：{'、'.join(larger) or '无'}。",
    )
    common = np.sqrt(np.diag(found.fit.budget.total))
    if found.fit.budget.shifts and common[0] > 0:
        usual, ours = found.fit.independent[0], common[0]
        yield note(
            "common errors kept common",
            f"Weighting every point as independent (EN 12975-2 Annex K) would state u({found.symbols[0]}) = "
            f"{usual:.4f} instead of {ours:.4f}: calibration errors that all points share do not average out.",
            f"若按 EN 12975-2 附录 K 将各点误差视为相互独立，u({found.symbols[0]}) 为 {usual:.4f}，而非 {ours:.4f}："
            "各点共有的校准误差不会因点数增多而平均掉。",
        )


_WRITERS: tuple[Callable[[Found], Iterator[Note]], ...] = (
    _doubts,
    _dropped,
    _number,
    _levels,
    _losses,
    _correlation,
    _flow,
    _ranges,
    _noon,
    _uncertainty,
)
