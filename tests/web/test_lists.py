"""Lists as people use them: filters in the address, saved views, many rows at once, files; and what must not work."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa

from lims.demonstration import journey
from lims.items import operations as items
from lims.lists import export
from lims.lists.models import ListView
from lims.orders.operations import RequestForm
from lims.parties.models import Company
from lims.permissions import PERMISSIONS, SIGNED_IN, Role
from lims.web.declared import LISTS
from tests.web.conftest import Site

COUNT = 30


def text_of(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


@pytest.fixture(scope="module")
def busy(templates: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Thirty requests of two companies on their way, for tests that only look or keep views."""
    with templates("sqlite", "people").copied(tmp_path_factory.mktemp("busy") / "instance") as laboratory:
        _fill(laboratory)
        yield Site(laboratory)


def _fill(laboratory: Any) -> None:
    office = journey.actor(laboratory, "office")
    with laboratory.work(office) as work:
        companies = work.session.scalars(sa.select(Company.id).order_by(Company.code)).all()
        for n in range(COUNT):
            form = RequestForm(
                product_zh=f"平板集热器{n % 3}", manufacturer="晴川", model=f"=QC-{n}", gross_area=2.0,
                tests=("iso9806-2017-qdt",),
            )  # fmt: skip
            made = items.orders.draft_request(work, form, company_id=companies[n % 2])
            if n % 2:
                items.act_on_request(work, made.number, "submit")


def links(answer: Any, rel: str) -> str:
    return html.unescape(re.search(rf'rel="{rel}" href="([^"]+)"', answer.text)[1])  # type: ignore[index]


@pytest.mark.parametrize("name", LISTS)
def test_every_list_sorts_by_each_column_both_ways_and_pages_and_exports(site: Any, name: str) -> None:
    of = LISTS[name]
    readers = PERMISSIONS.get(of.permission, {Role.QUALITY_MANAGER})  # without one in the table: whoever signed in
    browser = site.signed_in("quality" if Role.QUALITY_MANAGER in readers else "office")
    with site.app.test_request_context():
        path = site.app.url_map.bind("localhost").build(of.endpoint)
    assert site.app.view_functions[of.endpoint].permission == of.permission
    assert of.permission in {*PERMISSIONS, SIGNED_IN}
    for column in (one for one in of.columns if one.sort is not None):
        for sort in (column.name, f"-{column.name}"):
            for more in ("", "&before=end"):
                answer = browser.get(f"{path}?sort={sort}{more}")
                assert (answer.status_code, " of " in answer.text) == (200, True), (sort, more)
    assert browser.get(f"{path}?as=csv").data.startswith(b"\xef\xbb\xbf")
    assert browser.get(f"{path}?as=parquet").data.startswith(b"PAR1")
    for one in of.filters:
        for parameter in one.parameters:
            assert browser.get(f"{path}?{parameter}=2026-01-01").status_code in (200, 400)
            assert browser.get(f"{path}?{parameter}=%00%27--").status_code in (200, 400)


@pytest.mark.parametrize(("path", "most"), [("/requests", 3), ("/items", 4), ("/jobs", 3), ("/audit", 3)])
def test_a_page_of_a_list_asks_the_database_a_few_times_however_long_it_is(
    published: Any, path: str, most: int
) -> None:
    """Rows with their counts, saved views, choices of a filter; for items their custody too."""
    browser, asked = published.signed_in("quality"), []
    browser.get(path)
    engine = published.laboratory.database.engine
    sa.event.listen(engine, "before_cursor_execute", lambda *arguments: asked.append(arguments[2]))
    browser.get("/limits")  # what every page asks: who signed in
    everywhere = len([one for one in asked if one.startswith("SELECT")])
    asked.clear()
    assert browser.get(path).status_code == 200
    assert len([one for one in asked if one.startswith("SELECT")]) - everywhere <= most, asked


