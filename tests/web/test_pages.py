"""What people do on the pages: order, plan, sign, follow a digit to its bytes, verify."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from instruments.segment import read_segment
from lims.certificates import operations as certificates
from lims.certificates import queries as report_queries
from lims.contracts.checklist import PERSONAL
from lims.demonstration import journey
from lims.equipment import operations as equipment_operations
from lims.equipment import queries as equipment_queries
from lims.runs import queries as run_queries

ORDER = {
    "kind": "commissioned", "tests": "iso9806-2017-qdt", "product_zh": "平板集热器",
    "product_en": "flat-plate collector", "manufacturer": "晴川", "model": "QC-25", "serial_number": "S-1",
    "gross_area": "2.51", "return_item": "1",
}  # fmt: skip


ACCEPT = {"decision": "accept", **dict.fromkeys(PERSONAL, "1")}  # every line of the contract review ticked


def text_of(answer: Any) -> str:
    """The words of a page without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text.replace("<wbr>", "")).split())


TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


# --- orders ------------------------------------------------------------------------------------------------------


def test_a_company_orders_and_the_office_reviews_accepts_and_plans(empty: Any) -> None:
    company, office, technician = (empty.signed_in(name) for name in ("shen", "office", "technician"))
    page = company.post("/requests/new", {**ORDER, "then": "submit"}).location
    assert "submitted" in text_of(company.get(page))
    assert office.post(f"{page}/start_review").status_code == 302
    assert office.post(f"{page}/review", ACCEPT).status_code == 302
    item = re.search(r"/items/(YP-\d{4}-\d{5})", office.get(page).text)[0]  # type: ignore[index]
    assert technician.post(f"{item}/receive", {"condition": "intact", "place": "A-01"}).status_code == 302
    assert technician.post(f"{item}/accept").status_code == 302
    assert f"{page}/plan" in office.get(page).text
    planning = office.get(f"{page}/plan").text
    person = re.search(r'<option value="(\d+)">Chen Li', planning)[1]  # type: ignore[index]
    planned = office.post(
        f"{page}/plan",
        {"item": item.split("/")[-1], "bench": "graz-demo", "first": "2026-12-01", "assigned_to": person},
    )
    assert planned.status_code == 302
    assert "RW-" in technician.get("/").text
    assert technician.get(f"{item}/label.pdf").data.startswith(b"%PDF")


def test_a_form_with_a_mistake_keeps_what_was_typed_and_says_what_is_wrong_beside_the_field(empty: Any) -> None:
    answer = empty.signed_in("shen").post("/requests/new", {**ORDER, "gross_area": "2,51", "due_on": "tomorrow"})
    assert answer.status_code == 400
    assert 'value="2,51"' in answer.text
    assert 'value="QC-25"' in answer.text
    assert text_of(answer).count("Give a number with a decimal point") == 1
    assert "Give a date as 2026-11-30" in text_of(answer)
    assert "There is nothing here yet" in empty.signed_in("shen").get("/requests").text


def test_an_incomplete_request_is_not_submitted_and_not_saved_by_halves(empty: Any) -> None:
    answer = empty.signed_in("shen").post("/requests/new", {**ORDER, "gross_area": "", "then": "submit"})
    assert answer.status_code == 409
    assert "lacks the gross area" in text_of(answer)
    assert "There is nothing here yet" in empty.signed_in("shen").get("/requests").text


def test_a_draft_can_be_changed_and_a_submitted_request_cannot(empty: Any) -> None:
    company = empty.signed_in("shen")
    page = company.post("/requests/new", {**ORDER, "then": "draft"}).location
    assert company.post(f"{page}/edit", {**ORDER, "model": "QC-26"}).location == page
    assert "QC-26" in company.get(page).text
    company.post(f"{page}/submit")
    answer = company.post(f"{page}/edit", {**ORDER, "model": "QC-27"})
    assert (answer.status_code, "was submitted" in answer.text) == (400, True)


def test_declining_without_a_reason_is_refused_with_the_sentence(empty: Any) -> None:
    page = empty.signed_in("shen").post("/requests/new", {**ORDER, "then": "submit"}).location
    office = empty.signed_in("office")
    answer = office.post(f"{page}/decline")
    assert (answer.status_code, "Give a reason" in answer.text) == (409, True)
    assert office.post(f"{page}/decline", {"reason": "没有这个能力 out of scope"}).status_code == 302
    assert "out of scope" in empty.signed_in("shen").get(page).text


def test_a_company_reads_reasons_and_not_the_names_of_the_laboratorys_people(empty: Any) -> None:
    page = empty.signed_in("shen").post("/requests/new", {**ORDER, "then": "submit"}).location
    empty.signed_in("office").post(f"{page}/start_review")
    assert "Wang Xiulan" in text_of(empty.signed_in("office").get(page)).partition("History")[2]
    seen = empty.signed_in("shen").get(page)
    assert not [name for name in ("Wang Xiulan", "王秀兰") if name in seen.text]
    assert "the laboratory" in text_of(seen)


