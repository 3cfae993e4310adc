"""Files of loggers: what stands in them is read as it stands, or refused with its place; nothing is guessed or mended.

The samples are written as the formats' descriptions and public samples of them show: TOA5 (LoggerNet manual, Campbell
Scientific file formats), BenchLink's CSV (UTF-16, a block of settings, Alarm columns, milliseconds after a colon).
"""

from __future__ import annotations

import io
import re
import time
from contextlib import suppress
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from nptdms import ChannelObject, TdmsWriter

from instruments.errors import UnreadableFile
from instruments.loggers.file import Layout, LoggerFile
from instruments.loggers.moments import Reader, is_moment, quick_seconds
from instruments.loggers.opening import find, reopen

TOA5 = """\
"TOA5","roof","CR1000X","12345","CR1000X.Std.07.02","CPU:collector.CR1X","8214","OneMin"\r
"TIMESTAMP","RECORD","G_Avg","t_in_Avg","Batt_Min"\r
"TS","RN","W/m^2","Deg C","Volts"\r
"","","Avg","Avg","Min"\r
"2017-07-13 06:01:00",0,512.3,"NAN",12.9\r
"2017-07-13 06:02:00",1,0,20.5,\r
"2017-07-13 06:03:00",2,-7999,"20.75",12.9\r
"""

BENCHLINK = """\
Name:,Collector loop
Owner:,
Comments:,
Acquisition Date:,26/01/2009 08:07:10

Instrument:,34970A,Slot 1:,34901A
Total Channels:,2

Scan,Time,101 <PT100> (C),Alarm 101,102 <> (VDC),Alarm 102
1,26/01/2009 08:07:12:237,23.41,0,0.0123,0
2,26/01/2009 08:07:22:237,+9.90000000E+37,1,,0
"""

CHINESE = """\
太阳能集热器试验数据
试验日期：2026年7月1日

时间;总辐照度;进口温度;出口温度
;W/m²;℃;℃
2026/7/1 9:00:00;812,5;30,11;
2026/7/1 9:01:00;813,0;30,12;41,5
"""


def columns(file: LoggerFile, *more: str) -> dict[str, list[float]]:
    """Every column but that of the time as numbers."""
    heading = file.heading
    return {
        one.name: file.numbers(one.index, missing=(*heading.missing, *more)).values.tolist()
        for one in heading.columns
        if one.index not in (*heading.time, *heading.beside)
    }


def same(found: dict[str, list[float]], expected: dict[str, list[float]]) -> None:
    assert found.keys() == expected.keys()
    for name, values in expected.items():
        np.testing.assert_array_equal(found[name], values, err_msg=name)


NAN = float("nan")


def test_toa5_is_read_with_its_evidence_and_what_is_missing_is_never_zero() -> None:
    file = find(TOA5.encode())
    assert (file.layout.reader, file.layout.header_line, file.layout.units_line, file.layout.first_line) == (
        "toa5", 2, 3, 5,
    )  # fmt: skip
    assert [(one.name, one.unit, one.note) for one in file.heading.columns[2:4]] == [
        ("G_Avg", "W/m^2", "Avg"), ("t_in_Avg", "Deg C", "Avg"),
    ]  # fmt: skip
    assert file.heading.evidence["serial_number"] == "12345"
    assert file.heading.evidence["signature"] == "8214"
    expected = {
        "RECORD": [0, 1, 2],
        "G_Avg": [512.3, 0, NAN],
        "t_in_Avg": [NAN, 20.5, 20.75],
        "Batt_Min": [12.9, NAN, 12.9],
    }
    same(columns(file, "-7999"), expected)
    numbers = file.numbers(2, missing=(*file.heading.missing, "-7999"))
    assert (numbers.empty, dict(numbers.marked)) == (0, {"-7999": 1})
    assert dict(file.numbers(3, missing=file.heading.missing).marked) == {"NAN": 1}
    assert file.numbers(4, missing=()).empty == 1
    moments = file.moments(file.heading.time)
    assert not moments.with_offset
    assert moments.seconds.tolist() == [1499925660.0 + 60 * n for n in range(3)]  # date -u -d '2017-07-13 06:01:00' +%s


