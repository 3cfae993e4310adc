"""The shell of every page: headers, no inline program, errors as pages, language, uploads, health."""

from __future__ import annotations

import gc
import hashlib
import html
import json
import re
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

import lims
from lims.app import create_app
from lims.demonstration.bench import served
from lims.errors import Damaged
from lims.laboratory import Laboratory
from lims.web.access import requires

VENDORED = sorted((Path(lims.__file__).parent / "static" / "vendor").glob("*/vendor.json"))
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PAGES = (
    "/",
    "/requests",
    "/items",
    "/jobs",
    "/benches",
    "/review",
    "/reports",
    "/equipment",
    "/limits",
    "/verify",
    "/nowhere",
)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_carries_the_headers_and_no_inline_script_or_style(site: Any, path: str) -> None:
    answer = site.signed_in("technician").get(path)
    assert answer.headers["Content-Security-Policy"] == CSP
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", answer.text)


def test_what_a_company_types_is_shown_and_never_run(empty: Any) -> None:
    evil = "<script>alert(1)</script>'\"{{7*7}}"
    browser = empty.signed_in("shen")
    answer = browser.post("/requests/new", {"product_zh": evil, "model": evil, "remarks": evil, "then": "draft"})
    page = browser.get(answer.location).text
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{7*7}}" in page
    assert "<script>alert(1)" not in browser.get("/verify?q=" + evil).text
    assert "<script>alert(1)" not in browser.get("/scan?code=" + evil).text


def test_an_unforeseen_error_is_a_page_without_a_traceback(site: Any) -> None:
    app = create_app(site.laboratory)

    @app.get("/breaks")
    @requires("public")
    def breaks() -> str:
        raise RuntimeError("the secret reason")

    answer = app.test_client().get("/breaks")
    assert answer.status_code == 500
    assert "系统内部出错" in answer.text
    assert "secret reason" not in answer.text
    assert "Traceback" not in answer.text


def test_a_damaged_file_is_told_in_its_own_sentence(site: Any) -> None:
    app = create_app(site.laboratory)

    @app.get("/damaged")
    @requires("public")
    def damaged() -> str:
        raise Damaged("The stored file abc was changed on disk.", "存储文件 abc 在磁盘上被更改。")

    answer = app.test_client().get("/damaged")
    assert (answer.status_code, "存储文件 abc 在磁盘上被更改。" in answer.text) == (500, True)


def test_a_file_above_the_limit_is_413_in_a_sentence(site: Any) -> None:
    settings = replace(site.laboratory.settings, upload_limit_mb=1)
    app: Flask = create_app(Laboratory(settings))
    client = app.test_client()
    answer = client.post("/verify", data=b"x" * 1_200_000, content_type="multipart/form-data; boundary=x")
    assert (answer.status_code, "一次最多接收 1 MB" in answer.text) == (413, True)


def test_pages_are_chinese_first_and_english_by_choice(site: Any) -> None:
    browser = site.visitor(language="")
    assert "验证报告" in browser.get("/verify").text
    answer = browser.post("/language/en", {"next": "/verify?q=x"})
    assert answer.location == "/verify?q=x"
    page = browser.get("/verify").text
    assert '<html lang="en">' in page
    assert "验证报告" not in page
    browser.post("/language/zh")
    assert '<html lang="zh-CN">' in browser.get("/verify").text


def test_a_language_there_is_not_is_404(site: Any) -> None:
    assert site.visitor().post("/language/fr").status_code == 404


def test_headings_in_chinese_carry_the_english_term(site: Any) -> None:
    assert '样品 <small lang="en">Items</small>' in site.signed_in("technician", "zh").get("/items").text


@pytest.mark.parametrize(
    ("kind", "prefix"),
    [("request", "/requests/"), ("item", "/items/"), ("job", "/jobs/"), ("run", "/runs/"), ("result", "/results/"),
     ("report", "/reports/"), ("equipment", "/equipment/")],
)  # fmt: skip
def test_a_scanned_number_opens_its_page_whatever_it_numbers(site: Any, kind: str, prefix: str) -> None:
    number = site.numbers[kind]
    assert site.signed_in("technician").get(f"/scan?code=%20{number.lower()}").location == prefix + number


def test_the_qr_code_of_a_report_opens_its_verification(site: Any) -> None:
    code = site.numbers["code"]
    found = site.signed_in("technician").get(f"/scan?code=https://lab.example.org/verify/{code}")
    assert found.location == f"/verify/{code}"


def test_a_scanned_nonsense_is_told_with_what_numbers_look_like(site: Any) -> None:
    answer = site.signed_in("technician").get("/scan?code=4006381333931")
    assert answer.status_code == 404
    assert "numbers look like WT-2026-00001" in answer.text


def test_health_is_200_with_the_revision_and_503_without_a_database(site: Any, tmp_path: Path) -> None:
    well = site.visitor().get("/health")
    assert (well.status_code, json.loads(well.text)["ok"]) == (200, True)
    settings = replace(site.laboratory.settings, instance=str(tmp_path), database_url="")
    ill = create_app(Laboratory(settings)).test_client().get("/health")
    assert (ill.status_code, json.loads(ill.text)["revision"]) == (503, None)


def test_long_lists_are_paged_and_always_tell_the_total(site: Any) -> None:
    browser = site.signed_in("quality")
    first = browser.get("/audit").text
    total = int(re.search(r"1–25 of (\d+)", first)[1])  # type: ignore[index]
    assert total > 50
    following = html.unescape(re.search(r'rel="next" href="([^"]+)"', first)[1])  # type: ignore[index]
    second = browser.get(following).text
    assert f"26–50 of {total}" in second
    back = html.unescape(re.search(r'rel="prev" href="([^"]+)"', second)[1])  # type: ignore[index]
    assert f"1–25 of {total}" in browser.get(back).text
    assert f"–{total} of {total}" in browser.get("/audit?before=end").text


def test_vendored_files_are_those_that_were_taken_over() -> None:
    assert VENDORED
    for manifest in VENDORED:
        told = json.loads(manifest.read_text())
        assert told["spdx"]
        found = {p.name for p in manifest.parent.iterdir()} - {"vendor.json"}
        assert found == set(told["files"])
        for name, digest in told["files"].items():
            assert hashlib.sha256((manifest.parent / name).read_bytes()).hexdigest() == digest, name


def test_an_upload_broken_off_half_way_is_refused_and_leaves_no_file_behind(site: Any) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n' + b"%" * 700_000
    head = f"POST /verify HTTP/1.1\r\nHost: site\r\nContent-Length: {2 * len(body)}\r\n"
    head += "Content-Type: multipart/form-data; boundary=x\r\n\r\n"
    with served(site.app) as address, socket.create_connection(("127.0.0.1", int(address.rsplit(":", 1)[1]))) as line:
        line.sendall(head.encode() + body)
        line.shutdown(socket.SHUT_WR)
        assert b" 400 " in line.recv(100)
    gc.collect()  # a file left open would be told here, and warnings are errors
