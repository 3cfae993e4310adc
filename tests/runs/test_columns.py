"""A logger's own names, separator and clock are told by the table [columns] of the item file."""

from pathlib import Path
from typing import Any

import pytest

from lims.errors import BadInput
from lims.runs.columnmap import ColumnMap, column_map
from lims.runs.recordfile import RecordFile, read_record

NEEDED = {"G": "W/m2", "t_in": "degC"}
OPTIONAL = {"shaded": "1"}
TABLE = {"time": "timestamps", "separator": ";", "t_in": "te_in [K]", "G": "rd [kW/m2]", "shaded": "is shaded [1]"}
HEADER = "timestamps;rd [kW/m2];te_in;is shaded"


def read(folder: Path, *lines: str, columns: ColumnMap | None = None, **table: Any) -> RecordFile:
    path = folder / "record.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_record(path, needed=NEEDED, optional=OPTIONAL, columns=columns or column_map(TABLE | table))


def test_a_column_is_found_by_the_name_the_logger_gave_it(tmp_path: Path) -> None:
    found = read(tmp_path, HEADER, "2017-07-03 06:00:00;0.5;313.15;0").record
    assert found.columns["t_in"].tolist() == pytest.approx([40.0])
    assert found.columns["G"].tolist() == [500.0]
    assert found.columns["shaded"].tolist() == [0.0]
    assert found.time.tolist() == [1499061600.0]


def test_what_the_table_does_not_name_is_found_by_its_symbol(tmp_path: Path) -> None:
    columns = column_map({"t_in": "te_in [K]"})
    found = read(tmp_path, "time_utc,te_in,G [W/m2]", "2017-07-03 06:00:00Z,313.15,500", columns=columns)
    assert found.record.columns["G"].tolist() == [500.0]


def test_a_column_under_the_symbol_gives_way_to_the_one_the_table_names(tmp_path: Path) -> None:
    columns = column_map({"t_in": "corrected [degC]"})
    lines = ("time_utc,t_in [degC],corrected,G [W/m2]", "2017-07-03 06:00:00Z,41,40,500")
    assert read(tmp_path, *lines, columns=columns).record.columns["t_in"].tolist() == [40.0]


@pytest.mark.parametrize(("zone", "hours"), [("Europe/Vienna", 2), ("+08:00", 8), ("-03:30", -3.5), ("UTC", 0)])
def test_times_without_offset_are_those_of_the_zone(tmp_path: Path, zone: str, hours: float) -> None:
    found = read(tmp_path, HEADER, "2017-07-03 06:00:00;0.5;313;0", time_zone=zone)
    assert found.record.time.tolist() == [1499061600.0 - 3600.0 * hours]
    assert "[columns]" in found.remarks[0].en
    assert "[columns]" in found.remarks[0].zh


def test_times_with_an_offset_keep_it(tmp_path: Path) -> None:
    found = read(tmp_path, HEADER, "2017-07-03 06:00:00Z;0.5;313;0", time_zone="Asia/Shanghai")
    assert found.record.time.tolist() == [1499061600.0]


def test_summer_time_changes_the_offset_on_its_day(tmp_path: Path) -> None:
    rows = [f"{time};0.5;313;0" for time in ("2017-03-26 01:59:00", "2017-03-26 03:00:00", "2017-03-26 03:01:00")]
    found = read(tmp_path, HEADER, *rows, time_zone="Europe/Vienna")
    assert [b - a for a, b in zip(found.record.time, found.record.time[1:], strict=False)] == [60.0, 60.0]


@pytest.mark.parametrize("time", ["2017-10-29 02:30:00", "2017-03-26 02:30:00"])
def test_an_hour_that_the_clock_shows_twice_or_never_is_refused_with_its_line(tmp_path: Path, time: str) -> None:
    with pytest.raises(BadInput, match="line 3: when the clock of Europe/Vienna is changed"):
        read(tmp_path, HEADER, "2017-01-01 00:00:00;1;1;0", f"{time};0.5;313;0", time_zone="Europe/Vienna")


def test_a_name_that_the_file_does_not_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no column “te_inlet \[K\]”, which \[columns\] names for t_in"):
        read(tmp_path, HEADER, "2017-07-03 06:00:00;0.5;313;0", t_in="te_inlet [K]")


def test_a_name_without_a_unit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"the column “te_in” has no unit: write it as “te_in \[degC\]”"):
        read(tmp_path, HEADER, "2017-07-03 06:00:00;0.5;313;0", t_in="te_in")


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        (["t_in"], "must be a table"),
        ({"t_in": 3}, "columns.t_in = 3 is no name"),
        ({"inlet": "te_in [K]"}, "columns.inlet is for no known quantity"),
        ({"separator": "x"}, "columns.separator is 'x'"),
        ({"time_zone": "Mars/Olympus"}, "“Mars/Olympus” is no time zone"),
        ({"time_zone": "+25:00"}, "“\\+25:00” is no time zone"),
        ({"time_zone": "../etc/passwd"}, "is no time zone"),
    ],
)
def test_a_table_that_is_wrong_is_refused_by_its_key(table: object, complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint) as refusal:
        column_map(table)
    assert refusal.value.sentence_zh


@pytest.mark.parametrize(("mark", "written"), [(";", ";"), ("\t", "\\t"), ("|", "|"), (",", ",")])
def test_another_separator_than_the_one_told_is_named(tmp_path: Path, mark: str, written: str) -> None:
    told = ";" if mark == "," else ","
    lines = (mark.join(("time_utc", "t_in [degC]", "G [W/m2]")), mark.join(("2017-07-03 06:00:00Z", "40", "500")))
    with pytest.raises(BadInput) as refused:
        read(tmp_path, *lines, columns=column_map({"separator": told}))
    assert f'write separator = "{written}" under [columns]' in refused.value.sentence_en
    assert f'separator = "{written}"' in refused.value.sentence_zh
