"""What a quasi-dynamic result must say about the data it comes from: warnings and conditions, in words."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from protocols.limits import Limit
from protocols.method import Note
from protocols.quasidynamic import COEFFICIENTS, Dropped, Estimate

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
)


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """What the notes are written from; `diagnostics` are those of the outcome."""

    diagnostics: Mapping[str, float]
    limits: Mapping[str, Limit]
    dropped: tuple[Dropped, ...]
    estimate: Estimate
    bootstrapped: bool
    transit_known: bool
    common_known: bool

    def limit(self, symbol: str) -> float:
        """Give the value of a limit."""
        return self.limits[symbol].value


def condition_notes(found: Conditions) -> tuple[Note, ...]:
    """Give every note that applies, in a fixed order."""
    return tuple(note for write in _WRITERS for note in write(found))


def _note(code: str, english: str, chinese: str) -> Note:
    return Note(code=code, sentence_en=english, sentence_zh=chinese)


def _dropped(found: Conditions) -> Iterator[Note]:
    for each in found.dropped:
        if each.why == "negative":
            yield _note(
                "set to zero",
                f"{each.name} came out negative ({each.value:.3g}) and was set to zero; the fit was repeated.",
                f"{each.name} 拟合为负值({each.value:.3g}),已置零并重新拟合。",
            )
        else:
            least = found.limit("t_ratio_min")
            yield _note(
                "set to zero",
                f"{each.name} has a t-ratio of {each.t_ratio:.1f}, below {least:g}; it was set to zero and the fit "
                "was repeated.",
                f"{each.name} 的 T 比为 {each.t_ratio:.1f},低于 {least:g},已置零并重新拟合。",
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
            f"tm - ta 的范围为 {lowest:.1f} 至 {highest:.1f} K,未接近零({near:g} K 以内),eta0b 为外推值;"
            "请增加工质接近环境温度的试验日。",
        )
        if correlation < bound:
            yield _note(
                "a1 and a2 only together",
                f"a1 and a2 have the correlation {correlation:.2f} and there are no data near tm = ta: use them only "
                "together and only within the range measured.",
                f"a1 与 a2 的相关系数为 {correlation:.2f},且无 tm≈ta 数据;两者只能一并使用,且限于测量范围内。",
            )
    if highest < far:
        yield _note(
            "temperature difference small",
            f"tm - ta reaches {highest:.1f} K; about {far:g} K or the highest required value is expected.",
            f"tm - ta 最高为 {highest:.1f} K;一般应达到约 {far:g} K 或所需最高值。",
        )


def _flow(found: Conditions) -> Iterator[Note]:
    mean, asked = found.diagnostics["flow_per_area_mean"], found.limit("condition_flow")
    allowed = found.limit("condition_flow_range")
    if abs(mean / asked - 1.0) > allowed:
        yield _note(
            "flow unlike the test flow",
            f"The mean flow is {mean:.4f} kg/(s m2); the usual test flow is {asked:g} kg/(s m2).",
            f"平均流量为 {mean:.4f} kg/(s m2);通常试验流量为 {asked:g} kg/(s m2)。",
        )
    spread = found.diagnostics["flow_per_area_spread"]
    if spread > allowed:
        yield _note(
            "flow differs between windows",
            f"The flow of single windows leaves its mean by up to {100 * spread:.0f} %; "
            f"{100 * allowed:g} % is usually allowed.",
            f"各时段流量偏离总平均最多 {100 * spread:.0f} %;通常允许 {100 * allowed:g} %。",
        )


def _steadiness(found: Conditions) -> Iterator[Note]:
    flow, allowed = found.diagnostics["flow_deviation_max"], found.limit("condition_flow_deviation")
    if flow > allowed:
        yield _note(
            "flow less steady than a test",
            f"Within windows the flow leaves its mean by up to {100 * flow:.1f} %; a test keeps {100 * allowed:g} %.",
            f"时段内流量偏离均值最多 {100 * flow:.1f} %;试验要求 {100 * allowed:g} %。",
        )
    inlet, kept = found.diagnostics["t_in_deviation_max"], found.limit("condition_t_in_deviation")
    if inlet > kept:
        yield _note(
            "inlet less steady than a test",
            f"Within windows the inlet temperature leaves its mean by up to {inlet:.1f} K; a test keeps {kept:g} K.",
            f"时段内进口温度偏离均值最多 {inlet:.1f} K;试验要求 {kept:g} K。",
        )


def _weather(found: Conditions) -> Iterator[Note]:
    yield from _range(found, "G", "W/m2", "irradiance", "辐照度", ".0f")
    yield from _range(found, "u", "m/s", "air speed", "空气流速", ".1f")
    days, least = found.diagnostics["days"], found.limit("condition_days")
    if days < least:
        yield _note(
            "few days",
            f"The windows used are of {days:.0f} days; at least {least:g} are expected.",
            f"可用时段来自 {days:.0f} 天;一般至少需要 {least:g} 天。",
        )


def _range(found: Conditions, symbol: str, unit: str, english: str, chinese: str, form: str) -> Iterator[Note]:
    low, high = found.diagnostics[f"{symbol}_min"], found.diagnostics[f"{symbol}_max"]
    least, most = found.limit(f"condition_{symbol}_min"), found.limit(f"condition_{symbol}_max")
    if low < least or high > most:
        yield _note(
            f"{english} outside test conditions",
            f"The mean {english} of windows used is {low:{form}} to {high:{form}} {unit}; "
            f"test conditions are {least:g} to {most:g} {unit}.",
            f"可用时段平均{chinese}为 {low:{form}} 至 {high:{form}} {unit};试验条件为 {least:g} 至 {most:g} {unit}。",
        )


def _uncertainty(found: Conditions) -> Iterator[Note]:
    if not found.bootstrapped:
        yield _note(
            "too few days for the bootstrap",
            f"The windows are of {found.diagnostics['days']:.0f} days, too few for the day-block bootstrap: random "
            "uncertainties are those of ordinary least squares and probably too small.",
            f"时段仅来自 {found.diagnostics['days']:.0f} 天,不足以按日自助;随机不确定度取自普通最小二乘,可能偏小。",
        )
    else:
        larger = [s for s, boot in zip(COEFFICIENTS, found.estimate.bootstrapped, strict=True) if boot]
        yield _note(
            "random uncertainty",
            "The random uncertainty is the larger of ordinary least squares and a day-block bootstrap; the bootstrap "
            f"was the larger for {', '.join(larger) or 'none'}.",
            f"随机不确定度取普通最小二乘与按日自助法中较大者;自助法较大的系数:{'、'.join(larger) or '无'}。",
        )
    if not found.common_known:
        yield _note(
            "no calibration uncertainty",
            "No common uncertainty of the sensors was given, so the uncertainties hold only the random part.",
            "未给出传感器的共同不确定度,所列不确定度仅含随机部分。",
        )


def _fluid(found: Conditions) -> Iterator[Note]:
    count = found.diagnostics["windows_beyond_fluid_table"]
    if count:
        coldest, warmest = found.diagnostics["t_fluid_min"], found.diagnostics["t_fluid_max"]
        low, high = found.diagnostics["t_fluid_table_min"], found.diagnostics["t_fluid_table_max"]
        yield _note(
            "fluid extrapolated",
            f"{count:.0f} windows reach beyond the fluid's tables ({low:.1f} to {high:.1f} degC; the fluid was "
            f"{coldest:.1f} to {warmest:.1f} degC); density and heat capacity were extrapolated there.",
            f"{count:.0f} 个时段超出工质物性表范围({low:.1f} 至 {high:.1f} degC),"
            f"实测为 {coldest:.1f} 至 {warmest:.1f} degC,其密度与比热容为外推值。",
        )


def _transit(found: Conditions) -> Iterator[Note]:
    if not found.transit_known:
        yield _note(
            "transit time unknown",
            "The transit time of the fluid was not stated, so the averaging time was not checked against it.",
            "未说明工质流经时间,平均时间未作核对。",
        )


def _unconfirmed(found: Conditions) -> Iterator[Note]:
    names = [limit.symbol for limit in found.limits.values() if not limit.confirmed]
    if names:
        yield _note(
            "limits not confirmed",
            f"{len(names)} limits have not been compared with the text of the standard: {', '.join(names)}.",
            f"{len(names)} 项限值尚未与标准原文核对:{'、'.join(names)}。",
        )


_WRITERS: tuple[Callable[[Conditions], Iterator[Note]], ...] = (
    _dropped,
    _losses,
    _flow,
    _steadiness,
    _weather,
    _fluid,
    _uncertainty,
    _transit,
    _unconfirmed,
)
