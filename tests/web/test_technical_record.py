"""The technical record as a document: the report's digits, every point used, the raw digests, and what happened."""

from __future__ import annotations

import io
import re
from typing import Any

from pypdf import PdfReader

from lims.results import queries, reading


def test_the_record_prints_the_digits_the_raw_digests_the_people_and_what_happened(site: Any) -> None:
    number, laboratory = site.numbers["result"], site.laboratory
    answer = site.signed_in("reviewer").get(f"/results/{number}/record.pdf")
    assert answer.content_type == "application/pdf"
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.data)).pages)
    packed = re.sub(r"\s", "", text)
    with laboratory.database.read() as session:
        result = queries.by_number(session, number)
        outcome, segments = queries.outcome(laboratory.store, result), result.run.segments
    for row in reading.coefficients(outcome):
        assert row.value in text
        assert row.expanded in text
    used = reading.windows(outcome, show="used")
    assert len(re.findall(r"^2017-0\d-\d\d \d\d:\d\d ", text, re.MULTILINE)) >= len(used)
    for digest in (result.inputs_sha256, result.outcome_sha256, result.run.head, segments[0].sha256):
        assert digest in packed
    signed = (result.tested_by, result.reviewed_by, result.authorised_by)
    for told in (*(one.name_zh for one in signed), "DEMO-2017-", "批准结果", "YX-"):
        assert told in text, told


def test_the_record_of_a_result_that_nobody_signed_says_so(evaluated: Any) -> None:
    number = evaluated.numbers["result"]
    data = evaluated.signed_in("technician").get(f"/results/{number}/record.pdf").data
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)
    assert "尚无人签字" in text
