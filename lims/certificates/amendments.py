"""Amending an issued report (ISO/IEC 17025:2017 7.8.8): a new report replaces it, says so, why, and what changed.

The amendment goes the way of every report. Issuing it supersedes the report it replaces in the same transaction; until
then that one stays in force, and discarding the amendment leaves everything as it was.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.certificates import facts as f
from lims.certificates import queries
from lims.certificates.changes import changes
from lims.certificates.document import compose
from lims.certificates.models import Basis, Report, ReportAmendment, resting_on
from lims.clock import day_of
from lims.errors import BadInput, Refused, Sentence, refuse
from lims.laboratory import Laboratory, Work
from lims.numbers import AMENDED
from lims.orders import repeats
from lims.orders.models import LANGUAGES, Job
from lims.store import Store
from lims.workflow import REPORT, Facts

LONGEST = 200  # characters of a reason: it is printed on the first page


def open_amendment(
    work: Work, number: str, *, reason: str, reason_en: str = "", result_number: str = "", language: str = ""
) -> Report:
    """Draft the report that is to replace an issued one, from the same result or one that counts since.

    ``reason`` is printed on its first page, ``reason_en`` beside it or, in an English report, instead of it.
    """
    work.actor.require("report.amend")
    original = queries.by_number(work.session, number, work.actor)
    if original.state != "issued":
        raise Refused(
            f"{number} is '{original.state}'; only an issued report is amended.",
            f"{number} 当前不是已签发状态；只有已签发的报告才能修改。",
        )
    under_way = queries.amendment_under_way(work.session, original)
    if under_way is not None:
        raise Refused(
            f"{number} is being amended already, as {under_way.number}; finish or discard that first.",
            f"{number} 已在修改中（{under_way.number}）；请先完成或弃用该修改报告。",
        )
    if not reason.strip() or work.actor.id is None:
        raise BadInput(
            "Say why the report is amended: the reason is printed on the new one.",
            "请填写修改原因：该原因将印在新报告上。",
        )
    if max(len(reason.strip()), len(reason_en.strip())) > LONGEST:
        raise BadInput(
            f"The reason is printed on the first page: at most {LONGEST} characters.",
            f"修改原因将印在首页，最多 {LONGEST} 个字符。",
        )
    language = language or original.language
    if language not in LANGUAGES:
        raise BadInput(f"There is no report in '{language}'.", f"报告没有“{language}”文本。")
    result = _result(work, original, result_number)
    report = Report(
        number=_number(work.session, original), version=original.version + 1,
        company_id=original.company_id, code=secrets.token_urlsafe(16), drafted_at=work.now, language=language,
        **resting_on(result),
    )  # fmt: skip
    report.amendment = ReportAmendment(
        replaces_id=original.id, reason=reason.strip(), reason_en=reason_en.strip(), at=work.now,
        person_id=work.actor.id,
    )  # fmt: skip
    work.session.add(report)
    work.session.flush()
    work.session.refresh(report)
    work.record("report", number, "open_amendment", reason=reason.strip(), amendment=report.number)
    work.record("report", report.number, "draft", target=report.state, result=result.number, replaces=number)
    return report


def _result(work: Work, original: Report, number: str) -> Basis:
    if number in ("", original.basis.number):
        refuse(queries.stands_against(work.session, original.basis))
        return original.basis
    result = next((one for one in results_for(work.session, original) if one.number == number), None)
    if result is None:
        raise Refused(
            f"{number} cannot take the place of {original.basis.number}: it has to be an authorised result of the "
            "same test on the same item, and the one that counts.",
            f"{number} 不能替代 {original.basis.number}：须为同一样品同一检测项目经批准且予以采用的结果。",
        )
    return result


def results_for(session: Session, original: Report) -> Sequence[Basis]:
    """The authorised results of the same test on the same item, measured or recorded, that a report may rest on now."""
    jobs = [one.id for one in repeats.chain(session, original.job)]
    kind: Any = type(original.basis)
    select = sa.select(kind).where(kind.job_id.in_(jobs), kind.state == "authorised")
    found = session.scalars(select.order_by(kind.id.desc())).unique()
    return [one for one in found if queries.stands_against(session, one) is None]


def _number(session: Session, original: Report) -> str:
    """Number of the first report of the family, and ``-A`` with how many amendments were opened of it."""
    first = original
    while first.amendment is not None:
        first = first.amendment.replaces
    head = first.number + AMENDED
    opened = sa.select(sa.func.count()).where(Report.number.startswith(head, autoescape=True))
    return f"{head}{(session.scalar(opened) or 0) + 1}"


def amended(laboratory: Laboratory, report: Report, facts: f.ReportFacts) -> f.ReportFacts:
    """The facts with what they say otherwise than the report they replace; unchanged facts of a report that is none."""
    amendment = report.amendment
    if amendment is None:
        return facts
    original = amendment.replaces
    issue, before = queries.issue_of(original), queries.issued_content(laboratory.store, original)
    told = f.Amendment(
        replaces=original.number,
        issued=day_of(issue.issued_at, laboratory.settings.time_zone),
        reason=f.Text(amendment.reason, amendment.reason_en),
    )
    return replace(facts, amendment=replace(told, changes=changes(before, compose(facts)) if before else ()))


def stands_against(report: Report, facts: f.ReportFacts) -> Iterator[Sentence]:
    """Why an amendment cannot be authorised or issued, beside what every report needs."""
    if report.amendment is None:
        return
    original = report.amendment.replaces
    if original.state != "issued":
        yield Sentence(
            f"{original.number} is '{original.state}' and cannot be replaced any more; discard {report.number} and "
            "draft a new report.",
            f"{original.number} 已不是已签发状态，不能再被替代；请弃用 {report.number} 并重新编制报告。",
        )
    if facts.amendment is not None and not facts.amendment.changes:
        yield Sentence(
            f"{report.number} says nothing otherwise than {original.number}; correct what is wrong, or discard it.",
            f"{report.number} 与 {original.number} 内容完全相同；请先更正有误之处，或弃用该修改报告。",
        )


def supersede(work: Work, report: Report) -> None:
    """What this report replaces is no longer in force; in the transaction that issues it, and before it does."""
    if report.amendment is None:
        return
    original = report.amendment.replaces
    work.move(REPORT, "supersede", original, Facts(reason=report.amendment.reason), by=report.number)
    work.session.flush()


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """The other report of an amendment, as it stands in the register today."""

    number: str
    day: date  # of its issue
    state: str
    reason: str  # of the amendment, whichever of the two this is
    reason_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a report replaces, and what replaced it."""

    replaces: Linked | None
    replaced_by: Linked | None


