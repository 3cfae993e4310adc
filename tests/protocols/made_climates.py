"""Climate files of each format made of the shipped year, and independent ways through the same numbers."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pvlib
from numpy.typing import NDArray

from protocols.collectors.climate import Climate
from protocols.collectors.climate_file import read_climate
from protocols.collectors.collector import CollectorParameters
from tests.protocols.conftest import ROOT

Array = NDArray[np.float64]

SHIPPED = ROOT / "config" / "climates" / "pvgis_45n_8e.csv"
TMY3 = Path(pvlib.__file__).parent / "data" / "723170TYA.CSV"  # NREL, comes with pvlib


@cache
def shipped() -> Climate:
    return read_climate(SHIPPED)


@cache
def greensboro() -> Climate:
    return read_climate(TMY3)


def epw_text(climate: Climate, *, comment: str = "Irradiance Time Offset (h):-0.8239", leap: bool = False) -> str:
    """An EPW file of a climate: 35 fields a line, hours 1 to 24."""
    place = (climate.latitude, climate.longitude, climate.utc_offset, climate.elevation)
    head = [",".join(["LOCATION,Made,-,IT,test,1", *map(str, place)])]
    head += ["DESIGN CONDITIONS,0", "TYPICAL/EXTREME PERIODS,0", "GROUND TEMPERATURES,0"]
    head += ["HOLIDAYS/DAYLIGHT SAVINGS,No,0,0,0", "COMMENTS 1,made", f"COMMENTS 2,{comment}", "DATA PERIODS,1,1"]
    wind = np.zeros(8760) if climate.u is None else climate.u
    sky = np.full(8760, 9999.0) if climate.EL is None else climate.EL
    rows = []
    for i in range(8760):
        moment = datetime(2018, 1, 1, tzinfo=UTC) + timedelta(hours=i)
        fields = ["0"] * 35
        fields[:6] = ["2018", str(moment.month), str(moment.day), str(moment.hour + 1), "0", "?"]
        fields[6], fields[12], fields[21] = f"{climate.t_amb[i]}", f"{sky[i]}", f"{wind[i]}"
        fields[13], fields[14], fields[15] = f"{climate.G_h[i]}", f"{climate.DNI[i]}", f"{climate.DHI[i]}"
        rows.append(",".join(fields))
        if leap and (moment.month, moment.day, moment.hour) == (2, 28, 23):
            rows += [f"2018,2,29,{h + 1},0,?," + ",".join(["1"] * 29) for h in range(24)]
    return "\n".join([*head, *rows]) + "\n"


def peer_plane(climate: Climate, tilt: float) -> tuple[Array, Array, Array]:
    """Beam and diffuse irradiance on a plane to the south, and the angle of incidence, by pvlib from its own sun."""
    local = pd.date_range("2018-01-01", periods=8760, freq="h") + pd.Timedelta(hours=climate.centre)
    day = local.day_of_year.to_numpy()
    declination = pvlib.solarposition.declination_cooper69(day)
    equation = pvlib.solarposition.equation_of_time_spencer71(day)
    hours = np.arange(8760) + climate.centre - climate.utc_offset
    angle = 15.0 * (hours + climate.longitude / 15.0 + equation / 60.0 - 12.0)
    phi, omega = np.radians(climate.latitude), np.radians((angle + 180.0) % 360.0 - 180.0)
    zenith = pvlib.solarposition.solar_zenith_analytical(phi, omega, declination)
    azimuth = pvlib.solarposition.solar_azimuth_analytical(phi, omega, declination, zenith)
    sun = {"solar_zenith": np.degrees(zenith), "solar_azimuth": np.degrees(azimuth) % 360.0}
    extra = 1367.0 * (1.0 + 0.033 * np.cos(2.0 * np.pi * day / 365.0))
    sky = pvlib.irradiance.haydavies(tilt, 180.0, climate.DHI, climate.DNI, extra, **sun, return_components=True)
    theta = pvlib.irradiance.aoi(tilt, 180.0, **sun)
    up = np.degrees(zenith) < 90.0
    direct = np.where(up, pvlib.irradiance.beam_component(tilt, 180.0, **sun, dni=climate.DNI), 0.0)
    circumsolar = np.where(up, sky["poa_circumsolar"], 0.0)
    ground = pvlib.irradiance.get_ground_diffuse(tilt, climate.G_h, albedo=0.2)
    return direct + circumsolar, sky["poa_isotropic"] + ground, theta


def peer_yields(
    climate: Climate, collector: CollectorParameters, tilt: float, temperatures: Sequence[float]
) -> list[float]:
    """The yields of a year [kWh/m2] by pvlib's irradiances and pandas."""
    beam, diffuse, theta = peer_plane(climate, tilt)
    table = collector.modifier
    k = np.where(theta < 90.0, pvlib.iam.interp(theta, table.angles, table.values, normalize=False), 0.0)
    gain = collector.eta0b * (k * beam + collector.Kd * diffuse)
    rises = pd.DataFrame({t: t - climate.t_amb for t in temperatures})
    q = (-collector.a1 * rises - collector.a2 * rises**2).add(gain, axis=0)
    return [float(each) for each in q.clip(lower=0.0).sum() / 1000.0]
