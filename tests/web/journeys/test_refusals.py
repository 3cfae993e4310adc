"""Two orders that go wrong in good order: declined after the contract review, and an item refused at the door."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from lims.contracts.checklist import PERSONAL
from tests.web.journeys.conftest import PHONE, TABLET
from tests.web.test_browser import pytestmark

__all__ = ["pytestmark"]


def test_an_order_is_asked_about_answered_and_declined_and_its_company_learns_why(house: Any) -> None:
    company, office = house.person("shen", size=PHONE), house.person("office")
    company.press("新建委托")
    company.press("平板型太阳能集热器")
    company.press("热性能与淋雨")
    for label, text in (
        ("产品中文名称", "平板型太阳能集热器"),
        ("生产单位", "晴川"),
        ("规格型号", "QC-25"),
        ("总面积", "2.51"),
    ):
        company.fill(label, text)
    company.press("存为草稿")
    company.state("草稿")
    number = company.number("WT")
    company.looks("declined-01-draft")
    company.press("提交委托")
    company.state("已提交")
    company.looks("declined-02-submitted")

    office.opens("/")
    office.press(number)
    office.looks("declined-03-office")
    office.press("开始合同评审")
    office.act("询问委托单位", reason="集热器的工质是水还是乙二醇？")
    office.state("待委托方答复")
    office.looks("declined-04-asked")

    company.opens("/")
    company.sees("请答复本中心提出的问题")
    company.looks("declined-05-home")
    company.press("请答复本中心提出的问题")
    company.sees("集热器的工质是水还是乙二醇？")
    company.looks("declined-06-question")
    company.fill("您的答复", "乙二醇 40 %。")
    company.press("答复")
    company.state("评审中")

    office.opens("/")
    office.looks("declined-07-office-home")
    office.press(number)
    office.press("合同评审")
    office.sees("乙二醇 40 %。")
    office.tick(*(label.zh for name, label in PERSONAL.items() if name != "resources"))
    office.fill("备注：本机构有资源按期完成", "乙二醇回路十二月检修")
    office.looks("declined-08-checklist")
    office.press("受理")
    office.is_refused("本机构有资源按期完成")
    office.looks("declined-09-refused")
    office.press("返回")
    expect(office.labelled("备注：本机构有资源按期完成")).to_have_value("乙二醇回路十二月检修")
    office.fill("理由", "乙二醇回路检修至明年二月，无法按期完成；之后欢迎再次委托。")
    office.press("不受理")
    office.state("不受理")
    office.sees("乙二醇回路十二月检修")
    office.looks("declined-10-declined")

    company.opens("/")
    company.looks("declined-11-home")
    company.sees("不受理")
    company.page.locator("a.bell").click()
    company.looks("declined-12-notices")
    company.sees("乙二醇回路检修至明年二月")
    company.press(f"委托 {number}")
    company.looks("declined-13-order")
    company.sees("乙二醇回路检修至明年二月")
    company.misses("乙二醇回路十二月检修")
    company.press("进度与文件")
    company.sees("乙二醇回路检修至明年二月")
    company.looks("declined-14-timeline")
    expect(company.main.locator(".steps .ended")).to_contain_text("不受理")
    company.press("复制为新委托")
    expect(company.labelled("规格型号")).to_have_value("QC-25")
    company.looks("declined-15-copy")
    company.press("存为草稿")
    company.state("草稿")
    assert company.number("WT") != number


def test_an_item_is_refused_at_the_door_and_its_company_sends_another(house: Any, photograph: Path) -> None:
    company, office = house.person("lu", size=PHONE, language="en"), house.person("office", language="en")
    company.press("New request")
    company.press("flat-plate solar collector")
    company.press("performance and rain")
    for label, text in (
        ("Product name in Chinese", "平板型太阳能集热器"),
        ("Manufacturer", "Nuanyang"),
        ("Model", "NY-20"),
        ("Gross area", "2.02"),
    ):
        company.fill(label, text)
    company.press("Submit the request")
    number = company.number("WT")
    office.opens("/")
    office.press(number)
    office.press("Start contract review")
    office.press("Contract review")
    office.tick(*(label.en for label in PERSONAL.values()))
    office.looks("door-01-checklist")
    office.press("Accept")
    office.state("accepted")

    company.opens("/")
    company.looks("door-02-home")
    company.press("Send the item")
    item = company.number("YP")
    company.looks("door-03-expected")

    technician = house.person("technician", size=TABLET, language="en")
    technician.press("Goods in")
    technician.sees("Scan or type the number")
    technician.scans(item)
    technician.looks("door-04-receive")
    technician.press("Refuse this item")
    technician.press("Refuse the item")
    technician.is_refused("reason")
    technician.looks("door-05-no-reason")
    technician.tick("the item is damaged")
    technician.fill("In words", "glass broken across the lower left corner")
    technician.labelled("Photographs").set_input_files(photograph)
    technician.press("Refuse the item")
    technician.state("refused")
    technician.looks("door-06-refused")

    company.opens("/")
    company.looks("door-07-home")
    company.press(f"{item} was refused")
    company.sees("glass broken across the lower left corner")
    company.looks("door-08-item")
    letter = " ".join(company.pdf("Letter to the company").split())
    assert "glass broken across the lower left corner" in letter
    company.press("Tell the laboratory")
    company.fill("Message to the laboratory", "We send another one; please send this one back.")
    company.press("Send")
    company.looks("door-09-told")

    office.opens("/")
    office.looks("door-10-office")
    office.press(number)
    office.sees("We send another one")
    office.press(item)
    office.press("Another item comes in its place")
    office.press("Number them")
    office.looks("door-11-another")
    office.sees("YP-2026-00002")

    technician.opens(f"/items/{item}")
    technician.press("Hand back")
    technician.fill("Who takes it", "SF 0123456789")
    technician.press("Hand back", technician.main.locator("form.sheet:visible"))
    technician.state("returned")
    expect(technician.main.locator(".steps li")).to_have_text(["expected", "refused", "returned"])
    technician.looks("door-12-returned")

    company.opens("/")
    company.sees("write YP-2026-00002 on the parcel")
    company.press(number)
    company.looks("door-13-timeline")
    company.press("The whole request")
    company.act("Cancel", reason="The model is no longer made.")
    company.state("cancelled")
    company.looks("door-14-cancelled")
    company.press("Timeline and documents")
    company.sees("The model is no longer made.", "letter of refusal")
    company.looks("door-15-end")
    technician.walks_to("Goods in")
    technician.sees("Scan or type the number")
    technician.misses(number)