def test_the_office_orders_for_a_company_it_chooses(empty: Any) -> None:
    office = empty.signed_in("office")
    chosen = re.search(r'<option value="(\d+)">Jiaxing', office.get("/requests/new").text)[1]  # type: ignore[index]
    page = office.post("/requests/new", {**ORDER, "company_id": chosen, "then": "draft"}).location
    assert empty.signed_in("lu").get(page).status_code == 200
    assert empty.signed_in("shen").get(page).status_code == 404


def test_a_company_cannot_order_in_the_name_of_another_nor_set_what_is_not_asked(empty: Any) -> None:
    company = empty.signed_in("shen")
    assert company.post("/requests/new", {**ORDER, "company_id": "2", "then": "draft"}).status_code == 400
    assert "There is nothing here yet" in company.get("/requests").text
    page = company.post("/requests/new", {**ORDER, "state": "accepted", "number": "WT-1-1", "then": "draft"}).location
    assert re.fullmatch(r"/requests/WT-\d{4}-00001", page)
    assert empty.signed_in("lu").get(page).status_code == 404
    assert "Submit" in text_of(company.get(page))


# --- signing -----------------------------------------------------------------------------------------------------


def test_three_people_sign_a_result_and_its_report_on_the_pages(evaluated: Any) -> None:
    result, password = f"/results/{evaluated.numbers['result']}", {"password": evaluated.password}
    technician, senior, signatory = (evaluated.signed_in(name) for name in ("technician", "senior", "signatory"))
    assert technician.post(f"{result}/submit").status_code == 302
    assert senior.post(f"{result}/review", password).status_code == 302
    assert signatory.post(f"{result}/authorise", password).status_code == 302
    report = technician.post(f"{result}/report").location
    for browser, action in ((senior, "check"), (signatory, "authorise"), (signatory, "issue")):
        answer = browser.post(f"{report}/{action}", password)
        assert answer.status_code == 302, text_of(answer)
    assert signatory.get(f"{report}.pdf").data.startswith(b"%PDF")
    assert signatory.get(f"{report}/bundle.zip").data.startswith(b"PK")


def test_who_reviewed_finds_the_button_to_authorise_disabled_with_the_sentence(evaluated: Any) -> None:
    result, password = f"/results/{evaluated.numbers['result']}", {"password": evaluated.password}
    evaluated.signed_in("technician").post(f"{result}/submit")
    senior = evaluated.signed_in("senior")
    senior.post(f"{result}/review", password)
    page = senior.get(result).text
    assert re.search(r'disabled aria-describedby="why-authorise">Authorise<', page)
    assert "tested or reviewed this and cannot also authorise it" in page
    assert senior.post(f"{result}/authorise", password).status_code == 409
    assert not re.search(r"disabled[^>]*>Authorise<", evaluated.signed_in("signatory").get(result).text)


@pytest.mark.parametrize("username", ["office", "quality", "admin", "reviewer"])
def test_buttons_of_others_roles_are_absent(evaluated: Any, username: str) -> None:
    page = evaluated.signed_in(username).get(f"/results/{evaluated.numbers['result']}").text
    assert "/submit" not in page
    assert "/void" not in page


def test_a_result_sent_back_tells_the_technician_why(evaluated: Any) -> None:
    result = f"/results/{evaluated.numbers['result']}"
    evaluated.signed_in("technician").post(f"{result}/submit")
    evaluated.signed_in("reviewer").post(f"{result}/send_back", {"reason": "check the flow meter"})
    assert "check the flow meter" in evaluated.signed_in("technician").get(result).text
    assert evaluated.numbers["result"] in evaluated.signed_in("technician").get("/").text


# --- from digit to bytes -----------------------------------------------------------------------------------------


def test_the_result_page_prints_the_digits_of_the_signed_report(published: Any) -> None:

    with published.laboratory.database.read() as session:
        report = report_queries.published(session, published.numbers["report"])
    verified = certificates.verify_file(published.laboratory, certificates.pdf_of(published.laboratory, report))
    printed = verified.verdict.printed
    page = text_of(published.signed_in("reviewer").get(f"/results/{published.numbers['result']}"))
    values = {key: text for key, text in printed.items() if key.endswith(".value")}
    assert len(values) > 4
    for key, value in values.items():
        expanded = printed[key.replace(".value", ".U")]
        assert (f"{value} ± {expanded}" if expanded != "–" else value) in page, key


