"""How values look on a page: times in the site's zone, labels, symbols."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from flask import Flask, request, url_for
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from lims.clock import local
from lims.items.choices import told
from lims.labels import (
    ACTIVITIES,
    COMPANY_FIELDS,
    CONTACTS,
    ENTRIES,
    EVALUATIONS,
    KINDS,
    ROLES,
    STATEMENTS,
    STEPS,
    Label,
    action_label,
    purpose_label,
    state_label,
)
from lims.laboratory import Laboratory
from lims.notation import plain_number, symbol_parts, unit_text
from lims.notices import queries as notice_queries
from lims.orders.concerns import slot_of
from lims.orders.models import KINDS as TEST_KINDS
from lims.orders.models import Job
from lims.runs.models import Run
from lims.web import lists
from lims.web.access import form_mark, laboratory, person, seen_mark, session
from lims.web.language import language, words
from lims.web.menu import menu, menu_place
from lims.workflow import MACHINES
from protocols.clauses import clause_zh
from protocols.method import ItemField
from protocols.procedures.procedure import Entry
from protocols.sources import source_zh
from protocols.symbols import QUANTITIES


@dataclass(frozen=True, slots=True)
class Step:
    """One station of a record's way."""

    label: Label
    mark: str  # done, now, ended or empty


def install(app: Flask, laboratory: Laboratory) -> None:
    """Give the templates their words and formats."""
    app.jinja_env.filters.update(
        moment=moment,
        instant=instant,
        clock_time=clock_time,
        share=share,
        amount=amount,
        bytes=byte_rows,
        plain=plain,
        two=two,
        day=day,
        symbol=symbol,
        unit=unit_text,
        number=number,
        measured=measured,
        short=short,
        recorded=recorded,
        size=size,
        answer=answer,
        choice=choice,
        typeset=typeset,
        clause=clause,
        coded=coded,
        source=source,
        yuan=yuan,
    )
    app.jinja_env.globals.update(
        state_label=state_label, action_label=action_label, purpose_label=purpose_label,
        marks_of=marks_of, states_of=states_of, step_path=step_path,
        role_label=lambda role: _named(ROLES, role), kind_label=lambda kind: _named(KINDS, kind),
        evaluation_label=EVALUATIONS.__getitem__, statement_label=STATEMENTS.__getitem__,
        activity_label=activity_label, entry_kind=entry_kind, is_confirmed=lambda limit: limit.confirmed,
        company_field=lambda name: _named(COMPANY_FIELDS, name),
        company_value=lambda name, value: _named(CONTACTS, value) if name == "role" else value,
        test_kind=test_kind, quantity_name=quantity_name, unit_of=unit_of, here=here, with_page=with_page,
        static_url=static_url, unread_notices=unread_notices, menu=menu, menu_place=menu_place,
        laboratory_identity=laboratory.identity, version=version("heliobench"),
        demonstration=laboratory.settings.demonstration, upload_limit=app.config["MAX_CONTENT_LENGTH"],
        time_zone=laboratory.settings.time_zone, csrf_token=generate_csrf, form_mark=form_mark,
        seen_mark=seen_mark,
        weekday=weekday, slot_words=slot_words,
    )  # fmt: skip
    lists.install(app)
    app.context_processor(lambda: {"me": person()})
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def moment(value: datetime | None) -> str:
    """``2026-11-22 19:30`` in the site's zone; a dash for none."""
    return local(value, laboratory().settings.time_zone) if value else "–"


def instant(text: str) -> str:
    """An ISO 8601 time of a spool line, to the second, in the site's zone."""
    found = datetime.fromisoformat(text)
    return f"{local(found, laboratory().settings.time_zone)}:{found.second:02d}"


def clock_time(seconds: float) -> str:
    """A time in seconds since 1970 UTC, to the second, in the site's zone; without the day where that is today."""
    found = datetime.fromtimestamp(seconds, UTC)
    text = f"{local(found, laboratory().settings.time_zone)}:{found.second:02d}"
    return text.removeprefix(f"{laboratory().today} ")


def share(value: float, unit: str) -> str:
    """A value with its unit; a ratio as a percentage."""
    if not math.isfinite(value):
        return "∞" if value > 0 else "–"
    if unit == "1":
        return f"{100 * value:.3g} %"
    return f"{value:.4g} {unit_text(unit)}".strip()


