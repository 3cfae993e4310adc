"""Control charts: limits from a baseline, signals by position, and what a unit or a shift may change."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from protocols.statistics.chart_constants import chart_constants
from protocols.statistics.control_charts import Chart, cusum, ewma, individuals, means_and_deviations, means_and_ranges
from protocols.statistics.run_length import (
    cusum_run_length,
    cusum_two_sided_run_length,
    ewma_run_length,
    shewhart_run_length,
)
from tests.protocols.conftest import DATA

CASES: dict[str, Any] = json.loads((DATA / "laboratory_statistics" / "control_charts.json").read_text("utf-8"))
RINGS = np.array(CASES["pistonrings"]["groups"])
series = st.lists(st.floats(-100, 100), min_size=6, max_size=25).map(np.array).filter(lambda x: np.ptp(x) > 1)


def test_points_after_the_baseline_are_judged_by_its_limits() -> None:
    means, ranges = means_and_ranges(RINGS, baseline=25)
    assert [place + 1 for place in means.signals] == CASES["pistonrings"]["signals_from_one"]
    assert ranges.signals == ()
    alone, _ = means_and_ranges(RINGS[:25])
    assert (means.centre, means.upper[0]) == (alone.centre, alone.upper[0])


def test_the_chart_with_standard_deviations_finds_the_same_points() -> None:
    means, deviations = means_and_deviations(RINGS, baseline=25)
    assert [place + 1 for place in means.signals] == CASES["pistonrings"]["signals_from_one"]
    constants = chart_constants(5)
    mean_s = np.std(RINGS[:25], axis=1, ddof=1).mean()
    assert deviations.upper[0] == pytest.approx(constants.B4 * mean_s)
    assert means.sigma == pytest.approx(mean_s / constants.c4)


def test_the_moving_ranges_have_limits_of_their_own() -> None:
    x = np.array(CASES["imr_nist_flowrate"]["inputs"])
    _, ranges = individuals(x)
    np.testing.assert_allclose(ranges.points, CASES["imr_nist_flowrate"]["expected_recomputed"]["MR"])
    assert ranges.upper[0] == pytest.approx(chart_constants(2).D4 * ranges.centre)
    jump, _ = individuals(np.append(x, 70.0), baseline=x.size)
    assert jump.signals == (x.size,)


@given(series, st.floats(0.01, 100), st.floats(-100, 100))
def test_unit_and_zero_of_the_values_do_not_matter(x: np.ndarray, a: float, b: float) -> None:
    def drawn(values: np.ndarray, scale: float, zero: float) -> tuple[Chart, ...]:
        pairs = np.column_stack([values, np.roll(values, 1)])
        average = ewma(values, target=zero, sigma=scale, weight=0.3)
        return (*individuals(values), *means_and_ranges(pairs), *means_and_deviations(pairs), average)

    for plain, moved in zip(drawn(x, 1.0, 0.0), drawn(a * x + b, a, b), strict=True):
        shift = 0.0 if "range" in plain.name or "deviation" in plain.name else b
        np.testing.assert_allclose(moved.upper, a * plain.upper + shift, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(moved.points, a * plain.points + shift, rtol=1e-9, atol=1e-9)


def test_a_point_on_the_limit_is_at_three() -> None:
    chart, _ = individuals(np.array(CASES["imr_nist_flowrate"]["inputs"]))
    assert chart.z[0] == pytest.approx((chart.points[0] - chart.centre) / chart.sigma)


def test_an_average_with_the_whole_weight_on_the_last_value_is_a_shewhart_chart() -> None:
    x = np.array([0.5, -1.0, 3.5, 2.9])
    chart = ewma(x, target=0.0, sigma=1.0, weight=1.0)
    np.testing.assert_array_equal(chart.points, x)
    np.testing.assert_array_equal(chart.upper, 3.0)
    assert chart.signals == (2,)


def test_the_limits_of_the_average_open_to_the_steady_ones() -> None:
    opening = ewma(np.zeros(200), target=0.0, sigma=2.0, weight=0.1)
    steady = ewma(np.zeros(200), target=0.0, sigma=2.0, weight=0.1, steady=True)
    assert np.all(np.diff(opening.upper) >= 0)
    assert opening.upper[0] == pytest.approx(3 * 2.0 * 0.1)
    assert opening.upper[-1] == pytest.approx(steady.upper[0])


@given(series)
def test_the_two_sides_of_a_cusum_mirror(x: np.ndarray) -> None:
    up = cusum(x, target=1.0, reference=0.5, decision=5.0)
    down = cusum(-x, target=-1.0, reference=0.5, decision=5.0)
    np.testing.assert_allclose(up.upper, down.lower, atol=1e-9)
    assert (up.upper >= 0).all()
    assert up.signals == down.signals


def test_the_run_of_a_cusum_tells_when_the_shift_began() -> None:
    case = CASES["montgomery"]
    found = cusum(case["x"], target=case["target"], reference=case["k"], decision=case["h"])
    assert found.signals[0] == case["first_signal"]
    assert found.upper_run[case["first_signal"]] == 7  # Montgomery: the shift came between periods 22 and 23


def test_a_headstart_signals_sooner_and_fades_without_a_shift() -> None:
    shifted = np.full(12, 1.0)
    plain = cusum(shifted, target=0.0, reference=0.5, decision=4.0)
    ahead = cusum(shifted, target=0.0, reference=0.5, decision=4.0, headstart=2.0)
    assert ahead.signals[0] < plain.signals[0]
    assert cusum(np.zeros(12), target=0.0, reference=0.5, decision=4.0, headstart=2.0).upper[-1] == 0.0


def test_tabulated_constants_come_out_to_their_printed_digits() -> None:
    two, five = chart_constants(2), chart_constants(5)
    assert [round(two.d2, 3), round(two.d3, 3), round(two.E2, 2), round(two.D4, 3)] == [1.128, 0.853, 2.66, 3.267]
    assert [round(five.A2, 3), round(five.D4, 3), round(five.A3, 3), round(five.B4, 3)] == [0.577, 2.114, 1.427, 2.089]
    assert (two.D3, five.B3) == (0.0, 0.0)


def test_a_headstart_shortens_the_run() -> None:
    plain = cusum_run_length(shift=0.0, reference=0.5, decision=4.0)
    assert cusum_run_length(shift=0.0, reference=0.5, decision=4.0, headstart=2.0) < plain


def test_the_run_length_of_a_simulated_chart_is_the_computed_one() -> None:
    x = np.random.default_rng(2).normal(1.0, 1.0, (4000, 120))
    upper = np.zeros(4000)
    length = np.full(4000, 120.0)
    for place in range(120):
        upper = np.maximum(0.0, upper + x[:, place] - 0.5)
        length = np.where((upper > 5.0) & (length == 120.0), place + 1.0, length)
    expected = cusum_run_length(shift=1.0, reference=0.5, decision=5.0)
    assert length.mean() == pytest.approx(expected, abs=4 * length.std() / np.sqrt(4000))


@pytest.mark.parametrize("h", [50.0, 100.0, 200.0])
def test_a_far_decision_interval_is_crossed_after_the_time_that_the_drift_takes(h: float) -> None:
    # D. Siegmund 1985: (b + exp(-2 drift b)/(2 drift) - 1/(2 drift))/drift with b = h + 1.166 and the drift shift - k
    found = cusum_run_length(shift=1.0, reference=0.5, decision=h)
    assert found == pytest.approx((h + 1.166 - 1.0) / 0.5, abs=0.1)


@pytest.mark.parametrize("weight", [0.001, 0.0003])
def test_a_slow_average_leaves_its_limits_like_a_diffusion(weight: float) -> None:
    # An Ornstein-Uhlenbeck process takes int exp(x^2/2) sqrt(2 pi) (Phi(x) - 1/2) dx from its middle to +-L standard
    # deviations, in units of 1/lambda; steps overshoot the limit by 0.5826 of their own standard deviation.
    x = np.linspace(0.0, 2.0 + 0.5826 * np.sqrt(2.0 * weight), 2001)
    leaves = np.trapezoid(np.exp(0.5 * x**2) * np.sqrt(2.0 * np.pi) * (stats.norm.cdf(x) - 0.5), x)
    assert ewma_run_length(shift=0.0, weight=weight, width=2.0) * weight == pytest.approx(leaves, rel=1e-3)


def test_a_side_that_never_signals_leaves_the_other() -> None:
    both = cusum_two_sided_run_length(shift=3.0, reference=0.5, decision=5.0)
    assert both == pytest.approx(cusum_run_length(shift=3.0, reference=0.5, decision=5.0), rel=1e-7)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: chart_constants(1), "a sample of 1 has no range"),
        (lambda: individuals([1.0, 2.0]), "2 values are too few; give at least 3"),
        (lambda: individuals([1.0, np.nan, 2.0]), "position 1"),
        (lambda: individuals([1.0, 1.0, 1.0, 5.0], baseline=3), "the baseline does not vary"),
        (lambda: individuals([1.0, 2.0, 3.0], baseline=4), "a baseline of 4 points does not go with 3"),
        (lambda: individuals([1.0, 2.0, 3.0], d2=0.0), "d2 is 0.0"),
        (lambda: ewma([1.0, 2.0], target=np.nan, sigma=1.0, weight=0.2), "the target is nan"),
        (lambda: cusum_run_length(shift=0.0, reference=0.5, decision=40.0), "less than once in 1e"),
        (lambda: cusum_two_sided_run_length(shift=0.0, reference=0.5, decision=40.0), "less than once in 1e"),
        (lambda: ewma_run_length(shift=0.0, weight=0.1, width=9.0), "less than once in 1e"),
        (lambda: ewma_run_length(shift=0.0, weight=1e-6, width=3.0), "a smaller h or a larger lambda"),
        (lambda: means_and_ranges([[1.0, 2.0], [1.0]]), "unequal length"),
        (lambda: means_and_ranges([[1.0, 2.0], [1.0, 3.0]], baseline=1), "give 2 to 2"),
        (lambda: means_and_deviations([[1.0], [2.0]]), "at least 2 values each"),
        (lambda: ewma([1.0], target=0.0, sigma=0.0, weight=0.2), "sigma is 0.0"),
        (lambda: ewma([1.0], target=0.0, sigma=1.0, weight=0.0), "the weight lambda is 0.0"),
        (lambda: cusum([1.0], target=0.0, reference=0.5, decision=0.0), "decision interval H is 0.0"),
        (lambda: cusum([1.0], target=np.nan, reference=0.5, decision=5.0), "the target must be a finite number"),
        (lambda: cusum_run_length(shift=0.0, reference=0.5, decision=5.0, headstart=6.0), "between 0 and h"),
        (lambda: cusum_two_sided_run_length(shift=np.inf, reference=0.5, decision=5.0), "shift must be finite"),
        (lambda: ewma_run_length(shift=0.0, weight=1.5, width=3.0), "lambda must lie above 0"),
        (lambda: shewhart_run_length(shift=0.0, width=-1.0), "the width is -1.0"),
    ],
)
def test_what_cannot_be_charted_is_refused_in_a_sentence(call: Callable[[], object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        call()
