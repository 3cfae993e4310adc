"""Planning on the pages: what stands against a plan is shown before it is kept; the calendar; a technician's day."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa

from lims.models import Job


def text_of(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def test_a_plan_with_warnings_is_kept_only_when_they_are_set_aside(evaluated: Any) -> None:
    office, n = evaluated.signed_in("office"), evaluated.numbers
    page = f"/requests/{n['request']}/plan"
    person = re.search(r'<option value="(\d+)">Chen Li', office.get(page).text)
    assert person
    plan = {
        "item": n["item"], "bench": "graz-demo", "first": "2026-12-04", "last": "2026-12-05", "first_half": "noon",
        "assigned_to": person[1],
    }  # fmt: skip
    answer = office.post(page, plan)
    assert (answer.status_code, "2026-12-05 (weekend)" in text_of(answer)) == (409, True)
    assert 'name="all_the_same"' in answer.text
    assert 'value="2026-12-04"' in answer.text
    assert office.post(page, plan | {"all_the_same": "1"}).status_code == 302
    assert office.post(page, plan | {"last": "2026-12-01", "all_the_same": "1"}).status_code == 400
    with evaluated.laboratory.database.read() as session:
        job = session.scalars(sa.select(Job).order_by(Job.id.desc())).first()
    assert job is not None
    week = office.get("/calendar?day=2026-12-04").text
    assert week.count(f"/jobs/{job.number}") == 2
    assert "p.m." in week
    assert job.number in text_of(office.get("/calendar?by=person&day=2026-12-04"))
    assert f"/jobs/{job.number}" in office.get("/calendar?by=person&span=month&day=2026-12-31").text
    form = office.get(f"/jobs/{job.number}/plan").text
    assert '<option value="noon" selected>' in form
    changed = plan | {"first_half": "", "last": "2026-12-04", "reason": "clear sky on Friday"}
    assert office.post(f"/jobs/{job.number}/plan", changed).status_code == 302
    assert "clear sky on Friday" in office.get(f"/jobs/{job.number}").text
    assert "2026-12-04" in text_of(evaluated.signed_in("technician").get("/jobs"))


def test_a_technicians_day_names_the_jobs_that_wait(evaluated: Any) -> None:
    page = text_of(evaluated.signed_in("technician").get("/my-day"))
    assert (
        f"Measured, result not authorised 1 Number Test Bench Planned Request due State {evaluated.numbers['job']}"
        in page
    )
    assert "Nothing is planned for you today" in page


@pytest.mark.parametrize("query", ["day=yesterday", "day=0001-01-01"])
def test_a_day_the_calendar_cannot_show_gets_a_sentence(site: Any, query: str) -> None:
    answer = site.signed_in("office").get(f"/calendar?{query}")
    assert (answer.status_code, "Give a date as 2026-11-30" in answer.text) == (400, True)


def test_planning_is_for_those_who_may(site: Any) -> None:
    page = f"/requests/{site.numbers['request']}/plan"
    assert site.signed_in("shen").get(page).status_code == 403
    assert site.signed_in("reviewer").post(page, {}).status_code == 403
    assert site.signed_in("shen").get("/calendar").status_code == 403


def test_turnaround_is_a_page_and_a_file(site: Any) -> None:
    browser = site.signed_in("office")
    page = text_of(browser.get("/turnaround"))
    assert "commissioned test" in page
    assert "Thermal performance of glazed liquid-heating collectors, quasi-dynamic test" in page
    data = browser.get("/turnaround?as=csv").get_data(as_text=True)
    assert data.startswith("\ufeffMonth,Kind,Test,Reports,Mean [working days]")
    assert len(data.splitlines()) == 2
    assert browser.get("/turnaround?as=parquet").data.startswith(b"PAR1")
    assert "No report was issued" in text_of(browser.get("/turnaround?to=2001-01"))
    for wrong in ("to=soon", "to=0001-01", "as=xlsx"):
        assert browser.get(f"/turnaround?{wrong}").status_code == 400
    assert site.signed_in("shen").get("/turnaround").status_code == 403
