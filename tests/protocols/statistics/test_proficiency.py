"""Scores of a proficiency test, the values to judge by, and homogeneity and stability of its items."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from protocols.statistics import homogeneity as items
from protocols.statistics import proficiency as pt
from tests.protocols.conftest import DATA

CASES: dict[str, Any] = json.loads((DATA / "laboratory_statistics" / "proficiency.json").read_text("utf-8"))
SCORES = {"assigned": 0.044, "sigma": 0.0066}


@pytest.mark.parametrize(
    ("score", "code"),
    [
        *((2.0, "satisfactory"), (-2.0, "satisfactory"), (2.01, "questionable"), (-2.99, "questionable")),
        *((3.0, "unsatisfactory"), (-3.0, "unsatisfactory"), (0.0, "satisfactory")),
    ],
)
def test_two_is_satisfactory_and_three_is_not(score: float, code: str) -> None:
    assert pt.verdict(score).code == code


def test_the_limits_of_en_and_of_the_allowed_error_are_themselves_too_much() -> None:
    assert [pt.en_verdict(e).code for e in (0.99, 1.0, -1.0)] == ["satisfactory", "unsatisfactory", "unsatisfactory"]
    assert [pt.allowed_verdict(e).code for e in (99.9, -100.0)] == ["satisfactory", "unsatisfactory"]


def test_a_verdict_has_a_word_in_both_languages() -> None:
    words = [(v.word_en, v.word_zh) for v in (pt.SATISFACTORY, pt.QUESTIONABLE, pt.UNSATISFACTORY)]
    assert words == [("satisfactory", "满意"), ("questionable", "有问题（可疑）"), ("unsatisfactory", "不满意")]


def test_z_prime_is_asked_for_when_the_assigned_value_is_uncertain() -> None:
    assert not pt.uncertainty_negligible(0.0041, sigma=0.0066)  # E.4: 0.0041 against 0.00198
    assert pt.uncertainty_negligible(0.29, sigma=1.0)
    assert not pt.uncertainty_negligible(0.31, sigma=1.0)
    assert pt.uncertainty_negligible(0.09, allowed=1.0)
    assert not pt.uncertainty_negligible(0.11, allowed=1.0)


@given(st.floats(-1, 1), st.floats(1e-3, 1e3), st.floats(0, 1), st.floats(1e-3, 1))
def test_scores_do_not_depend_on_the_unit(x: float, factor: float, u: float, u_pt: float) -> None:
    def scores(scale: float) -> list[float]:
        common = {"assigned": 0.5 * scale}
        return [
            float(pt.z_score(x * scale, sigma=0.1 * scale, **common)),
            float(pt.z_prime_score(x * scale, sigma=0.1 * scale, assigned_uncertainty=u_pt * scale, **common)),
            float(pt.zeta_score(x * scale, uncertainty=u * scale, assigned_uncertainty=u_pt * scale, **common)),
            float(pt.en_score(x * scale, expanded=u * scale, assigned_expanded=u_pt * scale, **common)),
            float(pt.difference_percent(x * scale, **common)),
            float(pt.allowed_percent(x * scale, allowed=0.3 * scale, **common)),
        ]

    np.testing.assert_allclose(scores(factor), scores(1.0), rtol=1e-9, atol=1e-12)


def test_a_whole_round_is_scored_at_once() -> None:
    x = np.array([0.013, 0.044, 0.053])
    np.testing.assert_array_equal(pt.z_score(x, **SCORES), [float(pt.z_score(one, **SCORES)) for one in x])


def test_without_uncertainty_of_the_assigned_value_z_prime_is_z() -> None:
    assert pt.z_prime_score(0.05, assigned_uncertainty=0.0, **SCORES) == pt.z_score(0.05, **SCORES)


def test_horwitz_has_three_branches() -> None:
    c = np.array([1e-8, 0.01, 0.5])
    np.testing.assert_allclose(pt.horwitz_sigma(c), [0.22e-8, 0.02 * 0.01**0.8495, 0.01 * np.sqrt(0.5)], rtol=1e-12)


def test_a_consensus_far_from_the_reference_asks_for_an_explanation() -> None:
    near = {"consensus_uncertainty": 3.0, "reference": 0.0, "reference_uncertainty": 4.0}
    assert pt.compared_with_reference(consensus=10.0, **near).agrees
    assert not pt.compared_with_reference(consensus=10.1, **near).agrees


def test_homogeneity_in_three_replicates_is_the_analysis_of_variance() -> None:
    x = np.array([[2.0, 4.0, 6.0], [4.0, 6.0, 8.0], [8.0, 10.0, 12.0]])
    found = items.homogeneity(x, sigma=1.0)
    between = 3 * np.var(x.mean(axis=1), ddof=1)
    assert found.s_s == pytest.approx(np.sqrt((between - 4.0) / 3.0))
    F1, F2 = stats.chi2.ppf(0.95, 2) / 2, (stats.f.ppf(0.95, 2, 6) - 1.0) / 3
    assert items.expanded_factors(items=3, replicates=3) == pytest.approx((F1, F2), rel=1e-9)
    assert found.expanded_criterion == pytest.approx(np.sqrt(F1 * 0.09 + F2 * 4.0), rel=1e-9)


def test_items_that_vary_less_than_their_replicates_have_no_variation_between_them() -> None:
    found = items.homogeneity([[1.0, 3.0], [3.0, 1.0], [1.0, 3.0]], sigma=1.0)
    assert found.s_s == 0.0
    assert (found.sufficient, found.word_zh) == (True, "均匀性满足要求")


@pytest.mark.parametrize(
    ("shift", "sigma", "word"),
    [
        (0.05, 1.0, "sufficiently homogeneous"),
        (0.70, 1.0, "sufficiently homogeneous by the expanded criterion only"),
        (5.0, 1.0, "not sufficiently homogeneous"),
    ],
)
def test_the_verdict_says_which_criterion_was_met(shift: float, sigma: float, word: str) -> None:
    base = np.array([[0.0, 0.2], [0.1, -0.1], [0.2, 0.0], [-0.1, 0.1]])
    assert items.homogeneity(base + shift * np.array([[0], [1], [0], [1]]), sigma=sigma).word_en == word


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (0.2, "sufficiently stable"),
        (0.4, "sufficiently stable by the expanded criterion only"),
        (-0.4, "sufficiently stable by the expanded criterion only"),
        (0.9, "not sufficiently stable"),
    ],
)
def test_a_change_is_judged_whichever_way_it_goes(change: float, word: str) -> None:
    first = np.array([10.0, 10.2, 9.8, 10.0])
    found = items.stability(first, first + change, sigma=1.0)
    assert found.word_en == word
    assert found.expanded_criterion == pytest.approx(0.3 + 2 * np.sqrt(2 * np.var(first, ddof=1) / 4))


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: pt.z_score(1.0, assigned=0.0, sigma=0.0), "sigma_pt is 0.0; give a finite number above zero"),
        (lambda: pt.z_score([1.0, np.nan], assigned=0.0, sigma=1.0), "leave the participant out"),
        (lambda: pt.z_score(1.0, assigned=np.nan, sigma=1.0), "the assigned value is nan"),
        (lambda: pt.difference_percent(1.0, assigned=0.0), "no percentage"),
        (lambda: pt.zeta_score(1.0, uncertainty=-1.0, assigned=0.0, assigned_uncertainty=1.0), "not below zero"),
        (
            lambda: pt.zeta_score([1.0, 2.0], uncertainty=[0.1, 0.1, 0.1], assigned=0, assigned_uncertainty=1),
            "2 results",
        ),
        (lambda: pt.en_score(1.0, expanded=0.0, assigned=0.0, assigned_expanded=0.0), "divides by it"),
        (lambda: pt.verdict(np.nan), "the score is nan"),
        (lambda: pt.uncertainty_negligible(0.1), "either sigma_pt or delta_E"),
        (lambda: pt.uncertainty_negligible(0.1, sigma=1.0, allowed=1.0), "either sigma_pt or delta_E"),
        (lambda: pt.horwitz_sigma(2.0), "give it in kg/kg"),
        (lambda: pt.precision_sigma(reproducibility=1.0, repeatability=2.0, replicates=2), "cannot exceed"),
        (lambda: pt.from_reference_material([1.0], reference=1.0, reference_uncertainty=0.1), "too few"),
        (lambda: items.homogeneity([[1.0, 2.0]], sigma=1.0), "at least 2 rows"),
        (lambda: items.homogeneity([[1.0, 2.0], [1.0]], sigma=1.0), "unequal length"),
        (lambda: items.homogeneity([[1.0, 2.0], [1.0, np.nan]], sigma=1.0), "position 1, 1"),
        (lambda: items.expanded_factors(items=1), "cannot show homogeneity"),
        (lambda: items.stability([1.0], [1.0, 2.0], sigma=1.0), "earlier results: 1 values are too few"),
    ],
)
def test_what_cannot_be_scored_is_refused_in_a_sentence(call: Callable[[], object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        call()
