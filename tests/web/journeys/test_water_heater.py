"""The order of a solar water heater: a day's file of a logger becomes its result and the report of its useful heat."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from playwright.sync_api import expect

from lims.clock import system_clock
from lims.demonstration import people
from lims.parties import operations as parties
from lims.workdays import calendar
from tests.protocols.examples import water_heaters as example
from tests.web.conftest import Site
from tests.web.journeys.conftest import PHONE, TABLET
from tests.web.journeys.steps import accepted, approved, received, reported
from tests.web.test_browser import pytestmark

__all__ = ["pytestmark"]


@pytest.fixture(scope="module")
def site(templates: Callable[[str, str], Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """People who may test, review and authorise the daily useful heat of water heaters."""
    with templates("sqlite", "people").copied(tmp_path_factory.mktemp("heater") / "instance") as laboratory:
        with laboratory.work(people.person(laboratory, "quality").actor) as work:
            for username, activity in (("technician", "test"), ("reviewer", "review"), ("signatory", "authorise")):
                parties.authorise_competence(
                    work, person=people.person(laboratory, username), method_id=example.DAILY, activity=activity,
                    valid_from=work.today - timedelta(days=2), valid_to=work.today + timedelta(days=365),
                )  # fmt: skip
        yield Site(laboratory)


def logged(day: int, monkeypatch: pytest.MonkeyPatch) -> str:
    """The example's day as a logger in China would have written it: its useful heat follows in closed form."""
    monkeypatch.setattr(example, "NOON", example.solar_noon(day=day, **example.PLACE))
    time, columns = example.day_columns()
    lines = ["Time,G (W/m2),t_store (C),t_amb (C),u (m/s)"]
    for row, seconds in enumerate(time):
        moment = datetime.fromtimestamp(round(seconds), UTC).astimezone(ZoneInfo("Asia/Shanghai"))
        cells = (float(columns[name][row]) for name in ("G", "t_store", "t_amb", "u"))
        lines.append(f"{moment:%Y-%m-%d %H:%M:%S}," + ",".join("" if np.isnan(one) else f"{one:.4f}" for one in cells))
    return "\n".join(lines) + "\n"


def test_a_water_heater_is_ordered_measured_with_a_logger_reported_and_verified(
    house: Any, photograph: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    laboratory = house.site.laboratory
    laboratory.clock = lambda: system_clock() - timedelta(days=1)  # yesterday: the order, and the heater arrives
    company = house.person("shen", size=PHONE)
    company.press("新建委托")
    company.press("家用太阳能热水系统")
    company.main.locator(f"[id='test-{example.DAILY}']").check()
    company.fills(
        {"产品中文名称": "家用太阳能热水系统", "生产单位": "海宁晴川", "规格型号": "QC-150", "出厂编号": "H-0001"}
    )
    company.press("提交委托")
    number, item = company.number("WT"), f"YP-{laboratory.today.year}-00001"
    accepted(house, number)
    technician = received(house, item, photograph)
    technician.opens(f"/items/{item}")
    technician.press("确认可检测")
    technician.press("填写参数")
    for symbol, value in example.DAILY_ITEM.items():
        technician.page.fill(f"[name='{symbol}']", str(value))
    technician.looks("heater-01-properties")
    technician.press("保存")
    day = (laboratory.today - date(1970, 1, 1)).days
    laboratory.clock = system_clock

    office = house.again("office")
    office.opens(f"/requests/{number}")
    office.press("安排检测任务")
    slot = calendar().after(laboratory.today, 1).isoformat()
    office.fills({"起始日期": slot, "截止日期": slot})
    office.press("排期")
    office.sees("已排期")
    job = office.number("RW")

    technician = house.again("technician", size=TABLET)
    technician.press(job)
    technician.press("导入文件")
    path = tmp_path / "heater.csv"
    path.write_text(logged(day, monkeypatch), encoding="utf-8")
    technician.main.locator("input[type=file]").set_input_files(path)
    expect(technician.main.locator("#preview")).to_contain_text("heater.csv")
    row = technician.main.locator("tr", has=technician.page.locator("[name='c-t_store']"))
    row.locator("summary").click()
    row.locator("[name='s-t_store']").fill("自校，证书 ZJ-2026-01")
    row.locator("[name='ua-t_store']").fill("0.1")
    technician.main.locator("[data-look]").last.click()
    expect(technician.main.locator("#keep")).to_be_enabled()
    technician.looks("heater-02-import")
    technician.press("导入并封存")
    technician.state("已封存")
    technician.press("计算")
    technician.page.wait_for_url("**/results/**")
    technician.looks("heater-03-result")
    technician.sees("16.0")  # MJ: 150 L heated by 25.5 K
    result = technician.number("JG")
    approved(house, technician, result)
    report = reported(house, technician, f"/results/{result}")

    company = house.again("shen", size=PHONE)
    company.press(report)
    assert "QC-150" in company.pdf("查看报告")
    company.looks("heater-04-report")
    anyone = house.anyone(size=PHONE)
    anyone.opens(f"/verify?q={report}")
    expect(anyone.main.locator(".verdict h2")).to_have_text("已签发，有效")
