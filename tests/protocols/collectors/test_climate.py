"""Climate files are read as an independent reader reads them, or refused with the line."""

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pvlib
import pytest

from protocols.collectors.climate_file import read_climate
from tests.protocols.made_climates import SHIPPED, TMY3, epw_text, greensboro, shipped


def test_the_shipped_year_is_read_as_pvlib_reads_it() -> None:
    frame, meta = pvlib.iotools.read_pvgis_tmy(str(SHIPPED), map_variables=True)
    climate = shipped()
    names = {"G_h": "ghi", "DNI": "dni", "DHI": "dhi", "t_amb": "temp_air", "u": "wind_speed", "EL": "IR(h)"}
    for symbol, name in names.items():
        np.testing.assert_array_equal(getattr(climate, symbol), frame[name].to_numpy(), err_msg=symbol)
    place = meta["inputs"]
    assert (climate.latitude, climate.longitude, climate.elevation) == (
        place["latitude"], place["longitude"], place["elevation"]
    )  # fmt: skip
    assert (climate.utc_offset, climate.centre) == (0.0, 0.1761)
    assert "European Union" in climate.licence


def test_a_tmy3_file_is_read_as_pvlib_reads_it() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame, meta = pvlib.iotools.read_tmy3(str(TMY3), coerce_year=1990, map_variables=True)
    climate = greensboro()
    for symbol, name in {"G_h": "ghi", "DNI": "dni", "DHI": "dhi", "t_amb": "temp_air", "u": "wind_speed"}.items():
        np.testing.assert_array_equal(getattr(climate, symbol), frame[name].to_numpy(), err_msg=symbol)
    assert climate.name == "GREENSBORO PIEDMONT TRIAD INT"
    assert (climate.latitude, climate.longitude, climate.elevation, climate.utc_offset) == (
        meta["latitude"], meta["longitude"], meta["altitude"], meta["TZ"]
    )  # fmt: skip
    assert (climate.centre, climate.EL) == (0.5, None)


def test_an_epw_file_is_read_as_pvlib_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "made.epw"
    path.write_text(epw_text(shipped()), encoding="utf-8")
    frame, meta = pvlib.iotools.read_epw(str(path))
    climate = read_climate(path)
    names = {"G_h": "ghi", "DNI": "dni", "DHI": "dhi", "t_amb": "temp_air", "u": "wind_speed"}
    for symbol, name in {**names, "EL": "ghi_infrared"}.items():
        np.testing.assert_array_equal(getattr(climate, symbol), frame[name].to_numpy(), err_msg=symbol)
    assert (climate.latitude, climate.longitude, climate.elevation, climate.utc_offset) == (
        meta["latitude"], meta["longitude"], meta["altitude"], meta["TZ"]
    )  # fmt: skip
    assert climate.centre == pytest.approx(0.1761)  # by the comment of PVGIS, from the end of the hour


def test_an_epw_file_without_that_comment_holds_means_of_hours(tmp_path: Path) -> None:
    path = tmp_path / "made.epw"
    path.write_text(epw_text(shipped(), comment="none"), encoding="utf-8")
    assert read_climate(path).centre == 0.5


def test_the_29th_of_february_is_left_out_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "leap.epw"
    path.write_text(epw_text(shipped(), leap=True), encoding="utf-8")
    climate = read_climate(path)
    assert climate.leap_hours == 24
    np.testing.assert_array_equal(climate.G_h, shipped().G_h)


def changed(line: int, field: int, text: str) -> Callable[[list[str]], list[str]]:
    def change(lines: list[str]) -> list[str]:
        fields = lines[line - 1].split(",")
        fields[field] = text
        return [*lines[: line - 1], ",".join(fields), *lines[line:]]

    return change


BAD: dict[str, tuple[Callable[[list[str]], list[str]], str]] = {
    "missing irradiance": (changed(500, 13, "9999"), r"line 500: G_h is marked as missing \(1 times"),
    "missing air": (changed(9, 6, "99.9"), "line 9: t_amb is marked as missing"),
    "one wind": (changed(77, 21, "999"), "line 77: u is marked as missing"),
    "a logger's code": (changed(500, 13, "-9999"), "line 500: G_h is -9999, outside -20 to 1600; correct it"),
    "fire": (changed(9, 6, "98"), "line 9: t_amb is 98, outside -80 to 60"),
    "another hour": (changed(7, 1, "Irradiance Time Offset (h):0.5"), "the place of the climate 'Made' is impossible"),
    "word": (changed(100, 14, "sunny"), "line 100: field 15 is “sunny”, no number"),
    "infinite": (changed(100, 14, "inf"), "line 100: field 15 is inf"),
    "nan": (changed(100, 14, "nan"), "line 100: field 15 is nan"),
    "short": (lambda lines: [*lines[:49], "2018,2,2", *lines[50:]], "line 50: .* does not begin with a time"),
    "latitude": (changed(1, 6, "north"), "line 1: field 7 is “north”"),
    "an hour lost": (
        lambda lines: [*lines[:200], *lines[201:]],
        "line 201: the hour 1 of day 9 in month 1 is expected",
    ),
    "an hour twice": (lambda lines: [*lines[:200], lines[199], *lines[200:]], "line 201: the hour 1 of day 9"),
    "half a year": (lambda lines: lines[:4000], "line 4000: there are 3992 hours"),
    "other format": (lambda lines: ["a,b", *lines], "line 1: it is neither EPW"),
    "nothing": (lambda lines: [], "line 1: it is neither EPW"),
    "impossible": (changed(1, 6, "99"), "the place of the climate 'Made' is impossible"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_cannot_be_used_is_refused_with_the_line(tmp_path: Path, epw_lines: list[str], name: str) -> None:
    change, complaint = BAD[name]
    path = tmp_path / "bad.epw"
    path.write_text("\n".join(change(epw_lines)), encoding="utf-8")
    with pytest.raises(ValueError, match=complaint):
        read_climate(path)


@pytest.fixture(scope="module")
def epw_lines() -> list[str]:
    return epw_text(shipped()).splitlines()


def test_wind_that_is_missing_throughout_is_none(tmp_path: Path, epw_lines: list[str]) -> None:
    path = tmp_path / "calm.epw"
    rows = [line.split(",") for line in epw_lines[8:]]
    calm = [",".join([*fields[:21], "999", *fields[22:]]) for fields in rows]
    path.write_text("\n".join([*epw_lines[:8], *calm]), encoding="utf-8")
    assert read_climate(path).u is None


def test_a_column_of_tmy3_or_pvgis_that_lacks_is_named(tmp_path: Path) -> None:
    path = tmp_path / "made.csv"
    path.write_text(SHIPPED.read_text("utf-8").replace("Gb(n),Gd(h)", "x,Gd(h)"), encoding="utf-8")
    with pytest.raises(ValueError, match=r"line 18: the column 'Gb\(n\)'"):
        read_climate(path)
    path.write_text(TMY3.read_text("utf-8").replace("DHI (W/m^2)", "x"), encoding="utf-8")
    with pytest.raises(ValueError, match=r"line 2: the column 'DHI \(W/m\^2\)'"):
        read_climate(path)