@pytest.mark.parametrize("encoded", ["utf-16", "utf-8", "utf-8-sig", "utf-16-le"])
@pytest.mark.parametrize("local", [lambda text: text, lambda text: text.replace(",", ";").replace(".", ",")])
def test_benchlink_is_read_in_each_encoding_and_with_the_separators_of_either_locale(encoded: str, local) -> None:
    file = find(local(BENCHLINK).encode(encoded))
    assert (file.layout.reader, file.layout.header_line, file.layout.order) == ("keysight", 9, "dmy")
    same(columns(file), {"Scan": [1, 2], "101 PT100": [23.41, NAN], "102": [0.0123, NAN]})
    assert [(one.unit, one.note) for one in file.heading.columns if one.note] == [("C", "101"), ("VDC", "102")]
    assert [file.heading.columns[index].name for index in file.heading.beside] == ["Alarm 101", "Alarm 102"]
    assert file.heading.evidence["Instrument"] == "34970A"
    start = datetime(2009, 1, 26, 8, 7, 12, 237000, tzinfo=UTC).timestamp()
    assert file.moments(file.heading.time).seconds.tolist() == pytest.approx([start, start + 10], abs=1e-6)


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Sweep # , Time , Chan 201 (VDC) , Chan 202 (C)", "1 , 01/26/2009 08:07:12:237 , 0.5 , 21.5"),
        ("Scan Sweep Time (Sec),Scan Number,201 (Vdc)- signal,202 (C)- tank", "01/26/2009 08:07:12.237,1,0.5,21.5"),
    ],
)
def test_the_instruments_own_memory_and_benchvue_are_read_too(header: str, row: str) -> None:
    file = find(f"{header}\n{row}\n".encode())
    assert file.layout.reader == "keysight"
    assert file.layout.order == "mdy"
    assert columns(file)[file.heading.columns[3].name] == [21.5]
    assert file.heading.columns[3].unit == "C"


@pytest.mark.parametrize("encoded", ["gb18030", "utf-8", "utf-16"])
def test_a_chinese_table_is_found_below_its_preamble_with_units_in_a_second_line(encoded: str) -> None:
    file = find(CHINESE.encode(encoded))
    layout = file.layout
    assert (layout.reader, layout.separator, layout.decimal) == ("csv", ";", ",")
    assert (layout.header_line, layout.units_line, layout.first_line) == (4, 5, 6)
    assert [(one.name, one.unit) for one in file.heading.columns[1:3]] == [("总辐照度", "W/m²"), ("进口温度", "℃")]
    same(columns(file), {"总辐照度": [812.5, 813], "进口温度": [30.11, 30.12], "出口温度": [NAN, 41.5]})
    assert "2026年7月1日" in file.heading.evidence["line 2"]


@pytest.mark.parametrize(
    ("text", "name", "unit"),
    [
        ("time,t_in [degC]\n2026-01-05T06:00:00Z,20\n", "t_in", "degC"),
        ("时间,进口温度（℃）\n2026-01-05 06:00,20\n", "进口温度", "℃"),
        ("时间,进口温度/℃\n2026-01-05 06:00,20\n", "进口温度", "℃"),
        ("Date\tTime\tInlet (°C)\n13.07.2026\t09:00\t20\n", "Inlet", "°C"),
        ("Time|Flow(m3/h)\n2026年1月5日 下午 3:04:05|20\n", "Flow", "m3/h"),
    ],
)
def test_units_stand_in_the_header_in_every_usual_way(text: str, name: str, unit: str) -> None:
    file = find(text.encode())
    last = file.heading.columns[-1]
    assert (last.name, last.unit) == (name, unit)
    assert file.numbers(last.index, missing=()).values.tolist() == [20.0]
    assert file.moments(file.heading.time).seconds.size == 1


def test_a_western_file_with_a_degree_sign_is_not_read_as_chinese() -> None:
    file = find("Datum;Zeit;T (°C)\n13.07.2026;09:00;12,5\n".encode("cp1252"))
    assert (file.layout.encoding, file.heading.columns[2].unit) == ("cp1252", "°C")


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2026-01-05 06:07:08.250", "2026-01-05T06:07:08.250+00:00"),
        ("2026-01-05T06:07:08+08:00", "2026-01-04T22:07:08+00:00"),
        ("2026/1/5 6:07", "2026-01-05T06:07:00+00:00"),
        ("2026年01月05日 06时07分08秒", "2026-01-05T06:07:08+00:00"),
        ("2026/1/5 下午 6:07:08", "2026-01-05T18:07:08+00:00"),
        ("2026/1/5 12:07:08 AM", "2026-01-05T00:07:08+00:00"),
    ],
)
def test_times_as_loggers_write_them(text: str, iso: str) -> None:
    assert is_moment(text)
    assert Reader("ymd").moment(text).seconds == pytest.approx(datetime.fromisoformat(iso).timestamp(), abs=1e-6)


@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=5),
    st.sampled_from(["{!r}", "{:.3f}", " {:g}", "{:+e}", '"{:g}"']),
)
def test_plain_columns_are_read_to_the_same_numbers_as_those_with_a_gap(values: list[float], form: str) -> None:
    cells = [form.format(value) for value in values]
    times = [f"2026-01-05 06:{n:02d}:00" for n in range(len(cells) + 1)]
    text = "time,G\n" + "".join(f"{time},{cell}\n" for time, cell in zip(times, cells, strict=False))
    plain, gap = find(text.encode()), find((text + f"{times[-1]},\n").encode())
    assert plain.numbers(1, missing=()).values.tolist() == gap.numbers(1, missing=()).values.tolist()[:-1]
    assert plain.moments((0,)).seconds.tolist() == gap.moments((0,)).seconds.tolist()[:-1]


