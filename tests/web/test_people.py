"""People on the pages: invited, forgetful, administered; their account; their notices; the outbox of the office."""

from __future__ import annotations

import re
from typing import Any

from lims.parties import links, resets
from lims.parties.models import MailedLink
from lims.web.access import COOKIE


def text_of(answer: Any) -> str:
    """The words of a page without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def test_a_company_invites_a_colleague_who_registers_and_orders(empty: Any) -> None:
    sent = empty.signed_in("shen").post("/company/invite", {"email": "qian@qingchuan.example.org", "name": "钱伟"})
    link = re.search(r"<code>https?://[^/]+(/invitation/[\w-]+)</code>", sent.text)
    assert link, "without a mail server the link is shown once to carry it on"
    assert empty.visitor().get(link[1]).status_code == 200
    visitor, form = empty.visitor(), {"name_zh": "钱伟", "username": "qian", "password": "long enough"}
    wrong = visitor.post(link[1], form | {"repeat": "different words"})
    assert (wrong.status_code, "two passwords differ" in text_of(wrong)) == (400, True)
    assert visitor.post(link[1], form | {"repeat": "long enough", "roles": "office"}).location == "/sign-in"
    assert visitor.get(link[1]).status_code == 404
    assert visitor.post("/sign-in", {"username": "qian", "password": "long enough"}).location == "/"
    assert visitor.get("/requests/new").status_code == 200
    assert visitor.get("/people").status_code == 403
    assert "accepted" in text_of(empty.signed_in("office").get("/companies/C-001"))


def test_an_invitation_is_withdrawn_by_its_company_and_not_by_another(empty: Any) -> None:
    sent = empty.signed_in("shen").post("/company/invite", {"email": "qian@qingchuan.example.org"})
    path = re.search(r"<code>https?://[^/]+(/invitation/[\w-]+)</code>", sent.text)[1]  # type: ignore[index]
    assert empty.signed_in("lu").post("/invitations/1", {"then": "revoke"}).status_code == 404
    assert empty.visitor().get(path).status_code == 200
    assert empty.signed_in("shen").post("/invitations/1", {"then": "revoke"}).location == "/company"
    assert empty.visitor().get(path).status_code == 404


def test_a_forgotten_password_is_answered_alike_and_its_link_ignores_the_host_that_was_asked(empty: Any) -> None:
    visitor = empty.visitor()
    said = [
        text_of(visitor.post("/forgotten", {"typed": typed}, headers={"X-Forwarded-Host": "evil.example"}))
        for typed in ("shen", "nobody")
    ]
    assert said[0] == said[1]
    assert "a mail with a link is on its way" in said[0]
    assert resets.answer_requests(empty.laboratory) == 1
    with empty.laboratory.database.read() as session:
        row = session.query(MailedLink).one()
        address = links.address(empty.laboratory, session, "link", row.id, empty.laboratory.clock())
    assert address is not None
    assert address.startswith(empty.laboratory.settings.base_url + "/link/")
    path = "/link/" + address.rsplit("/", 1)[1]
    old = empty.signed_in("shen")
    form = {"password": "a new password", "repeat": "a new password"}
    assert visitor.post(path, form).location == "/sign-in"
    assert "/sign-in" in old.get("/").location
    assert visitor.post(path, form).status_code == 404
    assert visitor.post("/sign-in", {"username": "shen", "password": "a new password"}).status_code == 302


def test_the_administrator_gives_roles_closes_and_cannot_touch_himself(empty: Any) -> None:
    admin = empty.signed_in("admin")
    technician = empty.signed_in("technician")
    assert admin.post("/people/technician/roles", {"roles": ["technician", "reviewer"]}).status_code == 302
    assert "/sign-in" in technician.get("/").location
    assert "Reviewer" in text_of(admin.get("/people/technician"))
    clash = admin.post("/people/technician/roles", {"roles": ["administrator", "signatory"]})
    assert (clash.status_code, "stands alone" in text_of(clash)) == (409, True)
    for path, form in (("roles", {"roles": ["signatory"]}), ("close", {"reason": "x"})):
        answer = admin.post(f"/people/admin/{path}", form)
        assert (answer.status_code, "Nobody changes their own roles" in text_of(answer)) == (409, True)
    assert admin.post("/people/quality/close", {"reason": "已离职"}).status_code == 302
    refused = empty.visitor().post("/sign-in", {"username": "quality", "password": empty.password})
    assert refused.status_code == 401
    assert empty.signed_in("office").post("/people/reviewer/close", {"reason": "x"}).status_code == 403


def test_a_person_sees_and_ends_their_other_sessions(empty: Any) -> None:
    here, there = empty.visitor(), empty.visitor()
    for browser in (here, there):
        browser.post("/sign-in", {"username": "shen", "password": empty.password})
    page = here.get("/account").text
    (other,) = re.findall(r'action="/account/sessions/(\d+)"', page)
    assert empty.signed_in("lu").post(f"/account/sessions/{other}").status_code == 404
    assert there.get("/").status_code == 200
    assert here.post(f"/account/sessions/{other}").status_code == 302
    assert there.get("/").status_code == 302
    assert here.get("/").status_code == 200
    form = {"old": empty.password, "password": "a new password", "repeat": "a new password"}
    assert here.post("/account/password", form).status_code == 302
    assert here.client.get_cookie(COOKIE)
    assert here.get("/account").status_code == 200


def test_the_language_of_the_account_is_that_of_the_next_sign_in_anywhere(empty: Any) -> None:
    empty.signed_in("gu").post("/account/language", {"language": "en"})
    elsewhere = empty.visitor(language="zh")
    elsewhere.post("/sign-in", {"username": "gu", "password": empty.password})
    assert "Good day" in elsewhere.get("/").text
    assert empty.signed_in("gu").post("/account/language", {"language": "<script>"}).status_code == 400


def test_notices_are_counted_opened_and_marked(published: Any) -> None:
    company = published.signed_in("gu")
    assert re.search(r'class="count">[1-9]', company.get("/").text)
    page = company.get("/notices").text
    assert "is issued" in page
    sequence = re.search(r'formaction="/notices/(\d+)"', page)[1]  # type: ignore[index]
    assert company.post(f"/notices/{sequence}").location == f"/reports/{published.numbers['report']}"
    assert published.signed_in("lu").post(f"/notices/{sequence}").status_code == 404
    every = {
        "action": "read",
        "number": re.findall(r'name="number" value="(\d+)"', page),
        "next": "/notices?state=read",
    }
    answer = company.post("/lists/notices/bulk", every | {"number": "x"})
    assert "0 done, 1 refused" in text_of(answer)
    shown = company.get(company.post("/lists/notices/bulk", every).location).text
    assert f"{len(every['number'])} done." in shown
    assert f"of {len(every['number'])}" in shown
    assert company.post("/notices").status_code == 302
    assert re.search(r'class="count">0<', company.get("/").text)
    assert "There is nothing here yet" in published.signed_in("lu").get("/notices").text


def test_the_office_reads_the_outbox_without_the_links_that_open_doors(published: Any) -> None:
    published.signed_in("office").post("/companies/C-002/invite", {"email": "x@nuanyang.example.org"})
    office = published.signed_in("office")
    page = office.get("/outbox?q=x@nuanyang").text
    assert "No mail server is set up" in page
    sequence = re.search(r'href="/outbox/(\d+)"', page)[1]  # type: ignore[index]
    shown = office.get(f"/outbox/{sequence}").text
    assert "only the recipient sees" in shown
    assert "/invitation/" not in shown
    answer = office.post(f"/outbox/{sequence}")
    assert (answer.status_code, "No mail server" in answer.text) == (409, True)
    many = office.post("/lists/mails/bulk", {"action": "send_again", "number": sequence})
    assert ("0 done, 1 refused" in text_of(many), f'href="/outbox/{sequence}"' in many.text) == (True, True)
    assert published.signed_in("admin").post("/lists/mails/bulk", {"action": "send_again"}).status_code == 400
    assert published.signed_in("shen").get("/outbox").status_code == 403


def test_the_quality_manager_authorises_renews_and_withdraws_on_the_pages(empty: Any) -> None:
    quality = empty.signed_in("quality")
    given = {
        "person": "technician", "tests": ["procedure:iso9806-2017-freeze"], "activities": ["test", "review"],
        "valid_from": "2026-01-01", "valid_to": "2099-12-31",
    }  # fmt: skip
    wrong = quality.post("/competence", given)
    assert (wrong.status_code, "rests on" in text_of(wrong)) == (400, True)
    assert quality.post("/competence", given | {"basis": "培训 7"}).location == "/competence"
    assert "2099-12-31" in quality.get("/competence").text
    page = quality.get("/people/technician").text
    number = re.findall(r'action="/competence/(\d+)/withdraw"', page)[-1]
    assert quality.post(f"/competence/{number}/withdraw", {"reason": "<i>比对</i>"}).status_code == 302
    shown = quality.get("/people/technician").text
    assert "&lt;i&gt;比对&lt;/i&gt;" in shown
    assert "培训 7" in shown
    assert empty.signed_in("technician").get("/competence").status_code == 200
    assert empty.signed_in("technician").post("/competence", given).status_code == 403
    assert "authorised for" in text_of(empty.signed_in("technician").get("/notices"))


def test_a_persons_history_names_what_was_authorised_and_what_was_taken_away(empty: Any) -> None:
    quality, admin = empty.signed_in("quality", "zh"), empty.signed_in("admin")
    given = {
        "person": ["technician", "reviewer"], "tests": ["procedure:iso9806-2017-freeze"], "activities": ["test"],
        "valid_from": "2026-01-01", "valid_to": "2099-12-31", "basis": "培训 7",
    }  # fmt: skip
    assert quality.post("/competence", given).location == "/competence"
    number = max(map(int, re.findall(r'action="/competence/(\d+)/withdraw"', quality.get("/people/reviewer").text)))
    assert quality.post(f"/competence/{number}/withdraw", {"reason": "比对不合格"}).status_code == 302
    assert admin.post("/people/reviewer/roles", {"roles": ["reviewer", "technician"]}).status_code == 302
    told = text_of(quality.get("/people/reviewer")).rpartition("历史记录")[2]
    assert "授权 耐冻试验 · 检测 · 2026-01-01 – 2099-12-31" in told
    assert "撤销 耐冻试验 · 检测" in told
    assert "更改角色 审核人 → 审核人、检测员" in told
    english = text_of(empty.signed_in("quality").get("/people/technician")).rpartition("History")[2]
    assert "Authorised Freeze resistance test · test · 2026-01-01 – 2099-12-31" in english


def test_ticked_people_are_renewed_by_the_quality_manager_and_closed_by_the_administrator(empty: Any) -> None:
    quality, admin = empty.signed_in("quality"), empty.signed_in("admin")
    chosen = {"number": ["technician", "gu"]}
    ending = {
        "person": "technician", "tests": ["procedure:iso9806-2017-freeze"], "activities": ["test"],
        "valid_from": "2026-01-01", "valid_to": empty.laboratory.today.isoformat(), "basis": "培训 7",
    }  # fmt: skip
    quality.post("/competence", ending)
    assert 'value="renew"' in quality.get("/people").text
    assert 'value="close"' not in quality.get("/people").text
    renewed = text_of(quality.post("/lists/people/bulk", chosen | {"action": "renew", "reason": "年度评价"}))
    assert "1 done, 1 refused" in renewed
    assert "No authorisation of gu ends within 60 days" in renewed
    assert "年度评价" in quality.get("/people/technician").text
    assert quality.post("/lists/people/bulk", chosen | {"action": "close", "reason": "离职"}).status_code == 400
    closed = text_of(admin.post("/lists/people/bulk", {"number": ["gu", "admin"], "action": "close", "reason": "离职"}))
    assert "1 done, 1 refused" in closed
    assert "Nobody changes their own roles or closes their own account" in closed
    assert ">closed" in admin.get("/people/gu").text
