"""Verbs about limits: the quality manager confirms a number against the text of its standard, or takes that back."""

from __future__ import annotations

import math

from lims.confirmations.standing import keep
from lims.errors import BadInput, NotFound, Refused, Sentence, require_reason
from lims.laboratory import Work
from lims.limits import queries, tables
from lims.limits.models import LimitConfirmation
from lims.repertoire import procedures, requirement_sets
from protocols.limits import Limit
from protocols.requirements.requirements import AREAS, TEMPERATURES, Requirement

OURS = "Heliobench"  # the source of a rule of our own, which no standard can confirm
FOUND_AREAS, FOUND_TEMPERATURES = (tuple(one for one in every if one != "not found") for every in (AREAS, TEMPERATURES))


def subject(table: str, symbol: str) -> str:
    """What a limit is called in the audit trail."""
    return f"{table}.{symbol}"


def limit_as_filed(table: str, symbol: str) -> Limit:
    """The row of a table as its file says; `NotFound` if there is none."""
    found = tables.as_filed(table).get(symbol)
    if found is None:
        raise NotFound(f"The limit table {table} has no {symbol}.", f"限值表 {table} 中没有 {symbol}。")
    return found


def editions(table: str) -> list[str]:
    """The editions a limit of this table can be confirmed for: its own, and those of manual tests that use it."""
    users = [one.edition for one in procedures().values() if one.limit_table == table]
    return list(dict.fromkeys([tables.edition_of(table), *users]))


def resting(table: str, symbol: str) -> Requirement | None:
    """The requirement by whose area and temperature this limit has to be read; None for one that rests on neither."""
    every = (row for one in requirement_sets().values() if one.limit_table == table for row in one.requirements)
    return next((row for row in every if row.limit == symbol and row.needs_basis), None)


def confirm(
    work: Work,
    table: str,
    symbol: str,
    *,
    edition: str,
    value: float | None,
    clause: str,
    source: str,
    area: str = "",
    temperature: str = "",
    reason: str = "",
) -> LimitConfirmation:
    """Keep that the text of ``edition`` states this number; one that replaces another needs a reason.

    area, temperature: that it rests on, read together with it; only of a limit for which `resting` asks.
    From then on it counts for every evaluation, judgement and statement of conformity made; those made before keep the
    number they were made with. Raises `BadInput` for a number, clause, source or basis that is none, `Refused` for a
    rule of our own, and for a number that stands already.
    """
    work.actor.require("limits.confirm")
    filed = limit_as_filed(table, symbol)
    if filed.source == OURS:
        raise Refused(
            f"{symbol} is a rule of our own; no standard states it.", f"{symbol} 是本系统自定的规则，非标准限值。"
        )
    if edition not in editions(table):
        raise BadInput(f"{table} is not used for {edition}.", f"限值表 {table} 不用于 {edition}。")
    number = _required(value=value, clause=clause, source=source)
    _require_basis(table, symbol, area, temperature)
    before = queries.standing(work.session, table, symbol, edition)
    told = (number, clause.strip(), source.strip(), area, temperature)
    if before is not None and told == (before.value, before.clause, before.source, before.area, before.temperature):
        raise Refused(f"{symbol} is confirmed so already.", f"{symbol} 已按此确认。")
    if before is not None and not reason.strip():
        raise Refused(
            f"{symbol} is confirmed as {before.value:g} already; say why it is confirmed anew. Both are kept.",
            f"{symbol} 已确认为 {before.value:g}；请说明重新确认的理由。前后记录均会保留。",
            code="reason",
        )
    return _keep(
        work, table, filed, edition, value=number, clause=clause.strip(), source=source.strip(), area=area,
        temperature=temperature, reason=reason.strip(),
    )  # fmt: skip


def _require_basis(table: str, symbol: str, area: str, temperature: str) -> None:
    if resting(table, symbol) is None:
        if area or temperature:
            raise BadInput(f"{symbol} rests on no area and no temperature.", f"{symbol} 与面积、温度基准无关。")
    elif area not in FOUND_AREAS or temperature not in FOUND_TEMPERATURES:
        raise BadInput(
            "Say on which area and which temperature the limit rests; both stand in the text with the number.",
            "请选择该限值所依据的面积与温度基准；二者与数值同见标准原文。",
        )


def _required(*, value: float | None, clause: str, source: str) -> float:
    if value is None or not math.isfinite(value):
        raise BadInput("Give the number that the standard states.", "请填写标准规定的数值。")
    for text, en, zh in (
        (clause, "the clause", "条款号"),
        (source, "which copy of the text was read", "所核对的标准文本"),
    ):
        if not text.strip() or "unconfirmed" in text:
            raise BadInput(f"Say {en}.", f"请填写{zh}。")
    return value


def take_back(work: Work, table: str, symbol: str, *, edition: str, reason: str) -> LimitConfirmation:
    """A confirmation counts no longer, e.g. because the standard was amended; why is kept."""
    work.actor.require("limits.confirm")
    filed = limit_as_filed(table, symbol)
    before = queries.standing(work.session, table, symbol, edition)
    if before is None:
        raise Refused(f"{symbol} is not confirmed for {edition}.", f"{symbol} 尚未按 {edition} 确认。")
    require_reason(reason)
    return _keep(
        work, table, filed, edition, value=before.value, clause=before.clause, source=before.source,
        area=before.area, temperature=before.temperature, reason=reason.strip(), withdrawn=True,
    )  # fmt: skip


def _keep(
    work: Work, table: str, filed: Limit, edition: str, *, value: float, clause: str, source: str, area: str,
    temperature: str, reason: str, withdrawn: bool = False,
) -> LimitConfirmation:  # fmt: skip
    kept = LimitConfirmation(
        limit_table=table, symbol=filed.symbol, edition=edition, withdrawn=withdrawn, value=value, unit=filed.unit,
        clause=clause, source=source, area=area, temperature=temperature, reason=reason,
    )  # fmt: skip
    keep(work, kept, nameless=Sentence("A named person confirms a limit.", "限值须由具名人员确认。"))
    work.record(
        "limit", subject(table, filed.symbol), "take_back" if withdrawn else "confirm", reason=reason, edition=edition,
        value=value, unit=filed.unit, clause=clause, source=source,
        **({"area": area, "temperature": temperature} if area else {}),
    )  # fmt: skip
    return kept
