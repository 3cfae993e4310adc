"""The uncertainty of a quasi-dynamic test of fewer days than can be drawn among: one after another is left out."""

import numpy as np
import pytest
from numpy.typing import NDArray

from protocols.metrology.distributions import t_ppf
from protocols.quasidynamic.model import Estimate, Problem, eliminated, estimate
from protocols.uncertainty import block_jackknife
from tests.protocols.coverage import Simulation, responses, simulation

Array = NDArray[np.float64]
DAYS, TESTS = (0, 2, 5, 7), 400


def test_of_a_mean_it_is_the_variance_of_the_mean_of_days() -> None:
    days = np.array([[1.0, 3.0], [2.0, 8.0], [4.0, 5.0], [-1.0, 2.0]])
    found = block_jackknife(design=np.ones((8, 1)), response=days.ravel(), blocks=np.repeat(np.arange(4), 2))
    assert found[0, 0] == pytest.approx(np.var(days.mean(axis=1), ddof=1) / 4, rel=1e-12)


def test_a_coefficient_that_hangs_on_one_day_is_refused_in_a_sentence() -> None:
    design = np.column_stack([np.ones(6), [0.0, 0.0, 0.0, 0.0, 1.0, 2.0]])
    with pytest.raises(ValueError, match="without one of the days the others do not identify"):
        block_jackknife(design=design, response=np.arange(6.0), blocks=np.repeat(np.arange(3), 2))


def test_a_single_day_has_no_scatter() -> None:
    with pytest.raises(ValueError, match="at least two blocks"):
        block_jackknife(design=np.ones((6, 1)), response=np.arange(6.0), blocks=np.zeros(6))


def by_days(found: Simulation, response: Array, taken: NDArray[np.bool_]) -> Estimate:
    left = Problem(names=found.model.names, design=found.design[taken], response=response[taken])
    fit, _ = eliminated(model=found.model, left=left, t_ratio_min=0.0)
    days = found.day[taken].astype(np.float64)
    return estimate(model=found.model, fit=fit, left=left, fixed={}, shifts={}, days=days, few=True)


def test_four_days_that_err_as_a_whole_are_covered_by_it_and_not_by_ordinary_standard_errors() -> None:
    found = simulation("iso9806-2017-qdt", 1)
    taken = np.isin(found.day, DAYS)
    every = [by_days(found, each, taken) for each in responses(found, tests=TESTS, by_day=1.0, seed=7).T]
    error = np.abs(np.array([each.values for each in every]) - found.truth)
    random = np.array([np.sqrt(np.diag(each.budget.random)) for each in every])
    ordinary = np.array([each.ordinary for each in every])
    assert {each.dof for each in every} == {3.0}
    assert np.mean(error <= t_ppf(0.97725, 3.0) * random, axis=0).min() >= 0.90
    assert np.mean(error <= 2.0 * ordinary, axis=0).min() < 0.5
