"""The pages of methods and manual tests, and choosing among them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from lims.limits.tables import LIMITS
from lims.repertoire import known_tests
from protocols.limits import read_limits
from protocols.method import methods
from tests.web.test_pages import ACCEPT, ORDER, text_of


def test_every_method_stands_on_the_list_with_its_limits_and_whether_it_is_offered(site: Any) -> None:
    page = site.signed_in("technician").get("/methods").text
    assert set(re.findall(r'href="/methods/([\w-]+)"', page)) == set(methods())
    row = re.search(r"iso9806-2017-stagnation.*?</tr>", page, re.DOTALL)
    assert row
    assert "the nearest lacks: absorber temperature" in row[0]
    assert re.search(r"\d+ / \d+", row[0])


@pytest.mark.parametrize("path", ["/methods", "/procedures"])
def test_a_list_is_searched_by_words_and_says_when_nothing_fits(site: Any, path: str) -> None:
    browser = site.signed_in("reviewer", "zh")
    found = browser.get(f"{path}?q=GB/T+耐压" if path == "/procedures" else f"{path}?q=gb/t+压力降").text
    ids = set(re.findall(rf'href="{path}/([\w-]+)"', found))
    assert ids
    assert all(one.startswith("gbt") for one in ids)
    assert "没有符合的" in browser.get(f"{path}?q=nothing-like-this").text


def test_a_method_tells_what_it_needs_gives_asks_and_who_may_do_it(site: Any) -> None:
    page = text_of(site.signed_in("reviewer").get("/methods/iso24194-2022"))
    limits = read_limits(LIMITS / "iso24194_2022.toml").values()
    standing = f"{sum(one.confirmed for one in limits)} of {len(limits)} confirmed"
    for told in (
        "ISO 24194:2022",
        "measures all of it",
        "Chen Li",
        "points_min",
        standing,
        "along the slope / across the slope",
    ):
        assert told in page, told
    none = text_of(site.signed_in("reviewer").get("/methods/iso9806-2017-time-constant"))
    assert "asks nothing about the item" in none
    assert "Nobody is authorised for this method." in none


def test_the_quality_manager_authorises_on_the_methods_page_and_nobody_else(empty: Any) -> None:
    path, form = "/methods/iso9806-2017-sst", {"person": "technician", "activity": "test", "valid_to": "2999-12-31"}
    assert empty.signed_in("technician").post(f"{path}/authorise", form).status_code == 403
    quality = empty.signed_in("quality")
    assert quality.post(f"{path}/authorise", {**form, "valid_to": ""}).status_code == 400
    assert quality.post(f"{path}/authorise", form).location == path
    page = text_of(quality.get(path))
    assert "2999-12-31" in page
    assert "Nobody is authorised to review, authorise." in page


def test_a_manual_test_shows_steps_entries_criteria_and_which_limits_stand(site: Any) -> None:
    page = text_of(site.signed_in("technician").get("/procedures/iso9806-2017-impact-ice"))
    for told in ("Steps", "What is recorded", "Criteria", "not confirmed", "not found"):
        assert told in page, told
    elsewhere = text_of(site.signed_in("technician").get("/procedures/iso9806-2017-leakage"))
    assert "No step is written down." in elsewhere


def test_methods_are_chosen_by_standard_and_one_that_cannot_be_ordered_says_why(empty: Any) -> None:
    page = empty.signed_in("shen").get("/requests/new").text
    shown = re.findall(r"<div data-group><h3>([^<]+)", page)
    assert shown == sorted({one.reference for one in known_tests().values()})
    box = re.search(r'value="iso9806-2017-stagnation"[^>]*?( disabled)?>(.*?)</div>', page, re.DOTALL)
    assert box
    assert box[1]
    assert "No bench measures all it needs" in box[2]
    assert re.search(r'value="iso24194-2022" data-fen="">', page)
    assert re.search(r'value="procedure:iso9806-2017-rain" data-fen="">', page)
    assert re.search(r'value="procedure:iso9806-2017-leakage" data-fen="" disabled>', page)


def test_the_office_reads_before_accepting_what_stands_against_it(empty: Any) -> None:
    company, office = empty.signed_in("shen"), empty.signed_in("office")
    page = company.post("/requests/new", {**ORDER, "tests": "iso9806-2017-sst", "then": "submit"}).location
    assert "Nobody is authorised" in text_of(office.get(page))
    office.post(f"{page}/start_review")
    answer = office.post(f"{page}/review", ACCEPT)
    assert (answer.status_code, "Nobody is authorised" in answer.text) == (409, True)


def test_a_further_method_on_an_item_goes_from_order_to_result_on_the_pages(evaluated: Any) -> None:
    company, office, technician = (evaluated.signed_in(name) for name in ("shen", "office", "technician"))
    n = evaluated.numbers
    order = {"kind": "commissioned", "tests": "gbt4271-2021-qdt", "item_number": n["item"], "then": "submit"}
    page = company.post("/requests/new", order).location
    assert office.post(f"{page}/start_review").status_code == 302
    assert office.post(f"{page}/review", ACCEPT).status_code == 302
    person = re.search(r'<option value="(\d+)">Chen Li', office.get(f"{page}/plan").text)
    assert person
    plan = {"item": n["item"], "bench": "graz-demo", "first": "2026-12-01", "assigned_to": person[1]}
    assert office.post(f"{page}/plan", plan).status_code == 302
    item = technician.get(f"/items/{n['item']}").text
    assert page in item
    assert f"/items/{n['item']}/properties?method=gbt4271-2021-qdt" in item
    form = technician.get(f"/items/{n['item']}/properties?method=gbt4271-2021-qdt").text
    assert "GB/T 4271-2021" in form
    job = re.findall(r"/jobs/(RW-\d{4}-\d{5})", office.get(page).text)[0]
    assert n["run"] in technician.get(f"/jobs/{job}").text
    result = technician.post(f"/jobs/{job}/evaluate", {"run": n["run"]}).location
    shown = text_of(technician.get(result))
    assert "GB/T 4271-2021" in shown
    assert f"record of {n['job']}" in shown.replace("( ", "(")
