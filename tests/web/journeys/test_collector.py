"""The order of a collector, measured on a bench, sent back once, reported, and verified by anyone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from lims.demonstration import people
from lims.workdays import calendar
from tests.web.journeys.conftest import PHONE
from tests.web.journeys.steps import accepted, approved, described, received, recorded, reported
from tests.web.test_browser import pytestmark

__all__ = ["pytestmark"]


def test_a_collector_is_ordered_measured_sent_back_reported_and_verified(
    house: Any, photograph: Path, spool: Path
) -> None:
    today = house.site.laboratory.today
    company = house.person("shen", size=PHONE)
    company.press("新建委托")
    company.press("太阳能集热器阵列")
    company.main.locator(f"[id='test-{people.METHOD}']").check()
    company.fills(
        {"产品中文名称": "平板型太阳能集热器阵列", "生产单位": "Arcon-Sunmark A/S", "规格型号": "HTHEATstore 35/10"}
    )
    company.fill("总面积", "515.66")
    company.press("提交委托")
    number, item = company.number("WT"), f"YP-{today.year}-00001"
    accepted(house, number)
    technician = received(house, item, photograph)
    described(technician, item)

    office = house.person("office")
    office.opens(f"/requests/{number}")
    office.press("安排检测任务")
    day = calendar().after(today, 1).isoformat()
    office.fills({"起始日期": day, "截止日期": day})
    office.press("排期")
    office.sees("已排期")
    result = recorded(house, technician, "technician", office.number("RW"), spool, "collector")

    technician.press("提交审核")
    technician.state("待审核")
    reviewer = house.person("reviewer")
    reviewer.press("审核")
    reviewer.press(result)
    reviewer.looks("collector-01-review")
    reviewer.act("退回", reason="请说明工质物性超出表格范围的影响。")
    technician.page.reload()
    technician.page.locator("a.bell").click()
    technician.sees("请说明工质物性超出表格范围的影响")
    technician.press(f"结果 {result} 被退回")
    expect(technician.main.locator(".notice", has_text="已退回")).to_contain_text("请说明工质物性超出表格范围的影响")
    technician.looks("collector-02-back")
    approved(house, technician, result)
    report = reported(house, technician, f"/results/{result}")

    company.opens("/")
    company.looks("collector-03-home")
    company.press(report)
    company.looks("collector-04-report")
    told = company.pdf("查看报告")
    assert all(one in told for one in (report, item, "HTHEATstore 35/10", "海宁晴川"))
    company.misses("陈立", "赵敏")
    anyone = house.anyone(size=PHONE)
    anyone.opens("/")
    anyone.opens("/verify")
    anyone.fill("报告编号", report)
    anyone.press("验证")
    expect(anyone.main.locator(".verdict h2")).to_have_text("已签发，有效")
    anyone.looks("collector-05-verified")
    anyone.misses("海宁晴川太阳能有限公司")
