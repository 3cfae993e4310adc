"""The page "Import a file": look at what was sent, keep it when it is confirmed. Between the two nothing is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from instruments.loggers.encoding import ENCODINGS
from lims.equipment import queries as equipment_queries
from lims.equipment.models import Equipment
from lims.errors import BadInput, Refused, Sentence
from lims.items import queries as item_queries
from lims.orders.models import Job
from lims.parties import queries as party_queries
from lims.runs import operations, queries
from lims.runs.dryrun import DryRun, Known, dry_run
from lims.runs.importform import DECIMALS, SEPARATORS, stated
from lims.web import access
from lims.web.language import language
from lims.workflow import JOB, Facts, refusal
from protocols.method import methods

READERS = {
    "toa5": Sentence("Campbell TOA5", "Campbell TOA5"),
    "keysight": Sentence("Keysight (Agilent) CSV", "Keysight（安捷伦）CSV"),
    "csv": Sentence("table with a header", "带表头的数据表"),
    "tdms": Sentence("TDMS (LabVIEW, FlexLogger)", "TDMS（LabVIEW、FlexLogger）"),
}
OTHER_FILE = Sentence(
    "This is not the file that was looked at; here is what this one holds. Check it, then confirm.",
    "这不是刚才查看的文件；以下为此文件的内容。请核对后再确认。",
)


def page(job: Job) -> str:
    """The page before a file was sent."""
    _require_method(job)
    return _rendered(job, None, None)


def look(job: Job) -> str:
    """What the sent file holds and what stands against it."""
    known = _known(job)
    found, _ = _looked_at(known)
    return _rendered(job, found, known)


def keep(job: Job) -> AnyResponse | tuple[str, int]:
    """Import the sent file as a sealed run, if it is the one that was looked at and nothing stands against it."""
    known = _known(job)
    found, data = _looked_at(known)
    if request.form.get("digest") != found.sha256:
        return _rendered(job, found, known, OTHER_FILE), 409
    if found.mapped is None:
        return _rendered(job, found, known), 400
    there = any(one.job_id == job.id for one in queries.holding(access.session(), found.sha256))
    run = operations.import_file(access.laboratory(), access.actor(), job.number, found.mapped, data)
    words = gettext("This file was imported already: nothing was added.") if there else gettext("The file is imported.")
    flash(f"{run.number}{gettext(': ')}{words}", "good")
    return redirect(url_for("runs.run", number=run.number))


def _require_method(job: Job) -> None:
    if not (job.method_id in methods() and job.bench):
        raise Refused(
            f"{job.number} is no test that is evaluated from a record; nothing is imported for it.",
            f"{job.number} 不是由记录计算的检测，无需导入文件。",
        )


def _known(job: Job) -> Known:
    _require_method(job)
    return queries.known_for(access.session(), job, zone=access.laboratory().settings.time_zone)


def _looked_at(known: Known) -> tuple[DryRun, bytes]:
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise BadInput("Choose the logger's file first.", "请先选择记录仪文件。")
    data = sent.read()
    return dry_run(sent.filename, data, stated(request.form, (*known.needed, *known.optional)), known), data


def _rendered(job: Job, found: DryRun | None, known: Known | None, *told: Sentence) -> str:
    shown: dict[str, Any] = {}
    if found is not None and known is not None:
        shown = _shown(job, found, known)
    return render_template(
        "import.html", job=job, method=methods()[str(job.method_id)], run=found, told=told,
        limit_mb=access.laboratory().settings.upload_limit_mb, encodings=ENCODINGS, **shown,
    )  # fmt: skip


def _shown(job: Job, found: DryRun, known: Known) -> dict[str, Any]:
    symbols = [one.symbol for one in found.quantities]
    times = found.seconds
    layout = found.file.layout if found.file else None
    here = queries.holding(access.session(), found.sha256)
    twice = any(one.job_id == job.id for one in here)
    refused = None if twice else _refusal(job)
    return {
        "here": here,
        "refused": refused,
        "possible": found.mapped is not None and refused is None and not twice,
        "remarks": [*found.remarks, *_of_the_laboratory(job, found)],
        "reader_name": READERS[layout.reader].in_language(language()) if layout else "",
        "first": _moment(times[0]) if times is not None else None,
        "last": _moment(times[-1]) if times is not None else None,
        "stride": found.stride,
        "evidence": found.evidence,
        "plot": json.dumps(found.plot(), separators=(",", ":")),
        "equipment": {symbol: _measuring(symbol, known) for symbol in symbols},
        "proposed": known.equipment,
        "separator": next((name for name, sign in SEPARATORS.items() if layout and layout.separator == sign), ""),
        "decimal": next((name for name, sign in DECIMALS.items() if layout and layout.decimal == sign), ""),
    }


def _refusal(job: Job) -> Sentence | None:
    """What stands against a run of this job by this person, whatever the file."""
    runs = queries.of_job(access.session(), job)
    if runs and all(one.state == "aborted" for one in runs) and job.state == "running":
        return None
    person, day = access.actor(), access.laboratory().today
    able = party_queries.is_competent(
        access.session(), person_id=person.id, method_id=job.method_id, activity="test", day=day
    )
    return refusal(JOB, "start", job, person, Facts(competent=able))


def _of_the_laboratory(job: Job, found: DryRun) -> Iterator[Sentence]:
    """What the register and the item's own dates say of the file."""
    if found.mapped is None or found.seconds is None:
        return
    zone = access.laboratory().settings.time_zone
    first, last = _moment(found.seconds[0]), _moment(found.seconds[-1])
    yield from queries.uncalibrated(access.session(), found.mapped, first, last, zone)
    received = item_queries.of_job(access.session(), job).received_at
    if received is not None and first < received:
        yield Sentence(
            "The record begins before the item was received: make sure that it is of this item.",
            "记录开始于收样之前：请确认其确为该样品的记录。",
        )


def _measuring(symbol: str, known: Known) -> list[Equipment]:
    """The instruments of the register that are calibrated for a quantity."""
    return list(equipment_queries.calibrated_for(access.session(), symbol, also=known.equipment.get(symbol, "")))


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(float(seconds), UTC)
