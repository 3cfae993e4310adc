"""A spot check on the pages: the task, the record that is kept as one goes, signatures, the order, the sheet."""

from __future__ import annotations

import base64
import html
from typing import Any

import sqlalchemy as sa

from lims.demonstration import people, spot_check
from lims.demonstration.sketch import sketch
from lims.orders.models import Request
from lims.parties.models import Company

TASK = {
    "authority": "浙江省市场监督管理局", "document": "浙市监抽〔2026〕7 号", "products": "平板型太阳能集热器",
    "companies": "2", "samples": "3", "first_day": "2026-11-01", "last_day": "2027-02-01", "budget": "12000.50",
    "tests": people.METHOD,
}  # fmt: skip


def said(answer: Any) -> str:
    return html.unescape(answer.text)


def record(site: Any, **changes: str) -> dict[str, str]:
    with site.laboratory.database.read() as session:
        company = session.scalar(sa.select(Company.id).where(Company.code == "C-002"))
    quality, office = (str(people.person(site.laboratory, one).id) for one in ("quality", "office"))
    return {
        "company_id": str(company), "place_kind": "market", "place": "嘉兴建材市场 3 区 12 号", "sampler_1_id": quality,
        "sampler_2_id": office, "product_zh": "平板型太阳能集热器", "model": "NY-20",
        "manufacturer": "嘉兴暖阳热能有限公司",
        "gross_area": "2.02", "base_quantity": "42", "quantity": "1", "seals": "FY-0017\n", "backup_quantity": "1",
        "backup_seals": "FY-0018", "backup_place": "本中心备样库",
    } | changes  # fmt: skip


def test_a_spot_check_from_the_task_to_the_order(empty: Any) -> None:
    spot_check.authorise(empty.laboratory)
    office, quality = empty.signed_in("office"), empty.signed_in("quality")
    wrong = office.post("/spot-checks/new", TASK | {"budget": "a lot"})
    assert (wrong.status_code, "Give an amount in yuan" in said(wrong)) == (400, True)
    assert office.post("/spot-checks/new", TASK).location == "/spot-checks/CC-2026-00001"
    form = said(office.get("/spot-checks/CC-2026-00001/change"))
    assert 'value="12000.50"' in form
    assert f'value="{people.METHOD}" checked' in form
    changed = office.post("/spot-checks/CC-2026-00001/change", TASK | {"companies": "1"})
    assert changed.location == "/spot-checks/CC-2026-00001"
    assert "Companies: 0 of 1" in said(quality.get("/spot-checks/CC-2026-00001"))
    begun = quality.post("/spot-checks/CC-2026-00001/records").location
    assert begun == "/sampling/CY-2026-00001"
    same = record(empty)["sampler_1_id"]
    twice = quality.post(f"{begun}?quiet=1", record(empty, sampler_2_id=same))
    assert (twice.status_code, "two people" in said(twice)) == (400, True)
    assert quality.post(f"{begun}?quiet=1", record(empty)).status_code == 204
    assert 'value="NY-20"' in quality.get(begun).text
    drawn = "data:image/png;base64," + base64.b64encode(sketch()).decode()
    broken = quality.post(f"{begun}/company", {"how": "drawn", "representative": "陆鸣", "drawn": "data:base64,%%%"})
    assert (broken.status_code, "did not arrive" in said(broken)) == (400, True)
    assert (
        quality.post(f"{begun}/company", {"how": "drawn", "representative": "陆鸣", "drawn": drawn}).location == begun
    )
    wrong = quality.post(f"{begun}/sign", {"password": "not mine"})
    assert (wrong.status_code, "nothing was signed" in said(wrong)) == (409, True)
    for browser in (quality, office):
        assert browser.post(f"{begun}/sign", {"password": empty.password}).location == begun
    assert quality.post(f"{begun}/order").status_code == 403
    assert office.post(f"{begun}/order").location == "/requests/WT-2026-00001"
    page = said(office.get("/requests/WT-2026-00001"))
    assert TASK["authority"] in page
    assert "CY-2026-00001" in page
    sheet = office.get(f"{begun}/sheet.pdf")
    assert (sheet.status_code, sheet.data[:5]) == (200, b"%PDF-")
    assert "1 of 3" in said(office.get("/spot-checks/CC-2026-00001"))
    assert office.get("/requests/WT-2026-00001/sampling-sheet.pdf").data[:5] == b"%PDF-"
    assert empty.signed_in("lu").get("/requests/WT-2026-00001/sampling-sheet.pdf").status_code == 200
    assert empty.signed_in("shen").get("/requests/WT-2026-00001/sampling-sheet.pdf").status_code == 404
    assert empty.signed_in("lu").get("/requests/WT-2026-00001/invoices").status_code == 404
    assert TASK["authority"] in said(office.get("/requests/WT-2026-00001/invoices"))
    assert "/change" not in said(office.get("/spot-checks/CC-2026-00001"))
    assert office.post("/spot-checks/CC-2026-00001/close").status_code == 409
    assert office.post("/spot-checks/CC-2026-00001/close", {"reason": "其余停产"}).status_code == 302
    assert "其余停产" in said(quality.get("/spot-checks/CC-2026-00001"))


