"""The menu: what a person can open, in groups, those of their daily work first."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request

from lims.permissions import STAFF, Role
from lims.web.access import person
from lims.web.language import msgid

Line = tuple[str, str, str]  # endpoint, text, permission ("" for everyone who signed in)

HOME: Line = ("portal.home", msgid("Home"), "")

# Of the laboratory's people: heading → lines.
STAFF_MENU: dict[str, tuple[Line, ...]] = {
    msgid("Work"): (
        ("planning.my_day", msgid("My day"), "run.record"),
        ("runs.jobs", msgid("Jobs"), "job.view"),
        ("planning.calendar", msgid("Calendar"), "job.view"),
        ("runs.benches", msgid("Benches"), "bench.view"),
        ("review.queue", msgid("Review"), "result.view"),
        ("certificates.reports", msgid("Reports"), "report.view"),
    ),
    msgid("Items and store"): (
        ("items.items", msgid("Items"), "item.view"),
        ("door.waiting", msgid("Goods in"), "item.handle"),
        ("store.tree", msgid("Store"), "storage.view"),
    ),
    msgid("Orders and companies"): (
        ("orders.requests", msgid("Requests"), "request.view"),
        ("sampling.tasks", msgid("Spot checks"), "sampling.view"),
        ("objections.every", msgid("Objections"), "objection.view"),
        ("companies.every", msgid("Companies"), "company.view"),
        ("contracts_money.figures", msgid("Charges"), "invoice.view"),
        ("offerings.catalogue", msgid("Catalogue"), "catalogue.view"),
    ),
    msgid("Quality"): (
        ("equipment.register", msgid("Equipment"), "equipment.view"),
        ("competence.matrix", msgid("Competence"), "competence.view"),
        ("reference.methods", msgid("Methods"), "limits.view"),
        ("reference.procedures", msgid("Manual tests"), "limits.view"),
        ("limits.every", msgid("Limits"), "limits.view"),
        ("confirmations.every", msgid("Holidays and retention"), "site_data.view"),
        ("review.trail", msgid("Audit trail"), "audit.view"),
    ),
    msgid("Administration"): (
        ("people.people", msgid("People"), "people.view"),
        ("notices.outbox", msgid("Outbox"), "mail.view"),
        ("certificates.verify", msgid("Verify a report"), ""),
    ),
}

# Of a company.
COMPANY_MENU: dict[str, tuple[Line, ...]] = {
    msgid("Orders and reports"): (
        ("orders.requests", msgid("Requests"), "request.view"),
        ("items.items", msgid("Items"), "item.view"),
        ("certificates.reports", msgid("Reports"), "report.view"),
        ("objections.every", msgid("Objections"), "objection.view"),
    ),
    msgid("Our company"): (
        ("contracts_money.figures", msgid("Charges"), "invoice.view"),
        ("statistics.own", msgid("Our figures"), "company.own"),
        ("companies.own", msgid("My company"), "company.own"),
    ),
    msgid("Look up"): (
        ("offerings.catalogue", msgid("Catalogue"), "catalogue.view"),
        ("certificates.verify", msgid("Verify a report"), ""),
    ),
}

# The group that stands first, by role; whoever tests or checks begins with work.
FIRST: dict[Role, str] = {
    Role.OFFICE: "Orders and companies",
    Role.QUALITY_MANAGER: "Quality",
    Role.ADMINISTRATOR: "Administration",
}
TESTING = frozenset({Role.TECHNICIAN, Role.REVIEWER, Role.SIGNATORY})  # whose work is tests, whatever else they are

# Pages below a menu entry, which stays marked while they are open.
BELOW = {
    **dict.fromkeys(("orders.page", "orders.new", "orders.create", "orders.edit", "orders.change"), "orders.requests"),
    **dict.fromkeys(("items.page", "items.chain", "labelling.choose", "door.refusing"), "items.items"),
    **dict.fromkeys(("items.properties", "items.state_properties", "door.refuse"), "items.items"),
    "objections.page": "objections.every",
    **dict.fromkeys(("door.receive", "door.received"), "door.waiting"),
    **dict.fromkeys(
        (
            "sampling.task",
            "sampling.new",
            "sampling.enter",
            "sampling.change_form",
            "sampling.change",
            "sampling.record",
            "sampling.save",
        ),
        "sampling.tasks",
    ),
    **dict.fromkeys(("store.place", "store.move", "store.due"), "store.tree"),
    **dict.fromkeys(("contracts.review", "portal.order"), "orders.requests"),
    "offerings.product": "offerings.catalogue",
    **dict.fromkeys(("runs.job", "runs.start", "runs.runs", "runs.run", "runs.scan"), "runs.jobs"),
    **dict.fromkeys(("runs.import_form", "runs.import_look", "runs.import_keep"), "runs.jobs"),
    "runs.bench": "runs.benches",
    "watch.start": "runs.benches",
    "turnaround.figures": "runs.jobs",
    **dict.fromkeys(("planning.plan", "planning.make_plan"), "orders.requests"),
    **dict.fromkeys(("planning.replan", "planning.make_replan"), "runs.jobs"),
    **dict.fromkeys(
        (
            "results.results",
            "results.page",
            "results.evaluation",
            "results.compare",
            "manual.every",
            "manual.page",
            "review.page",
            "results.coefficient",
            "results.windows",
            "results.window",
        ),
        "review.queue",
    ),
    **dict.fromkeys(("certificates.page", "amendments.form", "amendments.open_amendment"), "certificates.reports"),
    "contracts_money.invoices": "contracts_money.figures",
    **dict.fromkeys(("certificates.verify_code", "certificates.verify_file"), "certificates.verify"),
    "equipment.instrument": "equipment.register",
    **dict.fromkeys(
        ("companies.page", "companies.new", "companies.create", "companies.edit", "companies.change", "people.new_for"),
        "companies.every",
    ),
    **dict.fromkeys(("companies.change_own", "people.new_colleague"), "companies.own"),
    **dict.fromkeys(("people.person", "people.new", "people.invite"), "people.people"),
    "competence.grant": "competence.matrix",
    "notices.mail": "notices.outbox",
    "review.check": "review.trail",
    "reference.method": "reference.methods",
    "limits.page": "limits.every",
    "reference.procedure": "reference.procedures",
}


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One line of the menu; ``current`` as in aria-current: page, true for a page below it, or empty."""

    endpoint: str
    text: str
    current: str


