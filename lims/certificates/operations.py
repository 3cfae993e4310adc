"""Verbs about reports: draft, check, authorise, issue (compose, render, sign, keep), withdraw; and verification."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from lims.canonical import canonical_json
from lims.certificates import amendments, queries
from lims.certificates.amendments import Standing
from lims.certificates.assembly import facts_of
from lims.certificates.bundle import Bundle, write_bundle
from lims.certificates.changes import changes
from lims.certificates.document import Content, compose, results_attachment
from lims.certificates.evidence import evidence_of, figures_of
from lims.certificates.facts import ReportFacts, Role
from lims.certificates.keys import Authority, open_authority
from lims.certificates.models import Basis, Report, ReportIssue, resting_on
from lims.certificates.render import render, results_file
from lims.certificates.requirements import missing
from lims.certificates.sign import Signer, sign_report
from lims.certificates.verify import Verdict, verify_pdf
from lims.errors import BadInput, Refused, Sentence, refuse
from lims.items import keeping
from lims.items import operations as items
from lims.items import queries as item_queries
from lims.laboratory import Laboratory, Work
from lims.manual import queries as manual_queries
from lims.orders.models import LANGUAGES
from lims.parties import queries as party_queries
from lims.parties.models import Person
from lims.results import queries as result_queries
from lims.results.evaluation import method_named
from lims.workflow import REPORT, Facts, refusal
from protocols.method import complete_item

TOLD = 5  # of what was changed since the check; the page of an amendment shows all
ACTIVITY = {"check": "review", "authorise": "authorise"}


def draft(work: Work, result_number: str) -> Report:
    """A new report of an authorised result; `Refused` if there is one on its way or issued already."""
    work.actor.require("report.draft")
    result = result_queries.by_number(work.session, result_number)
    if result.state != "authorised":
        raise Refused(
            f"{result_number} is '{result.state}'; a report is drafted from an authorised result.",
            f"{result_number} 尚未批准；只有已批准的结果才能编制报告。",
        )
    return _drafted(work, result)


def draft_of_record(work: Work, record_number: str) -> Report:
    """A new report of the authorised record of a manual test; refused as `draft` refuses."""
    work.actor.require("report.draft")
    test = manual_queries.by_number(work.session, record_number)
    if test.state != "authorised":
        raise Refused(
            f"{record_number} is '{test.state}'; a report is drafted from an authorised record.",
            f"{record_number} 尚未批准；只有已批准的人工试验记录才能编制报告。",
        )
    return _drafted(work, test)


def _drafted(work: Work, basis: Basis) -> Report:
    request = basis.job.request
    refuse(queries.stands_against(work.session, basis))
    for known in amendments.family_of(work.session, basis.job):
        refuse(_stands_in_the_way(basis, known))
    report = Report(
        number=work.number("BG"), company_id=request.company_id, code=secrets.token_urlsafe(16), drafted_at=work.now,
        language=request.report_language, **resting_on(basis),
    )  # fmt: skip
    work.session.add(report)
    work.session.flush()
    work.record("report", report.number, "draft", target=report.state, result=basis.number)
    return report


def _stands_in_the_way(result: Basis, known: Report) -> Sentence | None:
    """A report of the same test that is on its way or in force; what was superseded is followed by another."""
    if known.state in ("discarded", "withdrawn", "superseded"):
        return None
    if known.state == "issued":
        return Sentence(
            f"{result.number} already has the report {known.number}; amend that, or withdraw it first.",
            f"{result.number} 已有报告 {known.number}；请修改该报告，或先将其撤回。",
        )
    return Sentence(
        f"{result.number} already has the report {known.number}.", f"{result.number} 已有报告 {known.number}。"
    )


def set_language(work: Work, number: str, language: str) -> Report:
    """Choose what a draft is printed in; the order's language is what it begins with."""
    report = queries.by_number(work.session, number, work.actor)
    work.actor.require("report.draft")
    if language not in LANGUAGES:
        raise BadInput(f"There is no report in '{language}'.", f"报告没有“{language}”文本。")
    if report.state != "drafted":
        raise Refused(
            f"{number} is '{report.state}'; what a report is printed in is chosen before it is checked.",
            f"{number} 已不是草稿；报告语言须在校核前选定。",
        )
    before, report.language = report.language, language
    if before != language:
        work.record("report", number, "set_language", before=before, language=language)
    return report


