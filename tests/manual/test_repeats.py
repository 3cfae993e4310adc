"""A test is repeated with a reason; both results stay, and a signatory says which of them counts."""

from __future__ import annotations

import pytest

from lims import audit
from lims.demonstration import journey
from lims.errors import BadInput, Forbidden, Refused
from lims.items import operations as items
from lims.items import queries as item_queries
from lims.laboratory import Laboratory
from lims.orders import queries, repeats
from tests.manual.test_operations import act, begin, fill


def done(laboratory: Laboratory, job: str) -> None:
    number = begin(laboratory, job)
    fill(laboratory, number)
    act(laboratory, number, "submit", "technician")
    act(laboratory, number, "review", "reviewer")
    act(laboratory, number, "authorise", "signatory")


def repeat(laboratory: Laboratory, job: str, reason: str) -> str:
    with laboratory.work(journey.actor(laboratory, "office")) as work:
        earlier = queries.job_by_number(work.session, job)
        item = item_queries.of_job(work.session, earlier)
        return items.plan_job(
            work, request_number=earlier.request.number, item_number=item.number, bench="", planned_on=work.today,
            assigned_to_id=earlier.assigned_to_id, repeats=job, reason=reason,
        ).number  # fmt: skip


def against(laboratory: Laboratory, job: str) -> str:
    with laboratory.database.read() as session:
        found = repeats.stands_against(session, queries.job_by_number(session, job))
        return found.en if found else ""


def set_aside(laboratory: Laboratory, job: str, reason: str, by: str = "signatory") -> None:
    with laboratory.work(journey.actor(laboratory, by)) as work:
        repeats.set_aside(work, job, reason)


def test_of_two_results_of_a_repeated_test_a_signatory_sets_one_aside(laboratory: Laboratory, job: str) -> None:
    with pytest.raises(Refused, match="measured or given up"):
        repeat(laboratory, job, "too early")
    done(laboratory, job)
    assert against(laboratory, job) == ""
    with pytest.raises(BadInput, match="Say why"):
        repeat(laboratory, job, " ")
    second = repeat(laboratory, job, "压力表读数可疑")
    assert against(laboratory, job) == ""  # the repeat has no result yet
    done(laboratory, second)
    for one in (job, second):
        assert "a signatory sets aside" in against(laboratory, one)
    with pytest.raises(Forbidden):
        set_aside(laboratory, job, "x", by="technician")
    with pytest.raises(BadInput, match="reason"):
        set_aside(laboratory, job, " ")
    set_aside(laboratory, job, "压力表未归零")
    assert (against(laboratory, second), "压力表未归零" in against(laboratory, job)) == ("", True)
    for one, told in ((job, "already"), (second, "last one that counts")):
        with pytest.raises(Refused, match=told):
            set_aside(laboratory, one, "again")
    with laboratory.database.read() as session:
        first = queries.job_by_number(session, job)
        assert [one.number for one in repeats.chain(session, first)] == [job, second]
        assert first.state == "done"  # nothing of it was changed
        assert audit.verify(session).wrong_at is None
