"""Evidence for climates, gross thermal yields and the Keymark sheet."""

from functools import partial

from protocols.collectors.file import Model, read_collector, read_models
from protocols.collectors.keymark import sheet
from protocols.collectors.yields import gross_thermal_yield, plane_year
from protocols.limits import read_limits
from tests.protocols.conftest import ROOT
from tests.protocols.made_climates import greensboro, peer_plane, peer_yields, shipped
from tests.validation.evidence import Evidence

_FILE = ROOT / "config" / "collectors" / "km3663_chappee_sol_200_lh.toml"
_CHAPPEE = read_collector(_FILE)
_CLIMATES = {"45 N 8 E (PVGIS)": shipped, "Greensboro (TMY3)": greensboro}
# Case C02: SUNEX AMX AR, Keymark DS_2083: length and width in m, power of a module in W at 0, 10, 30, 50, 70 K.
_SUNEX = (
    (2.246, 1.276, (2041, 1972, 1770, 1484, 1112)),
    (2.246, 1.126, (1801, 1740, 1562, 1309, 982)),
    (2.246, 1.066, (1705, 1648, 1479, 1240, 929)),
    (1.906, 1.066, (1447, 1398, 1255, 1052, 789)),
)


def _annual(name: str) -> list[float]:
    found = gross_thermal_yield(collectors=[_CHAPPEE], climates=[_CLIMATES[name]()])
    return [float(each) for each in found.annual[0, 0]]


def _printed_power() -> list[float]:
    yields = gross_thermal_yield(collectors=[_CHAPPEE], climates=[shipped()])
    limits = read_limits(ROOT / "config" / "limits" / "standard_reporting.toml")
    return [
        float(text) for text in sheet(collector=_CHAPPEE, models=read_models(_FILE), yields=yields, limits=limits).power
    ]


def _by_area() -> list[float]:
    """Powers of the smaller sizes from the largest one's, by unrounded areas."""
    length, width, largest = _SUNEX[0]
    whole = Model(name="largest", length=length, width=width).area
    others = (Model(name="other", length=long, width=wide).area for long, wide, _ in _SUNEX[1:])
    return [power * area / whole for area in others for power in largest]


def _irradiation(name: str) -> float:
    year = plane_year(_CLIMATES[name]())
    return year.irradiation


def _peer_irradiation(name: str) -> float:
    beam, diffuse, _ = peer_plane(_CLIMATES[name](), plane_year(_CLIMATES[name]()).tilt)
    return float((beam + diffuse).sum()) / 1000.0


EVIDENCE = (
    *(
        Evidence(
            subject="protocols.collectors.yields.gross_thermal_yield",
            what=f"yield at 25, 50, 75 degC of CHAPPEE SOL 200 LH in {name}, kWh/m2",
            kind="program",
            reference="pvlib 0.16 (Hay-Davies, Cooper, Spencer, interpolated modifier) and pandas",
            expected=peer_yields(climate(), _CHAPPEE, plane_year(climate()).tilt, (25.0, 50.0, 75.0)),
            computed=partial(_annual, name),
            relative=1e-9,
            remark="No result printed by ScenoCalc was found; the reading of its method is not shown by this.",
        )
        for name, climate in _CLIMATES.items()
    ),
    *(
        Evidence(
            subject="protocols.collectors.yields.plane_year",
            what=f"irradiation of the year on the plane in {name}, kWh/m2",
            kind="program",
            reference="pvlib 0.16, haydavies",
            expected=_peer_irradiation(name),
            computed=partial(_irradiation, name),
            relative=1e-9,
        )
        for name in _CLIMATES
    ),
    Evidence(
        subject="protocols.collectors.keymark.sheet",
        what="power per area of CHAPPEE SOL 200 LH at 0, 10, 30, 50, 70, 83 K, W/m2",
        kind="published",
        reference="Solar Keymark data sheet KM3663 (case C01)",
        expected=(729, 692, 608, 511, 400, 321),
        computed=_printed_power,
        absolute=1e-9,
        remark="The sheet's row per module needs 2.030 m2 where length times width gives 2.022 m2, which we take.",
    ),
    Evidence(
        subject="protocols.collectors.keymark.sheet",
        what="powers of three smaller sizes by unrounded length times width from the largest one's, W",
        kind="published",
        reference="Solar Keymark data sheet KM2083, SUNEX AMX AR (case C02)",
        expected=[power for _, _, powers in _SUNEX[1:] for power in powers],
        computed=_by_area,
        absolute=1.0,
    ),
)
