"""Exported lists: a spreadsheet reads Chinese and runs nothing; Parquet has types."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.labels import Label
from lims.lists import export
from lims.lists.declaration import Column, Two, named

COLUMNS = (
    Column(name="number", title=Label("编号", "Number"), value=lambda row: row[0]),
    Column(name="name", title=Label("样品", "Item"), value=lambda row: Two(row[1], "")),
    Column(name="due", title=Label("到期", "Due"), value=lambda row: row[2], look="day"),
    Column(name="at", title=Label("时间", "Time"), value=lambda row: row[3], look="moment"),
    Column(name="scans", title=Label("采样数", "Scans"), value=lambda row: row[4], kind=int),
    Column(name="area", title=Label("面积", "Area"), value=lambda row: row[5], kind=float),
    Column(name="price", title=Label("价格", "Price"), value=lambda row: row[6], kind=Decimal),
    Column(name="fit", title=Label("在用", "Fit"), value=lambda row: row[7], kind=bool),
    Column(name="state", title=Label("状态", "State"), value=lambda row: named("job", row[8]), look="chip"),
)
AT = datetime(2026, 11, 22, 15, 30, 5, tzinfo=UTC)
FULL: tuple[Any, ...] = ("RW-1", "平板", date(2026, 12, 1), AT, 7, -2.5, Decimal("1280.50"), True, "running")
BARE: tuple[Any, ...] = ("RW-2", "", None, None, None, None, None, None, "planned")


def table(rows: list[tuple[Any, ...]], language: str = "zh") -> list[list[str]]:
    data = export.csv_file(COLUMNS, rows, language=language, zone="Asia/Shanghai")
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data[3:].decode(), newline="")))


def test_csv_has_the_words_and_times_of_the_page() -> None:
    head, full, bare = table([FULL, BARE])
    assert head == ["编号", "样品", "到期", "时间", "采样数", "面积", "价格", "在用", "状态"]
    assert full == ["RW-1", "平板", "2026-12-01", "2026-11-22 23:30:05", "7", "-2.5", "1280.50", "1", "进行中"]
    assert bare == ["RW-2", "", "", "", "", "", "", "", "已排期"]
    assert table([FULL], "en")[1][-1] == "running"


@pytest.mark.parametrize(
    "evil",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", '=cmd|"/C calc"!A0', " =1", '"=1'],
)
def test_what_a_spreadsheet_would_run_is_text(evil: str) -> None:
    cell = table([(evil, *FULL[1:])])[1][0]
    assert cell.lstrip(" ")[0] not in "=+-@\t\r\n＝"
    assert cell.removeprefix("'") == evil


@given(st.text(st.characters(codec="utf-8"), max_size=30))
def test_no_text_becomes_a_formula_and_none_is_lost(text: str) -> None:
    cell = export.harmless(text)
    assert cell in (text, f"'{text}")
    assert not cell.startswith(export.RISKY)


def test_parquet_has_types_and_missing_values(tmp_path: Path) -> None:
    made = tmp_path / "x.parquet"
    made.write_bytes(export.parquet_file(COLUMNS, [FULL, BARE], language="zh"))
    with duckdb.connect() as connection:
        found = connection.execute("select * from read_parquet(?)", [str(made)])
        types = {name: str(kind) for name, kind, *_ in found.description}
        rows = found.fetchall()
    assert list(types) == ["number", "name", "due", "at", "scans", "area", "price", "fit", "state"]
    at = datetime(2026, 11, 22, 15, 30, 5)  # noqa: DTZ001 (UTC, as Parquet keeps it)
    assert rows[0] == ("RW-1", "平板", date(2026, 12, 1), at, 7, -2.5, Decimal("1280.5000"), True, "running")
    assert rows[1] == ("RW-2", "", None, None, None, None, None, None, "planned")


def test_parquet_of_no_rows_keeps_its_columns(tmp_path: Path) -> None:
    made = tmp_path / "x.parquet"
    made.write_bytes(export.parquet_file(COLUMNS, [], language="zh"))
    with duckdb.connect() as connection:
        assert connection.execute("select count(*) from read_parquet(?)", [str(made)]).fetchone() == (0,)
