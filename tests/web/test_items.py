"""Goods in, labels, store: what people do with items on the pages."""

from __future__ import annotations

import io
import re
from typing import Any

import pypdf
import pytest
from PIL import Image
from werkzeug.datastructures import FileStorage

from lims.demonstration import journey
from tests.web.test_pages import text_of


def photograph() -> FileStorage:
    """A small JPEG that says which camera took it."""
    picture, out = Image.new("RGB", (640, 480), (90, 140, 200)), io.BytesIO()
    exif = picture.getexif()
    exif[0x010F] = "TabletCam"
    picture.save(out, "JPEG", exif=exif)
    return FileStorage(io.BytesIO(out.getvalue()), filename="左侧.jpg")


@pytest.fixture
def door(empty: Any, number: Any) -> tuple[Any, str, str]:
    """A site with an accepted order whose item has not come: site, order, item."""
    journey.order(empty.laboratory)
    return empty, number("WT"), number("YP")


def came(item: str, **more: Any) -> dict[str, Any]:
    return {"came": item, "condition": "packaging", "place": "http://x.example/storage/A-01", **more}


def test_a_technician_receives_with_a_photograph_prints_labels_and_is_told_what_differs(
    door: tuple[Any, str, str],
) -> None:
    site, order, item = door
    technician = site.signed_in("technician")
    assert order in technician.get("/receipt").text
    assert technician.get(f"/receipt?code={item}").location == f"/receipt/{order}"
    told = {
        f"serial-{item}": "X-9", f"model-{item}": "HTHEATstore 35/10", "words": "左上角压痕",
        f"photo-{item}": photograph(), "accessory-brackets": "came", "accessory-manual": "missing",
    }  # fmt: skip
    answer = technician.post(f"/receipt/{order}", came(item, **told), content_type="multipart/form-data")
    assert answer.location == f"/items/labels?number={item}&number={item}-01"
    page = text_of(technician.get(f"/items/{item}"))
    for words in (
        "packaging damaged；左上角压痕", "Not as announced, serial number: FHW-ARC-S; found X-9",
        f"missing: {item}-02", "A-01 1 号货架", "左侧.jpg",
    ):  # fmt: skip
        assert words in page
    assert "found HTHEATstore" not in page
    original = re.search(r'href="(/attachments/\d+)"', technician.get(f"/items/{item}").text)[1]  # type: ignore[index]
    with Image.open(io.BytesIO(technician.get(original).data)) as kept:
        assert kept.getexif()[0x010F] == "TabletCam"
    with Image.open(io.BytesIO(technician.get(f"{original}/thumbnail").data)) as small:
        assert not small.getexif()
    answer = technician.post(f"/items/{item}/accept")
    assert (answer.status_code, "Keep on the item" in answer.text) == (409, True)
    technician.post(f"/items/{item}/agree", {"agreed": "沈晓岚电话同意"})
    assert technician.post(f"/items/{item}/accept").status_code == 302


def test_a_receipt_that_cannot_be_kept_keeps_what_was_typed(door: tuple[Any, str, str]) -> None:
    site, order, item = door
    technician = site.signed_in("technician")
    answer = technician.post(f"/receipt/{order}", came(item, words="压痕", place="", **{f"serial-{item}": "X-9"}))
    assert answer.status_code == 409
    assert "Say where the item is stored" in text_of(answer)
    assert all(typed in answer.text for typed in (">压痕<", 'value="X-9"'))
    not_a_photo = FileStorage(io.BytesIO(b"MZ\x90\x00\x03"), filename="setup.exe")
    answer = technician.post(
        f"/receipt/{order}", came(item, **{f"photo-{item}": not_a_photo}), content_type="multipart/form-data"
    )
    assert answer.status_code == 400
    assert "expected" in text_of(technician.get(f"/items/{item}"))  # nothing was kept


def test_an_item_is_refused_at_the_door_and_its_company_reads_the_letter(door: tuple[Any, str, str]) -> None:
    site, _, item = door
    technician = site.signed_in("technician")
    assert "Give a reason" in technician.post(f"/items/{item}/refusal", {}).text
    assert technician.post(f"/items/{item}/refusal", {"reason": "damaged", "words": "玻璃碎裂"}).status_code == 302
    letter = pypdf.PdfReader(io.BytesIO(site.signed_in("shen").get(f"/items/{item}/refusal.pdf").data))
    text = "".join(page.extract_text() for page in letter.pages)
    for words in ("样品拒收通知", "海宁晴川太阳能有限公司", item, "样品损坏", "玻璃碎裂"):
        assert words in text
    assert site.signed_in("lu").get(f"/items/{item}/refusal.pdf").status_code == 404


