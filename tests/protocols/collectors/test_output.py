"""The power as data sheets print it, its uncertainty, and where it may not be stated."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.collectors.collector import CollectorParameters
from protocols.collectors.file import read_collector
from protocols.collectors.modifier import Unity
from protocols.collectors.output import SKIES, efficiency, peak_power, power_table, printed
from protocols.limits import Limit, read_limits
from protocols.refusals import NotEvaluable
from tests.protocols.conftest import ROOT

LIMITS = read_limits(ROOT / "config" / "limits" / "standard_reporting.toml")
KM3663 = read_collector(ROOT / "config" / "collectors" / "km3663_chappee_sol_200_lh.toml")
COVARIANCE = np.diag(np.square([0.004, 0.01, 0.05, 0.001, 0.0, 0.0, 50.0, 0.0, 0.0, 0.0]))


def test_the_row_per_area_of_a_data_sheet_is_reproduced_exactly() -> None:
    table = power_table(KM3663, rises=[0, 10, 30, 50, 70, 83], limits=LIMITS)
    assert [int(value) for value in printed(table.per_area)] == [729, 692, 608, 511, 400, 321]
    assert table.extrapolated.tolist() == [False] * 4 + [True] * 2


def test_a_module_is_its_unrounded_area_times_the_unrounded_power() -> None:
    table = power_table(KM3663, rises=[0, 50], limits=LIMITS)
    np.testing.assert_allclose(table.per_module, 1.757 * 1.151 * np.array([729.0235, 511.0235]), rtol=1e-12)
    larger = power_table(KM3663, rises=[0, 50], limits=LIMITS, area=2.5)
    np.testing.assert_allclose(larger.per_module, 2.5 * table.per_area)
    assert peak_power(KM3663, limits=LIMITS) == pytest.approx(table.per_module[0])


def test_three_skies_and_their_long_wave_balance() -> None:
    unglazed = replace(KM3663, a3=2.0, a4=0.4, a6=0.02, a7=0.01)
    # u' = 1.3 - 3 m/s at 20 K: 0.739 (Gb + 0.91 Gd) - (3.51 - 2 * 1.7) 20 - 0.017 400 + (0.4 + 0.017) L + 0.034 G
    for sky, Gb, Gd, L in (("blue", 850, 150, -100), ("hazy", 440, 160, -50), ("grey", 0, 400, 0)):
        expected = 0.739 * (Gb + 0.91 * Gd) - 0.11 * 20 - 6.8 + 0.417 * L + 0.034 * (Gb + Gd)
        table = power_table(unglazed, rises=[20], limits=LIMITS, sky=sky)
        assert table.per_area == pytest.approx(expected)
        assert {one.symbol for one in table.limits} >= {f"{sky}_Gb", f"{sky}_long_wave"}
        assert not any(one.confirmed for one in table.limits)


def test_the_uncertainty_is_that_of_the_coefficients() -> None:
    table = power_table(replace(KM3663, covariance=COVARIANCE), rises=[0, 50], limits=LIMITS)
    # g: (850 + 0.91 * 150, 0.739 * 150, -D, -D^2); the thermal capacity plays no part in steady state
    at_zero = np.hypot(986.5 * 0.004, 110.85 * 0.01)
    assert table.per_area_uncertainty == pytest.approx([at_zero, np.sqrt(at_zero**2 + 2.5**2 + 2.5**2)])
    assert table.per_module_uncertainty == pytest.approx(KM3663.area * np.array(table.per_area_uncertainty))


def test_correlated_coefficients_may_lower_the_uncertainty() -> None:
    covariance = COVARIANCE.copy()
    covariance[2, 3] = covariance[3, 2] = -0.9 * 0.05 * 0.001
    table = power_table(replace(KM3663, covariance=covariance), rises=[50], limits=LIMITS)
    at_zero = np.hypot(986.5 * 0.004, 110.85 * 0.01)
    assert table.per_area_uncertainty == pytest.approx([np.sqrt(at_zero**2 + 2 * 2.5**2 * (1 - 0.9))])


def test_an_uncertain_area_counts_for_the_module_only() -> None:
    known = replace(KM3663, covariance=np.zeros((10, 10)))
    table = power_table(known, rises=[0], limits=LIMITS, area_uncertainty=0.01)
    assert table.per_area_uncertainty == pytest.approx([0.0])
    assert table.per_module_uncertainty == pytest.approx([7.290235])
    assert power_table(KM3663, rises=[0], limits=LIMITS).per_module_uncertainty is None
    uncertain = power_table(
        replace(KM3663, covariance=COVARIANCE), rises=[0], limits=LIMITS, area=2.03, area_uncertainty=0.01
    )
    per_area = np.hypot(986.5 * 0.004, 110.85 * 0.01)
    assert uncertain.per_module_uncertainty == pytest.approx([np.hypot(2.03 * per_area, 7.290235)])


@given(st.floats(0.1, 10.0), st.floats(-5.0, 83.0))
def test_a_family_shares_its_power_per_area(factor: float, rise: float) -> None:
    small = power_table(KM3663, rises=[rise], limits=LIMITS)
    large = power_table(KM3663, rises=[rise], limits=LIMITS, area=factor * KM3663.area)
    np.testing.assert_allclose(large.per_module, factor * small.per_module, rtol=1e-12)
    np.testing.assert_array_equal(large.per_area, small.per_area)


def test_the_efficiency_is_the_power_over_the_irradiance() -> None:
    reduced = np.array([0.0, 0.02, 0.05])
    expected = KM3663.eta0hem - 3.51 * reduced - 0.017 * 800.0 * reduced**2
    np.testing.assert_allclose(efficiency(KM3663, reduced=reduced, G=800.0), expected, rtol=1e-12)
    with pytest.raises(ValueError, match="positive"):
        efficiency(KM3663, reduced=0.0, G=0.0)


def test_print_rounds_once_and_ties_to_even() -> None:
    assert printed([2.5, 3.5, 320.5804999]) == (Decimal(2), Decimal(4), Decimal(321))
    assert printed(0.125, "0.01") == (Decimal("0.12"),)
    with pytest.raises(ValueError, match="missing"):
        printed([1.0, np.nan])


def without(symbol: str) -> dict[str, Limit]:
    return {key: limit for key, limit in LIMITS.items() if key != symbol}


@pytest.mark.parametrize(
    ("refused", "sentence"),
    [
        (lambda: power_table(KM3663, rises=[0, 83.1], limits=LIMITS), r"tm - ta = 83\.1 K.*up to 83 K"),
        (lambda: power_table(KM3663, rises=[np.nan], limits=LIMITS), "nan K"),
        (lambda: power_table(replace(KM3663, tested_rise=None), rises=[0], limits=LIMITS), "give tested_rise"),
        (lambda: power_table(KM3663, rises=[0], limits=without("blue_Gd")), "no number for blue_Gd"),
        (
            lambda: peak_power(KM3663, limits={"peak_G": replace(LIMITS["peak_G"], value=float("nan"))}),
            "no number for peak_G",
        ),
    ],
)
def test_a_power_that_may_not_be_stated_is_refused(refused: Callable[[], object], sentence: str) -> None:
    with pytest.raises(NotEvaluable, match=sentence):
        refused()


def test_another_sky_is_refused() -> None:
    assert SKIES == ("blue", "hazy", "grey")
    with pytest.raises(ValueError, match="say blue, hazy, grey"):
        power_table(KM3663, rises=[0], limits=LIMITS, sky="clear")


def test_a_power_below_zero_is_stated_as_it_is() -> None:
    cold = CollectorParameters(name="c", area=1.0, eta0b=0.5, Kd=1.0, a1=10.0, modifier=Unity(), tested_rise=60.0)
    assert power_table(cold, rises=[90], limits=LIMITS).per_area == pytest.approx(-400.0)
