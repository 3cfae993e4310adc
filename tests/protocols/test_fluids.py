"""Water against IAPWS-95, and what a table of another fluid promises and refuses."""

import csv
import json

import numpy as np
import pytest

from protocols.fluids import (
    WATER,
    WATER_EN_12975,
    TabulatedFluid,
    named,
    propylene_glycol,
    tabulated,
    water_density,
    water_heat_capacity,
)
from protocols.refusals import NotEvaluable
from tests.protocols.conftest import DATA, ROOT

# IAPWS-95 at 101 325 Pa: degC, kg/m3, J/(kg K), J/kg above the triple point; computed with two independent programs
# (iapws and CoolProp) that agree to 1e-10.
IAPWS95 = (
    (10.0, 999.7024701877, 4195.158885966, 42118.895245837),
    (20.0, 998.2071504679, 4184.050924526, 84007.300850625),
    (40.0, 992.2163528731, 4179.414797990, 167616.285974405),
    (60.0, 983.1958242274, 4184.953280468, 251248.693526185),
    (80.0, 971.7903980966, 4196.753264375, 335055.263584220),
    (90.0, 965.3095895563, 4205.205606059, 377063.487246819),
)


@pytest.mark.parametrize(("temperature", "density", "heat", "_enthalpy"), IAPWS95)
def test_water_is_that_of_iapws_95(temperature: float, density: float, heat: float, _enthalpy: float) -> None:
    assert water_density(temperature) == pytest.approx(density, rel=2e-6)
    assert water_heat_capacity(temperature) == pytest.approx(heat, rel=5e-5)


def test_the_enthalpy_rise_of_water_is_that_of_iapws_95() -> None:
    first, last = IAPWS95[0], IAPWS95[-1]
    rise = WATER.enthalpy_rise(t_in=np.array(first[0]), t_out=np.array(last[0]))
    assert rise == pytest.approx(last[3] - first[3], rel=1e-5)


@pytest.mark.parametrize("temperature", [-0.1, 110.1])
def test_water_is_refused_where_it_is_not_known(temperature: float) -> None:
    with pytest.raises(ValueError, match=f"{temperature:g} degC is outside"):
        water_density(temperature)
    with pytest.raises(ValueError, match="outside"):
        water_heat_capacity(np.array([20.0, temperature]))


def test_a_missing_temperature_stays_missing() -> None:
    assert np.isnan(water_density(np.array([np.nan]))).all()


def test_scalars_lists_and_arrays_are_all_temperatures() -> None:
    assert float(water_density(20)) == water_density([20.0, 40.0])[0] == water_density(np.array([[20.0]]))[0, 0]
    assert water_heat_capacity([20, 40]).shape == (2,)


@pytest.mark.parametrize(
    ("temperature", "expected"),
    json.loads((DATA / "fluids" / "cases.json").read_text("utf-8"))["water"]["en_12975_table"].items(),
)
def test_the_polynomials_of_en_12975_are_evaluated_as_printed(temperature: str, expected: dict[str, float]) -> None:
    t = float(temperature)
    assert WATER_EN_12975.density(t) == pytest.approx(expected["rho"], rel=1e-12)
    assert WATER_EN_12975.heat_capacity(t) == pytest.approx(expected["cp"], rel=1e-12)


def test_the_polynomials_of_en_12975_end_before_the_water_boils() -> None:
    for known in (WATER_EN_12975.density, WATER_EN_12975.heat_capacity):
        with pytest.raises(ValueError, match=r"known from 0 to 99\.5"):
            known(np.array([99.6]))


def table(name: str, factor: float) -> list[tuple[float, float]]:
    with (ROOT / "lims" / "demonstration" / "graz" / name).open() as stream:
        return [(float(row["X"]), float(row["Y"]) * factor) for row in csv.DictReader(stream)]


DENSITY, HEAT = table("fluid_density.csv", 1.0), table("fluid_heat_capacity.csv", 1000.0)


