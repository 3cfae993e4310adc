"""A list as a file: CSV that a spreadsheet opens without running anything, and Parquet with types."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from lims.lists.declaration import Column, Named, Two

MOST_ROWS = 50_000  # ours: more is a job for the database, not for a page
RISKY = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "＝",
    "＋",
    "－",
    "＠",
)  # a spreadsheet takes what begins so for a formula
PARQUET = {
    str: "VARCHAR", int: "BIGINT", float: "DOUBLE", bool: "BOOLEAN", date: "DATE", datetime: "TIMESTAMP",
    Decimal: "DECIMAL(18,4)",
}  # fmt: skip


def csv_file(columns: Sequence[Column], rows: Iterable[Any], *, language: str, zone: str) -> bytes:
    """UTF-8 with a mark, so that a spreadsheet reads Chinese; times in the site's zone; text never a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([harmless(column.title.in_language(language)) for column in columns])
    for row in rows:
        writer.writerow([_text(column.value(row), language, zone) for column in columns])
    return "\ufeff".encode() + out.getvalue().encode()


def _text(value: Any, language: str, zone: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime):
        return value.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, int | float | Decimal | date):
        return str(value)
    return harmless(_words(value, language))


def harmless(text: str) -> str:
    """Text that a spreadsheet shows as text: an apostrophe before what it would take for a formula.

    >>> harmless("=1+1"), harmless("QC-25"), harmless(" @x")
    ("'=1+1", 'QC-25', "' @x")
    """
    return f"'{text}" if text.lstrip(" \u3000\u00a0").startswith(RISKY) or text.startswith(RISKY) else text


def _words(value: Any, language: str) -> str:
    if isinstance(value, Named):
        return value.label.in_language(language)
    if isinstance(value, Two):
        return value.in_language(language)
    return str(value)


def parquet_file(columns: Sequence[Column], rows: Iterable[Any], *, language: str) -> bytes:
    """Columns by their names in the program, states by their keys, times in UTC, missing values missing."""
    import duckdb

    with tempfile.TemporaryDirectory() as folder:
        lines, made = Path(folder, "rows.json"), Path(folder, "rows.parquet")
        with lines.open("w", encoding="utf-8") as file:
            for row in rows:
                values = {column.name: _plain(column.value(row), language) for column in columns}
                file.write(json.dumps(values, ensure_ascii=False) + "\n")
        types = {column.name: PARQUET[column.stored] for column in columns}
        with duckdb.connect(config={"threads": 1}) as connection:
            read = connection.read_json(str(lines), columns=types, format="newline_delimited")
            read.write_parquet(str(made))
        return made.read_bytes()


def _plain(value: Any, language: str) -> Any:
    if isinstance(value, Named):
        return value.key
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")
    if isinstance(value, Decimal | date):
        return str(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    return _words(value, language)
