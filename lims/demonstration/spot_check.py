"""A supervision spot check as the people of the demonstration laboratory would do it; each step an ordinary verb."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from lims.demonstration import people
from lims.demonstration.sketch import sketch
from lims.laboratory import Laboratory
from lims.parties import operations as parties
from lims.parties import queries as party_queries
from lims.sampling import operations as sampling
from lims.sampling.operations import RecordForm, TaskForm

SAMPLERS = ("quality", "office")


def load(laboratory: Laboratory) -> str:
    """A task with one sampling record that is signed and waits for its order. Returns the record's number."""
    authorise(laboratory)
    return signed(laboratory, taken(laboratory, task(laboratory)))


def authorise(laboratory: Laboratory, usernames: Sequence[str] = SAMPLERS) -> None:
    """The quality manager authorises people to take samples."""
    with laboratory.work(people.person(laboratory, "quality").actor) as work:
        for username in usernames:
            person = party_queries.person_by_username(work.session, username)
            if person is None:
                raise LookupError(f"the demonstration has no '{username}'")
            parties.authorise_competence(
                work, person=person, method_id=people.METHOD, activity="sample", valid_from=work.today,
                valid_to=work.today + timedelta(days=365), basis="抽样培训与考核 training in sampling",
            )  # fmt: skip


def task(laboratory: Laboratory) -> str:
    """The office enters an authority's task order. Returns its number."""
    with laboratory.work(people.person(laboratory, "office").actor) as work:
        return sampling.enter_task(
            work,
            TaskForm(
                authority="浙江省演示市场监督管理局", document="演市监抽〔2026〕7 号", products="平板型太阳能集热器",
                tests=(people.METHOD,), companies=4, samples=6, first_day=work.today,
                last_day=work.today + timedelta(days=60),
            ),
        ).number  # fmt: skip


def form(laboratory: Laboratory, samplers: Sequence[str] = SAMPLERS, *, suffix: str = "") -> RecordForm:
    """A sampling record that is filled in; ``suffix`` tells its seals from those of another."""
    first, second = (people.person(laboratory, one).id for one in samplers)
    with laboratory.database.read() as session:
        company = party_queries.company_by_code(session, "C-002")
    return RecordForm(
        company_id=company.id if company else None, place_kind="store", place="嘉兴市演示路 2 号成品库",
        sampler_1_id=first, sampler_2_id=second, product_zh="平板型太阳能集热器",
        product_en="flat-plate solar collector",
        manufacturer="嘉兴暖阳热能有限公司", model="NY-20", trademark="暖阳", batch="20261102", gross_area=2.02,
        base_quantity=42, quantity=1, backup_quantity=1, backup_place="本中心备样库 A-02",
        seals=(f"FY-0017{suffix}",), backup_seals=(f"FY-0018{suffix}",),
    )  # fmt: skip


def taken(laboratory: Laboratory, task_number: str, samplers: Sequence[str] = SAMPLERS, *, suffix: str = "") -> str:
    """The samplers fill in a record at the company. Returns its number."""
    filled = form(laboratory, samplers, suffix=suffix)
    with laboratory.work(people.person(laboratory, samplers[0]).actor) as work:
        number = sampling.begin(work, task_number).number
        sampling.save(work, number, filled)
    return number


def signed(laboratory: Laboratory, number: str, samplers: Sequence[str] = SAMPLERS) -> str:
    """The company signs on the screen and the samplers with their passwords. Returns the record's number."""
    with laboratory.work(people.person(laboratory, samplers[0]).actor) as work:
        sampling.sign_for_company(work, number, how="drawn", representative="陆鸣", drawn=sketch())
        sampling.sign(work, number)
    with laboratory.work(people.person(laboratory, samplers[1]).actor) as work:
        sampling.sign(work, number)
    return number
