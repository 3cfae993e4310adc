"""Steady intervals of a record, against pandas and against a search that looks at every stretch by itself."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from protocols.limits import Limit
from protocols.method import NotEvaluable
from protocols.steady import (
    KINDS,
    Criterion,
    Search,
    require_intervals,
    search,
    sliding_least,
    sliding_mean,
    sliding_most,
)

Array = NDArray[np.float64]


def limit(value: float, unit: str = "K") -> Limit:
    return Limit(
        symbol="x", value=value, unit=unit, clause="c", source="s", confirmed=True, note_en="", note_zh="", edition="e"
    )


def criterion(kind: str, value: float, *, symbol: str = "t_in", preconditioned: bool = False) -> Criterion:
    return Criterion(symbol=symbol, kind=kind, limit=limit(value), preconditioned=preconditioned)


def codes(found: Search) -> list[str]:
    """The first reason of every candidate, "" where it is steady."""
    names = [each.code for each in found.sieve.refusals]
    return ["" if place < 0 else names[int(place)] for place in found.sieve.index]


@pytest.mark.parametrize("samples", [1, 2, 3, 7, 8, 9, 60])
def test_sliding_extremes_and_means_are_those_of_pandas(samples: int) -> None:
    values = np.random.default_rng(samples).normal(70.0, 5.0, 60)
    window = pd.Series(values).rolling(samples)
    np.testing.assert_array_equal(sliding_most(values, samples), window.max().to_numpy()[samples - 1 :])
    np.testing.assert_array_equal(sliding_least(values, samples), window.min().to_numpy()[samples - 1 :])
    np.testing.assert_allclose(sliding_mean(values, samples), window.mean().to_numpy()[samples - 1 :], rtol=1e-12)


def brute(values: Array, kind: str, bound: float) -> bool:
    mean = values.mean()
    return bool(
        {
            "deviation": np.abs(values - mean).max() <= bound,
            "relative deviation": np.abs(values - mean).max() <= bound * abs(mean),
            "range": np.ptp(values) <= bound,
            "minimum": values.min() >= bound,
            "maximum": values.max() <= bound,
            "mean at least": mean >= bound,
            "mean at most": mean <= bound,
        }[kind]
    )


@given(
    st.lists(st.integers(0, 6) | st.none(), min_size=1, max_size=40),
    st.integers(1, 6),
    st.integers(0, 4),
    st.sampled_from(sorted(KINDS)),
    st.booleans(),
)
def test_every_stretch_is_judged_as_if_it_were_looked_at_alone(
    drawn: list[int | None], stretch: int, lead: int, kind: str, preconditioned: bool
) -> None:
    values = np.array([np.nan if v is None else float(v) for v in drawn])
    bound = 0.37 if kind == "relative deviation" else 2.1
    found = search(
        time=10.0 * np.arange(values.size),
        columns={"t_in": values},
        criteria=[criterion(kind, bound, preconditioned=preconditioned)],
        measuring_time=10.0 * stretch if values.size > 1 else 10.0,
        preconditioning_time=10.0 * lead,
    )
    if values.size == 1:
        stretch = 1
    passed = []
    for start in range(values.size - stretch + 1):
        begin = start - lead if preconditioned else start
        whole = values[max(begin, 0) : start + stretch]
        good = start >= lead and np.isfinite(whole).all()
        passed.append(bool(good and brute(whole, kind, bound)))
    assert [code == "" for code in codes(found)] == passed


def test_the_earliest_interval_is_taken_and_then_the_earliest_after_its_end() -> None:
    values = np.zeros(20)
    values[[4, 11]] = 9.0
    found = search(
        time=np.arange(20.0), columns={"t_in": values}, criteria=[criterion("range", 1.0)], measuring_time=3.0
    )
    assert found.first.tolist() == [0, 5, 8, 12, 15]
    assert found.rows[1].tolist() == [5, 6, 7]


def test_a_gap_a_missing_value_and_an_unsteady_value_are_told_apart_in_this_order() -> None:
    time = np.r_[0.0:6.0, 20.0:30.0]
    values = np.zeros(16)
    values[1], values[14] = np.nan, 5.0
    found = search(time=time, columns={"t_in": values}, criteria=[criterion("range", 1.0)], measuring_time=3.0)
    missing, gap, unsteady = "missing value", "gap", "t_in range"
    expected = [missing, missing, "", "", gap, gap, "", "", "", "", "", "", unsteady, unsteady]
    assert codes(found) == expected
    assert {each.code: each.count for each in found.sieve.refusals} == {missing: 2, gap: 2, unsteady: 2}


def test_the_preconditioning_time_must_be_in_the_record_and_steady_where_a_criterion_says_so() -> None:
    values = np.zeros(12)
    values[3] = 4.0
    found = search(
        time=np.arange(12.0),
        columns={"t_in": values},
        criteria=[criterion("range", 1.0, preconditioned=True)],
        measuring_time=2.0,
        preconditioning_time=3.0,
    )
    assert codes(found) == ["preconditioning"] * 3 + ["t_in range"] * 4 + [""] * 4
    loose = [criterion("range", 1.0)]
    found = search(
        time=np.arange(12.0),
        columns={"t_in": values},
        criteria=loose,
        measuring_time=2.0,
        preconditioning_time=3.0,
    )
    assert codes(found) == ["preconditioning"] * 3 + ["t_in range"] + [""] * 7


@pytest.mark.parametrize("interval", [0.5, 1.0, 7.0, 30.0, 60.0])
def test_the_same_course_sampled_at_any_interval_is_steady_for_the_same_number_of_samples(interval: float) -> None:
    values = np.r_[np.zeros(10), np.arange(10.0), np.full(10, 9.0)]
    found = search(
        time=interval * np.arange(30),
        columns={"t_in": values},
        criteria=[criterion("deviation", 0.1)],
        measuring_time=5 * interval,
    )
    assert found.first.tolist() == [0, 5, 19, 24]
    assert found.interval == interval


def test_a_measuring_time_between_two_samples_is_rounded_up() -> None:
    found = search(
        time=30.0 * np.arange(40),
        columns={"t_in": np.zeros(40)},
        criteria=[criterion("range", 1.0)],
        measuring_time=605.0,
    )
    assert found.rows.shape == (1, 21)


def test_other_columns_may_lack_values_unless_they_are_needed() -> None:
    columns = {"t_in": np.zeros(6), "G": np.full(6, np.nan)}
    arguments = {"time": np.arange(6.0), "columns": columns, "criteria": [criterion("range", 1.0)]}
    assert search(**arguments, measuring_time=3.0).first.size == 2
    assert search(**arguments, measuring_time=3.0, needed=("G",)).first.size == 0


def test_a_constant_added_to_a_temperature_changes_nothing() -> None:
    values = np.random.default_rng(5).normal(0.0, 0.05, 3000).cumsum()
    arguments = {"time": np.arange(3000.0), "criteria": [criterion("deviation", 0.4)], "measuring_time": 60.0}
    one = search(columns={"t_in": values}, **arguments)
    other = search(columns={"t_in": values + 1000.0}, **arguments)
    assert 0 < one.first.size < 49
    np.testing.assert_array_equal(one.first, other.first)


def test_a_record_shorter_than_the_measuring_time_has_no_candidate() -> None:
    found = search(
        time=np.arange(5.0), columns={"t_in": np.zeros(5)}, criteria=[criterion("range", 1.0)], measuring_time=6.0
    )
    assert found.first.size == 0
    with pytest.raises(NotEvaluable, match="Only 0 steady intervals were found and at least 4 are needed; measure"):
        require_intervals(found=found, least=4, clause="c")


def test_too_few_intervals_are_refused_with_the_commonest_reason() -> None:
    found = search(
        time=np.arange(50.0),
        columns={"t_in": np.arange(50.0)},
        criteria=[criterion("deviation", 0.1)],
        measuring_time=6.0,
    )
    with pytest.raises(NotEvaluable, match=r"inlet temperature leaves its mean by more than 0\.1 K") as refusal:
        require_intervals(found=found, least=1, clause="c")
    assert "进口温度偏离均值超过 0.1 K。" in refusal.value.sentence_zh


def test_a_ratio_is_told_in_per_cent() -> None:
    rule = replace(criterion("relative deviation", 0.01, symbol="V_dot"), limit=limit(0.01, "1"))
    values = np.tile([1.0, 1.1], 5)
    found = search(time=np.arange(10.0), columns={"V_dot": values}, criteria=[rule], measuring_time=4.0)
    assert found.sieve.refusals[0].sentence_en == "The volume flow leaves its mean by more than 1 %."


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"criteria": [criterion("wobble", 1.0)]}, "'wobble' is no kind of criterion"),
        ({"criteria": [criterion("range", 1.0, symbol="u")]}, "no column u"),
        ({"criteria": []}, "at least one criterion"),
        ({"measuring_time": 0.0}, "measuring time must be above zero"),
        ({"preconditioning_time": float("nan")}, "measuring time must be above zero"),
    ],
)
def test_a_search_that_makes_no_sense_is_refused_in_a_sentence(changed: dict[str, object], message: str) -> None:
    arguments = {
        "time": np.arange(5.0),
        "columns": {"t_in": np.zeros(5)},
        "criteria": [criterion("range", 1.0)],
        "measuring_time": 2.0,
        **changed,
    }
    with pytest.raises(ValueError, match=message):
        search(**arguments)
