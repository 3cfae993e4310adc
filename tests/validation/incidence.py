"""Evidence for the incidence angle modifier."""

import numpy as np
import pandas as pd
import pvlib
import scipy
from scipy.optimize import curve_fit

from protocols.collectors.modifier import Ambrosetti, Biaxial, Modifier, TwoTerm, b0_from_k50, ten_degree_table
from protocols.collectors.modifier_fit import fit_ambrosetti
from protocols.incidence import sun_position
from tests.validation.evidence import Evidence

SAVO = Biaxial(
    transversal=ten_degree_table([1, 1, 1, 0.99, 0.97, 0.91, 0.75, 0.42, 0]),
    longitudinal=ten_degree_table([1, 1, 1, 0.99, 0.98, 0.94, 0.84, 0.59, 0]),
)
CONA = TwoTerm.from_k50(0.89)


def _half_degrees(modifier: Modifier) -> float:
    """Sum over 180 by 180 midpoints of the hemisphere, as SunPeek does."""
    theta, phi = np.meshgrid((np.arange(180) + 0.5) / 2.0, (np.arange(180) + 0.5) - 90.0)
    slope, turn = np.tan(np.radians(theta)), np.radians(phi)
    k = modifier.at(
        theta,
        transversal=np.degrees(np.arctan(slope * np.cos(turn))),
        longitudinal=np.degrees(np.arctan(np.abs(slope * np.sin(turn)))),
    )
    weight = np.sin(2.0 * np.radians(theta))
    return float(np.sum(k * weight) / np.sum(weight))


ANGLES, MEASURED = np.arange(10.0, 70.0, 10.0), np.array([1.0, 0.99, 0.97, 0.94, 0.90, 0.82])
FITTED = fit_ambrosetti(theta=ANGLES, K=MEASURED, standard_uncertainty=np.full(6, 0.01))


def _curve_fit() -> list[float]:
    value, covariance = curve_fit(
        lambda theta, kappa: 1.0 - np.tan(np.radians(theta) / 2.0) ** kappa,
        ANGLES,
        MEASURED,
        p0=3.0,
        sigma=np.full(6, 0.01),
        absolute_sigma=True,
        xtol=1e-14,
    )
    return [float(value[0]), float(np.sqrt(covariance[0, 0]))]


def _distance_to_spa() -> float:
    """Largest distance on the sky [deg] at 50 random moments of 2000 to 2060 on each of 37 latitudes."""
    random, worst = np.random.default_rng(9806), 0.0
    for latitude in np.linspace(-90.0, 90.0, 37):
        time = np.sort(random.uniform(946_684_800, 2_840_140_800, 50))
        longitude = float(random.uniform(-180.0, 180.0))
        moments = pd.to_datetime(time, unit="s", utc=True)
        spa = pvlib.solarposition.spa_python(moments, latitude, longitude, 0)
        elevation, azimuth = sun_position(time=time, latitude=float(latitude), longitude=longitude)
        across = np.radians(azimuth - spa["azimuth"].to_numpy()) / 2.0
        along = np.radians(elevation - spa["elevation"].to_numpy()) / 2.0
        flat = np.cos(np.radians(elevation)) * np.cos(np.radians(spa["elevation"].to_numpy()))
        half = np.sqrt(np.sin(along) ** 2 + flat * np.sin(across) ** 2)
        worst = max(worst, float(np.degrees(2.0 * np.arcsin(half)).max()))
    return worst


