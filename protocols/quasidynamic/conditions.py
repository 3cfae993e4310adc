"""What a quasi-dynamic result must say about the data it comes from: warnings and conditions, in words."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from protocols.evaluation import OF_THE_ITEM, cause_notes
from protocols.limits import Limit
from protocols.method import Note
from protocols.metrology.selection import Dropped
from protocols.quasidynamic.day_types import DAY_TYPE_LIMITS
from protocols.quasidynamic.identification import alike, dependence
from protocols.quasidynamic.model import Estimate, Problem
from protocols.quasidynamic.terms import Model
from protocols.symbols import quantity

CONDITION_LIMITS = (
    "correlation_a1_a2",
    "condition_zero_loss",
    "condition_tm_minus_ta",
    "condition_flow",
    "condition_flow_range",
    "condition_flow_deviation",
    "condition_t_in_deviation",
    "condition_G_min",
    "condition_G_max",
    "condition_u_min",
    "condition_u_max",
    "condition_days",
    "condition_sample_interval",
    "condition_theta",
    *DAY_TYPE_LIMITS,
)

# What the standard asks of every window: figure of the diagnostics -> (limit, whether it is the least value).
CONDITIONS = {
    "flow_deviation_max": ("condition_flow_deviation", False),
    "t_in_deviation_max": ("condition_t_in_deviation", False),
    "G_min": ("condition_G_min", True),
    "G_max": ("condition_G_max", False),
    "u_min": ("condition_u_min", True),
    "u_max": ("condition_u_max", False),
    "sample_interval": ("condition_sample_interval", False),
}
_NAMES = {
    "flow_deviation_max": ("deviation of the flow from its mean (test condition)", "流量相对均值的偏差（试验条件）"),
    "t_in_deviation_max": ("deviation of the inlet temperature (test condition)", "进口温度的偏差（试验条件）"),
    "G_min": ("mean irradiance, least (test condition)", "平均辐照度下限（试验条件）"),
    "G_max": ("mean irradiance, largest (test condition)", "平均辐照度上限（试验条件）"),
    "u_min": ("mean air speed, least (test condition)", "平均风速下限（试验条件）"),
    "u_max": ("mean air speed, largest (test condition)", "平均风速上限（试验条件）"),
    "sample_interval": ("time between samples (test condition)", "采样间隔（试验条件）"),
}
_NEARLY = 5.0  # deg; a window that reaches theta_max is refused, so the highest used lies below it
_WIND_AND_SKY = ("a3", "a4", "a6", "a7")
_NEVER_NEGATIVE = ("b0", "Kd", "a1", "a3", "a4", "a5", "a6")


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """What the notes are written from.

    diagnostics: of the outcome.  fixed: coefficients that were not fitted, those of `absent` (which the form of the
    item does not have) among them.  left: the regression of what was fitted.  causes: symbols of the common
    uncertainties that were given.
    """

    diagnostics: Mapping[str, float]
    limits: Mapping[str, Limit]
    model: Model
    fixed: Mapping[str, float]
    absent: Mapping[str, float]
    left: Problem
    dropped: tuple[Dropped, ...]
    estimate: Estimate
    two_axes: bool
    transit_known: bool
    causes: tuple[str, ...]

    def limit(self, symbol: str) -> float:
        """Give the value of a limit."""
        return self.limits[symbol].value

    def breaks(self, figure: str) -> bool:
        """Tell whether the windows used leave one of CONDITIONS."""
        return breaks_condition(self.diagnostics, self.limits, figure)


def breaks_condition(figures: Mapping[str, float], limits: Mapping[str, Limit], figure: str) -> bool:
    """Tell whether a figure of CONDITIONS leaves the standard's test condition."""
    symbol, least = CONDITIONS[figure]
    return figures[figure] < limits[symbol].value if least else figures[figure] > limits[symbol].value


def say_condition(figure: str, limits: Mapping[str, Limit]) -> tuple[tuple[str, str], tuple[str, str]]:
    """Give the name of a condition and the sentence that it is left, each in English and Chinese."""
    symbol, least = CONDITIONS[figure]
    limit, (english, chinese) = limits[symbol], _NAMES[figure]
    shown = f"{100 * limit.value:g} %" if limit.unit == "1" else f"{limit.value:g} {limit.unit}"
    return (english, chinese), (
        f"A test keeps {'at least' if least else 'at most'} {shown}; the window is used and the result says so.",
        f"试验要求{'不低于' if least else '不高于'} {shown}；该时段仍会采用，结果中将予说明。",
    )