def act(work: Work, number: str, action: str, reason: str = "") -> Report:
    """Any action of the report's machine. "issue" composes, renders, signs and keeps the report in one transaction."""
    report = queries.by_number(work.session, number, work.actor)
    if action == "supersede":
        raise Refused(
            "A report is superseded by issuing its amendment; open one on its page.",
            "报告由签发其修改报告而被替代；请在报告页面开具修改报告。",
        )
    lacking = tuple(_missing(work, report, action)) if action in ("authorise", "issue") else ()
    able = action not in ACTIVITY or party_queries.is_competent(
        work.session, person_id=work.actor.id, method_id=report.job.code, activity=ACTIVITY[action],
        day=work.today,
    )  # fmt: skip
    facts = Facts(reason=reason, competent=able, missing=lacking)
    refuse(refusal(REPORT, action, report, work.actor, facts))
    if action == "issue":
        amendments.supersede(work, report)
    read = {"content": work.store.put(canonical_json(_readable(work, report)))} if action == "check" else {}
    work.move(REPORT, action, report, facts, **read)
    if action == "check":
        report.reviewed_by_id, report.checked_at = work.actor.id, work.now
    elif action == "authorise":
        report.authorised_by_id, report.authorised_at = work.actor.id, work.now
    work.session.flush()
    work.session.refresh(report)
    if action == "issue":
        _issue(work, report)
    return report


def _missing(work: Work, report: Report, action: str) -> list[Sentence]:
    """What a report must state before this step; the signatory's own name comes with the signature itself."""
    if report.state not in ("checked", "authorised"):
        return []  # the machine's own sentence about the state comes first
    facts = told(work.session, work.laboratory, report, issued=work.today)
    against = queries.stands_against(work.session, report.basis)
    found = [
        *amendments.stands_against(report, facts), *_stale(work, report), *([against] if against else ()),
        *_changed_since_check(work, report),
        *missing(facts),
    ]  # fmt: skip
    return [one for one in found if action == "issue" or "7.8.2.1 o)" not in one.en]


def _readable(work: Work, report: Report) -> Content:
    """What a report says, before it has a day of issue."""
    return compose(told(work.session, work.laboratory, report, issued=None))


def _changed_since_check(work: Work, report: Report) -> Iterator[Sentence]:
    """What is authorised and issued is what was checked, to the letter (an earlier version kept nothing to compare)."""
    kept = queries.checked_content(work.session, work.store, report)
    found = changes(kept, _readable(work, report)) if kept else ()
    if found:
        en, zh = ", ".join(one.what.en for one in found[:TOLD]), "、".join(one.what.zh for one in found[:TOLD])
        yield Sentence(
            f"{report.number} would not say any more what was checked ({en}); correct that, or discard the report and "
            "draft it again.",
            f"{report.number} 的内容与校核时不一致（{zh}）；请恢复原内容，或弃用后重新编制。",
        )


def told(session: Session, laboratory: Laboratory, report: Report, *, issued: date | None) -> ReportFacts:
    """Everything a report would say if it were issued on that day, or as a draft."""
    facts = facts_of(session, laboratory, report, issued=issued)
    return amendments.amended(laboratory, report, facts)


def draft_pdf(session: Session, laboratory: Laboratory, report: Report) -> bytes:
    """A report that is not issued yet, as it would be printed now: for those who check it, marked and unsigned."""
    facts = told(session, laboratory, report, issued=None)
    drawn = figures_of(laboratory.store, report.result, facts.outcome, report.language)
    return render(compose(facts), figures=drawn)


def _stale(work: Work, report: Report) -> Iterator[Sentence]:
    """What was stated about the item since the evaluation: the report would print what its digits do not rest on."""
    if report.result is None:  # a manual test computes with nothing that is stated about the item
        return
    item = item_queries.of_job(work.session, report.job)
    method = method_named(report.result.method_id)
    now = json.loads(canonical_json(complete_item(method.item, items.as_method_input(item, method))))
    then = result_queries.inputs(work.store, report.result)["item"]
    for symbol in sorted({symbol for symbol in {**now, **then} if now.get(symbol) != then.get(symbol)}):
        yield Sentence(
            f"{symbol} of {item.number} was changed after the evaluation; evaluate again, or state it as it was.",
            f"{item.number} 的 {symbol} 在计算后被更改；请重新计算，或恢复原值。",
        )


