"""Two results side by side: E_n by hand, shared calibrations by their random parts, and what only one has."""

from __future__ import annotations

import math
from typing import Any

import pytest

from lims.results.comparison import compare, have_curves, overlay

APART = {"calibrations": [{"certificate": "C-1"}]}
OTHER = {"calibrations": [{"certificate": "C-2"}]}


def value(symbol: str, number: float, *, expanded: float = 0.2, random: float = 0.03) -> dict[str, Any]:
    return {
        "symbol": symbol, "unit": "W/(m2 K)", "value": number, "expanded_uncertainty": expanded,
        "random_uncertainty": random,
    }  # fmt: skip


def outcome(*values: dict[str, Any]) -> dict[str, Any]:
    size = len(values)
    return {"coefficients": list(values), "covariance": [[0.0] * size for _ in range(size)]}


def test_different_calibrations_are_compared_by_e_n() -> None:
    (one,) = compare(outcome(value("a1", 3.5)), APART, outcome(value("a1", 3.9, expanded=0.3)), OTHER).values
    assert one.score == pytest.approx(0.4 / math.hypot(0.2, 0.3))  # ISO 13528:2022, 9.7
    assert one.difference == pytest.approx(0.4)
    assert one.explained is False
    assert (one.first, one.second) == (("3.50", "0.20"), ("3.90", "0.30"))


def test_with_the_same_calibrations_their_errors_cancel_and_the_random_parts_remain() -> None:
    found = compare(outcome(value("a1", 3.5)), APART, outcome(value("a1", 3.6)), APART)
    assert found.shared
    assert found.values[0].score == pytest.approx(0.1 / (2 * math.hypot(0.03, 0.03)))
    assert found.values[0].explained is False
    apart = compare(outcome(value("a1", 3.5)), APART, outcome(value("a1", 3.6)), OTHER)
    assert apart.values[0].explained is True


def test_a_value_without_uncertainty_has_no_score_and_one_that_stands_alone_is_named() -> None:
    set_one = value("b0", 0.1, expanded=0.0, random=0.0)
    found = compare(outcome(set_one, value("a1", 3.5)), APART, outcome(set_one, value("a5", 8000.0)), OTHER)
    assert [(one.symbol, one.score, one.explained) for one in found.values] == [("b0", None, None)]
    assert (found.only_first, found.only_second) == (["a1"], ["a5"])


def test_curves_are_laid_over_each_other_where_both_results_have_one() -> None:
    curve = outcome(value("eta0b", 0.78), value("a1", 3.5), value("a2", 0.01))
    assert have_curves(curve, curve)
    assert not have_curves(curve, outcome(value("dp1", 1.0)))
    assert b"<svg" in overlay(curve, curve, ("JG-1", "JG-2"))