@pytest.mark.parametrize(("kind", "path"), [("request", "/requests/"), ("run", "/runs/"), ("result", "/results/")])
def test_of_all_people_on_a_page_only_its_readers_roles_are_asked_for(site: Any, kind: str, path: str) -> None:
    browser, asked = site.signed_in("reviewer"), []
    engine = site.laboratory.database.engine

    def note(*arguments: Any) -> None:
        asked.append(arguments[2])

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        assert browser.get(path + site.numbers[kind]).status_code == 200
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    assert len([one for one in asked if "FROM person_role" in one]) == 1


def test_the_way_from_a_digit_leads_by_links_to_the_bytes_of_a_scan(site: Any) -> None:
    browser = site.signed_in("reviewer")
    page = f"/results/{site.numbers['result']}"
    for step in (r"/results/[\w-]+/coefficients/\w+", r"/results/[\w-]+/windows/\d+", r"/runs/[\w-]+/scans/\d+"):
        page = re.search(f'href="({step})"', browser.get(page).text)[1]  # type: ignore[index]
    assert "Decoded again just now by the drivers" in browser.get(page).text


def test_a_scans_page_shows_the_bytes_and_hashes_of_the_stored_segment(site: Any) -> None:
    laboratory, number = site.laboratory, site.numbers["run"]
    with laboratory.database.read() as session:
        segment = read_segment(run_queries.segment_bytes(laboratory.store, run_queries.by_number(session, number))[0])
    scan, page = segment.scans[4], site.signed_in("reviewer").get(f"/runs/{number}/scans/5").text
    assert scan["hash"] in page
    assert scan["prev"] in page
    assert segment.sha256 in page
    for exchange in scan["exchanges"]:
        assert bytes.fromhex(exchange["rx"])[:16].hex(" ") in page
    for reading in scan["readings"]:
        assert f"<b>{reading['value']}</b>" in page


def test_a_segment_changed_on_disk_is_told_and_not_shown(published: Any) -> None:
    laboratory, number = published.laboratory, published.numbers["run"]
    with laboratory.database.read() as session:
        digest = run_queries.by_number(session, number).segments[0].sha256
    stored = next((laboratory.store.folder / digest[:2]).glob(f"{digest}*"))
    stored.chmod(0o600)
    stored.write_bytes(stored.read_bytes()[:-20] + bytes(20))
    browser = published.signed_in("reviewer")
    for path in (f"/runs/{number}", f"/runs/{number}/scans/1", f"/runs/{number}/series.json"):
        answer = browser.get(path)
        assert (answer.status_code, "was changed on disk" in answer.text) == (500, True), path


