"""State × action × role: exactly the table's arrows, everything else refused in a sentence and without a trace."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import product
from threading import Barrier

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.audit import Event
from lims.certificates.models import Report
from lims.demonstration import journey, people, spot_check
from lims.errors import Refused, Sentence
from lims.items.models import Item
from lims.labels import ACTIONS, STATES
from lims.laboratory import Laboratory
from lims.manual.models import ManualTest
from lims.orders import operations as orders
from lims.orders.models import Job, Request
from lims.parties.models import Competence, Person, PersonRole
from lims.permissions import PERMISSIONS, Actor, Role
from lims.results import operations as results
from lims.results.models import Result
from lims.runs.models import Run
from lims.sampling.models import Objection, SamplingRecord
from lims.workflow import (
    MACHINES,
    MANUAL,
    REPORT,
    REQUEST,
    RESULT,
    Facts,
    Machine,
    move,
    needs_reason,
    possible,
    refusal,
)

# The arrows as the laboratory's procedures draw them, apart from the program: machine, action, from, to, whose role.
SPECIFICATION = """
request submit        draft                       submitted     company office
request start_review  submitted                   under_review  office
request accept        under_review                accepted      office
request ask_back      submitted,under_review      asked_back    office
request answer        asked_back                  under_review  company office
request decline       submitted,under_review,asked_back  declined  office
request return        submitted,under_review,asked_back  draft     office
request complete      accepted                    completed     office
request cancel        draft,submitted,under_review,asked_back,accepted  cancelled  company office
item    receive       expected                    received      technician office
item    accept        received                    accepted      technician office
item    refuse        expected,received           refused       technician office
item    start_test    accepted                    in_test       technician
item    keep          accepted,in_test            kept          technician office
item    hand_back     refused,kept                returned      technician office
item    dispose       refused,kept                disposed      technician office
job     start         planned                     running       technician
job     measure       running                     measured      technician
job     use_record    planned                     measured      technician
job     finish        measured                    done          signatory
job     reopen        done                        measured      signatory
job     take_back     measured                    done          signatory
job     abandon       planned,running,measured    abandoned     technician office
job     call_off      planned,measured            abandoned     company office
run     record        prepared                    recording     technician
run     seal          recording                   sealed        technician
run     abort         prepared,recording          aborted       technician
result  submit        recorded                    submitted     technician
result  review        submitted                   reviewed      reviewer
result  authorise     reviewed                    authorised    signatory
result  send_back     submitted                   recorded      reviewer
result  refer_back    reviewed                    recorded      signatory
result  void          recorded,submitted,reviewed void          technician
manual  submit        open                        submitted     technician
manual  review        submitted                   reviewed      reviewer
manual  authorise     reviewed                    authorised    signatory
manual  send_back     submitted                   open          reviewer
manual  refer_back    reviewed                    open          signatory
manual  void          open,submitted,reviewed     void          technician
report  check         drafted                     checked       reviewer
report  authorise     checked                     authorised    signatory
report  issue         authorised                  issued        signatory
report  send_back     drafted,checked,authorised  discarded     reviewer
report  supersede     issued                      superseded    signatory
report  withdraw      issued                      withdrawn     signatory quality_manager
sampling sign         draft                       signed        office technician quality_manager
sampling reopen       draft,signed                draft         office technician quality_manager
sampling decline      draft                       declined      office technician quality_manager
sampling cancel       draft,signed                cancelled     office technician quality_manager
sampling order        signed                      ordered       office
objection accept      raised                      accepted      quality_manager
objection refuse      raised                      refused       quality_manager
objection withdraw    raised,accepted             withdrawn     company office
objection hand_over   accepted                    retesting     technician office
objection confirm     retesting                   confirmed     quality_manager
objection overturn    retesting                   overturned    quality_manager
objection settle      accepted,overturned         settled       signatory quality_manager
"""
WITH_A_REASON = {
    "request decline", "request return", "request cancel", "request ask_back", "request answer", "job call_off",
    "item refuse", "item dispose", "job abandon", "job reopen", "job take_back", "run abort",
    "result send_back", "result refer_back", "result void",
    "manual send_back", "manual refer_back", "manual void", "report send_back", "report supersede", "report withdraw",
    "sampling reopen", "sampling decline", "sampling cancel",
    "objection accept", "objection refuse", "objection withdraw", "objection confirm", "objection overturn",
    "objection settle",
}  # fmt: skip
WITH_COMPETENCE = {
    "job start", "job use_record", "result submit", "result review", "result authorise", "manual submit",
    "manual review", "manual authorise", "report check",
    "report authorise",
}  # fmt: skip
NOT_BY_A_SAMPLER = {
    "job start", "job use_record", "result submit", "result review", "manual submit", "manual review",
}  # fmt: skip
COMPLETE_ONLY = {
    "request submit", "request accept", "request complete", "request cancel",
    "item receive", "item accept", "item dispose",
    "job start", "job take_back", "run seal", "manual submit", "manual authorise", "report authorise", "report issue",
    "sampling sign", "sampling order", "objection hand_over", "objection settle",
}  # fmt: skip
BY_THE_TESTER = {"result submit", "manual submit"}


@dataclass
class Subject:
    """A record in some state; its tester and reviewer are other people than the actor."""

    state: str
    number: str = "X-2026-00001"
    tested_by_id: int | None = 101
    reviewed_by_id: int | None = 102
    writers: frozenset[int] = frozenset()


def _specified() -> dict[tuple[str, str], tuple[set[str], str, set[str]]]:
    rows = (line.split() for line in SPECIFICATION.strip().splitlines())
    return {(kind, action): (set(froms.split(",")), to, set(roles)) for kind, action, froms, to, *roles in rows}


SPECIFIED = _specified()


def test_the_program_has_exactly_the_arrows_of_the_specification() -> None:
    drawn = {
        (machine.kind, t.action): (set(t.sources), t.target, {role.value for role in PERMISSIONS[t.permission]})
        for machine in MACHINES.values()
        for t in machine.transitions
    }
    assert drawn == SPECIFIED


def test_a_result_is_submitted_by_whoever_evaluated_it_and_by_no_colleague() -> None:
    own, other = Subject("recorded", tested_by_id=1), Subject("recorded")
    assert refusal(MACHINES["result"], "submit", own, _someone(Role.TECHNICIAN), GIVEN) is None
    refused = refusal(MACHINES["result"], "submit", other, _someone(Role.TECHNICIAN), GIVEN)
    assert refused is not None
    assert "colleague" in refused.en


def _someone(role: Role) -> Actor:
    return Actor(id=1, name="某人", roles=frozenset({role}))


@pytest.mark.parametrize(("kind_of_record", "action"), SPECIFIED)
@pytest.mark.parametrize("role", Role)
def test_an_action_is_allowed_in_its_states_to_its_roles_and_refused_everywhere_else(
    kind_of_record: str, action: str, role: Role
) -> None:
    machine, (sources, _, roles) = MACHINES[kind_of_record], SPECIFIED[kind_of_record, action]
    tester = 1 if f"{kind_of_record} {action}" in BY_THE_TESTER else 101
    found = {
        s: refusal(machine, action, Subject(s, tested_by_id=tester), _someone(role), GIVEN) for s in machine.states
    }
    allowed = {state for state, sentence in found.items() if sentence is None}
    assert allowed == (sources if role.value in roles else set())
    for sentence in filter(None, found.values()):
        _read_in_both_languages(sentence)


def _read_in_both_languages(sentence: Sentence) -> None:
    """A whole sentence in each: no name of the program in either, nothing but Chinese beside the number."""
    assert sentence.en.endswith(".")
    assert sentence.zh.endswith("。")
    assert "_" not in sentence.en
    assert not re.search("[a-z_]", sentence.zh), sentence.zh
    assert re.search("[一-鿿]{4}", sentence.zh)


@pytest.mark.parametrize("machine", MACHINES.values(), ids=list(MACHINES))
def test_every_state_and_every_action_has_its_words_in_both_languages(machine: Machine) -> None:
    for state in machine.states:
        assert (machine.kind, state) in STATES, state
    for transition in machine.transitions:
        assert (machine.kind, transition.action) in ACTIONS, transition.action


def test_every_refusal_of_a_guard_is_a_sentence_in_both_languages() -> None:
    """Every guard of every arrow, asked where it must refuse: each arrow's own facts, one by one."""
    lacking = Sentence("The thing is missing.", "缺少某种东西。")
    bad = (
        Facts(), Facts(reason="because", competent=False), Facts(reason="because", sampled=True),
        Facts(reason="because", missing=(lacking,)),
    )  # fmt: skip
    refused = set()
    for machine in MACHINES.values():
        for transition in machine.transitions:
            for facts, actor_id in product(bad, (1, 101, 102)):
                subject = Subject(transition.sources[0])
                found = refusal(machine, transition.action, subject, replace(EVERYTHING, id=actor_id), facts)
                if found is not None:
                    _read_in_both_languages(found)
                    refused.add((machine.kind, transition.action))
    guarded = {(m.kind, t.action) for m in MACHINES.values() for t in m.transitions if t.guards}
    assert refused == guarded


