"""Every list by its name, and the list of each kind of record."""

from __future__ import annotations

from lims.certificates.lists import REPORTS
from lims.contracts.lists import FIGURES
from lims.equipment.lists import EQUIPMENT
from lims.items.lists import ITEMS, KEEPING
from lims.lists.declaration import List
from lims.manual.lists import RECORDS
from lims.notices.lists import MAILS, NOTICES
from lims.orders.lists import JOBS, REQUESTS
from lims.parties.lists import COMPANIES, PEOPLE
from lims.results.lists import RESULTS
from lims.review.lists import EVENTS
from lims.runs.lists import RUNS
from lims.sampling.lists import OBJECTIONS, TASKS

LISTS: dict[str, List] = {
    one.name: one
    for one in (
        REQUESTS, ITEMS, JOBS, RUNS, RECORDS, RESULTS, REPORTS, FIGURES, EQUIPMENT, COMPANIES, EVENTS, TASKS,
        OBJECTIONS, KEEPING, PEOPLE, NOTICES, MAILS,
    )
}  # fmt: skip
OF_KIND: dict[str, List] = {
    "request": REQUESTS, "item": ITEMS, "job": JOBS, "run": RUNS, "result": RESULTS, "report": REPORTS,
    "equipment": EQUIPMENT, "objection": OBJECTIONS, "manual": RECORDS,
}  # fmt: skip
