"""The page "Import a file": looked at, stated, confirmed; once; and from a digit down to the line of the file."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from lims.demonstration.bench import served
from lims.models import Event, Run
from tests.web.conftest import Site
from tests.web.test_browser import chromium, window

__all__ = ["chromium"]
SMALL = """Time,G (W/m2),Gd (W/m2),t_in (C),t_out (C),t_amb (C),V_dot (l/min),u (m/s)
2026-11-01 09:00:00,800,100,20,30,25,2.5,1
2026-11-01 09:01:00,801,,20,30,25,2.5,1
"""


@pytest.fixture
def site(templates: Callable[[str, str], Any], tmp_path: Path) -> Iterator[Site]:
    """A site with a planned job and no run."""
    with templates("sqlite", "planned").copied(tmp_path / "instance") as laboratory:
        yield Site(laboratory)


def sent(text: str | bytes, name: str = "记录.csv", **fields: str) -> dict[str, Any]:
    data = text.encode() if isinstance(text, str) else text
    return {"file": (io.BytesIO(data), name), **fields}


def stated(page: str) -> dict[str, str]:
    """The fields of the preview as a browser would send them."""
    fields = dict(re.findall(r'<input (?:type="hidden" )?(?:id="[a-z_]+" )?name="([^"]+)" value="([^"]*)"', page))
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        fields[name] = chosen[1] if chosen else ""
    fields.pop("csrf_token", None)
    return fields


def counts(site: Site) -> tuple[int, int]:
    with site.laboratory.database.read() as session:
        return tuple(session.scalar(sa.select(sa.func.count()).select_from(one)) for one in (Run, Event))  # type: ignore


def test_a_file_is_looked_at_confirmed_once_and_opened_line_by_line(site: Site, number: Callable[[str], str]) -> None:
    technician, job = site.signed_in("technician"), number("RW")
    assert f"/jobs/{job}/import" in technician.get(f"/jobs/{job}").text
    before = counts(site)
    looked = technician.post(f"/jobs/{job}/import", sent(SMALL)).text
    assert "Nothing stands against the import" in looked
    assert "by confirming you state it" in looked
    assert counts(site) == before
    fields = stated(looked)
    assert (fields["c-t_in"], fields["u-V_dot"], fields["zone"]) == ("3:t_in", "l/min", "Asia/Shanghai")
    first = technician.post(f"/jobs/{job}/import/keep", sent(SMALL, **fields))
    second = technician.post(f"/jobs/{job}/import/keep", sent(SMALL, **fields))
    assert first.status_code == second.status_code == 302
    assert first.location == second.location == f"/runs/{number('YX')}"
    assert counts(site)[0] == 1
    page = technician.get(first.location).text
    assert "记录.csv" in page
    assert "imported already: nothing was added" in page
    saved = technician.get(f"{first.location}/file")
    assert saved.data == SMALL.encode()
    assert saved.headers["Content-Disposition"].startswith("attachment")
    line = technician.get(f"{first.location}/scans/2").text
    assert "2026-11-01 09:01:00,801,,20,30,25,2.5,1" in line
    assert "missing" in line
    assert technician.get(f"{first.location}/scans/3").status_code == 404
    assert technician.get(f"{first.location}/series.json").json["series"][1]["values"] == [100.0, None]
    again = technician.post(f"/jobs/{job}/import", sent(SMALL)).text
    assert f"/runs/{number('YX')}" in again
    assert 'id="keep" class="primary" formaction="/jobs/' in again
    assert "It is not imported twice for one job" in again


def test_what_stands_against_it_is_told_and_nothing_is_kept(site: Site, number: Callable[[str], str]) -> None:
    technician, path, before = site.signed_in("technician"), f"/jobs/{number('RW')}/import", counts(site)
    broken = technician.post(path, sent(SMALL.replace(",801,", ",8x,")))
    assert "Line 3, column 2 “G”: “8x” is not a number" in broken.text
    fields = stated(technician.post(path, sent(SMALL)).text)
    for data, change, status, sentence in (
        (SMALL.replace("801", "802"), {}, 409, "not the file that was looked at"),
        (SMALL, {"u-G": "V"}, 400, "column 2 “G” for G: The unit V is of another quantity"),
        (SMALL, {"zone": "Mars"}, 400, "is no time zone"),
        (SMALL, {"c-G": ""}, 400, "The method needs G"),
        (SMALL, {"c-G": "3:G"}, 400, "is not the column “G”"),
        (SMALL, {"c-G": "999:G"}, 400, "no column 1000"),
        (SMALL, {"ua-G": "-1"}, 400, "is not a standard uncertainty"),
        (SMALL, {"time": "9,,"}, 400, "no column 10"),
        (SMALL, {"first_line": "x"}, 400, "is not the number of a line"),
        (b"\x00\x01", {}, 409, "not the file that was looked at"),
    ):
        answer = technician.post(f"{path}/keep", sent(data, **{**fields, **change}))
        assert (answer.status_code, sentence in answer.text) == (status, True), (change, answer.text)
    assert technician.post(path).status_code == 400
    assert counts(site) == before
    assert site.signed_in("reviewer").get(path).status_code == 403


def test_names_and_cells_of_a_file_are_never_markup(site: Site, number: Callable[[str], str]) -> None:
    evil = '<script>alert("x")</script>'
    text = f"{evil}\n" + SMALL.replace("t_amb", evil.replace('"', "'"))
    page = site.signed_in("technician").post(f"/jobs/{number('RW')}/import", sent(text, name=evil)).text
    assert "&lt;script&gt;alert" in page
    assert "<script>alert" not in page


@pytest.mark.browser
def test_a_dropped_file_is_previewed_changed_and_imported_in_the_browser(
    site: Site, chromium: Any, toa5: bytes, number: Callable[[str], str]
) -> None:
    with served(site.app) as address:
        watched = window(chromium, address)
        page = watched.sign_in("technician", site.password)
        page.goto(f"{address}/jobs/{number('RW')}")
        page.click(f"a[href='/jobs/{number('RW')}/import']")
        page.wait_for_url("**/import")  # and for its script, which takes the dropped file
        transfer = page.evaluate_handle(
            """text => { const bytes = Uint8Array.from(atob(text), one => one.charCodeAt(0));
                         const transfer = new DataTransfer();
                         transfer.items.add(new File([bytes], "OneMin.dat"));
                         return transfer; }""",
            base64.b64encode(toa5).decode(),
        )
        page.dispatch_event("#import-drop", "drop", {"dataTransfer": transfer})
        expect(page.locator("#preview .uplot")).to_have_count(4)
        expect(page.locator("#preview")).to_contain_text("CPU:collector.CR1X")
        page.fill("#zone", "+08:00")
        expect(page.locator("#keep")).to_be_disabled()
        page.click("[data-look]")
        expect(page.locator("#keep")).to_be_enabled()
        expect(page.locator("#zone")).to_have_value("+08:00")
        page.click("#keep")
        page.wait_for_url(re.compile(rf"/runs/{number('YX')}$"))
        page.locator(".uplot .u-over").first.click()
        page.wait_for_url(re.compile(r"/scans/\d+$"))
        expect(page.locator("pre.bytes").first).to_contain_text('"2017-')
        assert watched.errors == []
