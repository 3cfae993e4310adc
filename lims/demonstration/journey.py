"""The main job done once, as the people of the demonstration laboratory would do it. Each step is an ordinary verb."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flask import Flask

from lims.attachments import operations as attachments
from lims.certificates import operations as certificates
from lims.certificates.models import Report
from lims.contracts import operations as contracts
from lims.contracts import quotations
from lims.contracts.checklist import PERSONAL
from lims.demonstration import bench, people, spot_check
from lims.demonstration.record import Replay
from lims.demonstration.sketch import sketch
from lims.equipment.benches import bench_named
from lims.errors import Refused, Sentence
from lims.items import custody
from lims.items import operations as items
from lims.items import queries as item_queries
from lims.laboratory import Laboratory, Work
from lims.orders import operations as orders
from lims.orders import queries as order_queries
from lims.permissions import Actor
from lims.results import operations as results
from lims.results.models import Result
from lims.runs import operations as runs
from lims.runs.itemfile import Item as Described
from lims.runs.itemfile import read_item
from lims.settings import ROOT
from protocols.method import methods

BENCH = "graz-demo"
PACKAGE = ("iso9806-2017-qdt", "procedure:iso9806-2017-internal-pressure", "procedure:iso9806-2017-rain")
ITEM_FILE = ROOT / "config" / "items" / "graz_array.toml"


@dataclass(frozen=True, slots=True)
class Planned:
    """Numbers of what was ordered and planned."""

    request: str
    item: str
    job: str


def actor(laboratory: Laboratory, username: str) -> Actor:
    """One of the demonstration's people, as the one who acts."""
    return people.person(laboratory, username).actor


def accept(work: Work, number: str) -> None:
    """The office reviews a submitted request, ticks every line of the checklist and accepts it."""
    items.act_on_request(work, number, "start_review")
    contracts.decide(work, number, "accept", ticked=PERSONAL)


def order(laboratory: Laboratory, *, username: str = "shen", form: orders.RequestForm | None = None) -> str:
    """A company drafts and submits a request; the office reviews and accepts it. Returns its number."""
    number = submit(laboratory, username=username, form=form or _form())
    with laboratory.work(actor(laboratory, "office")) as work:
        accept(work, number)
    return number


def submit(laboratory: Laboratory, *, username: str, form: orders.RequestForm) -> str:
    """A company drafts and submits a request. Returns its number."""
    with laboratory.work(actor(laboratory, username)) as work:
        number = orders.draft_request(work, form).number
        attachments.add(work, kind="request", subject=number, name="集热器示意图 sketch.png", data=sketch())
        items.act_on_request(work, number, "submit")
    return number


def further(laboratory: Laboratory) -> None:
    """Other work, so that everybody finds something waiting: a job to start, and a request to review."""
    own = replace(_form(), model="HTHEATstore 28/10", serial_number="DEMO-0002", gross_area=13.57)
    receive(laboratory, order(laboratory, username="gu", form=own))
    rival = replace(own, manufacturer="嘉兴暖阳热能有限公司", model="NY-20", serial_number="DEMO-0003", gross_area=2.02)
    submit(laboratory, username="lu", form=rival)
    spot_check.load(laboratory)
    several(laboratory)


def several(laboratory: Laboratory) -> str:
    """A package with manual tests, quoted and talked about, while its contract is reviewed. Returns its number."""
    form = orders.RequestForm(
        kind="type", product="collector-flat", tests=PACKAGE, manufacturer="海宁晴川太阳能有限公司", model="QC-25",
        serial_number="DEMO-0004", gross_area=2.51, decision_rule="guarded", subcontracting=True,
        secrecy="型号与图纸 model and drawings",
    )  # fmt: skip
    number = submit(laboratory, username="shen", form=form)
    with laboratory.work(actor(laboratory, "office")) as work:
        contracts.act(
            work, number, "ask_back", "淋雨试验的安装倾角按 30° 可以吗？ Is a tilt of 30° right for the rain test?"
        )
    with laboratory.work(actor(laboratory, "shen")) as work:
        contracts.act(work, number, "answer", "可以。 Yes.")
    with laboratory.work(actor(laboratory, "office")) as work:
        quoted = quotations.quote(work, number).number
        contracts.propose_deviation(
            work, number, "淋雨试验后以称重判断进水。 Water found by weighing after the rain test."
        )
    with laboratory.work(actor(laboratory, "shen")) as work:
        quotations.answer_quotation(work, quoted, accepted=True)
    return number


