"""Which encoding a text file is in: by its mark, else UTF-8, else GB 18030 (which holds GBK), else Latin."""

import codecs

from instruments.errors import UnreadableFile

ENCODINGS = ("utf-8", "gb18030", "utf-16-le", "utf-16-be", "cp1252")
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# The degree sign of a Western file before C, and before F, read as GBK. A table of measurements has it often, and
# these two rare characters never.
_DEGREES = ("癈", "癋")
_SAMPLE = 4096


def found(data: bytes) -> str:
    """The encoding of the bytes. Raises UnreadableFile for bytes that are no text."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name
    if b"\0" in data[:_SAMPLE]:
        return _wide(data)
    for name in ("utf-8", "gb18030"):
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if name == "gb18030" and any(sign in text for sign in _DEGREES):
            continue
        return name
    return "cp1252"


def decoded(data: bytes, name: str) -> str:
    """The text without its mark. Raises UnreadableFile with the line of the first byte that does not fit."""
    if name not in ENCODINGS:
        raise UnreadableFile(
            f"“{name[:20]}” is no encoding known here: choose {', '.join(ENCODINGS)}.",
            f"未知的编码“{name[:20]}”：请选择 {'、'.join(ENCODINGS)}。",
        )
    body = data[mark_length(data, name) :]
    try:
        text = body.decode(name)
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise UnreadableFile(
            f"Line {line} is not {name} text: choose another encoding, or export the file again.",
            f"第 {line} 行不是 {name} 文本：请选择其他编码，或重新导出文件。",
        ) from error
    if "\0" in text:
        raise _no_text()
    return text


def mark_length(data: bytes, name: str) -> int:
    """How many bytes at the beginning are the mark of this encoding."""
    return next((len(mark) for mark, known in _MARKS if known == name and data.startswith(mark)), 0)


def _wide(data: bytes) -> str:
    """UTF-16 without a mark: one byte of most pairs is zero."""
    sample = data[:_SAMPLE]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    name = "utf-16-le" if odd > even else "utf-16-be"
    try:
        plausible = max(even, odd) * 4 >= len(sample) and "\n" in data.decode(name)
    except UnicodeDecodeError:
        plausible = False
    if not plausible:
        raise _no_text()
    return name


def _no_text() -> UnreadableFile:
    return UnreadableFile(
        "The file is neither text nor TDMS: export it from the logger as CSV, TOA5 or TDMS.",
        "文件既不是文本也不是 TDMS：请从记录仪导出为 CSV、TOA5 或 TDMS。",
    )
