"""The guided record of a manual test on a tablet at the bench, and the same record for whoever reviews it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from lims.attachments import operations as attachments
from lims.attachments import queries as attachment_queries
from lims.attachments.models import Attachment
from lims.certificates import queries as report_queries
from lims.certificates.manual_record import manual_record_pdf
from lims.equipment import queries as equipment_queries
from lims.equipment.models import Equipment
from lims.equipment.views import calibration_state
from lims.errors import BadInput, HeliobenchError, Sentence
from lims.items import queries as item_queries
from lims.labels import VERDICTS
from lims.manual import operations, queries, surroundings
from lims.manual import record as records
from lims.manual.lists import RECORDS
from lims.manual.models import ManualEntry, ManualTest
from lims.review.queries import history
from lims.web import access, lists
from lims.web.access import requires
from lims.web.actions import buttons, confirm_signature, reason_given, tell_done
from lims.web.faults import status_of
from lims.web.language import words
from lims.web.lists import AnyPage
from lims.workflow import MANUAL
from protocols.procedures.judging import Judgement
from protocols.procedures.procedure import Entry, Procedure, instructions
from protocols.refusals import NotEvaluable

manual = Blueprint("manual", __name__)
Photos = Mapping[str, tuple[Attachment, ...]]
FIELD, PHOTO = "e:", "f:"  # e:symbol:row:reading, f:symbol:row


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One place of the record as the page shows it: what stands there, and what may be written."""

    entry: Entry
    row: int
    readings: tuple[ManualEntry | None, ...]  # one, or two for an entry that is made twice
    photos: tuple[Attachment, ...]

    @property
    def differs(self) -> bool:
        """Whether two readings are there and are unlike."""
        return (
            len(self.readings) == 2
            and None not in self.readings
            and len({one.text for one in self.readings if one}) > 1
        )

    @property
    def complete(self) -> bool:
        """Whether all that is asked for stands here."""
        return None not in self.readings and not self.differs


@manual.post("/jobs/<number>/record")
@requires("run.record")
def begin(number: str) -> AnyResponse:
    """Begin the record of a job, or go on with the one that was begun."""
    with access.work() as work:
        test = operations.begin(work, number)
    return redirect(url_for("manual.page", number=test.number))


@manual.get("/manual", endpoint="every")
@requires("result.view")
def every() -> AnyPage:
    """All records of manual tests."""
    return lists.show(RECORDS)


@manual.get("/manual/<number>")
@requires("result.view")
def page(number: str) -> str:
    """One record: steps, what to write, what is judged of it so far, photographs, what was changed."""
    test = queries.by_number(access.session(), number)
    procedure = queries.procedure_of(test)
    limits = queries.limits_of(access.session(), procedure)
    mine = test.state == "open" and access.actor().may("run.record")
    there, photos = records.current(test.entries), _photos(test)
    return render_template(
        "manual.html",
        it=test,
        procedure=procedure,
        steps=instructions(procedure, limits),
        item=item_queries.of_job(access.session(), test.job),
        once=_fields(there, photos, procedure, "", 0),
        repeated=[(one, list(_rows(there, photos, procedure, one.symbol, more=mine))) for one in procedure.repetitions],
        beside=there,
        instruments=_instruments(there),
        calibration_state=calibration_state,
        next_equipment=max((row for symbol, row, _ in there if symbol == records.EQUIPMENT), default=0) + 1,
        judgement=_judged(test),
        verdicts=VERDICTS,
        named={one.symbol: one for one in procedure.entries},
        may_write=mine,
        surroundings=surroundings.measured(access.laboratory(), access.session(), test) if mine else {},
        replaced=records.superseded(test.entries),
        buttons=buttons(MANUAL, test),
        reports=report_queries.of_record(access.session(), test),
        history=history(access.session(), number, access.actor()),
    )  # fmt: skip


def _instruments(there: Mapping[records.Place, ManualEntry]) -> dict[str, Equipment]:
    """The instruments a record names, by number."""
    numbers = [entry.text for (symbol, _, _), entry in there.items() if symbol == records.EQUIPMENT]
    return {one.number: one for one in equipment_queries.of_numbers(access.session(), numbers)}


def _judged(test: ManualTest) -> Judgement | Sentence:
    try:
        return operations.judged(access.session(), access.laboratory().store, test)
    except NotEvaluable as refused:
        return Sentence(refused.sentence_en, refused.sentence_zh)


