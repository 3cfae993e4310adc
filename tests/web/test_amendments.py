"""Amending a report on its pages: who is offered it, a page that was overtaken, and what the world reads afterwards."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

SEEN = re.compile(r'name="seen" value="([^"]+)"')
WHY = {"reason": "型号写错", "reason_en": "wrong model"}


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def test_a_report_is_amended_on_its_pages_and_everybody_reads_which_one_counts(published: Any) -> None:
    old, item = published.numbers["report"], published.numbers["item"]
    office, company = published.signed_in("office"), published.signed_in("shen")
    form, new = f"/reports/{old}/amend", f"{old}-A1"
    assert form in office.get(f"/reports/{old}").text
    for other in ("technician", "reviewer", "shen"):
        assert form not in published.signed_in(other).get(f"/reports/{old}").text
        assert published.signed_in(other).post(form, WHY).status_code == 403
    corrected = {"field": "model", "value": "HT-B", "reason": "a slip"}
    assert office.post(f"/items/{item}/correct", corrected).status_code == 302

    # Two forms were open at once: the second is told, and opens nothing.
    found = SEEN.search(office.get(form).text)
    assert found
    assert office.post(form, {**WHY, "seen": found[1]}).location == f"/reports/{new}"
    late = published.signed_in("quality").post(form, {**WHY, "seen": found[1]})
    assert (late.status_code, "Amendment opened" in late.text) == (409, True)
    assert company.get(f"/reports/{new}").status_code == 404
    known = company.get(f"/reports/{old}").text
    assert new not in known
    assert WHY["reason"] not in known  # why is read on the amended report, once it is issued
    assert "Amendment opened" not in known
    assert WHY["reason"] in office.get(f"/reports/{old}").text

    reviewer = published.signed_in("reviewer")
    page = text_of(reviewer.get(f"/reports/{new}"))
    assert "wrong model" in page
    assert "HT-B" in page
    assert reviewer.get(f"/reports/{new}/draft.pdf").data.startswith(b"%PDF-")
    assert company.get(f"/reports/{old}/draft.pdf").status_code == 403
    password = {"password": published.password}
    for who, action in (("reviewer", "check"), ("signatory", "authorise"), ("signatory", "issue")):
        assert published.signed_in(who).post(f"/reports/{new}/{action}", password).status_code == 302

    assert WHY["reason"] in company.get(f"/reports/{old}").text
    listed = {line.split(",")[0]: line for line in company.get("/reports?as=csv").text.splitlines()}
    assert ("HT-B" in listed[new], "HT-B" in listed[old]) == (True, False)  # each as it says itself
    assert new in company.get("/reports?q=HT-B").text
    assert old not in text_of(company.get("/reports?q=HT-B")).replace(new, "")
    assert old in text_of(company.get("/reports?q=HTHEATstore")).replace(new, "")
    day = published.laboratory.today.isoformat()
    said = text_of(published.visitor().get(f"/verify?q={old}"))
    assert "Superseded: an amended report replaces it" in said
    assert f"{new} , {day}" in said
    assert "HT-B" not in said  # what the old report printed, not what the item is called now
    said = text_of(published.visitor().get(f"/verify?q={new}"))
    assert "Issued and valid" in said
    assert f"Replaces {old} , {day}" in said
    assert "HT-B" in said
    for path in (f"/reports/{old}", f"/requests/{published.numbers['request']}"):
        assert new in company.get(path).text
    assert "superseded" in company.get("/notices").text
    data = company.get(f"/reports/files.zip?number={old}&number={new}").data
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        listed = {line.split(",")[0]: line for line in file.read("list.csv").decode("utf-8-sig").splitlines()}
    assert f",,{new}," in listed[old]
    assert f",{old},," in listed[new]