@pytest.mark.parametrize("machine", MACHINES.values(), ids=list(MACHINES))
def test_the_buttons_offered_are_the_actions_allowed(machine: Machine) -> None:
    for state, role in product(machine.states, Role):
        offered = {action for action, _ in possible(machine, Subject(state), _someone(role))}
        allowed = {
            action
            for (kind, action), (sources, _, roles) in SPECIFIED.items()
            if kind == machine.kind and state in sources and role.value in roles
        }
        assert offered == allowed, (state, role)


GIVEN = Facts(reason="because")
EVERYTHING = Actor(id=1, name="全能", roles=frozenset(Role))


ALLOWED = [
    (MACHINES[kind], action, Subject(min(sources), tested_by_id=1 if f"{kind} {action}" in BY_THE_TESTER else 101))
    for (kind, action), (sources, _, _) in SPECIFIED.items()
]


@pytest.mark.parametrize(("machine", "action", "subject"), ALLOWED)
def test_a_reason_is_required_where_the_specification_says_so_and_blanks_are_none(
    machine: Machine, action: str, subject: Subject
) -> None:
    asked = f"{machine.kind} {action}" in WITH_A_REASON
    assert needs_reason(machine, action) == asked
    for reason in ("", "  \n "):
        found = refusal(machine, action, subject, EVERYTHING, Facts(reason=reason))
        assert (found is not None) == asked
        assert found is None or "reason" in found.en


