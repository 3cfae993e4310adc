"""Reports of manual tests: from the authorised record, signed by three, and judged again from the bundle alone."""

from __future__ import annotations

import copy
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from lims import migrate
from lims.attachments import operations as attachments
from lims.certificates import amendments, operations, queries
from lims.certificates.bundle import Bundle, parse_bundle, write_bundle
from lims.certificates.manual_record import manual_record_pdf
from lims.certificates.models import Report
from lims.certificates.reproduction import reproduce
from lims.certificates.verify import verify_pdf
from lims.demonstration import journey
from lims.demonstration.sketch import sketch
from lims.equipment.models import Equipment
from lims.errors import BadInput, Refused
from lims.items import corrections
from lims.items import queries as item_queries
from lims.laboratory import Laboratory
from lims.limits import operations as limits
from lims.manual import operations as manual
from lims.manual import queries as manual_queries
from tests.manual.conftest import CODE, authorise, plan
from tests.manual.test_operations import act, begin, fill, found, write

Number = Callable[[str], str]
ONE_KIND = pytest.mark.parametrize("kind", ["sqlite"])  # nothing here depends on the database


def _authorised(laboratory: Laboratory, job: str) -> str:
    """The authorised record of a job: entries, one of them corrected, an instrument and a photograph."""
    number = begin(laboratory, job)
    fill(laboratory, number)
    write(laboratory, number, "held", "31", reason="看错秒表")
    with laboratory.database.read() as session:
        instrument = session.scalars(sa.select(Equipment).where(Equipment.in_service).order_by(Equipment.id)).first()
    assert instrument is not None
    write(laboratory, number, "equipment", instrument.number, row=1)
    with laboratory.work(journey.actor(laboratory, "technician")) as work:
        attachments.add(
            work, kind="manual", subject=number, name="压力表.png", data=sketch(), purpose="photo 0",
        )  # fmt: skip
    for action, by in (("submit", "technician"), ("review", "reviewer"), ("authorise", "signatory")):
        act(laboratory, number, action, by)
    return number


def _report(laboratory: Laboratory, record: str) -> str:
    with laboratory.work(journey.actor(laboratory, "office")) as work:
        number = operations.draft_of_record(work, record).number
    _issue(laboratory, number)
    return number


def _issue(laboratory: Laboratory, number: str) -> None:
    for action, by in (("check", "reviewer"), ("authorise", "signatory"), ("issue", "signatory")):
        with laboratory.work(journey.actor(laboratory, by)) as work:
            operations.act(work, number, action)


def _bundle(laboratory: Laboratory, number: str) -> Bundle:
    with laboratory.database.read() as session:
        report = queries.by_number(session, number, journey.actor(laboratory, "shen"))  # the company sees it
        return parse_bundle(operations.bundle_of(laboratory, report))


@pytest.fixture(scope="module")
def shared(
    templates: Callable[[str, str], Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Laboratory, str, str]]:
    """A laboratory with an issued report of a pressure test, only read here; its record and its report."""
    with templates("sqlite", "people").copied(tmp_path_factory.mktemp("manual") / "instance") as laboratory:
        authorise(laboratory, ("technician", "test"), ("reviewer", "review"), ("signatory", "authorise"))
        record = _authorised(laboratory, plan(laboratory))
        yield laboratory, record, _report(laboratory, record)


def test_the_report_states_judgement_entries_changes_photographs_and_is_known_again(
    shared: tuple[Laboratory, str, str], tmp_path: Path
) -> None:
    laboratory, record, number = shared
    bundle = _bundle(laboratory, number)
    told = bundle.content["record"]
    assert told["judgement"]["code"] == found(laboratory, record).verdict
    assert {one["key"]: one["raw"] for one in told["entries"]}["held.0.1"] == "31"
    assert [one["reason"] for one in told["replaced"]] == ["看错秒表"]
    assert len(told["photographs"][0]["sha256"]) == 64
    assert [one["role"]["en"] for one in bundle.content["persons"]] == ["Tested by", "Reviewed by", "Authorised by"]
    assert bundle.content["method"]["reference"] == "GB/T 6424-2007"
    assert len(bundle.content["equipment"]) >= 1
    verdict = verify_pdf(bundle.report, [bundle.root])
    assert verdict.valid
    assert verdict.printed["record.sha256"] == found(laboratory, record).record_sha256
    assert operations.verify_file(laboratory, bundle.report).valid


