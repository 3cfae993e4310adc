"""Propylene glycol against other programs, and what is refused."""

import json

import numpy as np
import pytest

from protocols import glycol
from protocols.fluids import propylene_glycol
from tests.protocols.conftest import DATA

CASE = json.loads((DATA / "fluids" / "cases.json").read_text("utf-8"))["propylene_glycol"]


@pytest.mark.parametrize("point", CASE["expected"])
def test_the_mixture_is_that_of_other_programs(point: str) -> None:
    share, temperature = (float(part[1:]) for part in point.split("_"))
    theirs = CASE["expected"][point]
    at = {"mass_fraction": share, "temperature": temperature}
    assert glycol.density(**at) == pytest.approx(theirs["rho"], rel=1e-12)
    assert glycol.heat_capacity(**at) == pytest.approx(theirs["cp"], rel=1e-12)
    assert glycol.conductivity(**at) == pytest.approx(theirs["lam"], rel=1e-12)
    assert glycol.viscosity(**at) == pytest.approx(1e-3 * theirs["mu_mPas"], rel=1e-12)


@pytest.mark.parametrize("share", CASE["freezing_C"])
def test_the_mixture_freezes_where_other_programs_say(share: str) -> None:
    # The correlation depends on the temperature it is taken at by less than 1e-2 K; the programs differ in it.
    assert glycol.freezing_point(mass_fraction=float(share)) == pytest.approx(CASE["freezing_C"][share], abs=0.01)


def test_the_fluid_is_the_mixture_and_nothing_else() -> None:
    fluid = propylene_glycol(0.3)
    assert fluid.name == "propylene glycol 30 %"
    assert fluid.limits == (glycol.freezing_point(mass_fraction=0.3), 100.0)
    t = np.array([0.0, 50.0])
    np.testing.assert_array_equal(fluid.density(t), glycol.density(mass_fraction=0.3, temperature=t))
    np.testing.assert_array_equal(fluid.heat_capacity(t), glycol.heat_capacity(mass_fraction=0.3, temperature=t))


def test_the_enthalpy_rise_of_a_mixture_is_the_integral_of_its_heat_capacity() -> None:
    fluid, t = propylene_glycol(0.4), np.linspace(-10.0, 90.0, 100_001)
    cp = fluid.heat_capacity(t)
    integral = float(np.sum((cp[1:] + cp[:-1]) / 2.0) * (t[1] - t[0]))
    assert fluid.enthalpy_rise(t_in=t[0], t_out=t[-1]) == pytest.approx(integral, rel=1e-9)


def test_a_missing_temperature_stays_missing() -> None:
    assert np.isnan(glycol.density(mass_fraction=0.3, temperature=[np.nan])).all()


@pytest.mark.parametrize("share", [-0.01, 0.61, float("nan")])
def test_a_share_of_glycol_that_is_not_known_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="from 0 to 60 %"):
        propylene_glycol(share)


@pytest.mark.parametrize("temperature", [-13.0, 100.1])
def test_a_temperature_where_the_mixture_is_not_known_is_refused(temperature: float) -> None:
    with pytest.raises(ValueError, match=rf"30 % is known from -12\.79 to 100 degC; {temperature:g} degC"):
        glycol.heat_capacity(mass_fraction=0.3, temperature=[20.0, temperature])
