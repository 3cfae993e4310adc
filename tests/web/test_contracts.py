"""An order from the catalogue to its amendment, on the pages, as each side sees them."""

from __future__ import annotations

import re
from typing import Any

from lims.contracts.checklist import CHECKS, PERSONAL
from tests.web.test_pages import ACCEPT, text_of

ORDER = {
    "product": "collector-flat", "tests": ["iso9806-2017-qdt", "procedure:iso9806-2017-rain"], "manufacturer": "晴川",
    "model": "QC-25", "gross_area": "2.51", "kind": "type", "decision_rule": "guarded", "report_language": "both",
    "return_item": "0", "secrecy": "drawings", "then": "submit",
}  # fmt: skip


def test_an_order_is_reviewed_quoted_talked_about_accepted_and_amended(empty: Any) -> None:
    company, office, rival = (empty.signed_in(name) for name in ("shen", "office", "lu"))
    form = company.get("/requests/new?product=collector-flat&package=collector-basic").text
    assert len(re.findall(r'name="tests"[^>]*checked', form)) == 3
    assert 'data-fen="1860000"' in form
    page = company.post("/requests/new", ORDER).location
    placed = text_of(company.get(page))
    for told in ("flat-plate solar collector", "¥20,100.00", "guard band w = U", "at most 2.5 %", "drawings"):
        assert told in placed, told
    office.post(f"{page}/ask_back", {"reason": "Which tilt?"})
    assert "waits for the company" in text_of(company.get(page))
    company.post(f"{page}/answer", {"reason": "30 <b>degrees</b>"})
    checklist = office.get(f"{page}/review")
    assert "30 &lt;b&gt;degrees" in checklist.text
    for label in (*CHECKS.values(), *PERSONAL.values()):
        assert label.en in text_of(checklist), label.en
    office.post(f"{page}/line", {"position": "2", "price": "1,400.50", "working_days": "7", "note": "less"})
    office.post(f"{page}/quotation")
    number = re.search(r"BJ-\d{4}-\d{5}", company.get(page).text)[0]  # type: ignore[index]
    assert company.get(f"{page}/quotation.pdf").data.startswith(b"%PDF")
    assert "¥21,200.53" in text_of(company.get(page))  # 20 000.50 and 6 %
    assert company.post(f"{page}/quotation/agree", {"quotation": number}).location == page
    office.post(f"{page}/deviations", {"text": "Weighing."})
    assert office.post(f"{page}/review", ACCEPT).status_code == 409
    seen = re.search(r'name="seen" value="(request [^"]+)"', office.get(f"{page}/review").text)[1]  # type: ignore[index]
    deviation = re.search(r"/deviations/(\d+)/agree", company.get(page).text)[1]  # type: ignore[index]
    company.post(f"{page}/deviations/{deviation}/agree")
    overtaken = office.post(f"{page}/review", {**ACCEPT, "seen": seen})
    assert (overtaken.status_code, "Deviation answered" in overtaken.text) == (409, True)
    assert office.post(f"{page}/review", {**ACCEPT, "understood": ""}).status_code == 400
    assert office.post(f"{page}/review", {**ACCEPT, "remark-due": "by telephone"}).location == page
    assert "by telephone" in text_of(office.get(page))
    assert "by telephone" not in text_of(company.get(page))
    assert office.get(f"{page}/review").status_code == 200

    company.post(f"{page}/amendments", {"field": "report_language", "new-report_language": "en", "reason": "export"})
    amendment = re.search(r"/amendments/(\d+)/agree", office.get(page).text)[1]  # type: ignore[index]
    office.post(f"{page}/amendments/{amendment}/agree")
    amended = text_of(company.get(page))
    for told in ("Chinese and English English export", "agreed", "Weighing."):
        assert told in amended, told
    copied = text_of(company.get(f"/requests/new?copy={page.split('/')[-1]}"))
    assert "Copied from WT-" in copied
    for path in (f"{page}/quotation.pdf", f"/requests/new?copy={page.split('/')[-1]}"):
        assert rival.get(path).status_code == 404, path
    assert rival.post(f"{page}/quotation/agree", {"quotation": number}).status_code == 404
    assert company.get(f"{page}/review").status_code == 403
    assert company.post(f"{page}/cancel", {"reason": "not wanted"}).location == page
    assert "cancelled" in text_of(company.get(page))


def test_the_office_and_the_quality_manager_keep_the_catalogue_on_its_pages(empty: Any) -> None:
    office, quality = empty.signed_in("office"), empty.signed_in("quality")
    page, rain = "/catalogue/tube", "procedure:gbt17049-2024-vacuum"
    assert (
        office.post("/catalogue", {"code": "cooker", "name_zh": "太阳灶", "name_en": "solar cooker"}).status_code == 302
    )
    assert office.post(f"{page}/price", {"test": rain, "yuan": "650.50", "working_days": "6"}).location == page
    assert "¥650.50" in office.get(page).text
    assert office.post(f"{page}/price", {"test": rain, "yuan": "cheap", "working_days": "6"}).status_code == 400
    scope = {"test": rain, "scheme": "CNAS", "certificate": "L1", "valid_from": "2020-01-01", "valid_to": "2999-12-31"}
    assert office.post(f"{page}/scope", scope).status_code == 403
    assert quality.post(f"{page}/scope", scope).location == page
    assert "L1, until 2999-12-31" in text_of(office.get(page))
    package = {"package": "few", "name_zh": "少", "name_en": "few", "tests": [rain]}
    assert office.post(f"{page}/package", package).location == page
    assert office.post(f"{page}/withdraw", {"test": rain}).location == page
    assert office.post(f"{page}/offer", {"test": rain}).location == page
    assert office.post(f"{page}/nothing").status_code == 400
    assert office.post("/catalogue/cooker/withdraw-product").location == "/catalogue/cooker"
    assert "no longer offered" in office.get("/catalogue/cooker").text
    assert "solar cooker" not in empty.signed_in("shen").get("/catalogue").text
    assert "solar cooker" not in empty.signed_in("shen").get("/requests/new?product=cooker").text
    assert office.post("/catalogue/cooker/offer-product").location == "/catalogue/cooker"
    assert empty.signed_in("shen").post(f"{page}/withdraw", {"test": rain}).status_code == 403
    assert "¥650.50" in empty.signed_in("shen").get(page).text


def test_the_office_sees_one_way_on_from_where_an_order_stands(empty: Any) -> None:
    company, office = (empty.signed_in(name) for name in ("shen", "office"))
    page = company.post("/requests/new", ORDER).location

    def ways() -> list[str]:
        """What the page offers as its main buttons."""
        return re.findall(r'<(?:a|button|summary) class="(?:button )?primary"[^>]*>([^<…]+)', office.get(page).text)

    assert ways() == ["Start contract review"]
    office.post(f"{page}/start_review")
    assert ways() == ["Contract review"]
    office.post(f"{page}/review", ACCEPT)
    told = office.get(page).text
    assert re.search(r"<button[^>]* disabled[^>]*>Complete</button><p[^>]*>[^<]+ has no finished test", told)
    assert ways() == []  # its item is still to come