def amount(value: float, unit: str) -> str:
    """How many, or how much of a unit."""
    return f"{value:.0f}" if unit == "1" else f"{value:.1f} {unit_text(unit)}"


def marks_of(run: Run) -> list[dict[str, object]]:
    """The marks of a run for its plots: from and to [s since 1970 UTC], and whether the interval is left out."""
    return [
        {"from": one.first_at.timestamp(), "to": one.last_at.timestamp(), "excluded": one.kind == "exclude"}
        for one in run.standing_marks
    ]


def byte_rows(text: str) -> str:
    """Bytes in hexadecimal, sixteen to a row, with what of them is text beside it."""
    data = bytes.fromhex(text)
    rows = [data[at : at + 16] for at in range(0, len(data), 16)] or [b""]
    return "\n".join(f"{row.hex(' '):<47}  {_visible(row)}" for row in rows)


def _visible(row: bytes) -> str:
    return "".join(chr(byte) if 32 <= byte < 127 else "·" for byte in row)


def plain(value: float | None, places: int) -> str:
    """A number with so many decimals; a dash for none."""
    return "–" if value is None else f"{value:.{places}f}"


def measured(value: float | None, symbol: str) -> str:
    """A value of a point with as many digits as people read of its unit; a dash for none."""
    if value is None:
        return "–"
    places = PLACES.get(unit_of(symbol))
    return f"{value:.4g}" if places is None else f"{value:.{places}f}"


def two(value: float) -> str:
    """A number to two significant digits, without an exponent."""
    return plain_number(float(f"{value:.2g}"))


WEEKDAYS = (
    Label("周一", "Mon"), Label("周二", "Tue"), Label("周三", "Wed"), Label("周四", "Thu"), Label("周五", "Fri"),
    Label("周六", "Sat"), Label("周日", "Sun"),
)  # fmt: skip


def weekday(value: date) -> str:
    """The day of the week in the page's language."""
    return WEEKDAYS[value.weekday()].in_language(language())


def day(value: date | None) -> str:
    """``2026-11-22``; a dash for none."""
    return value.isoformat() if value else "–"


def slot_words(job: Job) -> str:
    """When a job is planned, in the page's language."""
    return words(slot_of(job).words)


def number(value: float | None) -> str:
    """The shortest decimal that is this number; a dash for none."""
    return "–" if value is None else plain_number(value)


def short(digest: str | None) -> str:
    """The beginning of a digest."""
    return f"{digest[:12]}…" if digest else "–"


def recorded(text: str) -> str:
    """A recorded text whose words were chosen from a list, in the page's language; any other as it was recorded."""
    return told(text, language())


def yuan(value: Decimal | None) -> str:
    """An amount of money, e.g. ``¥12,800.00``; a dash for none."""
    return "–" if value is None else f"¥{value:,.2f}"


def size(count: int) -> str:
    """A size in bytes as people read it."""
    return (
        f"{count} B"
        if count < 1024
        else f"{count / 1024:.1f} KiB"
        if count < 1 << 20
        else f"{count / (1 << 20):.1f} MiB"
    )


COMPOSED = {
    "tm_minus_ta": Markup('<i class="sym">ϑ</i><sub>m</sub> − <i class="sym">ϑ</i><sub>a</sub>'),
    "dtm_dt": Markup('d<i class="sym">ϑ</i><sub>m</sub>/d<i class="sym">t</i>'),
}
PLACES = {"W/m2": 1, "degC": 2, "K": 2, "deg": 1, "m/s": 2, "s": 0, "MJ/m2": 2, "MJ": 2, "Pa": 0}
LONGEST_LETTER = 3  # DNI is a symbol; "latitude" is a word


@cache
def symbol(name: str) -> Markup:
    """A symbol of the glossary as it is printed: letter in italics, subscript below."""
    if name in COMPOSED:
        return COMPOSED[name]
    letter, subscript = symbol_parts(name)
    if len(letter) > LONGEST_LETTER:
        return coded(name)
    html = Markup('<i class="sym">{}</i><sub>{}</sub>') if subscript else Markup('<i class="sym">{}</i>{}')
    return html.format(letter, subscript)


_PLAIN = {"tm - ta": COMPOSED["tm_minus_ta"], "degC": Markup("°C"), "m2": Markup("m²"), "m3": Markup("m³")}
_SURE = {*_PLAIN, "Gd", "Gb", "Kd", "tm", *(name for name in QUANTITIES if re.search("[0-9_]", name))}  # never a word
_IN_TEXT = re.compile(
    rf"(?<![A-Za-z0-9_])({'|'.join(map(re.escape, sorted(_SURE, key=len, reverse=True)))})(?![A-Za-z0-9_])"
)


