"""What is stated of a measured value: by the rule, and nothing by a limit that nobody has confirmed."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from scipy import stats

from protocols.conformity import GUARDED, SIMPLE, Rule
from protocols.limits import Limit, read_limits
from protocols.requirements.sets import RequirementSet, requirement_sets
from protocols.requirements.statement import Measured, Stated, state

ROOT = Path(__file__).parents[3]
SETS = requirement_sets(ROOT / "config" / "requirements")
COMPACT = SETS["gbt19141-2011-compact"]


def _limits(one: RequirementSet = COMPACT) -> dict[str, Limit]:
    return read_limits(ROOT / "config" / "limits" / f"{one.limit_table}.toml")


def _confirmed() -> dict[str, Limit]:
    """As after the quality manager has read 16 W/(m3 K) in the standard."""
    limits = _limits()
    return {**limits, "U_sl_max": replace(limits["U_sl_max"], value=16.0, confirmed=True)}


def _loss(value: float | None = 15.0, u: float | None = 0.1, k: float | None = 2.0) -> Measured:
    return Measured(symbol="U_sl", value=value, unit="W/(m3 K)", standard_uncertainty=u, coverage_factor=k)


def _state(
    measured: Measured, limits: dict[str, Limit], rule: Rule = GUARDED, edition: str = COMPACT.edition
) -> Stated:
    (found,) = state(COMPACT.requirements, [measured], limits, edition=edition, rule=rule)
    return found


# ILAC-G8:09/2019, 4.2: with w = U = 0.2 the acceptance limit of "at most 16" is 15.8, and the bands are 0.2 wide
@pytest.mark.parametrize(
    ("value", "rule", "verdict"),
    [
        (15.8, GUARDED, "pass"),
        (15.9, GUARDED, "conditional pass"),
        (16.1, GUARDED, "conditional fail"),
        (16.3, GUARDED, "fail"),
        (16.0, SIMPLE, "pass"),
        (16.001, SIMPLE, "fail"),  # 16.0 when printed: the full value is compared
    ],
)
def test_a_confirmed_limit_is_judged_by_the_agreed_rule(value: float, rule: Rule, verdict: str) -> None:
    found = _state(_loss(value), _confirmed(), rule)
    assert found.verdict == verdict
    assert found.reasons == ()
    outside = stats.norm.sf((16.0 - value) / 0.1)
    assert found.decision is not None
    assert found.decision.risk == pytest.approx(outside if verdict.endswith("pass") else 1.0 - outside, rel=1e-6)


def test_the_guard_band_is_the_expanded_uncertainty_that_is_reported() -> None:
    """With k = 2.87 (4 degrees of freedom) U is 0.287: 15.75 lies within 0.287 of the limit, and not within 0.2."""
    assert _state(_loss(15.75, k=2.0), _confirmed()).verdict == "pass"
    assert _state(_loss(15.75, k=2.87), _confirmed()).verdict == "conditional pass"


@pytest.mark.parametrize(
    ("measured", "change", "edition", "code"),
    [
        (_loss(), {"confirmed": False}, COMPACT.edition, "limit not confirmed"),
        (_loss(99.0), {"confirmed": False}, COMPACT.edition, "limit not confirmed"),
        (_loss(), {}, "GB/T 19141-2025", "limit not confirmed"),
        (_loss(), {"value": math.nan, "confirmed": False}, COMPACT.edition, "limit not found"),
        (_loss(u=None), {}, COMPACT.edition, "no uncertainty"),
        (_loss(u=0.0), {}, COMPACT.edition, "no uncertainty"),
        (_loss(k=None), {}, COMPACT.edition, "no uncertainty"),
        (_loss(None), {}, COMPACT.edition, "no value"),
    ],
)
@pytest.mark.parametrize("rule", [GUARDED, SIMPLE])
def test_nothing_is_stated_without_a_confirmed_limit_and_an_uncertainty(
    measured: Measured, change: dict[str, object], edition: str, code: str, rule: Rule
) -> None:
    limits = _confirmed()
    limits["U_sl_max"] = replace(limits["U_sl_max"], **change)  # type: ignore[arg-type]
    found = _state(measured, limits, rule, edition)
    assert (found.verdict, found.decision) == ("not judged", None)
    assert [one.code for one in found.reasons] == [code]
    assert all(one.sentence_zh.startswith("不作判定：") for one in found.reasons)


def test_a_limit_whose_area_nobody_has_found_is_not_judged_by_even_if_confirmed() -> None:
    flat = SETS["gbt6424-2021"]
    limits = {name: replace(one, value=0.7, confirmed=True) for name, one in _limits(flat).items()}
    value = Measured(symbol="eta0", value=0.8, unit="1", standard_uncertainty=0.01, coverage_factor=2.0)
    (found,) = state(flat.requirements, [value], limits, edition=flat.edition, rule=SIMPLE)
    assert (found.verdict, [one.code for one in found.reasons]) == ("not judged", ["basis not found"])


def test_quantities_without_a_requirement_are_left_out_and_so_are_requirements_without_a_quantity() -> None:
    other = Measured(symbol="H", value=17.0, unit="MJ/m2", standard_uncertainty=0.1, coverage_factor=2.0)
    assert state(COMPACT.requirements, [other], _confirmed(), edition=COMPACT.edition, rule=SIMPLE) == ()


def test_each_set_names_one_requirement_a_quantity_and_its_limit_stands_in_its_table() -> None:
    assert {"gbt17049-2024-58", "gbt17581-2021-reflector", "gbt19141-2011-ics", "gbt6424-2007"} <= set(SETS)
    for one in SETS.values():
        limits, quantities = _limits(one), [each.quantity for each in one.requirements]
        assert len(quantities) == len(set(quantities)), one.id
        rows = [(limits[symbol], each) for each in one.requirements for symbol in each.limits_used]
        assert all(limit.unit == each.unit for limit, each in rows), one.id
        assert {limit.edition for limit, _ in rows} == {one.edition}, one.id
        asked = {field.symbol for field in one.item}
        assert all(each.limits_used or each.declared in asked for each in one.requirements), one.id


# --- what the company declares: by the filing portal, q_17 at most and U_sl at least as measured ---

LABELLED = SETS["gb26969-2011-compact"]
LABEL_LIMITS = {name: replace(one, confirmed=True) for name, one in _limits(LABELLED).items()}


def _labelled(
    declared: dict[str, float], limits: dict[str, Limit] = LABEL_LIMITS, rule: Rule = SIMPLE, **measured: Measured
) -> dict[str, Stated]:
    values = [*(measured or {"loss": _loss()}).values()]
    found = state(LABELLED.requirements, values, limits, edition=LABELLED.edition, rule=rule, declared=declared)
    return {one.requirement.quantity: one for one in found}


@pytest.mark.parametrize(
    ("declared", "rule", "verdict"),
    [
        (15.0, SIMPLE, "pass"),
        (14.99, SIMPLE, "fail"),
        (15.2, GUARDED, "pass"),
        (15.1, GUARDED, "conditional pass"),
        (14.5, GUARDED, "fail"),
    ],
)
def test_what_is_declared_is_the_limit_of_what_was_measured(declared: float, rule: Rule, verdict: str) -> None:
    assert _labelled({"declared_U_sl": declared}, rule=rule)["U_sl"].verdict == verdict
    gain = Measured(symbol="q_17", value=7.6, unit="MJ/m2", standard_uncertainty=0.1, coverage_factor=2.0)
    assert _labelled({"declared_q_17": 7.5}, gain=gain)["q_17"].verdict == "pass"
    assert _labelled({"declared_q_17": 7.7}, gain=gain)["q_17"].verdict == "fail"


def test_what_nobody_declared_is_not_judged_and_says_so() -> None:
    found = _labelled({})
    assert {name: one.verdict for name, one in found.items()} == {"U_sl": "not judged", "CTP": "not judged"}
    for one in found.values():
        (note,) = one.reasons
        assert note.code == "not declared"
        assert note.sentence_zh.startswith("不作判定：样品参数中没有委托单位标注的")


@pytest.mark.parametrize(
    ("ctp", "verdict", "grade", "code"),
    [
        (0.55, "pass", 1, "grade"),
        (0.32, "pass", 2, "grade"),
        (0.10, "pass", 3, "grade"),
        (0.09, "fail", None, "below the grades"),
        (0.4951, "not judged", None, "way of comparing decides"),  # 0.50 when rounded to two decimals
    ],
)
def test_a_declared_ctp_is_graded_and_the_measured_one_is_not_judged(
    ctp: float, verdict: str, grade: int | None, code: str
) -> None:
    """Thresholds 0.50, 0.32 and 0.10 of compact systems, public code of the filing portal."""
    found = _labelled({"declared_CTP": ctp})["CTP"]
    assert (found.verdict, found.grade, found.reasons[0].code) == (verdict, grade, code)
    if verdict != "not judged":
        assert found.reasons[-1].code == "CTP not measured"


def test_no_grade_is_given_by_thresholds_that_are_not_all_confirmed_or_not_there() -> None:
    one_open = {**LABEL_LIMITS, "grade_1_compact": replace(LABEL_LIMITS["grade_1_compact"], confirmed=False)}
    assert _labelled({"declared_CTP": 0.4}, one_open)["CTP"].reasons[0].code == "limit not confirmed"
    lost = {**LABEL_LIMITS, "grade_2_compact": replace(LABEL_LIMITS["grade_2_compact"], value=math.nan)}
    assert _labelled({"declared_CTP": 0.4}, lost)["CTP"].reasons[0].code == "limit not found"


def test_no_grade_stands_alone_beside_a_result_it_does_not_concern() -> None:
    other = Measured(symbol="H", value=17.0, unit="MJ/m2", standard_uncertainty=0.1, coverage_factor=2.0)
    assert _labelled({"declared_CTP": 0.55}, other=other) == {}
