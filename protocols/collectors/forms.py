"""Conversions between the forms in which collectors are and were described, with their covariance.

A conversion keeps the power of the collector at every wind and temperature, where the sun stands at normal incidence
and 15 % of its light is diffuse; each function says where a document does otherwise, and both are named options.
Covariances are propagated to first order, C' = J C J' (JCGM 102:2011, 6.2.1).

Keymark's own conversions (document SKN-N0474R0) were not read; they are known by the workbook
`ISO9806_conversion_template.xlsx` of the Modelica library IBPSA, which follows them.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from protocols.collectors.collector import (
    BEAM_SHARE,
    FORM_2013,
    FORM_2017,
    FORM_2025,
    PER_AREA,
    REFERENCE_WIND,
    SYMBOLS,
    CollectorParameters,
)
from protocols.collectors.modifier import Uniaxial
from protocols.uncertainty import transformed

Array = NDArray[np.float64]

_WIND = REFERENCE_WIND[FORM_2017]  # m/s, at which the 2017 form states the coefficients
_DIFFUSE_SHARE = 1.0 - BEAM_SHARE


def from_2013(parameters: CollectorParameters, *, Kd: str = "kept") -> CollectorParameters:
    """Convert a quasi-dynamic result of ISO 9806:2013 (c1 ... c6, wind u) to the 2017 form (u' = u - 3 m/s).

        eta0b' = eta0b - 3 c6,  a1 = c1 + 3 c3,  a2 = c2,  a3 = c3,  a4 = c4,  a5 = c5,  a6 = c6

    parameters: in the 2013 form, c1 ... c6 in a1 ... a6. Kd: "kept" as the workbook of IBPSA does (default), or
    "power", Kd' = (eta0b Kd - 3 c6)/(eta0b - 3 c6) as IBPSA's records of collectors have it: only this one keeps the
    power under diffuse light; both agree for Kd = 1. The modifier of the beam is kept, although the same holds of it.
    Raises ValueError for another form, for a7 (which the 2013 form does not have) and for another choice of Kd.
    """
    _require_form(parameters, FORM_2013)
    if parameters.a7:
        raise ValueError(f"a7 of {parameters.name!r} is {parameters.a7:g}; the 2013 form has none, remove it.")
    if Kd not in ("kept", "power"):
        raise ValueError(f"Kd is to be {Kd!r}; say kept or power.")
    values, eta0b = parameters.coefficients, parameters.eta0b - _WIND * parameters.a6
    rows = {"eta0b": {"eta0b": 1.0, "a6": -_WIND}, "a1": {"a1": 1.0, "a3": _WIND}}
    changed = {"eta0b": eta0b, "a1": values["a1"] + _WIND * values["a3"]}
    if Kd == "power":
        changed["Kd"] = (parameters.eta0b * parameters.Kd - _WIND * parameters.a6) / eta0b
        rows["Kd"] = {
            "eta0b": (parameters.Kd - changed["Kd"]) / eta0b,
            "Kd": parameters.eta0b / eta0b,
            "a6": _WIND * (changed["Kd"] - 1.0) / eta0b,
        }
    return _changed(parameters, changed, rows)


def from_2025(parameters: CollectorParameters, *, theta: float = 0.0) -> CollectorParameters:
    """Convert a quasi-dynamic result of ISO 9806:2025, whose a6 multiplies the irradiance after the modifiers, to 2017.

        a6(2017) = (0.85 K(theta) + 0.15 Kd) a6(2025)

    theta: angle of incidence [deg] at which the two forms are to agree. The workbook of IBPSA takes 30 deg; the default
    is normal incidence, where the coefficients are stated. Everything else is kept, Kd too: the workbook prints a6 for
    it through a wrong reference between cells. The text of ISO 9806:2025 has not been read.
    Raises ValueError for another form.
    """
    _require_form(parameters, FORM_2025)
    share = BEAM_SHARE * float(parameters.modifier.at(theta, transversal=theta, longitudinal=0.0))
    share += _DIFFUSE_SHARE * parameters.Kd
    return _changed(
        parameters, {"a6": share * parameters.a6}, {"a6": {"a6": share, "Kd": _DIFFUSE_SHARE * parameters.a6}}
    )


UNGLAZED_SYMBOLS = ("eta0hem", "b1", "b2", "bu")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unglazed2013:
    """The steady-state result of an unglazed collector after ISO 9806:2013.

        eta = eta0hem (1 - bu u) - (b1 + b2 u) (tm - ta)/G'',   G'' = G + (eps/alpha) (EL - sigma Ta^4)

    eta0hem: [1]; b1: [W/(m2 K)]; b2: [J/(m3 K)]; bu: [s/m]; emission_ratio: eps/alpha [1], taken as exact.
    area, area_basis, modifier, source: as of `CollectorParameters`. covariance: in the order of UNGLAZED_SYMBOLS.
    """

    name: str
    area: float
    eta0hem: float
    b1: float
    b2: float
    bu: float
    emission_ratio: float
    modifier: Uniaxial
    area_basis: str = "gross"
    covariance: Array | None = field(default=None, compare=False)
    source: str = ""


def from_unglazed(unglazed: Unglazed2013, *, Kd: float | None = None) -> CollectorParameters:
    """Convert the steady-state result of an unglazed collector to the quasi-dynamic form of 2017.

        eta0b = eta0hem (1 - 3 bu)/(0.85 + 0.15 Kd),  a1 = b1 + 3 b2,  a3 = b2,
        a4 = eta0hem (eps/alpha) (1 - 3 bu),  a6 = eta0hem bu,  a7 = eta0hem bu eps/alpha

    Kd: [1], exact; None for the sum over ten-degree steps that Keymark's conversion uses (`ten_degree_mean`; the
    integral, `modifier.diffuse()`, is some 0.01 lower).
    Raises ValueError for a collector that yields nothing at 3 m/s.
    """
    diffuse = ten_degree_mean(unglazed.modifier) if Kd is None else Kd
    eta0hem, bu, ratio = unglazed.eta0hem, unglazed.bu, unglazed.emission_ratio
    calm, share = 1.0 - _WIND * bu, BEAM_SHARE + _DIFFUSE_SHARE * diffuse
    values: dict[str, Any] = {
        "eta0b": eta0hem * calm / share,
        "a1": unglazed.b1 + _WIND * unglazed.b2,
        "a3": unglazed.b2,
        "a4": eta0hem * ratio * calm,
        "a6": eta0hem * bu,
        "a7": eta0hem * bu * ratio,
    }
    rows = {
        "eta0b": {"eta0hem": calm / share, "bu": -_WIND * eta0hem / share},
        "a1": {"b1": 1.0, "b2": _WIND},
        "a3": {"b2": 1.0},
        "a4": {"eta0hem": ratio * calm, "bu": -_WIND * ratio * eta0hem},
        "a6": {"eta0hem": bu, "bu": eta0hem},
        "a7": {"eta0hem": bu * ratio, "bu": eta0hem * ratio},
    }
    return CollectorParameters(
        name=unglazed.name,
        area=unglazed.area,
        area_basis=unglazed.area_basis,
        modifier=unglazed.modifier,
        Kd=diffuse,
        covariance=_propagated(unglazed.covariance, rows, UNGLAZED_SYMBOLS),
        source=f"{unglazed.source}, converted from the unglazed steady state of {FORM_2013}".lstrip(", "),
        **values,
    )


def ten_degree_mean(modifier: Uniaxial) -> float:
    """Give Kd [1] = sum K sin(theta) cos(theta) / sum sin(theta) cos(theta) over 10, 20, ... 90 deg.

    The rule of Keymark's conversion workbook; `modifier.diffuse()` is the integral that it approximates.
    """
    theta = np.arange(10.0, 100.0, 10.0)
    weight = np.sin(2.0 * np.radians(theta))
    return float(np.sum(weight * modifier.at(theta)) / np.sum(weight))


# --- areas ---


def to_gross(parameters: CollectorParameters, *, gross_area: float) -> CollectorParameters:
    """Refer coefficients of the aperture area to the gross area [m2]: eta0b and a1 ... a8 times A_aperture/A_G.

    Modifiers and Kd do not change; covariances scale with both coefficients. Raises ValueError for parameters that are
    not per aperture area and for a gross area below the aperture.
    """
    return _other_area(parameters, "aperture", "gross", gross_area)


def to_aperture(parameters: CollectorParameters, *, aperture_area: float) -> CollectorParameters:
    """Refer coefficients of the gross area to the aperture area [m2]; the inverse of `to_gross`."""
    return _other_area(parameters, "gross", "aperture", aperture_area)


def _other_area(parameters: CollectorParameters, old: str, new: str, area: float) -> CollectorParameters:
    if parameters.area_basis != old:
        raise ValueError(f"{parameters.name!r} is per {parameters.area_basis} area already; it must be per {old} area.")
    gross, aperture = (area, parameters.area) if new == "gross" else (parameters.area, area)
    if not 0.0 < aperture <= gross < math.inf:
        raise ValueError(
            f"{parameters.name!r} would have {aperture:g} m2 of aperture in {gross:g} m2 of gross area; correct one."
        )
    factor = parameters.area / area
    return replace(
        parameters,
        area=area,
        area_basis=new,
        covariance=_propagated(
            parameters.covariance, {s: {s: factor} for s in PER_AREA} | {"Kd": {"Kd": 1.0}}, SYMBOLS
        ),
        **{symbol: factor * getattr(parameters, symbol) for symbol in PER_AREA},
    )


# --- peak efficiencies and points ---


def beam_efficiency(*, eta0hem: float, Kd: float) -> float:
    """Give eta0b = eta0hem/(0.85 + 0.15 Kd) [1]; ISO 9806:2017, annex B [clause number unconfirmed]."""
    return eta0hem / (BEAM_SHARE + _DIFFUSE_SHARE * Kd)


def hemispherical_efficiency(*, eta0b: float, Kd: float) -> float:
    """Give eta0hem = eta0b (0.85 + 0.15 Kd) [1]; the inverse of `beam_efficiency`."""
    return eta0b * (BEAM_SHARE + _DIFFUSE_SHARE * Kd)


@dataclass(frozen=True, slots=True, kw_only=True)
class PointValues:
    """Zero-loss efficiency eta0 [1] (hemispherical) and loss coefficients a1 [W/(m2 K)], a2 [W/(m2 K2)] at one wind.

    covariance: in the order eta0, a1, a2, or None.
    """

    eta0: float
    a1: float
    a2: float
    u: float
    covariance: Array | None = field(default=None, compare=False)


def at_wind(parameters: CollectorParameters, *, u: float = 1.0) -> PointValues:
    """Give what a product fiche states for one air speed u [m/s], 1 m/s for ecodesign (EU 812/2013).

        eta0 = eta0hem - a6 (u - u0),  a1 + a3 (u - u0),  a2,   u0 = 3 m/s (2013 form: 0)

    with a6 (0.85 + 0.15 Kd) for a6 in the 2025 form.
    """
    wind = u - REFERENCE_WIND[parameters.form]
    sun = parameters.terms(Gb=BEAM_SHARE, Gd=_DIFFUSE_SHARE, rise=0.0, u=u)
    optical = {symbol: float(sun[symbol]) for symbol in ("eta0b", "Kd", "a6")}
    rows = {"eta0": optical, "a1": {"a1": 1.0, "a3": wind}, "a2": {"a2": 1.0}}
    return PointValues(
        eta0=float(parameters.power(Gb=BEAM_SHARE, Gd=_DIFFUSE_SHARE, rise=0.0, u=u)),
        a1=parameters.a1 + wind * parameters.a3,
        a2=parameters.a2,
        u=u,
        covariance=_propagated(parameters.covariance, rows, SYMBOLS, tuple(rows)),
    )


def unglazed_at_wind(unglazed: Unglazed2013, *, u: float = 1.0) -> PointValues:
    """Give eta0 = eta0hem (1 - bu u) and a1 = b1 + b2 u of an unglazed collector at one air speed [m/s]."""
    calm = 1.0 - unglazed.bu * u
    rows = {"eta0": {"eta0hem": calm, "bu": -unglazed.eta0hem * u}, "a1": {"b1": 1.0, "b2": u}, "a2": {}}
    return PointValues(
        eta0=unglazed.eta0hem * calm,
        a1=unglazed.b1 + unglazed.b2 * u,
        a2=0.0,
        u=u,
        covariance=_propagated(unglazed.covariance, rows, UNGLAZED_SYMBOLS, tuple(rows)),
    )


# --- covariances ---

Rows = Mapping[str, Mapping[str, float]]


def _changed(parameters: CollectorParameters, changed: Mapping[str, Any], rows: Rows) -> CollectorParameters:
    """Put new values in; rows: derivatives of what changed, everything else stays itself."""
    kept = {symbol: {symbol: 1.0} for symbol in SYMBOLS}
    return replace(
        parameters,
        form=FORM_2017,
        covariance=_propagated(parameters.covariance, {**kept, **rows}, SYMBOLS),
        source=f"{parameters.source}, converted from {parameters.form}".lstrip(", "),
        **changed,
    )


def _propagated(
    covariance: Array | None, rows: Rows, old: tuple[str, ...], new: tuple[str, ...] = SYMBOLS
) -> Array | None:
    if covariance is None:
        return None
    jacobian = np.array([[rows.get(symbol, {}).get(cause, 0.0) for cause in old] for symbol in new])
    return transformed(covariance, jacobian)


def _require_form(parameters: CollectorParameters, form: str) -> None:
    if parameters.form != form:
        raise ValueError(f"{parameters.name!r} is in the form of {parameters.form}; this converts from {form}.")
