"""Evidence for the conversions between forms."""

import json

import numpy as np

from protocols.collectors.collector import FORM_2013, FORM_2025, CollectorParameters
from protocols.collectors.file import read_collector
from protocols.collectors.forms import (
    Unglazed2013,
    at_wind,
    from_2013,
    from_2025,
    from_unglazed,
    to_gross,
    unglazed_at_wind,
)
from protocols.collectors.inlet_curve import LinearCurve, to_mean
from protocols.collectors.modifier import Unity, tabulated, ten_degree_table
from tests.protocols.conftest import DATA, ROOT
from tests.validation.evidence import Evidence

CASES = {one["id"]: one for one in json.loads((DATA / "collectors" / "cases.json").read_text("utf-8"))}
IBPSA = "conversion workbook of Modelica IBPSA, after Keymark SKN-N0474R0"
UNGLAZED = Unglazed2013(
    name="011-7S2354 P",
    area=1.64,
    eta0hem=0.535,
    b1=10.74,
    b2=1.0997,
    bu=0.067,
    emission_ratio=0.85,
    modifier=ten_degree_table([1, 1, 1, 0.99, 0.97, 0.92, 0.80, 0.55, 0]),
)


def _from_2013() -> list[float]:
    old = CASES["C13"]["inputs"]
    new = from_2013(
        CollectorParameters(
            name="PVT_UI",
            area=1.66,
            form=FORM_2013,
            eta0b=old["eta0b"],
            Kd=old["Kd"],
            a1=old["c1"],
            a2=old["c2"],
            a3=old["c3"],
            a4=old["c4"],
            a5=1000.0 * old["C_kJ"],
            a6=old["c6"],
            modifier=Unity(),
        )
    )
    return [getattr(new, symbol) for symbol in ("eta0b", "a1", "a3", "a4", "a5", "a6")]


def _from_2025() -> list[float]:
    old = CASES["C14"]["inputs"]
    newest = CollectorParameters(
        name="workbook",
        area=1.0,
        form=FORM_2025,
        modifier=tabulated([(30.0, old["K_used"])]),
        **{symbol: old[symbol] for symbol in ("eta0b", "Kd", "a1", "a3", "a4", "a6")},
    )
    new = from_2025(newest, theta=30.0)
    return [new.a6, new.Kd]


def _unglazed() -> list[float]:
    new = from_unglazed(UNGLAZED, Kd=0.931)
    return [getattr(new, symbol) for symbol in ("eta0b", "a1", "a2", "a3", "a4", "a6", "a7", "a8")]


def _gross() -> list[float]:
    old = CASES["C20"]["inputs"]
    aperture = CollectorParameters(
        name="GK 3133",
        area=old["A_aperture"],
        area_basis="aperture",
        eta0b=old["eta0"],
        Kd=0.931,
        modifier=Unity(),
        **{symbol: old[symbol] for symbol in ("a1", "a2", "a5")},
    )
    new = to_gross(aperture, gross_area=old["A_gross"])
    return [new.eta0b, new.a1, new.a2, new.a5]


def _mean() -> list[float]:
    curve = LinearCurve(eta0=0.72, U=4.9, area=2.0, temperature="inlet")
    mean = to_mean(curve, capacity_flow=0.04 * 4180.0)
    power = 2.0 * (0.72 * 800.0 - 4.9 * 30.0)
    above = 30.0 + power / (2.0 * 0.04 * 4180.0)
    return [2.0 * (mean.eta0 * 800.0 - mean.U * above), 2.0 * mean.eta0 * 800.0 / mean.U]


ARCON = read_collector(ROOT / "config" / "collectors" / "sp_sc0843_14_arcon_htheatstore_35_10.toml")

