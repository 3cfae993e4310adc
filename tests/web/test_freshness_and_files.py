"""A page that was overtaken is refused with what changed; files are opened only by whoever may see their record."""

from __future__ import annotations

import io
import re
from typing import Any

from PIL import Image

SEEN = re.compile(r'name="seen" value="([^"]+)"')


def photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (20, 10), "#336699").save(out, "JPEG")
    return out.getvalue()


def submitted(site: Any) -> str:
    answer = site.signed_in("shen").post(
        "/requests/new",
        {
            "kind": "commissioned", "tests": "iso9806-2017-qdt", "product_zh": "平板集热器", "manufacturer": "晴川",
            "model": "QC-25", "gross_area": "2.51", "return_item": "1", "then": "submit",
        },
    )  # fmt: skip
    assert answer.status_code == 302, answer.text
    return str(answer.location.rsplit("/", 1)[1])


def seen(browser: Any, path: str) -> str:
    found = SEEN.search(browser.get(path).text)
    assert found, "the page's forms do not say what it had seen"
    return found[1]


def test_two_people_at_one_button_give_one_outcome_and_one_clear_sentence(empty: Any) -> None:
    page = f"/requests/{submitted(empty)}"
    office, again = empty.signed_in("office"), empty.signed_in("office", "zh")
    old = seen(office, page)
    assert office.post(f"{page}/start_review", {"seen": old}).status_code == 302
    for browser, sentence in ((office, "you: Start contract review"), (again, "您本人：开始合同评审")):
        answer = browser.post(f"{page}/decline", {"seen": old, "reason": "x"})
        assert answer.status_code == 409
        assert sentence in answer.text
    assert "under review" in office.get(page).text
    assert office.post(f"{page}/decline", {"seen": seen(office, page), "reason": "x"}).status_code == 302


def test_a_company_is_told_that_the_laboratory_changed_its_order_without_a_name(empty: Any) -> None:
    page = f"/requests/{submitted(empty)}"
    shen = empty.signed_in("shen")
    old = seen(shen, page)
    assert empty.signed_in("office").post(f"{page}/return", {"reason": "面积?"}).status_code == 302
    answer = shen.post(f"{page}/submit", {"seen": old})
    assert answer.status_code == 409
    assert "the laboratory: Return for changes" in answer.text


def test_a_mark_that_is_no_mark_and_somebody_elses_record_ask_nothing(empty: Any) -> None:
    page = f"/requests/{submitted(empty)}"
    for mark in ("nonsense", "request WT-1999-00001 0"):
        answer = empty.signed_in("office").post(f"{page}/return", {"seen": mark, "reason": ""})
        assert answer.status_code == 409
        assert "reason" in answer.text


def test_a_form_that_is_refused_keeps_what_was_typed_and_the_files_that_came_with_it(empty: Any) -> None:
    shen = empty.signed_in("shen")
    typed = {"product_en": "solar oven", "model": "QC-25", "gross_area": "2,51", "then": "draft"}

    def post(browser: Any = shen, **more: Any) -> Any:
        return browser.post("/requests/new", {**typed, **more}, content_type="multipart/form-data")

    answer = post(file=[(io.BytesIO(photo()), "图 1.jpg"), (io.BytesIO(b"MZ\0\0"), "setup.exe")])
    assert answer.status_code == 400
    assert "setup.exe is no photograph" in answer.text
    (word,) = re.findall(r'name="held" id="held-1" value="([^"]+)" checked', answer.text)
    for choice, names in (("collector-flat", "平板型太阳能集热器"), ("collector-tube", "真空管型太阳能集热器")):
        answer = post(held=word, choose=choice, product=re.findall(r'name="product" value="([^"]*)"', answer.text)[0],
                      product_zh=re.findall(r'name="product_zh" [^>]*value="([^"]*)"', answer.text)[0])  # fmt: skip
        assert (answer.status_code, f'value="{names}"' in answer.text) == (200, True)
        assert [text in answer.text for text in ('value="solar oven"', 'value="2,51"', "图 1.jpg", word)] == [True] * 4
    assert "There is nothing here yet" in shen.get("/requests").text
    page = post(held=word, gross_area="2.51").location
    assert "图 1.jpg" in shen.get(page).text
    stolen = post(empty.signed_in("lu"), held=word, gross_area="2.51")
    assert (stolen.status_code, "A file is missing" in stolen.text) == (400, True)


def test_files_are_added_shown_and_taken_back_on_the_page(empty: Any) -> None:
    number = submitted(empty)
    page, shen = f"/requests/{number}", empty.signed_in("shen")
    sent = {"file": [(io.BytesIO(photo()), "集热器 <b>1.jpg"), (io.BytesIO(b"%PDF-1.7"), "a.pdf")], "next": page}
    assert shen.post(f"/attachments/request/{number}", sent, content_type="multipart/form-data").location == page
    shown = shen.get(page).text
    assert "集热器 &lt;b&gt;1.jpg" in shown
    numbers = [int(one) for one in re.findall(r'href="/attachments/(\d+)"', shown)]
    first, last = min(numbers), max(numbers)
    opened = shen.get(f"/attachments/{first}")
    assert (opened.data, opened.content_type) == (photo(), "image/jpeg")
    assert opened.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in opened.headers["Content-Security-Policy"]
    assert opened.headers["Content-Disposition"].isascii()
    assert shen.get(f"/attachments/{first}/thumbnail").content_type == "image/jpeg"
    assert shen.get(f"/attachments/{last}/thumbnail").status_code == 404
    for path in (f"/attachments/{first}", f"/attachments/{first}/thumbnail"):
        assert empty.signed_in("lu").get(path).status_code == 404
        assert empty.visitor().get(path).status_code == 302
    assert empty.signed_in("lu").post(f"/attachments/request/{number}", {}).status_code == 404
    assert empty.signed_in("lu").post(f"/attachments/{first}/remove", {"reason": "x"}).status_code == 404
    refused = shen.post(f"/attachments/{first}/remove", {"reason": "x"})
    assert refused.status_code == 409
    assert "ask the office" in refused.text
    assert empty.signed_in("office").post(f"/attachments/{first}/remove", {"reason": "模糊"}).status_code == 302
    assert "集热器" not in re.findall(r'class="file-list".*?</ul>', shen.get(page).text, re.DOTALL)[0]


def test_of_several_files_one_that_cannot_be_kept_keeps_none(empty: Any) -> None:
    number, shen = submitted(empty), empty.signed_in("shen")
    sent = {"file": [(io.BytesIO(b"text"), "a.txt"), (io.BytesIO(b"MZ\x90\x00"), "b.exe")]}
    answer = shen.post(f"/attachments/request/{number}", sent, content_type="multipart/form-data")
    assert answer.status_code == 400
    assert "b.exe" in answer.text
    assert "a.txt" not in shen.get(f"/requests/{number}").text
