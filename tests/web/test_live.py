"""The bench page: live values only while they are live, lights with reasons, and a silent bench said to be silent."""

from __future__ import annotations

import json
import os
import re
from typing import Any

import pytest

from lims.demonstration import journey
from lims.runs import operations
from lims.runs.live import LOST_AFTER
from tests.web.conftest import Site


def text_of(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


VALUES = {"G": 812.5, "Gd": 98.0, "DNI": 700.0, "t_in": 55.25, "t_out": 61.0, "t_amb": 21.5, "V_dot": 0.0021, "u": 2.5}
UNITS = {**dict.fromkeys(("G", "Gd", "DNI"), "W/m2"), **dict.fromkeys(("t_in", "t_out", "t_amb"), "degC")}
UNITS |= {"V_dot": "m3/s", "u": "m/s"}
FAULT = {"i": "weather", "kind": "silent", "sentence_en": "weather does not answer.", "sentence_zh": "气象站无应答。"}


def show(site: Any, run: str, *, count: int = 5, lost: str = "", age: float = 1.0) -> None:
    scans = [
        {"seq": n, "time": f"2017-07-13T11:{n:02d}:30Z", "lag": 0.0, "faults": [FAULT] if lost else [],
         "values": {s: [v, UNITS[s]] for s, v in VALUES.items() if s != lost}}
        for n in range(1, count + 1)
    ]  # fmt: skip
    told = {"schema": "heliobench.live/1", "after": 0, "age": age, "scans": scans}
    operations.preview(site.laboratory, run, json.dumps(told).encode())


@pytest.fixture
def running(templates: Any, tmp_path: Any, number: Any) -> Any:
    with templates("sqlite", "planned").copied(tmp_path / "instance") as laboratory:
        with laboratory.work(journey.actor(laboratory, "technician")) as work:
            run = operations.prepare(work, number("RW"), clock=operations.RECORD_CLOCK)[0].number
        yield Site(laboratory), run


def test_without_live_data_the_page_says_so(running: Any) -> None:
    site, run = running
    for path in ("/benches/graz-demo", "/benches/graz-demo/live", f"/runs/{run}", f"/runs/{run}/live"):
        page = text_of(site.signed_in("technician").get(path))
        assert "No live data yet" in page, path
        assert "has not spoken yet" in page
    assert site.signed_in("technician").get(f"/runs/{run}/live.json").json["time"] == []


def test_live_values_lights_and_reasons_are_shown_with_their_units(running: Any) -> None:
    site, run = running
    show(site, run)
    answer = site.signed_in("technician").get("/benches/graz-demo/live")
    page = text_of(answer)
    assert 'data-state="unknown"' in answer.text  # five minutes of a window of thirty
    for shown in (
        "812.5 W/m²",
        "55.25 °C",
        "2.50 m/s",
        "Still collecting",
        "5 min of the record so far",
        "limit not confirmed",
    ):
        assert shown in page, shown
    assert "not now" not in page
    curves = site.signed_in("technician").get(f"/runs/{run}/live.json?hours=1").json
    assert len(curves["time"]) == 5
    assert {one["symbol"] for one in curves["series"]} == set(VALUES)


def test_a_missing_reading_shows_its_fault_in_the_readers_language_and_no_value(running: Any) -> None:
    site, run = running
    show(site, run, lost="u")
    page = text_of(site.signed_in("technician", "zh").get("/benches/graz-demo/live"))
    assert "气象站无应答。" in page
    assert "2.50 m/s" not in page
    answer = site.signed_in("technician").get("/benches/graz-demo/live")
    assert 'data-state="fails"' in answer.text
    assert "A value is missing within the window." in text_of(answer)


def test_a_silent_bench_is_told_with_what_to_do_and_its_values_are_not_shown_as_live(running: Any) -> None:
    site, run = running
    show(site, run)
    path, now = site.laboratory.live / f"{run}.json", site.laboratory.clock().timestamp()
    os.utime(path, (now - LOST_AFTER - 1, now - LOST_AFTER - 1))
    answer = site.signed_in("technician").get("/benches/graz-demo/live")
    page = text_of(answer)
    assert 'data-state="lost"' in answer.text
    assert "Contact lost" in page
    assert "start it with the same command" in page
    assert page.count("not now") == len(VALUES)
    assert 'class="light holds' not in answer.text


def test_a_bench_that_speaks_and_brings_no_scan_is_late(running: Any) -> None:
    site, run = running
    show(site, run, age=200.0)
    assert 'data-state="late"' in site.signed_in("technician").get("/benches/graz-demo/live").text


def test_what_a_bench_says_cannot_become_a_part_of_the_page(running: Any) -> None:
    site, run = running
    fault = {**FAULT, "sentence_en": "<script>alert(1)</script>", "i": "<b>x</b>"}
    scan = {"seq": 1, "time": "2017-07-13T11:00:30Z", "lag": 0.0, "faults": [fault], "values": {"G": [1.0, "<i>"]}}
    told = {"schema": "heliobench.live/1", "after": 0, "age": 0.0, "scans": [scan]}
    operations.preview(site.laboratory, run, json.dumps(told).encode())
    page = site.signed_in("technician").get("/benches/graz-demo/live").text
    assert "<script>alert" not in page
    assert "<b>x" not in page
    assert "<i>" not in page.replace('<i class="sym">', "")


@pytest.mark.parametrize("path", ["/benches/graz-demo/live", "/runs/{}/live", "/runs/{}/live.json"])
def test_no_company_sees_a_bench(running: Any, path: str) -> None:
    site, run = running
    show(site, run)
    for company in ("shen", "lu"):
        assert site.signed_in(company).get(path.format(run)).status_code == 403
    assert site.visitor().get(path.format(run)).status_code == 302
