"""A quasi-dynamic test while it is recorded: would a window that ended now be used, and what is still to be measured.

The windows counted are those of the evaluation; the lights are its tests, asked of the samples of one averaging time
that end the record, which is no window of the clock.
"""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from protocols.limits import Limit
from protocols.quasidynamic.admission import Run, WindowTest, sieved, window_tests
from protocols.quasidynamic.conditions import CONDITIONS, breaks_condition, incidence_asked, say_condition
from protocols.quasidynamic.day_types import day_types
from protocols.quasidynamic.diagnostics import extremes, flow_figures
from protocols.quasidynamic.outcome import window_means
from protocols.watch import FAILS, HOLDS, UNKNOWN, Light, Need, Watched, count, reach
from protocols.windows import Sieve, Windows, sample_interval

Array = NDArray[np.float64]


def newest_window(*, time: Array, averaging_time: float) -> Windows:
    """Give the samples of one averaging time that end a record, as far as they have no gap, as one window."""
    interval = sample_interval(time) if time.size > 1 else averaging_time
    samples = max(round(averaging_time / interval), 1)
    steps = np.flatnonzero(np.abs(np.diff(time[-samples:]) / interval - 1.0) > 0.5)
    first = max(time.size - samples, 0) + (int(steps[-1]) + 1 if steps.size else 0)
    return Windows(
        start=time[first : first + 1] - interval / 2.0,
        complete=np.ones(1, dtype=bool),
        rows=np.arange(first, time.size)[None, :],
        interval=interval,
    )


def watched(*, whole: Run, newest: Run, samples: int) -> Watched:
    """Tell how a test stands.

    whole: the record in its windows.  newest: the same for `newest_window`.  samples: in a full window.
    """
    sieve = sieved(whole)
    enough = newest.cut.rows.shape[1] >= samples
    return Watched(
        stretch=newest.cut.rows.shape[1] * newest.cut.interval,
        used=int(sieve.passed.sum()),
        lights=(*_lights(newest, enough), *_condition_lights(newest, enough)),
        needs=tuple(_needs(whole, sieve)),
        refusals=sieve.refusals,
    )


def _lights(run: Run, enough: bool) -> Iterator[Light]:
    for test in window_tests(run):
        refused = bool(test.refused[0])
        if refused or not test.quiet:
            yield _light(test, FAILS if refused else HOLDS if enough else UNKNOWN)


def _light(test: WindowTest, state: str) -> Light:
    holds = state == HOLDS
    return Light(
        code=test.reason.code,
        name_en=test.name_en,
        name_zh=test.name_zh,
        state=state,
        refuses=True,
        sentence_en="The condition holds." if holds else test.reason.sentence_en if state == FAILS else _SHORT[0],
        sentence_zh="满足条件。" if holds else test.reason.sentence_zh if state == FAILS else _SHORT[1],
        value=_number(test.value),
        limit=test.limit,
        least=test.least,
    )


def _number(value: Array | None) -> float | None:
    return float(value[0]) if value is not None and np.isfinite(value[0]) else None


_SHORT = ("The window is not full yet.", "时段尚未采满。")


def _condition_lights(run: Run, enough: bool) -> Iterator[Light]:
    """The standard's own test conditions, which refuse nothing: the result says where they were left."""
    if any(not np.isfinite(block).all() for block in run.blocks.values()):
        return
    means = window_means(run)
    flow = means["mass_flow"] / run.plant.area
    figures = {
        "sample_interval": run.cut.interval,
        **flow_figures(run, np.ones(1, dtype=bool), flow),
        **extremes(means, ("G", "u")),
    }
    for figure, (limit, least) in CONDITIONS.items():
        broken = breaks_condition(figures, run.limits, figure)
        name, sentence = say_condition(figure, run.limits)
        state = FAILS if broken else HOLDS if enough else UNKNOWN
        told = sentence if broken else _HELD if enough else _SHORT
        yield Light(
            code=limit,
            name_en=name[0],
            name_zh=name[1],
            state=state,
            refuses=False,
            sentence_en=told[0],
            sentence_zh=told[1],
            value=figures[figure],
            limit=run.limits[limit],
            least=least,
        )


