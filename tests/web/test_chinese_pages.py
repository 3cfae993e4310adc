"""Chinese pages are typeset as Chinese: full-width colons, commas and parentheses where Chinese stands beside them."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from lims.web import access
from tests.web.test_access import PEOPLE, known_values, may, path_of, rules

UNSEEN = re.compile(r"<(script|style|code|textarea)\b.*?</\1>", re.DOTALL)
ENGLISH_BESIDE = re.compile(r'<small lang="en">.*?</small>', re.DOTALL)
ROW = re.compile(r"</?(?:p|li|dt|dd|td|th|tr|div|h\d|option|label|button|summary|figcaption|title|text)\b[^>]*>")
HAN = "[\u4e00-\u9fff]"
NARROW = re.compile(rf"{HAN}[”》]?\s*[:;,!?(]|[:;,!?] ?[“《]?{HAN}")  # a half-width sign that touches Chinese


def sentences(page: str) -> list[str]:
    """The words of a page as they stand in its lines and cells, without code and the English beside headings."""
    page = ENGLISH_BESIDE.sub("", UNSEEN.sub("", page))
    told = html.unescape(re.sub(r"<[^>]+>", "", ROW.sub("\n", page)))
    return [" ".join(line.split()) for line in told.splitlines() if line.strip()]


@pytest.mark.parametrize("username", PEOPLE)
def test_signs_beside_chinese_are_full_width_on_every_page(site: Any, username: str) -> None:
    browser, wrong = site.signed_in(username, "zh"), {}
    for rule in rules(site.app, "GET"):
        if may(str(access.permission_of(site.app, rule.endpoint)), PEOPLE[username]):
            path = path_of(site, rule, known_values(site, rule))
            answer = browser.get(path)
            if answer.mimetype == "text/html" and (found := [s for s in sentences(answer.text) if NARROW.search(s)]):
                wrong[path] = found
    assert not wrong
