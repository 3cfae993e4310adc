"""Competence as the quality manager keeps it: renewed before it ends, withdrawn with a reason, never deleted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from lims.errors import BadInput, NotFound, Refused
from lims.laboratory import Work
from lims.parties import queries
from lims.parties.models import Competence, Person
from lims.parties.operations import ACTIVITIES, authorise_competence

SOON_DAYS = 60  # ours: time enough to train and watch somebody before the authorisation ends
YEARS = 3  # ours: how long an authorisation is proposed to hold


def grant(
    work: Work, *, person: Person, tests: Iterable[str], activities: Iterable[str], valid_from: date, valid_to: date,
    basis: str,
) -> list[Competence]:  # fmt: skip
    """Authorise a person for several tests and activities at once, on one basis (training, supervised tests …)."""
    if not basis.strip():
        raise BadInput(
            "Say what the authorisation rests on: training, supervised tests, an examination.",
            "请填写授权依据：培训、监督下的检测或考核等。",
        )
    wanted = [(test, activity) for test in tests for activity in activities]
    if not wanted:
        raise BadInput("Choose at least one test and one activity.", "请至少选择一项检测和一项活动。")
    return [
        authorise_competence(
            work, person=person, method_id=test, activity=activity, valid_from=valid_from, valid_to=valid_to,
            basis=basis.strip(),
        )
        for test, activity in wanted
    ]  # fmt: skip


def renew(work: Work, competence_id: int, *, valid_to: date, basis: str) -> Competence:
    """A new authorisation that follows the old one without a gap; the old one stays as it was."""
    old = _one(work, competence_id)
    if old.withdrawn_on is not None:
        raise Refused(
            "A withdrawn authorisation is not renewed; grant a new one.", "已撤销的授权不能续期；请重新授权。"
        )
    start = max(old.valid_to + timedelta(days=1), work.today)
    return grant(
        work, person=old.person, tests=[old.method_id], activities=[old.activity], valid_from=start, valid_to=valid_to,
        basis=basis,
    )[0]  # fmt: skip


def renew_ending(work: Work, username: str, *, basis: str) -> list[Competence]:
    """Renew what of a person's authorisations ends soon and nothing follows, for YEARS from today, on one basis."""
    work.actor.require("competence.manage")
    person = queries.person_by_username(work.session, username)
    if person is None:
        raise NotFound(f"There is no person '{username}'.", f"没有用户名为“{username}”的人员。")
    if not person.active:
        raise Refused(f"{username} is closed; open it first.", f"{username} 已停用；请先恢复使用。")
    ending = ending_soon(queries.competences_of(work.session, person), work.today)
    if not ending:
        raise Refused(
            f"No authorisation of {username} ends within {SOON_DAYS} days.",
            f"{username} 没有在 {SOON_DAYS} 天内到期的授权。",
        )
    return [renew(work, one.id, valid_to=last_day(work.today), basis=basis) for one in ending]


def last_day(first: date) -> date:
    """The proposed last day of an authorisation from ``first``: 2029-11-27 of one from 2026-11-28."""
    before = first - timedelta(days=1)
    return before.replace(year=before.year + YEARS, day=min(before.day, 28) if before.month == 2 else before.day)


def withdraw(work: Work, competence_id: int, reason: str) -> Competence:
    """The authorisation does not hold any more from today on; what was done until then stays."""
    competence = _one(work, competence_id)
    if not reason.strip():
        raise BadInput("Give a reason: it is kept with the authorisation.", "请填写理由：理由将随授权一并保存。")
    if competence.withdrawn_on is not None:
        raise Refused("This authorisation was withdrawn already.", "该授权已撤销。")
    competence.withdrawn_on, competence.withdrawn_by_id = work.today, work.actor.id
    competence.withdrawn_reason = reason.strip()
    work.session.flush()
    work.record(
        "competence", competence.person.username, "withdraw", method=competence.method_id,
        activity=competence.activity, reason=reason.strip(),
    )  # fmt: skip
    return competence


def _one(work: Work, competence_id: int) -> Competence:
    work.actor.require("competence.manage")
    found = work.session.get(Competence, competence_id)
    if found is None:
        raise NotFound("There is no such authorisation.", "没有该授权。")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What one person may do by one test on a day: an activity, until when, and how that stands."""

    activity: str
    until: date
    tone: str  # good, wait (ends soon) or past (ended)
    competence: Competence


def matrix(rows: Sequence[Competence], day: date) -> Mapping[tuple[str, int], list[Cell]]:
    """(test, person) → what holds on ``day`` or has ended last, one cell an activity in the order of the work."""
    latest: dict[tuple[str, int, str], Competence] = {}
    for one in rows:
        key = (one.method_id, one.person_id, one.activity)
        if one.withdrawn_on is None and (key not in latest or one.valid_to > latest[key].valid_to):
            latest[key] = one
    found: dict[tuple[str, int], list[Cell]] = {}
    for (test, person, activity), one in sorted(latest.items(), key=lambda item: ACTIVITIES.index(item[0][2])):
        cell = Cell(activity=activity, until=one.valid_to, tone=tone(one, day), competence=one)
        found.setdefault((test, person), []).append(cell)
    return found


def tone(one: Competence, day: date) -> str:
    """How an authorisation stands on a day."""
    if one.withdrawn_on is not None and one.withdrawn_on <= day:
        return "stop"
    if one.valid_to < day:
        return "past"
    return "wait" if one.valid_to < day + timedelta(days=SOON_DAYS) else "good"


def ending_soon(rows: Sequence[Competence], day: date) -> list[Competence]:
    """The authorisations that hold today and end soon, and that no later one follows."""
    cells = [cell for cells in matrix(rows, day).values() for cell in cells]
    return sorted((cell.competence for cell in cells if cell.tone == "wait"), key=lambda one: (one.valid_to, one.id))
