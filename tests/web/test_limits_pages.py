"""The page of a limit: anybody looks, the quality manager confirms, and a page that was overtaken changes nothing."""

from __future__ import annotations

import re
from typing import Any

from tests.web.test_pages import text_of

PATH = "/limits/gbt19141_2011/U_sl_max"
FORM = {"edition": "GB/T 19141-2011", "value": "16", "clause": "6.3", "source": "copy 12"}


def test_the_quality_manager_confirms_a_limit_with_clause_and_source_and_others_read_it(empty: Any) -> None:
    technician = empty.signed_in("technician")
    assert technician.post(f"{PATH}/confirm", FORM).status_code == 403
    page = technician.get(PATH).text
    assert "not confirmed" in page
    assert f'action="{PATH}/confirm"' not in page
    quality = empty.signed_in("quality", "zh")
    page = quality.get(PATH).text
    assert "与标准原文核对确认" in page
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert seen
    assert quality.post(f"{PATH}/confirm", {**FORM, "value": "16,0"}).status_code == 400
    assert quality.post(f"{PATH}/confirm", {**FORM, "seen": seen[1]}).status_code == 302
    assert "已按 GB/T 19141-2011 确认" in quality.get(PATH).text
    stale = quality.post(f"{PATH}/confirm", {**FORM, "value": "17", "reason": "x", "seen": seen[1]})
    assert stale.status_code == 409
    shown = text_of(technician.get(PATH))
    assert "copy 12" in shown
    assert re.search(r"U_sl_max.{0,600}copy 12", technician.get("/limits").text, re.DOTALL)
    assert quality.post(f"{PATH}/take-back", {"edition": FORM["edition"], "reason": ""}).status_code == 400
    assert quality.post(f"{PATH}/take-back", {"edition": FORM["edition"], "reason": "修改单"}).status_code == 302
    assert "not confirmed" in technician.get(PATH).text


def test_the_page_of_a_collectors_limit_asks_for_area_and_temperature_and_shows_them(empty: Any) -> None:
    quality = empty.signed_in("quality", "zh")
    path = "/limits/gbt6424_2021/U_max"
    assert 'name="area"' in quality.get(path).text
    assert 'name="area"' not in quality.get(PATH).text
    told = {**FORM, "edition": "GB/T 6424-2021"}
    assert quality.post(f"{path}/confirm", told).status_code == 400
    assert quality.post(f"{path}/confirm", told | {"area": "aperture", "temperature": "inlet"}).status_code == 302
    assert "采光面积，工质进口温度" in text_of(quality.get(path))


def test_a_limit_that_is_not_there_is_not_found(empty: Any) -> None:
    quality = empty.signed_in("quality")
    assert quality.get("/limits/gbt19141_2011/nothing").status_code == 404
    assert quality.get("/limits/nothing/U_sl_max").status_code == 404


def test_limits_are_looked_for_by_what_stands_in_them_and_by_whether_they_are_confirmed(empty: Any) -> None:
    quality = empty.signed_in("quality")
    every, one = quality.get("/limits").text, quality.get("/limits?q=u_SL_max").text
    assert one.count("<tr><td>") < every.count("<tr><td>")
    assert '<details class="panel" id="gbt19141_2011" open>' in one
    assert "No limit is like that." in quality.get("/limits?q=u_sl_max&state=confirmed").text


def test_retention_periods_are_confirmed_on_their_page_and_no_longer_marked(empty: Any) -> None:
    office, technician = empty.signed_in("office"), empty.signed_in("technician")
    assert "nobody has confirmed them" in technician.get("/storage/keeping").text
    digest = re.search(
        r'action="/site-data/retention/confirm".*?name="digest" value="(\w+)"', office.get("/site-data").text
    )
    assert digest is not None
    assert "backup samples: 105 days after the report" in office.get("/site-data").text  # 90 and the 15 to object
    told = {"digest": digest[1], "source": "质量手册 4.2"}
    assert technician.post("/site-data/retention/confirm", told).status_code == 403
    assert office.post("/site-data/retention/confirm", told | {"digest": "x"}).status_code == 409
    assert office.post("/site-data/retention/confirm", told).location == "/site-data"
    assert "nobody has confirmed them" not in technician.get("/storage/keeping").text
    assert "质量手册 4.2" in technician.get("/site-data").text
    assert office.post("/site-data/nothing/confirm", told).status_code == 404