def incidence_asked(symbols: Collection[str], fixed: Mapping[str, float], limits: Mapping[str, Limit]) -> Limit | None:
    """Give the angle of incidence that a modifier to be fitted asks for; None where none is fitted.

    symbols: of the coefficients of the model.  fixed: those that are not fitted.
    """
    sought = [each for each in symbols if (each == "b0" or (each[:1] == "K" and each != "Kd")) and each not in fixed]
    asked = limits["condition_theta"]
    return replace(asked, value=asked.value - _NEARLY) if sought else None


def condition_notes(found: Conditions) -> tuple[Note, ...]:
    """Give every note that applies, in a fixed order."""
    return tuple(note for write in _WRITERS for note in write(found))


def _note(code: str, english: str, chinese: str) -> Note:
    return Note(code=code, sentence_en=english, sentence_zh=chinese)


def _known(found: Conditions) -> Iterator[Note]:
    for symbol, value in found.fixed.items():
        unit = quantity(symbol).unit.replace("1", "", 1) if quantity(symbol).unit == "1" else quantity(symbol).unit
        told = f"{symbol} = {value:g} {unit}".strip()
        if symbol in found.absent:
            yield _note(
                "not in the model",
                f"The form of the model for this item has no {symbol}: it counts as {value:g} and was not fitted.",
                f"本试件适用的模型不含 {symbol}，按 {value:g} 计，未参与拟合。",
            )
        else:
            yield _note(
                "given, not fitted",
                f"{told} was given and not fitted; the other coefficients hold for this value, and its uncertainty is "
                "not part of theirs.",
                f"{told} 为给定值，未参与拟合；其余系数以此值为前提，其不确定度未计入。",
            )


def _axes(found: Conditions) -> Iterator[Note]:
    if found.two_axes:
        yield _note(
            "transversal table",
            "K10 to K70 are those of the transversal angle; the longitudinal modifier was given and not fitted.",
            "K10 至 K70 为横向入射角修正系数；纵向修正系数为给定值，未参与拟合。",
        )


def _implausible(found: Conditions) -> Iterator[Note]:
    for symbol, value in zip(found.model.symbols, found.estimate.values.tolist(), strict=True):
        if symbol in _NEVER_NEGATIVE and value < 0 and symbol not in found.fixed:
            yield _note(
                "implausible sign",
                f"{symbol} came out as {value:.3g}, below zero; check the sensors and the range of the data.",
                f"{symbol} 的拟合值为 {value:.3g}，小于零；请检查传感器与数据范围。",
            )


def _dropped(found: Conditions) -> Iterator[Note]:
    for each in found.dropped:
        if each.name in _WIND_AND_SKY:
            yield _note(
                "not identified",
                f"{each.name} has a t-ratio of {each.t_ratio:.1f}: these data do not show it, which does not mean that "
                f"the collector has none. It was set to zero; measure over a wider range, or state fixed_{each.name}.",
                f"{each.name} 的 T 比为 {each.t_ratio:.1f}，数据未能显示其影响，并不说明集热器无此特性；"
                f"已置零，请扩大测量范围，或给出 fixed_{each.name}。",
            )
        elif each.why == "negative":
            yield _note(
                "set to zero",
                f"{each.name} came out negative ({each.value:.3g}) and was set to zero; the fit was repeated.",
                f"{each.name} 拟合为负值（{each.value:.3g}），已置零并重新拟合。",
            )
        else:
            least = found.limit("t_ratio_min")
            yield _note(
                "set to zero",
                f"{each.name} has a t-ratio of {each.t_ratio:.1f}, below {least:g}; it was set to zero and the fit "
                "was repeated.",
                f"{each.name} 的 T 比为 {each.t_ratio:.1f}，低于 {least:g}，已置零并重新拟合。",
            )


