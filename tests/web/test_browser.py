"""A real browser: no console error on any page, and the journeys that need JavaScript, a scanner or a dropped file."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from shutil import which
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from instruments.courier import Courier
from instruments.uplink import Uplink
from lims.app import create_app
from lims.demonstration import journey, people, spot_check
from lims.demonstration.bench import record, served
from lims.demonstration.record import replay
from lims.equipment.benches import bench_named
from lims.laboratory import Laboratory
from lims.runs import operations as runs
from tests.conftest import skip_loudly
from tests.web.scanner import scan

# The shell is Chromium without windows, toolbars and their processes: a third of the processor time for the same page.
CHROMIUM = next(
    filter(None, map(which, ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"))), ""
)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]
DESK, TABLET = {"width": 1280, "height": 800}, {"width": 820, "height": 1180}
PHONE = {"width": 390, "height": 844}
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM:
        skip_loudly("there is no Chromium: apt-get install chromium-headless-shell")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def address(site: Any) -> Iterator[str]:
    with served(site.app) as found:
        yield found


class Watched:
    """A browser window that remembers every error on its console."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.context, self.address = context, address
        self.errors: list[str] = []

    def page(self) -> Page:
        page = self.context.new_page()
        page.set_default_timeout(60_000)  # of a computer that does much else at the same time
        page.on("console", lambda message: self._hear(message.type, message.text, page.url))
        page.on("pageerror", lambda error: self._hear("error", str(error), page.url))
        return page

    def _hear(self, kind: str, text: str, url: str) -> None:
        if kind in ("error", "warning"):
            self.errors.append(f"{url}: {text}")

    def sign_in(self, username: str, password: str) -> Page:
        page = self.page()
        page.goto(f"{self.address}/sign-in")
        page.fill("#username", username)
        page.fill("#password", password)
        page.click("main button.primary")
        page.wait_for_url(f"{self.address}/")
        return page


def window(chromium: Browser, address: str, *, size: dict[str, int] = DESK, language: str = "zh") -> Watched:
    """A new window with nobody signed in."""
    context = chromium.new_context(viewport=size, locale="zh-CN")  # type: ignore[arg-type]
    context.add_cookies([{"name": "language", "value": language, "url": address}])
    return Watched(context, address)


def addresses(numbers: dict[str, str]) -> list[str]:
    """Every page worth looking at."""
    n = numbers
    return [
        "/", "/requests", f"/requests/{n['request']}", "/items", f"/items/{n['item']}", "/jobs", f"/jobs/{n['job']}",
        "/benches", "/benches/graz-demo", f"/runs/{n['run']}", f"/runs/{n['run']}/scans/1", f"/results/{n['result']}",
        f"/results/{n['result']}/coefficients/a1", f"/results/{n['result']}/windows",
        f"/results/{n['result']}/windows/0", "/review",
        f"/review/{n['result']}", "/reports", f"/reports/{n['report']}", "/equipment",
        "/equipment/HB-EQ-0001", "/limits", "/methods", "/methods/iso24194-2022", "/procedures",
        "/procedures/iso9806-2017-impact-ice", "/audit", "/verify", f"/verify/{n['code']}",
    ]  # fmt: skip


@pytest.mark.parametrize(("size", "language"), [(DESK, "zh"), (TABLET, "en")], ids=["desk", "tablet"])
def test_no_page_has_a_console_error_or_is_wider_than_the_window(
    site: Any, chromium: Browser, address: str, size: dict[str, int], language: str
) -> None:
    watched = window(chromium, address, size=size, language=language)
    page, too_wide = watched.sign_in("signatory", site.password), []
    for path in addresses(site.numbers):
        page.goto(address + path)
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            too_wide.append(path)
    assert watched.errors == []
    assert too_wide == []


