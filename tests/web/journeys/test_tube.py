"""The order of an evacuated tube: package, quotation, receipt with a label, and a manual test written on a tablet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from lims.contracts.checklist import PERSONAL
from lims.demonstration import people
from lims.parties import operations as parties
from lims.workdays import calendar
from tests.web.conftest import Site
from tests.web.journeys.conftest import PHONE
from tests.web.journeys.steps import received, reported
from tests.web.test_browser import pytestmark

__all__ = ["pytestmark"]

PRESSURE = "procedure:gbt17049-2024-internal-pressure"


@pytest.fixture(scope="module")
def site(templates: Callable[[str, str], Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """People who may test, review and authorise the internal pressure of tubes."""
    with templates("sqlite", "people").copied(tmp_path_factory.mktemp("tube") / "instance") as laboratory:
        with laboratory.work(people.person(laboratory, "quality").actor) as work:
            for username, activity in (("technician", "test"), ("reviewer", "review"), ("signatory", "authorise")):
                parties.authorise_competence(
                    work, person=people.person(laboratory, username), method_id=PRESSURE, activity=activity,
                    valid_from=work.today, valid_to=work.today + timedelta(days=365),
                )  # fmt: skip
        yield Site(laboratory)


def test_a_tube_is_ordered_quoted_received_tested_by_hand_and_reported(house: Any, photograph: Path) -> None:
    company = house.person("shen", size=PHONE)
    company.press("新建委托")
    company.press("全玻璃真空太阳集热管")
    company.press("GB/T 17049-2024 型式检验")
    company.sees("该套餐中有 5 项目前不能委托")
    company.labelled("真空管耐热冲击试验").uncheck()
    company.fills({"产品中文名称": "全玻璃真空太阳集热管", "生产单位": "海宁晴川"})
    company.fills({"规格型号": "QB-AL/N-58-1800", "出厂编号": "T-0001"})
    company.looks("tube-01-new")
    company.press("提交委托")
    number = company.number("WT")

    office = house.person("office")
    office.press(number)
    office.press("开始合同评审")
    office.press("合同评审")
    office.press("生成报价单")
    office.looks("tube-02-quoted")
    company.opens("/")
    company.press("请确认是否接受报价单")
    company.looks("tube-03-quotation")
    assert "QB-AL/N-58-1800" in company.pdf("BJ-")
    company.press("接受报价")
    company.sees("已接受")
    office.opens(f"/requests/{number}/review")
    office.tick(*(label.zh for label in PERSONAL.values()))
    office.press("受理")
    office.state("已受理")

    item = f"YP-{house.site.laboratory.today.year}-00001"
    technician = received(house, item, photograph)
    assert item in technician.printed("打印")
    technician.opens(f"/items/{item}")
    technician.press("确认可检测")
    technician.state("可检测")

    office.opens(f"/requests/{number}")
    office.press("安排检测任务")
    day = calendar().after(house.site.laboratory.today, 1).isoformat()
    office.fills({"起始日期": day, "截止日期": day})
    office.looks("tube-04-plan")
    office.press("排期")
    office.sees("已排期")
    job = office.number("RW")

    technician.opens("/")
    technician.press(job)
    technician.press("开始记录")
    record = technician.number("RG")
    technician.looks("tube-05-record")
    technician.page.fill("#b-equipment-1", "HB-EQ-0001")
    technician.page.fill("#e-pressure-0-1", "62")
    technician.page.keyboard.press("Tab")
    expect(technician.page.locator("#saved")).to_contain_text("已保存")
    technician.main.locator(".entry", has_text="真空管破损").locator(".pick", has_text="否").click()
    technician.press("保存并判定")
    technician.sees("第一次读数已保存")
    technician.looks("tube-06-first")
    technician.page.fill("#e-pressure-0-2", "26")
    technician.press("保存并判定")
    technician.sees("两次读数不一致")
    technician.looks("tube-07-differ")
    technician.fill("更改理由", "写颠倒了数字")
    technician.press("更正")
    technician.page.fill("#e-pressure-0-2", "62")
    technician.press("保存并判定")
    technician.sees("写颠倒了数字")
    technician.misses("两次读数不一致")
    technician.sees("更改的记录", "26")
    technician.press("提交审核")
    technician.state("待审核")
    technician.looks("tube-08-submitted")

    reviewer, signatory = house.person("reviewer"), house.person("signatory")
    reviewer.page.locator("a.bell").click()
    reviewer.press(f"试验记录 {record} 待审核")
    reviewer.looks("tube-09-review")
    reviewer.act("审核通过", signed=True)
    reviewer.state("已审核")
    signatory.press("审核")
    signatory.press(record)
    signatory.act("批准记录", signed=True)
    signatory.state("已批准")
    paper = signatory.pdf("技术记录")
    assert all(one in paper for one in (record, item, "62", "陈立", "赵敏", "周正"))
    signatory.looks("tube-10-authorised")

    company.opens("/")
    company.press(number)
    company.looks("tube-11-company")
    company.sees("测量完毕")
    company.misses("陈立")

    report = reported(house, technician, f"/manual/{record}")
    technician.opens(f"/manual/{record}")
    technician.sees(report)
    technician.misses("起草报告")
    technician.looks("tube-12-reported")
    company.opens("/")
    company.looks("tube-13-home")
    company.page.locator("a.bell").click()
    company.looks("tube-13-notices")
    company.press(f"检测报告 {report} 已签发")
    company.sees("试验压力", "62 kPa", "未判定")
    company.misses("陈立", "赵敏", "写颠倒了数字")
    company.looks("tube-14-report")
    told = company.pdf("查看报告")
    assert all(
        one in told for one in (report, item, record, "QB-AL/N-58-1800", "海宁晴川", "62", "陈立", "赵敏", "周正")
    )
    assert "HB-EQ-0001" in told
    assert "均在校准有效期内" in told
    code = company.main.locator("a", has_text="验证").get_attribute("href")
    assert code
    anyone = house.anyone(size=PHONE)
    for asked in (report, code.rsplit("/", 1)[-1]):
        anyone.opens("/verify")
        anyone.fill("报告编号", asked)
        anyone.press("验证")
        expect(anyone.main.locator(".verdict h2")).to_have_text("已签发，有效")
        anyone.sees(report, "全玻璃真空太阳集热管")
        anyone.misses("海宁晴川太阳能有限公司", "62")
    anyone.looks("tube-15-verified")
