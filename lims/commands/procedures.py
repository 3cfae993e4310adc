"""`heliobench procedures`: the manual tests, what each records and by what it is judged; a filled-in record judged."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

import click

from lims.canonical import finite
from lims.cli import in_your_language
from lims.errors import BadInput
from lims.settings import ROOT
from protocols.limits import Limit, read_limits
from protocols.procedures.judging import Judgement, judge
from protocols.procedures.procedure import Bound, Entry, Observation, Procedure, confirmed_for, instructions
from protocols.procedures.reading import procedures as read_procedures

FOLDER = ROOT / "config" / "procedures"
FILE = click.Path(path_type=Path)
_SIGNS = {"at least": "≥", "at most": "≤", "within": "=", "within fraction": "="}
_VERDICTS = {"pass": "合格 pass", "fail": "不合格 fail", "not judged": "未判定 not judged", "": "-"}


@click.command()
@click.argument("procedure_id", metavar="[PROCEDURE]", required=False)
@click.option("--record", "record_path", type=FILE, help="Judge this filled-in record, TOML 判定此记录.")
@click.option("--json", "as_json", is_flag=True, help="For a program 供程序读取.")
@click.pass_context
def procedures(context: click.Context, procedure_id: str | None, record_path: Path | None, as_json: bool) -> None:
    """List the manual tests, show PROCEDURE, or judge a record 列出、显示人工试验或判定记录.

    With --record the command leaves with 0 for a pass and with 1 otherwise.
    """
    if procedure_id is None and record_path is not None:
        raise BadInput("Say which procedure the record is of.", "请指明记录所属的试验。", code="no-procedure")
    chosen = [_procedure(procedure_id)] if procedure_id else list(read_procedures(FOLDER).values())
    if record_path is not None:
        context.exit(_judge(chosen[0], record_path, as_json=as_json))
    if as_json:
        _print_json({"schema": "heliobench.procedures/1", "procedures": [_described(one) for one in chosen]})
    elif procedure_id:
        click.echo("\n".join(_shown(chosen[0], _limits(chosen[0]))))
    else:
        click.echo("\n".join(f"{one.id:<40} {one.title_zh} {one.title_en}" for one in chosen))


def _procedure(procedure_id: str) -> Procedure:
    found = read_procedures(FOLDER)
    if procedure_id not in found:
        known = ", ".join(found)
        raise BadInput(
            f"There is no procedure “{procedure_id}”: choose one of {known}.",
            f"没有试验“{procedure_id}”：请从 {known} 中选择。",
            code="unknown-procedure",
        )
    return found[procedure_id]


def _limits(procedure: Procedure) -> dict[str, Limit]:
    return read_limits(ROOT / "config" / "limits" / f"{procedure.limit_table}.toml")


def _print_json(document: Mapping[str, object]) -> None:
    click.echo(json.dumps(finite(document), ensure_ascii=False, allow_nan=False, indent=2))


# --- what a procedure is ---


def _described(procedure: Procedure) -> dict[str, object]:
    limits = _limits(procedure)
    steps = [asdict(step) for step in instructions(procedure, limits)]
    return {**asdict(procedure), "steps": steps}


def _shown(procedure: Procedure, limits: Mapping[str, Limit]) -> Iterator[str]:
    yield procedure.id
    yield f"  {procedure.title_zh} {procedure.title_en}"
    yield f"  {procedure.edition}, {procedure.clause}"
    if procedure.scope_en:
        yield f"  {in_your_language(procedure.scope_en, procedure.scope_zh)}"
    if procedure.same_as:
        yield f"  = {procedure.same_as}: {in_your_language(procedure.differs_en, procedure.differs_zh)}"
    yield f"  after 先做: {', '.join(procedure.after) or '-'}"
    for number, step in enumerate(instructions(procedure, limits), start=1):
        yield f"  {number}. {in_your_language(step.en, step.zh)}"
    yield "  entries 记录 (×2 = entered twice 录入两次, ? = optional 可选):"
    yield from (f"    {_entry(entry)}" for entry in procedure.entries)
    yield "  conditions 条件:"
    yield from (f"    {_bound(procedure, bound, limits)}" for bound in procedure.conditions)
    yield from (
        f"    {one.symbol} ≥ {_limit(procedure, limits[one.least])}" for one in procedure.repetitions if one.least
    )
    yield "  passes if 合格判据:"
    yield from (f"    {_bound(procedure, bound, limits)}" for bound in procedure.bounds)
    yield from (f"    {_observation(procedure, one, limits)}" for one in procedure.observations)


def _entry(entry: Entry) -> str:
    what = entry.unit or " | ".join(entry.choices) or entry.kind
    marks = (" ×2" if entry.double else "") + ("" if entry.required else " ?")
    place = f"{entry.each}." if entry.each else ""
    return f"{place}{entry.symbol} [{what}]{marks}  {in_your_language(entry.name_en, entry.name_zh)}"


def _bound(procedure: Procedure, bound: Bound, limits: Mapping[str, Limit]) -> str:
    if bound.declared:
        target = bound.declared
    elif bound.by:
        choices = next(one.choices for one in procedure.entries if one.symbol == bound.by)
        rows = (f"{choice}: {_limit(procedure, limits[f'{bound.limit}_{choice}'])}" for choice in choices)
        target = f"[{bound.by}] {'; '.join(rows)}"
    else:
        target = _limit(procedure, limits[bound.limit])
    times = f" × {bound.times}" if bound.times else ""
    width = f" ± {_limit(procedure, limits[bound.tolerance])}" if bound.tolerance else ""
    return f"{bound.entry} {_SIGNS[bound.comparison]} {target}{times}{width}"


def _observation(procedure: Procedure, one: Observation, limits: Mapping[str, Limit]) -> str:
    rule = f" ({_limit(procedure, limits[one.rule])})" if one.rule else ""
    return f"{one.entry} ≠ {', '.join(one.fails)}{rule}"


def _limit(procedure: Procedure, limit: Limit) -> str:
    if not limit.established:
        return "not found 未查得"
    mark = "" if confirmed_for(limit, procedure.edition) else " (unconfirmed 未确认)"
    return f"{limit.value:g} {limit.unit}{mark}"


# --- the verdict on a record ---


def _judge(procedure: Procedure, path: Path, *, as_json: bool) -> int:
    judgement = judge(procedure, _record(path), _limits(procedure))
    if as_json:
        _print_json({"schema": "heliobench.judgement/1", **asdict(judgement)})
    else:
        click.echo("\n".join(_verdict(procedure, judgement)))
    return 0 if judgement.verdict == "pass" else 1


def _record(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BadInput(
            f"The record {path} cannot be read ({reason}): check the name and the permissions.",
            f"无法读取记录 {path}（{reason}）：请检查文件名和权限。",
            code="unreadable",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(
            f'{path.name}: not a TOML file ({error}): write lines like leak = "no".',
            f'{path.name}：不是 TOML 文件（{error}）：请按 leak = "no" 的形式书写。',
            code="not-toml",
        ) from error


def _verdict(procedure: Procedure, judgement: Judgement) -> Iterator[str]:
    yield f"{procedure.edition} {procedure.title_zh} {procedure.title_en}"
    yield f"{_VERDICTS[judgement.verdict]}"
    if judgement.verdict == "not judged":
        yield f"with the limits as they stand 按现有限值: {_VERDICTS[judgement.would_be]}"
    for symbol, value in judgement.derived.items():
        entry = procedure.entry(symbol)
        yield f"{symbol} = {value:g} {entry.unit}  {in_your_language(entry.name_en, entry.name_zh)}"
    yield from (f"- {in_your_language(note.sentence_en, note.sentence_zh)}" for note in judgement.reasons)
