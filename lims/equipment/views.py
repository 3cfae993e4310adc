"""The equipment register and each instrument's calibrations."""

from __future__ import annotations

from flask import Blueprint, render_template

from lims.equipment import queries
from lims.equipment.lists import EQUIPMENT
from lims.equipment.models import Equipment
from lims.review.queries import history
from lims.web import access, lists
from lims.web.access import requires
from lims.web.lists import AnyPage
from lims.web.today import today

equipment = Blueprint("equipment", __name__, url_prefix="/equipment")


@equipment.get("")
@requires("equipment.view")
def register() -> AnyPage:
    """The register with the state of every calibration today."""
    return lists.show(EQUIPMENT, state=calibration_state)


@equipment.get("/<number>")
@requires("equipment.view")
def instrument(number: str) -> str:
    """One instrument, every certificate, and its story."""
    found = queries.by_number(access.session(), number)
    story = history(access.session(), number, access.actor())
    return render_template("instrument.html", it=found, state=calibration_state, today=today(), history=story)


def calibration_state(found: Equipment) -> tuple[str, str]:
    """(tone, key) of an instrument today: out of service, not calibrated, due soon, or fit."""
    if not found.in_service:
        return "past", "out_of_service"
    symbols = {known.symbol for known in found.calibrations}
    valid = [queries.calibration_on(found, symbol, today()) for symbol in symbols]
    if not symbols or None in valid:
        return "stop", "not_calibrated"
    days = min((known.due_on - today()).days for known in valid if known)
    return ("wait", "due_soon") if days <= queries.SOON_DAYS else ("good", "calibrated")