@pytest.mark.parametrize(("machine", "action", "subject"), ALLOWED)
def test_competence_is_required_where_the_specification_says_so(
    machine: Machine, action: str, subject: Subject
) -> None:
    found = refusal(machine, action, subject, EVERYTHING, Facts(reason="because", competent=False))
    assert (found is not None) == (f"{machine.kind} {action}" in WITH_COMPETENCE)
    assert found is None or "not authorised for this method" in found.en


@pytest.mark.parametrize(("machine", "action", "subject"), ALLOWED)
def test_who_took_a_sample_does_not_test_it(machine: Machine, action: str, subject: Subject) -> None:
    found = refusal(machine, action, subject, EVERYTHING, Facts(reason="because", sampled=True))
    assert (found is not None) == (f"{machine.kind} {action}" in NOT_BY_A_SAMPLER)
    assert found is None or ("took this sample" in found.en and "抽样人员" in found.zh)


@pytest.mark.parametrize(("machine", "action", "subject"), ALLOWED)
def test_what_is_missing_is_told_by_its_own_sentence(machine: Machine, action: str, subject: Subject) -> None:
    lacking = Sentence("The thing is missing.", "缺少某物。")
    found = refusal(machine, action, subject, EVERYTHING, Facts(reason="because", missing=(lacking,)))
    assert found == (lacking if f"{machine.kind} {action}" in COMPLETE_ONLY else None)


@pytest.mark.parametrize(
    ("machine", "state", "action", "who", "allowed"),
    [
        (RESULT, "submitted", "review", "tester", False),
        (RESULT, "submitted", "review", "other", True),
        (RESULT, "reviewed", "authorise", "tester", False),
        (RESULT, "reviewed", "authorise", "reviewer", False),
        (RESULT, "reviewed", "authorise", "other", True),
        (MANUAL, "submitted", "review", "tester", False),
        (MANUAL, "submitted", "review", "writer", False),
        (MANUAL, "submitted", "review", "other", True),
        (MANUAL, "reviewed", "authorise", "tester", False),
        (MANUAL, "reviewed", "authorise", "writer", False),
        (MANUAL, "reviewed", "authorise", "reviewer", False),
        (MANUAL, "reviewed", "authorise", "other", True),
        (REPORT, "drafted", "check", "tester", False),
        (REPORT, "drafted", "check", "other", True),
        (REPORT, "checked", "authorise", "tester", False),
        (REPORT, "checked", "authorise", "reviewer", False),
        (REPORT, "checked", "authorise", "other", True),
    ],
)
def test_four_eyes_hold_even_for_someone_with_every_role(
    machine: Machine, state: str, action: str, who: str, allowed: bool
) -> None:
    subject = Subject(state, writers=frozenset({104}))
    ids = {"tester": subject.tested_by_id, "reviewer": subject.reviewed_by_id, "other": 103, "writer": 104}
    found = refusal(machine, action, subject, replace(EVERYTHING, id=ids[who]), Facts())
    assert (found is None) == allowed
    assert found is None or ("another" in found.en and "另一位" in found.zh)