_HELD = ("The condition holds.", "满足条件。")


def _needs(run: Run, sieve: Sieve) -> Iterator[Need]:
    used = int(sieve.passed.sum())
    least = run.limits["windows_min"]
    left = max(int(least.value) - used, 0)
    yield count(
        code="windows",
        name=("averaging windows used", "可用平均时段"),
        value=used,
        limit=least,
        required=True,
        advice=(f"Go on measuring: {left} more windows are needed.", f"请继续测量：还需 {left} 个可用时段。"),
    )
    marked = sieve.passed[run.cut.complete]
    yield count(
        code="days",
        name=("days with windows used", "有可用时段的天数"),
        value=float(np.unique(run.days[marked]).size),
        limit=run.limits["condition_days"],
        required=False,
        advice=("Measure on further days.", "请增加试验天数。"),
    )
    if used:
        yield from _needs_of_range(run, sieve)
        yield from _needs_of_days(run, sieve)


def _needs_of_days(run: Run, sieve: Sieve) -> Iterator[Need]:
    points = {name: run.cut.spread(values) for name, values in window_means(run).items()}
    found = day_types(run, {**points, "used": sieve.passed.astype(np.float64)})
    one = _one(run.limits["day_high_share"])
    for kind, name, advice in _DAYS:
        yield count(code=kind, name=name, value=found[f"days_{kind}"], limit=one, required=False, advice=advice)


def _one(like: Limit) -> Limit:
    """At least one day of each type; as unconfirmed as the types themselves."""
    return Limit(
        symbol="days", value=1.0, unit="1", clause=like.clause, source=like.source, confirmed=False,
        note_en=like.note_en, note_zh=like.note_zh, edition=like.edition,
    )  # fmt: skip


_DAYS = (
    (
        "eta0",
        ("clear days near ambient temperature", "晴天且工质接近环境温度的天数"),
        (
            "Measure a clear day with the inlet set so that the mean fluid temperature is near ambient.",
            "请安排一个晴天，设定进口温度使工质平均温度接近环境温度。",
        ),
    ),
    (
        "intermediate_clouded",
        ("days of broken clouds, intermediate temperature", "中间温度且多云的天数"),
        (
            "Measure a day of broken clouds at an intermediate inlet temperature.",
            "请安排一个多云天，进口温度取中间值。",
        ),
    ),
    (
        "high",
        ("days of high temperature", "高温天数"),
        ("Measure a day at the highest inlet temperature.", "请安排一天，进口温度取最高值。"),
    ),
)


def _needs_of_range(run: Run, sieve: Sieve) -> Iterator[Need]:
    marked = sieve.passed[run.cut.complete]
    means: Mapping[str, Array] = {name: values[marked] for name, values in window_means(run).items()}
    near, far = run.limits["condition_zero_loss"], run.limits["condition_tm_minus_ta"]
    yield reach(
        code="tm - ta low",
        name=("lowest tm - ta", "tm - ta 最低值"),
        value=float(means["tm_minus_ta"].min()),
        limit=near,
        least=False,
        advice=(
            f"Lower the inlet temperature until tm - ta is within {near.value:g} K of zero.",
            f"请降低进口温度，使 tm - ta 在零附近 {near.value:g} K 以内。",
        ),
    )
    yield reach(
        code="tm - ta high",
        name=("highest tm - ta", "tm - ta 最高值"),
        value=float(means["tm_minus_ta"].max()),
        limit=far,
        least=True,
        advice=(
            f"Raise the inlet temperature until tm - ta reaches about {far.value:g} K or the highest required value.",
            f"请提高进口温度，使 tm - ta 达到约 {far.value:g} K 或所需最高值。",
        ),
    )
    asked = incidence_asked(run.model.symbols, run.fixed, run.limits)
    if asked is not None:
        yield reach(
            code="incidence",
            name=("largest angle of incidence", "最大入射角"),
            value=float(means["theta"].max()),
            limit=asked,
            least=True,
            advice=(
                "Measure also in the morning and in the evening, at large angles of incidence.",
                "请在早晚入射角较大时也进行测量。",
            ),
        )
