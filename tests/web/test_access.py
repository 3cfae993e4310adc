"""Every route, every role: who may see what, who must not, and that no form works without its token."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.routing import Rule

from lims.app import create_app
from lims.audit import Event
from lims.demonstration import journey
from lims.permissions import BENCH, PERMISSIONS, PUBLIC, SIGNED_IN, Role
from lims.settings import load_settings
from lims.web import access

PEOPLE = {
    "shen": Role.COMPANY,
    "office": Role.OFFICE,
    "technician": Role.TECHNICIAN,
    "reviewer": Role.REVIEWER,
    "signatory": Role.SIGNATORY,
    "quality": Role.QUALITY_MANAGER,
    "admin": Role.ADMINISTRATOR,
}
OTHER_COMPANY = "lu"
UNKNOWN = {
    "number": "WT-1999-99999", "sequence": 999999, "name": "nowhere", "symbol": "nothing", "index": 999999,
    "code": "no-such-code", "username": "nobody", "action": "dance", "attachment_id": 999999, "mark_id": 999999,
    "task_id": 999999, "other": "JG-1999-99999",
    "kind": "nothing", "table": "nothing",
}  # fmt: skip
# Pages of a link for one use, which the report's code does not open: tests/web/test_people.py opens them.
ONE_TIME = {"people.invitation", "people.link"}
# The run of the site was recorded and has no file, its request is no spot check, its report no draft any more;
# test_import.py, test_sampling_pages.py and others open those that are.
NOT_THERE = {"runs.file", "objections.page", "certificates.draft_pdf", "sampling.sheet_of_request"}
# Whatever code is typed, the verification page answers.
ANSWERS_ANYTHING = {"certificates.verify_code"}


def rules(app: Flask, method: str) -> list[Rule]:
    """The routes of a method, without the static files and the bench's interface."""
    every = sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))
    return [
        rule
        for rule in every
        if method in (rule.methods or ()) and access.permission_of(app, rule.endpoint) != BENCH
        if rule.endpoint not in ONE_TIME
        if rule.endpoint != "static"
    ]


def path_of(site: Any, rule: Rule, values: dict[str, Any]) -> str:
    """The address of a rule with these arguments."""
    with site.app.test_request_context():
        return str(site.app.url_map.bind("localhost").build(rule.endpoint, {k: values[k] for k in rule.arguments}))


def known_values(site: Any, rule: Rule) -> dict[str, Any]:
    """Arguments with which a rule shows something that exists."""
    numbers = site.numbers
    kind = next((one for part, one in KIND_OF_PATH.items() if rule.rule.startswith(part)), "request")
    return {
        "number": numbers.get(kind, "none"),  # a site without one: the walk that needs it tells
        "sequence": 1,
        "table": "gbt19141_2011",
        "symbol": "U_sl_max" if rule.rule.startswith("/limits") else "a1",
        "index": 0,
        "subject": "retention",
        "code": next((one for part, one in CODE_OF_PATH.items() if rule.rule.startswith(part)), numbers["code"]),
        "name": next((one for part, one in NAME_OF_PATH.items() if rule.rule.startswith(part)), "efficiency"),
        "username": "gu",
        "action": "cancel",
        "attachment_id": 1,
        "mark_id": 1,
        "task_id": 1,
        "other": numbers.get("result", ""),
        "kind": "request",
        "change": "offer",
    }  # fmt: skip


CODE_OF_PATH = {"/companies": "C-001", "/storage": "A-01"}
NAME_OF_PATH = {
    "/benches": "graz-demo", "/methods": "iso24194-2022", "/procedures": "iso9806-2017-rain",
    "/catalogue": "collector-flat",
}  # fmt: skip
KIND_OF_PATH = {
    "/requests": "request", "/items": "item", "/jobs": "job", "/runs": "run", "/results": "result",
    "/manual": "manual", "/review": "result",
    "/reports": "report", "/equipment": "equipment", "/spot-checks": "task", "/sampling": "sampling",
}  # fmt: skip
OWNED = ("/requests", "/items", "/reports", "/attachments")  # what belongs to a company


def may(permission: str, role: Role) -> bool:
    """Whether the table of permissions lets this role in."""
    return permission in (PUBLIC, SIGNED_IN) or role in PERMISSIONS.get(permission, frozenset())


def test_a_route_that_states_no_permission_keeps_the_program_from_starting(tmp_path: Path) -> None:
    app = create_app(load_settings({}, instance=str(tmp_path)))
    app.add_url_rule("/forgotten", "forgotten", lambda: "anything")
    with pytest.raises(RuntimeError, match="forgotten"):
        access.require_declared(app)


def test_a_permission_that_is_not_in_the_table_cannot_be_stated() -> None:
    with pytest.raises(ValueError, match=r"no permission 'request\.veiw'"):
        access.requires("request.veiw")


@pytest.mark.parametrize("username", PEOPLE)
def test_every_page_opens_for_the_roles_of_its_permission_and_for_no_other(site: Any, username: str) -> None:
    browser, wrong = site.signed_in(username), []
    for rule in rules(site.app, "GET"):
        permission = str(access.permission_of(site.app, rule.endpoint))
        found = (404,) if rule.endpoint in NOT_THERE else (200, 302, 304)
        expected = found if may(permission, PEOPLE[username]) else (403,)
        path = path_of(site, rule, known_values(site, rule)) + ("?code=WT-2026-00001" if rule.rule == "/scan" else "")
        answer = browser.get(path)
        if answer.status_code not in expected:
            wrong.append(f"{path}: {answer.status_code}, expected {expected}")
    assert not wrong


