"""Pages on which a run is started by scanning, and noted on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.web.conftest import Site


def text_of(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


@pytest.fixture
def waiting(templates: Any, tmp_path: Any) -> Iterator[Site]:
    """A site with a job that waits for its run."""
    with templates("sqlite", "planned").copied(tmp_path / "instance") as laboratory:
        yield Site(laboratory)


def test_scanned_checked_started_noted_aborted_and_started_again(waiting: Site, number: Any) -> None:
    browser, numbers = waiting.signed_in("technician"), waiting.numbers
    assert numbers["job"] in browser.get("/start").text
    assert "is no item, job or bench" in text_of(browser.get("/start?code=what+is+this"))
    page = text_of(browser.get(f"/start?code=https://lab.example/items/{numbers['item']}"))
    assert "Scan the bench you stand at" in page
    checked = browser.get(f"/start?job={numbers['job']}&code=graz-demo")
    assert text_of(checked).count("✓") == 10
    assert "✗" not in checked.text
    begin = f"/jobs/{numbers['job']}/start"
    refused = browser.post(begin, {"bench": "elsewhere"})
    assert (refused.status_code, "you are at elsewhere" in refused.text) == (409, True)
    assert "heliobench record" in text_of(browser.post(begin, {"bench": "graz-demo"}))
    again = browser.post(begin, {"bench": "graz-demo"})
    assert (again.status_code, "Give" in again.text) == (409, False)
    run = f"/runs/{number('YX')}"
    assert "has an unfinished run" in text_of(browser.get(f"/start?job={numbers['job']}&code=graz-demo"))
    assert browser.post(f"{run}/marks", {"kind": "remark", "text": "<b>cloud</b>"}).status_code == 302
    noted = browser.get(run)
    assert "&lt;b&gt;cloud&lt;/b&gt;" in noted.text
    assert "Remark" in text_of(noted)
    assert browser.post(f"{run}/marks", {"kind": "exclude", "text": "x", "first": "noon"}).status_code == 400
    mark = re.search(r"/marks/(\d+)/withdraw", noted.text)
    assert mark
    assert browser.post(f"{run}/marks/{mark[1]}/withdraw", {"reason": "it was a bird"}).status_code == 302
    assert "taken back" in text_of(browser.get(run))
    assert browser.post(f"{run}/abort", {"reason": "hail"}).status_code == 302
    assert f"/start?job={numbers['job']}" in browser.get(run).text
    assert "heliobench record" in text_of(browser.post(begin, {"bench": "graz-demo"}))


def test_a_bench_or_the_address_on_a_label_scanned_anywhere_opens_its_page(waiting: Site) -> None:
    browser, item = waiting.signed_in("technician"), waiting.numbers["item"]
    assert browser.get("/scan?code=graz-demo").location == "/benches/graz-demo"
    assert browser.get(f"/scan?code=https://lab.example/items/{item}").location == f"/items/{item}"


@pytest.mark.parametrize("username", ["shen", "office", "reviewer", "admin"])
def test_only_a_technician_starts_and_notes(waiting: Site, username: str) -> None:
    browser = waiting.signed_in(username)
    assert browser.get("/start").status_code == 403
    assert browser.post("/runs/YX-1/marks", {"text": "x"}).status_code == 403
    assert browser.post("/runs/YX-1/marks/1/withdraw", {"reason": "x"}).status_code == 403
