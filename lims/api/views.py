"""The interface for benches: what the LIMS holds of a run, one more segment, a preview. Answers are JSON."""

from __future__ import annotations

import base64
import hashlib

from flask import Blueprint, Response, jsonify, request

from instruments.errors import InstrumentError
from lims.errors import BadInput, Forbidden, HeliobenchError, NotFound, Refused
from lims.permissions import BENCH
from lims.runs import operations, queries
from lims.web.access import laboratory, requires
from lims.web.security import csrf

api = Blueprint("api", __name__, url_prefix="/api")
csrf.exempt(api)  # no cookie opens these routes, only the run's token
STATUS = {Forbidden: 403, NotFound: 404, BadInput: 400, Refused: 409}


@api.get("/runs/<number>/segments")
@requires(BENCH)
def segments(number: str) -> Response:
    """Index and SHA-256 of every segment that is here: nothing is sent twice."""
    operations.require_token(laboratory(), number, _token())
    with laboratory().database.read() as session:
        run = queries.by_number(session, number)
        held = [{"index": one.index, "sha256": one.sha256} for one in run.segments]
    return jsonify(run=run.number, state=run.state, segments=held)


@api.put("/runs/<number>/segments/<int:index>")
@requires(BENCH)
def take_segment(number: str, index: int) -> tuple[Response, int]:
    """Take in one segment; the same one again is answered alike."""
    operations.require_token(laboratory(), number, _token())
    data = request.get_data()
    digest = hashlib.sha256(data).digest()
    if request.headers.get("Content-Digest") != f"sha-256=:{base64.b64encode(digest).decode()}:":
        raise BadInput(
            "The body does not fit its Content-Digest header; it was damaged on the way, send it again.",
            "正文与 Content-Digest 头不符；传输中受损，请重新发送。",
        )
    row = operations.ingest(laboratory(), number, index, data)
    return jsonify(run=number, index=row.index, sha256=row.sha256), 201


@api.put("/runs/<number>/live")
@requires(BENCH)
def take_preview(number: str) -> Response:
    """Show scans of the segment still open: a preview, never a record. Answers what the bench should go on after."""
    operations.require_token(laboratory(), number, _token())
    return jsonify(run=number, have=operations.preview(laboratory(), number, request.get_data()))


def _token() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme == "Bearer" else ""


@api.errorhandler(HeliobenchError)
def refused(error: HeliobenchError) -> tuple[Response, int]:
    """A refusal as JSON: the sentence in both languages."""
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)
    return jsonify(sentence_en=error.sentence.en, sentence_zh=error.sentence.zh), status


@api.errorhandler(InstrumentError)
def damaged(error: InstrumentError) -> tuple[Response, int]:
    """A segment whose lines are not what was written."""
    return jsonify(sentence_en=error.sentence_en, sentence_zh=error.sentence_zh, code=error.code), 400
