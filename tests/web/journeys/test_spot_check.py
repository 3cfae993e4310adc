"""A spot check (监督抽查) from the authority's task to the outcome of the retest, as each of its people does it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from lims.demonstration import people, spot_check
from lims.parties import operations as parties
from lims.permissions import Role
from lims.workdays import calendar
from tests.web.conftest import Site
from tests.web.journeys.conftest import PHONE, TABLET
from tests.web.journeys.steps import (
    accepted,
    approved,
    described,
    received,
    recorded,
    reported,
    sign_on_the_screen,
)  # fmt: skip
from tests.web.test_browser import pytestmark

__all__ = ["pytestmark"]


@pytest.fixture(scope="module")
def site(templates: Callable[[str, str], Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """People who may take samples, the only tester of the demonstration among them, and a second tester."""
    with templates("sqlite", "people").copied(tmp_path_factory.mktemp("spot-check") / "instance") as laboratory:
        spot_check.authorise(laboratory, ("quality", "technician"))
        with laboratory.work(people.person(laboratory, "admin").actor) as work:
            other = parties.add_person(
                work, username="wu", name_zh="吴越", name_en="Wu Yue", password=people.password(laboratory),
                roles=[Role.TECHNICIAN],
            )  # fmt: skip
        with laboratory.work(people.person(laboratory, "quality").actor) as work:
            parties.authorise_competence(
                work, person=other, method_id=people.METHOD, activity="test", valid_from=work.today,
                valid_to=work.today + timedelta(days=365),
            )  # fmt: skip
        yield Site(laboratory)


def test_a_spot_check_is_sampled_tested_objected_to_and_tested_again_elsewhere(
    house: Any, photograph: Path, spool: Path
) -> None:
    office, today = house.person("office"), house.site.laboratory.today
    office.press("监督抽查")
    office.press("登记抽查任务")
    office.fills({
        "任务下达单位": "浙江省市场监督管理局", "文号": "浙市监抽〔2026〕7 号", "产品": "平板型太阳能集热器",
        "受检单位数": "1", "抽样批次数": "1", "起始日期": today.isoformat(),
        "截止日期": (today + timedelta(days=30)).isoformat(), "经费": "40000",
    })  # fmt: skip
    office.main.locator(f"[id='test-{people.METHOD}']").check()
    office.looks("spot-01-task")
    office.press("登记任务")
    task = office.number("CC")
    office.looks("spot-02-task")

    sampler = house.person("quality", size=TABLET)
    sampler.press("监督抽查")
    sampler.press(task)
    sampler.press("新建抽样单")
    record = sampler.number("CY")
    sampler.choose("已登记单位", "嘉兴暖阳")
    sampler.choose("抽样人员二", "陈立")
    sampler.fills({
        "地点": "嘉兴市演示路 2 号成品库", "产品中文名称": "平板型太阳能集热器", "生产单位": "嘉兴暖阳",
        "规格型号": "NY-20", "总面积": "515.66", "抽样基数": "42", "抽样数量": "1", "样品封签号": "FY-0017",
        "备样数量": "1", "备样封签号": "FY-0018", "备样存放地点": "本中心备样库 A-02",
    })  # fmt: skip
    sampler.looks("spot-03-record")
    sampler.press("保存")
    sampler.sees("代表")
    sign_on_the_screen(sampler.page)
    sampler.press("保存受检单位签字")
    sampler.sees("屏幕签字")
    sampler.fill("请输入本人密码以签字", sampler.password)
    sampler.press("抽样人员签字", sampler.main.locator("form[action$='/sign']"))
    sampler.looks("spot-04-signed")
    second = house.person("technician", size=TABLET)
    second.opens(f"/sampling/{record}")
    second.fill("请输入本人密码以签字", second.password)
    second.press("抽样人员签字", second.main.locator("form[action$='/sign']"))
    second.state("已签字")
    sheet = second.pdf("PDF")
    assert all(one in sheet for one in ("FY-0017", "FY-0018", "嘉兴暖阳", "42"))

    office.opens(f"/sampling/{record}")
    office.press("生成委托")
    number = office.number("WT")
    office.looks("spot-05-order")
    accepted(house, number)
    company = house.person("lu", size=PHONE)
    company.sees(number, "封样样品由抽样人员送达")
    company.misses("请寄送样品")
    company.looks("spot-06-company")
    item = f"YP-{today.year}-00001"
    technician = received(house, item, photograph, sealed=True)
    described(technician, item)

    office.opens(f"/requests/{number}")
    office.press("安排检测任务")
    office.choose("检测员", "陈立")
    day = calendar().after(today, 1).isoformat()
    office.fills({"起始日期": day, "截止日期": day})
    office.press("排期")
    office.looks("spot-07-refused")
    office.is_refused("陈立", "抽样人员")
    office.choose("检测员", "吴越")
    office.press("排期")
    office.sees("已排期")
    office.looks("spot-08-planned")
    job = office.number("RW")

    technician.opens(f"/jobs/{job}")
    technician.press("开始任务")
    technician.is_refused("陈立", "抽样人员")
    technician.looks("spot-09-sampler-job")
    tester = house.person("wu", size=TABLET)
    tester.press(job)
    result = recorded(house, tester, "wu", job, spool, "spot")
    approved(house, tester, result)
    report = reported(house, tester, f"/results/{result}")

    office.opens("/")
    office.sees("尚未告知受检单位结果的监督抽查")
    office.looks("spot-10-office")
    office.press(number)
    office.press("结果告知、异议期限、复检")
    office.fill("送达方式", "挂号信 XA 1234 5678 9 CN")
    office.press("登记告知")
    office.sees("剩余 15 天")
    office.looks("spot-11-told")

    company.opens("/")
    company.looks("spot-12-company")
    company.press(f"如对检测报告 {report} 有异议")
    company.looks("spot-13-objections")
    company.fill("异议内容", "对有效集热面积的测量有异议，申请复检。")
    company.press("提出异议")
    objection = company.number("YY")
    company.looks("spot-14-raised")

    quality = house.person("quality", size=TABLET)
    quality.press(objection)
    quality.looks("spot-15-quality")
    quality.act("受理", reason="在期限内提出，予以受理，安排复检。")
    technician.opens("/")
    technician.opens(f"/requests/{number}/objections")
    technician.fill("复检机构", "江苏省演示检测中心")
    technician.main.locator("[name=seal_found][value=intact]").check()
    technician.looks("spot-16-hand-over")
    technician.press("移交备样")
    technician.sees("复检中")
    quality.opens("/")
    quality.press(objection)
    quality.act("复检维持原结论", reason="复检结果与原结论一致，报告编号 JS-2026-0091。")
    quality.sees("复检维持原结论")

    company.opens("/")
    company.page.locator("a.bell").click()
    company.looks("spot-17-notices")
    company.press(f"异议 {objection}")
    company.sees("复检结果与原结论一致", "江苏省演示检测中心")
    company.looks("spot-18-outcome")
    company.misses("吴清", "吴越", "陈立")
    anyone = house.anyone(size=PHONE)
    anyone.opens(f"/verify?q={report}")
    anyone.sees("已签发")
    expect(anyone.main).not_to_contain_text("JS-2026-0091")
