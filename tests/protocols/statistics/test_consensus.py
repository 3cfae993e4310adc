"""Robust means and deviations: what a wild result, another unit or another order may not change."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.statistics import consensus
from protocols.statistics.consensus import (
    Consensus,
    algorithm_a,
    algorithm_s,
    censored,
    hampel,
    median,
    q_hampel,
    q_method,
)
from tests.protocols.conftest import DATA

CASES: dict[str, Any] = json.loads((DATA / "laboratory_statistics" / "proficiency.json").read_text("utf-8"))
ATRAZINE = np.array(CASES["E3_atrazine"]["inputs"]["x"])
ROBUST = [algorithm_a, median, q_hampel]

results = (
    st.lists(st.floats(-100, 100), min_size=5, max_size=20, unique=True).map(np.array).filter(lambda x: np.ptp(x) > 1)
)


def spread_out(seed: int, size: int = 25) -> np.ndarray:
    return np.random.default_rng(seed).normal(10.0, 1.0, size)


def converged(x: np.ndarray) -> Consensus:
    return algorithm_a(x, stopping="converged")


def test_the_stopping_rule_is_part_of_the_result_because_it_changes_the_printed_digit() -> None:
    x = CASES["E1_censored"]["ignored"]["x"]
    by_figure, by_convergence = algorithm_a(x), converged(x)
    assert (by_figure.stopping, by_convergence.stopping) == ("third figure", "converged")
    assert (f"{by_figure.standard_deviation:.2f}", f"{by_convergence.standard_deviation:.2f}") == ("7.23", "7.24")


def test_a_converged_result_is_a_fixed_point_of_the_algorithm() -> None:
    found = converged(ATRAZINE)
    w = np.clip(
        ATRAZINE,
        found.value - 1.5 * found.standard_deviation,
        found.value + 1.5 * found.standard_deviation,
    )
    assert w.mean() == pytest.approx(found.value, rel=1e-11)
    assert 1.134 * w.std(ddof=1) == pytest.approx(found.standard_deviation, rel=1e-11)


def test_the_path_starts_at_the_median_and_ends_at_the_result() -> None:
    found = algorithm_a(ATRAZINE)
    first = np.array(CASES["E3_atrazine"]["expected_recomputed"]["first_iterations"])
    np.testing.assert_allclose(found.path[: len(first)], first, rtol=1e-12)
    assert tuple(found.path[-1]) == (found.value, found.standard_deviation)


@pytest.mark.parametrize("method", [*ROBUST, converged])
@pytest.mark.parametrize("seed", range(5))
def test_an_outlier_moves_nothing_further_once_it_is_far_away(method: Callable[..., Consensus], seed: int) -> None:
    far, further = spread_out(seed), spread_out(seed)
    far[0], further[0] = 1e3, 1e9
    assert method(far).value == pytest.approx(method(further).value, rel=1e-6)
    assert method(far).standard_deviation == pytest.approx(method(further).standard_deviation, rel=1e-6)
    assert method(far).value == pytest.approx(10.0, abs=1.0)


@given(results, st.floats(1e-3, 1e3), st.randoms())
def test_unit_and_order_of_the_results_do_not_matter(x: np.ndarray, factor: float, random: Any) -> None:
    shuffled = x.tolist()
    random.shuffle(shuffled)
    for method in (consensus.mean, median, q_hampel):
        plain, other = method(x), method(np.array(shuffled) * factor)
        assert other.value == pytest.approx(plain.value * factor, abs=1e-6 * factor)
        assert other.standard_deviation == pytest.approx(plain.standard_deviation * factor, rel=1e-6, abs=1e-9 * factor)


@pytest.mark.parametrize("seed", range(5))
def test_a_large_common_part_costs_no_digits(seed: int) -> None:
    x = np.round(spread_out(seed), 3)
    for method in (converged, q_hampel, median):
        assert method(x + 1e6).standard_deviation == pytest.approx(method(x).standard_deviation, rel=1e-8)
        assert method(x + 1e6).value - 1e6 == pytest.approx(method(x).value, abs=1e-8)


def test_of_normal_results_every_method_finds_the_standard_deviation() -> None:
    x = np.random.default_rng(4).normal(5.0, 2.0, 1500)
    for method in (*ROBUST, converged, consensus.mean):
        assert method(x).value == pytest.approx(5.0, abs=0.2)
        assert method(x).standard_deviation == pytest.approx(2.0, rel=0.06)
    assert consensus.median(x, spread="MADe").standard_deviation == pytest.approx(2.0, rel=0.06)


def test_when_the_median_deviation_is_zero_algorithm_a_starts_from_the_standard_deviation() -> None:
    x = np.array([5.0, 5.0, 5.0, 5.0, 6.0, 7.0, 9.0])
    found = converged(x)
    assert found.path[0] == pytest.approx([5.0, x.std(ddof=1)])
    assert found.standard_deviation > 0


def test_results_that_are_nearly_all_the_same_have_no_robust_deviation() -> None:
    with pytest.raises(ValueError, match="too many of the results are identical"):
        converged(np.array([5.0] * 9 + [9.0]))
    with pytest.raises(ValueError, match="all results are the same"):
        q_method([3.0, 3.0, 3.0])


def test_tied_results_count_as_no_difference_in_the_q_method() -> None:
    # Differences of 0, 0, 1 ... : H1(0) = 2/6; G1^-1(0.5) lies at height between G1(1) = (2/6 + 1)/2 and G1(0) = 0.
    quantile = 0.5 / (2.0 / 3.0)
    phi = 0.6744897501960817  # of 0.625 + 0.375/3 = 0.75
    assert q_method([0.0, 0.0, 1.0, 1.0]) == pytest.approx(quantile / (np.sqrt(2) * phi), rel=1e-9)


def test_hampels_mean_lets_go_of_a_result_that_is_far_away() -> None:
    assert hampel([0.0, 1.0, 2.0, 10.0], standard_deviation=1.0) == pytest.approx(1.0, abs=1e-12)


def test_between_two_equally_near_solutions_hampel_takes_the_median() -> None:
    assert hampel([-10.0, -10.0, 10.0, 10.0], standard_deviation=1.0) == 0.0


def test_of_an_interval_of_solutions_hampel_takes_the_one_nearest_the_median() -> None:
    # In s = 1.3 about the median -2.2 psi is 0, 1.5, 0, -1.15/1.3, -1.5, -0.3/1.3, 1.45/1.3 in that order: it solves.
    x = [4.2, 1.4, -2.2, -6.9, -5.5, -2.5, 2.2]
    assert hampel(x, standard_deviation=1.3) == pytest.approx(-2.2, abs=1e-9)
    assert hampel(np.array(x) + 1000.0, standard_deviation=1.3) == pytest.approx(997.8, abs=1e-9)


def test_hampel_finds_no_mean_where_no_result_is() -> None:
    assert hampel([0.0, 0.1, 0.2, 100.0, 100.1, 100.3], standard_deviation=1.0) == pytest.approx(0.1, abs=1e-9)


def test_hampel_solves_its_equation() -> None:
    x = spread_out(1)
    x[:3] += [4.0, 5.0, 9.0]
    s = q_method(x)
    q = (x - hampel(x, standard_deviation=s)) / s
    psi = np.sign(q) * np.select([abs(q) <= 1.5, abs(q) <= 3, abs(q) <= 4.5], [abs(q), 1.5, 4.5 - abs(q)], 0.0)
    assert psi.sum() == pytest.approx(0.0, abs=1e-10)


def test_algorithm_s_pools_equal_deviations_to_that_deviation_times_its_factor() -> None:
    # All alike: nothing is drawn in and each round multiplies by xi > 1 until the limit eta w* bites; the fixed point
    # of w* = xi min(w, eta w*) is xi w.
    assert algorithm_s([2.0, 2.0, 2.0], dof=1) == pytest.approx(2.0 * 1.097, rel=1e-3)


@pytest.mark.parametrize(
    ("treatment", "expected"), [("ignored", [10, 12.5, 20]), ("deleted", [12.5]), ("half", [5, 12.5, 10])]
)
def test_results_below_a_limit_are_treated_as_said(treatment: str, expected: list[float]) -> None:
    np.testing.assert_array_equal(censored(["<10", "12.5", "< 20"], treatment=treatment), expected)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: algorithm_a([1.0, 2.0]), "2 values are too few; give at least 3"),
        (lambda: algorithm_a([1.0, np.nan, 2.0]), "position 1 .* not a finite number"),
        (lambda: algorithm_a([[1.0, 2.0], [3.0, 4.0]]), "one row of numbers"),
        (lambda: algorithm_a([1.0, 2.0, 3.0], stopping="soon"), "'soon' is not known"),
        (lambda: median([1.0, 2.0, 3.0], spread="range"), "'range' is not known"),
        (lambda: hampel([1.0, 2.0, 3.0], standard_deviation=0.0), "above zero"),
        (lambda: algorithm_s([1.0, -1.0, 3.0], dof=1), "not below zero"),
        (lambda: algorithm_s([0.0, 0.0, 3.0], dof=1), "more than half of them above"),
        (lambda: censored(["<10"], treatment="double"), "'double' is not known"),
        (lambda: censored(["about 3"], treatment="half"), "'about 3' is not a number"),
        (lambda: censored(["1_0", "12"], treatment="half"), "'1_0' is not a number"),
        (lambda: censored(["12", "nan"], treatment="half"), "'nan' is not a number"),
    ],
)
def test_what_cannot_be_evaluated_is_refused_in_a_sentence(call: Callable[[], object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        call()