def _dependent(found: Conditions) -> Iterator[Note]:
    kept = [name for name in found.left.names if name not in {each.name for each in found.dropped}]
    worst = dependence(found.left.design[:, found.left.places(kept)], kept)
    if worst.condition > found.limit("condition_noted"):
        yield _note(
            "regressors nearly dependent",
            f"The data tell {', '.join(worst.names)} apart only weakly (condition {worst.condition:.0f}); use them "
            "together, with their covariance.",
            f"数据对 {'、'.join(worst.names)} 的区分较弱（条件数 {worst.condition:.0f}）；请连同协方差一并使用。",
        )
    for first, second, correlation in alike(found.left, found.limit("regressor_correlation")):
        yield _note(
            "regressors correlated",
            f"The regressors of {first} and {second} have the correlation {correlation:.2f} in these data; days on "
            "which they differ are lacking.",
            f"数据中 {first} 与 {second} 的回归量相关系数为 {correlation:.2f}；缺少两者变化不同的试验日。",
        )


def _days(found: Conditions) -> Iterator[Note]:
    days = {
        kind: found.diagnostics[f"days_{kind}"] for kind in ("eta0", "intermediate", "intermediate_clouded", "high")
    }
    lacking = [kind for kind, count in days.items() if not count and kind != "intermediate"]
    if lacking:
        english = {
            "eta0": "clear with the fluid near ambient temperature",
            "intermediate_clouded": "broken clouds at an intermediate temperature",
            "high": "high temperature",
        }
        chinese = {"eta0": "晴天且工质接近环境温度", "intermediate_clouded": "中间温度且多云", "high": "高温"}
        yield _note(
            "day types lacking",
            f"No day was recognised as: {'; '.join(english[kind] for kind in lacking)}. Recognised were "
            f"{days['eta0']:.0f} eta0 days, {days['intermediate']:.0f} intermediate clear, "
            f"{days['intermediate_clouded']:.0f} intermediate with clouds and {days['high']:.0f} high.",
            f"未识别到以下类型的试验日：{'；'.join(chinese[kind] for kind in lacking)}。已识别："
            f"η0 日 {days['eta0']:.0f} 天，中间温度晴天 {days['intermediate']:.0f} 天，"
            f"中间温度多云 {days['intermediate_clouded']:.0f} 天，"
            f"高温 {days['high']:.0f} 天。",
        )


def _incidence(found: Conditions) -> Iterator[Note]:
    highest, asked = found.diagnostics["theta_max"], found.limit("condition_theta")
    least = incidence_asked(found.model.symbols, found.fixed, found.limits)
    if least is not None and highest < least.value:
        yield _note(
            "incidence range small",
            f"The angle of incidence reaches {highest:.0f} deg; {asked:g} deg are expected for the modifier.",
            f"入射角最大为 {highest:.0f}°；确定入射角修正系数一般应达到 {asked:g}°。",
        )


def _losses(found: Conditions) -> Iterator[Note]:
    lowest, highest = found.diagnostics["tm_minus_ta_min"], found.diagnostics["tm_minus_ta_max"]
    near, far = found.limit("condition_zero_loss"), found.limit("condition_tm_minus_ta")
    correlation, bound = found.diagnostics["correlation_a1_a2"], found.limit("correlation_a1_a2")
    if lowest > near:
        yield _note(
            "no low temperature difference",
            f"tm - ta covers {lowest:.1f} to {highest:.1f} K and never comes within {near:g} K of zero, so eta0b is an "
            "extrapolation; add a day with the fluid near ambient temperature.",
            f"tm - ta 的范围为 {lowest:.1f} 至 {highest:.1f} K，未接近零（{near:g} K 以内），eta0b 为外推值；"
            "请增加工质接近环境温度的试验日。",
        )
        if correlation < bound:
            yield _note(
                "a1 and a2 only together",
                f"a1 and a2 have the correlation {correlation:.2f} and there are no data near tm = ta: use them only "
                "together and only within the range measured.",
                f"a1 与 a2 的相关系数为 {correlation:.2f}，且无 tm≈ta 数据；两者只能一并使用，且限于测量范围内。",
            )
    if highest < far:
        yield _note(
            "temperature difference small",
            f"tm - ta reaches {highest:.1f} K; about {far:g} K or the highest required value is expected.",
            f"tm - ta 最高为 {highest:.1f} K；一般应达到约 {far:g} K 或所需最高值。",
        )