def test_a_company_reads_its_order_on_a_phone(site: Any, chromium: Browser, address: str) -> None:
    watched = window(chromium, address, size=PHONE)
    page, too_wide = watched.sign_in("shen", site.password), []
    number = site.numbers["request"]
    page.get_by_role("link", name=number, exact=True).first.click()
    page.wait_for_url(f"{address}/requests/{number}/progress")
    expect(page.locator(".steps li.done")).to_have_count(5)
    expect(page.locator(".chain > li").last).to_contain_text("检测报告已签发")
    for path in ("/", f"/requests/{number}", f"/requests/{number}/progress", "/reports"):
        page.goto(address + path)
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            too_wide.append(path)
    assert too_wide == []
    assert watched.errors == []


def test_the_menu_opens_and_closes_by_keys_on_a_phone(site: Any, chromium: Browser, address: str) -> None:
    watched = window(chromium, address, size=PHONE)
    page = watched.sign_in("shen", site.password)
    line = page.get_by_role("link", name="检测报告 Reports", exact=True)
    expect(line).to_be_hidden()
    page.get_by_role("button", name="菜单").focus()
    page.keyboard.press("Enter")
    expect(line).to_be_visible()
    page.keyboard.press("Escape")
    expect(line).to_be_hidden()
    page.keyboard.press("Enter")  # the focus is back at the button
    for _ in ("首页", "委托", "样品", "检测报告"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/reports")
    assert watched.errors == []


def test_a_run_is_plotted_and_a_click_on_the_curve_opens_the_scans_bytes(
    site: Any, chromium: Browser, address: str
) -> None:
    watched = window(chromium, address)
    page = watched.sign_in("technician", site.password)
    page.goto(f"{address}/runs/{site.numbers['run']}")
    expect(page.locator(".uplot")).to_have_count(4)
    expect(page.locator(".days button[aria-pressed=true]")).to_have_count(1)
    page.locator(".uplot .u-over").first.click()
    page.wait_for_url(re.compile(r"/scans/\d+$"))
    expect(page.locator("pre.bytes").first).to_contain_text("01 04")
    assert watched.errors == []


def test_the_bench_page_follows_a_recording_and_says_when_the_bench_falls_silent(
    site: Any, templates: Any, chromium: Browser, tmp_path: Path, number: Any
) -> None:
    assert site  # made before the browser starts: its report cannot be signed while the browser's loop runs
    with templates("sqlite", "planned").copied(tmp_path / "instance") as laboratory:
        with laboratory.work(journey.actor(laboratory, "technician")) as work:
            run, token = runs.prepare(work, number("RW"), clock=runs.RECORD_CLOCK)
        with served(create_app(laboratory)) as address:
            watched = window(chromium, address, size=TABLET)
            page = watched.sign_in("technician", people.password(laboratory))
            with _recording(run.number, tmp_path / "spool", Uplink(base_url=address, token=token, attempts=1)):
                page.goto(f"{address}/benches/graz-demo")
                expect(page.locator(".live[data-state=holds]")).to_be_visible()
                expect(page.locator("#curves .uplot")).to_have_count(4)
                assert page.title().startswith("● 条件满足 · graz-demo")
                before = page.locator(".live-bar").inner_text()
                page.locator("#sound").click()
                expect(page.locator("#sound")).to_have_text("声音已开")
                expect(page.locator(".live-bar")).not_to_have_text(before)
            silent = laboratory.clock().timestamp() - 60
            os.utime(laboratory.live / f"{run.number}.json", (silent, silent))
            expect(page.locator(".live[data-state=lost]")).to_be_visible()
            expect(page.locator(".light.holds")).to_have_count(0)
    assert watched.errors == []


@contextmanager
def _recording(run: str, spool: Path, uplink: Uplink) -> Iterator[None]:
    """The demonstration bench records the noon of a clear day on simulators, fifteen minutes a second, and shows it."""
    day = replay((date(2017, 7, 13),))
    noon = replace(day, times=day.times[240:282])
    how: dict[str, Any] = {"run": run, "spool": spool, "speed": 900.0, "tick": lambda: None}
    thread = Thread(target=record, args=(bench_named(journey.BENCH), noon), kwargs=how)
    thread.start()
    with Courier(uplink, spool / run, run=run, tell=lambda en, _: None, beat=0.1):
        yield
        thread.join()


def test_what_a_scanner_types_anywhere_opens_the_page_and_what_a_person_types_does_not(
    site: Any, chromium: Browser, address: str
) -> None:
    page = window(chromium, address).sign_in("technician", site.password)
    item = site.numbers["item"]
    scan(page, item, gaps=dict.fromkeys(range(len(item) + 1), 0.08))  # a person
    scan(page, item, gaps={9: 0.4})  # what was typed before is over, and the rest is too short for a number
    assert page.url == f"{address}/"
    for gaps in ({}, {4: 0.2}):  # a key that a busy tablet held back belongs to the rest
        page.goto(address)
        scan(page, item, gaps=gaps)
        page.wait_for_url(f"{address}/items/{item}")


def test_a_dropped_pdf_is_verified_and_a_changed_one_is_told(site: Any, chromium: Browser, address: str) -> None:
    pdf = site.signed_in("shen").get(f"/reports/{site.numbers['report']}.pdf").data
    changed = bytearray(pdf)
    changed[len(pdf) // 3] ^= 1
    watched = window(chromium, address)
    page = watched.page()
    for data, sentence in ((pdf, "已签发，有效"), (bytes(changed), "该文件不是有效的检测报告")):
        page.goto(f"{address}/verify")
        transfer = page.evaluate_handle(
            """text => { const bytes = Uint8Array.from(atob(text), one => one.charCodeAt(0));
                         const transfer = new DataTransfer();
                         transfer.items.add(new File([bytes], "报告.pdf", {type: "application/pdf"}));
                         return transfer; }""",
            base64.b64encode(data).decode(),
        )
        page.dispatch_event("#drop", "drop", {"dataTransfer": transfer})
        expect(page.locator(".verdict h2")).to_have_text(sentence)
    assert watched.errors == []


def test_a_company_orders_and_a_reviewer_signs_in_the_browser(evaluated: Any, chromium: Browser) -> None:
    with served(evaluated.app) as address:
        company = window(chromium, address)
        page = company.sign_in("shen", evaluated.password)
        page.get_by_role("link", name="新建委托").click()
        page.get_by_role("button", name="平板型太阳能集热器", exact=True).click()
        page.get_by_role("button", name="热性能与淋雨").click()
        expect(page.locator("[data-total] output")).to_have_text("¥21,000.00")
        page.wait_for_load_state()  # the script of the page finds and sums
        page.fill("#tests-filter", "ISO 9806 耐压")
        expect(page.locator("#tests .check:visible")).to_have_count(1)
        page.uncheck("[value='procedure:iso9806-2017-internal-pressure']")
        expect(page.locator("[data-total] output")).to_have_text("¥20,100.00")
        for name, text in (
            ("product_zh", "平板集热器"),
            ("manufacturer", "晴川"),
            ("model", "QC-25"),
            ("gross_area", "2.51"),
        ):
            page.fill(f"#{name}", text)
        page.get_by_role("button", name="提交委托").click()
        expect(page.locator(".head .chip")).to_contain_text("已提交")
        result = f"/results/{evaluated.numbers['result']}"
        technician = window(chromium, address)
        page = technician.sign_in("technician", evaluated.password)
        page.goto(address + result)
        page.get_by_role("button", name="提交审核").click()
        expect(page.locator(".head .chip")).to_contain_text("待审核")
        reviewer = window(chromium, address)
        page = reviewer.sign_in("reviewer", evaluated.password)
        page.goto(f"{address}/review")  # by keys alone, as the page tells them
        expect(page.locator(".keys kbd")).to_have_text(["j", "k", "Enter"])
        page.keyboard.press("j")
        expect(page.locator("a.row:focus")).to_have_text(evaluated.numbers["result"])
        page.keyboard.press("Enter")
        page.wait_for_url(f"{address}/review/{evaluated.numbers['result']}")
        page.get_by_role("button", name="停用快捷键").click()
        page.get_by_role("button", name="启用快捷键").click()
        page.keyboard.press("a")
        expect(page.locator("#password-review")).to_be_focused()
        page.keyboard.type(evaluated.password)  # no key of the page works while something is typed
        page.get_by_role("button", name="审核通过", exact=True).click()
        expect(page.locator(".head .chip")).to_contain_text("已审核")
        assert company.errors + technician.errors + reviewer.errors == []


def test_the_pages_of_door_and_store_fit_a_tablet_and_a_scanned_address_opens_its_item(
    site: Any, chromium: Browser, address: str
) -> None:
    watched = window(chromium, address, size=TABLET, language="zh")
    page, too_wide = watched.sign_in("technician", site.password), []
    item, order = site.numbers["item"], site.numbers["request"]
    for path in (
        "/receipt", f"/receipt/{order}", f"/items/labels?request={order}", f"/items/{item}/refusal",
        f"/items/{item}/custody", "/storage", "/storage/A-01", "/storage/move?place=A-01", "/storage/keeping?tab=kept",
        f"/items/{item}",
    ):  # fmt: skip
        page.goto(address + path)
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            too_wide.append(path)
    assert too_wide == []
    page.goto(f"{address}/storage")
    scan(page, f"http://anywhere.example/items/{item}")
    page.wait_for_url(f"{address}/items/{item}")
    assert watched.errors == []


def test_a_sampling_record_is_kept_as_one_goes_and_signed_with_a_finger_on_a_tablet(
    site: Any, chromium: Browser, address: str
) -> None:
    number = spot_check.taken(site.laboratory, site.numbers["task"], suffix="-B")
    watched = window(chromium, address, size=TABLET)
    page = watched.sign_in("quality", site.password)
    page.goto(f"{address}/sampling/{number}")
    page.fill("#trademark", "晴川牌")
    page.click("#batch")
    expect(page.locator("#kept")).to_have_text("已保存。")
    page.reload()
    expect(page.locator("#trademark")).to_have_value("晴川牌")
    pad = page.locator("canvas.signature")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 120, steps=5)
    page.mouse.up()
    page.locator("form[action$='/company'] button.primary").click()
    expect(page.locator("main")).to_contain_text("屏幕签字")
    page.fill("form[action$='/sign'] #password", site.password)
    page.locator("form[action$='/sign'] button.primary").click()
    expect(page.locator("form[action$='/sign']")).to_have_count(1)
    expect(page.locator("dd .chip.good")).to_have_count(2)
    assert watched.errors == []


def test_files_too_large_are_told_when_they_are_chosen_and_not_sent(
    site: Any, chromium: Browser, tmp_path: Path
) -> None:
    first, second, large = (tmp_path / f"{name}.txt" for name in ("图纸一", "图纸二", "视频"))
    for file, size in ((first, 600), (second, 620), (large, 1200)):
        file.write_bytes(b"a" * size * 1024)
    smaller = Laboratory(replace(site.laboratory.settings, upload_limit_mb=1))
    with served(create_app(smaller)) as address:
        watched = window(chromium, address)
        page = watched.sign_in("shen", site.password)
        page.goto(f"{address}/requests/new?product=collector-flat")
        page.fill("#model", "QC-25")
        page.set_input_files("#file", large)
        expect(page.get_by_role("alert")).to_have_text("“视频.txt”为 1.2 MB；一次最多上传 1.0 MB。请选择较小的文件。")
        page.get_by_role("button", name="存为草稿").click()
        expect(page.locator("#file")).to_be_focused()
        assert page.url == f"{address}/requests/new?product=collector-flat"
        page.set_input_files("#file", [first, second])
        expect(page.get_by_role("alert")).to_contain_text(
            "所选文件共 1.2 MB；一次最多上传 1.0 MB。其中最大的是“图纸二.txt”"
        )
        page.set_input_files("#file", first)
        expect(page.get_by_role("alert")).to_have_count(0)
        page.get_by_role("button", name="存为草稿").click()
        expect(page.locator(".file-list")).to_contain_text("图纸一.txt")
        assert watched.errors == []
    smaller.close()
