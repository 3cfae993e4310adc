"""Averaging windows and the sieve that keeps the first reason."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.method import NotEvaluable
from protocols.windows import Reason, Sieve, windows


def test_windows_lie_on_the_clock_whatever_the_first_sample() -> None:
    cut = windows(time=np.arange(430.0, 2400.0, 60.0), averaging_time=600.0)
    np.testing.assert_array_equal(cut.start, [0.0, 600.0, 1200.0, 1800.0])
    assert cut.complete.tolist() == [False, True, True, True]
    assert cut.interval == 60.0


def test_a_window_without_samples_is_no_window() -> None:
    time = np.r_[np.arange(30.0, 600.0, 60.0), np.arange(86430.0, 87000.0, 60.0)]
    cut = windows(time=time, averaging_time=600.0)
    np.testing.assert_array_equal(cut.start, [0.0, 86400.0])
    assert cut.complete.all()


@given(st.sets(st.integers(0, 119), max_size=30))
def test_every_row_of_a_complete_window_lies_in_it(lacking: set[int]) -> None:
    present = set(range(120)) - lacking
    time = 60.0 * np.array(sorted(present)) + 30.0
    cut = windows(time=time, averaging_time=600.0)
    inside = time[cut.rows] - cut.start[cut.complete][:, None]
    assert np.all((inside > 0) & (inside < 600.0))
    whole = [k for k in range(12) if set(range(10 * k, 10 * k + 10)) <= present]
    np.testing.assert_array_equal(cut.start[cut.complete], 600.0 * np.array(whole))


def test_every_second_sample_lacking_does_not_hide_the_interval() -> None:
    time = np.r_[np.arange(30.0, 600.0, 60.0), np.arange(630.0, 6000.0, 120.0)]
    cut = windows(time=time, averaging_time=600.0)
    assert cut.interval == 60.0
    assert cut.complete.tolist() == [True] + [False] * 9


def test_an_averaging_time_shorter_than_the_interval_is_refused() -> None:
    with pytest.raises(NotEvaluable, match="whole number of the sample interval of 60 s"):
        windows(time=np.arange(30.0, 600.0, 60.0), averaging_time=30.0)


def test_values_of_complete_windows_are_spread_with_nan_between() -> None:
    cut = windows(time=np.delete(np.arange(30.0, 1800.0, 60.0), 15), averaging_time=600.0)
    np.testing.assert_array_equal(cut.spread(np.array([1.0, 3.0])), [1.0, np.nan, 3.0])


def reason(code: str) -> Reason:
    return Reason(code=code, clause="c", sentence_en="e", sentence_zh="z")


def test_a_window_keeps_the_first_reason_and_counts_once() -> None:
    sieve = Sieve(4)
    sieve.refuse(np.array([True, False, False, False]), reason("first"))
    sieve.refuse(np.array([True, False, False, False]), reason("never the first"))
    sieve.refuse(np.array([True, True, True, False]), reason("second"))
    assert [(each.code, each.count) for each in sieve.refusals] == [("first", 1), ("second", 2)]
    assert sieve.index.tolist() == [0.0, 1.0, 1.0, -1.0]
    assert sieve.passed.tolist() == [False, False, False, True]


def test_a_clock_that_trembles_about_the_edges_of_windows_loses_none() -> None:
    grid = np.arange(0.0, 6000.0, 60.0)
    steady = windows(time=grid, averaging_time=600.0)
    trembling = windows(time=grid + np.random.default_rng(1).uniform(-1.0, 1.0, grid.size), averaging_time=600.0)
    assert trembling.complete.all()
    np.testing.assert_array_equal(trembling.start, steady.start)
    np.testing.assert_array_equal(trembling.rows, steady.rows)
