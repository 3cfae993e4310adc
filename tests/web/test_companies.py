"""Companies on the pages: the office registers and changes, the company keeps its own contact data."""

from __future__ import annotations

import re
from typing import Any


def text_of(answer: Any) -> str:
    """The words of a page without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def test_the_office_registers_a_company_with_a_mistake_first_and_finds_it(empty: Any) -> None:
    office = empty.signed_in("office")
    wrong = office.post("/companies/new", {"name_zh": "新光热能", "credit_code": "914403001922038215"})
    assert (wrong.status_code, "check character" in text_of(wrong)) == (400, True)
    assert 'value="914403001922038215"' in wrong.text
    made = office.post("/companies/new", {"name_zh": "新光热能", "credit_code": "914403001922038216"})
    assert made.location == "/companies/C-003"
    assert "914403001922038216" in office.get("/companies?q=新光").text
    again = office.post("/companies/new", {"name_zh": "新光 热能"})
    assert "tick that this is another one" in text_of(again)
    assert office.post("/companies/new", {"name_zh": "新光 热能", "same_name": "1"}).location == "/companies/C-004"


def test_changes_show_old_and_new_and_what_was_typed_is_escaped(empty: Any) -> None:
    office = empty.signed_in("office")
    page = office.get("/companies/C-001/edit").text
    values = dict(re.findall(r'name="(\w+)" type="\w+" value="([^"]*)"', page))
    assert office.post("/companies/C-001/edit", values | {"contact": "<b>沈</b>"}).status_code == 302
    shown = office.get("/companies/C-001").text
    assert "&lt;b&gt;沈&lt;/b&gt;" in shown
    assert "<b>沈</b>" not in shown
    assert "<del>沈晓岚 Shen Xiaolan</del>" in shown
    assert "<td>Wang Xiulan</td>" in shown
    assert "<h1>Haining Qingchuan" in shown


def test_a_company_keeps_its_telephone_and_cannot_touch_its_name_or_credit_code(empty: Any) -> None:
    company = empty.signed_in("shen")
    stated = {"telephone": "0573-99", "name_zh": "改名", "credit_code": "914403001922038216", "active": "0"}
    assert company.post("/company", stated).status_code == 302
    shown = empty.signed_in("office").get("/companies/C-001").text
    assert "0573-99" in shown
    assert "改名" not in shown
    assert "914403001922038216" not in shown
    assert company.get("/companies/C-001").status_code == 403
    assert "Qingchuan" not in empty.signed_in("lu").get("/company").text
