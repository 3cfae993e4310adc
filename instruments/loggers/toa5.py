"""Campbell Scientific TOA5: four header lines (environment, fields, units, processing), then quoted CSV.

    "TOA5","station","CR1000X","12345","CR1000X.Std.07.02","CPU:collector.CR1X","8214","OneMin"
    "TIMESTAMP","RECORD","G_Avg"
    "TS","RN","W/m^2"
    "","","Avg"
    "2017-07-13 06:01:00",0,512.3

The first line names the logger's serial number and the program with its signature: another signature is another
configuration of the sensors. Times have no zone; a mean stands at the end of its
interval. (LoggerNet manual, Campbell Scientific file formats, TOA5.)
"""

from instruments.errors import UnreadableFile
from instruments.loggers.file import Column, Heading, Layout
from instruments.loggers.text import cells_of

MARK = "TOA5"
_ENVIRONMENT = ("format", "station", "model", "serial_number", "system", "program", "signature", "table")
# What the logger writes where it has no value. (The largest number of its two-byte format, 7999, can be a reading.)
MISSING = ("NAN", "INF", "-INF")


def is_toa5(lines: list[str]) -> bool:
    """Whether a text begins like TOA5."""
    return bool(lines) and cells_of(lines[0], ",")[:1] == [MARK]


def layout_of(encoding: str) -> Layout:
    """Where everything stands: the format leaves no choice."""
    return Layout(reader="toa5", encoding=encoding, separator=",", header_line=2, units_line=3, first_line=5)


def heading_of(lines: list[str]) -> Heading:
    """The columns and what the logger says of itself. Raises UnreadableFile for a header that is not whole."""
    if len(lines) < 4 or not is_toa5(lines):
        raise UnreadableFile(
            "A TOA5 file has four header lines; this one has fewer: collect it from the logger again.",
            "TOA5 文件应有四行表头，此文件不足：请重新从记录仪收取。",
        )
    names, units, processing = (cells_of(line, ",") for line in lines[1:4])
    if "TIMESTAMP" not in names:
        raise UnreadableFile(
            "Line 2: there is no field TIMESTAMP: collect the table with time stamps.",
            "第 2 行：没有 TIMESTAMP 字段：请以带时间戳的方式收取该表。",
        )
    columns = tuple(
        Column(index, name, *(row[index] if index < len(row) else "" for row in (units, processing)))
        for index, name in enumerate(names)
    )
    return Heading(
        columns=columns,
        time=(names.index("TIMESTAMP"),),
        evidence=dict(zip(_ENVIRONMENT, cells_of(lines[0], ","), strict=False)),
        missing=MISSING,
        record=names.index("RECORD") if "RECORD" in names else None,
    )
