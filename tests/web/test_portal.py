"""The company's pages: what it reads of its own orders, and that nobody else reads it."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from typing import Any

import sqlalchemy as sa

from lims.certificates import operations as certificates
from lims.certificates.models import ReportIssue
from lims.demonstration import journey
from lims.parties.models import Person


def _staff(site: Any) -> list[str]:
    with site.laboratory.database.read() as session:
        rows = session.execute(sa.select(Person.name_zh, Person.name_en).where(Person.company_id.is_(None)))
        return [name for row in rows for name in row if name]


def test_home_and_order_tell_a_company_where_its_order_stands_without_any_name_of_the_laboratory(site: Any) -> None:
    number, report = site.numbers["request"], site.numbers["report"]
    browser = site.signed_in("shen")
    home, order = browser.get("/").text, browser.get(f"/requests/{number}/progress").text
    assert f"/requests/{number}/progress" in home
    assert "Nothing is needed from you." in home
    for text in ("The item arrived.", "The report was issued.", f"/reports/{report}.pdf?show=1"):
        assert text in order
    assert [name for name in _staff(site) if name in home or name in order] == []


def test_another_company_gets_404_for_the_order_and_reads_nothing_of_it_at_home(site: Any) -> None:
    rival = site.signed_in("lu")
    assert rival.get(f"/requests/{site.numbers['request']}/progress").status_code == 404
    home = rival.get("/").text
    assert not [number for number in site.numbers.values() if number in home]


def test_a_company_reads_its_own_figures_and_another_none_of_them(site: Any) -> None:
    path, month = "/my-company/figures?months=24", f"{site.laboratory.today:%Y-%m}"
    mine, theirs = (site.signed_in(name).get(path).text for name in ("shen", "lu"))
    assert f'scope="row">{month}</th>' in mine
    assert mine.count('role="img"') == 2
    assert "No report was issued in these months." in theirs
    assert site.signed_in("office").get(path).status_code == 403
    assert site.signed_in("shen").get("/my-company/figures?months=7").status_code == 400


def test_a_report_is_shown_in_the_browser_or_saved(site: Any) -> None:
    browser, path = site.signed_in("shen"), f"/reports/{site.numbers['report']}.pdf"
    ways = [browser.get(path + query).headers["Content-Disposition"].split(";")[0] for query in ("", "?show=1")]
    assert ways == ["attachment", "inline"]
    assert site.signed_in("lu").get(path + "?show=1").status_code == 404


def test_several_reports_come_as_one_file_and_a_foreign_number_among_them_is_refused(site: Any) -> None:
    report, browser = site.numbers["report"], site.signed_in("shen")
    answer = browser.get(f"/reports/files.zip?number={report}&number={report}")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as file:
        assert file.namelist() == [f"{report}.pdf", "list.csv"]
        pdf, told = file.read(f"{report}.pdf"), file.read("list.csv").decode("utf-8-sig")
    with site.laboratory.database.read() as session:
        kept = session.scalars(sa.select(ReportIssue.pdf_sha256)).one()
    assert hashlib.sha256(pdf).hexdigest() == kept
    assert report in told
    assert kept in told
    for numbers in (f"number={report}", f"number=BG-1999-99999&number={report}"):
        assert site.signed_in("lu").get(f"/reports/files.zip?{numbers}").status_code == 404
    assert browser.get(f"/reports/files.zip?number={report}&number=BG-1999-99999").status_code == 404
    assert browser.get("/reports/files.zip").location == "/reports"


def test_reports_are_found_by_model_and_product(site: Any) -> None:
    browser, report = site.signed_in("shen"), site.numbers["report"]
    for words in ("HTHEATstore", "array", "阵列", report):
        assert report in browser.get(f"/reports?q={words}").text, words
    assert report not in browser.get("/reports?q=QC-99").text
    assert report not in site.signed_in("lu").get("/reports?q=HTHEATstore").text


def test_the_office_enters_an_invoice_and_the_company_reads_and_exports_it(published: Any) -> None:
    number = published.numbers["request"]
    office, company, rival = (published.signed_in(name) for name in ("office", "shen", "lu"))
    page = f"/requests/{number}/invoices"
    typed = {"invoice": "=2+5", "issued_on": published.laboratory.today.isoformat(), "total": "12,800.50"}
    assert company.post(page, typed).status_code == 403
    assert office.post(page, {**typed, "total": "much"}).status_code == 400
    assert office.post(page, typed).location == page
    assert "¥12,800.50" in company.get(page).text
    assert office.post(f"{page}/pay", {"invoice": "=2+5", "on": typed["issued_on"]}).location == page
    told = company.get("/figures?as=csv").get_data(as_text=True)
    assert "'=2+5" in told
    assert "12800.50" in told
    assert re.search(r"¥12,800\.50.*?Paid", company.get("/figures").text, re.S)
    year = typed["issued_on"][:4]
    for query, shown in (("money=paid", 1), ("money=open", 0), (f"year={year}", 1), ("year=1999", 0), ("q=2%2B5", 1)):
        assert (number in company.get(f"/figures?{query}").text) == bool(shown), query
    assert rival.get(page).status_code == 404
    assert number not in rival.get("/figures").text
    assert number not in rival.get("/figures?as=csv").get_data(as_text=True)
    assert rival.post(f"{page}/pay", {"invoice": "=2+5"}).status_code == 403


def test_a_message_comes_with_its_file_and_a_note_is_nobody_elses(published: Any) -> None:
    number = published.numbers["request"]
    office, company, rival = (published.signed_in(name) for name in ("office", "shen", "lu"))
    page = f"/requests/{number}"
    for internal, text in (("", "Please see the plan."), ("1", "Bad payer.")):
        file = (io.BytesIO(f"plan {internal}".encode()), f"plan{internal}.txt")
        data = {"text": text, "internal": internal, "file": file}
        assert office.post(f"{page}/messages", data, content_type="multipart/form-data").status_code == 302
    told, inside = company.get(page).text, office.get(page).text
    assert "Please see the plan." in told
    assert "Office · laboratory" in told
    assert "1 unread" in told
    assert "Bad payer." not in told
    assert "Bad payer." in inside
    assert "Read 1 new message(s) of the laboratory." in company.get("/").text
    files = re.findall(r'href="(/attachments/\d+)">(plan1?\.txt)', inside)
    assert [name for _, name in files] == ["plan.txt", "plan1.txt"]
    statuses = [[one.get(path).status_code for path, _ in files] for one in (office, company, rival)]
    assert statuses == [[200, 200], [200, 404], [404, 404]]
    assert company.post(f"{page}/messages/read").status_code == 302
    assert "1 unread" not in company.get(page).text
    assert company.post(f"{files[0][0]}/remove", {"reason": "mine"}).status_code == 409


def test_a_withdrawn_report_says_so_first_with_the_reason_and_its_code_is_its_own(published: Any) -> None:
    report, company = published.numbers["report"], published.signed_in("shen")
    drawn = company.get(f"/reports/{report}/qr.svg")
    assert drawn.mimetype == "image/svg+xml"
    assert drawn.text.startswith("<svg")
    assert published.signed_in("lu").get(f"/reports/{report}/qr.svg").status_code == 404
    assert "no longer valid" not in company.get(f"/reports/{report}").text
    with published.laboratory.work(journey.actor(published.laboratory, "signatory")) as work:
        certificates.act(work, report, "withdraw", "wrong area of the item")
    page = company.get(f"/reports/{report}").text
    assert "Withdrawn: this report is no longer valid." in page
    assert page.index("wrong area of the item") < page.index("Download the signed PDF")


def test_what_is_asked_beyond_ten_lines_is_folded_away(empty: Any) -> None:
    browser, told = empty.signed_in("shen"), "Complete the draft and submit it."
    for _ in range(12):
        browser.post("/requests/new", {"product": "collector-flat", "tests": "iso9806-2017-qdt", "then": "draft"})
    shown, rest = browser.get("/").text.split('<details class="more-needs"><summary>And 2 more</summary>')
    assert (shown.count(told), rest.partition("</details>")[0].count(told)) == (10, 2)