def _flow(found: Conditions) -> Iterator[Note]:
    mean, asked = found.diagnostics["flow_per_area_mean"], found.limit("condition_flow")
    allowed = found.limit("condition_flow_range")
    if abs(mean / asked - 1.0) > allowed:
        yield _note(
            "flow unlike the test flow",
            f"The mean flow is {mean:.4f} kg/(s m2); the usual test flow is {asked:g} kg/(s m2).",
            f"平均流量为 {mean:.4f} kg/(s m2)；通常试验流量为 {asked:g} kg/(s m2)。",
        )
    spread = found.diagnostics["flow_per_area_spread"]
    if spread > allowed:
        yield _note(
            "flow differs between windows",
            f"The flow of single windows leaves its mean by up to {100 * spread:.0f} %; "
            f"{100 * allowed:g} % is usually allowed.",
            f"各时段流量偏离总平均最多 {100 * spread:.0f} %；通常允许 {100 * allowed:g} %。",
        )


def _steadiness(found: Conditions) -> Iterator[Note]:
    flow, allowed = found.diagnostics["flow_deviation_max"], found.limit("condition_flow_deviation")
    if found.breaks("flow_deviation_max"):
        yield _note(
            "flow less steady than a test",
            f"Within windows the flow leaves its mean by up to {100 * flow:.1f} %; a test keeps {100 * allowed:g} %.",
            f"时段内流量偏离均值最多 {100 * flow:.1f} %；试验要求 {100 * allowed:g} %。",
        )
    inlet, kept = found.diagnostics["t_in_deviation_max"], found.limit("condition_t_in_deviation")
    if found.breaks("t_in_deviation_max"):
        yield _note(
            "inlet less steady than a test",
            f"Within windows the inlet temperature leaves its mean by up to {inlet:.1f} K; a test keeps {kept:g} K.",
            f"时段内进口温度偏离均值最多 {inlet:.1f} K；试验要求 {kept:g} K。",
        )


def _weather(found: Conditions) -> Iterator[Note]:
    yield from _range(found, "G", "W/m2", "irradiance", "辐照度", ".0f")
    yield from _range(found, "u", "m/s", "air speed", "空气流速", ".1f")
    days, least = found.diagnostics["days"], found.limit("condition_days")
    if days < least:
        yield _note(
            "few days",
            f"The windows used are of {days:.0f} days; at least {least:g} are expected.",
            f"可用时段来自 {days:.0f} 天；一般至少需要 {least:g} 天。",
        )


def _range(found: Conditions, symbol: str, unit: str, english: str, chinese: str, form: str) -> Iterator[Note]:
    low, high = found.diagnostics[f"{symbol}_min"], found.diagnostics[f"{symbol}_max"]
    least, most = found.limit(f"condition_{symbol}_min"), found.limit(f"condition_{symbol}_max")
    if found.breaks(f"{symbol}_min") or found.breaks(f"{symbol}_max"):
        yield _note(
            f"{english} outside test conditions",
            f"The mean {english} of windows used is {low:{form}} to {high:{form}} {unit}; "
            f"test conditions are {least:g} to {most:g} {unit}.",
            f"可用时段平均{chinese}为 {low:{form}} 至 {high:{form}} {unit}；试验条件为 {least:g} 至 {most:g} {unit}。",
        )


def _uncertainty(found: Conditions) -> Iterator[Note]:
    larger = [s for s, by_days in zip(found.model.symbols, found.estimate.by_days, strict=True) if by_days]
    few = found.diagnostics["days"] < found.limit("days_bootstrap")
    if few and not larger:
        yield _note(
            "too few days for the scatter",
            f"The windows are of {found.diagnostics['days']:.0f} days, too few to tell how days scatter: random "
            "uncertainties are those of ordinary least squares, and too small where windows of a day err together.",
            f"时段仅来自 {found.diagnostics['days']:.0f} 天，不足以得知各日之间的离散；随机不确定度取自普通最小二乘，"
            "同一天内误差相关时偏小。",
        )
    elif few:
        yield _note(
            "random uncertainty of few days",
            f"The windows are of {found.diagnostics['days']:.0f} days, so that the random uncertainty is the larger of "
            "ordinary least squares and the scatter of the fits that leave out one day, with Student's t for these "
            f"days; the days were the larger for {', '.join(larger)}.",
            f"时段仅来自 {found.diagnostics['days']:.0f} 天，随机不确定度取普通最小二乘与逐日剔除拟合的离散中较大者，"
            f"并按天数取 t 分布；后者较大的系数：{'、'.join(larger)}。",
        )
    else:
        yield _note(
            "random uncertainty",
            "The random uncertainty is the larger of ordinary least squares and a day-block bootstrap; the bootstrap "
            f"was the larger for {', '.join(larger) or 'none'}.",
            f"随机不确定度取普通最小二乘与按日自助法中较大者；自助法较大的系数：{'、'.join(larger) or '无'}。",
        )
    yield from cause_notes(causes=found.causes, counted={*found.model.needs, *OF_THE_ITEM})


