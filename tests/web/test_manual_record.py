"""A manual test is recorded on a tablet page that saves itself, and its record is printed."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import expect
from pypdf import PdfReader

from tests.manual.conftest import authorise, plan
from tests.web.test_browser import TABLET, chromium, served, window

__all__ = ["chromium"]

pytestmark = pytest.mark.usefixtures("quick_hashing")


@pytest.fixture
def job(empty: Any) -> str:
    """A planned pressure test of the site."""
    authorise(empty.laboratory, ("technician", "test"), ("reviewer", "review"), ("signatory", "authorise"))
    return plan(empty.laboratory)


def begin(site: Any, job: str, language: str = "en") -> str:
    answer = site.signed_in("technician", language).post(f"/jobs/{job}/record")
    assert answer.status_code == 302, answer.text
    return str(answer.location.rsplit("/", 1)[1])


def photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "#336699").save(out, "JPEG")
    return out.getvalue()


def test_the_record_is_written_with_a_photo_judged_printed_and_signed(empty: Any, job: str) -> None:
    number, technician = begin(empty, job), empty.signed_in("technician")
    page = f"/manual/{number}"
    sent = {
        "e:system:0:1": "closed", "e:pressure:0:1": "900", "e:held:0:1": "30", "e:leak:0:1": "no",
        "f:photo:0": (io.BytesIO(photo()), "接头.jpg"), "e:deviation:0:1": "<b>无</b>",
    }  # fmt: skip
    assert technician.post(f"{page}/entries", sent, content_type="multipart/form-data").status_code == 302
    shown = technician.get(page).text
    assert "900" not in re.findall(r"first reading kept.*?</div>", shown, re.DOTALL)[0]  # the second is made blind
    assert "&lt;b&gt;" in shown
    assert "接头.jpg" in shown
    story = shown.rpartition("<table")[2]
    assert "<small>leak seen: no</small>" in story
    assert "<small>test pressure</small>" in story  # and not what was read first
    assert technician.post(f"{page}/submit").status_code == 409
    quiet = {"X-Heliobench": "save"}
    kept = technician.post(f"{page}/entries", {"e:pressure:0:2": "900"}, headers=quiet)
    assert (kept.status_code, kept.text) == (204, "")
    refused = technician.post(f"{page}/entries", {"e:held:0:1": "10"}, headers=quiet)
    assert (refused.status_code, "say why" in refused.text) == (409, True)
    wrong = technician.post(f"{page}/entries", {"e:held:0:1": "soon"}, headers=quiet)
    assert (wrong.status_code, wrong.mimetype) == (400, "text/plain")  # the page shows the sentence beside the field
    assert "a number with a decimal point" in wrong.text
    unnamed = technician.post(f"{page}/submit")  # a gauge and a watch were used, and no instrument is named
    assert (unnamed.status_code, "No instrument is named" in unnamed.text) == (409, True)
    technician.post(f"{page}/entries", {"e:equipment:1:1": "HB-EQ-0001"})
    assert re.search(r'href="/equipment/HB-EQ-0001">[^<]+SMP11</a> <span class="chip good">', technician.get(page).text)
    assert technician.post(f"{page}/submit").status_code == 302
    assert empty.signed_in("reviewer").get("/review").text.count(number) >= 1
    for username, action in (("reviewer", "review"), ("signatory", "authorise")):
        answer = empty.signed_in(username).post(f"{page}/{action}", {"password": empty.password})
        assert answer.status_code == 302, answer.text
    text = "\n".join(
        one.extract_text() for one in PdfReader(io.BytesIO(technician.get(f"{page}/record.pdf").data)).pages
    )
    for told in (number, "耐压试验", "900", "陈立", "赵敏", "周正", "30"):
        assert told in text, told
    for username in ("shen", "lu"):
        assert empty.signed_in(username).get(page).status_code == 403
    drafted = technician.post(f"{page}/report")
    assert drafted.status_code == 302
    report = technician.get(drafted.location).text
    for told in (number, "Pressure test", "900 kPa", "drafted"):
        assert told in report, told
    assert technician.get(f"{drafted.location}/draft.pdf").data.startswith(b"%PDF")
    assert drafted.location in technician.get(page).text
    assert f'action="{page}/report"' not in technician.get(page).text
    assert technician.post(f"{page}/report").status_code == 409


@pytest.mark.browser
def test_a_tablet_saves_what_is_written_as_it_is_written(empty: Any, job: str, chromium: Any) -> None:
    number = begin(empty, job, "zh")
    with served(empty.app) as address:
        watched = window(chromium, address, size=TABLET)
        page = watched.sign_in("technician", empty.password)
        page.goto(f"{address}/manual/{number}")
        page.fill("#e-pressure-0-1", "900")
        page.keyboard.press("Tab")
        expect(page.locator("#saved")).to_contain_text("已保存")
        page.locator(".pick", has=page.locator("[value=closed]")).click()
        page.reload()
        expect(page.locator(".entry", has_text="试验压力")).to_contain_text("第一次读数已保存")
        page.fill("#e-pressure-0-2", "900")
        page.keyboard.press("Tab")
        expect(page.locator("#saved")).to_contain_text("已保存")
        page.reload()
        expect(page.locator(".entry.done", has_text="试验压力")).to_contain_text("900")
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        assert watched.errors == []