def _fields(
    there: Mapping[records.Place, ManualEntry], photos: Photos, procedure: Procedure, each: str, row: int
) -> list[Field]:
    return [
        Field(
            entry=entry,
            row=row,
            readings=tuple(there.get((entry.symbol, row, reading)) for reading in ((1, 2) if entry.double else (1,))),
            photos=photos.get(f"{entry.symbol} {row}", ()),
        )
        for entry in procedure.entries
        if entry.each == each
    ]


def _rows(
    there: Mapping[records.Place, ManualEntry], photos: Photos, procedure: Procedure, each: str, *, more: bool
) -> Iterator[tuple[int, list[Field]]]:
    rows = records.rows_of(procedure, each, there)
    for row in [*rows, *([max(rows, default=0) + 1] if more else [])]:
        yield row, _fields(there, photos, procedure, each, row)


def _photos(test: ManualTest) -> Photos:
    """The photographs of a record by the place they belong to: "symbol row"."""
    found: dict[str, tuple[Attachment, ...]] = {}
    for one in attachment_queries.of(access.session(), "manual", test.number):
        found[one.purpose] = (*found.get(one.purpose, ()), one)
    return found


@manual.post("/manual/<number>/entries")
@requires("run.record")
def write(number: str) -> AnyResponse:
    """Keep what was written: all of it or nothing. A page that saves as it goes is answered without a new page."""
    quiet = request.headers.get("X-Heliobench") == "save"
    try:
        with access.work() as work:
            for symbol, row, reading, text in _written():
                operations.write(
                    work, number, symbol=symbol, row=row, reading=reading, text=text,
                    reason=request.form.get("reason", ""),
                )  # fmt: skip
            for symbol, row, sent in _sent():
                kept = attachments.add(
                    work, kind="manual", subject=number, name=sent.filename or "", data=sent.read(),
                    purpose=f"{symbol} {row}",
                )  # fmt: skip
                operations.write(
                    work,
                    number,
                    symbol=symbol,
                    row=row,
                    text=kept.name,
                    reason=request.form.get("reason", ""),
                )
    except HeliobenchError as refused:
        if quiet:
            return Response(words(refused.sentence), status_of(refused), mimetype="text/plain")
        raise
    return Response(status=204) if quiet else redirect(url_for("manual.page", number=number, _anchor="record"))


def _written() -> Iterator[tuple[str, int, int, str]]:
    for name, text in request.form.items():
        if not name.startswith(FIELD):
            continue
        symbol, row, reading = _place(name.removeprefix(FIELD))
        # A second reading is made blind: its field is empty although something stands there already.
        if text.strip() or not request.form.get(f"blind:{symbol}:{row}"):
            yield symbol, row, reading, text


def _sent() -> Iterator[tuple[str, int, Any]]:
    for name, sent in request.files.items(multi=True):
        if name.startswith(PHOTO) and sent.filename:
            symbol, row, _ = _place(f"{name.removeprefix(PHOTO)}:1")
            yield symbol, row, sent


def _place(text: str) -> tuple[str, int, int]:
    parts = text.split(":")
    try:
        symbol, row, reading = parts[0], int(parts[1]), int(parts[2])
    except (IndexError, ValueError) as error:
        raise BadInput("The record has no such place.", "记录中没有该位置。") from error
    return symbol, row, reading


@manual.get("/manual/<number>/record.pdf")
@requires("result.view")
def paper(number: str) -> Response:
    """The record as a document, as of now."""
    test = queries.by_number(access.session(), number)
    pdf = manual_record_pdf(access.session(), access.laboratory(), test)
    return Response(pdf, mimetype="application/pdf", headers={"Content-Disposition": f"inline; filename={number}.pdf"})


@manual.post("/manual/<number>/<action>")
@requires("result.view")
def act(number: str, action: str) -> AnyResponse:
    """Submit, review, authorise, send back or void; a signature asks for the password."""
    queries.by_number(access.session(), number)
    access.require_action(MANUAL, action)
    confirm_signature(MANUAL, action)
    with access.work() as work:
        operations.act(work, number, action, reason_given())
    tell_done(MANUAL, number, action)
    return redirect(url_for("manual.page", number=number))
