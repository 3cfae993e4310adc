"""`heliobench evaluate`: a method on a record in a file; nothing is stored but the file that is asked for."""

import json
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from lims.cli import in_your_language
from lims.errors import BadInput, Sentence
from lims.runs.itemfile import read_item
from lims.runs.recordfile import RecordFile, read_record
from lims.settings import ROOT
from protocols.limits import read_limits
from protocols.method import Coefficient, ItemValue, Method, Outcome, methods, outcome_to_dict
from protocols.rounding import report

FILE = click.Path(path_type=Path)


@click.command()
@click.argument("method_id", metavar="METHOD")
@click.argument("record_path", metavar="RECORD", type=FILE)
@click.option("--item", "item_path", type=FILE, required=True, help="The test item, TOML 试件文件.")
@click.option("--json", "json_path", type=FILE, help="Write the whole outcome here 结果写入此文件.")
def evaluate(method_id: str, record_path: Path, item_path: Path, json_path: Path | None) -> None:
    """Evaluate RECORD (CSV or Parquet) by METHOD 按方法计算记录.

    RECORD has a column time_utc (ISO 8601) and columns named "symbol [unit]", e.g. "t_in [degC]"; other names stand in
    the table [columns] of the item file.
    """
    method = _method(method_id)
    item = read_item(item_path, method)
    file = read_record(
        record_path,
        needed=method.inputs,
        optional=method.optional_inputs,
        midpoint_offset=item.midpoint_offset,
        uncertainties=item.uncertainties,
        columns=item.columns,
    )
    limits = read_limits(ROOT / "config" / "limits" / f"{method.limit_table}.toml")
    outcome = method.evaluate(record=file.record, item=item.values, limits=limits)
    if json_path is not None:
        _write(json_path, _document(outcome, file, item.values))
    else:
        click.echo("\n".join(_lines(method, outcome, file)))


def _method(method_id: str) -> Method:
    found = methods()
    if method_id not in found:
        known = ", ".join(found)
        raise BadInput(
            f"There is no method “{method_id}”: choose one of {known}.",
            f"没有方法“{method_id}”：请从 {known} 中选择。",
            code="unknown-method",
        )
    return found[method_id]


def _document(outcome: Outcome, file: RecordFile, item: Mapping[str, ItemValue]) -> str:
    from importlib.metadata import version

    document = outcome_to_dict(outcome) | {
        "record": {
            "sha256": file.sha256,
            "rows": file.record.time.size,
            "remarks": [{"sentence_en": remark.en, "sentence_zh": remark.zh} for remark in file.remarks],
        },
        "item": dict(item),
        "software": {"name": "heliobench", "version": version("heliobench")},
    }
    return _laid_out(document) + "\n"


def _laid_out(document: Mapping[str, object]) -> str:
    """JSON with a line for each key, and for each column of the points; json's own indent takes a line a number."""
    rows = (
        f" {json.dumps(key)}: " + (_laid_out(value) if key == "points" and isinstance(value, dict) else _json(value))
        for key, value in document.items()
    )
    return "{\n" + ",\n".join(rows) + "\n}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _write(path: Path, text: str) -> None:
    """Whole or not at all: the text goes to a file beside, which then takes the name."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        if path.exists() and not path.is_file():  # a pipe or /dev/stdout must not be replaced by a file
            path.write_text(text, encoding="utf-8")
            return
        try:
            beside.write_text(text, encoding="utf-8")
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BadInput(
            f"The result cannot be written to {path} ({reason}): choose another place.",
            f"无法将结果写入 {path}（{reason}）：请另选位置。",
            code="unwritable",
        ) from error


def _lines(method: Method, outcome: Outcome, file: RecordFile) -> list[str]:
    used = int(outcome.points["used"].sum())
    notes = [*file.remarks, *(Sentence(note.sentence_en, note.sentence_zh) for note in outcome.notes)]
    return [
        f"{method.reference} {method.title_zh} {method.title_en}",
        f"SHA-256 {file.sha256}  {file.record.time.size} rows 行",
        "",
        *_table([_HEADINGS, *(_row(coefficient) for coefficient in outcome.coefficients)]),
        "",
        f"data points used 采用数据点: {used} / {len(outcome.points['used'])}",
        *(
            f"{refusal.count:>8}  {in_your_language(refusal.sentence_en, refusal.sentence_zh)} ({refusal.clause})"
            for refusal in outcome.refusals
        ),
        *(f"- {in_your_language(note.en, note.zh)}" for note in notes),
    ]


_HEADINGS = ("", "value", "U", "k", "unit", "u random", "u common", "t-ratio")


def _row(coefficient: Coefficient) -> tuple[str, ...]:
    value, expanded = f"{coefficient.value:g}", "-"
    if coefficient.expanded_uncertainty > 0:  # a coefficient set to zero by the method has no uncertainty to print
        value, expanded = report(coefficient.value, coefficient.expanded_uncertainty)
    return (
        coefficient.symbol,
        value,
        expanded,
        f"{coefficient.coverage_factor:.3g}",
        coefficient.unit,
        f"{coefficient.random_uncertainty:.2g}",
        f"{coefficient.common_uncertainty:.2g}",
        "-" if math.isnan(coefficient.t_ratio) else f"{coefficient.t_ratio:.1f}",
    )


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