def test_the_bundle_judges_again_from_the_entries_and_agrees_with_the_audit_trail(
    shared: tuple[Laboratory, str, str],
) -> None:
    laboratory, _, number = shared
    again = reproduce(_bundle(laboratory, number), trust_roots=[operations.authority_of(laboratory).root_pem])
    assert again.same
    assert again.same_program
    assert (again.entries, again.disagreements, again.differences) == (7, 0, ())
    assert again.digits["judgement.verdict"] in ("pass", "fail", "not judged")


def _leak(bundle: dict[str, Any]) -> None:
    """What was seen is written otherwise: the verdict turns."""
    next(one for one in bundle["inputs"]["entries"] if one["symbol"] == "leak")["text"] = "yes"


def _drop_change(bundle: dict[str, Any]) -> None:
    """The correction vanishes as if 31 had been written at once."""
    entries = bundle["inputs"]["entries"]
    del entries[next(i for i, one in enumerate(entries) if one["symbol"] == "held")]


def _limit(bundle: dict[str, Any]) -> None:
    for one in bundle["inputs"]["limits"].values():
        one["confirmed"] = True


def _photograph(bundle: dict[str, Any]) -> None:
    bundle["inputs"]["photographs"][0]["sha256"] = "0" * 64


def _event(bundle: dict[str, Any]) -> None:
    next(one for one in bundle["events"] if one["action"] == "write")["detail"]["text"] = "open"


def _no_events(bundle: dict[str, Any]) -> None:
    bundle["events"] = []


@pytest.mark.parametrize("forge", [_leak, _drop_change, _limit, _photograph, _event, _no_events])
def test_nothing_changed_in_the_bundle_stays_unnoticed(
    shared: tuple[Laboratory, str, str], forge: Callable[[dict[str, Any]], None]
) -> None:
    laboratory, _, number = shared
    bundle = _bundle(laboratory, number)
    parts = {"inputs": copy.deepcopy(dict(bundle.inputs)), "events": copy.deepcopy(list(bundle.events or ()))}
    forge(parts)
    forged = parse_bundle(write_bundle(replace(bundle, **parts)))
    assert not reproduce(forged, trust_roots=[operations.authority_of(laboratory).root_pem]).same


@pytest.mark.parametrize("broken", [{"entries": "none"}, {"entries": [{"symbol": "leak"}]}, {"procedure": "no-such"}])
def test_a_record_that_is_none_is_refused_in_words(shared: tuple[Laboratory, str, str], broken: dict[str, Any]) -> None:
    laboratory, _, number = shared
    bundle = _bundle(laboratory, number)
    with pytest.raises(BadInput):
        reproduce(replace(bundle, inputs={**bundle.inputs, **broken}))
    with zipfile.ZipFile(io.BytesIO(write_bundle(bundle))) as archive:
        assert json.loads(archive.read("inputs.json"))["schema"] == "heliobench.manual/1"


def test_the_paper_record_names_the_digests_of_the_photographs(shared: tuple[Laboratory, str, str]) -> None:
    laboratory, record, _ = shared
    with laboratory.database.read() as session:
        test = manual_queries.by_number(session, record)
        assert manual_record_pdf(session, laboratory, test).startswith(b"%PDF")
        kept = manual_queries.submitted(laboratory.store, test.record_sha256)
    assert [one["place"] for one in kept["photographs"]] == ["photo 0"]


@ONE_KIND
def test_a_record_has_one_report_and_only_once_it_is_authorised(
    shared: tuple[Laboratory, str, str], laboratory: Laboratory, job: str
) -> None:
    issued, record, number = shared
    with (
        pytest.raises(Refused, match=f"already has the report {number}"),
        issued.work(journey.actor(issued, "office")) as work,
    ):
        operations.draft_of_record(work, record)
    other = begin(laboratory, job)
    with (
        pytest.raises(Refused, match="a report is drafted from an authorised record"),
        laboratory.work(journey.actor(laboratory, "office")) as work,
    ):
        operations.draft_of_record(work, other)


