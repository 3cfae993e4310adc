"""Units at the boundary convert the same quantity and refuse every other, in a sentence."""

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims import units
from lims.errors import BadInput

# Expected numbers: the definitions of the SI Brochure (9th edition) and of NIST SP 811 (appendix B.8).
EXACT = [
    (0.0, "degC", "K", 273.15),
    (100.0, "degC", "degF", 212.0),
    (-40.0, "degF", "degC", -40.0),
    (293.15, "K", "degC", 20.0),
    (20.0, "°C", "degC", 20.0),
    (1.0, "kW/m2", "W/m2", 1000.0),
    (1.0, "W/m²", "W/m2", 1.0),
    (60.0, "l/min", "m3/s", 0.001),
    (3.6, "m3/h", "m3/s", 0.001),
    (1.0, "kJ/(kg K)", "J/(kg K)", 1000.0),
    (1.0, "kJ/(kg degC)", "J/(kg K)", 1000.0),
    (72.0, "kg/(h m2)", "kg/(s m2)", 0.02),
    (50.0, "%", "1", 0.5),
    (1.0, "bar", "kPa", 100.0),
    (36.0, "km/h", "m/s", 10.0),
    (180.0, "deg", "rad", np.pi),
    (2.0, "s-1", "1/min", 120.0),
]


@pytest.mark.parametrize(("value", "unit", "wanted", "expected"), EXACT)
def test_a_value_in_another_unit_of_the_quantity_is_converted(
    value: float, unit: str, wanted: str, expected: float
) -> None:
    assert units.convert(value, unit, wanted) == pytest.approx(expected, rel=1e-12, abs=1e-9)


@pytest.mark.parametrize(
    ("unit", "wanted"),
    [
        ("kg/s", "m3/s"),
        ("W", "W/m2"),
        ("C", "degC"),  # coulomb
        ("%", "deg"),
        ("1", "deg"),
        ("m/s", "degC"),
        ("deg", "1"),
    ],
)
def test_a_unit_of_another_quantity_is_refused_naming_both(unit: str, wanted: str) -> None:
    with pytest.raises(BadInput) as refusal:
        units.convert([1.0], unit, wanted)
    assert unit in refusal.value.sentence_en
    assert wanted in refusal.value.sentence_en
    assert wanted in refusal.value.sentence_zh


@pytest.mark.parametrize("text", ["banana", "", "  ", "2 m", "m**", "((", "m/0", "W//m2", "m" * 200, "'", "\\", "[]"])
def test_a_text_that_is_no_unit_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="not a unit"):
        units.convert([1.0], text, "m")


@given(st.text(max_size=20))
def test_no_text_as_unit_raises_anything_but_a_refusal(text: str) -> None:
    with suppress(BadInput):
        assert units.convert([1.0], text, "W/m2").shape == (1,)


def test_a_difference_of_temperatures_has_no_offset() -> None:
    assert units.convert(0.5, "K", "degC", difference=True) == pytest.approx(0.5, abs=1e-12)
    assert units.convert(0.9, "degF", "degC", difference=True) == pytest.approx(0.5, abs=1e-12)


def test_a_missing_value_stays_missing() -> None:
    converted = units.convert([np.nan, 300.0], "K", "degC")
    assert np.isnan(converted[0])
    assert converted[1] == pytest.approx(26.85)


def test_the_values_handed_in_are_not_changed() -> None:
    given_values = np.array([1.0, 2.0])
    units.convert(given_values, "kW", "W")
    units.convert(given_values, "W", "W")[0] = 7.0
    assert given_values.tolist() == [1.0, 2.0]


@given(st.floats(-200, 2000), st.sampled_from(["degC", "K", "degF"]), st.sampled_from(["degC", "K", "degF"]))
def test_there_and_back_gives_the_same_temperature(value: float, one: str, other: str) -> None:
    back = units.convert(units.convert(value, one, other), other, one)
    assert back == pytest.approx(value, rel=1e-12, abs=1e-9)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("515.66 m2", (515.66, "m2")),
        ("30deg", (30.0, "deg")),
        ("-1.5e3 W", (-1500.0, "W")),
        (".5", (0.5, "")),
    ],
)
def test_a_quantity_splits_into_number_and_unit(text: str, expected: tuple[float, str]) -> None:
    assert units.split(text) == expected


@pytest.mark.parametrize("text", ["", "m2", "about 5 m2", "nan"])
def test_a_text_without_a_leading_number_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="not a number with a unit"):
        units.split(text)


def test_a_decimal_comma_is_refused_as_a_unit_that_is_none() -> None:
    number, unit = units.split("1,5 m2")
    with pytest.raises(BadInput, match="not a unit"):
        units.convert(number, unit, "m2")


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=9), st.sampled_from([("K", "degC"), ("degC", "K")]))
def test_the_short_way_between_kelvin_and_celsius_gives_the_digits_of_the_long_one(
    values: list[float], pair: tuple[str, str]
) -> None:
    source, target = pair
    long = units._registry().convert(np.array(values), units._unit(source), units._unit(target))
    assert units.convert(values, source, target).tolist() == long.tolist()


def test_a_difference_of_kelvin_is_the_same_number_of_degrees() -> None:
    assert units.convert(0.05, "K", "degC", difference=True).item() == 0.05
