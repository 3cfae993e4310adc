"""Stretches of the way that several orders share, each by the people who do it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from lims.contracts.checklist import PERSONAL
from lims.demonstration import journey, people
from lims.runs import operations as runs
from lims.runs.itemfile import read_item
from protocols.method import methods
from tests.web.journeys.conftest import TABLET, Visitor


def sign_on_the_screen(page: Any) -> None:
    """A finger draws on the field of the signature."""
    pad = page.locator("canvas.signature")
    pad.scroll_into_view_if_needed()
    page.wait_for_load_state()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 120, steps=5)
    page.mouse.up()


def accepted(house: Any, number: str) -> None:
    """The office reviews the contract and takes the order."""
    office = house.person("office")
    office.press(number)
    office.press("开始合同评审")
    office.press("合同评审")
    office.tick(*(label.zh for label in PERSONAL.values()))
    office.press("受理")
    office.state("已受理")


def received(house: Any, item: str, photograph: Path, *, sealed: bool = False) -> Visitor:
    """The technician receives all that came with an item, on a tablet at the door. Returns the technician."""
    technician: Visitor = house.person("technician", size=TABLET)
    technician.press("收样")
    technician.sees("扫描或输入")
    technician.scans(item)
    technician.tick("包装及外观完好")
    technician.fill("存放地点", "A-01")
    technician.labelled("照片").set_input_files(photograph)
    if sealed:
        for one in technician.main.locator("fieldset").filter(has_text="封签").all():
            one.get_by_label("完好").check()
    technician.looks(f"{item}-received")
    technician.press("接收所选样品")
    technician.sees(item)
    technician.looks(f"{item}-labels")
    return technician


def described(technician: Visitor, item: str) -> None:
    """What the method asks about the array whose record is imported, and that the item can be tested."""
    technician.opens(f"/items/{item}")
    technician.press("确认可检测")
    technician.state("可检测")
    technician.press("填写参数")
    known = read_item(journey.ITEM_FILE, methods()["iso9806-2017-qdt"]).values
    for symbol, value in known.items():
        field = technician.main.locator(f"[name='{symbol}']")
        if symbol == "A_G" or not field.count():
            continue
        if isinstance(value, (str, int, float)):
            (field.select_option if field.evaluate("one => one.tagName") == "SELECT" else field.fill)(str(value))
        else:
            field.fill("\n".join(" ".join(map(str, row)) for row in value))
    technician.fill("总面积的标准不确定度", "1.03")
    technician.looks(f"{item}-properties")
    technician.press("保存")
    technician.sees("515.66")


def recorded(house: Any, technician: Visitor, username: str, job: str, spool: Path, name: str) -> str:
    """A bench replays a measured record for the job; the technician evaluates it. Returns the result's number."""
    with house.site.laboratory.work(people.person(house.site.laboratory, username).actor) as work:
        run, _ = runs.prepare(work, job, clock=runs.RECORD_CLOCK)
    for index, path in enumerate(sorted(spool.glob("segment-*.jsonl")), start=1):
        runs.ingest(house.site.laboratory, run.number, index, path.read_bytes())
    technician.opens(f"/jobs/{job}")
    technician.press(run.number)
    technician.state("已封存")
    technician.looks(f"{name}-run")
    technician.press("计算")
    technician.page.wait_for_url("**/results/**")
    technician.looks(f"{name}-result")
    return technician.number("JG")


def approved(house: Any, technician: Visitor, result: str) -> None:
    """Submitted by the one who tested, reviewed and authorised by two others."""
    technician.press("提交审核")
    technician.state("待审核")
    for username, words, state in (("reviewer", "审核通过", "已审核"), ("signatory", "批准结果", "已批准")):
        person = house.person(username)
        person.press(result)
        person.looks(f"{result}-{username}")
        person.act(words, signed=True)
        person.state(state)


def reported(house: Any, technician: Visitor, page: str) -> str:
    """The report of a result or of a manual record is drafted on its page, checked, authorised, issued; its number."""
    technician.opens(page)
    technician.press("起草报告")
    technician.state("已起草")
    number = technician.number("BG")
    reviewer, signatory = house.person("reviewer"), house.person("signatory")
    reviewer.press(number)
    reviewer.looks(f"{number}-drafted")
    reviewer.act("校核通过", signed=True)
    reviewer.state("已校核")
    signatory.opens("/")
    signatory.press(number)
    signatory.act("批准报告", signed=True)
    signatory.state("已批准")
    signatory.act("签发报告", signed=True)
    expect(signatory.main.locator(".head .chip").last).to_contain_text("已签发")
    signatory.looks(f"{number}-issued")
    return number