def test_a_database_that_holds_a_report_of_a_manual_test_does_not_go_back_to_before_there_were_any(
    shared: tuple[Laboratory, str, str],
) -> None:
    laboratory, _, _ = shared
    with pytest.raises(Refused, match="no place for"):
        migrate.downgrade(laboratory.database, "rl02")
    assert migrate.current(laboratory.database) == migrate.head()


@ONE_KIND
def test_whoever_wrote_in_the_record_does_not_check_its_report(laboratory: Laboratory, job: str) -> None:
    record = _authorised(laboratory, job)
    with laboratory.work(journey.actor(laboratory, "office")) as work:
        number = operations.draft_of_record(work, record).number
    with laboratory.database.write() as session:
        session.execute(sa.text("insert into person_role (person_id, role) select id, 'reviewer' from person "
                                "where username = 'technician'"))  # fmt: skip
    authorise(laboratory, ("technician", "review"))
    with (
        pytest.raises(Refused, match="cannot also review"),
        laboratory.work(journey.actor(laboratory, "technician")) as work,
    ):
        operations.act(work, number, "check")


@ONE_KIND
def test_a_limit_confirmed_later_does_not_change_a_record_that_was_submitted(laboratory: Laboratory, job: str) -> None:
    record = _authorised(laboratory, job)
    before = found(laboratory, record).verdict
    with laboratory.work(journey.actor(laboratory, "quality")) as work:
        limits.confirm(
            work, "gbt6424_2007", "pressure_duration", edition="GB/T 6424-2007", value=60.0, clause="7.2",
            source="copy 3",
        )  # fmt: skip
    with laboratory.database.read() as session:
        test = manual_queries.by_number(session, record)
        assert manual.judged(session, laboratory.store, test).verdict == before
    assert reproduce(_bundle(laboratory, _report(laboratory, record))).same


@ONE_KIND
def test_a_report_of_a_manual_test_is_amended_from_the_same_record(laboratory: Laboratory, job: str) -> None:
    number = _report(laboratory, _authorised(laboratory, job))
    with laboratory.work(journey.actor(laboratory, "quality")) as work:
        made = amendments.open_amendment(work, number, reason="单位名称有误", language="zh")
        assert (made.basis.number, made.job.code) == (found(laboratory, made.basis.number).number, CODE)


@ONE_KIND
def test_issuing_the_amendment_of_a_report_of_a_manual_test_supersedes_it(laboratory: Laboratory, job: str) -> None:
    record = _authorised(laboratory, job)
    old = _report(laboratory, record)
    first = _bundle(laboratory, old)
    with laboratory.work(journey.actor(laboratory, "quality")) as work:
        new = amendments.open_amendment(work, old, reason="型号写错", reason_en="wrong model", language="en").number
    with (
        pytest.raises(Refused, match=f"{record} already has the report {old}; amend that"),
        laboratory.work(journey.actor(laboratory, "office")) as work,
    ):
        operations.draft_of_record(work, record)
    with laboratory.work(journey.actor(laboratory, "office")) as work:
        item = item_queries.of_job(work.session, manual_queries.by_number(work.session, record).job)
        corrections.correct(work, item.number, "model", "QC-26", "a slip of the pen")
    _issue(laboratory, new)
    with laboratory.database.read() as session:
        states = {one.number: one.state for one in session.scalars(sa.select(Report)).unique()}
    assert states == {old: "superseded", new: "issued"}
    amended = _bundle(laboratory, new)
    told = amended.content["statements"]["amendment"]
    assert (told["replaces"], told["reason"]) == (old, {"zh": "型号写错", "en": "wrong model"})
    assert [(one["what"]["en"], one["before"]["en"], one["after"]["en"]) for one in told["changes"]] == [
        ("Language of the report", "Chinese and English", "English"),
        ("Model", "QC-25", "QC-26"),
    ]
    assert amended.content["record"] == first.content["record"]  # the same record, judged as it was
    assert reproduce(amended, trust_roots=[operations.authority_of(laboratory).root_pem]).same
    now, past = (operations.verify_file(laboratory, one.report) for one in (amended, first))
    assert (now.valid, past.valid, past.verdict.valid) == (True, False, True)
    assert past.sentence.en == (
        f"The file is genuine, but report {old} was superseded by {new} on {laboratory.today.isoformat()}."
    )