def standing(session: Session, report: Report, zone: str) -> Standing:
    """How a report stands to others; of an amendment still on its way only what it is to replace."""
    newer = queries.replacement(session, report)
    return Standing(
        replaces=_linked(report.amendment.replaces, report.amendment, zone) if report.amendment else None,
        replaced_by=_linked(newer, newer.amendment, zone) if newer and newer.amendment else None,
    )


def _linked(report: Report, amendment: ReportAmendment, zone: str) -> Linked:
    return Linked(
        number=report.number, day=day_of(queries.issue_of(report).issued_at, zone), state=report.state,
        reason=amendment.reason, reason_en=amendment.reason_en,
    )  # fmt: skip


def printed_changes(store: Store, report: Report) -> tuple[f.Change, ...]:
    """What an issued amendment says that it says otherwise, as it was printed."""
    content = queries.issued_content(store, report) or {}
    return tuple(
        f.Change(**{name: f.Text(**one[name]) for name in ("what", "before", "after")})
        for one in content["statements"]["amendment"]["changes"]
    )


def family_of(session: Session, job: Job) -> Sequence[Report]:
    """Every report of a test and of its repeats, oldest first."""
    jobs = [one.id for one in repeats.chain(session, job)]
    select = sa.select(Report).where(Report.job_id.in_(jobs))
    return session.scalars(select.order_by(Report.id)).unique().all()