def test_an_action_the_machine_does_not_have_is_a_mistake_of_the_program() -> None:
    with pytest.raises(KeyError, match="request has no action 'fly'"):
        refusal(REQUEST, "fly", Subject("draft"), EVERYTHING)


# --- on real records ------------------------------------------------------------------------------------------

TABLES = {
    "request": Request, "item": Item, "job": Job, "run": Run, "result": Result, "report": Report, "manual": ManualTest,
    "sampling": SamplingRecord, "objection": Objection,
}  # fmt: skip


def test_every_machine_is_tried_on_real_records() -> None:
    assert set(TABLES) == set(MACHINES)


def _and_a_row(laboratory: Laboratory, kind: str) -> None:
    """What the issued report of a collector does not bring along: a manual record, a sampling record, an objection."""
    if kind == "sampling":
        spot_check.load(laboratory)
    if kind not in ("manual", "objection"):
        return
    with laboratory.database.write() as session:
        report, today = session.scalars(sa.select(Report)).one(), laboratory.today
        job = report.result.job
        session.add(
            ManualTest(
                number="RG-2026-00001", job_id=job.id, procedure_id="gbt6424-2007-pressure",
                created_at=laboratory.clock(), tested_by_id=report.tested_by_id,
            )
            if kind == "manual"
            else Objection(
                number="YY-2026-00001", request_id=job.request_id, company_id=report.company_id, report_id=report.id,
                retest=True, words="x", raised_on=today, until=today, late_because="",
            )
        )  # fmt: skip


def _events(laboratory: Laboratory) -> int:
    with laboratory.database.read() as session:
        return _count(session)


@pytest.mark.parametrize("kind_of_record", TABLES)
def test_move_and_refusal_agree_on_real_records_and_a_refusal_leaves_no_trace(
    issued: Laboratory, kind_of_record: str
) -> None:
    """Every state × action on a row of the database."""
    machine, table = MACHINES[kind_of_record], TABLES[kind_of_record]
    _and_a_row(issued, kind_of_record)
    actor = replace(EVERYTHING, id=journey.actor(issued, "admin").id)
    with issued.database.write() as session:
        row = session.scalars(sa.select(table)).one()
        for state, transition in product(machine.states, machine.transitions):
            session.execute(sa.update(table).where(table.id == row.id).values(state=state))
            session.refresh(row)
            before, expected = _count(session), refusal(machine, transition.action, row, actor, GIVEN)
            assert _moved(session, machine, transition.action, row, actor) == expected
            session.flush()
            session.refresh(row)
            assert row.state == (state if expected else transition.target)
            assert _count(session) == before + (expected is None)


def _moved(session: Session, machine: Machine, action: str, row: Request, actor: Actor) -> Sentence | None:
    try:
        move(session, machine, action, row, actor, at=datetime.now(UTC), facts=GIVEN)
    except Refused as refused:
        return refused.sentence
    return None


def _count(session: Session) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(Event)) or 0


def _number(laboratory: Laboratory) -> str:
    with laboratory.database.read() as session:
        return session.scalars(sa.select(Result.number)).one()


def _act(laboratory: Laboratory, username: str, number: str, action: str, reason: str = "") -> None:
    with laboratory.work(journey.actor(laboratory, username)) as work:
        results.act(work, number, action, reason)


def _give_every_role(laboratory: Laboratory, username: str) -> None:
    """All roles and all competence for one person: what an administrator's mistake could at worst give."""
    with laboratory.database.write() as session:
        person = session.scalars(sa.select(Person).where(Person.username == username)).one()
        person.role_rows = [PersonRole(role=role) for role in Role if role is not Role.COMPANY]
        today = laboratory.clock().date()
        session.add_all(
            Competence(
                person=person, method_id=people.METHOD, activity=activity, valid_from=today - timedelta(1),
                valid_to=today + timedelta(1), authorised_by_id=person.id,
            )
            for activity in ("test", "review", "authorise")
        )  # fmt: skip