def test_a_visitor_is_sent_to_sign_in_everywhere_but_on_public_pages(site: Any) -> None:
    browser, wrong = site.visitor(), []
    for rule in rules(site.app, "GET"):
        path = path_of(site, rule, known_values(site, rule))
        answer, permission = browser.get(path), access.permission_of(site.app, rule.endpoint)
        sent_away = answer.status_code == 302 and "/sign-in" in answer.location
        if sent_away == (permission == PUBLIC):
            wrong.append(f"{path}: {answer.status_code}")
    assert not wrong


def test_the_wrong_company_gets_404_for_everything_of_another(site: Any) -> None:
    browser, wrong, asked = site.signed_in(OTHER_COMPANY), [], 0
    for rule in rules(site.app, "GET"):
        if rule.arguments and rule.rule.startswith(OWNED):
            path = path_of(site, rule, known_values(site, rule))
            permission, status = str(access.permission_of(site.app, rule.endpoint)), browser.get(path).status_code
            asked += 1
            if status != (404 if may(permission, Role.COMPANY) else 403):
                wrong.append(f"{path}: {status}")
    assert asked > 5
    assert not wrong


def test_the_wrong_company_changes_nothing_of_another(site: Any) -> None:
    browser, before = site.signed_in(OTHER_COMPANY), _events(site)
    for rule in rules(site.app, "POST"):
        if rule.arguments and rule.rule.startswith(OWNED):
            path = path_of(site, rule, known_values(site, rule))
            assert browser.post(path).status_code in (403, 404), path
    assert _events(site) == before


def test_lists_of_a_company_hold_nothing_of_another(site: Any) -> None:
    browser = site.signed_in(OTHER_COMPANY)
    for path in ("/", "/requests", "/items", "/reports", "/requests?q=HTHEAT"):
        assert "00001" not in browser.get(path).text, path


@pytest.mark.parametrize("username", ["technician", "signatory", "shen"])
def test_an_unknown_number_is_a_page_that_says_so(site: Any, username: str) -> None:
    browser, wrong = site.signed_in(username), []
    for rule in rules(site.app, "GET"):
        permission = str(access.permission_of(site.app, rule.endpoint))
        if rule.arguments and may(permission, PEOPLE[username]) and rule.endpoint not in ANSWERS_ANYTHING:
            path = path_of(site, rule, UNKNOWN)
            if browser.get(path).status_code != 404:
                wrong.append(path)
    assert not wrong


@pytest.mark.parametrize("username", ["", "technician", "shen"])  # the token is asked for before the role
def test_no_form_works_without_its_token(site: Any, username: str) -> None:
    browser, before = site.signed_in(username) if username else site.visitor(), _events(site)
    for rule in rules(site.app, "POST"):
        path = path_of(site, rule, known_values(site, rule))
        assert browser.client.post(path).status_code == 400, path
        assert browser.client.post(path, data={"csrf_token": "guessed"}).status_code == 400, path
    assert _events(site) == before


def test_a_visitor_with_a_form_token_changes_nothing(site: Any) -> None:
    browser, before = site.visitor(), _events(site)
    for rule in rules(site.app, "POST"):
        permission = access.permission_of(site.app, rule.endpoint)
        if permission != PUBLIC:
            answer = browser.post(path_of(site, rule, known_values(site, rule)))
            assert (answer.status_code, answer.location.split("?")[0]) == (302, "/sign-in"), rule.rule
    assert _events(site) == before


@pytest.mark.parametrize(
    ("username", "kind", "path"),
    [
        ("technician", "result", "/results/{}/review"),
        ("reviewer", "result", "/results/{}/authorise"),
        ("technician", "report", "/reports/{}/issue"),
        ("admin", "result", "/results/{}/void"),
        ("shen", "request", "/requests/{}/accept"),
        ("shen", "report", "/reports/{}/withdraw"),
        ("office", "run", "/runs/{}/evaluate"),
    ],
)
def test_an_action_outside_the_role_is_403_even_if_nobody_showed_the_button(
    site: Any, username: str, kind: str, path: str
) -> None:
    answer = site.signed_in(username).post(path.format(site.numbers[kind]), {"password": site.password, "reason": "x"})
    assert answer.status_code == 403
    assert "Your role does not include" in answer.text


def test_a_company_does_not_see_a_report_before_it_is_issued(evaluated: Any) -> None:
    journey.approve(evaluated.laboratory, evaluated.numbers["result"])
    draft = evaluated.signed_in("technician").post(f"/results/{evaluated.numbers['result']}/report")
    number = draft.location.rsplit("/", 1)[1]
    assert evaluated.signed_in("technician").get(f"/reports/{number}").status_code == 200
    assert evaluated.signed_in("shen").get(f"/reports/{number}").status_code == 404
    assert number not in evaluated.signed_in("shen").get("/").text
    assert "There is no such report" in evaluated.visitor().get(f"/verify?q={number}").text


def _events(site: Any) -> int:
    with site.laboratory.database.read() as session:
        return int(session.scalar(sa.select(sa.func.count()).select_from(Event)) or 0)