def test_a_tabulated_fluid_passes_through_its_tables() -> None:
    fluid = tabulated(name="glycol", density=DENSITY, heat_capacity=HEAT, source="table")
    assert fluid.limits == fluid.tabled == (20.37, 87.99)
    inside = [(t, c) for t, c in HEAT if fluid.limits[0] <= t <= fluid.limits[1]]
    for temperature, heat in inside:
        assert fluid.heat_capacity(np.array(temperature)) == pytest.approx(heat, rel=1.5e-3)
    assert fluid.density_residual < 5e-4
    assert fluid.heat_capacity_residual < 1.5e-3


def test_the_enthalpy_rise_of_a_cubic_is_its_exact_integral() -> None:
    cubic = np.polynomial.Polynomial([3500.0, 4.0, -0.02, 1e-4])
    heat = [(float(t), float(cubic(t))) for t in range(0, 110, 10)]
    fluid = tabulated(
        name="made", density=[(0.0, 1e3), (30.0, 1e3), (60.0, 1e3), (100.0, 1e3)], heat_capacity=heat, source="made"
    )
    whole = cubic.integ()
    rise = fluid.enthalpy_rise(t_in=np.array(12.0), t_out=np.array(95.0))
    assert rise == pytest.approx(whole(95.0) - whole(12.0), rel=1e-12)


def test_a_tabulated_fluid_is_refused_outside_its_tables_unless_extrapolation_is_allowed() -> None:
    with pytest.raises(ValueError, match="known from"):
        tabulated(name="glycol", density=DENSITY, heat_capacity=HEAT, source="t").density(np.array(95.0))
    wider = tabulated(name="glycol", density=DENSITY, heat_capacity=HEAT, source="t", extrapolation=20.0)
    assert wider.density(np.array(95.0)) == pytest.approx(992.1, abs=1.0)
    with pytest.raises(ValueError, match="known from"):
        wider.density(np.array(108.5))


@pytest.mark.parametrize(
    ("density", "heat", "sentence"),
    [
        (DENSITY[:3], HEAT, "needs at least 4"),
        (DENSITY, [*HEAT[:4], (50.0, -1.0)], "positive"),
        ([(t + 200.0, r) for t, r in DENSITY], HEAT, "no temperature in common"),
    ],
)
def test_tables_that_cannot_be_used_are_refused(
    density: list[tuple[float, float]], heat: list[tuple[float, float]], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        tabulated(name="glycol", density=density, heat_capacity=heat, source="table")


# --- by name ---


def test_a_heat_carrier_is_found_by_its_name() -> None:
    assert named("water") is WATER
    assert named("water EN 12975-2") is WATER_EN_12975
    for name in ("propylene glycol 42.5 %", "propylene glycol 42.5%"):
        assert named(name).limits == propylene_glycol(0.425).limits


def test_tables_count_where_they_are_given() -> None:
    fluid = named("propylene glycol 42 %", density=DENSITY, heat_capacity=HEAT, extrapolation=2.0)
    assert isinstance(fluid, TabulatedFluid)
    assert fluid.limits == (18.37, 89.99)


@pytest.mark.parametrize(
    ("name", "tables", "sentence"),
    [
        ("brine", {}, "known only by its tables"),
        ("water", {"density": DENSITY}, "give both fluid_density and fluid_heat_capacity"),
        ("propylene glycol 61 %", {}, "from 0 to 60 %"),
        ("propylene glycol -5 %", {}, "known only by its tables"),
        ("brine", {"density": DENSITY[:2], "heat_capacity": HEAT}, "needs at least 4"),
    ],
)
def test_a_heat_carrier_that_is_not_known_is_refused(name: str, tables: dict[str, object], sentence: str) -> None:
    with pytest.raises(NotEvaluable, match=sentence) as refusal:
        named(name, **tables)
    assert name in refusal.value.sentence_zh
