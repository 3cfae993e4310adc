"""What a method asks about the test item, read from a TOML file.

Flat keys as the method declares them: a plain number is in the declared unit, a text such as "515.66 m2" in its own.
Beside them stand `sample_midpoint_offset` (seconds from the written time of a sample to its middle, 0 by default) and
the tables `[uncertainty.SYMBOL]`: `absolute` and `relative` standard uncertainties common to all points, and their
`source`; and `[columns]`, how the record's file names its columns.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lims import units
from lims.errors import BadInput
from lims.runs.columnmap import COLUMNS, ColumnMap, column_map
from protocols.method import ItemField, ItemValue, Method, complete_item
from protocols.record import Common
from protocols.refusals import NotEvaluable
from protocols.symbols import QUANTITIES

OFFSET, UNCERTAINTY = "sample_midpoint_offset", "uncertainty"
_LONGEST_OFFSET = 3600.0  # s; ours: more than an hour from stamp to middle is a mistake of units


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """The test item as a method wants it; `midpoint_offset` in seconds."""

    values: Mapping[str, ItemValue]
    midpoint_offset: float
    uncertainties: tuple[Common, ...]
    columns: ColumnMap = field(default_factory=ColumnMap)


def read_item(path: Path, method: Method) -> Item:
    """The item described by a file, checked against what the method asks.

    Raises BadInput, in one sentence with file and key, for a file that cannot be read, a key that the method does not
    know, a missing one, or a value in a unit of another quantity.
    """
    try:
        described = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BadInput(
            f"The item file {path} cannot be read ({reason}): check the name and the permissions.",
            f"无法读取试件文件 {path}（{reason}）：请检查文件名和权限。",
            code="unreadable",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(
            f"{path.name}: not a TOML file ({error}): write lines like A_G = 2.5.",
            f"{path.name}：不是 TOML 文件（{error}）：请按 A_G = 2.5 的形式书写。",
            code="not-toml",
        ) from error
    return item_from(described, method, where=path.name)


def item_from(described: Mapping[str, Any], method: Method, *, where: str) -> Item:
    """The item of a description already parsed; `where` begins each sentence of refusal."""
    fields = {entry.symbol: entry for entry in method.item}
    given = {key: value for key, value in described.items() if key not in (OFFSET, UNCERTAINTY, COLUMNS)}
    try:
        values = {key: _value(fields[key], value) if key in fields else value for key, value in given.items()}
        return Item(
            values=complete_item(method.item, values),
            midpoint_offset=_offset(described.get(OFFSET, 0.0)),
            uncertainties=_uncertainties(described.get(UNCERTAINTY, {})),
            columns=column_map(described.get(COLUMNS, {})),
        )
    except (BadInput, NotEvaluable) as refusal:
        raise BadInput(
            f"{where}: {refusal.sentence_en}", f"{where}：{refusal.sentence_zh}", code="unusable-item"
        ) from refusal


def _value(entry: ItemField, value: object) -> object:
    """A number written with its own unit becomes a plain one; everything else is left for the method to check."""
    if entry.kind != "number" or not isinstance(value, str):
        return value
    return _plain(value, entry.unit, entry.symbol)


def _plain(value: object, unit: str, key: str, *, difference: bool = False) -> float:
    """The number in `unit` of "5 W/m2", "5" or 5."""
    if isinstance(value, str):
        number, written = units.split(value)
        if not written:
            return number
        try:
            return float(units.convert(number, written, unit, difference=difference))
        except BadInput as refusal:
            raise BadInput(f"{key}: {refusal.sentence_en}", f"{key}：{refusal.sentence_zh}") from refusal
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadInput(
            f"{key} = {value!r} is not a number: give one in {unit}.", f"{key} = {value!r} 不是数值：请以 {unit} 给出。"
        )
    return float(value)


def _offset(value: object) -> float:
    offset = _plain(value, "s", OFFSET)
    if not abs(offset) <= _LONGEST_OFFSET:  # also NaN
        raise BadInput(
            f"{OFFSET} is {offset:g} s: give the seconds from the written time to the middle of the sample, "
            f"at most {_LONGEST_OFFSET:g}.",
            f"{OFFSET} 为 {offset:g} s：请给出从记录时刻到采样中点的秒数，绝对值不超过 {_LONGEST_OFFSET:g}。",
        )
    return offset


def _uncertainties(tables: object) -> tuple[Common, ...]:
    if not isinstance(tables, dict):
        raise BadInput(
            f"{UNCERTAINTY} must be tables: write [{UNCERTAINTY}.G] with relative = 0.01 below it.",
            f"{UNCERTAINTY} 须为表：请写 [{UNCERTAINTY}.G]，其下写 relative = 0.01。",
        )
    return tuple(_common(symbol, table) for symbol, table in tables.items())


def _common(symbol: str, table: object) -> Common:
    key = f"{UNCERTAINTY}.{symbol}"
    if not isinstance(table, dict) or not table.keys() <= {"absolute", "relative", "source"}:
        raise BadInput(
            f"[{key}] may hold absolute, relative and source: remove what else stands there.",
            f"[{key}] 只能有 absolute、relative 和 source：请删除其他条目。",
        )
    if symbol not in QUANTITIES:
        raise BadInput(
            f"[{key}] is for no known quantity: use a symbol of the method's columns.",
            f"[{key}] 不对应任何已知的量：请用方法数据列的符号。",
        )
    return Common(
        symbol=symbol,
        absolute=_plain(table.get("absolute", 0.0), QUANTITIES[symbol].unit, f"{key}.absolute", difference=True),
        relative=_plain(table.get("relative", 0.0), "1", f"{key}.relative"),
        source=str(table.get("source", "")),
    )