def test_the_series_of_a_run_is_what_its_segments_hold(site: Any) -> None:
    laboratory, number = site.laboratory, site.numbers["run"]
    answer = site.signed_in("reviewer").get(f"/runs/{number}/series.json")
    data = json.loads(answer.text)
    with laboratory.database.read() as session:
        segments = [
            read_segment(each)
            for each in run_queries.segment_bytes(laboratory.store, run_queries.by_number(session, number))
        ]
    assert len(data["time"]) == sum(len(segment.scans) for segment in segments)
    g = next(one for one in data["series"] if one["symbol"] == "G")
    first = next(one for one in segments[0].scans[0]["readings"] if one["symbol"] == "G")
    assert (g["values"][0], g["unit"]) == (first["value"], "W/m2")
    again = site.signed_in("reviewer").get(
        f"/runs/{number}/series.json", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert again.status_code == 304


def test_refused_windows_can_be_filtered_by_their_reason(site: Any) -> None:
    browser, number = site.signed_in("reviewer"), site.numbers["result"]
    outcome = json.loads(browser.get(f"/results/{number}/outcome.json").text)
    for refusal in outcome["refusals"]:
        if refusal["count"]:
            page = text_of(browser.get(f"/results/{number}/windows?show={refusal['code']}"))
            assert f"of {refusal['count']} " in page
    used = sum(1 for flag in outcome["points"]["used"] if flag)
    assert f"of {used} " in text_of(browser.get(f"/results/{number}/windows?show=used"))


# --- verification ------------------------------------------------------------------------------------------------


def send(browser: Any, data: bytes) -> Any:
    """Hand a file to the verification page."""
    token = TOKEN.search(browser.get("/verify").text)[1]  # type: ignore[index]
    boundary, body = encode_multipart({"csrf_token": token, "file": FileStorage(io.BytesIO(data), "报告.pdf")})
    return browser.client.post("/verify", data=body, content_type=f"multipart/form-data; boundary={boundary}")


def test_the_register_answers_by_number_and_by_code_without_naming_the_customer(site: Any) -> None:
    for path in (f"/verify?q={site.numbers['report']}", f"/verify/{site.numbers['code']}"):
        page = text_of(site.visitor().get(path))
        assert "Issued and valid" in page
        assert site.numbers["report"] in page
        assert "Qingchuan" not in page
        assert "晴川" not in page


def test_the_issued_pdf_is_valid_and_one_changed_byte_is_not(site: Any) -> None:
    pdf = site.signed_in("shen").get(f"/reports/{site.numbers['report']}.pdf").data
    assert "Issued and valid" in text_of(send(site.visitor(), pdf))
    changed = bytearray(pdf)
    changed[len(pdf) // 2] ^= 1
    answer = send(site.visitor(), bytes(changed))
    assert answer.status_code == 200
    assert "not a valid report" in text_of(answer)
    assert "Issued and valid" not in text_of(answer)


@pytest.mark.parametrize("data", [b"%PDF-1.7 not really", b"\x00" * 100, b"hello"], ids=["broken", "zeros", "text"])
def test_a_file_that_is_no_report_of_ours_is_told_so(site: Any, data: bytes) -> None:
    assert "not a valid report" in text_of(send(site.visitor(), data))


def test_no_file_at_all_is_told_so(site: Any) -> None:
    answer = site.visitor().post("/verify")
    assert (answer.status_code, "Choose the PDF file" in answer.text) == (400, True)


def test_a_withdrawn_report_is_withdrawn_for_everybody_who_holds_it(published: Any) -> None:
    number, company = published.numbers["report"], published.signed_in("shen")
    pdf = company.get(f"/reports/{number}.pdf").data
    withdrawn = published.signed_in("quality").post(f"/reports/{number}/withdraw", {"reason": "wrong item"})
    assert withdrawn.status_code == 302
    for answer in (published.visitor().get(f"/verify?q={number}"), send(published.visitor(), pdf)):
        assert "no longer valid" in text_of(answer)
        assert "wrong item" not in text_of(answer)


def test_a_number_that_was_never_issued_is_not_found_in_words(site: Any) -> None:
    assert "There is no such report" in text_of(site.visitor().get("/verify?q=BG-1999-00001"))


# --- benches, equipment, the trail -------------------------------------------------------------------------------


def test_the_bench_shows_its_last_values_and_the_state_of_each_calibration(site: Any) -> None:
    page = text_of(site.signed_in("technician").get("/benches/graz-demo"))
    assert page.count("calibrated") >= 6
    assert "its bytes" in page


def test_an_instrument_out_of_service_is_shown_as_such(empty: Any) -> None:

    with empty.laboratory.work(journey.actor(empty.laboratory, "quality")) as work:
        found = equipment_queries.by_number(work.session, "HB-EQ-0001")
        equipment_operations.set_in_service(work, found, in_service=False, reason="dropped")
    assert "out of service" in text_of(empty.signed_in("quality").get("/equipment/HB-EQ-0001"))
    assert "out of service" in text_of(empty.signed_in("technician").get("/benches/graz-demo"))


def test_unconfirmed_limits_are_marked_and_wait_for_the_quality_manager(site: Any) -> None:
    browser = site.signed_in("quality")
    marked = text_of(browser.get("/limits")).count("not confirmed")
    assert marked > 0
    assert re.search(rf"<b>{marked}</b><span>Limits not confirmed", browser.get("/").text)


def test_the_audit_page_gives_the_verdict_on_the_chain(site: Any) -> None:
    page = text_of(site.signed_in("quality").get("/audit/check"))
    assert "The audit trail is complete and unchanged." in page


def test_the_audit_trail_is_filtered_by_words_and_kind(site: Any) -> None:
    browser = site.signed_in("quality")
    assert "Nothing matches these filters" in browser.get("/audit?q=nothing-like-this").text
    assert site.numbers["report"] not in text_of(browser.get("/audit?kind=item"))


@pytest.mark.parametrize(("language", "told", "other"), [("en", "Chen Li", "陈立"), ("zh", "陈立", "Chen Li")])
def test_a_history_names_people_in_the_readers_language(site: Any, language: str, told: str, other: str) -> None:
    browser = site.signed_in("reviewer", language)
    page = browser.get(f"/results/{site.numbers['result']}").text
    history = page[page.index("History") :]
    assert told in history
    assert other not in history
    trail = browser.get("/audit?kind=result&q=Chen+Li").text
    assert f">{told}</td>" in trail
    assert f">{other}</td>" not in trail


@pytest.mark.parametrize(("language", "told"), [("en", "recorder"), ("zh", "记录程序")])
def test_the_recorder_of_a_run_is_called_so_in_its_history(site: Any, language: str, told: str) -> None:
    number = site.numbers["run"]
    page = site.signed_in("reviewer", language).get(f"/runs/{number}").text
    assert f">{told} {number}<" in page
    assert "uplink" not in page