def _fluid(found: Conditions) -> Iterator[Note]:
    count = found.diagnostics["windows_beyond_fluid_table"]
    if count:
        coldest, warmest = found.diagnostics["t_fluid_min"], found.diagnostics["t_fluid_max"]
        low, high = found.diagnostics["t_fluid_table_min"], found.diagnostics["t_fluid_table_max"]
        yield _note(
            "fluid extrapolated",
            f"{count:.0f} windows reach beyond the fluid's tables ({low:.1f} to {high:.1f} degC; the fluid was "
            f"{coldest:.1f} to {warmest:.1f} degC); density and heat capacity were extrapolated there.",
            f"{count:.0f} 个时段超出工质物性表范围（{low:.1f} 至 {high:.1f} degC），"
            f"实测为 {coldest:.1f} 至 {warmest:.1f} degC，其密度与比热容为外推值。",
        )


def _sampling(found: Conditions) -> Iterator[Note]:
    interval, most = found.diagnostics["sample_interval"], found.limit("condition_sample_interval")
    if found.breaks("sample_interval") and "a5" in found.left.names:
        yield _note(
            "samples far apart",
            f"The samples are {interval:g} s apart; a test takes them every {most:g} s or faster. Where clouds pass, "
            "the rate of temperature is then known too roughly and a5 comes out too small (in simulated tests by 3 to "
            "14 % of one-minute and by a third of two-minute samples), which the uncertainty given here does not hold.",
            f"采样间隔为 {interval:g} s；试验要求不大于 {most:g} s。多云时温度变化率因此不够准确，a5 偏小"
            "（模拟试验中一分钟采样偏小 3 % 至 14 %，两分钟采样偏小三分之一），所列不确定度不含此项。",
        )


def _clock(found: Conditions) -> Iterator[Note]:
    count = found.diagnostics["windows_against_the_sun"]
    if count:
        yield _note(
            "record against the sun",
            f"In {count:.0f} windows there is more light than the sun can give where it stands by the record's times "
            "and the item's place, so that every angle of incidence is doubtful; check the time zone, latitude and "
            "longitude with their signs, tilt and azimuth.",
            f"有 {count:.0f} 个时段的辐照度超出按记录时间与试件位置计算的太阳所能给出的值，入射角均不可信；"
            "请检查时区、经纬度及其正负号、倾角与方位角。",
        )


def _transit(found: Conditions) -> Iterator[Note]:
    if not found.transit_known:
        yield _note(
            "transit time unknown",
            "The transit time of the fluid was not stated, so the averaging time was not checked against it.",
            "未说明工质流经时间，平均时间未作核对。",
        )


def _unconfirmed(found: Conditions) -> Iterator[Note]:
    names = [limit.symbol for limit in found.limits.values() if not limit.confirmed]
    if names:
        yield _note(
            "limits not confirmed",
            f"{len(names)} limits have not been compared with the text of the standard: {', '.join(names)}.",
            f"{len(names)} 项限值尚未与标准原文核对：{'、'.join(names)}。",
        )


_WRITERS: tuple[Callable[[Conditions], Iterator[Note]], ...] = (
    _known,
    _axes,
    _dropped,
    _implausible,
    _losses,
    _dependent,
    _days,
    _incidence,
    _flow,
    _steadiness,
    _weather,
    _sampling,
    _clock,
    _fluid,
    _uncertainty,
    _transit,
    _unconfirmed,
)
