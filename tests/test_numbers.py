"""Numbers: as the site writes them, gapless, and different whoever draws them at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from lims import numbers
from lims.demonstration import journey, people
from lims.errors import BadInput
from lims.laboratory import Laboratory
from lims.orders import operations as orders
from lims.orders.operations import RequestForm

ONE_KIND = pytest.mark.parametrize("kind", ["sqlite"])  # the rule does not depend on the database
LIMS = Path(numbers.__file__).parent


def test_160_orders_of_sixteen_writers_at_once_have_160_different_numbers_without_a_gap(laboratory: Laboratory) -> None:
    shen, form = journey.actor(laboratory, "shen"), RequestForm(tests=(people.METHOD,))

    def create(_: int) -> str:
        with laboratory.work(shen) as work:
            return orders.draft_request(work, form).number

    with ThreadPoolExecutor(16) as pool:
        drawn = sorted(pool.map(create, range(160)))
    year = laboratory.today.year
    assert drawn == [f"WT-{year}-{n:05d}" for n in range(1, 161)]


@ONE_KIND
def test_a_site_s_own_format_counts_by_itself(laboratory: Laboratory) -> None:
    own = {"default": "{kind}{seq:04d}", "BG": "JC{year}{seq:03d}"}

    def draw(kind: str, year: int) -> str:
        with laboratory.database.write() as session:
            return numbers.draw(session, kind, year, own)

    assert [draw("BG", year) for year in (2026, 2026, 2027)] == ["JC2026001", "JC2026002", "JC2027001"]
    assert [draw("WT", year) for year in (2026, 2027)] == ["WT0001", "WT0002"]  # no year in it: it goes on


@pytest.mark.parametrize(
    ("formats", "said"),
    [
        ({"XX": "{kind}{seq}"}, "no such kind"),
        ({"BG": "{kind}-{year}"}, "ends with {seq}"),
        ({"BG": "{seq}-{year}"}, "ends with {seq}"),
        ({"BG": "{seq}{seq}"}, "ends with {seq}"),
        ({"BG": "{kind"}, "numbers, BG"),
        ({"BG": "{kind.__class__}{seq}"}, "not allowed"),
        ({"BG": "{kind!r}{seq}"}, "not allowed"),
        ({"BG": "{kind}{seq:>999999999}"}, "not allowed"),
        ({"BG": "{kind}/{seq}"}, "capital letters"),
        ({"BG": "报告{seq}"}, "capital letters"),
        ({"BG": "{kind}-ABCDEFGHIJKLMNOPQRSTUVWX-{seq}"}, "at most 26"),
        ({"BG": "WT-{year}-{seq:05d}"}, "cannot be told from those of"),
        ({"BG": "N{seq}", "WT": "N1{seq}"}, "cannot be told from those of"),
        ({"default": "{year}-{seq:05d}"}, "cannot be told|with digits"),
        ({"YP": "S{seq}"}, "tells its label from a place"),
    ],
)
def test_a_format_that_would_not_do_is_refused(formats: dict[str, str], said: str) -> None:
    with pytest.raises(BadInput, match=said) as refused:
        numbers.require_usable({"default": numbers.USUAL} | formats)
    assert refused.value.sentence_zh.startswith("设置 numbers")


@ONE_KIND
def test_such_a_format_keeps_the_program_from_starting(laboratory: Laboratory) -> None:
    with pytest.raises(BadInput, match="ends with"):
        Laboratory(replace(laboratory.settings, numbers={"BG": "{kind}"}))


def test_every_kind_that_is_drawn_is_one_whose_formats_are_checked() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in LIMS.rglob("*.py"))
    drawn: Callable[[str], list[str]] = lambda text: re.findall(r'work\.number\("([A-Z]+)"\)', text)  # noqa: E731
    assert set(drawn(sources)) <= set(numbers.KINDS), "add the new kind to KINDS of lims/numbers.py"
