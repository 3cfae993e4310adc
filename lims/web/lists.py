"""Lists on pages: what an address asks of a declared list, the page of it, its files, its saved views."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlencode

import sqlalchemy as sa
from flask import Flask, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from lims.errors import BadInput
from lims.labels import ANSWERS, Label
from lims.lists import export, keyset, queries, words
from lims.lists.declaration import SIZES, Column, List, Named, Two
from lims.lists.filters import Filter, Reader
from lims.lists.keyset import END, Order, Page, Place
from lims.lists.models import ListView
from lims.web import bulk
from lims.web.access import actor, laboratory, session
from lims.web.declared import OF_KIND
from lims.web.language import language
from lims.web.today import today

AnyPage = str | AnyResponse  # what the view of a list answers
OWN = frozenset({"after", "before", "as", "view"})  # parts of an address that a saved view does not keep
EVERYTHING = "all"  # the view that is none


def install(app: Flask) -> None:
    """Give the templates what a list needs."""
    app.jinja_env.globals.update(
        list_words=words_of, list_numbers=(int, float, Decimal), list_sizes=sizes, list_of=OF_KIND.__getitem__,
        list_bulk=lambda listing: bulk.offered(listing.of.name),
    )  # fmt: skip


def words_of(value: Any) -> str:
    """A value of a column in words, in the page's language."""
    if isinstance(value, bool):
        return ANSWERS["yes" if value else "no"].in_language(language())
    if isinstance(value, Named):
        return value.label.in_language(language())
    if isinstance(value, Two):
        return value.in_language(language())
    return str(value)


def reader() -> Reader:
    """Who reads now."""
    return Reader(actor=actor(), language=language(), zone=laboratory().settings.time_zone, today=today())


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an address asks of a list, checked against its declaration: canonical parameters and what they mean."""

    parameters: Mapping[str, str]
    column: Column
    descending: bool
    size: int
    select: sa.Select[Any]

    @property
    def query(self) -> str:
        """The canonical part of an address behind "?"."""
        return urlencode(self.parameters)


def asked(of: List, given: Mapping[str, str], by: Reader) -> Asked:
    """Read an address; `BadInput` for a column, a filter's value or a size that the list does not have."""
    parameters: dict[str, str] = {}
    select, sought = of.select(by.actor), []
    for one in of.filters:
        condition = one.condition(given, by)
        if condition is not None:
            if one.look == "text":
                sought.append(condition)
            else:
                select = select.where(condition)
            parameters |= {name: given[name].strip() for name in one.parameters if given.get(name, "").strip()}
    for condition in sought:
        select = words.found(session(), select, condition, of.id)
    sort = given.get("sort", "") or of.order
    column = of.column(sort.removeprefix("-"), by.actor)
    if sort != of.order:
        parameters["sort"] = sort
    size = _size(given.get("rows", ""))
    if size != laboratory().settings.page_rows:
        parameters["rows"] = str(size)
    return Asked(
        parameters=parameters, column=column, descending=sort.startswith("-"), size=size, select=select
    )  # fmt: skip


def sizes() -> list[int]:
    """How many rows of a page can be chosen."""
    return sorted({*SIZES, laboratory().settings.page_rows})


def _size(text: str) -> int:
    if not text:
        return laboratory().settings.page_rows
    if text not in map(str, sizes()):
        known = ", ".join(map(str, sizes()))
        raise BadInput(f"A page has {known} rows, not '{text[:20]}'.", f"每页行数可选 {known}，不能为“{text[:20]}”。")
    return int(text)