def typeset(text: str) -> Markup:
    """A sentence whose symbols and units are printed as the glossary prints them.

    >>> typeset("eta0b is 0.7 at < 20 degC")
    Markup('<i class="sym">η</i><sub>0,b</sub> is 0.7 at &lt; 20 °C')
    """
    parts = _IN_TEXT.split(text)
    parts[1::2] = [_PLAIN.get(name) or symbol(name) for name in parts[1::2]]
    return Markup("").join(parts)


def coded(name: str) -> Markup:
    """A name of the program, which breaks behind its underlines and nowhere else."""
    return Markup("<code>{}</code>").format(Markup("_<wbr>").join(name.split("_")))


def quantity_name(name: str) -> str:
    """The glossary's name of a symbol in the page's language; the symbol itself if it has none."""
    known = QUANTITIES.get(name)
    if known is None:
        return name
    return known.name_zh if language() == "zh" else known.name_en


def unit_of(name: str) -> str:
    """The glossary's unit of a symbol; empty if it has none."""
    known = QUANTITIES.get(name)
    return known.unit if known else ""


def test_kind(kind: str) -> str:
    """The kind of a test in the page's language."""
    english, chinese = TEST_KINDS.get(kind, (kind, kind))
    return chinese if language() == "zh" else english


def activity_label(activity: str) -> str:
    """What somebody is authorised to do, in the page's language."""
    return _named(ACTIVITIES, activity)


def entry_kind(kind: str) -> str:
    """The kind of an entry of a manual test in the page's language."""
    return _named(ENTRIES, kind)


def answer(text: str, entry: Entry | None) -> str:
    """What was recorded in an entry as it is read: yes, no and choices in the page's language, anything else as is."""
    return entry.in_chinese(text) if entry is not None and language() == "zh" else text


def choice(value: object, field: ItemField | None) -> object:
    """A choice of an item's property in words of the page's language; any other value as it stands."""
    if field is None or not isinstance(value, str):
        return value
    english, chinese = field.in_words(value)
    return chinese if language() == "zh" else english


def clause(text: str) -> str:
    """A clause of a standard; where it has no number, its name in the page's language."""
    return clause_zh(text) if language() == "zh" else text


def source(text: str) -> str:
    """Where a limit comes from, in the page's language."""
    return source_zh(text) if language() == "zh" else text


def states_of(kind: str) -> tuple[str, ...]:
    """Every state of a kind of record."""
    return MACHINES[kind].states


ASIDE = {("request", "asked_back"): "under_review"}  # states beside the way, and the station at which they wait


def step_path(kind: str, state: str, way: Sequence[str] = ()) -> list[Step]:
    """The stations of a record: passed, present, to come; an early end is the last one. way: another than the usual."""
    path, state = way or STEPS[kind], ASIDE.get((kind, state), state)
    if state not in path:
        return [Step(state_label(kind, path[0]), "done"), Step(state_label(kind, state), "ended")]
    place = path.index(state)
    finished = state == path[-1]
    marks = ["done" if i < place or finished else "now" if i == place else "" for i in range(len(path))]
    return [Step(state_label(kind, name), mark) for name, mark in zip(path, marks, strict=True)]


def unread_notices() -> int:
    """How many notices whoever signed in has not read."""
    reader = person()
    return 0 if reader is None else notice_queries.unread(session(), reader.id)


def here() -> str:
    """This page's path, to come back to."""
    return request.full_path.rstrip("?") if request.method == "GET" else "/"


def with_page(page: int) -> str:
    """This list's address at another page."""
    arguments: dict[str, Any] = {**request.args.to_dict(), **(request.view_args or {}), "page": page}
    return url_for(str(request.endpoint), **arguments)


@cache
def static_url(filename: str) -> str:
    """The address of a static file, carrying its digest so that a browser may keep it for ever."""
    data = (Path(__file__).parent / "static" / filename).read_bytes()
    return f"/static/{filename}?v={sha256(data).hexdigest()[:12]}"


def _named(table: dict[str, Label], key: str) -> str:
    label = table.get(str(key))
    return label.in_language(language()) if label else str(key)