def _issue(work: Work, report: Report) -> None:
    facts = told(work.session, work.laboratory, report, issued=work.today)
    content = compose(facts)
    results = results_attachment(content, facts.outcome)
    drawn = figures_of(work.store, report.result, facts.outcome, report.language)
    authority = authority_of(work.laboratory)
    unsigned = render(content, figures=drawn, attachments=[results_file(results)])
    pdf = sign_report(unsigned, [*_signers(authority, report, work.now)])
    evidence = evidence_of(work.session, work.store, report)
    bundle = Bundle(
        report=pdf, results=results, content=content, inputs=evidence.inputs, runs=evidence.runs,
        root=authority.root_pem, conformity=facts.conformity, events=evidence.events,
    )  # fmt: skip
    work.session.add(
        ReportIssue(
            report_id=report.id, issued_at=work.now, pdf_sha256=work.store.put(pdf),
            content_sha256=work.store.put(canonical_json(content)), bundle_sha256=work.store.put(write_bundle(bundle)),
            product_zh=content["item"]["description"]["zh"], product_en=content["item"]["description"]["en"],
            model=content["item"]["model"],
        )
    )  # fmt: skip
    work.session.flush()
    work.session.refresh(report)
    keeping.start_clock(work, item_queries.of_job(work.session, report.job), work.today)
    work.record("report", report.number, "keep", pdf=hashlib.sha256(pdf).hexdigest())


def _signers(authority: Authority, report: Report, now: datetime) -> list[Signer]:
    people: list[tuple[Role, Person | None]] = [
        ("tested", report.tested_by),
        ("reviewed", report.reviewed_by),
        ("authorised", report.authorised_by),
    ]
    return [
        Signer(role=role, identity=authority.signer(person=person.username, name=person.name_zh, now=now))
        for role, person in people
        if person is not None
    ]


def authority_of(laboratory: Laboratory) -> Authority:
    """The laboratory's certificate authority, made on first use into the instance folder."""
    directory = laboratory.settings.instance_path / "keys"
    return open_authority(directory, laboratory=laboratory.identity["name_zh"], now=laboratory.clock())


@dataclass(frozen=True, slots=True)
class Verified:
    """What verification says of a file: the verdict, and the report in the register if it is one of ours."""

    verdict: Verdict
    report: Report | None
    standing: Standing | None = None

    @property
    def valid(self) -> bool:
        """Genuine, unchanged, and neither superseded nor withdrawn."""
        return self.verdict.valid and self.report is not None and self.report.state == "issued"

    @property
    def sentence(self) -> Sentence:
        """The verdict in one sentence, with what the register says."""
        said = Sentence(self.verdict.sentence_en, self.verdict.sentence_zh)
        if not self.verdict.valid:
            return said
        if self.report is None:
            return Sentence(
                "The signatures are right, but the register holds no such report; ask the laboratory.",
                "签名有效，但本中心登记中没有该报告；请向本中心查询。",
            )
        number, by = self.report.number, self.standing.replaced_by if self.standing else None
        if by is not None:
            gone = by.state != "issued"  # what replaced it is not the end of the story either
            also_en = f" {by.number} is {by.state} as well." if gone else ""
            also_zh = f"{by.number} 也已{'撤回' if by.state == 'withdrawn' else '被替代'}。" if gone else ""
            return Sentence(
                f"The file is genuine, but report {number} was superseded by {by.number} on {by.day}.{also_en}",
                f"文件真实，但报告 {number} 已于 {by.day} 被 {by.number} 替代。{also_zh}",
            )
        if self.report.state != "issued":
            return Sentence(
                f"The file is genuine, but report {number} was {self.report.state}.",
                f"文件真实，但报告 {number} 已{'撤回' if self.report.state == 'withdrawn' else '被替代'}。",
            )
        return said


def verify_file(laboratory: Laboratory, data: bytes) -> Verified:
    """Whether a file is an issued report of this laboratory, unchanged to the last byte."""
    roots = [authority_of(laboratory).root_pem]
    verdict = verify_pdf(data, roots, moment=laboratory.clock())
    if verdict.report_number is None:
        return Verified(verdict, None)
    with laboratory.database.read() as session:
        report = queries.published(session, verdict.report_number)
        standing = amendments.standing(session, report, laboratory.settings.time_zone) if report else None
    known = report.issue.pdf_sha256 if report is not None and report.issue is not None else verdict.sha256
    if known != verdict.sha256:  # the register has the last word; an equal file needs no second look
        verdict = verify_pdf(data, roots, known_sha256=known, moment=laboratory.clock())
    return Verified(verdict, report, standing)


def pdf_of(laboratory: Laboratory, report: Report) -> bytes:
    """The signed PDF exactly as issued; `BadInput` if it is not issued."""
    return laboratory.store.get(queries.issue_of(report).pdf_sha256)


def bundle_of(laboratory: Laboratory, report: Report) -> bytes:
    """The evidence bundle of an issued report; `BadInput` if it is not issued."""
    return laboratory.store.get(queries.issue_of(report).bundle_sha256)