def test_filters_stand_in_the_address_and_stay_while_paging(busy: Site) -> None:
    browser = busy.signed_in("office")
    first = browser.get("/requests?state=submitted&sort=product")
    assert f"1–{COUNT // 2} of {COUNT // 2}" in first.text
    page = browser.get("/requests?q=集热器&sort=-product")
    assert f"1–25 of {COUNT}" in page.text
    second = browser.get(links(page, "next"))
    assert f"26–{COUNT} of {COUNT}" in second.text
    assert "sort=-product" in links(second, "prev")
    assert quote("集热器") in links(second, "prev")
    assert f"1–25 of {COUNT}" in browser.get(links(second, "prev")).text
    assert f"1–{COUNT} of {COUNT}" in browser.get("/requests?rows=50").text


def test_nothing_found_shows_a_way_out(busy: Site) -> None:
    page = busy.signed_in("office").get("/requests?q=nowhere").text
    assert "Nothing matches these filters" in page
    assert 'href="/requests?view=all"' in page


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("sort=password_hash", "cannot be sorted by"),
        ("sort=company.name_zh;drop table request", "cannot be sorted by"),
        ("rows=100000", "A page has 25, 50, 100, 200 rows"),
        ("after=AAAA", "begin again at the first page"),
        ("due_from=tomorrow", "give a date as"),
        ("due_from=2026-12-01&due_to=2026-11-01", "lies before the first"),
        ("q=" + "x" * 201, "at most 200"),
        ("as=xlsx", "exported as csv or parquet"),
    ],
)
def test_an_address_that_asks_for_what_there_is_not_gets_a_sentence(busy: Site, address: str, sentence: str) -> None:
    answer = busy.signed_in("office").get(f"/requests?{address}")
    assert (answer.status_code, sentence in html.unescape(answer.text)) == (400, True), text_of(answer)


