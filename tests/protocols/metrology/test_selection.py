"""Backward elimination and flags of outliers, beside statsmodels."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.outliers_influence import OLSInfluence

from protocols.metrology.selection import eliminate, outlier_flags

NAMES = ("eta0", "a1", "a2", "a3", "a4", "a6")


def made(seed: int = 7, true: tuple[float, ...] = (0.75, 3.5, -0.02, 0.0, 0.3, 0.0)) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    design = rng.uniform(0.2, 1.0, (60, len(true))) * np.array([900.0, 60.0, 3000.0, 100.0, 300.0, 2000.0])
    return design, design @ np.array(true) + rng.normal(0, 8.0, 60)


def by_statsmodels(
    design: np.ndarray, response: np.ndarray, keep: set[str], limit: float, non_negative: set[str]
) -> list[tuple[str, float, str]]:
    left, gone = list(NAMES), []
    while True:
        fit = sm.OLS(response, design[:, [NAMES.index(name) for name in left]]).fit()
        ratio = dict(zip(left, fit.tvalues, strict=True))
        free = sorted((name for name in left if name not in keep), key=lambda name: abs(ratio[name]))
        below = sorted(
            (name for name in free if name in non_negative and ratio[name] < 0), key=lambda name: ratio[name]
        )
        if below:
            gone.append((below[0], ratio[below[0]], "negative"))
        elif free and abs(ratio[free[0]]) < limit:
            gone.append((free[0], ratio[free[0]], "t-ratio"))
        else:
            return gone
        left.remove(gone[-1][0])


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("non_negative", [set(), {"a2"}, {"a1", "a2", "a3", "a6"}])
def test_terms_go_in_the_order_in_which_statsmodels_would_have_them_go(seed: int, non_negative: set[str]) -> None:
    design, response = made(seed)
    expected = by_statsmodels(design, response, {"eta0"}, 3.0, non_negative)
    fit, dropped = eliminate(
        design, response, names=NAMES, keep=("eta0",), t_ratio_min=3.0, non_negative=tuple(non_negative)
    )
    assert [(one.name, one.why) for one in dropped] == [(name, why) for name, _, why in expected]
    np.testing.assert_allclose([one.t_ratio for one in dropped], [ratio for _, ratio, _ in expected], rtol=1e-8)
    assert set(fit.names) == set(NAMES) - {one.name for one in dropped}
    assert all(abs(ratio) >= 3.0 for name, ratio in zip(fit.names, fit.t_ratios, strict=True) if name != "eta0")


def test_a_negative_term_goes_before_a_weaker_one_and_says_so() -> None:
    design, response = made()
    _, dropped = eliminate(design, response, names=NAMES, keep=("eta0",), t_ratio_min=3.0, non_negative=("a2",))
    assert (dropped[0].name, dropped[0].why) == ("a2", "negative")
    assert dropped[0].value < 0
    assert abs(dropped[0].t_ratio) > 3.0


def test_a_term_to_keep_stays_even_when_it_is_weak_or_negative() -> None:
    design, response = made()
    fit, dropped = eliminate(
        design, response, names=NAMES, keep=("eta0", "a2", "a3"), t_ratio_min=3.0, non_negative=("a2",)
    )
    assert {"eta0", "a2", "a3"} <= set(fit.names)
    assert not {"a2", "a3"} & {one.name for one in dropped}


def test_a_limit_of_zero_drops_nothing() -> None:
    design, response = made()
    fit, dropped = eliminate(design, response, names=NAMES, keep=("eta0",), t_ratio_min=0.0)
    assert fit.names == NAMES
    assert dropped == ()


@given(st.permutations(range(len(NAMES))))
def test_the_order_of_the_columns_changes_nothing(order: list[int]) -> None:
    design, response = made()
    _, plain = eliminate(design, response, names=NAMES, keep=("eta0",), t_ratio_min=3.0, non_negative=("a2",))
    names = [NAMES[place] for place in order]
    _, shuffled = eliminate(
        design[:, order], response, names=names, keep=("eta0",), t_ratio_min=3.0, non_negative=("a2",)
    )
    assert [one.name for one in shuffled] == [one.name for one in plain]
    np.testing.assert_allclose([one.value for one in shuffled], [one.value for one in plain], rtol=1e-8)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"keep": ("a9",)}, "no term called a9"),
        ({"non_negative": ("a7", "a8")}, "a7 or a8"),
        ({"keep": ()}, "at least one term that stays"),
        ({"t_ratio_min": float("nan")}, "give a number from 0"),
        ({"t_ratio_min": -1.0}, "give a number from 0"),
        ({"names": [*NAMES, "more"]}, "give one a column"),
    ],
)
def test_what_cannot_be_eliminated_is_refused_in_a_sentence(change: dict[str, object], sentence: str) -> None:
    design, response = made()
    given_: dict[str, object] = {"names": NAMES, "keep": ("eta0",), "t_ratio_min": 3.0, **change}
    with pytest.raises(ValueError, match=sentence):
        eliminate(design, response, **given_)  # type: ignore[arg-type]


def efficiencies(wrong: dict[int, float]) -> tuple[np.ndarray, np.ndarray]:
    """Thirty points of an efficiency curve in which some are moved."""
    rng = np.random.default_rng(3)
    above = rng.uniform(0, 60, 30)
    design = np.column_stack([np.ones(30), above, above**2])
    response = design @ np.array([0.78, -0.004, -1e-5]) + rng.normal(0, 0.003, 30)
    for place, shift in wrong.items():
        response[place] += shift
    return design, response


def test_leverage_and_residuals_without_the_point_are_those_of_statsmodels() -> None:
    design, response = efficiencies({4: 0.02})
    ours, theirs = outlier_flags(design, response), OLSInfluence(sm.OLS(response, design).fit())
    np.testing.assert_allclose(ours.leverage, theirs.hat_matrix_diag, rtol=1e-9)
    np.testing.assert_allclose(ours.studentised, theirs.resid_studentized_external, rtol=1e-8)
    np.testing.assert_allclose(ours.cook, theirs.cooks_distance[0], rtol=1e-8)
    assert ours.limit == pytest.approx(stats.t.ppf(1 - 0.025 / 30, 26), rel=1e-10)
    np.testing.assert_array_equal(ours.flagged, sm.OLS(response, design).fit().outlier_test()[:, 2] < 0.05)


def test_a_residual_without_the_point_is_the_one_of_a_fit_without_it() -> None:
    design, response = efficiencies({4: 0.02})
    studentised = outlier_flags(design, response).studentised
    others = np.arange(30) != 7
    fit = sm.OLS(response[others], design[others]).fit()
    gap = response[7] - design[7] @ fit.params
    assert studentised[7] == pytest.approx(
        gap / np.sqrt(fit.scale + design[7] @ fit.cov_params() @ design[7]), rel=1e-8
    )


def test_the_robust_fit_is_that_of_statsmodels() -> None:
    design, response = efficiencies({4: 0.02, 9: 0.02})
    ours = outlier_flags(design, response)
    theirs = sm.RLM(response, design, M=sm.robust.norms.HuberT()).fit(tol=1e-12, maxiter=500)
    np.testing.assert_allclose(ours.weight, theirs.weights, rtol=1e-6)
    np.testing.assert_allclose(ours.robust, theirs.resid / theirs.scale, rtol=1e-5, atol=1e-6)


def test_a_single_wrong_point_is_flagged_and_no_other() -> None:
    flags = outlier_flags(*efficiencies({4: 0.02}))
    assert np.flatnonzero(flags.flagged).tolist() == [4]
    assert np.flatnonzero(flags.robust_flagged).tolist() == [4]


def test_wrong_points_that_hide_each_other_are_flagged_by_the_robust_residual() -> None:
    flags = outlier_flags(*efficiencies({4: 0.03, 9: 0.03, 14: 0.03, 21: 0.03}))
    assert np.flatnonzero(flags.flagged).tolist() == []
    assert np.flatnonzero(flags.robust_flagged).tolist() == [4, 9, 14, 21]


def test_weights_are_taken_as_those_of_the_fit() -> None:
    design, response = efficiencies({4: 0.02})
    sd = np.random.default_rng(1).uniform(0.002, 0.01, 30)
    ours = outlier_flags(design, response, standard_uncertainty=sd)
    theirs = OLSInfluence(sm.OLS(response / sd, design / sd[:, None]).fit())
    np.testing.assert_allclose(ours.studentised, theirs.resid_studentized_external, rtol=1e-8)


def test_a_point_that_alone_fixes_a_coefficient_has_no_residual_to_judge() -> None:
    design, response = efficiencies({})
    design = np.column_stack([design, np.arange(30) == 11])
    flags = outlier_flags(design, response)
    assert np.isnan(flags.studentised[11])
    assert not flags.flagged[11]
    assert flags.influential[11]


def test_points_without_any_scatter_leave_only_the_wrong_one_flagged() -> None:
    x = np.arange(12.0)
    response = 0.7 - 0.01 * x
    response[5] += 0.1
    flags = outlier_flags(np.column_stack([np.ones(12), x]), response)
    assert np.flatnonzero(flags.flagged).tolist() == [5]
    assert np.flatnonzero(flags.robust_flagged).tolist() == [5]
    assert not outlier_flags(np.column_stack([np.ones(12), x]), np.zeros(12)).robust_flagged.any()


def test_among_normal_errors_hardly_more_than_one_test_in_twenty_has_a_flag() -> None:
    rng = np.random.default_rng(11)
    design, _ = efficiencies({})
    flagged = sum(outlier_flags(design, rng.normal(size=30)).flagged.any() for _ in range(150))
    assert stats.binom.ppf(0.001, 150, 0.05) <= flagged <= stats.binom.ppf(0.999, 150, 0.05)


@settings(max_examples=20)
@given(st.permutations(range(30)), st.floats(1e-6, 1e6))
def test_order_and_unit_leave_the_flags_as_they_are(order: list[int], unit: float) -> None:
    design, response = efficiencies({4: 0.02, 9: 0.02})
    plain, other = outlier_flags(design, response), outlier_flags(design[order], response[order] * unit)
    np.testing.assert_allclose(other.studentised, plain.studentised[order], rtol=1e-7)
    np.testing.assert_allclose(other.robust, plain.robust[order], rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(other.flagged, plain.flagged[order])


def test_too_few_points_to_leave_one_out_are_refused() -> None:
    with pytest.raises(ValueError, match="4 points are too few to leave one out of a fit of 3 terms"):
        outlier_flags(np.ones((4, 3)), np.ones(4))


def test_lists_are_taken_as_they_come() -> None:
    design, response = efficiencies({4: 0.02})
    assert outlier_flags(design.tolist(), response.tolist()).flagged[4]
    fit, _ = eliminate(design.tolist(), response.tolist(), names="abc", keep="a", t_ratio_min=3.0)
    assert "a" in fit.names


def test_a_single_row_of_numbers_is_no_design() -> None:
    with pytest.raises(ValueError, match="rows of points and columns of terms"):
        outlier_flags([1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0])
    with pytest.raises(ValueError, match="rows of points and columns of terms"):
        eliminate([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], names=["a"], keep=["a"], t_ratio_min=3.0)


def test_an_uncertainty_of_zero_is_refused() -> None:
    design, response = efficiencies({})
    with pytest.raises(ValueError, match="standard uncertainty above zero"):
        outlier_flags(design, response, standard_uncertainty=np.zeros(30))
