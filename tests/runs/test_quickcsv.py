"""The quick reader of CSV files gives what the careful one gives, and the careful one whatever is not plain."""

import gzip
import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lims.errors import BadInput
from lims.runs.csvtable import CsvTable
from lims.runs.quickcsv import QuickCsv
from lims.runs.recordfile import read_record

NAMES = ["time_utc", "G [W/m2]"]
TIMES = [f"2017-07-03T06:0{minute}:00Z" for minute in range(10)]


def written(folder: Path, cells: list[str], times: list[str] = TIMES) -> Path:
    path = folder / "record.csv"
    rows = [",".join(NAMES), *(f"{time},{cell}" for time, cell in zip(times, cells, strict=False))]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def quick(path: Path) -> QuickCsv:
    table = QuickCsv(path)
    if NAMES[0] in table.names and NAMES[1] in table.names:
        table.expect(time="time_utc", numbers=["G [W/m2]"])
    return table


def careful(path: Path) -> CsvTable:
    return CsvTable(path, path.read_bytes())


def answer(make: Callable[[Path], QuickCsv | CsvTable], path: Path) -> object:
    """The numbers and times of a file, or the sentence with which it is refused."""
    try:
        table = make(path)
        numbers = table.numbers("G [W/m2]")
        return [None if np.isnan(x) else x for x in numbers.tolist()], table.instants("time_utc").seconds.tolist()
    except (BadInput, ValueError) as refusal:
        return str(refusal)


def was_quick(table: QuickCsv) -> bool:
    return table._slow is None


ODD = [
    "1_000", "inf", "-inf", "Infinity", "+nan", "-nan", "nan(1)", "0x1F", "5d", "5f", "1e", "e5", "--5", "+5", "1e999",
    "1e-999", ".5", "5.", ".", "-", "1 000", " 7 ", '"8"', '"8,5"', "true", "NaN", "null", "None", "N/A", "", "٣", "１",
    "1e5", "1E+05", "1'000", "1,5", "12abc", "#5", "5%", "-0", "1__0", "_1", "\t3",
]  # fmt: skip


@pytest.mark.parametrize("cell", ODD)
def test_an_odd_cell_is_answered_alike(tmp_path: Path, cell: str) -> None:
    path = written(tmp_path, ["1.5", cell, "2.5"])
    assert answer(quick, path) == answer(careful, path)


@pytest.mark.parametrize(
    "time",
    [
        "2017-07-03 06:01:00Z", "2017-07-03T06:01:00+00:00", "2017-07-03T07:01:00+01:00", "2017-07-03T06:01:00",
        "2017-07-03T06:01", "2017-07-03T24:00:00Z", "2017-07-03T06:61:00Z", "2017-02-30T06:01:00Z", "", "yesterday",
        "2017-07-03T06:01:00.5Z", "20170703T060100Z", "2017-07-03T06:01:00z", " 2017-07-03T06:01:00Z", "2017-07-03",
        "2017-W27-1T06:01:00Z", "2017-07-03T06:01:60Z",
    ],
)  # fmt: skip
@pytest.mark.parametrize("first", [True, False])
def test_an_odd_time_is_answered_alike(tmp_path: Path, time: str, first: bool) -> None:
    times = [time, TIMES[2]] if first else [TIMES[0], time, TIMES[2]]
    path = written(tmp_path, ["1", "2", "3"][: len(times)], times)
    assert answer(quick, path) == answer(careful, path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=10))
def test_every_number_comes_back_as_the_same_double(tmp_path: Path, values: list[float]) -> None:
    table = quick(written(tmp_path, [repr(value) for value in values]))
    assert table.numbers("G [W/m2]").tolist() == values
    assert was_quick(table)


def test_a_plain_file_is_read_by_the_quick_way_alone(tmp_path: Path) -> None:
    path = written(tmp_path, ["1.5", "", "NaN"])
    assert answer(quick, path) == ([1.5, None, None], [1499061600.0, 1499061660.0, 1499061720.0])
    assert was_quick(quick(path))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("1.5\n", "1.5,9\n"),  # a field too many
        lambda text: text.replace(",1.5\n", "\n"),  # one too few
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("1.5\n", "1.5\n\n"),
        lambda text: "\ufeff" + text,
        lambda text: "\n" + text,
        lambda text: text.replace("1.5", '"1.5'),
        lambda text: text.replace("1.5", "\x00"),
        lambda text: text.rstrip("\n"),
        lambda text: text.replace("time_utc", "G [W/m2]"),
        lambda text: text.splitlines()[0],
        lambda text: "",
    ],
)
def test_an_odd_file_is_answered_alike(tmp_path: Path, change: Callable[[str], str]) -> None:
    path = written(tmp_path, ["1.5", "2.5"])
    path.write_bytes(change(path.read_text(encoding="utf-8")).encode())
    assert answer(quick, path) == answer(careful, path)


def test_bytes_that_are_no_text_in_a_column_nobody_asked_for_are_refused_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "record.csv"
    path.write_bytes(b"time_utc,G [W/m2],remark\n2017-07-03T06:00:00Z,5,\xff\n")
    with pytest.raises(BadInput, match="line 2 is not UTF-8"):
        read_record(path, needed={"G": "W/m2"})


def test_a_header_may_speak_another_language(tmp_path: Path) -> None:
    path = tmp_path / "record.csv"
    path.write_text("time_utc,G [W/m2],天气\n2017-07-03T06:00:00Z,5,\n", encoding="utf-8")
    assert read_record(path, needed={"G": "W/m2"}).record.columns["G"].tolist() == [5.0]


def test_a_gzipped_file_is_read_and_its_own_digest_given(tmp_path: Path) -> None:
    plain = written(tmp_path, ["1.5", "2.5"])
    packed = tmp_path / "record.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    found = read_record(packed, needed={"G": "W/m2"})
    assert found.record.columns["G"].tolist() == [1.5, 2.5]
    assert found.sha256 == hashlib.sha256(packed.read_bytes()).hexdigest()


def test_half_a_gzipped_file_is_refused(tmp_path: Path) -> None:
    packed = tmp_path / "record.csv.gz"
    packed.write_bytes(gzip.compress(written(tmp_path, ["1.5"] * 9).read_bytes())[:-12])
    with pytest.raises(BadInput, match="not a whole gzip file"):
        read_record(packed, needed={"G": "W/m2"})