@dataclass(frozen=True, slots=True)
class MenuGroup:
    """Lines under a heading; without one for what stands above all groups."""

    heading: str
    entries: tuple[MenuEntry, ...]


def menu() -> list[MenuGroup]:
    """The menu of whoever signed in: only lines they may open, and no empty group."""
    reader = person()
    if reader is None:
        return []
    groups = {"": (HOME,), **_groups(reader.actor.roles)}
    shown = [
        MenuGroup(heading, tuple(_entry(line) for line in lines if not line[2] or reader.actor.may(line[2])))
        for heading, lines in groups.items()
    ]
    return [one for one in shown if one.entries]


def menu_place() -> str:
    """The text of the line that is marked, to be shown where the menu is folded away; empty if none is."""
    return next((entry.text for group in menu() for entry in group.entries if entry.current), "")


def _groups(roles: frozenset[Role]) -> dict[str, tuple[Line, ...]]:
    if not roles & STAFF:
        return COMPANY_MENU
    first = [heading for role, heading in FIRST.items() if role in roles and not roles & TESTING]
    return {heading: STAFF_MENU[heading] for heading in dict.fromkeys([*first, *STAFF_MENU])}


def _entry(line: Line) -> MenuEntry:
    endpoint, text, _ = line
    here = str(request.endpoint)
    current = "page" if endpoint == here else "true" if endpoint == BELOW.get(here) else ""
    return MenuEntry(endpoint, text, current)