def test_a_place_is_scanned_once_and_then_item_after_item(door: tuple[Any, str, str]) -> None:
    site, order, item = door
    technician = site.signed_in("technician")
    technician.post(f"/receipt/{order}", came(item))
    purpose = {"purpose": "存放"}
    answer = technician.post("/storage/move", {"place": "", "item": "http://x.example/storage/A-02", **purpose})
    assert "place=http" in answer.location
    answer = technician.post("/storage/move", {"place": "A-02", "item": f"http://x.example/items/{item}", **purpose})
    assert f"{item} is now at A-02" in text_of(technician.get(answer.location))
    again = technician.post("/storage/move", {"place": "A-02", "item": item, **purpose})
    assert "is there already" in text_of(technician.get(again.location))
    wrong = technician.post("/storage/move", {"place": "A-02", "item": "YP-1999-00001", **purpose})
    assert (wrong.status_code, 'value="A-02"' in wrong.text) == (404, True)
    chain = text_of(technician.get(f"/items/{item}/custody"))
    assert chain.index("A-01") < chain.index("A-02")
    assert chain.count("存放") == 1
    assert item in technician.get("/storage/A-02").text


def test_a_scan_finds_items_and_places_whatever_address_stands_before_them(door: tuple[Any, str, str]) -> None:
    site, _, item = door
    technician = site.signed_in("technician")
    for code, page in (
        (f"http://old.example:9/items/{item}", f"/items/{item}"), (f"{item.lower()}-01", f"/items/{item}-01"),
        ("https://x.example/storage/A-01", "/storage/A-01"), ("a-01", "/storage/A-01"),
    ):  # fmt: skip
        assert technician.get("/scan", query_string={"code": code}).location == page
    assert site.signed_in("shen").get("/scan?code=A-01").status_code == 404


def test_the_store_is_kept_by_office_and_quality_manager(empty: Any) -> None:
    place = {"code": "a-01-3", "name_zh": "三层", "kind": "shelf", "parent": "A-01", "capacity": "2"}
    assert empty.signed_in("technician").post("/storage", place).status_code == 403
    quality = empty.signed_in("quality")
    answer = quality.post("/storage", {**place, "capacity": "many"})
    assert (answer.status_code, 'value="many"' in answer.text) == (400, True)
    assert quality.post("/storage", place).status_code == 302
    assert "0 / 2" in text_of(quality.get("/storage/A-01-3"))
    assert quality.post("/storage/A-01-3", {**place, "capacity": ""}).status_code == 302
    assert "no longer used" in text_of(quality.get("/storage"))  # the box "in use" was not ticked


def test_ticked_items_go_back_with_a_note_to_sign(door: tuple[Any, str, str]) -> None:
    site, _, item = door
    office = site.signed_in("office")
    office.post(f"/items/{item}/refusal", {"reason": "damaged"})
    assert item in office.get("/storage/keeping?tab=return").text
    assert office.post("/storage/keeping", {"what": "return", "number": item}).status_code == 400
    sent = {"what": "return", "number": item, "to": "顺丰 SF1", "next": "/storage/keeping?tab=return"}
    answer = office.post("/storage/keeping", sent)
    note = re.search(r'href="(/storage/return-note.pdf[^"]+)"', office.get(answer.location).text)
    assert note
    text = pypdf.PdfReader(io.BytesIO(office.get(note[1]).data)).pages[0].extract_text()
    assert all(words in text for words in ("退样单", item, "领取人"))
    assert "returned" in text_of(office.get(f"/items/{item}"))


def test_the_list_is_narrowed_by_place_with_all_that_lies_inside_and_by_what_is_due(door: tuple[Any, str, str]) -> None:
    site, order, item = door
    technician = site.signed_in("technician")
    technician.post(f"/receipt/{order}", came(item))
    assert item in technician.get("/items?place=A").text  # A-01 stands in A
    assert item not in technician.get("/items?place=A-02").text
    assert item not in technician.get("/items?due=return").text
    technician.post(f"/items/{item}/refusal", {"reason": "damaged"})
    assert item in technician.get("/items?due=return").text
    company = site.signed_in("shen")
    assert "A-02" not in company.get("/items").text
    assert item not in company.get("/items?place=A").text  # the store is the laboratory's own affair
