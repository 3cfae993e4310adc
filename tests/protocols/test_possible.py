"""A logger's code for an error in one sample refuses what it touches, instead of moving a mean."""

import numpy as np
import pytest

from protocols.possible import impossible
from tests.protocols.conftest import limits_of
from tests.protocols.simulated import case

SENSITIVE = "iso9806-2017-qdt-wisc"


@pytest.mark.parametrize(("symbol", "code"), [("t_amb", -9999.0), ("u", 65535.0), ("EL", 9999.0), ("G", -9999.0)])
def test_a_code_in_one_sample_refuses_its_window_and_leaves_the_coefficients(symbol: str, code: float) -> None:
    whole = case(SENSITIVE, noise=0.02).evaluate()
    row = 10 * int(np.flatnonzero(whole.points["used"])[30]) + 4
    column = case(SENSITIVE, noise=0.02).record.columns[symbol].copy()
    column[row] = code
    outcome = case(SENSITIVE, noise=0.02, columns={symbol: column}).evaluate()
    assert [(each.code, each.count) for each in outcome.refusals if "impossible" in each.code] == [
        (f"impossible {symbol}", 1)
    ]
    for before, after in zip(whole.coefficients, outcome.coefficients, strict=True):
        assert abs(after.value - before.value) < before.expanded_uncertainty


def test_both_ends_are_possible_and_a_missing_value_is_left_to_others() -> None:
    limits = limits_of(SENSITIVE)
    ends = np.array([limits["possible_u_min"].value, limits["possible_u_max"].value, np.nan])
    ((flags, _),) = impossible({"u": ends}, limits)
    assert not flags.any()


def test_a_column_without_a_range_is_not_compared() -> None:
    assert list(impossible({"V_dot": np.array([1e9])}, limits_of(SENSITIVE))) == []
