"""Rounding: the examples of GB/T 8170 and the rules of GUM 7.2.6 and EA-4/02 6.3."""

import json
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.rounding import Marked, decimal, marked, read_marked, report, round_marked, round_to
from tests.protocols.conftest import DATA

PUBLISHED = [
    case
    for case in json.loads((DATA / "rounding" / "cases.json").read_text("utf-8"))["gbt8170"]
    if "x" in case["inputs"]
]


@pytest.mark.parametrize(
    ("value", "interval", "rounded"),
    [
        # GB/T 8170-2008, 3.2 to 3.4 as commonly retold: even-odd rule, intervals of 0.5 and 0.2 units
        ("12.1498", "0.1", "12.1"),
        ("12.1498", "1", "12"),
        ("1268", "100", "1300"),
        ("10.5002", "1", "11"),
        ("1.050", "0.1", "1.0"),
        ("0.35", "0.1", "0.4"),
        ("2500", "1000", "2000"),
        ("3500", "1000", "4000"),
        ("0.0325", "0.001", "0.032"),
        ("32500", "1000", "32000"),
        ("15.4546", "1", "15"),
        ("60.25", "0.5", "60.0"),
        ("60.38", "0.5", "60.5"),
        ("60.28", "0.5", "60.5"),
        ("-60.75", "0.5", "-61.0"),
        ("830", "20", "840"),
        ("842", "20", "840"),
        ("832", "20", "840"),
        ("-930", "20", "-920"),
        # what a binary float gets wrong
        ("2.675", "0.01", "2.68"),
    ],
)
def test_a_value_is_rounded_to_the_interval_with_ties_to_even(value: str, interval: str, rounded: str) -> None:
    assert round_to(value, interval) == Decimal(rounded)
    assert round_to(Decimal(value), Decimal(interval)) == Decimal(rounded)


@pytest.mark.parametrize("case", PUBLISHED, ids=lambda case: case["id"])
def test_published_examples_are_rounded_as_printed(case: dict[str, dict[str, str] | str]) -> None:
    assert str(round_to(case["inputs"]["x"], case["inputs"]["interval"])) == case["published"]


@pytest.mark.parametrize(
    ("value", "interval", "printed"),
    [
        ("60.0", "0.5", "60.0"),
        ("1.999", "0.01", "2.00"),
        ("1262.135", "1E+1", "1260"),  # never 1.26E+3
        ("1.2E+3", "0.1", "1200.0"),
        ("-0.4", "1", "0"),  # never -0
        ("-0.0", "0.1", "0.0"),
        ("12", "5", "10"),
        ("12.5", "5", "10"),  # a tie of 2 and 3 fives: the even multiple
        ("0.45", "0.3", "0.6"),  # a tie although 0.45/0.3 has no finite binary form
        ("150", "100", "200"),
        ("250", "100", "200"),
        ("9" * 300 + ".5", "1", "1" + "0" * 300),
        ("1" + "0" * 300 + ".5", "1", "1" + "0" * 300),
        ("-" + "1" * 300 + ".6", "1", "-" + "1" * 299 + "2"),
        ("0." + "4" + "9" * 500, "1", "0"),
        ("5e-400", "1E-399", "0." + "0" * 399),
    ],
)
def test_the_result_shows_the_digits_of_its_interval(value: str, interval: str, printed: str) -> None:
    assert f"{round_to(value, interval):f}" == printed
    assert round_to(value, interval).as_tuple().exponent <= 0


@given(st.decimals(-1000, 1000, places=4), st.sampled_from(["0.0007", "0.03", "0.2", "0.5", "1", "3", "20", "1E+1"]))
def test_rounding_is_that_of_exact_fractions_and_symmetric_about_zero(value: Decimal, interval: str) -> None:
    rounded = round_to(value, interval)
    assert Fraction(rounded) == round(Fraction(value) / Fraction(interval)) * Fraction(interval)
    assert round_to(-value, interval) == -rounded


@given(st.decimals(-1_000_000, 1_000_000, places=6), st.sampled_from(["0.001", "0.01", "0.02", "0.5", "1", "20"]))
def test_rounding_moves_by_half_an_interval_at_most_and_not_twice(value: Decimal, interval: str) -> None:
    once = round_to(value, interval)
    assert abs(once - value) <= Decimal(interval) / 2
    assert round_to(once, interval) == once


def test_a_float_is_refused_because_its_digits_are_not_those_that_were_read() -> None:
    with pytest.raises(TypeError, match="not float"):
        round_to(2.675, "0.01")  # type: ignore[arg-type]


@pytest.mark.parametrize("interval", ["0", "-0.1"])
def test_an_interval_that_is_not_positive_is_refused(interval: str) -> None:
    with pytest.raises(ValueError, match="positive"):
        round_to("1", interval)


