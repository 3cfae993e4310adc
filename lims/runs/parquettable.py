"""A Parquet file of samples, read by DuckDB."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lims.errors import BadInput
from lims.runs.table import Instants, Place, unusable

MAGIC = b"PAR1"
_NUMERIC = ("DOUBLE", "FLOAT", "DECIMAL", "BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")


class ParquetTable:
    """The columns of a Parquet file."""

    def __init__(self, path: Path) -> None:
        """Read names and types; raises BadInput for a file that is not Parquet or has no rows."""
        import duckdb

        self._path = path
        self._error = duckdb.Error
        self._connection = duckdb.connect()
        described = self._fetch("DESCRIBE SELECT * FROM read_parquet(?)")
        self._types = dict(zip(described["column_name"].tolist(), described["column_type"].tolist(), strict=True))
        if not self._fetch("SELECT count(*) AS n FROM read_parquet(?)")["n"][0]:
            raise unusable(path, "no rows: give at least one row of values.", "没有数据行：至少需要一行数值。")

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return list(self._types)

    def instants(self, name: str) -> Instants:
        """The column as times; a timestamp without time zone is taken as it stands."""
        kind = self._types[name]
        if not kind.startswith("TIMESTAMP"):
            raise unusable(
                self._path,
                f"column “{name}” is of type {kind}: write it as TIMESTAMP.",
                f"“{name}”列的类型是 {kind}：请写为 TIMESTAMP。",
            )
        micros = self._column(f"epoch_us({_quoted(name)})")
        if np.ma.is_masked(micros):
            row = int(np.flatnonzero(np.ma.getmaskarray(micros))[0])
            raise self._at(row, name, "the time is missing; give every row a time.", "缺少时间；每一行都须有时间。")
        return Instants(np.asarray(micros, dtype=np.float64) / 1e6, "TIME ZONE" in kind)

    def numbers(self, name: str) -> NDArray[np.float64]:
        """The column as numbers."""
        kind = self._types[name]
        if not kind.lstrip("U").startswith(_NUMERIC):
            raise unusable(
                self._path,
                f"column “{name}” is of type {kind}: write it as numbers (DOUBLE).",
                f"“{name}”列的类型是 {kind}：请写为数值（DOUBLE）。",
            )
        column = self._column(f"CAST({_quoted(name)} AS DOUBLE)")
        values = np.ma.filled(np.ma.asarray(column, dtype=np.float64), np.nan)
        if np.isinf(values).any():
            row = int(np.flatnonzero(np.isinf(values))[0])
            raise self._at(
                row, name, "the value is infinite; give a number or null.", "数值为无穷大；请填写数值或空值。"
            )
        return np.asarray(values, dtype=np.float64)

    def place(self, row: int) -> Place:
        """The number of the row, counted from 1."""
        return Place(f"row {row + 1}", f"第 {row + 1} 行")

    def _column(self, expression: str) -> Any:
        return self._fetch(f"SELECT {expression} AS x FROM read_parquet(?)")["x"]  # noqa: S608 (the name is quoted)

    def _fetch(self, query: str) -> Any:
        try:
            return self._connection.execute(query, [str(self._path)]).fetchnumpy()
        except self._error as error:
            reason = str(error).splitlines()[0]
            raise unusable(
                self._path,
                f"not a readable Parquet file ({reason}): export it again.",
                f"不是可读的 Parquet 文件（{reason}）：请重新导出。",
            ) from error

    def _at(self, row: int, name: str, english: str, chinese: str) -> BadInput:
        place = self.place(row)
        return unusable(
            self._path, f"{place.english}, column “{name}”: {english}", f"{place.chinese}“{name}”列：{chinese}"
        )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
