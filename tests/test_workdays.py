"""Working days of China: the expected days are those printed in the State Council's notice for 2026."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.workdays import Calendar, calendar

DAYS = st.dates(date(2025, 12, 1), date(2027, 12, 31))


@pytest.mark.parametrize(
    ("day", "closed"),
    [
        ("2026-01-02", "New Year"),  # a Friday off
        ("2026-01-04", None),  # a Sunday worked
        ("2026-02-14", None),
        ("2026-02-15", "Spring Festival"),
        ("2026-02-23", "Spring Festival"),
        ("2026-02-24", None),
        ("2026-02-28", None),
        ("2026-05-09", None),
        ("2026-09-20", None),
        ("2026-10-07", "National Day"),
        ("2026-10-10", None),
        ("2026-11-28", "weekend"),
        ("2026-11-30", None),
    ],
)
def test_holidays_and_made_up_days_are_those_of_the_notice(day: str, closed: str | None) -> None:
    found = calendar().closed(date.fromisoformat(day))
    assert (found and found.en) == closed


def test_2026_has_248_working_days() -> None:
    """365 days, 104 weekend days; 33 days off, of which 14 are weekends; 6 weekend days worked: counted by hand."""
    assert calendar().between(date(2025, 12, 31), date(2026, 12, 31)) == 365 - 104 - (33 - 14) + 6


def test_ten_working_days_over_the_spring_festival() -> None:
    """From Friday the 13th: Saturday the 14th is worked, nine days are off, Saturday the 28th is worked."""
    assert calendar().after(date(2026, 2, 13), 1) == date(2026, 2, 14)
    assert calendar().after(date(2026, 2, 13), 2) == date(2026, 2, 24)
    assert calendar().after(date(2026, 2, 13), 6) == date(2026, 2, 28)


@given(DAYS, st.integers(0, 200))
def test_after_and_between_are_inverse(day: date, count: int) -> None:
    due = calendar().after(day, count)
    assert calendar().between(day, due) == count
    assert calendar().between(due, day) == -count
    assert count == 0 or calendar().is_working(due)


def test_a_year_that_nobody_has_confirmed_or_that_has_no_file_is_told() -> None:
    assert calendar().unsure(date(2026, 1, 1), date(2026, 12, 31)) == ()
    assert calendar().unsure(date(2026, 12, 1), date(2028, 1, 5)) == (2027, 2028)


@pytest.mark.parametrize("count", [-1, 1_000_000])
def test_a_number_of_days_that_cannot_be_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="cannot be counted"):
        calendar().after(date(2026, 1, 1), count)


def test_a_holiday_that_ends_before_it_begins_is_refused_with_its_file(tmp_path: Path) -> None:
    lines = ("year = 2026", "confirmed = true", "[[holiday]]", 'name_zh = "节"', 'name_en = "Feast"')
    text = "\n".join((*lines, "first = 2026-05-02", "last = 2026-05-01"))
    (tmp_path / "2026.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"2026\.toml: Feast ends"):
        calendar(tmp_path)


def test_only_weekends_are_off_without_any_file(tmp_path: Path) -> None:
    bare: Calendar = calendar(tmp_path)
    assert bare.after(date(2026, 2, 13), 1) == date(2026, 2, 16)
    assert bare.between(date(2026, 1, 1), date(2026, 1, 1) + timedelta(7)) == 5