@given(st.datetimes(min_value=datetime(1980, 1, 1), max_value=datetime(2080, 1, 1)))  # noqa: DTZ001
def test_the_quick_reading_of_times_is_the_careful_one(moment: datetime) -> None:
    for text in (moment.isoformat(" ", "seconds"), moment.isoformat("T", "milliseconds")):
        assert quick_seconds([text]) == pytest.approx([Reader("ymd").moment(text).seconds], abs=1e-6)


def test_the_quick_reading_leaves_what_is_not_plain_to_the_careful_one() -> None:
    for text in ("2026-02-30 06:00:00", "2026-01-05 24:00:00", "2026-01-05 06:00:0x", "2026/01/05 06:00:00", "NaT"):
        assert quick_seconds([text]) is None


@pytest.mark.parametrize(
    "text", ["2026-02-30 06:00", "2026-01-05 24:00", "26-01-05 06:00", "06:00", "", "2026-01-05", "5"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Reader("ymd").moment(text)


def test_whether_day_or_month_comes_first_is_never_guessed() -> None:
    file = find(b"Time,G (W/m2)\n03/04/2026 06:00,1\n04/04/2026 06:00,2\n")
    assert file.layout.order == ""
    with pytest.raises(UnreadableFile, match="state which"):
        file.moments(file.heading.time)
    stated = {order: find(file._data, {"order": order}) for order in ("dmy", "mdy")}
    first = {order: one.moments(one.heading.time).seconds[0] for order, one in stated.items()}
    assert first["dmy"] == datetime(2026, 4, 3, 6, tzinfo=UTC).timestamp()
    assert first["mdy"] == datetime(2026, 3, 4, 6, tzinfo=UTC).timestamp()


GOOD = "time,G\n2026-01-05 06:00:00,1\n2026-01-05 06:01:00,2\n"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The file is empty"),
        (GOOD.replace(",2", ",2x"), "Line 3, column 2 “G”: “2x” is not a number"),
        (GOOD.replace(",2", ",1_0"), "Line 3, column 2 “G”: “1_0” is not a number"),
        (GOOD.replace(",2", ",1e999"), "Line 3, column 2 “G”: “1e999” is not a number"),
        (GOOD.replace("06:01:00", "6h01"), "Line 3, column 1 “time”: “2026-01-05 6h01” is not a time"),
        (GOOD.replace(",2", ",2,3"), "Line 3 has 3 fields where the header .line 1. has 2"),
        (GOOD.replace("06:01:00", "06:01:00Z"), "Line 3: some times have an offset"),
        (GOOD.replace("time,G\n", ""), "no line above it names the columns"),
        ("a,b\n1,2\n", "No header with rows of a time"),
        (GOOD + '"2026-01-05 06:02:00,3\n', "Line 4 is not readable as CSV"),
    ],
)
def test_what_cannot_be_read_is_told_with_line_and_column(text: str, sentence: str) -> None:
    def read() -> None:
        file = find(text.encode())
        file.moments(file.heading.time)
        file.numbers(1, missing=())

    with pytest.raises(UnreadableFile, match=sentence) as told:
        read()
    assert told.value.sentence_zh.endswith("。")


def test_rows_outside_the_stated_lines_are_left_out() -> None:
    file = find((GOOD + "end of test\n").encode(), {"first_line": 3, "last_line": 3})
    assert (file.rows, columns(file)["G"]) == (1, [2.0])
    assert file.place(0).english == "line 3"


@pytest.mark.parametrize("data", [TOA5.encode(), BENCHLINK.encode("utf-16"), CHINESE.encode("gb18030")])
def test_a_file_is_read_alike_by_its_kept_layout_and_shows_the_bytes_of_its_lines(data: bytes) -> None:
    file = find(data)
    again = reopen(data, Layout(**file.layout.as_dict()))
    assert again.heading == file.heading
    same(columns(again), columns(file))
    for row in range(file.rows):
        line = int(re.sub(r"\D", "", file.place(row).english))
        text = data.decode({"gb18030": "gb18030"}.get(file.layout.encoding, "utf-16" if data[0] == 0xFF else "utf-8"))
        assert file.line(row).decode(file.layout.encoding) == re.split("\r?\n", text)[line - 1]
        assert file.line(row) in data


def tdms(**waveform: object) -> bytes:
    """Two channels as LabVIEW writes them."""
    out = io.BytesIO()
    with TdmsWriter(out) as writer:
        writer.write_segment(
            [
                ChannelObject("Log", "G", np.array([1.0, NAN, 3.0]), properties={"unit_string": "W/m2", **waveform}),
                ChannelObject("Log", "t_in", np.array([20.0, 21.0, 22.0]), properties={"NI_UnitDescription": "degC"}),
            ]
        )
    return out.getvalue()


