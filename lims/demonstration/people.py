"""The demonstration laboratory's company, people, competence and equipment, from config/demonstration."""

from __future__ import annotations

import secrets
import tomllib
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from lims.equipment import operations as equipment
from lims.items import storage
from lims.laboratory import SYSTEM, Laboratory, Work
from lims.offerings import seed
from lims.parties import operations as parties
from lims.parties import queries
from lims.parties.companies import CompanyFacts, add_company
from lims.parties.models import Company, Person
from lims.permissions import Role
from lims.settings import ROOT

CATALOGUE = ROOT / "config" / "demonstration" / "catalogue.toml"
METHOD = "iso9806-2017-qdt"
RECORD_YEAR = (date(2017, 5, 15), date(2018, 5, 14))


def description() -> dict[str, Any]:
    """What config/demonstration/laboratory.toml says."""
    return tomllib.loads((ROOT / "config" / "demonstration" / "laboratory.toml").read_text(encoding="utf-8"))


def password(laboratory: Laboratory) -> str:
    """The one password of all demonstration log-ins, drawn for this instance and kept in it with mode 0600."""
    path = laboratory.settings.instance_path / "secrets" / "demonstration-password"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.write_text(f"sun-{secrets.token_hex(4)}", encoding="ascii")
    return path.read_text(encoding="ascii")


def load(laboratory: Laboratory) -> None:
    """Enter companies, people, competence and equipment, in one transaction."""
    told = description()
    with laboratory.work(SYSTEM) as work:
        staff = [row for row in told["person"] if "company" not in row]
        people = {row["username"]: _person(work, row, {}, password(laboratory)) for row in staff}
        office = replace(work, actor=people["office"].actor)
        firms = {told[key]["code"]: _company(office, told[key]) for key in ("company", "rival")}
        for row in told["person"]:
            if row not in staff:
                people[row["username"]] = _person(work, row, firms, password(laboratory))
        manager = replace(work, actor=people["quality"].actor)
        for row in told["competence"]:
            for method in told["methods"]:
                _competence(manager, people[row["person"]], method, row["activity"])
        for row in told["equipment"]:
            _equipment(manager, row)
        for row in told["place"]:
            storage.add(manager, storage.PlaceForm(**row))
        seed.load(manager, CATALOGUE)


def _company(work: Work, row: dict[str, str]) -> Company:
    facts = CompanyFacts(**{name: value for name, value in row.items() if name != "code"})
    return add_company(work, facts, code=row["code"])


def _person(work: Work, row: dict[str, Any], firms: dict[str, Company], word: str) -> Person:
    person = parties.add_person(
        work, username=row["username"], name_zh=row["name_zh"], name_en=row["name_en"], password=word,
        roles=[Role(role) for role in row["roles"]], company=firms.get(row.get("company", "")),
        email=row["email"], email_proved=True,
    )  # fmt: skip
    person.company_admin = row.get("company_admin", False)
    return person


def _competence(work: Work, person: Person, method: str, activity: str) -> None:
    start = work.today - timedelta(days=30)
    parties.authorise_competence(
        work, person=person, method_id=method, activity=activity, valid_from=start,
        valid_to=start + timedelta(days=3 * 365),
    )  # fmt: skip


def _equipment(work: Work, row: dict[str, Any]) -> None:
    named = {key: row[key] for key in ("number", "name_zh", "name_en", "manufacturer", "model", "serial_number")}
    instrument = equipment.register(work, **named, location="室外集热器试验台 outdoor bench")
    this_year = (work.today - timedelta(days=60), work.today + timedelta(days=305))
    for quantity in row["quantity"]:
        for calibrated_on, due_on in (RECORD_YEAR, this_year):
            _calibration(work, instrument, quantity, calibrated_on, due_on)


def _calibration(work: Work, instrument: Any, quantity: dict[str, Any], calibrated_on: date, due_on: date) -> None:
    low, high = quantity["range"]
    equipment.calibrate(
        work, instrument, certificate=f"DEMO-{calibrated_on.year}-{instrument.number[-4:]}",
        provider_zh="演示校准实验室", provider_en="demonstration calibration laboratory", symbol=quantity["symbol"],
        unit=quantity["unit"], calibrated_on=calibrated_on, due_on=due_on, c0=quantity["c0"], c1=quantity["c1"],
        range_low=low, range_high=high, uncertainty_absolute=quantity.get("uncertainty_absolute", 0.0),
        uncertainty_relative=quantity.get("uncertainty_relative", 0.0),
    )  # fmt: skip


def loaded(laboratory: Laboratory) -> bool:
    """Whether the demonstration laboratory is in this database already."""
    with laboratory.database.read() as session:
        return queries.person_by_username(session, "technician") is not None


def person(laboratory: Laboratory, username: str) -> Person:
    """One of the demonstration's people."""
    with laboratory.database.read() as session:
        found = queries.person_by_username(session, username)
    if found is None:
        raise LookupError(f"the demonstration has no '{username}'")
    return found
