"""Means over hours of the clock know what is missing and where."""

import numpy as np
import pytest

from protocols.power_check.clock_hours import clock_hours


def test_means_leave_out_what_is_not_whole() -> None:
    time = 3600.0 * 5 + 60.0 * np.arange(120) + 30.0
    valid = np.ones(120, dtype=bool)
    valid[[0, 59, 60]] = False
    hours = clock_hours(time=time, valid=valid, length=3600.0)
    assert hours.start.tolist() == [18000.0, 21600.0]
    values = np.arange(120.0)[hours.rows]
    assert hours.mean(values).tolist() == [np.arange(1, 59).mean(), np.arange(61, 120).mean()]
    assert hours.rate(values).tolist() == pytest.approx([1 / 60.0, 1 / 60.0])
    assert hours.missing.tolist() == pytest.approx([2 / 60, 1 / 60])
    assert hours.gap.tolist() == pytest.approx([1 / 60, 1 / 60])


@pytest.mark.parametrize(("lost", "longest"), [(slice(0, 10), 10), (slice(20, 27), 7), (slice(55, 60), 5)])
def test_a_gap_is_as_long_as_the_time_without_samples_wherever_it_lies(lost: slice, longest: int) -> None:
    keep = np.ones(60, dtype=bool)
    keep[lost] = False
    time = 60.0 * np.arange(60) + 30.0
    flagged = clock_hours(time=time, valid=keep, length=3600.0)
    absent = clock_hours(time=time[keep], valid=keep[keep], length=3600.0)
    assert flagged.gap.tolist() == absent.gap.tolist() == pytest.approx([longest / 60.0])
    assert flagged.missing.tolist() == absent.missing.tolist() == pytest.approx([longest / 60.0])


def test_an_hour_without_a_whole_sample_has_no_mean_and_is_all_gap() -> None:
    time = 60.0 * np.arange(120) + 30.0
    hours = clock_hours(time=time, valid=time < 3600.0, length=3600.0)
    assert np.isnan(hours.mean(np.ones(60))).tolist() == [False, True]
    assert hours.gap.tolist() == [0.0, 1.0]
    assert hours.any(np.arange(60) == 7).tolist() == [True, False]


def test_one_sample_gives_no_rate() -> None:
    hours = clock_hours(time=np.array([30.0, 3630.0, 3690.0]), valid=np.ones(3, dtype=bool), length=3600.0)
    assert np.isnan(hours.rate(np.array([1.0, 2.0, 3.0]))).tolist() == [True, False]


def test_hours_chosen_keep_their_place() -> None:
    time = 60.0 * np.arange(180) + 30.0
    hours = clock_hours(time=time, valid=np.ones(180, dtype=bool), length=3600.0)
    some = hours.among(np.array([False, True, False]))
    assert some.rows.tolist() == list(range(60, 120))
    assert np.isnan(some.mean(np.ones(60))).tolist() == [True, False, True]