def _form() -> orders.RequestForm:
    return orders.RequestForm(
        kind="commissioned", product="collector-field", tests=(people.METHOD,), product_zh="平板型太阳能集热器（阵列）",
        product_en="flat-plate solar collector (array)", manufacturer="Arcon-Sunmark A/S", model="HTHEATstore 35/10",
        serial_number="FHW-ARC-S", gross_area=float(str(_described().values["A_G"])), remarks="演示委托 demonstration",
    )  # fmt: skip


def receive(laboratory: Laboratory, request: str, *, position: int | None = None) -> Planned:
    """The technician receives and describes the item; the office plans the job on the bench."""
    technician = actor(laboratory, "technician")
    described = _described()
    with laboratory.work(technician) as work:
        item = item_queries.of_request(
            work.session, order_queries.request_by_number(work.session, request, technician)
        )[0].number
        items.act(work, item, "receive", condition="完好，附件齐全 intact, complete", place="A-01")
        items.act(work, item, "accept")
        own = {symbol: value for symbol, value in described.values.items() if symbol != items.GROSS_AREA}
        items.state_properties(work, item, own, _item_uncertainties(described))
        custody.hand_over(work, item, place="室外试验台 outdoor bench", purpose="检测 test")
    with laboratory.work(actor(laboratory, "office")) as work:
        job = items.plan_job(
            work, request_number=request, item_number=item, bench=BENCH, planned_on=work.today,
            assigned_to_id=_id(technician), position=position,
        )  # fmt: skip
    return Planned(request, item, job.number)


def _described() -> Described:
    return read_item(ITEM_FILE, methods()[people.METHOD])


def _item_uncertainties(described: Described) -> dict[str, float]:
    """Of the item itself (its area); those of the sensors come from their calibrations."""
    area = float(str(described.values["A_G"]))
    return {
        one.symbol: one.absolute + one.relative * area
        for one in described.uncertainties
        if one.symbol == items.GROSS_AREA
    }


def _id(of: Actor) -> int:
    if of.id is None:
        raise LookupError(f"{of.name} is not a person of the laboratory")
    return of.id


def measure(
    laboratory: Laboratory,
    app: Flask,
    planned: Planned,
    replay: Replay,
    *,
    speed: float | None,
    tick: Callable[[], None],
) -> str:
    """Prepare the run, record the replay on simulated instruments, push the spool; returns the run's number."""
    with laboratory.work(actor(laboratory, "technician")) as work:
        run, token = runs.prepare(work, planned.job, clock=runs.RECORD_CLOCK)
    spool: Path = laboratory.settings.instance_path / "spool"
    folder = bench.record(bench_named(BENCH), replay, run=run.number, spool=spool, speed=speed, tick=tick)
    with bench.served(app) as address:
        bench.push(folder, run=run.number, token=token, address=address)
    return run.number


def evaluate(laboratory: Laboratory, run: str) -> Result:
    """The technician evaluates the sealed run."""
    return results.evaluate_run(laboratory, actor(laboratory, "technician"), run)


# Who tries first and has to be refused, and who may: three different people sign.
APPROVAL = (
    ("submit", "reviewer", "technician"),
    ("review", "technician", "senior"),
    ("authorise", "senior", "signatory"),
)


def approve(laboratory: Laboratory, result: str) -> list[Sentence]:
    """Submit, review, authorise by three people; returns the sentences with which the wrong ones were refused."""
    refused = []
    for action, wrong, right in APPROVAL:
        refused.append(_refusal(laboratory, wrong, result, action))
        _as(laboratory, right, results.act, result, action)
    return refused


def report(laboratory: Laboratory, result: str) -> Report:
    """The technician drafts the report, the reviewer checks it, the signatory authorises and issues it."""
    with laboratory.work(actor(laboratory, "technician")) as work:
        number = certificates.draft(work, result).number
    _as(laboratory, "senior", certificates.act, number, "check")
    _as(laboratory, "signatory", certificates.act, number, "authorise")
    with laboratory.work(actor(laboratory, "signatory")) as work:
        return certificates.act(work, number, "issue")


def _as(laboratory: Laboratory, username: str, verb: Callable[[Work, str, str], Any], number: str, action: str) -> None:
    with laboratory.work(actor(laboratory, username)) as work:
        verb(work, number, action)


def _refusal(laboratory: Laboratory, username: str, number: str, action: str) -> Sentence:
    """The sentence with which someone is refused; if they are not, the four-eyes rule is broken and the demo stops."""
    try:
        _as(laboratory, username, results.act, number, action)
    except Refused as refused:
        return refused.sentence
    raise AssertionError(f"{username} was allowed to {action} {number}")
