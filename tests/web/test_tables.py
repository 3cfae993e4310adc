"""Tables of numbers: a column of numbers stands at the right, and its heading with it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from lims.web import access
from tests.web.test_access import PEOPLE, known_values, may, path_of, rules

TABLE = re.compile(r"<table\b[^>]*>(.*?)</table>", re.DOTALL)
ROW = re.compile(r"<tr\b[^>]*>(.*?)</tr>", re.DOTALL)
CELL = re.compile(r"<t[hd]\b([^>]*)>(.*?)</t[hd]>", re.DOTALL)
NUMBER = re.compile(r"[-+−]?\d+([.,]\d+)*")
NAMES = ("Clause", "#")  # numbers that only name something
Cell = tuple[bool, str]  # at the right, text


def cells(row: str) -> list[Cell]:
    """The cells of a row: whether each stands at the right, and its words; none of one that spans columns."""
    if "colspan" in row:
        return []
    found = CELL.findall(row)
    return [
        (bool(re.search(r'class="[^"]*\bnum\b', tag)), re.sub(r"<[^>]+>", " ", text).strip()) for tag, text in found
    ]


def columns(table: str) -> list[tuple[Cell, list[Cell]]]:
    """Each heading of a table with the cells below it."""
    rows = [row for one in ROW.findall(table) if (row := cells(one))]
    head, body = rows[0] if rows else [], [row for row in rows[1:] if len(row) == len(rows[0])]
    return [(heading, [row[place] for row in body]) for place, heading in enumerate(head)]


def out_of_line(page: str) -> list[str]:
    """The columns whose numbers and headings stand at different sides."""
    wrong = []
    for table in TABLE.findall(page):
        for (right, heading), below in columns(table) if "<thead" in table else ():
            numbers = [NUMBER.fullmatch(text) is not None for _, text in below if text not in ("", "–")]
            sides = {side for side, _ in below}
            if (sides and sides != {right}) or (
                numbers and all(numbers) and not right and not heading.startswith(NAMES)
            ):
                wrong.append(" ".join(heading.split()))
    return wrong


def test_a_column_out_of_line_is_found() -> None:
    table = "<table><thead><tr><th{}>n</th></tr></thead><tr><td{}>12.5</td></tr></table>"
    num = ' class="num"'
    assert [out_of_line(table.format(*pair)) for pair in ((num, num), (num, ""), ("", num), ("", ""))] == [
        [], ["n"], ["n"], ["n"],
    ]  # fmt: skip


@pytest.mark.parametrize("username", ["technician", "office", "quality", "shen"])
def test_numbers_stand_at_the_right_with_their_headings(site: Any, username: str) -> None:
    browser, wrong = site.signed_in(username), {}
    for rule in rules(site.app, "GET"):
        if may(str(access.permission_of(site.app, rule.endpoint)), PEOPLE[username]):
            path = path_of(site, rule, known_values(site, rule))
            answer = browser.get(path)
            if answer.mimetype == "text/html" and (found := out_of_line(answer.text)):
                wrong[path] = found
    assert not wrong
