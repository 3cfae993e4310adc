"""The typeset report, looked at with tools that did not make it."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pikepdf
import pypdf
import pytest

from lims.certificates import facts as f
from lims.certificates.amendments import LONGEST
from lims.certificates.document import Content, compose, printed_digits, results_attachment
from lims.certificates.render import qr_svg, render, results_file

Changed = Callable[..., f.ReportFacts]


def text_of(pdf: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return squeezed("\n".join(page.extract_text() for page in pages))


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.fixture(scope="module")
def printed(unsigned: bytes) -> str:
    return text_of(unsigned)


GOLDEN = {
    "a title": ["检测报告", "TEST REPORT", "平板型太阳能集热器热性能检测"],
    "b laboratory": ["太阳能热利用产品检测中心", "Solar Thermal Testing Centre", "浙江省海宁市示范路 1 号"],
    "c location": ["检测地点", "海宁户外试验台 A", "Outdoor bench A, Haining"],
    "d number and end": ["报告编号 Report No. HB-2026-00001", "报告结束 END OF REPORT"],
    "e customer": ["海宁晨光太阳能有限公司", "王芳 0573-1111 1111"],
    "f method": ["ISO 9806:2017", "准动态热性能试验"],
    "g item": ["S-2026-00001", "平板型集热器阵列", "CG-P-13.57", "202606-0038", "外观完好", "Undamaged"],
    "h receipt": ["接收日期 Date of receipt 2017-06-28"],
    "i performance": ["2017-07-03 – 2017-08-25"],
    "j issue": ["签发日期 Date of issue 2026-11-22", "2026 年 11 月 22 日"],
    "k sampling": ["样品由客户送检。", "The item was submitted by the customer."],
    "l items only": ["本报告的结果仅与被检测物品有关。", "The results relate only to the items tested."],
    "m results": ["0.730", "0.029", "8040", "W/(m²·K)", "J/(m²·K)"],
    "n deviations": ["平均时段 30 min。", "Averaging time 30 min."],
    "o authorised": ["批准 Authorised by 周建国 ZHOU Jianguo", "2026-11-22 16:00"],
    "p external": ["无外部供方结果。", "No result was supplied by an external provider."],
    "except in full": ["shall not be reproduced except in full"],
    "customer's data": ["▲ 515.66", "supplied by the customer"],
    "uncertainty": ["扩展不确定度", "coverage factor"],
    "calibration": ["E-001", "CAL-2017-0311", "2018-03-01"],
    "raw record": ["11" * 32, "22" * 32, "ab" * 32, "R-2026-00001"],
    "program": ["Heliobench 0.1.0", "9f" * 32],
    "unconfirmed limits": ["未与标准原文核对 unconfirmed"],
    "demonstration": ["演示", "DEMONSTRATION"],
}


@pytest.mark.parametrize("what", GOLDEN)
def test_the_page_states(what: str, printed: str) -> None:
    assert [part for part in GOLDEN[what] if squeezed(part) not in printed] == []


def test_every_printed_digit_stands_on_the_page(content: Content, printed: str) -> None:
    assert {key for key, text in printed_digits(content).items() if text not in printed} == set()


def test_every_page_carries_the_number_and_its_place(unsigned: bytes) -> None:
    pages = [squeezed(page.extract_text()) for page in pypdf.PdfReader(io.BytesIO(unsigned)).pages]
    total = len(pages)
    for number, text in enumerate(pages, start=1):
        assert "HB-2026-00001" in text
        assert f"第{number}页共{total}页Page{number}of{total}" in text


def test_the_file_declares_pdf_a_3a_and_pdf_ua_1(unsigned: bytes) -> None:
    with pikepdf.open(io.BytesIO(unsigned)) as pdf:
        metadata = pdf.open_metadata()
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")
        assert metadata["pdfuaid:part"] == "1"
        assert "/OutputIntents" in pdf.Root
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang).lower() == "zh-cn"


def test_all_fonts_are_embedded(unsigned: bytes) -> None:
    with pikepdf.open(io.BytesIO(unsigned)) as pdf:
        descriptors = [
            o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/FontDescriptor"
        ]
        assert descriptors
        assert all({"/FontFile", "/FontFile2", "/FontFile3"} & set(d.keys()) for d in descriptors)


def test_the_results_are_attached_byte_for_byte(unsigned: bytes, content: Content, outcome: dict[str, Any]) -> None:
    with pikepdf.open(io.BytesIO(unsigned)) as pdf:
        (specification,) = pdf.Root.AF
        assert specification.AFRelationship == pikepdf.Name.Data
        assert pdf.attachments["results.json"].get_file().read_bytes() == results_attachment(content, outcome)


def test_equal_input_gives_equal_bytes(unsigned: bytes, content: Content, outcome: dict[str, Any]) -> None:
    attached = results_file(results_attachment(content, outcome))
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 20"><path d="M2 18L58 2" stroke="#0072B2"/></svg>'
    assert render(content, figures={"efficiency": svg}, attachments=[attached]) == unsigned


def test_the_text_of_a_record_is_never_program(changed: Changed) -> None:
    hostile = '#read("/etc/passwd") *bold* _it_ $x^2$ <label> @ref \\ #panic() // -- "q"'
    facts = changed(customer__name=f.Text(hostile), item__model=hostile, deviations=f.Text(hostile, hostile))
    printed = text_of(render(compose(facts)))
    assert printed.count(squeezed('#read("/etc/passwd")*bold*_it_$x^2$<label>@ref\\#panic()')) >= 3
    assert "root:x:0" not in printed


def test_only_the_demonstration_laboratory_prints_its_mark(changed: Changed) -> None:
    assert "DEMONSTRATION" not in text_of(render(compose(changed(laboratory__demonstration=False))))


def test_a_draft_without_date_of_issue_can_be_looked_at(changed: Changed) -> None:
    assert "HB-2026-00001" in text_of(render(compose(changed(dates__issued=None))))


def test_an_amended_report_says_what_it_replaces_and_why(changed: Changed) -> None:
    amendment = f.Amendment(replaces="HB-2026-00001 v1", reason=f.Text("型号更正", "Model corrected"))
    printed = text_of(render(compose(changed(version=2, amendment=amendment))))
    assert "HB-2026-00001v1" in printed
    assert "型号更正Modelcorrected" in printed
    assert "第2版Version2" in printed


@pytest.mark.parametrize("language", ["both", "zh", "en"])
def test_whatever_was_changed_the_first_page_holds_all_that_it_must_state(changed: Changed, language: str) -> None:
    """ISO/IEC 17025 7.8.8: what it replaces and why stand on page one, and the notes begin page two as always."""
    change = f.Change(
        what=f.Text("委托单位地址", "Customer's address"), before=f.Text("旧" * 80), after=f.Text("新" * 80)
    )
    amendment = f.Amendment(
        replaces="HB-2026-00001", issued=date(2026, 11, 1), changes=(change,) * 40,
        reason=f.Text("改" * LONGEST, ("because of this " * 20)[:LONGEST]),
    )  # fmt: skip
    pdf = render(compose(changed(number="HB-2026-00001-A1", version=2, amendment=amendment, language=language)))
    first, second = (squeezed(page.extract_text()) for page in pypdf.PdfReader(io.BytesIO(pdf)).pages[:2])
    for told in ("HB-2026-00001-A1", "2026-11-01", "ISO9806:2017"):
        assert told in first, told
    assert ("because" if language == "en" else "改改改") in first
    assert ("注意事项" if language != "en" else "Notes") in second
    assert "改改改" not in second


def test_a_long_list_of_segments_is_shortened_and_left_to_the_attachment(
    facts: f.ReportFacts, changed: Changed
) -> None:
    digests = tuple(f"{i:064x}" for i in range(1, 41))
    (run,) = facts.runs
    many = f.RawRun(
        number=run.number,
        bench=run.bench,
        started=run.started,
        ended=run.ended,
        scans=run.scans,
        segments=digests,
        head=run.head,
    )
    printed = text_of(render(compose(changed(runs=(many,)))))
    assert digests[0] in printed
    assert digests[39] in printed
    assert digests[20] not in printed
    assert "共40段" in printed


def test_the_qr_code_is_bare_svg_because_a_document_type_would_print_nothing() -> None:
    svg = qr_svg("https://lab.example.org/verify/HB-2026-00001")
    assert svg.startswith("<svg")
    assert "DOCTYPE" not in svg


def test_one_value_that_was_not_fitted_has_no_correlation_and_no_t_ratio(
    changed: Changed, outcome: dict[str, Any]
) -> None:
    one = {
        **outcome["coefficients"][0],
        "symbol": "power_ratio",
        "t_ratio": None,
        "coverage_factor": 2.0244109165462936,
    }
    content = compose(changed(outcome={**outcome, "coefficients": [one], "covariance": [outcome["covariance"][0][:1]]}))
    printed = text_of(render(content))
    assert printed_digits(content)["power_ratio.k"] == "2.02"
    assert {key for key, text in printed_digits(content).items() if text not in printed} == set()
    for missing in ("T-ratio", "Correlation of the values"):
        assert squeezed(missing) not in printed, missing
    assert squeezed("数据点共 200 个") in printed


def test_a_value_without_uncertainty_and_a_limit_that_nobody_found_are_printed_as_such(
    changed: Changed, outcome: dict[str, Any]
) -> None:
    bare = {**outcome["coefficients"][0], **dict.fromkeys(("standard_uncertainty", "expanded_uncertainty",
            "coverage_factor", "random_uncertainty", "common_uncertainty", "t_ratio"))}  # fmt: skip
    unfound = {**outcome["limits"][0], "symbol": "nobody_knows", "value": None, "confirmed": False}
    content = compose(changed(outcome={**outcome, "coefficients": [bare], "covariance": [[None]], "limits": [unfound]}))
    assert (content["results"][0]["U"], content["results"][0]["k"], content["limits"][0]["value"]) == ("–", "–", "–")
    assert squeezed("数值未查得") in text_of(render(content))


def test_a_choice_of_the_item_is_told_in_words(changed: Changed) -> None:
    meter = f.ItemProperty(
        symbol="flow_meter_position", name=f.Text("流量计位置", "where the flow is metered"),
        value=f.Text("进口", "at the inlet"), unit="", supplied_by="laboratory",
    )  # fmt: skip
    text = text_of(render(compose(changed(item__properties=(meter,)))))
    assert squeezed("where the flow is metered 进口 at the inlet") in text


def test_a_long_table_of_properties_goes_on_over_the_page(changed: Changed) -> None:
    name = f.Text("很长的参数名称" * 3, "a long name of a property " * 3)
    many = tuple(
        f.ItemProperty(symbol=f"p{i}", name=name, value=f.Text(f"{i}.25"), unit="1", supplied_by="laboratory")
        for i in range(40)
    )
    pages = pypdf.PdfReader(io.BytesIO(render(compose(changed(item__properties=many))))).pages
    rows = [set(re.findall(r"\b\d+\.25\b", page.extract_text())) for page in pages]
    assert set().union(*rows) >= {one.value.zh for one in many}
    assert max(map(len, rows)) < len(many)


CHINESE = re.compile(r"[\u4e00-\u9fff]+")


def test_an_english_report_says_the_same_digits_without_a_chinese_word(changed: Changed) -> None:
    told = compose(changed(language="en"))
    printed = text_of(render(told))
    assert set(CHINESE.findall(printed)) == {"王芳"}  # a name that exists in Chinese alone is better than none
    for words in ("TEST REPORT", "Date of issue", "The results relate only to the items tested.", "END OF REPORT"):
        assert squeezed(words) in printed, words
    assert printed_digits(told) == printed_digits(compose(changed()))
    assert {key for key, text in printed_digits(told).items() if text not in printed} == set()


def test_a_chinese_report_leaves_the_english_words_out(changed: Changed) -> None:
    printed = text_of(render(compose(changed(language="zh"))))
    for words in ("检测报告", "签发日期", "本报告的结果仅与被检测物品有关。", "报告结束"):
        assert squeezed(words) in printed, words
    for words in ("TEST REPORT", "Date of", "The results relate", "Equipment and", "supplied by", "END OF", "Version"):
        assert squeezed(words) not in printed, words


@pytest.mark.parametrize(("language", "tag"), [("zh", "zh-cn"), ("en", "en-us")])
def test_the_file_names_its_language_to_a_screen_reader(changed: Changed, language: str, tag: str) -> None:
    with pikepdf.open(io.BytesIO(render(compose(changed(language=language))))) as pdf:
        assert str(pdf.Root.Lang).lower() == tag
