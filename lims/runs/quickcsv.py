"""A CSV file of samples read by DuckDB, in a fraction of the time and memory that `CsvTable` needs.

Only what is plain is read this way: ASCII below the header, times that are all written alike, numbers that are
numbers. For everything else, and to say on which line of a file something is wrong, `CsvTable` reads it again; so the
two never differ in what they accept.
"""

import csv
import gzip
import hashlib
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
from numpy.typing import NDArray

from lims.errors import BadInput
from lims.runs.csvtable import CsvTable
from lims.runs.table import Instants, Place, unusable

GZIP = b"\x1f\x8b"
_CHUNK = 1 << 20
_MISSING = ("", "nan", "NaN", "NAN", "na", "NA", "n/a", "N/A", "null", "NULL", "none", "None", "NONE")
_TIME = re.compile(r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)(Z|[+-]\d\d:\d\d|)")


class QuickCsv:
    """The rows of a CSV file, plain or gzipped; `expect` says which columns will be asked for, so that one pass does.

    digest: SHA-256 of the file.
    """

    def __init__(self, path: Path, *, separator: str = ",") -> None:
        """Read the header; the file's digest is computed meanwhile."""
        self._path, self._separator = path, separator
        self._slow: CsvTable | None = None
        self._numbers: dict[str, NDArray[np.float64]] = {}
        self._instants: dict[str, Instants] = {}
        self._scan = _Scan(path)
        self._names = header_of(path, separator)

    @property
    def digest(self) -> str:
        """SHA-256 of the file."""
        return self._scan.digest

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return self._names if self._slow is None and self._names else self._checked().names

    def expect(self, *, time: str, numbers: Sequence[str]) -> None:
        """Read these columns in one pass, if the file is plain; else they are read one by one as they are asked for."""
        if self._slow is None and len(set(self._names)) == len(self._names):
            with suppress(_NotPlain):
                instants, values = self._read(time, numbers)
                if self._scan.plain:
                    self._instants[time] = instants
                    self._numbers.update(values)

    def instants(self, name: str) -> Instants:
        """The column as times."""
        return self._instants[name] if name in self._instants else self._checked().instants(name)

    def numbers(self, name: str) -> NDArray[np.float64]:
        """The column as numbers."""
        return self._numbers[name] if name in self._numbers else self._checked().numbers(name)

    def place(self, row: int) -> Place:
        """The line on which a row ends."""
        return self._checked().place(row)

    def _checked(self) -> CsvTable:
        """The table that looks at every cell and says where it is wrong."""
        if self._slow is None:
            self._slow = CsvTable(self._path, _content(self._path), separator=self._separator)
        return self._slow

    def _read(self, time: str, numbers: Sequence[str]) -> tuple[Instants, dict[str, NDArray[np.float64]]]:
        form = _form(self._path, self._separator, self._names.index(time))
        numbered = [self._names.index(name) for name in numbers]
        moment = f"c{self._names.index(time)}"
        columns = ", ".join(f"'c{i}': '{'DOUBLE' if i in numbered else 'VARCHAR'}'" for i in range(len(self._names)))
        wanted = ", ".join(f"c{i}" for i in numbered)
        query = f"""
            SELECT epoch_us(CAST(left({moment}, {form.length}) AS TIMESTAMP)) AS t,
                   {form.condition(moment)} AS alike{"," if wanted else ""} {wanted}
            FROM read_csv($path, auto_detect = false, header = true, columns = {{{columns}}}, delim = $separator,
                          quote = '"', escape = '"', nullstr = {list(_MISSING)}, strict_mode = true,
                          compression = $compression, buffer_size = 4000000)"""  # noqa: S608 (names and types of ours)
        found = self._fetched(
            query,
            {
                "path": str(self._path),
                "separator": self._separator,
                "compression": "gzip" if _is_gzip(self._path) else "none",
            },
        )
        if np.ma.is_masked(found["t"]) or np.ma.is_masked(found["alike"]) or not np.all(found["alike"]):
            raise _NotPlain
        values = {name: _plain(found[f"c{i}"]) for name, i in zip(numbers, numbered, strict=True)}
        return Instants(np.asarray(found["t"], dtype=np.float64) / 1e6 - form.offset, form.with_offset), values

    def _fetched(self, query: str, parameters: dict[str, str]) -> dict[str, Any]:
        import duckdb

        with duckdb.connect() as connection:
            try:
                return cast(dict[str, Any], connection.execute(query, parameters).fetchnumpy())
            except duckdb.Error as error:
                raise _NotPlain from error


class _NotPlain(Exception):
    """The file wants the careful reader."""