def test_a_company_lists_sorts_and_exports_only_its_own(busy: Site) -> None:
    shen, lu = busy.signed_in("shen"), busy.signed_in("lu")
    assert f"of {COUNT // 2}" in shen.get("/requests").text
    assert f"of {COUNT // 2}" in lu.get("/requests").text
    mine, others = (one.get("/requests?as=csv").get_data(as_text=True) for one in (shen, lu))
    numbers = [set(re.findall(r"WT-\d{4}-\d{5}", text)) for text in (mine, others)]
    assert [len(one) for one in numbers] == [COUNT // 2, COUNT // 2]
    assert not numbers[0] & numbers[1]
    assert "Company" not in mine.splitlines()[0]
    assert shen.get("/requests?sort=company").status_code == 400
    assert shen.get("/jobs?as=csv").status_code == 403


def test_a_file_is_safe_to_open_and_its_name_is_ours(busy: Site) -> None:
    answer = busy.signed_in("office", "zh").get("/requests?as=csv&q=QC-7")
    assert re.fullmatch(
        r'attachment; filename="heliobench-requests-\d{4}-\d\d-\d\d\.csv"', answer.headers["Content-Disposition"]
    )
    rows = answer.get_data(as_text=True).splitlines()
    assert rows[0].startswith("\ufeff编号,产品,规格型号,委托单位")
    assert len(rows) == 2
    assert ",'=QC-7," in rows[1]


def test_too_many_rows_for_a_file_are_refused_with_the_bound(busy: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "MOST_ROWS", 10)
    answer = busy.signed_in("office").get("/requests?as=csv")
    assert (answer.status_code, "at most 10 are exported at once" in answer.text) == (400, True)
    assert busy.signed_in("office").get("/requests?as=csv&q=QC-7").status_code == 200


# --- saved views -------------------------------------------------------------------------------------------------


def test_a_view_is_kept_shared_opened_first_and_removed(busy: Site) -> None:
    office, reviewer = busy.signed_in("office"), busy.signed_in("reviewer")
    query = "state=submitted&sort=-due&after=gone&nonsense=1"
    kept = office.post("/lists/requests/views", {"view_name": " 待 评审 ", "query": query, "shared": "1", "first": "1"})
    assert re.fullmatch(r"/requests\?state=submitted&sort=-due&view=\d+", kept.location)
    assert office.get("/requests").location == kept.location
    assert "待 评审" in office.get("/requests?view=all").text
    assert f"of {COUNT}" in office.get("/requests?view=all").text
    assert "待 评审" in reviewer.get("/requests").text
    assert "待 评审" not in busy.signed_in("shen").get("/requests").text
    index = kept.location.rsplit("=", 1)[1]
    assert reviewer.post(f"/lists/views/{index}/remove").status_code == 404
    office.post(f"/lists/views/{index}/unshare")
    assert "待 评审" not in reviewer.get("/requests").text
    office.post(f"/lists/views/{index}/not_first")
    assert office.get("/requests").status_code == 200
    office.post("/lists/requests/views", {"view_name": "待 评审", "query": ""})
    assert office.get("/requests").text.count(">待 评审") == 2  # the same name, replaced: the button and its line
    assert office.post(f"/lists/views/{index}/remove").status_code == 302
    assert "待 评审" not in office.get("/requests").text


@pytest.mark.parametrize(
    ("username", "path", "data", "status"),
    [
        ("office", "/lists/requests/views", {"view_name": "", "query": ""}, 400),
        ("office", "/lists/requests/views", {"view_name": "x" * 61, "query": ""}, 400),
        ("office", "/lists/requests/views", {"view_name": "x", "query": "sort=secret"}, 400),
        ("office", "/lists/nothing/views", {"view_name": "x", "query": ""}, 404),
        ("shen", "/lists/requests/views", {"view_name": "x", "query": "", "shared": "1"}, 400),
        ("shen", "/lists/jobs/views", {"view_name": "x", "query": ""}, 403),
        ("technician", "/lists/events/views", {"view_name": "x", "query": ""}, 403),
    ],
)
def test_a_view_that_cannot_be_is_refused_and_not_kept(
    busy: Site, username: str, path: str, data: dict[str, str], status: int
) -> None:
    assert busy.signed_in(username).post(path, data).status_code == status
    with busy.laboratory.database.read() as session:
        assert session.scalars(sa.select(ListView).where(ListView.name.in_(("", "x", "x" * 61)))).all() == []


# --- many rows at once -------------------------------------------------------------------------------------------


def test_many_rows_are_answered_one_by_one(empty: Site) -> None:
    _fill(empty.laboratory)
    office = empty.signed_in("office")
    numbers = re.findall(r'name="number" value="([^"]+)"', office.get("/requests?rows=50").text)
    assert len(numbers) == COUNT
    answer = office.post("/lists/requests/bulk", {"action": "start_review", "number": [*numbers, numbers[0], "WT-1"]})
    assert f"{COUNT // 2} done, {COUNT // 2 + 1} refused" in text_of(answer)
    assert answer.text.count("needs it to be &#39;submitted&#39;") == COUNT // 2
    assert "There is no request WT-1" in answer.text
    assert f"of {COUNT // 2}" in office.get("/requests?state=under_review").text


@pytest.mark.parametrize(
    ("username", "data", "status"),
    [
        ("technician", {"action": "start_review", "number": "WT-1"}, 400),
        ("office", {"action": "fly", "number": "WT-1"}, 400),
        ("office", {"action": "start_review"}, 400),
        ("office", {"action": "start_review", "number": [f"WT-{n}" for n in range(201)]}, 400),
        ("office", {"action": "decline", "number": "WT-1"}, 400),
    ],
)
def test_many_rows_need_a_known_action_some_rows_and_a_reason(
    busy: Site, username: str, data: dict[str, Any], status: int
) -> None:
    assert busy.signed_in(username).post("/lists/requests/bulk", data).status_code == status


def test_a_company_cannot_reach_anothers_rows_by_naming_them(empty: Site) -> None:
    _fill(empty.laboratory)
    lu, shen = empty.signed_in("lu"), empty.signed_in("shen")
    own = {name: set(re.findall(r'name="number" value="([^"]+)"', one.get("/requests").text))
           for name, one in (("lu", lu), ("shen", shen))}  # fmt: skip
    answer = lu.post("/lists/requests/bulk", {"action": "submit", "number": sorted(own["shen"])})
    assert f"0 done, {COUNT // 2} refused" in text_of(answer)
    assert text_of(answer).count("There is no request") == COUNT // 2
