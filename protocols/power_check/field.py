"""A collector field in operation: what its certificate lets it be expected to give, and what was measured."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from protocols.collectors.collector import CollectorParameters
from protocols.collectors.modifier import Biaxial, Modifier, TwoTerm, tabulated
from protocols.fields import fluid, number
from protocols.fluids import Fluid
from protocols.incidence import cosine_of_incidence, horizon_elevation, projected_angles, sun_position
from protocols.method import ItemValue
from protocols.power_check.clock_hours import Hours
from protocols.power_check.formulas import BEAM, HEMISPHERICAL, estimated_power, require_formula
from protocols.refusals import NotEvaluable

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

_OURS = "Heliobench"
_TABLES = ("iam", "iam_transversal", "iam_longitudinal")


@dataclass(frozen=True, kw_only=True)
class Sun:
    """Elevation and azimuth, the angle of incidence and its two projections [deg], of each row."""

    elevation: Array
    azimuth: Array
    theta: Array
    transversal: Array
    longitudinal: Array


@dataclass(frozen=True, kw_only=True)
class Field:
    """What the check knows of the field: the formula, the collector's parameters, the fluid and the item's numbers.

    area: gross area of the whole field [m2].  beam: how the beam on the plane is had, one of the keys of `BEAM_FROM`.
    """

    formula: int
    collector: CollectorParameters
    fluid: Fluid
    area: float
    beam: str
    item: Mapping[str, ItemValue]

    def sun(self, time: Array) -> Sun:
        """Give where the sun stands at times [s]."""
        plane = {"tilt": number(self.item, "tilt"), "plane_azimuth": number(self.item, "azimuth")}
        elevation, azimuth = sun_position(
            time=time, latitude=number(self.item, "latitude"), longitude=number(self.item, "longitude")
        )
        cosine = cosine_of_incidence(elevation=elevation, azimuth=azimuth, **plane)
        tubes = str(self.item["tube_direction"])
        transversal, longitudinal = projected_angles(elevation=elevation, azimuth=azimuth, tubes=tubes, **plane)
        return Sun(
            elevation=elevation,
            azimuth=azimuth,
            theta=np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))),
            transversal=transversal,
            longitudinal=longitudinal,
        )

    def behind_horizon(self, sun: Sun) -> Flags:
        """Mark where the surveyed horizon hides the sun; nowhere without one."""
        horizon = self.item.get("horizon")
        if not horizon:
            return np.zeros(sun.elevation.shape, dtype=bool)
        return np.asarray(sun.elevation < horizon_elevation(azimuth=sun.azimuth, horizon=horizon))

    def outside_fluid(self, columns: Mapping[str, Array]) -> Flags:
        """Mark where a temperature is outside the range in which the fluid is known; nowhere with a heat meter."""
        if "Q_meter" in columns:
            return np.zeros(columns["t_in"].shape, dtype=bool)
        low, high = self.fluid.limits
        colder, warmer = (end(columns["t_in"], columns["t_out"]) for end in (np.minimum, np.maximum))
        return np.asarray((colder < low) | (warmer > high))

    def measured(self, columns: Mapping[str, Array]) -> Array:
        """Give the measured power [W] of each row: of the heat meter, else rho V_dot times the rise of enthalpy.

        Temperatures outside the range of the fluid are taken at its end: the caller refuses such hours.
        """
        if "Q_meter" in columns:
            return columns["Q_meter"]
        t_in, t_out = (np.clip(columns[symbol], *self.fluid.limits) for symbol in ("t_in", "t_out"))
        metered = t_in if self.item["flow_meter_position"] == "inlet" else t_out
        mass_flow = columns["V_dot"] * self.fluid.density(metered)
        return np.asarray(mass_flow * self.fluid.enthalpy_rise(t_in=t_in, t_out=t_out))

    def compared(self, *, hours: Hours, columns: Mapping[str, Array], sun: Sun) -> dict[str, Array]:
        """Give hourly means by symbol, with q_measured and q_estimated [W/m2]; columns, sun: of the rows of `hours`."""
        mean_fluid = (columns["t_in"] + columns["t_out"]) / 2.0
        Kb = self.collector.modifier.at(sun.theta, transversal=sun.transversal, longitudinal=sun.longitudinal)
        means = {
            **{symbol: hours.mean(each) for symbol, each in self.irradiance(columns, sun.theta).items()},
            "theta": hours.mean(sun.theta),
            "Kb": hours.mean(Kb),
            "tm_minus_ta": hours.mean(mean_fluid - columns["t_amb"]),
            "dtm_dt": hours.rate(mean_fluid),
            "q_measured": hours.mean(self.measured(columns)) / self.area,
        }
        estimated = estimated_power(
            formula=self.formula,
            collector=self.collector,
            irradiance=means,
            Kb=means["Kb"],
            rise=means["tm_minus_ta"],
            rate=means["dtm_dt"],
        )
        return means | {"q_estimated": estimated}

    def irradiance(self, columns: Mapping[str, Array], theta: Array) -> dict[str, Array]:
        """Give the irradiances the formula takes [W/m2], of each row."""
        if self.formula == HEMISPHERICAL:
            return {"G": columns["G"]}
        beam = _beam(self.beam, columns, theta)
        if self.formula == BEAM:
            return {"Gb": beam}
        return {"Gb": beam, "Gd": columns["Gd"] if "Gd" in columns else columns["G"] - beam}


# How the beam on the plane is had, and of which columns: the first that the record allows is taken.
BEAM_FROM = {"Gb": ("Gb",), "G - Gd": ("G", "Gd"), "DNI cos(theta)": ("DNI",)}


def _beam(source: str, columns: Mapping[str, Array], theta: Array) -> Array:
    if source == "Gb":
        return columns["Gb"]
    if source == "G - Gd":
        return columns["G"] - columns["Gd"]
    return columns["DNI"] * np.maximum(np.cos(np.radians(theta)), 0.0)


def needed_irradiance(*, formula: int, columns: Mapping[str, Array]) -> tuple[str, tuple[str, ...]]:
    """Give how the beam is had, and the columns of irradiance to read.

    Raises NotEvaluable where the record does not hold what the formula takes.
    """
    if formula == HEMISPHERICAL:
        _require_columns(columns, "G", ("G",), formula)
        return "", ("G",)
    source = next((name for name, wanted in BEAM_FROM.items() if set(wanted) <= columns.keys()), "")
    if not source:
        _require_columns(columns, "Gb, or G and Gd, or DNI", ("Gb",), formula)
    if formula == BEAM:
        return source, BEAM_FROM[source]
    other = "Gd" if "Gd" in columns else "G"
    _require_columns(columns, "Gd, or G", (other,), formula)
    return source, tuple(dict.fromkeys((*BEAM_FROM[source], other)))


def _require_columns(columns: Mapping[str, Array], told: str, wanted: tuple[str, ...], formula: int) -> None:
    if not set(wanted) <= columns.keys():
        raise NotEvaluable(
            clause="ISO 24194:2022, 5.2 [clause number unconfirmed]",
            sentence_en=f"Formula {formula} needs the irradiance column {told} [W/m2]; add it, or choose another "
            "formula.",
            sentence_zh=f"公式 {formula} 需要辐照度列 {told} [W/m2]；请补充，或选用其他公式。",
        )


def field_of(*, item: Mapping[str, ItemValue], beam: str, extrapolation: float) -> Field:
    """Make the field of a completed item description.

    extrapolation: how far beyond its ends a table of the fluid may be used [K].
    Raises NotEvaluable for a modifier that is not given exactly once, and for a coefficient the formula leaves out.
    """
    formula = number(item, "formula")
    try:
        collector = CollectorParameters(
            name="the item",
            area=number(item, "A_G"),
            modifier=_modifier(item),
            eta0b=number(item, "eta0b"),
            Kd=number(item, "Kd"),
            a1=number(item, "a1"),
            a2=number(item, "a2"),
            a5=number(item, "a5"),
            a8=number(item, "a8"),
        )
        require_formula(formula=int(formula) if formula.is_integer() else 0, collector=collector)
    except ValueError as error:
        if isinstance(error, NotEvaluable):
            raise
        raise NotEvaluable(
            clause=_OURS,
            sentence_en=f"The item description cannot be used: {error}",
            sentence_zh=f"试件描述无法使用（公式 {formula:g}）：请检查公式编号（1、2、3）、入射角修正表，"
            "以及该公式不含的系数（a2 或 a8）。",
        ) from error
    return Field(
        formula=int(formula),
        collector=collector,
        fluid=fluid(item, extrapolation=extrapolation),
        area=number(item, "A_G"),
        beam=beam,
        item=item,
    )


def _modifier(item: Mapping[str, ItemValue]) -> Modifier:
    """The modifier of the item, given exactly once: b0, a table, or two tables."""
    given = {key: item[key] for key in ("b0", *_TABLES) if key in item}
    if tuple(given) not in (("b0",), ("iam",), ("iam_transversal", "iam_longitudinal")):
        raise NotEvaluable(
            clause=_OURS,
            sentence_en="Give the incidence angle modifier once: b0, or the table iam of pairs [angle in deg, Kb], or "
            "both iam_transversal and iam_longitudinal.",
            sentence_zh="入射角修正须且只须给出一种：b0，或数对表 iam [角度 deg，Kb]，"
            "或 iam_transversal 与 iam_longitudinal 两表。",
        )
    tables = {key: tabulated(table) for key, table in given.items() if isinstance(table, tuple)}
    if "b0" in given:
        return TwoTerm(b0=number(item, "b0"))
    if "iam" in tables:
        return tables["iam"]
    return Biaxial(transversal=tables["iam_transversal"], longitudinal=tables["iam_longitudinal"])