@dataclass(frozen=True, kw_only=True)
class Listing:
    """One page of a list with everything around it."""

    of: List
    asked: Asked
    page: Page
    reader: Reader
    views: Sequence[ListView]
    view: ListView | None

    @cached_property
    def columns(self) -> list[Column]:
        """The columns this reader sees."""
        return self.of.columns_for(self.reader.actor)

    def url(self, **changes: str) -> str:
        """This list's address with other parameters; an empty one is left out."""
        given = {**self.asked.parameters, **changes}
        return url_for(self.of.endpoint, **{name: text for name, text in given.items() if text})  # type: ignore[arg-type]

    def sorted_by(self, column: Column) -> str:
        """The address sorted by a column; the other way round if it is already."""
        descending = column.name == self.asked.column.name and not self.asked.descending
        sort = f"-{column.name}" if descending else column.name
        return self.url(sort="" if sort == self.of.order else sort)

    def direction(self, column: Column) -> str:
        """The value of aria-sort: ascending, descending or empty."""
        if column.name != self.asked.column.name:
            return ""
        return "descending" if self.asked.descending else "ascending"

    @property
    def previous(self) -> str:
        """The address of the page before this one; empty on the first."""
        return self.url(before=keyset.written(self.page.begin)) if self.page.first > 1 else ""

    @property
    def next(self) -> str:
        """The address of the page after this one; empty on the last."""
        return self.url(after=keyset.written(self.page.end)) if self.page.last < self.page.total else ""

    @property
    def ending(self) -> str:
        """The address of the last page."""
        return self.url(before=END)

    @property
    def everything(self) -> str:
        """The address of the whole list."""
        return url_for(self.of.endpoint, view=EVERYTHING)

    def with_rows(self, size: int) -> str:
        """This list's address with other pages."""
        return self.url(rows="" if size == laboratory().settings.page_rows else str(size))

    @property
    def narrowed_more(self) -> bool:
        """Whether one of the filters that are shown only on demand is set."""
        return any(self.value(name) for one in self.of.filters[2:] for name in one.parameters)

    @property
    def narrowed(self) -> bool:
        """Whether a filter leaves rows out."""
        return bool(self.asked.parameters.keys() - {"sort", "rows"})

    def value(self, name: str) -> str:
        """What stands in a filter's field."""
        return self.asked.parameters.get(name, "")

    def choices(self, one: Filter) -> Mapping[str, Label]:
        """What a filter by choice offers."""
        found: Callable[..., Mapping[str, Label]] = one.choices  # type: ignore[attr-defined]
        return found(session(), self.reader.actor)

    @property
    def hidden(self) -> dict[str, str]:
        """Parameters that the form of the filters keeps beside its own fields."""
        return {name: text for name, text in self.asked.parameters.items() if name in ("sort", "rows")}


def show(of: List, template: str = "list.html", **more: Any) -> AnyPage:
    """The page of a list that this request's address asks for, or its file (?as=csv, ?as=parquet)."""
    by, given = reader(), request.args.to_dict()
    if given.get("as"):
        return _file(of, asked(of, given, by), by, given["as"])
    views = queries.views(session(), of.name, by.actor)
    if not given and (first := next((one for one in views if _opens(one, by)), None)):
        return redirect(f"{url_for(of.endpoint)}?{first.query}&view={first.id}")
    what = asked(of, given, by)
    view = next((one for one in views if str(one.id) == given.get("view")), None)
    listing = Listing(of=of, asked=what, page=_page(of, what, given), reader=by, views=views, view=view)
    return render_template(template, listing=listing, **more)


def _opens(view: ListView, by: Reader) -> bool:
    return view.opens_first and view.person_id == by.actor.id


def _page(of: List, what: Asked, given: Mapping[str, str]) -> Page:
    order = order_of(of, what)
    forward = not given.get("before")
    text = given.get("after", "") if forward else given["before"]
    place: Place | None = keyset.read(text, order) if text and text != END else None
    return keyset.page(
        session(), what.select, order, size=what.size, place=place, forward=forward, options=of.options
    )  # fmt: skip


def order_of(of: List, what: Asked) -> Order:
    """The order an address asks for."""
    column = what.column
    return Order(
        value=column.sort, id=of.id, along=column.along, descending=what.descending, nullable=column.nullable
    )  # fmt: skip


def part(of: List, **given: str) -> Listing:
    """The first page of a list with these filters, for a page that shows several."""
    by = reader()
    what = asked(of, given, by)
    return Listing(of=of, asked=what, page=_page(of, what, {}), reader=by, views=(), view=None)


def canonical(of: List, query: str) -> str:
    """The part of an address that a saved view keeps; `BadInput` if the list would not answer it."""
    given = {name: text for name, text in parse_qsl(query) if name not in OWN}
    return asked(of, given, reader()).query


def _file(of: List, what: Asked, by: Reader, kind: str) -> Response:
    total = session().scalar(sa.select(keyset.count(what.select))) or 0
    if total > export.MOST_ROWS:
        raise BadInput(
            f"This list has {total:,} rows; at most {export.MOST_ROWS:,} are exported at once. Narrow it by a filter.",
            f"此列表共 {total:,} 行，一次最多导出 {export.MOST_ROWS:,} 行；请用筛选条件缩小范围。",
        )
    rows = keyset.every(session(), what.select, order_of(of, what), of.options)
    return file_of(of.columns_for(by.actor), rows, name=of.name, kind=kind)


def file_of(columns: Sequence[Column], rows: Iterable[Any], *, name: str, kind: str) -> Response:
    """Rows as a CSV or Parquet file whose name is ours; `BadInput` for another kind of file."""
    by = reader()
    if kind == "csv":
        data, mimetype = export.csv_file(columns, rows, language=by.language, zone=by.zone), "text/csv; charset=utf-8"
    elif kind == "parquet":
        data, mimetype = export.parquet_file(columns, rows, language=by.language), "application/vnd.apache.parquet"
    else:
        raise BadInput(f"A list is exported as csv or parquet, not '{kind[:20]}'.", "列表可导出为 csv 或 parquet。")
    given = f"heliobench-{name}-{by.today.isoformat()}.{kind}"
    return Response(data, mimetype=mimetype, headers={"Content-Disposition": f'attachment; filename="{given}"'})
