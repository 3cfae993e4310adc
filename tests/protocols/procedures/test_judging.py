"""The verdict, branch by branch, on a small procedure made for it; and what a record may not say."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.limits import Limit
from protocols.procedures.judging import Judgement, judge
from protocols.procedures.reading import procedures
from protocols.refusals import NotEvaluable
from tests.protocols.conftest import DATA
from tests.protocols.procedures.records import PROCEDURES, confirmed, good_record, shipped

SMALL = procedures(DATA / "procedures")["small"]
GOOD: dict[str, Any] = {"p": 100.0, "t": 20.0, "leak": "no", "look": "1", "row": [{"hit": "no"}, {"hit": "yes"}]}


def limit(symbol: str, value: float, unit: str, *, sure: bool = True, edition: str = "X:1") -> Limit:
    texts = {"clause": "1", "source": "s", "note_en": "n", "note_zh": "注"}
    return Limit(symbol=symbol, value=value, unit=unit, confirmed=sure, edition=edition, **texts)


LIMITS = {
    one.symbol: one
    for one in (
        limit("p_max", 100.0, "kPa"),
        limit("t_set", 20.0, "degC"),
        limit("t_width", 2.0, "K"),
        limit("rows", 2.0, "1"),
    )
}


@pytest.mark.parametrize(
    ("change", "limits", "verdict", "would_be", "first"),
    [
        ({}, {}, "pass", "pass", None),
        ({"p": 100.01}, {}, "fail", "fail", "failed"),
        ({"t": 22.0}, {}, "pass", "pass", None),
        ({"t": 22.01}, {}, "not judged", "", "not kept"),
        ({"t": 17.9}, {}, "not judged", "", "not kept"),
        ({"leak": "yes"}, {}, "fail", "fail", "failed"),
        ({"leak": True}, {}, "fail", "fail", "failed"),
        ({"look": "2"}, {}, "fail", "fail", "failed"),
        ({"look": "*"}, {}, "not judged", "", "undecided"),
        ({"look": "*", "leak": "yes"}, {}, "fail", "fail", "failed"),
        ({"t": 30.0, "leak": "yes"}, {}, "not judged", "", "failed"),
        ({"p": None}, {}, "not judged", "", "missing"),
        ({"p": None, "leak": "yes"}, {}, "not judged", "", "failed"),
        ({"p": None, "leak": "yes", "stopped": "it broke"}, {}, "fail", "fail", "failed"),
        ({"row": [], "leak": "yes", "stopped": "it broke"}, {}, "fail", "fail", "failed"),
        ({"row": [], "leak": "yes"}, {}, "not judged", "", "failed"),
        ({"stopped": "a storm"}, {}, "not judged", "", "stopped"),
        ({"row": [{"hit": "no"}]}, {}, "not judged", "", "too few"),
        ({}, {"p_max": limit("p_max", 100.0, "kPa", sure=False)}, "not judged", "pass", "limit not confirmed"),
        ({"p": 101.0}, {"p_max": limit("p_max", 100.0, "kPa", sure=False)}, "not judged", "fail", "failed"),
        (
            {"p": 101.0, "leak": "yes"},
            {"p_max": limit("p_max", 100.0, "kPa", sure=False)},
            "fail",
            "fail",
            "failed",
        ),
        ({}, {"p_max": limit("p_max", 100.0, "kPa", edition="Y:1")}, "not judged", "pass", "limit not confirmed"),
        ({}, {"p_max": limit("p_max", float("nan"), "kPa", sure=False)}, "not judged", "", "limit not found"),
        ({}, {"t_width": limit("t_width", float("nan"), "K", sure=False)}, "not judged", "", "limit not found"),
        ({}, {"rows": limit("rows", float("nan"), "1", sure=False)}, "not judged", "", "limit not found"),
        ({"t": 25.0}, {"t_set": limit("t_set", 20.0, "degC", sure=False)}, "not judged", "", "not kept"),
        (
            {"t": 25.0, "leak": "yes"},
            {"t_set": limit("t_set", 20.0, "degC", sure=False)},
            "fail",
            "",
            "failed",
        ),
    ],
)
def test_the_verdict_follows_from_entries_and_limits(
    change: dict[str, Any], limits: dict[str, Limit], verdict: str, would_be: str, first: str | None
) -> None:
    judgement = judge(SMALL, {**GOOD, **change}, {**LIMITS, **limits})
    assert (judgement.verdict, judgement.would_be) == (verdict, would_be)
    assert (judgement.reasons[0].code if judgement.reasons else None) == first
    assert all(note.sentence_en and note.sentence_zh for note in judgement.reasons)


@given(p=st.floats(0.0, 1000.0), t=st.floats(-50.0, 100.0), leak=st.sampled_from(["yes", "no"]))
def test_a_pass_needs_everything_kept_and_doubt_never_turns_into_a_verdict(p: float, t: float, leak: str) -> None:
    sure = judge(SMALL, {**GOOD, "p": p, "t": t, "leak": leak}, LIMITS)
    assert (sure.verdict == "pass") == (p <= 100.0 and 18.0 <= t <= 22.0 and leak == "no")
    doubt = {symbol: limit(symbol, one.value, one.unit, sure=False) for symbol, one in LIMITS.items()}
    unsure = judge(SMALL, {**GOOD, "p": p, "t": t, "leak": leak}, doubt)
    assert unsure.verdict == ("fail" if leak == "yes" else "not judged")
    assert unsure.would_be == sure.would_be


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"p": -1.0}, "The entry p \\(pressure\\) is -1.0; give a number from 0 to 1000 in kPa"),
        ({"p": float("inf")}, "p .* is inf"),
        ({"p": True}, "p .* is True"),
        ({"p": "100"}, "p .* is '100'"),
        ({"leak": "maybe"}, "give yes or no"),
        ({"look": "3"}, "give 0 or 1 or 2 or \\*"),
        ({"kind": "c"}, "give a or b"),
        ({"moment": "2026-03-01T10:00:00"}, "time zone"),
        ({"moment": "yesterday"}, "time zone"),
        ({"profile": [[0, 1], [2]]}, "pairs of numbers"),
        ({"profile": [[0, float("inf")]]}, "pairs of numbers"),
        ({"weight": 1.0}, "entered twice; give two numbers"),
        ({"weight": [1.0, 1.0, 1.0]}, "entered twice"),
        ({"row": {"hit": "no"}}, "list of rows"),
        ({"row": [{"hit": "no", "p": 1.0}]}, "'p', which small does not know in row; known are hit"),
        ({"hit": "no"}, "'hit', which small does not know; known are p, t"),
        ({"stopped": True}, "say in words why"),
    ],
)
def test_a_record_that_cannot_be_right_is_refused_in_a_sentence(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(NotEvaluable, match=sentence) as refusal:
        judge(SMALL, {**GOOD, **change}, LIMITS)
    assert refusal.value.sentence_zh


def test_optional_entries_are_accepted_in_their_own_form() -> None:
    more = {"moment": "2026-03-01T10:00:00+08:00", "profile": [[0, 1], [2, 3]], "kind": "b", "weight": [1, 1.0]}
    assert judge(SMALL, {**GOOD, **more}, LIMITS).verdict == "pass"
    differing = judge(SMALL, {**GOOD, "weight": [1.0, 1.1]}, LIMITS)
    assert (differing.verdict, differing.missing) == ("not judged", ("weight",))


def test_a_limit_in_another_unit_is_never_compared() -> None:
    with pytest.raises(ValueError, match="limit p_max is in Pa and is compared with p in kPa"):
        judge(SMALL, GOOD, {**LIMITS, "p_max": limit("p_max", 100000.0, "Pa")})
    with pytest.raises(NotEvaluable, match="The limit table lacks p_max"):
        judge(SMALL, GOOD, {symbol: one for symbol, one in LIMITS.items() if symbol != "p_max"})


# --- the standard's own shapes: multiples, classes, derived numbers ---


def judged(id_: str, change: Callable[[dict[str, Any]], object]) -> Judgement:
    procedure = PROCEDURES[id_]
    record = good_record(procedure)
    change(record)
    return judge(procedure, record, confirmed(procedure))


@pytest.mark.parametrize(("start", "verdict"), [(900.0, "pass"), (899.0, "not judged")])
def test_the_test_pressure_is_one_and_a_half_times_the_operating_pressure(start: float, verdict: str) -> None:
    made = judged(
        "iso9806-2017-internal-pressure",
        lambda record: record.update(p_max=600.0, p_start=[start] * 2, p_end=[start] * 2),
    )
    assert made.verdict == verdict


@pytest.mark.parametrize(("end", "verdict"), [(860.0, "pass"), (850.0, "fail")])
def test_more_than_a_twentieth_of_the_pressure_lost_fails(end: float, verdict: str) -> None:
    made = judged(
        "iso9806-2017-internal-pressure",
        lambda record: record.update(p_max=600.0, p_start=[900.0] * 2, p_end=[end] * 2),
    )
    assert made.verdict == verdict
    assert made.derived["p_loss"] == pytest.approx(900.0 - end)


@pytest.mark.parametrize(
    ("class_", "H", "verdict"), [("A", 600.0, "pass"), ("A", 599.0, "not judged"), ("C", 420.0, "pass")]
)
def test_the_irradiation_asked_for_is_that_of_the_climate_class(class_: str, H: float, verdict: str) -> None:
    made = judged("iso9806-2017-exposure", lambda record: record.update(climate_class=class_, H=H))
    assert made.verdict == verdict
    assert f"exposure_H_{class_}" in {limit.symbol for limit in made.limits}


@pytest.mark.parametrize(("after", "verdict"), [(30010.0, "pass"), (30010.1, "fail"), (29990.0, "pass")])
def test_rain_that_went_in_is_weighed_per_gross_area(after: float, verdict: str) -> None:
    made = judged(
        "iso9806-2017-rain",
        lambda record: record.update(A_G=2.0, mass_before=[30000.0] * 2, mass_after=[after] * 2),
    )
    assert made.verdict == verdict
    assert made.derived["gain"] == pytest.approx((after - 30000.0) / 2.0)


LADDER = (500.0, 1000.0, 1500.0, 2000.0, 2400.0)


def steps(*pressures: float, broken_at: float = float("inf")) -> list[dict[str, Any]]:
    return [
        {"pressure": each, "broken": "yes" if each >= broken_at else "no", "loose": "no", "deformed": "no"}
        for each in pressures
    ]


@pytest.mark.parametrize(
    ("rows", "verdict", "highest"),
    [
        (steps(500.0, 1000.0, 1500.0, 2000.0, 2400.0), "pass", 2400.0),
        (steps(500.0, 1000.0, 1500.0, 2000.0, 2400.0, 2900.0, broken_at=2900.0), "pass", 2400.0),
        (steps(500.0, 1000.0, 1500.0, 2000.0, 2400.0, broken_at=2400.0), "fail", 2000.0),
        (steps(500.0, broken_at=500.0), "fail", 0.0),
        ([*steps(*LADDER), *steps(2400.0, broken_at=2400.0)], "fail", 2000.0),
        ([*steps(*LADDER), *steps(500.0, broken_at=500.0)], "fail", 0.0),
        (steps(500.0, 1500.0, 2000.0, 2400.0), "not judged", 2400.0),
        (steps(800.0, 1300.0, 1800.0, 2300.0, 2400.0), "not judged", 2400.0),
        (steps(500.0, 1000.0), "fail", 1000.0),
    ],
)
def test_the_highest_load_passed_decides_and_steps_are_not_skipped(
    rows: list[dict[str, Any]], verdict: str, highest: float
) -> None:
    made = judged("iso9806-2017-load-positive", lambda record: record.update(required=[2400.0] * 2, step=rows))
    assert made.verdict == verdict
    assert made.derived["highest_passed"] == highest


def test_no_tenth_drop_is_asked_for_after_the_ball_broke_the_cover() -> None:
    rows = [{"height": 0.4, "drops": 10, "broken": "no"}, {"height": 0.6, "drops": 3, "broken": "yes"}]
    made = judged("iso9806-2017-impact-steel", lambda record: record.update(required=[0.6] * 2, drop=rows))
    assert (made.verdict, made.unmet, made.derived["highest_passed"]) == ("fail", (), 0.4)
    made = judged("iso9806-2017-impact-steel", lambda record: record.update(required=[0.4] * 2, drop=rows))
    assert made.verdict == "pass"


@pytest.mark.parametrize(("speed", "verdict"), [(23.0 * 1.05, "pass"), (24.2, "not judged"), (21.8, "not judged")])
def test_an_ice_ball_flies_within_a_twentieth_of_its_speed(speed: float, verdict: str) -> None:
    shots = [{"mass": 7.53, "speed": speed, "place": "corner", "broken": "no"}]
    made = judged("iso9806-2017-impact-ice", lambda record: record.update(diameter="25", shot=shots))
    assert made.verdict == verdict


def test_the_rating_rule_itself_must_be_confirmed_before_anything_passes_final_inspection() -> None:
    procedure = PROCEDURES["iso9806-2017-final-inspection"]
    made = judge(procedure, good_record(procedure), shipped(procedure))
    assert (made.verdict, made.would_be, made.unconfirmed) == ("not judged", "pass", ("final_rating_max",))