def test_three_different_people_test_review_and_authorise_even_if_each_may_do_all(
    recorded: Laboratory,
) -> None:
    laboratory, number = recorded, _number(recorded)
    for username in ("technician", "reviewer", "signatory"):
        _give_every_role(laboratory, username)
    _act(laboratory, "technician", number, "submit")
    before = _events(laboratory)
    with pytest.raises(Refused, match="陈立 submitted this result and cannot also review"):
        _act(laboratory, "technician", number, "review")
    _act(laboratory, "reviewer", number, "review")
    for username in ("technician", "reviewer"):
        with pytest.raises(Refused, match="tested or reviewed this and cannot also authorise"):
            _act(laboratory, username, number, "authorise")
    _act(laboratory, "signatory", number, "authorise")
    assert _events(laboratory) == before + 3  # review, authorise, and the job's end; the refusals left none


@pytest.mark.parametrize(
    ("activity", "username", "action", "first"),
    [
        ("test", "technician", "submit", []),
        ("review", "reviewer", "review", [("technician", "submit")]),
        ("authorise", "signatory", "authorise", [("technician", "submit"), ("reviewer", "review")]),
    ],
)
def test_competence_that_expired_yesterday_or_begins_tomorrow_is_none(
    recorded: Laboratory, activity: str, username: str, action: str, first: list[tuple[str, str]]
) -> None:
    laboratory, number = recorded, _number(recorded)
    for earlier in first:
        _act(laboratory, earlier[0], number, earlier[1])
    today, day = laboratory.clock().date(), timedelta(days=1)
    for valid_from, valid_to in ((today - 9 * day, today - 2 * day), (today + 2 * day, today + 9 * day)):
        with laboratory.database.write() as session:
            session.execute(
                sa.update(Competence)
                .where(Competence.activity == activity)
                .values(valid_from=valid_from, valid_to=valid_to)
            )
        before = _events(laboratory)
        with pytest.raises(Refused, match="is not authorised for this method and activity today"):
            _act(laboratory, username, number, action)
        assert _events(laboratory) == before
    with laboratory.database.write() as session:
        session.execute(sa.update(Competence).values(valid_from=today - day, valid_to=today + day))
    _act(laboratory, username, number, action)


def test_of_two_clicks_at_once_one_moves_and_the_other_gets_the_sentence(recorded: Laboratory) -> None:
    laboratory, number = recorded, _number(recorded)
    before = _events(laboratory)
    together = Barrier(2)

    def click(_: int) -> str:
        together.wait()
        try:
            _act(laboratory, "technician", number, "submit")
        except Refused as refused:
            return refused.sentence.en
        return "moved"

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(click, range(2)))
    assert answers == [f"{number} is 'submitted'; 'submit' needs it to be 'recorded'.", "moved"]
    assert _events(laboratory) == before + 1


def test_verbs_that_touch_the_same_records_in_another_order_wait_for_each_other(recorded: Laboratory) -> None:
    """Authorising a result ends by moving its job; whoever moves the job meanwhile must neither block it nor fail."""
    with recorded.database.read() as session:
        job = session.scalars(sa.select(Job)).one().number

    def abandon() -> None:
        with recorded.work(journey.actor(recorded, "office")) as work:
            orders.act_on_job(work, job, "abandon", Facts(reason="rain"))

    with ThreadPoolExecutor(1) as pool:
        with recorded.work(journey.actor(recorded, "signatory")) as work:
            work.record("result", "R", "change")
            abandoning = pool.submit(abandon)
            _wait_until_it_waits(recorded)
            orders.act_on_job(work, job, "finish")
        with pytest.raises(Refused, match="is 'done'"):
            abandoning.result()


def _wait_until_it_waits(laboratory: Laboratory) -> None:
    """On PostgreSQL until another session stands at a lock; SQLite lets it begin only when we have finished."""
    waiting = sa.text(
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    )
    found = laboratory.database.engine.dialect.name != "postgresql"
    while not found:
        with laboratory.database.read() as session:
            found = bool(session.scalar(waiting))
