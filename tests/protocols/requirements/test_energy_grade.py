"""Grades of GB 26969, filing checks, and requirements of GB/T 19141-2011 in both ways of comparing."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from protocols.limits import read_limits
from protocols.method import NotEvaluable
from protocols.requirements.energy_grade import (
    TYPES,
    CtpFormula,
    ctp,
    filing_checks,
    grade,
    heater_type,
    stated,
)
from protocols.requirements.products import judge_both_ways
from protocols.requirements.requirements import FULL
from protocols.standards.gbt19141_2011 import OF_TYPE, REQUIREMENTS
from tests.protocols.conftest import ROOT

EDITION = "GB 26969-2011"


def limits(table: str) -> Any:
    return read_limits(ROOT / "config" / "limits" / f"{table}.toml")


LIMITS = limits("gb26969_2011")
SYSTEMS = limits("gbt19141_2011")


def graded(value: str, heater: str = "compact", **how: Any) -> Any:
    return grade(value, heater=heater, limits=LIMITS, edition=EDITION, **how)


# --- grades ---


@pytest.mark.parametrize(
    ("heater", "first", "second"),
    [
        ("compact", "0.50", "0.32"),
        ("separate_direct", "0.48", "0.30"),
        ("separate_indirect", "0.45", "0.28"),
        ("ics", "0.60", "0.40"),
    ],
)
def test_a_threshold_belongs_to_its_grade_and_a_hundredth_less_does_not(heater: str, first: str, second: str) -> None:
    for least, number in ((first, 1), (second, 2), ("0.10", 3)):
        assert graded(least, heater).grade == number
        below = graded(str(Decimal(least) - Decimal("0.01")), heater).grade
        assert below == (number + 1 if number < 3 else None)
    assert graded("0.55", TYPES[heater]).heater == heater


def test_a_published_notice_grades_and_marks_the_label() -> None:
    assert (graded("0.55").grade, graded("0.55").mark) == (1, ">0.50")  # case C01
    assert (graded("0.35", "分离直接式").grade, graded("0.35", "分离直接式").mark) == (2, ">0.30")
    assert (graded("0.20", "分离间接式").grade, graded("0.20", "分离间接式").mark) == (3, ">0.10")  # case C03


def test_the_way_of_comparing_decides_near_a_threshold() -> None:
    assert graded("0.4951").grade == 1  # 0.50 by two decimals
    assert graded("0.4951", by=FULL).grade == 2
    assert graded("0.495").compared == Decimal("0.50")  # a tie to the even digit
    assert graded("0.485", "separate_direct").compared == Decimal("0.48")
    assert graded("0.475", "separate_direct").grade == 1
    with pytest.raises(ValueError, match="values are compared by 'eye'"):
        graded("0.5", by="eye")


def test_a_coefficient_below_the_last_threshold_has_no_grade() -> None:
    found = graded("0.09")
    assert (found.grade, found.threshold, found.mark) == (None, None, "")
    assert "filing is refused" in found.notes[0].sentence_en
    assert graded("-0.2").grade is None


def test_a_grade_says_that_nobody_has_confirmed_its_thresholds() -> None:
    found = graded("0.55")
    assert not found.confirmed
    assert [note.code for note in found.notes] == ["limit not confirmed"] * 3
    sure = {symbol: replace(limit, confirmed=True) for symbol, limit in LIMITS.items()}
    assert grade("0.55", heater="compact", limits=sure, edition=EDITION).confirmed
    assert not grade("0.55", heater="compact", limits=sure, edition="GB 26969-2025").confirmed


def test_an_unknown_type_or_a_text_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no type of water heater; known are compact \(紧凑式\)"):
        heater_type("round")
    with pytest.raises(ValueError, match="not one plain number"):
        graded("0.5 or so")


def test_the_edition_of_2025_grades_nothing_because_its_thresholds_were_not_found() -> None:
    with pytest.raises(NotEvaluable, match="GB 26969-2025 were not found") as refusal:
        grade("0.55", heater="compact", limits=limits("gb26969_2025"), edition="GB 26969-2025")
    assert "GB 26969-2025" in refusal.value.sentence_zh


# --- CTP ---


def test_ctp_is_refused_without_a_formula_and_stated_as_measured() -> None:
    given = {"q_17": 8.0, "U_sl": 12.0, "heater": "compact", "edition": EDITION}
    with pytest.raises(NotEvaluable, match="formula of CTP of GB 26969-2011 is not established"):
        ctp(**given)
    assert ctp(**given, measured="0.41") == Decimal("0.41")


def test_a_registered_formula_computes_for_its_own_edition_only() -> None:
    formula = CtpFormula(
        edition=EDITION, source="a made one, for this test", confirmed_by="nobody", compute=lambda q, U, _: q / U
    )
    given = {"q_17": 8.0, "U_sl": 16.0, "heater": "compact", "formula": formula}
    assert ctp(**given, edition=EDITION) == Decimal("0.5")
    with pytest.raises(NotEvaluable, match="GB 26969-2025"):
        ctp(**given, edition="GB 26969-2025")
    with pytest.raises(ValueError, match="state both"):
        CtpFormula(edition=EDITION, source="", confirmed_by="somebody", compute=lambda q, U, _: q / U)


# --- filing ---


@pytest.mark.parametrize(
    ("quantity", "declared", "measured", "kept"),
    [
        ("CTP", "0.40", "0.40", True),
        ("CTP", "0.41", "0.40", False),
        ("q_17", "7.8", "8.1", True),
        ("q_17", "8.2", "8.1", False),
        ("U_sl", "12", "12", True),
        ("U_sl", "11", "12", False),  # case C30
        ("U_sl", "13", "12", True),
    ],
)
def test_nobody_declares_better_than_measured(quantity: str, declared: str, measured: str, kept: bool) -> None:
    (check,) = filing_checks(declared={quantity: declared}, measured={quantity: measured})
    assert check.kept is kept
    assert check.note.code == ("kept" if kept else "rejected")


def test_what_was_not_measured_cannot_be_filed() -> None:
    for declared in ({"CTP": "0.4"}, {"colour": "1"}):
        with pytest.raises(ValueError, match="cannot be checked"):
            filing_checks(declared=declared, measured={"U_sl": "12"})


@pytest.mark.parametrize(
    ("quantity", "value", "digits"),
    [
        ("CTP", "0.4951", "0.50"),
        ("q_17", "7.75", "7.8"),
        ("U_sl", "16.50", "16"),
        ("U_sl", "16.51", "17"),
        ("A_c", "2.345", "2.34"),
        ("V_s", "0.1515", "0.152"),
        ("tube_length", "1.85", "1.8"),
    ],
)
def test_the_portal_prints_its_digits_once_half_to_even(quantity: str, value: str, digits: str) -> None:
    assert str(stated(quantity, value, LIMITS)) == digits
    with pytest.raises(ValueError, match="known are CTP, q_17, U_sl"):
        stated("colour", "1", LIMITS)


# --- GB/T 19141-2011 ---


@pytest.mark.parametrize(
    ("value", "full", "rounded", "integer"),
    [
        ("16", "pass", "pass", "16"),
        ("16.40", "fail", "pass", "16"),
        ("16.50", "fail", "pass", "16"),
        ("16.51", "fail", "fail", "17"),
        ("16.3976", "fail", "pass", "16"),  # case S22
        ("11.3665", "pass", "pass", "11"),  # case S21
    ],
)
def test_a_loss_factor_is_judged_in_both_ways_and_both_are_kept(
    value: str, full: str, rounded: str, integer: str
) -> None:
    both = judge_both_ways(REQUIREMENTS["loss"], value, SYSTEMS, edition="GB/T 19141-2011")
    assert (both.full.would_be, both.rounded.would_be) == (full, rounded)
    assert both.full.compared == Decimal(value)
    assert str(both.rounded.compared) == integer
    assert both.differ is (full != rounded)
    assert both.full.verdict == both.rounded.verdict == "not judged"


def test_an_integral_store_may_lose_five_times_as_much() -> None:
    both = judge_both_ways(REQUIREMENTS["loss-ics"], "79.9", SYSTEMS, edition="GB/T 19141-2011")
    assert both.full.would_be == "pass"
    assert REQUIREMENTS[OF_TYPE["ics"][0]].limit == "U_sl_max_ics"
    assert set(OF_TYPE) == set(TYPES)


def test_the_daily_heat_is_not_judged_because_no_limit_was_found() -> None:
    for name in ("gain-direct", "gain-indirect", "gain-ics"):
        both = judge_both_ways(REQUIREMENTS[name], "7.9", SYSTEMS, edition="GB/T 19141-2011")
        assert (both.full.verdict, both.full.would_be) == ("not judged", "")
        assert both.full.reasons[0].code == "limit not found"


def test_a_value_worse_than_declared_fails_whatever_the_limit() -> None:
    both = judge_both_ways(REQUIREMENTS["gain-direct"], "7.9", SYSTEMS, edition="GB/T 19141-2011", declared="8.0")
    assert both.full.verdict == "fail"
