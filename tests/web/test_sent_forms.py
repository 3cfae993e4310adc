"""A form that is sent twice is done once: later, at the same moment, and never when it says something else."""

from __future__ import annotations

import hashlib
import io
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from lims import sentforms
from lims.attachments.models import Attachment
from lims.demonstration import journey, people
from lims.errors import Refused
from lims.laboratory import Laboratory
from lims.orders import operations as orders
from lims.orders.models import Request
from lims.orders.operations import RequestForm
from lims.permissions import SIGNED_IN
from lims.sentforms import SentBefore
from lims.web import access
from tests.web.conftest import Site

DRAFT = {"product": "collector-flat", "tests": "iso9806-2017-qdt", "product_zh": "集热器", "then": "draft"}


def mark_of(page: str) -> str:
    found = re.search(r'name="form" value="([^"]+)"', page)
    assert found
    return found[1]


def drafts(laboratory: Laboratory) -> int:
    with laboratory.database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Request)) or 0


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "This form was sent before and has been done once: WT-"), ("zh", "该表单此前已提交，只执行了一次：WT-")],
)
def test_a_form_sent_again_leads_to_what_it_made_and_makes_nothing(empty: Site, language: str, told: str) -> None:
    browser, before = empty.signed_in("shen", language), drafts(empty.laboratory)
    form = {**DRAFT, "form": mark_of(browser.get("/requests/new").text)}
    first, second = (browser.post("/requests/new", form) for _ in range(2))
    assert (first.status_code, second.status_code) == (302, 303)
    page = browser.get(second.location, follow_redirects=True)
    assert page.request.path == first.location
    assert told in page.text
    assert drafts(empty.laboratory) == before + 1


def test_another_word_in_a_field_or_a_page_opened_anew_is_another_form(empty: Site) -> None:
    browser, before = empty.signed_in("shen"), drafts(empty.laboratory)
    mark, other = (mark_of(browser.get("/requests/new").text) for _ in range(2))
    made = {
        browser.post("/requests/new", {**DRAFT, **given}).location
        for given in ({"form": mark}, {"form": mark, "model": "B"}, {"form": other})
    }
    assert len(made) == 3
    assert drafts(empty.laboratory) == before + 3


def test_a_file_of_the_same_name_with_other_bytes_is_another_form(empty: Site) -> None:
    browser = empty.signed_in("shen")
    page = browser.post("/requests/new", DRAFT).location

    def add(data: bytes) -> int:
        sent = {"file": (io.BytesIO(data), "photo.txt"), "form": "a mark"}
        path = f"/attachments/request/{page.rsplit('/', 1)[1]}"
        return browser.post(path, sent, content_type="multipart/form-data").status_code

    assert [add(data) for data in (b"one", b"two", b"two")] == [302, 302, 303]
    with empty.laboratory.database.read() as session:
        digests = session.scalars(sa.select(Attachment.sha256)).all()
    assert sorted(digests) == sorted(hashlib.sha256(data).hexdigest() for data in (b"one", b"two"))


def test_what_names_no_page_of_its_own_leads_back_to_the_page_it_came_from(empty: Site) -> None:
    office = empty.signed_in("office")
    company = {
        "code": "HZ-009", "name_zh": "双击公司", "name_en": "Twice", "address_zh": "海宁", "address_en": "Haining",
        "contact": "A", "telephone": "1", "email": "a@example.com", "form": "a mark",
    }  # fmt: skip
    referred = {"headers": {"Referer": "http://localhost/companies/new"}}
    first, second = (office.post("/companies/new", company, **referred) for _ in range(2))
    assert first.status_code == 302, first.text
    assert (second.status_code, second.location) == (303, "/companies/new")


@pytest.mark.parametrize(
    ("kind", "number", "leads_to"),
    [("item", "YP-2026-00001", "/scan?code=YP-2026-00001"), ("sampling", "CY-2026-00001", "/")],
)
def test_a_form_sent_again_leads_to_the_record_only_where_its_number_opens_a_page(
    empty: Site, kind: str, number: str, leads_to: str
) -> None:
    @access.requires(SIGNED_IN)
    def change() -> str:
        with access.work() as work:
            work.record(kind, number, "changed")
        return "done"

    empty.app.add_url_rule("/change", view_func=change, methods=["POST"])
    browser = empty.signed_in("shen")
    answers = [browser.post("/change", {"form": "a mark"}) for _ in range(2)]
    assert [one.status_code for one in answers] == [200, 303]
    assert answers[1].location == leads_to


def test_of_sixteen_who_send_the_same_form_at_once_one_does_it(laboratory: Laboratory) -> None:
    shen, form = journey.actor(laboratory, "shen"), RequestForm(tests=(people.METHOD,))

    def send(_: int) -> str:
        try:
            with laboratory.work(shen) as work, sentforms.once(work, "d" * 64):
                return orders.draft_request(work, form).number
        except SentBefore as before:
            return f"again {before.kind} {before.subject}"

    with ThreadPoolExecutor(16) as pool:
        (number,) = (told := set(pool.map(send, range(16)))) - {one for one in told if one.startswith("again")}
    assert told == {number, f"again request {number}"}
    assert drafts(laboratory) == 1


def test_a_form_that_was_refused_or_lies_long_back_may_be_sent_again(
    laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    shen, form = journey.actor(laboratory, "shen"), RequestForm(tests=(people.METHOD,))
    now = [datetime(2026, 11, 28, 12, tzinfo=UTC)]
    monkeypatch.setattr(laboratory, "clock", lambda: now[0])

    def send(refuse: bool = False) -> str:
        with laboratory.work(shen) as work, sentforms.once(work, "d" * 64):
            number = orders.draft_request(work, form).number
            if refuse:
                raise Refused("No.", "否。")
            return number

    with suppress(Refused):
        send(refuse=True)
    send()
    with pytest.raises(SentBefore):
        send()
    now[0] += timedelta(hours=1)
    send()
    assert drafts(laboratory) == 2
    with laboratory.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(sentforms.SentForm)) == 1


def test_a_form_whose_second_step_was_refused_may_be_sent_again(laboratory: Laboratory) -> None:
    made = Site(laboratory)
    refusals = iter([True, False])

    @access.requires(SIGNED_IN)
    def two_steps() -> str:
        with access.work() as work:
            orders.draft_request(work, RequestForm(tests=(people.METHOD,)))
        if next(refusals):
            raise Refused("Not yet.", "尚不可。")
        return "done"

    made.app.add_url_rule("/two-steps", view_func=two_steps, methods=["POST"])
    browser = made.signed_in("shen")
    answers = [browser.post("/two-steps", {"form": "a mark"}).status_code for _ in range(3)]
    assert answers == [409, 200, 303]
