"""An issued report is amended by a new one that says so (ISO/IEC 17025:2017 7.8.8); there are never two in force."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from lims.certificates import amendments, operations, queries
from lims.certificates.changes import changes
from lims.certificates.document import compose
from lims.certificates.models import Report
from lims.certificates.verify import verify_pdf
from lims.demonstration import journey
from lims.errors import BadInput, Forbidden, Refused
from lims.items import corrections
from lims.items import operations as items
from lims.laboratory import Laboratory
from lims.results import operations as results

Number = Callable[[str], str]
ONE_KIND = pytest.mark.parametrize("kind", ["sqlite"])  # the rule does not depend on the database
WHY = "型号写错"


def _as(laboratory: Laboratory, who: str, verb: Callable[..., Any], *told: Any, **named: Any) -> Any:
    with laboratory.work(journey.actor(laboratory, who)) as work:
        return verb(work, *told, **named)


def _open(laboratory: Laboratory, number: str, by: str = "office", **named: Any) -> Report:
    report: Report = _as(laboratory, by, amendments.open_amendment, number, **{"reason": WHY, **named})
    return report


def _act(laboratory: Laboratory, who: str, number: str, action: str, reason: str = "") -> Report:
    report: Report = _as(laboratory, who, operations.act, number, action, reason)
    return report


def _states(laboratory: Laboratory) -> dict[str, str]:
    with laboratory.database.read() as session:
        return {one.number: one.state for one in session.scalars(sa.select(Report).order_by(Report.id)).unique()}


def _correct(laboratory: Laboratory, item: str) -> None:
    _as(laboratory, "office", corrections.correct, item, "model", "HT 35/10-B", "a slip of the pen")


def _through(laboratory: Laboratory, number: str) -> Report:
    _act(laboratory, "reviewer", number, "check")
    _act(laboratory, "signatory", number, "authorise")
    return _act(laboratory, "signatory", number, "issue")


@ONE_KIND
def test_the_amendment_replaces_the_report_and_both_say_what_is_true(issued: Laboratory, number: Number) -> None:
    old, item, day = number("BG"), number("YP"), issued.today.isoformat()
    first = operations.pdf_of(issued, _report(issued, old))
    _correct(issued, item)
    draft = _open(issued, old, reason_en="wrong model", language="en")
    assert (draft.number, draft.version, draft.language) == (f"{old}-A1", 2, "en")
    assert _states(issued) == {old: "issued", draft.number: "drafted"}
    made = _through(issued, draft.number)
    assert _states(issued) == {old: "superseded", draft.number: "issued"}

    pdf = operations.pdf_of(issued, made)
    new, past = operations.verify_file(issued, pdf), operations.verify_file(issued, first)
    assert (new.valid, past.valid, past.verdict.valid) == (True, False, True)
    assert new.sentence.en.endswith(f" It replaces report {old} of {day}.")
    assert past.sentence.en == f"The file is genuine, but report {old} was superseded by {old}-A1 on {day}."
    assert past.sentence.zh == f"文件真实，但报告 {old} 已于 {day} 被 {old}-A1 替代。"
    offline = verify_pdf(pdf, [operations.authority_of(issued).root_pem])
    assert dict(offline.replaces) == {"report": old, "issued": day}
    content = json.loads(issued.store.get(queries.issue_of(made).content_sha256))
    told = content["statements"]["amendment"]
    assert (told["replaces"], told["issued"], told["reason"]) == (old, day, {"zh": WHY, "en": "wrong model"})
    assert [(one["what"]["en"], one["after"]["en"]) for one in told["changes"]] == [
        ("Language of the report", "English"),
        ("Model", "HT 35/10-B"),
    ]
    # An amendment is amended like any report; its number goes on from the first one's.
    assert _open(issued, draft.number).number == f"{old}-A2"


def _report(laboratory: Laboratory, number: str) -> Report:
    with laboratory.database.read() as session:
        return queries.by_number(session, number, journey.actor(laboratory, "office"))


@ONE_KIND
def test_a_discarded_amendment_leaves_the_report_in_force_and_its_number_is_not_used_again(
    issued: Laboratory, number: Number
) -> None:
    old = number("BG")
    _open(issued, old)
    with pytest.raises(Refused, match=f"is being amended already, as {old}-A1"):
        _open(issued, old)
    _act(issued, "reviewer", f"{old}-A1", "send_back", "not needed")
    assert _states(issued) == {old: "issued", f"{old}-A1": "discarded"}
    assert _open(issued, old).number == f"{old}-A2"


@ONE_KIND
def test_what_an_amendment_refuses(issued: Laboratory, number: Number) -> None:
    old = number("BG")
    for by in ("technician", "reviewer", "admin", "shen"):
        with pytest.raises(Forbidden):
            _open(issued, old, by)
    for reason, said in ((" ", "Say why"), ("x" * 201, "at most 200 characters")):
        with pytest.raises(BadInput, match=said):
            _open(issued, old, reason=reason)
    with pytest.raises(BadInput, match="no report in 'fr'"):
        _open(issued, old, language="fr")
    with pytest.raises(Refused, match="open one on its page"):
        _act(issued, "signatory", old, "supersede", "by hand")
    assert _states(issued) == {old: "issued"}
    # One that would say the same again is not authorised.
    _open(issued, old)
    _act(issued, "reviewer", f"{old}-A1", "check")
    with pytest.raises(Refused, match=f"says nothing otherwise than {old}"):
        _act(issued, "signatory", f"{old}-A1", "authorise")
    # Nor does it say after the check what nobody has checked.
    _correct(issued, number("YP"))
    with pytest.raises(Refused, match=r"would not say any more what was checked \(Model\)"):
        _act(issued, "signatory", f"{old}-A1", "authorise")
    _act(issued, "reviewer", f"{old}-A1", "send_back", "the model is right now")
    # One whose original was withdrawn meanwhile replaces nothing.
    _open(issued, old)
    _act(issued, "reviewer", f"{old}-A2", "check")
    _act(issued, "signatory", f"{old}-A2", "authorise")
    _act(issued, "quality", old, "withdraw", "the pyranometer was dirty")
    with pytest.raises(Refused, match="is 'withdrawn' and cannot be replaced any more"):
        _act(issued, "signatory", f"{old}-A2", "issue")
    _act(issued, "reviewer", f"{old}-A2", "send_back", "its original is withdrawn")
    with pytest.raises(Refused, match="only an issued report is amended"):
        _open(issued, old)
    assert _states(issued) == {old: "withdrawn", f"{old}-A1": "discarded", f"{old}-A2": "discarded"}


@ONE_KIND
def test_four_eyes_who_opened_an_amendment_neither_checks_nor_authorises_it(issued: Laboratory, number: Number) -> None:
    """ "senior" is reviewer and signatory, and "signatory" opens one here: the reason is theirs."""
    old = number("BG")
    _correct(issued, number("YP"))
    for opener, may_check in (("senior", "reviewer"), ("signatory", "reviewer")):
        new = _open(issued, old, opener).number
        if opener == "senior":
            with pytest.raises(Refused, match="opened this amendment and can neither check nor authorise it"):
                _act(issued, opener, new, "check")
        _act(issued, may_check, new, "check")
        with pytest.raises(Refused, match="opened this amendment and can neither check nor authorise it"):
            _act(issued, opener, new, "authorise")
        _act(issued, may_check, new, "send_back", "tried enough")
    assert set(_states(issued).values()) == {"issued", "discarded"}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_database_itself_keeps_two_reports_of_one_result_from_being_in_force(
    issued: Laboratory, number: Number
) -> None:
    new = _open(issued, number("BG")).number
    with pytest.raises(IntegrityError), issued.database.write() as session:
        session.execute(sa.update(Report).where(Report.number == new).values(state="issued"))
    assert _states(issued) == {number("BG"): "issued", new: "drafted"}


@ONE_KIND
def test_two_who_amend_at_once_open_one_amendment(issued: Laboratory, number: Number) -> None:
    together = Barrier(2)

    def click(who: str) -> str:
        together.wait()
        try:
            return _open(issued, number("BG"), who).number
        except Refused as refused:
            return refused.sentence.en

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(click, ("office", "quality")), key=len)
    assert answers[0] == f"{number('BG')}-A1"
    assert "is being amended already" in answers[1]


@ONE_KIND
def test_an_amendment_takes_a_later_result_of_a_job_that_was_evaluated_again(
    issued: Laboratory, number: Number
) -> None:
    old = number("BG")
    with pytest.raises(Refused, match="role does not include 'reopen'"):
        _as(issued, "technician", results.reopen, number("RW"), "wrong area")
    _as(issued, "signatory", results.reopen, number("RW"), "wrong area")
    with issued.work(journey.actor(issued, "technician")) as work:
        items.state_properties(work, number("YP"), {"A_G": 516.0})
    journey.evaluate(issued, number("YX"))
    later = number("JG").replace("00001", "00002")
    with pytest.raises(Refused, match="authorised result of the same test"):
        _open(issued, old, result_number=later)  # nobody has authorised it
    journey.approve(issued, later)
    assert _states(issued) == {old: "issued"}
    with pytest.raises(Refused, match=f"already has the report {old}; amend that"):
        _as(issued, "technician", operations.draft, later)
    with pytest.raises(Refused, match=f"{later} was authorised after"):
        _open(issued, old)  # from the result of before
    new = _open(issued, old, result_number=later)
    _through(issued, new.number)
    with issued.database.read() as session:
        made = queries.by_number(session, new.number, journey.actor(issued, "office"))
        told = [one.what.en for one in amendments.printed_changes(issued.store, made)]
    assert "gross area (A_G)" in told
    assert any(one.startswith("Result ") for one in told)
    assert _states(issued) == {old: "superseded", new.number: "issued"}


# --- what is different, purely ----------------------------------------------------------------------------------


def test_every_fact_that_is_printed_otherwise_is_told_whatever_it_is(changed: Callable[..., Any], facts: Any) -> None:
    """Also one that nobody has given a name yet: it is told under its own."""
    before = compose(facts)
    assert changes(before, compose(facts)) == ()
    after = {**compose(changed(customer__contact="张三 0573-2222")), "seals": ["CMA"]}
    told = {one.what.en: (one.before.en, one.after.en) for one in changes(before, after)}
    assert told == {"Customer's contact": ("王芳 0573-1111 1111", "张三 0573-2222"), "seals": ("–", "CMA")}
