"""What is agreed with a company: nothing is accepted unchecked, and nothing changes behind the other side's back."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from lims.contracts import amendments, messages, operations, queries, quotations
from lims.contracts.checklist import CHECKS, PERSONAL, findings
from lims.contracts.quotations import value_added_tax
from lims.demonstration import journey, people
from lims.errors import BadInput, Forbidden, HeliobenchError, NotFound, Refused
from lims.items import operations as items
from lims.laboratory import Laboratory, Work
from lims.orders import lines
from lims.orders import operations as orders
from lims.orders.models import Request
from lims.orders.operations import RequestForm
from lims.orders.queries import jobs_of, request_by_number
from lims.parties.models import Competence
from lims.runs import operations as runs

ONE_KIND = pytest.mark.parametrize("kind", ["sqlite"])  # the rule does not depend on the database
RAIN = "procedure:iso9806-2017-rain"
FORM = RequestForm(
    product="collector-flat", tests=(people.METHOD, RAIN), manufacturer="M", model="X", gross_area=2.5,
)  # fmt: skip
Verb = Callable[[Work], Any]


def _do(laboratory: Laboratory, by: str, verb: Verb) -> Any:
    with laboratory.work(journey.actor(laboratory, by)) as work:
        return verb(work)


def _request(laboratory: Laboratory, number: str) -> Request:
    with laboratory.database.read() as session:
        found = request_by_number(session, number, journey.actor(laboratory, "office"))
        session.refresh(found, ["tests"])
        return found


@pytest.fixture
def reviewed(laboratory: Laboratory) -> str:
    """A request whose contract is under review."""
    number = journey.submit(laboratory, username="shen", form=FORM)
    _do(laboratory, "office", lambda work: operations.act(work, number, "start_review"))
    return number


@pytest.fixture
def accepted(laboratory: Laboratory, reviewed: str) -> str:
    _accept(laboratory, reviewed)
    return reviewed


def _accept(laboratory: Laboratory, number: str, ticked: Any = PERSONAL, **more: Any) -> Any:
    return _do(laboratory, "office", lambda work: operations.decide(work, number, "accept", ticked=ticked, **more))


# --- the review --------------------------------------------------------------------------------------------------


def test_a_review_is_kept_with_what_was_found_ticked_and_remarked(laboratory: Laboratory, reviewed: str) -> None:
    _accept(laboratory, reviewed, remarks={"due": "agreed by telephone", "impartial": "asked"})
    with laboratory.database.read() as session:
        (kept,) = queries.reviews(session, request_by_number(session, reviewed, journey.actor(laboratory, "office")))
    assert (kept.decision, kept.person.username) == ("accept", "office")
    assert [one.name for one in kept.checks] == [*CHECKS, *PERSONAL]
    told = {one.name: (one.outcome, one.remark) for one in kept.checks}
    assert told["capability"] == ("ok", "")
    assert told["due"][1] == "agreed by telephone"
    assert told["impartial"] == ("ticked", "asked")


@ONE_KIND
def test_a_line_that_a_person_decides_must_be_ticked(laboratory: Laboratory, reviewed: str) -> None:
    for left_out, label in PERSONAL.items():
        with pytest.raises(BadInput, match=label.en):
            _accept(laboratory, reviewed, set(PERSONAL) - {left_out})
    assert _request(laboratory, reviewed).state == "under_review"
    with laboratory.database.read() as session:
        assert not queries.reviews(session, _request(laboratory, reviewed))


@ONE_KIND
def test_no_code_accepts_a_request_but_on_its_own_complete_review(laboratory: Laboratory, reviewed: str) -> None:
    own = _request(laboratory, reviewed).id

    def review(request_id: int = own, decision: str = "accept", outcomes: tuple[str, ...] = ("ok", "ticked")) -> Any:
        checks = [SimpleNamespace(outcome=one) for one in outcomes]
        return SimpleNamespace(request_id=request_id, decision=decision, checks=checks)

    wrong = (
        None, review(request_id=own + 1), review(decision="decline"), review(outcomes=()), review(outcomes=("ok",)),
        review(outcomes=("ok", "stop", "ticked")), review(outcomes=("ok", "ticked", "open")),
    )  # fmt: skip
    for given in wrong:
        for verb in (items.act_on_request, orders.act_on_request):
            with pytest.raises(Refused, match="accepted on its contract review") as refused:
                _do(
                    laboratory,
                    "office",
                    lambda work, verb=verb, given=given: verb(work, reviewed, "accept", review=given),
                )
            assert "经合同评审" in refused.value.sentence_zh
    assert _request(laboratory, reviewed).state == "under_review"
    _do(laboratory, "office", lambda work: items.act_on_request(work, reviewed, "accept", review=review()))
    assert _request(laboratory, reviewed).state == "accepted"


@ONE_KIND
def test_a_request_is_accepted_through_its_checklist_only(laboratory: Laboratory, reviewed: str) -> None:
    with pytest.raises(Refused, match="page of its contract review"):
        _do(laboratory, "office", lambda work: operations.act(work, reviewed, "accept"))
    with pytest.raises(Refused, match="Give a reason"):
        _do(laboratory, "office", lambda work: operations.decide(work, reviewed, "decline"))
    _do(laboratory, "office", lambda work: operations.decide(work, reviewed, "decline", reason="no capacity"))
    assert _request(laboratory, reviewed).state == "declined"


@ONE_KIND
def test_only_the_office_reviews_a_contract(laboratory: Laboratory, reviewed: str) -> None:
    for by in ("shen", "technician", "reviewer", "signatory", "quality", "admin"):
        with pytest.raises(Forbidden):
            _do(laboratory, by, lambda work: operations.decide(work, reviewed, "accept", ticked=PERSONAL))


def _outcomes(laboratory: Laboratory, number: str) -> dict[str, tuple[str, str]]:
    with laboratory.database.read() as session:
        request = request_by_number(session, number, journey.actor(laboratory, "office"))
        found = findings(session, request, laboratory.today)
    return {one.check: (one.outcome, one.sentence.en) for one in found}


@ONE_KIND
def test_the_checklist_fills_itself_in(laboratory: Laboratory, reviewed: str) -> None:
    before = _outcomes(laboratory, reviewed)
    assert {name: one[0] for name, one in before.items() if name != "due"} == dict.fromkeys(set(CHECKS) - {"due"}, "ok")

    def spoil(work: Work) -> None:
        request = request_by_number(work.session, reviewed, work.actor)
        request.due_on = work.today + timedelta(days=3)
        request.product_id = None
        lines.set_line(work, reviewed, 1, price=None, working_days=30, note="")
        work.session.execute(sa.update(Competence).values(valid_to=work.today))

    _do(laboratory, "office", spoil)
    after = _outcomes(laboratory, reviewed)
    assert after["capability"][0] == "ok"
    for name, said in (
        ("people", "nobody is authorised to test"),
        ("scope", "outside CMA"),
        ("price", "no price yet"),
        ("due", "the longest test takes until"),
    ):
        assert after[name][0] == "warn", name
        assert said in after[name][1], name

    def later(work: Work) -> None:
        request_by_number(work.session, reviewed, work.actor).due_on = work.today + timedelta(days=400)

    _do(laboratory, "office", later)
    assert _outcomes(laboratory, reviewed)["equipment"][0] == "warn"


@ONE_KIND
def test_an_older_edition_is_told(laboratory: Laboratory) -> None:
    form = replace(FORM, product="", product_zh="管", tests=("procedure:gbt17049-2005-vacuum",), gross_area=None)
    number = journey.submit(laboratory, username="shen", form=form)
    assert _outcomes(laboratory, number)["edition"] == (
        "warn", "Vacuum of a tube: GB/T 17049-2024 is newer than GB/T 17049-2005.",
    )  # fmt: skip


# --- questions and deviations ------------------------------------------------------------------------------------


def test_a_question_waits_for_the_company_and_both_read_question_and_answer(
    laboratory: Laboratory, reviewed: str
) -> None:
    _do(laboratory, "office", lambda work: operations.act(work, reviewed, "ask_back", "Which tilt?"))
    assert _request(laboratory, reviewed).state == "asked_back"
    with pytest.raises(NotFound):
        _do(laboratory, "lu", lambda work: operations.act(work, reviewed, "answer", "Mine."))
    _do(laboratory, "shen", lambda work: operations.act(work, reviewed, "answer", "30°"))
    _do(laboratory, "shen", lambda work: messages.write(work, reviewed, "And soon, please."))
    with laboratory.database.read() as session:
        said = [
            (one.person.username, one.text)
            for one in messages.of_request(
                session, _request(laboratory, reviewed), journey.actor(laboratory, "shen")
            )
        ]  # fmt: skip
    assert said == [("office", "Which tilt?"), ("shen", "30°"), ("shen", "And soon, please.")]
    assert _request(laboratory, reviewed).state == "under_review"


@ONE_KIND
def test_an_empty_or_endless_message_is_refused(laboratory: Laboratory, reviewed: str) -> None:
    for text in ("", "  ", "x" * 4001):
        with pytest.raises(BadInput, match="Write 1 to 4000"):
            _do(laboratory, "shen", lambda work, text=text: messages.write(work, reviewed, text))


def test_a_deviation_counts_when_the_company_itself_agrees(laboratory: Laboratory, reviewed: str) -> None:
    made = _do(laboratory, "office", lambda work: operations.propose_deviation(work, reviewed, "Steel, not ice."))

    def answer(by: str, text: str) -> Any:
        return _do(laboratory, by, lambda work: operations.answer_deviation(work, reviewed, made.id, text))

    with pytest.raises(Refused, match="waits for the company's answer"):
        _accept(laboratory, reviewed)
    with pytest.raises(Refused, match="Only the company itself"):
        answer("office", "agreed")
    with pytest.raises(NotFound):
        answer("lu", "agreed")
    with pytest.raises(Forbidden):
        answer("shen", "withdrawn")
    assert _request(laboratory, reviewed).deviations == ""
    answer("gu", "agreed")
    assert _request(laboratory, reviewed).deviations == "Steel, not ice."
    with pytest.raises(Refused, match="answered already"):
        answer("shen", "refused")
    _accept(laboratory, reviewed)


@ONE_KIND
def test_a_refused_deviation_stops_the_review_until_it_is_withdrawn(laboratory: Laboratory, reviewed: str) -> None:
    made = _do(laboratory, "office", lambda work: operations.propose_deviation(work, reviewed, "Steel."))
    _do(laboratory, "shen", lambda work: operations.answer_deviation(work, reviewed, made.id, "refused", "No."))
    with pytest.raises(Refused, match="refused a deviation"):
        _accept(laboratory, reviewed)
    _do(laboratory, "office", lambda work: operations.answer_deviation(work, reviewed, made.id, "withdrawn"))
    _accept(laboratory, reviewed)
    assert _request(laboratory, reviewed).deviations == ""


# --- the quotation -----------------------------------------------------------------------------------------------


def test_a_quotation_is_printed_answered_once_and_needed_for_accepting(
    laboratory: Laboratory, reviewed: str, tmp_path: Path
) -> None:
    made = _do(laboratory, "office", lambda work: quotations.quote(work, reviewed))
    assert (made.net, made.total) == (Decimal("20100.00"), Decimal("21306.00"))  # 18600 + 1500, and 6 %
    (tmp_path / "q.pdf").write_bytes(laboratory.store.get(made.sha256))
    told = ["pdftotext", "-layout", str(tmp_path / "q.pdf"), "-"]
    printed = subprocess.run(told, check=True, capture_output=True, text=True).stdout
    for text in (made.number, reviewed, "20,100.00", "1,206.00", "21,306.00", "淋雨试验", "Rain penetration test"):
        assert text in printed, text
    with pytest.raises(Refused, match="waits for the company's answer"):
        _accept(laboratory, reviewed)

    def answer(by: str, number: str = made.number, accepted: bool = True) -> Any:
        return _do(laboratory, by, lambda work: quotations.answer_quotation(work, number, accepted=accepted))

    with pytest.raises(NotFound):
        answer("lu")
    with pytest.raises(Refused, match="Only the company itself"):
        answer("office")
    answer("shen", accepted=False)
    with pytest.raises(Refused, match="did not accept"):
        _accept(laboratory, reviewed)
    again = _do(laboratory, "office", lambda work: quotations.quote(work, reviewed))
    with pytest.raises(Refused, match=f"replaced by {again.number}"):
        answer("shen")
    assert answer("gu", again.number).answer.accepted
    with pytest.raises(Refused, match="answered already"):
        answer("shen", again.number)
    _accept(laboratory, reviewed)


@ONE_KIND
def test_no_quotation_without_a_price_or_after_the_review(laboratory: Laboratory, reviewed: str) -> None:
    _do(laboratory, "office", lambda work: lines.set_line(work, reviewed, 2, price=None, working_days=None, note=""))
    with pytest.raises(BadInput, match="every test a price"):
        _do(laboratory, "office", lambda work: quotations.quote(work, reviewed))
    _accept(laboratory, reviewed)
    for verb in (
        lambda work: quotations.quote(work, reviewed),
        lambda work: lines.set_line(work, reviewed, 2, price=Decimal(1), working_days=1, note=""),
    ):
        with pytest.raises(Refused, match="is 'accepted'"):
            _do(laboratory, "office", verb)


@pytest.mark.parametrize(
    ("net", "tax"), [("0.00", "0.00"), ("0.08", "0.00"), ("0.09", "0.01"), ("8.25", "0.50"), ("100000.01", "6000.00")]
)
def test_the_tax_is_rounded_to_the_fen(net: str, tax: str) -> None:
    assert value_added_tax(Decimal(net), 6) == Decimal(tax)


# --- after the acceptance ----------------------------------------------------------------------------------------


def _amend(laboratory: Laboratory, number: str, field: str, new: str, by: str = "office", why: str = "because") -> Any:
    return _do(laboratory, by, lambda work: amendments.amend(work, number, field, new, why))


def _answer(laboratory: Laboratory, number: str, made: Any, by: str, agreed: bool = True) -> Any:
    return _do(laboratory, by, lambda work: amendments.answer_amendment(work, number, made.id, agreed=agreed))


def test_what_was_agreed_changes_when_the_other_side_agrees(laboratory: Laboratory, accepted: str) -> None:
    before = _request(laboratory, accepted)
    later = (laboratory.today + timedelta(days=90)).isoformat()
    made = _amend(laboratory, accepted, "due_on", later)
    assert (made.old, made.new, made.needs_consent) == (str(before.due_on), later, True)
    assert _request(laboratory, accepted).due_on == before.due_on
    with pytest.raises(Refused, match="by the other side"):
        _answer(laboratory, accepted, made, "office")
    with pytest.raises(NotFound):
        _answer(laboratory, accepted, made, "lu")
    _answer(laboratory, accepted, made, "shen")
    assert str(_request(laboratory, accepted).due_on) == later
    with pytest.raises(Refused, match="no answer any more"):
        _answer(laboratory, accepted, made, "gu")
    theirs = _amend(laboratory, accepted, "remarks", "careful", by="shen")
    assert theirs.needs_consent
    with pytest.raises(Refused, match="by the other side"):
        _answer(laboratory, accepted, theirs, "gu")
    _answer(laboratory, accepted, theirs, "office", agreed=False)
    assert _request(laboratory, accepted).remarks == ""


@ONE_KIND
def test_the_office_s_own_note_counts_at_once(laboratory: Laboratory, accepted: str) -> None:
    made = _amend(laboratory, accepted, "contact", "Frau Li")
    assert not made.open
    assert _request(laboratory, accepted).contact == "Frau Li"


IMPOSSIBLE = (
    ("state", "completed", "cannot be amended"),
    ("company_id", "1", "cannot be amended"),
    ("due_on", "tomorrow", "date as 2026"),
    ("due_on", "2020-01-01", "has not passed"),
    ("decision_rule", "mine", "Choose one"),
    ("decision_rule", "none", "what it says already"),
    ("contact", "x" * 121, "At most 120"),
    ("add_test", RAIN, "already"),
    ("add_test", "iso9806-2017-sst", "Nobody is authorised"),
    ("add_test", "iso-0", "no method"),
    ("drop_test", "iso9806-2017-sst", "does not have"),
)


@ONE_KIND
def test_an_amendment_that_cannot_be_is_refused(laboratory: Laboratory, accepted: str) -> None:
    for field, new, said in IMPOSSIBLE:
        with pytest.raises(HeliobenchError, match=said):
            _amend(laboratory, accepted, field, new)


@ONE_KIND
def test_only_an_accepted_request_is_amended_and_with_a_reason(laboratory: Laboratory, reviewed: str) -> None:
    with pytest.raises(Refused, match="only an accepted request"):
        _amend(laboratory, reviewed, "contact", "A")
    _accept(laboratory, reviewed)
    with pytest.raises(BadInput, match="Give a reason"):
        _amend(laboratory, reviewed, "contact", "A", why=" ")


@ONE_KIND
def test_tests_are_added_and_dropped_but_not_one_that_has_a_job(laboratory: Laboratory, accepted: str) -> None:
    made = _amend(laboratory, accepted, "add_test", "iso9806-2017-qdt-bins", by="shen")
    _answer(laboratory, accepted, made, "office")
    found = [(one.position, one.code, one.price) for one in _request(laboratory, accepted).tests]
    assert found[2] == (3, "iso9806-2017-qdt-bins", Decimal("18600.00"))
    _answer(laboratory, accepted, _amend(laboratory, accepted, "drop_test", RAIN), "shen")
    assert [(one.position, one.code) for one in _request(laboratory, accepted).tests] == [
        (1, people.METHOD), (3, "iso9806-2017-qdt-bins"),
    ]  # fmt: skip
    journey.receive(laboratory, accepted, position=1)
    with pytest.raises(Refused, match="it stays in the order"):
        _amend(laboratory, accepted, "drop_test", people.METHOD)


@ONE_KIND
def test_the_decision_rule_stands_once_a_measurement_is_finished(laboratory: Laboratory, accepted: str) -> None:
    pending = _amend(laboratory, accepted, "decision_rule", "simple")
    job = journey.receive(laboratory, accepted, position=1).job
    with laboratory.database.write() as session:
        found = next(one for one in jobs_of(session, _request(laboratory, accepted)) if one.number == job)
        found.state = "measured"
    for verb in (
        lambda: _amend(laboratory, accepted, "decision_rule", "guarded"),
        lambda: _answer(laboratory, accepted, pending, "shen"),
    ):
        with pytest.raises(Refused, match="cannot be changed any more"):
            verb()
    assert _request(laboratory, accepted).decision_rule == "none"


@ONE_KIND
def test_a_cancelled_request_ends_its_jobs_but_not_one_being_measured(laboratory: Laboratory, accepted: str) -> None:
    planned = journey.receive(laboratory, accepted, position=1)

    def cancel(by: str = "shen") -> Any:
        return _do(laboratory, by, lambda work: operations.act(work, accepted, "cancel", "not wanted any more"))

    with pytest.raises(NotFound):
        cancel("lu")
    _do(laboratory, "technician", lambda work: runs.prepare(work, planned.job, clock=runs.RECORD_CLOCK))
    with pytest.raises(Refused, match="is being measured"):
        cancel()
    with laboratory.database.write() as session:
        (job,) = jobs_of(session, _request(laboratory, accepted))
        session.add(job)
        job.state = "measured"
    assert cancel().state == "cancelled"
    with laboratory.database.read() as session:
        assert [one.state for one in jobs_of(session, _request(laboratory, accepted))] == ["abandoned"]
        office = journey.actor(laboratory, "office")
        assert items.queries.by_number(session, planned.item, office).state in ("accepted", "in_test")


@ONE_KIND
def test_the_demonstration_s_second_order_waits_for_a_deviation(laboratory: Laboratory) -> None:
    number = journey.several(laboratory)
    found = _request(laboratory, number)
    assert (found.state, len(found.tests)) == ("under_review", 3)
    assert {name for name, one in _outcomes(laboratory, number).items() if one[0] == "stop"} == {"deviations"}
