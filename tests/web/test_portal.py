"""The company's pages: what it reads of its own orders, and that nobody else reads it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from lims.parties.models import Person


def _staff(site: Any) -> list[str]:
    with site.laboratory.database.read() as session:
        rows = session.execute(sa.select(Person.name_zh, Person.name_en).where(Person.company_id.is_(None)))
        return [name for row in rows for name in row if name]


def test_home_and_order_tell_a_company_where_its_order_stands_without_any_name_of_the_laboratory(site: Any) -> None:
    number, report = site.numbers["request"], site.numbers["report"]
    browser = site.signed_in("shen")
    home, order = browser.get("/").text, browser.get(f"/requests/{number}/progress").text
    assert f"/requests/{number}/progress" in home
    assert "Nothing is needed from you." in home
    for text in ("The item arrived.", "The report was issued.", f"/reports/{report}.pdf?show=1"):
        assert text in order
    assert [name for name in _staff(site) if name in home or name in order] == []


def test_another_company_gets_404_for_the_order_and_reads_nothing_of_it_at_home(site: Any) -> None:
    rival = site.signed_in("lu")
    assert rival.get(f"/requests/{site.numbers['request']}/progress").status_code == 404
    home = rival.get("/").text
    assert not [number for number in site.numbers.values() if number in home]


def test_a_report_is_shown_in_the_browser_or_saved(site: Any) -> None:
    browser, path = site.signed_in("shen"), f"/reports/{site.numbers['report']}.pdf"
    ways = [browser.get(path + query).headers["Content-Disposition"].split(";")[0] for query in ("", "?show=1")]
    assert ways == ["attachment", "inline"]
    assert site.signed_in("lu").get(path + "?show=1").status_code == 404