EVIDENCE = (
    Evidence(
        subject="protocols.collectors.forms.from_2013",
        what="eta0b, a1, a3, a4, a5, a6 of an unglazed collector in the 2017 form",
        kind="published",
        reference=f"{IBPSA} (case C13)",
        expected=[CASES["C13"]["published"][symbol] for symbol in ("eta0b", "a1", "a3", "a4", "a5", "a6")],
        computed=_from_2013,
        relative=1e-12,
    ),
    Evidence(
        subject="protocols.collectors.forms.from_2025",
        what="a6 in the 2017 form with K at 30 deg [s/m], and Kd",
        kind="published",
        reference=f"{IBPSA} (case C14)",
        expected=(CASES["C14"]["published"]["a6"], CASES["C14"]["inputs"]["Kd"]),
        computed=_from_2025,
        relative=1e-12,
        remark="the workbook prints 0.045 for Kd through a wrong reference between cells; Kd is kept here",
    ),
    Evidence(
        subject="protocols.collectors.forms.from_unglazed",
        what="eta0b, a1, a2, a3, a4, a6, a7, a8 of Keymark 011-7S2354 P in the 2017 form",
        kind="published",
        reference="record UN_Validation of Modelica IBPSA, made with that workbook (case C12)",
        expected=(
            (1 - 3 * 0.067) * 0.535 / (0.85 + 0.15 * 0.931),
            10.74 + 3 * 1.0997,
            0.0,
            1.0997,
            0.535 * 0.85 * (1 - 3 * 0.067),
            0.067 * 0.535,
            0.067 * 0.535 * 0.85,
            0.0,
        ),
        computed=_unglazed,
        absolute=1e-12,
        remark="the record writes its values as these products",
    ),
    Evidence(
        subject="protocols.collectors.forms.ten_degree_mean",
        what="Kd of Keymark 011-7S2354 P by the sum over ten-degree steps [1]",
        kind="published",
        reference="record UN_Validation of Modelica IBPSA (case C12)",
        expected=0.931,
        computed=lambda: from_unglazed(UNGLAZED).Kd,
        absolute=5e-4,
    ),
    Evidence(
        subject="protocols.collectors.forms.unglazed_at_wind",
        what="eta0 and a1 at 1 m/s of Keymark 011-7S2354 P [1, W/(m2 K)]",
        kind="published",
        reference="its product fiche after EU 812/2013 (case C15)",
        expected=(CASES["C15"]["published"]["eta0"], CASES["C15"]["published"]["a1"]),
        computed=lambda: [unglazed_at_wind(UNGLAZED, u=1.0).eta0, unglazed_at_wind(UNGLAZED, u=1.0).a1],
        relative=6e-4,
    ),
    Evidence(
        subject="protocols.collectors.forms.at_wind",
        what="the same after the conversion to the 2017 form",
        kind="published",
        reference="its product fiche after EU 812/2013 (case C15)",
        expected=(CASES["C15"]["published"]["eta0"], CASES["C15"]["published"]["a1"]),
        computed=lambda: [at_wind(from_unglazed(UNGLAZED), u=1.0).eta0, at_wind(from_unglazed(UNGLAZED), u=1.0).a1],
        relative=6e-4,
    ),
    Evidence(
        subject="protocols.collectors.forms.to_gross",
        what="eta0, a1, a2, a5 of GREENoneTEC GK 3133 per gross area",
        kind="published",
        reference="gross values of the same test, Viessmann Vitosol 200-F XL13 (case C20)",
        expected=[CASES["C20"]["published"][symbol] for symbol in ("eta0", "a1", "a2", "a5")],
        computed=_gross,
        relative=1.2e-3,
        remark="the two documents round the areas or the coefficients differently by 0.1 %",
    ),
    Evidence(
        subject="protocols.collectors.inlet_curve.to_mean",
        what="power [W] at one point, and the temperature [K m2] at which the curve loses everything",
        kind="exact",
        reference="the power of the curve of the inlet, 2 (0.72 800 - 4.9 30) W; eta0/U is the same for both",
        expected=(858.0, 2.0 * 0.72 * 800.0 / 4.9),
        computed=_mean,
        relative=1e-12,
    ),
    Evidence(
        subject="protocols.collectors.collector.CollectorParameters.hemispherical_modifier",
        what="eta0hem Khem of Arcon HTHEATstore 35/10 at 50 deg [1]",
        kind="exact",
        reference="eta0b (0.85 K50 + 0.15 Kd) of the certificate's K50 = 0.90 and Kd = 0.93",
        expected=0.745 * (0.85 * 0.90 + 0.15 * 0.93),
        computed=lambda: float(ARCON.eta0hem * ARCON.hemispherical_modifier(ARCON.modifier.at(np.asarray(50.0)))),
        relative=1e-12,
    ),
)
