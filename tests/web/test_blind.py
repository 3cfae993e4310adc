"""Blind mode: a technician opens every page and finds the company on none; everybody else finds it where it was."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import pypdf
import pytest
from werkzeug.test import TestResponse

from lims.attachments import operations as attachments
from lims.demonstration import journey, people
from lims.permissions import PUBLIC
from lims.web import access
from tests.web.conftest import Site
from tests.web.test_access import known_values, path_of, rules

TOLD = people.description()["company"]
WORDS = (
    "晴川", "Qingchuan", TOLD["email"], TOLD["address_zh"], TOLD["address_en"], TOLD["telephone"], TOLD["credit_code"],
    "沈晓岚", "Shen Xiaolan",
)  # fmt: skip
BRAND = "Arcon-Sunmark"
ANYBODYS = (PUBLIC, "limits.view", "equipment.view")  # permissions of pages that show no company's records


def told(answer: TestResponse) -> str:
    """Everything an answer says: headers, text, and the words inside of PDF and zip files."""
    said = unquote(str(answer.headers))
    kind = answer.mimetype
    if kind == "application/pdf":
        return said + "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.data)).pages)
    if kind == "application/zip":
        with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
            return said + "".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    return said + answer.data.decode("utf-8", "replace")


def walk(site: Site, username: str) -> Iterator[tuple[str, str]]:
    """What every page that needs a sign-in tells a person."""
    browser = site.signed_in(username)
    for rule in rules(site.app, "GET"):
        if access.permission_of(site.app, rule.endpoint) not in ANYBODYS:
            path = path_of(site, rule, known_values(site, rule)) + f"?number={site.numbers['item']}"
            yield path, told(browser.get(path))


@pytest.fixture(scope="module")
def ordered(templates: Callable[[str, str], Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An issued report; a remark and a file name that give the company away."""
    with templates("sqlite", "issued").copied(tmp_path_factory.mktemp("blind") / "instance") as laboratory:
        site = Site(laboratory)
        with laboratory.work(journey.actor(laboratory, "shen")) as work:
            attachments.add(work, kind="request", subject=site.numbers["request"], name="晴川 drawing.txt", data=b"x")
        yield site


def seeing(site: Site, **settings: bool) -> Site:
    """The same site under other settings."""
    site.laboratory.settings = replace(site.laboratory.settings, **settings)
    return site


def test_a_blind_technician_finds_the_company_on_no_page(ordered: Site) -> None:
    site = seeing(ordered, blind_technicians=True, blind_manufacturer=True)
    found = [(path, word) for path, text in walk(site, "technician") for word in (*WORDS, BRAND) if word in text]
    assert found == []


def test_without_blind_mode_the_names_stand_where_the_walk_looks(ordered: Site) -> None:
    """The walk can fail."""
    site = seeing(ordered, blind_technicians=False, blind_manufacturer=False)
    browser, numbers = site.signed_in("technician"), site.numbers
    paths = (f"/items/{numbers['item']}", f"/requests/{numbers['request']}", f"/reports/{numbers['report']}.pdf")
    for path in paths:
        text = told(browser.get(path))
        assert "晴川" in text or "Qingchuan" in text, path
    assert all(word in told(browser.get(paths[1])) for word in ("Qingchuan", BRAND, TOLD["telephone"], TOLD["contact"]))


@pytest.mark.parametrize("username", ["office", "reviewer", "signatory", "shen"])
def test_blind_mode_is_for_technicians_alone(ordered: Site, username: str) -> None:
    site = seeing(ordered, blind_technicians=True)
    assert "Qingchuan" in site.signed_in(username).get(f"/items/{site.numbers['item']}").text


def test_the_brand_is_hidden_only_if_the_site_says_so(ordered: Site) -> None:
    site = seeing(ordered, blind_technicians=True, blind_manufacturer=False)
    assert BRAND in site.signed_in("technician").get(f"/items/{site.numbers['item']}").text


def test_a_search_for_the_name_is_no_oracle(ordered: Site) -> None:
    site = seeing(ordered, blind_technicians=True)
    number = site.numbers["request"]
    assert number in site.signed_in("office").get("/requests?q=晴川").text
    technician = site.signed_in("technician")
    assert number not in technician.get("/requests?q=晴川").text
    assert number in technician.get("/requests").text
    assert technician.get("/requests?sort=company").status_code == 400  # nor is the order of the names
    for listed in ("requests", "items", "reports"):
        text = technician.get(f"/{listed}?as=csv").data.decode("utf-8-sig")
        assert site.numbers[listed.removesuffix("s")] in text
        assert not any(word in text for word in WORDS)


def test_documents_that_name_the_company_are_refused(ordered: Site) -> None:
    site = seeing(ordered, blind_technicians=True)
    report = site.numbers["report"]
    for path in (f"/reports/{report}.pdf", f"/reports/{report}/bundle.zip"):
        assert site.signed_in("technician").get(path).status_code == 403
        assert site.signed_in("office").get(path).status_code == 200


def test_an_order_can_ask_for_it_where_the_site_does_not(ordered: Site) -> None:
    site = seeing(ordered, blind_technicians=False)
    item, order = f"/items/{site.numbers['item']}", f"/requests/{site.numbers['request']}"
    technician, office = site.signed_in("technician"), site.signed_in("office")
    assert "Qingchuan" in technician.get(item).text
    assert technician.post(f"{order}/blind", {"blind": "1"}).status_code == 403
    assert office.post(f"{order}/blind", {"blind": "1"}).status_code == 302
    assert "Qingchuan" not in technician.get(item).text
    assert "Qingchuan" in office.get(item).text
    assert office.post(f"{order}/blind", {"blind": ""}).status_code == 302
    assert "Qingchuan" in technician.get(item).text