@pytest.mark.parametrize(
    "text",
    ["", " ", "abc", "1,5", "1 000", "12 %", "NaN", "inf", "-Infinity", "１２", "1_000", "1e", "0x1F", "1e99999"],
)
def test_a_text_that_is_not_one_plain_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not one plain number"):
        round_to(text, "0.1")
    with pytest.raises(ValueError, match="not one plain number"):
        round_to("1", text)


def test_what_cannot_have_been_measured_is_refused() -> None:
    with pytest.raises(ValueError, match="missing"):
        round_to(Decimal("NaN"), "1")
    with pytest.raises(ValueError, match="1000 digits"):
        round_to("1e5000", "1")
    with pytest.raises(TypeError, match="not int"):
        round_to(5, "1")  # type: ignore[arg-type]
    assert decimal(" 12.50 ") == Decimal("12.50")


@pytest.mark.parametrize(
    ("value", "reported", "then"),
    [
        # GB/T 8170 on rounding that cannot be avoided: reported to one decimal, rounded to units by someone else
        ("15.4546", "15.5(-)", "15"),
        ("-15.4546", "-15.5(-)", "-15"),
        ("16.5203", "16.5(+)", "17"),
        ("-16.5203", "-16.5(+)", "-17"),
        ("17.5000", "17.5", "18"),
        ("16.5", "16.5", "16"),
        ("16.4", "16.4", "16"),
        ("16.62", "16.6(+)", "17"),
    ],
)
def test_a_marked_value_is_rounded_on_as_if_it_had_been_rounded_once(value: str, reported: str, then: str) -> None:
    assert str(marked(value, "0.1")) == reported
    assert round_marked(reported, "1").value == Decimal(then) == round_to(value, "1")


@given(st.decimals(-100, 100, places=5))
def test_rounding_through_marks_never_differs_from_rounding_once(value: Decimal) -> None:
    step = marked(value, "0.001")
    for interval in ("0.01", "0.1", "0.5", "1"):
        step = round_marked(step, interval)
        assert step == marked(value, interval)
    assert round_marked(str(step), "10").value == round_to(value, "10")


def test_marks_are_read_in_both_widths_of_parentheses() -> None:
    assert read_marked("16.50(+)") == read_marked("16.50（+）") == Marked(value=Decimal("16.50"), mark=1)
    assert read_marked("16.50") == Marked(value=Decimal("16.50"))
    with pytest.raises(ValueError, match="not one plain number"):
        read_marked("16.50(?)")


def test_one_digit_of_an_uncertainty_is_raised_where_it_would_lose_more_than_five_percent() -> None:
    assert report(0.5, 0.1449, digits=1) == ("0.5", "0.2")  # EA-4/02 6.3: 31 % would be lost
    assert report(0.5, 0.0996, digits=1) == ("0.5", "0.1")
    with pytest.raises(ValueError, match="one or two"):
        report(0.5, 0.1, digits=3)


@pytest.mark.parametrize(
    ("value", "uncertainty", "printed"),
    [
        (10.05762, 0.027, ("10.058", "0.027")),  # GUM 7.2.6
        (1.23456, 0.0996, ("1.23", "0.10")),  # decade carry
        (123.456, 9.96, ("123", "10")),  # decade carry across the point
        (0.728349, 0.01734, ("0.728", "0.017")),
        (8123.4, 403.3, ("8120", "400")),
        (12345.6, 1234.0, ("12300", "1200")),
        (0.5, 1.049, ("0.5", "1.0")),  # EA-4/02: 4.7 % lost is allowed
        (0.5, 0.1049, ("0.50", "0.10")),
        (-0.0001, 0.1, ("0.00", "0.10")),  # no minus on a zero
        (1e-7, 1e-9, ("0.0000001000", "0.0000000010")),
        (2.675, 0.10, ("2.68", "0.10")),
        (1e20, 1.0, ("100000000000000000000.0", "1.0")),
    ],
)
def test_value_and_uncertainty_are_printed_to_the_same_place(
    value: float, uncertainty: float, printed: tuple[str, str]
) -> None:
    assert report(value, uncertainty) == printed


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_the_printed_uncertainty_has_two_significant_digits_and_loses_at_most_five_percent(
    value: float, uncertainty: float
) -> None:
    printed, spread = report(value, uncertainty)
    assert len(spread.replace(".", "").lstrip("0").rstrip("0")) <= 2
    exact = Decimal(repr(uncertainty))
    assert Decimal("0.95") * exact <= Decimal(spread) <= Decimal("1.1") * exact
    assert abs(Decimal(printed) - Decimal(repr(value))) <= Decimal(spread) / 20
    assert "E" not in printed + spread


@pytest.mark.parametrize(("value", "uncertainty"), [(1.0, 0.0), (1.0, -1.0), (1.0, float("nan")), (float("inf"), 1.0)])
def test_what_has_no_uncertainty_has_no_printed_form(value: float, uncertainty: float) -> None:
    with pytest.raises(ValueError, match="cannot be reported"):
        report(value, uncertainty)
