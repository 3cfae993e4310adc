"""The menu in groups: what each person finds where, and that it opens by keys on a small screen."""

from __future__ import annotations

import re
from typing import Any

import pytest

from lims.web import access
from tests.web.test_access import PEOPLE, known_values, may, path_of, rules

GROUP = re.compile(r'<h2 id="menu-\d+">(.*?)</h2>\s*<ul[^>]*>(.*?)</ul>', re.DOTALL)
# user name → (the heading that stands first, all headings); a heading nobody of the role can use does not appear
HEADINGS = {
    "technician": ["Work", "Items and store", "Orders and companies", "Quality", "Administration"],
    "office": ["Orders and companies", "Work", "Items and store", "Quality", "Administration"],
    "quality": ["Quality", "Work", "Items and store", "Orders and companies", "Administration"],
    "shen": ["Orders and reports", "Our company", "Look up"],
}


def groups(page: str) -> dict[str, list[str]]:
    return {heading: re.findall(r'href="([^"]+)"', lines) for heading, lines in GROUP.findall(page)}


@pytest.mark.parametrize("username", HEADINGS)
def test_the_menu_is_grouped_with_the_persons_own_work_first_and_every_line_opens(site: Any, username: str) -> None:
    browser = site.signed_in(username)
    found = groups(browser.get("/").text)
    lines = [path for group in found.values() for path in group]
    assert list(found) == HEADINGS[username]
    assert len(lines) == len(set(lines))
    assert all(found.values())
    assert {path: browser.get(path).status_code for path in lines} == dict.fromkeys(lines, 200)


@pytest.mark.parametrize(("username", "absent"), [("technician", "/companies"), ("shen", "/spot-checks")])
def test_a_line_nobody_of_the_role_may_open_is_not_in_the_menu(site: Any, username: str, absent: str) -> None:
    lines = [path for group in groups(site.signed_in(username).get("/").text).values() for path in group]
    assert absent not in lines


def test_headings_stand_in_the_readers_language_and_the_folded_menu_says_where_one_is(site: Any) -> None:
    page = site.signed_in("technician", "zh").get(f"/jobs/{site.numbers['job']}").text
    assert '<h2 id="menu-2">工作 <small lang="en">Work</small></h2>' in page
    assert '<span class="place">检测任务</span>' in page
    assert 'href="/jobs" aria-current="true"' in page


BESIDE = {
    "portal.home",
    "portal.scan",
    "account.page",
    "notices.mine",
    "people.forgotten",
}  # pages that no line of the menu leads to


@pytest.mark.parametrize("username", ["technician", "office", "quality", "admin", "shen"])
def test_every_page_marks_the_line_of_the_menu_that_it_lies_below(site: Any, username: str) -> None:
    browser, lost = site.signed_in(username), {}
    open_to_all = {line for group in groups(browser.get("/").text).values() for line in group}
    for rule in rules(site.app, "GET"):
        if rule.endpoint not in BESIDE and may(str(access.permission_of(site.app, rule.endpoint)), PEOPLE[username]):
            path = path_of(site, rule, known_values(site, rule))
            answer = browser.get(path)
            if answer.status_code == 200 and b"<nav id=" in answer.data:
                marked = re.findall(r'<li><a href="([^"]+)" aria-current="(page|true)"', answer.text)
                if [how for _, how in marked] != ["page" if path in open_to_all else "true"]:
                    lost[path] = marked
    assert not lost