EVIDENCE = (
    Evidence(
        subject="protocols.incidence.sun_position",
        what="distance of the sun from that of SPA, 2000 to 2060, every 5 deg of latitude [deg]",
        kind="program",
        reference=f"NREL's SPA in pvlib {pvlib.__version__}",
        expected=0.0,
        computed=_distance_to_spa,
        absolute=0.01,
    ),
    Evidence(
        subject="protocols.collectors.modifier.Biaxial",
        what="Kd of Savo SF500-15, two tables, summed at midpoints of half a degree [1]",
        kind="program",
        reference="SunPeek 0.7.31, Kd after Hess and Hanby (case C18)",
        expected=0.92201855,
        computed=lambda: _half_degrees(SAVO),
        absolute=1e-8,
        remark="the integral itself is 6e-6 higher than that sum",
    ),
    Evidence(
        subject="protocols.collectors.modifier.Biaxial.diffuse",
        what="Kd of Savo SF500-15 [1]",
        kind="program",
        reference="SunPeek 0.7.31 (case C18)",
        expected=0.92201855,
        computed=SAVO.diffuse,
        absolute=1e-5,
        remark="SunPeek sums at midpoints of half a degree",
    ),
    Evidence(
        subject="protocols.collectors.modifier.TwoTerm",
        what="Kd of CONA CCS+ (K50 = 0.89), summed at midpoints of half a degree [1]",
        kind="program",
        reference="SunPeek 0.7.31 (case C18)",
        expected=0.83476942,
        computed=lambda: _half_degrees(CONA),
        absolute=1e-8,
    ),
    Evidence(
        subject="protocols.collectors.modifier.TwoTerm.diffuse",
        what="Kd of b0 = 0.05, 0.1, 0.2, 1 [1]",
        kind="exact",
        reference="1/(1 + b0), the integral up to the angle where K reaches 0",
        expected=(1 / 1.05, 1 / 1.1, 1 / 1.2, 0.5),
        computed=lambda: [TwoTerm(b0=b0).diffuse() for b0 in (0.05, 0.1, 0.2, 1.0)],
        relative=1e-13,
    ),
    Evidence(
        subject="protocols.collectors.modifier.Ambrosetti.diffuse",
        what="Kd of kappa = 2 [1]",
        kind="exact",
        reference="4 ln 2 - 2",
        expected=0.7725887222397812,
        computed=Ambrosetti(kappa=2.0).diffuse,
        relative=1e-13,
    ),
    Evidence(
        subject="protocols.collectors.modifier_fit.fit_ambrosetti",
        what="kappa and its standard uncertainty from the modifiers of Arcon HTHEATstore 35/10 up to 60 deg [1]",
        kind="program",
        reference=f"scipy {scipy.__version__}, optimize.curve_fit",
        expected=_curve_fit(),
        computed=lambda: [float(FITTED.values[0]), FITTED.standard_uncertainties["kappa"]],
        relative=1e-5,
    ),
    *(
        Evidence(
            subject="protocols.collectors.modifier.TwoTerm.srcc",
            what=f"K at 10, 20, ... 80 deg of {name} with B0 = {B0}, B1 = {B1} [1]",
            kind="published",
            reference="SRCC OG-100 ratings and tables as kept in the Modelica library Buildings (case C16)",
            expected=expected,
            computed=lambda B0=B0, B1=B1: TwoTerm.srcc(B0=B0, B1=B1).at(np.arange(10.0, 90.0, 10.0)),
            absolute=5.1e-5,
        )
        for name, B0, B1, expected in (
            ("Solahart Kf", -0.137, 0.0166, (0.9979, 0.9913, 0.9792, 0.9597, 0.929, 0.8796, 0.7979, 0.724)),
            ("TRNSYS' default", -0.2, 0.0, (0.9969, 0.9872, 0.9691, 0.9389, 0.8889, 0.8, 0.6152, 0.0482)),
        )
    ),
    Evidence(
        subject="protocols.collectors.modifier.b0_from_k50",
        what="b0 of K50 = 0.90 (Arcon HTHEATstore 35/10) [1]",
        kind="published",
        reference="ISO 9806 as used by SunPeek: (1 - K50)/0.55572",
        expected=0.1 / 0.55572,
        computed=lambda: b0_from_k50(0.90),
        relative=1e-5,
    ),
)
