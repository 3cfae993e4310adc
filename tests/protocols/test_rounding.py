"""Rounding: the examples of GB/T 8170 and the rules of GUM 7.2.6 and EA-4/02 6.3."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.rounding import report, round_to


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


def test_the_result_shows_the_digits_of_its_interval() -> None:
    assert str(round_to("60.0", "0.5")) == "60.0"
    assert str(round_to("1.999", "0.01")) == "2.00"


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