def test_the_company_sampled_sees_its_order_without_prices_and_no_other_company_does(empty: Any) -> None:
    number = spot_check.load(empty.laboratory)
    assert empty.signed_in("office").post(f"/sampling/{number}/order").status_code == 302
    own = empty.signed_in("lu").get("/requests/WT-2026-00001")
    assert own.status_code == 200
    assert "not priced" not in own.text
    assert "CNY" not in own.text
    assert empty.signed_in("shen").get("/requests/WT-2026-00001").status_code == 404
    for path in ("/spot-checks", f"/sampling/{number}", f"/sampling/{number}/sheet.pdf"):
        assert empty.signed_in("lu").get(path).status_code == 403


def test_the_company_objects_on_its_page_and_the_laboratory_answers(published: Any) -> None:
    number, report = published.numbers["request"], published.numbers["report"]
    path = f"/requests/{number}/objections"
    assert published.signed_in("shen").get(path).status_code == 404  # no spot check
    with published.laboratory.database.write() as session:
        session.execute(sa.update(Request).values(kind="spot_check"))
    assert number in said(published.signed_in("office").get("/"))
    told = {"report": report, "received_on": published.laboratory.today.isoformat(), "how": "当面送达"}
    assert published.signed_in("shen").post(f"/requests/{number}/told", told).status_code == 403
    assert published.signed_in("office").post(f"/requests/{number}/told", told).location == path
    assert "15 days after the day of receipt" in said(published.signed_in("shen").get(path))
    assert published.signed_in("lu").get(path).status_code == 404
    assert published.signed_in("lu").post(path, {"report": report, "words": "x"}).status_code == 404
    assert published.signed_in("shen").post(path, {"report": report, "words": "有异议", "retest": "1"}).location == path
    raised = f"YY-{published.laboratory.today.year}-00001"
    assert raised in said(published.signed_in("quality").get("/"))
    assert raised not in said(published.signed_in("lu").get("/objections"))
    assert published.signed_in("shen").post(f"/objections/{raised}/accept", {"reason": "x"}).status_code == 403
    assert published.signed_in("lu").post(f"/objections/{raised}/withdraw", {"reason": "x"}).status_code == 404
    assert published.signed_in("quality").post(f"/objections/{raised}/accept", {"reason": "受理"}).location == path
    none = published.signed_in("technician").post(
        f"/objections/{raised}/hand-over", {"body": "甲中心", "seal_found": "intact"}
    )
    assert (none.status_code, "no backup sample" in said(none)) == (409, True)
    page = said(published.signed_in("quality", "zh").get(path))
    assert "已受理" in page
    assert "复检" in page
