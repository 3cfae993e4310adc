"""Takes the keys out of a TOML file one by one; every refusal names the file, the line, and what may stand there."""

import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from instruments.errors import BenchRefused

_NONE: Any = object()
_LARGEST_POWER = 300  # of ten, in a number that a float can still hold
_NAMES = {
    int: ("a whole number", "整数"),
    Decimal: ("a number", "数字"),
    str: ("text", "文本"),
    dict: ("a table", "表"),
    list: ("a list", "列表"),
}


class TomlTable:
    """One table of a file: the whole file (`header` empty), or the `number`-th table with that header."""

    def __init__(self, data: Mapping[str, Any], *, text: str, source: str, header: str = "", number: int = 1) -> None:
        self._left = dict(data)
        self._known: list[str] = []
        self._text, self._source, self._header, self._number = text, source, header, number

    def has(self, key: str) -> bool:
        """Whether a key that may be absent is there."""
        self._known.append(key)
        return key in self._left

    def take(self, key: str, *kinds: type, default: Any = _NONE, choices: tuple[Any, ...] = ()) -> Any:
        """The value of a key, of one of these types and one of these choices. Raises BenchRefused."""
        self._known.append(key)
        if key not in self._left and default is not _NONE:
            return default
        if key not in self._left:
            raise self.refused("missing", key, f"{key} is missing", f"缺少 {key}")
        value = self._left.pop(key)
        if not isinstance(value, kinds) or isinstance(value, bool):
            en, zh = _NAMES[kinds[-1]]
            raise self.refused("type", key, f"{key} = {value!r} should be {en}", f"{key} = {value!r} 应为{zh}")
        if choices and value not in choices:
            allowed = ", ".join(map(str, choices))
            raise self.refused(
                "value", key, f"{key} = {value!r} is not one of: {allowed}", f"{key} = {value!r} 无效，可用：{allowed}"
            )
        return value

    def whole_number(self, key: str, *, low: int, high: int, default: Any = _NONE) -> int:
        """A whole number from low to high. Raises BenchRefused."""
        value: int = self.take(key, int, default=default)
        if not low <= value <= high:
            raise self.refused(
                "value",
                key,
                f"{key} = {value} is outside {low} to {high}",
                f"{key} = {value} 不在 {low} 至 {high} 之间",
            )
        return value

    def exact(self, key: str, *, default: int) -> Fraction:
        """A number exactly as it is written, 0.1 as one tenth. Raises BenchRefused."""
        value = Decimal(self.take(key, int, Decimal, default=default))
        if not value.is_finite() or abs(value.adjusted()) > _LARGEST_POWER:
            raise self.refused("value", key, f"{key} = {value} is no usable number", f"{key} = {value} 不是可用的数")
        return Fraction(value)

    def table(self, key: str) -> "TomlTable":
        """The table under a key, empty when it is absent. Raises BenchRefused."""
        return TomlTable(self.take(key, dict, default={}), text=self._text, source=self._source, header=key)

    def tables(self, key: str) -> "tuple[TomlTable, ...]":
        """The tables [[key]], none when it is absent. Raises BenchRefused."""
        rows = self.take(key, list, default=[])
        if not all(isinstance(row, dict) for row in rows):
            raise self.refused("type", key, f"{key} should be tables [[{key}]]", f"{key} 应为表 [[{key}]]")
        return tuple(
            TomlTable(row, text=self._text, source=self._source, header=key, number=number)
            for number, row in enumerate(rows, 1)
        )

    def must_be_used_up(self) -> None:
        """Refuse the first key that nobody asked for."""
        for key in self._left:
            known = ", ".join(self._known)
            raise self.refused(
                "unknown-key", key, f"unknown key {key!r}; known are {known}", f"未知键 {key!r}；可用：{known}"
            )

    def refused(self, code: str, key: str, en: str, zh: str) -> BenchRefused:
        """The refusal in the line where the key stands, or where its table begins."""
        line = _line_of(self._text, header=self._header, number=self._number, key=key)
        return _refused(code, f"{self._source}, line {line}: {en}.", f"{self._source} 第 {line} 行：{zh}。")


def read_toml(text: str, *, source: str) -> TomlTable:
    """The top table of a TOML text, numbers with a point exact; `source` is named in refusals. Raises BenchRefused."""
    try:
        data = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise _refused(
            "syntax", f"{source} is not valid TOML: {error}.", f"{source} 不是有效的 TOML：{error}。"
        ) from error
    return TomlTable(data, text=text, source=source)


def _line_of(text: str, *, header: str, number: int, key: str) -> int:
    """Number of the line, from 1, where a key of a table stands; else where the table begins."""
    lines = text.splitlines()
    head = re.compile(rf"\s*(\[\[?\s*{re.escape(header)}\s*\]|{re.escape(header)}\s*=)")
    heads = [place for place, line in enumerate(lines) if header and head.match(line)]
    begin = heads[number - 1] if number <= len(heads) else 0
    wanted = re.compile(rf"""(.*[{{,])?\s*["']?{re.escape(key)}["']?\s*=""")
    for place, line in enumerate(lines[begin:], begin):
        if place > begin and line.lstrip().startswith("["):
            break
        if wanted.match(line):
            return place + 1
    return begin + 1


def _refused(code: str, en: str, zh: str) -> BenchRefused:
    return BenchRefused(code=f"file-{code}", sentence_en=en, sentence_zh=zh)
