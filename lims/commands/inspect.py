"""`heliobench inspect`: what a logger's file holds, before anything is kept."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import numpy as np

from instruments.errors import UnreadableFile
from instruments.loggers.encoding import ENCODINGS
from instruments.loggers.moments import ORDERS
from lims.cli import in_your_language
from lims.clock import local
from lims.commands.files import read_file
from lims.results.evaluation import method_named
from lims.runs.dryrun import DryRun, Known, Stated, dry_run
from lims.runs.importform import SEPARATORS
from protocols.method import methods


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--method", "method_id", default="", help="Say what this method lacks 按此方法核对.")
@click.option("--zone", default="", help="Time zone of the logger's clock, e.g. Asia/Shanghai or +08:00 时区.")
@click.option("--order", type=click.Choice(ORDERS), help="Order of year, month, day 日期顺序.")
@click.option("--encoding", type=click.Choice(ENCODINGS), help="Else it is found 编码.")
@click.option("--separator", type=click.Choice(list(SEPARATORS)), help="Else it is found 分隔符.")
@click.option("--json", "as_json", is_flag=True, help="As JSON 以 JSON 输出.")
def inspect(
    file: Path,
    method_id: str,
    zone: str,
    order: str | None,
    encoding: str | None,
    separator: str | None,
    as_json: bool,
) -> int:
    """Look at FILE (Campbell TOA5, Keysight CSV, TDMS, a table with a header); nothing is kept 查看记录仪文件.

    Exit code 1: something stands against an import, and a sentence says what and where.
    """
    wishes = {"order": order or "", "encoding": encoding or "", "separator": SEPARATORS.get(separator or "", "")}
    found = dry_run(file.name, read_file(file), Stated(wishes=wishes, zone=zone), _known(method_id))
    click.echo(_as_json(found) if as_json else "\n".join(_lines(found)))
    return int(bool(found.problems))


def _known(method_id: str) -> Known:
    """Every quantity that some method knows, or those of one; which instrument measured is asked at the import."""
    if method_id:
        method = method_named(method_id)
        needed, optional = tuple(method.inputs), tuple(method.optional_inputs)
    else:
        every = [symbol for one in methods().values() for symbol in (*one.inputs, *one.optional_inputs)]
        needed, optional = (), tuple(dict.fromkeys(every))
    return Known(needed=needed, optional=optional, equipment=dict.fromkeys((*needed, *optional), "–"))


def _lines(found: DryRun) -> Iterator[str]:
    yield f"{found.name}  {found.size} bytes 字节  SHA-256 {found.sha256}"
    if found.file is not None:
        layout = found.file.layout
        told = {key: value for key, value in layout.as_dict().items() if value and key != "reader"}
        yield f"{layout.reader}  " + "  ".join(f"{key} {value!r}" for key, value in told.items())
        yield from (f"  {name}: {value}" for name, value in found.evidence.items() if value)
        yield f"rows 行数 {found.file.rows}" + _span(found)
        yield ""
        yield from _table([("#", "column 列", "unit", "symbol", "missing", "lowest", "highest"), *_rows(found)])
    yield from (f"- {in_your_language(one.en, one.zh)}" for one in found.remarks)
    yield from (f"! {in_your_language(one.en, one.zh)}" for one in found.problems)


def _span(found: DryRun) -> str:
    if found.seconds is None:
        return ""
    zone = found.zone if not found.offset_in_file and not found.zone.startswith(("+", "-")) else "UTC"
    first, last = (local(datetime.fromtimestamp(float(found.seconds[row]), UTC), zone) for row in (0, -1))
    return f"  {first} – {last} ({zone})  step 间隔 {found.step:g} s"


def _rows(found: DryRun) -> Iterator[tuple[str, ...]]:
    symbols = {one.assigned.column: one.symbol for one in found.quantities if one.assigned}
    for one in found.columns:
        yield (str(one.index + 1), one.name, one.unit or "-", symbols.get(one.index, "-"), *_numbers(found, one.index))


def _numbers(found: DryRun, index: int) -> tuple[str, str, str]:
    """How many values are missing, the lowest and the highest; dashes for a column of words."""
    if found.file is None:
        return "-", "-", "-"
    try:
        values = found.file.numbers(index, missing=found.missing).values
    except UnreadableFile:
        return "-", "-", "-"
    finite = values[np.isfinite(values)]
    lowest, highest = (f"{finite.min():g}", f"{finite.max():g}") if finite.size else ("-", "-")
    return str(values.size - finite.size), lowest, highest


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _as_json(found: DryRun) -> str:
    told: Mapping[str, Any] = {
        "name": found.name,
        "sha256": found.sha256,
        "size": found.size,
        "layout": found.file.layout.as_dict() if found.file else None,
        "evidence": found.evidence,
        "rows": found.file.rows if found.file else 0,
        "columns": [
            {"index": one.index, "name": one.name, "unit": one.unit, "note": one.note} for one in found.columns
        ],
        "proposed": {
            one.symbol: {"column": one.assigned.column, "unit": one.assigned.unit, "missing": one.missing}
            for one in found.quantities
            if one.assigned
        },
        "problems": [{"en": one.en, "zh": one.zh} for one in found.problems],
        "remarks": [{"en": one.en, "zh": one.zh} for one in found.remarks],
    }
    return json.dumps(told, ensure_ascii=False, indent=1)
