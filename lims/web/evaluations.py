"""Asking for an evaluation from a page: a quick one is answered with its result, a long one with how far it is."""

from __future__ import annotations

from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet

from flask import current_app, redirect, url_for
from werkzeug.wrappers import Response

from lims.results import background
from lims.results.background import Evaluations
from lims.results.models import Result
from lims.web.access import actor, laboratory

QUICK = 2.5  # s: what is done by then needs no page of its own


def begin(run_number: str, *, job_number: str = "") -> Response:
    """Ask for the evaluation, wait a moment, and go to its result or to the page that tells how far it is.

    Raises what stands against it, if that is found in the moment.
    """
    here: Evaluations = current_app.extensions["evaluations"]
    task_id, new = background.ask(laboratory(), actor(), run_number, job_number=job_number)
    result = _within(here.start(task_id, actor())) if new else None
    if result is None:
        return redirect(url_for("results.evaluation", task_id=task_id))
    return redirect(url_for("results.page", number=result.number))


def _within(future: Future[Result | None]) -> Result | None:
    try:
        return future.result(timeout=None if current_app.testing else QUICK)
    except NotYet:
        return None
