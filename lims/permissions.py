"""Who may do what: one table of roles and permissions, and one function that hides others' records.

A permission is a name; a route or a transition states the one it needs. Competence ("may this person do
this *method*?") is not a role but a record with dates (lims/parties), asked by a guard in lims/workflow.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Select

from lims.errors import Forbidden


class Role(StrEnum):
    """What a person is here for; a person may have several."""

    COMPANY = "company"
    OFFICE = "office"
    TECHNICIAN = "technician"
    REVIEWER = "reviewer"
    SIGNATORY = "signatory"
    QUALITY_MANAGER = "quality_manager"
    ADMINISTRATOR = "administrator"


STAFF = frozenset(Role) - {Role.COMPANY}
WORKING = STAFF - {Role.ADMINISTRATOR}  # the administrator may sign nothing and change no result

PERMISSIONS: dict[str, frozenset[Role]] = {
    # permission           roles
    "request.view": STAFF | {Role.COMPANY},
    "request.write": frozenset({Role.COMPANY, Role.OFFICE}),
    "request.review": frozenset({Role.OFFICE}),
    "invoice.view": frozenset({Role.COMPANY, Role.OFFICE, Role.QUALITY_MANAGER}),
    "invoice.write": frozenset({Role.OFFICE}),
    "catalogue.view": STAFF | {Role.COMPANY},
    "catalogue.write": frozenset({Role.OFFICE, Role.QUALITY_MANAGER}),
    "scope.write": frozenset({Role.QUALITY_MANAGER}),
    "item.view": STAFF | {Role.COMPANY},
    "item.handle": frozenset({Role.TECHNICIAN, Role.OFFICE}),
    "storage.view": STAFF,
    "storage.write": frozenset({Role.OFFICE, Role.QUALITY_MANAGER}),
    "job.view": STAFF,
    "job.plan": frozenset({Role.OFFICE, Role.TECHNICIAN}),
    "bench.view": STAFF,
    "run.view": STAFF,
    "run.record": frozenset({Role.TECHNICIAN}),
    "result.view": STAFF,
    "result.record": frozenset({Role.TECHNICIAN}),
    "result.review": frozenset({Role.REVIEWER}),
    "result.authorise": frozenset({Role.SIGNATORY}),
    "report.view": STAFF | {Role.COMPANY},
    "report.draft": frozenset({Role.TECHNICIAN, Role.OFFICE}),
    "report.check": frozenset({Role.REVIEWER}),
    "report.authorise": frozenset({Role.SIGNATORY}),
    "report.amend": frozenset({Role.OFFICE, Role.SIGNATORY, Role.QUALITY_MANAGER}),
    "report.withdraw": frozenset({Role.SIGNATORY, Role.QUALITY_MANAGER}),
    "equipment.view": STAFF,
    "equipment.write": frozenset({Role.QUALITY_MANAGER}),
    "limits.view": STAFF,
    "limits.confirm": frozenset({Role.QUALITY_MANAGER}),
    "site_data.view": STAFF,
    "site_data.confirm": frozenset({Role.OFFICE, Role.QUALITY_MANAGER}),
    "audit.view": frozenset({Role.QUALITY_MANAGER, Role.ADMINISTRATOR, Role.SIGNATORY, Role.REVIEWER}),
    "objection.view": STAFF | {Role.COMPANY},
    "objection.raise": frozenset({Role.COMPANY, Role.OFFICE}),
    "objection.decide": frozenset({Role.QUALITY_MANAGER}),
    "sampling.view": STAFF,
    "sampling.order": frozenset({Role.OFFICE}),
    "sampling.write": frozenset({Role.OFFICE, Role.TECHNICIAN, Role.QUALITY_MANAGER}),
    "company.view": WORKING - {Role.TECHNICIAN} | {Role.ADMINISTRATOR},  # who tests need not know whose item it is
    "company.manage": frozenset({Role.OFFICE}),
    "company.own": frozenset({Role.COMPANY}),
    "competence.view": STAFF,
    "competence.manage": frozenset({Role.QUALITY_MANAGER}),
    "people.view": frozenset({Role.OFFICE, Role.QUALITY_MANAGER, Role.ADMINISTRATOR}),
    "mail.view": frozenset({Role.OFFICE, Role.ADMINISTRATOR}),
    "mail.send": frozenset({Role.OFFICE}),
    "people.manage": frozenset({Role.ADMINISTRATOR}),
}
PUBLIC = "public"  # a route that anyone may open without signing in
SIGNED_IN = "signed-in"  # a route for anyone who has signed in
BENCH = "bench"  # a route for a bench's uplink, by its token


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The person (or the system itself) on whose word something is done."""

    id: int | None
    name: str
    roles: frozenset[Role]
    company_id: int | None = None
    blind: bool = False  # is kept from seeing whose items these are (lims/web/blind.py)

    def may(self, permission: str) -> bool:
        """Whether one of the actor's roles includes ``permission``."""
        return bool(PERMISSIONS[permission] & self.roles)

    def require(self, permission: str) -> None:
        """Raise `Forbidden` unless the actor has ``permission``."""
        if not self.may(permission):
            raise Forbidden(
                f"Your role does not include this action ({permission}); ask a colleague whose role does.",
                f"您的角色无权执行此操作（{permission}）；请联系有权限的同事。",
            )


def visible(select: Select[Any], owner: Any, actor: Actor) -> Select[Any]:
    """``select`` limited to what ``actor`` may see: a company sees its own rows (``owner`` = their company column)."""
    if actor.roles & STAFF:
        return select
    return select.where(owner == (-1 if actor.company_id is None else actor.company_id))