class _Scan:
    """Reads a file once beside the other work: its digest, and whether all below its first line is plain ASCII."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._digest, self._plain = "", False
        self._error: OSError | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def digest(self) -> str:
        self._joined()
        return self._digest

    @property
    def plain(self) -> bool:
        self._joined()
        return self._plain

    def _joined(self) -> None:
        self._thread.join()
        if self._error is not None:
            raise unreadable(self._path, self._error)

    def _run(self) -> None:
        try:
            digest, begun, self._plain = hashlib.sha256(), False, True
            with self._path.open("rb") as stream:
                for chunk in _chunks(stream):
                    digest.update(chunk)
                    self._plain = self._plain and _is_plain(chunk if begun else chunk.partition(b"\n")[2])
                    begun = True
            self._digest = digest.hexdigest()
            if _is_gzip(self._path):
                self._plain = self._unpacked_is_plain()
        except OSError as error:
            self._error = error

    def _unpacked_is_plain(self) -> bool:
        with suppress(EOFError, gzip.BadGzipFile), _opened(self._path) as stream:
            stream.readline()
            return all(_is_plain(chunk) for chunk in _chunks(stream))
        return False


class _Form:
    """How the times of a file are written, learnt from its first."""

    def __init__(self, text: str) -> None:
        match = _TIME.fullmatch(text)
        if match is None:
            raise _NotPlain
        self._body, self._suffix = match[1], match[2]
        self.length = len(self._body)
        self.with_offset = bool(self._suffix)
        offset = datetime.fromisoformat(f"2000-01-01T00:00:00{self._suffix}").utcoffset()
        self.offset = offset.total_seconds() if offset is not None else 0.0

    def condition(self, moment: str) -> str:
        """SQL that is true where a time is written like the first: as DuckDB itself would write it, then the suffix."""
        body = f"left({moment}, {self.length})"
        whole = {16: f"{body} || ':00'", 19: body}.get(self.length)
        if whole is not None:
            same = f"CAST(CAST({body} AS TIMESTAMP) AS VARCHAR) = replace({whole}, 'T', ' ')"
            return f"({same} AND substr({moment}, {self.length + 1}) = '{self._suffix}')"
        hours = r"([01]\d|2[0-3])"  # beside digits, which stand where the first time has some
        shape = re.sub(r"\d", r"\\d", self._body[:11]) + hours + re.sub(r"\d", r"\\d", self._body[13:])
        pattern = shape.replace(".", r"\.") + self._suffix.replace("+", r"\+")
        return f"regexp_full_match({moment}, '{pattern}')"


def unreadable(path: Path, error: OSError) -> BadInput:
    """The refusal of a file that cannot be read at all."""
    reason = error.strerror or type(error).__name__
    return BadInput(
        f"The record {path} cannot be read ({reason}): check the name and the permissions.",
        f"无法读取记录 {path}（{reason}）：请检查文件名和权限。",
        code="unreadable",
    )


def _form(path: Path, separator: str, column: int) -> _Form:
    with _opened(path) as stream:
        rows = (row for row in csv.reader(_lines(stream), delimiter=separator, strict=True) if row)
        try:
            next(rows)
            return _Form(next(rows)[column].strip())
        except (StopIteration, IndexError, UnicodeDecodeError, csv.Error, EOFError, gzip.BadGzipFile) as error:
            raise _NotPlain from error


def header_of(path: Path, separator: str) -> list[str]:
    """The names in the first line; none where it is not plain, so that the careful reader finds them or refuses."""
    with suppress(StopIteration, UnicodeDecodeError, csv.Error, EOFError, gzip.BadGzipFile), _opened(path) as stream:
        line = stream.readline(_CHUNK).decode("utf-8")
        if not line.startswith("\ufeff"):
            return [name.strip() for name in next(csv.reader([line], delimiter=separator, strict=True))]
    return []


def _plain(column: Any) -> NDArray[np.float64]:
    """Numbers with NaN where a value is missing; infinity and a NaN that is written otherwise are not plain."""
    values = np.asarray(np.ma.filled(np.ma.asarray(column, dtype=np.float64), np.nan))
    if np.count_nonzero(np.isfinite(values)) != values.size - np.count_nonzero(np.ma.getmask(column)):
        raise _NotPlain
    return values


def _is_plain(chunk: bytes) -> bool:
    """Whether all is ASCII, without the underscore that some readers of numbers allow, and the null byte."""
    return chunk.isascii() and b"_" not in chunk and b"\0" not in chunk


def _is_gzip(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(2) == GZIP


def _opened(path: Path) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(path)) if _is_gzip(path) else path.open("rb")


def _content(path: Path) -> bytes:
    try:
        with _opened(path) as stream:
            return stream.read()
    except (EOFError, gzip.BadGzipFile) as error:
        raise unusable(
            path,
            f"not a whole gzip file ({error}): compress it again.",
            f"不是完整的 gzip 文件（{error}）：请重新压缩。",
        ) from error


def _lines(stream: IO[bytes]) -> Iterator[str]:
    return (line.decode("utf-8") for line in stream)


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: stream.read(_CHUNK), b"")
