"""Numbers of requests, items, jobs, runs, results and reports: drawn inside the transaction, gapless, unique.

How a number looks is a setting per kind, e.g. ``{kind}-{year}-{seq:05d}``. The letters of a kind are its pinyin: WT
委托 request, YP 样品 item, RW 任务 job, YX 试验记录 run, JG 结果 result, BG 报告 report, BJ 报价 quotation,
CC 抽查 spot-check task, CY 抽样 sampling, RG 人工 record of a manual test, YY 异议 objection.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from string import Formatter

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from lims.db import Base
from lims.errors import BadInput

USUAL = "{kind}-{year}-{seq:05d}"
KINDS = ("WT", "YP", "RW", "YX", "JG", "BG", "BJ", "CC", "CY", "RG", "YY")
ITEM = "YP"
REPORT, AMENDED = "BG", "-A"  # a report that replaces another: the number of the first one and -A1, -A2, …
MOST_AMENDMENTS = 99
DEFAULT = "default"  # the key of the format of every kind that has none of its own
LONGEST = 30  # characters of a number; the columns hold no more
EVERY_YEAR = 0  # the year of a series whose format names none: it goes on from year to year
FIELDS = {"kind": re.compile(""), "year": re.compile(""), "seq": re.compile(r"(0\d{1,2}d)?")}  # and their formats
PRINTED = re.compile(r"[A-Z0-9][A-Z0-9-]*")  # what every scanner, address and file name takes
CHECKED = (2026, 2127)  # years with which formats are tried


class NumberSeries(Base):
    """The last number drawn of one kind in one year; year 0 for a series that does not begin again."""

    __tablename__ = "number_series"

    prefix: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


def draw(session: Session, prefix: str, year: int, formats: Mapping[str, str] | None = None) -> str:
    """The next number, e.g. ``WT-2026-00017``; rolled back with the transaction, so no gap stays behind.

    formats: by kind, and one for all others under ``default``; checked when the settings were read.
    """
    told = format_of(prefix, formats or {})
    series = year if "{year}" in told else EVERY_YEAR
    session.execute(_insert_if_missing(session, prefix, series))
    row = session.get(NumberSeries, (prefix, series), with_for_update=True, populate_existing=True)
    if row is None:
        raise RuntimeError(f"number series {prefix}-{series} vanished inside its own transaction")
    row.last += 1
    session.flush()
    return told.format(kind=prefix, year=year, seq=row.last)


def format_of(kind: str, formats: Mapping[str, str]) -> str:
    """How the numbers of a kind look."""
    return formats.get(kind) or formats.get(DEFAULT) or USUAL


def require_usable(formats: Mapping[str, str]) -> None:
    """Refuse formats whose numbers could not be told apart, scanned, or kept in the columns.

    Raises `BadInput` naming the kind and what is wrong with its format.
    """
    for kind in formats:
        if kind not in (DEFAULT, *KINDS):
            raise _wrong(
                kind, f"there is no such kind; known are {', '.join(KINDS)}", f"没有该类别；可用：{'、'.join(KINDS)}"
            )
    for kind in KINDS:
        _require_format(kind, format_of(kind, formats))
    for year in CHECKED:
        heads = {kind: _head(kind, year, format_of(kind, formats)) for kind in KINDS}
        for kind, other in ((one, two) for one in KINDS for two in KINDS if one != two):
            if re.fullmatch(re.escape(heads[kind]) + r"\d*", heads[other]):
                raise _wrong(
                    other, f"its numbers cannot be told from those of {kind}", f"其编号与 {kind} 的编号无法区分"
                )  # fmt: skip


def _require_format(kind: str, told: str) -> None:
    try:
        parts = list(Formatter().parse(told))
    except ValueError as error:
        raise _wrong(kind, f"{error}", f"{error}") from error
    fields = [(name, spec or "", conversion) for _, name, spec, conversion in parts if name is not None]
    for name, spec, conversion in fields:
        if name not in FIELDS or conversion or not FIELDS[name].fullmatch(spec):
            raise _wrong(
                kind, f"{{{name}}} is not allowed; write {{kind}}, {{year}} and {{seq:05d}}",
                f"不允许 {{{name}}}；请使用 {{kind}}、{{year}} 和 {{seq:05d}}",
            )  # fmt: skip
    if [name for name, *_ in fields].count("seq") != 1 or parts[-1][1] != "seq":
        raise _wrong(kind, "it ends with {seq}, once", "须以 {seq} 结尾且仅出现一次")
    longest = told.format(kind=kind, year=2026, seq=9_999_999)
    most = LONGEST - len(f"{AMENDED}{MOST_AMENDMENTS}") if kind == REPORT else LONGEST
    if kind == ITEM and not re.fullmatch(f"{ITEM}[0-9-]*", longest):
        raise _wrong(
            kind, f"an item's number is {ITEM} with digits and hyphens, which tells its label from a place's",
            f"样品编号须为 {ITEM} 加数字和连字符，以区别于存放位置标签",
        )  # fmt: skip
    if not PRINTED.fullmatch(longest) or len(longest) > most:
        raise _wrong(
            kind, f"numbers have capital letters, digits and hyphens, at most {most} of them",
            f"编号只能由大写字母、数字和连字符组成，最多 {most} 个字符",
        )  # fmt: skip


def _head(kind: str, year: int, told: str) -> str:
    """What stands before the running digits."""
    return told[: told.rindex("{seq")].format(kind=kind, year=year)


def _wrong(kind: str, en: str, zh: str) -> BadInput:
    return BadInput(f"Setting numbers, {kind}: {en}.", f"设置 numbers 中的 {kind}：{zh}。")


def _insert_if_missing(session: Session, prefix: str, year: int) -> sa.Executable:
    row = {"prefix": prefix, "year": year, "last": 0}
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(NumberSeries).values(row).on_conflict_do_nothing()
    return sqlite.insert(NumberSeries).values(row).on_conflict_do_nothing()
