"""A record in a file is read in the method's units, or refused in one sentence that says where and what to do."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.errors import BadInput
from lims.runs.csvtable import CsvTable
from lims.runs.recordfile import RecordFile, read_record
from protocols.record import Common

NEEDED = {"G": "W/m2", "t_in": "degC"}
OPTIONAL = {"shaded": "1"}
HEADER = "time_utc,G [W/m2],t_in [degC]"
ROWS = ["2017-07-03T06:00:00Z,510.5,40.25", "2017-07-03T06:01:00Z,512,40.5", "2017-07-03T06:02:00Z,514.25,40.75"]


def csv_file(folder: Path, *lines: str) -> Path:
    path = folder / "record.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def parquet_file(folder: Path, select: str) -> Path:
    path = folder / "record.parquet"
    duckdb.connect().execute(f"COPY ({select}) TO '{path}' (FORMAT parquet)")
    return path


def read(path: Path) -> RecordFile:
    return read_record(path, needed=NEEDED, optional=OPTIONAL)


def seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def test_a_csv_record_is_read_in_the_units_of_the_method(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "t_in [K],time_utc,G [kW/m2]", "313.4,2017-07-03T06:00:00Z,0.5105")
    found = read(path)
    assert found.record.time.tolist() == [seconds("2017-07-03T06:00:00+00:00")]
    assert found.record.columns["t_in"] == pytest.approx([40.25])
    assert found.record.columns["G"] == pytest.approx([510.5])
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert found.remarks == ()


def test_a_parquet_record_gives_the_same_numbers_as_the_csv(tmp_path: Path) -> None:
    csv = read(csv_file(tmp_path, HEADER, *ROWS))
    values = ", ".join(f"(TIMESTAMP '{t[:19]}', {g}, {i})" for t, g, i in (row.split(",") for row in ROWS))
    path = parquet_file(tmp_path, f'SELECT * FROM (VALUES {values}) AS x("time_utc", "G [W/m2]", "t_in [degC]")')
    parquet = read(path)
    assert parquet.record.time.tolist() == csv.record.time.tolist()
    for symbol in NEEDED:
        assert parquet.record.columns[symbol].tolist() == csv.record.columns[symbol].tolist()


def test_the_middle_of_each_sample_is_offset_from_its_written_time(tmp_path: Path) -> None:
    path = csv_file(tmp_path, HEADER, *ROWS)
    shifted = read_record(path, needed=NEEDED, midpoint_offset=30.0)
    assert (shifted.record.time - read(path).record.time).tolist() == [30.0] * 3


def test_the_uncertainties_travel_with_the_record(tmp_path: Path) -> None:
    common = Common(symbol="G", relative=0.01)
    found = read_record(csv_file(tmp_path, HEADER, *ROWS), needed=NEEDED, uncertainties=[common])
    assert found.record.uncertainties == (common,)


@pytest.mark.parametrize(
    "written",
    [
        "2017-07-03T06:00:00Z",
        "2017-07-03 06:00:00+00:00",
        "2017-07-03T14:00:00+08:00",
        "20170703T060000Z",
        "2017-07-03 06:00",
    ],
)
def test_times_are_iso_8601_in_all_its_dress(tmp_path: Path, written: str) -> None:
    found = read(csv_file(tmp_path, HEADER, f"{written},500,40"))
    assert found.record.time.tolist() == [seconds("2017-07-03T06:00:00+00:00")]


def test_times_without_offset_are_utc_as_the_column_says_and_this_is_remarked(tmp_path: Path) -> None:
    found = read(csv_file(tmp_path, HEADER, "2017-07-03T06:00:00,500,40"))
    assert found.record.time.tolist() == [seconds("2017-07-03T06:00:00+00:00")]
    assert "taken as UTC" in found.remarks[0].en
    assert "UTC" in found.remarks[0].zh


@pytest.mark.parametrize("empty", ["", "NaN", "nan", "NAN", " ", "NA", "null"])
def test_a_missing_value_is_not_a_number_and_the_others_stay(tmp_path: Path, empty: str) -> None:
    found = read(csv_file(tmp_path, HEADER, ROWS[0], f"2017-07-03T06:01:00Z,{empty},40.5"))
    assert np.isnan(found.record.columns["G"]).tolist() == [False, True]
    assert found.record.columns["t_in"].tolist() == [40.25, 40.5]


def test_a_null_in_parquet_is_a_missing_value(tmp_path: Path) -> None:
    path = parquet_file(
        tmp_path,
        """SELECT * FROM (VALUES (TIMESTAMP '2017-07-03 06:00:00', NULL::DOUBLE, 40.25::DECIMAL(6, 2)))
           AS x("time_utc", "G [W/m2]", "t_in [degC]")""",
    )
    found = read(path)
    assert np.isnan(found.record.columns["G"]).all()
    assert found.record.columns["t_in"].tolist() == [40.25]


def test_a_gap_is_remarked_with_its_place_and_length(tmp_path: Path) -> None:
    rows = [f"2017-07-03T06:{minute:02}:00Z,500,40" for minute in (0, 1, 2, 9, 10, 11, 15)]
    (remark,) = read(csv_file(tmp_path, HEADER, *rows)).remarks
    assert "Gaps in the record: 2" in remark.en
    assert "420 s after 2017-07-03T06:02:00Z" in remark.en
    assert "420 s" in remark.zh


def test_a_column_that_the_method_does_not_use_is_remarked_and_never_read(tmp_path: Path) -> None:
    found = read(csv_file(tmp_path, HEADER + ",remark", ROWS[0] + ",cloud"))
    assert "remark" in found.remarks[0].en
    assert found.record.columns.keys() == NEEDED.keys()


def test_an_optional_column_is_read_when_it_is_there(tmp_path: Path) -> None:
    found = read(csv_file(tmp_path, HEADER + ",shaded [1]", ROWS[0] + ",1"))
    assert found.record.columns["shaded"].tolist() == [1.0]


def test_a_byte_order_mark_blank_lines_and_windows_line_ends_are_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / "record.csv"
    path.write_bytes(("\ufeff" + "\r\n".join([HEADER, ROWS[0], "", ROWS[1], ""])).encode())
    assert read(path).record.columns["G"].tolist() == [510.5, 512.0]


REFUSED = {
    "missing column": ([HEADER.replace("t_in [degC]", "t_out [degC]"), ROWS[0]], "t_in [degC]", "is missing: add it"),
    "missing time": ([HEADER.replace("time_utc", "time"), ROWS[0]], "time_utc", "missing"),
    "unit of another quantity": ([HEADER.replace("degC", "W"), ROWS[0]], "t_in [W]", "another quantity than degC"),
    "text that is no unit": ([HEADER.replace("degC", "warm"), ROWS[0]], "t_in [warm]", "not a unit"),
    "no unit": ([HEADER.replace(" [degC]", ""), ROWS[0]], "“t_in”", "has no unit"),
    "column twice": ([HEADER + ",t_in [K]", ROWS[0] + ",313"], "t_in [K]", "remove one"),
    "word for a number": ([HEADER, *ROWS[:2], "2017-07-03T06:02:00Z,dark,40"], "line 4", "“dark” is not a number"),
    "infinity": ([HEADER, ROWS[0], "2017-07-03T06:02:00Z,inf,40"], "line 3", "not a number"),
    "overflow": ([HEADER, ROWS[0], "2017-07-03T06:02:00Z,1e999,40"], "line 3", "not a number"),
    "digits with underscore": ([HEADER, "2017-07-03T06:02:00Z,1_000,40"], "line 2", "not a number"),
    "digits of another script": ([HEADER, "2017-07-03T06:02:00Z,１０,40"], "line 2", "not a number"),
    "decimal comma": ([HEADER, '2017-07-03T06:02:00Z,"510,5",40'], "line 2", "not a number"),
    "repeated time": ([HEADER, ROWS[0], ROWS[0]], "line 3", "occurs twice"),
    "unsorted time": ([HEADER, ROWS[0], ROWS[2], ROWS[1]], "line 4", "sort the rows"),
    "no time": ([HEADER, ROWS[0], "yesterday,500,40"], "line 3", "“yesterday” is not a time"),
    "empty time": ([HEADER, ROWS[0], ",500,40"], "line 3", "is not a time"),
    "impossible date": ([HEADER, "2017-02-30T00:00:00Z,500,40"], "line 2", "is not a time"),
    "mixed offsets": ([HEADER, ROWS[0], "2017-07-03T06:01:00,500,40"], "line 3", "mixed"),
    "short line": ([HEADER, ROWS[0], "2017-07-03T06:01:00Z,500"], "line 3", "2 fields where the header has 3"),
    "semicolons": ([HEADER.replace(",", ";"), ROWS[0].replace(",", ";")], "“;”", 'write separator = ";"'),
    "open quote": ([HEADER, '2017-07-03T06:01:00Z,"500,40'], "record.csv", "not a readable CSV"),
    "header alone": ([HEADER], "record.csv", "no rows"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_wrong_with_a_csv_is_one_sentence_with_file_place_and_remedy(tmp_path: Path, name: str) -> None:
    lines, place, complaint = REFUSED[name]
    with pytest.raises(BadInput) as refusal:
        read(csv_file(tmp_path, *lines))
    sentence = refusal.value.sentence_en
    assert sentence.startswith("record.csv: ")
    assert place in sentence
    assert complaint in sentence
    assert "\n" not in sentence
    assert refusal.value.sentence_zh.startswith("record.csv：")


def test_the_line_named_is_the_one_in_the_editor_even_after_blank_lines_and_quoted_line_ends(tmp_path: Path) -> None:
    lines = [HEADER + ",remark", "", ROWS[0] + ',"two\nlines"', "", "2017-07-03T06:01:00Z,dark,40,x"]
    with pytest.raises(BadInput, match="line 6"):
        read(csv_file(tmp_path, *lines))


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "record.csv"
    path.write_bytes(b"")
    with pytest.raises(BadInput, match="no rows"):
        read(path)


def test_bytes_that_are_no_text_are_refused_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "record.csv"
    path.write_bytes(HEADER.encode() + b"\n2017-07-03T06:00:00Z,\xff,40\n")
    with pytest.raises(BadInput, match="line 2 is not UTF-8"):
        read(path)


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"nowhere\.csv cannot be read \(No such file"):
        read(tmp_path / "nowhere.csv")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        read(tmp_path)


def test_a_damaged_parquet_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "record.parquet"
    path.write_bytes(b"PAR1" + bytes(100))
    with pytest.raises(BadInput, match="not a readable Parquet file"):
        read(path)


@pytest.mark.parametrize(
    ("time", "g", "complaint"),
    [
        ("NULL::TIMESTAMP", "500.0", "row 1, column “time_utc”: the time is missing"),
        ("'2017-07-03'", "500.0", "is of type VARCHAR: write it as TIMESTAMP"),
        ("TIMESTAMP '2017-07-03 06:00:00'", "'dark'", "is of type VARCHAR: write it as numbers"),
        ("TIMESTAMP '2017-07-03 06:00:00'", "'infinity'::DOUBLE", "row 1, column “G [W/m2]”: the value is infinite"),
    ],
)
def test_what_is_wrong_with_a_parquet_file_is_one_sentence(tmp_path: Path, time: str, g: str, complaint: str) -> None:
    path = parquet_file(tmp_path, f'SELECT {time} AS "time_utc", {g} AS "G [W/m2]", 40.0 AS "t_in [degC]"')
    with pytest.raises(BadInput) as refusal:
        read(path)
    assert complaint in refusal.value.sentence_en


def test_repeated_times_in_parquet_are_refused_by_row(tmp_path: Path) -> None:
    row = """SELECT TIMESTAMP '2017-07-03 06:00:00' AS "time_utc", 500.0 AS "G [W/m2]", 40.0 AS "t_in [degC]" """
    with pytest.raises(BadInput, match="row 2: the time 2017-07-03T06:00:00Z occurs twice"):
        read(parquet_file(tmp_path, f"{row} UNION ALL {row}"))


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
def test_every_number_comes_back_as_the_same_double(values: list[float]) -> None:
    start = datetime(2017, 7, 3, tzinfo=UTC)
    lines = [f"{(start + timedelta(minutes=i)).isoformat()},{value!r}" for i, value in enumerate(values)]
    table = CsvTable(Path("record.csv"), "\n".join(["time_utc,G [W/m2]", *lines]).encode())
    assert table.numbers("G [W/m2]").tolist() == values


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_but_a_refusal(data: bytes) -> None:
    table = None
    try:
        table = CsvTable(Path("record.csv"), data)
        table.numbers(table.names[0])
    except BadInput:
        return
    assert table is not None
