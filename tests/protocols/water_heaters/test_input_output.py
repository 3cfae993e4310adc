"""The input-output correlation: fit, prediction, sums of a year, what the days cannot tell."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from numpy.typing import NDArray

from protocols.method import NotEvaluable, Outcome
from protocols.record import Common, Record
from protocols.water_heaters.input_output import correlation, daily_output, daily_uncertainty, long_term, regressors
from tests.protocols.conftest import Case
from tests.protocols.examples.water_heaters import IO, input_output_case, input_output_columns

Array = NDArray[np.float64]

TRUE = np.array(list(IO.values()))
COVARIANCE = np.array([[0.02, 0.001, -0.2], [0.001, 0.01, -0.05], [-0.2, -0.05, 4.0]])


def codes(outcome: Outcome) -> set[str]:
    return {note.code for note in outcome.notes}


def changed(case: Case, **columns: Array) -> Case:
    record = Record(time=case.record.time, columns={**case.record.columns, **columns})
    return replace(case, record=record)


def a_year(seed: int = 3) -> dict[str, Any]:
    """Daily sums of a year, some days of them dark and cold."""
    rng = np.random.default_rng(seed)
    day = np.arange(365.0)
    season = np.cos(2.0 * np.pi * (day - 195.0) / 365.0)
    month = pd.date_range("2026-01-01", periods=365).month.to_numpy()
    return {
        "H": np.clip(13.0 + 7.0 * season + rng.normal(0.0, 5.0, 365), 0.2, None),
        "t_amb": 15.0 + 12.0 * season + rng.normal(0.0, 2.0, 365),
        "t_main": 15.0 + 5.0 * season,
        "month": month,
    }


def test_the_fit_is_that_of_another_program() -> None:
    columns = input_output_columns(noise=1.0)[1]
    dt = columns["t_amb_day"] - columns["t_main"]
    ours = correlation(H=columns["H"], dt=dt, Q=columns["Q_day"])
    theirs = sm.OLS(columns["Q_day"], np.column_stack([columns["H"], dt, np.ones(dt.size)])).fit()
    np.testing.assert_allclose(ours.values, theirs.params, rtol=1e-10)
    np.testing.assert_allclose(ours.covariance, theirs.cov_params(), rtol=1e-8)


def test_a_prediction_has_the_uncertainty_of_another_program_for_the_mean_and_for_a_day() -> None:
    columns = input_output_columns(noise=1.0)[1]
    dt = columns["t_amb_day"] - columns["t_main"]
    ours = correlation(H=columns["H"], dt=dt, Q=columns["Q_day"])
    theirs = sm.OLS(columns["Q_day"], regressors(H=columns["H"], dt=dt)).fit()
    asked = regressors(H=np.array([17.0, 8.0]), dt=np.array([0.0, 9.0]))
    frame = theirs.get_prediction(asked).summary_frame(alpha=0.05)
    mean = daily_uncertainty(covariance=ours.covariance, H=[17.0, 8.0], dt=[0.0, 9.0])
    np.testing.assert_allclose(mean, frame["mean_se"], rtol=1e-9)
    single = daily_uncertainty(covariance=ours.covariance, H=[17.0, 8.0], dt=[0.0, 9.0], residual_sd=ours.residual_sd)
    np.testing.assert_allclose(single, theirs.get_prediction(asked).se_obs, rtol=1e-9)


def test_published_coefficients_predict_their_days() -> None:
    assert daily_output(values=TRUE, H=17.0, dt=9.0) == pytest.approx(64.41, abs=0.005)  # case S16


def test_the_method_states_what_was_asked_for() -> None:
    outcome = input_output_case(noise=0.0, asked=((17.0, 9.0), (8.0, 0.0))).evaluate()
    assert outcome.diagnostics["Q_at_17_9"] == pytest.approx(64.41, abs=0.005)
    assert outcome.diagnostics["Q_at_8_0"] == pytest.approx(28.33, abs=0.005)
    assert outcome.diagnostics["u_Q_at_17_9"] >= 0.0


def test_intervals_cover_the_truth_nineteen_times_in_twenty() -> None:
    columns = input_output_columns()[1]
    dt = columns["t_amb_day"] - columns["t_main"]
    rng, hits, t = np.random.default_rng(11), 0, 2.570582  # Student's, 5 degrees of freedom, 95 %
    for _ in range(2000):
        fit = correlation(H=columns["H"], dt=dt, Q=columns["Q_day"] + rng.normal(0.0, 1.3, 8))
        hits += int(abs(fit.values[0] - TRUE[0]) <= t * fit.standard_errors[0])
    assert 0.93 <= hits / 2000 <= 0.97


def test_a_pyranometer_that_reads_high_lowers_io1_alone_and_in_common() -> None:
    common = (Common(symbol="H", relative=0.01),)
    found = {one.symbol: one for one in input_output_case(noise=0.0, uncertainties=common).evaluate().coefficients}
    assert found["io1"].common_uncertainty / found["io1"].value == pytest.approx(0.01, rel=0.02)
    assert found["io2"].common_uncertainty == pytest.approx(0.0, abs=1e-9)


def test_a_heat_meter_that_reads_high_raises_all_alike() -> None:
    common = (Common(symbol="Q_day", relative=0.02),)
    for one in input_output_case(noise=0.0, uncertainties=common).evaluate().coefficients:
        assert one.common_uncertainty / abs(one.value) == pytest.approx(0.02, rel=1e-6)


def test_days_that_are_incomplete_or_dark_are_refused_each_with_its_reason() -> None:
    case = input_output_case()
    H, Q = case.record.columns["H"].copy(), case.record.columns["Q_day"].copy()
    Q[0], H[1] = np.nan, 0.0
    outcome = changed(case, H=H, Q_day=Q).evaluate()
    assert [(one.code, one.count) for one in outcome.refusals] == [("missing value", 1), ("no sun", 1)]
    assert outcome.points["used"].sum() == 6
    Q[2] = np.nan
    with pytest.raises(NotEvaluable, match="5 usable days and at least 6"):
        changed(case, H=H, Q_day=Q).evaluate()


def test_days_of_one_temperature_difference_are_refused_because_they_tell_nothing_about_io2() -> None:
    case = input_output_case()
    flat = case.record.columns["t_main"] + 3.0
    with pytest.raises(NotEvaluable, match="io2 and io3 apart"):
        changed(case, t_amb_day=flat).evaluate()


def test_days_unlike_the_standards_are_told() -> None:
    case = input_output_case(noise=0.1)
    H, t_amb = case.record.columns["H"], case.record.columns["t_amb_day"]
    good = codes(changed(case, u=np.full(8, 4.0)).evaluate())
    asked = {
        "days outside the irradiation",
        "irradiation hardly varies",
        "days outside the temperature difference",
        "temperature difference hardly varies",
        "wind",
        "sign of io2",
        "no wind",
    }
    assert not asked & good
    assert "no wind" in codes(case.evaluate())
    narrow = changed(case, H=26.0 + 0.05 * H, u=np.full(8, 7.0))
    assert {"days outside the irradiation", "irradiation hardly varies", "wind"} <= codes(narrow.evaluate())
    near = changed(case, t_amb_day=25.0 + 0.2 * t_amb)
    assert "temperature difference hardly varies" in codes(near.evaluate())
    swapped = changed(case, t_amb_day=case.record.columns["t_main"], t_main=t_amb)
    assert {"sign of io2", "days outside the temperature difference"} <= codes(swapped.evaluate())


# --- a year ---


def test_a_year_is_the_sum_of_its_days_and_of_its_months() -> None:
    year = a_year()
    found = long_term(values=TRUE, covariance=COVARIANCE, residual_sd=1.5, **year)
    by_day = [max(2.54448 * h + 1.46415 * (a - m) + 7.97159, 0.0) for h, a, m in
              zip(year["H"], year["t_amb"], year["t_main"], strict=True)]  # fmt: skip
    assert found.annual == pytest.approx(sum(by_day), rel=1e-12)
    assert found.annual == pytest.approx(found.monthly.sum(), rel=1e-12)
    assert found.monthly[6] == pytest.approx(sum(d for d, m in zip(by_day, year["month"], strict=True) if m == 7))
    assert found.idle == by_day.count(0.0) > 0
    assert found.days == 365


def test_the_uncertainty_of_a_year_is_that_of_draws_of_its_coefficients_and_days() -> None:
    year = a_year()
    found = long_term(values=TRUE, covariance=COVARIANCE, residual_sd=1.5, **year)
    rng = np.random.default_rng(5)
    x = regressors(H=year["H"], dt=year["t_amb"] - year["t_main"])
    running = x @ TRUE > 0.0
    draws = rng.multivariate_normal(TRUE, COVARIANCE, 20_000) @ x[running].T
    annual = draws.sum(axis=1) + rng.normal(0.0, 1.5 * np.sqrt(running.sum()), 20_000)
    assert found.annual_uncertainty == pytest.approx(annual.std(), rel=0.02)
    # common to all days: far more than the root of the sum of squares of the months
    assert found.annual_uncertainty > 2.0 * np.linalg.norm(found.monthly_uncertainty)


def test_heat_is_not_carried_over_because_nobody_has_found_how() -> None:
    with pytest.raises(NotEvaluable, match="draw-off profile") as refusal:
        long_term(values=TRUE, covariance=COVARIANCE, residual_sd=0.0, carry_over=True, **a_year())
    assert "f(V)" in refusal.value.sentence_zh


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"H": np.array([1.0, 2.0])}, "one value of H"),
        ({"H": np.array([1.0])}, "one value of H, t_amb, t_main and month for each day"),
        ({"H": np.full(365, np.nan)}, "missing value"),
        ({"month": np.zeros(365, dtype=np.intp)}, "months are numbered"),
    ],
)
def test_a_climate_that_cannot_be_summed_is_refused(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        long_term(values=TRUE, covariance=COVARIANCE, residual_sd=0.0, **{**a_year(), **change})


def test_the_scatter_of_days_adds_up_by_the_root_of_their_number() -> None:
    year = {**a_year(), "H": np.full(365, 15.0)}
    year["t_main"] = year["t_amb"]
    found = long_term(values=TRUE, covariance=np.zeros((3, 3)), residual_sd=1.5, **year)
    assert found.annual_uncertainty == pytest.approx(1.5 * np.sqrt(365.0))
    assert found.monthly_uncertainty[1] == pytest.approx(1.5 * np.sqrt(28.0))
