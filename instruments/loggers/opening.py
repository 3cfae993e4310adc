"""Which kind of file this is, and the file opened: found from its bytes, or as a layout says it was read before."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from instruments.errors import UnreadableFile
from instruments.loggers import encoding, header, keysight, tdms, toa5
from instruments.loggers.file import READERS, Heading, Layout, LoggerFile
from instruments.loggers.moments import possible_orders
from instruments.loggers.tdms import TdmsTable
from instruments.loggers.text import TextFile, head_of

_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # xlsx and ods; xls
DECIMALS = (".", ",")
_CHANGES = ("separator", "decimal", "order", "first_line", "last_line")


def find(data: bytes, wishes: Mapping[str, str | int] | None = None) -> LoggerFile:
    """Open a file whose layout is not known. Pure: the same bytes and wishes give the same layout.

    wishes: what a person states instead of leaving it to be found: encoding, separator, decimal, order, first_line,
    last_line; empty ones are as if not stated.
    Raises UnreadableFile, with the place, for everything that cannot be read.
    """
    stated = {key: value for key, value in (wishes or {}).items() if value}
    if data.startswith(tdms.MAGIC):
        return TdmsTable(data)
    if data.startswith(_WORKBOOKS):
        raise UnreadableFile(
            "This is a workbook of a spreadsheet program: save the sheet as CSV, or better export the logger's file.",
            "这是电子表格工作簿：请将工作表另存为 CSV，最好直接导出记录仪的原始文件。",
        )
    if not data.strip():
        raise UnreadableFile("The file is empty.", "文件为空。")
    coded = str(stated.get("encoding", "")) or encoding.found(data)
    lines = head_of(data, coded, lines=header.LOOKED_AT)
    layout = _layout(lines, coded, str(stated.get("separator", "")), str(stated.get("decimal", "")))
    layout = replace(layout, **{key: stated[key] for key in _CHANGES if key in stated})  # type: ignore[arg-type]
    return _decided(TextFile(data, layout, _heading(lines, layout)))


def reopen(data: bytes, layout: Layout, *, columns: Sequence[int] = ()) -> LoggerFile:
    """Open a file by a layout that was kept; ``columns`` will be asked for, see `LoggerFile.expect`.

    Raises UnreadableFile if it is not the layout of a file like this.
    """
    _check(layout)
    if layout.reader == "tdms":
        return TdmsTable(data)
    lines = head_of(data, layout.encoding, lines=max(header.LOOKED_AT, layout.header_line, layout.first_line))
    return TextFile(data, layout, _heading(lines, layout), expected=columns)


def _layout(lines: list[str], coded: str, separator: str, decimal: str) -> Layout:
    if toa5.is_toa5(lines):
        return toa5.layout_of(coded)
    for number, line in enumerate(lines, 1):
        for sign in (separator,) if separator else header.SEPARATORS:
            if keysight.is_header(line, sign):
                found = header.find(lines[number - 1 :], coded, sign, decimal)
                return replace(
                    found, reader="keysight", header_line=number, units_line=0, first_line=found.first_line + number - 1
                )
    return header.find(lines, coded, separator, decimal)


def _heading(lines: list[str], layout: Layout) -> Heading:
    if layout.reader == "toa5":
        return toa5.heading_of(lines)
    if layout.reader == "keysight" and layout.header_line <= len(lines):
        if not keysight.is_header(lines[layout.header_line - 1], layout.separator):
            raise UnreadableFile(
                f"Line {layout.header_line} is not the header of a Keysight table.",
                f"第 {layout.header_line} 行不是 Keysight 数据表的表头。",
            )
        return keysight.heading_of(lines, layout.header_line, layout.separator)
    return header.heading_of(lines, layout)


def _decided(file: TextFile) -> TextFile:
    """The order of day and month as far as the file decides it."""
    if not file.layout.order and file.heading.time:
        orders = possible_orders(file.texts(file.heading.time[0]))
        if len(orders) == 1:
            file.layout = replace(file.layout, order=orders[0])
    return file


def _check(layout: Layout) -> None:
    known = layout.reader in READERS and layout.decimal in DECIMALS and len(layout.separator) <= 1
    whole = all(isinstance(n, int) and n >= 0 for n in (layout.header_line, layout.units_line, layout.first_line))
    if not known or not whole or (layout.reader != "tdms" and not (layout.separator and layout.header_line)):
        raise UnreadableFile("The description of how the file was read is damaged.", "文件读取方式的描述已损坏。")
