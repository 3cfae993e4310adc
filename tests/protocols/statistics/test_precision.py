"""Repeatability and reproducibility: unbalanced cells, units, and what an analysis of variance says."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.statistics.precision import mandel_h_critical, mandel_k, mandel_k_critical, precision

cells = st.lists(st.lists(st.integers(-500, 500).map(float), min_size=1, max_size=4), min_size=2, max_size=6).filter(
    lambda rows: max(len(row) for row in rows) > 1
)


def made(*, laboratories: int, replicates: int, s_L: float, s_r: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return 50.0 + rng.normal(0, s_L, (laboratories, 1)) + rng.normal(0, s_r, (laboratories, replicates))


def test_of_a_balanced_design_it_is_the_one_way_analysis_of_variance() -> None:
    x = made(laboratories=9, replicates=3, s_L=2.0, s_r=1.0, seed=1)
    within, between = np.mean(np.var(x, axis=1, ddof=1)), 3 * np.var(x.mean(axis=1), ddof=1)
    found = precision(list(x))
    assert found.repeatability == pytest.approx(np.sqrt(within))
    assert found.between == pytest.approx(np.sqrt((between - within) / 3))
    assert found.reproducibility == pytest.approx(np.hypot(found.repeatability, found.between))


def test_the_sums_are_those_of_the_results() -> None:
    rows = [[1.0, 2.0, 4.0], [3.0, 5.0], [7.0]]
    T1, T2, T3, T4, T5 = precision(rows).sums
    assert (T3, T4) == (6.0, 14.0)
    assert pytest.approx(22.0) == T1
    assert pytest.approx(49.0 / 3 + 64.0 / 2 + 49.0) == T2
    assert pytest.approx(14.0 / 3 + 2.0) == T5


@given(cells, st.floats(0.01, 100), st.floats(-100, 100))
def test_unit_and_zero_of_the_results_do_not_matter(rows: list[list[float]], a: float, b: float) -> None:
    plain, moved = precision(rows), precision([a * np.array(row) + b for row in rows])
    for name in ("repeatability", "between", "reproducibility", "reproducibility_limit", "reproducibility_uncertainty"):
        assert getattr(moved, name) == pytest.approx(a * getattr(plain, name), rel=1e-5, abs=1e-4 * a)


@given(cells)
def test_the_order_of_laboratories_only_reorders_h_and_k(rows: list[list[float]]) -> None:
    plain, mixed = precision(rows), precision(rows[::-1])
    np.testing.assert_allclose(mixed.h, plain.h[::-1], rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(mixed.k, plain.k[::-1], rtol=1e-9)
    assert mixed.reproducibility == pytest.approx(plain.reproducibility, rel=1e-9, abs=1e-12)


def test_a_large_common_value_costs_no_digits() -> None:
    x = np.round(made(laboratories=8, replicates=3, s_L=2.0, s_r=1.0, seed=3), 3)
    near, far = precision(list(x)), precision(list(x + 1e8))
    assert far.repeatability == pytest.approx(near.repeatability, rel=1e-7)
    assert far.reproducibility == pytest.approx(near.reproducibility, rel=1e-7)


def test_laboratories_that_differ_less_than_their_replicates_add_nothing() -> None:
    found = precision([[1.0, 3.0], [3.0, 1.0], [1.0, 3.0]])
    assert found.between == 0.0
    assert found.reproducibility == found.repeatability


def test_a_laboratory_with_a_single_result_counts_between_and_not_within() -> None:
    found = precision([[1.0, 2.0], [2.0, 3.0], [9.0]])
    assert found.repeatability == pytest.approx(np.sqrt(0.5))
    np.testing.assert_array_equal(np.isnan(found.deviations), [False, False, True])
    np.testing.assert_array_equal(np.isnan(found.k), [False, False, True])
    assert np.isfinite(found.h).all()


def test_where_nothing_varies_there_are_no_statistics_of_mandel() -> None:
    found = precision([[2.0, 2.0], [2.0, 2.0]])
    assert (found.repeatability, found.reproducibility, found.reproducibility_uncertainty) == (0.0, 0.0, 0.0)
    assert np.isnan(found.h).all()
    assert np.isnan(mandel_k(np.array([np.nan, np.nan]))).all()


def test_the_uncertainties_are_the_scatter_of_repeated_experiments() -> None:
    found = [precision(list(made(laboratories=30, replicates=3, s_L=2.0, s_r=1.0, seed=seed))) for seed in range(400)]
    for deviation, uncertainty in (
        ("repeatability", "repeatability_uncertainty"),
        ("reproducibility", "reproducibility_uncertainty"),
    ):
        scatter = np.std([getattr(one, deviation) for one in found])
        assert np.mean([getattr(one, uncertainty) for one in found]) == pytest.approx(scatter, rel=0.12)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: precision([[1.0, 2.0]]), "1 laboratories are too few"),
        (lambda: precision([[1.0, 2.0], []]), "laboratory 1: 0 values are too few"),
        (lambda: precision([[1.0, 2.0], [1.0, np.nan]]), "laboratory 1: the value at position 1"),
        (lambda: precision([[1.0], [2.0]]), "no laboratory has a second result"),
        (lambda: mandel_h_critical(2, level=0.05), "2 laboratories at the level 0.05"),
        (lambda: mandel_k_critical(5, replicates=1, level=0.05), "at least 2 replicates"),
        (lambda: mandel_k_critical(5, replicates=2, level=1.0), "level 1.0"),
    ],
)
def test_what_cannot_be_evaluated_is_refused_in_a_sentence(call: Callable[[], object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        call()
