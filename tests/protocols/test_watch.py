"""The watch on a growing record against the evaluation: the same windows, points and reasons, no rule of its own."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from protocols.method import methods
from protocols.record import Record
from protocols.refusals import NotEvaluable
from protocols.steady import Criterion, search, standing
from protocols.watch import FAILS, HOLDS, UNKNOWN, Light, Need, Watched
from tests.protocols.conftest import Case, examples, limits_of

WATCHED = sorted(name for name, one in methods().items() if one.watch is not None)


def cut(record: Record, rows: int) -> Record:
    return replace(record, time=record.time[:rows], columns={s: v[:rows] for s, v in record.columns.items()})


def watch(case: Case, rows: int | None = None) -> Watched:
    look = methods()[case.method].watch
    assert look is not None
    record = case.record if rows is None else cut(case.record, rows)
    found: Watched = look(record=record, item=case.item, limits=case.limits)
    return found


def test_both_ways_to_measure_a_collector_can_be_watched() -> None:
    assert {"iso9806-2017-qdt", "iso9806-2017-sst", "gbt4271-2021-qdt", "gbt4271-2021-sst"} <= set(WATCHED)
    assert methods()["iso9806-2017-sst-points"].watch is None


@pytest.mark.parametrize("method", WATCHED)
def test_what_is_counted_is_what_the_evaluation_uses_and_refuses(method: str) -> None:
    case = examples()[method]()
    found, outcome = watch(case), case.evaluate()
    assert found.used == int(outcome.points["used"].sum()) > 0
    assert found.refusals == outcome.refusals


def test_lights_hold_exactly_where_the_window_that_ends_now_is_used() -> None:
    case = _spoilt(examples()["iso9806-2017-qdt"]())
    outcome, length = case.evaluate(), float(case.item["averaging_time"])
    states, told = set(), set()
    for place in range(0, outcome.points["time"].size, 7):
        start, used = outcome.points["time"][place], bool(outcome.points["used"][place])
        rows = int(np.searchsorted(case.record.time, start + length))
        if not np.isfinite(outcome.points["G"][place]):
            continue  # an incomplete window
        found = watch(case, rows)
        states.add(found.state)
        assert (found.state == HOLDS) == used, place
        if not used:
            reason = outcome.refusals[int(outcome.points["refusal"][place])]
            failing = [light for light in found.lights if light.refuses and light.state == FAILS]
            assert reason.sentence_en in {light.sentence_en for light in failing}
            told.add(reason.code)
    assert states == {HOLDS, FAILS}
    assert told == {"missing value", "irradiance low", "flow low", "flow unsteady", "inlet unsteady"}


def _spoilt(case: Case) -> Case:
    """Here and there a window that is refused, each kind in turn."""
    columns = {s: v.copy() for s, v in case.record.columns.items()}
    rows = int(float(case.item["averaging_time"]) / np.median(np.diff(case.record.time)))
    for number, first in enumerate(range(0, case.record.time.size - rows, 14 * rows)):
        here = slice(first, first + rows)
        match number % 5:
            case 0:
                columns["u"][first + 1] = np.nan
            case 1:
                columns["G"][here], columns["Gd"][here] = 20.0, 10.0
            case 2:
                columns["V_dot"][here] *= 0.01
            case 3:
                columns["V_dot"][first + 2] *= 1.3
            case 4:
                columns["t_in"][first + 3] += 8.0
    return replace(case, record=replace(case.record, columns=columns))


def test_a_window_that_is_not_full_yet_holds_nowhere_and_fails_where_it_must() -> None:
    case = examples()["iso9806-2017-qdt"]()
    outcome = case.evaluate()
    start = outcome.points["time"][outcome.points["used"] > 0][0]
    first = int(np.searchsorted(case.record.time, start))
    young = replace(case, record=replace(
        case.record, time=case.record.time[first : first + 3],
        columns={s: v[first : first + 3] for s, v in case.record.columns.items()},
    ))  # fmt: skip
    assert {light.state for light in watch(young).lights if light.refuses} == {UNKNOWN}
    dark = {**young.record.columns, "G": np.full(3, 10.0), "Gd": np.full(3, 5.0)}
    failing = [light for light in watch(replace(young, record=replace(young.record, columns=dark))).lights
               if light.refuses and light.state == FAILS]  # fmt: skip
    assert [light.code for light in failing] == ["irradiance low"]
    assert (failing[0].value, failing[0].least) == (10.0, True)


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_the_first_scans_are_answered_and_break_nothing(rows: int) -> None:
    for method in WATCHED:
        case = examples()[method]()
        with suppress(NotEvaluable):  # one sample has no rate of temperature: told in a sentence
            found = watch(case, rows)
            assert found.used == 0
            assert found.state != HOLDS


def test_a_missing_reading_now_fails_in_words() -> None:
    for method in ("iso9806-2017-qdt", "iso9806-2017-sst"):
        case = examples()[method]()
        lost = {s: v.copy() for s, v in case.record.columns.items()}
        lost["V_dot"][-1] = np.nan
        found = watch(replace(case, record=replace(case.record, columns=lost)))
        assert found.state == FAILS
        assert "is missing" in found.advice[0]
        assert "缺" in found.advice[1]


# --- steady intervals -----------------------------------------------------------------------------------------

RNG = np.random.default_rng(4271)


def _columns(size: int) -> dict[str, Any]:
    t_in = 30.0 + 0.04 * RNG.standard_normal(size) + np.where(np.arange(size) // 37 % 3 == 1, 2.0, 0.0)
    flow = 0.02 * (1.0 + 0.003 * RNG.standard_normal(size))
    t_in[RNG.integers(0, size, 3)] = np.nan
    return {"t_in": t_in, "V_dot": flow, "G": 800.0 + 30.0 * np.sin(np.arange(size) / 9.0)}


def test_every_criterion_stands_as_the_search_finds_it_for_the_stretch_that_ends_now() -> None:
    limit = limits_of("iso9806-2017-sst")
    criteria = [
        Criterion(symbol="G", kind="mean at least", limit=limit["steady_G_min"]),
        Criterion(symbol="G", kind="deviation", limit=limit["steady_G"]),
        Criterion(symbol="t_in", kind="deviation", limit=limit["steady_t_in"]),
        Criterion(symbol="V_dot", kind="relative deviation", limit=limit["steady_flow"]),
        Criterion(symbol="t_in", kind="deviation", limit=limit["preconditioning_t_in"], preconditioned=True),
    ]
    columns, time = _columns(400), 60.0 * np.arange(400.0)
    time[200:] += 600.0  # a gap
    how: dict[str, Any] = {"criteria": criteria, "measuring_time": 600.0, "preconditioning_time": 900.0}
    found = search(time=time, columns=columns, **how)
    passed = 0
    for last in range(30, 400):
        stands = standing(time=time[:last], columns={s: v[:last] for s, v in columns.items()}, **how)
        holds = all(each.holds and each.full for each in stands)
        assert holds == bool(found.sieve.passed[last - 10]), last
        passed += holds
    assert 20 < passed < 300


# --- what to do next ------------------------------------------------------------------------------------------


def light(state: str, *, refuses: bool = True) -> Light:
    return Light(
        code="x", name_en="x", name_zh="某", state=state, refuses=refuses, sentence_en="Too dark.", sentence_zh="太暗。"
    )


def need(value: float, *, required: bool, advice: str) -> Need:
    return Need(
        code="n", name_en="n", name_zh="数", value=value, needed=3.0, unit="1", least=True, confirmed=True,
        required=required, advice_en=advice, advice_zh=advice,
    )  # fmt: skip


MORE, MUST = need(1, required=True, advice="more"), need(2, required=True, advice="must")
WISH, DONE = need(1, required=False, advice="wish"), need(3, required=True, advice="done")


@pytest.mark.parametrize(
    ("lights", "needs", "state", "said"),
    [
        ((light(HOLDS), light(FAILS)), (MORE,), FAILS, "Too dark."),
        ((light(HOLDS), light(UNKNOWN)), (MORE,), UNKNOWN, "more"),
        ((light(HOLDS), light(FAILS, refuses=False)), (WISH, MUST), HOLDS, "must"),
        ((light(HOLDS),), (WISH, DONE), HOLDS, "wish"),
        ((light(HOLDS),), (DONE,), HOLDS, "sealed and evaluated"),
        ((), (), UNKNOWN, "sealed and evaluated"),
    ],
)
def test_the_next_thing_to_do_is_the_most_urgent(lights: Any, needs: Any, state: str, said: str) -> None:
    found = Watched(stretch=600.0, used=0, lights=lights, needs=needs, refusals=())
    assert found.state == state
    assert said in found.advice[0]
