"""Random, common and total uncertainty of fitted coefficients."""

import json

import numpy as np
import pytest

from protocols.fits import linear, operator
from protocols.uncertainty import block_bootstrap, budget, propagate, transformed, widest
from tests.protocols.conftest import DATA

CASE = json.loads((DATA / "metrology" / "collector_16pt.json").read_text("utf-8"))


def sixteen_points() -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    raw = {name: np.array(values) for name, values in CASE["inputs"].items() if isinstance(values, list)}
    power = raw["mdot_kg_s"] * CASE["inputs"]["cp_J_kgK"] * (raw["theta_out"] - raw["theta_in"])
    above = (raw["theta_in"] + raw["theta_out"]) / 2.0 - raw["theta_a"]
    return np.column_stack([raw["G"], -above, -(above**2)]), power / CASE["inputs"]["A_m2"], {**raw, "above": above}


def test_common_errors_give_the_uncertainty_of_the_published_sixteen_point_case() -> None:
    design, q, raw = sixteen_points()
    u = CASE["inputs"]["uncertainties"]
    fit = linear(design, q, names=["eta0", "a1", "a2"])
    eta0, a1, a2 = fit.values
    slope = a1 + 2.0 * a2 * raw["above"]
    point = (
        (eta0 * raw["G"] * u["u_rel_G_random"]) ** 2
        + slope**2 * (u["u_T_mean_K_random"] ** 2 + u["u_Ta_K_random"] ** 2)
        + (q * u["u_rel_m_random"]) ** 2
        + (q / (raw["theta_out"] - raw["theta_in"]) * u["u_deltaT_K_random"]) ** 2
    )
    common = {
        "pyranometer": -eta0 * raw["G"] * u["u_rel_G_common"],
        "flow": q * u["u_rel_m_common"],
        "area": -q * u["u_rel_A_common"],
        "heat capacity": q * u["u_rel_cp_common"],
    }
    result = propagate(operator=operator(design), point_variance=point, common=common)
    np.testing.assert_allclose(fit.values, CASE["expected"]["OLS_beta"], rtol=1e-9)
    np.testing.assert_allclose(np.sqrt(np.diag(result.total)), CASE["expected"]["OLS_u_propagated"], rtol=1e-3)
    # Monte Carlo of 40 000 draws, from the same source
    np.testing.assert_allclose(np.sqrt(np.diag(result.total)), CASE["expected"]["MC_40000_OLS_u"], rtol=0.01)


def test_the_total_is_random_plus_common_and_each_cause_keeps_its_shift() -> None:
    shifts = {"a": np.array([1.0, 2.0]), "b": np.array([0.0, 3.0])}
    result = budget(random=np.diag([4.0, 5.0]), shifts=shifts)
    np.testing.assert_allclose(result.common, [[1.0, 2.0], [2.0, 13.0]])
    np.testing.assert_allclose(result.total, [[5.0, 2.0], [2.0, 18.0]])
    assert set(result.shifts) == {"a", "b"}


def test_a_common_error_does_not_average_out_with_more_points() -> None:
    for points in (10, 1000):
        design = np.ones((points, 1))
        result = propagate(
            operator=operator(design), point_variance=np.full(points, 1.0), common={"offset": np.full(points, 0.5)}
        )
        assert result.random[0, 0] == pytest.approx(1.0 / points)
        assert result.common[0, 0] == pytest.approx(0.25)


def test_functions_of_coefficients_carry_their_covariance() -> None:
    covariance, jacobian = np.array([[1.0, 0.5], [0.5, 2.0]]), np.array([[1.0, 1.0], [1.0, -1.0]])
    np.testing.assert_allclose(transformed(covariance, jacobian), [[4.0, -1.0], [-1.0, 2.0]])


def correlated(days: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    block = np.repeat(np.arange(days), 20)
    design = np.column_stack([np.ones(block.size), rng.normal(0, 1, days)[block]])
    noise = rng.normal(0, 1, days)[block] + rng.normal(0, 0.3, block.size)
    return design, design @ np.array([5.0, 2.0]) + noise, block


def test_drawing_whole_days_finds_the_spread_that_ordinary_errors_miss() -> None:
    # The true standard deviation, over 300 repetitions of the same 60 days of correlated residuals.
    estimates = np.array([linear(*correlated(60, seed)[:2], names="ab").values for seed in range(300)])
    true = estimates.std(axis=0)
    design, response, block = correlated(60, 1000)
    found = np.sqrt(np.diag(block_bootstrap(design=design, response=response, blocks=block, resamples=1000, seed=1)))
    assert np.all(np.abs(found / true - 1.0) < 0.3)
    assert np.all(linear(design, response, names="ab").standard_errors < 0.5 * true)


@pytest.mark.parametrize("days", [2, 4, 10])
def test_the_bootstrap_of_a_mean_of_few_days_is_the_variance_of_the_days_over_their_number(days: int) -> None:
    drawn = np.random.default_rng(3).normal(size=days)
    block = np.repeat(np.arange(days), 5)
    found = block_bootstrap(
        design=np.ones((5 * days, 1)), response=drawn[block], blocks=block, resamples=20_000, seed=1
    )
    assert found[0, 0] == pytest.approx(np.var(drawn, ddof=1) / days, rel=0.05)


def test_the_bootstrap_gives_the_same_digits_again() -> None:
    design, response, block = correlated(10, 3)
    draw = {"design": design, "response": response, "blocks": block, "resamples": 200}
    np.testing.assert_array_equal(block_bootstrap(**draw, seed=7), block_bootstrap(**draw, seed=7))
    assert not np.array_equal(block_bootstrap(**draw, seed=7), block_bootstrap(**draw, seed=8))


def test_a_bootstrap_of_one_day_is_refused() -> None:
    design, response, block = correlated(10, 3)
    with pytest.raises(ValueError, match="two blocks"):
        block_bootstrap(design=design, response=response, blocks=block * 0, resamples=10, seed=1)


def test_days_that_hardly_identify_the_coefficients_are_refused() -> None:
    day = np.repeat(np.arange(4), 10)
    design = np.eye(4)[day]  # every coefficient is known from one day only
    with pytest.raises(ValueError, match="fewer than half"):
        block_bootstrap(design=design, response=np.ones(40), blocks=day, resamples=50, seed=1)


def test_the_wider_of_two_covariances_keeps_the_correlations_of_the_first() -> None:
    first, second = np.array([[1.0, 0.5], [0.5, 1.0]]), np.array([[4.0, 0.0], [0.0, 0.25]])
    covariance, larger = widest(first, second)
    np.testing.assert_allclose(covariance, [[4.0, 1.0], [1.0, 1.0]])
    assert larger.tolist() == [True, False]