def test_tdms_is_read_with_the_time_of_its_waveform() -> None:
    start = np.datetime64("2026-01-05T06:00:00", "us")
    data = tdms(wf_start_time=start, wf_increment=0.5, wf_start_offset=0.0)
    file = find(data)
    assert [(one.name, one.unit) for one in file.heading.columns] == [
        ("G", "W/m2"),
        ("t_in", "degC"),
        ("(waveform)", ""),
    ]
    same(columns(file), {"G": [1, NAN, 3], "t_in": [20, 21, 22]})
    moments = file.moments(file.heading.time)
    assert moments.with_offset
    assert moments.seconds.tolist() == [1767592800.0, 1767592800.5, 1767592801.0]  # date -u -d 2026-01-05T06:00 +%s
    assert reopen(data, file.layout).heading == file.heading
    with pytest.raises(UnreadableFile, match="holds no numbers"):
        file.numbers(2, missing=())


def test_tdms_is_read_with_a_channel_of_time_stamps_and_without_any_time_refused() -> None:
    out = io.BytesIO()
    stamps = np.array(["2026-01-05T06:00:00", "2026-01-05T06:00:01"], dtype="datetime64[us]")
    with TdmsWriter(out) as writer:
        writer.write_segment([ChannelObject("Log", "Time", stamps), ChannelObject("Log", "G", np.array([1.0, 2.0]))])
    file = find(out.getvalue())
    assert file.heading.time == (0,)
    assert file.moments((0,)).seconds.tolist() == [1767592800.0, 1767592801.0]
    with pytest.raises(UnreadableFile, match="No group of the TDMS file has a time"):
        find(tdms())


def read_whole(data: bytes) -> None:
    """Read everything there is; nothing but a sentence may come of it."""
    with suppress(UnreadableFile):
        file = find(data)
        assert reopen(data, file.layout).heading == file.heading
        file.moments(file.heading.time)
        for one in file.heading.columns:
            file.numbers(one.index, missing=file.heading.missing)
            file.line(0)


@given(st.binary(max_size=200))
@example(b"TDSm")
@example(b"\xff\xfe\x00")
@example(b'"TOA5"')
@example(b"\x00" * 10)
def test_no_bytes_at_all_give_anything_but_a_sentence(data: bytes) -> None:
    read_whole(data)


SAMPLES = (
    TOA5.encode(), BENCHLINK.encode("utf-16"), CHINESE.encode("gb18030"),
    tdms(wf_start_time=np.datetime64("2026-01-05T06:00:00", "us"), wf_increment=0.5, wf_start_offset=0.0),
)  # fmt: skip


@given(st.sampled_from(SAMPLES), st.data())
def test_a_damaged_file_gives_numbers_or_a_sentence_and_no_traceback(sample: bytes, data: st.DataObject) -> None:
    damaged = bytearray(sample)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    read_whole(bytes(damaged[: data.draw(st.integers(0, len(damaged)))] if data.draw(st.booleans()) else damaged))


@given(st.lists(st.text(alphabet='0123456789-/: .,;\t"NAN时间ab()[]', max_size=30), max_size=8))
def test_lines_of_the_usual_characters_give_numbers_or_a_sentence(lines: list[str]) -> None:
    read_whole("\n".join(lines).encode())


def test_a_tdms_file_that_was_cut_off_is_refused_and_not_read_as_far_as_it_goes() -> None:
    whole = SAMPLES[3]
    for length in (len(whole) - 1, len(whole) - 8, len(whole) // 2):
        with pytest.raises(UnreadableFile, match="Not a whole TDMS file"):
            find(whole[:length])


@pytest.mark.parametrize(
    "text",
    [
        "06:00" + " " * 100_000 + "x,1\n" * 2,
        "time,a" + " " * 100_000 + "[\n2026-01-05 06:00:00,1\n",
        "time," + "a/" * 50_000 + " \n2026-01-05 06:00:00,1\n",
        "Scan,Time,101" + " " * 100_000 + "x\n1,2026-01-05 06:00:00,1\n",
        "time" + ",a" * 3000 + "\n2026-01-05 06:00:00" + ",1" * 3000 + "\n",
        "x" * 300_000,
        "time,G\n2026-01-05 06:00:00,1\n2026-01-05 06:01" + " " * 100_000 + "x,1\n",
    ],
    ids=range(7),
)
def test_cells_made_to_keep_the_patterns_busy_are_done_with_at_once(text: str) -> None:
    started = time.process_time()
    read_whole(text.encode())
    assert time.process_time() - started < 20.0  # no measure of speed: a quadratic pattern takes minutes
